//! A position of the owner, whichever way it is held, and what the account does with it besides a rebalance.

use alloy::{
    primitives::{Address, Bytes, U256, aliases::U24, aliases::U160, keccak256},
    providers::ext::AnvilApi,
    rpc::types::TransactionReceipt,
    signers::local::PrivateKeySigner,
    sol,
    sol_types::{SolCall, SolEvent},
};
use hedgerow::{
    bindings::{
        IManager::{
            ConvertedToDirect, ConvertedToNft, Exited, Harvested, Limits, PoolKey, Walked, exitCall, exitDirectCall,
            harvestCall, harvestDirectCall, toDirectCall, toNftCall, walkCall, walkDirectCall,
        },
        IUniswapV3Pool,
    },
    client::Transaction,
    error::Result,
};
use hedgerow_core::{liquidity::liquidity_for_amounts, tick::range_sqrt_prices};

use super::world::{FEE, Pair, World, int24};

sol! {
    #![sol(all_derives)]

    interface IPoolDepositor {
        function deposit(address pool, address owner, int24 tickLower, int24 tickUpper, uint128 liquidity) external;
    }

    /// What a pool does for the owner of a position, without any callback.
    interface IPoolPositions {
        function positions(bytes32 key) external view returns (
            uint128 liquidity, uint256 feeGrowthInside0LastX128, uint256 feeGrowthInside1LastX128,
            uint128 tokensOwed0, uint128 tokensOwed1
        );
        function burn(int24 tickLower, int24 tickUpper, uint128 amount) external returns (uint256 amount0, uint256 amount1);
        function collect(
            address recipient, int24 tickLower, int24 tickUpper, uint128 amount0Requested, uint128 amount1Requested
        ) external returns (uint128 amount0, uint128 amount1);
    }
}

pub type Range = (i32, i32);

/// What an exit is paid in, as the interface numbers it.
pub const BOTH: u8 = 0;
pub const TOKEN0: u8 = 1;
pub const TOKEN1: u8 = 2;

/// The two ways to hold a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Nft,
    Direct,
}

pub const KINDS: [Kind; 2] = [Kind::Nft, Kind::Direct];

/// A position of the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub kind: Kind,
    /// The NFT; of a direct position the pool's key.
    pub id: U256,
    pub range: Range,
}

/// What the account is to do with it.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    Harvest,
    Exit(u8),
    Walk(Range),
    Convert,
}

/// The one shape that all of the account's events have.
#[derive(Clone, Debug)]
pub struct Report {
    pub name: &'static str,
    pub source: Address,
    pub id: U256,
    pub new_id: U256,
    pub range: Range,
    pub liquidity: u128,
    pub amounts: [U256; 2],
    pub fees: [U256; 2],
    pub value_before: U256,
    pub value_after: U256,
    pub il: alloy::primitives::I256,
    pub gas: u64,
}

macro_rules! decoded {
    ($log:expr, $($event:ident),+) => {
        [$($event::decode_log($log).ok().map(|event| Report {
            name: stringify!($event),
            source: event.source,
            id: event.id,
            new_id: event.newId,
            range: (event.tickLower.as_i32(), event.tickUpper.as_i32()),
            liquidity: event.liquidity,
            amounts: [event.amount0, event.amount1],
            fees: [event.fees0, event.fees1],
            value_before: event.valueBefore,
            value_after: event.valueAfter,
            il: event.il,
            gas: 0,
        })),+]
    };
}

/// The only event that the account itself emitted.
pub fn report(account: Address, receipt: &TransactionReceipt) -> Report {
    let own = receipt.inner.logs().iter().filter(|log| log.address() == account);
    let mut reports =
        own.flat_map(|log| decoded!(&log.inner, Harvested, Exited, Walked, ConvertedToDirect, ConvertedToNft));
    let found: Vec<Report> = reports.by_ref().flatten().collect();
    assert_eq!(found.len(), 1, "{found:?}");
    Report {
        gas: receipt.gas_used,
        ..found[0].clone()
    }
}

/// A wallet with 777 units of its own tokens, and a position of either kind around the price that earned both of them, in a pool
/// with two hours of history.
pub async fn earning(kind: Kind, pair: Pair) -> (World, Held) {
    let tick = pair.tick();
    earning_in(kind, pair, (tick - 1_200, tick + 1_200)).await
}

/// The same in any range that a few thousand units reach.
pub async fn earning_in(kind: Kind, pair: Pair, range: Range) -> (World, Held) {
    let world = World::new(pair).await;
    let unit = pair.units();
    world.fund(&world.owner, unit.map(|unit| unit * U256::from(777))).await;
    let held = world.hold(kind, range, unit.map(|unit| unit * U256::from(1_000))).await;
    world.pass(3_600).await;
    world.churn(5_000).await;
    world.pass(3_600).await;
    (world, held)
}

/// What the one holds beyond the other.
pub fn gain(after: [U256; 2], before: [U256; 2]) -> [U256; 2] {
    [0, 1].map(|i| {
        after[i]
            .checked_sub(before[i])
            .expect("the wallet lost something of its own")
    })
}

/// A guard that no pool here can serve: a window longer than it remembers, and no room.
pub fn unreadable() -> Limits {
    Limits {
        twapWindow: 1_000_000,
        ..World::open_limits()
    }
}

/// A guard of ten minutes.
pub fn guarded(deviation: u32) -> Limits {
    Limits {
        twapWindow: 600,
        maxTickDeviation: U24::from(deviation),
        ..World::open_limits()
    }
}

/// The pool's key of an owner's position.
pub fn direct_id(owner: Address, (lower, upper): Range) -> U256 {
    let ticks = [lower, upper].map(|tick| tick.to_be_bytes()[1..].to_vec());
    U256::from_be_bytes(keccak256([owner.to_vec(), ticks.concat()].concat()).0)
}

impl World {
    pub fn pool_key(&self) -> PoolKey {
        PoolKey {
            factory: self.factory,
            token0: self.tokens[0],
            token1: self.tokens[1],
            fee: U24::from(FEE),
        }
    }

    /// Gives the owner a position from newly made tokens; nothing else of the owner's changes.
    pub async fn hold(&self, kind: Kind, range: Range, amounts: [U256; 2]) -> Held {
        let id = match kind {
            Kind::Nft => self.mint(&self.owner, range, amounts).await,
            Kind::Direct => self.deposit(range, amounts).await,
        };
        Held { kind, id, range }
    }

    /// Liquidity of the owner in the pool itself, paid for by the trader.
    async fn deposit(&self, range: Range, amounts: [U256; 2]) -> U256 {
        let depositor = self.artifacts.contract("PoolDepositor", "PoolDepositor").unwrap();
        let depositor = self.create(depositor).await;
        self.fund(&self.trader, amounts).await;
        for token in self.tokens {
            self.approve(&self.trader, token, depositor, U256::MAX).await;
        }
        let (lower, upper) = range_sqrt_prices(range.0, range.1).unwrap();
        let [amount0, amount1] = amounts;
        let liquidity = liquidity_for_amounts(self.slot0().await.0, lower, upper, amount0, amount1).unwrap();
        let deposit = IPoolDepositor::depositCall {
            pool: self.pool,
            owner: self.owner.address(),
            tickLower: int24(range.0),
            tickUpper: int24(range.1),
            liquidity,
        };
        self.send(&self.trader, depositor, &deposit).await;
        direct_id(self.owner.address(), range)
    }

    /// What the pool knows of a direct position of the owner.
    pub async fn direct(&self, range: Range) -> IPoolPositions::positionsReturn {
        let key = direct_id(self.owner.address(), range).into();
        self.read(self.pool, &IPoolPositions::positionsCall { key }).await
    }

    /// The liquidity of a position.
    pub async fn liquidity_of(&self, held: &Held) -> u128 {
        match held.kind {
            Kind::Nft => self.position(held.id).await.liquidity,
            Kind::Direct => self.direct(held.range).await.liquidity,
        }
    }

    /// Who emits, in events: the position manager or the pool.
    pub fn source(&self, kind: Kind) -> Address {
        match kind {
            Kind::Nft => self.npm,
            Kind::Direct => self.pool,
        }
    }

    /// The call of the account that does it.
    pub fn ordered(&self, held: &Held, action: Action, limits: Limits) -> Bytes {
        let (position_manager, id, pool) = (self.npm, held.id, self.pool_key());
        let (lower, upper) = (int24(held.range.0), int24(held.range.1));
        let call = match (held.kind, action) {
            (Kind::Nft, Action::Harvest) => harvestCall {
                positionManager: position_manager,
                tokenId: id,
                limits,
            }
            .abi_encode(),
            (Kind::Direct, Action::Harvest) => harvestDirectCall {
                pool,
                tickLower: lower,
                tickUpper: upper,
                limits,
            }
            .abi_encode(),
            (Kind::Nft, Action::Exit(proceeds)) => exitCall {
                positionManager: position_manager,
                tokenId: id,
                proceeds,
                limits,
            }
            .abi_encode(),
            (Kind::Direct, Action::Exit(proceeds)) => exitDirectCall {
                pool,
                tickLower: lower,
                tickUpper: upper,
                proceeds,
                limits,
            }
            .abi_encode(),
            (Kind::Nft, Action::Walk((new_lower, new_upper))) => walkCall {
                positionManager: position_manager,
                tokenId: id,
                tickLower: int24(new_lower),
                tickUpper: int24(new_upper),
                limits,
            }
            .abi_encode(),
            (Kind::Direct, Action::Walk((new_lower, new_upper))) => walkDirectCall {
                pool,
                tickLower: lower,
                tickUpper: upper,
                newTickLower: int24(new_lower),
                newTickUpper: int24(new_upper),
                limits,
            }
            .abi_encode(),
            (Kind::Nft, Action::Convert) => toDirectCall {
                positionManager: position_manager,
                tokenId: id,
                limits,
            }
            .abi_encode(),
            (Kind::Direct, Action::Convert) => toNftCall {
                positionManager: position_manager,
                pool,
                tickLower: lower,
                tickUpper: upper,
                limits,
            }
            .abi_encode(),
        };
        call.into()
    }

    /// The account acts, called by the owner.
    pub async fn act(&self, held: &Held, action: Action, limits: Limits) -> Result<Report> {
        self.act_by(&self.owner, self.ordered(held, action, limits)).await
    }

    /// The same, whatever the call, called by somebody.
    pub async fn act_by(&self, who: &PrivateKeySigner, call: Bytes) -> Result<Report> {
        let account = self.owner.address();
        let transaction = Transaction {
            to: Some(account),
            data: call,
            ..Transaction::default()
        };
        let receipt = self.client.send(who, transaction, "acting").await?;
        Ok(report(account, &receipt))
    }

    /// The owner leaves by ordinary transactions, without any program: what the liquidity paid, and what came into the wallet.
    pub async fn leave_by_hand(&self, held: &Held) -> ([U256; 2], [U256; 2]) {
        let owner = self.owner.address();
        let before = self.balances(owner).await;
        let withdrawn = match held.kind {
            Kind::Nft => self.leave_nft(held.id).await,
            Kind::Direct => self.leave_pool(held).await,
        };
        let after = self.balances(owner).await;
        (withdrawn, [after[0] - before[0], after[1] - before[1]])
    }

    async fn leave_nft(&self, id: U256) -> [U256; 2] {
        let mut withdrawn = [U256::ZERO; 2];
        let liquidity = self.position(id).await.liquidity;
        if liquidity != 0 {
            let params = super::IMore::DecreaseParams {
                tokenId: id,
                liquidity,
                amount0Min: U256::ZERO,
                amount1Min: U256::ZERO,
                deadline: U256::MAX,
            };
            let decrease = super::IMore::decreaseLiquidityCall { params };
            let request = hedgerow::client::Call::new(self.owner.address(), self.npm, &decrease);
            let answer = self.client.simulate(request, &decrease).await.unwrap();
            withdrawn = [answer.amount0, answer.amount1];
            self.send(&self.owner, self.npm, &decrease).await;
        }
        let params = super::IMore::CollectParams {
            tokenId: id,
            recipient: self.owner.address(),
            amount0Max: u128::MAX,
            amount1Max: u128::MAX,
        };
        self.send(&self.owner, self.npm, &super::IMore::collectCall { params })
            .await;
        withdrawn
    }

    /// Two ordinary transactions to the pool.
    async fn leave_pool(&self, held: &Held) -> [U256; 2] {
        let (lower, upper) = (int24(held.range.0), int24(held.range.1));
        let mut withdrawn = [U256::ZERO; 2];
        let liquidity = self.direct(held.range).await.liquidity;
        if liquidity != 0 {
            let burn = IPoolPositions::burnCall {
                tickLower: lower,
                tickUpper: upper,
                amount: liquidity,
            };
            let request = hedgerow::client::Call::new(self.owner.address(), self.pool, &burn);
            let answer = self.client.simulate(request, &burn).await.unwrap();
            withdrawn = [answer.amount0, answer.amount1];
            self.send(&self.owner, self.pool, &burn).await;
        }
        let collect = IPoolPositions::collectCall {
            recipient: self.owner.address(),
            tickLower: lower,
            tickUpper: upper,
            amount0Requested: u128::MAX,
            amount1Requested: u128::MAX,
        };
        self.send(&self.owner, self.pool, &collect).await;
        withdrawn
    }

    /// What leaving by hand would give now, as [`World::leave_by_hand`]; the chain is put back as it was.
    pub async fn foreseen(&self, held: &Held) -> ([U256; 2], [U256; 2]) {
        let snapshot = self.client.provider().anvil_snapshot().await.unwrap();
        let paid = self.leave_by_hand(held).await;
        self.client.provider().anvil_revert(snapshot).await.unwrap();
        paid
    }

    /// Takes all liquidity out of a position; nothing is collected.
    pub async fn withdraw(&self, held: &Held) {
        match held.kind {
            Kind::Nft => self.empty(&self.owner, held.id).await,
            Kind::Direct => {
                let burn = IPoolPositions::burnCall {
                    tickLower: int24(held.range.0),
                    tickUpper: int24(held.range.1),
                    amount: self.direct(held.range).await.liquidity,
                };
                self.send(&self.owner, self.pool, &burn).await;
            }
        }
    }

    /// Trades both ways, so that whatever is in range earns both tokens, and the price comes back to nearly where it was.
    pub async fn churn(&self, count: u64) {
        for (zero_for_one, unit) in [(true, self.pair.units()[0]), (false, self.pair.units()[1])] {
            self.trade(zero_for_one, unit * U256::from(count)).await;
        }
    }

    /// No allowance of the owner for anybody who could have had one.
    pub async fn assert_no_allowance(&self) {
        let spenders = [self.npm, self.pool, self.router, self.program, self.shell];
        for token in self.tokens {
            for spender in spenders {
                let left = self.allowance(token, spender).await;
                assert_eq!(left, U256::ZERO, "{token} for {spender}");
            }
        }
    }

    /// The tick, the price and the pool's liquidity now, to see that nothing was swapped.
    pub async fn price(&self) -> (U256, i32) {
        self.slot0().await
    }

    /// The pool's liquidity in range.
    pub async fn depth(&self) -> u128 {
        self.read(self.pool, &IUniswapV3Pool::liquidityCall {}).await
    }
}

/// Limits with an entry price.
pub fn entered_at(limits: Limits, sqrt_price: U256) -> Limits {
    Limits {
        entrySqrtPriceX96: U160::from(sqrt_price),
        ..limits
    }
}
