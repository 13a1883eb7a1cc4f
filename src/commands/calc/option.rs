//! `hedgerow calc option` and `hedgerow calc iv`.

use super::{
    input::{Duration, Number, price},
    refused,
    report::Report,
};
use crate::{decimal::Decimal, error::Result};
use clap::Args;
use hedgerow_core::{
    Real, Rounding, Wad,
    black_scholes::{Kind, Quote, Terms, price_and_delta, quote},
    implied_vol::implied_volatility,
};

/// What both commands take.
#[derive(Args, Debug)]
pub struct TermsArgs {
    /// Price of the asset now
    #[arg(long, value_name = "PRICE")]
    pub spot: Decimal,
    /// Price to exercise at
    #[arg(long, value_name = "PRICE")]
    pub strike: Decimal,
    /// Time to expiry, such as 30d
    #[arg(long, value_name = "TIME")]
    pub expiry: Duration,
    /// Yearly rate of interest, continuously compounded, such as 5%
    #[arg(long, value_name = "RATE", default_value = "0", allow_hyphen_values = true)]
    pub rate: Number,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

impl TermsArgs {
    fn terms(&self, volatility: Wad) -> Result<Terms> {
        Ok(Terms {
            spot: price("--spot", &self.spot)?,
            strike: price("--strike", &self.strike)?,
            volatility,
            seconds: self.expiry.seconds,
            rate: self.rate.wad("--rate")?,
        })
    }

    fn give(&self, report: &mut Report) {
        report
            .given("spot", &self.spot)
            .given("strike", &self.strike)
            .given("seconds", self.expiry.seconds)
            .given("rate", &self.rate);
    }
}

/// Arguments of `hedgerow calc option`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example, the textbook's:
  hedgerow calc option --spot 100 --strike 100 --volatility 20% --expiry 1y --rate 5%")]
pub struct OptionArgs {
    /// The option.
    #[command(flatten)]
    pub terms: TermsArgs,
    /// Yearly volatility, such as 80%
    #[arg(long, value_name = "VOLATILITY")]
    pub volatility: Number,
}

/// Prints a call and a put with their derivatives.
pub fn run(args: &OptionArgs) -> Result<()> {
    let terms = args.terms.terms(args.volatility.positive("--volatility")?)?;
    let quote = quote(&terms).map_err(refused("the option"))?;
    let mut report = Report::with_columns(
        format!(
            "spot {}, strike {}, {}, {}, rate {}",
            args.terms.spot, args.terms.strike, args.volatility, args.terms.expiry, args.terms.rate
        ),
        &["call", "put"],
    );
    args.terms.give(&mut report);
    report.given("volatility", &args.volatility);
    put_quote(&mut report, &quote);
    // Parity: call - put = S - K e^(-rT), each side on its own.
    let discount = (-(Real::from_wad(terms.rate) * Real::from_u128(terms.seconds.into())
        / Real::from_u128(hedgerow_core::black_scholes::YEAR.into())))
    .exp();
    let forward = Real::from_wad(terms.spot) - Real::from_wad(terms.strike) * discount;
    let forward = forward
        .to_wad(Rounding::Nearest)
        .map_err(refused("the forward's value"))?;
    report
        .numbers("call - put", &[("callMinusPut", Wad(quote.call.0 - quote.put.0))])
        .numbers("spot - discounted strike", &[("forwardValue", forward)])
        .print(args.terms.json)
}

fn put_quote(report: &mut Report, quote: &Quote) {
    report
        .numbers("price", &[("call", quote.call), ("put", quote.put)])
        .numbers(
            "delta",
            &[("deltaCall", quote.delta_call), ("deltaPut", quote.delta_put)],
        )
        .numbers(
            "theta, per year",
            &[("thetaCall", quote.theta_call), ("thetaPut", quote.theta_put)],
        )
        .numbers(
            "rho, per 1.00 of rate",
            &[("rhoCall", quote.rho_call), ("rhoPut", quote.rho_put)],
        );
    for (label, key, value) in [
        ("gamma", "gamma", quote.gamma),
        ("vega, per 1.00 of volatility", "vega", quote.vega),
        ("vanna", "vanna", quote.vanna),
        ("volga", "volga", quote.volga),
        ("d1", "d1", quote.d1),
        ("d2", "d2", quote.d2),
    ] {
        report.numbers(label, &[(key, value)]);
    }
}

/// Arguments of `hedgerow calc iv`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  hedgerow calc iv --spot 2000 --strike 2200 --expiry 30d --call 107.96")]
pub struct IvArgs {
    /// The option.
    #[command(flatten)]
    pub terms: TermsArgs,
    /// Price of the call
    #[arg(long, value_name = "PRICE", required_unless_present = "put", conflicts_with = "put")]
    pub call: Option<Decimal>,
    /// Price of the put
    #[arg(long, value_name = "PRICE")]
    pub put: Option<Decimal>,
}

/// Prints the volatility that the price implies, and the price that it gives back.
pub fn run_iv(args: &IvArgs) -> Result<()> {
    let (kind, name, given) = match (&args.call, &args.put) {
        (Some(call), _) => (Kind::Call, "call", super::input::wad("--call", call)?),
        (None, Some(put)) => (Kind::Put, "put", super::input::wad("--put", put)?),
        // The arguments' rules leave nothing else.
        (None, None) => (Kind::Call, "call", Wad::ZERO),
    };
    let terms = args.terms.terms(Wad::ZERO)?;
    let volatility = implied_volatility(kind, given, &terms).map_err(refused("the implied volatility"))?;
    let again = price_and_delta(&Terms { volatility, ..terms }).map_err(refused("the price"))?;
    let again = match kind {
        Kind::Call => again.call,
        Kind::Put => again.put,
    };
    let mut report = Report::new(format!(
        "{name}; spot {}, strike {}, {}, rate {}",
        args.terms.spot, args.terms.strike, args.terms.expiry, args.terms.rate
    ));
    args.terms.give(&mut report);
    report
        .given("kind", name)
        .number("price", "price given", given)
        .percent("volatility", "implied volatility", volatility)
        .number("repriced", "price at that volatility", again)
        .print(args.terms.json)
}
