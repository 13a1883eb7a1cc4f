//! Aave v3 as published (`@aave/core-v3`), with the world's two tokens: a lender who leaves room to borrow, price feeds that
//! say what a test tells them, and the governor's switches.

use std::{collections::BTreeMap, fs, sync::OnceLock, thread};

use alloy::{
    hex,
    primitives::{Address, Bytes, I256, U256},
    signers::local::PrivateKeySigner,
    sol_types::{SolCall, SolValue},
};
use hedgerow::{artifacts::with_arguments, bindings::IERC20, client::Transaction, error::Result, keys};
use hedgerow_devnode::{Config, Devnode};
use serde_json::Value;

use super::{Pair, World};

#[path = "aave/interfaces.rs"]
mod interfaces;

pub use interfaces::*;

/// Loan to value, liquidation threshold and what a liquidator gets, in basis points, of either asset.
pub const LTV: u64 = 8_000;
pub const THRESHOLD: u64 = 8_250;
pub const BONUS: u64 = 10_500;
/// What the lender lends of either asset, and how much of that it has borrowed itself, in the pair's units.
pub const LENT: u64 = 10_000;
pub const BORROWED: [u64; 2] = [2_000, 3_000];
/// The borrow rate at which 45 % of a reserve is lent out, and what it rises by up to 100 %, in per cent a year.
pub const SLOPES: [u64; 2] = [4, 300];
const VARIABLE: U256 = U256::from_limbs([2, 0, 0, 0]);
const ARTIFACTS: &str = "@aave/core-v3/artifacts/contracts";
/// In an order in which each finds those that it is linked with.
const LIBRARIES: [&str; 8] = [
    "SupplyLogic",
    "BorrowLogic",
    "LiquidationLogic",
    "EModeLogic",
    "BridgeLogic",
    "ConfiguratorLogic",
    "FlashLoanLogic",
    "PoolLogic",
];

/// A market of two assets; index 0 and 1 as the pool's tokens.
#[derive(Clone, Debug)]
pub struct Aave {
    /// Governs it, lends, and owes some.
    pub admin: PrivateKeySigner,
    pub pool: Address,
    pub configurator: Address,
    pub oracle: Address,
    pub provider: Address,
    pub tokens: [Address; 2],
    pub feeds: [Address; 2],
    pub a_tokens: [Address; 2],
    /// Of variable debt.
    pub debt_tokens: [Address; 2],
}

/// A world of ether and dollars with Aave: staged once for all tests of a binary, and copied for each.
pub async fn lending() -> (World, Aave) {
    let (_, world, aave) = lending_on().await;
    (world, aave)
}

/// The same with its devnode, for whoever serves it.
pub async fn lending_on() -> (Devnode, World, Aave) {
    static STAGED: OnceLock<(Devnode, World, Aave)> = OnceLock::new();
    let stage = || {
        // A runtime of its own, because the test that comes first has one that ends with it.
        let staging = thread::spawn(|| {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let devnode = Devnode::new(Config::default()).unwrap();
                let world = World::on(&devnode, Pair::EtherDollar).await;
                let aave = Aave::on(&world).await;
                (devnode, world, aave)
            })
        });
        staging.join().unwrap()
    };
    let (devnode, world, aave) = STAGED.get_or_init(stage);
    let twin = devnode.twin().unwrap();
    (twin.clone(), world.at(&twin).await, aave.clone())
}

impl Aave {
    /// Deploys it for the world's tokens, at the price at which the world's pool opened, and lends.
    pub async fn on(world: &World) -> Self {
        let admin = keys::development(4).unwrap();
        let mut builder = Builder {
            world,
            admin: admin.clone(),
            libraries: BTreeMap::new(),
        };
        let mut aave = builder.market().await;
        builder.list(&mut aave).await;
        for asset in 0..2 {
            builder.open(&aave, asset).await;
        }
        aave.lend(world).await;
        aave
    }

    /// Sends a call of the governor's to the configurator.
    pub async fn govern<C: SolCall>(&self, world: &World, call: &C) {
        world.send(&self.admin, self.configurator, call).await;
    }

    /// Lends out of nothing, and borrows some of it.
    async fn lend(&self, world: &World) {
        let units = world.pair.units();
        let lent = units.map(|unit| unit * U256::from(LENT));
        world.fund(&self.admin, lent).await;
        for (asset, amount) in lent.into_iter().enumerate() {
            self.supply(world, &self.admin, asset, amount).await.unwrap();
        }
        for asset in 0..2 {
            let amount = units[asset] * U256::from(BORROWED[asset]);
            self.borrow(world, &self.admin, asset, amount).await.unwrap();
        }
    }

    pub async fn supply(&self, world: &World, who: &PrivateKeySigner, asset: usize, amount: U256) -> Result<()> {
        world.approve(who, self.tokens[asset], self.pool, amount).await;
        let call = IPool::supplyCall {
            asset: self.tokens[asset],
            amount,
            onBehalfOf: who.address(),
            referralCode: 0,
        };
        self.send(world, who, &call).await
    }

    pub async fn borrow(&self, world: &World, who: &PrivateKeySigner, asset: usize, amount: U256) -> Result<()> {
        let call = IPool::borrowCall {
            asset: self.tokens[asset],
            amount,
            interestRateMode: VARIABLE,
            referralCode: 0,
            onBehalfOf: who.address(),
        };
        self.send(world, who, &call).await
    }

    pub async fn repay(&self, world: &World, who: &PrivateKeySigner, asset: usize, amount: U256) -> Result<()> {
        world.approve(who, self.tokens[asset], self.pool, amount).await;
        let call = IPool::repayCall {
            asset: self.tokens[asset],
            amount,
            interestRateMode: VARIABLE,
            onBehalfOf: who.address(),
        };
        self.send(world, who, &call).await
    }

    pub async fn withdraw(&self, world: &World, who: &PrivateKeySigner, asset: usize, amount: U256) -> Result<()> {
        let call = IPool::withdrawCall {
            asset: self.tokens[asset],
            amount,
            to: who.address(),
        };
        self.send(world, who, &call).await
    }

    /// Pays `debt` of what `user` owes of the asset, for the other asset of his.
    pub async fn liquidate(
        &self,
        world: &World,
        who: &PrivateKeySigner,
        user: Address,
        owed: usize,
        debt: U256,
    ) -> Result<()> {
        world.approve(who, self.tokens[owed], self.pool, debt).await;
        let call = IPool::liquidationCallCall {
            collateralAsset: self.tokens[1 - owed],
            debtAsset: self.tokens[owed],
            user,
            debtToCover: debt,
            receiveAToken: false,
        };
        self.send(world, who, &call).await
    }

    async fn send<C: SolCall>(&self, world: &World, who: &PrivateKeySigner, call: &C) -> Result<()> {
        let transaction = Transaction::call(self.pool, call);
        world.client.send(who, transaction, C::SIGNATURE).await.map(drop)
    }

    /// What somebody owes of an asset, and has lent.
    pub async fn debt(&self, world: &World, owner: Address, asset: usize) -> U256 {
        world
            .read(self.debt_tokens[asset], &IERC20::balanceOfCall { owner })
            .await
    }

    pub async fn lent(&self, world: &World, owner: Address, asset: usize) -> U256 {
        world.read(self.a_tokens[asset], &IERC20::balanceOfCall { owner }).await
    }

    /// A wad; the greatest integer without debt.
    pub async fn health(&self, world: &World, user: Address) -> U256 {
        let data = world.read(self.pool, &IPool::getUserAccountDataCall { user }).await;
        data.healthFactor
    }

    pub async fn reserve(&self, world: &World, asset: usize) -> IPool::ReserveData {
        let asset = self.tokens[asset];
        world.read(self.pool, &IPool::getReserveDataCall { asset }).await
    }

    /// What the feed of an asset says: dollars with eight decimals, and since when.
    pub async fn answer(&self, world: &World, asset: usize, answer: i64, updated_at: u64) {
        let call = IPriceFeed::setCall {
            answer: I256::try_from(answer).unwrap(),
            updatedAt: U256::from(updated_at),
        };
        world.send(&self.admin, self.feeds[asset], &call).await;
    }

    /// The feeds answer anew: a dollar for token1, for token0 what the world's pool says now.
    pub async fn follow(&self, world: &World) {
        let now = world.now().await;
        let price = price_at(world.pair, world.slot0().await.0);
        self.answer(world, 0, price, now).await;
        self.answer(world, 1, DOLLAR, now).await;
    }

    /// Another curve for an asset's rates: what is paid for the first unit, in millionths a year.
    pub async fn set_base_rate(&self, world: &World, asset: usize, base: u64) {
        let strategy = strategy(world, self.provider, base).await;
        let call = IConfigurator::setReserveInterestRateStrategyAddressCall {
            asset: self.tokens[asset],
            newRateStrategyAddress: strategy,
        };
        self.govern(world, &call).await;
        // Rates are computed when somebody comes.
        let unit = world.pair.units()[asset] / U256::from(1_000);
        let mut some = [U256::ZERO; 2];
        some[asset] = unit;
        world.fund(&self.admin, some).await;
        self.supply(world, &self.admin, asset, unit).await.unwrap();
    }

    /// An e-mode category of both assets: 93 % and 95 %.
    pub async fn open_e_mode(&self, world: &World, category: u8) {
        let call = IConfigurator::setEModeCategoryCall {
            categoryId: category,
            ltv: 9_300,
            liquidationThreshold: 9_500,
            liquidationBonus: 10_100,
            oracle: Address::ZERO,
            label: "together".into(),
        };
        self.govern(world, &call).await;
        for asset in self.tokens {
            let call = IConfigurator::setAssetEModeCategoryCall {
                asset,
                newCategoryId: category,
            };
            self.govern(world, &call).await;
        }
    }
}

/// A dollar, as feeds say it.
pub const DOLLAR: i64 = 100_000_000;

/// What a whole token0 is worth in dollars with eight decimals, when token1 is the dollar.
pub fn price_at(pair: Pair, sqrt_price: U256) -> i64 {
    let [unit, dollars] = [U256::from(10).pow(U256::from(18)), one_token1(pair)];
    let root = sqrt_price >> 32;
    let raw = (root * root * unit) >> 128;
    i64::try_from(raw * U256::from(DOLLAR) / dollars).unwrap()
}

fn one_token1(pair: Pair) -> U256 {
    U256::from(10).pow(U256::from(decimals(pair)[1]))
}

/// Of the pair's tokens.
pub const fn decimals(pair: Pair) -> [u8; 2] {
    match pair {
        Pair::EtherDollar => [18, 6],
        _ => [18, 18],
    }
}

async fn strategy(world: &World, provider: Address, base: u64) -> Address {
    let percent = |count: u64| U256::from(count) * U256::from(10).pow(U256::from(25));
    let code = artifact("protocol/pool/DefaultReserveInterestRateStrategy");
    let base = U256::from(base) * U256::from(10).pow(U256::from(21));
    let [below, above] = SLOPES.map(percent);
    let arguments = (
        provider,
        percent(45),
        base,
        below,
        above,
        percent(7),
        percent(300),
        percent(2),
        percent(5),
        percent(20),
    );
    world
        .create(with_arguments(&world.artifacts.published(&code).unwrap(), &arguments))
        .await
}

/// `protocol/pool/Pool` is in `protocol/pool/Pool.sol/Pool.json`.
fn artifact(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap();
    format!("{ARTIFACTS}/{path}.sol/{name}.json")
}

struct Builder<'a> {
    world: &'a World,
    admin: PrivateKeySigner,
    libraries: BTreeMap<String, Address>,
}

impl Builder<'_> {
    /// The contracts of a market without assets.
    async fn market(&mut self) -> Aave {
        for name in LIBRARIES {
            let library = self.create(&format!("protocol/libraries/logic/{name}"), &()).await;
            self.libraries.insert(name.into(), library);
        }
        let admin = self.admin.address();
        let registry = "protocol/configuration/PoolAddressesProviderRegistry";
        let registry = self.create(registry, &(admin,)).await;
        let provider = "protocol/configuration/PoolAddressesProvider";
        let provider = self.create(provider, &("market".to_owned(), admin)).await;
        let id = U256::ONE;
        self.send(registry, &IAddresses::registerAddressesProviderCall { provider, id })
            .await;
        let data = self.create("misc/AaveProtocolDataProvider", &(provider,)).await;
        let call = IAddresses::setPoolDataProviderCall { newDataProvider: data };
        self.send(provider, &call).await;
        let pool = self.create("protocol/pool/L2Pool", &(provider,)).await;
        let configurator = self.create("protocol/pool/PoolConfigurator", &()).await;
        self.authorise(provider).await;
        let (oracle, feeds) = self.oracle(provider).await;
        self.send(provider, &IAddresses::setPoolImplCall { newPoolImpl: pool })
            .await;
        let call = IAddresses::setPoolConfiguratorImplCall {
            newPoolConfiguratorImpl: configurator,
        };
        self.send(provider, &call).await;
        Aave {
            admin: self.admin.clone(),
            pool: self.world.read(provider, &IAddresses::getPoolCall {}).await,
            configurator: self.world.read(provider, &IAddresses::getPoolConfiguratorCall {}).await,
            oracle,
            provider,
            tokens: self.world.tokens,
            feeds,
            a_tokens: [Address::ZERO; 2],
            debt_tokens: [Address::ZERO; 2],
        }
    }

    async fn authorise(&self, provider: Address) {
        let admin = self.admin.address();
        self.send(provider, &IAddresses::setACLAdminCall { newAclAdmin: admin })
            .await;
        let acl = self.create("protocol/configuration/ACLManager", &(provider,)).await;
        self.send(provider, &IAddresses::setACLManagerCall { newAclManager: acl })
            .await;
        self.send(acl, &IAcl::addPoolAdminCall { admin }).await;
        self.send(acl, &IAcl::addEmergencyAdminCall { admin }).await;
        self.send(acl, &IAcl::addAssetListingAdminCall { admin }).await;
        self.send(acl, &IAcl::addRiskAdminCall { admin }).await;
    }

    async fn oracle(&self, provider: Address) -> (Address, [Address; 2]) {
        let world = self.world;
        let now = U256::from(world.now().await);
        let prices = [price_at(world.pair, world.slot0().await.0), DOLLAR];
        let mut feeds = [Address::ZERO; 2];
        for (feed, price) in feeds.iter_mut().zip(prices) {
            let code = world.artifacts.contract("PriceFeed", "PriceFeed").unwrap();
            let arguments = (I256::try_from(price).unwrap(), now);
            *feed = world.create(with_arguments(&code, &arguments)).await;
        }
        let arguments = (
            provider,
            world.tokens.to_vec(),
            feeds.to_vec(),
            Address::ZERO,
            Address::ZERO,
            U256::from(DOLLAR),
        );
        let oracle = self.create("misc/AaveOracle", &arguments).await;
        self.send(provider, &IAddresses::setPriceOracleCall { newPriceOracle: oracle })
            .await;
        (oracle, feeds)
    }

    /// Lists both assets.
    async fn list(&self, aave: &mut Aave) {
        let implementations = ["AToken", "StableDebtToken", "VariableDebtToken"];
        let mut made = [Address::ZERO; 3];
        for (implementation, name) in made.iter_mut().zip(implementations) {
            *implementation = self
                .create(&format!("protocol/tokenization/{name}"), &(aave.pool,))
                .await;
        }
        let strategy = strategy(self.world, aave.provider, 0).await;
        let mut input = Vec::new();
        for (asset, decimals) in aave.tokens.into_iter().zip(decimals(self.world.pair)) {
            let [a, s, v] = ["a", "s", "v"].map(|kind| format!("{kind}{asset:.6}"));
            input.push(IConfigurator::InitReserveInput {
                aTokenImpl: made[0],
                stableDebtTokenImpl: made[1],
                variableDebtTokenImpl: made[2],
                underlyingAssetDecimals: decimals,
                interestRateStrategyAddress: strategy,
                underlyingAsset: asset,
                treasury: Address::repeat_byte(0x7e),
                incentivesController: Address::ZERO,
                aTokenName: a.clone(),
                aTokenSymbol: a,
                variableDebtTokenName: v.clone(),
                variableDebtTokenSymbol: v,
                stableDebtTokenName: s.clone(),
                stableDebtTokenSymbol: s,
                params: Bytes::from_static(&[0x10]),
            });
        }
        aave.govern(self.world, &IConfigurator::initReservesCall { input })
            .await;
        for index in 0..2 {
            let reserve = aave.reserve(self.world, index).await;
            aave.a_tokens[index] = reserve.aTokenAddress;
            aave.debt_tokens[index] = reserve.variableDebtTokenAddress;
        }
    }

    /// Lets an asset be collateral, and be borrowed.
    async fn open(&self, aave: &Aave, index: usize) {
        let asset = aave.tokens[index];
        let [ltv, threshold, bonus] = [LTV, THRESHOLD, BONUS].map(U256::from);
        let collateral = IConfigurator::configureReserveAsCollateralCall {
            asset,
            ltv,
            liquidationThreshold: threshold,
            liquidationBonus: bonus,
        };
        aave.govern(self.world, &collateral).await;
        let enabled = true;
        aave.govern(self.world, &IConfigurator::setReserveBorrowingCall { asset, enabled })
            .await;
        let factor = IConfigurator::setReserveFactorCall {
            asset,
            newReserveFactor: U256::from(1_000),
        };
        aave.govern(self.world, &factor).await;
    }

    async fn send<C: SolCall>(&self, to: Address, call: &C) {
        self.world.send(&self.admin, to, call).await;
    }

    /// Links and deploys a published contract.
    async fn create<T: SolValue>(&self, path: &str, arguments: &T) -> Address
    where
        for<'b> <T::SolType as alloy::sol_types::SolType>::Token<'b>: alloy::sol_types::abi::TokenSeq<'b>,
    {
        let code = self.linked(&artifact(path));
        self.world.create(with_arguments(&code, arguments)).await
    }

    /// Creation code with the libraries' addresses where they belong.
    fn linked(&self, path: &str) -> Bytes {
        let path = self.world.artifacts.published_path(path);
        let json: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let mut code = json["bytecode"].as_str().unwrap().trim_start_matches("0x").to_owned();
        let files = json["linkReferences"].as_object().unwrap().values();
        for (name, places) in files.flat_map(|file| file.as_object().unwrap()) {
            let library = hex::encode(self.libraries[name]);
            for place in places.as_array().unwrap() {
                let start = 2 * usize::try_from(place["start"].as_u64().unwrap()).unwrap();
                code.replace_range(start..start + library.len(), &library);
            }
        }
        hex::decode(code).unwrap().into()
    }
}
