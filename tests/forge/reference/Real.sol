// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// Real numbers with 128 fractional bits, and the textbook's series for the functions of them: simple and slow.
///
/// One unit is 3e-39; a function loses some hundred of them, so 1e-34 stands between this and the exact value wherever neither
/// argument nor result is large.
library Real {
    int256 internal constant ONE = 1 << 128;

    /// `x / 1e18`, rounded down.
    function fromWad(int256 x) internal pure returns (int256) {
        return x * ONE / 1e18;
    }

    /// `x * 1e18`, rounded towards zero.
    function toWad(int256 x) internal pure returns (int256) {
        return mul(x, 1e18);
    }

    function mul(int256 a, int256 b) internal pure returns (int256) {
        int256 product = int256(Math.mulDiv(abs(a), abs(b), uint256(ONE)));
        return (a < 0) == (b < 0) ? product : -product;
    }

    function div(int256 a, int256 b) internal pure returns (int256) {
        int256 quotient = int256(Math.mulDiv(abs(a), uint256(ONE), abs(b)));
        return (a < 0) == (b < 0) ? quotient : -quotient;
    }

    /// Of `0 <= x < 2^127`.
    function sqrt(int256 x) internal pure returns (int256) {
        // Two bits at a time into the root, as many as there is room for.
        uint256 room = (255 - Math.log2(uint256(x) | 1)) / 2 * 2;
        uint256 shift = room > 128 ? 128 : room;
        return int256(Math.sqrt(uint256(x) << shift) << (128 - shift) / 2);
    }

    /// ln 2 = 2 atanh(1/3).
    function ln2() internal pure returns (int256) {
        return 2 * atanh(ONE / 3);
    }

    /// z + z^3/3 + z^5/5 + ... of `|z| <= 1/3`.
    function atanh(int256 z) internal pure returns (int256 sum) {
        int256 square = mul(z, z);
        int256 n = 1;
        for (int256 power = z; power / n != 0; power = mul(power, square)) {
            sum += power / n;
            n += 2;
        }
    }

    /// The logarithm of an integer above zero: n = 2^e m with m in [1, 2), ln m = 2 atanh((m - 1) / (m + 1)).
    function lnOfInteger(uint256 n) internal pure returns (int256) {
        uint256 e = Math.log2(n);
        int256 m = int256(e <= 128 ? n << (128 - e) : n >> (e - 128));
        return int256(e) * ln2() + 2 * atanh(div(m - ONE, m + ONE));
    }

    /// Of a real above zero.
    function ln(int256 x) internal pure returns (int256) {
        return lnOfInteger(uint256(x)) - 128 * ln2();
    }

    /// 1 + r + r^2/2! + ... of the remainder after dividing by ln 2; a result of 2^126 or more reverts.
    function exp(int256 x) internal pure returns (int256 sum) {
        int256 k = x / ln2();
        if (x < 0) --k;
        int256 r = x - k * ln2();
        int256 term = ONE;
        for (int256 n = 1; term != 0; ++n) {
            sum += term;
            term = mul(term, r) / n;
        }
        require(k < 126, "beyond the reference");
        if (k >= 0) return sum * (int256(1) << uint256(k));
        return k < -255 ? int256(0) : sum >> uint256(-k);
    }

    /// 16 atan(1/5) - 4 atan(1/239), by Machin.
    function pi() internal pure returns (int256) {
        return 16 * atanOfInverse(5) - 4 * atanOfInverse(239);
    }

    function atanOfInverse(int256 x) private pure returns (int256 sum) {
        int256 n = 1;
        for (int256 power = ONE / x; power / n != 0; power = -power / (x * x)) {
            sum += power / n;
            n += 2;
        }
    }

    /// The standard normal density.
    function npdf(int256 x) internal pure returns (int256) {
        return div(exp(-mul(x, x) / 2), sqrt(2 * pi()));
    }

    /// 1/2 + pdf(x) (x + x^3/3 + x^5/(3 5) + ...), whose terms are of one sign; far out, where the density runs out of bits to
    /// multiply a large sum by, Laplace's continued fraction for the tail: pdf(x) / (x + 1/(x + 2/(x + 3/(x + ...)))).
    function ncdf(int256 x) internal pure returns (int256) {
        int256 distance = int256(abs(x));
        if (distance > 14 * ONE) return x < 0 ? int256(0) : ONE;
        if (distance > 4 * ONE) {
            int256 fraction = distance;
            for (int256 n = 150; n > 0; --n) {
                fraction = distance + div(n * ONE, fraction);
            }
            int256 tail = div(npdf(x), fraction);
            return x < 0 ? tail : ONE - tail;
        }
        int256 square = mul(x, x);
        int256 sum = 0;
        int256 m = 1;
        for (int256 term = x; term != 0; term = mul(term, square) / m) {
            sum += term;
            m += 2;
        }
        return ONE / 2 + mul(npdf(x), sum);
    }

    function abs(int256 x) internal pure returns (uint256) {
        return uint256(x < 0 ? -x : x);
    }
}
