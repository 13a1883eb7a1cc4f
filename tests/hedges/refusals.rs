//! What stands in the way of opening a hedge or enlarging it, and who may not.

use alloy::{
    primitives::{Address, I256, U256, aliases::U24},
    sol_types::SolEvent,
};
use hedgerow::bindings::{
    IHedges::{
        CollateralExceeded, FeesUnknown, ForeignVenue, GateClosed, GateOverridden, HealthBelowMinimum, InvalidHedge,
        OraclePrice, RateExceeded, ReserveClosed, VenueExhausted,
    },
    IManager::{CallFailed, DeadlinePassed, NoLiquidity, NotOwner, PriceDeviation, SwapIncomplete, Unauthorised},
};

use crate::{
    common::{
        aave::{
            IConfigurator::{
                configureReserveAsCollateralCall, setBorrowCapCall, setReserveBorrowingCall, setReserveFreezeCall,
                setReservePauseCall, setSupplyCapCall,
            },
            price_at,
        },
        held::{Held, Kind},
        refusal, revert_data,
    },
    scene::{Scene, all_delta, near, share},
};

#[tokio::test(flavor = "multi_thread")]
async fn prices_that_are_missing_old_or_apart_from_the_pools_let_nothing_be_enlarged() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let (world, aave) = (&scene.world, &scene.aave);
    let (now, price) = (world.now().await, price_at(world.pair, world.slot0().await.0));
    let order = scene.order(all_delta());
    for (asset, answer, updated_at) in [
        (0, price, now - 7_300),
        (1, 100_000_000, now - 7_300),
        (0, price * 103 / 100, now),
        (0, price * 97 / 100, now),
        (1, 103_000_000, now),
        (1, 0, now),
        (0, 0, now),
    ] {
        aave.answer(world, asset, answer, updated_at).await;
        let found: OraclePrice = scene.refused(&order).await;
        let quote = scene.quote(all_delta()).await;
        match (answer, updated_at == now) {
            (0, _) => assert_eq!(
                (found.asset, found.price, quote.refusal),
                (world.tokens[asset], U256::ZERO, 53)
            ),
            (_, false) => assert!(found.age > U256::from(7_200) && quote.refusal == 54, "{found:?}"),
            _ => assert_eq!(quote.refusal, 55),
        }
        aave.follow(world).await;
    }
    scene.send(&order).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reserve_that_is_closed_is_named_with_the_reason() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let (world, aave, order) = (&scene.world, &scene.aave, scene.order(all_delta()));
    let [ether, dollar] = world.tokens;
    for (asset, freeze) in [(ether, true), (ether, false), (dollar, true), (dollar, false)] {
        aave.govern(world, &setReserveFreezeCall { asset, freeze }).await;
        if freeze {
            let closed: ReserveClosed = scene.refused(&order).await;
            assert_eq!((closed.asset, closed.why), (asset, 2));
        }
    }
    for (asset, paused) in [(ether, true), (ether, false), (dollar, true), (dollar, false)] {
        aave.govern(world, &setReservePauseCall { asset, paused }).await;
        if paused {
            let closed: ReserveClosed = scene.refused(&order).await;
            assert_eq!((closed.asset, closed.why), (asset, 3));
        }
    }
    aave.govern(
        world,
        &setReserveBorrowingCall {
            asset: ether,
            enabled: false,
        },
    )
    .await;
    let closed: ReserveClosed = scene.refused(&order).await;
    assert_eq!((closed.asset, closed.why), (ether, 4));
    aave.govern(
        world,
        &setReserveBorrowingCall {
            asset: ether,
            enabled: true,
        },
    )
    .await;
    let no_collateral = configureReserveAsCollateralCall {
        asset: dollar,
        ltv: U256::ZERO,
        liquidationThreshold: U256::from(8_250),
        liquidationBonus: U256::from(10_500),
    };
    aave.govern(world, &no_collateral).await;
    let closed: ReserveClosed = scene.refused(&order).await;
    assert_eq!((closed.asset, closed.why), (dollar, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_that_is_reached_leaves_as_much_as_it_says() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let (world, aave, order) = (&scene.world, &scene.aave, scene.order(all_delta()));
    let [ether, dollar] = world.tokens;
    // The lender owes 2,000 of the one and has lent 10,000 of either, in whole tokens 2,000 dollars each.
    let borrow_cap = U256::from(2_050);
    aave.govern(
        world,
        &setBorrowCapCall {
            asset: ether,
            newBorrowCap: borrow_cap,
        },
    )
    .await;
    let found: VenueExhausted = scene.refused(&order).await;
    assert_eq!(found.asset, ether);
    assert!(near(found.left, scene.units()[0] * U256::from(50), 30_000), "{found:?}");
    let borrow_cap = U256::ZERO;
    aave.govern(
        world,
        &setBorrowCapCall {
            asset: ether,
            newBorrowCap: borrow_cap,
        },
    )
    .await;
    let supply_cap = U256::from(20_000_000 + 100_000);
    aave.govern(
        world,
        &setSupplyCapCall {
            asset: dollar,
            newSupplyCap: supply_cap,
        },
    )
    .await;
    let found: VenueExhausted = scene.refused(&order).await;
    assert_eq!(found.asset, dollar);
    assert!(near(found.left, U256::from(100_000_000_000_u64), 100_000), "{found:?}");
    assert!(found.needed > found.left);
    let supply_cap = U256::ZERO;
    aave.govern(
        world,
        &setSupplyCapCall {
            asset: dollar,
            newSupplyCap: supply_cap,
        },
    )
    .await;
    scene.send(&order).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gate_opens_only_where_fees_exceed_costs_or_the_owner_says_so() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let mut order = scene.order(all_delta());
    let open = scene.quote(all_delta()).await;
    assert!(!open.gate.is_negative(), "{open:?}");
    let parts = crate::scene::signed(open.fees) - crate::scene::signed(open.lvr) - open.carry;
    assert_eq!(
        open.gate,
        parts - crate::scene::signed(open.trading),
        "the margin is nothing here"
    );

    order.terms.feesSince = 0;
    let unknown: FeesUnknown = scene.refused(&order).await;
    assert_eq!(unknown.since, U256::ZERO);
    order.terms = scene.terms();
    order.terms.margin = 1_000_000_i32.try_into().unwrap();
    let closed: GateClosed = scene.refused(&order).await;
    let quote = scene.quote_of(&order).await;
    assert_eq!((closed.gate, quote.refusal), (quote.gate, 52));
    assert!(closed.gate.is_negative());

    order.terms.overrideGate = true;
    let receipt = scene.world.transact(&scene.world.owner, &order).await.unwrap();
    let own = receipt
        .inner
        .logs()
        .iter()
        .filter(|log| log.address() == scene.world.account());
    let told: Vec<_> = own
        .filter_map(|log| GateOverridden::decode_log(&log.inner).ok())
        .collect();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].id, told[0].source), (scene.held.id, scene.world.npm));
    assert!(told[0].gate.is_negative() && told[0].gate != I256::MIN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_borrow_rate_above_the_terms_lets_nothing_be_enlarged() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let mut order = scene.order(all_delta());
    order.terms.maxBorrowRate = U24::from(50_000);
    assert_eq!(scene.quote_of(&order).await.refusal, 0);
    // A fifth is paid for the first unit.
    scene.aave.set_base_rate(&scene.world, 0, 200_000).await;
    let found: RateExceeded = scene.refused(&order).await;
    assert!(
        found.rate > U256::from(200_000) && found.maximum == U256::from(50_000),
        "{found:?}"
    );
    let rate = scene.aave.reserve(&scene.world, 0).await.currentVariableBorrowRate;
    assert_eq!(found.rate, U256::from(rate) / U256::from(10).pow(U256::from(21)));
}

#[tokio::test(flavor = "multi_thread")]
async fn health_at_the_floor_lets_nothing_be_enlarged_but_much_be_reduced() {
    let scene = Scene::new(Kind::Nft, 0).await;
    scene.hedge(share(1, 500_000)).await.unwrap();
    let mut order = scene.order(all_delta());
    // 1.5 falls to 1.19 where ether rises by 26 % at the venue, and the pool with it for the oracle's guard.
    let (world, aave) = (&scene.world, &scene.aave);
    let price = price_at(world.pair, world.slot0().await.0);
    aave.answer(world, 0, price * 127 / 100, world.now().await).await;
    order.terms.maxOracleDeviation = U24::from(400_000);
    let found: HealthBelowMinimum = scene.refused(&order).await;
    assert!(
        found.health < U256::from(1_200) && found.minHealth == U256::from(1_200),
        "{found:?}"
    );
    order.target = share(1, 250_000);
    let event = scene.send(&order).await.unwrap().event;
    assert!(event.health > found.health);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_of_the_accounts_money_goes_in_than_the_terms_and_the_wallet_allow() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let quote = scene.quote(all_delta()).await;
    let mut order = scene.order(all_delta());
    let needed = U256::try_from(quote.payIn).unwrap();
    order.terms.maxCollateral = (needed - U256::ONE).to();
    let found: CollateralExceeded = scene.refused(&order).await;
    assert_eq!((found.paidIn, found.maxCollateral), (needed, needed - U256::ONE));
    // The wallet has less than that.
    let call = hedgerow::bindings::IERC20::transferCall {
        to: scene.world.stranger.address(),
        amount: scene.purse().await[1] - needed + U256::ONE,
    };
    scene.world.send(&scene.world.owner, scene.world.tokens[1], &call).await;
    order.terms.maxCollateral = needed.to();
    let failed: CallFailed = scene.refused(&order).await;
    assert_eq!(failed.target, scene.world.tokens[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enlargement_that_the_pool_cannot_take_within_the_guard_is_undone() {
    let scene = Scene::new(Kind::Direct, 0).await;
    scene.world.drain().await;
    let before = scene.purse().await;
    let mut order = scene.order(all_delta());
    order.limits.maxTickDeviation = U24::from(60);
    let found: SwapIncomplete = scene.refused(&order).await;
    assert!(found.swapped < found.wanted, "{found:?}");
    assert_eq!(scene.purse().await, before);
    // Spot already apart from the mean: nothing is even tried.
    scene.push(true, 20).await;
    order.limits.maxTickDeviation = U24::from(5);
    let _: PriceDeviation = scene.refused(&order).await;
    order.target = share(1, 100_000);
    let _: PriceDeviation = scene.refused(&order).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_owner_hedges_and_only_what_is_his() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let (world, order) = (&scene.world, scene.order(all_delta()));
    let stranger = world.stranger.address();
    let refused: Unauthorised = refusal(world.attempt(&world.stranger, &order).await);
    assert_eq!(refused.caller, stranger);
    let refused: Unauthorised = refusal(world.attempt(&world.stranger, &scene.closing()).await);
    assert_eq!(refused.caller, stranger);
    let act = scene.together(Default::default());
    assert!(
        revert_data(world.attempt(&world.stranger, &act).await).is_empty(),
        "an action of no bytes is malformed"
    );
    // Somebody else's position.
    let hundred = world.pair.units().map(|unit| unit * U256::from(100));
    let id = world.mint(&world.stranger, scene.held.range, hundred).await;
    let mut foreign = order.clone();
    foreign.place = scene.place_of(&Held { id, ..scene.held });
    let refused: NotOwner = scene.refused(&foreign).await;
    assert_eq!(refused.owner, stranger);
    let mut late = order.clone();
    late.limits.deadline = U256::from(world.now().await - 1);
    let _: DeadlinePassed = scene.refused(&late).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_that_make_no_sense_are_told_by_their_place() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let order = scene.order(all_delta());
    type Bend = fn(&mut hedgerow::bindings::IHedges::hedgeCall);
    let bent: [(u8, Bend); 5] = [
        (0, |order| order.venue.kind = 2),
        (3, |order| order.venue.volatileToken = 2),
        (6, |order| order.target.share = U24::from(1_000_001)),
        (8, |order| order.terms.minHealth = 1_000),
        (9, |order| order.terms.health = 1_199),
    ];
    for (field, bend) in bent {
        let mut order = order.clone();
        bend(&mut order);
        let found: InvalidHedge = scene.refused(&order).await;
        assert_eq!(found.field, field);
    }
    let mut unknown = order.clone();
    unknown.target.kind = 4;
    assert!(revert_data(scene.world.attempt(&scene.world.owner, &unknown).await).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hedge_is_changed_at_its_own_venue_only() {
    let scene = Scene::new(Kind::Nft, 0).await;
    scene.hedge(share(1, 500_000)).await.unwrap();
    let mut order = scene.order(all_delta());
    order.venue.market = Address::repeat_byte(0x77);
    let found: ForeignVenue = scene.refused(&order).await;
    assert_eq!(
        (found.found, found.expected),
        (Address::repeat_byte(0x77), scene.aave.pool)
    );
    order = scene.order(all_delta());
    order.venue.volatileToken = 1;
    let found: InvalidHedge = scene.refused(&order).await;
    assert_eq!(found.field, 3);
    order = scene.order(all_delta());
    order.venue.eMode = 1;
    let found: InvalidHedge = scene.refused(&order).await;
    assert_eq!(found.field, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_are_nobodys_are_told_and_reach_nothing() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let before = scene.purse().await;
    for (margins, market) in [
        (Address::repeat_byte(0x77), scene.aave.pool),
        (Address::ZERO, scene.aave.pool),
        (scene.world.margins, Address::repeat_byte(0x77)),
        (scene.world.margins, scene.world.tokens[1]),
        (scene.world.npm, scene.aave.pool),
    ] {
        let mut order = scene.order(all_delta());
        (order.venue.margins, order.venue.market) = (margins, market);
        let failed: CallFailed = scene.refused(&order).await;
        assert!([margins, market].contains(&failed.target), "{failed:?}");
    }
    assert_eq!(scene.purse().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_without_liquidity_is_not_hedged() {
    let scene = Scene::new(Kind::Direct, 0).await;
    scene.world.withdraw(&scene.held).await;
    let order = scene.order(crate::scene::amount(scene.units()[0]));
    let found: NoLiquidity = scene.refused(&order).await;
    assert_eq!(found.id, scene.held.id);
}
