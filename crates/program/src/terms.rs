//! What several interfaces take: a `Stake`, a `Market`, wads.

use hedgerow_core::{
    Wad,
    black_scholes::Market,
    curve::{Curve, Stake},
};

use crate::{
    abi::{Malformed, Revert, Word, strict},
    put,
};

/// The interface's `Stake`. Reverts as the core's [`Stake::new`].
#[inline(never)]
pub fn stake([curve, liquidity, weight0, lower, upper]: &[Word; 5]) -> Result<Stake, Revert> {
    let curve = match strict::uint8(curve)? {
        0 => Curve::ConstantProduct,
        1 => Curve::Weighted {
            weight0: strict::unsigned_wad(weight0)?,
        },
        2 => Curve::Concentrated {
            lower: strict::unsigned_wad(lower)?,
            upper: strict::unsigned_wad(upper)?,
        },
        _ => return Err(Malformed.into()),
    };
    Ok(Stake::new(curve, strict::unsigned_wad(liquidity)?)?)
}

/// The interface's `Market`.
#[inline(never)]
pub fn market([spot, volatility, seconds, rate]: &[Word; 4]) -> Result<Market, Revert> {
    Ok(Market {
        spot: strict::unsigned_wad(spot)?,
        volatility: strict::unsigned_wad(volatility)?,
        seconds: strict::uint64(seconds)?,
        rate: strict::wad(rate),
    })
}

/// The wads of an array of `uint256`.
#[inline(never)]
pub fn wads(rows: &[[Word; 1]]) -> Result<alloc::vec::Vec<Wad>, Revert> {
    crate::listed(rows, |[word]| strict::unsigned_wad(word))
}

/// The wads of an array of `int256`.
#[inline(never)]
pub fn signed_wads(rows: &[[Word; 1]]) -> Result<alloc::vec::Vec<Wad>, Revert> {
    crate::listed(rows, |[word]| Ok(strict::wad(word)))
}

/// A function of one or more `uint256` wads.
pub fn of_wads<const N: usize>(
    function: impl Fn([Wad; N]) -> hedgerow_core::Result<Wad>,
) -> impl Fn(&[Word; N], &mut [Word; 1]) -> Result<(), Revert> {
    move |input, output| {
        let mut wads = [Wad::ZERO; N];
        for (wad, word) in wads.iter_mut().zip(input) {
            *wad = strict::unsigned_wad(word)?;
        }
        put!(output; function(wads)?);
        Ok(())
    }
}
