// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {HedgeAccounts, HedgeState} from "./HedgeState.sol";
import {Decision, Guards, Rule} from "./IPolicies.sol";
import {Place} from "./Place.sol";

/// Where a hedge lives. The position's volatile token is borrowed and sold for the other one, which is the collateral.
struct Venue {
    uint8 kind; // 1: Aave v3
    address margins; // the factory of margin accounts (`MarginFactory`)
    address market; // Aave's pool
    uint8 volatileToken; // 0 or 1: which of the pool's tokens is borrowed
    uint8 eMode; // Aave's e-mode category; 0: none
}

/// How much of the volatile token the hedge should owe.
struct HedgeTarget {
    uint8 kind; // 0 nothing, 1 the position's delta, 2 the delta of its impermanent loss (none where that is below zero), 3 `amount`
    uint24 share; // millionths of it; at most 1,000,000; ignored by 0 and 3
    uint128 amount; // raw volatile token
}

/// What a hedge may do, and the gate that it has to pass. Checked on-chain, inside the same call.
struct HedgeTerms {
    uint32 minHealth; // thousandths: the health factor that must be there before it is enlarged and afterwards
    uint32 health; // thousandths: what collateral is paid in or out for; at least minHealth
    uint128 maxCollateral; // raw collateral token: the most that the account's own money in the hedge may come to
    uint128 minTrade; // raw volatile token: a smaller change is not worth its cost
    uint24 maxOracleDeviation; // millionths between the venue's prices and the pool's time-weighted one; nothing is enlarged beyond
    uint32 maxOracleAge; // seconds since the venue's price feeds last answered; nothing is enlarged beyond; 0: not asked
    uint24 maxBorrowRate; // millionths a year; nothing is enlarged beyond; 0: any
    uint32 horizon; // seconds for which the gate weighs fees against costs
    int24 margin; // millionths of the position's value by which the fees must exceed the costs
    uint32 volWindow; // seconds over which the gate measures volatility
    bool overrideGate; // the owner's own will: `GateOverridden` instead of `GateClosed`
    uint64 feesSince; // when the pool's fee growth was as follows: the gate takes the fees since then for what is to come
    uint256 feeGrowth0; // the pool's feeGrowthGlobal0X128 then
    uint256 feeGrowth1;
    uint160 entrySqrtPriceX96; // where impermanent loss is counted from; 0: the time-weighted price when the hedge is first opened
}

/// The price guard of one call.
struct HedgeLimits {
    uint32 twapWindow; // seconds of the time-weighted price
    uint24 maxTickDeviation; // ticks between spot and that price, before and after; where swaps stop
    uint128 release; // raw collateral token paid out to the account on top (what a keeper is paid of); usually 0
    uint256 deadline;
}

/// When a keeper adjusts a hedge. Any trigger suffices; a trigger of zero is not used.
struct HedgeRule {
    uint8 target; // 1 or 2, as in `HedgeTarget`
    uint24 share; // millionths
    uint24 band; // millionths of the position's whole delta by which the debt may be off the target
    uint24 inner; // where the debt is taken to when it was off: so far from the target, on the side that it came from; below band
    uint24 il; // millionths of impermanent loss since entry from which on it is hedged at all; 0: always
    bool rangeExit; // adjusts, whatever the band, once the price has left the range
    uint32 elapsed; // adjusts, whatever the band, so many seconds after the last time
    uint32 lowHealth; // thousandths: below this the hedge is reduced until `health` is reached; at least minHealth
    uint24 closeRate; // millionths a year: the borrow rate above which the hedge is closed; 0: not used
}

/// A venue's state and what the hedge would be, computed as the action itself computes it.
struct HedgeQuote {
    uint256 debt; // raw volatile token
    uint256 collateral; // raw collateral token
    uint256 health; // thousandths; the greatest integer without debt
    uint256 target; // raw volatile token that should be owed
    int256 trade; // raw volatile token to sell (above zero) or to buy back
    int256 payIn; // raw collateral token from the account (above zero) or to it, at the time-weighted price
    uint256 healthAfter;
    uint256 borrowRate; // a ray, yearly
    uint256 supplyRate; // a ray, yearly
    uint256 borrowable; // raw volatile token that the venue would lend now
    uint256 suppliable; // raw collateral token that it would take now
    uint256 fees; // over the horizon, raw token1: expected fees,
    uint256 lvr; // loss versus rebalancing,
    int256 carry; // interest paid less interest earned,
    uint256 trading; // and the pool's fee on opening and closing
    int256 gate; // fees less the other three less the margin: not below zero passes
    uint8 refusal; // why it would not be enlarged; 0: nothing is in the way (numbers as of `Decision.reason`)
}

/// A position and its pool, as they are now.
struct PositionReading {
    address pool; // of a position that is gone the one in which its hedge trades
    address token0;
    address token1;
    uint24 fee;
    uint256 feeGrowthGlobal0X128;
    uint256 feeGrowthGlobal1X128;
    uint160 sqrtPriceX96;
    int24 tick;
    int24 tickSpacing;
    int24 tickLower;
    int24 tickUpper;
    uint128 liquidity; // zero where the position is gone
    uint128 fees0; // owed now
    uint128 fees1;
}

/// A hedge, as the account remembers it and its venue has it.
struct MarginReading {
    address margin; // the hedge's account, or where it would be
    bool opened;
    uint160 entrySqrtPriceX96;
    uint64 openedAt;
    uint64 adjustedAt;
    int128 paidIn; // raw collateral token, net of what came back
    uint128 feesEarned; // raw token1: collected since the hedge was opened
    int128 borrowed; // raw volatile token, net of what was repaid
    int128 deposited; // raw collateral token, net of what was withdrawn
    uint128 debt;
    uint128 collateral;
}

/// What a venue says of a hedge's two tokens.
struct VenueReading {
    uint256 volatilePrice; // in the venue's base currency; zero: none
    uint256 collateralPrice;
    uint64 priceAge; // seconds since the older feed answered
    uint8 volatileDecimals;
    uint8 collateralDecimals;
    uint32 threshold; // basis points of the collateral's worth that may be owed before it is liquidated
    uint256 borrowRate; // a ray, yearly
    uint256 supplyRate;
    uint128 borrowable; // raw volatile token that it would lend now
    uint128 suppliable; // raw collateral token that it would take now
    uint128 withdrawable; // raw collateral token that it could pay out now
    uint8 borrowClosed; // why it is not lent out, as in `ReserveClosed`; zero: it is
    uint8 supplyClosed; // why it does not count as collateral
    uint8 repayClosed; // why it cannot even be repaid
    uint8 withdrawClosed; // why it cannot even be withdrawn
}

/// All that is reckoned of a hedge is reckoned from this.
struct HedgeReading {
    PositionReading position;
    MarginReading hedge;
    VenueReading venue;
}

/// What a keeper's hedge policy says now.
struct HedgeDecision {
    bool act;
    uint8 reason; // numbers as of `Decision.reason`
    uint256 target; // raw volatile token that would be owed afterwards
    int256 trade; // raw volatile token to sell (above zero) or to buy back
    int24 tick;
    int24 meanTick;
    uint256 value; // raw token1: the position, fees owed included
    int256 equity; // raw token1: collateral less debt
    int256 il; // a wad, since the hedge's entry
    uint256 health; // thousandths
    int256 gate; // raw token1; see `HedgeQuote`
    uint256 notBefore;
}

/// Hedges of positions. Answered behind the shell: policies by the program `hedgeruns`, what they say by `hedgechecks`, the reading
/// of position and venue by `hedgereads`, the rest by `hedges`.
///
/// Each hedge has a margin account of its own, a small contract that only this account commands: what the wallet itself lends or
/// owes is neither counted nor touched, and a liquidation takes no more than what the hedge holds.
///
/// A keeper's hedge policy is `Venue`, `Guards`, `HedgeTerms` and `HedgeRule`; the account stores the EIP-712 struct hash of
/// `HedgePolicy(Venue venue,Guards guards,HedgeTerms terms,HedgeRule rule)` beside the hashes of other policies: `endPolicy`,
/// `policyStatus` and pausing are theirs. Of the guards, `minDeployed`, `keepEntry`, `entrySqrtPriceX96`, `minValue` of zero and `maxFeeShare`
/// do not matter; `feeToken` is the collateral.
interface IHedges {
    /// After every change. `traded` is what was sold (above zero) or bought back, `swapped` what the pool paid or took for it,
    /// `paidIn` what the account paid in (above zero) or got back.
    event Hedged(
        address indexed source,
        uint256 indexed id,
        address indexed margin,
        int256 traded,
        uint256 swapped,
        int256 paidIn,
        uint256 debt,
        uint256 collateral,
        uint256 health,
        HedgeAccounts accounts
    );
    event GateOverridden(address indexed source, uint256 indexed id, int256 gate);
    event HedgeFollowed(address indexed margin, address indexed source, uint256 indexed id);
    event HedgePolicySet(
        bytes32 indexed policyId,
        address indexed source,
        uint256 indexed id,
        Place place,
        Venue venue,
        Guards guards,
        HedgeTerms terms,
        HedgeRule rule
    );
    event HedgePolicyRun(
        bytes32 indexed policyId,
        address indexed keeper,
        uint256 indexed id,
        uint256 newId,
        uint8 reason,
        uint256 target,
        int256 traded,
        uint256 valueBefore,
        uint256 valueAfter,
        uint24 loss,
        uint256 fee
    );

    /// Nothing is hedged there.
    error NoHedge(address source, uint256 id);
    /// Another venue, market or token than the hedge has, or one that is not known.
    error ForeignVenue(address found, address expected);
    /// A term that makes no sense: `field` is its place, counted on through `Venue` (0 to 4), `HedgeTarget` (5 to 7) and `HedgeTerms`.
    error InvalidHedge(uint8 field);
    /// The change is smaller than minTrade.
    error NothingToHedge(uint256 trade, uint256 minTrade);
    error GateClosed(int256 gate);
    /// The pool's fee growth has not been watched for an hour yet.
    error FeesUnknown(uint256 since);
    error HealthBelowMinimum(uint256 health, uint256 minHealth);
    error CollateralExceeded(uint256 paidIn, uint256 maxCollateral);
    /// The venue's price of an asset is missing, too old, or too far from the pool's.
    error OraclePrice(address asset, uint256 price, uint256 age);
    /// An asset cannot be lent, borrowed, repaid or withdrawn now: 1 inactive, 2 frozen, 3 paused, 4 not lent out, 5 no collateral.
    error ReserveClosed(address asset, uint8 why);
    /// A cap or the venue's liquidity leaves less than is needed.
    error VenueExhausted(address asset, uint256 needed, uint256 left);
    error RateExceeded(uint256 rate, uint256 maximum);
    /// The position is there no more, so that its hedge cannot be measured: only closing is possible.
    error PositionGone(address source, uint256 id);

    /// Opens the position's hedge, or takes it to its target: sells what has to be owed, in one flash swap of the position's own pool, or
    /// buys it back with its own collateral. What the pool cannot take before the price reaches the limit is left for another time: an
    /// enlargement then fails, a reduction does what it can. Reducing heeds neither gate nor oracle. A token id of zero is the account's
    /// newest NFT of that position manager. The account itself or an EntryPoint only.
    function hedge(
        Place calldata place,
        Venue calldata venue,
        HedgeTarget calldata target,
        HedgeTerms calldata terms,
        HedgeLimits calldata limits
    ) external returns (uint256 debt, uint256 collateral, uint256 health);

    /// Buys back all that is owed, at most `repay` of it with the account's own tokens, and pays out all collateral. The position need not
    /// be there any more.
    function closeHedge(Place calldata place, uint256 repay, HedgeLimits calldata limits)
        external
        returns (uint256 debt, uint256 paidOut);

    /// One of the account's own position actions (its calldata), then the hedge of the position that it leaves, or no hedge where
    /// it leaves none: all or nothing.
    function actAndHedge(
        Place calldata place,
        bytes calldata action,
        Venue calldata venue,
        HedgeTarget calldata target,
        HedgeTerms calldata terms,
        HedgeLimits calldata limits
    ) external returns (uint256 newId, uint256 debt, uint256 collateral);

    /// Has the hedge of `from` belong to `to`, a position of the account in the same pool; after an action of the owner's own.
    function followHedge(Place calldata from, Place calldata to) external;

    /// What a hedge would be now. A view.
    function quoteHedge(
        Place calldata place,
        Venue calldata venue,
        HedgeTarget calldata target,
        HedgeTerms calldata terms,
        HedgeLimits calldata limits
    ) external view returns (HedgeQuote memory quote);
    /// What all this is reckoned from. Of a hedge that is open the venue has to be its own.
    function readHedge(Place calldata place, Venue calldata venue) external view returns (HedgeReading memory reading);
    function hedgeOf(Place calldata place) external view returns (HedgeState memory state);
    /// What became of a position and its hedge; `twapWindow` seconds of the price, zero for spot.
    function hedgeAccounts(Place calldata place, uint32 twapWindow)
        external
        view
        returns (HedgeAccounts memory accounts);

    /// Sets the keeper's policy for a position's hedge, in place of any other. The account itself or an EntryPoint only.
    function setHedgePolicy(
        Place calldata place,
        Venue calldata venue,
        Guards calldata guards,
        HedgeTerms calldata terms,
        HedgeRule calldata rule
    ) external returns (bytes32 policyId);
    function checkHedge(
        Place calldata place,
        Venue calldata venue,
        Guards calldata guards,
        HedgeTerms calldata terms,
        HedgeRule calldata rule
    ) external view returns (HedgeDecision memory decision);
    /// The same as `runHedged` takes it: without cooldown and counts, and to its target whatever the band.
    function checkHedged(
        Place calldata place,
        Venue calldata venue,
        Guards calldata guards,
        HedgeTerms calldata terms,
        HedgeRule calldata rule
    ) external view returns (HedgeDecision memory decision);
    /// Decides again and adjusts the hedge. Pays the caller `fee` of the collateral token out of the hedge.
    function runHedge(
        Place calldata place,
        Venue calldata venue,
        Guards calldata guards,
        HedgeTerms calldata terms,
        HedgeRule calldata rule,
        uint256 fee
    ) external returns (HedgeDecision memory decision);
    /// Runs the position's policy, whose keeper has to be the account itself, and takes the hedge along: to its target for the position
    /// that is left, or closed where none is. All or nothing. The guards' cooldown and count of the hedge's policy do not hinder it.
    function runHedged(
        Place calldata place,
        Guards calldata positionGuards,
        Rule[] calldata rules,
        Venue calldata venue,
        Guards calldata guards,
        HedgeTerms calldata terms,
        HedgeRule calldata rule,
        uint256 fee
    ) external returns (Decision memory decision, uint256 newId, uint256 debt);
    /// What governs a position's hedge; zero: nothing.
    function hedgePolicyOf(Place calldata place) external view returns (bytes32 policyId);
}
