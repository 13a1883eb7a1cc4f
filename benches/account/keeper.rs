//! What policies cost: setting one, asking what it says, and each action run by a keeper beside the owner's own.

use crate::{
    actions::{Custody, REBALANCE, WALK},
    common::{
        governed::{self, Terms},
        held::{Held, Kind, direct_id},
    },
    measure::{DIRECT, NFT},
    route::Route,
    stage::{DEVIATION, HALF, Stage, WINDOW},
};
use alloy::{
    primitives::{B256, U256, aliases::U24},
    rpc::types::TransactionReceipt,
};
use hedgerow::{client::Transaction, error::Result};
use serde::Serialize;

/// One thing that is done with a policy.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeeperRow {
    /// What is done.
    pub what: String,
    /// Of which kind the position is.
    pub whose: &'static str,
    /// Gas of the transaction, programs cached.
    pub gas: u64,
    /// The same, programs entered uncached.
    pub gas_uncached: u64,
    /// The owner's own action by a call of itself, programs cached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<u64>,
}

/// What the keeper asks for, in raw token1.
const FEE: u64 = 1_000;
/// The actions, as the interface numbers them, and as the tables of the owner's own call them.
const RUNS: [(u8, &str); 5] = [
    (governed::REBALANCE, REBALANCE),
    (governed::WALK, WALK),
    (governed::COMPOUND, "compound"),
    (governed::HARVEST, "harvest"),
    (governed::EXIT, "exit to both tokens"),
];

impl Stage {
    /// All rows, of positions of both kinds.
    pub async fn keeper_rows(&self) -> Result<Vec<KeeperRow>> {
        let mut rows = Vec::new();
        for kind in [Kind::Nft, Kind::Direct] {
            eprintln!("- a keeper, {kind:?}");
            let start = self.snapshot().await?;
            let id = self.settle().await;
            let range = (-HALF, HALF);
            let mut held = Held { kind, id, range };
            if kind == Kind::Direct {
                self.make_direct(id).await?;
                held.id = direct_id(self.world.account(), range);
            }
            self.delegate(self.world.shell).await?;
            self.world.pass(3_600).await;
            self.remembering(&held, &mut rows).await?;
            for (action, name) in RUNS {
                rows.push(self.run_row(&held, action, name).await?);
            }
            self.revert(start).await?;
        }
        Ok(rows)
    }

    async fn terms(&self, action: u8) -> Terms {
        let (mut guards, mut rules) = governed::terms(self.world.now().await, action);
        guards.salt = B256::repeat_byte(0x5a);
        (guards.twapWindow, guards.maxDeviation) = (WINDOW, U24::from(DEVIATION));
        rules[0].width = U24::from(if action <= governed::WALK { 2 * HALF } else { 0 });
        (guards, rules)
    }

    /// Setting a policy, placing an order, asking.
    async fn remembering(&self, held: &Held, rows: &mut Vec<KeeperRow>) -> Result<()> {
        let (world, whose) = (&self.world, whose(held));
        let terms = self.terms(governed::REBALANCE).await;
        let set = hedgerow::bindings::IPolicies::setPolicyCall {
            place: world.place(held),
            guards: terms.0.clone(),
            rules: terms.1.clone(),
        };
        let order = world.order_policy(held, &terms, U256::from(u64::MAX)).await;
        let check = world.check_call(held, (&terms.0, &terms.1));
        let account = world.account();
        for (what, who, call) in [
            ("set a policy", &world.owner, Transaction::call(account, &set)),
            (
                "place a signed order",
                &self.bundler,
                Transaction::call(account, &order),
            ),
            (
                "`check`, as a transaction",
                &self.bundler,
                Transaction::call(account, &check),
            ),
        ] {
            let mut gas = [0; 2];
            for (gas, cached) in gas.iter_mut().zip([true, false]) {
                let snapshot = self.snapshot().await?;
                if cached {
                    self.cache_programs().await?;
                }
                *gas = world.client.send(who, call.clone(), what).await?.gas_used;
                self.revert(snapshot).await?;
            }
            rows.push(KeeperRow {
                what: what.into(),
                whose,
                gas: gas[0],
                gas_uncached: gas[1],
                own: None,
            });
        }
        Ok(())
    }

    /// One action, run by a keeper for a fee, and by the owner.
    async fn run_row(&self, held: &Held, action: u8, name: &str) -> Result<KeeperRow> {
        let start = self.snapshot().await?;
        let terms = self.terms(action).await;
        self.world.set_policy(held, &terms).await?;
        let custody = match held.kind {
            Kind::Nft => Custody::Nft(held.id),
            Kind::Direct => Custody::Direct,
        };
        // A keeper is paid of fees, so there have to be some; what moves a position then sees the price leave.
        self.earn().await;
        let moves = action <= governed::WALK;
        if moves {
            self.move_price().await;
        }
        let uncached = self.ran(held, &terms).await?.gas_used;
        let snapshot = self.snapshot().await?;
        self.cache_programs().await?;
        let gas = self.ran(held, &terms).await?.gas_used;
        self.revert(snapshot).await?;
        let actions = if moves {
            self.moving(custody).await
        } else {
            self.keeping(custody)
        };
        let own: Vec<_> = actions.into_iter().filter(|action| action.name == name).collect();
        let own = self.ours(&own, custody, &[Route::Delegated]).await?;
        self.revert(start).await?;
        Ok(KeeperRow {
            what: format!("run: {name}"),
            whose: whose(held),
            gas,
            gas_uncached: uncached,
            own: own.first().map(|row| row.gas),
        })
    }

    /// A run whose traces are gone again.
    async fn ran(&self, held: &Held, terms: &Terms) -> Result<TransactionReceipt> {
        let snapshot = self.snapshot().await?;
        let ran = self.world.run_by(&self.bundler, held, terms, U256::from(FEE)).await?;
        self.revert(snapshot).await?;
        Ok(ran.receipt)
    }
}

fn whose(held: &Held) -> &'static str {
    if held.kind == Kind::Nft { NFT } else { DIRECT }
}
