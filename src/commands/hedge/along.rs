//! `--hedge` of the commands that act on a position: the action and the hedge of what it leaves, in one call.

use super::{VenueArgs, circumstances, percent};
use crate::{
    action::Plan,
    bindings::IHedges::actAndHedgeCall,
    client::Client,
    deployment::Deployment,
    error::{Error, Result},
    hedge::{
        along::Along,
        defaults,
        growth::{Baseline, Since},
        observe, terms,
    },
    policy::observe::Scene,
};
use alloy::{
    primitives::{Address, Bytes},
    sol_types::SolCall,
};
use clap::{Args, ValueEnum};
use hedgerow_core::hedging::{Kind, Target, Terms};

/// What the hedge of the position that is left is to be.
#[derive(Args, Debug)]
#[command(next_help_heading = "The hedge")]
pub struct AlongArgs {
    /// Take the position's hedge along in the same call, opening one if there is none; closed where nothing is left
    #[arg(long)]
    pub hedge: bool,
    /// How much of the volatile token is owed afterwards
    #[arg(long, value_enum, value_name = "TARGET", default_value = "delta", requires = "hedge")]
    hedge_target: AlongTarget,
    /// Share of the target
    #[arg(long, value_name = "PERCENT", default_value = "100%", value_parser = percent, requires = "hedge")]
    hedge_share: u32,
    /// Since when the gate counts fees: a time before now, or a block's number; the node has to keep its state
    #[arg(long, value_name = "TIME|BLOCK", default_value = defaults::FEES_SINCE, requires = "hedge")]
    fees_since: Since,
    /// Open or enlarge the hedge even though the gate is closed; the account says so in an event
    #[arg(long, requires = "hedge")]
    override_gate: bool,
    #[command(flatten)]
    venue: VenueArgs,
}

/// What should be owed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum AlongTarget {
    /// The position's delta
    #[default]
    Delta,
    /// The delta of its impermanent loss alone
    Il,
}

impl AlongArgs {
    /// Makes the plan's call one that takes the hedge along, and tells what that would come to.
    pub async fn wrap(
        &self,
        client: &Client,
        manager: Address,
        deployment: &Deployment,
        plan: &mut Plan,
    ) -> Result<Option<Along>> {
        if !self.hedge {
            return Ok(None);
        }
        let Some(position) = plan.position.as_ref().filter(|_| plan.shell.is_some()) else {
            let remedy = "it takes one call of the account, on a position that is there: open first, then `hedgerow hedge open`; leave with --delegate";
            return Err(Error::invalid("--hedge", plan.action.name(), remedy));
        };
        let scene = Scene::read(client, manager, plan.account, position.place).await?;
        let found = observe::remembered(client, &scene).await?;
        let venue = self
            .venue
            .of(client, manager, &scene, found.as_ref(), deployment)
            .await?;
        let baseline = Baseline::read(client, scene.pool.address, self.fees_since, (scene.block, scene.now)).await?;
        let limits = circumstances(&scene, &venue, baseline)?;
        let target = Target {
            kind: match self.hedge_target {
                AlongTarget::Delta => Kind::Delta,
                AlongTarget::Il => Kind::IlDelta,
            },
            share: self.hedge_share,
            amount: 0,
        };
        let terms = Terms {
            override_gate: self.override_gate,
            ..defaults::terms(&limits)
        };
        let call = actAndHedgeCall {
            place: terms::place(&scene.position)?,
            action: plan.own_call()?.data,
            venue: venue.for_call(),
            target: terms::target(&target),
            terms: terms::hedge_terms(&terms),
            limits: terms::limits(
                plan.limits.twapWindow,
                plan.limits.maxTickDeviation.to(),
                plan.limits.deadline,
            ),
        };
        plan.wrapped = Some(Bytes::from(call.abi_encode()));
        let answer = plan.own_call()?.simulate(client).await?;
        let after = actAndHedgeCall::abi_decode_returns(&answer).map_err(|error| Error::Mismatch {
            what: "what the call answers".into(),
            expected: "the position's id, debt and collateral".into(),
            found: error.to_string(),
        })?;
        let pair = scene.pair(client);
        Ok(Some(Along {
            debt: after.debt,
            collateral: after.collateral,
            text: format!(
                "hedge afterwards: {} owed, {} lent",
                pair.token(venue.volatile).exact(after.debt),
                pair.token(1 - venue.volatile.min(1)).exact(after.collateral)
            ),
        }))
    }
}
