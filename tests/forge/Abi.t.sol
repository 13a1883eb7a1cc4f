// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IAccount as PublishedAccount} from "abi/IAccount.sol";
import {ILens as PublishedLens} from "abi/ILens.sol";
import {IManager as PublishedManager} from "abi/IManager.sol";
import {ISessions as PublishedSessions} from "abi/ISessions.sol";
import {Test} from "forge-std/Test.sol";

import {IAccount} from "hedgerow/interfaces/IAccount.sol";
import {IManager} from "hedgerow/interfaces/IManager.sol";
import {ILens} from "hedgerow/interfaces/ILens.sol";
import {ISessions} from "hedgerow/interfaces/ISessions.sol";

/// What abi/ publishes is Solidity that compiles and asks for the same functions (`scripts/abi --check` compares the rest).
contract AbiTest is Test {
    function test_publishedInterfacesHaveTheSameIdentifiers() public pure {
        assertEq(type(PublishedAccount).interfaceId, type(IAccount).interfaceId);
        assertEq(type(PublishedLens).interfaceId, type(ILens).interfaceId);
        assertEq(type(PublishedSessions).interfaceId, type(ISessions).interfaceId);
        assertEq(type(PublishedManager).interfaceId, type(IManager).interfaceId);
    }
}
