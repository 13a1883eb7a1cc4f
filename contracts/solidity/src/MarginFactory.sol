// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

import {Margin} from "./Margin.sol";
import {IMargin, IMarginFactory, MarginTerms} from "./interfaces/IMargin.sol";

/// Makes margin accounts: clones of one implementation that is made with the factory. Nobody owns it, and it keeps nothing.
contract MarginFactory is IMarginFactory {
    /// What every margin account delegates to.
    address public immutable implementation = address(new Margin());

    function open(bytes32 salt, MarginTerms calldata terms) external returns (address margin) {
        margin = marginOf(msg.sender, salt, terms);
        if (margin.code.length != 0) return margin;
        (bytes32 place, bytes memory arguments) = _clone(msg.sender, salt, terms);
        Clones.cloneDeterministicWithImmutableArgs(implementation, arguments, place);
        if (terms.eMode != 0) IMargin(margin).initialise();
        emit MarginCreated(margin, msg.sender, salt, terms);
    }

    function marginOf(address owner, bytes32 salt, MarginTerms calldata terms) public view returns (address margin) {
        (bytes32 place, bytes memory arguments) = _clone(owner, salt, terms);
        return Clones.predictDeterministicAddressWithImmutableArgs(implementation, arguments, place);
    }

    /// Owner and terms are in the salt and in the code, so that neither alone could make two of them meet at one address.
    function _clone(address owner, bytes32 salt, MarginTerms calldata terms)
        private
        pure
        returns (bytes32 place, bytes memory arguments)
    {
        return (keccak256(abi.encode(owner, salt, terms)), abi.encode(owner, terms));
    }
}
