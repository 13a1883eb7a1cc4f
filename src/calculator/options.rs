//! Options by name.

use super::{
    Function,
    answer::Answer,
    argument::{Arguments, Fault},
};
use hedgerow_core::{
    Wad,
    black_scholes::{Kind, Terms, quote},
    implied_vol::implied_volatility,
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "bs",
        takes: "S K secs sigma r",
        gives: "d1 d2 call put delta_call delta_put gamma vega theta_call theta_put rho_call rho_put vanna volga",
        run: bs,
    },
    Function {
        name: "implied_vol",
        takes: "kind price S K secs r",
        gives: "sigma",
        run: implied_vol,
    },
];

fn terms(args: &Arguments<'_>, volatility: Wad) -> Result<Terms, Fault> {
    Ok(Terms {
        spot: args.wad("S")?,
        strike: args.wad("K")?,
        volatility,
        seconds: args.integer("secs")?,
        rate: args.wad("r")?,
    })
}

fn bs(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let quote = quote(&terms(args, args.wad("sigma")?)?)?;
    out.put_all(&[
        ("d1", quote.d1),
        ("d2", quote.d2),
        ("call", quote.call),
        ("put", quote.put),
        ("delta_call", quote.delta_call),
        ("delta_put", quote.delta_put),
        ("gamma", quote.gamma),
        ("vega", quote.vega),
        ("theta_call", quote.theta_call),
        ("theta_put", quote.theta_put),
        ("rho_call", quote.rho_call),
        ("rho_put", quote.rho_put),
        ("vanna", quote.vanna),
        ("volga", quote.volga),
    ]);
    Ok(())
}

fn implied_vol(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let kind = [Kind::Call, Kind::Put][args.word("kind", &["call", "put"])?];
    let terms = terms(args, Wad::ZERO)?;
    out.put("sigma", implied_volatility(kind, args.wad("price")?, &terms)?);
    Ok(())
}
