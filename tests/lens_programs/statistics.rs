//! Realised and forecast volatility, the deepest fall, and the gate.

use super::{
    Chain, I256, U256, Wad, assert_printed, assert_vector, core_wad, int, uint, uints, uwad, vectors, wad, wads,
};
use hedgerow::bindings::IStatisticsLens::*;
use hedgerow_core::{
    carry,
    garch::{self, forecast},
    risk,
    volatility::{self, close_to_close, range_based, zero_mean},
};
use serde_json::Value;

#[tokio::test]
async fn every_function_answers_as_the_vectors_and_the_core_do() {
    let chain = Chain::new().await;
    let statistics = chain.program("statistics").await;
    volatilities(&statistics).await;
    one_bar(&statistics).await;
    forecasts(&statistics).await;
    gates(&statistics).await;
    let fall = maxDrawdownCall {
        prices: ["100", "80", "120", "90", "110", "60", "200"].map(uwad).to_vec(),
    };
    let core = risk::max_drawdown(&wads(&fall.prices)).unwrap();
    assert_eq!(core.0, wad("0.5"));
    assert_eq!(statistics.ask(fall).await, uwad("0.5"), "from 120 to 60");
    // Four fifths, where volatility is half as much again as the reference: six fifths; a cap may be lower, a floor higher.
    let ratio = |floor, cap| hedgeRatioCall {
        base: uwad("0.8"),
        forecast: uwad("0.9"),
        reference_: uwad("0.6"),
        floor: uwad(floor),
        cap: uwad(cap),
    };
    for (floor, cap, expected) in [("0", "2", "1.2"), ("0", "1", "1"), ("1.5", "2", "1.5")] {
        assert_eq!(statistics.ask(ratio(floor, cap)).await, uwad(expected));
    }
    statistics.assert_all_asked(IStatisticsLensCalls::SELECTORS, IStatisticsLensCalls::SIGNATURES);
}

fn count(value: &Value) -> u64 {
    uint(value).to()
}

async fn volatilities(statistics: &super::Program<'_>) {
    for case in vectors!("realized_vol") {
        let (prices, periods) = (uints(&case["in"]["prices"]), count(&case["in"]["periods"]));
        let natively = wads(&prices);
        let sample = close_to_close(&natively, periods).unwrap();
        let around_zero = zero_mean(&natively, periods).unwrap();
        let call = realisedVolatilityCall {
            prices: prices.clone(),
            periods,
        };
        let got = statistics.ask(call).await;
        assert_vector(got.yearly, sample.yearly, &case["out"]["vol"]);
        assert_eq!(got.variance, sample.variance.0.into_raw());
        let got = statistics.ask(realisedVolatilityZeroMeanCall { prices, periods }).await;
        assert_vector(got.yearly, around_zero.yearly, &case["out"]["vol_zero_mean"]);
        assert_eq!(got.variance, around_zero.variance.0.into_raw());
    }
    for case in vectors!("ewma") {
        let (prices, periods) = (uints(&case["in"]["prices"]), count(&case["in"]["periods"]));
        let decay = uint(&case["in"]["lambda"]);
        let core = volatility::ewma(&wads(&prices), core_wad(decay), periods).unwrap();
        let call = ewmaCall { prices, decay, periods };
        let got = statistics.ask(call).await;
        assert_vector(got.variance, core.variance, &case["out"]["variance"]);
        assert_vector(got.yearly, core.yearly, &case["out"]["vol"]);
    }
}

fn bar([open, high, low, close]: [&str; 4]) -> Bar {
    Bar {
        open: uwad(open),
        high: uwad(high),
        low: uwad(low),
        close: uwad(close),
    }
}

async fn one_bar(statistics: &super::Program<'_>) {
    let natively = volatility::Bar {
        open: Wad(wad("100")),
        high: Wad(wad("110")),
        low: Wad(wad("90")),
        close: Wad(wad("105")),
    };
    for (estimator, core, printed) in [
        (0, volatility::Estimator::Parkinson, "0.0145238735533531"),
        (1, volatility::Estimator::GarmanKlass, "0.0192147979616413"),
        (2, volatility::Estimator::RogersSatchell, "0.0206752261702661"),
    ] {
        let call = rangeVolatilityCall {
            estimator,
            bars: vec![bar(["100", "110", "90", "105"])],
            periods: 365,
        };
        let core = range_based(core, &[natively], 365).unwrap();
        let got = statistics.ask(call).await;
        assert_printed(got.variance, core.variance, printed);
        assert_eq!(got.yearly, core.yearly.0.into_raw());
    }
}

async fn forecasts(statistics: &super::Program<'_>) {
    for case in vectors!("garch") {
        let given = &case["in"];
        let [omega, alpha, beta] = ["omega", "alpha", "beta"].map(|name| uint(&given[name]));
        let (prices, horizon, periods) = (uints(&given["prices"]), count(&given["h"]), count(&given["periods"]));
        let natively = garch::Model {
            omega: core_wad(omega),
            alpha: core_wad(alpha),
            beta: core_wad(beta),
        };
        let core = forecast(&natively, &wads(&prices), horizon, periods).unwrap();
        let call = garchCall {
            model: Model { omega, alpha, beta },
            prices,
            horizon,
            periods,
        };
        let (got, out) = (statistics.ask(call).await, &case["out"]);
        assert_vector(got.nextVariance, core.next_variance, &out["next_variance"]);
        assert_vector(got.horizonVariance, core.variance_h, &out["variance_h"]);
        assert_vector(got.averageVariance, core.avg_variance, &out["avg_variance"]);
        assert_vector(got.longRun, core.long_run, &out["long_run"]);
        assert_vector(got.volatility, core.vol, &out["vol"]);
    }
}

fn carry(given: &Value) -> Carry {
    let input = |name: &str| int(&given[name]);
    Carry {
        value: input("value"),
        feeRate: input("fee_apr"),
        lvrRate: input("lvr_apr"),
        horizon: input("horizon"),
        premium: input("premium"),
        fundingRate: input("funding_apr"),
        hedgeNotional: input("hedge_notional"),
        dollarGamma: input("dollar_gamma"),
        volatility: input("sigma"),
        rebalances: count(&given["rebalances"]),
        tradingCost: input("tc"),
        minNetRate: input("min_net_apr"),
    }
}

fn core_carry(carry: &Carry) -> carry::Carry {
    carry::Carry {
        value: Wad(carry.value),
        fee_apr: Wad(carry.feeRate),
        lvr_apr: Wad(carry.lvrRate),
        horizon: Wad(carry.horizon),
        premium: Wad(carry.premium),
        funding_apr: Wad(carry.fundingRate),
        hedge_notional: Wad(carry.hedgeNotional),
        dollar_gamma: Wad(carry.dollarGamma),
        sigma: Wad(carry.volatility),
        rebalances: carry.rebalances,
        trading_cost: Wad(carry.tradingCost),
        min_net_apr: Wad(carry.minNetRate),
    }
}

async fn gates(statistics: &super::Program<'_>) {
    for case in vectors!("carry_gate") {
        let (carry, out) = (carry(&case["in"]), &case["out"]);
        let core = carry::gate(&core_carry(&carry)).unwrap();
        let least = carry.minNetRate;
        let got = statistics.ask(carryGateCall { carry }).await;
        let actions = ["hedge", "hold_unhedged", "exit"];
        assert_eq!(out["action"], actions[usize::from(got.action)]);
        assert_eq!(got.margin, got.netHedgedRate - least);
        for (name, chain, core) in [
            ("turnover", got.turnover, core.turnover),
            ("cost", got.cost, core.cost),
            ("cost_apr", got.costRate, core.cost_apr),
            ("fee", got.fee, core.fee),
            ("lvr", got.lvr, core.lvr),
            ("net_hedged_apr", got.netHedgedRate, core.net_hedged_apr),
            ("net_unhedged_apr", got.netUnhedgedRate, core.net_unhedged_apr),
        ] {
            assert_vector(chain, core, &out[name]);
        }
    }
}

#[tokio::test]
async fn what_lies_outside_a_domain_is_refused_by_name() {
    let chain = Chain::new().await;
    let statistics = chain.program("statistics").await;
    let zero = I256::ZERO;
    let [two, three] =
        [["1", "2"].as_slice(), &["1", "2", "4"]].map(|list| list.iter().map(|x| uwad(x)).collect::<Vec<_>>());
    let given = U256::from(2);
    let few = realisedVolatilityCall {
        prices: two.clone(),
        periods: 365,
    };
    let needed = U256::from(3);
    statistics.refuse(few, TooFew { given, needed }).await;
    let never = realisedVolatilityZeroMeanCall {
        prices: three.clone(),
        periods: 0,
    };
    statistics.refuse(never, NotPositive { wad: zero }).await;
    let free = maxDrawdownCall {
        prices: vec![uwad("1"), U256::ZERO],
    };
    statistics.refuse(free, PriceNotPositive { wad: zero }).await;
    let all_past = ewmaCall {
        prices: three.clone(),
        decay: uwad("1"),
        periods: 365,
    };
    statistics.refuse(all_past, DecayOutOfRange { value: wad("1") }).await;
    let good = bar(["100", "110", "90", "105"]);
    let bars = |second, estimator| rangeVolatilityCall {
        estimator,
        bars: vec![good.clone(), bar(second)],
        periods: 365,
    };
    let index = U256::ONE;
    statistics
        .refuse(bars(["100", "99", "90", "95"], 0), ImpossibleBar { index })
        .await;
    let fourth = bars(["100", "110", "90", "105"], 3);
    let answer = statistics
        .raw(alloy::sol_types::SolCall::abi_encode(&fourth), U256::ZERO)
        .await;
    assert_eq!(answer, Err(Default::default()), "no such estimator");
    let model = Model {
        omega: uwad("0.0001"),
        alpha: uwad("0.5"),
        beta: uwad("0.5"),
    };
    let unbounded = garchCall {
        model,
        prices: three,
        horizon: 1,
        periods: 365,
    };
    statistics.refuse(unbounded, NotStationary { value: wad("1") }).await;
    let crossed = hedgeRatioCall {
        base: uwad("1"),
        forecast: uwad("1"),
        reference_: uwad("1"),
        floor: uwad("2"),
        cap: uwad("1"),
    };
    let (floor, cap) = (wad("2"), wad("1"));
    statistics.refuse(crossed, BoundsExchanged { floor, cap }).await;
    let mut negative = carry(&vectors!("carry_gate")[0]["in"]);
    negative.premium = wad("-1");
    let call = carryGateCall {
        carry: negative.clone(),
    };
    statistics.refuse(call, NegativeInput { value: wad("-1") }).await;
    negative.value = zero;
    statistics
        .refuse(carryGateCall { carry: negative }, NotPositive { wad: zero })
        .await;
}
