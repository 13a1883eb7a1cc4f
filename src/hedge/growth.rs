//! The pool's fee growth at an earlier moment, from which the gate tells what fees are to come.

use crate::{
    bindings::IUniswapV3Pool::{feeGrowthGlobal0X128Call, feeGrowthGlobal1X128Call},
    client::Client,
    error::{Error, Result},
    human,
};
use alloy::{
    consensus::BlockHeader,
    eips::{BlockId, BlockNumberOrTag},
    primitives::{Address, U256},
    providers::Provider,
};
use std::{fmt, str::FromStr};

/// Since when fees are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// So many seconds before now.
    Ago(u32),
    /// A block.
    Block(u64),
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> core::result::Result<Self, String> {
        match text.parse() {
            Ok(number) => Ok(Self::Block(number)),
            Err(_) => human::duration_of(text)
                .map(Self::Ago)
                .map_err(|why| format!("{why}, or a block's number")),
        }
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ago(seconds) => f.write_str(&human::seconds((*seconds).into())),
            Self::Block(number) => write!(f, "{number}"),
        }
    }
}

/// A pool's fee growth at a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// That block's timestamp.
    pub since: u64,
    /// `feeGrowthGlobal0X128` and `feeGrowthGlobal1X128` then.
    pub growth: [U256; 2],
}

impl Baseline {
    /// Reads it, from the block itself: the node has to keep that block's state.
    pub async fn read(client: &Client, pool: Address, since: Since, latest: (BlockId, u64)) -> Result<Self> {
        let last = latest.0.as_u64().unwrap_or_default();
        let number = match since {
            Since::Block(number) if number > last => {
                let remedy = format!("the chain's last block is {last}");
                return Err(Error::invalid("--fees-since", number, remedy));
            }
            Since::Block(number) => number,
            Since::Ago(seconds) => last_before(client, last, latest.1.saturating_sub(seconds.into())).await?,
        };
        let block = BlockId::number(number);
        let read = async {
            Ok::<_, Error>([
                client.read_at(block, pool, &feeGrowthGlobal0X128Call {}).await?,
                client.read_at(block, pool, &feeGrowthGlobal1X128Call {}).await?,
            ])
        };
        let growth = read.await.map_err(|error| match error {
            Error::Unreachable { .. } => error,
            other => Error::invalid(
                "--fees-since",
                since,
                format!(
                    "the pool's fees cannot be read at block {number} ({other}): give a later block or a shorter time, or a node that \
                     keeps old state"
                ),
            ),
        })?;
        Ok(Self {
            since: timestamp(client, number).await?,
            growth,
        })
    }
}

/// The last block whose timestamp is not after `moment`; the first where all are.
async fn last_before(client: &Client, last: u64, moment: u64) -> Result<u64> {
    let (mut low, mut high) = (0, last);
    // Steps back from the end first: what is looked for is rarely far.
    let mut step = 64;
    while low < high {
        let probe = high.saturating_sub(step).max(low);
        if timestamp(client, probe).await? <= moment || probe == low {
            low = probe;
            break;
        }
        (high, step) = (probe, step * 4);
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if timestamp(client, middle).await? <= moment {
            low = middle;
        } else {
            high = middle;
        }
    }
    if high != low && timestamp(client, high).await? <= moment {
        low = high;
    }
    Ok(low)
}

async fn timestamp(client: &Client, number: u64) -> Result<u64> {
    let action = "eth_getBlockByNumber";
    let block = client.provider().get_block_by_number(BlockNumberOrTag::Number(number));
    let block = block.await.map_err(|error| client.error(action, error))?;
    let block = block.ok_or_else(|| client.node_error(action, &format!("it has no block {number}")))?;
    Ok(block.header.timestamp())
}
