//! An action and the hedge of what it leaves in one call, and hedges that follow their positions.

use alloy::{
    primitives::{Address, Bytes, U256},
    sol_types::{SolCall, SolEvent},
};
use hedgerow::{
    bindings::{
        IHedges::{HedgeFollowed, HedgeState, Place, actAndHedgeCall, actAndHedgeReturn, followHedgeCall},
        IManager::{Limits, compoundCall, openCall, openDirectCall, rebalanceDirectCall},
    },
    error::Result,
};

use crate::{
    common::{
        World,
        held::{Action, BOTH, Held, Kind},
        revert_data,
        world::int24,
    },
    scene::{Scene, all_delta, encoded, near, share},
};

/// What the call answers, and then does.
async fn act(scene: &Scene, call: &actAndHedgeCall) -> Result<actAndHedgeReturn> {
    let answer = scene.world.attempt(&scene.world.owner, call).await?;
    scene.world.transact(&scene.world.owner, call).await?;
    Ok(answer)
}

fn nothing(state: &HedgeState) -> bool {
    state.margin == Address::ZERO && state.debt == U256::ZERO
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_rebalances_a_naked_position_and_hedges_the_new_one() {
    let mut scene = Scene::new(Kind::Nft, 0).await;
    let range = (scene.held.range.0 - 600, scene.held.range.1 + 600);
    let action = encoded(&scene.world.order(scene.held.id, range, World::open_limits()));
    let answer = act(&scene, &scene.together(action)).await.unwrap();
    assert_ne!(answer.newId, scene.held.id);
    scene.held = Held {
        id: answer.newId,
        range,
        ..scene.held
    };
    let (state, delta) = (scene.state().await, scene.delta_at(scene.mean().await).await);
    assert!(near(state.debt, delta, 1), "{} {delta}", state.debt);
    assert_eq!(state.debt, answer.debt);
    scene.assert_tidy(state.margin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hedge_goes_along_when_its_position_is_moved_in_the_same_call() {
    let mut scene = Scene::new(Kind::Direct, 0).await;
    let opened = scene.hedge(all_delta()).await.unwrap().event;
    let (old, accounts) = (scene.place(), scene.accounts().await);
    let range = (scene.held.range.0 - 600, scene.held.range.1 - 600);
    let action = rebalanceDirectCall {
        pool: scene.world.pool_key(),
        tickLower: int24(scene.held.range.0),
        tickUpper: int24(scene.held.range.1),
        newTickLower: int24(range.0),
        newTickUpper: int24(range.1),
        limits: World::open_limits(),
    };
    let answer = act(&scene, &scene.together(encoded(&action))).await.unwrap();
    assert!(
        nothing(&scene.state_of(old).await),
        "the old place has no hedge any more"
    );
    scene.held = Held {
        id: answer.newId,
        range,
        ..scene.held
    };
    let (state, delta) = (scene.state().await, scene.delta_at(scene.mean().await).await);
    assert_eq!(state.margin, opened.margin);
    assert!(near(state.debt, delta, 1), "{} {delta}", state.debt);
    assert_eq!(
        state.openedAt,
        scene.world.now().await - (state.adjustedAt - state.openedAt)
    );
    // Fees that the rebalance collected stay in the books.
    let now = scene.accounts().await;
    // The hedge's own trade went through the position as well, which earned its part of the pool's fee.
    assert!(
        now.fees >= accounts.fees && near(now.fees, accounts.fees, 10_000),
        "{now:?} {accounts:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_leaves_a_position_and_its_hedge() {
    for kind in [Kind::Nft, Kind::Direct] {
        let scene = Scene::new(kind, 0).await;
        let opened = scene.hedge(all_delta()).await.unwrap().event;
        let exit = scene
            .world
            .ordered(&scene.held, Action::Exit(BOTH), World::open_limits());
        let answer = act(&scene, &scene.together(exit)).await.unwrap();
        assert_eq!(
            (answer.newId, answer.debt, answer.collateral),
            (U256::ZERO, U256::ZERO, U256::ZERO)
        );
        assert_eq!(scene.standing(opened.margin).await, [U256::ZERO; 2]);
        assert!(nothing(&scene.state().await));
        scene.assert_tidy(opened.margin).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn compounding_keeps_the_position_and_enlarges_its_hedge() {
    let scene = Scene::new(Kind::Nft, 0).await;
    scene.hedge(all_delta()).await.unwrap();
    let action = compoundCall {
        positionManager: scene.world.npm,
        tokenId: scene.held.id,
        limits: World::open_limits(),
    };
    let answer = act(&scene, &scene.together(encoded(&action))).await.unwrap();
    assert_eq!(answer.newId, scene.held.id);
    let debt = scene.state().await.debt;
    assert!(near(debt, scene.delta_at(scene.mean().await).await, 1), "{debt}");
}

#[tokio::test(flavor = "multi_thread")]
async fn converting_a_position_takes_its_hedge_along_either_way() {
    for kind in [Kind::Nft, Kind::Direct] {
        let mut scene = Scene::new(kind, 0).await;
        let opened = scene.hedge(all_delta()).await.unwrap().event;
        let old = scene.place();
        let action = scene.world.ordered(&scene.held, Action::Convert, World::open_limits());
        let mut call = scene.together(action);
        // A conversion loses a few units of liquidity, and the mean price comes nearer to spot: less than is worth a trade.
        call.terms.minTrade = (scene.units()[0] * U256::from(10)).to();
        let answer = act(&scene, &call).await.unwrap();
        assert!(nothing(&scene.state_of(old).await));
        scene.held.kind = if kind == Kind::Nft { Kind::Direct } else { Kind::Nft };
        scene.held.id = answer.newId;
        let state = scene.state().await;
        assert_eq!(state.margin, opened.margin);
        assert!(near(state.debt, opened.debt, 10), "interest alone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_opened_and_hedged_in_one_call() {
    let mut scene = Scene::new(Kind::Direct, 0).await;
    let range = (scene.held.range.0 - 600, scene.held.range.1 + 600);
    let [amount0, amount1] = scene.world.pair.units().map(|unit| unit * U256::from(50));
    let action = openDirectCall {
        pool: scene.world.pool_key(),
        tickLower: int24(range.0),
        tickUpper: int24(range.1),
        amount0,
        amount1,
        limits: World::open_limits(),
    };
    scene.held.range = range;
    let answer = act(&scene, &scene.together(encoded(&action))).await.unwrap();
    assert_eq!(
        answer.newId,
        crate::common::held::direct_id(scene.world.account(), range)
    );
    assert!(near(answer.debt, scene.delta_at(scene.mean().await).await, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_nft_is_opened_and_hedged_in_one_call_before_it_has_a_number() {
    let mut scene = Scene::new(Kind::Nft, 0).await;
    let range = (scene.held.range.0 - 600, scene.held.range.1 + 600);
    let [amount0, amount1] = scene.world.pair.units().map(|unit| unit * U256::from(50));
    let [token0, token1] = scene.world.tokens;
    let action = openCall {
        positionManager: scene.world.npm,
        token0,
        token1,
        fee: scene.world.pool_key().fee,
        tickLower: int24(range.0),
        tickUpper: int24(range.1),
        amount0,
        amount1,
        limits: World::open_limits(),
    };
    let mut call = scene.together(encoded(&action));
    call.place.tokenId = U256::ZERO;
    let answer = act(&scene, &call).await.unwrap();
    assert!(answer.newId > scene.held.id);
    assert!(nothing(&scene.state().await), "the other position stays as it was");
    scene.held = Held {
        id: answer.newId,
        range,
        ..scene.held
    };
    let state = scene.state().await;
    assert!(
        near(state.debt, scene.delta_at(scene.mean().await).await, 1),
        "{state:?}"
    );
    // A token id of zero is the newest one for the other calls as well.
    let mut order = scene.order(share(1, 500_000));
    order.place.tokenId = U256::ZERO;
    let event = scene.send(&order).await.unwrap().event;
    assert_eq!((event.id, event.margin), (answer.newId, state.margin));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_or_nothing_where_the_hedge_is_refused() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let range = (scene.held.range.0 - 600, scene.held.range.1 + 600);
    let action = encoded(&scene.world.order(scene.held.id, range, World::open_limits()));
    let mut call = scene.together(action);
    call.terms.margin = 1_000_000_i32.try_into().unwrap();
    let _: hedgerow::bindings::IHedges::GateClosed =
        crate::common::refusal(scene.world.attempt(&scene.world.owner, &call).await);
    scene.world.transact(&scene.world.owner, &call).await.unwrap_err();
    assert!(
        scene.world.liquidity_of(&scene.held).await > 0,
        "the position is where it was"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_on_another_position_or_no_action_at_all_is_malformed() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let hundred = scene.world.pair.units().map(|unit| unit * U256::from(100));
    let other = scene.world.hold(Kind::Nft, scene.held.range, hundred).await;
    let limits: Limits = World::open_limits();
    let wrong: [Bytes; 4] = [
        scene.world.ordered(&other, Action::Exit(BOTH), limits.clone()),
        scene.order(all_delta()).abi_encode().into(),
        hedgerow::bindings::IERC20::transferCall {
            to: scene.world.stranger.address(),
            amount: U256::ONE,
        }
        .abi_encode()
        .into(),
        Bytes::from_static(&[1, 2, 3]),
    ];
    for action in wrong {
        let call = scene.together(action);
        assert!(revert_data(scene.world.attempt(&scene.world.owner, &call).await).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hedge_follows_where_its_owner_says_within_its_pool() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let opened = scene.hedge(share(1, 500_000)).await.unwrap().event;
    let hundred = scene.world.pair.units().map(|unit| unit * U256::from(100));
    let other = scene
        .world
        .hold(Kind::Direct, (scene.held.range.0 - 60, scene.held.range.1), hundred)
        .await;
    let (from, to): (Place, Place) = (scene.place(), scene.place_of(&other));
    let follow = followHedgeCall {
        from: from.clone(),
        to: to.clone(),
    };
    let receipt = scene.world.transact(&scene.world.owner, &follow).await.unwrap();
    let own = receipt.inner.logs().iter();
    let told: Vec<_> = own
        .filter_map(|log| HedgeFollowed::decode_log(&log.inner).ok())
        .collect();
    assert_eq!((told.len(), told[0].margin, told[0].id), (1, opened.margin, other.id));
    assert!(nothing(&scene.state_of(from.clone()).await));
    assert_eq!(scene.state_of(to.clone()).await.margin, opened.margin);
    // The first position is hedged anew, and not with the margin account that went along.
    let second = scene.hedge(share(1, 500_000)).await.unwrap().event;
    assert_ne!(second.margin, opened.margin);
    let back = followHedgeCall { from: to, to: from };
    let refused = scene.world.attempt(&scene.world.owner, &back).await.map(drop);
    let taken: hedgerow::bindings::IHedges::ForeignVenue = crate::common::refusal(refused);
    assert_eq!((taken.found, taken.expected), (second.margin, opened.margin));
}
