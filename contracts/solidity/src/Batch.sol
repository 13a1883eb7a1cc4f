// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

import {IAccount} from "./interfaces/IAccount.sol";

/// ERC-7821's execution data, read where it lies in calldata. What is hashed and what is executed come through the same two
/// functions, `_call` and `_tail`, which let nothing reach beyond the data's end.
library Batch {
    using LowLevelCall for address;

    /// The calls of a batch: where their offsets begin, how many there are, and where all data ends.
    struct Calls {
        uint256 start;
        uint256 count;
        uint256 end;
    }

    bytes32 private constant CALL_TYPEHASH = keccak256("Call(address to,uint256 value,bytes data)");

    /// Takes `abi.encode(calls)` or `abi.encode(calls, opData)` apart; without `withOpData` the latter's opData is not looked at.
    function open(bytes calldata executionData, bool withOpData)
        internal
        pure
        returns (Calls memory calls, bytes calldata opData)
    {
        opData = executionData[0:0];
        if (executionData.length < 0x40) revert IAccount.MalformedBatch();
        uint256 base;
        assembly ("memory-safe") {
            base := executionData.offset
        }
        unchecked {
            calls.end = base + executionData.length;
        }
        // The first word is where the calls begin: one word in when they stand alone, two when opData's offset follows.
        uint256 offset = uint256(bytes32(executionData));
        (calls.start, calls.count) = _tail(base, offset, calls.end, 0x20);
        if (withOpData && offset >= 0x40) {
            (uint256 start, uint256 length) = _tail(base, uint256(bytes32(executionData[0x20:])), calls.end, 1);
            assembly ("memory-safe") {
                opData.offset := start
                opData.length := length
            }
        }
    }

    /// EIP-712's hash of the array of calls, as signed: an address of zero is hashed as zero.
    function hash(Calls memory calls) internal pure returns (bytes32 result) {
        (uint256 start, uint256 count, uint256 end) = (calls.start, calls.count, calls.end);
        // Beyond the free memory: first the hashes one after another, then one call after another at the same place.
        uint256 hashes;
        uint256 scratch;
        bytes32 typehash = CALL_TYPEHASH;
        assembly ("memory-safe") {
            hashes := mload(0x40)
            scratch := add(hashes, shl(5, count))
            mstore(scratch, typehash)
        }
        for (uint256 i = 0; i < count; ++i) {
            (address to, uint256 value, uint256 data, uint256 length) = _call(start, i, end);
            assembly ("memory-safe") {
                mstore(add(scratch, 0x20), to)
                mstore(add(scratch, 0x40), value)
                calldatacopy(add(scratch, 0x80), data, length)
                mstore(add(scratch, 0x60), keccak256(add(scratch, 0x80), length))
                mstore(add(hashes, shl(5, i)), keccak256(scratch, 0x80))
            }
        }
        assembly ("memory-safe") {
            result := keccak256(hashes, shl(5, count))
        }
    }

    /// Makes the calls in turn; the first that fails ends all with its own reason. What they return is not copied.
    function run(Calls memory calls) internal {
        (uint256 start, uint256 count, uint256 end) = (calls.start, calls.count, calls.end);
        for (uint256 i = 0; i < count; ++i) {
            (address to, uint256 value, uint256 data, uint256 length) = _call(start, i, end);
            if (to == address(0)) to = address(this);
            _make(to, value, data, length);
        }
    }

    /// Call `i` of a batch.
    function at(Calls memory calls, uint256 i) internal pure returns (address to, uint256 value, bytes calldata data) {
        uint256 start;
        uint256 length;
        (to, value, start, length) = _call(calls.start, i, calls.end);
        assembly ("memory-safe") {
            data.offset := start
            data.length := length
        }
    }

    /// Makes one call; its failure ends all with its own reason.
    function make(address to, uint256 value, bytes calldata data) internal {
        uint256 start;
        assembly ("memory-safe") {
            start := data.offset
        }
        _make(to, value, start, data.length);
    }

    /// What Solidity's own decoder has found to be calls.
    function whole(IAccount.Call[] calldata calls) internal pure returns (Calls memory) {
        uint256 start;
        assembly ("memory-safe") {
            start := calls.offset
        }
        return Calls(start, calls.length, msg.data.length);
    }

    function _make(address to, uint256 value, uint256 data, uint256 length) private {
        bool done;
        assembly ("memory-safe") {
            let memory_ := mload(0x40)
            calldatacopy(memory_, data, length)
            done := call(gas(), to, value, memory_, length, 0, 0)
        }
        if (!done) {
            if (LowLevelCall.returnDataSize() == 0) revert IAccount.CallFailed(to, "");
            LowLevelCall.bubbleRevert();
        }
    }

    /// Call `i`: its words, and where its data lies, all before `end`. Offsets beyond 2^64 are refused, so no sum wraps round.
    function _call(uint256 start, uint256 i, uint256 end)
        private
        pure
        returns (address to, uint256 value, uint256 data, uint256 length)
    {
        bool malformed;
        assembly ("memory-safe") {
            let offset := calldataload(add(start, shl(5, i)))
            let base := add(start, offset)
            to := calldataload(base)
            value := calldataload(add(base, 0x20))
            let tail := calldataload(add(base, 0x40))
            data := add(add(base, tail), 0x20)
            length := calldataload(sub(data, 0x20))
            let wide := or(shr(64, or(offset, tail)), shr(160, to))
            let beyond := or(or(gt(add(base, 0x60), end), gt(data, end)), gt(length, sub(end, data)))
            malformed := or(wide, beyond)
        }
        if (malformed) revert IAccount.MalformedBatch();
    }

    /// What lies at `base + offset`: a length, and that many elements of `size` bytes, all before `end`.
    function _tail(uint256 base, uint256 offset, uint256 end, uint256 size)
        private
        pure
        returns (uint256 start, uint256 length)
    {
        unchecked {
            if (offset > type(uint64).max) revert IAccount.MalformedBatch();
            start = base + offset + 0x20;
            if (start > end) revert IAccount.MalformedBatch();
            length = _word(start - 0x20);
            if (length > (end - start) / size) revert IAccount.MalformedBatch();
        }
    }

    function _word(uint256 position) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(position)
        }
    }
}
