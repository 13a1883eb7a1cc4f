// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";

import {Account as Shell} from "hedgerow/Account.sol";
import {IAccount} from "hedgerow/interfaces/IAccount.sol";
import {ISessions} from "hedgerow/interfaces/ISessions.sol";

import {Delegated} from "./support/Delegated.sol";
import {ManagerProbe} from "./support/ManagerProbe.sol";

contract Collectible is ERC721("Collectible", "C") {
    function mint(address to, uint256 id) external {
        _safeMint(to, id, "data");
    }
}

contract Collectibles is ERC1155("") {
    function mint(address to, uint256[] calldata ids, uint256[] calldata amounts) external {
        ids.length == 1 ? _mint(to, ids[0], amounts[0], "data") : _mintBatch(to, ids, amounts, "data");
    }
}

/// What the shell answers itself and what it passes on. The manager here is a probe: forge runs no Stylus.
contract ForwardingTest is Delegated {
    function testFuzz_theManagerRunsAsTheAccountWithCallerValueAndCalldata(
        address caller,
        uint96 value,
        bytes calldata data
    ) public {
        vm.assume(caller != address(wallet));
        vm.deal(caller, value);
        vm.prank(caller);
        ManagerProbe.Seen memory seen = ManagerProbe(payable(wallet)).look{value: value}(data);
        assertEq(seen.self, address(wallet));
        assertEq(seen.sender, caller);
        assertEq(seen.value, value);
        assertEq(seen.data, abi.encodeCall(ManagerProbe.look, (data)));
    }

    function testFuzz_whatTheShellDoesNotKnowGoesToTheManager(address caller, bytes calldata data) public {
        vm.assume(data.length != 0 && !known(data));
        vm.prank(caller);
        (bool ok, bytes memory answer) = address(wallet).call(data);
        assertTrue(ok);
        assertEq(answer, abi.encodePacked(wallet, caller, data));
    }

    /// Selectors of the shell, and of the probe itself.
    function known(bytes calldata data) private pure returns (bool) {
        if (bytes4(data) == ManagerProbe.act.selector || bytes4(data) == ManagerProbe.locked.selector) return true;
        if (bytes4(data) == bytes4(keccak256("LOCK_SLOT()"))) return true;
        if (bytes4(data) == IAccount.uniswapV3MintCallback.selector) return true;
        if (bytes4(data) == ManagerProbe.mint.selector || bytes4(data) == ManagerProbe.expectMint.selector) {
            return true;
        }
        bytes4[44] memory selectors = [
            IAccount.manager.selector,
            IAccount.direct.selector,
            IAccount.exits.selector,
            IAccount.policies.selector,
            IAccount.runs.selector,
            IAccount.hedges.selector,
            IAccount.hedgereads.selector,
            IAccount.hedgechecks.selector,
            IAccount.hedgeruns.selector,
            IAccount.sessions.selector,
            ISessions.addKey.selector,
            ISessions.revokeKey.selector,
            ISessions.revokeAllKeys.selector,
            ISessions.executeUserOp.selector,
            ISessions.executeSession.selector,
            ISessions.keyStatus.selector,
            ISessions.spending.selector,
            IAccount.entryPoint.selector,
            IAccount.entryPointV9.selector,
            IAccount.nonce.selector,
            IAccount.generation.selector,
            IAccount.stateVersion.selector,
            IAccount.raiseNonce.selector,
            IAccount.wipe.selector,
            IAccount.pause.selector,
            IAccount.unpause.selector,
            IAccount.paused.selector,
            IAccount.tokensReceived.selector,
            IAccount.execute.selector,
            IAccount.supportsExecutionMode.selector,
            IAccount.validateUserOp.selector,
            IAccount.isValidSignature.selector,
            IAccount.eip712Domain.selector,
            IAccount.uniswapV3SwapCallback.selector,
            IAccount.onERC721Received.selector,
            IAccount.onERC1155Received.selector,
            IAccount.onERC1155BatchReceived.selector,
            IAccount.supportsInterface.selector,
            ManagerProbe.look.selector,
            ManagerProbe.refuse.selector,
            ManagerProbe.refuseSilently.selector,
            ManagerProbe.store.selector,
            ManagerProbe.expectCallback.selector,
            ManagerProbe.swap.selector
        ];
        for (uint256 i = 0; i < selectors.length; ++i) {
            if (bytes4(data) == selectors[i]) return true;
        }
        // The probe's public constants.
        return bytes4(data) == bytes4(keccak256("POOL_SLOT()")) || bytes4(data) == bytes4(keccak256("TOKEN0_SLOT()"))
            || bytes4(data) == bytes4(keccak256("TOKEN1_SLOT()")) || bytes4(data) == bytes4(keccak256("MAX0_SLOT()"))
            || bytes4(data) == bytes4(keccak256("MAX1_SLOT()"));
    }

    function testFuzz_theManagersReasonComesBackUnchanged(uint256 reason) public {
        vm.expectRevert(abi.encodeWithSelector(ManagerProbe.Refused.selector, reason));
        ManagerProbe(payable(wallet)).refuse(reason);
        (bool ok, bytes memory nothing) = address(wallet).call(abi.encodeCall(ManagerProbe.refuseSilently, ()));
        assertFalse(ok);
        assertEq(nothing.length, 0);
    }

    function test_storageIsTheAccountsAndSurvivesAChangeOfShell() public {
        ManagerProbe(payable(wallet)).store(bytes32(uint256(1)), 42);
        assertEq(vm.load(address(wallet), bytes32(uint256(1))), bytes32(uint256(42)));
        assertEq(vm.load(address(shell), bytes32(uint256(1))), 0);
        delegate(address(newShell()));
        assertEq(vm.load(address(wallet), bytes32(uint256(1))), bytes32(uint256(42)));
    }

    function test_immutablesWorkForTheAccount() public view {
        assertEq(wallet.manager(), address(managerProbe));
        assertEq(wallet.entryPoint(), address(ENTRY_POINT));
        assertEq(wallet.entryPointV9(), address(ENTRY_POINT_V9));
    }

    function test_aShellWithoutAManagerCannotBeDeployed() public {
        vm.expectRevert(abi.encodeWithSelector(IAccount.NoCode.selector, stranger));
        shellBefore(stranger);
    }

    function test_nftsArriveBySafeTransfer() public {
        Collectible nft = new Collectible();
        nft.mint(address(wallet), 1);
        assertEq(nft.ownerOf(1), address(wallet));
        nft.mint(address(this), 2);
        nft.safeTransferFrom(address(this), address(wallet), 2);
        assertEq(nft.ownerOf(2), address(wallet));
    }

    function test_multiTokensArriveOneByOneAndInBatches() public {
        Collectibles tokens = new Collectibles();
        (uint256[] memory ids, uint256[] memory amounts) = (new uint256[](1), new uint256[](1));
        (ids[0], amounts[0]) = (7, 3);
        tokens.mint(address(wallet), ids, amounts);
        (ids, amounts) = (new uint256[](2), new uint256[](2));
        (ids[0], ids[1], amounts[0], amounts[1]) = (7, 8, 1, 2);
        tokens.mint(address(wallet), ids, amounts);
        assertEq(tokens.balanceOf(address(wallet), 7), 4);
        assertEq(tokens.balanceOf(address(wallet), 8), 2);
    }

    function onERC721Received(address, address, uint256, bytes calldata) external pure returns (bytes4) {
        return IERC721Receiver.onERC721Received.selector;
    }

    /// Identifiers as the ERCs print them.
    function test_interfacesAreDeclared() public view {
        bytes4[6] memory supported = [
            bytes4(0x01ffc9a7), // ERC-165
            bytes4(0x150b7a02), // ERC-721 receiver
            bytes4(0x4e2312e0), // ERC-1155 receiver
            bytes4(0x1626ba7e), // ERC-1271
            bytes4(0x19822f7c), // ERC-4337 account
            bytes4(0x84b0196e) // ERC-5267
        ];
        for (uint256 i = 0; i < supported.length; ++i) {
            assertTrue(wallet.supportsInterface(supported[i]));
        }
    }

    function testFuzz_noOtherInterfaceIsDeclared(bytes4 id) public view {
        vm.assume(
            id != 0x01ffc9a7 && id != 0x150b7a02 && id != 0x4e2312e0 && id != 0x1626ba7e && id != 0x19822f7c
                && id != 0x84b0196e
        );
        assertFalse(wallet.supportsInterface(id));
        assertFalse(wallet.supportsInterface(0xffffffff));
    }
}
