//! What the programs behind the account do with liquidity positions.
//!
//! An action asks who may act ([`authority`]), holds the price against the caller's [`limits`], lets a keeper of positions
//! ([`custody`]) pay out, swaps in the position's own pool ([`swap`]), and lets the keeper mint. What it may use is measured
//! ([`ledger`]), what it did is told ([`report`]). Everything is generic over the chain beneath it and the keeper; nothing is
//! stored.
#![no_std]

extern crate alloc;

pub mod actions;
pub mod authority;
pub mod custody;
pub mod direct;
pub mod errors;
pub mod interfaces;
pub mod ledger;
pub mod limits;
pub mod nft;
pub mod pool;
pub mod price;
pub mod report;
pub mod slots;
pub mod swap;
pub mod token;
pub mod venue;
