//! Policies of hedges on a devnode, at the real market and the real pool: set, checked, run by keepers, taken along with their
//! positions, refused, attacked. One binary, because linking one takes longer than most of what is in it.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, dead_code)]

#[path = "../common/mod.rs"]
mod common;

mod agreement;
mod along;
mod attacks;
mod policy;
mod refusals;
#[path = "../hedges/scene.rs"]
mod scene;
mod stateful;
mod triggers;
