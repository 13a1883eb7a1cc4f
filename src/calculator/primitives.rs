//! Primitives by name.

use super::{
    Function,
    answer::Answer,
    argument::{Arguments, Fault},
};
use hedgerow_core::{fixed, full_math, tick};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "mul_div",
        takes: "a b d",
        gives: "floor ceil exact",
        run: mul_div,
    },
    Function {
        name: "sqrt",
        takes: "x n",
        gives: "sqrt isqrt_floor",
        run: sqrt,
    },
    Function {
        name: "ln",
        takes: "x",
        gives: "ln log2",
        run: ln,
    },
    Function {
        name: "exp",
        takes: "x",
        gives: "exp",
        run: exp,
    },
    Function {
        name: "expm1_ln1p",
        takes: "x",
        gives: "expm1 ln1p",
        run: expm1_ln1p,
    },
    Function {
        name: "pow",
        takes: "x y",
        gives: "pow",
        run: pow,
    },
    Function {
        name: "ncdf",
        takes: "x",
        gives: "cdf pdf",
        run: ncdf,
    },
    Function {
        name: "ncdf_inv",
        takes: "p",
        gives: "z",
        run: ncdf_inv,
    },
    Function {
        name: "tick_to_sqrt",
        takes: "tick",
        gives: "sqrtPriceX96",
        run: tick_to_sqrt,
    },
    Function {
        name: "sqrt_to_tick",
        takes: "sqrtPriceX96",
        gives: "tick",
        run: sqrt_to_tick,
    },
];

fn mul_div(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let (a, b, d) = (args.unsigned("a")?, args.unsigned("b")?, args.unsigned("d")?);
    let floor = full_math::mul_div(a, b, d)?;
    let ceil = full_math::mul_div_ceil(a, b, d)?;
    out.put("floor", floor);
    out.put("ceil", ceil);
    out.put("exact", floor == ceil);
    Ok(())
}

fn sqrt(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    out.put("sqrt", fixed::sqrt(args.wad("x")?)?);
    out.put("isqrt_floor", full_math::sqrt(args.unsigned("n")?));
    Ok(())
}

fn ln(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let x = args.wad("x")?;
    out.put("ln", fixed::ln(x)?);
    out.put("log2", fixed::log2(x)?);
    Ok(())
}

fn exp(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    out.put("exp", fixed::exp(args.wad("x")?)?);
    Ok(())
}

fn expm1_ln1p(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let x = args.wad("x")?;
    out.put("expm1", fixed::expm1(x)?);
    out.put("ln1p", fixed::ln1p(x)?);
    Ok(())
}

fn pow(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    out.put("pow", fixed::pow(args.wad("x")?, args.wad("y")?)?);
    Ok(())
}

fn ncdf(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let x = args.wad("x")?;
    out.put("cdf", fixed::ncdf(x)?);
    out.put("pdf", fixed::npdf(x)?);
    Ok(())
}

fn ncdf_inv(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    out.put("z", fixed::ncdf_inv(args.wad("p")?)?);
    Ok(())
}

fn tick_to_sqrt(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    out.put("sqrtPriceX96", tick::sqrt_price_at_tick(args.integer("tick")?)?);
    Ok(())
}

fn sqrt_to_tick(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    out.put("tick", tick::tick_at_sqrt_price(args.unsigned("sqrtPriceX96")?)?);
    Ok(())
}
