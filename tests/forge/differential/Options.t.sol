// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IOptionsLens} from "abi/IOptionsLens.sol";

import {Options} from "../reference/Options.sol";
import {Real} from "../reference/Real.sol";
import {Remote} from "./Remote.sol";

/// The lens's options on the devnode against the Solidity reference.
contract OptionsDifferentialTest is Remote {
    address private lens = vm.envAddress("HEDGEROW_OPTIONS");

    function testFuzz_pricesAreWithin1e17thOfSpot(uint256 spot, uint256 strike, uint256 sigma, uint64 secs, int256 rate)
        public
    {
        Options.Terms memory terms = bounded(spot, strike, sigma, secs, rate);
        IOptionsLens.Quote memory got =
            abi.decode(ask(lens, abi.encodeCall(IOptionsLens.blackScholes, (asked(terms)))), (IOptionsLens.Quote));
        assertPrice(got.call, Options.call(terms), terms, "call");
        assertPrice(got.put, Options.put(terms), terms, "put");
        IOptionsLens.PriceAndDelta memory few = abi.decode(
            ask(lens, abi.encodeCall(IOptionsLens.priceAndDelta, (asked(terms)))), (IOptionsLens.PriceAndDelta)
        );
        assertEq(few.call, got.call);
        assertEq(few.put, got.put);
        assertEq(few.delta, got.deltaCall);
    }

    function testFuzz_greeksAreWithin1e16(uint256 spot, uint256 strike, uint256 sigma, uint64 secs, int256 rate)
        public
    {
        Options.Terms memory terms = bounded(spot, strike, sigma, secs, rate);
        Options.Inner memory at = Options.inner(terms);
        IOptionsLens.Quote memory got =
            abi.decode(ask(lens, abi.encodeCall(IOptionsLens.blackScholes, (asked(terms)))), (IOptionsLens.Quote));
        assertNear(got.d1, Real.toWad(at.d1), 2, "d1");
        assertNear(got.d2, Real.toWad(at.d2), 2, "d2");
        assertNear(got.deltaCall, Real.toWad(Real.ncdf(at.d1)), 2, "delta of the call");
        assertNear(got.deltaPut, -Real.toWad(Real.ncdf(-at.d1)), 2, "delta of the put");
        // A gamma is per unit of spot, which the reference's is a multiple of.
        int256 gamma = Real.toWad(Options.gamma(terms)) * 1e18 / int256(terms.spot);
        assertNear(got.gamma, gamma, 2 + 1e18 / terms.spot, "gamma");
        assertScaled(got.vega, Options.vega(terms), terms, "vega");
        assertScaled(got.thetaCall, Options.callTheta(terms), terms, "theta of the call");
        assertScaled(got.thetaPut, Options.putTheta(terms), terms, "theta of the put");
        assertScaled(got.rhoCall, Options.callRho(terms), terms, "rho of the call");
        assertScaled(got.rhoPut, Options.putRho(terms), terms, "rho of the put");
    }

    function testFuzz_impliedVolatilityReprices(uint256 spot, uint256 strike, uint256 sigma, uint64 secs, bool isPut)
        public
    {
        Options.Terms memory terms = bounded(spot, strike, sigma, secs, 0.03e18);
        // Where the price still tells the volatility: neither deep in nor far out of the money.
        Options.Inner memory at = Options.inner(terms);
        vm.assume(Real.abs(at.d1) < 3 * uint256(Real.ONE) && Real.abs(at.d2) < 3 * uint256(Real.ONE));
        int256 exact = isPut ? Options.put(terms) : Options.call(terms);
        uint256 price = uint256(scaled(exact, terms));
        vm.assume(price > 1e9);
        IOptionsLens.PricedOption memory option = IOptionsLens.PricedOption(
            isPut ? IOptionsLens.Kind.Put : IOptionsLens.Kind.Call,
            price,
            terms.spot,
            terms.strike,
            uint64(terms.secs),
            terms.rate
        );
        terms.sigma = uint256(askInt(lens, abi.encodeCall(IOptionsLens.impliedVolatility, (option))));
        assertNear(
            scaled(isPut ? Options.put(terms) : Options.call(terms), terms),
            int256(price),
            2 + terms.spot / 1e15,
            "repriced"
        );
    }

    function testFuzz_aBatchAnswersAsItsMembersDo(uint256[4] calldata spots, uint256 strike, uint256 sigma, uint64 secs)
        public
    {
        IOptionsLens.Terms[] memory all = new IOptionsLens.Terms[](4);
        for (uint256 i = 0; i < 4; ++i) {
            all[i] = asked(bounded(spots[i], strike, sigma, secs, 0.01e18));
        }
        IOptionsLens.Quote[] memory quotes =
            abi.decode(ask(lens, abi.encodeCall(IOptionsLens.blackScholesBatch, (all))), (IOptionsLens.Quote[]));
        assertEq(quotes.length, 4);
        for (uint256 i = 0; i < 4; ++i) {
            bytes memory single = ask(lens, abi.encodeCall(IOptionsLens.blackScholes, (all[i])));
            assertEq(abi.encode(quotes[i]), single);
        }
    }

    /// Spot and strike from 1e-3 to 1e9 and within a factor of ten, 1 % to 400 %, an hour to three years.
    function bounded(uint256 spot, uint256 strike, uint256 sigma, uint64 secs, int256 rate)
        private
        pure
        returns (Options.Terms memory terms)
    {
        terms.spot = bound(spread(spot, 90), 1e15, 1e27);
        terms.strike = bound(strike, terms.spot / 10, terms.spot * 10);
        terms.sigma = bound(sigma, 0.01e18, 4e18);
        terms.secs = bound(secs, 1 hours, 1095 days);
        terms.rate = bound(rate, -0.2e18, 0.5e18);
    }

    function asked(Options.Terms memory terms) private pure returns (IOptionsLens.Terms memory) {
        return IOptionsLens.Terms(terms.spot, terms.strike, terms.sigma, uint64(terms.secs), terms.rate);
    }

    /// A number per unit of spot, in wads at this spot; rounded towards zero.
    function scaled(int256 perSpot, Options.Terms memory terms) private pure returns (int256) {
        return Real.mul(perSpot, int256(terms.spot));
    }

    function assertPrice(uint256 got, int256 perSpot, Options.Terms memory terms, string memory what) private pure {
        assertNear(int256(got), scaled(perSpot, terms), 1 + terms.spot / 1e17, what);
    }

    /// Within 1e-16, and what the reference itself loses at a large spot.
    function assertScaled(int256 got, int256 perSpot, Options.Terms memory terms, string memory what) private pure {
        assertNear(got, scaled(perSpot, terms), 100 + terms.spot / 1e30, what);
    }
}
