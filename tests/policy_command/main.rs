//! Policies in the command: their files, what is predicted of them, and the commands that set and run them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;

mod chain;
mod differential;
mod file;
