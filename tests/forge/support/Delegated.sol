// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Execution} from "@openzeppelin/contracts/interfaces/draft-IERC7579.sol";
import {IEntryPoint, PackedUserOperation} from "@openzeppelin/contracts/interfaces/IERC4337.sol";
import {Test, Vm} from "forge-std/Test.sol";

// forge-std has an Account of its own.
import {Account as Shell} from "hedgerow/Account.sol";
import {IAccount} from "hedgerow/interfaces/IAccount.sol";

import {ManagerProbe} from "./ManagerProbe.sol";

/// What EntryPoint v0.8 offers beyond OpenZeppelin's IEntryPoint.
interface IEntryPointV08 is IEntryPoint {
    function getUserOpHash(PackedUserOperation calldata userOp) external view returns (bytes32);
    function balanceOf(address account) external view returns (uint256);
}

/// An ordinary EOA that has delegated to the shell, and the real EntryPoint at its real address.
abstract contract Delegated is Test {
    address internal constant CREATE2_DEPLOYER = 0x4e59b44847b379578588920cA78FbF26c0B4956C;
    IEntryPointV08 internal constant ENTRY_POINT = IEntryPointV08(0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108);
    /// The salt under which v0.8's authors deployed it.
    bytes32 internal constant ENTRY_POINT_SALT = 0x0a59dbff790c23c976a548690c27297883cc66b4c67024f9117b0238995e35e9;

    bytes32 internal constant BATCH = bytes32(bytes10(0x01000000000000000000));
    bytes32 internal constant BATCH_WITH_OP_DATA = bytes32(bytes10(0x01000000000078210001));

    ManagerProbe internal managerProbe;
    Shell internal shell;
    /// The EOA, seen as what it delegates to.
    Shell internal wallet;
    Vm.Wallet internal key;
    address internal stranger = makeAddr("stranger");

    function setUp() public virtual {
        deployEntryPoint();
        managerProbe = new ManagerProbe();
        shell = new Shell(address(managerProbe), address(ENTRY_POINT));
        key = vm.createWallet("wallet");
        wallet = Shell(payable(key.addr));
        delegate(address(shell));
    }

    /// The EOA signs an EIP-7702 authorisation for `target`.
    function delegate(address target) internal {
        vm.signAndAttachDelegation(target, key.privateKey);
        assertEq(key.addr.code, abi.encodePacked(hex"ef0100", target), "not delegated");
    }

    /// The published creation code through the deterministic deployer gives the published address.
    function deployEntryPoint() private {
        bytes memory code = vm.getCode("node_modules/@account-abstraction/contracts/artifacts/EntryPoint.json");
        (bool ok,) = CREATE2_DEPLOYER.call(abi.encodePacked(ENTRY_POINT_SALT, code));
        require(ok && address(ENTRY_POINT).code.length != 0, "EntryPoint v0.8 is not at its address");
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

    function one(address target, uint256 value, bytes memory data) internal pure returns (Execution[] memory calls) {
        calls = new Execution[](1);
        calls[0] = Execution(target, value, data);
    }

    function two(Execution[] memory first, Execution[] memory second) internal pure returns (Execution[] memory calls) {
        calls = new Execution[](2);
        (calls[0], calls[1]) = (first[0], second[0]);
    }

    function unauthorised(address caller) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccount.Unauthorised.selector, caller);
    }
}
