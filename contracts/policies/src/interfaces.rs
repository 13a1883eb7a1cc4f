//! The Solidity interfaces whose selectors the program answers and calls, beyond those that all programs share.
#![allow(missing_docs, clippy::too_many_arguments)]

use alloy_sol_types::sol;

sol!("../../contracts/solidity/src/interfaces/IPolicies.sol");
