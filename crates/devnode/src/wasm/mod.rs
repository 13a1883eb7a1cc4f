//! Stylus programs: validation and metering, the engine that runs them, and the host functions they call.

pub mod trace;
