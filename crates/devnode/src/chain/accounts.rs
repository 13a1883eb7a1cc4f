//! Reading code without warming accounts, and finding what an address really runs.

use alloy::primitives::{Address, B256, KECCAK256_EMPTY};
use revm::Database;
use revm::bytecode::Bytecode;
use revm::context::{ContextTr, JournalTr};
use revm::state::AccountInfo;

use super::context::ArbContext;

/// What is known of `address`, without touching the access list; its code may not be loaded.
///
/// # Errors
/// What the database reports.
pub fn peek<DB: Database>(ctx: &mut ArbContext<DB>, address: Address) -> Result<Option<AccountInfo>, DB::Error> {
    let (db, state) = ctx.journal_mut().db_and_state_mut();
    match state.get(&address) {
        Some(account) => Ok(Some(account.info.clone())),
        None => db.basic(address),
    }
}

/// The code of `address` and its hash, without touching the access list.
///
/// # Errors
/// What the database reports.
pub fn peek_code<DB: Database>(ctx: &mut ArbContext<DB>, address: Address) -> Result<(B256, Bytecode), DB::Error> {
    let Some(info) = peek(ctx, address)? else {
        return Ok((KECCAK256_EMPTY, Bytecode::default()));
    };
    let code = match info.code {
        Some(code) => code,
        None if info.code_hash == KECCAK256_EMPTY || info.code_hash.is_zero() => Bytecode::default(),
        None => ctx.journal_mut().db_mut().code_by_hash(info.code_hash)?,
    };
    Ok((info.code_hash, code))
}

/// Whether `address` is a precompile of the running chain.
pub fn is_precompile<DB: Database>(ctx: &ArbContext<DB>, address: &Address) -> bool {
    ctx.journal().precompile_addresses().contains(address)
}

/// What calling an account whose code is `code` runs: one EIP-7702 delegation is followed; a delegation to a precompile
/// runs nothing.
///
/// # Errors
/// What the database reports.
pub fn resolve<DB: Database>(
    ctx: &mut ArbContext<DB>,
    code_hash: B256,
    code: Bytecode,
) -> Result<(B256, Bytecode), DB::Error> {
    match code.eip7702_address() {
        Some(target) if is_precompile(ctx, &target) => Ok((KECCAK256_EMPTY, Bytecode::default())),
        Some(target) => peek_code(ctx, target),
        None => Ok((code_hash, code)),
    }
}
