// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// Stands where the Stylus manager stands, because forge runs no Stylus. It decides nothing: it reports how the shell called
/// it, and does the transient writes and the pool call that make up a program's half of a swap or a mint.
contract ManagerProbe {
    error Refused(uint256 reason);

    // keccak256("hedgerow.transient.callback.pool" / "...token0" / "...token1" / "...max0" / "...max1") - 1 as `cast keccak` gives
    // it: written out, not derived, so that the shell's own derivation is checked.
    bytes32 public constant POOL_SLOT = 0x54c25171beb8b31e73f1b5ff679e8842c289c3ba20503a01ada6c7ba53d98120;
    bytes32 public constant TOKEN0_SLOT = 0x3aaf76f2c5015e72836b7302d5a1464ada001f428fdf83ab2a89abc111aeab69;
    bytes32 public constant TOKEN1_SLOT = 0xc5084e365ee2d183120e3f2bc8e188570623474e3a1c90508ac33dec98afe12c;
    bytes32 public constant MAX0_SLOT = 0x43c981af54c0057f3e03136ddb25871ebfb30256f2b2e5e28593a35c5b0a9fc2;
    bytes32 public constant MAX1_SLOT = 0x3a00b26fe718dd36c8731a270b8d083ffa1e52cc55110ba6aac007f7b193e706;

    // "hedgerow.transient.lock", likewise.
    bytes32 public constant LOCK_SLOT = 0xb4675657863721b7d2dc7068562a7c02f2d79d57cf3c32b40002de3dda184034;

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

    /// Calls out as a position action does: with the lock taken.
    function act(address callee, bytes calldata data) external returns (bool ok, bytes memory answer) {
        bytes32 lock = LOCK_SLOT;
        assembly ("memory-safe") {
            tstore(lock, 2)
        }
        (ok, answer) = callee.call(data);
        assembly ("memory-safe") {
            tstore(lock, 0)
        }
    }

    /// What the lock holds.
    function locked() external view returns (uint256 word) {
        bytes32 lock = LOCK_SLOT;
        assembly ("memory-safe") {
            word := tload(lock)
        }
    }

    function store(bytes32 slot, uint256 value) external {
        assembly ("memory-safe") {
            sstore(slot, value)
        }
    }

    /// Announces a swap: the pool may be paid in its token0 (`first`) or its token1.
    function expectCallback(address pool, bool first, address token, uint256 maximum) public {
        bytes32 poolSlot = POOL_SLOT;
        (bytes32 tokenSlot, bytes32 maxSlot) = first ? (TOKEN0_SLOT, MAX0_SLOT) : (TOKEN1_SLOT, MAX1_SLOT);
        assembly ("memory-safe") {
            tstore(poolSlot, pool)
            tstore(tokenSlot, token)
            tstore(maxSlot, maximum)
        }
    }

    /// Makes the account swap on `pool` directly, exact input.
    function swap(address pool, bool first, address token, uint256 maximum, bytes calldata swapCall) external {
        expectCallback(pool, first, token, maximum);
        (bool ok, bytes memory reason) = pool.call(swapCall);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(reason, 0x20), mload(reason))
            }
        }
    }

    /// Announces a mint: the pool may be paid in both tokens.
    function expectMint(address pool, address[2] memory tokens, uint256[2] memory maxima) public {
        expectCallback(pool, true, tokens[0], maxima[0]);
        expectCallback(pool, false, tokens[1], maxima[1]);
    }

    /// Makes the account add liquidity to `pool` directly.
    function mint(address pool, address[2] calldata tokens, uint256[2] calldata maxima, bytes calldata mintCall)
        external
    {
        expectMint(pool, tokens, maxima);
        (bool ok, bytes memory reason) = pool.call(mintCall);
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
