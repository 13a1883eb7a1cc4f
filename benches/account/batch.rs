//! The reference flow: what the owner of a Simple7702Account does, with every amount worked out beforehand, off the chain.

use crate::{
    common::{
        IMore::{CollectParams, DecreaseParams, collectCall, decreaseLiquidityCall},
        world::{FEE, int24},
    },
    stage::Stage,
};
use alloy::{
    primitives::{Address, Bytes, U256, aliases::U24},
    sol,
    sol_types::SolCall,
};
use hedgerow::{
    bindings::{
        IERC20::approveCall,
        INonfungiblePositionManager::{MintParams, mintCall},
        ISwapRouter::{ExactInputSingleParams, exactInputSingleCall},
    },
    client::Call,
    error::Result,
};

sol! {
    struct Step { address target; uint256 value; bytes data; }

    interface ISimpleAccount {
        function executeBatch(Step[] calls) external;
    }

    struct Quote {
        address tokenIn; address tokenOut; uint256 amountIn; uint24 fee; uint160 sqrtPriceLimitX96;
    }

    interface IQuoter {
        function quoteExactInputSingle(Quote params) external
            returns (uint256 amountOut, uint160 sqrtPriceX96After, uint32 ticksCrossed, uint256 gasEstimate);
    }
}

/// Which allowances Uniswap's contracts have of the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowances {
    /// Unlimited ones, from before.
    There,
    /// The batch gives those it needs, over unlimited ones from before.
    Overwritten,
    /// The batch gives those it needs, where none were.
    Given,
}

impl Stage {
    /// Unlimited allowances of the owner for Uniswap's position manager and router.
    pub async fn allow_all(&self) {
        let world = &self.world;
        for token in world.tokens {
            for spender in [world.npm, world.router] {
                world.approve(&world.owner, token, spender, U256::MAX).await;
            }
        }
    }

    /// Withdraw, collect, swap about half of what is too much of one token, mint around the price.
    pub async fn plan(&self, token_id: U256, approving: bool) -> Result<Vec<Step>> {
        let world = &self.world;
        let owner = world.owner.address();
        let decrease = |least: [U256; 2], liquidity| decreaseLiquidityCall {
            params: DecreaseParams {
                tokenId: token_id,
                liquidity,
                amount0Min: least[0],
                amount1Min: least[1],
                deadline: deadline(),
            },
        };
        let liquidity = world.position(token_id).await.liquidity;
        let tried = decrease([U256::ZERO; 2], liquidity);
        let out = world
            .client
            .simulate(Call::new(owner, world.npm, &tried), &tried)
            .await?;
        let mut held = [out.amount0, out.amount1];
        let least = held.map(|amount| amount * U256::from(99) / U256::from(100));
        // What there is more of is sold.
        let sold = usize::from(held[0] <= held[1]);
        let amount = (held[sold] - held[1 - sold]) / U256::from(2);
        let (token_in, token_out) = (world.tokens[sold], world.tokens[1 - sold]);
        let bought = self.quote(token_in, token_out, amount).await?;
        held[sold] -= amount;
        held[1 - sold] += bought * U256::from(999) / U256::from(1_000);

        let collect = collectCall {
            params: CollectParams {
                tokenId: token_id,
                recipient: owner,
                amount0Max: u128::MAX,
                amount1Max: u128::MAX,
            },
        };
        let swap = exactInputSingleCall {
            params: ExactInputSingleParams {
                tokenIn: token_in,
                tokenOut: token_out,
                fee: U24::from(FEE),
                recipient: owner,
                deadline: deadline(),
                amountIn: amount,
                amountOutMinimum: bought * U256::from(995) / U256::from(1_000),
                sqrtPriceLimitX96: Default::default(),
            },
        };
        let mint = mintCall {
            params: self.mint_params(held).await,
        };
        let approve = |token, spender, amount| step(token, &approveCall { spender, amount });
        let mut steps = vec![step(world.npm, &decrease(least, liquidity)), step(world.npm, &collect)];
        steps.extend(approving.then(|| approve(token_in, world.router, amount)));
        steps.push(step(world.router, &swap));
        if approving {
            steps.extend((0..2).map(|i| approve(world.tokens[i], world.npm, held[i])));
        }
        steps.push(step(world.npm, &mint));
        Ok(steps)
    }

    async fn quote(&self, token_in: Address, token_out: Address, amount: U256) -> Result<U256> {
        let call = IQuoter::quoteExactInputSingleCall {
            params: Quote {
                tokenIn: token_in,
                tokenOut: token_out,
                amountIn: amount,
                fee: U24::from(FEE),
                sqrtPriceLimitX96: Default::default(),
            },
        };
        let request = Call::new(self.world.owner.address(), self.quoter, &call);
        Ok(self.world.client.simulate(request, &call).await?.amountOut)
    }

    async fn mint_params(&self, [amount0, amount1]: [U256; 2]) -> MintParams {
        let (lower, upper) = self.around().await;
        MintParams {
            token0: self.world.tokens[0],
            token1: self.world.tokens[1],
            fee: U24::from(FEE),
            tickLower: int24(lower),
            tickUpper: int24(upper),
            amount0Desired: amount0,
            amount1Desired: amount1,
            amount0Min: U256::ZERO,
            amount1Min: U256::ZERO,
            recipient: self.world.owner.address(),
            deadline: deadline(),
        }
    }
}

/// A round number far in the future, the same in every run: calldata must not depend on the clock.
fn deadline() -> U256 {
    U256::from(1_000_000_000_000_u64)
}

fn step<C: SolCall>(target: Address, call: &C) -> Step {
    Step {
        target,
        value: U256::ZERO,
        data: call.abi_encode().into(),
    }
}

/// The account's call for a batch.
pub fn execute(calls: Vec<Step>) -> Bytes {
    ISimpleAccount::executeBatchCall { calls }.abi_encode().into()
}
