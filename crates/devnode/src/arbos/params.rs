//! Prices and limits of Stylus programs (`ArbWasm`'s parameters), as Nitro sets them at each ArbOS version.

/// Parameters of Stylus programs. Gas unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StylusParams {
    /// Stylus version: programs activated at an older one cannot be called.
    pub version: u16,
    /// Ink that one gas buys.
    pub ink_price: u32,
    /// Words of stack that a program may use.
    pub max_stack_depth: u32,
    /// Wasm pages that cost nothing.
    pub free_pages: u16,
    /// Gas for each further page.
    pub page_gas: u16,
    /// Wasm pages that may be open at once in a transaction.
    pub page_limit: u16,
    /// Least entry cost, in units of 128 gas.
    pub min_init_gas: u8,
    /// Least entry cost of a cached program, in units of 32 gas.
    pub min_cached_init_gas: u8,
    /// Scales a program's init cost, in units of 2 %.
    pub init_cost_scalar: u8,
    /// Scales a program's cached init cost, in units of 2 %.
    pub cached_cost_scalar: u8,
    /// Days that an activation lasts.
    pub expiry_days: u16,
    /// Days before an activation may be kept alive.
    pub keepalive_days: u16,
    /// Code hashes that stay cheap to enter within a block.
    pub block_cache_size: u16,
    /// Bytes that a program may decompress to.
    pub max_wasm_size: u32,
    /// Fragments that a root program may name; zero where there are no fragments.
    pub max_fragments: u8,
    /// Gas charged at the start of every activation.
    pub activation_gas: u64,
}

impl StylusParams {
    /// Nitro's defaults at an ArbOS version.
    pub fn for_arbos(arbos: u64) -> Self {
        Self {
            version: match arbos {
                59.. => 3,
                31.. => 2,
                _ => 1,
            },
            ink_price: 10_000,
            max_stack_depth: if arbos >= 50 { 22_000 } else { 4 * 65_536 },
            free_pages: 2,
            page_gas: 1_000,
            page_limit: 128,
            min_init_gas: if arbos >= 31 { 69 } else { 72 },
            min_cached_init_gas: 11,
            init_cost_scalar: 50,
            cached_cost_scalar: 50,
            expiry_days: 365,
            keepalive_days: 31,
            block_cache_size: 32,
            max_wasm_size: if arbos >= 60 { 256 * 1024 } else { 128 * 1024 },
            max_fragments: if arbos >= 60 { 4 } else { 0 },
            activation_gas: 0,
        }
    }
}
