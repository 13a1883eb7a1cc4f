//! `hedgerow calc strip`, `strangle` and `premium`: what insures a position against its impermanent loss.

use super::{
    input::{Duration, Number, price},
    pool::{PoolArgs, SizeArgs},
    refused,
    report::{Report, exact, readable},
};
use crate::{
    decimal::Decimal,
    error::{Error, Result},
};
use alloy::primitives::I256;
use clap::Args;
use hedgerow_core::{
    Real, Rounding, Wad,
    black_scholes::{Market, YEAR},
    curve::{Curve, Stake},
    premium,
    strangle::{Wings, strangle},
    strip::{Leg, Strip},
};
use serde_json::json;

/// The most strikes of a strip.
const MOST_STRIKES: u16 = 10_001;

/// The position, and the market in which its insurance is bought.
#[derive(Args, Debug)]
pub struct InsuredArgs {
    /// Price at entry, token1 per token0
    #[arg(long, value_name = "PRICE")]
    pub entry_price: Decimal,
    /// Price when the options are bought; the entry price unless given
    #[arg(long, value_name = "PRICE")]
    pub price: Option<Decimal>,
    /// Which pool.
    #[command(flatten)]
    pub pool: PoolArgs,
    /// How much.
    #[command(flatten)]
    pub size: SizeArgs,
    /// Yearly volatility, such as 80%
    #[arg(long, value_name = "VOLATILITY")]
    pub volatility: Number,
    /// Time to expiry, such as 30d
    #[arg(long, value_name = "TIME")]
    pub expiry: Duration,
    /// Yearly rate of interest, continuously compounded
    #[arg(long, value_name = "RATE", default_value = "0", allow_hyphen_values = true)]
    pub rate: Number,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// The same as the core takes it.
struct Insured {
    stake: Stake,
    curve: Curve,
    liquidity: Wad,
    entry: Wad,
    /// What the position was worth at entry.
    invested: Wad,
    market: Market,
}

impl InsuredArgs {
    fn read(&self) -> Result<Insured> {
        let entry = price("--entry-price", &self.entry_price)?;
        let curve = self.pool.curve()?;
        let (stake, liquidity) = self.size.stake(curve, entry)?;
        let invested = stake.value(Real::from_wad(entry)).to_wad(Rounding::Down);
        let spot = self.price.as_ref().map_or(Ok(entry), |spot| price("--price", spot))?;
        Ok(Insured {
            stake,
            curve,
            liquidity,
            entry,
            invested: invested.map_err(refused("the value at entry"))?,
            market: Market {
                spot,
                volatility: self.volatility.non_negative("--volatility")?,
                seconds: self.expiry.seconds,
                rate: self.rate.wad("--rate")?,
            },
        })
    }

    fn report(&self, insured: &Insured) -> Report {
        let mut report = Report::new(format!(
            "{}, entered at {}; {}, {}",
            self.pool.description(),
            self.entry_price,
            self.volatility,
            self.expiry
        ));
        self.pool.give(&mut report);
        report
            .given("entryPrice", &self.entry_price)
            .given("price", self.price.as_ref().unwrap_or(&self.entry_price))
            .given("volatility", &self.volatility)
            .given("seconds", self.expiry.seconds)
            .given("rate", &self.rate)
            .number("liquidity", "liquidity", insured.liquidity)
            .number("invested", "value at entry, in token1", insured.invested);
        report
    }
}

/// Arguments of `hedgerow calc strip`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example, nine strikes from end to end of the range:
  hedgerow calc strip --entry-price 2000 --range-lower 1500 --range-upper 2500 \\
      --value 10000 --volatility 80% --expiry 30d
Strikes of one's own, the entry price among them:
  hedgerow calc strip --entry-price 2000 --value 10000 --volatility 80% --expiry 30d \\
      --strikes 1000,1500,2000,3000,4000")]
pub struct StripArgs {
    /// The position.
    #[command(flatten)]
    pub insured: InsuredArgs,
    /// The strikes, ascending, the entry price among them
    #[arg(long, value_name = "PRICES", value_delimiter = ',', conflicts_with = "count")]
    pub strikes: Vec<Decimal>,
    /// How many strikes to spread evenly on either side of the entry price: an odd number
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u16).range(3..=i64::from(MOST_STRIKES)))]
    pub count: u16,
    /// The lowest of them: the range's lower end unless given, else a quarter of the entry price
    #[arg(long, value_name = "PRICE", conflicts_with = "strikes")]
    pub from: Option<Decimal>,
    /// The highest: the range's upper end unless given, else four times the entry price
    #[arg(long, value_name = "PRICE", conflicts_with = "strikes")]
    pub to: Option<Decimal>,
}

/// Prints how many puts and calls of each strike pay the position's loss, and what they cost.
pub fn run_strip(args: &StripArgs) -> Result<()> {
    let insured = args.insured.read()?;
    let strikes = args.strikes(&insured)?;
    let refused_strip = refused("the strip");
    let strip = Strip::new(&insured.stake, insured.entry, &strikes).map_err(&refused_strip)?;
    let mut legs = vec![Leg::default(); strikes.len()];
    let premium = strip
        .sizes_and_premium(&insured.market, &mut legs)
        .map_err(&refused_strip)?;
    // Between two strikes the strip pays more than the loss; the most about half-way.
    let mut surplus = Wad::ZERO;
    for pair in strikes.windows(2) {
        if let [low, high] = pair {
            let middle = Wad(low.0 + (high.0 - low.0) / I256::from_raw(TWO));
            surplus = surplus.max(strip.residual(middle).map_err(&refused_strip)?);
        }
    }
    let mut report = args.insured.report(&insured);
    report
        .number("premium", "premium, in token1", premium)
        .percent(
            "premiumFraction",
            "premium / value at entry",
            fraction(premium, insured.invested)?,
        )
        .number(
            "surplus",
            "most paid beyond the loss, half-way between strikes",
            surplus,
        );
    let sizes = strikes.iter().zip(&legs);
    let rows = sizes
        .clone()
        .map(|(strike, leg)| vec![readable(*strike), readable(leg.put), readable(leg.call)]);
    report.list(&["strike", "puts", "calls"], rows.collect());
    let exact_sizes =
        sizes.map(|(strike, leg)| json!({"strike": exact(*strike), "put": exact(leg.put), "call": exact(leg.call)}));
    report.value("strikes", exact_sizes.collect::<Vec<_>>().into());
    report.print(args.insured.json)
}

const TWO: alloy::primitives::U256 = alloy::primitives::U256::from_limbs([2, 0, 0, 0]);

impl StripArgs {
    fn strikes(&self, insured: &Insured) -> Result<Vec<Wad>> {
        if !self.strikes.is_empty() {
            return self.own_strikes(insured.entry);
        }
        if self.count.is_multiple_of(2) {
            return Err(Error::invalid(
                "--count",
                self.count,
                "give an odd number: the entry price is the middle strike",
            ));
        }
        let entry = insured.entry;
        let (lowest, highest) = match insured.curve {
            Curve::Concentrated { lower, upper } => (lower, upper),
            _ => (
                Wad(entry.0 / I256::from_raw(TWO << 1)),
                Wad(entry.0.saturating_mul(I256::from_raw(TWO << 1))),
            ),
        };
        let end = |what, given: &Option<Decimal>, end| given.as_ref().map_or(Ok(end), |given| price(what, given));
        let (from, to) = (end("--from", &self.from, lowest)?, end("--to", &self.to, highest)?);
        if from >= entry || to <= entry {
            return Err(Error::invalid(
                "the strikes' range",
                format!("{} to {}", exact(from), exact(to)),
                "the entry price must lie inside: give --from and --to, or --strikes",
            ));
        }
        let half = self.count / 2;
        let part = |from: Wad, to: Wad, i: u16| {
            let step = (to.0 - from.0).saturating_mul(wide(i)) / wide(half);
            Wad(from.0 + step)
        };
        let below = (0..half).map(|i| part(from, entry, i));
        let above = (0..=half).map(|i| part(entry, to, i));
        Ok(below.chain(above).collect())
    }
}

impl StripArgs {
    fn own_strikes(&self, entry: Wad) -> Result<Vec<Wad>> {
        let refuse = |remedy: String| {
            let given: Vec<_> = self.strikes.iter().map(ToString::to_string).collect();
            Err(Error::invalid("--strikes", given.join(","), remedy))
        };
        let strikes: Vec<_> = self
            .strikes
            .iter()
            .map(|strike| price("--strikes", strike))
            .collect::<Result<_>>()?;
        if !strikes.is_sorted_by(|low, high| low < high) {
            return refuse("give them in ascending order".into());
        }
        if !strikes.contains(&entry) {
            return refuse(format!("the entry price {} must be one of them", exact(entry)));
        }
        Ok(strikes)
    }
}

fn wide(count: u16) -> I256 {
    I256::from_raw(alloy::primitives::U256::from(count))
}

/// `part / whole`, rounded up.
fn fraction(part: Wad, whole: Wad) -> Result<Wad> {
    let fraction = Real::from_wad(part) / Real::from_wad(whole);
    fraction.to_wad(Rounding::Up).map_err(refused("the share"))
}

/// Arguments of `hedgerow calc strangle`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  hedgerow calc strangle --entry-price 2000 --value 10000 --volatility 80% --expiry 30d \\
      --put-strike 1800 --call-strike 2200 --stress-low 1400 --stress-high 2800")]
pub struct StrangleArgs {
    /// The position.
    #[command(flatten)]
    pub insured: InsuredArgs,
    /// The puts' strike
    #[arg(long, value_name = "PRICE")]
    pub put_strike: Decimal,
    /// The calls' strike
    #[arg(long, value_name = "PRICE")]
    pub call_strike: Decimal,
    /// The price below the puts' strike at which they are to pay the loss
    #[arg(long, value_name = "PRICE")]
    pub stress_low: Decimal,
    /// The price above the calls' strike at which they are to pay the loss
    #[arg(long, value_name = "PRICE")]
    pub stress_high: Decimal,
}

/// Prints how many puts and calls pay the loss at two prices, and what they cost.
pub fn run_strangle(args: &StrangleArgs) -> Result<()> {
    let insured = args.insured.read()?;
    let wings = Wings {
        low: price("--stress-low", &args.stress_low)?,
        put_strike: price("--put-strike", &args.put_strike)?,
        call_strike: price("--call-strike", &args.call_strike)?,
        high: price("--stress-high", &args.stress_high)?,
    };
    let sized = strangle(&insured.stake, insured.entry, &wings, &insured.market).map_err(refused("the strangle"))?;
    let mut report = args.insured.report(&insured);
    report
        .given("putStrike", &args.put_strike)
        .given("callStrike", &args.call_strike)
        .given("stressLow", &args.stress_low)
        .given("stressHigh", &args.stress_high)
        .number("puts", &format!("puts at {}", args.put_strike), sized.puts)
        .number("calls", &format!("calls at {}", args.call_strike), sized.calls)
        .number("ilLow", &format!("IL at {}, in token1", args.stress_low), sized.il_low)
        .number(
            "ilHigh",
            &format!("IL at {}, in token1", args.stress_high),
            sized.il_high,
        )
        .number("premium", "premium, in token1", sized.premium)
        .percent(
            "premiumFraction",
            "premium / value at entry",
            fraction(sized.premium, insured.invested)?,
        )
        .print(args.insured.json)
}

/// Arguments of `hedgerow calc premium`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  hedgerow calc premium --entry-price 2000 --range-lower 1500 --range-upper 2500 \\
      --value 10000 --volatility 80% --expiry 30d")]
pub struct PremiumArgs {
    /// The position.
    #[command(flatten)]
    pub insured: InsuredArgs,
}

/// Prints what insurance of the loss at expiry is worth.
pub fn run_premium(args: &PremiumArgs) -> Result<()> {
    let insured = args.insured.read()?;
    let fair = premium::fair(&insured.stake, insured.entry, &insured.market).map_err(refused("the premium"))?;
    let mut report = args.insured.report(&insured);
    report.number("premium", "fair premium, in token1", fair.value).percent(
        "premiumFraction",
        "premium / value at entry",
        fair.fraction,
    );
    if insured.market.seconds > 0 {
        let years = Real::from_u128(insured.market.seconds.into()) / Real::from_u128(YEAR.into());
        let yearly = Real::from_wad(fair.fraction) / years;
        let yearly = yearly.to_wad(Rounding::Up).map_err(refused("the yield"))?;
        report.percent("breakEvenFeeApr", "yearly fee yield that pays it", yearly);
    }
    report.print(args.insured.json)
}
