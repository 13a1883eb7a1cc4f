//! What the programs of policies share: the terms and the hash by which the account knows them, the places of positions, what is
//! remembered, and what a decision is made from.
#![no_std]

extern crate alloc;

pub mod hedging;
pub mod interfaces;
pub mod keeper;
pub mod market;
pub mod place;
pub mod store;
pub mod terms;
