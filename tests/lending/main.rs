//! Aave as published with our margin accounts: what a hedge's own account does there, and what nobody else can have it do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;
mod margins;
mod market;
