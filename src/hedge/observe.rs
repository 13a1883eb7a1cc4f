//! A hedge of an account at one block: what the account remembers of it, and what its venue says. Read without the program, so that its
//! answers can be compared.

use super::Venue;
use crate::{
    account::Header,
    bindings::IMarginFactory::{MarginTerms, marginOfCall},
    client::Client,
    error::{Error, Result},
    policy::observe::{Scene, slot, stored},
};
use alloy::{
    eips::BlockId,
    primitives::{Address, B256, U256, b256, keccak256},
    sol_types::SolValue,
};
use hedgerow_core::hedging::{Market, Pool, Record};

/// The root of the ERC-7201 namespace `hedgerow.hedges`: the book of hedges, then their records, then the book of their policies.
const ROOT: B256 = b256!("c99f6e2089a151b6a9e44df8d621d7b47f461ac10332b3775761de1b16f5d400");
/// How many salts are tried for a position whose margin account serves another hedge by now.
const SALTS: usize = 8;
const RECORDS: u64 = 1;
const POLICIES: u64 = 2;

/// A hedge as the account remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The margin account.
    pub margin: Address,
    /// The venue's kind.
    pub kind: u8,
    /// Which of the pool's tokens is borrowed: 0 or 1.
    pub volatile: u8,
    /// What was written down when it was opened and changed.
    pub record: Record,
}

/// A position's hedge, there or not, and everything that decides what it should be.
#[derive(Clone, Copy, Debug)]
pub struct Hedge {
    /// What the account remembers; nothing where there is no hedge.
    pub remembered: Option<Remembered>,
    /// What the venue says.
    pub market: Market,
    /// What the position's pool adds to the snapshot.
    pub pool: Pool,
}

impl Hedge {
    /// Reads the hedge of a scene's position at a venue. What is there already at another venue or of the other token is an error.
    pub async fn read(client: &Client, scene: &Scene, venue: &Venue) -> Result<Self> {
        let remembered = remembered(client, scene).await?;
        if let Some(found) = remembered
            && found.volatile != venue.volatile
        {
            let remedy = format!("the position's hedge borrows token{}: close it first", found.volatile);
            return Err(Error::invalid("the token to borrow", venue.volatile, remedy));
        }
        let margin = match remembered {
            Some(found) => found.margin,
            None => unused(client, scene, venue).await?,
        };
        let market = venue
            .assets(&scene.pool)
            .market(client, scene.block, scene.now, margin)
            .await?;
        Ok(Self {
            remembered,
            market,
            pool: Pool {
                fee_pips: scene.pool.key.fee,
                fee_growth: scene.pool.growth,
                volatile: venue.volatile,
            },
        })
    }

    /// What was written down; of a hedge that is not there, nothing.
    pub fn record(&self) -> Record {
        self.remembered.map_or(Record::default(), |found| found.record)
    }
}

/// Where the hedge would live: the first margin account of the position that serves no other hedge. The position's key is its salt, then
/// that one's hash, and so on. The zero address where the venue names no factory.
async fn unused(client: &Client, scene: &Scene, venue: &Venue) -> Result<Address> {
    if venue.margins.is_zero() {
        return Ok(Address::ZERO);
    }
    let mut salt = position_key(scene.position.source, scene.position.id);
    for _ in 0..SALTS {
        let call = marginOfCall {
            owner: scene.account,
            salt,
            terms: MarginTerms {
                market: venue.market,
                swapPool: scene.pool.address,
                token0: scene.pool.key.token0,
                token1: scene.pool.key.token1,
                volatileToken: venue.volatile,
                eMode: venue.e_mode,
            },
        };
        let margin = client.read_at(scene.block, venue.margins, &call).await?;
        if record(client, scene, margin).await?.opened_at == 0 {
            return Ok(margin);
        }
        salt = keccak256(salt);
    }
    let remedy = "all of its margin accounts serve other hedges: close one of them";
    Err(Error::invalid("the position", scene.position.place, remedy))
}

/// What was written down of a margin account's hedge.
async fn record(client: &Client, scene: &Scene, margin: Address) -> Result<Record> {
    let first = slot(margin.into_word(), scene.header, root(RECORDS));
    let mut words = [U256::ZERO; 3];
    for (offset, word) in (0_u64..).zip(&mut words) {
        let at = first.wrapping_add(U256::from(offset));
        *word = stored(client, scene.block, scene.account, at).await?;
    }
    Ok(Record::unpack(&words))
}

/// What the account remembers of the hedge of a scene's position.
pub async fn remembered(client: &Client, scene: &Scene) -> Result<Option<Remembered>> {
    let key = position_key(scene.position.source, scene.position.id);
    remembered_at(client, scene, key).await
}

/// The same of whatever position has this key, whether it is there or not.
pub async fn remembered_at(client: &Client, scene: &Scene, key: B256) -> Result<Option<Remembered>> {
    let at = slot(key, scene.header, root(0));
    let book = stored(client, scene.block, scene.account, at).await?;
    let margin = margin_of(book);
    if margin.is_zero() {
        return Ok(None);
    }
    let byte = |from: usize| (book >> from).as_limbs()[0] as u8;
    Ok(Some(Remembered {
        margin,
        kind: byte(160),
        volatile: byte(168),
        record: record(client, scene, margin).await?,
    }))
}

/// The margin account of the hedge of the position with this key; the zero address for none.
pub(crate) async fn margin_at(
    client: &Client,
    block: BlockId,
    (account, header): (Address, Header),
    key: B256,
) -> Result<Address> {
    let book = stored(client, block, account, slot(key, header, root(0))).await?;
    Ok(margin_of(book))
}

/// The low 160 bits of a word of the book.
fn margin_of(book: U256) -> Address {
    Address::from_word(B256::from(book & (U256::MAX >> 96)))
}

/// The policy that the account has in its book for a position's hedge, ended or not; zero for none.
pub async fn governing(client: &Client, scene: &Scene) -> Result<B256> {
    let key = position_key(scene.position.source, scene.position.id);
    let book = slot(key, scene.header, policies_root());
    Ok(B256::from(stored(client, scene.block, scene.account, book).await?))
}

/// `keccak256(abi.encode(source, id))`, by which the account's books know a position.
pub fn position_key(source: Address, id: U256) -> B256 {
    keccak256((source, id).abi_encode())
}

/// Where the table of what governs hedges begins.
pub(crate) fn policies_root() -> U256 {
    root(POLICIES)
}

fn root(table: u64) -> U256 {
    U256::from_be_bytes(ROOT.0) + U256::from(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EIP-7201's formula, by which the program's own constant was made too.
    #[test]
    fn hedges_lie_at_their_erc_7201_root() {
        let id = U256::from_be_bytes(keccak256("hedgerow.hedges").0) - U256::from(1);
        let root = U256::from_be_bytes(keccak256(id.to_be_bytes::<32>()).0);
        assert_eq!(root & !U256::from(0xff), U256::from_be_bytes(ROOT.0));
    }
}
