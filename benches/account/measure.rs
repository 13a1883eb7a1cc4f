//! Every row: who does what, by which route, from the same state.

use crate::{
    actions::{Action, Custody, REBALANCE, idle},
    batch::{self, Allowances},
    route::{Cost, Job, Route},
    stage::Stage,
};
use alloy::{primitives::U256, sol, sol_types::SolEvent};
use hedgerow::error::Result;
use serde::Serialize;

sol! {
    /// Uniswap's pool, of whoever mints.
    event Mint(
        address sender, address indexed owner, int24 indexed tickLower, int24 indexed tickUpper, uint128 amount,
        uint256 amount0, uint256 amount1
    );
}

/// One account's way of doing something.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// What is done.
    pub what: String,
    /// With what.
    pub whose: &'static str,
    /// By which route.
    pub route: Route,
    /// Gas of the transaction; with the programs cached where there are any.
    pub gas: u64,
    /// The same with the programs entered uncached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas_uncached: Option<u64>,
    /// Bytes of the account's call.
    pub call_data: usize,
    /// Bytes of the transaction's calldata.
    pub calldata: usize,
    /// Gas that the EntryPoint charged the paymaster for, programs cached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed: Option<u64>,
    /// Liquidity minted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liquidity: Option<u128>,
    /// What is left in the wallet of what was withdrawn, in hundredths of a percent of the position.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_over: Option<f64>,
}

/// Whose the rows are.
pub const SIMPLE: &str = "Simple7702Account";
/// Ours, for a position that is an NFT.
pub const NFT: &str = "Hedgerow, NFT";
/// Ours, for a position in the pool itself.
pub const DIRECT: &str = "Hedgerow, direct";

impl Stage {
    /// The reference flow by Simple7702Account: the batch worked out beforehand. The chain is as [`Self::left_behind`] leaves it.
    pub async fn by_simple(&self, token_id: U256, allowances: Allowances) -> Result<Vec<Row>> {
        let snapshot = self.snapshot().await?;
        if allowances != Allowances::Given {
            self.allow_all().await;
        }
        let steps = self.plan(token_id, allowances != Allowances::There).await?;
        let job = Job {
            delegate: self.simple,
            call: batch::execute(steps),
            idle: batch::execute(Vec::new()),
            binding: false,
        };
        let what = allowances.name();
        let mut rows = Vec::new();
        for route in Route::ALL {
            let (cost, minted) = self.observed(route, &job).await?;
            rows.push(row(what, SIMPLE, route, &job, &cost, None, minted));
        }
        self.revert(snapshot).await?;
        Ok(rows)
    }

    /// What our account does, by some routes, with its programs cached and not.
    pub async fn ours(&self, actions: &[Action], custody: Custody, routes: &[Route]) -> Result<Vec<Row>> {
        let whose = if custody == Custody::Direct { DIRECT } else { NFT };
        let mut rows = Vec::new();
        for action in actions {
            let job = Job {
                delegate: self.world.shell,
                call: self.prepare(action).await?,
                idle: idle(),
                // As the command signs: the operation's hash binds the delegate.
                binding: true,
            };
            for route in routes {
                let uncached = self.cost(*route, &job).await?;
                let snapshot = self.snapshot().await?;
                self.cache_programs().await?;
                let (cost, minted) = self.observed(*route, &job).await?;
                self.revert(snapshot).await?;
                let minted = minted.filter(|_| action.name == REBALANCE);
                rows.push(row(action.name, whose, *route, &job, &cost, Some(uncached.gas), minted));
            }
        }
        Ok(rows)
    }

    /// [`Self::cost`], and what was minted: liquidity, and what was left over of what was withdrawn.
    async fn observed(&self, route: Route, job: &Job) -> Result<(Cost, Option<(u128, f64)>)> {
        let snapshot = self.snapshot().await?;
        let owner = self.world.owner.address();
        let before = self.world.balances(owner).await;
        let cost = self.send(route, job).await?;
        let after = self.world.balances(owner).await;
        let (sqrt_price, _) = self.world.slot0().await;
        self.revert(snapshot).await?;
        let mut logs = cost.receipt.inner.logs().iter().rev();
        let minted = logs.find_map(|log| Mint::decode_log(&log.inner).ok()).map(|mint| {
            let price = (f64::from(sqrt_price) / 2_f64.powi(96)).powi(2);
            let worth = |amounts: [U256; 2]| f64::from(amounts[0]) * price + f64::from(amounts[1]);
            let left = worth([0, 1].map(|i| after[i].saturating_sub(before[i])));
            (mint.amount, left / worth([mint.amount0, mint.amount1]) * 10_000.0)
        });
        Ok((cost, minted))
    }

    /// Everything: the reference flow by either account, our actions, what the root key costs.
    pub async fn flow(&self, routes: &[Route]) -> Result<(Vec<Row>, Vec<Row>)> {
        let start = self.snapshot().await?;
        let token_id = self.left_behind().await?;
        let mut flow = Vec::new();
        for allowances in [Allowances::There, Allowances::Overwritten, Allowances::Given] {
            eprintln!("- Simple7702Account, {}", allowances.name());
            flow.extend(self.by_simple(token_id, allowances).await?);
        }
        let mut others = Vec::new();
        eprintln!("- moving an NFT");
        let custody = Custody::Nft(token_id);
        self.split(custody, routes, &mut flow, &mut others).await?;
        self.revert(start).await?;

        eprintln!("- moving a direct position");
        let start = self.snapshot().await?;
        let token_id = self.settle().await;
        self.make_direct(token_id).await?;
        self.move_price().await;
        self.split(Custody::Direct, routes, &mut flow, &mut others).await?;
        self.revert(start).await?;
        Ok((flow, others))
    }

    /// Rebalances by all routes, other moves by some.
    async fn split(
        &self,
        custody: Custody,
        routes: &[Route],
        flow: &mut Vec<Row>,
        others: &mut Vec<Row>,
    ) -> Result<()> {
        let actions = self.moving(custody).await;
        let (rebalance, rest) = actions.split_at(1);
        flow.extend(self.ours(rebalance, custody, &Route::ALL).await?);
        others.extend(self.ours(rest, custody, routes).await?);
        Ok(())
    }

    /// What one does with a position of either kind that earns.
    pub async fn keeping_rows(&self, routes: &[Route]) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for direct in [false, true] {
            eprintln!("- keeping {}", if direct { "a direct position" } else { "an NFT" });
            let start = self.snapshot().await?;
            let token_id = self.settle().await;
            let mut custody = Custody::Nft(token_id);
            if direct {
                self.make_direct(token_id).await?;
                custody = Custody::Direct;
            }
            self.earn().await;
            rows.extend(self.ours(&self.keeping(custody), custody, routes).await?);
            self.revert(start).await?;
        }
        Ok(rows)
    }
}

fn row(
    what: &str,
    whose: &'static str,
    route: Route,
    job: &Job,
    cost: &Cost,
    gas_uncached: Option<u64>,
    minted: Option<(u128, f64)>,
) -> Row {
    Row {
        what: what.into(),
        whose,
        route,
        gas: cost.gas,
        gas_uncached,
        call_data: job.call.len(),
        calldata: cost.calldata,
        billed: cost.billed,
        liquidity: minted.map(|(liquidity, _)| liquidity),
        left_over: minted.map(|(_, left)| left),
    }
}

impl Allowances {
    /// What the tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::There => "unlimited allowances from before",
            Self::Overwritten => "three approvals, over those from before",
            Self::Given => "three approvals, the first ever",
        }
    }
}
