//! What stakes are worth, what they lose, what insuring that costs, and how much of them to sell short.

use hedgerow_core::{curve, hedge, premium};
use hedgerow_program::{
    abi::{Revert, Word, strict},
    put, terms,
};

/// `stakeFigures(...)`.
pub fn figures([stake @ .., entry, price]: &[Word; 7], output: &mut [Word; 13]) -> Result<(), Revert> {
    let prices = (strict::unsigned_wad(entry)?, strict::unsigned_wad(price)?);
    let figures = curve::figures(&terms::stake(stake)?, prices.0, prices.1)?;
    put!(output;
        figures.amount0,
        figures.amount1,
        figures.value,
        figures.hold,
        figures.il,
        figures.il_abs,
        figures.delta,
        figures.gamma,
        figures.dollar_delta,
        figures.dollar_gamma,
        figures.delta_ratio,
        figures.gamma_ratio,
        figures.il_delta,
    );
    Ok(())
}

pub fn premium(
    [staked @ .., entry, spot, volatility, seconds, rate]: &[Word; 10],
    output: &mut [Word; 2],
) -> Result<(), Revert> {
    let market = terms::market(&[*spot, *volatility, *seconds, *rate])?;
    let premium = premium::fair(&terms::stake(staked)?, strict::unsigned_wad(entry)?, &market)?;
    put!(output; premium.value, premium.fraction);
    Ok(())
}

pub fn delta_hedge([staked @ .., entry, price]: &[Word; 7], output: &mut [Word; 4]) -> Result<(), Revert> {
    let prices = (strict::unsigned_wad(entry)?, strict::unsigned_wad(price)?);
    let hedge = hedge::delta_hedge(&terms::stake(staked)?, prices.0, prices.1)?;
    put!(output; hedge.short_value, hedge.short_il, hedge.hedge_ratio, hedge.gamma);
    Ok(())
}
