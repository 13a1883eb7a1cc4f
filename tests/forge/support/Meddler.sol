// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";

/// Called by the account, or asked to take a token from it, it tries to make the account, or whom it is told, do more.
contract Meddler is IERC721Receiver {
    struct Attempt {
        address to;
        bytes data;
    }

    Attempt[] private attempts;
    bytes[] public answers;
    uint256 public succeeded;

    function add(address to, bytes calldata data) external {
        attempts.push(Attempt(to, data));
    }

    function onERC721Received(address, address, uint256, bytes calldata) external returns (bytes4) {
        meddle();
        return IERC721Receiver.onERC721Received.selector;
    }

    fallback() external payable {
        meddle();
    }

    function meddle() private {
        for (uint256 i = 0; i < attempts.length; ++i) {
            (bool ok, bytes memory answer) = attempts[i].to.call(attempts[i].data);
            if (ok) ++succeeded;
            answers.push(answer);
        }
    }
}
