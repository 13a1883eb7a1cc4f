// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {ICoreErrors} from "./ICoreErrors.sol";
import {Market} from "./Market.sol";
import {Stake} from "./Stake.sol";

/// Stakes on any curve, in plain prices and amounts: what they are worth, what they lose, and what insuring that costs; served by
/// the Stylus program `contracts/stake`.
///
/// Units. Every number is a wad (scaled by 1e18) unless its comment says otherwise; prices are token1 per token0; volatilities and
/// rates are yearly.
/// Rounding. To nearest; a loss down, so that it is never understated; what is to be bought or paid up.
/// Batches. `...Batch` answers the same function of every element, in order; one refusal refuses the call.
interface IStakeLens is ICoreErrors {
    /// A stake entered at one price, at another; prices are wads.
    struct StakeMove {
        Stake stake;
        uint256 entryPrice;
        uint256 price;
    }

    /// What a stake is and is worth; every field a wad, to nearest, but losses down.
    struct StakeFigures {
        uint256 amount0;
        uint256 amount1;
        uint256 value; // token1
        uint256 hold; // token1: what the deposit would be worth
        int256 il; // value / hold - 1
        int256 ilAbsolute; // token1: value - hold
        uint256 delta; // token0: dV/dP
        int256 gamma; // token0 per unit of price: d2V/dP2
        uint256 dollarDelta; // token1: P * delta
        int256 dollarGamma; // token1: P^2 * gamma
        uint256 deltaRatio; // P * delta / value
        int256 gammaRatio; // P^2 * gamma / value
        int256 ilDelta; // token0: the slope of value - hold
    }

    /// Delta hedges of a stake, in token0.
    struct Hedge {
        int256 shortValue; // to short so that the stake's value is first-order flat
        int256 shortIl; // to short so that value - hold is; below zero, to buy
        int256 hedgeRatio; // the share of the value that is exposed to token0
        int256 gamma; // how fast the exposure changes per unit of price
    }

    struct Insured {
        Stake stake;
        uint256 entryPrice;
        Market market;
    }

    struct Premium {
        uint256 value; // token1
        uint256 fraction; // of the stake's value at its entry
    }

    /// Amounts, value, hold, IL, delta and gamma of a stake.
    function stakeFigures(StakeMove calldata move) external pure returns (StakeFigures memory);
    function stakeFiguresBatch(StakeMove[] calldata moves) external pure returns (StakeFigures[] memory);

    /// The fair premium of the loss at the market's expiry.
    function premium(Insured calldata insured) external pure returns (Premium memory);
    function premiumBatch(Insured[] calldata insured) external pure returns (Premium[] memory);

    /// How much of token0 to sell short.
    function deltaHedge(StakeMove calldata move) external pure returns (Hedge memory);
    function deltaHedgeBatch(StakeMove[] calldata moves) external pure returns (Hedge[] memory);
}
