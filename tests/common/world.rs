//! The world of one test: its own chain, so that tests neither wait for nor disturb each other.

use std::{sync::OnceLock, thread};

use alloy::{
    primitives::{Address, B256, Bytes, U160, U256, aliases::I24, aliases::U24},
    providers::ext::AnvilApi,
    rpc::types::TransactionReceipt,
    signers::local::PrivateKeySigner,
    sol_types::{SolCall, SolEvent, SolValue},
};
use hedgerow::{
    artifacts::{Artifacts, with_arguments},
    bindings::{
        IERC20,
        IManager::{Limits, Rebalanced, rebalanceCall},
        INonfungiblePositionManager::{
            IncreaseLiquidity, MintParams, createAndInitializePoolIfNecessaryCall, mintCall, ownerOfCall,
            positionsCall, positionsReturn,
        },
        ISwapRouter, ITestToken, IUniswapV3Factory, IUniswapV3Pool,
    },
    client::{Client, Transaction},
    delegation,
    deployment::{self, Part},
    error::Result,
    keys,
    output::Progress,
    program::{DETERMINISTIC_DEPLOYER, Program, deploy_deterministic},
};
use hedgerow_core::tick::{sqrt_price_at_tick, usable_limits};
use hedgerow_devnode::{Config, Devnode};

/// The pool's fee in millionths, and what its ticks are multiples of.
pub const FEE: u32 = 3_000;
pub const SPACING: i32 = 60;

/// Which two tokens the pool holds, and its tick at the start.
#[derive(Clone, Copy, Debug)]
pub enum Pair {
    /// Two ordinary tokens of 18 decimals, one for one.
    Equal,
    /// 18 and 6 decimals, at about 2,000.
    EtherDollar,
    /// Two that return nothing and insist on zero between two allowances.
    Awkward,
    /// Token0 calls somebody on every transfer.
    Reentrant,
    /// Two that refuse to move nothing, and do worse when told to.
    Moody,
}

impl Pair {
    /// The tick at which the pool opens: 1.0001^-200280 is about 2,000e6 / 1e18.
    pub const fn tick(self) -> i32 {
        match self {
            Self::EtherDollar => -200_280,
            _ => 0,
        }
    }

    /// One unit of either token, worth the same at the opening price.
    pub fn units(self) -> [U256; 2] {
        let ten = U256::from(10);
        match self {
            Self::EtherDollar => [ten.pow(U256::from(18)), U256::from(2_000_000_000_u64)],
            _ => [ten.pow(U256::from(18)); 2],
        }
    }

    fn token(self, artifacts: &Artifacts, index: usize) -> Bytes {
        let contract = |name| artifacts.contract(name, name).unwrap();
        let plain =
            |decimals: u16| with_arguments(&contract("TestToken"), &("Test".to_owned(), "TST".to_owned(), decimals));
        match (self, index) {
            (Self::EtherDollar, 1) => plain(6),
            (Self::Awkward, _) => with_arguments(&contract("AwkwardToken"), &(U256::from(18),)),
            (Self::Reentrant, 0) => contract("ReentrantToken"),
            (Self::Moody, _) => contract("MoodyToken"),
            _ => plain(18),
        }
    }
}

#[derive(Clone)]
pub struct World {
    pub client: Client,
    pub pair: Pair,
    /// An ordinary wallet, delegated to the shell.
    pub owner: PrivateKeySigner,
    pub trader: PrivateKeySigner,
    pub stranger: PrivateKeySigner,
    deployer: PrivateKeySigner,
    pub tokens: [Address; 2],
    pub factory: Address,
    pub router: Address,
    /// Uniswap's position manager.
    pub npm: Address,
    pub pool: Address,
    pub lens: Address,
    /// The Stylus program behind the shell.
    pub program: Address,
    pub shell: Address,
    /// The factory of margin accounts.
    pub margins: Address,
    pub artifacts: Artifacts,
}

impl World {
    /// The same world on a devnode of its own, which begins as `devnode`, this one's, is now.
    pub async fn twin(&self, devnode: &Devnode) -> Self {
        self.at(&devnode.twin().unwrap()).await
    }

    /// The same world on a devnode that begins as this one's is.
    pub async fn at(&self, devnode: &Devnode) -> Self {
        let client = Client::in_process(devnode).await.unwrap();
        Self { client, ..self.clone() }
    }

    /// A pool with deep full-range liquidity (100,000 units of either token) and an owner who is delegated to the shell: staged once
    /// for all tests of a binary, and copied for each.
    pub async fn new(pair: Pair) -> Self {
        static STAGED: [OnceLock<(Devnode, World)>; 5] = [const { OnceLock::new() }; 5];
        let stage = || {
            // A runtime of its own, because the test that comes first has one that ends with it.
            let staging = thread::spawn(move || {
                let runtime = tokio::runtime::Runtime::new().unwrap();
                runtime.block_on(async {
                    let devnode = Devnode::new(Config::default()).unwrap();
                    let world = Self::on(&devnode, pair).await;
                    (devnode, world)
                })
            });
            staging.join().unwrap()
        };
        let (devnode, world) = STAGED[pair as usize].get_or_init(stage);
        world.twin(devnode).await
    }

    /// The same on a devnode that somebody else keeps.
    pub async fn on(devnode: &Devnode, pair: Pair) -> Self {
        let artifacts = Artifacts::locate();
        let client = Client::in_process(devnode).await.unwrap();
        let deployer = keys::development(0).unwrap();
        let deployed = deployment::deploy(&client, &deployer, &artifacts, Part::Account, &Progress::new())
            .await
            .unwrap();
        // The other read-only programs have nothing to do with Uniswap's contracts.
        let lens = Program::from_wasm("lens", &artifacts.program("lens").unwrap()).unwrap();
        let lens = lens.deploy(&client, &deployer).await.unwrap();
        let mut world = Self {
            client,
            pair,
            owner: keys::development(1).unwrap(),
            trader: keys::development(2).unwrap(),
            stranger: keys::development(6).unwrap(),
            deployer,
            tokens: [Address::ZERO; 2],
            factory: Address::ZERO,
            router: Address::ZERO,
            npm: Address::ZERO,
            pool: Address::ZERO,
            lens: lens.address,
            margins: deployed.margins_address().unwrap(),
            program: deployed.manager.unwrap().address,
            shell: deployed.account.unwrap().address,
            artifacts,
        };
        world.deploy_uniswap().await;
        world.open_pool().await;
        world.delegate(world.shell).await;
        world
    }

    async fn deploy_uniswap(&mut self) {
        let published = |path: &str| self.artifacts.published(path).unwrap();
        let core = "@uniswap/v3-core/artifacts/contracts";
        let periphery = "@uniswap/v3-periphery/artifacts/contracts";
        let factory = published(&format!("{core}/UniswapV3Factory.sol/UniswapV3Factory.json"));
        let npm = published(&format!(
            "{periphery}/NonfungiblePositionManager.sol/NonfungiblePositionManager.json"
        ));
        let router = published(&format!("{periphery}/SwapRouter.sol/SwapRouter.json"));
        let weth = self
            .create(published("canonical-weth/build/contracts/WETH9.json"))
            .await;
        self.factory = self.create(factory).await;
        self.npm = self
            .create(with_arguments(&npm, &(self.factory, weth, Address::ZERO)))
            .await;
        self.router = self.create(with_arguments(&router, &(self.factory, weth))).await;
        // Uniswap orders tokens by address; a salt puts the second above the first.
        let (first, second) = (self.pair.token(&self.artifacts, 0), self.pair.token(&self.artifacts, 1));
        self.tokens[0] = self.create_at(&first, B256::ZERO).await;
        let salts = (1_u64..).map(|salt| B256::from(U256::from(salt)));
        let above = |salt: &B256| DETERMINISTIC_DEPLOYER.create2_from_code(salt, &second) > self.tokens[0];
        self.tokens[1] = self.create_at(&second, salts.into_iter().find(above).unwrap()).await;
    }

    /// The pool of the two tokens with this fee, opened at the pair's tick where there is none.
    pub async fn open(&self, fee: u32) -> Address {
        let ([token0, token1], fee) = (self.tokens, U24::from(fee));
        let open = createAndInitializePoolIfNecessaryCall {
            token0,
            token1,
            fee,
            sqrtPriceX96: sqrt_price_at_tick(self.pair.tick()).unwrap().saturating_to(),
        };
        self.send(&self.deployer, self.npm, &open).await;
        self.pool_of(fee).await
    }

    /// The pool of the two tokens with this fee.
    pub async fn pool_of(&self, fee: U24) -> Address {
        let [token0, token1] = self.tokens;
        self.read(self.factory, &IUniswapV3Factory::getPoolCall { token0, token1, fee })
            .await
    }

    async fn open_pool(&mut self) {
        self.pool = self.open(FEE).await;
        let remember = IUniswapV3Pool::increaseObservationCardinalityNextCall {
            observationCardinalityNext: 32,
        };
        self.send(&self.deployer, self.pool, &remember).await;
        let deep = self.pair.units().map(|unit| unit * U256::from(100_000));
        self.mint(&self.deployer, usable_limits(SPACING), deep).await;
        let purse = self.pair.units().map(|unit| unit * U256::from(10_000_000));
        self.fund(&self.trader, purse).await;
        for token in self.tokens {
            self.approve(&self.trader, token, self.router, U256::MAX).await;
        }
    }

    /// Makes the owner run `delegate`.
    pub async fn delegate(&self, delegate: Address) {
        let nonce = self.client.nonce(self.owner.address()).await.unwrap();
        let authorization = delegation::authorise(&self.owner, self.client.chain_id(), delegate, nonce + 1).unwrap();
        let transaction = Transaction {
            to: Some(Address::repeat_byte(0xdd)),
            ..Transaction::default()
        }
        .with_authorization(authorization);
        self.client.send(&self.owner, transaction, "delegating").await.unwrap();
    }

    /// Deploys a contract.
    pub async fn create(&self, init_code: Bytes) -> Address {
        let sent = self
            .client
            .send(&self.deployer, Transaction::create(init_code), "deploying")
            .await;
        sent.unwrap().contract_address.unwrap()
    }

    async fn create_at(&self, init_code: &Bytes, salt: B256) -> Address {
        deploy_deterministic(&self.client, &self.deployer, "a token", init_code, salt)
            .await
            .unwrap()
            .address
    }

    pub async fn read<C: SolCall>(&self, to: Address, call: &C) -> C::Return {
        self.client.read(to, call).await.unwrap()
    }

    pub async fn send<C: SolCall>(&self, signer: &PrivateKeySigner, to: Address, call: &C) -> TransactionReceipt {
        self.client
            .send(signer, Transaction::call(to, call), C::SIGNATURE)
            .await
            .unwrap()
    }

    pub async fn fund(&self, who: &PrivateKeySigner, amounts: [U256; 2]) {
        for (token, amount) in self.tokens.into_iter().zip(amounts) {
            if amount.is_zero() {
                continue;
            }
            self.send(
                &self.deployer,
                token,
                &ITestToken::mintCall {
                    to: who.address(),
                    amount,
                },
            )
            .await;
        }
    }

    pub async fn approve(&self, who: &PrivateKeySigner, token: Address, spender: Address, amount: U256) {
        self.send(who, token, &IERC20::approveCall { spender, amount }).await;
    }

    pub async fn allowance(&self, token: Address, spender: Address) -> U256 {
        self.read(
            token,
            &IERC20::allowanceCall {
                owner: self.owner.address(),
                spender,
            },
        )
        .await
    }

    pub async fn balances(&self, owner: Address) -> [U256; 2] {
        let of = IERC20::balanceOfCall { owner };
        [
            self.read(self.tokens[0], &of).await,
            self.read(self.tokens[1], &of).await,
        ]
    }

    /// Mints a position from newly made tokens; no allowance and none of those tokens are left behind.
    pub async fn mint(&self, who: &PrivateKeySigner, range: (i32, i32), amounts: [U256; 2]) -> U256 {
        self.mint_in(FEE, who, range, amounts).await
    }

    /// The same in the pool of this fee.
    pub async fn mint_in(
        &self,
        fee: u32,
        who: &PrivateKeySigner,
        (lower, upper): (i32, i32),
        amounts: [U256; 2],
    ) -> U256 {
        self.fund(who, amounts).await;
        for (token, amount) in self.tokens.into_iter().zip(amounts) {
            self.approve(who, token, self.npm, amount).await;
        }
        let params = MintParams {
            token0: self.tokens[0],
            token1: self.tokens[1],
            fee: U24::from(fee),
            tickLower: int24(lower),
            tickUpper: int24(upper),
            amount0Desired: amounts[0],
            amount1Desired: amounts[1],
            amount0Min: U256::ZERO,
            amount1Min: U256::ZERO,
            recipient: who.address(),
            deadline: U256::MAX,
        };
        let receipt = self.send(who, self.npm, &mintCall { params }).await;
        let minted = receipt
            .inner
            .logs()
            .iter()
            .find_map(|log| IncreaseLiquidity::decode_log(&log.inner).ok());
        let minted = minted.unwrap();
        for (i, used) in [minted.amount0, minted.amount1].into_iter().enumerate() {
            self.approve(who, self.tokens[i], self.npm, U256::ZERO).await;
            let (to, amount) = (Address::repeat_byte(0xbb), amounts[i] - used);
            if !amount.is_zero() {
                self.send(who, self.tokens[i], &IERC20::transferCall { to, amount })
                    .await;
            }
        }
        minted.tokenId
    }

    /// Takes the deep liquidity away: whoever is left is all of the pool.
    pub async fn drain(&self) {
        self.empty(&self.deployer, U256::ONE).await;
    }

    /// Takes all liquidity out of a position; nothing is collected.
    pub async fn empty(&self, who: &PrivateKeySigner, token_id: U256) {
        let params = super::IMore::DecreaseParams {
            tokenId: token_id,
            liquidity: self.position(token_id).await.liquidity,
            amount0Min: U256::ZERO,
            amount1Min: U256::ZERO,
            deadline: U256::MAX,
        };
        self.send(who, self.npm, &super::IMore::decreaseLiquidityCall { params })
            .await;
    }

    /// The trader sells `amount` of token0 or token1.
    pub async fn trade(&self, zero_for_one: bool, amount: U256) {
        let params = ISwapRouter::ExactInputSingleParams {
            tokenIn: self.tokens[usize::from(!zero_for_one)],
            tokenOut: self.tokens[usize::from(zero_for_one)],
            fee: U24::from(FEE),
            recipient: self.trader.address(),
            deadline: U256::MAX,
            amountIn: amount,
            amountOutMinimum: U256::ZERO,
            sqrtPriceLimitX96: Default::default(),
        };
        self.send(&self.trader, self.router, &ISwapRouter::exactInputSingleCall { params })
            .await;
    }

    /// Lets time pass, into a new block.
    pub async fn pass(&self, seconds: u64) {
        self.client.provider().anvil_increase_time(seconds).await.unwrap();
        self.client.provider().evm_mine(None).await.unwrap();
    }

    pub async fn slot0(&self) -> (U256, i32) {
        self.slot0_of(self.pool).await
    }

    pub async fn slot0_of(&self, pool: Address) -> (U256, i32) {
        let slot0 = self.read(pool, &IUniswapV3Pool::slot0Call {}).await;
        (U256::from(slot0.sqrtPriceX96), slot0.tick.as_i32())
    }

    pub async fn position(&self, token_id: U256) -> positionsReturn {
        self.read(self.npm, &positionsCall { tokenId: token_id }).await
    }

    pub async fn owner_of(&self, token_id: U256) -> Result<Address> {
        self.client.read(self.npm, &ownerOfCall { tokenId: token_id }).await
    }

    /// Limits that allow everything.
    pub fn open_limits() -> Limits {
        Limits {
            twapWindow: 0,
            maxTickDeviation: U24::ZERO,
            minLiquidity: 0,
            amount0Min: U256::ZERO,
            amount1Min: U256::ZERO,
            deadline: U256::MAX,
            entrySqrtPriceX96: U160::ZERO,
        }
    }

    pub fn order(&self, token_id: U256, (lower, upper): (i32, i32), limits: Limits) -> rebalanceCall {
        rebalanceCall {
            positionManager: self.npm,
            tokenId: token_id,
            tickLower: int24(lower),
            tickUpper: int24(upper),
            limits,
        }
    }

    /// The owner's account rebalances, called by the owner; the event of the account itself, and the gas.
    pub async fn rebalance(&self, token_id: U256, range: (i32, i32), limits: Limits) -> Result<(Rebalanced, u64)> {
        self.rebalance_by(&self.owner, &self.order(token_id, range, limits))
            .await
    }

    /// The same, called by somebody.
    pub async fn rebalance_by(&self, who: &PrivateKeySigner, order: &rebalanceCall) -> Result<(Rebalanced, u64)> {
        let account = self.owner.address();
        let receipt = self
            .client
            .send(who, Transaction::call(account, order), "rebalancing")
            .await?;
        let mut own = receipt.inner.logs().iter().filter(|log| log.address() == account);
        let event = own.find_map(|log| Rebalanced::decode_log(&log.inner).ok()).unwrap();
        Ok((event.data, receipt.gas_used))
    }
}

pub fn int24(value: i32) -> I24 {
    I24::try_from(value).unwrap()
}

/// Calldata of a contract's constructor or function arguments.
pub fn arguments<T: SolValue>(value: &T) -> Bytes {
    value.abi_encode().into()
}
