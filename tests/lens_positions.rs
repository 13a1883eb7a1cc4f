//! Several positions at once: what an owner has, page by page, and a list of ids, whatever some of them or their manager are.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use alloy::{
    primitives::{Address, Bytes, U256, address, bytes},
    rpc::types::state::StateOverridesBuilder,
    sol_types::{SolCall, SolValue},
};
use common::{
    IMore, Pair, World,
    mirror::collect_all,
    refusal, revert_data,
    seen::{assert_true, look},
    units,
    world::arguments,
};
use hedgerow::{
    artifacts::with_arguments,
    bindings::ILens::{self, Found, Position, Query, positionBatchCall, positionsCall, positionsReturn},
    client::Call,
    error::Result,
};
use hedgerow_core::tick::sqrt_price_at_tick;

/// Where the tests put managers of their own making.
const MANAGER: Address = address!("000000000000000000000000000000000000baad");

/// A page against any manager, which is given `code` where it is [`MANAGER`].
async fn page_of(
    world: &World,
    manager: Address,
    code: Bytes,
    (offset, limit): (U256, U256),
) -> Result<positionsReturn> {
    let call = positionsCall {
        owner: world.owner.address(),
        positionManager: manager,
        offset,
        limit,
    };
    let overrides = StateOverridesBuilder::default().with_code(MANAGER, code).build();
    let request = Call {
        overrides: Some(overrides),
        ..Call::new(Address::ZERO, world.lens, &call)
    };
    world.client.simulate(request, &call).await
}

/// A page of what `owner` has at Uniswap's manager.
async fn page(world: &World, owner: Address, offset: U256, limit: U256) -> positionsReturn {
    let call = positionsCall {
        owner,
        positionManager: world.npm,
        offset,
        limit,
    };
    world.read(world.lens, &call).await
}

async fn batch(world: &World, manager: Address, queries: Vec<Query>) -> Vec<Found> {
    let call = positionBatchCall {
        positionManager: manager,
        queries,
    };
    world.read(world.lens, &call).await
}

/// Nothing but an id.
fn missing(token_id: U256) -> Found {
    Found {
        tokenId: token_id,
        found: false,
        position: Position::abi_decode(&[0; 19 * 32]).unwrap(),
    }
}

/// An owner of five: around the price, above it, below it in a cheaper pool, emptied but not collected, and the whole range.
async fn five() -> (World, [U256; 5]) {
    let world = World::new(Pair::Equal).await;
    let thousand = [units(1_000, 18); 2];
    world.open(500).await;
    let ids = [
        world.mint(&world.owner, (-1_200, 1_200), thousand).await,
        world.mint(&world.owner, (6_000, 9_000), thousand).await,
        world.mint_in(500, &world.owner, (-3_010, -10), thousand).await,
        world.mint(&world.owner, (-600, 600), thousand).await,
        world.mint_in(500, &world.owner, (-887_270, 887_270), thousand).await,
    ];
    world.trade(false, units(2_000, 18)).await;
    world.trade(true, units(500, 18)).await;
    world.empty(&world.owner, ids[3]).await;
    (world, ids)
}

/// The current price of a position's pool: what `positions` measures against.
async fn price_of(world: &World, token_id: U256) -> U256 {
    let pool = world.pool_of(world.position(token_id).await.fee).await;
    world.slot0_of(pool).await.0
}

#[tokio::test]
async fn an_owner_s_positions_are_each_what_the_chain_and_the_core_say() {
    let (world, ids) = five().await;
    let all = page(&world, world.owner.address(), U256::ZERO, U256::MAX).await;
    assert_eq!(all.total, U256::from(5));
    assert_eq!(all.page.iter().map(|item| item.tokenId).collect::<Vec<_>>(), ids);
    for item in &all.page {
        let alone = assert_true(&world, item.tokenId, price_of(&world, item.tokenId).await).await;
        assert!(item.found);
        assert_eq!(item.position, alone, "{}", item.tokenId);
    }
    // They are what they were made to be.
    let [around, above, below, emptied, whole] = [0, 1, 2, 3, 4].map(|at| &all.page[at].position);
    assert_ne!(around.pool, below.pool);
    assert_eq!(below.pool, whole.pool);
    assert!(!around.figures.amount0.is_zero() && !around.figures.amount1.is_zero() && !around.fees0.is_zero());
    assert!(above.tick < above.tickLower && above.figures.amount1.is_zero() && !above.figures.amount0.is_zero());
    assert!(below.tick >= below.tickUpper && below.figures.amount0.is_zero() && !below.figures.amount1.is_zero());
    assert!(emptied.liquidity == 0 && emptied.figures.value.is_zero() && !emptied.fees0.is_zero());
    assert!(
        all.page.iter().all(|item| item.position.figures.il.is_zero()),
        "against the current price"
    );
}

#[tokio::test]
async fn pages_are_cut_where_they_are_asked_to_be() {
    let (world, ids) = five().await;
    let owner = world.owner.address();
    let all = page(&world, owner, U256::ZERO, U256::MAX).await.page;
    let small = U256::from::<u64>;
    for (offset, limit, expected) in [
        (small(0), small(0), 0..0),
        (small(0), small(2), 0..2),
        (small(2), small(2), 2..4),
        (small(4), small(2), 4..5),
        (small(4), U256::MAX, 4..5),
        (small(5), small(1), 0..0),
        (small(6), U256::MAX, 0..0),
        (U256::MAX, U256::MAX, 0..0),
        (small(1) << 64, small(3), 0..0),
        (small(1), (small(1) << 64) + small(1), 1..5),
    ] {
        let got = page(&world, owner, offset, limit).await;
        assert_eq!(got.total, small(5));
        assert_eq!(got.page, all[expected], "{offset} {limit}");
    }
    let none = page(&world, world.stranger.address(), U256::ZERO, U256::MAX).await;
    assert_eq!((none.page.len(), none.total), (0, U256::ZERO));

    // A burnt token is no longer listed.
    world.send(&world.owner, world.npm, &collect_all(&world, ids[3])).await;
    let burn = IMore::burnCall { tokenId: ids[3] };
    world.send(&world.owner, world.npm, &burn).await;
    let left = page(&world, owner, U256::ZERO, U256::MAX).await;
    assert_eq!(left.total, small(4));
    let mut kept: Vec<_> = left.page.iter().map(|item| item.tokenId).collect();
    kept.sort();
    assert_eq!(kept, [ids[0], ids[1], ids[2], ids[4]]);

    // In a list of ids it stands where it was asked for, and loses nothing else; so does an impossible entry price.
    let at_tick = |tick| sqrt_price_at_tick(tick).unwrap();
    let entries = [
        at_tick(300),
        U256::ZERO,
        at_tick(-50),
        U256::ZERO,
        U256::ONE,
        at_tick(0),
    ];
    let asked = [ids[0], ids[1], ids[2], ids[3], ids[4], U256::MAX];
    let queries = asked.iter().zip(entries).map(|(id, entry)| Query {
        tokenId: *id,
        entrySqrtPriceX96: entry.saturating_to(),
    });
    let found = batch(&world, world.npm, queries.collect()).await;
    assert_eq!(found.len(), 6);
    for (at, entry) in [(0, entries[0]), (1, price_of(&world, ids[1]).await), (2, entries[2])] {
        assert!(found[at].found);
        assert_eq!(found[at].tokenId, asked[at]);
        assert_eq!(found[at].position, assert_true(&world, asked[at], entry).await);
    }
    for at in [3, 4, 5] {
        assert_eq!(found[at], missing(asked[at]));
    }
    assert!(batch(&world, world.npm, Vec::new()).await.is_empty());
}

/// Passes everything on to `manager`, but fails where the second of an owner's tokens is asked for.
fn one_broken(manager: Address) -> Bytes {
    let code = [
        &bytes!("366044146024356001141660355736" "5f5f37" "5f5f365f73")[..],
        manager.as_slice(),
        &bytes!("5afa" "503d5f5f3e" "3d5ff3" "5b5f5ffd")[..],
    ];
    code.concat().into()
}

#[tokio::test]
async fn one_token_that_cannot_be_read_does_not_lose_the_others() {
    let (world, ids) = five().await;
    let everything = (U256::ZERO, U256::MAX);
    let seen = page_of(&world, MANAGER, one_broken(world.npm), everything)
        .await
        .unwrap();
    assert_eq!(seen.total, U256::from(5));
    assert_eq!(seen.page[1], missing(U256::ZERO));
    for at in [0, 2, 3, 4] {
        let item = &seen.page[at];
        let mut real = look(&world, ids[at], price_of(&world, ids[at]).await).await;
        assert!(item.found && item.tokenId == ids[at]);
        // The pool owes this manager nothing: beyond what it claims to have recorded there are no fees to be paid.
        if real.liquidity != 0 {
            (real.fees0, real.fees1) = (U256::ZERO, U256::ZERO);
        }
        assert_eq!(item.position, real);
    }
}

#[tokio::test]
async fn a_manager_that_lies_is_told_apart_or_found_to_be_owed_nothing() {
    let world = World::new(Pair::Equal).await;
    let [token0, token1] = world.tokens;
    let contract = |name| world.artifacts.contract(name, name).unwrap();
    let fake = with_arguments(&contract("FakePositionManager"), &(token0, token1));
    let fake = world.create(fake).await;
    let greedy = with_arguments(&contract("GreedyPositionManager"), &(world.factory, token0, token1));
    let greedy = world.create(greedy).await;
    let query = |id: u64| Query {
        tokenId: U256::from(id),
        entrySqrtPriceX96: Default::default(),
    };
    // A pool of its own making has not Uniswap's address.
    let found = batch(&world, fake, vec![query(1), query(7)]).await;
    assert_eq!(found, [missing(U256::ONE), missing(U256::from(7))]);
    // A claim on a real pool is shown as the claim that it is, and the pool owes it nothing.
    let found = batch(&world, greedy, vec![query(1)]).await;
    let claim = &found[0].position;
    assert!(found[0].found);
    assert_eq!((claim.pool, claim.liquidity), (world.pool, 1_000_000_000_000_000_000));
    assert_eq!((claim.fees0, claim.fees1), (U256::ZERO, U256::ZERO));
    // Neither lists anything; nor does a wallet, nor the zero address.
    for manager in [fake, greedy, world.owner.address(), Address::ZERO] {
        let refused: ILens::NotEnumerable =
            refusal(page_of(&world, manager, Bytes::new(), (U256::ZERO, U256::MAX)).await);
        assert_eq!(refused.positionManager, manager);
    }
    // A list that is none of Solidity's.
    let truncated = Call {
        to: world.lens,
        data: [
            &positionBatchCall::SELECTOR[..],
            &arguments(&(world.npm, U256::from(64)))[..],
        ]
        .concat()
        .into(),
        ..Call::default()
    };
    assert!(revert_data(world.client.call(truncated, "no list").await).is_empty());
}

#[tokio::test]
async fn a_hostile_manager_makes_a_page_neither_endless_nor_a_trap() {
    let world = World::new(Pair::Equal).await;
    let ask = |code: Bytes, page| page_of(&world, MANAGER, code, page);
    let few = U256::from(5);
    // Every answer is one word, 2^256 - 1: the balance, the tokens; a position it is not.
    let boundless = bytes!("5f195f5260205ff3");
    // The same word, with 64 KiB of zeros behind it: a position of no tokens, in no pool.
    let long = bytes!("5f195f52620100005ff3");
    for code in [boundless.clone(), long] {
        for offset in [U256::ZERO, U256::from(1) << 64, U256::MAX - few] {
            let seen = ask(code.clone(), (offset, few)).await.unwrap();
            assert_eq!(seen.total, U256::MAX);
            assert_eq!(seen.page, vec![missing(U256::MAX); 5]);
        }
        // Nothing is left beyond the last.
        assert!(ask(code, (U256::MAX, U256::MAX)).await.unwrap().page.is_empty());
    }
    // However long the page is to be, it ends.
    for limit in [U256::MAX, U256::from(1) << 32, U256::from(u32::MAX / (21 * 32) + 1)] {
        let seen = ask(boundless.clone(), (U256::ZERO, limit)).await.unwrap();
        assert_eq!((seen.page.len(), seen.total), (4_096, U256::MAX));
    }
    // Nothing, half a word, a revert of 64 KiB, and all the gas there is.
    for code in [bytes!("00"), bytes!("60105ff3"), bytes!("620100005ffd"), bytes!("fe")] {
        let refused: ILens::NotEnumerable = refusal(ask(code, (U256::ZERO, few)).await);
        assert_eq!(refused.positionManager, MANAGER);
    }
}
