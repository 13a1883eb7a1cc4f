//! What the lenses cost a contract that calls them: the limits that a table elsewhere compares with Solidity's libraries.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use alloy::{
    primitives::{Address, I256, U256, aliases::U160},
    sol_types::SolCall,
};
use common::{meter::frame_gas, world::int24};
use hedgerow::{
    artifacts::Artifacts,
    bindings::{ILens, IOptionsLens},
    client::Client,
    deployment::{self, Part},
    keys,
    output::Progress,
};
use hedgerow_core::tick::sqrt_price_at_tick;
use hedgerow_devnode::{Config, Devnode};

struct Lenses {
    client: Client,
    lens: Address,
    options: Address,
}

impl Lenses {
    async fn new() -> Self {
        let client = Client::in_process(&Devnode::new(Config::default()).unwrap())
            .await
            .unwrap();
        let signer = keys::development(0).unwrap();
        let deployed = deployment::deploy(&client, &signer, &Artifacts::locate(), Part::Lens, &Progress::new())
            .await
            .unwrap();
        Self {
            client,
            lens: deployed.lens.unwrap().address,
            options: deployed.options.unwrap().address,
        }
    }

    /// Gas of the frame when the program is cached; printed beside the gas when it is not.
    async fn gas<C: SolCall>(&self, what: &str, to: Address, call: &C, limit: u64) -> u64 {
        let gas = frame_gas(&self.client, to, call, true).await;
        let cold = frame_gas(&self.client, to, call, false).await;
        println!("{what}: {gas} gas cached, {cold} not");
        assert!(gas <= limit, "{what}: {gas} gas, more than {limit}");
        gas
    }
}

fn wad(milli: u64) -> U256 {
    U256::from(milli) * U256::from(1_000_000_000_000_000_u64)
}

fn terms(strike: u64) -> IOptionsLens::Terms {
    IOptionsLens::Terms {
        spot: wad(3_000_000),
        strike: wad(strike * 1_000),
        volatility: wad(650),
        secondsLeft: 30 * 86_400,
        rate: I256::from_raw(wad(40)),
    }
}

#[tokio::test]
async fn options_cost_less_than_the_best_of_solidity() {
    let lenses = Lenses::new().await;
    let one = IOptionsLens::priceAndDeltaCall { terms: terms(3_100) };
    lenses.gas("call, put and delta", lenses.options, &one, 2_640).await;
    let hundred = IOptionsLens::priceAndDeltaBatchCall {
        terms: (0..100).map(|i| terms(2_000 + 20 * i)).collect(),
    };
    // A tenth of a hundred times the cheapest library, at any accuracy; a fiftieth of the most accurate.
    lenses.gas("100 options", lenses.options, &hundred, 26_400).await;
    let full = IOptionsLens::blackScholesCall { terms: terms(3_100) };
    lenses.gas("all greeks", lenses.options, &full, 5_000).await;
}

#[tokio::test]
async fn figures_of_positions_cost_a_fifth_of_the_best_of_solidity() {
    let lenses = Lenses::new().await;
    let price = |tick: i32| -> U160 { sqrt_price_at_tick(tick).unwrap().saturating_to() };
    let ranges = (0..32).map(|i| ILens::Range {
        liquidity: 1_000_000_000_000_000_000 + i as u128,
        entrySqrtPriceX96: price(-200_000 + 10 * i),
        sqrtPriceX96: price(-199_000 - 77 * i),
        tickLower: int24(-203_000 + 60 * i),
        tickUpper: int24(-197_000 - 60 * i),
    });
    let one = ILens::figuresCall {
        liquidity: 1_000_000_000_000_000_000,
        entrySqrtPriceX96: price(-200_000),
        sqrtPriceX96: price(-199_000),
        tickLower: int24(-203_000),
        tickUpper: int24(-197_000),
    };
    lenses.gas("one position's figures", lenses.lens, &one, 4_068).await;
    let all = ILens::figuresBatchCall {
        ranges: ranges.collect(),
    };
    lenses.gas("32 positions' figures", lenses.lens, &all, 26_035).await;
}
