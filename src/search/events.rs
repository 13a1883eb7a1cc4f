//! Direct positions by the pools' own events: every `Mint` names, indexed, the owner that the liquidity was given to.
//!
//! An event is only a hint, because any contract can emit one: what counts is what a proven pool has written down.

use super::{Found, Range, Search};
use crate::{
    bindings::IUniswapV3Pool::Mint,
    client::Client,
    error::{Error, Result},
    output::Progress,
};
use alloy::{
    primitives::{Address, B256},
    providers::Provider,
    rpc::types::{Filter, Log},
    sol_types::SolEvent,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// How often in a row a node may break off before it counts as gone; a gateway that times out does so without a word.
const MAX_BREAKS: u32 = 4;

impl Search<'_> {
    /// Adds the owner's direct positions that were minted since block `from`, in these pools or, without any, in all.
    pub async fn by_events(&mut self, from: u64, pools: &[Address], found: &mut Found) -> Result<()> {
        let owner = B256::left_padding_from(self.owner.as_slice());
        let filter = Filter::new().event_signature(Mint::SIGNATURE_HASH).topic1(owner);
        let filter = match pools {
            [] => filter,
            pools => filter.address(pools.to_vec()),
        };
        let mut candidates: BTreeMap<Address, BTreeSet<Range>> =
            pools.iter().map(|pool| (*pool, BTreeSet::new())).collect();
        for log in logs(
            self.client,
            self.progress,
            "direct positions",
            &filter,
            (from, self.number),
        )
        .await?
        {
            collect(&mut candidates, &log);
        }
        self.read(candidates, !pools.is_empty(), found).await
    }
}

/// All logs of a filter in the blocks from the first to the last; `what` they tell of, for the user.
pub async fn logs(
    client: &Client,
    progress: &Progress,
    what: &str,
    filter: &Filter,
    (from, to): (u64, u64),
) -> Result<Vec<Log>> {
    let (mut pages, mut found) = (Pages::new(from, to), Vec::new());
    while let Some((first, last)) = pages.next() {
        let message = format!("looking through blocks {from} to {to} for {what}");
        progress.share(&message, first - from, to.saturating_sub(from).saturating_add(1));
        match page(client, filter.clone().from_block(first).to_block(last)).await {
            Ok(logs) => {
                found.extend(logs);
                pages.answered();
            }
            Err(error) => pages.refused(error).await?,
        }
    }
    Ok(found)
}

async fn page(client: &Client, filter: Filter) -> Result<Vec<Log>> {
    let logs = client.provider().get_logs(&filter).await;
    logs.map_err(|error| client.error("eth_getLogs", error))
}

/// A log that does not decode, or names no range, is none of a pool's.
fn collect(candidates: &mut BTreeMap<Address, BTreeSet<Range>>, log: &Log) {
    if let Ok(mint) = Mint::decode_log(&log.inner) {
        let range = (mint.tickLower.as_i32(), mint.tickUpper.as_i32());
        candidates.entry(log.address()).or_default().insert(range);
    }
}

/// Block ranges to ask for, as wide as the node answers: halved when it refuses, doubled when it does not, and between a width that
/// worked and one that did not, half-way.
#[derive(Debug)]
struct Pages {
    next: u64,
    last: u64,
    width: u64,
    too_wide: u64,
    breaks: u32,
}

impl Pages {
    const fn new(first: u64, last: u64) -> Self {
        Self {
            next: first,
            last,
            width: last.saturating_sub(first).saturating_add(1),
            too_wide: u64::MAX,
            breaks: 0,
        }
    }

    /// The first and last block of the next page; none when all are answered.
    fn next(&self) -> Option<(u64, u64)> {
        let end = self.next.saturating_add(self.width - 1).min(self.last);
        (self.next <= self.last).then_some((self.next, end))
    }

    const fn answered(&mut self) {
        self.next = self.next.saturating_add(self.width);
        self.breaks = 0;
        let doubled = self.width.saturating_mul(2);
        self.width = if doubled < self.too_wide {
            doubled
        } else {
            self.width + (self.too_wide - self.width) / 2
        };
    }

    /// A narrower page after a refusal; the error when a single block is refused, or the node is gone.
    async fn refused(&mut self, error: Error) -> Result<()> {
        if matches!(error, Error::Unreachable { .. }) {
            self.breaks += 1;
            if self.breaks >= MAX_BREAKS {
                return Err(error);
            }
            tokio::time::sleep(Duration::from_millis(50 << self.breaks)).await;
        }
        if self.width == 1 {
            return Err(Error::NoLogs {
                block: self.next,
                reason: error.to_string(),
            });
        }
        // The last page may be narrower than the width that was meant.
        let asked = self.width.min(self.last - self.next + 1);
        self.too_wide = self.too_wide.min(asked.max(2));
        self.width = (asked / 2).max(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn refusal() -> Error {
        Error::Node {
            url: String::new(),
            action: "eth_getLogs".into(),
            reason: "query exceeds max block range".into(),
        }
    }

    /// Plays a node that takes at most `limit` blocks at once; returns the pages it answered and how often it refused.
    async fn play(first: u64, last: u64, limit: u64) -> Result<(Vec<(u64, u64)>, usize)> {
        let (mut pages, mut answered, mut refused) = (Pages::new(first, last), Vec::new(), 0);
        while let Some((from, to)) = pages.next() {
            if to - from < limit {
                answered.push((from, to));
                pages.answered();
            } else {
                refused += 1;
                pages.refused(refusal()).await?;
            }
        }
        Ok((answered, refused))
    }

    #[tokio::test]
    async fn every_block_is_asked_for_once_whatever_the_node_takes() {
        for (first, last, limit) in [
            (0, 0, 1),
            (7, 7, 9),
            (0, 9_999, 1),
            (5, 100_000, 999),
            (1, 1 << 20, 10_000),
            (3, 2_000, u64::MAX),
        ] {
            let (answered, refused) = play(first, last, limit).await.unwrap();
            assert_eq!((answered[0].0, answered.last().unwrap().1), (first, last));
            assert!(answered.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0));
            assert!(refused <= 64, "{refused} refusals for a limit of {limit}");
        }
    }

    /// Four hundred million blocks, ten thousand at a time: not many more requests than the 40,000 that it takes.
    #[tokio::test]
    async fn the_width_settles_just_below_the_nodes_limit() {
        let (answered, refused) = play(0, 399_999_999, 10_000).await.unwrap();
        assert!(answered.len() <= 40_020, "{}", answered.len());
        assert!(refused <= 40, "{refused}");
    }

    #[tokio::test]
    async fn a_node_that_has_no_logs_is_given_up_with_what_to_do() {
        let error = play(0, 1 << 40, 0).await.unwrap_err();
        assert!(matches!(error, Error::NoLogs { block: 0, .. }));
        assert!(error.to_string().contains("--from-state"), "{error}");
        assert!(error.to_string().contains("query exceeds"), "{error}");
    }

    #[tokio::test]
    async fn a_node_that_is_gone_is_not_asked_for_ever() {
        let mut pages = Pages::new(0, 1 << 40);
        let gone = || Error::Unreachable {
            url: String::new(),
            reason: "Connection refused".into(),
        };
        for _ in 1..MAX_BREAKS {
            pages.refused(gone()).await.unwrap();
        }
        assert_eq!(pages.refused(gone()).await.unwrap_err().exit_code(), 3);
    }
}
