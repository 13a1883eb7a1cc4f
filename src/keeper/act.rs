//! Acts on what was decided: simulates, weighs gas against the fee, sends, and waits until it is in a block.

use super::{
    Settings,
    decide::{Job, What},
};
use crate::{
    bindings::{
        IHedges::{self, HedgePolicyRun, runHedgeCall, runHedgedCall},
        IPolicies::{FeeExceedsMaximum, PolicyRun, runCall},
    },
    client::{Call, Client, Transaction},
    decimal::format_units,
    error::{Error, Result},
    hedge::terms,
    policy::Policy,
};
use alloy::{
    primitives::{Address, B256, Bytes, U256},
    rpc::types::TransactionReceipt,
    sol_types::{SolCall, SolError, SolEvent},
};
use hedgerow_core::{full_math::mul_div, tick::sqrt_price_at_tick};

/// What became of a job.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is in a block.
    Sent(Sent),
    /// It would have been sent, but for a dry run.
    Would {
        /// What the keeper would be paid, raw.
        fee: U256,
        /// Gas that it would take.
        gas: u64,
    },
    /// It was left: what the chain says to it, or what it would cost.
    Left(String),
    /// It reverted in its block: somebody else was there first, or the price moved.
    Overtaken {
        /// The transaction that was paid for in vain.
        transaction: B256,
        /// What it reverted with.
        reason: String,
    },
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The transaction.
    pub transaction: B256,
    /// Its gas.
    pub gas_used: u64,
    /// What the keeper was paid, raw.
    pub fee: U256,
    /// The position that there is now; zero for none.
    pub new_id: U256,
    /// Millionths of the value that it cost.
    pub loss: u32,
}

impl Job {
    /// The call that asks the account for it, for a fee.
    fn calldata(&self, fee: U256) -> Result<Bytes> {
        let hedged = |policy: &crate::hedge::HedgePolicy| {
            Ok::<_, Error>((
                policy.venue.for_call(),
                terms::guards(&policy.guards)?,
                terms::hedge_terms(&policy.terms),
                terms::hedge_rule(&policy.rule),
            ))
        };
        let data = match &self.what {
            What::Position(place, policy) => runCall {
                place: place.clone(),
                guards: policy.guards(),
                rules: policy.rules()?,
                fee,
            }
            .abi_encode(),
            What::Hedge(place, policy) => {
                let (venue, guards, terms, rule) = hedged(policy)?;
                runHedgeCall {
                    place: place.clone(),
                    venue,
                    guards,
                    terms,
                    rule,
                    fee,
                }
                .abi_encode()
            }
            What::Both(place, ranges, policy) => {
                let (venue, guards, terms, rule) = hedged(policy)?;
                runHedgedCall {
                    place: place.clone(),
                    positionGuards: terms::guards(&ranges.guards)?,
                    rules: rules(ranges)?,
                    venue,
                    guards,
                    terms,
                    rule,
                    fee,
                }
                .abi_encode()
            }
        };
        Ok(data.into())
    }

    /// What a fee is worth in wei, at the mean price; nothing where neither token is the wrapped native one.
    fn in_wei(&self, fee: U256) -> Option<U256> {
        let native = self.native_token.checked_sub(1)?;
        if native == self.fee_token {
            return Some(fee);
        }
        let (root, one) = (sqrt_price_at_tick(self.mean_tick).ok()?, U256::from(1) << 96);
        let (up, down) = if native == 1 { (root, one) } else { (one, root) };
        let half = mul_div(fee, up, down).ok()?;
        mul_div(half, up, down).ok()
    }

    /// The fee for people.
    pub fn fee_text(&self, fee: U256) -> String {
        self.pair.token(self.fee_token).exact(fee)
    }
}

fn rules(policy: &Policy) -> Result<Vec<IHedges::Rule>> {
    policy.rules()?.iter().map(terms::recast).collect()
}

/// Does a job for an account, if the chain lets it and it pays.
pub async fn act(client: &Client, settings: &Settings, account: Address, job: &Job) -> Result<Outcome> {
    let keeper = settings.signer.address();
    let refused = |reason: String| Ok(Outcome::Left(format!("the simulation says: {reason}")));
    let (data, fee) = match simulated(client, keeper, account, job).await {
        Ok(found) => found,
        Err(Error::Reverted { reason, .. }) => return refused(reason),
        Err(error) => return Err(error),
    };
    let request = Call {
        from: keeper,
        to: account,
        data: data.clone(),
        ..Call::default()
    };
    // Somebody else may have been faster since.
    let gas = match client.estimate(request, "estimating the run").await {
        Ok(gas) => gas,
        Err(Error::Reverted { reason, .. }) => return refused(reason),
        Err(error) => return Err(error),
    };
    let price = client.fees().await?.0;
    if let Some(why) = too_dear(settings, job, fee, gas, price) {
        return Ok(Outcome::Left(why));
    }
    if settings.dry_run {
        return Ok(Outcome::Would { fee, gas });
    }
    let transaction = Transaction {
        to: Some(account),
        data,
        ..Transaction::default()
    };
    match client.send(&settings.signer, transaction, "the run").await {
        Ok(receipt) => told(account, &receipt).map(Outcome::Sent),
        Err(Error::Reverted {
            reason,
            transaction: Some(transaction),
            ..
        }) => Ok(Outcome::Overtaken { transaction, reason }),
        Err(Error::Reverted { reason, .. }) => refused(reason),
        Err(error) => Err(error),
    }
}

/// The call that goes through, with the most that the policy allows for it, or with what it brings where that is less.
async fn simulated(client: &Client, keeper: Address, account: Address, job: &Job) -> Result<(Bytes, U256)> {
    let what = "the run (simulated, nothing was sent)";
    let attempt = async |fee: U256| {
        let data = job.calldata(fee)?;
        let request = Call {
            from: keeper,
            to: account,
            data: data.clone(),
            ..Call::default()
        };
        client.call(request, what).await.map(|_| (data, fee))
    };
    match attempt(job.most).await {
        Err(Error::Reverted { data, .. }) if brought(&data).is_some_and(|less| less < job.most) => {
            attempt(brought(&data).unwrap_or_default()).await
        }
        other => other,
    }
}

/// What the action brought of the fee token, where that was less than the fee.
fn brought(data: &[u8]) -> Option<U256> {
    FeeExceedsMaximum::abi_decode(data).ok().map(|error| error.maximum)
}

/// Why it costs more than the keeper is told to pay, if it does.
fn too_dear(settings: &Settings, job: &Job, fee: U256, gas: u64, price: u128) -> Option<String> {
    if let Some(most) = settings.max_gas_price
        && price > most
    {
        let gwei = |wei: u128| format_units(U256::from(wei), 9);
        return Some(format!("gas costs {} gwei, more than {}", gwei(price), gwei(most)));
    }
    let least = settings.min_profit?;
    let cost = U256::from(gas).saturating_mul(U256::from(price));
    let ether = |wei: U256| format_units(wei, 18);
    match job.in_wei(fee) {
        None => {
            Some("what its fee is worth in ether is not known: neither token is named as the wrapped native one".into())
        }
        Some(worth) if worth < cost.saturating_add(least) => Some(format!(
            "the fee of {} is worth {} ETH, the gas costs up to {} ETH, and at least {} ETH is to be left",
            job.fee_text(fee),
            ether(worth),
            ether(cost),
            ether(least)
        )),
        Some(_) => None,
    }
}

/// What the account's own event tells; of a position and its hedge, the position's, and what was paid for both.
fn told(account: Address, receipt: &TransactionReceipt) -> Result<Sent> {
    let mut sent = Sent {
        transaction: receipt.transaction_hash,
        gas_used: receipt.gas_used,
        fee: U256::ZERO,
        new_id: U256::ZERO,
        loss: 0,
    };
    let mut found = false;
    for log in receipt.inner.logs().iter().filter(|log| log.address() == account) {
        if let Ok(event) = PolicyRun::decode_log(&log.inner) {
            (sent.new_id, found) = (event.newId, true);
            sent.fee += event.fee;
            sent.loss = sent.loss.saturating_add(event.loss.to());
        } else if let Ok(event) = HedgePolicyRun::decode_log(&log.inner) {
            (sent.new_id, found) = (event.newId, true);
            sent.fee += event.fee;
            sent.loss = sent.loss.saturating_add(event.loss.to());
        }
    }
    if found {
        return Ok(sent);
    }
    Err(Error::Mismatch {
        what: format!("transaction {}", receipt.transaction_hash),
        expected: "the account's event".into(),
        found: "none".into(),
    })
}
