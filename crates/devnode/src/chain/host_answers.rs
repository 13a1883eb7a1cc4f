//! What the chain answers to a program's requests that need no other frame.

use alloy::primitives::{Address, B256, Log, LogData, U256};
use revm::Database;
use revm::context::{Cfg, ContextTr, JournalTr};

use super::accounts;
use super::context::ArbContext;
use crate::arbos::programs::page_gas;
use crate::wasm::exchange::{Reply, Request};
use crate::wasm::host::pricing::{COLD_ACCOUNT_GAS, COLD_SLOAD_GAS, WARM_GAS};

/// From this version on, a transaction cannot open more pages than the limit at all.
pub(super) const PAGE_LIMIT_FROM: u64 = 59;
/// Gas of reading another account's code, on top of the access.
const CODE_GAS: u64 = 700;
const READ_ONLY: &str = "state cannot change in a static call";

/// The frame that asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asker {
    /// The acting address.
    pub address: Address,
    /// Whether state must not change.
    pub is_static: bool,
}

/// Answers `request`; `None` if it takes a frame. Refunds for cleared slots are added to `refund`.
pub(super) fn answer<DB: Database>(
    ctx: &mut ArbContext<DB>,
    asker: Asker,
    refund: &mut i64,
    request: &Request,
) -> Result<Option<Reply>, DB::Error> {
    Ok(Some(match request {
        Request::LoadStorage(key) => {
            let load = ctx.journal_mut().sload(asker.address, (*key).into())?;
            Reply::Word(load.data.into(), if load.is_cold { COLD_SLOAD_GAS } else { WARM_GAS })
        }
        Request::StoreStorage { .. } | Request::StoreTransient(..) | Request::Log { .. } if asker.is_static => {
            Reply::Refused(READ_ONLY)
        }
        Request::StoreStorage { slots, gas } => store(ctx, asker.address, slots, *gas, refund)?,
        Request::LoadTransient(key) => Reply::Word(ctx.journal_mut().tload(asker.address, (*key).into()).into(), 0),
        Request::StoreTransient(key, value) => {
            ctx.journal_mut().tstore(asker.address, (*key).into(), (*value).into());
            Reply::Done(0)
        }
        Request::Log { topics, data } => {
            let data = LogData::new_unchecked(topics.clone(), data.clone());
            ctx.journal_mut().log(Log {
                address: asker.address,
                data,
            });
            Reply::Done(0)
        }
        Request::Balance(address) => {
            let load = ctx.journal_mut().load_account(*address)?;
            Reply::Word(load.info.balance.into(), access_gas(load.is_cold))
        }
        Request::CodeHash(address) => {
            let load = ctx.journal_mut().load_account(*address)?;
            let gas = access_gas(load.is_cold);
            let hash = if load.is_empty() {
                B256::ZERO
            } else {
                load.info.code_hash
            };
            Reply::Word(hash, gas)
        }
        Request::Code { address, gas } => code(ctx, *address, *gas)?,
        Request::AddPages(pages) => add_pages(ctx, *pages),
        Request::Call { .. } | Request::Create { .. } => return Ok(None),
    }))
}

fn access_gas(is_cold: bool) -> u64 {
    if is_cold { COLD_ACCOUNT_GAS } else { WARM_GAS }
}

fn store<DB: Database>(
    ctx: &mut ArbContext<DB>,
    address: Address,
    slots: &[(B256, B256)],
    gas: u64,
    refund: &mut i64,
) -> Result<Reply, DB::Error> {
    let mut spent = 0u64;
    for (key, value) in slots {
        let stored = ctx
            .journal_mut()
            .sstore(address, (*key).into(), U256::from_be_bytes(value.0))?;
        let prices = ctx.cfg().gas_params();
        spent += prices.sstore_static_gas() + prices.sstore_dynamic_gas(true, &stored.data, stored.is_cold);
        if spent > gas {
            // The frame fails and takes the writes back.
            return Ok(Reply::OutOfGas);
        }
        *refund += prices.sstore_refund(true, &stored.data);
    }
    Ok(Reply::Done(spent))
}

fn code<DB: Database>(ctx: &mut ArbContext<DB>, address: Address, gas: u64) -> Result<Reply, DB::Error> {
    let is_cold = ctx.journal_mut().load_account(address)?.is_cold;
    let cost = CODE_GAS + access_gas(is_cold);
    if gas < cost {
        return Ok(Reply::Code(Default::default(), cost));
    }
    let (_, code) = accounts::peek_code(ctx, address)?;
    Ok(Reply::Code(code.original_bytes(), cost))
}

fn add_pages<DB: Database>(ctx: &mut ArbContext<DB>, pages: u16) -> Reply {
    let facts = &mut ctx.chain;
    let before = facts.pages.add(pages);
    let params = &facts.config.stylus;
    if facts.config.arbos_version >= PAGE_LIMIT_FROM && facts.pages.open > params.page_limit {
        return Reply::OutOfGas;
    }
    Reply::Done(page_gas(params, before, pages))
}
