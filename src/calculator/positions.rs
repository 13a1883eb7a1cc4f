//! Positions by name: in plain prices, and in a pool's own integers.

use super::{
    Function,
    answer::Answer,
    argument::{Arguments, Fault},
};
use hedgerow_core::{
    curve::{Curve, Stake, figures},
    liquidity, tick,
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "v3_position_wad",
        takes: "L p0 p pa pb",
        gives: POSITION,
        run: v3_position_wad,
    },
    Function {
        name: "position",
        takes: "kind L p0 p pa? pb? w?",
        gives: POSITION,
        run: position,
    },
    Function {
        name: "liquidity_for_amounts",
        takes: "sqrtP tickLower tickUpper amount0 amount1",
        gives: "L",
        run: liquidity_for_amounts,
    },
    Function {
        name: "amounts_for_liquidity",
        takes: "L sqrtP tickLower tickUpper",
        gives: "amount0_floor amount0_ceil amount1_floor amount1_ceil",
        run: amounts_for_liquidity,
    },
];

const POSITION: &str =
    "amount0 amount1 value hold il il_abs delta gamma dollar_delta dollar_gamma delta_ratio gamma_ratio il_delta";

/// The stake that `kind` (`v2`, `weighted`, `v3`), `L` and the curve's own arguments describe.
pub(super) fn stake(args: &Arguments<'_>) -> Result<Stake, Fault> {
    let curve = match args.word("kind", &["v2", "weighted", "v3"])? {
        0 => Curve::ConstantProduct,
        1 => Curve::Weighted {
            weight0: args.wad("w")?,
        },
        _ => concentrated(args)?,
    };
    Ok(Stake::new(curve, args.wad("L")?)?)
}

fn concentrated(args: &Arguments<'_>) -> Result<Curve, Fault> {
    Ok(Curve::Concentrated {
        lower: args.wad("pa")?,
        upper: args.wad("pb")?,
    })
}

fn v3_position_wad(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let stake = Stake::new(concentrated(args)?, args.wad("L")?)?;
    put_figures(&stake, args, out)
}

fn position(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    put_figures(&stake(args)?, args, out)
}

fn put_figures(stake: &Stake, args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let figures = figures(stake, args.wad("p0")?, args.wad("p")?)?;
    out.put_all(&[
        ("amount0", figures.amount0),
        ("amount1", figures.amount1),
        ("value", figures.value),
        ("hold", figures.hold),
        ("il", figures.il),
        ("il_abs", figures.il_abs),
        ("delta", figures.delta),
        ("gamma", figures.gamma),
        ("dollar_delta", figures.dollar_delta),
        ("dollar_gamma", figures.dollar_gamma),
        ("delta_ratio", figures.delta_ratio),
        ("gamma_ratio", figures.gamma_ratio),
        ("il_delta", figures.il_delta),
    ]);
    Ok(())
}

fn liquidity_for_amounts(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let (lower, upper) = tick::range_sqrt_prices(args.integer("tickLower")?, args.integer("tickUpper")?)?;
    let sqrt_price = args.unsigned("sqrtP")?;
    tick::check_sqrt_price(sqrt_price)?;
    let (amount0, amount1) = (args.unsigned("amount0")?, args.unsigned("amount1")?);
    out.put(
        "L",
        liquidity::liquidity_for_amounts(sqrt_price, lower, upper, amount0, amount1)?,
    );
    Ok(())
}

fn amounts_for_liquidity(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let (lower, upper) = tick::range_sqrt_prices(args.integer("tickLower")?, args.integer("tickUpper")?)?;
    let (sqrt_price, liquidity) = (args.unsigned("sqrtP")?, args.u128("L")?);
    tick::check_sqrt_price(sqrt_price)?;
    let floor = liquidity::amounts_for_liquidity(sqrt_price, lower, upper, liquidity)?;
    let ceil = liquidity::amounts_to_mint(sqrt_price, lower, upper, liquidity)?;
    out.put("amount0_floor", floor.0);
    out.put("amount0_ceil", ceil.0);
    out.put("amount1_floor", floor.1);
    out.put("amount1_ceil", ceil.1);
    Ok(())
}
