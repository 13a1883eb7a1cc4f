//! Harvests: the fees come out, the liquidity stays, whichever way the position is held.

use crate::common::{
    IManagerErrors, Pair, World, failed,
    held::{Action, Held, KINDS, Kind, direct_id, earning, gain, unreadable},
    refusal, revert_data, units,
};
use alloy::primitives::U256;
use hedgerow::bindings::IManager::Limits;

/// Harvests, and asserts what must hold of every harvest.
async fn assert_harvests(world: &World, held: &Held, limits: Limits) -> u64 {
    let owner = world.owner.address();
    let (withdrawn, paid) = world.foreseen(held).await;
    let fees = gain(paid, withdrawn);
    let (before, liquidity, price) = (
        world.balances(owner).await,
        world.liquidity_of(held).await,
        world.price().await,
    );
    let event = world.act(held, Action::Harvest, limits).await.unwrap();
    assert_eq!(
        gain(world.balances(owner).await, before),
        fees,
        "what leaving by hand pays beyond the liquidity"
    );
    assert_eq!(
        (event.name, event.source, event.id, event.new_id),
        ("Harvested", world.source(held.kind), held.id, held.id)
    );
    assert_eq!(
        (event.range, event.liquidity, event.amounts, event.fees),
        (held.range, liquidity, fees, fees)
    );
    assert_eq!(
        (world.liquidity_of(held).await, world.price().await),
        (liquidity, price)
    );
    world.assert_no_allowance().await;
    // And what remains can be left for exactly what the liquidity is.
    assert_eq!(world.foreseen(held).await, (withdrawn, withdrawn));
    event.gas
}

#[tokio::test]
async fn a_harvest_pays_the_fees_and_leaves_the_liquidity() {
    for kind in KINDS {
        for pair in [Pair::Equal, Pair::EtherDollar, Pair::Awkward] {
            let (world, held) = earning(kind, pair).await;
            let gas = assert_harvests(&world, &held, World::open_limits()).await;
            println!("harvest, {kind:?}, {pair:?}: {gas} gas");
            // Nothing was earned since, and harvesting nothing is no error.
            assert_harvests(&world, &held, World::open_limits()).await;
        }
    }
}

#[tokio::test]
async fn a_harvest_heeds_no_price_guard() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        assert_harvests(&world, &held, unreadable()).await;
    }
}

#[tokio::test]
async fn fees_that_a_withdrawal_left_behind_are_harvested_with_what_it_withdrew() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let (_, paid) = world.foreseen(&held).await;
        world.withdraw(&held).await;
        let before = world.balances(world.owner.address()).await;
        let event = world.act(&held, Action::Harvest, World::open_limits()).await.unwrap();
        assert_eq!(gain(world.balances(world.owner.address()).await, before), paid);
        assert_eq!((event.amounts, event.liquidity), (paid, 0));
    }
}

#[tokio::test]
async fn fees_below_the_minimum_are_refused_with_what_there_would_have_been() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let (withdrawn, paid) = world.foreseen(&held).await;
        let fees = gain(paid, withdrawn);
        let least = |more: [u64; 2]| Limits {
            amount0Min: fees[0] + U256::from(more[0]),
            amount1Min: fees[1] + U256::from(more[1]),
            ..World::open_limits()
        };
        for more in [[1, 0], [0, 1]] {
            let refused: IManagerErrors::AmountBelowMinimum =
                refusal(world.act(&held, Action::Harvest, least(more)).await);
            assert_eq!([refused.amount0, refused.amount1], fees);
        }
        assert_harvests(&world, &held, least([0, 0])).await;
    }
}

#[tokio::test]
async fn a_harvest_whose_deadline_passed_is_refused() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let (_, now) = world.client.latest().await.unwrap();
        let limits = Limits {
            deadline: U256::from(now - 1),
            ..World::open_limits()
        };
        let refused: IManagerErrors::DeadlinePassed = refusal(world.act(&held, Action::Harvest, limits).await);
        assert!(refused.deadline == U256::from(now - 1) && refused.timestamp >= U256::from(now));
    }
}

#[tokio::test]
async fn only_an_own_position_is_harvested() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let other = world.mint(&world.trader, (-600, 600), [units(10, 18); 2]).await;
    let foreign = Held { id: other, ..held };
    let refused: IManagerErrors::NotOwner = refusal(world.act(&foreign, Action::Harvest, World::open_limits()).await);
    assert_eq!((refused.tokenId, refused.owner), (other, world.trader.address()));

    let nobody = Held {
        id: U256::from(99),
        ..held
    };
    assert_eq!(
        revert_data(world.act(&nobody, Action::Harvest, World::open_limits()).await),
        failed(world.npm, "ERC721: owner query for nonexistent token")
    );

    // The pool knows no such position of the owner: a typo in the range.
    let range = (-1_200, 1_260);
    let id = direct_id(world.owner.address(), range);
    let none = Held {
        kind: Kind::Direct,
        id,
        range,
    };
    let refused: IManagerErrors::NoLiquidity = refusal(world.act(&none, Action::Harvest, World::open_limits()).await);
    assert_eq!(refused.id, id);
}
