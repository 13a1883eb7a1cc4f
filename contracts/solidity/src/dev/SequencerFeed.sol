// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// An uptime feed with Chainlink's interface that says what it is told to. For tests only.
contract SequencerFeed {
    enum Mood {
        Answers,
        Fails,
        AnswersShort
    }

    int256 private answer;
    uint256 private startedAt;
    Mood private mood;

    function set(int256 answer_, uint256 startedAt_, Mood mood_) external {
        (answer, startedAt, mood) = (answer_, startedAt_, mood_);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        require(mood != Mood.Fails, "no round");
        if (mood == Mood.AnswersShort) {
            assembly ("memory-safe") {
                return(0, 0x40)
            }
        }
        return (1, answer, startedAt, startedAt, 1);
    }
}
