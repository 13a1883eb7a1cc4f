//! Exits: everything comes out, in both tokens or in one, whichever way the position is held and whatever the market did.

use crate::common::{
    IManagerErrors, Pair, World, failed,
    held::{
        Action::Exit, BOTH, Held, KINDS, Kind, Report, TOKEN0, TOKEN1, direct_id, earning, entered_at, gain, guarded,
        unreadable,
    },
    refusal, revert_data, units,
    world::FEE,
};
use alloy::{
    primitives::{I256, U256, aliases::U24},
    providers::ext::AnvilApi,
    sol,
    sol_types::SolError,
};
use hedgerow::bindings::{IManager::Limits, ISwapRouter};

sol! {
    #[sol(all_derives)]
    interface IShellErrors {
        error CallbackAmounts(int256 amount0Delta, int256 amount1Delta);
    }
}

/// What must hold of every exit: it is reported, nothing of the position is left, no allowance is, the wallet kept its own.
async fn assert_left(world: &World, held: &Held, event: &Report, before: [U256; 2]) -> [U256; 2] {
    let gained = gain(world.balances(world.owner.address()).await, before);
    assert_eq!(event.amounts, gained, "reported, and what the wallet got");
    assert_eq!(
        (event.name, event.source, event.id, event.new_id),
        ("Exited", world.source(held.kind), held.id, U256::ZERO)
    );
    assert_eq!((event.range, event.liquidity), (held.range, 0));
    match held.kind {
        Kind::Nft => assert!(world.owner_of(held.id).await.is_err(), "the NFT is still there"),
        Kind::Direct => {
            let left = world.direct(held.range).await;
            assert_eq!((left.liquidity, left.tokensOwed0, left.tokensOwed1), (0, 0, 0));
        }
    }
    world.assert_no_allowance().await;
    gained
}

/// Exits to both tokens, and asserts that it pays what leaving by hand pays, at an untouched price.
async fn assert_exits(world: &World, held: &Held, limits: Limits) -> Report {
    let (withdrawn, paid) = world.foreseen(held).await;
    let (before, price) = (world.balances(world.owner.address()).await, world.price().await);
    let event = world.act(held, Exit(BOTH), limits).await.unwrap();
    assert_eq!(assert_left(world, held, &event, before).await, paid);
    assert_eq!(event.fees, gain(paid, withdrawn));
    assert_eq!(world.price().await, price);
    event
}

#[tokio::test]
async fn an_exit_pays_the_liquidity_and_the_fees() {
    for kind in KINDS {
        for pair in [Pair::Equal, Pair::EtherDollar, Pair::Awkward] {
            let (world, held) = earning(kind, pair).await;
            let event = assert_exits(&world, &held, World::open_limits()).await;
            println!("exit to both, {kind:?}, {pair:?}: {} gas", event.gas);
            assert!(event.fees.iter().all(|fees| !fees.is_zero()));
        }
    }
}

#[tokio::test]
async fn an_exit_works_on_either_side_of_the_range() {
    for kind in KINDS {
        for zero_for_one in [false, true] {
            let (world, held) = earning(kind, Pair::EtherDollar).await;
            let unit = world.pair.units()[usize::from(!zero_for_one)];
            world.trade(zero_for_one, unit * U256::from(12_000)).await;
            let tick = world.slot0().await.1;
            assert!(tick < held.range.0 || tick >= held.range.1, "still in range at {tick}");
            let event = assert_exits(&world, &held, World::open_limits()).await;
            let [none, all] = if zero_for_one { [1, 0] } else { [0, 1] };
            assert!(event.amounts[none] == event.fees[none] && event.amounts[all] > event.fees[all]);
        }
    }
}

#[tokio::test]
async fn an_exit_works_at_the_ends_of_the_price() {
    for kind in KINDS {
        for zero_for_one in [false, true] {
            let (world, held) = earning(kind, Pair::Equal).await;
            world.drain().await;
            // More than the position can pay: with nobody else there the price runs to its end.
            world.trade(zero_for_one, units(100_000, 18)).await;
            let (_, tick) = world.price().await;
            assert!(tick.abs() >= 887_271, "{tick}");
            assert_eq!(world.depth().await, 0);
            // With and without an entry price: at the ends few figures fit any type.
            let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
            let entry = U256::from(1) << 96;
            assert_exits(&world, &held, entered_at(World::open_limits(), entry)).await;
            world.client.provider().anvil_revert(snapshot).await.unwrap();
            assert_exits(&world, &held, World::open_limits()).await;
        }
    }
}

#[tokio::test]
async fn an_exit_to_both_reads_no_price_guard() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        // The same guard stops an exit that has to sell.
        for proceeds in [TOKEN0, TOKEN1] {
            let refused = revert_data(world.act(&held, Exit(proceeds), unreadable()).await);
            assert_eq!(refused, failed(world.pool, "OLD"));
        }
        let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
        assert_exits(&world, &held, unreadable()).await;
        world.client.provider().anvil_revert(snapshot).await.unwrap();
        // Nor one that could be read, and would refuse.
        world.trade(true, units(3_000, 18)).await;
        let refused: IManagerErrors::PriceDeviation = refusal(world.act(&held, Exit(TOKEN0), guarded(50)).await);
        assert_eq!(refused.maxTickDeviation, U24::from(50));
        assert_exits(&world, &held, guarded(50)).await;
    }
}

#[tokio::test]
async fn an_exit_of_a_position_that_was_withdrawn_collects_what_is_owed() {
    for kind in KINDS {
        for proceeds in [BOTH, TOKEN0, TOKEN1] {
            let (world, held) = earning(kind, Pair::Equal).await;
            world.withdraw(&held).await;
            let before = world.balances(world.owner.address()).await;
            let (_, paid) = world.foreseen(&held).await;
            let event = world.act(&held, Exit(proceeds), World::open_limits()).await.unwrap();
            let gained = assert_left(&world, &held, &event, before).await;
            match proceeds {
                BOTH => assert_eq!(gained, paid),
                TOKEN0 => assert!(gained[1].is_zero() && gained[0] > paid[0]),
                _ => assert!(gained[0].is_zero() && gained[1] > paid[1]),
            }
        }
    }
}

#[tokio::test]
async fn an_empty_nft_is_burned_and_an_empty_direct_position_is_none() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    world.leave_by_hand(&held).await;
    let event = assert_exits(&world, &held, World::open_limits()).await;
    assert_eq!(event.amounts, [U256::ZERO; 2]);

    let (world, held) = earning(Kind::Direct, Pair::Equal).await;
    world.leave_by_hand(&held).await;
    let refused: IManagerErrors::NoLiquidity = refusal(world.act(&held, Exit(BOTH), World::open_limits()).await);
    assert_eq!(refused.id, direct_id(world.owner.address(), held.range));
}

/// What leaving by hand and selling the other token through Uniswap's router gives; the chain is put back as it was.
async fn by_hand_and_router(world: &World, held: &Held, proceeds: u8) -> [U256; 2] {
    let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
    let owner = world.owner.address();
    let before = world.balances(owner).await;
    let (_, paid) = world.leave_by_hand(held).await;
    let sold = usize::from(proceeds == TOKEN0);
    world
        .approve(&world.owner, world.tokens[sold], world.router, paid[sold])
        .await;
    let params = ISwapRouter::ExactInputSingleParams {
        tokenIn: world.tokens[sold],
        tokenOut: world.tokens[1 - sold],
        fee: U24::from(FEE),
        recipient: owner,
        deadline: U256::MAX,
        amountIn: paid[sold],
        amountOutMinimum: U256::ZERO,
        sqrtPriceLimitX96: Default::default(),
    };
    world
        .send(
            &world.owner,
            world.router,
            &ISwapRouter::exactInputSingleCall { params },
        )
        .await;
    let gained = gain(world.balances(owner).await, before);
    world.client.provider().anvil_revert(snapshot).await.unwrap();
    gained
}

#[tokio::test]
async fn an_exit_to_one_token_sells_all_of_the_other_in_the_pool() {
    for kind in KINDS {
        for pair in [Pair::EtherDollar, Pair::Awkward] {
            for proceeds in [TOKEN0, TOKEN1] {
                let (world, held) = earning(kind, pair).await;
                let expected = by_hand_and_router(&world, &held, proceeds).await;
                assert!(expected[usize::from(proceeds == TOKEN0)].is_zero());
                let before = world.balances(world.owner.address()).await;
                let event = world.act(&held, Exit(proceeds), World::open_limits()).await.unwrap();
                println!("exit to token{}, {kind:?}, {pair:?}: {} gas", proceeds - 1, event.gas);
                assert_eq!(assert_left(&world, &held, &event, before).await, expected);
            }
        }
    }
}

#[tokio::test]
async fn an_exit_to_the_token_that_is_held_already_sells_no_more_than_the_fees() {
    for kind in KINDS {
        let world = World::new(Pair::Equal).await;
        world.fund(&world.owner, [units(777, 18); 2]).await;
        // Above the price: token0 only, and no fees; there is nothing to sell, so the guard has nothing to stop.
        let held = world.hold(kind, (600, 1_200), [units(100, 18), U256::ZERO]).await;
        let (_, paid) = world.foreseen(&held).await;
        let (before, price) = (world.balances(world.owner.address()).await, world.price().await);
        let event = world.act(&held, Exit(TOKEN0), World::open_limits()).await.unwrap();
        assert_eq!(assert_left(&world, &held, &event, before).await, paid);
        assert_eq!(world.price().await, price);
    }
}

#[tokio::test]
async fn an_exit_that_cannot_sell_everything_within_the_guard_is_refused() {
    for kind in KINDS {
        let world = World::new(Pair::Equal).await;
        let range = (-1_200, 1_200);
        let held = world.hold(kind, range, [units(100_000, 18); 2]).await;
        world.pass(3_600).await;
        for proceeds in [TOKEN0, TOKEN1] {
            let refused: IManagerErrors::SwapIncomplete = refusal(world.act(&held, Exit(proceeds), guarded(50)).await);
            assert!(refused.swapped < refused.wanted && !refused.swapped.is_zero());
            // With no room at all nothing is swapped.
            let refused: IManagerErrors::SwapIncomplete = refusal(world.act(&held, Exit(proceeds), guarded(0)).await);
            assert!(refused.swapped.is_zero());
        }
        assert_exits(&world, &held, guarded(0)).await;
    }
}

#[tokio::test]
async fn the_last_of_a_pool_leaves_in_both_tokens_though_nobody_buys() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        world.drain().await;
        for proceeds in [TOKEN0, TOKEN1] {
            // The pool asks to be paid nothing for nothing, which the shell takes for no swap.
            let refused: IManagerErrors::CallFailed =
                refusal(world.act(&held, Exit(proceeds), World::open_limits()).await);
            let nothing = IShellErrors::CallbackAmounts {
                amount0Delta: I256::ZERO,
                amount1Delta: I256::ZERO,
            };
            assert_eq!(
                (refused.target, refused.reason),
                (world.pool, nothing.abi_encode().into())
            );
        }
        assert_exits(&world, &held, World::open_limits()).await;
    }
}

#[tokio::test]
async fn less_than_the_minimum_is_refused_with_what_would_have_been_paid() {
    for kind in KINDS {
        for proceeds in [BOTH, TOKEN1] {
            let (world, held) = earning(kind, Pair::Equal).await;
            let expected = match proceeds {
                BOTH => world.foreseen(&held).await.1,
                _ => by_hand_and_router(&world, &held, proceeds).await,
            };
            let least = |more: [u64; 2]| Limits {
                amount0Min: expected[0] + U256::from(more[0]),
                amount1Min: expected[1] + U256::from(more[1]),
                ..World::open_limits()
            };
            for more in [[1, 0], [0, 1]] {
                let refused: IManagerErrors::AmountBelowMinimum =
                    refusal(world.act(&held, Exit(proceeds), least(more)).await);
                assert_eq!([refused.amount0, refused.amount1], expected);
            }
            let before = world.balances(world.owner.address()).await;
            let event = world.act(&held, Exit(proceeds), least([0, 0])).await.unwrap();
            assert_eq!(assert_left(&world, &held, &event, before).await, expected);
        }
    }
}

#[tokio::test]
async fn an_exit_heeds_owner_and_deadline_and_knows_three_kinds_of_proceeds() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let (_, now) = world.client.latest().await.unwrap();
        let limits = Limits {
            deadline: U256::from(now - 1),
            ..World::open_limits()
        };
        let refused: IManagerErrors::DeadlinePassed = refusal(world.act(&held, Exit(BOTH), limits).await);
        assert_eq!(refused.deadline, U256::from(now - 1));
        assert!(revert_data(world.act(&held, Exit(3), World::open_limits()).await).is_empty());
    }
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let other = world.mint(&world.trader, (-600, 600), [units(10, 18); 2]).await;
    let refused: IManagerErrors::NotOwner = refusal(
        world
            .act(&Held { id: other, ..held }, Exit(BOTH), World::open_limits())
            .await,
    );
    assert_eq!((refused.tokenId, refused.owner), (other, world.trader.address()));
}

/// Values and IL of the event, against floating point.
#[tokio::test]
async fn the_event_tells_the_value_and_the_impermanent_loss() {
    for kind in KINDS {
        let world = World::new(Pair::Equal).await;
        let entry = world.slot0().await.0;
        let (lower, upper) = (-1_200, 1_200);
        let held = world.hold(kind, (lower, upper), [units(1_000, 18); 2]).await;
        world.trade(false, units(3_000, 18)).await;
        let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
        let event = world
            .act(&held, Exit(BOTH), entered_at(World::open_limits(), entry))
            .await
            .unwrap();

        let wide = |value: U256| value.to_string().parse::<f64>().unwrap();
        let sqrt = {
            world.client.provider().anvil_revert(snapshot).await.unwrap();
            wide(world.slot0().await.0) / 2_f64.powi(96)
        };
        let value = wide(event.amounts[0]) * sqrt * sqrt + wide(event.amounts[1]);
        for told in [event.value_before, event.value_after] {
            assert!((wide(told) / value - 1.0).abs() < 1e-12, "{told} for {value}");
        }
        // Of one unit of liquidity that was entered at a price of 1.
        let [a, b] = [lower, upper].map(|tick| 1.0001_f64.powf(f64::from(tick) / 2.0));
        let hold = (1.0 - 1.0 / b) * sqrt * sqrt + (1.0 - a);
        let held_now = (1.0 / sqrt - 1.0 / b) * sqrt * sqrt + (sqrt - a);
        let il = held_now / hold - 1.0;
        let told = event.il.to_string().parse::<f64>().unwrap() / 1e18;
        assert!(il < -1e-4 && (told - il).abs() < 1e-12, "{told} for {il}");

        let event = world.act(&held, Exit(BOTH), World::open_limits()).await.unwrap();
        assert_eq!(event.il, I256::ZERO);
    }
}
