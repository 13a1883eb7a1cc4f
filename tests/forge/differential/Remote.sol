// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

/// Stylus programs run on the devnode, not in forge's EVM: they are asked over its RPC.
abstract contract Remote is Test {
    string private url = vm.envString("HEDGEROW_RPC_URL");

    /// What `eth_call` answers; a revert there reverts here.
    function ask(address program, bytes memory data) internal returns (bytes memory) {
        string memory transaction =
            string.concat('[{"to":"', vm.toString(program), '","data":"', vm.toString(data), '"},"latest"]');
        return vm.rpc(url, "eth_call", transaction);
    }

    function askInt(address program, bytes memory data) internal returns (int256) {
        return abi.decode(ask(program, data), (int256));
    }

    /// `ask` from outside, so that a test can catch the revert.
    function askExternally(address program, bytes calldata data) external returns (bytes memory) {
        return ask(program, data);
    }

    /// The program refuses with exactly this custom error.
    function assertRefused(address program, bytes memory data, bytes memory reason) internal {
        try this.askExternally(program, data) returns (bytes memory answer) {
            revert(string.concat("not refused: ", vm.toString(answer)));
        } catch (bytes memory failure) {
            assertTrue(vm.contains(string(failure), vm.toString(reason)), string(failure));
        }
    }

    /// Even over the magnitudes: `bits` at most, shifted right by up to so many.
    function spread(uint256 word, uint256 bits) internal pure returns (uint256) {
        uint256 value = (word >> 8) >> (256 - 8 - bits + (word & 0xff) % bits);
        return value == 0 ? 1 : value;
    }

    /// Within so many units.
    function assertNear(int256 got, int256 expected, uint256 units, string memory what) internal pure {
        assertApproxEqAbs(got, expected, units, what);
    }
}
