//! Black–Scholes over 10^5 random inputs (10^7 with `HEDGEROW_LONG`) against the reference.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod reference;

use common::options::{ANY, REALISTIC, WIDE, WIDEST};
use hedgerow_core::Wad;
use hedgerow_core::black_scholes::{Terms, price_and_delta, quote};
use reference::{BlackScholes, Cases, Num, SECONDS_PER_YEAR};

fn exact(terms: &Terms) -> BlackScholes {
    let [spot, strike, volatility, rate] =
        [terms.spot, terms.strike, terms.volatility, terms.rate].map(|wad| Num::wad(wad.0));
    let years = Num::int(terms.seconds) / SECONDS_PER_YEAR;
    BlackScholes::new(spot, strike, years, volatility, rate)
}

/// Half a unit of rounding and less than half a unit of error, but for numbers too long for that.
fn assert_near(exact: &Num, got: Wad, relative: f64, what: &str, terms: &Terms) {
    let error = exact.error_of(got.0, 18).abs();
    let magnitude = exact.to_f64().abs() * 1e18;
    assert!(
        error <= 1.0 + magnitude * relative,
        "{what} of {terms:?}: {got:?} is {error} units off"
    );
}

#[test]
fn prices_and_derivatives_are_right_to_the_unit() {
    Cases::new("Black-Scholes").run(|random| {
        let ranges = random.pick(&[&REALISTIC, &WIDE, &WIDEST, &WIDEST]);
        let terms = ranges.draw(&mut common::options::Random(random.bits()));
        let quote = quote(&terms).unwrap();
        let priced = price_and_delta(&terms).unwrap();
        assert_eq!(
            (priced.call, priced.put, priced.delta),
            (quote.call, quote.put, quote.delta_call)
        );
        let exact = exact(&terms);
        // Each of the reference's functions once: the numbers' 86 digits stand the cancellation.
        let (d1, d2) = (&exact.d1, &exact.d2);
        let (above1, above2, density) = (d1.cdf(), d2.cdf(), d1.pdf());
        let discounted = &exact.strike * (-(&exact.rate * &exact.years)).exp();
        let (asset, cash) = (&exact.spot * &above1, &discounted * &above2);
        let call = &asset - &cash;
        let put = &call - &exact.spot + &discounted;
        let root = exact.years.sqrt();
        let vega = &exact.spot * &density * &root;
        let gamma = &density / (&exact.spot * &exact.volatility * &root);
        let decay = (&vega * &exact.volatility / &exact.years).shifted(-1);
        let (interest, rest) = (&exact.rate * &cash, &discounted - &cash);
        let (price, greek) = (2_f64.powi(-100), 2_f64.powi(-90));
        for (what, exact, got, relative) in [
            ("call", call, quote.call, price),
            ("put", put, quote.put, price),
            ("put's delta", &above1 - &Num::int(1), quote.delta_put, 0.0),
            ("delta", above1, quote.delta_call, 0.0),
            ("d1", d1.clone(), quote.d1, greek),
            ("d2", d2.clone(), quote.d2, greek),
            ("gamma", gamma, quote.gamma, greek),
            ("vanna", -(&density * d2) / &exact.volatility, quote.vanna, greek),
            ("volga", &vega * d1 * d2 / &exact.volatility, quote.volga, greek),
            ("vega", vega, quote.vega, greek),
            ("theta", -&decay - interest, quote.theta_call, greek),
            ("put's theta", &exact.rate * &rest - decay, quote.theta_put, greek),
            ("rho", &cash * &exact.years, quote.rho_call, greek),
            ("put's rho", -(rest * &exact.years), quote.rho_put, greek),
        ] {
            assert_near(&exact, got, relative, what, &terms);
        }
    });
}

/// However large: a unit and 2^-100 of the larger of spot and discounted strike.
#[test]
fn prices_of_any_size_are_right_to_their_precision() {
    Cases::new("Black-Scholes of any size").run(|random| {
        let terms = ANY.draw(&mut common::options::Random(random.bits()));
        let Ok(priced) = price_and_delta(&terms) else {
            // A put at a rate far below zero.
            assert!(terms.rate.0.is_negative());
            return;
        };
        let exact = exact(&terms);
        let discounted = &exact.strike * (-(&exact.rate * &exact.years)).exp();
        let (asset, cash) = (&exact.spot * exact.d1.cdf(), &discounted * exact.d2.cdf());
        let call = asset - cash;
        let put = &call - &exact.spot + &discounted;
        let larger = exact.spot.to_f64().max(discounted.to_f64()) * 1e18;
        for (what, exact, got) in [("call", call, priced.call), ("put", put, priced.put)] {
            let error = exact.error_of(got.0, 18).abs();
            assert!(
                error <= 1.0 + larger * 2_f64.powi(-100),
                "{what} of {terms:?}: {got:?} is {error} units off"
            );
        }
    });
}
