//! The chain that a run is played on: the devnode's execution core on a state of its own, without JSON-RPC, signatures or receipts.
//! A copy costs nothing, so that every run begins where the stage was set, and an exit can be tried and forgotten.

use alloy::{
    primitives::{Address, Bytes, Log, TxKind, U256},
    sol_types::SolCall,
};
use hedgerow_devnode::chain::{
    block::BlockContext,
    config::{ArbConfig, CallOptions},
    evm::transact,
    node::Chain,
    state::State,
};
use revm::{
    context::{
        TxEnv,
        result::{ExecutionResult, ResultAndState},
    },
    database_interface::WrapDatabaseRef,
};

/// What a transaction may use: Arbitrum's own limit.
const GAS: u64 = 32_000_000;

/// A chain at one moment. Time stands still between two transactions unless it is told to pass.
#[derive(Clone)]
pub struct Machine {
    state: State,
    arb: ArbConfig,
    block: BlockContext,
}

/// What became of a transaction.
#[derive(Clone, Debug)]
pub struct Sent {
    pub success: bool,
    /// What it returned, or why it reverted.
    pub output: Bytes,
    pub logs: Vec<Log>,
    /// The slots of the watched account that changed: what was there, what is there now.
    pub written: Vec<(U256, U256, U256)>,
    /// The watched account's nonce or code is another.
    pub reformed: bool,
}

impl Machine {
    pub fn of(chain: &Chain) -> Self {
        Self {
            state: chain.state().clone(),
            arb: chain.arb().clone(),
            block: chain.next_context(),
        }
    }

    pub fn now(&self) -> u64 {
        self.block.timestamp
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    pub fn chain_id(&self) -> u64 {
        self.arb.chain_id
    }

    pub fn pass(&mut self, seconds: u64) {
        self.block.timestamp += seconds;
        self.block.number += 1;
    }

    fn transaction(&self, from: Address, to: Address, value: U256, data: Bytes) -> TxEnv {
        TxEnv {
            tx_type: 2,
            caller: from,
            kind: TxKind::Call(to),
            value,
            data,
            gas_limit: GAS,
            gas_price: u128::from(self.block.base_fee),
            gas_priority_fee: Some(0),
            nonce: self.state.nonce(from),
            chain_id: Some(self.arb.chain_id),
            ..TxEnv::default()
        }
    }

    fn execute(&self, tx: TxEnv, simulate: bool) -> ResultAndState {
        let options = CallOptions {
            simulate,
            l2_block: self.block.number,
            ..CallOptions::default()
        };
        let db = WrapDatabaseRef(&self.state);
        transact(db, &self.arb, self.block.env(), tx, &options).expect("a valid transaction")
    }

    /// Sends a transaction in a block of its own, and reports what it did to the account that is watched.
    pub fn send(&mut self, watched: Address, from: Address, to: Address, value: U256, data: Bytes) -> Sent {
        let done = self.execute(self.transaction(from, to, value, data), false);
        let (nonce, code) = (self.state.nonce(watched), self.state.code(watched));
        let account = done.state.get(&watched);
        let slots = account.into_iter().flat_map(|account| &account.storage);
        let written = slots
            .filter(|(_, slot)| slot.is_changed())
            .map(|(at, slot)| (*at, slot.original_value(), slot.present_value()))
            .collect();
        self.state.commit(done.state);
        self.block.number += 1;
        // A sender's nonce counts its own transactions.
        let expected = nonce + u64::from(from == watched);
        let (success, output, logs) = outcome(done.result);
        Sent {
            success,
            output,
            logs,
            written,
            reformed: self.state.nonce(watched) != expected || self.state.code(watched) != code,
        }
    }

    /// A call that changes nothing: what it returns, or why it reverts.
    pub fn ask(&self, from: Address, to: Address, data: Bytes) -> Result<Bytes, Bytes> {
        let tx = TxEnv {
            gas_price: 0,
            ..self.transaction(from, to, U256::ZERO, data)
        };
        match outcome(self.execute(tx, true).result) {
            (true, output, _) => Ok(output),
            (false, reason, _) => Err(reason),
        }
    }

    /// A view that has to answer.
    pub fn read<C: SolCall>(&self, to: Address, call: &C) -> C::Return {
        let answer = self.ask(Address::ZERO, to, call.abi_encode().into());
        let answer = answer.unwrap_or_else(|reason| panic!("{} refused: {reason}", C::SIGNATURE));
        C::abi_decode_returns(&answer).unwrap_or_else(|error| panic!("{}: {error}", C::SIGNATURE))
    }
}

fn outcome(result: ExecutionResult) -> (bool, Bytes, Vec<Log>) {
    let success = result.is_success();
    let output = result.output().cloned().unwrap_or_default();
    (success, output, if success { result.into_logs() } else { Vec::new() })
}
