//! Prices of host calls. Ink unless the name says gas.

/// Base price of a host call.
pub const HOSTIO: u64 = 8_400;
/// Price of each pointer that a host call reads or writes a word through.
pub const PTR: u64 = 5_040;
/// Price of crossing into the chain.
pub const EVM_API: u64 = 59_673;

/// Gas of a warm access.
pub const WARM_GAS: u64 = 100;
/// Gas of the first access to an account.
pub const COLD_ACCOUNT_GAS: u64 = 2_600;
/// Gas of the first access to a slot.
pub const COLD_SLOAD_GAS: u64 = 2_100;
/// Gas that must be left for a store to be tried.
pub const SSTORE_SENTRY_GAS: u64 = 2_300;
/// The most that one access to the storage cache costs.
pub const STORAGE_CACHE_GAS: u64 = 10;
/// Gas of a transient access.
pub const TRANSIENT_GAS: u64 = 100;
/// Gas of a log, and of each topic.
pub const LOG_GAS: u64 = 375;
/// Gas of a byte of log data.
pub const LOG_DATA_GAS: u64 = 8;

/// Ink per gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InkPrice(pub u32);

impl InkPrice {
    /// Gas that `ink` is worth, rounded down.
    pub fn to_gas(self, ink: u64) -> u64 {
        ink / u64::from(self.0.max(1))
    }

    /// Ink that `gas` buys, saturating.
    pub fn to_ink(self, gas: u64) -> u64 {
        gas.saturating_mul(u64::from(self.0))
    }
}

/// Writing `bytes` into the program's memory.
pub fn write(bytes: u32) -> u64 {
    5_040 + 30 * u64::from(bytes.saturating_sub(32))
}

/// Reading `bytes` from the program's memory.
pub fn read(bytes: u32) -> u64 {
    16_381 + 55 * u64::from(bytes.saturating_sub(32))
}

/// Hashing `bytes`.
pub fn keccak(bytes: u32) -> u64 {
    121_800 + 21_000 * u64::from(bytes.div_ceil(32)).saturating_sub(2)
}

/// Raising to the power `exponent`, big-endian.
pub fn pow(exponent: &[u8; 32]) -> u64 {
    let zeros = exponent.iter().take_while(|byte| **byte == 0).count() as u64;
    3_000 + 17_500 * (33 - zeros)
}

/// Gas of a log.
pub fn log_gas(topics: u32, data: u32) -> u64 {
    LOG_GAS * (1 + u64::from(topics)) + LOG_DATA_GAS * u64::from(data)
}
