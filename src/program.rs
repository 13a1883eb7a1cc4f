//! A Stylus program on its way to a chain: rustc's output made fit for activation, compressed, deployed, activated.
//!
//! The address is that of CREATE2 through the deterministic deployer, so the same program lands at the same place on every chain, and
//! a second deployment finds the first.

use crate::{
    bindings::IArbWasm::{IArbWasmErrors, activateProgramCall, codehashVersionCall, stylusVersionCall},
    client::{Call, Client, Transaction},
    error::{Error, Result},
};
use alloy::{
    primitives::{Address, B256, Bytes, U256, address, keccak256},
    rpc::types::state::StateOverridesBuilder,
    signers::local::PrivateKeySigner,
    sol_types::SolInterface,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    sync::{Mutex, PoisonError},
};

/// ArbWasm, the precompile that activates programs.
pub const ARB_WASM: Address = address!("0000000000000000000000000000000000000071");
/// The deterministic deployer: calldata is a salt and init code, which it creates with CREATE2.
pub const DETERMINISTIC_DEPLOYER: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");
/// The most bytes a contract may have (EIP-170), and so a program with its prefix.
pub const MAX_CODE_SIZE: usize = 24_576;

/// Our Stylus programs: what their crates and files are called, in the order in which they are deployed.
pub const PROGRAMS: [&str; 18] = [
    "lens",
    "directlens",
    "ranges",
    "stake",
    "options",
    "hedge",
    "risk",
    "statistics",
    "chances",
    MANAGER,
    DIRECT,
    EXITS,
    POLICIES,
    RUNS,
    HEDGES,
    HEDGEREADS,
    HEDGECHECKS,
    HEDGERUNS,
];
/// The one for positions of position managers, which the account needs.
pub const MANAGER: &str = "manager";
/// The one for direct positions, which the account needs.
pub const DIRECT: &str = "direct";
/// The one for leaving, walking and converting positions of either kind, which the account needs.
pub const EXITS: &str = "exits";
/// The one that remembers policies, which the account needs.
pub const POLICIES: &str = "policies";
/// The one that runs them for keepers, which the account needs.
pub const RUNS: &str = "runs";
/// The one that opens, adjusts and closes hedges, which the account needs.
pub const HEDGES: &str = "hedges";
/// The one that remembers policies of hedges and runs them for keepers, which the account needs.
pub const HEDGERUNS: &str = "hedgeruns";
/// The one that reads what all about hedges is reckoned from, which the account needs.
pub const HEDGEREADS: &str = "hedgereads";
/// The one that says what a policy of a hedge does now, which the account needs.
pub const HEDGECHECKS: &str = "hedgechecks";
/// What stands behind the shell; the others are read-only.
pub const BEHIND_THE_SHELL: [&str; 9] = [
    MANAGER,
    DIRECT,
    EXITS,
    POLICIES,
    RUNS,
    HEDGES,
    HEDGEREADS,
    HEDGECHECKS,
    HEDGERUNS,
];

/// Marks a whole Stylus program, compressed without a dictionary.
const PREFIX: [u8; 4] = [0xef, 0xf0, 0x00, 0x00];
/// Marks a piece of one that is too large for a contract.
const FRAGMENT: [u8; 3] = [0xef, 0xf0, 0x01];
/// Marks what names the pieces, in order, compressed without a dictionary.
const ROOT: [u8; 4] = [0xef, 0xf0, 0x02, 0x00];
/// The most pieces of a program, on chains that know them (ArbOS 60 and later).
const MAX_FRAGMENTS: usize = 4;
/// The most bytes that a program may have once it is compressed: what the pieces hold.
pub const MAX_PAYLOAD_SIZE: usize = MAX_FRAGMENTS * (MAX_CODE_SIZE - FRAGMENT.len());
/// More than any chain lets a module have once it is decompressed: a stranger's code may pretend to hold gigabytes.
const MAX_MODULE_SIZE: u64 = 1 << 20;
const BROTLI_QUALITY: u32 = 11;
const BROTLI_WINDOW: u32 = 22;
/// What is offered above the data fee that was just computed, in percent: it rises with demand, and the surplus comes back.
const FEE_MARGIN_PERCENT: u64 = 20;

/// A program ready to be deployed.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its name, for messages.
    pub name: String,
    /// What the chain stores at the program's address: the prefix and the compressed module, or where its pieces are.
    pub code: Bytes,
    /// The code of each piece of a program that is too large for one contract; none of others.
    pub fragments: Vec<Bytes>,
    /// The size of the module before compression.
    pub wasm_size: usize,
}

/// What a deployment did, or found done already.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployed {
    /// Where it is.
    pub address: Address,
    /// The hash of its code.
    pub code_hash: B256,
    /// Bytes of code on the chain, those of a program's pieces included.
    pub size: usize,
    /// Gas of the creation; 0 when it was there.
    pub deploy_gas: u64,
    /// Gas of the activation; 0 when it was active, or needs none.
    pub activation_gas: u64,
    /// The data fee that activation kept, in wei.
    #[serde(with = "crate::output::decimal_string")]
    pub data_fee: U256,
}

impl Program {
    /// Makes rustc's output fit for activation and compresses it, into pieces where one contract cannot hold it; refuses what four
    /// cannot.
    pub fn from_wasm(name: &str, wasm: &[u8]) -> Result<Self> {
        let module = hedgerow_devnode::wasm::process::process(wasm).map_err(|error| Error::BadProgram {
            name: name.into(),
            reason: error.to_string(),
        })?;
        let payload = compress(&module).map_err(Error::io("compressing a program"))?;
        let (code, fragments) = laid_out(&payload, module.len()).ok_or_else(|| Error::ProgramTooLarge {
            name: name.into(),
            size: payload.len(),
            limit: MAX_PAYLOAD_SIZE,
        })?;
        Ok(Self {
            name: name.into(),
            code,
            fragments,
            wasm_size: module.len(),
        })
    }

    /// Code that returns the program, or the root that names its pieces, behind the prelude that every Stylus deployer uses.
    pub fn init_code(&self) -> Bytes {
        returning(&self.code)
    }

    /// Bytes of code on the chain, those of the pieces included.
    pub fn size(&self) -> usize {
        self.code.len() + self.fragments.iter().map(|piece| piece.len()).sum::<usize>()
    }

    /// The module that is activated; nothing where what was compressed does not decompress.
    pub fn module(&self) -> Option<Vec<u8>> {
        if self.fragments.is_empty() {
            return module_of(&self.code);
        }
        let pieces = self.fragments.iter().filter_map(|piece| piece.strip_prefix(&FRAGMENT));
        decompressed(&pieces.collect::<Vec<_>>().concat())
    }

    /// Deploys and activates the program, leaving out whichever is done already.
    pub async fn deploy(&self, client: &Client, signer: &PrivateKeySigner) -> Result<Deployed> {
        require_stylus(client).await?;
        let mut pieces_gas = 0;
        for (i, piece) in self.fragments.iter().enumerate() {
            let name = format!("piece {} of {}", i + 1, self.name);
            let init_code = returning(piece);
            pieces_gas += deploy_deterministic(client, signer, &name, &init_code, B256::ZERO)
                .await?
                .deploy_gas;
        }
        let mut deployed = deploy_deterministic(client, signer, &self.name, &self.init_code(), B256::ZERO).await?;
        deployed.deploy_gas += pieces_gas;
        deployed.size = self.size();
        let code = client.code(deployed.address).await?;
        if code != self.code {
            return Err(Error::Mismatch {
                what: format!("the code of the program {:?} at {}", self.name, deployed.address),
                expected: keccak256(&self.code).to_string(),
                found: keccak256(&code).to_string(),
            });
        }
        if !is_active(client, deployed.code_hash).await? {
            (deployed.activation_gas, deployed.data_fee) =
                activate(client, signer, deployed.address, &self.name).await?;
        }
        Ok(deployed)
    }
}

/// Code that returns `code`: `PUSH32 length DUP1 PUSH1 43 PUSH1 0 CODECOPY PUSH1 0 RETURN`, a zero byte, the code.
fn returning(code: &[u8]) -> Bytes {
    let mut init_code = vec![0x7f];
    init_code.extend(U256::from(code.len()).to_be_bytes::<32>());
    init_code.extend([0x80, 0x60, 0x2b, 0x60, 0x00, 0x39, 0x60, 0x00, 0xf3, 0x00]);
    init_code.extend(code);
    init_code.into()
}

/// What the chain stores of a compressed module: all of it at one address where a contract can hold it; else a root, which tells the
/// module's length and where the pieces are, and the pieces. Their addresses are those of CREATE2, so the root's code says what is in
/// them. Nothing where there would be too many.
fn laid_out(payload: &[u8], module_size: usize) -> Option<(Bytes, Vec<Bytes>)> {
    if PREFIX.len() + payload.len() <= MAX_CODE_SIZE {
        return Some(([&PREFIX, payload].concat().into(), Vec::new()));
    }
    if payload.len() > MAX_PAYLOAD_SIZE {
        return None;
    }
    let pieces = payload.chunks(MAX_CODE_SIZE - FRAGMENT.len());
    let pieces: Vec<Bytes> = pieces.map(|piece| [&FRAGMENT, piece].concat().into()).collect();
    let mut root = ROOT.to_vec();
    root.extend(u32::try_from(module_size).ok()?.to_be_bytes());
    for piece in &pieces {
        root.extend(DETERMINISTIC_DEPLOYER.create2_from_code(B256::ZERO, returning(piece)));
    }
    Some((root.into(), pieces))
}

/// The module in a program's code on a chain; nothing for what is no whole program, or larger than any can be.
pub fn module_of(code: &[u8]) -> Option<Vec<u8>> {
    decompressed(code.strip_prefix(&PREFIX)?)
}

/// Whether code runs as a program: a whole one, or the root of one in pieces.
pub fn is_program(code: &[u8]) -> bool {
    code.starts_with(&ROOT[..3]) || module_of(code).is_some()
}

fn decompressed(compressed: &[u8]) -> Option<Vec<u8>> {
    let mut module = Vec::new();
    let reader = brotli::Decompressor::new(compressed, 4096);
    reader.take(MAX_MODULE_SIZE + 1).read_to_end(&mut module).ok()?;
    (module.len() as u64 <= MAX_MODULE_SIZE).then_some(module)
}

/// Compressed as small as it gets, once for each module in a process: it takes longer than all else about a deployment, and a test
/// deploys the same programs to one chain after another.
fn compress(module: &[u8]) -> std::io::Result<Vec<u8>> {
    static DONE: Mutex<BTreeMap<B256, Vec<u8>>> = Mutex::new(BTreeMap::new());
    let hash = keccak256(module);
    let done = || DONE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(out) = done().get(&hash) {
        return Ok(out.clone());
    }
    let mut out = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut out, 4096, BROTLI_QUALITY, BROTLI_WINDOW);
    writer.write_all(module)?;
    writer.flush()?;
    drop(writer);
    done().insert(hash, out.clone());
    Ok(out)
}

async fn require_stylus(client: &Client) -> Result<()> {
    match client.read(ARB_WASM, &stylusVersionCall {}).await {
        Ok(_) => Ok(()),
        Err(error @ Error::Unreachable { .. }) => Err(error),
        Err(_) => Err(Error::UnsuitableChain {
            chain_id: client.chain_id(),
            lacks: "runs no Stylus programs (ArbWasm does not answer)".into(),
            remedy: "use an Arbitrum chain, or `hedgerow devnode`".into(),
        }),
    }
}

/// Whether the chain has a current activation of this code.
pub async fn is_active(client: &Client, code_hash: B256) -> Result<bool> {
    match client
        .read(ARB_WASM, &codehashVersionCall { codehash: code_hash })
        .await
    {
        Ok(_) => Ok(true),
        Err(Error::Reverted { data, .. }) if IArbWasmErrors::abi_decode(&data).is_ok() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Creates a contract through the deterministic deployer, unless its address has code already.
pub async fn deploy_deterministic(
    client: &Client,
    signer: &PrivateKeySigner,
    name: &str,
    init_code: &Bytes,
    salt: B256,
) -> Result<Deployed> {
    let address = DETERMINISTIC_DEPLOYER.create2_from_code(salt, init_code);
    let mut deploy_gas = 0;
    if client.code(address).await?.is_empty() {
        if client.code(DETERMINISTIC_DEPLOYER).await?.is_empty() {
            return Err(Error::UnsuitableChain {
                chain_id: client.chain_id(),
                lacks: format!("has no deterministic deployer at {DETERMINISTIC_DEPLOYER}"),
                remedy: "deploy it first, with its well-known pre-signed transaction".into(),
            });
        }
        let data = [salt.as_slice(), init_code].concat().into();
        let transaction = Transaction {
            to: Some(DETERMINISTIC_DEPLOYER),
            data,
            ..Transaction::default()
        };
        deploy_gas = client
            .send(signer, transaction, &format!("deploying {name}"))
            .await?
            .gas_used;
    }
    let code = client.code(address).await?;
    if code.is_empty() {
        return Err(Error::NotDeployed {
            what: "contract",
            address,
            chain_id: client.chain_id(),
            remedy: format!("the deployer created nothing for {name}: the chain may not accept its code"),
        });
    }
    let (code_hash, size) = (keccak256(&code), code.len());
    Ok(Deployed {
        address,
        code_hash,
        size,
        deploy_gas,
        activation_gas: 0,
        data_fee: U256::ZERO,
    })
}

/// Learns the data fee by a call from an account assumed rich, then pays it with a margin that ArbWasm gives back.
/// Returns the gas used and the fee kept.
async fn activate(client: &Client, signer: &PrivateKeySigner, program: Address, name: &str) -> Result<(u64, U256)> {
    let from = signer.address();
    let call = activateProgramCall { program };
    let action = format!("activating {name}");
    let ether = U256::from(10).pow(U256::from(18));
    let overrides = StateOverridesBuilder::default()
        .with_balance(from, ether * U256::from(1000))
        .build();
    let request = Call {
        value: ether,
        overrides: Some(overrides),
        ..Call::new(from, ARB_WASM, &call)
    };
    let fee = client.simulate_as(&action, request, &call).await?.dataFee;
    let offered = fee + fee * U256::from(FEE_MARGIN_PERCENT) / U256::from(100);
    let before = client.balance(from).await?;
    let receipt = client
        .send(signer, Transaction::call(ARB_WASM, &call).with_value(offered), &action)
        .await?;
    let spent = before.saturating_sub(client.balance(from).await?);
    let gas_cost = U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price);
    Ok((receipt.gas_used, spent.saturating_sub(gas_cost)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn init_code_is_the_43_byte_prelude_and_the_program() {
        let program = Program {
            name: "x".into(),
            code: Bytes::from_static(&[0xef, 0xf0, 0, 0, 1]),
            fragments: Vec::new(),
            wasm_size: 1,
        };
        let expected = format!("7f{:064x}80602b6000396000f300eff0000001", 5);
        assert_eq!(alloy::hex::encode(program.init_code()), expected);
    }

    #[test]
    fn a_module_that_one_contract_cannot_hold_is_laid_out_in_pieces() {
        // Bytes that do not compress are their own payload here: only their number matters.
        let whole = vec![7; MAX_CODE_SIZE - 4];
        let (code, pieces) = laid_out(&whole, 1).unwrap();
        assert_eq!((code.len(), pieces.len()), (MAX_CODE_SIZE, 0));
        for (length, count) in [
            (whole.len() + 1, 1),
            (2 * 24_573, 2),
            (2 * 24_573 + 1, 3),
            (MAX_PAYLOAD_SIZE, 4),
        ] {
            let payload: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let (root, pieces) = laid_out(&payload, 0x01_02_03).unwrap();
            assert_eq!(pieces.len(), count, "{length}");
            assert_eq!(root[..8], [0xef, 0xf0, 0x02, 0, 0, 1, 2, 3]);
            assert_eq!(root.len(), 8 + 20 * count);
            for (piece, address) in pieces.iter().zip(root[8..].chunks(20)) {
                assert!(piece.len() <= MAX_CODE_SIZE && piece.starts_with(&[0xef, 0xf0, 0x01]));
                let at = DETERMINISTIC_DEPLOYER.create2_from_code(B256::ZERO, returning(piece));
                assert_eq!(address, at.as_slice());
            }
            let joined: Vec<u8> = pieces.iter().flat_map(|piece| piece[3..].to_vec()).collect();
            assert_eq!(joined, payload);
        }
        assert_eq!(laid_out(&vec![0; MAX_PAYLOAD_SIZE + 1], 1), None);
    }

    #[test]
    fn the_compressed_module_decompresses_to_itself() {
        let module: Vec<u8> = (0..5000_u32).map(|i| ((i * i) >> 3) as u8).collect();
        let code = |module: &[u8]| [PREFIX.as_slice(), &compress(module).unwrap()].concat();
        assert_eq!(module_of(&code(&module)), Some(module));
        let bomb = vec![0; MAX_MODULE_SIZE as usize + 1];
        assert_eq!(module_of(&code(&bomb)), None);
        assert_eq!(module_of(&code(&bomb)[..12]), None);
        assert_eq!(module_of(&[0x60, 0x80]), None);
    }
}
