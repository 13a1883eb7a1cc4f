//! Policies on a devnode: set, ordered, checked, run, refused and attacked. One binary, because linking one takes longer than most of
//! what is in it.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../common/mod.rs"]
mod common;

mod actions;
mod agreement;
mod attacks;
mod guards;
mod orders;
