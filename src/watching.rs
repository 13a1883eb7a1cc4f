//! A position as somebody watches it: where its price stands in its range, what it lost and earned, its hedge, and how far the next
//! trigger of its policies is.

use crate::{
    client::Client,
    decimal::{format_percent, format_short},
    error::Result,
    hedge::{self, HedgePolicy, observe::Remembered, predict::HedgePrediction},
    human,
    keeper::watch::{Spot, Watch},
    policy::{
        Pair, Policy,
        observe::{NO_POLICY, Scene},
        predict::Prediction,
    },
    position::{Place, Position},
    price,
};
use alloy::primitives::{I256, U256};
use hedgerow_core::{
    full_math::mul_div,
    hedging::{Accounts, Market, Target, accounts, exposure, health, wanted},
    policy::{MILLION, Rule, Status},
    tick::sqrt_price_at_tick,
};
use serde_json::{Value, json};

/// Millionths in which distances are told.
const ONE: u64 = 1_000_000;

/// A trigger of a policy, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// What it is, in words.
    pub what: String,
    /// How much of the way to it is done, in millionths: a million or more has fired.
    pub done: u64,
}

/// A hedge as it is watched.
#[derive(Clone, Copy, Debug)]
pub struct Hedged {
    /// What the account remembers.
    pub remembered: Remembered,
    /// What the venue says.
    pub market: Market,
    /// Thousandths.
    pub health: u32,
    /// What became of it, at the mean price where a policy names one, else at spot.
    pub accounts: Accounts,
}

/// A position as it is watched.
#[derive(Clone, Debug)]
pub struct Watched {
    /// What was read.
    pub scene: Scene,
    /// Its pair.
    pub pair: Pair,
    /// Impermanent loss since entry at spot, a wad; nothing where nobody remembers the entry.
    pub il: Option<I256>,
    /// Its hedge.
    pub hedge: Option<Hedged>,
    /// What its policies say, in words.
    pub said: Vec<String>,
    /// Their triggers, the nearest first.
    pub triggers: Vec<Trigger>,
}

impl Watched {
    /// Looks at a position; `watch` knows the terms of its policies.
    pub async fn look(client: &Client, watch: &Watch, spot: Spot) -> Result<Self> {
        let scene = Scene::read(client, spot.manager, watch.account, spot.place).await?;
        let remembered = hedge::observe::remembered(client, &scene).await?;
        let mut seen = Self {
            pair: scene.pair(client),
            il: None,
            hedge: None,
            said: Vec::new(),
            triggers: Vec::new(),
            scene,
        };
        let mut entry = remembered.map(|found| found.record.entry_sqrt_price);
        seen.hedge = match remembered {
            Some(found) => Some(seen.hedged(client, found).await?),
            None => None,
        };
        let governing = seen.scene.governing;
        if governing != NO_POLICY
            && let Some(policy) = watch.ranges.get(&governing)
        {
            let prediction = Prediction::make(client, &seen.scene, policy).await?;
            if prediction.state.status == Status::Set {
                entry = entry.or(Some(prediction.state.entry_sqrt_price));
                seen.of_position(policy, &prediction);
            }
        }
        let governing = hedge::observe::governing(client, &seen.scene).await?;
        if governing != NO_POLICY
            && let Some(policy) = watch.hedges.get(&governing)
        {
            let prediction = HedgePrediction::make(client, &seen.scene, policy).await?;
            if prediction.state.status == Status::Set {
                seen.of_hedge(policy, &prediction);
            }
        }
        seen.il = match entry.filter(|entry| !entry.is_zero()) {
            Some(entry) => Some(seen.scene.position.figures(entry)?.il),
            None => None,
        };
        seen.triggers.sort_by_key(|trigger| std::cmp::Reverse(trigger.done));
        Ok(seen)
    }

    async fn hedged(&self, client: &Client, found: Remembered) -> Result<Hedged> {
        let scene = &self.scene;
        let made_for = client
            .read_at(scene.block, found.margin, &crate::bindings::IMargin::termsCall {})
            .await?;
        let venue = hedge::Venue {
            margins: Default::default(),
            market: made_for.market,
            volatile: found.volatile,
            e_mode: made_for.eMode,
        };
        let it = hedge::observe::Hedge::read(client, scene, &venue).await?;
        let snapshot = scene.snapshot_under(client, &hedge::quote::NO_GUARDS, false).await?;
        Ok(Hedged {
            remembered: found,
            market: it.market,
            health: health(&it.market, it.market.debt, it.market.collateral),
            accounts: accounts(&found.record, &it.market, &it.pool, &snapshot, scene.pool.sqrt_price),
        })
    }

    fn of_position(&mut self, policy: &Policy, prediction: &Prediction) {
        self.said.push(crate::policy::words::decision(&prediction.decision));
        for rule in &policy.rules {
            self.of_rule(rule, prediction);
        }
    }

    fn of_rule(&mut self, rule: &Rule, prediction: &Prediction) {
        let (position, decision) = (&self.scene.position, &prediction.decision);
        let name = crate::policy::write::action(rule.action);
        let mut found = Vec::new();
        if rule.out_seconds != 0 {
            let outside = ticks_outside(position);
            let what = match outside {
                Some(ticks) => format!("{name}: {ticks} of {} ticks out of range", rule.out_ticks),
                None => format!("{name}: {} ticks from leaving the range", ticks_inside(position)),
            };
            found.push((
                what,
                outside.map_or_else(
                    || left_range(position),
                    |ticks| share(ticks.into(), rule.out_ticks.into()),
                ),
            ));
        }
        if rule.il != 0 {
            let lost = decision.il.min(I256::ZERO).unsigned_abs() / U256::from(1_000_000_000_000_u64);
            let what = format!(
                "{name}: impermanent loss {} of {}",
                human::percent(lost.saturating_to()),
                human::percent(rule.il)
            );
            found.push((what, share(lost.saturating_to(), rule.il.into())));
        }
        if rule.fees_value != 0 {
            let (have, want) = (decision.fees_value, U256::from(rule.fees_value));
            let token1 = &self.pair.token1;
            let what = format!("{name}: fees {} of {}", token1.exact(have), token1.exact(want));
            found.push((what, portion(have, want)));
        }
        if rule.elapsed != 0 {
            let since = prediction.state.last_run.max(prediction.state.set_at);
            found.push(elapsed(name, self.scene.now.saturating_sub(since), rule.elapsed));
        }
        self.triggers
            .extend(found.into_iter().map(|(what, done)| Trigger { what, done }));
    }

    fn of_hedge(&mut self, policy: &HedgePolicy, prediction: &HedgePrediction) {
        let (decision, rule, scene) = (&prediction.decision, &policy.rule, &self.scene);
        let (market, position) = (&prediction.hedge.market, &scene.position);
        let borrowed = self.pair.token(policy.venue.volatile);
        self.said
            .push(format!("hedge: {}", hedge::words::decision(decision, borrowed)));
        let mut found = Vec::new();
        if market.debt != 0 && decision.health != u32::MAX {
            let what = format!(
                "hedge reduced: health {}, from {} on",
                hedge::write::health(decision.health),
                hedge::write::health(rule.low_health)
            );
            found.push((what, share(rule.low_health.into(), decision.health.into())));
        }
        if let Ok(root) = sqrt_price_at_tick(decision.mean_tick) {
            let record = prediction.hedge.record();
            let entries = [record.entry_sqrt_price, policy.terms.entry_sqrt_price];
            let entry = entries.into_iter().find(|entry| !entry.is_zero()).unwrap_or(root);
            let range = (position.tick_lower, position.tick_upper);
            let target = Target {
                kind: rule.target,
                share: rule.share,
                amount: 0,
            };
            let volatile = policy.venue.volatile;
            let off = market
                .debt
                .abs_diff(wanted(&target, entry, position.liquidity, range, root, volatile));
            let whole = exposure(position.liquidity, range, root, volatile);
            let drift = portion(U256::from(off), U256::from(whole));
            let (is, limit) = (u32::try_from(drift).unwrap_or(u32::MAX), rule.band);
            let what = format!(
                "hedge adjusted: off by {} of {}",
                human::percent(is),
                human::percent(limit)
            );
            found.push((what, share(drift, limit.into())));
        }
        if rule.elapsed != 0 {
            let state = &prediction.state;
            let adjusted = prediction.hedge.record().adjusted_at;
            let since = state.last_run.max(state.set_at).max(adjusted);
            found.push(elapsed("hedge", scene.now.saturating_sub(since), rule.elapsed));
        }
        if rule.close_rate != 0 && market.debt != 0 {
            let rate = (market.borrow_rate / U256::from(10).pow(U256::from(21))).saturating_to::<u64>();
            let what = format!(
                "hedge closed: borrow rate {} of {}",
                human::percent(u32::try_from(rate).unwrap_or(u32::MAX)),
                human::percent(rule.close_rate)
            );
            found.push((what, share(rate, rule.close_rate.into())));
        }
        self.triggers
            .extend(found.into_iter().map(|(what, done)| Trigger { what, done }));
    }

    /// The lines for people.
    pub fn text(&self) -> Result<String> {
        let (it, pair) = (&self.scene.position, &self.pair);
        let shown = |tick| price::price_at_tick(tick, pair.token0.decimals, pair.token1.decimals);
        let now = price::price_from(it.sqrt_price, pair.token0.decimals, pair.token1.decimals)?;
        let side = match ticks_outside(it) {
            None => "in range",
            Some(_) if it.tick < it.tick_lower => "below its range",
            Some(_) => "above its range",
        };
        let mut lines = vec![format!(
            "{}  {now} {}/{}, {side} ({} to {})",
            it.place,
            pair.token1.symbol,
            pair.token0.symbol,
            shown(it.tick_lower)?,
            shown(it.tick_upper)?
        )];
        let il = self
            .il
            .map_or_else(|| "unknown (no entry is remembered)".into(), |il| format_percent(il, 4));
        let fees = [(&pair.token0, it.fees[0]), (&pair.token1, it.fees[1])].map(|(token, raw)| token.short(raw, 6));
        lines.push(format!("  IL {il}; fees owed {}", fees.join(" + ")));
        if let Some(hedge) = &self.hedge {
            let volatile = hedge.remembered.volatile;
            lines.push(format!(
                "  hedge {}; health {}; result {}, net {}",
                hedge::words::holdings(&hedge.market, pair, volatile),
                hedge::write::health(hedge.health),
                hedge::words::signed(&pair.token1, hedge.accounts.hedge),
                hedge::words::signed(&pair.token1, hedge.accounts.net)
            ));
        }
        lines.extend(self.said.iter().map(|said| format!("  policy {said}")));
        if let Some(next) = self.triggers.first() {
            let done = format_short(U256::from(next.done.min(ONE)), 4, 1);
            lines.push(format!("  next {} ({done} % of the way)", next.what));
        }
        Ok(lines.join("\n"))
    }

    /// One line of JSON.
    pub fn document(&self) -> Value {
        let it = &self.scene.position;
        let hedge = self.hedge.as_ref().map(|hedge| {
            json!({
                "margin": hedge.remembered.margin,
                "debt": hedge.market.debt.to_string(),
                "collateral": hedge.market.collateral.to_string(),
                "health": hedge::predict::thousandths(hedge.health).to_string(),
                "hedge": hedge.accounts.hedge.to_string(),
                "carry": hedge.accounts.carry.to_string(),
                "fees": hedge.accounts.fees.to_string(),
                "il": hedge.accounts.il.to_string(),
                "net": hedge.accounts.net.to_string(),
            })
        });
        let triggers: Vec<Value> = self
            .triggers
            .iter()
            .map(|trigger| json!({ "what": trigger.what, "done": trigger.done }))
            .collect();
        json!({
            "block": self.scene.block.as_u64(),
            "timestamp": self.scene.now,
            "account": self.scene.account,
            "position": it.place,
            "tickLower": it.tick_lower,
            "tickUpper": it.tick_upper,
            "tick": it.tick,
            "sqrtPriceX96": it.sqrt_price.to_string(),
            "inRange": ticks_outside(it).is_none(),
            "il": self.il.map(|il| il.to_string()),
            "fees0": it.fees[0].to_string(),
            "fees1": it.fees[1].to_string(),
            "hedge": hedge,
            "policies": self.said,
            "triggers": triggers,
        })
    }

    /// Which position it is.
    pub const fn place(&self) -> Place {
        self.scene.position.place
    }
}

/// Whole ticks by which the price lies outside the range; nothing inside.
fn ticks_outside(it: &Position) -> Option<u32> {
    if it.tick < it.tick_lower {
        Some(it.tick_lower.abs_diff(it.tick))
    } else if it.tick >= it.tick_upper {
        Some(it.tick.abs_diff(it.tick_upper))
    } else {
        None
    }
}

/// Ticks to the nearer end of the range.
fn ticks_inside(it: &Position) -> u32 {
    it.tick.abs_diff(it.tick_lower).min(it.tick_upper.abs_diff(it.tick))
}

/// How much of the way from the range's middle to its nearer end is done.
fn left_range(it: &Position) -> u64 {
    let half = u64::from(it.tick_upper.abs_diff(it.tick_lower) / 2).max(1);
    share(half.saturating_sub(ticks_inside(it).into()), half)
}

fn elapsed(name: &str, waited: u64, limit: u32) -> (String, u64) {
    let what = format!("{name}: {} of {}", human::seconds(waited), human::seconds(limit.into()));
    (what, share(waited, limit.into()))
}

/// Millionths that a part is of a whole; of nothing, all.
fn share(part: u64, whole: u64) -> u64 {
    portion(U256::from(part), U256::from(whole))
}

fn portion(part: U256, whole: U256) -> u64 {
    mul_div(part, U256::from(MILLION), whole).map_or(ONE, |share| share.saturating_to())
}
