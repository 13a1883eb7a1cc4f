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
