// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Test} from "forge-std/Test.sol";

import {MarginFactory} from "hedgerow/MarginFactory.sol";
import {PriceFeed} from "hedgerow/dev/PriceFeed.sol";
import {TestToken} from "hedgerow/dev/TestToken.sol";
import {IAavePool} from "hedgerow/interfaces/IAavePool.sol";
import {IMargin, MarginTerms} from "hedgerow/interfaces/IMargin.sol";

interface IPoolAddresses {
    function setPoolDataProvider(address provider) external;
    function setACLAdmin(address admin) external;
    function setACLManager(address manager) external;
    function setPriceOracle(address oracle) external;
    function setPoolImpl(address implementation) external;
    function setPoolConfiguratorImpl(address implementation) external;
    function getPool() external view returns (address);
    function getPoolConfigurator() external view returns (address);
    function registerAddressesProvider(address provider, uint256 id) external;
}

interface IAclManager {
    function addPoolAdmin(address admin) external;
}

interface IConfigurator {
    struct InitReserveInput {
        address aTokenImpl;
        address stableDebtTokenImpl;
        address variableDebtTokenImpl;
        uint8 underlyingAssetDecimals;
        address interestRateStrategyAddress;
        address underlyingAsset;
        address treasury;
        address incentivesController;
        string aTokenName;
        string aTokenSymbol;
        string variableDebtTokenName;
        string variableDebtTokenSymbol;
        string stableDebtTokenName;
        string stableDebtTokenSymbol;
        bytes params;
    }

    function initReserves(InitReserveInput[] calldata input) external;
    function configureReserveAsCollateral(address asset, uint256 ltv, uint256 threshold, uint256 bonus) external;
    function setReserveBorrowing(address asset, bool enabled) external;
}

interface IUniswapFactory {
    function createPool(address tokenA, address tokenB, uint24 fee) external returns (address pool);
}

interface IUniswapPool {
    function initialize(uint160 sqrtPriceX96) external;
    function mint(address recipient, int24 tickLower, int24 tickUpper, uint128 amount, bytes calldata data)
        external
        returns (uint256 amount0, uint256 amount1);
}

/// Aave v3 and Uniswap v3 as published, with two tokens at a price of one, much lent and a deep pool; and our factory.
abstract contract Lending is Test {
    string private constant AAVE = "node_modules/@aave/core-v3/artifacts/contracts/";
    uint160 internal constant ONE = 2 ** 96;
    uint160 internal constant LOWEST = 4295128740;
    uint160 internal constant HIGHEST = 1461446703485210103287273052203988822378723970341;
    uint256 internal constant VARIABLE = 2;

    TestToken internal volatileToken;
    TestToken internal collateral;
    IAavePool internal aave;
    IUniswapPool internal pool;
    MarginFactory internal factory;
    address[8] private libraries;

    function setUp() public virtual {
        setUpWith(newToken());
    }

    function newToken() internal virtual returns (TestToken) {
        return new TestToken("Volatile", "VOL", 18);
    }

    function setUpWith(TestToken first) internal {
        volatileToken = first;
        // The collateral is token1: whatever lies above.
        for (uint256 salt = 0; address(collateral) <= address(first); ++salt) {
            collateral = new TestToken{salt: bytes32(salt)}("Stable", "STA", 18);
        }
        factory = new MarginFactory();
        openPool();
        openMarket();
    }

    /// What the real contracts say of an account: debt and collateral.
    function owed(address account) internal view returns (uint256) {
        return IERC20(aave.getReserveData(address(volatileToken)).variableDebtToken).balanceOf(account);
    }

    function lent(address account) internal view returns (uint256) {
        return IERC20(aave.getReserveData(address(collateral)).aToken).balanceOf(account);
    }

    function termsIn(address swapPool) internal view returns (MarginTerms memory) {
        return MarginTerms(address(aave), swapPool, address(volatileToken), address(collateral), 0, 0);
    }

    /// A margin account of `owner` with so much collateral in it.
    function openFor(address owner, address swapPool, uint256 amount) internal returns (IMargin margin) {
        vm.prank(owner);
        margin = IMargin(factory.open(0, termsIn(swapPool)));
        collateral.mint(address(margin), amount);
    }

    function assertClean(IMargin margin) internal view {
        assertEq(volatileToken.balanceOf(address(margin)), 0, "volatile token left");
        assertEq(collateral.balanceOf(address(margin)), 0, "collateral left");
        assertEq(volatileToken.allowance(address(margin), address(aave)), 0, "allowance left");
        assertEq(collateral.allowance(address(margin), address(aave)), 0, "allowance left");
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        require(msg.sender == address(pool));
        volatileToken.mint(msg.sender, amount0);
        collateral.mint(msg.sender, amount1);
    }

    function openPool() private {
        bytes memory code =
            vm.getCode("node_modules/@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json");
        IUniswapFactory uniswap = IUniswapFactory(create(code));
        pool = IUniswapPool(uniswap.createPool(address(volatileToken), address(collateral), 3000));
        pool.initialize(ONE);
        pool.mint(address(this), -887220, 887220, 1_000_000e18, "");
    }

    function openMarket() private {
        IPoolAddresses provider = IPoolAddresses(
            create(contractOf("protocol/configuration/", "PoolAddressesProvider"), abi.encode("market", address(this)))
        );
        provider.setPoolDataProvider(create(contractOf("misc/", "AaveProtocolDataProvider"), abi.encode(provider)));
        provider.setACLAdmin(address(this));
        address acl = create(contractOf("protocol/configuration/", "ACLManager"), abi.encode(provider));
        provider.setACLManager(acl);
        IAclManager(acl).addPoolAdmin(address(this));
        provider.setPriceOracle(oracle(provider));
        deployLibraries();
        provider.setPoolImpl(create(linked("protocol/pool/", "L2Pool"), abi.encode(provider)));
        provider.setPoolConfiguratorImpl(create(linked("protocol/pool/", "PoolConfigurator")));
        aave = IAavePool(provider.getPool());
        list(provider);
        TestToken[2] memory tokens = [volatileToken, collateral];
        for (uint256 i = 0; i < 2; ++i) {
            tokens[i].mint(address(this), 1_000_000e18);
            tokens[i].approve(address(aave), 1_000_000e18);
            aave.supply(address(tokens[i]), 1_000_000e18, address(this), 0);
        }
    }

    function oracle(IPoolAddresses provider) private returns (address) {
        (address[] memory assets, address[] memory feeds) = (new address[](2), new address[](2));
        (assets[0], assets[1]) = (address(volatileToken), address(collateral));
        feeds[0] = address(new PriceFeed(1e8, block.timestamp));
        feeds[1] = address(new PriceFeed(1e8, block.timestamp));
        return create(
            contractOf("misc/", "AaveOracle"), abi.encode(provider, assets, feeds, address(0), address(0), uint256(1e8))
        );
    }

    function list(IPoolAddresses provider) private {
        IConfigurator configurator = IConfigurator(provider.getPoolConfigurator());
        string memory tokenization = "protocol/tokenization/";
        address strategy = create(
            contractOf("protocol/pool/", "DefaultReserveInterestRateStrategy"),
            abi.encode(provider, 0.45e27, 0, 0.04e27, 3e27, 0.07e27, 3e27, 0.02e27, 0.05e27, 0.2e27)
        );
        IConfigurator.InitReserveInput[] memory input = new IConfigurator.InitReserveInput[](2);
        for (uint256 i = 0; i < 2; ++i) {
            input[i].aTokenImpl = create(contractOf(tokenization, "AToken"), abi.encode(aave));
            input[i].stableDebtTokenImpl = create(contractOf(tokenization, "StableDebtToken"), abi.encode(aave));
            input[i].variableDebtTokenImpl = create(contractOf(tokenization, "VariableDebtToken"), abi.encode(aave));
            input[i].underlyingAssetDecimals = 18;
            input[i].interestRateStrategyAddress = strategy;
            input[i].underlyingAsset = i == 0 ? address(volatileToken) : address(collateral);
            input[i].treasury = address(0x7e);
        }
        configurator.initReserves(input);
        for (uint256 i = 0; i < 2; ++i) {
            configurator.configureReserveAsCollateral(input[i].underlyingAsset, 8000, 8250, 10500);
            configurator.setReserveBorrowing(input[i].underlyingAsset, true);
        }
    }

    function names() private pure returns (string[8] memory) {
        return [
            "SupplyLogic",
            "BorrowLogic",
            "LiquidationLogic",
            "EModeLogic",
            "BridgeLogic",
            "ConfiguratorLogic",
            "FlashLoanLogic",
            "PoolLogic"
        ];
    }

    function deployLibraries() private {
        string[8] memory known = names();
        for (uint256 i = 0; i < 8; ++i) {
            libraries[i] = create(linked("protocol/libraries/logic/", known[i]));
        }
    }

    function contractOf(string memory folder, string memory name) private view returns (bytes memory) {
        return vm.getCode(string.concat(AAVE, folder, name, ".sol/", name, ".json"));
    }

    /// Creation code with the libraries that are there already where solc left room for them: 34 digits of the hash of each name.
    function linked(string memory folder, string memory name) private view returns (bytes memory) {
        string memory json = vm.readFile(string.concat(AAVE, folder, name, ".sol/", name, ".json"));
        string memory code = vm.parseJsonString(json, ".bytecode");
        string[8] memory known = names();
        for (uint256 i = 0; i < 8 && libraries[i] != address(0); ++i) {
            string memory path = string.concat("contracts/protocol/libraries/logic/", known[i], ".sol:", known[i]);
            string memory room = string.concat("__$", digits(abi.encodePacked(bytes17(keccak256(bytes(path))))), "$__");
            code = vm.replace(code, room, digits(abi.encodePacked(libraries[i])));
        }
        return vm.parseBytes(code);
    }

    /// Without 0x.
    function digits(bytes memory value) private pure returns (string memory) {
        return vm.replace(vm.toString(value), "0x", "");
    }

    function create(bytes memory code) private returns (address) {
        return create(code, "");
    }

    function create(bytes memory code, bytes memory arguments) private returns (address made) {
        code = abi.encodePacked(code, arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
        }
        require(made != address(0), "not created");
    }
}
