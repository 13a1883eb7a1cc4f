//! A position's risk at a glance, and the correlation that goes into it.

use alloc::vec::Vec;
use hedgerow_core::{
    Wad,
    scorecard::{self, Factors, Management, Verdict, Width},
};
use hedgerow_program::{
    abi::{Call, Malformed, Revert, Word, encode, strict},
    put,
    terms::wads,
    words,
};

/// `correlation(prices0, prices1)`.
pub fn correlation(call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let (prices0, prices1) = (wads(call.rows(0)?)?, wads(call.rows(1)?)?);
    Ok(encode(&words![scorecard::correlation(&prices0, &prices1)?]))
}

/// `scorecard(factors)`.
pub fn score(
    [volatility, correlation, fees, loss, management, lower, upper]: &[Word; 7],
    output: &mut [Word; 7],
) -> Result<(), Revert> {
    let management = match strict::uint8(management)? {
        0 => Management::Automated,
        1 => Management::Daily,
        2 => Management::Weekly,
        3 => Management::Monthly,
        4 => Management::None,
        _ => return Err(Malformed.into()),
    };
    let (lower, upper) = (strict::unsigned_wad(lower)?, strict::unsigned_wad(upper)?);
    let width = if lower == Wad::ZERO && upper == Wad::ZERO {
        Width::Full
    } else {
        Width::Range { lower, upper }
    };
    let card = scorecard::score(&Factors {
        volatility: strict::unsigned_wad(volatility)?,
        correlation: strict::wad(correlation),
        fees: strict::unsigned_wad(fees)?,
        loss: strict::unsigned_wad(loss)?,
        management,
        width,
    })?;
    let verdict = match card.verdict {
        Verdict::Low => 0_u8,
        Verdict::Moderate => 1,
        Verdict::High => 2,
        Verdict::Extreme => 3,
    };
    put!(output;
        card.volatility,
        card.correlation,
        card.fees,
        card.management,
        card.width,
        card.total,
        verdict,
    );
    Ok(())
}
