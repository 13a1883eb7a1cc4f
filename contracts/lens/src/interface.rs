//! The Solidity interfaces whose selectors the lens answers and calls.
#![allow(missing_docs)]

use alloy_sol_types::sol;

sol!("../../abi/ILens.sol");

sol! {
    interface IERC721Enumerable {
        function balanceOf(address owner) external view returns (uint256);
        function tokenOfOwnerByIndex(address owner, uint256 index) external view returns (uint256);
    }
}
