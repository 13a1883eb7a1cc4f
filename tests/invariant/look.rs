//! What the account has at one moment, read past its own code: balances, positions with what they earned, and its header.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{Address, U256, b256};
use hedgerow::bindings::INonfungiblePositionManager as Npm;

use super::{
    machine::Machine,
    pool::{self, Spot, Stake, float, principal, worth},
    stage::Stage,
};
use crate::common::held::Range;

/// The account's header, by the formula of ERC-7201.
const HEADER: U256 = U256::from_be_bytes(b256!("194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900").0);

/// A position of the account: an NFT, or a range in the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    Nft(U256),
    Direct(i32, i32),
}

/// A position and what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub at: At,
    pub range: Range,
    pub stake: Stake,
}

impl Position {
    /// Raw token1 at a tick: liquidity, and with it the fees.
    pub fn value(&self, tick: i32) -> f64 {
        principal(self.stake.liquidity, self.range, tick) + self.fees_value(tick)
    }

    pub fn fees_value(&self, tick: i32) -> f64 {
        worth(self.stake.fees.map(|fee| fee as f64), tick)
    }
}

/// Everything at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    pub tokens: [U256; 2],
    pub ether: U256,
    pub positions: BTreeMap<At, Position>,
    pub spot: Spot,
    pub header: U256,
}

/// What is known to be the account's, from everything that was ever logged.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub nfts: BTreeSet<U256>,
    pub ranges: BTreeSet<Range>,
}

impl Look {
    pub fn at(stage: &Stage, machine: &Machine, known: &Known) -> Self {
        let pool = stage.pool_on(machine);
        let directs = known.ranges.iter().map(|range| Position {
            at: At::Direct(range.0, range.1),
            range: *range,
            stake: pool.direct(stage.account, *range),
        });
        let nfts = known.nfts.iter().map(|id| nft(stage, machine, *id));
        let positions = directs
            .filter(|position| position.stake != Stake::default())
            .chain(nfts);
        Self {
            tokens: stage.balances(machine, stage.account),
            ether: machine.state().balance(stage.account),
            positions: positions.map(|position| (position.at, position)).collect(),
            spot: pool.spot(),
            header: machine.state().storage(stage.account, HEADER),
        }
    }

    /// Positions that an owner would act on: not the one that nobody touches, and not what is empty.
    pub fn active(&self, kept: U256) -> Vec<Position> {
        let all = self.positions.values().filter(|position| position.at != At::Nft(kept));
        all.filter(|position| position.stake.liquidity != 0).copied().collect()
    }

    pub fn paused(&self) -> bool {
        self.header.bit(160)
    }

    pub fn generation(&self) -> u64 {
        (self.header >> 32_usize).as_limbs()[0]
    }

    /// Both tokens in the wallet, raw token1 at a tick.
    pub fn wallet(&self, tick: i32) -> f64 {
        worth(self.tokens.map(float), tick)
    }
}

/// A position by its NFT.
fn nft(stage: &Stage, machine: &Machine, id: U256) -> Position {
    let record = machine.read(stage.npm, &Npm::positionsCall { tokenId: id });
    let range = (record.tickLower.as_i32(), record.tickUpper.as_i32());
    let last = [record.feeGrowthInside0LastX128, record.feeGrowthInside1LastX128];
    let owed = [record.tokensOwed0, record.tokensOwed1];
    let pool: pool::Pool<'_> = stage.pool_on(machine);
    Position {
        at: At::Nft(id),
        range,
        stake: pool.stake(range, record.liquidity, last, owed),
    }
}

/// Who owns an NFT; nobody if there is none.
pub fn owner_of(stage: &Stage, machine: &Machine, id: U256) -> Option<Address> {
    use alloy::sol_types::SolCall;
    let call = Npm::ownerOfCall { tokenId: id };
    let answer = machine.ask(Address::ZERO, stage.npm, call.abi_encode().into()).ok()?;
    Npm::ownerOfCall::abi_decode_returns(&answer).ok()
}
