//! Ticks, amounts and liquidity as Uniswap rounds, and what positions have to earn.

use super::{Chain, I256, U256, assert_printed, assert_vector, core_wad, int, uint, uwad, vectors, wad};
use alloy::primitives::aliases::{I24, U160};
use hedgerow::bindings::IRangeLens::*;
use hedgerow_core::{
    SqrtPriceX96, Tick, curve, efficiency, liquidity, lvr,
    tick::{MAX_SQRT_PRICE, range_sqrt_prices, sqrt_price_at_tick, tick_at_sqrt_price},
};

fn int24(tick: i32) -> I24 {
    tick.try_into().unwrap()
}

fn tick(value: &serde_json::Value) -> i32 {
    int(value).as_i32()
}

#[tokio::test]
async fn every_function_answers_as_the_vectors_and_the_core_do() {
    let chain = Chain::new().await;
    let ranges = chain.program("ranges").await;
    ticks(&ranges).await;
    amounts(&ranges).await;
    rates(&ranges).await;
    arbitrage(&ranges).await;
    efficiencies(&ranges).await;
    ranges.assert_all_asked(IRangeLensCalls::SELECTORS, IRangeLensCalls::SIGNATURES);
}

async fn ticks(ranges: &super::Program<'_>) {
    let cases = vectors!("tick_to_sqrt");
    let ticks: Vec<_> = cases.iter().map(|case| int24(tick(&case["in"]["tick"]))).collect();
    let prices = ranges.ask(sqrtPriceAtTickBatchCall { ticks: ticks.clone() }).await;
    for ((case, tick), price) in cases.iter().zip(ticks).zip(prices) {
        assert_eq!(U256::from(price), uint(&case["out"]["sqrtPriceX96"]));
        assert_eq!(Ok(U256::from(price)), sqrt_price_at_tick(tick.as_i32()));
        assert_eq!(ranges.ask(sqrtPriceAtTickCall { tick }).await, price);
    }
    let cases = vectors!("sqrt_to_tick");
    let prices: Vec<U160> = cases
        .iter()
        .map(|case| uint(&case["in"]["sqrtPriceX96"]).to())
        .collect();
    let call = tickAtSqrtPriceBatchCall {
        sqrtPricesX96: prices.clone(),
    };
    let ticks = ranges.ask(call).await;
    for ((case, price), at) in cases.iter().zip(prices).zip(ticks) {
        assert_eq!(at.as_i32(), tick(&case["out"]["tick"]));
        assert_eq!(Ok(at.as_i32()), tick_at_sqrt_price(U256::from(price)));
        assert_eq!(ranges.ask(tickAtSqrtPriceCall { sqrtPriceX96: price }).await, at);
    }
}

async fn amounts(ranges: &super::Program<'_>) {
    let cases = vectors!("v3_position");
    let withdrawals: Vec<_> = cases
        .iter()
        .map(|case| Withdrawal {
            sqrtPriceX96: uint(&case["in"]["sqrtP1"]).to(),
            tickLower: int24(tick(&case["in"]["tickLower"])),
            tickUpper: int24(tick(&case["in"]["tickUpper"])),
            liquidity: uint(&case["in"]["L"]).to(),
        })
        .collect();
    let paid = withdrawals.clone();
    let paid = ranges.ask(amountsForLiquidityBatchCall { withdrawals: paid }).await;
    let taken = withdrawals.clone();
    let taken = ranges.ask(amountsToMintBatchCall { withdrawals: taken }).await;
    let mut deposits = Vec::new();
    for (((case, withdrawal), down), up) in cases.iter().zip(withdrawals).zip(paid).zip(taken) {
        let out = &case["out"];
        assert_eq!(down.amount0, uint(&out["amount0_floor"]));
        assert_eq!(down.amount1, uint(&out["amount1_floor"]));
        assert_eq!(up.amount0, uint(&out["amount0_ceil"]));
        assert_eq!(up.amount1, uint(&out["amount1_ceil"]));
        let deposit = Deposit {
            sqrtPriceX96: withdrawal.sqrtPriceX96,
            tickLower: withdrawal.tickLower,
            tickUpper: withdrawal.tickUpper,
            amount0: up.amount0,
            amount1: up.amount1,
        };
        // What was to be paid for this liquidity buys as much as Uniswap's own rounding leaves, for no more than was given.
        let call = liquidityForAmountsCall {
            deposit: deposit.clone(),
        };
        let bought = ranges.ask(call).await;
        let (lower, upper) = (deposit.tickLower.as_i32(), deposit.tickUpper.as_i32());
        let (ends, price) = (
            range_sqrt_prices(lower, upper).unwrap(),
            U256::from(deposit.sqrtPriceX96),
        );
        let core = liquidity::liquidity_for_amounts(price, ends.0, ends.1, up.amount0, up.amount1);
        assert_eq!(Ok(bought), core);
        let mut again = withdrawal.clone();
        again.liquidity = bought;
        let cost = ranges.ask(amountsToMintCall { withdrawal: again }).await;
        assert!(cost.amount0 <= up.amount0 && cost.amount1 <= up.amount1, "{bought}");
        deposits.push((deposit, bought));
        let withdrawn = withdrawal.clone();
        assert_eq!(ranges.ask(amountsForLiquidityCall { withdrawal }).await, down);
        assert_eq!(ranges.ask(amountsToMintCall { withdrawal: withdrawn }).await, up);
    }
    let (deposits, bought): (Vec<_>, Vec<_>) = deposits.into_iter().unzip();
    assert_eq!(ranges.ask(liquidityForAmountsBatchCall { deposits }).await, bought);
}

async fn rates(ranges: &super::Program<'_>) {
    for case in vectors!("lvr") {
        let (given, out) = (&case["in"], &case["out"]);
        let (volatility, weight0) = (uint(&given["sigma"]), uint(&given["w"]));
        let sigma = core_wad(volatility);
        let rate = ranges.ask(lvrWeightedCall { volatility, weight0 }).await;
        assert_vector(rate, lvr::weighted(sigma, core_wad(weight0)).unwrap(), &out["v2"]);
        if weight0 == uwad("0.5") {
            let rate = ranges.ask(lvrConstantProductCall { volatility }).await;
            assert_vector(rate, lvr::constant_product(sigma).unwrap(), &out["v2"]);
        }
        let (lower, upper) = (tick(&given["tickLower"]), tick(&given["tickUpper"]));
        let call = lvrConcentratedCall {
            volatility,
            sqrtPriceX96: uint(&given["sqrtP"]).to(),
            tickLower: int24(lower),
            tickUpper: int24(upper),
        };
        let price = SqrtPriceX96::new(uint(&given["sqrtP"])).unwrap();
        let core = lvr::concentrated(sigma, price, Tick::new(lower).unwrap(), Tick::new(upper).unwrap());
        assert_vector(ranges.ask(call).await, core.unwrap(), &out["v3"]);
    }
    // 50 % a year: 3.125 % of a constant product, whatever its size; a stake in plain prices loses the same.
    let stake = Stake {
        curve: 0,
        liquidity: uwad("7"),
        weight0: U256::ZERO,
        lower: U256::ZERO,
        upper: U256::ZERO,
    };
    let call = lvrOfStakeCall {
        volatility: uwad("0.5"),
        stake,
        price: uwad("1234.5"),
    };
    let constant_product = curve::Stake::new(curve::Curve::ConstantProduct, core_wad(call.stake.liquidity)).unwrap();
    let core = lvr::of_stake(core_wad(call.volatility), &constant_product, core_wad(call.price)).unwrap();
    assert_printed(ranges.ask(call).await, core, "0.031250000000000000");
    // At 5 % a day that is 3.125 bp of the value a day, which a fee of 0.3 % earns from a tenth of it in turnover.
    let call = breakEvenTurnoverCall {
        rate: uwad("0.0003125"),
        fee: uwad("0.003"),
    };
    let core = lvr::break_even_turnover(core_wad(call.rate), core_wad(call.fee)).unwrap();
    assert_printed(ranges.ask(call).await, core, "0.104166");
    let call = lvrImpliedVolatilityCall {
        feeYield: uwad("0.157"),
    };
    let core = lvr::implied_volatility(core_wad(call.feeYield)).unwrap();
    assert_printed(ranges.ask(call).await, core, "1.120714");
}

/// Milionis, Moallemi and Roughgarden's table: 5 % a day, blocks of twelve seconds and of two, by fee.
async fn arbitrage(ranges: &super::Program<'_>) {
    let volatility = uwad("0.05");
    for (milliseconds, row) in [
        (
            12_000_u64,
            [("0.0001", "0.80645"), ("0.003", "0.12195"), ("0.01", "0.04000")],
        ),
        (
            2_000,
            [("0.0001", "0.62977"), ("0.003", "0.053659"), ("0.01", "0.016726")],
        ),
    ] {
        // In days, as the volatility.
        let time = U256::from(milliseconds) * U256::from(10).pow(U256::from(18)) / U256::from(86_400_000);
        for (fee, printed) in row {
            let fee = uwad(fee);
            let call = arbitrageProbabilityCall {
                volatility,
                fee,
                blockTime: time,
            };
            let core = lvr::trade_probability(core_wad(volatility), core_wad(fee), core_wad(time)).unwrap();
            let probability = ranges.ask(call).await;
            assert_printed(probability, core, printed);
            let call = arbitrageRateCall {
                rate: uwad("1"),
                volatility,
                fee,
                blockTime: time,
            };
            let one = core_wad(uwad("1"));
            let core = lvr::arbitrage_rate(one, core_wad(volatility), core_wad(fee), core_wad(time)).unwrap();
            assert_printed(ranges.ask(call).await, core, printed);
        }
    }
}

async fn efficiencies(ranges: &super::Program<'_>) {
    // 1 / (1 - 1.0001^(-9531 / 2)), by hand with fifty digits.
    let (lower, upper) = (-9_531, 9_531);
    let price = sqrt_price_at_tick(0).unwrap();
    let call = capitalEfficiencyCall {
        sqrtPriceX96: price.to(),
        tickLower: int24(lower),
        tickUpper: int24(upper),
    };
    let at = SqrtPriceX96::new(price).unwrap();
    let core = efficiency::of_range(at, Tick::new(lower).unwrap(), Tick::new(upper).unwrap()).unwrap();
    assert_printed(ranges.ask(call).await, core, "2.638081648456232561");
    // Between a quarter and four times the price: twice; the white paper's formula by hand. At the end of [1, 4]: four times.
    let call = |lower, upper, price| capitalEfficiencyBetweenCall {
        lower: uwad(lower),
        upper: uwad(upper),
        price: uwad(price),
    };
    assert_eq!(ranges.ask(call("0.25", "4", "1")).await, uwad("2"));
    assert_eq!(ranges.ask(call("1", "4", "1")).await, uwad("4"));
    let half = capitalEfficiencySymmetricCall { factor: uwad("4") };
    assert_eq!(ranges.ask(half).await, uwad("2"));
    let call = capitalEfficiencySymmetricCall { factor: uwad("1.25") };
    let core = efficiency::symmetric(core_wad(call.factor)).unwrap();
    assert_printed(ranges.ask(call).await, core, "9.47213595500");
}

#[tokio::test]
async fn what_lies_outside_a_domain_is_refused_by_name() {
    let chain = Chain::new().await;
    let ranges = chain.program("ranges").await;
    let (zero, one) = (I256::ZERO, uwad("1"));
    let price: U160 = sqrt_price_at_tick(0).unwrap().to();
    let beyond = int24(887_273);
    ranges
        .refuse(sqrtPriceAtTickCall { tick: beyond }, TickOutOfRange { tick: beyond })
        .await;
    for out in [U160::ZERO, MAX_SQRT_PRICE.to()] {
        let call = tickAtSqrtPriceCall { sqrtPriceX96: out };
        ranges.refuse(call, SqrtPriceOutOfRange { sqrtPriceX96: out }).await;
    }
    let withdrawal = |lower, upper| Withdrawal {
        sqrtPriceX96: price,
        tickLower: int24(lower),
        tickUpper: int24(upper),
        liquidity: u128::MAX,
    };
    let empty = amountsForLiquidityCall {
        withdrawal: withdrawal(7, 7),
    };
    let (lower, upper) = (int24(7), int24(7));
    let refused = EmptyRange {
        tickLower: lower,
        tickUpper: upper,
    };
    ranges.refuse(empty, refused).await;
    let deposit = Deposit {
        sqrtPriceX96: price,
        tickLower: int24(-1),
        tickUpper: int24(1),
        amount0: U256::MAX,
        amount1: U256::MAX,
    };
    ranges.refuse(liquidityForAmountsCall { deposit }, Overflow {}).await;
    let wild = lvrConstantProductCall {
        volatility: uwad("1000001"),
    };
    ranges.refuse(wild, VolatilityOutOfRange { wad: wad("1000001") }).await;
    let whole = lvrWeightedCall {
        volatility: one,
        weight0: one,
    };
    ranges.refuse(whole, WeightOutOfRange { weight0: one }).await;
    let free = breakEvenTurnoverCall {
        rate: one,
        fee: U256::ZERO,
    };
    ranges.refuse(free, NotPositive { wad: zero }).await;
    let symmetric = capitalEfficiencySymmetricCall { factor: one };
    ranges.refuse(symmetric, NotAboveOne { value: wad("1") }).await;
    let between = |lower, upper, price| capitalEfficiencyBetweenCall {
        lower: uwad(lower),
        upper: uwad(upper),
        price: uwad(price),
    };
    let refused = EmptyPriceRange {
        lower: wad("2"),
        upper: wad("1"),
    };
    ranges.refuse(between("2", "1", "1"), refused).await;
    let outside = PriceOutsideRange { value: wad("5") };
    ranges.refuse(between("1", "4", "5"), outside).await;
    ranges
        .refuse(between("0", "4", "1"), PriceNotPositive { wad: zero })
        .await;
}
