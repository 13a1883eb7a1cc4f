//! How a position is named on the command line: an NFT by its number, a direct one by pool and range.

use crate::error::Error;
use alloy::primitives::{Address, B256, U256, keccak256};
use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr};

const WHAT: &str = "the position";
const REMEDY: &str = "give the number of an NFT, or POOL:TICK_LOWER:TICK_UPPER for liquidity held in the pool itself \
                      (`hedgerow position list` shows what there is)";

/// Which position, as its owner says it. Whose it is, and which position manager an NFT belongs to, is said elsewhere.
///
/// `123` is an NFT; `0x…:-202020:-198060` is direct: liquidity that the owner's address itself holds in that pool between those
/// ticks. What is printed can be read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// An NFT of a position manager.
    Nft(U256),
    /// Liquidity in a pool, owned by an address without a position manager between.
    Direct {
        /// The pool.
        pool: Address,
        /// Lower end of its range.
        tick_lower: i32,
        /// Upper end.
        tick_upper: i32,
    },
}

impl Place {
    /// Whether the pool itself holds it.
    pub const fn is_direct(&self) -> bool {
        matches!(self, Self::Direct { .. })
    }

    /// For tables and JSON: `nft` or `direct`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Nft(_) => "nft",
            Self::Direct { .. } => "direct",
        }
    }
}

/// The pool's own key of a direct position: `keccak256(abi.encodePacked(owner, tickLower, tickUpper))`, the ticks as int24.
pub fn direct_key(owner: Address, tick_lower: i32, tick_upper: i32) -> B256 {
    let mut packed = [0; 26];
    packed[..20].copy_from_slice(owner.as_slice());
    packed[20..23].copy_from_slice(&tick_lower.to_be_bytes()[1..]);
    packed[23..].copy_from_slice(&tick_upper.to_be_bytes()[1..]);
    keccak256(packed)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nft(token_id) => write!(f, "{token_id}"),
            Self::Direct {
                pool,
                tick_lower,
                tick_upper,
            } => write!(f, "{pool}:{tick_lower}:{tick_upper}"),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Place {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = |remedy: String| Error::invalid(WHAT, text, remedy);
        let parts: Vec<&str> = text.split(':').collect();
        match parts[..] {
            [number] if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => {
                U256::from_str_radix(number, 10)
                    .map(Self::Nft)
                    .map_err(|_| invalid("an NFT's number has at most 256 bits".into()))
            }
            [pool] if pool.parse::<Address>().is_ok() => Err(invalid(
                "it is an address: add the range, as POOL:TICK_LOWER:TICK_UPPER".into(),
            )),
            [pool, lower, upper] => {
                // A typo in a checksummed address must not name another pool.
                let pool = address(pool).map_err(&invalid)?;
                let (tick_lower, tick_upper) = (tick(lower).map_err(&invalid)?, tick(upper).map_err(&invalid)?);
                if tick_lower >= tick_upper {
                    return Err(invalid("the lower tick must lie below the upper".into()));
                }
                Ok(Self::Direct {
                    pool,
                    tick_lower,
                    tick_upper,
                })
            }
            _ => Err(invalid(REMEDY.into())),
        }
    }
}

/// An address in hexadecimal; one in mixed case must have the right checksum.
fn address(text: &str) -> Result<Address, String> {
    let parsed = text
        .parse::<Address>()
        .map_err(|_| format!("{text:?} is not a pool's address; {REMEDY}"))?;
    let digits = text.trim_start_matches("0x");
    let one_case = digits == digits.to_lowercase() || digits == digits.to_uppercase();
    if one_case || parsed.to_string().trim_start_matches("0x") == digits {
        return Ok(parsed);
    }
    Err(format!("the checksum of the address {text} is wrong: look for a typo"))
}

fn tick(text: &str) -> Result<i32, String> {
    let limit = hedgerow_core::tick::MAX_TICK;
    text.parse()
        .ok()
        .filter(|tick: &i32| (-limit..=limit).contains(tick))
        .ok_or_else(|| format!("{text:?} is not a tick: they are whole numbers from -{limit} to {limit}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use alloy::primitives::{address, b256};

    const POOL: Address = address!("8ad599c3A0ff1De082011EFDDc58f1908eb6e6D8");

    #[test]
    fn a_place_is_read_back_as_printed() {
        let direct = Place::Direct {
            pool: POOL,
            tick_lower: -202_020,
            tick_upper: 887_220,
        };
        assert_eq!(
            direct.to_string(),
            "0x8ad599c3A0ff1De082011EFDDc58f1908eb6e6D8:-202020:887220"
        );
        for place in [direct, Place::Nft(U256::from(123)), Place::Nft(U256::MAX)] {
            assert_eq!(place.to_string().parse::<Place>().unwrap(), place);
        }
        let lower_case = direct.to_string().to_lowercase();
        assert_eq!(lower_case.parse::<Place>().unwrap(), direct);
    }

    #[test]
    fn a_malformed_place_is_refused_with_what_would_do() {
        let refused = |text: &str, word: &str| {
            let error = text.parse::<Place>().unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains(word), "{text}: {error}");
        };
        for text in ["", "-1", "1.5", "0x7b", "abc", "1:2", "1:2:3:4", " 1", "١"] {
            refused(
                text,
                if text == "1:2:3:4" {
                    "POOL:TICK"
                } else {
                    "give the number"
                },
            );
        }
        refused(&POOL.to_string(), "add the range");
        refused(&format!("{}0", U256::MAX), "256 bits");
        refused("0xabc:-60:60", "not a pool's address");
        refused(&format!("{POOL}:60:-60"), "below the upper");
        refused(&format!("{POOL}:60:60"), "below the upper");
        refused(&format!("{POOL}:-60:x"), "\"x\" is not a tick");
        refused(&format!("{POOL}:-60:"), "\"\" is not a tick");
        refused(&format!("{POOL}:-887273:60"), "-887272 to 887272");
        refused(&format!("{POOL}:-60:99999999999"), "not a tick");
        // One letter's case is wrong, as after a typo.
        refused("0x8ad599c3A0ff1De082011EFDDc58f1908eb6e6d8:-60:60", "checksum");
    }

    /// Computed with another Keccak: `cast keccak $(cast abi-encode-packed …)`.
    #[test]
    fn a_direct_positions_key_is_the_pools() {
        let owner = address!("70997970C51812dc3A010C7d01b50e0d17dc79C8");
        assert_eq!(
            direct_key(owner, -202_020, 887_220),
            b256!("d47f5a11813b9c8a1820e774fc0bcd261a331b11ff911546b082d1bd66722547")
        );
    }
}
