//! What the core refuses, as the custom errors of the interface `ICoreErrors`.

use alloy_sol_types::{SolError, sol};
use hedgerow_core::Error;

use crate::{
    abi::{Revert, revert},
    words,
};

#[allow(missing_docs)]
mod interface {
    use super::sol;

    sol!("../../contracts/solidity/src/interfaces/ICoreErrors.sol");
}
use interface::ICoreErrors;

impl From<Error> for Revert {
    #[cold]
    #[inline(never)]
    fn from(error: Error) -> Self {
        Self(match error {
            Error::ZeroDenominator => revert(ICoreErrors::ZeroDenominator::SELECTOR, &[]),
            Error::ZeroPrice => revert(ICoreErrors::ZeroPrice::SELECTOR, &[]),
            Error::SqrtPriceOutOfRange(price) => revert(ICoreErrors::SqrtPriceOutOfRange::SELECTOR, &words![price]),
            Error::TickOutOfRange(tick) => revert(ICoreErrors::TickOutOfRange::SELECTOR, &words![tick]),
            Error::EmptyRange(lower, upper) => revert(ICoreErrors::EmptyRange::SELECTOR, &words![lower, upper]),
            Error::WeightOutOfRange(weight) => revert(ICoreErrors::WeightOutOfRange::SELECTOR, &words![weight]),
            Error::ZeroLiquidity => revert(ICoreErrors::ZeroLiquidity::SELECTOR, &[]),
            Error::InsufficientLiquidity(amount) => {
                revert(ICoreErrors::InsufficientLiquidity::SELECTOR, &words![amount])
            }
            Error::FeeOutOfRange(fee) => revert(ICoreErrors::FeeOutOfRange::SELECTOR, &words![fee]),
            Error::NotPositive(value) => revert(ICoreErrors::NotPositive::SELECTOR, &words![value]),
            Error::NotAboveMinusOne(value) => revert(ICoreErrors::NotAboveMinusOne::SELECTOR, &words![value]),
            Error::ProbabilityOutOfRange(value) => revert(ICoreErrors::ProbabilityOutOfRange::SELECTOR, &words![value]),
            Error::PriceNotPositive(value) => revert(ICoreErrors::PriceNotPositive::SELECTOR, &words![value]),
            Error::EmptyPriceRange(lower, upper) => {
                revert(ICoreErrors::EmptyPriceRange::SELECTOR, &words![lower, upper])
            }
            Error::NegativeLiquidity(value) => revert(ICoreErrors::NegativeLiquidity::SELECTOR, &words![value]),
            Error::PriceOutOfRange(value) => revert(ICoreErrors::PriceOutOfRange::SELECTOR, &words![value]),
            Error::VolatilityOutOfRange(value) => revert(ICoreErrors::VolatilityOutOfRange::SELECTOR, &words![value]),
            Error::TermOutOfRange(value) => revert(ICoreErrors::TermOutOfRange::SELECTOR, &words![value]),
            Error::RateOutOfRange(value) => revert(ICoreErrors::RateOutOfRange::SELECTOR, &words![value]),
            Error::NoUncertainty => revert(ICoreErrors::NoUncertainty::SELECTOR, &[]),
            Error::BelowIntrinsic(value) => revert(ICoreErrors::BelowIntrinsic::SELECTOR, &words![value]),
            Error::AboveUpperBound(value) => revert(ICoreErrors::AboveUpperBound::SELECTOR, &words![value]),
            _ => revert(ICoreErrors::Overflow::SELECTOR, &[]),
        })
    }
}
