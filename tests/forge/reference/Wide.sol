// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// Natural numbers of any length: limbs of 128 bits, the least first. Only products, sums and comparisons, which is all that it
/// takes to check a rounded quotient: multiply it back.
library Wide {
    uint256 private constant LIMB = 1 << 128;

    function from(uint256 value) internal pure returns (uint256[] memory limbs) {
        limbs = new uint256[](2);
        (limbs[0], limbs[1]) = (value % LIMB, value / LIMB);
    }

    function times(uint256[] memory a, uint256[] memory b) internal pure returns (uint256[] memory product) {
        product = new uint256[](a.length + b.length);
        for (uint256 i = 0; i < a.length; ++i) {
            uint256 carry = 0;
            for (uint256 j = 0; j < b.length; ++j) {
                // At most (2^128 - 1)^2 + 2 (2^128 - 1) = 2^256 - 1.
                uint256 sum = a[i] * b[j] + product[i + j] + carry;
                (product[i + j], carry) = (sum % LIMB, sum / LIMB);
            }
            product[i + b.length] = carry;
        }
    }

    function times(uint256[] memory a, uint256 b) internal pure returns (uint256[] memory) {
        return times(a, from(b));
    }

    function times(uint256 a, uint256 b) internal pure returns (uint256[] memory) {
        return times(from(a), from(b));
    }

    function plus(uint256[] memory a, uint256[] memory b) internal pure returns (uint256[] memory sum) {
        uint256 length = (a.length > b.length ? a.length : b.length) + 1;
        sum = new uint256[](length);
        uint256 carry = 0;
        for (uint256 i = 0; i < length; ++i) {
            uint256 limb = limbOf(a, i) + limbOf(b, i) + carry;
            (sum[i], carry) = (limb % LIMB, limb / LIMB);
        }
    }

    function less(uint256[] memory a, uint256[] memory b) internal pure returns (bool) {
        for (uint256 i = a.length > b.length ? a.length : b.length; i > 0; --i) {
            (uint256 left, uint256 right) = (limbOf(a, i - 1), limbOf(b, i - 1));
            if (left != right) return left < right;
        }
        return false;
    }

    /// `quotient == floor(numerator / denominator)`.
    function isFloor(uint256 quotient, uint256[] memory numerator, uint256[] memory denominator)
        internal
        pure
        returns (bool)
    {
        uint256[] memory whole = times(denominator, quotient);
        return !less(numerator, whole) && less(numerator, plus(whole, denominator));
    }

    /// `quotient == ceil(numerator / denominator)`.
    function isCeil(uint256 quotient, uint256[] memory numerator, uint256[] memory denominator)
        internal
        pure
        returns (bool)
    {
        uint256[] memory whole = times(denominator, quotient);
        return !less(whole, numerator) && less(whole, plus(numerator, denominator));
    }

    function limbOf(uint256[] memory a, uint256 i) private pure returns (uint256) {
        return i < a.length ? a[i] : 0;
    }
}
