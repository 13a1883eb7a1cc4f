//! `ArbInfo`.

use alloy::sol;
use alloy::sol_types::{SolCall, SolInterface};
use revm::Database;

use super::call::{Call, Failure, Outcome, Purity, WORD_GAS, words};
use crate::chain::accounts;
use IArbInfo::IArbInfoCalls as Calls;

const BALANCE_GAS: u64 = 700;
const CODE_GAS: u64 = 2_100;

sol! {
    #[allow(missing_docs)]
    interface IArbInfo {
        function getBalance(address account) external view returns (uint256);
        function getCode(address account) external view returns (bytes memory);
    }
}

pub(super) fn call<DB: Database>(call: &mut Call<'_, DB>, input: &[u8]) -> Outcome<DB> {
    let method = Calls::abi_decode_validate(input).map_err(|_| Failure::BurnAll)?;
    call.allow(Purity::View)?;
    match method {
        Calls::getBalance(args) => {
            call.burn(BALANCE_GAS)?;
            let info = accounts::peek(call.ctx, args.account).map_err(Failure::Database)?;
            Ok(info.unwrap_or_default().balance.to_be_bytes::<32>().into())
        }
        Calls::getCode(args) => {
            call.burn(CODE_GAS)?;
            let (_, code) = accounts::peek_code(call.ctx, args.account).map_err(Failure::Database)?;
            let code = code.original_bytes();
            call.burn(WORD_GAS * words(code.len()))?;
            Ok(IArbInfo::getCodeCall::abi_encode_returns(&code).into())
        }
    }
}
