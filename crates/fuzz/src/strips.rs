//! Strips and strangles: sizes that are never short, and a residual that is the LP's between the outermost strikes.

use crate::{Input, options};
use hedgerow_core::curve::{Curve, Stake};
use hedgerow_core::strangle::{Wings, strangle};
use hedgerow_core::strip::{Leg, Strip};
use hedgerow_core::{I256, Wad};

/// The target's body.
pub fn body(data: &[u8]) {
    let mut input = Input::new(data);
    let entry = input.price();
    let mut strikes: Vec<_> = (0..input.byte() % 12)
        .map(|_| {
            if input.byte().is_multiple_of(2) {
                input.price()
            } else {
                near(entry, &mut input)
            }
        })
        .collect();
    strikes.push(entry);
    if !input.byte().is_multiple_of(8) {
        strikes.sort();
        strikes.dedup();
    }
    let (first, last) = (strikes[0], strikes[strikes.len() - 1]);
    let curve = match input.byte() % 4 {
        0 => Curve::ConstantProduct,
        1 => Curve::Weighted {
            weight0: input.weight(),
        },
        2 => Curve::Concentrated {
            lower: input.price(),
            upper: input.price(),
        },
        _ => Curve::Concentrated {
            lower: first,
            upper: last,
        },
    };
    let Ok(stake) = Stake::new(curve, input.price()) else {
        return;
    };
    let terms = options::terms(&mut input);
    let wings = Wings {
        low: first,
        put_strike: entry,
        call_strike: entry,
        high: last,
    };
    if let Ok(sized) = strangle(&stake, entry, &wings, &terms.market()) {
        assert!(sized.puts >= Wad::ZERO && sized.calls >= Wad::ZERO && sized.premium >= Wad::ZERO);
        assert!(sized.il_low <= Wad::ZERO && sized.il_high <= Wad::ZERO);
    }
    let Ok(strip) = Strip::new(&stake, entry, &strikes) else {
        return;
    };
    let mut legs = vec![Leg::default(); strikes.len()];
    if strip.sizes(&mut legs).is_ok() {
        assert!(
            legs.iter().all(|leg| leg.put >= Wad::ZERO && leg.call >= Wad::ZERO),
            "{curve:?} {strikes:?} {legs:?}"
        );
        let priced = strip.sizes_and_premium(&terms.market(), &mut legs);
        assert_eq!(priced, strip.premium(&terms.market()));
    }
    let at = near(entry, &mut input);
    if first <= at
        && at <= last
        && let Ok(residual) = strip.residual(at)
    {
        assert!(residual >= Wad::ZERO, "{curve:?} {strikes:?} at {at:?}: {residual:?}");
    }
}

/// A price within a factor of two.
fn near(price: Wad, input: &mut Input<'_>) -> Wad {
    let offset = price.0 >> (1 + usize::from(input.byte() % 64));
    let near = if input.byte().is_multiple_of(2) {
        price.0.saturating_add(offset)
    } else {
        price.0 - offset
    };
    Wad(near.max(I256::ONE))
}
