// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {ICoreErrors} from "./ICoreErrors.sol";

/// What may happen to a position, for dApps, served by the Stylus program `contracts/chances`: the odds that its range holds, value
/// at risk, the tokens' correlation, and the scorecard.
///
/// Units. Every number is a wad (scaled by 1e18) unless its comment says otherwise. Probabilities and correlations are rounded to
/// nearest; losses are fractions of what is held, negative where they are gains, and rounded up.
interface IChancesLens is ICoreErrors {
    /// How often a position is looked after.
    enum Management {
        Automated,
        Daily,
        Weekly,
        Monthly,
        None
    }

    /// What a total amounts to: up to 10, 15, 20, and above.
    enum Verdict {
        Low,
        Moderate,
        High,
        Extreme
    }

    /// A price that follows a geometric Brownian motion, and the range that it may leave.
    struct RangeTerms {
        uint256 spot; // the price now
        uint256 volatility; // yearly; 1e18 is 100 %
        uint64 secondsLeft; // to the horizon
        int256 rate; // yearly drift of the expected price, continuously compounded; 0 for none
        uint256 lower; // price
        uint256 upper; // price, above the lower one
    }

    /// A return's distribution over the period in question, and the confidence asked for.
    struct ReturnTerms {
        int256 mean;
        uint256 deviation; // standard deviation
        uint256 confidence; // strictly between 0 and 1e18; 99e16 for 99 %
    }

    struct TailLoss {
        int256 valueAtRisk; // VaR: what the loss does not exceed, with that confidence
        int256 conditionalValueAtRisk; // CVaR, or expected shortfall: the mean loss of the worst cases beyond
    }

    struct Factors {
        uint256 volatility; // of the pair's price, yearly
        int256 correlation; // of the tokens' returns; 0 where one is the unit of account
        uint256 fees; // earned or expected
        uint256 loss; // over the same time, as a positive number in the same unit
        Management management;
        uint256 lower; // price; both prices 0 for the full range
        uint256 upper; // price
    }

    /// Integers: scores from 1, little risk, to 5, much.
    struct Scorecard {
        uint8 volatility;
        uint8 correlation;
        uint8 fees;
        uint8 management;
        uint8 width;
        uint8 total; // the sum, 5 to 25
        Verdict verdict;
    }

    /// The probability that the price lies in [lower, upper) at the horizon.
    function inRangeProbability(RangeTerms calldata terms) external pure returns (uint256);
    function inRangeProbabilityBatch(RangeTerms[] calldata terms) external pure returns (uint256[] memory);
    /// The probability that the price stays strictly between the range's ends from now to the horizon.
    function stayingInRangeProbability(RangeTerms calldata terms) external pure returns (uint256);
    function stayingInRangeProbabilityBatch(RangeTerms[] calldata terms) external pure returns (uint256[] memory);
    /// VaR and CVaR of a normal return.
    function valueAtRiskNormal(ReturnTerms calldata terms) external pure returns (TailLoss memory);
    function valueAtRiskNormalBatch(ReturnTerms[] calldata terms) external pure returns (TailLoss[] memory);
    /// VaR and CVaR of a return whose logarithm is normal: mean and deviation are the log return's, which without drift are
    /// -volatility^2 time / 2 and volatility sqrt(time).
    function valueAtRiskLognormal(ReturnTerms calldata terms) external pure returns (TailLoss memory);
    function valueAtRiskLognormalBatch(ReturnTerms[] calldata terms) external pure returns (TailLoss[] memory);
    /// VaR and CVaR of returns that were seen, in any order.
    function valueAtRiskHistorical(int256[] calldata returns_, uint256 confidence)
        external
        pure
        returns (TailLoss memory);
    /// Pearson's correlation of the log returns of two prices at the same instants.
    function correlation(uint256[] calldata prices0, uint256[] calldata prices1) external pure returns (int256);
    /// Five factors of a position's risk, scored.
    function scorecard(Factors calldata factors) external pure returns (Scorecard memory);
    function scorecardBatch(Factors[] calldata factors) external pure returns (Scorecard[] memory);
}
