//! Fixed-point numbers of 112 binary places in four limbs of 28 bits, for code that runs inside a program's loop.
//!
//! Wasm has neither a 64 × 64 → 128-bit product nor a carry, but 28-bit limbs leave so much room in 64 bits that a product's
//! columns are summed without either: a multiplication is ten of the machine's own and costs a quarter of one of [`Real`]'s.
//! The arithmetic is straight-line code on purpose. Where a polynomial's coefficients are small their leading limbs are zero,
//! which the compiler sees, so the work shrinks with them.
//!
//! [`Real`]: crate::Real

/// Bits of a limb.
const BITS: u32 = 28;
const MASK: i64 = (1 << BITS) - 1;
/// Binary places of a number.
pub(super) const PLACES: u32 = 4 * BITS;

/// `(((l3 2^-28 + l2) 2^-28 + l1) 2^-28 + l0) 2^-28`: l0 is the leading limb and holds what exceeds one.
///
/// Limbs may be out of their range and negative between operations, as long as the products of a column's four pairs and their
/// sum stay below 2^63: so factors may be a few sums away from normalised.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limbs(i64, i64, i64, i64);

impl Limbs {
    pub(super) const ONE: Self = Self(1 << BITS, 0, 0, 0);

    /// `value / 2^112`. All limbs have the value's sign, so that a small value's leading limbs are zero.
    #[inline(always)]
    pub(super) const fn constant(value: i128) -> Self {
        let magnitude = value.unsigned_abs();
        let sign = if value < 0 { -1 } else { 1 };
        Self(
            sign * (magnitude >> (3 * BITS)) as i64,
            sign * ((magnitude >> (2 * BITS)) as i64 & MASK),
            sign * ((magnitude >> BITS) as i64 & MASK),
            sign * (magnitude as i64 & MASK),
        )
    }

    /// `value / 2^112`, normalised.
    #[inline(always)]
    pub(super) const fn new(value: i128) -> Self {
        Self(
            (value >> (3 * BITS)) as i64,
            (value >> (2 * BITS)) as i64 & MASK,
            (value >> BITS) as i64 & MASK,
            value as i64 & MASK,
        )
    }

    /// The number times 2^112.
    #[inline(always)]
    pub(super) const fn value(self) -> i128 {
        let (high, low) = ((self.0 << BITS) + self.1, (self.2 << BITS) + self.3);
        ((high as i128) << (2 * BITS)) + low as i128
    }

    /// The same number with every limb but the leading one in its range.
    #[inline(always)]
    pub(super) const fn normalised(self) -> Self {
        let third = self.2 + (self.3 >> BITS);
        let second = self.1 + (third >> BITS);
        Self(self.0 + (second >> BITS), second & MASK, third & MASK, self.3 & MASK)
    }

    /// What lies above the point, of a normalised number, and what lies below.
    #[inline(always)]
    pub(super) const fn split(self) -> (i64, Self) {
        (self.0 >> BITS, Self(self.0 & MASK, self.1, self.2, self.3))
    }

    /// The leading 56 places, of a normalised number.
    #[inline(always)]
    pub(super) const fn leading(self) -> i64 {
        (self.0 << BITS) + self.1
    }

    /// Sum, not normalised.
    #[inline(always)]
    pub(super) const fn add(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1, self.2 + other.2, self.3 + other.3)
    }

    /// Difference, not normalised.
    #[inline(always)]
    pub(super) const fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0, self.1 - other.1, self.2 - other.2, self.3 - other.3)
    }

    /// Product with a small integer, not normalised.
    #[inline(always)]
    pub(super) const fn times(self, factor: i64) -> Self {
        Self(self.0 * factor, self.1 * factor, self.2 * factor, self.3 * factor)
    }

    /// A number known to be below 2^-27 in magnitude, with its leading limb zero.
    #[inline(always)]
    pub(super) const fn small(self) -> Self {
        Self(0, self.1 + (self.0 << BITS), self.2, self.3)
    }

    /// Product, below the exact one by less than 2^-109; normalised.
    #[inline(always)]
    pub(super) const fn mul(self, other: Self) -> Self {
        self.product(other, 0)
    }

    /// Product with a number whose `zeros` leading limbs are zero, as the product's are then: the next one takes the sign.
    #[inline(always)]
    const fn product(self, other: Self, zeros: u32) -> Self {
        let c0 = self.0 * other.0;
        let c1 = self.0 * other.1 + self.1 * other.0;
        let c2 = self.0 * other.2 + self.1 * other.1 + self.2 * other.0;
        let c3 = self.0 * other.3 + self.1 * other.2 + self.2 * other.1 + self.3 * other.0;
        if zeros == 3 {
            return Self(0, 0, 0, c3 >> BITS);
        }
        let c2 = c2 + (c3 >> BITS);
        if zeros == 2 {
            return Self(0, 0, c2 >> BITS, c2 & MASK);
        }
        let c1 = c1 + (c2 >> BITS);
        if zeros == 1 {
            return Self(0, c1 >> BITS, c1 & MASK, c2 & MASK);
        }
        let c0 = c0 + (c1 >> BITS);
        Self(c0 >> BITS, c0 & MASK, c1 & MASK, c2 & MASK)
    }

    /// `1 / x` for a normalised x in `[1/2, 1)`, wrong by less than 2^-107.
    #[inline(always)]
    pub(super) fn reciprocal(self) -> Self {
        // 31 bits of it, then the series of 1 / (1 - e) with e below 2^-29.
        let seed = (1_u64 << 63).checked_div(self.leading() as u64 >> 25).unwrap_or(0) as i64;
        let seed = Self(seed >> 4, (seed & 15) << 24, 0, 0);
        let error = Self::ONE.sub(self.mul(seed)).normalised().small();
        let square = error.product(error, 1);
        let series = error.add(square).add(error.product(square, 1));
        seed.add(seed.product(series, 1))
    }
}

/// `x * 2^bits`, for bits below 128, without the call that the shift itself is on wasm32.
#[inline(always)]
pub(super) const fn shifted_left(x: u128, bits: u32) -> u128 {
    let (high, low) = ((x >> 64) as u64, x as u64);
    if bits < 64 {
        ((high << bits | (low >> 1) >> (63 - bits)) as u128) << 64 | (low << bits) as u128
    } else {
        ((low << (bits & 63)) as u128) << 64
    }
}

/// `x / 2^bits`, floored, likewise; a number of 128 bits and more leaves the sign.
#[inline(always)]
pub(super) const fn shifted_right(x: i128, bits: u32) -> i128 {
    let (high, low) = ((x >> 64) as i64, x as u64);
    if bits < 64 {
        let low = low >> bits | (high as u64) << 1 << (63 - bits);
        ((high >> bits) as i128) << 64 | low as i128
    } else {
        let bits = if bits < 128 { bits - 64 } else { 63 };
        (high >> bits) as i128
    }
}

/// A polynomial on its way down from the highest power, with how many leading limbs no coefficient has reached yet.
#[derive(Clone, Copy)]
pub(super) struct Sum(Limbs, u32);

impl Sum {
    /// The highest coefficient, times 2^112.
    #[inline(always)]
    pub(super) const fn new(highest: i128) -> Self {
        Self(Limbs::constant(highest), Self::zeros(highest))
    }

    /// One power down: `self * x + next / 2^112`.
    #[inline(always)]
    pub(super) const fn step(self, x: Limbs, next: i128) -> Self {
        let zeros = Self::zeros(next);
        Self(
            x.product(self.0, self.1).add(Limbs::constant(next)),
            if zeros < self.1 { zeros } else { self.1 },
        )
    }

    #[inline(always)]
    pub(super) const fn value(self) -> Limbs {
        self.0
    }

    /// Leading limbs that are zero, at most three.
    #[inline(always)]
    const fn zeros(value: i128) -> u32 {
        match value.unsigned_abs().leading_zeros() {
            0..44 => 0,
            44..72 => 1,
            72..100 => 2,
            _ => 3,
        }
    }
}

/// A polynomial's value: coefficients from the highest power down, each times 2^112, as straight-line code.
macro_rules! polynomial {
    ($x:expr; $first:literal $($next:literal)*) => {{
        let x = $x;
        Sum::new($first)$(.step(x, $next))*.value()
    }};
}
pub(super) use polynomial;
