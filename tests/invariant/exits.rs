//! The owner's way out, tried on a copy of the chain: every position, whatever anybody did, paused or not.

use alloy::primitives::{U256, aliases::U24, aliases::U160};
use hedgerow::bindings::IManager::{self, Limits};

use super::{
    look::{At, Position},
    play::{By, Held, Play, hold},
    pool::Stake,
    stage::data,
};
use crate::common::world::int24;

/// No guard at all.
pub fn open_limits() -> Limits {
    Limits {
        twapWindow: 0,
        maxTickDeviation: U24::ZERO,
        minLiquidity: 0,
        amount0Min: U256::ZERO,
        amount1Min: U256::ZERO,
        deadline: U256::MAX,
        entrySqrtPriceX96: U160::ZERO,
    }
}

/// The call by which the owner leaves a position in both tokens (0) or one of them.
pub fn leave(play: &Play<'_>, position: &Position, proceeds: u8) -> alloy::primitives::Bytes {
    match position.at {
        At::Nft(id) => data(&IManager::exitCall {
            positionManager: play.stage.npm,
            tokenId: id,
            proceeds,
            limits: open_limits(),
        }),
        At::Direct(lower, upper) => data(&IManager::exitDirectCall {
            pool: play.stage.pool_key(),
            tickLower: int24(lower),
            tickUpper: int24(upper),
            proceeds,
            limits: open_limits(),
        }),
    }
}

/// Each position that has anything is left, one after the other, on a copy.
pub fn try_them(play: &Play<'_>) -> Held {
    let mut copy = play.clone();
    copy.leaving = true;
    let account = play.stage.account;
    let positions = play.look.positions.values();
    for position in positions.filter(|position| position.stake != Stake::default()) {
        let before = copy.look.clone();
        let call = leave(&copy, position, 0);
        let sent = copy.send(By::Owner, account, account, call)?;
        hold(14, sent.success, || {
            format!("{position:?} cannot be left: {}", sent.output)
        })?;
        // What is withdrawn at any price is worth at this tick at least what the liquidity is.
        let tick = before.spot.tick;
        let (came, least) = (copy.look.wallet(tick) - before.wallet(tick), position.value(tick));
        let least = least * (1.0 - 1e-9) - 10.0 - before.wallet(tick) * 1e-14;
        hold(15, came >= least, || format!("{position:?} paid {came}, not {least}"))?;
    }
    Ok(())
}
