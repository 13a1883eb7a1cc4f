//! What an account remembers of a policy: two words of storage.

use super::DAY;
use crate::WAD;
use alloy_primitives::U256;

/// Whether terms were set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Never.
    None,
    /// They are, or were until another policy took their place.
    Set,
    /// They ended; they can never be set again.
    Ended,
}

/// What is remembered of a policy between two actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Whether it is set; one byte.
    pub status: Status,
    /// Where impermanent loss is counted from, of the range that the position has now; a uint160.
    pub entry_sqrt_price: U256,
    /// A wad: what the ranges before this one left of holding.
    pub factor: u64,
    /// Millionths of the liquidity's value that token0 was when the policy was set or last acted; a uint24.
    pub share: u32,
    /// When it was set; a uint40.
    pub set_at: u64,
    /// When it last acted, zero for never; a uint40.
    pub last_run: u64,
    /// How often it acted.
    pub runs: u32,
    /// The day, counted from 1 January 1970, on which it last acted; a uint24.
    pub day: u32,
    /// How often on that day.
    pub runs_today: u16,
    /// When the period began in which losses are summed; a uint40.
    pub period_start: u64,
    /// Millionths lost in it; a uint24.
    pub period_loss: u32,
}

/// From where, in bits, the fields of the words lie.
mod at {
    pub const FACTOR: usize = 160;
    pub const SHARE: usize = 224;
    pub const SET_AT: usize = 8;
    pub const LAST_RUN: usize = 48;
    pub const RUNS: usize = 88;
    pub const DAY: usize = 120;
    pub const RUNS_TODAY: usize = 144;
    pub const PERIOD_START: usize = 160;
    pub const PERIOD_LOSS: usize = 200;
}

impl Status {
    /// The status of a byte of storage; a byte that is none counts as ended, which refuses most.
    pub const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::None,
            1 => Self::Set,
            _ => Self::Ended,
        }
    }

    /// The byte of storage.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl State {
    /// What nothing was ever stored for.
    pub const NONE: Self = Self {
        status: Status::None,
        entry_sqrt_price: U256::ZERO,
        factor: 0,
        share: 0,
        set_at: 0,
        last_run: 0,
        runs: 0,
        day: 0,
        runs_today: 0,
        period_start: 0,
        period_loss: 0,
    };

    /// A policy set at the timestamp `now`: nothing ran, nothing is lost, and the first period begins. The share is token0's, in
    /// millionths: [`share`](super::share).
    pub fn begin(now: u64, entry_sqrt_price: U256, share: u32) -> Self {
        Self {
            status: Status::Set,
            entry_sqrt_price,
            factor: WAD,
            share,
            set_at: now,
            period_start: now,
            ..Self::NONE
        }
    }

    /// The two words. A field that does not fit its bits, which no state reached from [`State::begin`] has before the year 36812,
    /// is stored as the greatest that does.
    pub fn pack(&self) -> [U256; 2] {
        let entry = self.entry_sqrt_price.min((U256::from(1) << 160) - U256::from(1));
        let first = entry | part(self.factor, 64, at::FACTOR) | part(self.share.into(), 24, at::SHARE);
        let second = part(self.status.code().into(), 8, 0)
            | part(self.set_at, 40, at::SET_AT)
            | part(self.last_run, 40, at::LAST_RUN)
            | part(self.runs.into(), 32, at::RUNS)
            | part(self.day.into(), 24, at::DAY)
            | part(self.runs_today.into(), 16, at::RUNS_TODAY)
            | part(self.period_start, 40, at::PERIOD_START)
            | part(self.period_loss.into(), 24, at::PERIOD_LOSS);
        [first, second]
    }

    /// The state of two words; bits that no field has are ignored.
    pub fn unpack(words: &[U256; 2]) -> Self {
        let [first, second] = words;
        let field = |bits: u32, from: usize| taken(second, bits, from);
        Self {
            status: Status::from_code(field(8, 0) as u8),
            entry_sqrt_price: (*first << 96_usize) >> 96_usize,
            factor: taken(first, 64, at::FACTOR),
            share: taken(first, 24, at::SHARE) as u32,
            set_at: field(40, at::SET_AT),
            last_run: field(40, at::LAST_RUN),
            runs: field(32, at::RUNS) as u32,
            day: field(24, at::DAY) as u32,
            runs_today: field(16, at::RUNS_TODAY) as u16,
            period_start: field(40, at::PERIOD_START),
            period_loss: field(24, at::PERIOD_LOSS) as u32,
        }
    }

    /// How often it acted on the day of `now`.
    pub(crate) fn runs_on_day_of(&self, now: u64) -> u16 {
        if u64::from(self.day) == now / DAY {
            self.runs_today
        } else {
            0
        }
    }

    /// When the period of `now` began, and what was lost in it: a new one begins where the last one's seconds are over.
    pub(crate) fn period_of(&self, now: u64, period: u32) -> (u64, u32) {
        if now >= self.period_start.saturating_add(period.into()) {
            (now, 0)
        } else {
            (self.period_start, self.period_loss)
        }
    }
}

/// The value, or the greatest of so many bits, moved to its place.
#[inline(never)]
fn part(value: u64, bits: u32, at: usize) -> U256 {
    U256::from(value.min(u64::MAX >> (64 - bits))) << at
}

/// So many bits of a word, at most 64.
#[inline(never)]
fn taken(word: &U256, bits: u32, at: usize) -> u64 {
    (*word >> at).as_limbs()[0] & u64::MAX >> (64 - bits)
}
