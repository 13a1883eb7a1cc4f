//! One pipeline for everything that spends: what is wanted becomes a plan, the plan is previewed, then sent or given away.
//!
//! [`intent`] says what an action is and how the account is asked for it; a new action is a few lines there. [`preview`] finds
//! out what would happen, [`tokens`] whether the pool's tokens behave, [`plan`] puts it together, [`send`] and [`emit`] act,
//! [`report`] tells. What is sent and given away is an
//! [`own_call`], whether it came from a plan or from a command that moves no tokens.

pub mod emit;
pub mod intent;
pub mod operation;
pub mod own_batch;
pub mod own_call;
pub mod plan;
pub mod preview;
pub mod report;
pub mod send;
pub mod tokens;
pub mod tolerance;

pub use intent::{Action, Proceeds};
pub use own_batch::own_batch;
pub use own_call::OwnCall;
pub use plan::{Order, Plan};
pub use tolerance::Tolerance;
