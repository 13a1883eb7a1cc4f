//! Impermanent loss of a weighted pool of any number of assets.

use crate::curve::loss_ratio;
use crate::{Error, Real, Result, Wad};

/// An allowance of 2^-100 for what the logarithms may be wrong by together: each by less than 2^-115 of at most 135, and their
/// weights sum to one.
const ALLOWANCE: Real = Real::power_of_two(-100);

/// IL of a pool of several assets: `prod(r_i^w_i) / sum(w_i r_i) - 1`, with each asset's price ratio `r_i` (now over entry, in
/// any one currency) and weight `w_i`, as wads.
///
/// Domain: as many weights as ratios, at least one; ratios above zero; weights above zero that sum to exactly 1e18. Never above
/// the exact value and less than 1 + 2^-40 units of 1e-18 below it; zero exactly when all ratios are equal. Errors:
/// [`Error::LengthsDiffer`], [`Error::NotPositive`] for a ratio, [`Error::WeightOutOfRange`] for a weight,
/// [`Error::WeightsNotOne`] with their sum. Source: Balancer's documentation.
pub fn many(ratios: &[Wad], weights: &[Wad]) -> Result<Wad> {
    if ratios.len() != weights.len() {
        return Err(Error::LengthsDiffer(ratios.len(), weights.len()));
    }
    let mut total = Wad::ZERO.0;
    let (mut logs, mut hold) = (Real::ZERO, Real::ZERO);
    for (ratio, weight) in ratios.iter().zip(weights) {
        if !ratio.is_positive() {
            return Err(Error::NotPositive(ratio.0));
        }
        if !weight.is_positive() || *weight > Wad::ONE {
            return Err(Error::WeightOutOfRange(weight.0.into_raw()));
        }
        // Both at most 1e18 here and the sum below 1e18 times the number of assets: far from wrapping.
        total = total.wrapping_add(weight.0);
        let (ratio, weight) = (Real::from_wad(*ratio), Real::from_wad(*weight));
        logs = logs + weight * ratio.ln();
        hold = hold + weight * ratio;
    }
    if total != Wad::ONE.0 {
        return Err(Error::WeightsNotOne(total));
    }
    if ratios.windows(2).all(|pair| pair.first() == pair.last()) {
        return Ok(Wad::ZERO);
    }
    let log = logs - hold.ln() - ALLOWANCE;
    // Unequal ratios lose something, however little.
    let log = if log.is_negative() { log } else { -ALLOWANCE };
    loss_ratio(log.exp_m1())
}
