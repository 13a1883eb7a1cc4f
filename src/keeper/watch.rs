//! What an account's own events tell of its policies: their terms, and where they govern. An event is only a hint: terms must have their
//! id's hash, and what governs a position the account's storage says.

use crate::{
    bindings::{
        IHedges::{HedgeFollowed, HedgePolicyRun, HedgePolicySet},
        IPolicies::{self, PolicyFollowed, PolicyRun, PolicySet},
        IUniswapV3Pool::Mint,
    },
    client::Client,
    error::Result,
    hedge::HedgePolicy,
    output::Progress,
    policy::Policy,
    pool::PoolKey,
    position::{Place, place::direct_key},
    search::events::logs,
};
use alloy::{
    primitives::{Address, B256, U256},
    rpc::types::{Filter, Log},
    sol_types::SolEvent,
};
use std::collections::{BTreeMap, BTreeSet};

/// A position that a policy governs, or did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The position manager of an NFT; of a direct position the one whose factory made the pool.
    pub manager: Address,
    /// The position.
    pub place: Place,
}

impl Spot {
    /// Its source and id, by which the account's books know it.
    pub fn name(&self, owner: Address) -> (Address, U256) {
        match self.place {
            Place::Nft(id) => (self.manager, id),
            Place::Direct {
                pool,
                tick_lower,
                tick_upper,
            } => (pool, direct_key(owner, tick_lower, tick_upper).into()),
        }
    }
}

/// What is known of an account.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The account.
    pub account: Address,
    /// The next block whose events are not known yet.
    next: u64,
    /// The position manager for direct positions.
    manager: Address,
    /// Terms of positions' policies, by id.
    pub ranges: BTreeMap<B256, Policy>,
    /// Terms of hedges' policies, by id.
    pub hedges: BTreeMap<B256, HedgePolicy>,
    /// Where any of them governs, or did.
    pub spots: BTreeSet<Spot>,
    /// Block from which all that is looked for begins.
    from_block: u64,
    /// Pools in which the account holds liquidity itself, each with the next block whose events are not known yet.
    pools: BTreeMap<Address, u64>,
    /// Where each policy was set: its next positions are of the same kind.
    homes: BTreeMap<B256, Spot>,
}

impl Watch {
    /// Of an account whose events are looked for from a block.
    pub const fn new(account: Address, manager: Address, from_block: u64) -> Self {
        Self {
            account,
            next: from_block,
            from_block,
            manager,
            ranges: BTreeMap::new(),
            hedges: BTreeMap::new(),
            spots: BTreeSet::new(),
            pools: BTreeMap::new(),
            homes: BTreeMap::new(),
        }
    }

    /// Reads what happened until a block.
    pub async fn refresh(&mut self, client: &Client, progress: &Progress, last: u64) -> Result<()> {
        if self.next > last {
            return Ok(());
        }
        let signatures = vec![
            PolicySet::SIGNATURE_HASH,
            PolicyRun::SIGNATURE_HASH,
            PolicyFollowed::SIGNATURE_HASH,
            HedgePolicySet::SIGNATURE_HASH,
            HedgePolicyRun::SIGNATURE_HASH,
            HedgeFollowed::SIGNATURE_HASH,
        ];
        let filter = Filter::new().address(self.account).event_signature(signatures);
        for log in logs(client, progress, "policies", &filter, (self.next, last)).await? {
            self.learn(&log)?;
        }
        let owner = B256::left_padding_from(self.account.as_slice());
        for (pool, next) in self.pools.clone() {
            let filter = Filter::new()
                .address(pool)
                .event_signature(Mint::SIGNATURE_HASH)
                .topic1(owner);
            for log in logs(client, progress, "direct positions", &filter, (next, last)).await? {
                if let Ok(mint) = Mint::decode_log(&log.inner) {
                    self.direct(pool, (mint.tickLower.as_i32(), mint.tickUpper.as_i32()));
                }
            }
            self.pools.insert(pool, last + 1);
        }
        self.next = last + 1;
        Ok(())
    }

    /// Takes note of one of the account's events. What it does not understand, another release wrote: it is left alone.
    fn learn(&mut self, log: &Log) -> Result<()> {
        let Some(topic) = log.topic0() else {
            return Ok(());
        };
        match *topic {
            PolicySet::SIGNATURE_HASH => {
                if let Ok(set) = PolicySet::decode_log(&log.inner)
                    && let Ok(policy) = Policy::of(&set.guards, &set.rules)
                    && policy.id()? == set.policyId
                {
                    self.ranges.insert(set.policyId, policy);
                    self.home(set.policyId, &set.place);
                }
            }
            HedgePolicySet::SIGNATURE_HASH => {
                if let Ok(set) = HedgePolicySet::decode_log(&log.inner)
                    && let Ok(policy) = HedgePolicy::of(&set.venue, &set.guards, &set.terms, &set.rule)
                    && policy.id()? == set.policyId
                {
                    self.hedges.insert(set.policyId, policy);
                    self.home(set.policyId, &crate::hedge::terms::recast(&set.place)?);
                }
            }
            PolicyRun::SIGNATURE_HASH => {
                if let Ok(run) = PolicyRun::decode_log(&log.inner) {
                    self.moved(
                        run.policyId,
                        run.newId,
                        Some((run.tickLower.as_i32(), run.tickUpper.as_i32())),
                    );
                }
            }
            HedgePolicyRun::SIGNATURE_HASH => {
                if let Ok(run) = HedgePolicyRun::decode_log(&log.inner) {
                    self.moved(run.policyId, run.newId, None);
                }
            }
            PolicyFollowed::SIGNATURE_HASH => {
                if let Ok(it) = PolicyFollowed::decode_log(&log.inner) {
                    self.followed(it.source, it.id);
                }
            }
            _ => {
                if let Ok(it) = HedgeFollowed::decode_log(&log.inner) {
                    self.followed(it.source, it.id);
                }
            }
        }
        Ok(())
    }

    fn home(&mut self, id: B256, place: &IPolicies::Place) {
        let spot = if place.positionManager.is_zero() {
            let key = PoolKey {
                factory: place.factory,
                token0: place.token0,
                token1: place.token1,
                fee: place.fee.to(),
            };
            self.direct(key.address(), (place.tickLower.as_i32(), place.tickUpper.as_i32()))
        } else {
            Spot {
                manager: place.positionManager,
                place: Place::Nft(place.tokenId),
            }
        };
        self.spots.insert(spot);
        self.homes.insert(id, spot);
    }

    /// Liquidity that the account holds in a pool itself.
    fn direct(&mut self, pool: Address, (tick_lower, tick_upper): (i32, i32)) -> Spot {
        let spot = Spot {
            manager: self.manager,
            place: Place::Direct {
                pool,
                tick_lower,
                tick_upper,
            },
        };
        self.pools.entry(pool).or_insert(self.from_block);
        self.spots.insert(spot);
        spot
    }

    /// What a policy left: of an NFT the next one, of a direct position the next range.
    fn moved(&mut self, policy: B256, id: U256, range: Option<(i32, i32)>) {
        let Some(home) = self.homes.get(&policy).copied() else {
            return;
        };
        match (home.place, range) {
            _ if id.is_zero() => {}
            (Place::Nft(_), _) => {
                self.spots.insert(Spot {
                    place: Place::Nft(id),
                    ..home
                });
            }
            (Place::Direct { pool, .. }, Some(range)) => {
                self.direct(pool, range);
            }
            _ => {}
        }
    }

    /// A position that a policy was told to follow to. Of a direct one the id does not tell the range; the pool's own events do.
    fn followed(&mut self, source: Address, id: U256) {
        let managers = self.spots.iter().filter(|spot| !spot.place.is_direct());
        if managers.into_iter().any(|spot| spot.manager == source) || source == self.manager {
            self.spots.insert(Spot {
                manager: source,
                place: Place::Nft(id),
            });
        } else {
            self.pools.entry(source).or_insert(self.from_block);
        }
    }
}
