//! What the core refuses, as the custom errors of the interface `ICoreErrors`.

use alloy_sol_types::{SolError, sol};
use hedgerow_core::Error;

use crate::abi::{Encode, Revert, revert};

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
        let mut words = [[0; 32]; 2];
        let [first, second] = &mut words;
        macro_rules! one {
            ($name:ident, $value:expr) => {{
                $value.put(first);
                (ICoreErrors::$name::SELECTOR, 1)
            }};
        }
        macro_rules! two {
            ($name:ident, $a:expr, $b:expr) => {{
                $a.put(first);
                $b.put(second);
                (ICoreErrors::$name::SELECTOR, 2)
            }};
        }
        let (selector, count) = match error {
            Error::ZeroDenominator => (ICoreErrors::ZeroDenominator::SELECTOR, 0),
            Error::Overflow => (ICoreErrors::Overflow::SELECTOR, 0),
            Error::ZeroPrice => (ICoreErrors::ZeroPrice::SELECTOR, 0),
            Error::SqrtPriceOutOfRange(value) => one!(SqrtPriceOutOfRange, value),
            Error::TickOutOfRange(value) => one!(TickOutOfRange, value),
            Error::EmptyRange(a, b) => two!(EmptyRange, a, b),
            Error::WeightOutOfRange(value) => one!(WeightOutOfRange, value),
            Error::ZeroLiquidity => (ICoreErrors::ZeroLiquidity::SELECTOR, 0),
            Error::InsufficientLiquidity(value) => one!(InsufficientLiquidity, value),
            Error::FeeOutOfRange(value) => one!(FeeOutOfRange, value),
            Error::TickNotAhead(value) => one!(TickNotAhead, value),
            Error::NotPositive(value) => one!(NotPositive, value),
            Error::NotAboveMinusOne(value) => one!(NotAboveMinusOne, value),
            Error::ProbabilityOutOfRange(value) => one!(ProbabilityOutOfRange, value),
            Error::PriceNotPositive(value) => one!(PriceNotPositive, value),
            Error::EmptyPriceRange(a, b) => two!(EmptyPriceRange, a, b),
            Error::PriceOutsideRange(value) => one!(PriceOutsideRange, value),
            Error::NotAboveOne(value) => one!(NotAboveOne, value),
            Error::NegativeLiquidity(value) => one!(NegativeLiquidity, value),
            Error::PriceOutOfRange(value) => one!(PriceOutOfRange, value),
            Error::VolatilityOutOfRange(value) => one!(VolatilityOutOfRange, value),
            Error::TermOutOfRange(value) => one!(TermOutOfRange, value),
            Error::RateOutOfRange(value) => one!(RateOutOfRange, value),
            Error::NoUncertainty => (ICoreErrors::NoUncertainty::SELECTOR, 0),
            Error::BelowIntrinsic(value) => one!(BelowIntrinsic, value),
            Error::AboveUpperBound(value) => one!(AboveUpperBound, value),
            Error::StrikesNotAscending(value) => one!(StrikesNotAscending, (value as u64)),
            Error::EntryNotAStrike(value) => one!(EntryNotAStrike, value),
            Error::StrangleOutOfOrder(value) => one!(StrangleOutOfOrder, value),
            Error::WrongLength(a, b) => two!(WrongLength, (a as u64), (b as u64)),
            Error::NegativeAmount(value) => one!(NegativeAmount, value),
            Error::NegativeInput(value) => one!(NegativeInput, value),
            Error::LengthsDiffer(a, b) => two!(LengthsDiffer, (a as u64), (b as u64)),
            Error::WeightsNotOne(value) => one!(WeightsNotOne, value),
            Error::TooFew(a, b) => two!(TooFew, (a as u64), (b as u64)),
            Error::DecayOutOfRange(value) => one!(DecayOutOfRange, value),
            Error::ImpossibleBar(value) => one!(ImpossibleBar, (value as u64)),
            Error::NotStationary(value) => one!(NotStationary, value),
            Error::BoundsExchanged(a, b) => two!(BoundsExchanged, a, b),
            Error::DriftOverwhelms(value) => one!(DriftOverwhelms, value),
            Error::NoVariation => (ICoreErrors::NoVariation::SELECTOR, 0),
            Error::CorrelationOutOfRange(value) => one!(CorrelationOutOfRange, value),
        };
        Self(revert(selector, words.get(..count).unwrap_or_default()))
    }
}
