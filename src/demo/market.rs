//! A trader's day: the price goes up and down and ends half as high again, the pool earns fees, time passes.

use super::stage::Stage;
use crate::{
    bindings::{ISwapRouter, IUniswapV3Pool},
    client::{Client, Transaction},
    error::{Error, Result},
    price,
};
use alloy::{
    primitives::{U256, aliases::U24},
    providers::ext::AnvilApi,
};

/// USD per WETH after each swap of the morning: up and down, inside the position's range.
const MORNING: [&str; 4] = ["2200", "1900", "2100", "2400"];
/// And of the afternoon: the entry price of 2,000 and half of it, beyond the range.
const AFTERNOON: [&str; 2] = ["2300", "3000"];
/// Seconds between two swaps, and from the last one until somebody acts: longer than any guard's window.
const PAUSE: u64 = 3_600;

/// The price moves, and stays in the range.
pub async fn morning(client: &Client, stage: &Stage) -> Result<()> {
    fund_trader(client, stage).await?;
    trade(client, stage, &MORNING).await
}

/// Gives the trader enough of both tokens, and lets the router take them.
pub async fn fund_trader(client: &Client, stage: &Stage) -> Result<()> {
    let trader = &stage.cast.trader;
    let (weth, usd) = stage.fund(client, trader, "5000", "20000000").await?;
    stage.approve(client, trader, stage.weth, stage.router, weth).await?;
    stage.approve(client, trader, stage.usd, stage.router, usd).await
}

/// The price leaves the range.
pub async fn afternoon(client: &Client, stage: &Stage) -> Result<()> {
    trade(client, stage, &AFTERNOON).await
}

async fn trade(client: &Client, stage: &Stage, prices: &[&str]) -> Result<()> {
    for target in prices {
        swap_to(client, stage, target).await?;
        pass(client, PAUSE).await?;
    }
    Ok(())
}

/// One swap that stops at the price: the router takes no more of the input than that needs.
pub async fn swap_to(client: &Client, stage: &Stage, target: &str) -> Result<()> {
    let parsed = target
        .parse()
        .map_err(|_| Error::invalid("the price", target, "a number"))?;
    let limit = price::sqrt_price_from("the price", &parsed, 18, 6)?;
    let now = client.read(stage.pool, &IUniswapV3Pool::slot0Call {}).await?;
    let upwards = limit > U256::from(now.sqrtPriceX96);
    let (token_in, token_out) = if upwards {
        (stage.usd, stage.weth)
    } else {
        (stage.weth, stage.usd)
    };
    let trader = &stage.cast.trader;
    let balance = stage.balances(client, trader.address()).await?[usize::from(upwards)];
    let params = ISwapRouter::ExactInputSingleParams {
        tokenIn: token_in,
        tokenOut: token_out,
        fee: U24::from(3_000),
        recipient: trader.address(),
        deadline: U256::MAX,
        amountIn: balance,
        amountOutMinimum: U256::ZERO,
        sqrtPriceLimitX96: limit.saturating_to(),
    };
    let call = ISwapRouter::exactInputSingleCall { params };
    client
        .send(trader, Transaction::call(stage.router, &call), "a trader's swap")
        .await?;
    let reached = U256::from(
        client
            .read(stage.pool, &IUniswapV3Pool::slot0Call {})
            .await?
            .sqrtPriceX96,
    );
    if reached == limit {
        return Ok(());
    }
    Err(Error::Mismatch {
        what: "the price after a swap".into(),
        expected: limit.to_string(),
        found: reached.to_string(),
    })
}

/// Lets time pass, and a block come after it.
pub async fn pass(client: &Client, seconds: u64) -> Result<()> {
    let error = |method| move |error| client.error(method, error);
    client
        .provider()
        .anvil_increase_time(seconds)
        .await
        .map_err(error("evm_increaseTime"))?;
    client.provider().evm_mine(None).await.map_err(error("evm_mine"))?;
    Ok(())
}
