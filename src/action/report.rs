//! What a plan would do, for people and for programs.

use super::{intent::Action, plan::Plan, preview::Change, send::Sent};
use crate::{
    decimal::{format_percent, format_units},
    error::{Error, Result},
    hedge::along::Along,
    output::{self, decimal_string},
    position::{Summary, Token},
    price,
};
use alloy::primitives::{Address, I256, U256};
use hedgerow_core::full_math::mul_div;
use serde::Serialize;
use serde_json::Value;

/// The document that `--json` prints.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// What is done.
    pub action: &'static str,
    /// On which chain.
    pub chain_id: u64,
    /// By whom.
    pub account: Address,
    /// The shell that the account runs, or will; none where it stays without code.
    pub shell: Option<Address>,
    /// Whether it runs it already.
    pub delegated: bool,
    /// The position before; none when one is opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Summary>,
    /// Lower end of the range afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tick_lower: Option<i32>,
    /// Upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tick_upper: Option<i32>,
    /// What the chain is held to.
    pub limits: LimitsReport,
    /// What would happen.
    pub preview: PreviewReport,
    /// The hedge afterwards, where it is taken along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedge: Option<Along>,
    /// What is odd about the tokens.
    pub warnings: Vec<String>,
    /// What somebody else is to sign or send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emitted: Option<Value>,
    /// What was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
}

/// The limits that the call carries.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LimitsReport {
    /// Seconds of the time-weighted price.
    pub twap_window: u32,
    /// Ticks from it.
    pub max_tick_deviation: u32,
    /// Least liquidity.
    #[serde(with = "decimal_string")]
    pub min_liquidity: u128,
    /// Least raw token0.
    #[serde(with = "decimal_string")]
    pub amount0_min: U256,
    /// Least raw token1.
    #[serde(with = "decimal_string")]
    pub amount1_min: U256,
    /// Last timestamp.
    #[serde(with = "decimal_string")]
    pub deadline: U256,
}

/// What was measured in the simulation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewReport {
    /// The position that there is afterwards; zero for none.
    #[serde(with = "decimal_string")]
    pub id: U256,
    /// Its whole liquidity.
    #[serde(with = "decimal_string")]
    pub liquidity: u128,
    /// What the action answered: put in, or paid to the account.
    #[serde(with = "decimal_string")]
    pub amount0: U256,
    /// raw token1.
    #[serde(with = "decimal_string")]
    pub amount1: U256,
    /// Fees of the old position, raw token0, as read.
    #[serde(with = "decimal_string")]
    pub fees0: U256,
    /// raw token1.
    #[serde(with = "decimal_string")]
    pub fees1: U256,
    /// What the wallet's token0 changes by, measured.
    #[serde(with = "decimal_string")]
    pub wallet0: I256,
    /// token1.
    #[serde(with = "decimal_string")]
    pub wallet1: I256,
    /// The pool's price before and after.
    #[serde(rename = "sqrtPriceX96Before", with = "decimal_string")]
    pub sqrt_price_before: U256,
    /// After.
    #[serde(rename = "sqrtPriceX96After", with = "decimal_string")]
    pub sqrt_price_after: U256,
    /// wad: price after / price before - 1.
    #[serde(with = "decimal_string")]
    pub price_impact: I256,
    /// raw token1 at the price before.
    #[serde(with = "decimal_string")]
    pub value_before: U256,
    /// The same of what there is afterwards.
    #[serde(with = "decimal_string")]
    pub value_after: U256,
    /// Gas as the node estimates it.
    pub gas: u64,
}

impl Report {
    /// Describes a plan; `gas` is what the node estimates.
    pub fn of(chain_id: u64, plan: &Plan, gas: u64) -> Result<Self> {
        let preview = &plan.preview;
        let fees = plan.position.as_ref().map_or([U256::ZERO; 2], |position| position.fees);
        let range = plan.range_after();
        Ok(Self {
            action: plan.action.name(),
            chain_id,
            account: plan.account,
            shell: plan.shell,
            delegated: plan.delegated,
            position: plan.position.as_ref().map(|position| position.summary()).transpose()?,
            tick_lower: range.map(|range| range.0),
            tick_upper: range.map(|range| range.1),
            limits: LimitsReport {
                twap_window: plan.limits.twapWindow,
                max_tick_deviation: plan.limits.maxTickDeviation.to(),
                min_liquidity: plan.limits.minLiquidity,
                amount0_min: plan.limits.amount0Min,
                amount1_min: plan.limits.amount1Min,
                deadline: plan.limits.deadline,
            },
            preview: PreviewReport {
                id: preview.returned.id,
                liquidity: preview.liquidity,
                amount0: preview.returned.amounts[0],
                amount1: preview.returned.amounts[1],
                fees0: fees[0],
                fees1: fees[1],
                wallet0: signed(preview.wallet[0]),
                wallet1: signed(preview.wallet[1]),
                sqrt_price_before: preview.sqrt_price.before,
                sqrt_price_after: preview.sqrt_price.after,
                price_impact: impact(preview.sqrt_price)?,
                value_before: preview.value.before,
                value_after: preview.value.after,
                gas,
            },
            hedge: None,
            warnings: plan.warnings.clone(),
            emitted: None,
            sent: None,
        })
    }

    /// The same for people.
    pub fn text(&self, plan: &Plan) -> Result<String> {
        let rows = [
            self.places(plan)?,
            self.money(plan),
            self.market(plan)?,
            self.conditions(plan),
        ]
        .concat();
        let rows = rows
            .into_iter()
            .map(|(name, now, then)| vec![name.to_owned(), now, then])
            .collect();
        let title = match &plan.position {
            Some(position) => format!("{} of {}", self.action, position.place),
            None => self.action.to_owned(),
        };
        Ok(output::table(&[&title, "now", "afterwards"], rows))
    }

    fn places(&self, plan: &Plan) -> Result<Vec<Row>> {
        let (token0, token1) = (&plan.pool.token0, &plan.pool.token1);
        let ticks = |range: Option<(i32, i32)>| {
            range.map_or_else(|| NONE.to_owned(), |(lower, upper)| format!("{lower} to {upper}"))
        };
        let prices = |range: Option<(i32, i32)>| -> Result<String> {
            let Some((lower, upper)) = range else {
                return Ok(NONE.into());
            };
            let at = |tick| price::price_at_tick(tick, token0.decimals, token1.decimals);
            Ok(format!("{} to {}", at(lower)?, at(upper)?))
        };
        let before = plan
            .position
            .as_ref()
            .map(|position| (position.tick_lower, position.tick_upper));
        let after = plan.range_after();
        let named = plan
            .position
            .as_ref()
            .map_or_else(|| NONE.into(), |p| p.place.to_string());
        let held = plan.position.as_ref().map_or(0, |position| position.liquidity);
        Ok(vec![
            (
                "position",
                named,
                plan.place_of(self.preview.id)
                    .map_or_else(|| NONE.into(), |place| place.to_string()),
            ),
            ("ticks", ticks(before), ticks(after)),
            ("prices", prices(before)?, prices(after)?),
            ("liquidity", held.to_string(), self.preview.liquidity.to_string()),
        ])
    }

    fn money(&self, plan: &Plan) -> Vec<Row> {
        let (token0, token1) = (&plan.pool.token0, &plan.pool.token1);
        let both = |a: U256, b: U256| format!("{} + {}", token0.exact(a), token1.exact(b));
        let [wallet0, wallet1] = plan.preview.wallet;
        let preview = &self.preview;
        let fees = both(preview.fees0, preview.fees1);
        vec![
            (
                "fees owed",
                if plan.position.is_some() { fees } else { NONE.into() },
                String::new(),
            ),
            (
                "wallet",
                both(wallet0.before, wallet1.before),
                format!("{}, {}", change(token0, wallet0), change(token1, wallet1)),
            ),
            (
                "value at the price now",
                token1.exact(preview.value_before),
                format!("{} ({})", token1.exact(preview.value_after), ratio(plan.preview.value)),
            ),
        ]
    }

    fn market(&self, plan: &Plan) -> Result<Vec<Row>> {
        let (token0, token1) = (&plan.pool.token0, &plan.pool.token1);
        let shown = |sqrt_price| price::price_from(sqrt_price, token0.decimals, token1.decimals);
        let moved = format_percent(self.preview.price_impact, 6);
        let after = format!("{} ({moved})", shown(self.preview.sqrt_price_after)?);
        let gas = format!("about {}", self.preview.gas);
        let label = if plan.shell.is_none() {
            "gas, both transactions"
        } else if plan.delegated {
            "gas, as own transaction"
        } else {
            "gas, as own transaction that delegates"
        };
        Ok(vec![
            ("price of the pool", shown(self.preview.sqrt_price_before)?, after),
            (label, String::new(), gas),
        ])
    }

    fn conditions(&self, plan: &Plan) -> Vec<Row> {
        let (token0, token1) = (&plan.pool.token0, &plan.pool.token1);
        let limits = &self.limits;
        let Some(shell) = plan.shell else {
            let held_to = "nothing: the pool's own functions know no minimum";
            return vec![
                ("code of the account", String::new(), "not used".into()),
                ("held to", String::new(), held_to.into()),
            ];
        };
        let code = if plan.delegated { "the shell" } else { NONE };
        let mut rows = vec![("code of the account", code.into(), format!("the shell {shell}"))];
        if plan.action.mints() {
            rows.push(("at least", String::new(), format!("liquidity {}", limits.min_liquidity)));
        }
        let least = format!(
            "{} + {}",
            token0.exact(limits.amount0_min),
            token1.exact(limits.amount1_min)
        );
        rows.push((plan.action.minimum().label(), String::new(), least));
        let guard = match limits.twap_window {
            _ if !plan.action.heeds_the_price() => "none: nothing is traded".into(),
            0 => "none".into(),
            window => format!("within {} ticks of the mean of {window} s", limits.max_tick_deviation),
        };
        rows.push(("price guard", String::new(), guard));
        let deadline = format!("timestamp {} (it is {})", limits.deadline, plan.timestamp);
        rows.push(("to be done by", String::new(), deadline));
        rows
    }
}

const NONE: &str = "none";

/// A name, what is now, what is afterwards.
type Row = (&'static str, String, String);

fn signed(change: Change) -> I256 {
    if change.after >= change.before {
        I256::try_from(change.gained()).unwrap_or(I256::MAX)
    } else {
        -I256::try_from(change.spent()).unwrap_or(I256::MAX)
    }
}

fn change(token: &Token, change: Change) -> String {
    if change.after >= change.before {
        format!("+{}", token.exact(change.gained()))
    } else {
        format!("-{}", token.exact(change.spent()))
    }
}

/// `(after / before)² - 1` as a wad, rounded towards zero.
fn impact(sqrt_price: Change) -> Result<I256> {
    let wad = U256::from(hedgerow_core::WAD);
    let maths = |error: hedgerow_core::Error| Error::Maths {
        what: "the price impact",
        reason: error.to_string(),
    };
    let Change { before, after } = sqrt_price;
    if before.is_zero() {
        return Ok(I256::ZERO);
    }
    let once = mul_div(wad, after, before).map_err(maths)?;
    let squared = mul_div(once, after, before).map_err(maths)?;
    Ok(signed(Change {
        before: wad,
        after: squared,
    }))
}

/// By how much of itself a value changes.
fn ratio(value: Change) -> String {
    let wad = U256::from(hedgerow_core::WAD);
    match mul_div(value.after, wad, value.before) {
        Ok(after) => format_percent(signed(Change { before: wad, after }), 6),
        Err(_) => "nothing before".into(),
    }
}

/// What became of it, in a sentence.
pub fn sent_text(plan: &Plan, sent: &Sent) -> String {
    let (token0, token1) = (&plan.pool.token0, &plan.pool.token1);
    let amounts = format!("{} + {}", token0.exact(sent.amount0), token1.exact(sent.amount1));
    let cost = format!(
        "transaction {}; {} gas; {} ETH paid by {}",
        sent.transaction,
        sent.gas_used,
        format_units(sent.paid_wei, 18),
        sent.paid_by
    );
    match plan.place_of(sent.new_id) {
        Some(place) if plan.action == Action::Compound => {
            let more = sent.liquidity;
            format!("Position {place} has grown by liquidity {more}: {amounts} were put in ({cost}).")
        }
        Some(place) if plan.action.mints() => {
            format!(
                "Position {place} is in place: {amounts}, liquidity {} ({cost}).",
                sent.liquidity
            )
        }
        Some(place) => format!("{amounts} paid out; position {place} stays ({cost})."),
        None => format!("{amounts} paid out; the position is gone ({cost})."),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_impact_is_the_relative_change_of_the_price() {
        let q96 = U256::from(1) << 96;
        let of = |before, after| impact(Change { before, after }).unwrap();
        // A root that doubles is a price that quadruples.
        assert_eq!(
            of(q96, q96 << 1),
            I256::try_from(3_000_000_000_000_000_000_u128).unwrap()
        );
        assert_eq!(
            of(q96 << 1, q96),
            -I256::try_from(750_000_000_000_000_000_u128).unwrap()
        );
        assert_eq!(of(q96, q96), I256::ZERO);
    }
}
