//! What the fuzzers feed and what must then hold: the bodies of the targets in `fuzz/`.
//!
//! A body takes any bytes, makes inputs of them, and panics where the core or a program is wrong. The ordinary tests run each of
//! them on a few thousand random inputs, so that none can rot.
#![forbid(unsafe_code)]

pub mod abi;
pub mod account;
#[cfg(feature = "command")]
pub mod calculator;
pub mod hostile;
pub mod input;
pub mod normal;
pub mod options;
pub mod pools;
pub mod programs;
pub mod real;
pub mod strips;
pub mod zap;

pub use input::Input;

/// A target's body.
pub type Body = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: &[(&str, Body)] = &[
    ("real", real::body),
    ("normal", normal::body),
    ("options", options::body),
    ("strips", strips::body),
    ("pools", pools::body),
    ("zap", zap::body),
    ("programs", programs::body),
    ("account", account::body),
    #[cfg(feature = "command")]
    ("calculator", calculator::body),
];
