// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {ILens} from "hedgerow/interfaces/ILens.sol";
import {IOptionsLens} from "hedgerow/interfaces/IOptionsLens.sol";
import {Figures} from "hedgerow/interfaces/Position.sol";
import {BlackScholes} from "./BlackScholes.sol";
import {SoladyIl} from "./Solady.sol";
import {UniswapPosition} from "./UniswapV4.sol";

// What a contract pays for many evaluations: computing them in place, or asking a program for all of them at once. Everything
// that the second way costs the caller is counted: encoding, the call, the answer's decoding.

contract ConstantProductConsumer {
    function inPlace(address, ILens.Move[] calldata moves) external pure returns (int256 sum) {
        for (uint256 i = 0; i < moves.length; ++i) {
            sum += SoladyIl.constantProduct(moves[i].entryPrice, moves[i].price);
        }
    }

    function asked(ILens lens, ILens.Move[] calldata moves) external pure returns (int256 sum) {
        int256[] memory answers = lens.ilConstantProductBatch(moves);
        for (uint256 i = 0; i < answers.length; ++i) {
            sum += answers[i];
        }
    }
}

contract WeightedConsumer {
    function inPlace(address, ILens.WeightedMove[] calldata moves) external pure returns (int256 sum) {
        for (uint256 i = 0; i < moves.length; ++i) {
            sum += SoladyIl.weighted(moves[i].entryPrice, moves[i].price, moves[i].weight0);
        }
    }

    function asked(ILens lens, ILens.WeightedMove[] calldata moves) external pure returns (int256 sum) {
        int256[] memory answers = lens.ilWeightedBatch(moves);
        for (uint256 i = 0; i < answers.length; ++i) {
            sum += answers[i];
        }
    }
}

contract FiguresConsumer {
    function inPlace(address, UniswapPosition.Range[] calldata ranges) external pure returns (int256 sum) {
        for (uint256 i = 0; i < ranges.length; ++i) {
            sum += UniswapPosition.figures(ranges[i]).il;
        }
    }

    function asked(ILens lens, ILens.Range[] calldata ranges) external pure returns (int256 sum) {
        Figures[] memory answers = lens.figuresBatch(ranges);
        for (uint256 i = 0; i < answers.length; ++i) {
            sum += answers[i].il;
        }
    }
}

contract OptionsConsumer {
    function inPlace(address, BlackScholes.Terms[] calldata terms) external pure returns (uint256 sum) {
        for (uint256 i = 0; i < terms.length; ++i) {
            BlackScholes.Terms calldata t = terms[i];
            (uint256 call, uint256 put, int256 delta) =
                BlackScholes.priceAndDelta(t.spot, t.strike, t.volatility, t.secondsLeft, t.rate);
            sum += call + put + uint256(delta);
        }
    }

    function asked(IOptionsLens lens, IOptionsLens.Terms[] calldata terms) external pure returns (uint256 sum) {
        IOptionsLens.PriceAndDelta[] memory answers = lens.priceAndDeltaBatch(terms);
        for (uint256 i = 0; i < answers.length; ++i) {
            sum += answers[i].call + answers[i].put + uint256(answers[i].delta);
        }
    }
}
