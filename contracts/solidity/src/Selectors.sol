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

    // NFTs, and direct positions, which a pool withdraws and pays to anybody.
    // a22cb465 setApprovalForAll(address,bool)
    // 42842e0e safeTransferFrom(address,address,uint256)
    // b88d4fde safeTransferFrom(address,address,uint256,bytes)
    // f242432a safeTransferFrom(address,address,uint256,uint256,bytes)
    // 2eb2c2d6 safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)
    // 7ac2ff7b permit(address,uint256,uint256,uint8,bytes32,bytes32)
    // 42966c68 burn(uint256)
    // a34123a7 burn(int24,int24,uint128)
    // 4f1eb3d8 collect(address,int24,int24,uint128,uint128)
    bytes private constant GIVE_NFTS = hex"a22cb46542842e0eb88d4fdef242432a2eb2c2d67ac2ff7b42966c68a34123a74f1eb3d8";

    // Allowances, votes and ownership.
    // d505accf permit(address,address,uint256,uint256,uint8,bytes32,bytes32)
    // 8fcbaf0c permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)
    // 39509351 increaseAllowance(address,uint256)
    // a457c2d7 decreaseAllowance(address,uint256)
    // d73dd623 increaseApproval(address,uint256)
    // 66188463 decreaseApproval(address,uint256)
    // 87517c45 approve(address,address,uint160,uint48)
    // 3177029f approveAndCall(address,uint256)
    // cae9ca51 approveAndCall(address,uint256,bytes)
    // 959b8c3f authorizeOperator(address)
    // fad8b32a revokeOperator(address)
    // 558a7297 setOperator(address,bool)
    // 5c19a95c delegate(address)
    // f2fde38b transferOwnership(address)
    bytes private constant GIVE_ALLOWANCES =
        hex"d505accf8fcbaf0c39509351a457c2d7d73dd6236618846387517c453177029fcae9ca51959b8c3ffad8b32a558a72975c19a95cf2fde38b";

    // Tokens, by other ways than ERC-20's.
    // 9bd9bbc6 send(address,uint256,bytes)
    // 62ad1b83 operatorSend(address,address,uint256,bytes,bytes)
    // fc673c4f operatorBurn(address,uint256,bytes,bytes)
    // fe9d9303 burn(uint256,bytes)
    // 9dc29fac burn(address,uint256)
    // 79cc6790 burnFrom(address,uint256)
    // 1296ee62 transferAndCall(address,uint256)
    // 4000aea0 transferAndCall(address,uint256,bytes)
    // d8fbe994 transferFromAndCall(address,address,uint256)
    // c1d34b89 transferFromAndCall(address,address,uint256,bytes)
    bytes private constant SEND = hex"9bd9bbc662ad1b83fc673c4ffe9d93039dc29fac79cc67901296ee624000aea0d8fbe994c1d34b89";

    // Whatever calls of its own it makes.
    // ac9650d8 multicall(bytes[])
    // 5ae401dc multicall(uint256,bytes[])
    // 1f0464d1 multicall(bytes32,bytes[])
    // e9ae5c53 execute(bytes32,bytes)
    // b61d27f6 execute(address,uint256,bytes)
    bytes private constant MAKE_CALLS = hex"ac9650d85ae401dc1f0464d1e9ae5c53b61d27f6";

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
    /// of their own. Lists of bytes, for the module's size: `test_A13_what_gives_nfts_and_allowances_away_is_refused` has the names.
    function isRefused(bytes4 selector) internal pure returns (bool) {
        return _isIn(GIVE_NFTS, selector) || _isIn(GIVE_ALLOWANCES, selector) || _isIn(SEND, selector)
            || _isIn(MAKE_CALLS, selector);
    }

    function _isIn(bytes memory list, bytes4 selector) private pure returns (bool found) {
        for (uint256 i = 0; i < list.length; i += 4) {
            bytes4 one;
            assembly ("memory-safe") {
                one := mload(add(add(list, 0x20), i))
            }
            found = found || one == selector;
        }
    }
}
