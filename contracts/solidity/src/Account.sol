// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IAccount as IERC4337Account} from "@openzeppelin/contracts/interfaces/IERC4337.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

import {Batch} from "./Batch.sol";
import {Management} from "./Management.sol";
import {PoolCallbacks} from "./PoolCallbacks.sol";
import {Programs} from "./Programs.sol";
import {SignedBatch} from "./SignedBatch.sol";
import {PackedUserOperation} from "./interfaces/IAccount.sol";

/// The shell: the small EVM contract that an EOA delegates to (EIP-7702), in front of the Stylus program that does the work.
///
/// What must be cheap, or must work even when the program does not, is answered here: receiving ether and tokens, the
/// EOA's own signature, the EOA's own batches, whoever carries them, a pool's callback. Everything else is delegate-called into
/// the program of its subject or the module for session keys (`Programs`), where address and storage are the EOA's. The shell has
/// no policy and no way to change; what little it stores (`AccountState`) lies at the root of its ERC-7201 namespace: keccak256(abi.encode(uint256(keccak256("hedgerow.account")) - 1))
/// without the last byte.
contract Account layout at 0x194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900
    is
    SignedBatch,
    Management,
    PoolCallbacks,
    Programs
{
    using Batch for *;

    // ERC-7821 modes: call type, exec type, four ignored bytes, mode selector; the remaining 22 bytes are ignored.
    bytes10 private constant MODE_MASK = 0xffff00000000ffffffff;
    bytes10 private constant MODE_BATCH = 0x01000000000000000000;
    bytes10 private constant MODE_BATCH_WITH_OP_DATA = 0x01000000000078210001;

    uint256 private constant ROOT_SIGNATURE_LENGTH = 65;
    uint256 private constant SIGNATURE_INVALID = 1;

    constructor(
        address manager_,
        address direct_,
        address exits_,
        address policies_,
        address runs_,
        address hedges_,
        address hedgereads_,
        address hedgechecks_,
        address hedgeruns_,
        address sessions_
    )
        Programs(manager_, direct_, exits_, policies_, runs_, hedges_, hedgereads_, hedgechecks_, hedgeruns_, sessions_)
    {}

    /// Costs less than 100 gas: WETH's `withdraw` and Solidity's `transfer` leave 2,300.
    receive() external payable {}

    function execute(bytes32 mode, bytes calldata executionData) external payable {
        bytes10 kind = bytes10(mode) & MODE_MASK;
        if (kind != MODE_BATCH && kind != MODE_BATCH_WITH_OP_DATA) revert UnsupportedExecutionMode(mode);
        _requireDelegated();
        uint256 found = _enterBatch();
        (Batch.Calls memory calls, bytes calldata opData) = executionData.open(kind == MODE_BATCH_WITH_OP_DATA);
        if (opData.length == 0) {
            _requireSelfOrEntryPoint();
        } else {
            uint256 minGas = _authorise(calls, opData);
            if (gasleft() < minGas) revert InsufficientGas(gasleft(), minGas);
        }
        calls.run();
        _leaveBatch(found);
    }

    function supportsExecutionMode(bytes32 mode) external pure returns (bool) {
        bytes10 kind = bytes10(mode) & MODE_MASK;
        return kind == MODE_BATCH || kind == MODE_BATCH_WITH_OP_DATA;
    }

    function validateUserOp(PackedUserOperation calldata userOp, bytes32 userOpHash, uint256 missingAccountFunds)
        external
        returns (uint256 validationData)
    {
        _requireEntryPoint();
        _requireDelegated();
        bytes calldata signature = userOp.signature;
        if (signature.length != ROOT_SIGNATURE_LENGTH) validationData = _validateSession();
        else if (!_signed(userOpHash, signature)) validationData = SIGNATURE_INVALID;
        // Whether the deposit suffices is the EntryPoint's own check, so a failure here is not ours to judge.
        if (missingAccountFunds != 0) LowLevelCall.callNoReturn(msg.sender, missingAccountFunds, "");
    }

    function tokensReceived(address, address, address, uint256, bytes calldata, bytes calldata) external pure {}

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

    /// What the module for session keys makes of the operation; whatever it cannot make anything of is no signature.
    function _validateSession() private returns (uint256 validationData) {
        address module = sessions;
        bool done;
        assembly ("memory-safe") {
            let memory_ := mload(0x40)
            calldatacopy(memory_, 0, calldatasize())
            done := delegatecall(gas(), module, memory_, calldatasize(), 0, 0x20)
            done := and(done, eq(returndatasize(), 0x20))
            validationData := mload(0)
        }
        if (!done) validationData = SIGNATURE_INVALID;
    }
}
