// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// What became of a position and its hedge, in raw token1 at the time-weighted price. `net = fees + il + hedge`.
struct HedgeAccounts {
    int256 hedge; // the hedge's profit and loss, carry included
    int256 carry; // interest paid less interest earned, part of it
    uint256 fees; // earned by the position since the hedge was opened: owed now, and what `actAndHedge` and keepers collected
    int256 il; // the position against holding what it was at entry; never above zero
    int256 net;
}

/// A hedge as the account remembers it.
struct HedgeState {
    address margin; // the margin account; zero: none
    uint8 kind;
    uint8 volatileToken;
    uint160 entrySqrtPriceX96;
    uint64 openedAt;
    uint64 adjustedAt;
    uint256 debt;
    uint256 collateral;
    int256 paidIn; // raw collateral token, net of what came back
    uint256 health; // thousandths
}
