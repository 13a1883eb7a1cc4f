// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// Stands where the Stylus manager stands, because forge runs no Stylus. It decides nothing: it reports how the shell called
/// it, and does the three transient writes and the pool call that make up the manager's half of a swap.
contract ManagerProbe {
    error Refused(uint256 reason);

    // keccak256("hedgerow.transient.callback.pool" / "...token" / "...max") - 1 as `cast keccak` gives it: written out, not
    // derived, so that the shell's own derivation is checked.
    bytes32 public constant POOL_SLOT = 0x54c25171beb8b31e73f1b5ff679e8842c289c3ba20503a01ada6c7ba53d98120;
    bytes32 public constant TOKEN_SLOT = 0x86aa484ab5464705744804c73c7d51dba624e093a3553a81d7c53cb3f6593829;
    bytes32 public constant MAX_SLOT = 0xac8edfa3c7e9d15e452e932c489dce14b945bf908d736f9019d06fba21ce080b;

    struct Seen {
        address self;
        address sender;
        uint256 value;
        bytes data;
    }

    /// Says what it saw.
    function look(bytes calldata) external payable returns (Seen memory) {
        return Seen(address(this), msg.sender, msg.value, msg.data);
    }

    function refuse(uint256 reason) external pure {
        revert Refused(reason);
    }

    function refuseSilently() external pure {
        assembly ("memory-safe") {
            revert(0, 0)
        }
    }

    function store(bytes32 slot, uint256 value) external {
        assembly ("memory-safe") {
            sstore(slot, value)
        }
    }

    function expectCallback(address pool, address token, uint256 maximum) public {
        (bytes32 poolSlot, bytes32 tokenSlot, bytes32 maxSlot) = (POOL_SLOT, TOKEN_SLOT, MAX_SLOT);
        assembly ("memory-safe") {
            tstore(poolSlot, pool)
            tstore(tokenSlot, token)
            tstore(maxSlot, maximum)
        }
    }

    /// Makes the account swap on `pool` directly, exact input.
    function swap(address pool, address token, uint256 maximum, bytes calldata swapCall) external {
        expectCallback(pool, token, maximum);
        (bool ok, bytes memory reason) = pool.call(swapCall);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(reason, 0x20), mload(reason))
            }
        }
    }

    receive() external payable {}

    /// Anything else: an unknown selector comes back with the calldata, byte for byte.
    fallback(bytes calldata data) external payable returns (bytes memory) {
        return abi.encodePacked(address(this), msg.sender, data);
    }
}
