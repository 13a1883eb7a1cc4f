//! Sets the stage on a development chain: other people's real contracts, two tokens, a deep pool, a sponsor, and an ordinary
//! wallet that mints a concentrated position.

use crate::{
    artifacts::{Artifacts, with_arguments},
    bindings::{
        IERC20, IEntryPoint,
        INonfungiblePositionManager::{
            IncreaseLiquidity, MintParams, createAndInitializePoolIfNecessaryCall, mintCall,
        },
        ITestToken, IUniswapV3Factory, IUniswapV3Pool, IWETH9,
    },
    client::{Client, Transaction},
    decimal::Decimal,
    delegation,
    deployment::{self, Deployment, Part},
    error::{Error, Result},
    keys,
    output::Progress,
    price,
    program::{self, DETERMINISTIC_DEPLOYER},
    user_operation::ENTRY_POINT,
};
use alloy::{
    primitives::{Address, B256, Bytes, U256, aliases::U24, b256, utils::parse_ether},
    signers::local::PrivateKeySigner,
    sol_types::SolEvent,
};

/// The salt that puts EntryPoint v0.8 at its canonical address.
const ENTRY_POINT_SALT: B256 = b256!("0a59dbff790c23c976a548690c27297883cc66b4c67024f9117b0238995e35e9");
/// The pool's fee in millionths, and what its ticks are multiples of.
const FEE: u32 = 3_000;
const TICK_SPACING: i32 = 60;
const WETH_DECIMALS: u8 = 18;
const USD_DECIMALS: u8 = 6;
/// USD per WETH when the position is entered, and how far its range reaches either side.
const ENTRY_PRICE: &str = "2000";
const RANGE_PERCENT: &str = "25";
/// What the pool remembers of its past prices, in observations.
const OBSERVATIONS: u16 = 64;
const NO_DEADLINE: U256 = U256::MAX;

/// Who plays: accounts of the development mnemonic.
#[derive(Clone, Debug)]
pub struct Cast {
    /// Deploys everything.
    pub deployer: PrivateKeySigner,
    /// The liquidity provider: an ordinary wallet.
    pub provider: PrivateKeySigner,
    /// Moves the price.
    pub trader: PrivateKeySigner,
    /// Sends user operations.
    pub bundler: PrivateKeySigner,
    /// Signs for the paymaster.
    pub sponsor: PrivateKeySigner,
    /// Provides the pool's depth.
    pub depth: PrivateKeySigner,
}

impl Cast {
    /// Accounts 0 to 5.
    pub fn new() -> Result<Self> {
        Ok(Self {
            deployer: keys::development(0)?,
            provider: keys::development(1)?,
            trader: keys::development(2)?,
            bundler: keys::development(3)?,
            sponsor: keys::development(4)?,
            depth: keys::development(5)?,
        })
    }
}

/// What stands on the stage.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Who plays.
    pub cast: Cast,
    /// Wrapped ether, 18 decimals: token0.
    pub weth: Address,
    /// A test dollar, 6 decimals: token1.
    pub usd: Address,
    /// Uniswap v3's position manager.
    pub position_manager: Address,
    /// Uniswap v3's router.
    pub router: Address,
    /// The pool of the two.
    pub pool: Address,
    /// The paymaster, with a deposit.
    pub paymaster: Address,
    /// Our contracts.
    pub deployment: Deployment,
    /// The provider's position.
    pub token_id: U256,
    /// The pool's price when it was minted.
    pub entry_sqrt_price: U256,
}

/// Everything up to and including the provider's mint.
pub async fn set(client: &Client, artifacts: &Artifacts, progress: &Progress) -> Result<Stage> {
    let cast = Cast::new()?;
    let hands = Hands {
        client,
        artifacts,
        cast: &cast,
    };
    progress.step("deploying EntryPoint v0.8, WETH9 and Uniswap v3 as published");
    hands.entry_point().await?;
    let weth = hands
        .create(
            &artifacts.published("canonical-weth/build/contracts/WETH9.json")?,
            "WETH9",
        )
        .await?;
    let (factory, position_manager, router) = hands.uniswap(weth).await?;
    let usd = hands.dollar(weth).await?;
    let paymaster = hands.paymaster().await?;
    let deployment = deployment::deploy(client, &cast.deployer, artifacts, Part::All, progress).await?;
    progress.step("opening a deep WETH/USD pool at 2,000");
    let (pool, entry_sqrt_price) = hands.pool(factory, position_manager, weth, usd).await?;
    let mut stage = Stage {
        weth,
        usd,
        position_manager,
        router,
        pool,
        paymaster,
        deployment,
        token_id: U256::ZERO,
        entry_sqrt_price,
        cast: cast.clone(),
    };
    let full = hedgerow_core::tick::usable_limits(TICK_SPACING);
    stage.mint(client, &cast.depth, full, "5000", "10000000").await?;
    progress.step("an ordinary wallet mints a position around the price");
    let percent = RANGE_PERCENT
        .parse()
        .map_err(|_| Error::invalid("the range", RANGE_PERCENT, "a number"))?;
    let range = price::range_around(entry_sqrt_price, &percent, TICK_SPACING)?;
    stage.token_id = stage.mint(client, &cast.provider, range, "10", "20000").await?;
    Ok(stage)
}

impl Stage {
    /// Gives an account WETH and USD (in whole units) and mints a position from all of it that fits; leaves no allowance behind.
    async fn mint(
        &self,
        client: &Client,
        owner: &PrivateKeySigner,
        (lower, upper): (i32, i32),
        weth: &str,
        usd: &str,
    ) -> Result<U256> {
        let (amount0, amount1) = self.fund(client, owner, weth, usd).await?;
        for (token, amount) in [(self.weth, amount0), (self.usd, amount1)] {
            self.approve(client, owner, token, self.position_manager, amount)
                .await?;
        }
        let params = MintParams {
            token0: self.weth,
            token1: self.usd,
            fee: U24::from(FEE),
            tickLower: price::int24(lower)?,
            tickUpper: price::int24(upper)?,
            amount0Desired: amount0,
            amount1Desired: amount1,
            amount0Min: U256::ZERO,
            amount1Min: U256::ZERO,
            recipient: owner.address(),
            deadline: NO_DEADLINE,
        };
        let transaction = Transaction::call(self.position_manager, &mintCall { params });
        let receipt = client.send(owner, transaction, "minting a position").await?;
        for token in [self.weth, self.usd] {
            if !self
                .allowance(client, token, owner.address(), self.position_manager)
                .await?
                .is_zero()
            {
                self.approve(client, owner, token, self.position_manager, U256::ZERO)
                    .await?;
            }
        }
        let minted = receipt
            .inner
            .logs()
            .iter()
            .find_map(|log| IncreaseLiquidity::decode_log(&log.inner).ok());
        minted.map(|event| event.tokenId).ok_or_else(|| Error::Mismatch {
            what: "minting a position".into(),
            expected: "an IncreaseLiquidity event".into(),
            found: "none".into(),
        })
    }

    /// Gives an account WETH for its ether and freshly minted USD; returns the raw amounts.
    pub async fn fund(&self, client: &Client, owner: &PrivateKeySigner, weth: &str, usd: &str) -> Result<(U256, U256)> {
        let amount0 = whole(weth, WETH_DECIMALS)?;
        let amount1 = whole(usd, USD_DECIMALS)?;
        let wrap = Transaction::call(self.weth, &IWETH9::depositCall {}).with_value(amount0);
        client.send(owner, wrap, "wrapping ether").await?;
        let mint = ITestToken::mintCall {
            to: owner.address(),
            amount: amount1,
        };
        client
            .send(owner, Transaction::call(self.usd, &mint), "minting dollars")
            .await?;
        Ok((amount0, amount1))
    }

    /// Sets an allowance.
    pub async fn approve(
        &self,
        client: &Client,
        owner: &PrivateKeySigner,
        token: Address,
        spender: Address,
        amount: U256,
    ) -> Result<()> {
        let approve = IERC20::approveCall { spender, amount };
        client
            .send(owner, Transaction::call(token, &approve), "setting an allowance")
            .await
            .map(|_| ())
    }

    /// Reads an allowance.
    pub async fn allowance(&self, client: &Client, token: Address, owner: Address, spender: Address) -> Result<U256> {
        client.read(token, &IERC20::allowanceCall { owner, spender }).await
    }

    /// Reads both balances of an account.
    pub async fn balances(&self, client: &Client, owner: Address) -> Result<[U256; 2]> {
        let of = IERC20::balanceOfCall { owner };
        Ok([client.read(self.weth, &of).await?, client.read(self.usd, &of).await?])
    }

    /// Every address that the rebalance could have approved.
    pub fn spenders(&self) -> Vec<Address> {
        let ours = [&self.deployment.account, &self.deployment.manager];
        let ours = ours.into_iter().flatten().map(|deployed| deployed.address);
        [
            self.position_manager,
            self.router,
            self.pool,
            ENTRY_POINT,
            self.paymaster,
        ]
        .into_iter()
        .chain(ours)
        .collect()
    }
}

/// Whole units to raw ones.
fn whole(amount: &str, decimals: u8) -> Result<U256> {
    let amount: Decimal = amount
        .parse()
        .map_err(|_| Error::invalid("the amount", amount, "a number"))?;
    amount.scaled("the amount", u32::from(decimals))
}

/// The deployer at work.
struct Hands<'a> {
    client: &'a Client,
    artifacts: &'a Artifacts,
    cast: &'a Cast,
}

impl Hands<'_> {
    async fn create(&self, init_code: &Bytes, name: &str) -> Result<Address> {
        let action = format!("deploying {name}");
        let receipt = self
            .client
            .send(&self.cast.deployer, Transaction::create(init_code.clone()), &action)
            .await?;
        receipt.contract_address.ok_or_else(|| Error::Mismatch {
            what: action,
            expected: "a contract".into(),
            found: "none in the receipt".into(),
        })
    }

    async fn entry_point(&self) -> Result<()> {
        let init_code = self
            .artifacts
            .published("@account-abstraction/contracts/artifacts/EntryPoint.json")?;
        let name = "EntryPoint v0.8";
        let deployed =
            program::deploy_deterministic(self.client, &self.cast.deployer, name, &init_code, ENTRY_POINT_SALT).await?;
        if deployed.address == ENTRY_POINT {
            return Ok(());
        }
        Err(Error::Mismatch {
            what: "the address of EntryPoint v0.8".into(),
            expected: ENTRY_POINT.to_string(),
            found: deployed.address.to_string(),
        })
    }

    async fn uniswap(&self, weth: Address) -> Result<(Address, Address, Address)> {
        let core = "@uniswap/v3-core/artifacts/contracts";
        let periphery = "@uniswap/v3-periphery/artifacts/contracts";
        let published = |path: String| self.artifacts.published(&path);
        let factory = published(format!("{core}/UniswapV3Factory.sol/UniswapV3Factory.json"))?;
        let factory = self.create(&factory, "UniswapV3Factory").await?;
        let manager = published(format!(
            "{periphery}/NonfungiblePositionManager.sol/NonfungiblePositionManager.json"
        ))?;
        // No token descriptor: nobody asks for a picture of the position.
        let manager = with_arguments(&manager, &(factory, weth, Address::ZERO));
        let manager = self.create(&manager, "NonfungiblePositionManager").await?;
        let router = published(format!("{periphery}/SwapRouter.sol/SwapRouter.json"))?;
        let router = self
            .create(&with_arguments(&router, &(factory, weth)), "SwapRouter")
            .await?;
        Ok((factory, manager, router))
    }

    /// The dollar, at the first address after WETH's that a salt gives: so WETH is token0, as on Arbitrum One.
    async fn dollar(&self, weth: Address) -> Result<Address> {
        let token = self.artifacts.contract("TestToken", "TestToken")?;
        let token = with_arguments(
            &token,
            &("Test dollar".to_owned(), "USD".to_owned(), u16::from(USD_DECIMALS)),
        );
        let salts = (0_u64..).map(|n| B256::from(U256::from(n)));
        let salt = salts
            .into_iter()
            .find(|salt| DETERMINISTIC_DEPLOYER.create2_from_code(salt, &token) > weth);
        let salt = salt.unwrap_or_default();
        let name = "the test dollar";
        Ok(
            program::deploy_deterministic(self.client, &self.cast.deployer, name, &token, salt)
                .await?
                .address,
        )
    }

    /// Opens the pool at the entry price, and lets it remember its prices.
    async fn pool(&self, factory: Address, manager: Address, weth: Address, usd: Address) -> Result<(Address, U256)> {
        let entry: Decimal = ENTRY_PRICE
            .parse()
            .map_err(|_| Error::invalid("the entry price", ENTRY_PRICE, "a number"))?;
        let sqrt_price = price::sqrt_price_from("the entry price", &entry, WETH_DECIMALS, USD_DECIMALS)?;
        let fee = U24::from(FEE);
        let open = createAndInitializePoolIfNecessaryCall {
            token0: weth,
            token1: usd,
            fee,
            sqrtPriceX96: sqrt_price.saturating_to(),
        };
        let (client, deployer) = (self.client, &self.cast.deployer);
        client
            .send(deployer, Transaction::call(manager, &open), "opening the pool")
            .await?;
        let pool = client
            .read(
                factory,
                &IUniswapV3Factory::getPoolCall {
                    token0: weth,
                    token1: usd,
                    fee,
                },
            )
            .await?;
        let remember = IUniswapV3Pool::increaseObservationCardinalityNextCall {
            observationCardinalityNext: OBSERVATIONS,
        };
        client
            .send(
                deployer,
                Transaction::call(pool, &remember),
                "lengthening the pool's memory",
            )
            .await?;
        Ok((pool, sqrt_price))
    }

    async fn paymaster(&self) -> Result<Address> {
        let init_code = self.artifacts.contract("SponsorPaymaster", "SponsorPaymaster")?;
        let init_code = with_arguments(&init_code, &(self.cast.sponsor.address(), ENTRY_POINT));
        let paymaster = self.create(&init_code, "SponsorPaymaster").await?;
        let deposit = IEntryPoint::depositToCall { account: paymaster };
        let ether = parse_ether("1").map_err(|_| Error::invalid("the deposit", "1", "a number"))?;
        let transaction = Transaction::call(ENTRY_POINT, &deposit).with_value(ether);
        self.client
            .send(&self.cast.deployer, transaction, "funding the paymaster")
            .await?;
        Ok(paymaster)
    }
}

/// Refuses a chain on which the development accounts would be at risk, or that is no devnode.
pub fn require_development(client: &Client) -> Result<()> {
    if client.is_development_chain() {
        return Ok(());
    }
    Err(Error::UnsuitableChain {
        chain_id: client.chain_id(),
        lacks: "is not a development chain".into(),
        remedy: "set the stage on `hedgerow devnode` only".into(),
    })
}

/// Whether an account runs the staged shell.
pub async fn runs_shell(client: &Client, stage: &Stage) -> Result<bool> {
    let shell = stage.deployment.account_address()?;
    delegation::Delegation::of(client, stage.cast.provider.address())
        .await?
        .require(stage.cast.provider.address(), shell)
}
