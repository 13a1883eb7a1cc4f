// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {Place} from "./Place.sol";

/// What a keeper may never do, whatever fires. Every limit has a ceiling in code: `CeilingExceeded` names the field.
struct Guards {
    address keeper; // the only one who may run it; zero for anybody
    uint64 expiry; // last timestamp
    uint32 twapWindow; // seconds of the time-weighted price by which everything is valued and held against spot
    uint24 maxDeviation; // ticks between spot and that price, before and after
    uint24 maxLoss; // millionths of the position's value that one action may cost, without the keeper's fee
    uint24 maxPeriodLoss; // the same, of all actions of a period together
    uint32 period; // seconds
    uint32 cooldown; // seconds between two actions
    uint16 maxPerDay; // actions in a day of UTC
    uint32 maxRuns; // actions in all; 1 for an order that runs once, 0 for as many as the expiry allows
    uint24 minDeployed; // millionths of the value that must be liquidity after a rebalance or a walk
    uint128 minValue; // raw token1 that the position must be worth
    uint8 feeToken; // 0 or 1: what the keeper is paid in
    uint128 maxFee; // raw feeToken for one action
    uint24 maxFeeShare; // millionths of the fees that the position had earned when the action began
    uint8 nativeToken; // 1: token0 is the wrapped native token; 2: token1 is; 0: neither
    address sequencerFeed; // Chainlink's uptime feed of the chain's sequencer; zero where the chain has none
    uint32 sequencerGrace; // seconds after the sequencer came back
    bool keepEntry; // IL is counted from the first entry through all ranges, not from the last range's
    uint160 entrySqrtPriceX96; // where IL is counted from; zero: the time-weighted price when the policy is set
    bytes32 salt; // tells apart policies that are otherwise the same
}

/// When, and what then. A trigger of zeros is not used; of those that are, any one suffices. Prices and values are time-weighted.
struct Rule {
    uint8 action; // 0 rebalance, 1 walk, 2 exit, 3 compound, 4 harvest
    uint24 outTicks; // out of range by at least so many ticks, now and in the mean of
    uint32 outSeconds; // so many seconds; 0: not used
    uint24 il; // millionths of impermanent loss since entry; 0: not used
    int24 bandLower; // price below this tick or
    int24 bandUpper; // above this one; equal: not used
    uint128 feesValue; // fees owed, in raw token1; 0: not used
    uint16 feesGasMultiple; // fees owed worth so many tenths of what the action's gas costs; 0: not used
    uint32 elapsed; // seconds since the last action, or since the policy was set; 0: not used
    uint24 deltaDrift; // millionths by which token0's share of the value moved since then; 0: not used
    uint8 rangeKind; // 0 fixed width, 1 width scaled by realised volatility
    uint24 width; // ticks from end to end; the least of a scaled one
    uint24 maxWidth; // the most of a scaled one
    int24 bias; // ticks by which the range's middle lies above the time-weighted price
    uint16 volMultiple; // hundredths of standard deviations on either side
    uint32 volWindow; // seconds over which volatility is measured
    uint32 volHorizon; // seconds for which it is scaled
    uint8 proceeds; // of an exit: 0 both tokens, 1 token0, 2 token1
}

/// What a policy says of its position now. `check` computes it; `run` computes it again and acts on nothing else.
struct Decision {
    bool act;
    uint8 reason; // why, or why not: see `docs/policies.md`
    uint8 rule; // which rule fired
    uint8 action;
    int24 tickLower; // the range that the position would have afterwards
    int24 tickUpper;
    int24 tick; // the pool's
    int24 meanTick; // the time-weighted price's
    uint256 value; // raw token1: liquidity and fees owed, at the time-weighted price
    uint256 feesValue; // raw token1: fees owed
    int256 il; // a wad, since entry
    uint256 notBefore; // the timestamp before which cooldown or daily count refuse
}

/// A policy as the account remembers it.
struct PolicyState {
    bytes32 policyId; // zero: none
    uint160 entrySqrtPriceX96;
    uint64 factor; // a wad: what the ranges before this one left of holding
    uint24 share; // millionths of the value that token0 was when the policy was set or last acted
    uint64 setAt;
    uint64 lastRun;
    uint32 runs;
    uint32 day;
    uint16 runsToday;
    uint64 periodStart;
    uint24 periodLoss; // millionths
}

/// Policies: what the account's owner lets a keeper do with one position. Answered behind the shell: `check` and `run`
/// by the program `runs`, the rest by `policies`.
///
/// A policy is `Guards` and up to eight `Rule`s. The account stores their hash, `policyId`, the EIP-712 struct hash of
/// `Policy(Guards guards,Rule[] rules)`, so that whoever runs it brings the terms and cannot change one of them; `PolicySet`
/// publishes them. One policy governs one position at a time and follows it to its next token id or range.
interface IPolicies {
    event PolicySet(
        bytes32 indexed policyId, address indexed source, uint256 indexed id, Place place, Guards guards, Rule[] rules
    );
    event PolicyEnded(bytes32 indexed policyId);
    event PolicyFollowed(bytes32 indexed policyId, address indexed source, uint256 indexed id);
    /// `newSource` and `newId` are what is left (zero for none). Values are raw token1 at the time-weighted price: of the position
    /// and its fees before; of what is in the position and what came to the account, the keeper's fee included, after.
    event PolicyRun(
        bytes32 indexed policyId,
        address indexed keeper,
        uint256 indexed id,
        uint256 newId,
        uint8 rule,
        uint8 action,
        int24 tickLower,
        int24 tickUpper,
        uint256 valueBefore,
        uint256 valueAfter,
        uint24 loss,
        uint256 fee
    );

    error Paused();
    /// This position is not governed by these terms (`found` governs it; zero: none).
    error PolicyNotSet(bytes32 policyId, bytes32 found);
    /// These terms were used before: give them another salt.
    error PolicyUsed(bytes32 policyId);
    /// A term that makes no sense: `rule` 255 stands for the guards, `field` is the field's place in its struct.
    error InvalidTerm(uint8 rule, uint8 field);
    /// A term beyond what the code allows anybody to set.
    error CeilingExceeded(uint8 rule, uint8 field, uint256 limit);
    error WrongKeeper(address caller, address keeper);
    /// Nothing is to be done: `reason` as in `Decision`.
    error NotNow(uint8 reason, uint256 notBefore);
    error FeeExceedsMaximum(uint256 fee, uint256 maximum);
    error LossExceedsMaximum(uint256 loss, uint256 maximum);
    error DeployedBelowMinimum(uint256 deployed, uint256 minimum);
    /// The two positions are in different pools.
    error ForeignPool(address pool, address expected);
    error OrderExpired(uint256 deadline, uint256 timestamp);
    error InvalidOrder();

    /// Sets the position's policy, in place of any other. The account itself or an EntryPoint only.
    function setPolicy(Place calldata place, Guards calldata guards, Rule[] calldata rules)
        external
        returns (bytes32 policyId);
    /// The same by the owner's signature, carried by anybody: EIP-712 `PolicyOrder(Place place,Policy policy,uint256
    /// deadline,uint256 generation)` in the account's domain. Cancelled by `endPolicy`.
    function placeOrder(
        Place calldata place,
        Guards calldata guards,
        Rule[] calldata rules,
        uint256 deadline,
        bytes calldata signature
    ) external returns (bytes32 policyId);
    /// Ends a policy, or cancels an order before it is placed; it can never be set again. The account itself or an EntryPoint only.
    function endPolicy(bytes32 policyId) external;
    /// Has the policy of `from` govern `to`, a position of the account in the same pool; after an action of the owner's own. A
    /// token id of zero is the account's newest NFT of that position manager. The account itself or an EntryPoint only.
    function followPolicy(Place calldata from, Place calldata to) external;

    /// What the terms say of the position now; anybody may ask, of any terms: only `reason` tells whether they are set.
    function check(Place calldata place, Guards calldata guards, Rule[] calldata rules)
        external
        view
        returns (Decision memory decision);
    /// Decides again and acts. Pays the caller `fee` of the fee token out of what the action brought to the account.
    function run(Place calldata place, Guards calldata guards, Rule[] calldata rules, uint256 fee)
        external
        returns (Decision memory decision, uint256 newId);

    /// What governs a position, and what is remembered of it.
    function policyOf(Place calldata place) external view returns (PolicyState memory state);
    /// Whether these terms were set or cancelled before: 0 never, 1 set, 2 ended.
    function policyStatus(bytes32 policyId) external view returns (uint8 status);
}
