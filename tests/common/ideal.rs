//! What an ordinary user could reach: a search, amount after amount, through Uniswap's own router and position manager; and what
//! the account is told to do instead.

use alloy::{
    primitives::{U256, aliases::U24},
    providers::ext::AnvilApi,
    sol_types::{SolCall, SolEvent},
};
use hedgerow::{
    bindings::{
        IManager::{Limits, compoundCall, compoundDirectCall, openCall, openDirectCall, rebalanceDirectCall},
        INonfungiblePositionManager::{MintParams, mintCall},
        ISwapRouter,
    },
    client::{Call, Transaction},
    error::Result,
};

use super::{
    World,
    held::{Held, IPoolPositions, Kind, Range, gain},
    mirror::collect_all,
    world::{FEE, int24},
};

/// The account acts, called by its owner; its event.
pub async fn act<E: SolEvent>(world: &World, data: Vec<u8>) -> Result<E> {
    let account = world.owner.address();
    let transaction = Transaction {
        to: Some(account),
        data: data.into(),
        ..Transaction::default()
    };
    let receipt = world.client.send(&world.owner, transaction, "acting").await?;
    let mut logs = receipt.inner.logs().iter().filter(|log| log.address() == account);
    Ok(logs.find_map(|log| E::decode_log(&log.inner).ok()).unwrap().data)
}

pub fn moving(world: &World, held: &Held, to: Range, limits: Limits) -> Vec<u8> {
    match held.kind {
        Kind::Nft => world.order(held.id, to, limits).abi_encode(),
        Kind::Direct => rebalanceDirectCall {
            pool: world.pool_key(),
            tickLower: int24(held.range.0),
            tickUpper: int24(held.range.1),
            newTickLower: int24(to.0),
            newTickUpper: int24(to.1),
            limits,
        }
        .abi_encode(),
    }
}

pub fn compounding(world: &World, held: &Held, limits: Limits) -> Vec<u8> {
    match held.kind {
        Kind::Nft => compoundCall {
            positionManager: world.npm,
            tokenId: held.id,
            limits,
        }
        .abi_encode(),
        Kind::Direct => compoundDirectCall {
            pool: world.pool_key(),
            tickLower: int24(held.range.0),
            tickUpper: int24(held.range.1),
            limits,
        }
        .abi_encode(),
    }
}

pub fn opening(world: &World, kind: Kind, range: Range, [amount0, amount1]: [U256; 2], limits: Limits) -> Vec<u8> {
    let (lower, upper) = (int24(range.0), int24(range.1));
    match kind {
        Kind::Nft => openCall {
            positionManager: world.npm,
            token0: world.tokens[0],
            token1: world.tokens[1],
            fee: U24::from(FEE),
            tickLower: lower,
            tickUpper: upper,
            amount0,
            amount1,
            limits,
        }
        .abi_encode(),
        Kind::Direct => openDirectCall {
            pool: world.pool_key(),
            tickLower: lower,
            tickUpper: upper,
            amount0,
            amount1,
            limits,
        }
        .abi_encode(),
    }
}

/// The most liquidity that a search found.
pub struct Ideal {
    pub liquidity: u128,
    /// What there would be without any swap.
    pub unswapped: u128,
}

/// An ordinary user with these two amounts, no more, who wants as much liquidity in a range as there is to be had.
pub struct Search<'a> {
    pub world: &'a World,
    pub range: Range,
    pub have: [U256; 2],
}

impl Search<'_> {
    /// Sells a share of token0 (positive) or of token1 (negative), and mints: how much liquidity that is. Nothing remains of it.
    async fn attempt(&self, share: f64) -> u128 {
        let provider = self.world.client.provider();
        let snapshot = provider.anvil_snapshot().await.unwrap();
        let held = self.swap(share).await;
        let mint = self.mint(held);
        let request = Call::new(self.world.owner.address(), self.world.npm, &mint);
        // Nothing to be minted is a revert.
        let minted = self.world.client.simulate(request, &mint).await;
        provider.anvil_revert(snapshot).await.unwrap();
        minted.map_or(0, |minted| minted.liquidity)
    }

    async fn swap(&self, share: f64) -> [U256; 2] {
        let (world, owner) = (self.world, self.world.owner.address());
        let zero_for_one = share > 0.0;
        let (sold, bought) = if zero_for_one { (0, 1) } else { (1, 0) };
        let whole = 2_f64.powi(52);
        let amount = self.have[sold] * U256::from((share.abs() * whole) as u64) / U256::from(1_u64 << 52);
        if amount.is_zero() {
            return self.have;
        }
        let before = world.balances(owner).await;
        let params = ISwapRouter::ExactInputSingleParams {
            tokenIn: world.tokens[sold],
            tokenOut: world.tokens[bought],
            fee: U24::from(FEE),
            recipient: owner,
            deadline: U256::MAX,
            amountIn: amount,
            amountOutMinimum: U256::ZERO,
            sqrtPriceLimitX96: Default::default(),
        };
        world
            .send(
                &world.owner,
                world.router,
                &ISwapRouter::exactInputSingleCall { params },
            )
            .await;
        let after = world.balances(owner).await;
        let mut held = self.have;
        held[sold] -= before[sold] - after[sold];
        held[bought] += after[bought] - before[bought];
        held
    }

    fn mint(&self, [amount0, amount1]: [U256; 2]) -> mintCall {
        let params = MintParams {
            token0: self.world.tokens[0],
            token1: self.world.tokens[1],
            fee: U24::from(FEE),
            tickLower: int24(self.range.0),
            tickUpper: int24(self.range.1),
            amount0Desired: amount0,
            amount1Desired: amount1,
            amount0Min: U256::ZERO,
            amount1Min: U256::ZERO,
            recipient: self.world.owner.address(),
            deadline: U256::MAX,
        };
        mintCall { params }
    }

    /// Seventeen amounts of either token, then a golden-section search around the best of them. It knows nothing of prices,
    /// ratios, ticks or fees.
    pub async fn run(&self) -> Ideal {
        for token in self.world.tokens {
            for spender in [self.world.router, self.world.npm] {
                self.world.approve(&self.world.owner, token, spender, U256::MAX).await;
            }
        }
        let mut found = Vec::new();
        for step in -8..=8 {
            found.push(self.attempt(f64::from(step) / 8.0).await);
        }
        let best = (0..found.len()).max_by_key(|i| found[*i]).unwrap();
        let share = |i: usize| (i as f64 - 8.0) / 8.0;
        let (mut from, mut to) = (share(best.saturating_sub(1)), share((best + 1).min(16)));
        let golden = (5_f64.sqrt() - 1.0) / 2.0;
        let (mut left, mut right) = (to - golden * (to - from), from + golden * (to - from));
        let (mut at_left, mut at_right) = (self.attempt(left).await, self.attempt(right).await);
        let mut liquidity = found[best].max(at_left).max(at_right);
        for _ in 0..24 {
            if at_left < at_right {
                (from, left, at_left) = (left, right, at_right);
                right = from + golden * (to - from);
                at_right = self.attempt(right).await;
            } else {
                (to, right, at_right) = (right, left, at_left);
                left = to - golden * (to - from);
                at_left = self.attempt(left).await;
            }
            liquidity = liquidity.max(at_left).max(at_right);
        }
        Ideal {
            liquidity,
            unswapped: found[8],
        }
    }
}

/// What somebody with what a position pays out (all of it, or its fees alone) could reach by hand; the chain is put back.
pub async fn ideal(world: &World, held: &Held, to: Range, all: bool) -> (Ideal, [U256; 2]) {
    let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
    let owner = world.owner.address();
    let before = world.balances(owner).await;
    match (all, held.kind) {
        (true, _) => {
            world.leave_by_hand(held).await;
        }
        (false, Kind::Nft) => {
            world.send(&world.owner, world.npm, &collect_all(world, held.id)).await;
        }
        (false, Kind::Direct) => collect_from_pool(world, held.range).await,
    }
    let have = gain(world.balances(owner).await, before);
    let search = Search { world, range: to, have };
    let found = search.run().await;
    world.client.provider().anvil_revert(snapshot).await.unwrap();
    (found, have)
}

pub async fn collect_from_pool(world: &World, (lower, upper): Range) {
    let burn = IPoolPositions::burnCall {
        tickLower: int24(lower),
        tickUpper: int24(upper),
        amount: 0,
    };
    world.send(&world.owner, world.pool, &burn).await;
    let collect = IPoolPositions::collectCall {
        recipient: world.owner.address(),
        tickLower: int24(lower),
        tickUpper: int24(upper),
        amount0Requested: u128::MAX,
        amount1Requested: u128::MAX,
    };
    world.send(&world.owner, world.pool, &collect).await;
}

pub fn assert_as_good_as(ideal: &Ideal, ours: u128, what: &str) {
    let (best, mine) = (U256::from(ideal.liquidity), U256::from(ours));
    let percent = ours as f64 / ideal.liquidity as f64 * 100.0;
    println!(
        "{what}: {percent:.5} % of {}; {} without a swap",
        ideal.liquidity, ideal.unswapped
    );
    assert!(
        mine * U256::from(10_000) >= best * U256::from(9_995),
        "{what}: {ours}, by hand {best}"
    );
    // A search that stays behind proves nothing.
    assert!(
        best * U256::from(100_000) >= mine * U256::from(99_999),
        "{what}: {ours}, the search only reached {best}"
    );
    assert!(
        best * U256::from(100) > U256::from(ideal.unswapped) * U256::from(101),
        "{what}: no swap would do as well"
    );
}

/// Both tokens together, at the price as it is now.
pub async fn assert_left_less_than_a_basis_point(world: &World, left: [U256; 2], used: [U256; 2]) {
    let price = (f64::from(world.slot0().await.0) / 2_f64.powi(96)).powi(2);
    let value = |amounts: [U256; 2]| f64::from(amounts[0]) * price + f64::from(amounts[1]);
    println!("left: {:.6} bp", value(left) / value(used) * 10_000.0);
    assert!(
        value(left) * 10_000.0 < value(used),
        "{left:?} left of {used:?} ({:?})",
        world.pair
    );
}
