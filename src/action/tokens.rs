//! Whether a pool's tokens do what tokens should: found out by letting the pool send some away, in a call that is only simulated.

use crate::{
    bindings::{
        IERC20::balanceOfCall,
        Preview::{self, probeCall},
    },
    client::{Call, Client},
    decimal::format_units,
    error::{Error, Result},
    pool::Pool,
    position::Token,
};
use alloy::{
    primitives::{Address, U256},
    rpc::types::state::StateOverridesBuilder,
};

/// The most decimals that amounts and prices can be shown with.
const MAX_DECIMALS: u8 = 36;
/// How far ahead a balance is looked at, to see whether it changes by itself.
const AHEAD_SECONDS: u64 = 30 * 86_400;
/// Who gets what the pool sends away in the simulation.
const NOBODY: Address = Address::repeat_byte(0x5e);

/// Refuses tokens whose amounts could not be shown.
pub fn check_decimals(pool: &Pool) -> Result<()> {
    let odd = [&pool.token0, &pool.token1]
        .into_iter()
        .find(|token| token.decimals > MAX_DECIMALS);
    match odd {
        None => Ok(()),
        Some(token) => Err(Error::invalid(
            "the token",
            token.address,
            format!(
                "it claims {} decimals, and amounts are shown with at most {MAX_DECIMALS}",
                token.decimals
            ),
        )),
    }
}

/// What is odd about the two tokens of a pool, in words; nothing where they behave or the pool has none of them.
pub async fn oddities(client: &Client, pool: &Pool) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for token in [&pool.token0, &pool.token1] {
        found.extend(oddity(client, pool.address, token).await?);
    }
    Ok(found)
}

async fn oddity(client: &Client, pool: Address, token: &Token) -> Result<Option<String>> {
    let symbol = &token.symbol;
    let odd = |what: String| Ok(Some(format!("{symbol} {what}")));
    let balance = match client.read(token.address, &balanceOfCall { owner: pool }).await {
        Ok(balance) if balance.is_zero() => return Ok(None),
        Ok(balance) => balance,
        Err(error @ Error::Unreachable { .. }) => return Err(error),
        Err(_) => return odd("does not tell balances".into()),
    };
    // An odd part of it, so that a token which counts in shares shows what it rounds.
    let amount = balance / U256::from(3) + U256::ONE;
    let call = probeCall {
        token: token.address,
        to: NOBODY,
        amount,
    };
    let overrides = StateOverridesBuilder::default().with_code(pool, Preview::DEPLOYED_BYTECODE.clone());
    let request = Call {
        overrides: Some(overrides.build()),
        ..Call::new(pool, pool, &call)
    };
    let probe = match client.simulate(request, &call).await {
        Ok(probe) => probe,
        Err(error @ Error::Unreachable { .. }) => return Err(error),
        Err(_) => return odd("does not answer as a token does".into()),
    };
    if !probe.success {
        return odd("refuses transfers now (it is paused, or bars somebody)".into());
    }
    let answer = probe.data.get(..32).map(U256::from_be_slice);
    if answer == Some(U256::ZERO) {
        return odd("answers a transfer with false: it moves nothing and does not revert".into());
    }
    if probe.sent != amount || probe.received != amount {
        return odd(unlike(amount, probe.received));
    }
    if changes_by_itself(client, pool, token, balance).await {
        return odd("is a rebasing token: balances change without a transfer, which pools do not account for".into());
    }
    Ok(None)
}

/// Whether the pool's balance would be another in a month without any transfer. A node that cannot look ahead tells nothing.
async fn changes_by_itself(client: &Client, pool: Address, token: &Token, balance: U256) -> bool {
    let held = balanceOfCall { owner: pool };
    let Ok((_, now)) = client.latest().await else {
        return false;
    };
    let request = Call {
        time: Some(now + AHEAD_SECONDS),
        ..Call::new(Address::ZERO, token.address, &held)
    };
    matches!(client.simulate(request, &held).await, Ok(later) if later != balance)
}

/// What is missing, in words: a share of the transfer is a fee, a few units are rounding.
fn unlike(sent: U256, received: U256) -> String {
    let missing = sent.saturating_sub(received);
    if missing > sent / U256::from(1_000_000) {
        // To the nearest: a fee is rounded one way or the other.
        let hundredths = missing
            .saturating_mul(U256::from(10_000))
            .saturating_add(sent / U256::from(2))
            / sent;
        let percent = format_units(hundredths, 2);
        format!("keeps a fee on transfer (about {percent} %): less arrives than is sent")
    } else {
        "is a rebasing token: it counts in shares, so what arrives differs from what is sent by rounding".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_share_is_a_fee_and_a_missing_unit_is_rounding() {
        let of = |sent: u64, received: u64| unlike(U256::from(sent), U256::from(received));
        assert!(of(1_000_000, 990_000).contains("(about 1 %)"));
        assert!(of(1_000_000_000, 999_999_999).contains("rebasing"));
    }
}
