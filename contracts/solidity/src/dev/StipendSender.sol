// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// Sends ether the two ways that leave the receiver 2,300 gas: what a wallet with code must still be able to take.
contract StipendSender {
    /// Reverts when the receiver fails.
    function sendByTransfer(address payable to) external payable {
        to.transfer(msg.value);
    }

    /// Says whether the receiver succeeded; the ether comes back to the caller when it did not.
    function sendBySend(address payable to) external payable returns (bool sent) {
        sent = to.send(msg.value);
        if (!sent) payable(msg.sender).transfer(msg.value);
    }
}
