//! What the programs of hedges share: where a hedge lives ([`venue`], [`aave`]), what the account remembers of it ([`book`]), and a
//! position's hedge as both have it ([`hedge`]).
#![no_std]

extern crate alloc;

pub mod aave;
pub mod book;
pub mod hedge;
pub mod interfaces;
pub mod price;
pub mod reading;
pub mod venue;
