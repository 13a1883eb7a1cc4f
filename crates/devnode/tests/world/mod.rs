//! A chain in memory for tests of the execution core: accounts, programs, transactions one after the other.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::io::Write as _;

use alloy::primitives::{Address, B256, Bytes, TxKind, U256, address, keccak256};
use hedgerow_devnode::arbos::recent::RecentPrograms;
use hedgerow_devnode::arbos::{programs, state};
use hedgerow_devnode::chain::config::{ArbConfig, CallOptions, SEQUENCER};
use hedgerow_devnode::chain::evm::transact;
use hedgerow_devnode::wasm::trace::{FrameReport, Trace, TraceEvent};
use hedgerow_devnode::wasm::{ActivationConfig, activate};
use revm::DatabaseCommit;
use revm::bytecode::Bytecode;
use revm::context::result::{ExecutionResult, Output};
use revm::context::{BlockEnv, TxEnv};
use revm::database::InMemoryDB;
use revm::state::AccountInfo;

pub const TIMESTAMP: u64 = 1_750_000_000;
pub const BASE_FEE: u64 = 100_000_000;
pub const ALICE: Address = address!("00000000000000000000000000000000000a11ce");
pub const ARB_WASM: Address = address!("0000000000000000000000000000000000000071");
pub const ARB_WASM_CACHE: Address = address!("0000000000000000000000000000000000000072");

/// One chain, its block, and what it ran so far.
pub struct World {
    pub db: InMemoryDB,
    pub config: ArbConfig,
    pub now: u64,
    pub recent: RecentPrograms,
    pub trace: Trace,
    pub gas_limit: u64,
}

impl World {
    pub fn new(arbos_version: u64) -> Self {
        let mut world = Self {
            db: InMemoryDB::default(),
            config: ArbConfig::new(412_346, arbos_version),
            now: TIMESTAMP,
            recent: RecentPrograms::default(),
            trace: Trace::default(),
            gas_limit: 20_000_000,
        };
        world.fund(ALICE, ether(100));
        world.fund(world.config.owner, ether(100));
        world
    }

    pub fn fund(&mut self, at: Address, balance: U256) {
        self.db.insert_account_info(
            at,
            AccountInfo {
                balance,
                ..Default::default()
            },
        );
    }

    pub fn block(&self) -> BlockEnv {
        BlockEnv {
            number: U256::from(1_000_000),
            timestamp: U256::from(self.now),
            basefee: BASE_FEE,
            gas_limit: 1 << 50,
            beneficiary: SEQUENCER,
            prevrandao: Some(B256::with_last_byte(1)),
            ..Default::default()
        }
    }

    /// Later programs count as not having run in this block.
    pub fn next_block(&mut self) {
        self.recent = RecentPrograms::default();
    }

    pub fn options(&self) -> CallOptions {
        CallOptions {
            trace: Some(self.trace.clone()),
            ..CallOptions::execute(7, self.recent.clone())
        }
    }

    pub fn run(&mut self, tx: TxEnv) -> ExecutionResult {
        let options = self.options();
        let block = self.block();
        let nonce = self.nonce(tx.caller);
        let tx = TxEnv { nonce, ..tx };
        let done = transact(&mut self.db, &self.config, block, tx, &options).unwrap();
        self.db.commit(done.state);
        done.result
    }

    pub fn send(&mut self, from: Address, to: Address, value: U256, data: impl Into<Bytes>) -> ExecutionResult {
        self.run(TxEnv {
            caller: from,
            kind: TxKind::Call(to),
            value,
            data: data.into(),
            ..base()
        })
    }

    /// A call that changes nothing.
    pub fn simulate(&mut self, from: Address, to: Address, value: U256, data: impl Into<Bytes>) -> ExecutionResult {
        let tx = TxEnv {
            caller: from,
            kind: TxKind::Call(to),
            value,
            data: data.into(),
            gas_price: 0,
            gas_limit: self.gas_limit,
            ..base()
        };
        let options = CallOptions {
            trace: Some(self.trace.clone()),
            ..CallOptions::simulate(7)
        };
        let block = self.block();
        transact(&mut self.db, &self.config, block, tx, &options)
            .unwrap()
            .result
    }

    /// Deploys `code` by a transaction, as deployment tools do.
    pub fn deploy(&mut self, code: &[u8]) -> Option<Address> {
        let tx = TxEnv {
            caller: ALICE,
            kind: TxKind::Create,
            data: init_code(code),
            ..base()
        };
        match self.run(tx) {
            ExecutionResult::Success {
                output: Output::Create(_, at),
                ..
            } => at,
            _ => None,
        }
    }

    /// Puts code where it is needed, without a transaction.
    pub fn place(&mut self, at: Address, code: &[u8]) -> B256 {
        let hash = keccak256(code);
        let bytecode = Bytecode::new_raw_checked(Bytes::copy_from_slice(code)).unwrap();
        self.db
            .insert_account_info(at, AccountInfo::new(U256::ZERO, 1, hash, bytecode));
        hash
    }

    /// Puts an activated program where it is needed.
    pub fn place_program(&mut self, at: Address, wasm: &[u8]) -> B256 {
        let hash = self.place(at, &classic(wasm));
        self.note_activation(hash, wasm);
        hash
    }

    pub fn note_activation(&mut self, code_hash: B256, wasm: &[u8]) {
        note_activation(&mut self.db, &self.config, code_hash, wasm, false);
    }

    pub fn slot(&mut self, at: Address, key: u64) -> U256 {
        revm::Database::storage(&mut self.db, at, U256::from(key)).unwrap()
    }

    pub fn nonce(&mut self, at: Address) -> u64 {
        revm::Database::basic(&mut self.db, at)
            .unwrap()
            .map_or(0, |info| info.nonce)
    }

    pub fn balance(&mut self, at: Address) -> U256 {
        revm::Database::basic(&mut self.db, at)
            .unwrap()
            .map_or(U256::ZERO, |info| info.balance)
    }

    /// The Stylus frames since the last time, innermost first.
    pub fn frames(&self) -> Vec<FrameReport> {
        self.trace
            .take()
            .into_iter()
            .filter_map(|event| match event {
                TraceEvent::Frame(report) => Some(report),
                TraceEvent::Host(_) => None,
            })
            .collect()
    }
}

pub fn ether(amount: u64) -> U256 {
    U256::from(amount) * U256::from(10u64).pow(U256::from(18))
}

/// A transaction with plenty of gas.
pub fn base() -> TxEnv {
    TxEnv {
        chain_id: Some(412_346),
        gas_limit: 20_000_000,
        gas_price: BASE_FEE.into(),
        gas_priority_fee: Some(0),
        tx_type: 2,
        ..Default::default()
    }
}

/// What a transaction with this call data costs before anything runs.
pub fn intrinsic(data: &[u8]) -> u64 {
    21_000 + data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum::<u64>()
}

/// Init code that deploys `code`.
pub fn init_code(code: &[u8]) -> Bytes {
    let mut init = vec![0x7f];
    init.extend_from_slice(&U256::from(code.len()).to_be_bytes::<32>());
    // DUP1 PUSH1 43 PUSH1 0 CODECOPY PUSH1 0 RETURN, and a zero byte to fill.
    init.extend_from_slice(&[0x80, 0x60, 0x2b, 0x60, 0, 0x39, 0x60, 0, 0xf3, 0]);
    init.extend_from_slice(code);
    init.into()
}

pub fn compress(wasm: &[u8]) -> Vec<u8> {
    let mut out = brotli::CompressorWriter::new(Vec::new(), 4096, 11, 22);
    out.write_all(wasm).unwrap();
    out.into_inner()
}

pub fn classic(wasm: &[u8]) -> Vec<u8> {
    [&[0xef, 0xf0, 0, 0][..], &compress(wasm)].concat()
}

/// The code of a root, and of `count` fragments that it finds at `at`.
pub fn fragmented(wasm: &[u8], count: usize, at: impl Fn(usize) -> Address) -> (Vec<u8>, Vec<(Address, Vec<u8>)>) {
    let payload = compress(wasm);
    let mut root = [&[0xef, 0xf0, 2, 0][..], &(wasm.len() as u32).to_be_bytes()].concat();
    let mut fragments = Vec::new();
    for (index, piece) in payload.chunks(payload.len().div_ceil(count)).enumerate() {
        root.extend_from_slice(at(index).as_slice());
        fragments.push((at(index), [&[0xef, 0xf0, 1][..], piece].concat()));
    }
    (root, fragments)
}

/// Writes down an activation, as `activateProgram` would have done.
pub fn note_activation(db: &mut InMemoryDB, config: &ArbConfig, code_hash: B256, wasm: &[u8], cached: bool) {
    let rules = ActivationConfig {
        stylus_version: config.stylus.version,
        arbos_version: config.arbos_version,
        page_limit: config.stylus.page_limit,
        debug: config.debug,
    };
    let figures = activate(wasm, &rules).unwrap();
    let program = programs::Program {
        version: config.stylus.version,
        init_cost: figures.init_cost,
        cached_cost: figures.cached_init_cost,
        footprint: figures.footprint,
        activated_at: programs::hours(TIMESTAMP),
        asm_kb: figures.asm_estimate.div_ceil(1024),
        cached,
    };
    db.insert_account_storage(state::ACCOUNT, programs::slot(code_hash), program.pack())
        .unwrap();
    let module = programs::module_slot(code_hash);
    db.insert_account_storage(state::ACCOUNT, module, figures.module_hash.into())
        .unwrap();
}

/// A program of `tests/programs`.
pub fn program(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/programs")
        .join(name);
    wat::parse_file(path).unwrap()
}

/// EVM code that passes its call data to `to` by `opcode` (CALL f1, DELEGATECALL f4, STATICCALL fa), stores the outcome
/// plus one in slot 0 unless `quiet`, and returns what came back.
pub fn forwarder(opcode: u8, to: Address, quiet: bool) -> Vec<u8> {
    // CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY; PUSH0 PUSH0 CALLDATASIZE PUSH0 [PUSH0] PUSH20 to GAS opcode
    let mut code = vec![0x36, 0x5f, 0x5f, 0x37, 0x5f, 0x5f, 0x36, 0x5f];
    if opcode == 0xf1 {
        code.push(0x5f);
    }
    code.push(0x73);
    code.extend_from_slice(to.as_slice());
    code.extend_from_slice(&[0x5a, opcode]);
    // POP, or PUSH1 1 ADD PUSH0 SSTORE
    code.extend_from_slice(if quiet {
        &[0x50][..]
    } else {
        &[0x60, 1, 0x01, 0x5f, 0x55][..]
    });
    // RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY RETURNDATASIZE PUSH0 RETURN
    code.extend_from_slice(&[0x3d, 0x5f, 0x5f, 0x3e, 0x3d, 0x5f, 0xf3]);
    code
}
