//! What hedges a stake: options of two strikes, or of many.

use alloc::vec::Vec;
use hedgerow_core::{
    strangle::{self, Wings},
    strip::{Leg, Strip},
};
use hedgerow_program::{
    abi::{Call, Encode, List, Revert, Word, strict},
    listed, put,
    terms::{market, stake, wads},
};

/// Words of the interface's `Leg`.
const LEG: usize = 2;

/// `strip(stake, entryPrice, strikes, market)`.
pub fn strip(call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let [staked @ .., entry, _, spot, volatility, seconds, rate] = call.head::<11>()?;
    let (stake, market) = (stake(staked)?, market(&[*spot, *volatility, *seconds, *rate])?);
    let strikes = call.rows(6)?;
    let (mut legs, strikes) = (none(strikes)?, wads(strikes)?);
    let strip = Strip::new(&stake, strict::unsigned_wad(entry)?, &strikes)?;
    let premium = strip.sizes_and_premium(&market, &mut legs)?;
    let mut list = List::new::<LEG>(2, legs.len());
    if let [_, total] = list.head() {
        premium.put(total);
    }
    put_legs(&legs, &mut list);
    Ok(list.data())
}

/// Empty legs, one a strike.
fn none(strikes: &[[Word; 1]]) -> Result<Vec<Leg>, Revert> {
    listed(strikes, |_| Ok(Leg::default()))
}

fn put_legs(legs: &[Leg], list: &mut List) {
    for (leg, slot) in legs.iter().zip(list.rows::<LEG>()) {
        put!(slot; leg.put, leg.call);
    }
}

/// `strangle(stake, entryPrice, wings, market)`.
pub fn strangle(
    [input @ .., spot, volatility, seconds, rate]: &[Word; 14],
    output: &mut [Word; 5],
) -> Result<(), Revert> {
    let [staked @ .., entry, low, put_strike, call_strike, high] = input;
    let wings = Wings {
        low: strict::unsigned_wad(low)?,
        put_strike: strict::unsigned_wad(put_strike)?,
        call_strike: strict::unsigned_wad(call_strike)?,
        high: strict::unsigned_wad(high)?,
    };
    let market = market(&[*spot, *volatility, *seconds, *rate])?;
    let strangle = strangle::strangle(&stake(staked)?, strict::unsigned_wad(entry)?, &wings, &market)?;
    put!(output; strangle.puts, strangle.calls, strangle.il_low, strangle.il_high, strangle.premium);
    Ok(())
}
