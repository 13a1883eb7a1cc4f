//! What ArbOS adds to the EVM: parameters, program life cycle, and the precompiles at `0x64`…`0x72`.

pub mod code;
pub mod data_fee;
pub mod params;
pub mod precompiles;
pub mod programs;
pub mod recent;
pub mod state;
