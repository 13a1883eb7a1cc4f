//! Value at risk, and the mean loss beyond it.

use alloc::vec::Vec;
use hedgerow_core::{
    Wad,
    risk::{self, TailLoss},
};
use hedgerow_program::{
    abi::{Call, Revert, Word, encode, strict},
    put,
    terms::signed_wads,
    words,
};

/// A distribution's tail, at the interface's `ReturnTerms`.
pub fn of_distribution(
    of: impl Fn(Wad, Wad, Wad) -> hedgerow_core::Result<TailLoss>,
) -> impl Fn(&[Word; 3], &mut [Word; 2]) -> Result<(), Revert> {
    move |[mean, deviation, confidence], output| {
        let (deviation, confidence) = (strict::unsigned_wad(deviation)?, strict::unsigned_wad(confidence)?);
        let tail = of(strict::wad(mean), deviation, confidence)?;
        put!(output; tail.value_at_risk, tail.conditional);
        Ok(())
    }
}

/// `valueAtRiskHistorical(returns, confidence)`.
pub fn historical(call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let [_, confidence] = call.head()?;
    let confidence = strict::unsigned_wad(confidence)?;
    // A copy, because the core leaves the returns in another order.
    let tail = risk::historical(&mut signed_wads(call.rows(0)?)?, confidence)?;
    Ok(encode(&words![tail.value_at_risk, tail.conditional]))
}
