// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IAccount, PackedUserOperation} from "./IAccount.sol";

/// One function that a session key may call. Calldata that is empty has the selector 0xe0e0e0e0.
struct CallRule {
    address target;
    bytes4 selector;
}

/// How much of one token may leave the account in a period: the larger of what the calls declare and what the balance lost
/// in each of them.
struct SpendLimit {
    address token; // zero: the native token
    uint32 period; // seconds; periods begin at multiples of it since 1970; 0: once for the session's whole life
    uint128 amount; // raw
}

/// A pool by what its address is made of.
struct PoolKey {
    address token0;
    address token1;
    uint24 fee; // hundredths of a basis point
}

/// Which of the account's positions may be dealt with: those named, and all in the pools named.
struct PositionRule {
    address positionManager; // Uniswap v3's NonfungiblePositionManager or one like it
    uint256[] tokenIds;
    PoolKey[] pools;
}

/// What a session key may do, and until when. The account stores only the hash, `keyId`, so that whoever uses the key brings
/// these terms and cannot change one of them; `KeyAdded` publishes them.
struct Session {
    uint8 kind; // 0 secp256k1, 1 P-256, 2 WebAuthn
    bytes32 x; // the public key; of kind 0 the address
    bytes32 y; // of kind 0 zero
    uint48 start; // first timestamp
    uint48 expiry; // last timestamp; required
    uint128 gasBudget; // wei, below 2^96, that its user operations may cost the account in the session's life
    address paymaster; // the only one that its user operations may name; zero: none
    CallRule[] calls;
    SpendLimit[] limits;
    PositionRule[] positions;
    bytes32 salt; // tells apart sessions that are otherwise the same
}

/// How a session's signed batch may be carried: as `IAccount.execute` has it.
struct Carriage {
    uint256 nonce; // of the key that is the low 192 bits of `keyId`
    uint256 deadline; // last timestamp
    address executor; // who may carry it; zero for anybody
    uint256 minGas; // gas left when the first call begins
}

/// Session keys: what the account's owner lets another key do. Answered by the module `sessions` behind the shell.
///
/// A session key makes the account call what its rules name, as a user operation or as a signed batch that anybody carries. It can
/// never call the account itself, an EntryPoint, Permit2, the shell or a program behind it; never sign for the account
/// (ERC-1271); never touch keys, nonces, policies or the pause; never let an NFT go or allow anybody anything beyond its own
/// batch. At worst it spends its limits in every period, and its gas budget once; `docs/security.md` has the rest.
///
/// `keyId` is keccak256(abi.encode(session)). A session is added once: the same terms again need another salt.
interface ISessions {
    event KeyAdded(bytes32 indexed keyId, Session session);
    event KeyRevoked(bytes32 indexed keyId);
    /// No key added before acts any more.
    event AllKeysRevoked(uint32 epoch);
    /// A batch that a session key signed ran. `executor` carried it.
    event SessionExecuted(bytes32 indexed keyId, uint256 indexed nonce, address indexed executor);

    /// The account is paused. Only its owner acts; he ends it by `unpause()`.
    error Paused();
    /// Not `abi.encode(session, keySignature)` as Solidity encodes it.
    error MalformedSession();
    /// Never added, revoked, or given up with all others. Have the owner add it.
    error KeyNotActive(bytes32 keyId);
    /// These terms were used before: give them another salt.
    error KeyUsed(bytes32 keyId);
    /// All keys were given up as often as can be counted, which only another delegate's writes can bring about. Wipe the state.
    error EpochsExhausted(uint32 epoch);
    /// A term that makes no sense, or is beyond what the code allows anybody to set: `field` is its place in `Session`, `index` its
    /// place in that field where it is a list.
    error InvalidSession(uint256 field, uint256 index);
    /// Before its first or after its last timestamp.
    error OutsideSession(uint256 start, uint256 expiry, uint256 timestamp);
    /// A session key's nonces are those of one key: the low 192 bits of `keyId`.
    error WrongNonceKey(uint192 found, uint192 expected);
    /// No rule names this target with this selector. `call` is the call's place in the batch.
    error CallNotAllowed(uint256 call, address target, bytes4 selector);
    /// The word `word` of the arguments is not what the account pins it to: a recipient or owner other than the account. The
    /// word behind the function's last: the arguments are of another length. 2^256 - 1: there may be no value.
    error ArgumentRefused(uint256 call, uint256 word);
    /// Not a position of the account that the rules name.
    error PositionNotAllowed(uint256 call, address positionManager, uint256 tokenId);
    /// Not a pool that the rules name.
    error PoolNotAllowed(uint256 call, address token0, address token1, uint24 fee);
    /// The call would spend a token for which the session has no limit.
    error NoSpendLimit(address token);
    /// More than `limit` would have left in this period.
    error SpendLimitExceeded(address token, uint256 spent, uint256 limit);
    /// There is an allowance already, which is the owner's business.
    error AllowanceStands(address token, address spender, uint256 amount);
    /// The token would not take back what was left of an allowance.
    error AllowanceLeft(address token, address spender, uint256 amount);
    /// An NFT of a listed position manager is gone.
    error PositionLost(address positionManager, uint256 tokenId);
    /// Somebody else was allowed an NFT of a listed position manager.
    error PositionApproved(address positionManager, uint256 tokenId, address approved);
    /// What a token or position manager has to answer could not be read.
    error Unreadable(address target);

    /// Registers a session. The account itself or an EntryPoint only, and not within a position action. Errors: Unauthorised,
    /// NotDelegated, ReentrantCall, UnknownVersion; InvalidSession, KeyUsed.
    ///
    /// Expiry at most 366 days ahead; at most 32 calls, 8 limits, 4 position managers with 16 token ids and 8 pools each. Refused
    /// are, besides the targets that no session key may call: functions that give NFTs or allowances away or make other calls
    /// (setApprovalForAll, safeTransferFrom, permit, burn, multicall and the like); of a token with a limit everything but
    /// transfer, transferFrom, approve, deposit and withdraw; those three first of a token without one; of a listed
    /// position manager everything but mint, increaseLiquidity, decreaseLiquidity and collect; those of any other; and NFTs.
    function addKey(Session calldata session) external returns (bytes32 keyId);
    /// Ends a session, or has it never begin; it can never be added again. Who may, and errors: as `addKey`.
    function revokeKey(bytes32 keyId) external;
    /// Ends all sessions. Who may, and errors: as `addKey`.
    function revokeAllKeys() external;

    /// ERC-4337. An EntryPoint only, with an operation that `validateUserOp` accepted for a session key: its signature is
    /// `abi.encode(session, keySignature)`, its callData this function's selector and `abi.encode(IAccount.Call[] calls)`, its nonce
    /// key the low 192 bits of `keyId`. Runs the calls as `executeSession` does.
    ///
    /// `validateUserOp` answers 1 for an operation that is not so, whose key is not active or did not sign `userOpHash`, that names
    /// another paymaster, or that could cost the account more than is left of the gas budget; otherwise the session's time.
    ///
    /// keySignature is r, s, v (65 bytes) of kind 0; r, s (64 bytes) over the digest itself of kind 1; of kind 2
    /// `abi.encode(r, s, challengeIndex, typeIndex, authenticatorData, clientDataJSON)` with the digest's 32 bytes as challenge and the
    /// user verified. Low s always.
    function executeUserOp(PackedUserOperation calldata userOp, bytes32 userOpHash) external;

    /// Runs a batch that a session key signed, whoever carries it. Signed is, as above, the EIP-712 struct
    /// `SessionBatch(bytes32 keyId,Call[] calls,uint256 nonce,uint256 deadline,address executor,uint256 minGas,uint256 generation)
    /// Call(address to,uint256 value,bytes data)` (no line break, no space between the two) in the account's domain.
    ///
    /// All calls run, or none. Errors: ReentrantCall, NotDelegated, UnknownVersion, Paused, KeyNotActive, OutsideSession,
    /// DeadlinePassed, WrongExecutor, WrongNonceKey, NonceUsed, InvalidSignature, InsufficientGas; those above for what a call or its
    /// outcome is refused for; CallFailed or the failing call's own.
    function executeSession(
        Session calldata session,
        IAccount.Call[] calldata calls,
        Carriage calldata carriage,
        bytes calldata signature
    ) external;

    /// What is remembered of a session: 0 never added, 1 active (its times and the pause aside), 2 ended; and the wei that its user
    /// operations were allowed to cost so far.
    function keyStatus(bytes32 keyId) external view returns (uint8 status, uint128 gasSpent);
    /// How much was spent under limit `index` of a session, in the period that began at `window` times the limit's period.
    function spending(bytes32 keyId, uint256 index) external view returns (uint128 spent, uint64 window);
}
