//! Logs, and filters that are polled.

use std::collections::BTreeMap;

use alloy::{
    eips::BlockNumberOrTag,
    primitives::B256,
    rpc::types::{Filter, FilterBlockOption, Log},
};
use serde_json::{Value, json};

use super::{
    Answer, Service,
    answer::{logs_of, quantity, to_json},
    error::RpcError,
    params::Params,
};
use crate::chain::block::Block;

/// Filters by id.
#[derive(Debug, Default)]
pub struct Filters {
    last: u64,
    open: BTreeMap<u64, Open>,
}

#[derive(Debug)]
struct Open {
    kind: Kind,
    /// The first block that the next poll reports.
    next: u64,
}

#[derive(Clone, Debug)]
enum Kind {
    Logs(Box<Filter>),
    Blocks,
    Transactions,
}

impl Service {
    pub(super) fn filter_method(&mut self, method: &str, params: &Params) -> Option<Answer> {
        Some(match method {
            "eth_getLogs" => params
                .required(0, "filter")
                .and_then(|filter| to_json(self.logs(&filter)?)),
            "eth_newFilter" => params
                .required(0, "filter")
                .and_then(|filter| self.open(Kind::Logs(Box::new(filter)))),
            "eth_newBlockFilter" => self.open(Kind::Blocks),
            "eth_newPendingTransactionFilter" => self.open(Kind::Transactions),
            "eth_getFilterChanges" => self.changes(params),
            "eth_getFilterLogs" => self.filter_logs(params),
            "eth_uninstallFilter" => params
                .number_u64(0, "filter id")
                .map(|id| json!(self.filters.open.remove(&id).is_some())),
            _ => return None,
        })
    }

    fn open(&mut self, kind: Kind) -> Answer {
        self.filters.last += 1;
        let next = self.chain.height() + 1;
        self.filters.open.insert(self.filters.last, Open { kind, next });
        quantity(self.filters.last)
    }

    fn changes(&mut self, params: &Params) -> Answer {
        let id = params.number_u64(0, "filter id")?;
        let head = self.chain.height();
        let open = self.filters.open.get_mut(&id).ok_or_else(|| unknown_filter(id))?;
        // After a revert the chain can be shorter than what was reported.
        let from = open.next.min(head + 1);
        open.next = head + 1;
        let kind = open.kind.clone();
        let fresh = || (from..=head).filter_map(|number| self.chain.block_by_tag(number.into()));
        match kind {
            Kind::Blocks => to_json(fresh().map(|block| block.hash).collect::<Vec<_>>()),
            Kind::Transactions => to_json(
                fresh()
                    .flat_map(|block| block.txs.iter().map(|tx| *tx.tx.tx_hash()))
                    .collect::<Vec<B256>>(),
            ),
            Kind::Logs(filter) => {
                let inside = fresh().filter(|block| match filter.block_option {
                    FilterBlockOption::AtBlockHash(hash) => block.hash == hash,
                    FilterBlockOption::Range { .. } => filter.matches_block_range(block.header.number),
                });
                to_json(inside.flat_map(|block| matching(block, &filter)).collect::<Vec<_>>())
            }
        }
    }

    fn filter_logs(&self, params: &Params) -> Answer {
        let id = params.number_u64(0, "filter id")?;
        match self.filters.open.get(&id).map(|open| &open.kind) {
            Some(Kind::Logs(filter)) => to_json(self.logs(filter)?),
            Some(_) => Err(RpcError::refused(format!("filter {id:#x} is not a log filter"))),
            None => Err(unknown_filter(id)),
        }
    }

    fn logs(&self, filter: &Filter) -> Result<Vec<Log>, RpcError> {
        let (from, to) = match filter.block_option {
            FilterBlockOption::AtBlockHash(hash) => {
                let block = self
                    .chain
                    .block_by_hash(hash)
                    .ok_or_else(|| RpcError::refused(format!("unknown block {hash}")))?;
                return Ok(matching(block, filter));
            }
            FilterBlockOption::Range { from_block, to_block } => (self.number(from_block), self.number(to_block)),
        };
        if from > to {
            return Err(RpcError::invalid_params(format!(
                "invalid block range params: from {from} is after to {to}"
            )));
        }
        let blocks = (from..=to.min(self.chain.height())).filter_map(|number| self.chain.block_by_tag(number.into()));
        Ok(blocks.flat_map(|block| matching(block, filter)).collect())
    }

    fn number(&self, tag: Option<BlockNumberOrTag>) -> u64 {
        match tag {
            Some(BlockNumberOrTag::Number(number)) => number,
            Some(BlockNumberOrTag::Earliest) => 0,
            _ => self.chain.height(),
        }
    }
}

fn matching(block: &std::sync::Arc<Block>, filter: &Filter) -> Vec<Log> {
    if !filter.matches_bloom(block.header.logs_bloom) {
        return Vec::new();
    }
    (0..block.txs.len())
        .flat_map(|index| logs_of(block, index))
        .filter(|log| filter.matches_address(log.address()) && filter.matches_topics(log.topics()))
        .collect()
}

fn unknown_filter(id: u64) -> RpcError {
    RpcError {
        code: -32000,
        message: format!("filter not found: {id:#x}"),
        data: None::<Value>,
    }
}
