//! Setting policies: by the owner, by its signed order, and what neither can do.

use crate::common::{
    IManagerErrors, Pair, World,
    governed::{ENDED, EXIT, HARVEST, NEVER, SET, Terms, id_of, moved, slots, terms},
    held::{Action, Held, KINDS, Kind, direct_id, earning},
    refusal, revert_data, units,
};
use alloy::{
    primitives::{B256, Bytes, U256, aliases::U24, b256},
    providers::{Provider, ext::AnvilApi},
    sol_types::{SolCall, SolEvent},
};
use hedgerow::bindings::{
    IPolicies::{
        ForeignPool, InvalidOrder, InvalidTerm, OrderExpired, PolicyEnded, PolicyFollowed, PolicyNotSet, PolicySet,
        PolicyUsed, endPolicyCall, followPolicyCall, setPolicyCall,
    },
    IShell::wipeCall,
};
use hedgerow_core::policy::{Reason, State, Status};

#[tokio::test]
async fn a_policy_is_published_and_remembered_as_documented() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let terms = terms(world.now().await, HARVEST);
        let receipt = world.set_policy(&held, &terms).await.unwrap();
        let id = id_of(&terms.0, &terms.1);
        let logs = receipt.inner.logs();
        assert_eq!(logs.len(), 1);
        let event = PolicySet::decode_log_validate(&logs[0].inner).unwrap();
        assert_eq!(
            (event.policyId, event.source, event.id),
            (id, world.source(kind), held.id)
        );
        assert_eq!(
            (&event.place, &event.guards, &event.rules),
            (&world.place(&held), &terms.0, &terms.1)
        );
        // Read where the layout says, and as the core reads it.
        let (words, book) = slots(0, id, world.source(kind), held.id);
        let at = async |slot: B256| {
            let value = world
                .client
                .provider()
                .get_storage_at(world.account(), slot.into())
                .await;
            value.unwrap()
        };
        assert_eq!(B256::from(at(book).await), id);
        let state = State::unpack(&[at(words[0]).await, at(words[1]).await]);
        let told = world.policy(&held).await;
        assert_eq!(state.status, Status::Set);
        assert_eq!(
            (told.policyId, told.factor, told.runs),
            (id, 1_000_000_000_000_000_000, 0)
        );
        assert_eq!(U256::from(told.entrySqrtPriceX96), state.entry_sqrt_price);
        assert_eq!(
            (told.share.to::<u32>(), told.setAt, told.periodStart),
            (state.share, state.set_at, state.set_at)
        );
        assert!(
            (470_000..530_000).contains(&state.share),
            "about half of it was token0: {}",
            state.share
        );
        assert_eq!(world.policy_status(id).await, SET);
    }
}

#[tokio::test]
async fn only_the_owner_sets_ends_and_moves_policies() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let terms = terms(world.now().await, HARVEST);
    let place = world.place(&held);
    let set = setPolicyCall {
        place: place.clone(),
        guards: terms.0.clone(),
        rules: terms.1.clone(),
    };
    let end = endPolicyCall { policyId: B256::ZERO };
    let follow = followPolicyCall {
        from: place.clone(),
        to: place,
    };
    let calls = [set.abi_encode(), end.abi_encode(), follow.abi_encode()];
    for call in calls {
        let transaction = hedgerow::client::Transaction {
            to: Some(world.account()),
            data: call.into(),
            ..Default::default()
        };
        let refused = world.client.send(&world.stranger, transaction, "").await;
        let refused: IManagerErrors::Unauthorised = refusal(refused);
        assert_eq!(refused.caller, world.stranger.address());
    }
    // Nor a policy for what is not the account's.
    let theirs = world.mint(&world.trader, (-600, 600), [units(5, 18); 2]).await;
    let theirs = Held { id: theirs, ..held };
    let refused: IManagerErrors::NotOwner = refusal(world.set_policy(&theirs, &terms).await);
    assert_eq!(refused.owner, world.trader.address());
    let refused: IManagerErrors::NotOwner = refusal(world.run(&theirs, &terms, U256::ZERO).await);
    assert_eq!(refused.tokenId, theirs.id);
}

#[tokio::test]
async fn terms_are_used_once() {
    let (world, held) = earning(Kind::Direct, Pair::Equal).await;
    let first = terms(world.now().await, HARVEST);
    let id = world.governed(&held, &first).await;
    let used: PolicyUsed = refusal(world.set_policy(&held, &first).await);
    assert_eq!(used.policyId, id);
    // Another takes its place, which ends it.
    let mut second = first.clone();
    second.0.salt = B256::repeat_byte(2);
    let receipt = world.set_policy(&held, &second).await.unwrap();
    let mut logs = receipt.inner.logs().iter();
    let ended = logs.find_map(|log| PolicyEnded::decode_log(&log.inner).ok());
    assert_eq!(ended.unwrap().policyId, id);
    assert_eq!(world.policy_status(id).await, ENDED);
    let _: PolicyUsed = refusal(world.set_policy(&held, &first).await);
    // Cancelled before it was ever set.
    let mut third = first.clone();
    third.0.salt = B256::repeat_byte(3);
    world.end_policy(id_of(&third.0, &third.1)).await.unwrap();
    let _: PolicyUsed = refusal(world.set_policy(&held, &third).await);
    // After a wipe nothing is remembered, and nothing governs.
    world.transact(&world.owner, &wipeCall {}).await.unwrap();
    assert_eq!(world.policy_status(id).await, NEVER);
    assert!(world.policy(&held).await.policyId.is_zero());
    assert_eq!(world.reason(&held, &second).await, Reason::NotSet);
    let _: PolicyNotSet = refusal(world.run(&held, &second, U256::ZERO).await);
    world.set_policy(&held, &first).await.unwrap();
}

#[tokio::test]
async fn an_order_is_placed_by_anybody_once() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let terms = terms(world.now().await, EXIT);
        let order = world
            .order_policy(&held, &terms, U256::from(world.now().await + 600))
            .await;
        world.transact(&world.stranger, &order).await.unwrap();
        let id = id_of(&terms.0, &terms.1);
        assert_eq!(world.policy(&held).await.policyId, id);
        let _: PolicyUsed = refusal(world.transact(&world.trader, &order).await);
        world.pass(60).await;
        world.run(&held, &terms, U256::ZERO).await.unwrap();
        let _: PolicyUsed = refusal(world.transact(&world.trader, &order).await);
    }
}

#[tokio::test]
async fn an_order_holds_for_what_was_signed_and_no_longer() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let terms = terms(world.now().await, EXIT);
    let deadline = U256::from(world.now().await + 600);
    let order = world.order_policy(&held, &terms, deadline).await;
    let mut altered = Vec::new();
    let mut with = |alter: &dyn Fn(&mut hedgerow::bindings::IPolicies::placeOrderCall)| {
        let mut order = order.clone();
        alter(&mut order);
        altered.push(order);
    };
    with(&|order| order.guards.maxLoss += U24::ONE);
    with(&|order| order.guards.keeper = world.stranger.address());
    with(&|order| order.guards.salt = B256::repeat_byte(1));
    with(&|order| order.rules[0].proceeds = 1);
    with(&|order| order.rules.push(order.rules[0].clone()));
    with(&|order| order.deadline += U256::ONE);
    with(&|order| order.place.tokenId += U256::ONE);
    // Another wallet's signature, another generation's, and other encodings of the right one.
    for (who, generation) in [(&world.stranger, 0), (&world.owner, 1)] {
        let other = world.order_signed_by(who, &held, &terms, deadline, generation);
        with(&|order| *order = other.clone());
    }
    let good = order.signature.to_vec();
    let half_order = b256!("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    let s = U256::from_be_slice(&good[32..64]);
    let high = (U256::from_be_bytes(half_order.0) - s).to_be_bytes::<32>();
    let mirrored = [&good[..32], &high, &[good[64] ^ 7]].concat();
    let bare = [&good[..64], &[good[64] - 27]].concat();
    for signature in [
        mirrored,
        bare,
        good[..64].to_vec(),
        [&good[..], &[0]].concat(),
        vec![0; 65],
        Vec::new(),
    ] {
        with(&|order| order.signature = Bytes::from(signature.clone()));
    }
    for order in altered {
        let _: InvalidOrder = refusal(world.attempt(&world.stranger, &order).await);
    }
    // It is good all the while, until its deadline, its cancelling, or a wipe.
    world.attempt(&world.stranger, &order).await.unwrap();
    let late = world
        .order_policy(&held, &terms, U256::from(world.now().await - 1))
        .await;
    let expired: OrderExpired = refusal(world.attempt(&world.stranger, &late).await);
    assert_eq!(expired.deadline, late.deadline);
    world.end_policy(id_of(&terms.0, &terms.1)).await.unwrap();
    let _: PolicyUsed = refusal(world.attempt(&world.stranger, &order).await);
    world.transact(&world.owner, &wipeCall {}).await.unwrap();
    let _: InvalidOrder = refusal(world.attempt(&world.stranger, &order).await);
    // Another shell: other code, other domain.
    let again = world.order_policy(&held, &terms, deadline).await;
    world.attempt(&world.stranger, &again).await.unwrap();
}

#[tokio::test]
async fn what_is_not_encoded_as_solidity_does_it_is_refused_with_nothing() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let terms = terms(world.now().await, HARVEST);
    let call = world.run_call(&held, (&terms.0, &terms.1), U256::ZERO).abi_encode();
    let send = async |data: Vec<u8>| {
        let transaction = hedgerow::client::Transaction {
            to: Some(world.account()),
            data: data.into(),
            ..Default::default()
        };
        revert_data(world.client.send(&world.stranger, transaction, "").await)
    };
    // Well encoded, its terms are merely not set.
    assert_eq!(send(call.clone()).await.len(), 4 + 64);
    // The highest byte of every narrow word: eight of the place, twenty-one of the guards, then the rule's eighteen.
    let whole = [1, 28];
    for word in (0..29).chain(32..50).filter(|word| !whole.contains(word)) {
        let mut bent = call.clone();
        bent[4 + 32 * word] ^= 0x01;
        assert!(send(bent).await.is_empty(), "word {word}");
    }
    // A place of both kinds, a bool of two, an action that there is not.
    for (word, value) in [(2, 1), (7, 1), (26, 2), (32, 5), (42, 2), (49, 3)] {
        let mut bent = call.clone();
        bent[4 + 32 * word + 31] = value;
        assert!(send(bent).await.is_empty(), "word {word}");
    }
    for cut in [1, 32, 33, 18 * 32, call.len() - 4] {
        assert!(
            send(call[..call.len() - cut].to_vec()).await.is_empty(),
            "{cut} bytes short"
        );
    }
    let mut senseless = terms.clone();
    senseless.1[0].elapsed = 0;
    let refused: InvalidTerm = refusal(world.set_policy(&held, &senseless).await);
    assert_eq!((refused.rule, refused.field), (0, 18));
}

async fn rebalanced(world: &World, held: &Held) -> Held {
    let range = (held.range.0 - 600, held.range.1 - 600);
    let (event, _) = world.rebalance(held.id, range, World::open_limits()).await.unwrap();
    Held {
        id: event.newId,
        range,
        ..*held
    }
}

#[tokio::test]
async fn a_policy_follows_its_position_after_an_action_of_the_owners_own() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let terms: Terms = terms(world.now().await, HARVEST);
    let id = world.governed(&held, &terms).await;
    world.pass(600).await;
    let new = rebalanced(&world, &held).await;
    assert_eq!(world.reason(&new, &terms).await, Reason::NotSet);
    // The newest NFT, whichever that is.
    let mut newest = world.place(&new);
    newest.tokenId = U256::ZERO;
    let receipt = world.follow_policy(world.place(&held), newest).await.unwrap();
    let event = PolicyFollowed::decode_log(&receipt.inner.logs()[0].inner).unwrap();
    assert_eq!((event.policyId, event.source, event.id), (id, world.npm, new.id));
    assert_eq!(world.policy(&new).await.policyId, id);
    assert!(world.policy(&held).await.policyId.is_zero());
    // To the pool itself and on; nothing is remembered of where it was.
    world.churn(100).await;
    world.act(&new, Action::Convert, World::open_limits()).await.unwrap();
    let direct = Held {
        kind: Kind::Direct,
        id: direct_id(world.account(), new.range),
        range: new.range,
    };
    let _: PolicyNotSet = refusal(world.follow_policy(world.place(&held), world.place(&direct)).await);
    world
        .follow_policy(world.place(&new), world.place(&direct))
        .await
        .unwrap();
    world.churn(100).await;
    let ran = world.run(&direct, &terms, U256::ZERO).await.unwrap();
    assert_eq!(moved(&direct, &ran).id, direct.id);
}

#[tokio::test]
async fn a_policy_follows_nowhere_else() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let terms = terms(world.now().await, HARVEST);
    let id = world.governed(&held, &terms).await;
    // Not into another pool.
    world.open(500).await;
    let other = world.mint_in(500, &world.owner, (-600, 600), [units(5, 18); 2]).await;
    let other = Held { id: other, ..held };
    let refused: ForeignPool = refusal(world.follow_policy(world.place(&held), world.place(&other)).await);
    assert_eq!(refused.expected, world.pool);
    // Not to what another policy governs.
    let second = world.hold(Kind::Direct, held.range, [units(10, 18); 2]).await;
    let mut others = terms.clone();
    others.0.salt = B256::repeat_byte(9);
    let found = world.governed(&second, &others).await;
    let refused: PolicyNotSet = refusal(world.follow_policy(world.place(&held), world.place(&second)).await);
    assert_eq!((refused.policyId, refused.found), (id, found));
    // Not to what is not the account's.
    let theirs = world.mint(&world.trader, (-600, 600), [units(5, 18); 2]).await;
    let theirs = Held { id: theirs, ..held };
    let _: IManagerErrors::NotOwner = refusal(world.follow_policy(world.place(&held), world.place(&theirs)).await);
    // From nothing there is nothing to follow.
    world.end_policy(id).await.unwrap();
    let _: PolicyNotSet = refusal(world.follow_policy(world.place(&held), world.place(&held)).await);
}

#[tokio::test]
async fn a4_what_an_earlier_delegate_wrote_for_generations_to_come_never_governs() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let terms = terms(world.now().await, HARVEST);
    let id = id_of(&terms.0, &terms.1);
    let state = State::begin(world.now().await, U256::ONE << 96, 0).pack();
    // As a policy of the next generation, in the account's own storage.
    let (words, book) = slots(1, id, world.source(held.kind), held.id);
    for (slot, value) in [(words[0], state[0].into()), (words[1], state[1].into()), (book, id)] {
        let done = world
            .client
            .provider()
            .anvil_set_storage_at(world.account(), slot.into(), value)
            .await;
        done.unwrap();
    }
    world.pass(60).await;
    world.transact(&world.owner, &wipeCall {}).await.unwrap();
    assert_eq!(world.policy_status(id).await, NEVER);
    let refused: PolicyNotSet = refusal(world.run(&held, &terms, U256::ZERO).await);
    assert_eq!(refused.found, B256::ZERO);
}
