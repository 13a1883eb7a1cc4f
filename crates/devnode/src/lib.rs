//! A local Arbitrum chain in one process: revm beside a WebAssembly engine that meters Stylus programs as Nitro does.
//!
//! ```
//! use hedgerow_devnode::{Config, Devnode};
//! use serde_json::json;
//!
//! let devnode = Devnode::new(Config::default())?;
//! let answer = devnode.handle(json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": [] }));
//! assert_eq!(answer["result"], "0x64aba");
//! # Ok::<(), hedgerow_devnode::Error>(())
//! ```

pub mod arbos;
pub mod chain;
pub mod config;
mod devnode;
mod error;
pub mod rpc;
pub mod wasm;

pub use self::{
    config::{Clock, Config, DEV_MNEMONIC},
    devnode::Devnode,
    error::Error,
    rpc::{http::Server, transport::InProcess},
};
