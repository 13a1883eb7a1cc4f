//! The tables, in Markdown and in JSON.

use crate::{
    batch::Allowances,
    entry::Entry,
    hedge::HedgeRow,
    keeper::KeeperRow,
    measure::{DIRECT, NFT, Row, SIMPLE},
    root::RootRow,
    route::Route,
    session::SessionRow,
};
use hedgerow_devnode::{
    Config,
    arbos::{params::StylusParams, programs::Program},
};
use serde::Serialize;
use std::fmt::Write;

/// What a row of the table says of one measurement.
type Figure = fn(&Row) -> String;

/// All that was measured.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The reference flow by everybody.
    pub flow: Vec<Row>,
    /// What else our account does.
    pub actions: Vec<Row>,
    /// What policies and their keepers cost.
    pub keepers: Vec<KeeperRow>,
    /// What the root key's signature costs.
    pub root: Vec<RootRow>,
    /// What session keys cost.
    pub sessions: Vec<SessionRow>,
    /// What hedges cost.
    pub hedges: Vec<HedgeRow>,
    /// What entering each program behind the account costs.
    pub entry: Vec<Entry>,
}

/// What the same flow cost with Simple7702Account on Anvil (Prague), published versions the same, allowances there before.
const fn elsewhere(route: Route) -> u64 {
    match route {
        Route::Authorising => 624_131,
        Route::Delegated => 611_631,
        Route::FirstOperation => 696_751,
        Route::LaterOperation => 679_675,
    }
}

impl Report {
    fn row(&self, whose: &str, route: Route) -> Option<&Row> {
        let theirs = Allowances::There.name();
        let same = |row: &&Row| row.whose == whose && row.route == route && (whose != SIMPLE || row.what == theirs);
        self.flow.iter().find(same)
    }

    /// The document.
    pub fn markdown(&self) -> String {
        let mut out = include_str!("introduction.md").to_owned();
        self.reference(&mut out);
        self.approvals(&mut out);
        self.outcome(&mut out);
        self.others(&mut out);
        self.keepers(&mut out);
        self.keys(&mut out);
        self.sessions(&mut out);
        self.hedges(&mut out);
        self.entering(&mut out);
        out
    }

    fn reference(&self, out: &mut String) {
        *out += "\n## The reference flow\n\n";
        *out += include_str!("flow.md");
        *out +=
            "\n| way | Simple7702Account elsewhere | here | Hedgerow, NFT | uncached | Hedgerow, direct | uncached |\n";
        *out += "|---|---:|---:|---:|---:|---:|---:|\n";
        for route in Route::ALL {
            let rows = [SIMPLE, NFT, DIRECT].map(|whose| self.row(whose, route));
            let gas = rows.map(|row| number(row.map(|row| row.gas)));
            let uncached = rows.map(|row| number(row.and_then(|row| row.gas_uncached)));
            let ([simple, nft, direct], [_, nft_uncached, direct_uncached]) = (gas, uncached);
            let (way, there) = (route.name(), elsewhere(route));
            let _ = writeln!(
                out,
                "| {way} | {there} | {simple} | {nft} | {nft_uncached} | {direct} | {direct_uncached} |"
            );
        }
    }

    fn approvals(&self, out: &mut String) {
        *out += "\nSimple7702Account's batch when it has to approve:\n\n| way |";
        let rest = [Allowances::Overwritten, Allowances::Given];
        for allowances in rest {
            let _ = write!(out, " {} |", allowances.name());
        }
        *out += "\n|---|---:|---:|\n";
        for route in Route::ALL {
            let gas = |name| {
                let found = self.flow.iter().find(|row| row.what == name && row.route == route);
                number(found.map(|row| row.gas))
            };
            let [first, second] = rest.map(|allowances| gas(allowances.name()));
            let _ = writeln!(out, "| {} | {first} | {second} |", route.name());
        }
    }

    fn outcome(&self, out: &mut String) {
        *out +=
            "\n| the steady operation | Simple7702Account | Hedgerow, NFT | Hedgerow, direct |\n|---|---:|---:|---:|\n";
        let figures: [(&str, Figure); 5] = [
            ("bytes of the account's call", |row| row.call_data.to_string()),
            ("bytes of the transaction's calldata", |row| row.calldata.to_string()),
            ("gas that the paymaster is charged for", |row| number(row.billed)),
            ("liquidity minted", |row| number(row.liquidity)),
            ("left over of what was withdrawn, bp", |row| {
                row.left_over.map_or_else(String::new, |left| format!("{left:.4}"))
            }),
        ];
        for (what, figure) in figures {
            let _ = write!(out, "| {what} |");
            for whose in [SIMPLE, NFT, DIRECT] {
                let text = self.row(whose, Route::LaterOperation).map(figure).unwrap_or_default();
                let _ = write!(out, " {text} |");
            }
            *out += "\n";
        }
    }

    fn others(&self, out: &mut String) {
        *out += "\n## Everything else\n\n";
        *out += include_str!("actions.md");
        *out += "\n| action | position | self-call | uncached | EntryPoint, steady | uncached | bytes of the call |\n";
        *out += "|---|---|---:|---:|---:|---:|---:|\n";
        for own in self.actions.iter().filter(|row| row.route == Route::Delegated) {
            let operation = self
                .actions
                .iter()
                .find(|row| row.route == Route::LaterOperation && row.what == own.what && row.whose == own.whose);
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} |",
                own.what,
                if own.whose == NFT { "NFT" } else { "direct" },
                own.gas,
                number(own.gas_uncached),
                number(operation.map(|row| row.gas)),
                number(operation.and_then(|row| row.gas_uncached)),
                own.call_data
            );
        }
    }

    fn keepers(&self, out: &mut String) {
        *out += "\n## Policies and their keepers\n\n";
        *out += include_str!("keeper.md");
        *out += "\n| what | position | gas | uncached | the owner's own action | the keeper's, more |\n|---|---|---:|---:|---:|---:|\n";
        for row in &self.keepers {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} |",
                row.what,
                if row.whose == NFT { "NFT" } else { "direct" },
                row.gas,
                row.gas_uncached,
                number(row.own),
                number(row.own.map(|own| row.gas.saturating_sub(own)))
            );
        }
    }

    fn keys(&self, out: &mut String) {
        *out += "\n## The root key\n\n";
        *out += include_str!("root.md");
        *out += "\n| what | Hedgerow | Simple7702Account | Calibur, published |\n|---|---:|---:|---:|\n";
        for row in &self.root {
            let (simple, calibur) = (number(row.simple), number(row.calibur));
            let _ = writeln!(out, "| {} | {} | {simple} | {calibur} |", row.what, row.gas);
        }
    }

    fn sessions(&self, out: &mut String) {
        *out += "\n## Session keys\n\n";
        *out += include_str!("session.md");
        *out += "\n| what | Hedgerow | Ithaca, published |\n|---|---:|---:|\n";
        for row in &self.sessions {
            let _ = writeln!(out, "| {} | {} | {} |", row.what, row.gas, number(row.ithaca));
        }
    }

    fn hedges(&self, out: &mut String) {
        *out += "\n## Hedges\n\n";
        *out += include_str!("hedge.md");
        *out += "\n| what | Hedgerow, one transaction | uncached | separate transactions | how many |\n|---|---:|---:|---:|---:|\n";
        for row in &self.hedges {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                row.what, row.gas, row.gas_uncached, row.apart, row.transactions
            );
        }
    }

    fn entering(&self, out: &mut String) {
        *out += "\n## Entering the programs behind the account\n\n";
        *out +=
            "| program | bytes on chain | wasm | functions | static data | pages | entry, cached | entry, uncached |\n";
        *out += "|---|---:|---:|---:|---:|---:|---:|---:|\n";
        for Entry {
            measured,
            functions,
            data,
        } in &self.entry
        {
            let (name, size, wasm, pages) = (&measured.name, measured.size, measured.wasm_size, measured.footprint);
            let (cached, uncached) = (measured.cached_entry_gas, measured.entry_gas);
            let _ = writeln!(
                out,
                "| {name} | {size} | {wasm} | {functions} | {data} | {pages} | {cached} | {uncached} |"
            );
        }
        if self.entry.len() > 1 {
            let (cached, uncached) = self.together();
            let _ = writeln!(out, "| all of them in one | | | | | | {cached} | {uncached} |");
        }
        *out += include_str!("entry.md");
    }

    /// The most that entering one module of all programs would cost: the fixed price once, what depends on the module summed.
    fn together(&self) -> (u64, u64) {
        let stylus = StylusParams::for_arbos(Config::default().arbos_version);
        let nothing = Program::default();
        let fixed = (
            nothing.cached_gas(&stylus),
            nothing.cached_gas(&stylus) + nothing.init_gas(&stylus),
        );
        let programs = self.entry.iter().map(|entry| &entry.measured);
        programs.fold(fixed, |(cached, uncached), one| {
            (
                cached + one.cached_entry_gas - fixed.0,
                uncached + one.entry_gas - fixed.1,
            )
        })
    }
}

fn number<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
