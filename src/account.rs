//! What an account is at this moment: whose code it runs, what that needs, and what it has written down.

use crate::{
    bindings::{
        IArbWasm::{IArbWasmErrors, programTimeLeftCall},
        IArbWasmCache::codehashIsCachedCall,
        IEntryPoint::{balanceOfCall, getNonceCall},
        IPrograms::{
            directCall, exitsCall, hedgechecksCall, hedgereadsCall, hedgerunsCall, hedgesCall, managerCall,
            policiesCall, runsCall,
        },
    },
    client::Client,
    delegation::Delegation,
    error::{Error, Result},
    output::decimal_string,
    program::ARB_WASM,
    user_operation::ENTRY_POINT,
};
use alloy::{
    eips::BlockId,
    primitives::{Address, B256, U256, address, keccak256},
    providers::Provider,
    sol_types::{SolCall, SolInterface},
};
use serde::Serialize;

/// EntryPoint v0.9.
pub const ENTRY_POINT_V9: Address = address!("433709009B8330FDa32311DF1C2AFA402eD8D009");
/// ArbWasmCache, the precompile that knows which programs are cheap to enter.
const ARB_WASM_CACHE: Address = address!("0000000000000000000000000000000000000072");
/// The version of the state that this release reads and writes; 0 is a state that was never written.
pub const STATE_VERSION: u32 = 1;

/// Whose code an account runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// Nobody's: it is an ordinary wallet.
    NotDelegated,
    /// The shell recorded for this chain.
    Ours,
    /// Code that answers like a shell of another version; whether it is one, its address has to say.
    OtherShell,
    /// Anything else.
    Stranger,
}

impl Standing {
    /// Judges a delegation by the recorded shell, else by what the delegate answers.
    pub async fn of(client: &Client, delegation: Delegation, recorded: Option<Address>) -> Result<Self> {
        let Some(delegate) = delegation.target() else {
            return Ok(Self::NotDelegated);
        };
        if Some(delegate) == recorded {
            return Ok(Self::Ours);
        }
        match client.read(delegate, &managerCall {}).await {
            Ok(manager) if !client.code(manager).await?.is_empty() => Ok(Self::OtherShell),
            Err(error @ Error::Unreachable { .. }) => Err(error),
            _ => Ok(Self::Stranger),
        }
    }
}

/// The first word of an account's state: version, generation, and the next sequence of nonce key 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// 0 while nothing was ever written.
    pub version: u32,
    /// How often it was wiped.
    #[serde(with = "decimal_string")]
    pub generation: u64,
    /// The next sequence of signed batches' nonce key 0; means nothing in an unknown version.
    #[serde(with = "decimal_string")]
    pub sequence: u64,
    /// Whether keepers and session keys are stopped.
    pub paused: bool,
    /// 56 bits that nobody could foresee before the last wipe; zero before the first.
    #[serde(with = "decimal_string")]
    pub era: u64,
}

impl Header {
    /// Where it lies: the root of the ERC-7201 namespace `hedgerow.account`.
    pub fn slot() -> U256 {
        let id = U256::from_be_bytes(keccak256("hedgerow.account").0) - U256::ONE;
        U256::from_be_bytes(keccak256(id.to_be_bytes::<32>()).0) & !U256::from(0xff)
    }

    /// Reads it straight from storage, so that the account need not run our code.
    pub async fn read(client: &Client, account: Address) -> Result<Self> {
        Self::read_at(client, BlockId::latest(), account).await
    }

    /// The same at a block.
    pub async fn read_at(client: &Client, block: BlockId, account: Address) -> Result<Self> {
        let word = client
            .provider()
            .get_storage_at(account, Self::slot())
            .block_id(block)
            .await;
        Ok(Self::of_word(
            word.map_err(|error| client.error("eth_getStorageAt", error))?,
        ))
    }

    /// Bits 0 to 31, 32 to 95, 96 to 159, 160, and 200 to 255.
    fn of_word(word: U256) -> Self {
        let low = |word: U256| word.as_limbs()[0];
        Self {
            version: low(word) as u32,
            generation: low(word >> 32),
            sequence: low(word >> 96),
            paused: word.bit(160),
            era: low(word >> 200),
        }
    }

    /// Whether this release may read and write what lies behind it.
    pub const fn is_known(&self) -> bool {
        self.version <= STATE_VERSION
    }
}

/// A program behind a shell.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProgramState {
    /// What the shell calls it.
    pub name: &'static str,
    /// Where it is.
    pub address: Address,
    /// Whether there is code.
    pub deployed: bool,
    /// Seconds until its activation expires; none when it is not active.
    pub seconds_left: Option<u64>,
    /// Why it is not active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inactive: Option<String>,
    /// Whether it is cheap to enter; none where the chain does not say.
    pub cached: Option<bool>,
}

impl ProgramState {
    async fn read(client: &Client, name: &'static str, address: Address) -> Result<Self> {
        let code = client.code(address).await?;
        let (seconds_left, inactive) = match client.read(ARB_WASM, &programTimeLeftCall { program: address }).await {
            Ok(seconds) => (Some(seconds), None),
            Err(Error::Reverted { data, reason, .. }) => (None, Some(why_inactive(&data, reason))),
            Err(error @ Error::Unreachable { .. }) => return Err(error),
            Err(_) => (None, Some("the chain runs no Stylus programs".into())),
        };
        let cached = codehashIsCachedCall {
            codehash: keccak256(&code),
        };
        Ok(Self {
            name,
            address,
            deployed: !code.is_empty(),
            seconds_left,
            inactive,
            cached: client.read(ARB_WASM_CACHE, &cached).await.ok(),
        })
    }
}

fn why_inactive(data: &[u8], reason: String) -> String {
    match IArbWasmErrors::abi_decode(data) {
        Ok(IArbWasmErrors::ProgramNotActivated(_)) => "not activated: `hedgerow deploy account` activates it".into(),
        Ok(IArbWasmErrors::ProgramNeedsUpgrade(e)) => format!(
            "activated for Stylus version {}, and the chain runs {}: `hedgerow deploy account` activates it again",
            e.version, e.stylusVersion
        ),
        Ok(IArbWasmErrors::ProgramExpired(e)) => format!(
            "expired {} days after its activation: `hedgerow deploy account` activates it again",
            e.ageInSeconds / 86_400
        ),
        Ok(IArbWasmErrors::ProgramNotWasm(_)) => "not a Stylus program".into(),
        _ => reason,
    }
}

/// The programs that a shell names; an older shell names fewer.
pub async fn programs_of(client: &Client, shell: Address) -> Result<Vec<ProgramState>> {
    let mut programs = Vec::new();
    let named = [
        ("manager", ask(client, shell, &managerCall {}).await?),
        ("direct", ask(client, shell, &directCall {}).await?),
        ("exits", ask(client, shell, &exitsCall {}).await?),
        ("policies", ask(client, shell, &policiesCall {}).await?),
        ("runs", ask(client, shell, &runsCall {}).await?),
        ("hedges", ask(client, shell, &hedgesCall {}).await?),
        ("hedgereads", ask(client, shell, &hedgereadsCall {}).await?),
        ("hedgechecks", ask(client, shell, &hedgechecksCall {}).await?),
        ("hedgeruns", ask(client, shell, &hedgerunsCall {}).await?),
    ];
    for (name, address) in named {
        if let Some(address) = address {
            programs.push(ProgramState::read(client, name, address).await?);
        }
    }
    Ok(programs)
}

async fn ask<C: SolCall<Return = Address>>(client: &Client, shell: Address, call: &C) -> Result<Option<Address>> {
    match client.read(shell, call).await {
        Err(error @ Error::Unreachable { .. }) => Err(error),
        other => Ok(other.ok()),
    }
}

/// An account at an EntryPoint.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AtEntryPoint {
    /// Its version.
    pub version: &'static str,
    /// Where it is.
    pub address: Address,
    /// wei that the account has there for gas.
    #[serde(with = "decimal_string")]
    pub deposit: U256,
    /// Its next nonce of key 0.
    #[serde(with = "decimal_string")]
    pub nonce: U256,
}

/// The account at those EntryPoints that the chain has.
pub async fn at_entry_points(client: &Client, account: Address) -> Result<Vec<AtEntryPoint>> {
    let mut found = Vec::new();
    for (version, address) in [("0.8", ENTRY_POINT), ("0.9", ENTRY_POINT_V9)] {
        if client.code(address).await?.is_empty() {
            continue;
        }
        let nonce = getNonceCall {
            sender: account,
            key: Default::default(),
        };
        found.push(AtEntryPoint {
            version,
            address,
            deposit: client.read(address, &balanceOfCall { account }).await?,
            nonce: client.read(address, &nonce).await?,
        });
    }
    Ok(found)
}

/// Transactions that an account has signed: in blocks, and known to the node beyond that.
pub async fn nonces(client: &Client, account: Address) -> Result<(u64, u64)> {
    let included = client.provider().get_transaction_count(account).latest().await;
    let included = included.map_err(|error| client.error("eth_getTransactionCount", error))?;
    let known = client.nonce(account).await?;
    Ok((included, known.saturating_sub(included)))
}

/// The slot as people look it up.
pub fn slot_hex() -> B256 {
    Header::slot().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::{b256, uint};

    /// `cast index-erc7201 hedgerow.account`.
    #[test]
    fn the_state_lies_at_its_erc_7201_root() {
        assert_eq!(
            slot_hex(),
            b256!("194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900")
        );
    }

    #[test]
    fn a_header_is_cut_at_its_bits() {
        let word = uint!(0xffffffffffffffffffffffff_8877665544332211_0102030405060708_00000001_U256);
        assert_eq!(
            Header::of_word(word),
            Header {
                version: 1,
                generation: 0x0102_0304_0506_0708,
                sequence: 0x8877_6655_4433_2211,
                paused: true,
                era: (1 << 56) - 1,
            }
        );
        assert_eq!(Header::of_word(U256::ZERO), Header::default());
        assert!(Header::default().is_known());
        assert!(
            !Header {
                version: 2,
                ..Header::default()
            }
            .is_known()
        );
    }
}
