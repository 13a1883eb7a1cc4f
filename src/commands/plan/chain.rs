//! A plan of a position on a chain: what is not given is read there, and what the chain's own gate weighs is the core's.

use super::{Figures, PlanArgs, float, report, share};
use crate::{
    client::Client,
    commands::{calc::input::Number, hedge::circumstances, policy::new},
    error::{Error, Result},
    hedge::{
        HedgePolicy, Venue, defaults,
        growth::Baseline,
        observe::{self, Hedge},
        quote::{Order, Quote},
    },
    output,
    plan::{Choice, Comparison, Given, Line, compare, compare::ranked},
    policy::{defaults as policies, observe::Scene, words, write},
    pool::Pool,
};
use alloy::primitives::{Address, U256};
use hedgerow_core::{
    hedging::{HedgeRule, Kind, Target, Terms},
    policy::{MILLION, Reason},
};
use serde_json::json;
use std::{io::Write, path::Path};

/// Seconds of a year.
const YEAR: f64 = 31_536_000.0;
/// Means that volatility is told from.
const MEANS: u32 = 8;

/// What was read.
struct Found {
    client: Client,
    manager: Address,
    scene: Scene,
    venue: Venue,
    hedge: Hedge,
    baseline: Baseline,
    terms: Terms,
}

/// Reads, compares, tells, and writes.
pub async fn run(args: &PlanArgs, mut figures: Figures) -> Result<()> {
    let found = read(args, &figures).await?;
    figures.complete(found.figures(&figures).await?);
    let (given, shares) = (figures.resolve()?, figures.shares()?);
    let mut comparison = compare(&given, &shares)?;
    for line in &mut comparison.lines {
        found.weigh(args, line).await?;
    }
    let comparison = ranked(comparison.lines, &given);
    let more = json!({
        "chainId": found.client.chain_id(),
        "position": found.scene.position.place,
        "block": found.scene.block.as_u64(),
        "market": found.venue.market,
        "volatile": found.venue.volatile,
    });
    report(&comparison, &given, args.json, more)?;
    match &args.write {
        Some(path) => found.write(args, &comparison, &given, path).await,
        None => Ok(()),
    }
}

async fn read(args: &PlanArgs, figures: &Figures) -> Result<Found> {
    let place = args
        .place
        .ok_or_else(|| Error::missing("a position", "give POSITION"))?;
    let client = args.node.connect().await?;
    let manager = args.manager.resolve(&client)?;
    let owner = args.owner.resolve(&client)?;
    let scene = Scene::read(&client, manager, owner, place).await?;
    if scene.position.liquidity == 0 {
        return Err(Error::invalid(
            "the position",
            place,
            "it has no liquidity: there is nothing to hedge",
        ));
    }
    let there = observe::remembered(&client, &scene).await?;
    let deployment = args.record.of(&client)?;
    let venue = args
        .venue
        .of(&client, manager, &scene, there.as_ref(), &deployment)
        .await?;
    let since = (scene.block, scene.now);
    let baseline = Baseline::read(&client, scene.pool.address, args.fees_since, since).await?;
    let mut hedge = Hedge::read(&client, &scene, &venue).await?;
    // A plan begins with the position alone, whatever hedge there is.
    hedge.remembered = None;
    (hedge.market.debt, hedge.market.collateral) = (0, 0);
    let begin = defaults::terms(&circumstances(&scene, &venue, baseline)?);
    let health = match &figures.health {
        Some(health) => ppm("--health", float("--health", health)? / 1_000.0)?,
        None => begin.health,
    };
    let horizon = figures
        .horizon
        .map_or(u64::from(begin.horizon), |horizon| horizon.seconds);
    let margin = match &figures.gate_margin {
        Some(margin) => (float("--gate-margin", margin)? * f64::from(MILLION)).round() as i32,
        None => 0,
    };
    let terms = Terms {
        health,
        min_health: begin.min_health.min(health),
        horizon: u32::try_from(horizon).unwrap_or(u32::MAX),
        margin,
        ..begin
    };
    Ok(Found {
        client,
        manager,
        scene,
        venue,
        hedge,
        baseline,
        terms,
    })
}

impl Found {
    /// What the chain says of what was not given.
    async fn figures(&self, given: &Figures) -> Result<Figures> {
        let (pool, position, market) = (&self.scene.pool, &self.scene.position, &self.hedge.market);
        let price = self.price(f64_of(pool.sqrt_price) / 2_f64.powi(96));
        let end = |tick: i32| self.price(1.0001_f64.powf(f64::from(tick) / 2.0));
        let (one, other) = (end(position.tick_lower), end(position.tick_upper));
        let (amount0, amount1) = position.withdrawable()?;
        let value = self.worth([f64_of(amount0), f64_of(amount1)], price);
        let rate = |ray: U256| written(f64_of(ray) / 1e27);
        let mut found = Figures {
            value: written(value),
            price: written(price),
            range_lower: written(one.min(other)),
            range_upper: written(one.max(other)),
            borrow_rate: rate(market.borrow_rate),
            supply_rate: rate(market.supply_rate),
            threshold: written(f64::from(market.threshold) / 10_000.0),
            pool_fee: written(f64::from(pool.key.fee) / f64::from(MILLION)),
            ..Figures::default()
        };
        if given.fee_apr.is_none() {
            found.fee_apr = written(self.fees(price)? / value);
        }
        if given.volatility.is_none() {
            found.volatility = written(self.volatility().await?);
        }
        Ok(found)
    }

    /// The volatile token's price in whole tokens, of a raw sqrt price.
    fn price(&self, root: f64) -> f64 {
        let Pool { token0, token1, .. } = &self.scene.pool;
        let whole = root * root * 10_f64.powi(i32::from(token0.decimals) - i32::from(token1.decimals));
        if self.venue.volatile == 0 { whole } else { 1.0 / whole }
    }

    /// Raw amounts in whole stable tokens.
    fn worth(&self, raw: [f64; 2], price: f64) -> f64 {
        let Pool { token0, token1, .. } = &self.scene.pool;
        let [amount0, amount1] =
            [(raw[0], token0), (raw[1], token1)].map(|(raw, token)| raw / 10_f64.powi(token.decimals.into()));
        if self.venue.volatile == 0 {
            amount0.mul_add(price, amount1)
        } else {
            amount1.mul_add(price, amount0)
        }
    }

    /// What the position would have earned in a year at the pace of the pool since the baseline.
    fn fees(&self, price: f64) -> Result<f64> {
        let seconds = self.scene.now.saturating_sub(self.baseline.since);
        if seconds == 0 {
            let remedy = "give --fee-apr RATE, or --fees-since an earlier time";
            return Err(Error::missing("what fees the pool earned", remedy));
        }
        let liquidity = self.scene.position.liquidity as f64;
        let earned = [0, 1].map(|token: usize| {
            let growth = self.scene.pool.growth[token].wrapping_sub(self.baseline.growth[token]);
            f64_of(growth) / 2_f64.powi(128) * liquidity
        });
        Ok(self.worth(earned, price) * YEAR / seconds as f64)
    }

    /// The pool's own, as the gate measures it: from the means of eight windows.
    async fn volatility(&self) -> Result<f64> {
        let step = self.terms.vol_window / MEANS;
        let ago: Vec<u32> = (0..=MEANS).rev().map(|steps| step * steps).collect();
        let sums = self.scene.accumulators(&self.client, &ago).await?.map_err(|_| {
            let remedy = format!(
                "the pool {} does not remember a day: give --volatility",
                self.scene.pool.address
            );
            Error::missing("the price's volatility", remedy)
        })?;
        let means: Vec<f64> = sums
            .windows(2)
            .map(|pair| pair[1].wrapping_sub(pair[0]) as f64 / f64::from(step))
            .collect();
        let squares: f64 = means.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
        let yearly = 1.5 * squares / 7.0 / f64::from(step) * YEAR * 1.0001_f64.ln().powi(2);
        if yearly == 0.0 {
            let remedy = "the pool's price did not move: give --volatility";
            return Err(Error::missing("the price's volatility", remedy));
        }
        Ok(yearly.sqrt())
    }

    /// Asks the core what the chain would say of opening it.
    async fn weigh(&self, args: &PlanArgs, line: &mut Line) -> Result<()> {
        let Some((kind, share)) = target(line.choice) else {
            return Ok(());
        };
        let order = Order {
            venue: self.venue,
            target: Target { kind, share, amount: 0 },
            terms: self.terms,
            twap_window: args.guard.twap_window,
            max_tick_deviation: args.guard.max_tick_deviation,
        };
        let quote = Quote::of(&self.client, &self.scene, &order, self.hedge).await?;
        let price = self.price(f64_of(quote.sqrt_price) / 2_f64.powi(96));
        // Nothing is to be owed yet of a loss that is still to come.
        let waits = kind == Kind::IlDelta && quote.plan.refusal == Some(Reason::TradeTooSmall);
        match quote.outlook {
            Ok(outlook) => {
                let size = f64_of(outlook.gate.unsigned_abs());
                let whole = self.worth([0.0, size], price);
                line.gate = if outlook.gate.is_negative() { -whole } else { whole };
            }
            Err(reason) => line.refusal = Some(why(reason)),
        }
        if let Some(reason) = quote.plan.refusal.filter(|_| !waits) {
            line.refusal = Some(why(reason));
        }
        Ok(())
    }

    async fn write(&self, args: &PlanArgs, comparison: &Comparison, given: &Given, path: &Path) -> Result<()> {
        let choice = chosen(args.choose.as_deref(), comparison)?;
        let (kind, share) = target(choice).ok_or_else(unhedged)?;
        let circumstances = new::circumstances(&self.client, self.manager, &self.scene).await?;
        let mut guards = policies::Preset::default()
            .policy(&circumstances, policies::salt()?)
            .guards;
        // The hedge pays its keeper of its collateral.
        guards.fee_token = 1 - self.venue.volatile.min(1);
        guards.max_fee = policies::a_thousandth(&circumstances, guards.fee_token);
        let begin = defaults::rule();
        let sensible = (self.terms.min_health..self.terms.health).contains(&begin.low_health);
        let policy = HedgePolicy {
            venue: self.venue,
            guards,
            terms: self.terms,
            rule: HedgeRule {
                target: kind,
                share,
                band: ppm("--band", given.band)?,
                inner: ppm("--inner", given.inner)?,
                low_health: if sensible {
                    begin.low_health
                } else {
                    self.terms.min_health
                },
                ..begin
            },
        };
        let (pair, position) = (&circumstances.pair, &self.scene.position);
        let about = format!(
            "What a keeper may do with the hedge of position {}: {} and {}, in the pool {}; {}, as planned.",
            position.place,
            pair.token0.symbol,
            pair.token1.symbol,
            position.pool,
            choice.name()
        );
        let text = write::hedged(&policy, None, pair, &about);
        let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| Error::bad_file(path, error))?;
        output::say(&format!(
            "{} is written: change what does not suit, then `hedgerow policy set {} {0}`.",
            path.display(),
            position.place
        ));
        Ok(())
    }
}

/// The way that is to be written.
fn chosen(named: Option<&str>, comparison: &Comparison) -> Result<Choice> {
    let Some(named) = named else {
        return match comparison.lines.first() {
            Some(line) if line.choice != Choice::None => Ok(line.choice),
            _ => Err(unhedged()),
        };
    };
    match named {
        "il" => Ok(Choice::Loss),
        "full" => Ok(Choice::Share(1.0)),
        other => {
            let number: Number = other
                .parse()
                .map_err(|_| Error::invalid("--choose", other, "give full, il, or a share such as 50%"))?;
            share(&number).map(Choice::Share)
        }
    }
}

fn unhedged() -> Error {
    Error::missing(
        "which hedge to write",
        "the plan says to hedge nothing: name one with --choose full, --choose il or --choose SHARE",
    )
}

/// What the chain knows it as.
fn target(choice: Choice) -> Option<(Kind, u32)> {
    match choice {
        Choice::None => None,
        Choice::Share(share) => Some((Kind::Delta, (share * f64::from(MILLION)).round() as u32)),
        Choice::Loss => Some((Kind::IlDelta, MILLION)),
    }
}

/// A reason without what it says of triggers.
fn why(reason: Reason) -> String {
    let words = words::reason(reason);
    words.strip_prefix("a trigger holds, but ").unwrap_or(words).to_owned()
}

/// A fraction in millionths.
fn ppm(what: &'static str, figure: f64) -> Result<u32> {
    let scaled = (figure * f64::from(MILLION)).round();
    if scaled.is_finite() && (0.0..=f64::from(u32::MAX)).contains(&scaled) {
        return Ok(scaled as u32);
    }
    Err(Error::invalid(what, figure, "it is too large, or below zero"))
}

fn f64_of(value: U256) -> f64 {
    value.to_string().parse().unwrap_or(f64::MAX)
}

/// A figure as if it had been given, to 18 places.
fn written(figure: f64) -> Option<Number> {
    format!("{figure:.18}").parse().ok()
}
