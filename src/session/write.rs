//! A session's file to begin with, and what a session allows in words.

use super::{NATIVE, NO_CALLDATA, kind, public_key, read::ether};
use crate::{
    bindings::ISessions::{CallRule, Session, SpendLimit},
    human,
    position::Token,
};
use alloy::primitives::{Address, B256, U256};
use std::collections::BTreeMap;

/// Functions that are shown by name.
const KNOWN: [([u8; 4], &str); 10] = [
    ([0xa9, 0x05, 0x9c, 0xbb], "transfer(address,uint256)"),
    ([0x23, 0xb8, 0x72, 0xdd], "transferFrom(address,address,uint256)"),
    ([0x09, 0x5e, 0xa7, 0xb3], "approve(address,uint256)"),
    ([0xd0, 0xe3, 0x0d, 0xb0], "deposit()"),
    ([0x2e, 0x1a, 0x7d, 0x4d], "withdraw(uint256)"),
    ([0x88, 0x31, 0x64, 0x56], "mint(…)"),
    ([0x21, 0x9f, 0x5d, 0x17], "increaseLiquidity(…)"),
    ([0x0c, 0x49, 0xcc, 0xbe], "decreaseLiquidity(…)"),
    ([0xfc, 0x6f, 0x78, 0x65], "collect(…)"),
    (NO_CALLDATA, "no calldata"),
];

/// Which key a new session is for.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    /// A secp256k1 key, by its address.
    Address(Address),
    /// A point of P-256; of a WebAuthn credential, or of a bare key.
    Point {
        /// Its coordinates.
        point: [B256; 2],
        /// Whether an authenticator signs with it.
        webauthn: bool,
    },
}

/// A file to begin with: the key may send a little of one token each day, for thirty days.
pub fn template(key: Key, token: &Token, now: u64, salt: B256) -> String {
    let key = match key {
        Key::Address(address) => format!("kind = \"secp256k1\"\naddress = \"{address}\""),
        Key::Point {
            point: [x, y],
            webauthn,
        } => {
            let kind = if webauthn { "webauthn" } else { "p256" };
            format!("kind = \"{kind}\"\nx = \"{x}\"\ny = \"{y}\"")
        }
    };
    format!(
        "# What another key may make the account do. docs/sessions.md explains every term, and what the key can at worst do.\n\
         \n\
         [key]\n\
         {key}\n\
         start = {} # the first moment\n\
         expiry = {} # the last; at most 366 days ahead\n\
         gas-budget = \"0.005 ETH\" # what its user operations may cost the account, in its whole life\n\
         paymaster = \"none\" # the only one that its user operations may name\n\
         salt = \"{salt}\" # tells apart sessions that are otherwise the same\n\
         \n\
         # What it may call: an address, and a function of it (a selector such as \"0xa9059cbb\", or \"none\" for no calldata).\n\
         [[call]]\n\
         target = \"{}\" # {}\n\
         function = \"transfer(address,uint256)\"\n\
         \n\
         # What may leave the account: the larger of what the calls say and of what the balance lost. Token \"native\" is ether; period\n\
         # \"once\" counts the session's whole life.\n\
         [[limit]]\n\
         token = \"{}\"\n\
         amount = \"10\"\n\
         period = \"1d\"\n\
         \n\
         # Positions that it may deal with: those named, and all in the pools named.\n\
         # [[position]]\n\
         # manager = \"0x…\"\n\
         # token-ids = [1, 2]\n\
         # pools = [{{ token0 = \"0x…\", token1 = \"0x…\", fee = \"0.3%\" }}]\n",
        human::date(now),
        human::date(now + 30 * 86_400),
        token.address,
        token.symbol,
        token.address,
    )
}

/// What a session allows, row by row; tokens by address.
pub fn allowed(session: &Session, tokens: &BTreeMap<Address, Token>) -> Vec<(String, String)> {
    let row = |name: &str, text: String| (name.to_owned(), text);
    let mut rows = vec![
        row("key", format!("{} {}", kind(session.kind), public_key(session))),
        row(
            "may act",
            format!(
                "from {} to {}",
                human::date(session.start.to()),
                human::date(session.expiry.to())
            ),
        ),
    ];
    rows.extend(session.calls.iter().map(|rule| row("may call", call(rule))));
    for limit in &session.limits {
        rows.push(row("may spend", spend(limit, tokens)));
    }
    for rule in &session.positions {
        let ids: Vec<String> = rule.tokenIds.iter().map(U256::to_string).collect();
        let pools = rule
            .pools
            .iter()
            .map(|pool| format!("{}/{} at {}", pool.token0, pool.token1, human::percent(pool.fee.to())));
        let pools: Vec<String> = pools.collect();
        rows.push(row(
            "positions",
            format!(
                "of {}: numbers [{}], pools [{}]",
                rule.positionManager,
                ids.join(", "),
                pools.join(", ")
            ),
        ));
    }
    let sponsor = if session.paymaster.is_zero() {
        String::new()
    } else {
        format!("; sponsored by {}", session.paymaster)
    };
    rows.push(row(
        "gas",
        format!(
            "at most {} in all{sponsor}",
            ether().exact(U256::from(session.gasBudget))
        ),
    ));
    rows
}

fn call(rule: &CallRule) -> String {
    let name = KNOWN.into_iter().find(|(selector, _)| *selector == rule.selector.0);
    let name = name.map_or_else(|| rule.selector.to_string(), |(_, name)| name.to_owned());
    format!("{name} of {}", rule.target)
}

/// A limit in whole tokens.
pub fn spend(limit: &SpendLimit, tokens: &BTreeMap<Address, Token>) -> String {
    let amount = amount(limit.token, limit.amount, tokens);
    match limit.period {
        0 => format!("{amount} in all"),
        period => format!("{amount} every {}", human::seconds(period.into())),
    }
}

/// An amount of a token that may be native, or one that was not asked.
pub fn amount(token: Address, raw: u128, tokens: &BTreeMap<Address, Token>) -> String {
    match tokens.get(&token) {
        Some(token) => token.exact(U256::from(raw)),
        None if token == NATIVE => ether().exact(U256::from(raw)),
        None => format!("{raw} units of {token}"),
    }
}
