//! The swap that reaches a range's ratio, against a pool whose ticks are anything.

use crate::Input;
use hedgerow_core::swap::compute_step;
use hedgerow_core::zap::{Pool, Ticks, solve};
use hedgerow_core::{Error, I256, tick};

/// Ticks at multiples of a spacing, their net liquidity a function of the seed; may be wrong on purpose.
struct Scripted {
    spacing: i32,
    seed: u64,
    honest: bool,
    left: u32,
}

impl Ticks for Scripted {
    type Error = Error;

    fn next(&mut self, tick: i32, zero_for_one: bool) -> Result<(i32, bool), Error> {
        self.left = self.left.checked_sub(1).ok_or(Error::ZeroLiquidity)?;
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        if !self.honest && self.seed.is_multiple_of(3) {
            return Ok(((self.seed >> 32) as i32, true));
        }
        let floor = tick.div_euclid(self.spacing) * self.spacing;
        Ok((
            if zero_for_one { floor } else { floor + self.spacing },
            self.seed >> 63 == 1,
        ))
    }

    fn liquidity_net(&mut self, _: i32) -> Result<i128, Error> {
        let net = i128::from(self.seed as i64);
        Ok(if self.honest {
            net >> 20
        } else {
            net << (self.seed % 64)
        })
    }
}

/// The target's body.
pub fn body(data: &[u8]) {
    let mut input = Input::new(data);
    let sqrt_price = input.sqrt_price();
    let pool = Pool {
        sqrt_price,
        tick: tick::tick_at_sqrt_price(sqrt_price).unwrap_or_default(),
        liquidity: u128::from(input.u64()) << (input.byte() % 64),
        fee_pips: u32::from_le_bytes(input.bytes()) % 1_000_002,
    };
    let (lower, upper) = input.range();
    let Ok((a, b)) = tick::range_sqrt_prices(lower, upper) else {
        panic!("[{lower}, {upper}] is no range");
    };
    let (amount0, amount1) = (input.word() >> 128_usize, input.word() >> 128_usize);
    let mut ticks = Scripted {
        spacing: 1 + i32::from(input.byte()),
        seed: input.u64(),
        honest: !input.byte().is_multiple_of(4),
        left: 300,
    };
    if let Ok(plan) = solve(&pool, a, b, amount0, amount1, &mut ticks) {
        // Nothing is sold that is not held, and what is bought is added.
        let (sold, kept, bought, had) = if plan.zero_for_one {
            (plan.amount_in, plan.amount0, plan.amount1, (amount0, amount1))
        } else {
            (plan.amount_in, plan.amount1, plan.amount0, (amount1, amount0))
        };
        assert!(sold <= had.0 && kept == had.0 - sold, "{plan:?}");
        assert_eq!(bought, had.1 + plan.amount_out, "{plan:?}");
    }
    let remaining = I256::from_raw(input.word());
    if let Ok(step) = compute_step(sqrt_price, input.sqrt_price(), pool.liquidity, remaining, pool.fee_pips)
        && !remaining.is_negative()
    {
        assert!(
            step.amount_in + step.fee <= remaining.into_raw(),
            "{step:?} of {remaining}"
        );
    }
}
