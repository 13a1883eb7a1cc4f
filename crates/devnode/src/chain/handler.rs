//! How Arbitrum validates, charges and settles a transaction, where that differs from Ethereum.

use std::marker::PhantomData;

use alloy::primitives::U256;
use revm::Database;
use revm::context::result::{EVMError, HaltReason, InvalidTransaction};
use revm::context::{Block, Cfg, ContextTr, Transaction};
use revm::context::{JournalTr, journaled_state::account::JournaledAccountTr};
use revm::handler::{EvmTr, FrameResult, FrameTr, Handler, validation};
use revm::interpreter::{GasTracker, InitialAndFloorGas};

use super::config::TX_COMPUTE_LIMIT;
use super::evm::ArbEvm;

/// Ethereum's handler, except: no EIP-7623 floor, gas beyond the compute limit is held back, and fees go to the network
/// fee account.
#[derive(Debug)]
pub(super) struct ArbHandler<DB>(PhantomData<DB>);

impl<DB> Default for ArbHandler<DB> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<DB: Database> Handler for ArbHandler<DB> {
    type Evm = ArbEvm<DB>;
    type Error = EVMError<DB::Error, InvalidTransaction>;
    type HaltReason = HaltReason;

    fn validate_initial_tx_gas(&self, evm: &mut Self::Evm) -> Result<InitialAndFloorGas, Self::Error> {
        let ctx = evm.ctx_ref();
        let cfg = ctx.cfg();
        let no_floor = true;
        Ok(validation::validate_initial_tx_gas_with_gas_params(
            ctx.tx(),
            cfg.spec,
            cfg.gas_params(),
            no_floor,
            false,
            u64::MAX,
            None,
        )?)
    }

    fn tx_gas(&self, evm: &mut Self::Evm, initial: &InitialAndFloorGas) -> GasTracker {
        let ctx = evm.ctx_mut();
        let limit = ctx.tx().gas_limit();
        let after_intrinsic = limit.saturating_sub(initial.initial_total_gas());
        // Since ArbOS 50 the limit includes the intrinsic gas.
        let most = match ctx.chain.config.arbos_version {
            _ if ctx.chain.simulate => u64::MAX,
            50.. => TX_COMPUTE_LIMIT.saturating_sub(initial.initial_total_gas()),
            _ => TX_COMPUTE_LIMIT,
        };
        let available = after_intrinsic.min(most);
        ctx.chain.held_gas = after_intrinsic - available;
        GasTracker::new(limit, available, 0)
    }

    fn last_frame_result(
        &mut self,
        evm: &mut Self::Evm,
        result: &mut <<Self::Evm as EvmTr>::Frame as FrameTr>::FrameResult,
        tx_gas: &mut GasTracker,
    ) -> Result<(), Self::Error> {
        let outcome = result.instruction_result();
        tx_gas.spend_all();
        revm::handler::handle_reservoir_remaining_gas(outcome, tx_gas, result.gas_mut().tracker_mut());
        tx_gas.erase_cost(evm.ctx_ref().chain.held_gas);
        *result.gas_mut().tracker_mut() = *tx_gas;
        Ok(())
    }

    fn reward_beneficiary(&self, evm: &mut Self::Evm, result: &mut FrameResult) -> Result<(), Self::Error> {
        let ctx = evm.ctx_mut();
        let price = ctx.tx().effective_gas_price(u128::from(ctx.block().basefee()));
        let fee = U256::from(price) * U256::from(result.gas().used());
        let account = ctx.chain.config.network_fee_account;
        ctx.journal_mut().load_account_mut(account)?.incr_balance(fee);
        Ok(())
    }
}
