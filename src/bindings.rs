//! What the contracts that the command talks to answer: only the functions, events and errors that are used.
#![allow(missing_docs, clippy::too_many_arguments)]

use alloy::sol;

sol!(
    #[sol(all_derives)]
    IShell,
    "abi/Account.json"
);
sol!(
    #[sol(all_derives)]
    IManager,
    "abi/IManager.json"
);
sol!(
    #[sol(all_derives)]
    IPolicies,
    "abi/IPolicies.json"
);
sol!(
    #[sol(all_derives)]
    IHedges,
    "abi/IHedges.json"
);
sol!(
    #[sol(all_derives)]
    IMargin,
    "abi/IMargin.json"
);
sol!(
    #[sol(all_derives)]
    IMarginFactory,
    "abi/IMarginFactory.json"
);
sol!(
    #[sol(all_derives)]
    ISessions,
    "abi/ISessions.json"
);
sol!(
    #[sol(all_derives)]
    Preview,
    "abi/Preview.json"
);
sol!(
    #[sol(all_derives)]
    ILens,
    "abi/ILens.json"
);
sol!(
    #[sol(all_derives)]
    IDirectLens,
    "abi/IDirectLens.json"
);
sol!(
    #[sol(all_derives)]
    IOptionsLens,
    "abi/IOptionsLens.json"
);
sol!(
    #[sol(all_derives)]
    IStakeLens,
    "abi/IStakeLens.json"
);
sol!(
    #[sol(all_derives)]
    IRangeLens,
    "abi/IRangeLens.json"
);
sol!(
    #[sol(all_derives)]
    IHedgeLens,
    "abi/IHedgeLens.json"
);
sol!(
    #[sol(all_derives)]
    IStatisticsLens,
    "abi/IStatisticsLens.json"
);
sol!(
    #[sol(all_derives)]
    IRiskLens,
    "abi/IRiskLens.json"
);
sol!(
    #[sol(all_derives)]
    IChancesLens,
    "abi/IChancesLens.json"
);

sol! {
    #![sol(all_derives)]

    interface IERC20 {
        function balanceOf(address owner) external view returns (uint256);
        function totalSupply() external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 amount) external returns (bool);
        function transfer(address to, uint256 amount) external returns (bool);
        function decimals() external view returns (uint8);
        function symbol() external view returns (string);
    }

    /// What ERC-20 tokens refuse with (ERC-6093).
    interface ITokenErrors {
        error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
        error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    }

    interface IWETH9 {
        function deposit() external payable;
        function withdraw(uint256 amount) external;
    }

    interface ITestToken {
        function mint(address to, uint256 amount) external;
    }

    interface IUniswapV3Factory {
        function getPool(address token0, address token1, uint24 fee) external view returns (address pool);
    }

    interface IUniswapV3Pool {
        function slot0() external view returns (
            uint160 sqrtPriceX96,
            int24 tick,
            uint16 observationIndex,
            uint16 observationCardinality,
            uint16 observationCardinalityNext,
            uint8 feeProtocol,
            bool unlocked
        );
        event Mint(
            address sender,
            address indexed owner,
            int24 indexed tickLower,
            int24 indexed tickUpper,
            uint128 amount,
            uint256 amount0,
            uint256 amount1
        );
        event Collect(
            address indexed owner,
            address recipient,
            int24 indexed tickLower,
            int24 indexed tickUpper,
            uint128 amount0,
            uint128 amount1
        );

        function observe(uint32[] secondsAgos) external view returns (
            int56[] tickCumulatives, uint160[] secondsPerLiquidityCumulativeX128s
        );
        function token0() external view returns (address);
        function token1() external view returns (address);
        function fee() external view returns (uint24);
        function liquidity() external view returns (uint128);
        function tickSpacing() external view returns (int24);
        function tickBitmap(int16 word) external view returns (uint256);
        function positions(bytes32 key) external view returns (
            uint128 liquidity,
            uint256 feeGrowthInside0LastX128,
            uint256 feeGrowthInside1LastX128,
            uint128 tokensOwed0,
            uint128 tokensOwed1
        );
        function feeGrowthGlobal0X128() external view returns (uint256);
        function feeGrowthGlobal1X128() external view returns (uint256);
        function ticks(int24 tick) external view returns (
            uint128 liquidityGross,
            int128 liquidityNet,
            uint256 feeGrowthOutside0X128,
            uint256 feeGrowthOutside1X128,
            int56 tickCumulativeOutside,
            uint160 secondsPerLiquidityOutsideX128,
            uint32 secondsOutside,
            bool initialized
        );
        function increaseObservationCardinalityNext(uint16 observationCardinalityNext) external;
        function burn(int24 tickLower, int24 tickUpper, uint128 amount) external
            returns (uint256 amount0, uint256 amount1);
        function collect(
            address recipient, int24 tickLower, int24 tickUpper, uint128 amount0Requested, uint128 amount1Requested
        ) external returns (uint128 amount0, uint128 amount1);
    }

    interface INonfungiblePositionManager {
        struct MintParams {
            address token0;
            address token1;
            uint24 fee;
            int24 tickLower;
            int24 tickUpper;
            uint256 amount0Desired;
            uint256 amount1Desired;
            uint256 amount0Min;
            uint256 amount1Min;
            address recipient;
            uint256 deadline;
        }

        event IncreaseLiquidity(uint256 indexed tokenId, uint128 liquidity, uint256 amount0, uint256 amount1);

        function factory() external view returns (address);
        function WETH9() external view returns (address);
        function ownerOf(uint256 tokenId) external view returns (address);
        function balanceOf(address owner) external view returns (uint256);
        function tokenOfOwnerByIndex(address owner, uint256 index) external view returns (uint256);
        function getApproved(uint256 tokenId) external view returns (address);
        function positions(uint256 tokenId) external view returns (
            uint96 nonce,
            address operator,
            address token0,
            address token1,
            uint24 fee,
            int24 tickLower,
            int24 tickUpper,
            uint128 liquidity,
            uint256 feeGrowthInside0LastX128,
            uint256 feeGrowthInside1LastX128,
            uint128 tokensOwed0,
            uint128 tokensOwed1
        );
        function createAndInitializePoolIfNecessary(address token0, address token1, uint24 fee, uint160 sqrtPriceX96)
            external payable returns (address pool);
        function mint(MintParams params) external payable
            returns (uint256 tokenId, uint128 liquidity, uint256 amount0, uint256 amount1);
    }

    interface ISwapRouter {
        struct ExactInputSingleParams {
            address tokenIn;
            address tokenOut;
            uint24 fee;
            address recipient;
            uint256 deadline;
            uint256 amountIn;
            uint256 amountOutMinimum;
            uint160 sqrtPriceLimitX96;
        }

        function exactInputSingle(ExactInputSingleParams params) external payable returns (uint256 amountOut);
    }

    /// ERC-4337 v0.7/v0.8: what is packed, signed and given to `handleOps`.
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

    interface IEntryPoint {
        event UserOperationEvent(
            bytes32 indexed userOpHash,
            address indexed sender,
            address indexed paymaster,
            uint256 nonce,
            bool success,
            uint256 actualGasCost,
            uint256 actualGasUsed
        );
        event UserOperationRevertReason(
            bytes32 indexed userOpHash, address indexed sender, uint256 nonce, bytes revertReason
        );
        event PostOpRevertReason(
            bytes32 indexed userOpHash, address indexed sender, uint256 nonce, bytes revertReason
        );

        error FailedOp(uint256 opIndex, string reason);
        error FailedOpWithRevert(uint256 opIndex, string reason, bytes inner);

        function getNonce(address sender, uint192 key) external view returns (uint256 nonce);
        function getUserOpHash(PackedUserOperation calldata userOp) external view returns (bytes32);
        function handleOps(PackedUserOperation[] calldata ops, address payable beneficiary) external;
        function depositTo(address account) external payable;
        function balanceOf(address account) external view returns (uint256);
    }

    interface IERC5267 {
        function eip712Domain() external view returns (
            bytes1 fields,
            string name,
            string version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] extensions
        );
    }

    interface IArbWasm {
        error ProgramNotWasm();
        error ProgramNotActivated();
        error ProgramNeedsUpgrade(uint16 version, uint16 stylusVersion);
        error ProgramExpired(uint64 ageInSeconds);
        error ProgramUpToDate();
        error ProgramKeepaliveTooSoon(uint64 ageInSeconds);
        error ProgramInsufficientValue(uint256 have, uint256 want);

        function activateProgram(address program) external payable returns (uint16 version, uint256 dataFee);
        function stylusVersion() external view returns (uint16 version);
        function programTimeLeft(address program) external view returns (uint64 secs);
        function codehashVersion(bytes32 codehash) external view returns (uint16 version);
        function programVersion(address program) external view returns (uint16 version);
    }

    interface IArbWasmCache {
        function codehashIsCached(bytes32 codehash) external view returns (bool);
    }

    /// What a shell says of the programs behind it.
    interface IPrograms {
        function manager() external view returns (address);
        function direct() external view returns (address);
        function exits() external view returns (address);
        function policies() external view returns (address);
        function runs() external view returns (address);
        function hedges() external view returns (address);
        function hedgereads() external view returns (address);
        function hedgechecks() external view returns (address);
        function hedgeruns() external view returns (address);
        function sessions() external view returns (address);
    }

    /// Chainlink's uptime feed of a sequencer: an answer of 0 is up, since `startedAt`.
    interface ISequencerFeed {
        function latestRoundData() external view returns (
            uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound
        );
    }

    /// Aave v3, as far as a hedge is concerned.
    interface IAavePool {
        struct ReserveConfigurationMap {
            uint256 data;
        }

        struct ReserveData {
            ReserveConfigurationMap configuration;
            uint128 liquidityIndex;
            uint128 currentLiquidityRate;
            uint128 variableBorrowIndex;
            uint128 currentVariableBorrowRate;
            uint128 currentStableBorrowRate;
            uint40 lastUpdateTimestamp;
            uint16 id;
            address aTokenAddress;
            address stableDebtTokenAddress;
            address variableDebtTokenAddress;
            address interestRateStrategyAddress;
            uint128 accruedToTreasury;
            uint128 unbacked;
            uint128 isolationModeTotalDebt;
        }

        struct EModeCategory {
            uint16 ltv;
            uint16 liquidationThreshold;
            uint16 liquidationBonus;
            address priceSource;
            string label;
        }

        function ADDRESSES_PROVIDER() external view returns (address);
        function getReserveData(address asset) external view returns (ReserveData memory);
        function getUserAccountData(address user) external view returns (
            uint256 totalCollateralBase,
            uint256 totalDebtBase,
            uint256 availableBorrowsBase,
            uint256 currentLiquidationThreshold,
            uint256 ltv,
            uint256 healthFactor
        );
        function getEModeCategoryData(uint8 id) external view returns (EModeCategory memory);
    }

    interface IAaveAddressesProvider {
        function getPriceOracle() external view returns (address);
    }

    interface IAaveOracle {
        function getAssetPrice(address asset) external view returns (uint256);
        function getSourceOfAsset(address asset) external view returns (address);
    }

    /// Chainlink's price feeds.
    interface IPriceFeed {
        function latestRoundData() external view returns (
            uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound
        );
    }

    /// What an account does with its own state.
    interface IAccountState {
        event Wiped(uint64 generation);

        function wipe() external;
        function pause() external;
        function unpause() external;
    }

    interface INodeInterface {
        function gasEstimateL1Component(address to, bool contractCreation, bytes calldata data) external payable
            returns (uint64 gasEstimateForL1, uint256 baseFee, uint256 l1BaseFeeEstimate);
    }
}

pub use IEntryPoint::UserOperationEvent;

/// The two lenses answer with the same struct, of which either interface has its own type here.
impl From<IDirectLens::Position> for ILens::Position {
    fn from(position: IDirectLens::Position) -> Self {
        let figures = position.figures;
        Self {
            pool: position.pool,
            token0: position.token0,
            token1: position.token1,
            fee: position.fee,
            tickLower: position.tickLower,
            tickUpper: position.tickUpper,
            liquidity: position.liquidity,
            sqrtPriceX96: position.sqrtPriceX96,
            tick: position.tick,
            fees0: position.fees0,
            fees1: position.fees1,
            figures: ILens::Figures {
                amount0: figures.amount0,
                amount1: figures.amount1,
                value: figures.value,
                hold: figures.hold,
                il: figures.il,
                delta: figures.delta,
                gamma: figures.gamma,
                dollarGamma: figures.dollarGamma,
            },
        }
    }
}
