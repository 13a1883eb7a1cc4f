//! What the policies of one position say now: read from the chain, decided by the core.

use super::{
    Settings,
    watch::{Spot, Watch},
};
use crate::{
    account::Header,
    bindings::{IHedges::checkHedgeCall, IMargin::termsCall},
    client::{Call, Client},
    error::{Error, Result},
    hedge::{self, HedgePolicy, observe::position_key, predict::HedgePrediction},
    policy::{
        Pair, Policy,
        observe::{NO_POLICY, Scene, slot, state_of, stored},
        predict::Prediction,
        terms, words,
    },
    pool::{Pool, PoolKey, factory_of},
    position::Place,
};
use alloy::{
    eips::BlockId,
    primitives::{Address, B256, U256},
};
use hedgerow_core::policy::{Reason, Status};
use std::sync::Arc;

/// Which policies a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The position's.
    Position,
    /// Its hedge's.
    Hedge,
    /// Both: the position's is run, and its hedge taken along.
    Both,
}

impl About {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Position => "position",
            Self::Hedge => "hedge",
            Self::Both => "position and hedge",
        }
    }
}

/// What was found of a position.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Whose it is.
    pub account: Address,
    /// Which it is.
    pub place: Place,
    /// Which of its policies.
    pub about: About,
    /// The policy's id; of both, the hedge's.
    pub id: B256,
    /// Why it acts, or why not, by the policy itself.
    pub reason: Option<Reason>,
    /// The timestamp before which cooldown or daily count refuse; zero for none.
    pub not_before: u64,
    /// The same for people.
    pub text: String,
    /// What is to be done.
    pub job: Option<Job>,
}

/// What is to be done, and what may be earned by it.
#[derive(Clone, Debug)]
pub struct Job {
    /// The call of the account.
    pub what: What,
    /// The pair that fees are counted in.
    pub pair: Pair,
    /// What the keeper is paid in.
    pub fee_token: u8,
    /// The most that it may take, raw.
    pub most: U256,
    /// Which token is the wrapped native one: 1 is token0, 2 is token1, 0 neither.
    pub native_token: u8,
    /// The mean price, for what the fee is worth.
    pub mean_tick: i32,
}

/// A call of the account.
#[derive(Clone, Debug)]
pub enum What {
    /// `run`.
    Position(crate::bindings::IPolicies::Place, Box<Policy>),
    /// `runHedge`.
    Hedge(crate::bindings::IHedges::Place, Box<HedgePolicy>),
    /// `runHedged`.
    Both(crate::bindings::IHedges::Place, Box<Policy>, Box<HedgePolicy>),
}

/// Everything that a finding is made from besides the chain.
#[derive(Clone, Debug)]
pub struct Eye {
    /// The node.
    pub client: Client,
    /// What the keeper is told.
    pub settings: Arc<Settings>,
    /// What is known of the account.
    pub watch: Arc<Watch>,
}

impl Eye {
    /// What governs a position and its hedge: of those that are set and have not ended.
    async fn governing(&self, spot: Spot, block: BlockId, header: Header) -> Result<[Option<B256>; 2]> {
        let (client, account) = (&self.client, self.watch.account);
        let (source, id) = spot.name(account);
        let key = position_key(source, id);
        let read = async |root: U256| -> Result<Option<B256>> {
            let found = B256::from(stored(client, block, account, slot(key, header, root)).await?);
            if found == NO_POLICY {
                return Ok(None);
            }
            let state = state_of(client, block, (account, header), found).await?;
            Ok((state.status == Status::Set).then_some(found))
        };
        let (position, hedge) = tokio::try_join!(
            read(crate::policy::observe::book_root()),
            read(hedge::observe::policies_root())
        )?;
        Ok([position, hedge])
    }

    /// What is found of a position, of either of its policies; nothing where none governs it.
    pub async fn look(&self, spot: Spot) -> Result<Vec<Finding>> {
        let (block, _) = self.client.latest().await?;
        let header = Header::read_at(&self.client, block, self.watch.account).await?;
        let [position, hedge] = self.governing(spot, block, header).await?;
        if position.is_none() && hedge.is_none() {
            return Ok(Vec::new());
        }
        let scene = match Scene::read(&self.client, spot.manager, self.watch.account, spot.place).await {
            Err(error @ (Error::UnknownPosition { .. } | Error::NotOwner { .. } | Error::NothingHeld { .. })) => {
                return self.gone(spot, [position, hedge], &error).await;
            }
            other => other?,
        };
        let mut findings = Vec::new();
        let ranges = match position {
            None => None,
            Some(id) => match self.watch.ranges.get(&id) {
                None => {
                    findings.push(self.unpublished(spot, About::Position, id));
                    None
                }
                Some(policy) => Some((id, policy, Prediction::make(&self.client, &scene, policy).await?)),
            },
        };
        if let Some(id) = hedge {
            let Some(policy) = self.watch.hedges.get(&id) else {
                findings.push(self.unpublished(spot, About::Hedge, id));
                return Ok(findings);
            };
            let own = ranges
                .as_ref()
                .filter(|(_, policy, _)| policy.guards.keeper == scene.account);
            findings.push(self.of_hedge(&scene, (id, policy), own).await?);
        }
        match ranges {
            // Said of both already.
            Some((_, policy, _)) if hedge.is_some() && policy.guards.keeper == scene.account => {}
            Some((id, policy, prediction)) => findings.push(self.of_position(&scene, (id, policy), &prediction)?),
            None => {}
        }
        Ok(findings)
    }

    fn of_position(&self, scene: &Scene, (id, policy): (B256, &Policy), prediction: &Prediction) -> Result<Finding> {
        let decision = &prediction.decision;
        let mut finding = Finding {
            reason: Some(decision.reason),
            not_before: decision.not_before,
            text: words::decision(decision),
            ..self.finding(scene.position.place, About::Position, id)
        };
        if let Some(other) = self.other_keeper(policy.guards.keeper) {
            finding.text = other;
        } else if decision.act {
            finding.job = Some(Job {
                what: What::Position(terms::place(&scene.position)?, Box::new(policy.clone())),
                pair: scene.pair(&self.client),
                fee_token: policy.guards.fee_token,
                most: self.paid(prediction.fee_limit(policy)),
                native_token: policy.guards.native_token,
                mean_tick: decision.mean_tick,
            });
        }
        Ok(finding)
    }

    async fn of_hedge(
        &self,
        scene: &Scene,
        (id, policy): (B256, &HedgePolicy),
        ranges: Option<&(B256, &Policy, Prediction)>,
    ) -> Result<Finding> {
        let prediction = HedgePrediction::make(&self.client, scene, policy).await?;
        let (decision, pair) = (&prediction.decision, scene.pair(&self.client));
        let moves = ranges.filter(|(_, _, ranges)| ranges.decision.act);
        let mut finding = Finding {
            reason: Some(decision.reason),
            not_before: decision.not_before,
            text: hedge::words::decision(decision, pair.token(policy.venue.volatile)),
            ..self.finding(scene.position.place, About::Hedge, id)
        };
        if let Some((_, _, ranges)) = moves {
            finding.about = About::Both;
            finding.reason = Some(ranges.decision.reason);
            finding.text = format!("{}; and the hedge with it", words::decision(&ranges.decision));
        }
        if let Some(other) = self.other_keeper(policy.guards.keeper) {
            finding.text = other;
            return Ok(finding);
        }
        let place = hedge::terms::place(&scene.position)?;
        let what = match moves {
            Some((_, ranges, _)) => What::Both(place, Box::new((*ranges).clone()), Box::new(policy.clone())),
            None if decision.act => What::Hedge(place, Box::new(policy.clone())),
            None => return Ok(finding),
        };
        finding.job = Some(self.hedge_job(what, policy, pair, decision.mean_tick));
        Ok(finding)
    }

    fn hedge_job(&self, what: What, policy: &HedgePolicy, pair: Pair, mean_tick: i32) -> Job {
        Job {
            what,
            pair,
            fee_token: policy.guards.fee_token,
            most: self.paid(U256::from(policy.guards.max_fee)),
            native_token: policy.guards.native_token,
            mean_tick,
        }
    }

    /// A position that is not the account's any more: its hedge, if it has one, is to be closed, as the account itself says.
    async fn gone(&self, spot: Spot, [position, hedge]: [Option<B256>; 2], why: &Error) -> Result<Vec<Finding>> {
        let mut findings: Vec<Finding> = position
            .into_iter()
            .map(|id| Finding {
                text: format!("no: {why}"),
                ..self.finding(spot.place, About::Position, id)
            })
            .collect();
        let Some((id, policy)) = hedge.and_then(|id| self.watch.hedges.get_key_value(&id)) else {
            return Ok(findings);
        };
        let place = match spot.place {
            Place::Nft(token_id) => hedge::terms::recast(&terms::nft(spot.manager, token_id))?,
            Place::Direct { .. } => return Ok(findings),
        };
        let call = checkHedgeCall {
            place,
            venue: policy.venue.for_call(),
            guards: hedge::terms::guards(&policy.guards)?,
            terms: hedge::terms::hedge_terms(&policy.terms),
            rule: hedge::terms::hedge_rule(&policy.rule),
        };
        let mut finding = self.finding(spot.place, About::Hedge, *id);
        let request = Call::new(self.settings.signer.address(), self.watch.account, &call);
        match self.client.simulate(request, &call).await {
            Err(Error::Reverted { reason, .. }) => finding.text = format!("no: {why} ({reason})"),
            Err(error) => return Err(error),
            Ok(decision) => {
                let reason = Reason::from_code(decision.reason);
                let said = reason.map_or("of an unknown reason", words::reason);
                finding.reason = reason;
                finding.text = format!("{}: {said}", if decision.act { "yes" } else { "no" });
                if let Some(other) = self.other_keeper(policy.guards.keeper) {
                    finding.text = other;
                } else if decision.act {
                    let pair = self.pair_of(spot).await?;
                    let what = What::Hedge(call.place, Box::new(policy.clone()));
                    finding.job = Some(self.hedge_job(what, policy, pair, decision.meanTick.as_i32()));
                }
            }
        }
        findings.push(finding);
        Ok(findings)
    }

    /// The pair of a position that is gone: that of the pool in which its hedge trades.
    async fn pair_of(&self, spot: Spot) -> Result<Pair> {
        let (block, header) = (
            self.client.latest().await?.0,
            Header::read(&self.client, self.watch.account).await?,
        );
        let (source, id) = spot.name(self.watch.account);
        let margin = hedge::observe::margin_at(
            &self.client,
            block,
            (self.watch.account, header),
            position_key(source, id),
        );
        let made_for = self.client.read_at(block, margin.await?, &termsCall {}).await?;
        let factory = factory_of(&self.client, block, spot.manager).await?;
        let key = PoolKey::prove(&self.client, block, factory, made_for.swapPool).await?;
        Ok(Pair::of(
            self.client.chain_id(),
            &Pool::read(&self.client, block, key).await?,
        ))
    }

    fn finding(&self, place: Place, about: About, id: B256) -> Finding {
        Finding {
            account: self.watch.account,
            place,
            about,
            id,
            reason: None,
            not_before: 0,
            text: String::new(),
            job: None,
        }
    }

    /// A position of which nothing is known.
    pub fn nothing(&self, spot: Spot) -> Finding {
        self.finding(spot.place, About::Position, NO_POLICY)
    }

    fn unpublished(&self, spot: Spot, about: About, id: B256) -> Finding {
        Finding {
            text: format!(
                "no: no event since block {} published the terms of the policy {id}",
                self.settings.from_block
            ),
            ..self.finding(spot.place, about, id)
        }
    }

    /// Why this keeper may not run a policy, if it may not.
    fn other_keeper(&self, keeper: Address) -> Option<String> {
        let own = self.settings.signer.address();
        if keeper.is_zero() || keeper == own {
            return None;
        }
        Some(if keeper == self.watch.account {
            "no: only the account itself may run it, beside a hedge's policy".into()
        } else {
            format!("no: the policy names another keeper, {keeper}")
        })
    }

    /// The account's own key needs no pay.
    fn paid(&self, most: U256) -> U256 {
        if self.settings.signer.address() == self.watch.account {
            U256::ZERO
        } else {
            most
        }
    }
}
