// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// The functions that the account knows the meaning of when a session key calls them.
library Selectors {
    /// What stands for empty calldata.
    bytes4 internal constant EMPTY = 0xe0e0e0e0;

    bytes4 internal constant TRANSFER = bytes4(keccak256("transfer(address,uint256)"));
    bytes4 internal constant TRANSFER_FROM = bytes4(keccak256("transferFrom(address,address,uint256)"));
    bytes4 internal constant APPROVE = bytes4(keccak256("approve(address,uint256)"));
    bytes4 private constant DEPOSIT = bytes4(keccak256("deposit()"));
    bytes4 private constant WITHDRAW = bytes4(keccak256("withdraw(uint256)"));

    bytes4 internal constant MINT =
        bytes4(keccak256("mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))"));
    bytes4 internal constant INCREASE =
        bytes4(keccak256("increaseLiquidity((uint256,uint256,uint256,uint256,uint256,uint256))"));
    bytes4 internal constant DECREASE =
        bytes4(keccak256("decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))"));
    bytes4 internal constant COLLECT = bytes4(keccak256("collect((uint256,address,uint128,uint128))"));

    /// ERC-20's three, which take from the account: ERC-721 has two of them too.
    function spends(bytes4 selector) internal pure returns (bool) {
        return selector == TRANSFER || selector == TRANSFER_FROM || selector == APPROVE;
    }

    /// What a token with a limit may be asked for.
    function isOfLimitedToken(bytes4 selector) internal pure returns (bool) {
        return spends(selector) || selector == DEPOSIT || selector == WITHDRAW;
    }

    function isOfPositionManager(bytes4 selector) internal pure returns (bool) {
        return selector == MINT || selector == INCREASE || selector == DECREASE || selector == COLLECT;
    }

    /// What no session key may call on anybody: functions that give NFTs, allowances, positions or votes away, or that make calls
    /// of their own.
    function isRefused(bytes4 selector) internal pure returns (bool) {
        return _givesNfts(selector) || _givesAllowances(selector) || _sends(selector) || _makesCalls(selector);
    }

    function _givesNfts(bytes4 selector) private pure returns (bool) {
        return selector == bytes4(keccak256("setApprovalForAll(address,bool)"))
            || selector == bytes4(keccak256("safeTransferFrom(address,address,uint256)"))
            || selector == bytes4(keccak256("safeTransferFrom(address,address,uint256,bytes)"))
            || selector == bytes4(keccak256("safeTransferFrom(address,address,uint256,uint256,bytes)"))
            || selector == bytes4(keccak256("safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)"))
            || selector == bytes4(keccak256("permit(address,uint256,uint256,uint8,bytes32,bytes32)"))
            || selector == bytes4(keccak256("burn(uint256)"))
            // A pool's own, by which direct positions are withdrawn and paid to anybody.
            || selector == bytes4(keccak256("burn(int24,int24,uint128)"))
            || selector == bytes4(keccak256("collect(address,int24,int24,uint128,uint128)"));
    }

    function _givesAllowances(bytes4 selector) private pure returns (bool) {
        return selector == bytes4(keccak256("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"))
            || selector == bytes4(keccak256("permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)"))
            || selector == bytes4(keccak256("increaseAllowance(address,uint256)"))
            || selector == bytes4(keccak256("decreaseAllowance(address,uint256)"))
            || selector == bytes4(keccak256("increaseApproval(address,uint256)"))
            || selector == bytes4(keccak256("decreaseApproval(address,uint256)"))
            || selector == bytes4(keccak256("approve(address,address,uint160,uint48)"))
            || selector == bytes4(keccak256("approveAndCall(address,uint256)"))
            || selector == bytes4(keccak256("approveAndCall(address,uint256,bytes)"))
            || selector == bytes4(keccak256("authorizeOperator(address)"))
            || selector == bytes4(keccak256("revokeOperator(address)"))
            || selector == bytes4(keccak256("setOperator(address,bool)"))
            || selector == bytes4(keccak256("delegate(address)"))
            || selector == bytes4(keccak256("transferOwnership(address)"));
    }

    function _sends(bytes4 selector) private pure returns (bool) {
        return selector == bytes4(keccak256("send(address,uint256,bytes)"))
            || selector == bytes4(keccak256("operatorSend(address,address,uint256,bytes,bytes)"))
            || selector == bytes4(keccak256("operatorBurn(address,uint256,bytes,bytes)"))
            || selector == bytes4(keccak256("burn(uint256,bytes)"))
            || selector == bytes4(keccak256("burn(address,uint256)"))
            || selector == bytes4(keccak256("burnFrom(address,uint256)"))
            || selector == bytes4(keccak256("transferAndCall(address,uint256)"))
            || selector == bytes4(keccak256("transferAndCall(address,uint256,bytes)"))
            || selector == bytes4(keccak256("transferFromAndCall(address,address,uint256)"))
            || selector == bytes4(keccak256("transferFromAndCall(address,address,uint256,bytes)"));
    }

    function _makesCalls(bytes4 selector) private pure returns (bool) {
        return selector == bytes4(keccak256("multicall(bytes[])"))
            || selector == bytes4(keccak256("multicall(uint256,bytes[])"))
            || selector == bytes4(keccak256("multicall(bytes32,bytes[])"))
            || selector == bytes4(keccak256("execute(bytes32,bytes)"))
            || selector == bytes4(keccak256("execute(address,uint256,bytes)"));
    }
}
