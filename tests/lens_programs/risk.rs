//! Elementary functions and losses.

use super::{Bits, Chain, I256, U256, assert_vector, core_wad, int, uint, uints, uwad, vectors, wad, wads};
use hedgerow::bindings::IRiskLens::*;
use hedgerow_core::{Wad, fixed, full_math, il};

#[tokio::test]
async fn every_function_answers_as_the_vectors_and_the_core_do() {
    let chain = Chain::new().await;
    let risk = chain.program("risk").await;
    // One function: alone and of all cases at once. `x` from a case, the calls, the core's function, the figure's name.
    macro_rules! function {
        ($file:literal, $out:literal, $core:path, |$case:ident| $x:expr, |$given:ident| $call:expr, |$all:ident| $batch:expr) => {{
            let cases = vectors!($file);
            let $all: Vec<_> = cases.iter().map(|$case| $x).collect();
            let inputs = $all.clone();
            let answers = risk.ask($batch).await;
            assert_eq!(answers.len(), cases.len());
            for ((case, $given), answer) in cases.iter().zip(inputs).zip(answers) {
                assert_eq!(risk.ask($call).await, answer);
                assert_vector(
                    answer,
                    $core(Wad(I256::from_raw(Bits::bits($given)))).unwrap(),
                    &case["out"][$out],
                );
            }
        }};
    }
    function!(
        "exp",
        "exp",
        fixed::exp,
        |c| int(&c["in"]["x"]),
        |x| expCall { x },
        |x| expBatchCall { x }
    );
    function!(
        "expm1_ln1p",
        "expm1",
        fixed::expm1,
        |c| int(&c["in"]["x"]),
        |x| expm1Call { x },
        |x| expm1BatchCall { x }
    );
    function!(
        "expm1_ln1p",
        "ln1p",
        fixed::ln1p,
        |c| int(&c["in"]["x"]),
        |x| ln1pCall { x },
        |x| ln1pBatchCall { x }
    );
    function!("ln", "ln", fixed::ln, |c| uint(&c["in"]["x"]), |x| lnCall { x }, |x| {
        lnBatchCall { x }
    });
    function!(
        "ncdf",
        "cdf",
        fixed::ncdf,
        |c| int(&c["in"]["x"]),
        |x| ncdfCall { x },
        |x| ncdfBatchCall { x }
    );
    function!(
        "ncdf",
        "pdf",
        fixed::npdf,
        |c| int(&c["in"]["x"]),
        |x| npdfCall { x },
        |x| npdfBatchCall { x }
    );
    function!(
        "ncdf_inv",
        "z",
        fixed::ncdf_inv,
        |c| uint(&c["in"]["p"]),
        |p| ncdfInverseCall { p },
        |p| ncdfInverseBatchCall { p }
    );
    let cases = vectors!("pow");
    let pairs: Vec<_> = cases
        .iter()
        .map(|case| [int(&case["in"]["x"]), int(&case["in"]["y"])])
        .collect();
    let powers = risk
        .ask(powBatchCall {
            basesAndExponents: pairs.clone(),
        })
        .await;
    for ((case, [x, y]), power) in cases.iter().zip(pairs).zip(powers) {
        assert_eq!(
            risk.ask(powCall {
                base: x.into_raw(),
                exponent: y
            })
            .await,
            power
        );
        assert_vector(power, fixed::pow(Wad(x), Wad(y)).unwrap(), &case["out"]["pow"]);
    }
    // The root of two, rounded down.
    let roots = risk
        .ask(sqrtBatchCall {
            x: vec![uwad("2"), uwad("4"), U256::ZERO],
        })
        .await;
    assert_eq!(
        roots,
        [U256::from(1_414_213_562_373_095_048_u64), uwad("2"), U256::ZERO]
    );
    assert_eq!(risk.ask(sqrtCall { x: uwad("2") }).await, roots[0]);
    for case in vectors!("mul_div") {
        let [a, b, denominator] = ["a", "b", "d"].map(|name| uint(&case["in"][name]));
        let down = risk.ask(mulDivCall { a, b, denominator }).await;
        let up = risk.ask(mulDivUpCall { a, b, denominator }).await;
        assert_eq!((down, up), (uint(&case["out"]["floor"]), uint(&case["out"]["ceil"])));
        assert_eq!(Ok(down), full_math::mul_div(a, b, denominator));
    }
    losses(&risk).await;
    risk.assert_all_asked(IRiskLensCalls::SELECTORS, IRiskLensCalls::SIGNATURES);
}

async fn losses(risk: &super::Program<'_>) {
    for case in vectors!("il_multi3") {
        let (ratios, weights) = (uints(&case["in"]["d"]), uints(&case["in"]["w"]));
        let core = il::many(&wads(&ratios), &wads(&weights)).unwrap();
        assert_vector(risk.ask(ilManyCall { ratios, weights }).await, core, &case["out"]["il"]);
    }
    for case in vectors!("il_v2_position") {
        let [entry, price, amount] = ["p0", "p1", "x0"].map(|name| uint(&case["in"][name]));
        let core = il::constant_product_position(core_wad(entry), core_wad(price), core_wad(amount)).unwrap();
        let call = constantProductPositionCall {
            entryPrice: entry,
            price,
            amount0: amount,
        };
        let (got, out) = (risk.ask(call).await, &case["out"]);
        assert_vector(got.value, core.value, &out["lp"]);
        assert_vector(got.hold, core.hold, &out["hold"]);
        assert_vector(got.ilAbsolute, core.il_abs, &out["il_abs"]);
        assert_vector(got.il, core.il, &out["il"]);
    }
    for case in vectors!("il_v2_expected") {
        let [volatility, years] = ["sigma", "T"].map(|name| uint(&case["in"][name]));
        let drift = int(&case["in"]["mu"]);
        let core = il::expected(core_wad(volatility), core_wad(years), Wad(drift)).unwrap();
        let motion = Motion {
            volatility,
            timeInYears: years,
            drift,
        };
        let got = risk.ask(ilExpectedCall { motion }).await;
        assert_vector(got.ilAbsolute, core.il_abs, &case["out"]["il_abs_over_v0"]);
        assert_vector(got.il, core.il, &case["out"]["il_pct"]);
    }
}

#[tokio::test]
async fn what_lies_outside_a_domain_is_refused_by_name() {
    let chain = Chain::new().await;
    let risk = chain.program("risk").await;
    let (one, minus, zero) = (wad("1"), wad("-1"), I256::ZERO);
    risk.refuse(expCall { x: wad("1000") }, Overflow {}).await;
    risk.refuse(lnCall { x: U256::ZERO }, NotPositive { wad: zero }).await;
    risk.refuse(ln1pCall { x: minus }, NotAboveMinusOne { wad: minus })
        .await;
    risk.refuse(ncdfInverseCall { p: uwad("1") }, ProbabilityOutOfRange { wad: one })
        .await;
    let (a, b) = (U256::ONE, U256::ONE);
    risk.refuse(
        mulDivCall {
            a,
            b,
            denominator: U256::ZERO,
        },
        ZeroDenominator {},
    )
    .await;
    let wide = mulDivUpCall {
        a: U256::MAX,
        b: U256::MAX,
        denominator: b,
    };
    risk.refuse(wide, Overflow {}).await;
    // From 2^255 on an unsigned wad is no wad.
    risk.refuse(
        sqrtCall {
            x: U256::from(1) << 255,
        },
        Overflow {},
    )
    .await;
    let many = |ratios: &[&str], weights: &[&str]| ilManyCall {
        ratios: ratios.iter().map(|ratio| uwad(ratio)).collect(),
        weights: weights.iter().map(|weight| uwad(weight)).collect(),
    };
    let lengths = LengthsDiffer {
        first: U256::from(2),
        second: U256::from(1),
    };
    risk.refuse(many(&["1", "2"], &["0.5"]), lengths).await;
    risk.refuse(many(&["1", "0"], &["0.5", "0.5"]), NotPositive { wad: zero })
        .await;
    risk.refuse(many(&["1", "2"], &["0.5", "0.6"]), WeightsNotOne { value: wad("1.1") })
        .await;
    risk.refuse(many(&["1", "2"], &["0", "1"]), WeightOutOfRange { weight0: U256::ZERO })
        .await;
    let free = constantProductPositionCall {
        entryPrice: U256::ZERO,
        price: uwad("1"),
        amount0: uwad("1"),
    };
    risk.refuse(free, PriceNotPositive { wad: zero }).await;
    // In a batch one refusal refuses all.
    let x = vec![uwad("1"), U256::ZERO];
    risk.refuse(lnBatchCall { x }, NotPositive { wad: zero }).await;
}
