//! The reference held against the vectors' 60 digits and against identities that it is not built on.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod reference;

use common::{i256, vectors};
use reference::{BlackScholes, Cases, Num, SECONDS_PER_YEAR, e, ln_2, pi};
use serde_json::Value;

fn assert_digits(got: &Num, printed: &str) {
    let error = Num::decimal(printed).relative_error_of(got).abs();
    // The last of 60 digits may be rounded either way.
    assert!(error < 1e-58, "{printed}: off by {error:e}");
}

/// `got` against the 60 digits of an output.
fn assert_output(case: &Value, output: &str, got: &Num) {
    assert_digits(got, case["out"][output]["dec"].as_str().unwrap());
}

fn input(case: &Value, name: &str) -> Num {
    Num::wad(i256(&case["in"][name]))
}

/// Agreement of two ways to the same number, to 76 digits.
fn assert_same(left: &Num, right: &Num) {
    let error = left.relative_error_of(right).abs();
    assert!(error < 1e-76, "{left:?} is not {right:?}: off by {error:e}");
}

#[test]
fn constants_are_the_published_ones() {
    assert_digits(
        pi(),
        "3.14159265358979323846264338327950288419716939937510582097494459230781640629",
    );
    assert_digits(
        e(),
        "2.71828182845904523536028747135266249775724709369995957496696762772407663035",
    );
    assert_digits(
        ln_2(),
        "0.693147180559945309417232121458176568075500134360255254120680009493393621969695",
    );
}

#[test]
fn elementary_functions_have_the_vectors_digits() {
    for case in vectors(include_str!("vectors/exp.json")) {
        assert_output(&case, "exp", &input(&case, "x").exp());
    }
    for case in vectors(include_str!("vectors/ln.json")) {
        assert_output(&case, "ln", &input(&case, "x").ln());
    }
    for case in vectors(include_str!("vectors/pow.json")) {
        assert_output(&case, "pow", &input(&case, "x").pow(&input(&case, "y")));
    }
    for case in vectors(include_str!("vectors/sqrt.json")) {
        assert_output(&case, "sqrt", &input(&case, "x").sqrt());
    }
    for case in vectors(include_str!("vectors/expm1_ln1p.json")) {
        assert_output(&case, "expm1", &input(&case, "x").exp_m1());
        assert_output(&case, "ln1p", &input(&case, "x").ln_1p());
    }
}

#[test]
fn normal_distribution_has_the_vectors_digits() {
    for case in vectors(include_str!("vectors/ncdf.json")) {
        assert_output(&case, "cdf", &input(&case, "x").cdf());
        assert_output(&case, "pdf", &input(&case, "x").pdf());
    }
    for case in vectors(include_str!("vectors/ncdf_inv.json")) {
        assert_output(&case, "z", &input(&case, "p").inverse_cdf());
    }
}

#[test]
fn black_scholes_has_the_vectors_digits() {
    for case in vectors(include_str!("vectors/bs.json")) {
        let years = Num::i256(i256(&case["in"]["secs"])) / SECONDS_PER_YEAR;
        let [spot, strike, volatility, rate] = ["S", "K", "sigma", "r"].map(|name| input(&case, name));
        let option = BlackScholes::new(spot, strike, years, volatility, rate);
        for (output, got) in [
            ("d1", option.d1.clone()),
            ("d2", option.d2.clone()),
            ("call", option.call()),
            ("put", option.put()),
            ("delta_call", option.call_delta()),
            ("delta_put", option.put_delta()),
            ("gamma", option.gamma()),
            ("vega", option.vega()),
            ("theta_call", option.call_theta()),
            ("theta_put", option.put_theta()),
            ("rho_call", option.call_rho()),
            ("rho_put", option.put_rho()),
        ] {
            assert_output(&case, output, &got);
        }
    }
}

#[test]
fn the_tail_of_the_normal_distribution_has_published_digits() {
    // sqrt(pi / 2) ends the walk through the tables; the others to 60 digits by another arbitrary-precision library.
    assert_same(&Num::int(0).mills(), &pi().shifted(-1).sqrt());
    for (x, cdf) in [
        (
            "-0.03125",
            "4.8753508256562287269740670922860171312732309937681758388636512e-1",
        ),
        (
            "-0.5",
            "3.0853753872598689636229538939166226011639782444542206317922386e-1",
        ),
        (
            "-1",
            "1.5865525393145705141476745436796207752208703327339560901260555e-1",
        ),
        (
            "-2.71828",
            "3.281113969862501009504367410631377948421935861645850433050688e-3",
        ),
        (
            "-5.0625",
            "2.0689703270164974189348790291256095123399243823404949827293967e-7",
        ),
        (
            "-8",
            "6.2209605742717841235159951725881884224887172789002758015237635e-16",
        ),
        (
            "-15.99",
            "7.5015504117682441149823173293571806192111791928165380851206745e-58",
        ),
        (
            "-31.96875",
            "1.4827508758975165727863318177863667719835333185836162306878674e-224",
        ),
        (
            "-31.999",
            "5.6295414300075824960525473379072300427022877562076193534559866e-225",
        ),
        (
            "-32",
            "5.4520806035123960919623525038697080788735754690472374940491372e-225",
        ),
        (
            "-37.5",
            "4.6053530095819548438279690976108962389206926373924721895056663e-308",
        ),
    ] {
        assert_digits(&Num::decimal(x).cdf(), cdf);
    }
}

#[test]
fn inverses_undo_each_other() {
    Cases::new("reference inverses").divided(100).run(|random| {
        let x = Num::uwad(random.log_wad(-18, 59));
        assert_same(&x, &x.ln().exp());
        assert_same(&x, &x.sqrt().square());
        let small = Num::uwad(random.log_wad(-18, 0));
        assert_same(&small, &small.exp_m1().ln_1p());
        assert_same(&-&small, &(-&small).exp_m1().ln_1p());
        let p = Num::uwad(random.fraction());
        assert_same(&p, &p.inverse_cdf().cdf());
        // Mills' ratio is analytic, so its tables must meet half-way between two of them, and where the asymptotic series starts.
        let knot = Num::ratio(random.below(640) as i64 * 2 + 1, 32);
        let hair = Num::int(1).shifted(-280);
        assert_same(&(&knot - &hair).mills(), &(&knot + &hair).mills());
    });
}
