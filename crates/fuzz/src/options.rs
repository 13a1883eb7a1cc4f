//! Black–Scholes and implied volatility: bounds, parity, and repricing.

use crate::Input;
use hedgerow_core::black_scholes::{Kind, Terms, YEAR, price_and_delta, quote};
use hedgerow_core::implied_vol::implied_volatility;
use hedgerow_core::{I256, Real, Rounding, U256, Wad};

/// The target's body.
pub fn body(data: &[u8]) {
    let mut input = Input::new(data);
    let terms = terms(&mut input);
    let kind = if input.byte().is_multiple_of(2) {
        Kind::Call
    } else {
        Kind::Put
    };
    check(&terms, kind);
    // Any price, solvable or not.
    let price = input.price();
    if let Ok(volatility) = implied_volatility(kind, price, &terms) {
        reprices(kind, price, &Terms { volatility, ..terms });
    }
}

/// Terms of every size, mostly inside the domain.
pub fn terms(input: &mut Input<'_>) -> Terms {
    let wild = input.byte().is_multiple_of(8);
    let spot = input.price();
    let strike = match input.byte() % 3 {
        0 => input.price(),
        1 => Wad(spot.0.saturating_add(I256::from_raw(input.word() >> 192_usize))),
        _ => Wad(spot
            .0
            .wrapping_add(spot.0 >> (input.byte() as usize % 64))
            .saturating_abs()),
    };
    if wild {
        let (volatility, rate) = (input.wad(), input.wad());
        return Terms {
            spot,
            strike,
            volatility,
            seconds: input.u64(),
            rate,
        };
    }
    let whole = 1 << (input.byte() % 20);
    Terms {
        spot,
        strike,
        volatility: input.up_to(whole),
        seconds: input.below(100 * YEAR + 1) >> (input.byte() % 32),
        rate: Wad(input.up_to(5).0 - Wad::ONE.0),
    }
}

fn check(terms: &Terms, kind: Kind) {
    let Ok(priced) = price_and_delta(terms) else {
        return;
    };
    let unit = Real::from_wad(Wad(I256::ONE));
    let years = Real::quotient(U256::from(terms.seconds), U256::from(YEAR));
    let (spot, strike) = (Real::from_wad(terms.spot), Real::from_wad(terms.strike));
    let discounted = strike * (-(Real::from_wad(terms.rate) * years)).exp();
    let slack = unit.double() + (spot + discounted).scaled(-98);
    let (call, put) = (Real::from_wad(priced.call), Real::from_wad(priced.put));
    assert!(
        (call - put - (spot - discounted)).abs() <= slack,
        "parity: {terms:?} {priced:?}"
    );
    assert!(!call.is_negative() && call <= spot + slack, "{terms:?} {priced:?}");
    assert!(!put.is_negative() && put <= discounted + slack, "{terms:?} {priced:?}");
    assert!(
        priced.delta >= Wad::ZERO && priced.delta <= Wad::ONE,
        "{terms:?} {priced:?}"
    );
    if let Ok(quote) = quote(terms) {
        assert_eq!(
            (quote.call, quote.put, quote.delta_call),
            (priced.call, priced.put, priced.delta)
        );
        assert!(quote.gamma >= Wad::ZERO && quote.vega >= Wad::ZERO && quote.rho_call >= Wad::ZERO);
        assert!(quote.delta_put <= Wad::ZERO && quote.rho_put <= Wad::ZERO);
    }
    let price = match kind {
        Kind::Call => priced.call,
        Kind::Put => priced.put,
    };
    if terms.seconds > 0 {
        match implied_volatility(kind, price, terms) {
            Ok(volatility) => reprices(kind, price, &Terms { volatility, ..*terms }),
            // Total volatility may exceed what the answer's type or the domain of prices holds.
            Err(error) => panic!("{terms:?}, {kind:?} at {price:?}: {error}"),
        }
    }
}

/// Half a unit, what half a unit of volatility is worth, and 2^-98 of the larger price.
fn reprices(kind: Kind, price: Wad, terms: &Terms) {
    let Ok(priced) = price_and_delta(terms) else {
        // A volatility beyond the domain reprices nowhere.
        return;
    };
    let again = match kind {
        Kind::Call => priced.call,
        Kind::Put => priced.put,
    };
    let larger = Real::from_wad(terms.spot) + Real::from_wad(price) + Real::from_wad(again);
    let units =
        Real::from_wad(Wad(I256::unchecked_from(2))) + larger.scaled(-98) + Real::from_wad(terms.spot).scaled(-58);
    let off = (Real::from_wad(again) - Real::from_wad(price)).abs();
    assert!(
        off <= units,
        "{kind:?} {terms:?}: {again:?}, not {price:?}, by {:?}",
        off.to_wad(Rounding::Up)
    );
}
