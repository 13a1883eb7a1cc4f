//! An owner and his twin, each with the same position, at the real Uniswap, Aave and EntryPoint.

use alloy::{
    primitives::{Address, Bytes, U160, U256, aliases::U24, b256, hex},
    rpc::types::TransactionReceipt,
    signers::local::PrivateKeySigner,
    sol_types::{SolCall, SolEvent, SolValue},
};
use hedgerow::{
    bindings::{
        IERC20,
        IEntryPoint::{UserOperationEvent, depositToCall, getNonceCall, handleOpsCall},
        IHedges::{
            Guards, HedgeAccounts, HedgeDecision, HedgePolicyRun, HedgeQuote, HedgeTerms, Hedged, Place, Venue,
            actAndHedgeCall, checkHedgeCall, closeHedgeCall, hedgeAccountsCall, hedgeCall, hedgeOfCall, quoteHedgeCall,
            runHedgeCall, setHedgePolicyCall,
        },
        IManager::{Exited, exitCall},
        IShell, ISwapRouter, IUniswapV3Pool,
    },
    client::Transaction,
    error::Result,
    hedge::terms::recast,
    keys,
    program::deploy_deterministic,
    user_operation::{ENTRY_POINT, UserOperation},
};
use hedgerow_core::{
    hedging::exposure,
    liquidity::amounts_for_liquidity,
    tick::{range_sqrt_prices, tick_at_sqrt_price},
};

use crate::common::{
    IMore,
    aave::{Aave, lending},
    governed,
    held::{Held, Kind},
    units,
    world::{FEE, SPACING, World},
};
use crate::terms::{WINDOW, delta, limits, rule, terms};

/// Dollars that either wallet has besides.
const RESERVE: u64 = 60_000;
/// Hours that are watched before anything is hedged.
const WATCHED: usize = 8;

/// What a hedged position left when it was closed.
pub struct Closed {
    /// Dollars of fees that the position paid at the end.
    pub fees: f64,
    /// Ether that was bought back.
    pub bought: f64,
    /// The price before that.
    pub price_before: f64,
}

pub struct Stage {
    pub world: World,
    pub aave: Aave,
    twin: PrivateKeySigner,
    held: Held,
    twins: U256,
    terms: HedgeTerms,
    guards: Guards,
    opened_at_price: f64,
    value_at_start: f64,
    /// The hedge's own account, once there is one.
    margin: Address,
    /// That have passed.
    hours: usize,
}

/// Of raw dollars.
pub fn dollars(raw: U256) -> f64 {
    f64::from(raw) / 1e6
}

fn ether(raw: u128) -> f64 {
    raw as f64 / 1e18
}

/// The pool's sqrt price at which an ether is worth so many dollars.
fn sqrt_price_of(price: f64) -> U256 {
    U256::from((price * 1e-12).sqrt() * 2_f64.powi(96))
}

impl Stage {
    /// Positions of five ether and as many dollars, from 55 % to 160 % of the price, watched for some hours of `busy` trade.
    pub async fn new(busy: f64) -> Self {
        let (world, aave) = lending().await;
        let remember = IUniswapV3Pool::increaseObservationCardinalityNextCall {
            observationCardinalityNext: 200,
        };
        world.send(&world.trader, world.pool, &remember).await;
        deploy_entry_point(&world).await;
        let twin = keys::development(7).unwrap();
        let (root, tick) = world.slot0().await;
        let start = f64::from(root);
        let [lower, upper] = [0.55_f64, 1.6].map(|multiple| {
            let tick = tick_at_sqrt_price(U256::from(start * multiple.sqrt())).unwrap();
            tick.div_euclid(SPACING) * SPACING
        });
        assert!(lower < tick && tick < upper);
        let amounts = [units(5, 18), units(10_000, 6)];
        let held = world.hold(Kind::Nft, (lower, upper), amounts).await;
        let twins = world.mint(&twin, (lower, upper), amounts).await;
        for who in [&world.owner, &twin] {
            world.fund(who, [U256::ZERO, units(RESERVE, 6)]).await;
        }
        let mut stage = Self {
            terms: terms(),
            guards: recast(&governed::guards(world.now().await)).unwrap(),
            world,
            aave,
            twin,
            held,
            twins,
            opened_at_price: 0.0,
            value_at_start: 0.0,
            margin: Address::ZERO,
            hours: 0,
        };
        stage.guards.cooldown = 1_800;
        stage.guards.twapWindow = WINDOW;
        let growth = stage.fee_growth().await;
        (stage.terms.feeGrowth0, stage.terms.feeGrowth1) = growth;
        stage.terms.feesSince = stage.world.now().await;
        let start = stage.price().await;
        for hour in 0..WATCHED {
            let multiple = if hour % 2 == 0 { 1.01 } else { 1.0 };
            stage.step(start * multiple, busy).await;
        }
        stage.value_at_start = stage.position_value().await;
        stage
    }

    async fn fee_growth(&self) -> (U256, U256) {
        let (world, pool) = (&self.world, self.world.pool);
        (
            world.read(pool, &IUniswapV3Pool::feeGrowthGlobal0X128Call {}).await,
            world.read(pool, &IUniswapV3Pool::feeGrowthGlobal1X128Call {}).await,
        )
    }

    /// Trades bring the price to so many dollars, by way of `busy` beyond; an hour passes, and the feeds follow.
    pub async fn step(&mut self, price: f64, busy: f64) {
        if busy > 0.0 {
            self.hours += 1;
            let up = self.hours.is_multiple_of(2);
            let beyond = if up { 1.0 + busy } else { 1.0 / (1.0 + busy) };
            self.push(sqrt_price_of(price * beyond)).await;
        }
        self.push(sqrt_price_of(price)).await;
        self.world.pass(3_600).await;
        self.aave.follow(&self.world).await;
    }

    /// The trader swaps until the pool's price is there.
    async fn push(&self, target: U256) {
        let world = &self.world;
        let zero_for_one = target < world.slot0().await.0;
        let params = ISwapRouter::ExactInputSingleParams {
            tokenIn: world.tokens[usize::from(!zero_for_one)],
            tokenOut: world.tokens[usize::from(zero_for_one)],
            fee: U24::from(FEE),
            recipient: world.trader.address(),
            deadline: U256::MAX,
            amountIn: world.pair.units()[usize::from(!zero_for_one)] * U256::from(1_000_000),
            amountOutMinimum: U256::ZERO,
            sqrtPriceLimitX96: target.to::<U160>(),
        };
        let swap = ISwapRouter::exactInputSingleCall { params };
        world.send(&world.trader, world.router, &swap).await;
    }

    /// Dollars for an ether, in the pool.
    pub async fn price(&self) -> f64 {
        let root = f64::from(self.world.slot0().await.0) / 2_f64.powi(96);
        root * root * 1e12
    }

    async fn liquidity(&self) -> u128 {
        self.world.liquidity_of(&self.held).await
    }

    /// Ether and dollars in the position.
    pub async fn amounts(&self) -> [f64; 2] {
        let (lower, upper) = range_sqrt_prices(self.held.range.0, self.held.range.1).unwrap();
        let root = self.world.slot0().await.0;
        let (amount0, amount1) = amounts_for_liquidity(root, lower, upper, self.liquidity().await).unwrap();
        [f64::from(amount0) / 1e18, dollars(amount1)]
    }

    pub async fn position_value(&self) -> f64 {
        let [ether, dollars] = self.amounts().await;
        ether * self.price().await + dollars
    }

    pub async fn is_in_range(&self) -> bool {
        let tick = self.world.slot0().await.1;
        self.held.range.0 <= tick && tick < self.held.range.1
    }

    /// The position's delta.
    pub async fn exposure(&self) -> f64 {
        let root = self.world.slot0().await.0;
        ether(exposure(self.liquidity().await, self.held.range, root, 0))
    }

    pub fn value_at_start(&self) -> f64 {
        self.value_at_start
    }

    pub fn price_before_opening(&self) -> f64 {
        self.opened_at_price
    }

    pub fn reserve(&self) -> f64 {
        RESERVE as f64
    }

    pub fn source(&self) -> Address {
        self.world.npm
    }

    fn place(&self) -> Place {
        recast(&self.world.place(&self.held)).unwrap()
    }

    fn venue(&self) -> Venue {
        Venue {
            kind: 1,
            margins: self.world.margins,
            market: self.aave.pool,
            volatileToken: 0,
            eMode: 0,
        }
    }

    /// What the account remembers.
    async fn remembered(&self) -> Address {
        let call = hedgeOfCall { place: self.place() };
        self.world.read(self.world.account(), &call).await.margin
    }

    /// Ether that the hedge owes, as Aave tells it.
    pub async fn debt(&self) -> f64 {
        let margin = self.margin;
        f64::from(self.aave.debt(&self.world, margin, 0).await) / 1e18
    }

    pub async fn collateral(&self) -> f64 {
        let margin = self.margin;
        dollars(self.aave.lent(&self.world, margin, 1).await)
    }

    /// What borrowing ether costs and lending dollars earns, a year.
    pub async fn rates(&self) -> [f64; 2] {
        let [ether, dollars] = [
            self.aave.reserve(&self.world, 0).await,
            self.aave.reserve(&self.world, 1).await,
        ];
        [
            ether.currentVariableBorrowRate as f64 / 1e27,
            dollars.currentLiquidityRate as f64 / 1e27,
        ]
    }

    fn order(&self, override_gate: bool) -> hedgeCall {
        let mut terms = self.terms.clone();
        terms.overrideGate = override_gate;
        hedgeCall {
            place: self.place(),
            venue: self.venue(),
            target: delta(),
            terms,
            limits: limits(),
        }
    }

    fn policy(&self) -> setHedgePolicyCall {
        setHedgePolicyCall {
            place: self.place(),
            venue: self.venue(),
            guards: self.guards.clone(),
            terms: self.terms.clone(),
            rule: rule(),
        }
    }

    /// One signature: a user operation opens the hedge and leaves it to keepers.
    pub async fn open(&mut self) {
        self.opened_at_price = self.price().await;
        let batch = [self.order(false).abi_encode(), self.policy().abi_encode()];
        self.operate(&batch).await;
        self.margin = self.remembered().await;
    }

    /// The same without a hedge to begin with.
    pub async fn govern(&mut self) {
        self.operate(&[self.policy().abi_encode()]).await;
    }

    /// The owner itself opens it.
    pub async fn try_open(&mut self, override_gate: bool) -> Result<TransactionReceipt> {
        self.world.transact(&self.world.owner, &self.order(override_gate)).await
    }

    /// The account's own calls in one user operation that the owner signs and a bundler sends.
    async fn operate(&self, calls: &[Vec<u8>]) -> TransactionReceipt {
        let (world, account) = (&self.world, self.world.account());
        let deposit = Transaction::call(ENTRY_POINT, &depositToCall { account }).with_value(units(1, 18));
        world.client.send(&world.trader, deposit, "a deposit").await.unwrap();
        let calls: Vec<_> = calls
            .iter()
            .map(|data| (account, U256::ZERO, Bytes::copy_from_slice(data)))
            .collect();
        let execute = IShell::executeCall {
            mode: hex!("0100000000000000000000000000000000000000000000000000000000000000").into(),
            executionData: calls.abi_encode().into(),
        };
        let key = Default::default();
        let nonce = world.read(ENTRY_POINT, &getNonceCall { sender: account, key }).await;
        let mut operation = UserOperation {
            sender: account,
            nonce,
            delegate: None,
            call_data: execute.abi_encode().into(),
            call_gas_limit: 10_000_000,
            verification_gas_limit: 200_000,
            pre_verification_gas: 100_000,
            max_fee_per_gas: 1_000_000_000,
            max_priority_fee_per_gas: 1,
            sponsor: None,
            signature: Bytes::new(),
        };
        let chain = world.client.chain_id();
        operation.sign(&world.owner, chain, ENTRY_POINT).unwrap();
        let bundle = handleOpsCall {
            ops: vec![operation.packed()],
            beneficiary: world.stranger.address(),
        };
        let bundle = Transaction::call(ENTRY_POINT, &bundle);
        let receipt = world.client.send(&world.stranger, bundle, "a bundle").await.unwrap();
        let mut logs = receipt.inner.logs().iter();
        let event = logs.find_map(|log| UserOperationEvent::decode_log(&log.inner).ok());
        assert!(event.unwrap().success, "{receipt:?}");
        receipt
    }

    pub async fn quote(&self) -> HedgeQuote {
        let hedge = self.order(false);
        let quote = quoteHedgeCall {
            place: hedge.place,
            venue: hedge.venue,
            target: hedge.target,
            terms: hedge.terms,
            limits: hedge.limits,
        };
        self.world.read(self.world.account(), &quote).await
    }

    pub async fn check(&self) -> HedgeDecision {
        let policy = self.policy();
        let check = checkHedgeCall {
            place: policy.place,
            venue: policy.venue,
            guards: policy.guards,
            terms: policy.terms,
            rule: policy.rule,
        };
        self.world.read(self.world.account(), &check).await
    }

    /// A keeper runs the policy.
    pub async fn try_run(&self, fee: U256) -> Result<TransactionReceipt> {
        let policy = self.policy();
        let run = runHedgeCall {
            place: policy.place,
            venue: policy.venue,
            guards: policy.guards,
            terms: policy.terms,
            rule: policy.rule,
            fee,
        };
        self.world.transact(&self.world.stranger, &run).await
    }

    pub async fn run(&self, fee: U256) -> HedgePolicyRun {
        let receipt = self.try_run(fee).await.unwrap();
        let mut logs = receipt.inner.logs().iter();
        let event = logs.find_map(|log| HedgePolicyRun::decode_log(&log.inner).ok());
        event.unwrap().data
    }

    pub async fn accounts(&self) -> HedgeAccounts {
        let call = hedgeAccountsCall {
            place: self.place(),
            twapWindow: WINDOW,
        };
        self.world.read(self.world.account(), &call).await
    }

    fn exit(&self) -> exitCall {
        exitCall {
            positionManager: self.world.npm,
            tokenId: self.held.id,
            proceeds: 0,
            limits: World::open_limits(),
        }
    }

    /// One signature takes everything out and closes the hedge.
    pub async fn close(&mut self) -> Closed {
        let price_before = self.price().await;
        let order = self.order(false);
        let close = actAndHedgeCall {
            place: order.place,
            action: self.exit().abi_encode().into(),
            venue: order.venue,
            target: order.target,
            terms: order.terms,
            limits: order.limits,
        };
        let receipt = self.operate(&[close.abi_encode()]).await;
        let logs = receipt.inner.logs();
        let hedged = logs.iter().find_map(|log| Hedged::decode_log(&log.inner).ok()).unwrap();
        let exited = logs.iter().find_map(|log| Exited::decode_log(&log.inner).ok()).unwrap();
        assert_eq!((hedged.debt, hedged.collateral), (U256::ZERO, U256::ZERO));
        self.leave_twin().await;
        Closed {
            fees: f64::from(exited.fees0) / 1e18 * price_before + dollars(exited.fees1),
            bought: f64::from(hedged.traded.unsigned_abs()) / 1e18,
            price_before,
        }
    }

    /// Both take out everything; there is no hedge to close.
    pub async fn leave(&mut self) {
        self.world.transact(&self.world.owner, &self.exit()).await.unwrap();
        self.leave_twin().await;
    }

    async fn leave_twin(&self) {
        self.world.empty(&self.twin, self.twins).await;
        let params = IMore::CollectParams {
            tokenId: self.twins,
            recipient: self.twin.address(),
            amount0Max: u128::MAX,
            amount1Max: u128::MAX,
        };
        let collect = IMore::collectCall { params };
        self.world.send(&self.twin, self.world.npm, &collect).await;
    }

    /// Dollars that the owner's and the twin's tokens are worth.
    pub async fn wealth(&self) -> [f64; 2] {
        let price = self.price().await;
        let mut worth = [0.0; 2];
        for (worth, who) in worth.iter_mut().zip([self.world.account(), self.twin.address()]) {
            let [ether, coins] = self.world.balances(who).await;
            *worth = f64::from(ether) / 1e18 * price + dollars(coins);
        }
        worth
    }

    pub async fn wealth_of_owner(&self) -> [U256; 2] {
        self.world.balances(self.world.account()).await
    }

    /// No position, no debt, no token at the margin account, no allowance of anybody's.
    pub async fn assert_nothing_is_left(&self) {
        let (world, margin) = (&self.world, self.margin);
        assert!(world.owner_of(self.held.id).await.is_err());
        for owner in [margin, world.account()] {
            for asset in 0..2 {
                assert_eq!(self.aave.debt(world, owner, asset).await, U256::ZERO);
                assert_eq!(self.aave.lent(world, owner, asset).await, U256::ZERO);
            }
            for token in world.tokens {
                for spender in [
                    world.npm,
                    world.pool,
                    world.router,
                    self.aave.pool,
                    margin,
                    world.margins,
                ] {
                    let allowed = world.read(token, &IERC20::allowanceCall { owner, spender }).await;
                    assert_eq!(allowed, U256::ZERO);
                }
            }
        }
        if margin != Address::ZERO {
            assert_eq!(world.balances(margin).await, [U256::ZERO; 2]);
        }
        assert_eq!(self.debt().await + self.collateral().await, 0.0);
        // Nor is there a hedge to close any more.
        let close = closeHedgeCall {
            place: self.place(),
            repay: U256::ZERO,
            limits: limits(),
        };
        assert!(world.transact(&world.owner, &close).await.is_err());
    }
}

async fn deploy_entry_point(world: &World) {
    let code = world
        .artifacts
        .published("@account-abstraction/contracts/artifacts/EntryPoint.json");
    let salt = b256!("0a59dbff790c23c976a548690c27297883cc66b4c67024f9117b0238995e35e9");
    let deployed = deploy_deterministic(&world.client, &world.trader, "EntryPoint", &code.unwrap(), salt).await;
    assert_eq!(deployed.unwrap().address, ENTRY_POINT);
}
