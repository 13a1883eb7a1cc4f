//! Policies: what a liquidity provider lets a keeper do with one position, and whether it is to be done now.
//!
//! One pure decision serves both sides: the program computes it to enforce, the command to predict. [`admit`] says which terms
//! anybody may set at all, [`decide`] what they say of a position now, [`fee_limit`] what the keeper may take for it, and
//! [`settle`] whether what came of it keeps within the guards, and what is remembered afterwards.
//!
//! Units. Everything is valued in raw token1 at the mean price, the sqrt price of the mean tick of `twap_window` seconds. A share
//! or a loss is in millionths. A time is a Unix timestamp or a number of seconds. Values are exact to 2^-192 of a raw unit inside,
//! rounded down where they come out; a loss is rounded up, from a value before that was rounded up and one after that was rounded
//! down.
//!
//! No function here panics, whatever its arguments.

mod ceilings;
mod decide;
mod market;
mod range;
mod reason;
mod settle;
mod state;
mod terms;
mod trigger;

pub use ceilings::{Defect, FIELD_RULES, FIELD_TRIGGERS, GUARDS, MAX_RULES, SEQUENCER_FEED_OF_ARBITRUM_ONE, admit};
pub use decide::{Decision, NO_RULE, decide, fee_limit};
pub use market::{Oracle, Sequencer, Snapshot, TooShort, mean_price, share};
pub use reason::Reason;
pub use settle::{After, Settlement, Violation, settle};
pub use state::{State, Status};
pub use terms::{Action, Guards, Proceeds, RangeKind, Rule};
pub use trigger::gas_of;

pub(crate) use ceilings::{Fields, YEAR, payment_and_chain, times_and_losses};
pub(crate) use decide::{not_before, standing};
pub(crate) use market::{Scale, raw};
pub(crate) use range::moves;
pub(crate) use settle::{counted, less, ppm};
pub(crate) use trigger::{loss, millionths};

/// One, in millionths.
pub const MILLION: u32 = 1_000_000;
/// Seconds of a day, which begins at midnight UTC.
pub const DAY: u64 = 86_400;
