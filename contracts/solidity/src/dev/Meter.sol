// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// @notice The gas of a call's frame: what a static call costs beyond the same call to a contract that stops at once.
contract Meter {
    /// @notice Calls `target` twice. The first call finds a program uncached, the second finds it among the block's recent
    /// ones, which costs what a cached one does.
    /// @param idle A contract whose whole code is STOP.
    function measure(address target, address idle, bytes calldata data)
        external
        view
        returns (uint256 first, uint256 second, bytes memory answer)
    {
        uint256 coldIdle = spent(idle, data);
        first = spent(target, data) - coldIdle;
        uint256 warmIdle = spent(idle, data);
        second = spent(target, data) - warmIdle;
        bool done;
        (done, answer) = target.staticcall(data);
        require(done, "the target reverts");
    }

    function spent(address target, bytes calldata data) private view returns (uint256 gas_) {
        assembly ("memory-safe") {
            let at := mload(0x40)
            calldatacopy(at, data.offset, data.length)
            let before := gas()
            pop(staticcall(gas(), target, at, data.length, 0, 0))
            gas_ := sub(before, gas())
        }
    }
}
