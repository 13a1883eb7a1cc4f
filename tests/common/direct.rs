//! Direct positions, and what the lens for them says: a pool asks who is to own liquidity, not who pays for it.

use alloy::{
    primitives::{Address, I256, U256, aliases::I24, aliases::U24, aliases::U160},
    providers::ext::AnvilApi,
    signers::local::PrivateKeySigner,
    sol,
};
use hedgerow::{
    bindings::{
        IDirectLens::{self, PoolKey, Position},
        ILens,
    },
    client::Call,
    commands::position::ask_lens,
    keys,
    position::{Figures, Place},
    program::Program,
};
use hedgerow_core::position::figures;

use super::{
    World,
    world::{FEE, int24},
};

sol! {
    #![sol(all_derives)]

    interface IDepositor {
        function deposit(address pool, address owner, int24 tickLower, int24 tickUpper, uint128 liquidity) external;
    }

    /// What a pool does for whoever holds liquidity in it.
    interface IHolding {
        function positions(bytes32 key) external view returns (
            uint128 liquidity, uint256 feeGrowthInside0LastX128, uint256 feeGrowthInside1LastX128,
            uint128 tokensOwed0, uint128 tokensOwed1
        );
        function burn(int24 tickLower, int24 tickUpper, uint128 amount) external returns (uint256 amount0, uint256 amount1);
        function collect(address recipient, int24 tickLower, int24 tickUpper, uint128 amount0Requested, uint128 amount1Requested)
            external returns (uint128 amount0, uint128 amount1);
    }
}

pub type Range = (i32, i32);

/// A world with the lens for direct positions, and somebody who pays for them.
pub struct Held {
    pub world: World,
    pub lens: Address,
    depositor: Address,
}

impl Held {
    pub async fn new(world: World) -> Self {
        let program = world.artifacts.program("directlens").unwrap();
        let program = Program::from_wasm("directlens", &program).unwrap();
        let lens = program.deploy(&world.client, &keys::development(0).unwrap()).await;
        let depositor = world.artifacts.contract("PoolDepositor", "PoolDepositor").unwrap();
        let depositor = world.create(depositor).await;
        for token in world.tokens {
            world.approve(&world.trader, token, depositor, U256::MAX).await;
        }
        Self {
            lens: lens.unwrap().address,
            depositor,
            world,
        }
    }

    /// Liquidity in the world's pool that belongs to `owner`, paid for by the trader.
    pub async fn deposit(&self, owner: Address, range: Range, liquidity: u128) {
        self.deposit_in(self.world.pool, owner, range, liquidity).await;
    }

    pub async fn deposit_in(&self, pool: Address, owner: Address, (lower, upper): Range, liquidity: u128) {
        let call = IDepositor::depositCall {
            pool,
            owner,
            tickLower: int24(lower),
            tickUpper: int24(upper),
            liquidity,
        };
        self.world.send(&self.world.trader, self.depositor, &call).await;
    }

    /// The world's pool, by what its address is made of.
    pub fn pool_key(&self) -> PoolKey {
        self.pool_key_of(FEE)
    }

    pub fn pool_key_of(&self, fee: u32) -> PoolKey {
        PoolKey {
            factory: self.world.factory,
            token0: self.world.tokens[0],
            token1: self.world.tokens[1],
            fee: U24::from(fee),
        }
    }

    /// The question after one position.
    pub fn question(&self, owner: Address, (lower, upper): Range, entry: U256) -> IDirectLens::positionCall {
        IDirectLens::positionCall {
            pool: self.pool_key(),
            owner,
            tickLower: int24(lower),
            tickUpper: int24(upper),
            entrySqrtPriceX96: entry.saturating_to::<U160>(),
        }
    }

    /// What the lens says of one position.
    pub async fn look(&self, owner: Address, range: Range, entry: U256) -> Position {
        self.world.read(self.lens, &self.question(owner, range, entry)).await
    }

    /// What the pool has written down.
    pub async fn written(&self, owner: Address, (lower, upper): Range) -> IHolding::positionsReturn {
        let packed = [owner.as_slice(), &bytes(int24(lower)), &bytes(int24(upper))].concat();
        let key = alloy::primitives::keccak256(packed);
        self.world.read(self.world.pool, &IHolding::positionsCall { key }).await
    }

    /// Takes liquidity out, into what is owed; none of it brings what is owed up to date.
    pub async fn burn(&self, owner: &PrivateKeySigner, (lower, upper): Range, amount: u128) {
        let burn = IHolding::burnCall {
            tickLower: int24(lower),
            tickUpper: int24(upper),
            amount,
        };
        self.world.send(owner, self.world.pool, &burn).await;
    }

    /// Collects all that is owed; what came.
    pub async fn collect(&self, owner: &PrivateKeySigner, (lower, upper): Range) -> [U256; 2] {
        let before = self.world.balances(owner.address()).await;
        let collect = IHolding::collectCall {
            recipient: owner.address(),
            tickLower: int24(lower),
            tickUpper: int24(upper),
            amount0Requested: u128::MAX,
            amount1Requested: u128::MAX,
        };
        self.world.send(owner, self.world.pool, &collect).await;
        let after = self.world.balances(owner.address()).await;
        [after[0] - before[0], after[1] - before[1]]
    }

    /// What would come if the owner brought the account up to date and collected; the chain is put back as it was.
    pub async fn collectable(&self, owner: &PrivateKeySigner, range: Range) -> [U256; 2] {
        let provider = self.world.client.provider();
        let snapshot = provider.anvil_snapshot().await.unwrap();
        if self.written(owner.address(), range).await.liquidity != 0 {
            self.burn(owner, range, 0).await;
        }
        let paid = self.collect(owner, range).await;
        provider.anvil_revert(snapshot).await.unwrap();
        paid
    }

    /// Asserts that everything the lens says is what the pool holds, what the core computes, and what the pool pays.
    pub async fn assert_true(&self, owner: &PrivateKeySigner, range: Range, entry: U256) -> Position {
        let world = &self.world;
        let seen = self.look(owner.address(), range, entry).await;
        let written = self.written(owner.address(), range).await;
        let (sqrt_price, tick) = world.slot0().await;
        assert_eq!(
            (seen.pool, seen.token0, seen.token1, seen.fee),
            (world.pool, world.tokens[0], world.tokens[1], U24::from(FEE))
        );
        assert_eq!((seen.tickLower, seen.tickUpper), (int24(range.0), int24(range.1)));
        assert_eq!(
            (seen.liquidity, U256::from(seen.sqrtPriceX96), seen.tick),
            (written.liquidity, sqrt_price, int24(tick))
        );
        let core = figures(written.liquidity, entry, sqrt_price, range.0, range.1).unwrap();
        let lens = &seen.figures;
        assert_eq!((lens.amount0, lens.amount1), (core.amount0, core.amount1));
        assert_eq!((lens.value, lens.hold, lens.il), (core.value, core.hold, core.il));
        assert_eq!(
            (lens.delta, lens.gamma, lens.dollarGamma),
            (core.delta, core.gamma, core.dollar_gamma)
        );
        assert!(lens.il <= I256::ZERO);
        assert_eq!([seen.fees0, seen.fees1], self.collectable(owner, range).await, "fees");
        if seen.liquidity != 0 || seen.fees0 + seen.fees1 != U256::ZERO {
            assert_eq!(
                self.natively(owner.address(), range, entry).await,
                Figures::from_lens(&seen.clone().into())
            );
        }
        seen
    }

    /// What the command reads and computes, once it has seen that the lens agrees.
    async fn natively(&self, owner: Address, (tick_lower, tick_upper): Range, entry: U256) -> Figures {
        let place = Place::Direct {
            pool: self.world.pool,
            tick_lower,
            tick_upper,
        };
        let (client, npm) = (&self.world.client, self.world.npm);
        let read = hedgerow::position::Position::read(client, npm, Some(owner), place).await;
        let position = read.unwrap();
        let native = position.figures(entry).unwrap();
        assert_eq!(ask_lens(client, self.lens, &position, entry).await.unwrap(), native);
        native
    }

    /// What the lens for NFTs says of one.
    pub async fn look_at_nft(&self, token_id: U256, entry: U256) -> ILens::Position {
        super::seen::look(&self.world, token_id, entry).await
    }

    /// A call of the lens that may be refused.
    pub async fn ask<C: alloy::sol_types::SolCall>(&self, call: &C) -> hedgerow::error::Result<C::Return> {
        let request = Call::new(Address::ZERO, self.lens, call);
        self.world.client.simulate(request, call).await
    }
}

/// A tick as Solidity packs it.
fn bytes(tick: I24) -> [u8; 3] {
    tick.to_be_bytes()
}
