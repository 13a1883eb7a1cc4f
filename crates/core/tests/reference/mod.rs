//! A second opinion: real numbers of 288 bits (86 digits) on `dashu`, and the functions that the core is measured against.
//!
//! Nothing here shares code, tables or method with the core. Its own tests, in `tests/reference_holds.rs`, hold it against the
//! vectors' 60 digits and against identities that it does not use.
#![allow(dead_code, unused_imports, clippy::unwrap_used, clippy::expect_used)]

mod cases;
mod functions;
mod normal;
mod options;

pub use cases::{Cases, Random};
pub use functions::{e, ln_2, pi};
pub use options::{BlackScholes, SECONDS_PER_YEAR};

use dashu_float::{FBig, round::mode::HalfEven};
use dashu_int::{IBig, Sign, UBig};
use hedgerow_core::{I256, U256};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Bits of every result's significand.
pub const PRECISION: usize = 288;

type Float = FBig<HalfEven, 2>;

/// A real number, rounded to [`PRECISION`] bits after each operation.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub struct Num(Float);

impl Num {
    pub fn int(value: impl Into<IBig>) -> Self {
        Self::from_float(Float::from(value.into()))
    }

    pub fn ratio(numerator: impl Into<IBig>, denominator: impl Into<IBig>) -> Self {
        Self::int(numerator) / Self::int(denominator)
    }

    /// An unsigned integer as it stands.
    pub fn u256(value: U256) -> Self {
        Self::int(UBig::from_le_bytes(&value.to_le_bytes::<32>()))
    }

    /// A signed integer as it stands.
    pub fn i256(value: I256) -> Self {
        let magnitude = Self::u256(value.unsigned_abs());
        if value.is_negative() { -magnitude } else { magnitude }
    }

    /// A signed integer over 1e18.
    pub fn wad(value: I256) -> Self {
        Self::i256(value) / Self::power_of_ten(18)
    }

    /// An unsigned integer over 1e18.
    pub fn uwad(value: U256) -> Self {
        Self::u256(value) / Self::power_of_ten(18)
    }

    /// A decimal as the vectors print it.
    pub fn decimal(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = Self::int(format!("{whole}{fraction}").parse::<IBig>().unwrap());
        match exponent.parse::<i64>().unwrap() - fraction.len() as i64 {
            shift @ 0.. => digits * Self::power_of_ten(shift as u32),
            shift => digits / Self::power_of_ten(shift.unsigned_abs() as u32),
        }
    }

    pub fn power_of_ten(exponent: u32) -> Self {
        Self::int(IBig::from(10).pow(exponent as usize))
    }

    /// Exactly the double.
    pub fn from_f64(value: f64) -> Self {
        Self::from_float(Float::try_from(value).unwrap())
    }

    pub fn to_f64(&self) -> f64 {
        self.0.to_f64().value()
    }

    /// `self * 2^exponent`.
    pub fn shifted(&self, exponent: isize) -> Self {
        Self(self.0.clone() << exponent)
    }

    /// The greatest power of two that does not exceed the magnitude, as its exponent; the number must not be zero.
    pub fn exponent(&self) -> isize {
        let repr = self.0.repr();
        repr.exponent() + repr.digits() as isize - 1
    }

    pub fn is_zero(&self) -> bool {
        self.0.repr().significand().is_zero()
    }

    pub fn is_negative(&self) -> bool {
        self.0.repr().significand().sign() == Sign::Negative && !self.is_zero()
    }

    pub fn abs(&self) -> Self {
        if self.is_negative() { -self } else { self.clone() }
    }

    pub fn max(self, other: Self) -> Self {
        if self < other { other } else { self }
    }

    pub fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    pub fn square(&self) -> Self {
        self * self
    }

    /// `floor(self * 10^decimals)`.
    pub fn floor(&self, decimals: u32) -> I256 {
        let scaled = self * &Self::power_of_ten(decimals);
        let floored = scaled.0.floor().to_int().value();
        to_i256(&floored)
    }

    /// `ceil(self * 10^decimals)`.
    pub fn ceil(&self, decimals: u32) -> I256 {
        -(-self).floor(decimals)
    }

    /// How far `got`, an integer at scale `10^decimals`, lies above this number, in units of `10^-decimals`.
    pub fn error_of(&self, got: I256, decimals: u32) -> f64 {
        (Self::i256(got) - self * &Self::power_of_ten(decimals)).to_f64()
    }

    /// How far `got` lies above this number, as a fraction of the number.
    pub fn relative_error_of(&self, got: &Self) -> f64 {
        if self.is_zero() {
            return if got.is_zero() { 0.0 } else { f64::INFINITY };
        }
        ((got - self) / self.abs()).to_f64()
    }

    fn from_float(value: Float) -> Self {
        Self(value.with_precision(PRECISION).value())
    }

    /// The number as an integer over `2^bits`, rounded down.
    fn to_fixed(&self, bits: usize) -> IBig {
        let repr = self.0.repr();
        let shift = repr.exponent() + bits as isize;
        if shift >= 0 {
            repr.significand() << shift as usize
        } else {
            repr.significand() >> shift.unsigned_abs()
        }
    }

    fn from_fixed(value: IBig, bits: usize) -> Self {
        Self::from_float(Float::from_parts(value, -(bits as isize)))
    }

    /// The nearest integer, of a number small enough.
    fn round(&self) -> i64 {
        self.0.round().to_int().value().try_into().unwrap()
    }
}

/// Panics where the integer does not fit: a test that asks for it expects it to.
pub fn to_i256(value: &IBig) -> I256 {
    let (sign, magnitude) = value.clone().into_parts();
    let unsigned = U256::from_le_slice(&magnitude.to_le_bytes());
    let signed = I256::try_from(unsigned).expect("fits 255 bits");
    if sign == Sign::Negative { -signed } else { signed }
}

macro_rules! operator {
    ($($trait:ident $method:ident)*) => {$(
        impl $trait<&Num> for &Num {
            type Output = Num;
            fn $method(self, other: &Num) -> Num {
                Num::from_float($trait::$method(&self.0, &other.0))
            }
        }
        impl $trait<Num> for &Num {
            type Output = Num;
            fn $method(self, other: Num) -> Num { $trait::$method(self, &other) }
        }
        impl $trait<&Num> for Num {
            type Output = Num;
            fn $method(self, other: &Num) -> Num { $trait::$method(&self, other) }
        }
        impl $trait<Num> for Num {
            type Output = Num;
            fn $method(self, other: Num) -> Num { $trait::$method(&self, &other) }
        }
        impl $trait<i64> for &Num {
            type Output = Num;
            fn $method(self, other: i64) -> Num { $trait::$method(self, &Num::int(other)) }
        }
        impl $trait<i64> for Num {
            type Output = Num;
            fn $method(self, other: i64) -> Num { $trait::$method(&self, &Num::int(other)) }
        }
    )*};
}
operator!(Add add Sub sub Mul mul Div div);

impl Neg for &Num {
    type Output = Num;
    fn neg(self) -> Num {
        Num(-self.0.clone())
    }
}

impl Neg for Num {
    type Output = Num;
    fn neg(self) -> Num {
        Num(-self.0)
    }
}
