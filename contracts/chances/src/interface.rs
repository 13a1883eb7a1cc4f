//! The Solidity interface that the program answers.
#![allow(missing_docs)]

use alloy_sol_types::sol;

sol!("../../abi/IChancesLens.sol");
