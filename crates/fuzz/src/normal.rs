//! The normal distribution: within its bounds, monotonic from one unit to the next, symmetric, and inverted.

use crate::{Input, real::close};
use hedgerow_core::{I256, Real, WAD, Wad, fixed};

/// The target's body.
pub fn body(data: &[u8]) {
    let mut input = Input::new(data);
    let x = input.wad();
    let x = if input.byte().is_multiple_of(8) {
        x
    } else {
        Wad(x.0 % (I256::try_from(WAD).unwrap_or(I256::ONE) * I256::unchecked_from(40)))
    };
    distribution(x);
    tail(Real::from_wad(x));
    quantile(input.weight());
}

fn distribution(x: Wad) {
    let (Ok(cdf), Ok(mirrored)) = (fixed::ncdf(x), fixed::ncdf(Wad(x.0.wrapping_neg()))) else {
        panic!("the distribution has no value at {x:?}");
    };
    assert!(Wad::ZERO <= cdf && cdf <= Wad::ONE, "{x:?}: {cdf:?}");
    assert!((cdf.0 + mirrored.0 - Wad::ONE.0).unsigned_abs() <= I256::ONE.unsigned_abs() || x.0 == I256::MIN);
    // From one unit to the next, and over a jump.
    for step in [1_i64, 2, 1 << 20, 1 << 50] {
        if let Some(beyond) = x.0.checked_add(I256::unchecked_from(step)) {
            assert!(
                fixed::ncdf(Wad(beyond)).is_ok_and(|further| further >= cdf),
                "{x:?} by {step}"
            );
        }
    }
}

fn tail(x: Real) {
    let distance = x.abs();
    if distance < Real::from_i64(200) {
        // The tail is Mills' ratio times the density, and lies between its classical bounds.
        assert!(close((-distance).cdf(), distance.mills() * distance.pdf(), 100));
        let bound = Real::ONE / distance;
        assert!(distance.is_zero() || distance.mills() <= bound.raised(100));
        assert!(distance.is_zero() || distance.mills() >= (distance / (distance.square() + Real::ONE)).lowered(100));
        let beyond = distance + distance.scaled(-100) + Real::power_of_two(-110);
        assert!(
            (-beyond).cdf() <= (-distance).cdf().raised(104),
            "the tail grows at {x:?}"
        );
    }
}

fn quantile(p: Wad) {
    let Ok(x) = fixed::ncdf_inv(p) else {
        assert!(p <= Wad::ZERO || p >= Wad::ONE, "{p:?} has no quantile");
        return;
    };
    // Half a unit of the quantile moves the probability by less than a quarter unit.
    let Ok(back) = fixed::ncdf(x) else {
        panic!("{x:?} has no probability");
    };
    assert!(
        (back.0 - p.0).unsigned_abs() <= I256::ONE.unsigned_abs(),
        "{p:?}: {x:?} has {back:?}"
    );
}
