//! What the demo has to show: one JSON document, or tables for a reader.

use crate::{
    commands::deploy,
    decimal::{Decimal, format_percent, format_short},
    deployment::Deployment,
    error::Result,
    output::{self, decimal_string},
    position::{Figures, Position, Summary},
};
use alloy::primitives::{Address, B256, U256};
use serde::Serialize;

/// The whole story.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The devnode's chain id.
    pub chain_id: u64,
    /// The ArbOS version whose rules it follows.
    pub arbos: u64,
    /// Lens, Manager and Account, as deployed.
    pub deployment: Deployment,
    /// Uniswap's position manager.
    pub position_manager: Address,
    /// The pool.
    pub pool: Address,
    /// The ordinary wallet.
    pub provider: Address,
    /// The pool's price when the position was minted.
    #[serde(with = "decimal_string", rename = "entrySqrtPriceX96")]
    pub entry_sqrt_price: U256,
    /// The position when it was minted.
    pub minted: Side,
    /// What it was worth while the price was in its range.
    pub within: Comparison,
    /// What it was worth after the price had left it.
    pub beyond: Comparison,
    /// The position before the rebalance.
    pub before: Side,
    /// The rebalance as one user operation.
    pub user_operation: Rebalanced,
    /// The same as a self-call.
    pub self_call: Rebalanced,
    /// How long everything took.
    pub seconds: f64,
    /// The most memory that the process, devnode and all, ever held; where the system tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_memory_kib: Option<u64>,
}

/// What Lens and the native core say of the position at one moment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// The pool's price then.
    pub price: String,
    /// Whether it was in the range.
    pub in_range: bool,
    /// What Lens says.
    pub lens: Figures,
    /// What the native core says.
    pub native: Figures,
    /// That the two are the same to the last digit.
    pub identical: bool,
}

/// A position at one moment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// What it is.
    pub position: Summary,
    /// What it is worth.
    pub figures: Figures,
}

impl Side {
    /// Puts the two together.
    pub fn of(position: &Position, figures: Figures) -> Result<Self> {
        Ok(Self {
            position: position.summary()?,
            figures,
        })
    }
}

/// A rebalance that was carried out.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rebalanced {
    /// The new position.
    pub after: Side,
    /// raw token0 and token1 that went back to the wallet because the new range did not take them.
    #[serde(serialize_with = "pair")]
    pub dust: [U256; 2],
    /// The wallet's allowances, all of which have to be zero.
    pub allowances: Vec<Allowance>,
    /// Gas, and whose.
    pub paid: Paid,
}

/// An allowance of the wallet.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Allowance {
    /// Over which token.
    pub token: Address,
    /// For whom.
    pub spender: Address,
    /// How much.
    #[serde(with = "decimal_string")]
    pub amount: U256,
}

/// What a rebalance cost.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Paid {
    /// Whose ether.
    pub by: Address,
    /// The same in words.
    pub who: &'static str,
    /// Gas of the transaction.
    pub gas_used: u64,
    /// Gas that the EntryPoint charged for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charged_gas: Option<u64>,
    /// wei paid.
    #[serde(with = "decimal_string")]
    pub wei: U256,
    /// The user operation, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_operation: Option<B256>,
    /// The transaction.
    pub transaction: B256,
    /// The wallet's own ether afterwards.
    #[serde(with = "decimal_string")]
    pub wallet_wei_after: U256,
}

fn pair<S: serde::Serializer>(pair: &[U256; 2], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(pair.iter().map(ToString::to_string))
}

impl Report {
    /// The story in tables.
    pub fn to_text(&self) -> String {
        let sections = [
            format!(
                "1. Deployed and activated on the devnode (chain {}, ArbOS {})",
                self.chain_id, self.arbos
            ),
            deploy::table(&self.deployment),
            format!(
                "2. Position {}, minted at 2,000: Lens (on-chain) beside the native core",
                self.before.position.place
            ),
            self.figures_table(&self.within),
            self.figures_table(&self.beyond),
            "3. Rebalanced by one ERC-4337 user operation, with one EIP-7702 authorisation from an ordinary wallet"
                .into(),
            self.rebalance_table(),
            self.closing(),
        ];
        sections.join("\n")
    }

    fn figures_table(&self, at: &Comparison) -> String {
        let rows = at
            .lens
            .named()
            .into_iter()
            .zip(at.native.named())
            .map(|((name, lens), (_, native))| {
                let same = if lens == native { "identical" } else { "DIFFERENT" };
                vec![self.label(name, &at.native), lens, native, same.into()]
            });
        let place = if at.in_range { "in range" } else { "out of range" };
        output::table(
            &[&format!("at {}, {place}", short(&at.price)), "Lens", "native core", ""],
            rows.collect(),
        )
    }

    /// A figure's name with its unit, and in words what people would say.
    fn label(&self, name: &str, figures: &Figures) -> String {
        let (token0, token1) = (&self.before.position.token0.symbol, &self.before.position.token1.symbol);
        match name {
            "amount0" | "fees0" => format!("{name} (raw {token0})"),
            "amount1" | "fees1" => format!("{name} (raw {token1})"),
            "value" | "hold" | "dollarGamma" => format!("{name} (wad of raw {token1})"),
            "il" => format!("IL (wad; {})", format_percent(figures.il, 4)),
            "delta" => format!("delta (wad of raw {token0})"),
            _ => format!("{name} (wad)"),
        }
    }

    fn rebalance_table(&self) -> String {
        let outcomes = [&self.user_operation, &self.self_call];
        let sides = [&self.before, &self.user_operation.after, &self.self_call.after].map(|side| self.describe(side));
        let names = [
            "position",
            "range",
            "price",
            "in range",
            "amounts",
            "fees owed",
            "value",
            "IL since entry",
            "owner",
        ];
        let described = names.into_iter().enumerate().map(|(i, name)| {
            let cells = sides.iter().map(|side| side[i].clone());
            std::iter::once(name.to_owned()).chain(cells).collect()
        });
        let names = ["left over (raw)", "allowances left", "gas used", "gas paid by"];
        let costs = outcomes.map(|outcome| self.describe_cost(outcome));
        let cost = names.into_iter().enumerate().map(|(i, name)| {
            let [a, b] = &costs;
            vec![name.to_owned(), String::new(), a[i].clone(), b[i].clone()]
        });
        output::table(
            &["", "before", "user operation", "plain self-call"],
            described.chain(cost).collect(),
        )
    }

    /// What a position is and is worth, in the order of the table.
    fn describe(&self, side: &Side) -> [String; 9] {
        let (it, figures) = (&side.position, &side.figures);
        let both = |a: U256, b: U256| format!("{} + {}", it.token0.short(a, 6), it.token1.short(b, 2));
        [
            it.place.to_string(),
            format!("{} to {}", short(&it.price_lower), short(&it.price_upper)),
            short(&it.price),
            if it.in_range { "yes".into() } else { "no".into() },
            both(figures.amount0, figures.amount1),
            both(figures.fees0, figures.fees1),
            it.token1.short_wad(figures.value, 2),
            format_percent(figures.il, 4),
            if it.owner == self.provider {
                "the wallet".into()
            } else {
                it.owner.to_string()
            },
        ]
    }

    /// What a rebalance left open and cost, in the order of the table.
    fn describe_cost(&self, outcome: &Rebalanced) -> [String; 4] {
        let ([dust0, dust1], tokens) = (outcome.dust, &self.before.position);
        let left = outcome
            .allowances
            .iter()
            .filter(|allowance| !allowance.amount.is_zero())
            .count();
        [
            format!("{dust0} {} + {dust1} {}", tokens.token0.symbol, tokens.token1.symbol),
            format!("{left} of {} looked at", outcome.allowances.len()),
            outcome.paid.gas_used.to_string(),
            format!("{} ({} ETH)", outcome.paid.who, format_short(outcome.paid.wei, 18, 8)),
        ]
    }

    fn closing(&self) -> String {
        // As the user called it, so that the lines can be copied.
        let me = std::env::args().next().unwrap_or_else(|| "hedgerow".into());
        let more = self
            .user_operation
            .paid
            .gas_used
            .saturating_sub(self.self_call.paid.gas_used);
        let memory = self
            .peak_memory_kib
            .map(|kib| format!(" and {} MB", kib / 1024))
            .unwrap_or_default();
        let (id, manager, wallet) = (self.before.position.place, self.position_manager, self.provider);
        let lines = [
            String::new(),
            format!(
                "The wallet {wallet} had no ether during the user operation; being sponsored cost {more} gas more than paying itself."
            ),
            format!("All of it took {:.1} s{memory}. Try next:", self.seconds),
            format!("  {me} calc il --entry-price 2000 --price 3000 --range-lower 1600 --range-upper 2500"),
            format!("  {me} devnode --stage    # the same stage, kept open for you; then, in another terminal:"),
            format!("  {me} position show {id} --position-manager {manager} --entry-price 1900"),
            format!("  {me} rebalance {id} --position-manager {manager} --width-percent 10 --dev-account 1 --yes"),
        ];
        lines.join("\n")
    }
}

/// The process's peak of resident memory, as Linux counts it.
pub fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// A price to the nearest cent: for a table, where the exact one is in the JSON.
fn short(price: &str) -> String {
    price
        .parse::<Decimal>()
        .map_or_else(|_| price.to_owned(), |price| price.rounded(2))
}
