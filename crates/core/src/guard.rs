//! Checks that a price can be trusted.

/// Whether `tick` lies within `max` ticks of the time-weighted mean, both ends included.
///
/// A tick is a factor of 1.0001 in price, so `max` bounds the price's deviation by the factor `1.0001^max` on either side.
pub fn within_deviation(tick: i32, twap_tick: i32, max: u32) -> bool {
    tick.abs_diff(twap_tick) <= max
}
