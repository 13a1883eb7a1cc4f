//! What our account does with a position: each call, and the state it starts from.

use crate::{
    common::world::{FEE, SPACING, int24},
    stage::{DEVIATION, HALF, Stage, WINDOW},
};
use alloy::{
    primitives::{Address, B256, Bytes, U256, aliases::U24, aliases::U160, b256},
    rpc::types::state::StateOverridesBuilder,
    sol_types::{SolCall, SolValue},
};
use hedgerow::{
    bindings::{
        IManager::{
            Limits, PoolKey, compoundCall, compoundDirectCall, exitCall, exitDirectCall, harvestCall,
            harvestDirectCall, openCall, openDirectCall, rebalanceCall, rebalanceDirectCall, toDirectCall, toNftCall,
            walkCall, walkDirectCall,
        },
        IShell::executeCall,
    },
    client::{Call, Transaction},
    delegation,
    error::{Error, Result},
};

/// ERC-7821's batch: all of it or nothing.
pub const BATCH: B256 = b256!("0100000000000000000000000000000000000000000000000000000000000000");
/// Until when calls are good: the same in every run, because calldata must not depend on the clock.
pub const DEADLINE: u64 = 1_000_000_000_000;

/// Who keeps a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Custody {
    /// The position manager, for an NFT.
    Nft(U256),
    /// The pool, for the account itself.
    Direct,
}

/// A call, once it is known what it returns without limits.
type Build = Box<dyn Fn(Limits) -> Bytes>;

/// Something the account can do.
pub struct Action {
    /// What the tables call it.
    pub name: &'static str,
    build: Build,
}

impl Action {
    fn new<C: SolCall>(name: &'static str, build: impl Fn(Limits) -> C + 'static) -> Self {
        Self {
            name,
            build: Box::new(move |limits| build(limits).abi_encode().into()),
        }
    }
}

/// The batch of no calls.
pub fn idle() -> Bytes {
    let nothing: Vec<(Address, U256, Bytes)> = Vec::new();
    let execution_data = (nothing,).abi_encode_params().into();
    executeCall {
        mode: BATCH,
        executionData: execution_data,
    }
    .abi_encode()
    .into()
}

fn loose() -> Limits {
    Limits {
        twapWindow: WINDOW,
        maxTickDeviation: U24::from(DEVIATION),
        minLiquidity: 0,
        amount0Min: U256::ZERO,
        amount1Min: U256::ZERO,
        deadline: U256::from(DEADLINE),
        // The position was opened at a price of one.
        entrySqrtPriceX96: U160::from(1) << 96,
    }
}

impl Stage {
    fn pool_key(&self) -> PoolKey {
        let [token0, token1] = self.world.tokens;
        PoolKey {
            factory: self.world.factory,
            token0,
            token1,
            fee: U24::from(FEE),
        }
    }

    /// Turns the owner's NFT into a direct position of the same liquidity, and leaves the owner without code again.
    pub async fn make_direct(&self, token_id: U256) -> Result<()> {
        self.delegate(self.world.shell).await?;
        let limits = Limits {
            twapWindow: 0,
            ..loose()
        };
        let call = toDirectCall {
            positionManager: self.world.npm,
            tokenId: token_id,
            limits,
        };
        let owner = &self.world.owner;
        let transaction = Transaction::call(owner.address(), &call);
        self.world
            .client
            .send(owner, transaction, "making the position direct")
            .await?;
        self.delegate(Address::ZERO).await
    }

    /// Fees of both tokens for a position within 1,200 ticks, which the price does not leave.
    pub async fn earn(&self) {
        let unit = self.world.pair.units()[0];
        for zero_for_one in [false, true, true, false] {
            self.world.trade(zero_for_one, unit * U256::from(2_500)).await;
        }
        self.world.pass(600).await;
    }

    /// The call of an action with the limits that a careful owner gives: half of what it returns now.
    pub async fn prepare(&self, action: &Action) -> Result<Bytes> {
        let owner = self.world.owner.address();
        let code = delegation::designator(self.world.shell);
        let request = Call {
            overrides: Some(StateOverridesBuilder::default().with_code(owner, code).build()),
            from: owner,
            to: owner,
            data: (action.build)(loose()),
            ..Call::default()
        };
        let answer = self.world.client.call(request, action.name).await?;
        let (_, liquidity, amount0, amount1) =
            <(U256, u128, U256, U256)>::abi_decode_params(&answer).map_err(|error| Error::Mismatch {
                what: action.name.into(),
                expected: "four words".into(),
                found: error.to_string(),
            })?;
        let half = |amount: U256| amount / U256::from(2);
        Ok((action.build)(Limits {
            minLiquidity: liquidity / 2,
            // A rebalance heeds what is withdrawn, and what the price left behind is all token1.
            amount0Min: if action.name == REBALANCE {
                U256::ZERO
            } else {
                half(amount0)
            },
            amount1Min: half(amount1),
            ..loose()
        }))
    }

    /// What moves a position that the price has left.
    pub async fn moving(&self, custody: Custody) -> Vec<Action> {
        let (lower, upper) = self.around().await;
        let centre = self.world.slot0().await.1.div_euclid(SPACING) * SPACING;
        // Right below the price, as wide as before: all token1, like the old one.
        let below = (centre - 2 * HALF, centre);
        let (npm, pool) = (self.world.npm, self.pool_key());
        match custody {
            Custody::Nft(token_id) => vec![
                Action::new(REBALANCE, move |limits| rebalanceCall {
                    positionManager: npm,
                    tokenId: token_id,
                    tickLower: int24(lower),
                    tickUpper: int24(upper),
                    limits,
                }),
                Action::new(WALK, move |limits| walkCall {
                    positionManager: npm,
                    tokenId: token_id,
                    tickLower: int24(below.0),
                    tickUpper: int24(below.1),
                    limits,
                }),
            ],
            Custody::Direct => {
                let same = pool.clone();
                vec![
                    Action::new(REBALANCE, move |limits| rebalanceDirectCall {
                        pool: pool.clone(),
                        tickLower: int24(-HALF),
                        tickUpper: int24(HALF),
                        newTickLower: int24(lower),
                        newTickUpper: int24(upper),
                        limits,
                    }),
                    Action::new(WALK, move |limits| walkDirectCall {
                        pool: same.clone(),
                        tickLower: int24(-HALF),
                        tickUpper: int24(HALF),
                        newTickLower: int24(below.0),
                        newTickUpper: int24(below.1),
                        limits,
                    }),
                ]
            }
        }
    }

    /// What one does with a position that earns.
    pub fn keeping(&self, custody: Custody) -> Vec<Action> {
        match custody {
            Custody::Nft(token_id) => self.keeping_nft(token_id),
            Custody::Direct => self.keeping_direct(),
        }
    }

    fn keeping_nft(&self, token_id: U256) -> Vec<Action> {
        let (manager, [token0, token1]) = (self.world.npm, self.world.tokens);
        let amount = self.world.pair.units()[0] * U256::from(100);
        let exit = move |proceeds| {
            move |limits| exitCall {
                positionManager: manager,
                tokenId: token_id,
                proceeds,
                limits,
            }
        };
        vec![
            Action::new(COMPOUND, move |limits| compoundCall {
                positionManager: manager,
                tokenId: token_id,
                limits,
            }),
            Action::new(HARVEST, move |limits| harvestCall {
                positionManager: manager,
                tokenId: token_id,
                limits,
            }),
            Action::new(EXIT_BOTH, exit(BOTH)),
            Action::new(EXIT_ONE, exit(TOKEN1)),
            Action::new(OPEN, move |limits| openCall {
                positionManager: manager,
                token0,
                token1,
                fee: U24::from(FEE),
                tickLower: int24(-3 * HALF),
                tickUpper: int24(2 * HALF),
                amount0: amount,
                amount1: amount,
                limits,
            }),
            Action::new(CONVERT, move |limits| toDirectCall {
                positionManager: manager,
                tokenId: token_id,
                limits,
            }),
        ]
    }

    fn keeping_direct(&self) -> Vec<Action> {
        let manager = self.world.npm;
        let pool = || self.pool_key();
        let (lower, upper) = (int24(-HALF), int24(HALF));
        let amount = self.world.pair.units()[0] * U256::from(100);
        let exit = |proceeds| {
            let pool = pool();
            move |limits| exitDirectCall {
                pool: pool.clone(),
                tickLower: lower,
                tickUpper: upper,
                proceeds,
                limits,
            }
        };
        let (compounded, harvested, opened, converted) = (pool(), pool(), pool(), pool());
        vec![
            Action::new(COMPOUND, move |limits| compoundDirectCall {
                pool: compounded.clone(),
                tickLower: lower,
                tickUpper: upper,
                limits,
            }),
            Action::new(HARVEST, move |limits| harvestDirectCall {
                pool: harvested.clone(),
                tickLower: lower,
                tickUpper: upper,
                limits,
            }),
            Action::new(EXIT_BOTH, exit(BOTH)),
            Action::new(EXIT_ONE, exit(TOKEN1)),
            Action::new(OPEN, move |limits| openDirectCall {
                pool: opened.clone(),
                tickLower: int24(-3 * HALF),
                tickUpper: int24(2 * HALF),
                amount0: amount,
                amount1: amount,
                limits,
            }),
            Action::new(CONVERT, move |limits| toNftCall {
                positionManager: manager,
                pool: converted.clone(),
                tickLower: lower,
                tickUpper: upper,
                limits,
            }),
        ]
    }
}

/// Names of actions.
pub const REBALANCE: &str = "rebalance";
/// See [`REBALANCE`].
pub const WALK: &str = "walk";
const COMPOUND: &str = "compound";
const HARVEST: &str = "harvest";
const EXIT_BOTH: &str = "exit to both tokens";
const EXIT_ONE: &str = "exit to one token";
const OPEN: &str = "open";
const CONVERT: &str = "convert to the other kind";

/// `Proceeds`, as ABI numbers.
const BOTH: u8 = 0;
const TOKEN1: u8 = 2;
