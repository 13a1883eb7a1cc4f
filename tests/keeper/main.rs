//! `hedgerow hedge`, `policy` with hedges, `position watch` and `keeper run`, as people and scripts meet them: the real command over HTTP,
//! against a node with the real Uniswap, Aave and programs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;

mod file;
mod hedge;
mod keeping;
mod policy;
mod stand;
mod watching;
