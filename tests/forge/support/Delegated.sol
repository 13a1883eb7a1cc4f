// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Test, Vm} from "forge-std/Test.sol";

// forge-std has an Account of its own.
import {Account as Shell} from "hedgerow/Account.sol";
import {Sessions} from "hedgerow/Sessions.sol";
import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";

import {ManagerProbe} from "./ManagerProbe.sol";

/// What the tests ask of both EntryPoints.
interface IEntryPoint {
    function handleOps(PackedUserOperation[] calldata ops, address payable beneficiary) external;
    function getUserOpHash(PackedUserOperation calldata userOp) external view returns (bytes32);
    function getNonce(address sender, uint192 key) external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
    function depositTo(address account) external payable;
}

/// An ordinary EOA that has delegated to the shell, and the real EntryPoints at their real addresses.
abstract contract Delegated is Test {
    address internal constant CREATE2_DEPLOYER = 0x4e59b44847b379578588920cA78FbF26c0B4956C;
    IEntryPoint internal constant ENTRY_POINT = IEntryPoint(0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108);
    IEntryPoint internal constant ENTRY_POINT_V9 = IEntryPoint(0x433709009B8330FDa32311DF1C2AFA402eD8D009);
    /// The salt under which v0.8's authors deployed it.
    bytes32 internal constant ENTRY_POINT_SALT = 0x0a59dbff790c23c976a548690c27297883cc66b4c67024f9117b0238995e35e9;

    bytes32 internal constant BATCH = bytes32(bytes10(0x01000000000000000000));
    bytes32 internal constant BATCH_WITH_OP_DATA = bytes32(bytes10(0x01000000000078210001));

    ManagerProbe internal managerProbe;
    Sessions internal sessionsModule;
    Shell internal shell;
    /// The EOA, seen as what it delegates to.
    Shell internal wallet;
    Vm.Wallet internal key;
    address internal stranger = makeAddr("stranger");

    function setUp() public virtual {
        deployEntryPoints();
        managerProbe = new ManagerProbe();
        sessionsModule = new Sessions();
        shell = newShell();
        key = vm.createWallet("wallet");
        wallet = Shell(payable(key.addr));
        delegate(address(shell));
    }

    /// The EOA signs an EIP-7702 authorisation for `target`.
    function delegate(address target) internal {
        vm.signAndAttachDelegation(target, key.privateKey);
        assertEq(key.addr.code, abi.encodePacked(hex"ef0100", target), "not delegated");
    }

    /// Another shell of the same code.
    function newShell() internal returns (Shell) {
        return shellBefore(address(managerProbe));
    }

    /// A shell in front of one program for everything, and the module for session keys.
    function shellBefore(address program) internal returns (Shell) {
        return new Shell(
            program, program, program, program, program, program, program, program, program, address(sessionsModule)
        );
    }

    /// v0.8: the published creation code through the deterministic deployer gives the published address.
    ///
    /// v0.9: npm has its release candidate only (0.9.0-rc.1), whose code is not the final one's and would get another address, so
    /// it is constructed at the final one's address. What the release candidate's own source shows to differ from v0.8 is tested
    /// with it: the hash of an operation, an initCode that says 7702 although the sender is delegated already, the guard against
    /// re-entry. What may have changed between it and the final one is not.
    function deployEntryPoints() private {
        bytes memory code = vm.getCode("node_modules/@account-abstraction/contracts/artifacts/EntryPoint.json");
        (bool ok,) = CREATE2_DEPLOYER.call(abi.encodePacked(ENTRY_POINT_SALT, code));
        require(ok && address(ENTRY_POINT).code.length != 0, "EntryPoint v0.8 is not at its address");
        deployCodeTo("node_modules/entrypoint-v0.9-rc/artifacts/EntryPoint.json", address(ENTRY_POINT_V9));
    }

    /// Deploys a contract from an npm package's artifact.
    function deployArtifact(string memory path, bytes memory arguments) internal returns (address deployed) {
        bytes memory code = abi.encodePacked(vm.getCode(string.concat("node_modules/", path)), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        require(deployed != address(0), path);
    }

    function sign(bytes32 digest) internal returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function one(address to, uint256 value, bytes memory data) internal pure returns (IAccount.Call[] memory calls) {
        calls = new IAccount.Call[](1);
        calls[0] = IAccount.Call(to, value, data);
    }

    function two(IAccount.Call[] memory first, IAccount.Call[] memory second)
        internal
        pure
        returns (IAccount.Call[] memory calls)
    {
        calls = new IAccount.Call[](2);
        (calls[0], calls[1]) = (first[0], second[0]);
    }

    function unauthorised(address caller) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccount.Unauthorised.selector, caller);
    }
}
