//! What was lost at worst, and whether a hedge is worth its carry.

use alloc::vec::Vec;
use hedgerow_core::{
    carry::{self, Action, Carry},
    risk,
};
use hedgerow_program::{
    abi::{Call, Revert, Word, encode, strict},
    put,
    terms::wads,
    words,
};

/// `maxDrawdown(prices)`.
pub fn max_drawdown(call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    Ok(encode(&words![risk::max_drawdown(&wads(call.rows(0)?)?)?]))
}

/// `carryGate(carry)`.
pub fn gate(
    [
        value,
        fee,
        lvr,
        horizon,
        premium,
        funding,
        notional,
        gamma,
        sigma,
        rebalances,
        trading,
        least,
    ]: &[Word; 12],
    output: &mut [Word; 9],
) -> Result<(), Revert> {
    let verdict = carry::gate(&Carry {
        value: strict::wad(value),
        fee_apr: strict::wad(fee),
        lvr_apr: strict::wad(lvr),
        horizon: strict::wad(horizon),
        premium: strict::wad(premium),
        funding_apr: strict::wad(funding),
        hedge_notional: strict::wad(notional),
        dollar_gamma: strict::wad(gamma),
        sigma: strict::wad(sigma),
        rebalances: strict::uint64(rebalances)?,
        trading_cost: strict::wad(trading),
        min_net_apr: strict::wad(least),
    })?;
    let action = match verdict.action {
        Action::Hedge => 0_u8,
        Action::HoldUnhedged => 1,
        Action::Exit => 2,
    };
    put!(output;
        action,
        verdict.margin,
        verdict.turnover,
        verdict.cost,
        verdict.cost_apr,
        verdict.fee,
        verdict.lvr,
        verdict.net_hedged_apr,
        verdict.net_unhedged_apr,
    );
    Ok(())
}
