//! What insures a position against its loss, by name: strips, strangles, and the fair premium.

use super::{
    Function,
    answer::Answer,
    argument::{Arguments, Fault},
    positions::stake,
};
use hedgerow_core::{
    Wad,
    black_scholes::Market,
    curve, premium,
    strangle::{Wings, strangle},
    strip::{Leg, Strip},
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "carr_madan",
        takes: "kind L p0 pa? pb? w? strikes test_prices sigma secs r",
        gives: "put call premium il_abs residual",
        run: carr_madan,
    },
    Function {
        name: "strangle",
        takes: "kind L p0 pa? pb? w? kp kc s_dn s_up sigma secs r",
        gives: "n_put n_call il_dn il_up premium",
        run: run_strangle,
    },
    Function {
        name: "premium",
        takes: "kind L p0 p pa? pb? w? sigma secs r",
        gives: "premium fraction",
        run: fair_premium,
    },
];

fn market(args: &Arguments<'_>, spot: Wad) -> Result<Market, Fault> {
    Ok(Market {
        spot,
        volatility: args.wad("sigma")?,
        seconds: args.integer("secs")?,
        rate: args.wad("r")?,
    })
}

fn carr_madan(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let (stake, entry) = (stake(args)?, args.wad("p0")?);
    let (strikes, prices) = (args.wads("strikes")?, args.wads("test_prices")?);
    let strip = Strip::new(&stake, entry, &strikes)?;
    let mut legs = vec![Leg::default(); strikes.len()];
    let premium = strip.sizes_and_premium(&market(args, entry)?, &mut legs)?;
    out.put("put", legs.iter().map(|leg| leg.put).collect::<Vec<_>>().as_slice());
    out.put("call", legs.iter().map(|leg| leg.call).collect::<Vec<_>>().as_slice());
    out.put("premium", premium);
    let losses: Vec<_> = prices
        .iter()
        .map(|price| curve::figures(&stake, entry, *price).map(|figures| figures.il_abs))
        .collect::<Result<_, _>>()?;
    out.put("il_abs", losses.as_slice());
    let residuals: Vec<_> = prices
        .iter()
        .map(|price| strip.residual(*price))
        .collect::<Result<_, _>>()?;
    out.put("residual", residuals.as_slice());
    Ok(())
}

fn run_strangle(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let (stake, entry) = (stake(args)?, args.wad("p0")?);
    let wings = Wings {
        low: args.wad("s_dn")?,
        put_strike: args.wad("kp")?,
        call_strike: args.wad("kc")?,
        high: args.wad("s_up")?,
    };
    let sized = strangle(&stake, entry, &wings, &market(args, entry)?)?;
    out.put_all(&[
        ("n_put", sized.puts),
        ("n_call", sized.calls),
        ("il_dn", sized.il_low),
        ("il_up", sized.il_high),
        ("premium", sized.premium),
    ]);
    Ok(())
}

fn fair_premium(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let premium = premium::fair(&stake(args)?, args.wad("p0")?, &market(args, args.wad("p")?)?)?;
    out.put_all(&[("premium", premium.value), ("fraction", premium.fraction)]);
    Ok(())
}
