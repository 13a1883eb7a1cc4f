//! One call of an ArbOS precompile: its gas, and who made it.

use alloy::primitives::{Address, B256, Bytes, Log, U256};
use alloy::sol_types::{SolError, SolEvent};
use revm::Database;
use revm::context::{Block, ContextTr, JournalTr};
use revm::interpreter::CallInputs;

use crate::arbos::params::StylusParams;
use crate::arbos::programs::{self, Program};
use crate::chain::accounts;
use crate::chain::context::ArbContext;

/// Gas of a word of arguments or results.
pub(super) const WORD_GAS: u64 = 3;
/// Gas of reading a slot of ArbOS state.
pub(super) const READ_GAS: u64 = 800;
/// Gas of writing one.
pub(super) const WRITE_GAS: u64 = 20_000;
/// Gas of reading the Stylus parameters, which are warm.
pub(super) const PARAMS_GAS: u64 = 100;
/// Gas of reading another account's code hash.
pub(super) const CODE_HASH_GAS: u64 = 2_600;

/// Why a call failed. All of them are reverts to the caller.
#[derive(Debug)]
pub(super) enum Failure<E> {
    /// Takes all gas and says nothing: no such method, no such argument, not payable, not enough gas.
    BurnAll,
    /// Says nothing and gives back the rest of the gas.
    Plain,
    /// A Solidity error.
    Error(Vec<u8>),
    /// The database failed.
    Database(E),
}

impl<E> Failure<E> {
    /// A Solidity error.
    pub fn error(error: &impl SolError) -> Self {
        Self::Error(error.abi_encode())
    }
}

pub(super) type Done<DB, T> = Result<T, Failure<<DB as Database>::Error>>;
pub(super) type Outcome<DB> = Done<DB, Bytes>;

/// What a method may do, and so from where it may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purity {
    /// Reads no state: even through a delegate call.
    Pure,
    /// Reads state.
    View,
    /// Writes state.
    Write,
    /// Writes state and takes value.
    Payable,
}

/// A call under way.
pub(super) struct Call<'a, DB: Database> {
    pub ctx: &'a mut ArbContext<DB>,
    inputs: &'a CallInputs,
    gas_left: u64,
}

impl<'a, DB: Database> Call<'a, DB> {
    pub fn new(ctx: &'a mut ArbContext<DB>, inputs: &'a CallInputs) -> Self {
        let gas_left = inputs.gas_limit;
        Self { ctx, inputs, gas_left }
    }

    pub fn gas_left(&self) -> u64 {
        self.gas_left
    }

    pub fn burn(&mut self, gas: u64) -> Done<DB, ()> {
        match self.gas_left.checked_sub(gas) {
            Some(left) => {
                self.gas_left = left;
                Ok(())
            }
            None => {
                self.gas_left = 0;
                Err(Failure::BurnAll)
            }
        }
    }

    pub fn burn_words(&mut self, bytes: usize) -> Done<DB, ()> {
        self.burn(words(bytes) * WORD_GAS)
    }

    /// Checks the selector and pays for the arguments.
    pub fn open(&mut self, input: &[u8]) -> Done<DB, ()> {
        match input.split_first_chunk::<4>() {
            Some((_, arguments)) => self.burn_words(arguments.len()),
            None => Err(Failure::BurnAll),
        }
    }

    /// Checks that a method of this purity may run here, and pays for opening ArbOS's state unless it is pure.
    pub fn allow(&mut self, purity: Purity) -> Done<DB, ()> {
        let as_itself = self.inputs.target_address == self.inputs.bytecode_address;
        let refused = (purity >= Purity::View && !as_itself)
            || (purity >= Purity::Write && self.inputs.is_static)
            || (purity < Purity::Payable && !self.inputs.call_value().is_zero());
        if refused {
            return Err(Failure::BurnAll);
        }
        if purity > Purity::Pure {
            self.burn(READ_GAS)
        } else {
            Ok(())
        }
    }

    /// Who called.
    pub fn caller(&self) -> Address {
        self.inputs.caller
    }

    /// Wei that came along.
    pub fn value(&self) -> U256 {
        self.inputs.call_value()
    }

    /// ArbOS version.
    pub fn arbos_version(&self) -> u64 {
        self.ctx.chain.config.arbos_version
    }

    /// Seconds since 1970.
    pub fn now(&self) -> u64 {
        self.ctx.block().timestamp().saturating_to()
    }

    /// The Stylus parameters.
    pub fn params(&mut self) -> Done<DB, StylusParams> {
        self.burn(PARAMS_GAS)?;
        Ok(self.ctx.chain.config.stylus)
    }

    /// What is written down about `code_hash`.
    pub fn program(&mut self, code_hash: B256) -> Done<DB, Program> {
        self.burn(READ_GAS)?;
        programs::load(self.ctx, code_hash).map_err(Failure::Database)
    }

    /// The code hash of an account, zero if it does not exist.
    pub fn code_hash(&mut self, account: Address) -> Done<DB, B256> {
        self.burn(CODE_HASH_GAS)?;
        let info = accounts::peek(self.ctx, account).map_err(Failure::Database)?;
        Ok(info
            .filter(|info| !info.is_empty())
            .map_or(B256::ZERO, |info| info.code_hash))
    }

    /// Emits `event` and pays for it.
    pub fn emit(&mut self, event: &impl SolEvent) -> Done<DB, ()> {
        let data = event.encode_log_data();
        self.burn(375 * (1 + data.topics().len() as u64) + 8 * data.data.len() as u64)?;
        self.ctx.journal_mut().log(Log {
            address: self.inputs.bytecode_address,
            data,
        });
        Ok(())
    }

    /// Takes `fee` out of the value that came along and gives back the rest.
    pub fn pay(&mut self, fee: U256) -> Done<DB, ()> {
        let (here, caller) = (self.inputs.target_address, self.caller());
        let network = self.ctx.chain.config.network_fee_account;
        self.transfer(here, network, fee)?;
        self.transfer(here, caller, self.value().saturating_sub(fee))
    }

    fn transfer(&mut self, from: Address, to: Address, amount: U256) -> Done<DB, ()> {
        match self.ctx.journal_mut().transfer(from, to, amount) {
            Ok(None) => Ok(()),
            Ok(Some(_)) => Err(Failure::Plain),
            Err(error) => Err(Failure::Database(error)),
        }
    }
}

/// Words that `bytes` take.
pub(super) fn words(bytes: usize) -> u64 {
    bytes.div_ceil(32) as u64
}
