//! Finding what an owner holds, from the pool alone: its initialised ticks, and which pairs of them are somebody's.

use super::{Held, IDirectLens, LIQUIDITY, Pair, World, frame_gas, int24, refusal, units};
use alloy::primitives::{Address, U256};
use hedgerow::bindings::{
    IDirectLens::{Found, Tick, positionsCall, positionsReturn, ticksCall},
    IUniswapV3Pool,
};
use std::collections::BTreeSet;

/// The ends of the deep liquidity that every world's pool has.
const DEEP: (i32, i32) = (-887_220, 887_220);

/// A pool in which two hold something: around the price, far below it, one tick wide, the whole range; and an NFT.
async fn busy() -> (Held, Vec<(i32, i32)>) {
    let held = Held::new(World::new(Pair::Equal).await).await;
    let [owner, other] = [&held.world.owner, &held.world.stranger].map(|who| who.address());
    let ranges = vec![DEEP, (-30_720, -600), (-600, 600), (0, 60), (600, 15_360)];
    for (at, range) in ranges.iter().enumerate() {
        held.deposit(owner, *range, LIQUIDITY / (1 + at as u128)).await;
    }
    held.deposit(other, (-600, 600), 1).await;
    held.deposit(other, (-660, 15_360), LIQUIDITY).await;
    held.world
        .mint(&held.world.owner, (-1_200, 1_200), [units(1_000, 18); 2])
        .await;
    held.world.trade(false, units(1_000, 18)).await;
    (held, ranges)
}

async fn ticks(held: &Held, from: i32, to: i32) -> Vec<Tick> {
    let call = ticksCall {
        pool: held.pool_key(),
        from: int24(from),
        to: int24(to),
    };
    held.world.read(held.lens, &call).await
}

async fn pairs(
    held: &Held,
    owner: Address,
    [lowers, uppers]: [&[i32]; 2],
    (offset, limit): (U256, U256),
) -> positionsReturn {
    let call = positionsCall {
        pool: held.pool_key(),
        owner,
        lowers: lowers.iter().copied().map(int24).collect(),
        uppers: uppers.iter().copied().map(int24).collect(),
        offset,
        limit,
    };
    held.world.read(held.lens, &call).await
}

fn ends(found: &[Found]) -> Vec<(i32, i32)> {
    found
        .iter()
        .map(|item| (item.tickLower.as_i32(), item.tickUpper.as_i32()))
        .collect()
}

const ALL: (U256, U256) = (U256::ZERO, U256::MAX);

#[tokio::test]
async fn a_pool_s_initialised_ticks_are_found_between_any_two() {
    let (held, _) = busy().await;
    let expected = [
        -887_220, -30_720, -1_200, -660, -600, 0, 60, 600, 1_200, 15_360, 887_220,
    ];
    let all = ticks(&held, -8_388_608, 8_388_607).await;
    assert_eq!(all.iter().map(|tick| tick.tick.as_i32()).collect::<Vec<_>>(), expected);
    for tick in &all {
        let call = IUniswapV3Pool::ticksCall { tick: tick.tick };
        let own = held.world.read(held.world.pool, &call).await;
        assert!(own.initialized);
        assert_eq!(
            (tick.liquidityGross, tick.liquidityNet),
            (own.liquidityGross, own.liquidityNet)
        );
    }
    // Both ends count, whichever word of the bitmap they lie in (256 ticks of 60: the words meet at 0 and at ±15,360).
    for (from, to) in [
        (-600, 600),
        (-599, 599),
        (-601, 601),
        (0, 15_360),
        (1, 15_359),
        (-30_720, -30_720),
        (-30_721, -30_719),
        (-30_719, -1),
        (61, 599),
        (600, -600),
        (887_220, 8_388_607),
        (887_221, 8_388_607),
        (-8_388_608, -887_221),
        (8_388_607, -8_388_608),
    ] {
        let found = ticks(&held, from, to).await;
        let between = all.iter().filter(|tick| (from..=to).contains(&tick.tick.as_i32()));
        assert_eq!(found, between.cloned().collect::<Vec<_>>(), "{from} to {to}");
    }
    let elsewhere = ticksCall {
        pool: held.pool_key_of(500),
        from: int24(0),
        to: int24(0),
    };
    let _: IDirectLens::UnknownPool = refusal(held.ask(&elsewhere).await);
}

#[tokio::test]
async fn what_an_owner_holds_is_found_from_the_pool_s_ticks_alone() {
    let (held, ranges) = busy().await;
    let (owner, other) = (held.world.owner.address(), held.world.stranger.address());
    let ticks = ticks(&held, -887_272, 887_272).await;
    // A tick that is only ever a lower end cannot be an upper one.
    let net = |tick: &Tick| tick.liquidityGross.cast_signed();
    let of = |kept: &dyn Fn(&&Tick) -> bool| -> Vec<i32> {
        ticks.iter().filter(kept).map(|tick| tick.tick.as_i32()).collect()
    };
    let lowers = of(&|tick| tick.liquidityNet != -net(tick));
    let uppers = of(&|tick| tick.liquidityNet != net(tick));
    assert!(lowers.len() + uppers.len() < 2 * ticks.len());
    let price = held.world.slot0().await.0;

    let found = pairs(&held, owner, [&lowers, &uppers], ALL).await;
    assert_eq!(found.next, U256::from(lowers.len() * uppers.len()));
    assert_eq!(
        ends(&found.found).into_iter().collect::<BTreeSet<_>>(),
        ranges.iter().copied().collect()
    );
    for item in &found.found {
        let range = (item.tickLower.as_i32(), item.tickUpper.as_i32());
        assert!(item.found);
        assert_eq!(
            item.position,
            held.assert_true(&held.world.owner, range, price).await,
            "{range:?}"
        );
    }
    // Others' are theirs; the position manager's are its own, by the same means.
    let all = of(&|_| true);
    let theirs = pairs(&held, other, [&all, &all], ALL).await;
    assert_eq!(ends(&theirs.found), [(-660, 15_360), (-600, 600)]);
    let npm = pairs(&held, held.world.npm, [&all, &all], ALL).await;
    assert_eq!(ends(&npm.found), [DEEP, (-1_200, 1_200)]);
    assert!(
        pairs(&held, held.world.trader.address(), [&all, &all], ALL)
            .await
            .found
            .is_empty()
    );

    // What is owed without liquidity is found as well; what was collected is not.
    held.burn(&held.world.owner, (0, 60), held.written(owner, (0, 60)).await.liquidity)
        .await;
    let owed = pairs(&held, owner, [&[0], &[60]], ALL).await.found;
    assert!(owed[0].found && owed[0].position.liquidity == 0 && !owed[0].position.fees1.is_zero());
    held.collect(&held.world.owner, (0, 60)).await;
    assert!(pairs(&held, owner, [&[0], &[60]], ALL).await.found.is_empty());
}

#[tokio::test]
async fn pages_of_pairs_are_cut_where_they_are_asked_to_be() {
    let (held, ranges) = busy().await;
    let owner = held.world.owner.address();
    let (lowers, uppers) = ([-887_220, -30_720, -600, 0, 600], [-600, 60, 600, 15_360, 887_220]);
    let lists = [&lowers[..], &uppers[..]];
    let small = U256::from::<u64>;
    let whole = pairs(&held, owner, lists, ALL).await;
    assert_eq!(ends(&whole.found), ranges);
    for size in [1_u64, 2, 7, 24, 25, 26] {
        let (mut got, mut next) = (Vec::new(), U256::ZERO);
        while next < small(25) {
            let page = pairs(&held, owner, lists, (next, small(size))).await;
            assert_eq!(page.next, (next + small(size)).min(small(25)));
            got.extend(page.found);
            next = page.next;
        }
        assert_eq!(got, whole.found, "{size} at a time");
    }
    for (offset, limit, next) in [
        (small(25), U256::MAX, small(25)),
        (small(26), small(1), small(25)),
        (U256::MAX, U256::MAX, small(25)),
        (small(1) << 64, small(3), small(25)),
        (small(3), U256::ZERO, small(3)),
        (small(3), small(1) << 64, small(25)),
    ] {
        assert_eq!(
            pairs(&held, owner, lists, (offset, limit)).await.next,
            next,
            "{offset} {limit}"
        );
    }
    for none in [[&[][..], &uppers[..]], [&lowers[..], &[]], [&[], &[]]] {
        let page = pairs(&held, owner, none, ALL).await;
        assert_eq!((page.found.len(), page.next), (0, U256::ZERO));
    }
    // However long the lists, a page ends; pairs that do not ascend are skipped.
    let (high, low) = (vec![600; 100], vec![-600; 100]);
    let page = pairs(&held, owner, [&high, &low], ALL).await;
    assert_eq!((page.found.len(), page.next), (0, small(4_096)));
    let rest = pairs(&held, owner, [&high, &low], (small(9_000), U256::MAX)).await;
    assert_eq!(rest.next, small(10_000));
    // Nobody's ends, repeated ends, ends that are no ticks.
    let odd = pairs(&held, owner, [&[-8_388_608, -600, -600], &[8_388_607, 600]], ALL).await;
    assert_eq!(ends(&odd.found), [(-600, 600), (-600, 600)]);
    assert_eq!(
        odd.found[0].position,
        held.look(owner, (-600, 600), held.world.slot0().await.0).await
    );
}

/// The interface tells what searching costs, so that a caller can cut it into pieces that a node runs: gas is exact.
#[tokio::test]
async fn searching_costs_what_the_interface_says() {
    let (held, _) = busy().await;
    let (client, owner) = (&held.world.client, held.world.trader.address());
    let search = |lower: i32, count: i32| positionsCall {
        pool: held.pool_key(),
        owner,
        lowers: vec![int24(lower)],
        uppers: (1..=count).map(int24).collect(),
        offset: U256::ZERO,
        limit: U256::MAX,
    };
    let gas = async |call: &positionsCall| frame_gas(client, held.lens, call, false).await;
    let none = gas(&search(0, 0)).await;
    let pairs = (gas(&search(0, 100)).await - none) / 100;
    let skipped = (gas(&search(600, 100)).await - none) / 100;
    let list = async |from: i32, to: i32| {
        let call = ticksCall {
            pool: held.pool_key(),
            from: int24(from),
            to: int24(to),
        };
        frame_gas(client, held.lens, &call, false).await
    };
    // 51 words of the bitmap in which there is nothing, and one word with one tick and without.
    let (one, words) = (list(120, 120).await, list(61 + 15_360, 60 * 256 * 53 - 60).await);
    let word = (words - one) / 51;
    let tick = list(60, 60).await - one;
    println!("a pair {pairs} gas, skipped {skipped}; a word of the bitmap {word}, a tick {tick}");
    assert!((8_000..=9_400).contains(&pairs) && skipped < 50, "{pairs} {skipped}");
    assert!(
        (2_000..=2_800).contains(&word) && (8_000..=9_600).contains(&tick),
        "{word} {tick}"
    );
}
