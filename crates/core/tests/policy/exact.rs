//! Values in exact fractions, by the textbook's amounts, nothing rounded or cancelled.

use dashu_int::{IBig, UBig};
use hedgerow_core::U256;

/// A fraction whose denominator is above zero.
#[derive(Debug, Clone)]
pub struct Fraction(pub IBig, pub IBig);

impl Fraction {
    pub fn int(value: impl Into<IBig>) -> Self {
        Self(value.into(), IBig::ONE)
    }

    pub fn add(&self, other: &Self) -> Self {
        Self(&self.0 * &other.1 + &other.0 * &self.1, &self.1 * &other.1)
    }

    pub fn sub(&self, other: &Self) -> Self {
        self.add(&Self(-other.0.clone(), other.1.clone()))
    }

    pub fn mul(&self, other: &Self) -> Self {
        Self(&self.0 * &other.0, &self.1 * &other.1)
    }

    pub fn at_most(&self, other: &Self) -> bool {
        &self.0 * &other.1 <= &other.0 * &self.1
    }

    pub fn floor(&self) -> IBig {
        let (quotient, rest) = (&self.0 / &self.1, &self.0 % &self.1);
        if rest < IBig::ZERO {
            quotient - IBig::ONE
        } else {
            quotient
        }
    }

    pub fn ceil(&self) -> IBig {
        -Self(-self.0.clone(), self.1.clone()).floor()
    }
}

pub fn big(value: U256) -> IBig {
    UBig::from_le_bytes(&value.to_le_bytes::<32>()).into()
}

/// Token1 per token0 of a sqrt price.
pub fn price(sqrt_price: U256) -> Fraction {
    Fraction(big(sqrt_price) * big(sqrt_price), IBig::ONE << 192)
}

/// Raw token0 and token1 of liquidity between `lower` and `upper` at a sqrt price.
pub fn amounts(liquidity: u128, lower: U256, upper: U256, sqrt_price: U256) -> [Fraction; 2] {
    let (l, q96) = (IBig::from(liquidity), IBig::ONE << 96);
    let [a, b, c] = [lower, upper, sqrt_price.clamp(lower, upper)].map(big);
    let amount0 = Fraction(&l * &q96 * (&b - &c), &c * &b);
    [amount0, Fraction(l * (c - a), q96)]
}

/// What amounts are worth in raw token1.
pub fn worth(amounts: &[Fraction; 2], sqrt_price: U256) -> Fraction {
    amounts[0].mul(&price(sqrt_price)).add(&amounts[1])
}

/// What whole amounts are worth in raw token1.
pub fn worth_of(amounts: [U256; 2], sqrt_price: U256) -> Fraction {
    worth(&amounts.map(|amount| Fraction::int(big(amount))), sqrt_price)
}

/// What liquidity is worth in raw token1 at a sqrt price; none is worth nothing, in no range too.
pub fn principal(liquidity: u128, range: (i32, i32), sqrt_price: U256) -> Fraction {
    if liquidity == 0 {
        return Fraction::int(0);
    }
    let (lower, upper) = hedgerow_core::tick::range_sqrt_prices(range.0, range.1).unwrap();
    worth(&amounts(liquidity, lower, upper, sqrt_price), sqrt_price)
}
