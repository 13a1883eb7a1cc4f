//! Hedges of positions at a venue where the volatile token is borrowed against the other one and sold for it.
//!
//! Everything that the programs enforce of a hedge and the command predicts: what should be owed ([`wanted`]), what it takes to get
//! there ([`plan`]), whether that pays ([`outlook`]), what became of it ([`accounts`]); and of a keeper's policy which terms
//! anybody may set ([`admit_hedge`]), what they say now ([`decide_hedge`]), and whether what came of it keeps within the guards
//! ([`settle_hedge`]).
//!
//! Units. Amounts are raw; `volatile` is 0 or 1, the pool's token that is borrowed, the other one is the collateral. Values are raw
//! token1 at the mean price, as [`crate::policy`] has them. Health is judged by the venue's own prices, in thousandths. Costs are
//! rounded up and what is left is rounded down.
//!
//! No function here panics, whatever its arguments: what does not fit its type becomes the greatest that does, and a venue's price
//! of 2^128 or more counts as none, as do more than 36 decimals as 36.

mod accounts;
mod admit;
mod decide;
mod margin;
mod market;
mod outlook;
mod record;
mod settle;
mod split;
mod target;
mod terms;

pub use accounts::{Accounts, accounts};
pub use admit::{RULE, TERMS, admit_hedge, admit_terms};
pub use decide::{HedgeDecision, decide_hedge};
pub use margin::{Plan, deleveraged, health, plan};
pub use market::{Market, Pool};
pub use outlook::{Outlook, outlook};
pub use record::Record;
pub use settle::{HedgeAfter, settle_hedge};
pub use split::{Split, split};
pub use target::{exposure, wanted};
pub use terms::{HedgeRule, Kind, Target, Terms};
