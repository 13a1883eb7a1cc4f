//! What an activation pays for the space that its machine code takes on every node: a price per byte that rises
//! exponentially with recent demand.

use alloy::primitives::U256;
use revm::Database;

use super::state;
use crate::chain::context::ArbContext;

/// Bytes that the chain takes in for the least price: 1 TiB a year.
const BYTES_PER_SECOND: u64 = 34_865;
/// Demand, in bytes, at which the price has risen by the factor e.
const INERTIA: u64 = 21_360_419;
/// Least price of a byte, in wei.
const MIN_PRICE: u64 = 82_928_201;
const ONE_IN_BIPS: u64 = 10_000;
const TERMS: u64 = 12;

/// The demand after `bytes` more, `seconds` after the last ones, and the fee for them in wei.
pub fn fee(demand: u32, seconds: u64, bytes: u32) -> (u32, u64) {
    let served = u32::try_from(BYTES_PER_SECOND.saturating_mul(seconds)).unwrap_or(u32::MAX);
    let demand = demand.saturating_sub(served).saturating_add(bytes);
    let exponent = ONE_IN_BIPS * u64::from(demand) / INERTIA;
    let price = u128::from(MIN_PRICE) * u128::from(exp_bips(exponent)) / u128::from(ONE_IN_BIPS);
    let price = u64::try_from(price).unwrap_or(u64::MAX);
    (demand, price.saturating_mul(u64::from(bytes)))
}

/// e^x in basis points, by twelve terms of its series, each rounded down.
fn exp_bips(x: u64) -> u64 {
    let mut result = ONE_IN_BIPS + x / TERMS;
    for term in (1..TERMS).rev() {
        result = ONE_IN_BIPS + result.saturating_mul(x) / (term * ONE_IN_BIPS);
    }
    result
}

/// Takes `bytes` into account at time `now` and answers their fee in wei.
///
/// # Errors
/// What the database reports.
pub fn charge<DB: Database>(ctx: &mut ArbContext<DB>, bytes: u32, now: u64) -> Result<U256, DB::Error> {
    let (demand_slot, time_slot) = (state::slot("data demand", &[]), state::slot("data time", &[]));
    let demand = state::load(ctx, demand_slot)?.saturating_to();
    let last: u64 = state::load(ctx, time_slot)?.saturating_to();
    let (demand, fee) = fee(demand, now.saturating_sub(last), bytes);
    state::store(ctx, demand_slot, U256::from(demand))?;
    state::store(ctx, time_slot, U256::from(now))?;
    Ok(U256::from(fee))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_program_pays_what_nitro_charges() {
        // Published for the example program of 745,414 bytes.
        assert_eq!(fee(0, 0, 745_414), (745_414, 64_004_122_592_626));
    }

    #[test]
    fn demand_is_served_as_time_passes() {
        let (demand, dear) = fee(30_000_000, 1, 1_000);
        assert_eq!(demand, 30_000_000 - 34_865 + 1_000);
        let (demand, cheap) = fee(30_000_000, 1_000, 1_000);
        assert_eq!(demand, 1_000);
        assert!(cheap < dear);
    }

    #[test]
    fn the_series_follows_the_exponential() {
        for x in [0, 1, 348, 9_999, 20_000, 40_000] {
            let exact = (x as f64 / 10_000.0).exp() * 10_000.0;
            let have = exp_bips(x) as f64;
            assert!(
                have <= exact + 1.0 && have >= exact * 0.999 - 4.0,
                "{x}: {have} for {exact}"
            );
        }
    }
}
