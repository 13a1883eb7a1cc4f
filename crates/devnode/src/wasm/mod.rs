//! Stylus programs: validation and metering, the engine that runs them, and the host functions they call.

pub mod activate;
pub mod depth;
pub mod dynamic;
pub mod emit;
pub mod engine;
pub mod error;
pub mod exchange;
pub mod figures;
pub mod floats;
pub mod heap;
pub mod host;
pub mod imports;
pub mod limits;
pub mod meter;
pub mod module;
pub mod prices;
pub mod process;
pub mod run;
pub mod sparse;
pub mod trace;
pub mod validate;

pub use activate::{Activation, ActivationConfig, activate};
pub use error::ActivationError;
pub use imports::{HOSTIOS, HostFunction};
pub use process::process;
