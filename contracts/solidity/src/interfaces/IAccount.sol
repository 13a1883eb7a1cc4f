// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// A user operation as ERC-4337's EntryPoints pack it.
struct PackedUserOperation {
    address sender;
    uint256 nonce;
    bytes initCode;
    bytes callData;
    bytes32 accountGasLimits;
    uint256 preVerificationGas;
    bytes32 gasFees;
    bytes paymasterAndData;
    bytes signature;
}

/// What the shell answers in place. An EOA names it in its EIP-7702 authorisation; at run time `address(this)` is the EOA.
/// Whatever is not listed here goes to the Stylus programs behind it, `IManager`, `IPolicies` and `IHedges`, or to the module `ISessions`.
///
/// Three may make the account act: the account itself, an EntryPoint with what `validateUserOp` accepted, and anybody who
/// carries a batch that the account's own key signed. They may have others act within limits: keepers, and session keys. Nothing
/// needs to be initialised.
interface IAccount {
    /// One call of a batch, as ERC-7821 has it; `to == address(0)` is the account itself.
    struct Call {
        address to;
        uint256 value; // wei
        bytes data;
    }

    /// A signed batch ran. `executor` carried it.
    event BatchExecuted(uint256 indexed nonce, address indexed executor);
    /// Signed batches of this nonce key below `sequence` can no longer run.
    event NonceRaised(uint192 indexed key, uint64 sequence);
    /// The account was paused, or is so no longer.
    event PausedSet(bool paused);
    /// All stored state was given up; signed batches of earlier generations can no longer run.
    event Wiped(uint64 generation);

    /// Neither the account itself nor, where that is allowed, an EntryPoint. Sign a batch, or a user operation.
    error Unauthorised(address caller);
    /// Called at the shell's own address. Call the EOA that delegates to it.
    error NotDelegated(address shell);
    /// A program has no code. Deploy and activate it before the shell.
    error NoCode(address program);
    /// Only ERC-7821's single batch, with or without opData, is supported.
    error UnsupportedExecutionMode(bytes32 mode);
    /// The execution data is not `abi.encode(calls)` or `abi.encode(calls, opData)`, or reaches beyond its own end.
    error MalformedBatch();
    /// opData is not `abi.encode(nonce, deadline, executor, minGas, signature)` with a signature of 65 bytes: 288 bytes exactly.
    error MalformedOpData(uint256 length);
    /// A batch or a position action is running; only the account itself may call on within a batch.
    error ReentrantCall();
    /// The state was written by another version. Only `wipe()` is accepted.
    error UnknownVersion(uint32 found, uint32 expected);
    /// The batch was to run by `deadline`. Sign it again.
    error DeadlinePassed(uint256 deadline, uint256 timestamp);
    /// Used before, raised past, out of turn, or the last of its key, which is never used: `expected` is next.
    error NonceUsed(uint256 nonce, uint256 expected);
    /// Only `executor` may carry this batch.
    error WrongExecutor(address caller, address executor);
    /// Less gas is left for the calls than was signed for. Send more.
    error InsufficientGas(uint256 gasLeft, uint256 minGas);
    /// The account's own key did not sign this: other calls, nonce, deadline, executor, gas, generation, chain, account or shell.
    error InvalidSignature();
    /// The state was wiped as often as can be counted, which only another delegate's writes can bring about.
    error GenerationsExhausted(uint64 generation);
    /// A call of a batch failed without saying why (its own reason is passed on unchanged where there is one).
    error CallFailed(address target, bytes reason);
    /// Nobody but the pool that the account is dealing with at this moment may call back, and only once.
    error CallbackRefused(address caller, address expected);
    /// A swap asks for exactly one token.
    error CallbackAmounts(int256 amount0Delta, int256 amount1Delta);
    /// The pool asks for more than the account set out to pay.
    error CallbackExceedsMaximum(uint256 amount, uint256 maximum);

    /// The Stylus program for positions of position managers, and for whatever no other program answers.
    function manager() external view returns (address);
    /// The Stylus program for direct positions.
    function direct() external view returns (address);
    /// The Stylus program for leaving positions, walking and converting them.
    function exits() external view returns (address);
    /// The Stylus program that remembers policies.
    function policies() external view returns (address);
    /// The Stylus program that runs policies for keepers.
    function runs() external view returns (address);
    /// The Stylus program that opens, adjusts and closes hedges.
    function hedges() external view returns (address);
    /// The Stylus program that reads a position, its hedge and the venue.
    function hedgereads() external view returns (address);
    /// The Stylus program that says what a policy of a hedge does now.
    function hedgechecks() external view returns (address);
    /// The Stylus program that remembers policies of hedges and runs them for keepers.
    function hedgeruns() external view returns (address);
    /// The module for session keys: `ISessions`.
    function sessions() external view returns (address);
    /// The ERC-4337 v0.8 EntryPoint, which may validate and execute user operations.
    function entryPoint() external view returns (address);
    /// The ERC-4337 v0.9 EntryPoint, which may do the same.
    function entryPointV9() external view returns (address);

    /// ERC-7821: makes all calls in turn, or none. Modes 0x0100..., where opData is not looked at, and 0x0100...78210001....
    ///
    /// Without opData: the account itself or an EntryPoint only. With opData, whoever sends it, the account itself included: the
    /// batch has to be signed, for opData is the authentication. opData is
    /// `abi.encode(uint256 nonce, uint256 deadline, address executor, uint256 minGas, bytes signature)`:
    /// - nonce: 192 bits of key, 64 bits of sequence, as `nonce` gives it; used up when the batch succeeds, and only then;
    /// - deadline: the last timestamp;
    /// - executor: who may carry it, or zero for anybody;
    /// - minGas: the gas that must be left when the first call begins, so that a carrier cannot starve a call that would shrug
    ///   a failure off;
    /// - signature: the account's own key's, r, s, v, over the EIP-712 struct
    ///   `SignedBatch(Call[] calls,uint256 nonce,uint256 deadline,address executor,uint256 minGas,uint256 generation)
    ///   Call(address to,uint256 value,bytes data)` (no line break, no space between the two) in the domain of `eip712Domain`,
    ///   with the state's `generation()`; the calls as they are sent, an address of zero as zero.
    ///
    /// While a batch runs only the account itself may execute, in one of its calls.
    ///
    /// Errors: UnsupportedExecutionMode, NotDelegated, ReentrantCall, MalformedBatch, Unauthorised; MalformedOpData,
    /// DeadlinePassed, WrongExecutor, UnknownVersion, NonceUsed, InvalidSignature, InsufficientGas; CallFailed or the failing
    /// call's own.
    function execute(bytes32 mode, bytes calldata executionData) external payable;
    /// ERC-7821: the two modes above.
    function supportsExecutionMode(bytes32 mode) external view returns (bool);

    /// The next nonce of signed batches under `key`: `key << 64 | sequence`. Anybody may ask. Error: UnknownVersion.
    function nonce(uint192 key) external view returns (uint256);
    /// How often the state was wiped; part of what is signed. Anybody may ask, whatever version the state is of.
    function generation() external view returns (uint64);
    /// The version of the stored state; 0 when nothing was ever written. Anybody may ask.
    function stateVersion() external view returns (uint32);

    /// Voids all signed batches of nonce key `key` below `sequence`, and those of all keys' last number 2^64 - 1: raising a key
    /// that far closes it. The account itself or an EntryPoint only, and not within a position action. Errors: Unauthorised,
    /// NotDelegated, ReentrantCall, UnknownVersion, NonceUsed when `sequence` is not above the next one: too late to void it.
    function raiseNonce(uint192 key, uint64 sequence) external;
    /// Stops everybody who acts for the owner by what he set earlier: keepers under a policy, and session keys. The owner's own
    /// calls, batches and user operations go on, whatever they do. One word is written; pausing twice changes nothing. The account
    /// itself or an EntryPoint only, and not within a position action. Errors: Unauthorised, NotDelegated, ReentrantCall,
    /// UnknownVersion.
    function pause() external;
    /// Ends the pause. Who may, and errors: as `pause`.
    function unpause() external;
    /// Whether the account is paused. Anybody may ask. Error: UnknownVersion.
    function paused() external view returns (bool);
    /// Gives up everything the account has stored, a pause included, whatever version it is of, and voids every signed batch not yet run. The
    /// account itself or an EntryPoint only, and not within a position action. Errors: Unauthorised, NotDelegated,
    /// ReentrantCall, GenerationsExhausted.
    function wipe() external;

    /// ERC-4337. A signature of 65 bytes is the account's own key's: 0 when it signed `userOpHash`. Any other is a session key's: when
    /// it did and may, the session's time, as ERC-4337 packs it (`ISessions.executeUserOp`). 1 for anything else. Pays the
    /// EntryPoint what is missing. An EntryPoint only. Errors: Unauthorised, NotDelegated.
    function validateUserOp(PackedUserOperation calldata userOp, bytes32 userOpHash, uint256 missingAccountFunds)
        external
        returns (uint256 validationData);

    /// ERC-1271 with ERC-7739: the magic value when the account's own key signed `hash` as it is, or nested in this account's
    /// EIP-712 domain, otherwise 0xffffffff. Anybody may ask. Never reverts.
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4);
    /// ERC-5267. The salt is the shell's address, so that a signature ends with the delegation it was given under.
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        );

    /// Pays the pool for the swap that a program began: only that pool, once, the one token that is sold, at most the announced
    /// maximum. Errors: CallbackRefused, CallbackAmounts, CallbackExceedsMaximum; the token's own, or OpenZeppelin's
    /// SafeERC20FailedOperation for a token that fails silently.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;
    /// Pays the pool for the liquidity that a program adds: only that pool, once, at most the announced maxima. Errors:
    /// CallbackRefused, CallbackExceedsMaximum; the tokens' as above.
    function uniswapV3MintCallback(uint256 amount0Owed, uint256 amount1Owed, bytes calldata data) external;

    /// ERC-777: takes the tokens, changes nothing.
    function tokensReceived(
        address operator,
        address from,
        address to,
        uint256 amount,
        bytes calldata userData,
        bytes calldata operatorData
    ) external pure;
    /// ERC-721: takes the token, changes nothing.
    function onERC721Received(address operator, address from, uint256 tokenId, bytes calldata data)
        external
        pure
        returns (bytes4);
    /// ERC-1155: takes the tokens, changes nothing.
    function onERC1155Received(address operator, address from, uint256 id, uint256 value, bytes calldata data)
        external
        pure
        returns (bytes4);
    /// ERC-1155: takes the tokens, changes nothing.
    function onERC1155BatchReceived(
        address operator,
        address from,
        uint256[] calldata ids,
        uint256[] calldata values,
        bytes calldata data
    ) external pure returns (bytes4);
    /// ERC-165: this one, ERC-721's and ERC-1155's receivers, ERC-1271, ERC-5267, ERC-4337's account.
    function supportsInterface(bytes4 interfaceId) external pure returns (bool);
}
