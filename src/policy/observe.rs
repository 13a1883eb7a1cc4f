//! What a decision is made from, read from the chain at one block: without the program, so that its answer can be compared.

use super::{Pair, Policy};
use crate::{
    account::Header,
    bindings::{ISequencerFeed::latestRoundDataCall, IUniswapV3Pool::observeCall},
    client::Client,
    error::{Error, Result},
    pool::Pool,
    position::{Place, Position, fees, stored_in_pool},
};
use alloy::{
    consensus::BlockHeader,
    eips::BlockId,
    primitives::{Address, B256, U256, b256, keccak256},
    providers::Provider,
    sol_types::SolValue,
};
use hedgerow_core::policy::{Guards, Sequencer, Snapshot, State, Status, TooShort};

/// The root of the ERC-7201 namespace `hedgerow.policies`.
const ROOT: B256 = b256!("57e46363c2a618fc5035824d98505d7a8772523556ec3e18fc34e6c734b11600");
/// What a policy is known by where there is none.
pub const NO_POLICY: B256 = B256::ZERO;

/// A position of an account and its pool at one block.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The block.
    pub block: BlockId,
    /// Its timestamp.
    pub now: u64,
    /// Its base fee, wei per gas.
    pub base_fee: u64,
    /// The account.
    pub account: Address,
    /// The account's own state.
    pub header: Header,
    /// The position.
    pub position: Position,
    /// Its pool.
    pub pool: Pool,
    /// Raw token0 and token1 that the position would be paid if it were touched now.
    pub fees: [u128; 2],
    /// The policy that governs it; [`NO_POLICY`] for none.
    pub governing: B256,
}

impl Scene {
    /// Reads everything that does not depend on the terms, as of the latest block.
    pub async fn read(client: &Client, manager: Address, account: Address, place: Place) -> Result<Self> {
        let (block, now, base_fee) = moment(client).await?;
        let position = Position::read_at(client, block, manager, Some(account), place).await?;
        if position.owner != account {
            return Err(Error::NotOwner {
                token_id: position.id,
                owner: position.owner,
                account,
            });
        }
        let pool = Pool::read(client, block, position.pool_key()).await?;
        pool.require_price()?;
        let header = Header::read_at(client, block, account).await?;
        Ok(Self {
            fees: payable(client, block, &pool, &position).await?,
            governing: governing(client, block, header, &position).await?,
            block,
            now,
            base_fee,
            account,
            header,
            position,
            pool,
        })
    }

    /// The pair that the position's policies are written for.
    pub fn pair(&self, client: &Client) -> Pair {
        Pair::of(client.chain_id(), &self.pool)
    }

    /// What the account remembers of the policy of this id.
    pub async fn state(&self, client: &Client, id: B256) -> Result<State> {
        state_of(client, self.block, (self.account, self.header), id).await
    }

    /// What the core decides from, for these terms.
    pub async fn snapshot(&self, client: &Client, policy: &Policy) -> Result<Snapshot> {
        self.snapshot_under(client, &policy.guards, self.governing == policy.id()?)
            .await
    }

    /// The same for terms with these guards, which govern or do not.
    pub async fn snapshot_under(&self, client: &Client, guards: &Guards, governed: bool) -> Result<Snapshot> {
        let feed = guards.sequencer_feed;
        let sequencer = if feed.is_zero() {
            None
        } else {
            sequencer(client, self.block, feed).await?
        };
        Ok(Snapshot {
            now: self.now,
            paused: self.header.paused,
            governed,
            base_fee: U256::from(self.base_fee),
            sequencer,
            spot_sqrt_price: self.pool.sqrt_price,
            spot_tick: self.pool.tick,
            spacing: self.pool.tick_spacing,
            range: (self.position.tick_lower, self.position.tick_upper),
            liquidity: self.position.liquidity,
            fees: self.fees,
        })
    }

    /// The pool's tick accumulators so many seconds before the block.
    pub async fn accumulators(&self, client: &Client, ago: &[u32]) -> Result<core::result::Result<Vec<i64>, TooShort>> {
        let call = observeCall {
            secondsAgos: ago.to_vec(),
        };
        match client.read_at(self.block, self.pool.address, &call).await {
            Ok(answer) => Ok(Ok(answer.tickCumulatives.iter().map(|tick| tick.as_i64()).collect())),
            Err(Error::Reverted { .. }) => Ok(Err(TooShort)),
            Err(other) => Err(other),
        }
    }
}

/// The policy that the owner's account has in its book for a position, ended or not; [`NO_POLICY`] for none.
pub async fn governing(client: &Client, block: BlockId, header: Header, position: &Position) -> Result<B256> {
    let key = keccak256((position.source, position.id).abi_encode());
    let book = slot(key, header, book_root());
    Ok(B256::from(stored(client, block, position.owner, book).await?))
}

/// Whether a policy that is set governs a position of `account`: an action of the owner's own leaves it behind.
pub async fn is_governed(client: &Client, account: Address, position: &Position) -> Result<Option<B256>> {
    let (block, _) = client.latest().await?;
    let header = Header::read_at(client, block, account).await?;
    let id = governing(client, block, header, position).await?;
    if id == NO_POLICY {
        return Ok(None);
    }
    let state = state_of(client, block, (account, header), id).await?;
    Ok((state.status == Status::Set).then_some(id))
}

/// What an account remembers of the policy of this id.
pub(crate) async fn state_of(
    client: &Client,
    block: BlockId,
    (account, header): (Address, Header),
    id: B256,
) -> Result<State> {
    let at = slot(id, header, U256::from_be_bytes(ROOT.0) + U256::from(1));
    let first = stored(client, block, account, at).await?;
    let second = stored(client, block, account, at.wrapping_add(U256::from(1))).await?;
    Ok(State::unpack(&[first, second]))
}

/// The latest block, its timestamp and its base fee.
async fn moment(client: &Client) -> Result<(BlockId, u64, u64)> {
    let action = "eth_getBlockByNumber";
    let block = client.provider().get_block(BlockId::latest()).await;
    let block = block.map_err(|error| client.error(action, error))?;
    let header = block
        .ok_or_else(|| client.node_error(action, "it has no latest block"))?
        .header;
    let base_fee = header.base_fee_per_gas().unwrap_or_default();
    Ok((BlockId::number(header.number()), header.timestamp(), base_fee))
}

/// Where the table of what governs positions begins.
pub(crate) fn book_root() -> U256 {
    ROOT.into()
}

/// `keccak256(abi.encode(key, keccak256(abi.encode(generation + era * 2^64, root))))`.
pub(crate) fn slot(key: B256, header: Header, root: U256) -> U256 {
    let generation = U256::from(header.era) << 64 | U256::from(header.generation);
    let outer = keccak256((generation, root).abi_encode());
    keccak256((key, outer).abi_encode()).into()
}

/// A word of an account's storage.
pub(crate) async fn stored(client: &Client, block: BlockId, account: Address, slot: U256) -> Result<U256> {
    let word = client.provider().get_storage_at(account, slot).block_id(block).await;
    word.map_err(|error| client.error("eth_getStorageAt", error))
}

/// What the position would be paid: of an NFT no more than the pool owes its manager in that range.
async fn payable(client: &Client, block: BlockId, pool: &Pool, position: &Position) -> Result<[u128; 2]> {
    let mut owed = position.fees;
    if !position.place.is_direct() {
        let range = (position.tick_lower, position.tick_upper);
        let held = stored_in_pool(client, block, pool.address, position.source, range).await?;
        let most = fees::owed(client, block, pool, range, &held).await?;
        owed = [0, 1].map(|token: usize| owed[token].min(most[token]));
    }
    // The pool counts them in 128 bits.
    Ok(owed.map(|amount| amount.saturating_to()))
}

/// What a feed says; nothing where it does not answer, which counts as down.
async fn sequencer(client: &Client, block: BlockId, feed: Address) -> Result<Option<Sequencer>> {
    match client.read_at(block, feed, &latestRoundDataCall {}).await {
        Ok(round) if round.startedAt.is_zero() => Ok(None),
        Ok(round) => Ok(Some(Sequencer {
            up: round.answer.is_zero(),
            since: round.startedAt.saturating_to(),
        })),
        Err(error @ (Error::Unreachable { .. } | Error::Node { .. })) => Err(error),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EIP-7201's formula, by which the program's own constant was made too.
    #[test]
    fn policies_lie_at_their_erc_7201_root() {
        let id = U256::from_be_bytes(keccak256("hedgerow.policies").0) - U256::from(1);
        let root = keccak256(id.to_be_bytes::<32>());
        let cleared = U256::from_be_bytes(root.0) & !U256::from(0xff);
        assert_eq!(cleared, U256::from_be_bytes(ROOT.0));
    }
}
