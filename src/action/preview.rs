//! What an action would do, found out by letting the node run it: `contracts/solidity/src/Preview.sol` in the place of the
//! account's code, for the length of one call. Balances are measured, not taken from what the action says of itself.

use super::intent::{Action, Returned};
use crate::{
    bindings::Preview::{self as code, Moment, previewCall},
    client::{Call, Client},
    error::{Error, Result},
    pool::Pool,
    position::Position,
    revert,
};
use alloy::{
    primitives::{Address, Bytes, U256},
    rpc::types::state::StateOverridesBuilder,
};
use hedgerow_core::{full_math::mul_div, liquidity, tick};

/// One call of the account.
#[derive(Clone, Debug)]
pub struct Step {
    /// Who is called; the account itself for its own functions.
    pub to: Address,
    /// Calldata.
    pub data: Bytes,
    /// What it is for, in an error's words.
    pub what: String,
}

/// A value before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Before the action.
    pub before: U256,
    /// After it.
    pub after: U256,
}

impl Change {
    /// What came in.
    pub fn gained(&self) -> U256 {
        self.after.saturating_sub(self.before)
    }

    /// What went out.
    pub fn spent(&self) -> U256 {
        self.before.saturating_sub(self.after)
    }
}

/// What would happen.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// What the action returned.
    pub returned: Returned,
    /// The wallet's raw token0 and token1, measured.
    pub wallet: [Change; 2],
    /// The wallet's wei, measured; fees for gas not among them.
    pub ether: Change,
    /// The pool's sqrtPriceX96.
    pub sqrt_price: Change,
    /// The pool's tick before and after.
    pub tick: [i32; 2],
    /// Liquidity of the position that there is afterwards; zero for none.
    pub liquidity: u128,
    /// Raw token1 at the price before: the old position, its fees, and what the wallet put in; the new position, and what the
    /// wallet got.
    pub value: Change,
    /// Gas of the calls themselves, without refunds and the transaction's own cost.
    pub call_gas: u64,
}

/// What is previewed, by whom.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The account.
    pub account: Address,
    /// The shell that it runs, or will; none for a wallet that stays without code.
    pub shell: Option<Address>,
    /// The pool.
    pub pool: &'a Pool,
    /// The position as it is; none when one is opened.
    pub position: Option<&'a Position>,
    /// Who might be left with an allowance.
    pub spenders: &'a [Address],
}

impl Preview {
    /// Lets the node run `steps`. What would revert is an error with the reason; so is an action that leaves an allowance behind or
    /// takes from the wallet what it was not given.
    pub async fn run(client: &Client, subject: Subject<'_>, action: &Action, steps: &[Step]) -> Result<Self> {
        let outcome = outcome(client, subject, steps).await?;
        let what = format!("the {} (simulated, nothing was sent)", action.name());
        if !outcome.success {
            return Err(Error::Reverted {
                action: what,
                reason: match subject.shell {
                    // Programs and contracts of ours always say why they refuse something that they know.
                    Some(shell) if outcome.data.is_empty() => format!(
                        "no reason given: the shell {shell} knows no such action, or the node's gas for calls did not suffice"
                    ),
                    _ => revert::explain(&outcome.data),
                },
                transaction: None,
                data: outcome.data,
            });
        }
        let returned = match subject.shell {
            Some(_) => Returned::decode(&outcome.data)?,
            None => Returned::default(),
        };
        let mut preview = Self::of(&outcome.earlier, &outcome.later, returned);
        if subject.shell.is_none() {
            preview.returned.amounts = preview.wallet.map(|change| change.gained());
        }
        preview.call_gas = outcome.gasUsed.saturating_to();
        preview.require_deltas_only(subject, action, &outcome)?;
        preview.weigh(subject, action)?;
        Ok(preview)
    }

    fn of(earlier: &Moment, later: &Moment, returned: Returned) -> Self {
        let balance = |i: usize| {
            let pair = earlier.balances.get(i).zip(later.balances.get(i));
            let (before, after) = pair.map(|(a, b)| (*a, *b)).unwrap_or_default();
            Change { before, after }
        };
        Self {
            returned,
            wallet: [balance(0), balance(1)],
            ether: Change {
                before: earlier.etherBalance,
                after: later.etherBalance,
            },
            sqrt_price: Change {
                before: U256::from(earlier.sqrtPriceX96),
                after: U256::from(later.sqrtPriceX96),
            },
            tick: [earlier.tick.as_i32(), later.tick.as_i32()],
            liquidity: 0,
            value: Change::default(),
            call_gas: 0,
        }
    }

    /// Nothing but an opening's own amounts may leave the wallet, and no allowance may be higher than it was.
    fn require_deltas_only(&self, subject: Subject<'_>, action: &Action, outcome: &code::Outcome) -> Result<()> {
        let allowed = match action {
            Action::Open { amounts, .. } => *amounts,
            _ => [U256::ZERO; 2],
        };
        let tokens = [&subject.pool.token0, &subject.pool.token1];
        for ((token, change), allowed) in tokens.into_iter().zip(self.wallet).zip(allowed) {
            if change.spent() > allowed {
                return Err(Error::Mismatch {
                    what: format!("what the {} would take from the wallet", action.name()),
                    expected: format!("at most {}", token.exact(allowed)),
                    found: token.exact(change.spent()),
                });
            }
        }
        let allowances = outcome.earlier.allowances.iter().zip(&outcome.later.allowances);
        match allowances.into_iter().find(|(before, after)| after > before) {
            None => Ok(()),
            Some((before, after)) => Err(Error::Mismatch {
                what: format!("an allowance after the {}", action.name()),
                expected: before.to_string(),
                found: after.to_string(),
            }),
        }
    }

    /// Works out which liquidity there is afterwards, and what all of it is worth at the price before.
    fn weigh(&mut self, subject: Subject<'_>, action: &Action) -> Result<()> {
        let price = self.sqrt_price.before;
        let held = subject.position.map_or(0, |position| position.liquidity);
        let range = subject
            .position
            .map(|position| (position.tick_lower, position.tick_upper));
        self.liquidity = match action {
            Action::Exit { .. } => 0,
            Action::Harvest => held,
            Action::Compound => held.saturating_add(self.returned.liquidity),
            _ => self.returned.liquidity,
        };
        let range_after = action.range().or(range).unwrap_or_default();
        let (before0, before1) = match subject.position {
            None => (U256::ZERO, U256::ZERO),
            Some(position) => {
                let (amount0, amount1) = position.withdrawable()?;
                (amount0 + position.fees[0], amount1 + position.fees[1])
            }
        };
        let (after0, after1) = amounts(self.sqrt_price.after, range_after, self.liquidity)?;
        let [wallet0, wallet1] = self.wallet;
        self.value = Change {
            before: value(price, before0 + wallet0.spent(), before1 + wallet1.spent())?,
            after: value(price, after0 + wallet0.gained(), after1 + wallet1.gained())?,
        };
        Ok(())
    }
}

async fn outcome(client: &Client, subject: Subject<'_>, steps: &[Step]) -> Result<code::Outcome> {
    let call = previewCall {
        shell: subject.shell.unwrap_or_default(),
        calls: steps
            .iter()
            .map(|step| code::Call {
                to: step.to,
                value: U256::ZERO,
                data: step.data.clone(),
            })
            .collect(),
        tokens: vec![subject.pool.token0.address, subject.pool.token1.address],
        spenders: subject.spenders.to_vec(),
        pool: subject.pool.address,
    };
    let overrides = StateOverridesBuilder::default().with_code(subject.account, code::DEPLOYED_BYTECODE.clone());
    let request = Call {
        overrides: Some(overrides.build()),
        ..Call::new(subject.account, subject.account, &call)
    };
    client
        .simulate_as("the preview (simulated, nothing was sent)", request, &call)
        .await
}

fn maths(error: impl ToString) -> Error {
    Error::Maths {
        what: "what the action is worth",
        reason: error.to_string(),
    }
}

/// Raw token0 and token1 of liquidity at a price, rounded down.
fn amounts(sqrt_price: U256, (lower, upper): (i32, i32), amount: u128) -> Result<(U256, U256)> {
    if amount == 0 {
        return Ok((U256::ZERO, U256::ZERO));
    }
    tick::range_sqrt_prices(lower, upper)
        .and_then(|(lower, upper)| liquidity::amounts_for_liquidity(sqrt_price, lower, upper, amount))
        .map_err(maths)
}

/// Raw token1 of both amounts at a price, rounded down.
fn value(sqrt_price: U256, amount0: U256, amount1: U256) -> Result<U256> {
    let one = U256::from(1) << 96;
    let half = mul_div(amount0, sqrt_price, one).map_err(maths)?;
    let in_token1 = mul_div(half, sqrt_price, one).map_err(maths)?;
    in_token1
        .checked_add(amount1)
        .ok_or_else(|| maths("it needs more than 256 bits"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_value_is_token0_at_the_price_plus_token1() {
        // sqrt(4) * 2^96: one token0 is worth four token1.
        let four = U256::from(2) << 96;
        assert_eq!(value(four, U256::from(10), U256::from(7)).unwrap(), U256::from(47));
    }
}
