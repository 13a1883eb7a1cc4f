// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {ERC7579Utils, Execution} from "@openzeppelin/contracts/account/utils/draft-ERC7579Utils.sol";
import {IAccount as IERC4337Account, PackedUserOperation} from "@openzeppelin/contracts/interfaces/IERC4337.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {Proxy} from "@openzeppelin/contracts/proxy/Proxy.sol";
import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";

import {RootKey} from "./RootKey.sol";

/// The shell: the small EVM contract that an EOA delegates to (EIP-7702), in front of the Stylus program that does the work.
///
/// What must be cheap, or must work even when the program does not, is answered here: receiving ether and tokens, the
/// EOA's own signature, the EOA's own batches, a pool's callback. Everything else is delegate-called into the manager, where
/// address and storage are the EOA's. The shell itself holds no storage, no policy and no way to change.
contract Account is RootKey, Proxy {
    using ERC7579Utils for bytes;
    using SafeERC20 for IERC20;
    using TransientSlot for *;

    // ERC-7821 modes: call type, exec type, four ignored bytes, mode selector; the remaining 22 bytes are ignored.
    bytes10 private constant MODE_MASK = 0xffff00000000ffffffff;
    bytes10 private constant MODE_BATCH = 0x01000000000000000000;
    bytes10 private constant MODE_BATCH_WITH_OP_DATA = 0x01000000000078210001;

    uint256 private constant SIGNATURE_VALID = 0;
    uint256 private constant SIGNATURE_INVALID = 1;

    // The manager writes these right before it swaps and clears them after: who may call back, for which token, for how much.
    bytes32 private constant CALLBACK_POOL = bytes32(uint256(keccak256("hedgerow.transient.callback.pool")) - 1);
    bytes32 private constant CALLBACK_TOKEN = bytes32(uint256(keccak256("hedgerow.transient.callback.token")) - 1);
    bytes32 private constant CALLBACK_MAX = bytes32(uint256(keccak256("hedgerow.transient.callback.max")) - 1);

    // Immutables are part of the code, so an EOA that delegates here has them although no constructor ever ran for it.
    address public immutable manager;
    address public immutable entryPoint;

    constructor(address manager_, address entryPoint_) {
        if (manager_.code.length == 0) revert NoCode(manager_);
        manager = manager_;
        entryPoint = entryPoint_;
    }

    /// Costs less than 100 gas: WETH's `withdraw` and Solidity's `transfer` leave 2,300.
    receive() external payable {}

    function execute(bytes32 mode, bytes calldata executionData) external payable {
        bytes10 kind = bytes10(mode) & MODE_MASK;
        if (kind == MODE_BATCH_WITH_OP_DATA) {
            if (_hasOpData(executionData)) _delegate(manager);
        } else if (kind != MODE_BATCH) {
            revert UnsupportedExecutionMode(mode);
        }
        if (msg.sender != address(this) && msg.sender != entryPoint) revert Unauthorised(msg.sender);
        _requireDelegated();

        Execution[] calldata calls = executionData.decodeBatch();
        for (uint256 i = 0; i < calls.length; ++i) {
            Execution calldata call_ = calls[i];
            address target = call_.target;
            if (target == address(0)) target = address(this);
            if (!LowLevelCall.callNoReturn(target, call_.value, call_.callData)) {
                if (LowLevelCall.returnDataSize() == 0) revert CallFailed(target, "");
                LowLevelCall.bubbleRevert();
            }
        }
    }

    function supportsExecutionMode(bytes32 mode) external pure returns (bool) {
        bytes10 kind = bytes10(mode) & MODE_MASK;
        return kind == MODE_BATCH || kind == MODE_BATCH_WITH_OP_DATA;
    }

    function validateUserOp(PackedUserOperation calldata userOp, bytes32 userOpHash, uint256 missingAccountFunds)
        external
        returns (uint256 validationData)
    {
        if (msg.sender != entryPoint) revert Unauthorised(msg.sender);
        _requireDelegated();
        validationData = _signed(userOpHash, userOp.signature) ? SIGNATURE_VALID : SIGNATURE_INVALID;
        // Whether the deposit suffices is the EntryPoint's own check, so a failure here is not ours to judge.
        if (missingAccountFunds != 0) LowLevelCall.callNoReturn(msg.sender, missingAccountFunds, "");
    }

    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        address pool = CALLBACK_POOL.asAddress().tload();
        if (msg.sender != pool) revert CallbackRefused(msg.sender, pool);
        if ((amount0Delta > 0) == (amount1Delta > 0)) revert CallbackAmounts(amount0Delta, amount1Delta);
        uint256 amount = uint256(amount0Delta > 0 ? amount0Delta : amount1Delta);
        uint256 maximum = CALLBACK_MAX.asUint256().tload();
        if (amount > maximum) revert CallbackExceedsMaximum(amount, maximum);

        // One shot, and shut before the token, which may be anybody's code, gets to run.
        CALLBACK_POOL.asAddress().tstore(address(0));
        IERC20(CALLBACK_TOKEN.asAddress().tload()).safeTransfer(pool, amount);
    }

    function onERC721Received(address, address, uint256, bytes calldata) external pure returns (bytes4) {
        return IERC721Receiver.onERC721Received.selector;
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external pure returns (bytes4) {
        return IERC1155Receiver.onERC1155Received.selector;
    }

    function onERC1155BatchReceived(address, address, uint256[] calldata, uint256[] calldata, bytes calldata)
        external
        pure
        returns (bytes4)
    {
        return IERC1155Receiver.onERC1155BatchReceived.selector;
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC165).interfaceId || interfaceId == type(IERC721Receiver).interfaceId
            || interfaceId == type(IERC1155Receiver).interfaceId || interfaceId == type(IERC1271).interfaceId
            || interfaceId == type(IERC5267).interfaceId || interfaceId == type(IERC4337Account).interfaceId;
    }

    /// What the fallback delegate-calls.
    function _implementation() internal view override returns (address) {
        return manager;
    }

    /// Whether `executionData` is `abi.encode(calls, opData)` with opData that is not empty.
    function _hasOpData(bytes calldata executionData) private pure returns (bool) {
        // The first word is where the calls begin: one word in when they stand alone, two when opData's offset follows.
        if (executionData.length < 0x40 || uint256(bytes32(executionData)) < 0x40) return false;
        uint256 offset = uint256(bytes32(executionData[0x20:]));
        if (offset > executionData.length - 0x20) revert ERC7579Utils.ERC7579DecodingError();
        return bytes32(executionData[offset:]) != 0;
    }

    /// The shell at its own address belongs to nobody: there it executes, validates and signs nothing.
    function _requireDelegated() private view {
        if (address(this) == SHELL) revert NotDelegated(SHELL);
    }
}
