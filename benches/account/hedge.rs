//! What a hedge costs: one signature each, beside the same steps as an ordinary wallet's transactions, from the same state.

use crate::{
    common::{
        IMore::{CollectParams, DecreaseParams, collectCall, decreaseLiquidityCall},
        aave::{Aave, IPool, lending},
        held::{Held, Kind},
        world::{FEE, SPACING, World, int24},
    },
    stage::cache_programs,
};
use alloy::{
    primitives::{
        Address, Bytes, I256, U256,
        aliases::{U24, U160},
    },
    providers::ext::AnvilApi,
    sol,
    sol_types::{SolCall, SolEvent},
};
use hedgerow::{
    bindings::{
        IERC20::approveCall,
        IHedges::{
            HedgeLimits, HedgeTarget, HedgeTerms, Hedged, Place, Venue, actAndHedgeCall, closeHedgeCall, hedgeCall,
        },
        INonfungiblePositionManager::{MintParams, mintCall},
        ISwapRouter::{ExactInputSingleParams, exactInputSingleCall},
        IUniswapV3Pool,
    },
    client::{Call, Transaction},
    error::Result,
    hedge::terms::recast,
    keys,
};
use serde::Serialize;

sol! {
    struct ExactOutput {
        address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountOut;
        uint256 amountInMaximum; uint160 sqrtPriceLimitX96;
    }

    interface IExactOutput {
        function exactOutputSingle(ExactOutput params) external returns (uint256 amountIn);
    }
}

/// One thing that is done with a hedge.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HedgeRow {
    /// What is done.
    pub what: &'static str,
    /// Gas of the account's one transaction, programs cached.
    pub gas: u64,
    /// The same, programs entered uncached.
    pub gas_uncached: u64,
    /// The same steps as separate transactions: gas of all, and how many.
    pub apart: u64,
    /// See `apart`.
    pub transactions: usize,
}

const NAMES: [&str; 5] = [
    "open a hedge of half the delta",
    "enlarge it to the whole delta",
    "reduce it to half again",
    "close it",
    "rebalance a position and hedge its whole delta",
];
const VARIABLE: U256 = U256::from_limbs([2, 0, 0, 0]);
/// Half of the position's range, in ticks.
const HALF: i32 = 1_200;
/// Seconds of quiet: longer than the price guard's window.
const QUIET: u64 = 3_600;
const WINDOW: u32 = 300;

/// What one change of a hedge came to: what it sold or bought back, for how much, and what the account paid in or got.
struct Change {
    gas: u64,
    traded: U256,
    swapped: U256,
    paid: U256,
}

struct Hedging {
    world: World,
    aave: Aave,
    held: Held,
}

/// All rows, on a chain of their own: ether and dollars, Aave v3.
pub async fn rows() -> Result<Vec<HedgeRow>> {
    let (world, aave) = lending().await;
    let unit = world.pair.units();
    world.fund(&world.owner, unit.map(|unit| unit * U256::from(100))).await;
    let centre = world.slot0().await.1.div_euclid(SPACING) * SPACING;
    let range = (centre - HALF, centre + HALF);
    let id = world
        .mint(&world.owner, range, unit.map(|unit| unit * U256::from(10)))
        .await;
    world.pass(QUIET).await;
    let held = Held {
        kind: Kind::Nft,
        id,
        range,
    };
    let stage = Hedging { world, aave, held };
    let uncached = stage.restored(stage.ours(false)).await?;
    let cached = stage.restored(stage.ours(true)).await?;
    let apart = stage.restored(stage.apart(&cached)).await?;
    let rows = NAMES.into_iter().zip(&cached).zip(&uncached).zip(apart);
    Ok(rows
        .map(|(((what, cached), uncached), (apart, transactions))| HedgeRow {
            what,
            gas: cached.gas,
            gas_uncached: uncached.gas,
            apart,
            transactions,
        })
        .collect())
}

impl Hedging {
    /// Does it, and takes everything back.
    async fn restored<T>(&self, doing: impl Future<Output = Result<T>>) -> Result<T> {
        let client = &self.world.client;
        let snapshot = client.provider().anvil_snapshot().await;
        let snapshot = snapshot.map_err(|error| client.error("evm_snapshot", error))?;
        let done = doing.await;
        let reverted = client.provider().anvil_revert(snapshot).await;
        reverted.map_err(|error| client.error("evm_revert", error))?;
        done
    }

    /// Open, enlarge, reduce, close; then a naked position that was left behind, rebalanced and hedged.
    async fn ours(&self, cached: bool) -> Result<Vec<Change>> {
        if cached {
            cache_programs(&self.world, &keys::development(0)?).await?;
        }
        let terms = self.terms().await;
        let mut changes = Vec::new();
        for share in [500_000, 1_000_000, 500_000] {
            let call = self.hedge(&terms, share)?;
            changes.push(self.change(call.abi_encode().into()).await?);
        }
        let close = closeHedgeCall {
            place: self.place()?,
            repay: U256::ZERO,
            limits: limits(),
        };
        changes.push(self.change(close.abi_encode().into()).await?);
        let (range, terms) = (self.leave_behind().await, self.terms().await);
        let action = self.world.order(self.held.id, range, World::open_limits());
        let call = actAndHedgeCall {
            place: self.place()?,
            action: action.abi_encode().into(),
            venue: self.venue(),
            target: target(1_000_000),
            terms,
            limits: limits(),
        };
        changes.push(self.change(call.abi_encode().into()).await?);
        Ok(changes)
    }

    /// The same steps with the same amounts, one transaction each; gas and number.
    async fn apart(&self, ours: &[Change]) -> Result<Vec<(u64, usize)>> {
        let [opened, enlarged, reduced, closed, hedged] = ours else {
            return Ok(Vec::new());
        };
        let mut rows = Vec::new();
        for change in [opened, enlarged] {
            rows.push(self.sum(&self.enlargement(change)).await?);
        }
        rows.push(self.sum(&self.reduction(reduced, reduced.swapped)).await?);
        // What is owed grows by the second; a thousandth more is bought than is owed now.
        let owed = self.aave.debt(&self.world, self.world.account(), 0).await;
        let owed = owed + owed / U256::from(1_000);
        let mut closing = self.reduction(
            &Change {
                traded: owed,
                ..*closed
            },
            U256::ZERO,
        );
        closing.push(self.withdraw(U256::MAX));
        rows.push(self.sum(&closing).await?);
        let range = self.leave_behind().await;
        let mut steps = self.moving(range).await?;
        steps.extend(self.enlargement(hedged));
        rows.push(self.sum(&steps).await?);
        Ok(rows)
    }

    /// Supply, borrow, sell; the allowances. What the sale brings stays in the wallet for what it supplied before.
    fn enlargement(&self, change: &Change) -> Vec<(Address, Bytes)> {
        let [volatile, dollars] = self.world.tokens;
        let market = self.aave.pool;
        let amount = change.paid + change.swapped;
        let supply = IPool::supplyCall {
            asset: dollars,
            amount,
            onBehalfOf: self.world.account(),
            referralCode: 0,
        };
        let borrow = IPool::borrowCall {
            asset: volatile,
            amount: change.traded,
            interestRateMode: VARIABLE,
            referralCode: 0,
            onBehalfOf: self.world.account(),
        };
        let mut steps = vec![
            approve(dollars, market, amount),
            (market, supply.abi_encode().into()),
            (market, borrow.abi_encode().into()),
        ];
        steps.extend(self.sale((volatile, dollars), change.traded));
        steps
    }

    /// Withdraw, buy, repay; the allowances. Where nothing is withdrawn, all that is owed is repaid with dollars that the wallet has.
    fn reduction(&self, change: &Change, withdrawn: U256) -> Vec<(Address, Bytes)> {
        let [volatile, dollars] = self.world.tokens;
        let (market, router) = (self.aave.pool, self.world.router);
        let most = change.swapped * U256::from(101) / U256::from(100);
        let buy = IExactOutput::exactOutputSingleCall {
            params: ExactOutput {
                tokenIn: dollars,
                tokenOut: volatile,
                fee: U24::from(FEE),
                recipient: self.world.account(),
                deadline: deadline(),
                amountOut: change.traded,
                amountInMaximum: most,
                sqrtPriceLimitX96: U160::ZERO,
            },
        };
        let repay = IPool::repayCall {
            asset: volatile,
            // All that is owed is named by the greatest integer.
            amount: if withdrawn.is_zero() { U256::MAX } else { change.traded },
            interestRateMode: VARIABLE,
            onBehalfOf: self.world.account(),
        };
        let mut steps = Vec::new();
        if !withdrawn.is_zero() {
            steps.push(self.withdraw(withdrawn));
        }
        steps.extend([
            approve(dollars, router, most),
            (router, buy.abi_encode().into()),
            approve(volatile, market, change.traded),
            (market, repay.abi_encode().into()),
        ]);
        steps
    }

    fn withdraw(&self, amount: U256) -> (Address, Bytes) {
        let call = IPool::withdrawCall {
            asset: self.world.tokens[1],
            amount,
            to: self.world.account(),
        };
        (self.aave.pool, call.abi_encode().into())
    }

    fn sale(&self, (token_in, token_out): (Address, Address), amount: U256) -> [(Address, Bytes); 2] {
        let call = exactInputSingleCall {
            params: ExactInputSingleParams {
                tokenIn: token_in,
                tokenOut: token_out,
                fee: U24::from(FEE),
                recipient: self.world.account(),
                deadline: deadline(),
                amountIn: amount,
                amountOutMinimum: U256::ZERO,
                sqrtPriceLimitX96: U160::ZERO,
            },
        };
        let router = self.world.router;
        [approve(token_in, router, amount), (router, call.abi_encode().into())]
    }

    /// Withdraw, collect, sell half of the one token that the position holds, mint; the allowances.
    async fn moving(&self, (lower, upper): (i32, i32)) -> Result<Vec<(Address, Bytes)>> {
        let (world, id) = (&self.world, self.held.id);
        let decrease = decreaseLiquidityCall {
            params: DecreaseParams {
                tokenId: id,
                liquidity: world.position(id).await.liquidity,
                amount0Min: U256::ZERO,
                amount1Min: U256::ZERO,
                deadline: deadline(),
            },
        };
        let out = world
            .client
            .simulate(Call::new(world.account(), world.npm, &decrease), &decrease)
            .await?;
        let collect = collectCall {
            params: CollectParams {
                tokenId: id,
                recipient: world.account(),
                amount0Max: u128::MAX,
                amount1Max: u128::MAX,
            },
        };
        let [volatile, dollars] = world.tokens;
        // The price rose above the range: only dollars came.
        let spent = out.amount1 / U256::from(2);
        let sqrt_price = world.slot0().await.0;
        let price = (sqrt_price * sqrt_price) >> 96;
        let bought = ((spent << 96) / price) * U256::from(98) / U256::from(100);
        let mint = mintCall {
            params: MintParams {
                token0: volatile,
                token1: dollars,
                fee: U24::from(FEE),
                tickLower: int24(lower),
                tickUpper: int24(upper),
                amount0Desired: bought,
                amount1Desired: spent,
                amount0Min: U256::ZERO,
                amount1Min: U256::ZERO,
                recipient: world.account(),
                deadline: deadline(),
            },
        };
        let mut steps = vec![
            (world.npm, Bytes::from(decrease.abi_encode())),
            (world.npm, collect.abi_encode().into()),
        ];
        steps.extend(self.sale((dollars, volatile), spent));
        steps.extend([approve(volatile, world.npm, bought), approve(dollars, world.npm, spent)]);
        steps.push((world.npm, mint.abi_encode().into()));
        Ok(steps)
    }

    /// Sends them one after the other.
    async fn sum(&self, steps: &[(Address, Bytes)]) -> Result<(u64, usize)> {
        let mut gas = 0;
        for (to, data) in steps {
            let transaction = Transaction {
                to: Some(*to),
                data: data.clone(),
                ..Transaction::default()
            };
            let (client, owner) = (&self.world.client, &self.world.owner);
            gas += client.send(owner, transaction, "a step of its own").await?.gas_used;
        }
        Ok((gas, steps.len()))
    }

    /// One call of the account's to itself.
    async fn change(&self, data: Bytes) -> Result<Change> {
        let (client, account) = (&self.world.client, self.world.account());
        let transaction = Transaction {
            to: Some(account),
            data,
            ..Transaction::default()
        };
        let receipt = client
            .send(&self.world.owner, transaction, "a change of the hedge")
            .await?;
        let mut logs = receipt.inner.logs().iter();
        let event = logs.find_map(|log| Hedged::decode_log(&log.inner).ok());
        let event = event.ok_or_else(|| client.node_error("a change of the hedge", "no event"))?;
        Ok(Change {
            gas: receipt.gas_used,
            traded: event.traded.unsigned_abs(),
            swapped: event.swapped,
            paid: event.paidIn.max(I256::ZERO).unsigned_abs(),
        })
    }

    /// A swap that takes the price above the range, and quiet; the range of the same width around it.
    async fn leave_behind(&self) -> (i32, i32) {
        let world = &self.world;
        world.trade(false, world.pair.units()[1] * U256::from(12_000)).await;
        world.pass(QUIET).await;
        self.aave.follow(world).await;
        let centre = world.slot0().await.1.div_euclid(SPACING) * SPACING;
        (centre - HALF, centre + HALF)
    }

    fn hedge(&self, terms: &HedgeTerms, share: u32) -> Result<hedgeCall> {
        Ok(hedgeCall {
            place: self.place()?,
            venue: self.venue(),
            target: target(share),
            terms: terms.clone(),
            limits: limits(),
        })
    }

    /// Terms whose gate is read in full and passes: fees watched since two hours, any cost allowed.
    async fn terms(&self) -> HedgeTerms {
        let world = &self.world;
        HedgeTerms {
            minHealth: 1_250,
            health: 1_600,
            maxCollateral: u128::MAX >> 1,
            minTrade: 1,
            maxOracleDeviation: U24::from(50_000),
            maxOracleAge: 0,
            maxBorrowRate: U24::ZERO,
            horizon: 7 * 86_400,
            margin: int24(-1_000_000),
            volWindow: 1_800,
            overrideGate: false,
            feesSince: world.now().await - 7_200,
            feeGrowth0: world
                .read(world.pool, &IUniswapV3Pool::feeGrowthGlobal0X128Call {})
                .await,
            feeGrowth1: world
                .read(world.pool, &IUniswapV3Pool::feeGrowthGlobal1X128Call {})
                .await,
            entrySqrtPriceX96: U160::ZERO,
        }
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

    fn place(&self) -> Result<Place> {
        recast(&self.world.place(&self.held))
    }
}

fn target(share: u32) -> HedgeTarget {
    HedgeTarget {
        kind: 1,
        share: U24::from(share),
        amount: 0,
    }
}

fn limits() -> HedgeLimits {
    HedgeLimits {
        twapWindow: WINDOW,
        maxTickDeviation: U24::from(300),
        release: 0,
        deadline: deadline(),
    }
}

fn approve(token: Address, spender: Address, amount: U256) -> (Address, Bytes) {
    (token, approveCall { spender, amount }.abi_encode().into())
}

/// A round number far in the future, the same in every run: calldata must not depend on the clock.
fn deadline() -> U256 {
    U256::from(1_000_000_000_000_u64)
}
