//! What liquidity costs and has to earn, by name: loss versus rebalancing, arbitrage, capital efficiency, delta hedges.

use super::{
    Function,
    answer::Answer,
    argument::{Arguments, Fault},
    positions::{curve, stake},
};
use hedgerow_core::{SqrtPriceX96, Tick, Wad, curve::Stake, efficiency, hedge, lvr};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "lvr",
        takes: "sigma w sqrtP tickLower tickUpper",
        gives: "v2 v3",
        run: lvr_rates,
    },
    Function {
        name: "break_even",
        takes: "kind p pa? pb? w? sigma fee",
        gives: "fee_apr turnover",
        run: break_even,
    },
    Function {
        name: "fee_implied_vol",
        takes: "kind p pa? pb? w? fee_apr",
        gives: "sigma",
        run: fee_implied_vol,
    },
    Function {
        name: "arbitrage",
        takes: "sigma fee block_time",
        gives: "probability",
        run: arbitrage,
    },
    Function {
        name: "arbitrage_per_block",
        takes: "sigma fee",
        gives: "profit",
        run: arbitrage_per_block,
    },
    Function {
        name: "capital_efficiency",
        takes: "p pa pb",
        gives: "factor",
        run: capital_efficiency,
    },
    Function {
        name: "delta_hedge",
        takes: "kind L p0 p pa? pb? w?",
        gives: "short_value short_il hedge_ratio gamma",
        run: delta_hedge,
    },
];

fn lvr_rates(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let volatility = args.wad("sigma")?;
    let sqrt_price = SqrtPriceX96::new(args.unsigned("sqrtP")?)?;
    let (lower, upper) = (
        Tick::new(args.integer("tickLower")?)?,
        Tick::new(args.integer("tickUpper")?)?,
    );
    out.put("v2", lvr::weighted(volatility, args.wad("w")?)?);
    out.put("v3", lvr::concentrated(volatility, sqrt_price, lower, upper)?);
    Ok(())
}

/// A unit of liquidity: rates do not depend on how much there is.
fn unit(args: &Arguments<'_>) -> Result<Stake, Fault> {
    Ok(Stake::new(curve(args)?, Wad::ONE)?)
}

fn break_even(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let rate = lvr::of_stake(args.wad("sigma")?, &unit(args)?, args.wad("p")?)?;
    out.put("fee_apr", rate);
    out.put("turnover", lvr::break_even_turnover(rate, args.wad("fee")?)?);
    Ok(())
}

fn fee_implied_vol(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let volatility = lvr::implied_volatility_of_stake(args.wad("fee_apr")?, &unit(args)?, args.wad("p")?)?;
    out.put("sigma", volatility);
    Ok(())
}

fn arbitrage(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let probability = lvr::trade_probability(args.wad("sigma")?, args.wad("fee")?, args.wad("block_time")?)?;
    out.put("probability", probability);
    Ok(())
}

fn arbitrage_per_block(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    out.put(
        "profit",
        lvr::arbitrage_per_block(args.wad("sigma")?, args.wad("fee")?)?,
    );
    Ok(())
}

fn capital_efficiency(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    out.put(
        "factor",
        efficiency::between(args.wad("pa")?, args.wad("pb")?, args.wad("p")?)?,
    );
    Ok(())
}

fn delta_hedge(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let hedge = hedge::delta_hedge(&stake(args)?, args.wad("p0")?, args.wad("p")?)?;
    out.put_all(&[
        ("short_value", hedge.short_value),
        ("short_il", hedge.short_il),
        ("hedge_ratio", hedge.hedge_ratio),
        ("gamma", hedge.gamma),
    ]);
    Ok(())
}
