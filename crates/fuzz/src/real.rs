//! Real numbers and the elementary functions: no panic, and what holds of any of them.

use crate::Input;
use hedgerow_core::full_math::{mul_div, mul_div_ceil, sqrt};
use hedgerow_core::{Real, Rounding, U256, Wad, fixed};

/// The target's body.
pub fn body(data: &[u8]) {
    let mut input = Input::new(data);
    let (x, y) = (number(&mut input), number(&mut input));
    arithmetic(x, y);
    functions(x, y);
    wads(input.wad(), input.wad());
    integers(input.word(), input.word(), input.word());
}

fn number(input: &mut Input<'_>) -> Real {
    let number = match input.byte() % 3 {
        0 => Real::from_wad(input.wad()),
        1 => Real::from_i256(input.wad().0),
        _ => Real::quotient(input.word(), input.word()),
    };
    number.scaled(i32::from(input.byte() as i8))
}

/// Agreement to 2^-bits of the larger.
pub fn close(x: Real, y: Real, bits: i32) -> bool {
    let larger = if x.abs() < y.abs() { y } else { x };
    (x - y).abs() <= larger.abs().scaled(-bits)
}

fn arithmetic(x: Real, y: Real) {
    assert!(x + y == y + x && x * y == y * x, "{x:?} {y:?} do not commute");
    assert!((x - y) + (y - x) == Real::ZERO, "{x:?} {y:?}");
    assert!(x.square() == x * x || close(x.square(), x * x, 120));
    if !y.is_zero() {
        assert!(close(x / y * y, x, 120), "{x:?} / {y:?}");
    }
    assert_eq!(x.compare(&y), y.compare(&x).reverse());
    for number in [x, y, x + y, x - y, x * y, x / y] {
        let (down, nearest, up) = (
            number.to_wad(Rounding::Down),
            number.to_wad(Rounding::Nearest),
            number.to_wad(Rounding::Up),
        );
        if let (Ok(down), Ok(nearest), Ok(up)) = (down, nearest, up) {
            assert!(down <= nearest && nearest <= up && up.0 - down.0 <= hedgerow_core::I256::ONE);
            assert!(number.to_ray(Rounding::Down).is_err() || number.to_i256(Rounding::Up).is_ok());
        }
    }
}

fn functions(x: Real, y: Real) {
    let (magnitude, root) = (x.abs(), x.abs().sqrt());
    assert!(close(root.square(), magnitude, 120), "sqrt of {x:?}");
    if magnitude.is_positive() {
        let ln = magnitude.ln();
        if ln.abs() < Real::from_i64(1 << 12) {
            assert!(close(ln.exp(), magnitude, 104), "exp(ln) of {x:?}");
        }
        assert!(close(Real::ln_ratio(magnitude, Real::ONE), ln, 110) || ln.abs() < Real::power_of_two(-100));
        // Neither saturates here.
        if (ln * y).abs() < Real::from_i64(1000) {
            let product = magnitude.pow(y) * magnitude.pow(-y);
            assert!(close(product, Real::ONE, 100), "{x:?} to the {y:?}");
        }
    }
    if x.abs() < Real::from_i64(1000) {
        assert!(close(x.exp() * (-x).exp(), Real::ONE, 104), "exp of {x:?}");
        assert!(
            close(x.exp_m1().ln_1p(), x, 100) || x < Real::from_i64(-8),
            "expm1 of {x:?}"
        );
    }
    // Monotonic, as far as the functions' own error lets one see.
    if x <= y && y.abs() < Real::from_i64(1000) {
        assert!(x.exp().lowered(110) <= y.exp(), "exp falls between {x:?} and {y:?}");
    }
    let _ = (
        x.exp(),
        x.exp_m1(),
        x.ln(),
        x.ln_1p(),
        x.pow(y),
        x.pdf(),
        x.cdf(),
        x.abs().mills(),
    );
}

/// The checked wrappers: monotonic to the unit, inverse to each other.
fn wads(x: Wad, y: Wad) {
    let (x, y) = if x <= y { (x, y) } else { (y, x) };
    for function in [
        fixed::exp,
        fixed::expm1,
        fixed::ln,
        fixed::ln1p,
        fixed::log2,
        fixed::sqrt,
    ] {
        if let (Ok(low), Ok(high)) = (function(x), function(y)) {
            assert!(low <= high, "{x:?} gives {low:?}, {y:?} {high:?}");
        }
    }
    let _ = (fixed::pow(x, y), fixed::pow(y, x), fixed::npdf(x));
    if let Ok(root) = fixed::sqrt(y) {
        let (square, unit) = (root.0.into_raw(), U256::from(1_000_000_000_000_000_000_u64));
        assert!(mul_div(square, square, unit).is_ok_and(|floor| floor <= y.0.into_raw()));
    }
    assert_eq!(fixed::pow(y, Wad::ONE).is_ok(), y >= Wad::ZERO);
}

fn integers(a: U256, b: U256, c: U256) {
    match (mul_div(a, b, c), mul_div_ceil(a, b, c)) {
        (Ok(floor), Ok(ceil)) => assert!(ceil == floor || ceil == floor + U256::from(1)),
        (Ok(floor), Err(_)) => assert_eq!(floor, U256::MAX),
        (Err(down), Err(up)) => assert_eq!(down, up),
        (Err(_), Ok(_)) => panic!("{a} * {b} / {c} fits rounded up only"),
    }
    let root = sqrt(a);
    assert!(root * root <= a && a - root * root <= root << 1_usize);
}
