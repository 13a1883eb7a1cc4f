// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// A price feed with Chainlink's interface that says what it is told to. For tests only.
contract PriceFeed {
    uint8 public constant decimals = 8;

    int256 public latestAnswer;
    uint256 public latestTimestamp;

    constructor(int256 answer, uint256 updatedAt) {
        set(answer, updatedAt);
    }

    function set(int256 answer, uint256 updatedAt) public {
        (latestAnswer, latestTimestamp) = (answer, updatedAt);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, latestAnswer, latestTimestamp, latestTimestamp, 1);
    }
}
