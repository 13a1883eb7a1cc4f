//! Pools and positions by name.

use super::{
    Function,
    answer::Answer,
    argument::{Arguments, Fault},
};
use hedgerow_core::il;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "il_v2",
        takes: "p0 p1",
        gives: "il",
        run: il_v2,
    },
    Function {
        name: "il_weighted",
        takes: "p0 p1 w",
        gives: "il",
        run: il_weighted,
    },
    Function {
        name: "il_v2_ray",
        takes: "p0 p1",
        gives: "il",
        run: il_v2_ray,
    },
    Function {
        name: "il_v2_ratio",
        takes: "d",
        gives: "il",
        run: il_v2_ratio,
    },
    Function {
        name: "il_v2_position",
        takes: "p0 p1 x0",
        gives: "lp hold il_abs il",
        run: il_v2_position,
    },
    Function {
        name: "il_v2_expected",
        takes: "sigma T mu",
        gives: "il_abs_over_v0 il_pct",
        run: il_v2_expected,
    },
    Function {
        name: "il_multi3",
        takes: "d w",
        gives: "il",
        run: il_many,
    },
    Function {
        name: "il_many",
        takes: "d w",
        gives: "il",
        run: il_many,
    },
    Function {
        name: "il_from_amounts",
        takes: "x0 y0 x1 y1 p",
        gives: "il",
        run: il_from_amounts,
    },
    Function {
        name: "calculate_impermanent_loss",
        takes: "initial_price current_price",
        gives: "basis_points",
        run: calculate_impermanent_loss,
    },
];

fn il_v2(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    out.put("il", il::constant_product(args.unsigned("p0")?, args.unsigned("p1")?)?);
    Ok(())
}

fn il_weighted(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let (entry, now, weight) = (args.unsigned("p0")?, args.unsigned("p1")?, args.unsigned("w")?);
    out.put("il", il::weighted(entry, now, weight)?);
    Ok(())
}

fn il_v2_ray(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    out.put(
        "il",
        il::constant_product_ray(args.unsigned("p0")?, args.unsigned("p1")?)?.0,
    );
    Ok(())
}

fn il_v2_ratio(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    out.put("il", il::from_ratio(args.unsigned("d")?)?);
    Ok(())
}

fn il_v2_position(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let outcome = il::constant_product_position(args.wad("p0")?, args.wad("p1")?, args.wad("x0")?)?;
    out.put_all(&[
        ("lp", outcome.value),
        ("hold", outcome.hold),
        ("il_abs", outcome.il_abs),
        ("il", outcome.il),
    ]);
    Ok(())
}

fn il_v2_expected(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let expected = il::expected(args.wad("sigma")?, args.wad("T")?, args.wad("mu")?)?;
    out.put_all(&[("il_abs_over_v0", expected.il_abs), ("il_pct", expected.il)]);
    Ok(())
}

fn il_many(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    out.put("il", il::many(&args.wads("d")?, &args.wads("w")?)?);
    Ok(())
}

fn il_from_amounts(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let deposited = (args.unsigned("x0")?, args.unsigned("y0")?);
    let now = (args.unsigned("x1")?, args.unsigned("y1")?);
    out.put("il", il::from_amounts(deposited, now, args.unsigned("p")?)?);
    Ok(())
}

fn calculate_impermanent_loss(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let (initial, current) = (args.unsigned("initial_price")?, args.unsigned("current_price")?);
    out.put("basis_points", il::calculator(initial, current)?.0);
    Ok(())
}
