//! Why a module was refused.

/// Why a module does not activate. Nitro burns all the gas of an activation that fails with any of these.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ActivationError {
    /// The bytes are not a valid module of the WebAssembly that Stylus accepts.
    #[error("invalid module: {0}; Stylus accepts the MVP with sign extension, mutable globals and memory.copy/fill")]
    Invalid(String),
    /// Stylus versions start at 1, and the newest known one is 3.
    #[error("no rules exist for Stylus version {0}; use 1, 2 or 3")]
    UnknownVersion(u16),
    /// A section that Stylus has no use for.
    #[error("section `{0}` is not supported; remove it (a data count goes away when the bulk-memory feature is off)")]
    UnsupportedSection(&'static str),
    /// An import that is not a function.
    #[error("import {module}.{name} is not a function; define memories, tables and globals inside the module")]
    UnsupportedImport {
        /// The module imported from.
        module: String,
        /// The name imported.
        name: String,
    },
    /// One host function imported under two types.
    #[error("import {module}.{name} appears with two types; import it once")]
    InconsistentImport {
        /// The module imported from.
        module: String,
        /// The name imported.
        name: String,
    },
    /// A host function that does not exist, or exists only on debug chains.
    #[error("no host function {module}.{name}{}", if *.debug_only { " outside debug chains" } else { "" })]
    UnknownImport {
        /// The module imported from.
        module: String,
        /// The name imported.
        name: String,
        /// Whether a debug chain would offer it.
        debug_only: bool,
    },
    /// A host function imported under another type than it has.
    #[error("import {module}.{name} has type {have}, but the host function has {want}")]
    ImportType {
        /// The module imported from.
        module: String,
        /// The name imported.
        name: String,
        /// The type the module declares.
        have: String,
        /// The type the host function has.
        want: String,
    },
    /// A name that the instrumentation keeps for itself.
    #[error("{kind} `{name}` is reserved: its last `__` component must not start with `stylus`")]
    ReservedName {
        /// `import` or `export`.
        kind: &'static str,
        /// The whole name.
        name: String,
    },
    /// An export whose last `__` component is the name of an import.
    #[error("an export shares the name of the import `{0}`; rename the export")]
    ExportNamedLikeImport(String),
    /// A required export is missing.
    #[error("missing export `{0}`")]
    MissingExport(&'static str),
    /// The entrypoint has a wrong kind or type.
    #[error("export `user_entrypoint` must be a function (i32) -> i32, not {0}")]
    BadEntrypoint(String),
    /// The growable module cannot pay for its growth.
    #[error("memory may grow from {min} pages, so the module must import vm_hooks.pay_for_memory_grow(i32)")]
    MissingPayForMemoryGrow {
        /// The initial number of pages.
        min: u64,
    },
    /// Start functions run before anything is paid for.
    #[error("start functions are not allowed outside debug chains")]
    StartFunction,
    /// A count or a size is over its limit.
    #[error("too many {what}: {count} > {limit}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        count: u64,
        /// How many there may be.
        limit: u64,
    },
    /// A name that is too long.
    #[error("{what} has {length} bytes, more than {limit}")]
    NameTooLong {
        /// What is named.
        what: &'static str,
        /// Its length.
        length: usize,
        /// The longest allowed.
        limit: usize,
    },
    /// A function's frame is over its limit.
    #[error("function {function} {what}: {words} > {limit} words; split it")]
    Frame {
        /// The function's index among those defined in the module.
        function: usize,
        /// What is too large.
        what: &'static str,
        /// The size found.
        words: u32,
        /// The largest allowed.
        limit: u32,
    },
    /// An operator without a meaning in Stylus.
    #[error("function {function} uses {operator}, which Stylus does not support")]
    UnsupportedOperator {
        /// The function's index among those defined in the module.
        function: usize,
        /// The operator and its arguments.
        operator: String,
    },
    /// Floating-point arithmetic.
    #[error("function {function} computes with floating point ({operator}); use integers or fixed point")]
    FloatingPoint {
        /// The function's index among those defined in the module.
        function: usize,
        /// The operator.
        operator: String,
    },
    /// A global or a segment offset that is not a plain constant.
    #[error("{0} is not initialised by a constant")]
    NotConstant(&'static str),
    /// An active segment that does not fit.
    #[error("{what} segment at {offset} with length {length} exceeds the initial size {size}")]
    SegmentOutOfBounds {
        /// `data` or `element`.
        what: &'static str,
        /// Where the segment starts, as an unsigned 64-bit number.
        offset: u64,
        /// The segment's length.
        length: u64,
        /// The size of the memory in bytes, or of the table in entries.
        size: u64,
    },
    /// A predicted cost that does not fit its field in the program's word.
    #[error("{what} {cost} does not fit {bits} bits; shrink the module, its data above all")]
    CostTooHigh {
        /// Which cost.
        what: &'static str,
        /// The cost.
        cost: u64,
        /// The width of its field.
        bits: u32,
    },
}

impl From<wasmparser::Error> for ActivationError {
    fn from(error: wasmparser::Error) -> Self {
        Self::Invalid(error.to_string())
    }
}
