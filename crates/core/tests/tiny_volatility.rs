//! Deltas where next to no volatility divides the moneyness: an error in it must not reach them.
#![allow(missing_docs, clippy::unwrap_used)]

use hedgerow_core::{
    I256, Wad,
    black_scholes::{Terms, price_and_delta},
};

#[test]
fn a_tiny_volatility_keeps_the_deltas_digits() {
    let one = 1_000_000_000_000_000_000_i128;
    // Spot and strike, sigma, seconds, rate, and cdf(d1) by mpmath to 130 digits.
    let cases = [
        (one, 2, 16_384, -1, 495_453_498_537_229_622),
        (one, 1, 59, 1, 500_545_673_210_345_590),
        (8193, 2, 86_400, 1, 510_439_604_915_417_355),
        (72_057_594_037_927_937, 2, 242, 1, 500_552_566_193_441_928),
    ];
    for (price, volatility, seconds, rate, delta) in cases {
        let wad = |value: i128| Wad(I256::try_from(value).unwrap());
        let terms = Terms {
            spot: wad(price),
            strike: wad(price),
            volatility: wad(volatility),
            seconds,
            rate: wad(rate),
        };
        assert_eq!(price_and_delta(&terms).unwrap().delta, wad(delta), "{terms:?}");
    }
}
