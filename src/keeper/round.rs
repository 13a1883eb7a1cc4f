//! One round: look at every position at once, then act on what is due, one after another.

use super::{
    Settings,
    act::{Outcome, act},
    decide::{Eye, Finding},
    report::Report,
    watch::{Spot, Watch},
};
use crate::{
    client::Client,
    error::{Error, Result},
    output::Progress,
};
use alloy::{primitives::Address, providers::Provider};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

/// How long a keeper waits for a transaction of its own that is on its way.
const PENDING: Duration = Duration::from_secs(120);
/// How many positions are looked at at the same time.
const AT_ONCE: usize = 50;

/// A keeper at work.
#[derive(Debug)]
pub struct Keeper {
    client: Client,
    settings: Arc<Settings>,
    watches: Vec<Watch>,
    /// Set to have it stop before its next action.
    stopping: Arc<AtomicBool>,
}

/// What a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Policies looked at.
    pub policies: usize,
    /// Actions in a block.
    pub acted: usize,
    /// Positions that could not be judged, or acted upon.
    pub failed: usize,
}

impl Keeper {
    /// A keeper of these accounts' positions.
    pub fn new(client: Client, settings: Settings, accounts: &[Address], stopping: Arc<AtomicBool>) -> Self {
        let watch = |account: &Address| Watch::new(*account, settings.manager, settings.from_block);
        Self {
            watches: accounts.iter().map(watch).collect(),
            client,
            settings: Arc::new(settings),
            stopping,
        }
    }

    /// Looks at every position and acts on what is due; `tell` hears of each.
    ///
    /// Errors: those of a node that is gone. What is wrong with one position is told, and does not keep the others from being looked at.
    pub async fn round(&mut self, progress: &Progress, mut tell: impl FnMut(&Report) -> Result<()>) -> Result<Tally> {
        progress.step("waiting for what was sent before");
        self.own_transactions().await?;
        let (block, now) = self.client.latest().await?;
        let number = block.as_u64().unwrap_or_default();
        for watch in &mut self.watches {
            watch.refresh(&self.client, progress, number).await?;
        }
        progress.step("looking at positions");
        let mut tally = Tally::default();
        let seen = self.look().await?;
        progress.finish();
        for (eye, spot, found) in seen {
            let findings = match found {
                Ok(findings) => findings,
                Err(error) => {
                    tally.failed += 1;
                    tell(&self.failed(&eye, spot, (number, now), &error))?;
                    continue;
                }
            };
            for finding in findings {
                let mut report = Report {
                    block: number,
                    now,
                    finding,
                    outcome: None,
                    failure: None,
                };
                if report.finding.job.is_some() && !self.stopping.load(Ordering::Relaxed) {
                    self.work(&eye, spot, &mut report).await?;
                }
                tally.policies += 1;
                tally.acted += usize::from(matches!(report.outcome, Some(Outcome::Sent(_))));
                tally.failed += usize::from(report.failure.is_some());
                tell(&report)?;
            }
        }
        Ok(tally)
    }

    /// Looks at all positions, many at a time, in JSON-RPC batches.
    async fn look(&self) -> Result<Vec<(Eye, Spot, Result<Vec<Finding>>)>> {
        let reader = self.client.batching();
        let mut places = Vec::new();
        for watch in &self.watches {
            let eye = Eye {
                client: reader.clone(),
                settings: Arc::clone(&self.settings),
                watch: Arc::new(watch.clone()),
            };
            places.extend(watch.spots.iter().map(|spot| (eye.clone(), *spot)));
        }
        let mut seen = Vec::with_capacity(places.len());
        for part in places.chunks(AT_ONCE) {
            let mut looking = JoinSet::new();
            for (number, (eye, spot)) in part.iter().cloned().enumerate() {
                looking.spawn(async move {
                    let found = eye.look(spot).await;
                    (number, eye, spot, found)
                });
            }
            let mut found = looking.join_all().await;
            found.sort_by_key(|(number, ..)| *number);
            for (_, eye, spot, found) in found {
                if let Err(error @ Error::Unreachable { .. }) = found {
                    return Err(error);
                }
                seen.push((eye, spot, found));
            }
        }
        Ok(seen)
    }

    /// Acts on a finding, if it still holds: an action of the same round may have changed it.
    async fn work(&self, eye: &Eye, spot: Spot, report: &mut Report) -> Result<()> {
        let again = Eye {
            client: self.client.clone(),
            ..eye.clone()
        };
        let done = async {
            let findings = again.look(spot).await?;
            let about = (report.finding.id, report.finding.about);
            let Some(finding) = findings.into_iter().find(|it| (it.id, it.about) == about) else {
                return Ok(None);
            };
            let Some(job) = finding.job.clone() else {
                return Ok(Some((finding, None)));
            };
            let outcome = act(&self.client, &self.settings, finding.account, &job).await?;
            Ok(Some((finding, Some(outcome))))
        };
        match done.await {
            Ok(Some((finding, outcome))) => (report.finding, report.outcome) = (finding, outcome),
            Ok(None) => {
                report.finding.job = None;
                report.finding.text = "no: it is governed otherwise by now".into();
            }
            Err(error @ Error::Unreachable { .. }) => return Err(error),
            Err(error) => report.failure = Some(error.to_string()),
        }
        Ok(())
    }

    fn failed(&self, eye: &Eye, spot: Spot, (block, now): (u64, u64), error: &Error) -> Report {
        Report {
            block,
            now,
            finding: eye.nothing(spot),
            outcome: None,
            failure: Some(error.to_string()),
        }
    }

    /// Waits until nothing of the keeper's own is on its way: what it would do now may be what it did just then.
    async fn own_transactions(&self) -> Result<()> {
        let keeper = self.settings.signer.address();
        let begun = std::time::Instant::now();
        loop {
            let pending = self.client.nonce(keeper).await?;
            let mined = self.client.provider().get_transaction_count(keeper).await;
            let mined = mined.map_err(|error| self.client.error("eth_getTransactionCount", error))?;
            if pending <= mined {
                return Ok(());
            }
            if begun.elapsed() > PENDING {
                let remedy = format!(
                    "{} of its transactions wait to be included: look for them, or replace them, before it sends others",
                    pending - mined
                );
                return Err(Error::invalid("the keeper", keeper, remedy));
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}
