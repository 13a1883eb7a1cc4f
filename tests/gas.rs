//! What the lens costs, held to the limits that it was built for. Gas is exact, so these are no measurements that could waver:
//! `scripts/bench` prints them beside Solidity's.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, dead_code)]

#[path = "../benches/gas/inputs.rs"]
mod inputs;
#[path = "../crates/core/tests/reference/mod.rs"]
mod reference;
#[path = "../benches/gas/scene.rs"]
mod scene;

use alloy::{
    primitives::{U256, aliases::I24, aliases::U160},
    sol_types::SolCall,
};
use hedgerow::{
    artifacts::Artifacts,
    bindings::{IHedgeLens, ILens, IOptionsLens},
    measure::measure,
};
use hedgerow_core::tick::sqrt_price_at_tick;
use scene::{Frame, Scene};

/// The least gas of a Black–Scholes call, put and delta that any Solidity is known to take, at 250 units of error.
const BEST_OPTION: u64 = 2_640;
/// That of the most accurate.
const MOST_ACCURATE_OPTION: u64 = 15_519;
/// The least gas of a v3 position's amounts, value, hold and IL in Solidity.
const BEST_POSITION: u64 = 4_068;

async fn frame<C: SolCall>(scene: &Scene, program: &str, call: &C) -> Frame {
    let target = scene.program(program).unwrap();
    scene.frame(target, call.abi_encode().into()).await.unwrap()
}

fn wad(thousandths: u64) -> U256 {
    U256::from(thousandths) * U256::from(1_000_000_000_000_000_u64)
}

/// Strikes around the spot, terms of a day to a year.
fn option(i: u64) -> IOptionsLens::Terms {
    IOptionsLens::Terms {
        spot: wad(2_000_000),
        strike: wad(1_000_000 + 20_000 * (i % 101)),
        volatility: wad(200 + 13 * (i % 100)),
        secondsLeft: 86_400 * (1 + i * 37 % 365),
        rate: (wad(i % 10) * U256::from(10)).to::<u128>().try_into().unwrap(),
    }
}

/// Ranges of many widths, the price inside, below and above them.
fn position(i: i32) -> ILens::Range {
    let centre = 37_000 - 4_321 * i;
    let half = 1_000 + 157 * i;
    let at = |tick: i32| -> U160 { sqrt_price_at_tick(tick).unwrap().to() };
    ILens::Range {
        liquidity: 1_000_000_000_000_000_000_000 + 7_777_777_777 * i.unsigned_abs() as u128,
        entrySqrtPriceX96: at(centre + half / 3),
        sqrtPriceX96: at(centre - half * 3 / 2 + half * (i % 4)),
        tickLower: I24::try_from(centre - half).unwrap(),
        tickUpper: I24::try_from(centre + half).unwrap(),
    }
}

#[tokio::test]
async fn one_option_costs_less_than_the_best_solidity() {
    let scene = Scene::new().await.unwrap();
    for i in 0..20 {
        let cost = frame(&scene, "options", &IOptionsLens::priceAndDeltaCall { terms: option(i) }).await;
        assert!(cost.cached < BEST_OPTION, "{cost:?}");
    }
}

#[tokio::test]
async fn a_hundred_options_cost_a_tenth_of_the_best_and_a_fiftieth_of_the_most_accurate_solidity() {
    let scene = Scene::new().await.unwrap();
    let terms = (0..100).map(option).collect();
    let cost = frame(&scene, "options", &IOptionsLens::priceAndDeltaBatchCall { terms }).await;
    println!("100 options: {} gas", cost.cached);
    assert!(cost.cached <= 100 * BEST_OPTION / 10, "{} gas", cost.cached);
    assert!(cost.cached <= 100 * MOST_ACCURATE_OPTION / 50, "{} gas", cost.cached);
}

#[tokio::test]
async fn thirty_two_positions_cost_a_fifth_of_the_best_solidity() {
    let scene = Scene::new().await.unwrap();
    let ranges = (0..32).map(position).collect();
    let cost = frame(&scene, "lens", &ILens::figuresBatchCall { ranges }).await;
    println!("32 positions: {} gas", cost.cached);
    assert!(cost.cached <= 32 * BEST_POSITION / 5, "{} gas", cost.cached);
}

#[tokio::test]
async fn a_strip_of_41_strikes_costs_no_more_than_60_000() {
    let scene = Scene::new().await.unwrap();
    let words = inputs::strip().into_iter().flat_map(|word| word.to_be_bytes::<32>());
    let call = IHedgeLens::stripCall::SELECTOR.into_iter().chain(words).collect();
    let cost = scene.frame(scene.program("hedge").unwrap(), call).await.unwrap();
    println!("strip of 41 strikes: {} gas", cost.cached);
    // A leg is two words: they stand behind the place of the array, the premium, and the length.
    assert_eq!(cost.answer.len(), 32 * (3 + 2 * 41));
    assert!(cost.cached <= 60_000, "{} gas", cost.cached);
}

#[tokio::test]
async fn the_meter_finds_a_program_uncached_first_and_cached_then() {
    let scene = Scene::new().await.unwrap();
    for (program, cost) in [
        (
            "options",
            frame(&scene, "options", &IOptionsLens::priceAndDeltaCall { terms: option(1) }).await,
        ),
        (
            "lens",
            frame(
                &scene,
                "lens",
                &ILens::figuresBatchCall {
                    ranges: vec![position(1)],
                },
            )
            .await,
        ),
    ] {
        let entry = measure(&Artifacts::locate(), program).unwrap();
        assert_eq!(
            cost.uncached - cost.cached,
            entry.entry_gas - entry.cached_entry_gas,
            "{program}"
        );
        assert!(cost.cached > entry.cached_entry_gas, "{program}");
    }
}
