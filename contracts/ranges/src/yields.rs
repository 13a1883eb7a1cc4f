//! What positions lose and so have to earn, and how much of their capital works.

use hedgerow_core::{efficiency, lvr};
use hedgerow_program::{
    abi::{Revert, Word, strict},
    put, terms,
};

pub fn lvr_concentrated([volatility, price, lower, upper]: &[Word; 4], output: &mut [Word; 1]) -> Result<(), Revert> {
    let (volatility, price) = (strict::unsigned_wad(volatility)?, strict::sqrt_price(price)?);
    put!(output; lvr::concentrated(volatility, price, strict::tick(lower)?, strict::tick(upper)?)?);
    Ok(())
}

pub fn capital_efficiency([price, lower, upper]: &[Word; 3], output: &mut [Word; 1]) -> Result<(), Revert> {
    let (lower, upper) = (strict::tick(lower)?, strict::tick(upper)?);
    put!(output; efficiency::of_range(strict::sqrt_price(price)?, lower, upper)?);
    Ok(())
}

pub fn lvr_of_stake([volatility, stake @ .., price]: &[Word; 7], output: &mut [Word; 1]) -> Result<(), Revert> {
    let (volatility, price) = (strict::unsigned_wad(volatility)?, strict::unsigned_wad(price)?);
    put!(output; lvr::of_stake(volatility, &terms::stake(stake)?, price)?);
    Ok(())
}
