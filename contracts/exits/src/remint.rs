//! Paying a position out and minting what it paid again: what a walk and a conversion have in common. Nothing is swapped.

use alloc::vec::Vec;
use alloy_primitives::U256;
use alloy_sol_types::SolError;
use hedgerow_core::{
    Result,
    liquidity::{amounts_to_mint, liquidity_for_amounts},
    tick::range_sqrt_prices,
};
use hedgerow_positions::{
    custody::Held,
    errors::{Revert, call_failed},
    interfaces::IManager,
    ledger::Ledger,
    limits::Limits,
    price::{Guard, Spot},
    report::{Report, worth},
    swap::Mix,
};
use hedgerow_program::{
    abi::{Word, revert},
    host::Host,
    words,
};

use crate::{
    kept::{Keeper, Kept},
    leave::impermanent_loss,
};

/// What of the payout is minted again.
pub enum Again {
    /// All that came of one token, by its index: principal and fees.
    Token(usize),
    /// The liquidity that there was.
    Liquidity,
}

impl Again {
    /// What goes in of what was `gained`, and the liquidity that it is between two sqrt prices at a third.
    fn mix(&self, held: &Held, (lower, upper): (U256, U256), sqrt_price: U256, gained: &[U256; 2]) -> Result<Mix> {
        let (put, liquidity) = match self {
            Self::Token(token) => {
                let mut put = [U256::ZERO; 2];
                put[token & 1] = gained[token & 1];
                (put, None)
            }
            // A pool rounds down what it pays and up what it takes, so the same liquidity takes one unit more of either token at
            // most: the fees give it where there are any, else the liquidity is what the rest mints.
            Self::Liquidity => {
                let (need0, need1) = amounts_to_mint(sqrt_price, lower, upper, held.liquidity)?;
                let put = [need0.min(gained[0]), need1.min(gained[1])];
                (put, (put == [need0, need1]).then_some(held.liquidity))
            }
        };
        let liquidity = match liquidity {
            Some(liquidity) => liquidity,
            None => liquidity_for_amounts(sqrt_price, lower, upper, put[0], put[1])?,
        };
        let (taken0, taken1) = amounts_to_mint(sqrt_price, lower, upper, liquidity)?;
        Ok(Mix {
            held: put,
            taken: [taken0, taken1],
            liquidity,
            sqrt_price,
        })
    }
}

/// Pays `position` out and has `to` mint `range` of it, at the price that the guard let pass.
///
/// Errors: `AmountBelowMinimum`, `NothingToAdd`, `LiquidityBelowMinimum`, `PriceDeviation`, `CallFailed`.
#[inline(never)]
pub fn remint<H: Host>(
    host: &H,
    position: &Kept,
    (to, range): (&Keeper, (i32, i32)),
    again: &Again,
    (guard, spot): &(Option<Guard>, Spot),
    limits: &Limits,
    event: &Word,
) -> core::result::Result<Vec<u8>, Revert> {
    let held = &position.held;
    let ledger = Ledger::open(host, &held.venue.tokens, &[U256::ZERO; 2])?;
    let paid = position.pay_out(host)?;
    limits.require_amounts(&paid.principal)?;
    // Before the mint: a new NFT then takes the storage that the old one frees.
    position.discard(host)?;
    let gained = ledger.available(host)?;
    // Figures that no pool can have count as the pool's failure, without a reason.
    let mix = range_sqrt_prices(range.0, range.1)
        .and_then(|ends| again.mix(held, ends, spot.sqrt_price, &gained))
        .map_err(|_| call_failed(&held.venue.pool, &[]))?;
    if mix.liquidity == 0 {
        return Err(revert(IManager::NothingToAdd::SELECTOR, &words![held.id]));
    }
    let minted = position.mint(host, to, range, &mix)?;
    limits.require_liquidity(minted.liquidity)?;
    Guard::end(guard.as_ref(), host, &held.venue.pool)?;
    let report = Report {
        source: position.source(),
        id: held.id,
        left: minted.id,
        range,
        liquidity: minted.liquidity,
        amounts: minted.amounts,
        fees: paid.fees,
        values: [worth(spot.sqrt_price, &paid.total()), worth(spot.sqrt_price, &gained)],
        il: impermanent_loss(position, spot, limits),
    };
    Ok(report.tell(host, event))
}
