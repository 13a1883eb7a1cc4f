//! What is remembered, for anybody to ask.

use alloc::vec::Vec;
use alloy_primitives::U256;
use hedgerow_positions::errors::Revert;
use hedgerow_program::{
    abi::{Word, encode, uint},
    host::Storage,
    words,
};

use crate::{
    place::{self, PLACE, Place},
    store::{SET, Store, status},
};

/// `policyOf`: the policy that governs a position, and its state; nothing but zeros where none does.
pub fn policy_of<H: Storage>(host: &H, words: &[Word; PLACE]) -> Result<Vec<u8>, Revert> {
    let place = Place::decode(words)?;
    let store = Store::open(host);
    let id = host.load(&store.book(host, &place::key(host, &place.name(host))));
    let state = store.state(host, &id).map(|slot| host.load(&slot));
    if status(&state[1]) != SET {
        return Ok(encode(&[[0; 32]; 11]));
    }
    let [first, second] = state.map(|word| uint(&word));
    let field = |word: U256, shift: usize, bits: usize| (word >> shift) & (U256::MAX >> (256 - bits));
    Ok(encode(&words![
        id,
        field(first, 0, 160),
        field(first, 160, 64),
        field(first, 224, 24),
        field(second, 8, 40),
        field(second, 48, 40),
        field(second, 88, 32),
        field(second, 120, 24),
        field(second, 144, 16),
        field(second, 160, 40),
        field(second, 200, 24),
    ]))
}

/// `policyStatus`: whether terms of this id were set or ended before.
pub fn policy_status<H: Storage>(host: &H, [id]: &[Word; 1]) -> Result<Vec<u8>, Revert> {
    let [_, second] = Store::open(host).state(host, id);
    Ok(encode(&words![status(&host.load(&second))]))
}
