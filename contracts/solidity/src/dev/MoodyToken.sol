// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {TestToken} from "./TestToken.sol";

/// A token that refuses to move nothing, and does worse when told to. For tests only.
contract MoodyToken is TestToken {
    enum Mood {
        Calm, // moves what it is told to
        Frozen, // moves nothing, and says so by reverting
        Lying, // moves nothing, and returns false
        Taxing // moves it, and burns one hundredth
    }

    Mood public mood;

    error NothingMoved();
    error NotNow();

    constructor() TestToken("Moody", "MOO", 18) {}

    function set(Mood mood_) external {
        mood = mood_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return mood == Mood.Lying ? false : super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return mood == Mood.Lying ? false : super.transferFrom(from, to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (amount == 0) revert NothingMoved();
        if (mood == Mood.Frozen) revert NotNow();
        super._update(from, to, amount);
        if (mood == Mood.Taxing && to != address(0)) super._update(to, address(0), amount / 100);
    }
}
