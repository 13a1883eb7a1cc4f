//! A Uniswap v3 pool reduced to its swap loop, on an independent implementation of the step.

use hedgerow_core::tick::{MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK};
use hedgerow_core::{Error, I256, U256, zap};
use std::collections::BTreeMap;
use uniswap_v3_math::swap_math::compute_swap_step;
use uniswap_v3_math::tick_math::{get_sqrt_ratio_at_tick, get_tick_at_sqrt_ratio};

#[derive(Debug, Clone)]
pub struct SimPool {
    pub sqrt_price: U256,
    pub tick: i32,
    pub liquidity: u128,
    pub fee_pips: u32,
    pub spacing: i32,
    pub net: BTreeMap<i32, i128>,
}

impl SimPool {
    pub fn new(sqrt_price: U256, fee_pips: u32, spacing: i32) -> Self {
        let tick = get_tick_at_sqrt_ratio(sqrt_price).unwrap();
        Self {
            sqrt_price,
            tick,
            liquidity: 0,
            fee_pips,
            spacing,
            net: BTreeMap::new(),
        }
    }

    pub fn mint(&mut self, lower: i32, upper: i32, liquidity: u128) {
        *self.net.entry(lower).or_default() += liquidity as i128;
        *self.net.entry(upper).or_default() -= liquidity as i128;
        self.net.retain(|_, net| *net != 0);
        if lower <= self.tick && self.tick < upper {
            self.liquidity += liquidity;
        }
    }

    pub fn state(&self) -> zap::Pool {
        zap::Pool {
            sqrt_price: self.sqrt_price,
            tick: self.tick,
            liquidity: self.liquidity,
            fee_pips: self.fee_pips,
        }
    }

    /// `UniswapV3Pool.swap` with exact input and no price limit of its own; returns what was taken and paid.
    pub fn swap(&mut self, zero_for_one: bool, amount_in: U256) -> (U256, U256) {
        let one = U256::from(1);
        let limit = if zero_for_one {
            MIN_SQRT_PRICE + one
        } else {
            MAX_SQRT_PRICE - one
        };
        let (mut remaining, mut paid) = (amount_in, U256::ZERO);
        while !remaining.is_zero() && self.sqrt_price != limit {
            let (next, initialised) = self.next_within_word(self.tick, zero_for_one);
            let next = next.clamp(MIN_TICK, MAX_TICK);
            let boundary = get_sqrt_ratio_at_tick(next).unwrap();
            let target = if zero_for_one {
                boundary.max(limit)
            } else {
                boundary.min(limit)
            };
            let signed = I256::try_from(remaining).unwrap();
            let (price, taken, out, fee) =
                compute_swap_step(self.sqrt_price, target, self.liquidity, signed, self.fee_pips).unwrap();
            remaining -= taken + fee;
            paid += out;
            let before = std::mem::replace(&mut self.sqrt_price, price);
            if price == boundary {
                if initialised {
                    let net = self.net[&next];
                    self.liquidity = self
                        .liquidity
                        .checked_add_signed(if zero_for_one { -net } else { net })
                        .unwrap();
                }
                self.tick = if zero_for_one { next - 1 } else { next };
            } else if price != before {
                self.tick = get_tick_at_sqrt_ratio(price).unwrap();
            }
        }
        (amount_in - remaining, paid)
    }

    /// The nearest initialised tick inside the bitmap word, or the word's end, found by looking at every tick there.
    fn next_within_word(&self, tick: i32, zero_for_one: bool) -> (i32, bool) {
        let mut compressed = tick.div_euclid(self.spacing) + i32::from(!zero_for_one);
        loop {
            let candidate = compressed * self.spacing;
            if self.net.contains_key(&candidate) {
                return (candidate, true);
            }
            if compressed.rem_euclid(256) == if zero_for_one { 0 } else { 255 } {
                return (candidate, false);
            }
            compressed += if zero_for_one { -1 } else { 1 };
        }
    }
}

impl zap::Ticks for SimPool {
    type Error = Error;

    fn next(&mut self, tick: i32, zero_for_one: bool) -> Result<(i32, bool), Error> {
        Ok(self.next_within_word(tick, zero_for_one))
    }

    fn liquidity_net(&mut self, tick: i32) -> Result<i128, Error> {
        Ok(self.net[&tick])
    }
}
