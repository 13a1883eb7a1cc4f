//! The maths and decisions that Hedgerow's programs enforce and its command predicts.
//!
//! Everything here is a pure function of integers: no host calls, no allocation, no floating point. The same source runs
//! natively and inside the Stylus programs, so what the tool plans and what the chain enforces cannot differ.
//!
//! Units. A price is token1 per token0 in raw units; a sqrt price is Uniswap's Q64.96 `sqrtPriceX96` in a [`U256`]; a wad
//! has 18 decimals. Every function says how it rounds and whom that favours.
#![no_std]
#![forbid(unsafe_code)]

pub mod black_scholes;
pub mod carry;
pub mod curve;
mod division;
pub mod efficiency;
pub mod error;
pub mod fees;
pub mod fixed;
pub mod full_math;
pub mod garch;
pub mod guard;
pub mod hedge;
pub mod hedging;
pub mod il;
pub mod implied_vol;
mod limbs;
pub mod liquidity;
pub mod lvr;
pub mod policy;
pub mod position;
pub mod premium;
pub mod real;
pub mod risk;
mod root;
pub mod scorecard;
pub mod sqrt_price;
pub mod strangle;
pub mod strip;
pub mod swap;
pub mod tick;
pub mod units;
pub mod volatility;
mod wide;
pub mod zap;

pub use alloy_primitives::{Address, I256, U256};
pub use error::{Error, Result};
pub use real::{Real, Rounding};
pub use units::{Bps, Ray, SqrtPriceX96, Tick, Wad};

/// One, as a wad.
pub const WAD: u64 = 1_000_000_000_000_000_000;
