//! What is remembered, for anybody to ask.

use alloc::vec::Vec;
use hedgerow_core::policy::Status;
use hedgerow_positions::errors::Revert;
use hedgerow_program::{
    abi::{Word, encode},
    host::Storage,
    words,
};
use hedgerow_terms::{
    place::{self, PLACE, Place},
    store::Store,
};

/// `policyOf`: the policy that governs a position, and its state; nothing but zeros where none does.
pub fn policy_of<H: Storage>(host: &H, words: &[Word; PLACE]) -> Result<Vec<u8>, Revert> {
    let place = Place::decode(words)?;
    let store = Store::open(host)?;
    let id = host.load(&store.book(host, &place::key(host, &place.name(host))));
    let state = store.state(host, &id);
    if state.status != Status::Set {
        return Ok(encode(&[[0; 32]; 11]));
    }
    Ok(encode(&words![
        id,
        state.entry_sqrt_price,
        state.factor,
        state.share,
        state.set_at,
        state.last_run,
        state.runs,
        state.day,
        u32::from(state.runs_today),
        state.period_start,
        state.period_loss,
    ]))
}

/// `policyStatus`: whether terms of this id were set or ended before.
pub fn policy_status<H: Storage>(host: &H, [id]: &[Word; 1]) -> Result<Vec<u8>, Revert> {
    let state = Store::open(host)?.state(host, id);
    Ok(encode(&words![state.status.code()]))
}
