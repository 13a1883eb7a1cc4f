//! The devnode as a client sees it: alloy's provider with its default fillers, in process and over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod blocks;
mod calls;
mod delegation;
mod dev_methods;
mod estimates;
mod protocol;
mod refusals;
mod robustness;
mod sending;
mod stylus;
mod support;
