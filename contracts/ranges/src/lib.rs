//! The lens's ranges: the read-only Stylus program for ticks, amounts and liquidity, and for what positions have to earn.
//!
//! Figures come from the core, so they are the same to the last digit as those of the native command. Nothing is stored
//! and nothing is called.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod interface;
mod uniswap;
mod yields;

use alloc::vec::Vec;
use hedgerow_core::{efficiency, lvr};
use hedgerow_program::{
    abi::{Call, Revert},
    host::Host,
    routes,
    terms::of_wads,
};

use crate::interface::IRangeLens;

/// Answers one call. Malformed or unknown calldata, and ether, revert with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::NOTHING);
    }
    let (selector, call) = Call::new(input)?;
    routes!(IRangeLens, selector, call;
        rows {
            amountsForLiquidityCall, amountsForLiquidityBatchCall => uniswap::amounts_for_liquidity;
            amountsToMintCall, amountsToMintBatchCall => uniswap::amounts_to_mint;
            liquidityForAmountsCall, liquidityForAmountsBatchCall => uniswap::liquidity_for_amounts;
            sqrtPriceAtTickCall, sqrtPriceAtTickBatchCall => uniswap::sqrt_price;
            tickAtSqrtPriceCall, tickAtSqrtPriceBatchCall => uniswap::tick;
            lvrConstantProductCall => of_wads(|[volatility]| lvr::constant_product(volatility));
            lvrWeightedCall => of_wads(|[volatility, weight0]| lvr::weighted(volatility, weight0));
            lvrConcentratedCall => yields::lvr_concentrated;
            breakEvenTurnoverCall => of_wads(|[rate, fee]| lvr::break_even_turnover(rate, fee));
            lvrImpliedVolatilityCall => of_wads(|[fee_yield]| lvr::implied_volatility(fee_yield));
            capitalEfficiencyCall => yields::capital_efficiency;
            lvrOfStakeCall => yields::lvr_of_stake;
            arbitrageProbabilityCall => of_wads(|[volatility, fee, time]| lvr::trade_probability(volatility, fee, time));
            arbitrageRateCall => of_wads(|[rate, volatility, fee, time]| lvr::arbitrage_rate(rate, volatility, fee, time));
            capitalEfficiencyBetweenCall => of_wads(|[lower, upper, price]| efficiency::between(lower, upper, price));
            capitalEfficiencySymmetricCall => of_wads(|[factor]| efficiency::symmetric(factor));
        }
        others {}
    )
}

hedgerow_program::entrypoint!(answer);
