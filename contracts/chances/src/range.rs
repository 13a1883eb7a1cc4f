//! Whether a price range holds.

use hedgerow_core::{Result, Wad, black_scholes::Market};
use hedgerow_program::{
    abi::{Revert, Word, strict},
    put,
    terms::market,
};

/// A probability that the interface's `RangeTerms` have.
pub fn probability(
    of: impl Fn(&Market, Wad, Wad) -> Result<Wad>,
) -> impl Fn(&[Word; 6], &mut [Word; 1]) -> core::result::Result<(), Revert> {
    move |[spot, volatility, seconds, rate, lower, upper], output| {
        let market = market(&[*spot, *volatility, *seconds, *rate])?;
        put!(output; of(&market, strict::unsigned_wad(lower)?, strict::unsigned_wad(upper)?)?);
        Ok(())
    }
}
