// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// A token that does one thing otherwise than a token should. For tests only.
contract SkewedToken {
    enum Skew {
        None,
        Fee, // keeps two hundredths of what is sent
        Shares, // counts in shares of seven hundredths each, so that amounts are rounded down to whole ones
        Growing, // balances grow by a part in 3650 every day
        Lying, // answers false and moves nothing
        Frozen // reverts
    }

    string public constant name = "Skewed";
    string public constant symbol = "SKEW";
    uint8 public constant decimals = 18;

    Skew public immutable SKEW;
    uint256 private immutable BORN = block.timestamp;
    mapping(address => uint256) private _units;

    error NotNow();

    constructor(Skew skew) {
        SKEW = skew;
    }

    function mint(address to, uint256 amount) external {
        _units[to] += amount;
    }

    function balanceOf(address owner) external view returns (uint256) {
        if (SKEW == Skew.Shares) return _units[owner] * 107 / 100;
        if (SKEW == Skew.Growing) return _units[owner] + _units[owner] * ((block.timestamp - BORN) / 1 days) / 3650;
        return _units[owner];
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        if (SKEW == Skew.Frozen) revert NotNow();
        if (SKEW == Skew.Lying) return false;
        uint256 units = SKEW == Skew.Shares ? amount * 100 / 107 : amount;
        _units[msg.sender] -= units;
        _units[to] += SKEW == Skew.Fee ? units - units / 50 : units;
        return true;
    }
}
