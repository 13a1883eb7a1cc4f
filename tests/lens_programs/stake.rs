//! Stakes in plain prices: figures, premiums, delta hedges.

use super::{Chain, I256, U256, assert_printed, assert_vector, core_wad, uint, uwad, vectors, wad};
use hedgerow::bindings::IStakeLens::*;
use hedgerow_core::{Wad, black_scholes, curve, hedge, premium};
use serde_json::Value;

const CONSTANT_PRODUCT: u8 = 0;
const WEIGHTED: u8 = 1;
const CONCENTRATED: u8 = 2;

fn stake(case: &Value) -> Stake {
    let given = &case["in"];
    Stake {
        curve: if given["kind"] == "v2" {
            CONSTANT_PRODUCT
        } else {
            CONCENTRATED
        },
        liquidity: uint(&given["L"]),
        weight0: U256::ZERO,
        lower: uint(&given["pa"]),
        upper: uint(&given["pb"]),
    }
}

fn core_stake(stake: &Stake) -> curve::Stake {
    let curve = match stake.curve {
        CONSTANT_PRODUCT => curve::Curve::ConstantProduct,
        WEIGHTED => curve::Curve::Weighted {
            weight0: core_wad(stake.weight0),
        },
        _ => curve::Curve::Concentrated {
            lower: core_wad(stake.lower),
            upper: core_wad(stake.upper),
        },
    };
    curve::Stake::new(curve, core_wad(stake.liquidity)).unwrap()
}

fn moved(case: &Value) -> StakeMove {
    StakeMove {
        stake: stake(case),
        entryPrice: uint(&case["in"]["p0"]),
        price: uint(&case["in"]["p"]),
    }
}

#[tokio::test]
async fn every_function_answers_as_the_vectors_and_the_core_do() {
    let chain = Chain::new().await;
    let program = chain.program("stake").await;
    figures(&program).await;
    hedges(&program).await;
    premiums(&program).await;
    program.assert_all_asked(IStakeLensCalls::SELECTORS, IStakeLensCalls::SIGNATURES);
}

async fn figures(program: &super::Program<'_>) {
    let cases = vectors!("v3_position_wad");
    let moves: Vec<_> = cases.iter().map(moved).collect();
    let answers = program.ask(stakeFiguresBatchCall { moves: moves.clone() }).await;
    assert_eq!(answers.len(), cases.len());
    for ((case, r#move), got) in cases.iter().zip(moves).zip(answers) {
        let prices = (core_wad(r#move.entryPrice), core_wad(r#move.price));
        let core = curve::figures(&core_stake(&r#move.stake), prices.0, prices.1).unwrap();
        assert_eq!(program.ask(stakeFiguresCall { r#move }).await, got);
        for (name, chain, core) in [
            ("amount0", got.amount0, core.amount0),
            ("amount1", got.amount1, core.amount1),
            ("value", got.value, core.value),
            ("hold", got.hold, core.hold),
            ("il", got.il.into_raw(), core.il),
            ("il_abs", got.ilAbsolute.into_raw(), core.il_abs),
            ("delta", got.delta, core.delta),
            ("gamma", got.gamma.into_raw(), core.gamma),
            ("dollar_delta", got.dollarDelta, core.dollar_delta),
            ("dollar_gamma", got.dollarGamma.into_raw(), core.dollar_gamma),
            ("delta_ratio", got.deltaRatio, core.delta_ratio),
            ("gamma_ratio", got.gammaRatio.into_raw(), core.gamma_ratio),
            ("il_delta", got.ilDelta.into_raw(), core.il_delta),
        ] {
            assert_vector(chain, core, &case["out"][name]);
        }
    }
}

async fn hedges(program: &super::Program<'_>) {
    let cases = vectors!("delta_hedge");
    let moves: Vec<_> = cases.iter().map(moved).collect();
    let answers = program.ask(deltaHedgeBatchCall { moves: moves.clone() }).await;
    assert_eq!(answers.len(), cases.len());
    for ((case, r#move), got) in cases.iter().zip(moves).zip(answers) {
        let prices = (core_wad(r#move.entryPrice), core_wad(r#move.price));
        let core = hedge::delta_hedge(&core_stake(&r#move.stake), prices.0, prices.1).unwrap();
        assert_eq!(program.ask(deltaHedgeCall { r#move }).await, got);
        let out = &case["out"];
        assert_vector(got.shortValue, core.short_value, &out["short_value"]);
        assert_vector(got.shortIl, core.short_il, &out["short_il"]);
        assert_vector(got.hedgeRatio, core.hedge_ratio, &out["hedge_ratio"]);
        assert_vector(got.gamma, core.gamma, &out["gamma"]);
    }
}

/// What is insured: a stake of one, entered at the spot.
fn insured(curve: u8, [spot, lower, upper]: [&str; 3], volatility: &str, days: u64) -> Insured {
    Insured {
        stake: Stake {
            curve,
            liquidity: uwad("1"),
            weight0: uwad("0.8"),
            lower: uwad(lower),
            upper: uwad(upper),
        },
        entryPrice: uwad(spot),
        market: Market {
            spot: uwad(spot),
            volatility: uwad(volatility),
            secondsLeft: 86_400 * days,
            rate: I256::ZERO,
        },
    }
}

async fn premiums(program: &super::Program<'_>) {
    let plain = ["1", "0", "0"];
    // Premiums as fractions of the entry value; the last is the published calibration of Lipton, Lucic and Sepp without smile.
    let table = [
        (insured(CONSTANT_PRODUCT, plain, "0.5", 30), "0.00256519739446532"),
        (insured(CONSTANT_PRODUCT, plain, "0.6", 7), "0.000862641409412725"),
        (insured(CONSTANT_PRODUCT, plain, "1", 365), "0.117503097415405"),
        (
            insured(CONCENTRATED, ["2000", "1500", "2500"], "0.8", 30),
            "0.0480543798987841",
        ),
        (
            insured(CONCENTRATED, ["1", "0.7", "1.3"], "0.6", 30),
            "0.0251202855495458",
        ),
        (
            insured(CONCENTRATED, ["2200", "2000", "2400"], "0.4861785891939535", 10),
            "0.0161210952982454",
        ),
    ];
    let all: Vec<_> = table.iter().map(|(insured, _)| insured.clone()).collect();
    let answers = program.ask(premiumBatchCall { insured: all }).await;
    assert_eq!(answers.len(), table.len());
    for ((insured, printed), got) in table.into_iter().zip(answers) {
        let market = black_scholes::Market {
            spot: core_wad(insured.market.spot),
            volatility: core_wad(insured.market.volatility),
            seconds: insured.market.secondsLeft,
            rate: Wad(insured.market.rate),
        };
        let core = premium::fair(&core_stake(&insured.stake), core_wad(insured.entryPrice), &market).unwrap();
        assert_eq!(program.ask(premiumCall { insured }).await, got);
        assert_printed(got.fraction, core.fraction, printed);
        assert_eq!(got.value, core.value.0.into_raw());
    }
}

#[tokio::test]
async fn what_lies_outside_a_domain_is_refused_by_name() {
    let chain = Chain::new().await;
    let program = chain.program("stake").await;
    let good = insured(CONCENTRATED, ["1", "0.7", "1.3"], "0.6", 30);
    let with = |change: fn(&mut StakeMove)| {
        let mut r#move = StakeMove {
            stake: good.stake.clone(),
            entryPrice: good.entryPrice,
            price: uwad("1.1"),
        };
        change(&mut r#move);
        stakeFiguresCall { r#move }
    };
    let zero = I256::ZERO;
    let free = with(|m| m.price = U256::ZERO);
    program.refuse(free, PriceNotPositive { wad: zero }).await;
    let empty = with(|m| m.stake.lower = m.stake.upper);
    let (lower, upper) = (wad("1.3"), wad("1.3"));
    program.refuse(empty, EmptyPriceRange { lower, upper }).await;
    let whole = with(|m| (m.stake.curve, m.stake.weight0) = (WEIGHTED, uwad("1")));
    program.refuse(whole, WeightOutOfRange { weight0: uwad("1") }).await;
    // What Solidity would take for a negative number is none here: an unsigned wad above the largest.
    program
        .refuse(with(|m| m.stake.liquidity = U256::MAX), Overflow {})
        .await;
    let mut wild = good.clone();
    wild.market.volatility = uwad("1000001");
    let refused = VolatilityOutOfRange { wad: wad("1000001") };
    program.refuse(premiumCall { insured: wild }, refused).await;
    let mut long = good.clone();
    long.market.secondsLeft = u64::MAX;
    let refused = TermOutOfRange { secondsLeft: u64::MAX };
    program.refuse(premiumCall { insured: long }, refused).await;
    let mut dear = good.clone();
    dear.market.rate = wad("5");
    program
        .refuse(premiumCall { insured: dear }, RateOutOfRange { wad: wad("5") })
        .await;
    // There is no fourth curve.
    let fourth = with(|m| m.stake.curve = 3);
    let answer = program
        .raw(alloy::sol_types::SolCall::abi_encode(&fourth), U256::ZERO)
        .await;
    assert_eq!(answer, Err(Default::default()));
}
