//! Positions by name: in plain prices, and in a pool's own integers.

use super::{
    Function,
    answer::Answer,
    argument::{Arguments, Fault},
};
use hedgerow_core::{
    Real, Rounding, Tick, U256,
    curve::{Curve, Stake, figures},
    fees, liquidity, position, tick,
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "v3_position",
        takes: "L sqrtP0 sqrtP1 tickLower tickUpper",
        gives: "sqrtA sqrtB amount0_floor amount0_ceil amount1_floor amount1_ceil entry_amount0_floor entry_amount0_ceil \
                entry_amount1_floor entry_amount1_ceil in_range value hold amount0 amount1 il_abs dollar_gamma il delta_ratio \
                gamma_ratio il_delta il_from_floor_amounts",
        run: v3_position,
    },
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
        run: wad_position,
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
    Function {
        name: "fees_owed",
        takes: "L tick tickLower tickUpper growth_global growth_outside_lower growth_outside_upper growth_inside_last",
        gives: "growth_inside fees",
        run: fees_owed,
    },
];

const POSITION: &str =
    "amount0 amount1 value hold il il_abs delta gamma dollar_delta dollar_gamma delta_ratio gamma_ratio il_delta";

/// The curve that `kind` (`v2`, `weighted`, `v3`) and its own arguments describe.
pub(super) fn curve(args: &Arguments<'_>) -> Result<Curve, Fault> {
    Ok(match args.word("kind", &["v2", "weighted", "v3"])? {
        0 => Curve::ConstantProduct,
        1 => Curve::Weighted {
            weight0: args.wad("w")?,
        },
        _ => concentrated(args)?,
    })
}

/// `L` on that curve.
pub(super) fn stake(args: &Arguments<'_>) -> Result<Stake, Fault> {
    Ok(Stake::new(curve(args)?, args.wad("L")?)?)
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

fn wad_position(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
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

fn fees_owed(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let (lower, upper) = (args.integer("tickLower")?, args.integer("tickUpper")?);
    tick::range_sqrt_prices(lower, upper)?;
    let inside = fees::growth_inside(
        args.integer("tick")?,
        lower,
        upper,
        args.unsigned("growth_global")?,
        args.unsigned("growth_outside_lower")?,
        args.unsigned("growth_outside_upper")?,
    );
    out.put("growth_inside", inside);
    out.put(
        "fees",
        fees::earned(inside, args.unsigned("growth_inside_last")?, args.u128("L")?),
    );
    Ok(())
}

/// A position in a pool's own integers; reals are raw units at scale 1e18.
fn v3_position(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let (entry, now, liquidity) = (args.unsigned("sqrtP0")?, args.unsigned("sqrtP1")?, args.u128("L")?);
    let (tick_lower, tick_upper) = (args.integer("tickLower")?, args.integer("tickUpper")?);
    let (lower, upper) = tick::range_sqrt_prices(tick_lower, tick_upper)?;
    let figures = position::figures(liquidity, entry, now, tick_lower, tick_upper)?;
    let amounts = |at| liquidity::amounts_for_liquidity(at, lower, upper, liquidity);
    let minted = |at| liquidity::amounts_to_mint(at, lower, upper, liquidity);
    let (floor, ceil, floor_entry, ceil_entry) = (amounts(now)?, minted(now)?, amounts(entry)?, minted(entry)?);
    for (name, value) in [
        ("sqrtA", lower),
        ("sqrtB", upper),
        ("amount0_floor", floor.0),
        ("amount0_ceil", ceil.0),
        ("amount1_floor", floor.1),
        ("amount1_ceil", ceil.1),
        ("entry_amount0_floor", floor_entry.0),
        ("entry_amount0_ceil", ceil_entry.0),
        ("entry_amount1_floor", floor_entry.1),
        ("entry_amount1_ceil", ceil_entry.1),
    ] {
        out.put(name, value);
    }
    out.put("in_range", lower <= now && now < upper);
    out.put("value", figures.value);
    out.put("hold", figures.hold);
    out.put("amount0", figures.delta);
    // What the exact integers above leave open, from the same position in real numbers.
    let stake = Stake::of_position(liquidity, Tick::new(tick_lower)?, Tick::new(tick_upper)?)?;
    let price_of = |root| Real::from_u256(root).scaled(-96).square();
    let (price, entered) = (price_of(now), stake.entered(price_of(entry)));
    let (amount1, value) = (stake.amounts(price).1, stake.value(price));
    out.put("amount1", amount1.to_wad(Rounding::Nearest)?);
    out.put("il_abs", (-entered.loss(price).raised(REAL)).to_wad(Rounding::Down)?);
    out.put("dollar_gamma", figures.dollar_gamma);
    out.put("il", figures.il);
    let share = |of: Real| (of / value).to_wad(Rounding::Nearest);
    out.put("delta_ratio", share(stake.delta(price) * price)?);
    out.put("gamma_ratio", share(stake.dollar_gamma(price))?);
    out.put("il_delta", entered.il_delta(price).to_wad(Rounding::Nearest)?);
    // What one would find from the integers that the pool pays out: good to no more than they are.
    let worth = |(amount0, amount1): (U256, U256)| Real::from_u256(amount0) * price + Real::from_u256(amount1);
    let (paid, held) = (worth(floor), worth(floor_entry));
    let found = if held.is_zero() {
        Real::ZERO
    } else {
        (paid - held) / held
    };
    out.put("il_from_floor_amounts", found.to_wad(Rounding::Down)?);
    Ok(())
}

/// A loss in real numbers is raised by 2^-106 of itself, more than it may be wrong by.
const REAL: u32 = 106;
