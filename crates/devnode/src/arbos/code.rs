//! How Stylus programs are laid out in account code.
//!
//! A *classic* program is `EF F0 00`, a dictionary byte, and Brotli data. A *root* is `EF F0 02`, a dictionary byte, the
//! decompressed length, and the addresses of *fragments*: accounts of `EF F0 01` and a piece of the Brotli data.

use std::io::Read;

use alloy::primitives::Address;

const CLASSIC: [u8; 3] = [0xef, 0xf0, 0x00];
const FRAGMENT: [u8; 3] = [0xef, 0xf0, 0x01];
const ROOT: [u8; 3] = [0xef, 0xf0, 0x02];
/// Roots and fragments exist from this ArbOS version on.
pub const FRAGMENTS_FROM: u64 = 60;

/// Code that is not, or does not contain, a program.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CodeError {
    /// Another prefix.
    #[error("the account's code is not a Stylus program; deploy one, it starts with 0xeff000 or 0xeff002")]
    NotAProgram,
    /// A dictionary that is not known.
    #[error("Brotli dictionary {0} is not supported; compress with dictionary 0")]
    Dictionary(u8),
    /// A damaged root.
    #[error("the root has {0} bytes; expected 8 and 20 for each fragment")]
    Root(usize),
    /// Too many fragments.
    #[error("the root names {count} fragments, at most {limit} are allowed")]
    TooManyFragments {
        /// How many it names.
        count: usize,
        /// How many it may.
        limit: usize,
    },
    /// An account that should hold a fragment.
    #[error("{0} does not hold a fragment; fragments start with 0xeff001")]
    NotAFragment(Address),
    /// Brotli data that does not decompress within the limit.
    #[error("the program does not decompress into at most {0} bytes")]
    Decompress(u32),
    /// A root that announces another length than its fragments decompress to.
    #[error("the program decompresses to {actual} bytes, its root says {announced}")]
    Length {
        /// What the root says.
        announced: u32,
        /// What came out.
        actual: usize,
    },
}

/// A program's code, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramCode<'a> {
    /// All in one account.
    Classic {
        /// Dictionary.
        dictionary: u8,
        /// Brotli data.
        payload: &'a [u8],
    },
    /// Spread over fragments.
    Root {
        /// Dictionary.
        dictionary: u8,
        /// Decompressed length.
        len: u32,
        /// Where the pieces are, in order.
        fragments: Vec<Address>,
    },
}

/// Whether calling this code runs a program.
pub fn is_program(code: &[u8], arbos_version: u64) -> bool {
    has(code, CLASSIC) || (arbos_version >= FRAGMENTS_FROM && has(code, ROOT))
}

/// Whether EIP-3541 lets this code be deployed: it has a Stylus prefix.
pub fn is_deployable(code: &[u8], arbos_version: u64) -> bool {
    is_program(code, arbos_version) || (arbos_version >= FRAGMENTS_FROM && has(code, FRAGMENT))
}

/// The piece that a fragment holds.
///
/// # Errors
/// When `code`, found at `address`, is not a fragment.
pub fn fragment(address: Address, code: &[u8]) -> Result<&[u8], CodeError> {
    if has(code, FRAGMENT) {
        Ok(&code[3..])
    } else {
        Err(CodeError::NotAFragment(address))
    }
}

/// Parses a program's code.
///
/// # Errors
/// When it is not a program, or a damaged root.
pub fn parse(code: &[u8], arbos_version: u64, max_fragments: u8) -> Result<ProgramCode<'_>, CodeError> {
    if !is_program(code, arbos_version) {
        return Err(CodeError::NotAProgram);
    }
    let (dictionary, rest) = (code[3], &code[4..]);
    if has(code, CLASSIC) {
        return Ok(ProgramCode::Classic {
            dictionary,
            payload: rest,
        });
    }
    let (Some((len, addresses)), true) = (rest.split_first_chunk::<4>(), rest.len() % 20 == 4) else {
        return Err(CodeError::Root(code.len()));
    };
    let fragments: Vec<_> = addresses.chunks_exact(20).map(Address::from_slice).collect();
    if fragments.is_empty() {
        return Err(CodeError::Root(code.len()));
    }
    if fragments.len() > usize::from(max_fragments) {
        return Err(CodeError::TooManyFragments {
            count: fragments.len(),
            limit: max_fragments.into(),
        });
    }
    Ok(ProgramCode::Root {
        dictionary,
        len: u32::from_be_bytes(*len),
        fragments,
    })
}

/// Decompresses a program into at most `limit` bytes.
///
/// # Errors
/// When the data is damaged or longer, or uses a dictionary.
pub fn decompress(dictionary: u8, payload: &[u8], limit: u32) -> Result<Vec<u8>, CodeError> {
    if dictionary != 0 {
        return Err(CodeError::Dictionary(dictionary));
    }
    let mut wasm = Vec::new();
    let read = brotli::Decompressor::new(payload, 4096)
        .take(u64::from(limit) + 1)
        .read_to_end(&mut wasm);
    match read {
        Ok(len) if len as u64 <= u64::from(limit) => Ok(wasm),
        _ => Err(CodeError::Decompress(limit)),
    }
}

/// A prefix needs at least one byte after it.
fn has(code: &[u8], prefix: [u8; 3]) -> bool {
    code.len() > 3 && code.starts_with(&prefix)
}
