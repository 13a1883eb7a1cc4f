//! From a session's file to its terms. What the account itself refuses is told with its line as well.

use super::{NATIVE, NO_CALLDATA};
use crate::{
    bindings::ISessions::{CallRule, InvalidSession, PoolKey, PositionRule, Session, SpendLimit},
    client::Client,
    document::{Document, Fault, Faults, Places, Section},
    error::{Error, Result},
    human,
    position::Token,
};
use alloy::{
    primitives::{Address, B256, FixedBytes, U256, aliases::U24, keccak256},
    sol_types::SolError,
};
use std::path::Path;
use toml::de::DeValue;

/// A session's file, read.
#[derive(Debug)]
pub struct Source<'t> {
    /// The session.
    pub session: Session,
    document: Document<'t>,
    key: Places,
    lists: [Vec<Places>; 3],
}

/// The tables of a file.
struct Tables<'t> {
    key: Option<Section<'t>>,
    calls: Vec<Section<'t>>,
    limits: Vec<Section<'t>>,
    positions: Vec<Section<'t>>,
}

/// Reads the text that came from `path`; tokens are asked for their decimals.
pub async fn session<'t>(client: &Client, path: &'t Path, text: &'t str) -> Result<Source<'t>> {
    let document = Document::new(path, text);
    let root = document.parse()?;
    let mut faults = Faults::new();
    let mut top = Section::new("the file", root.span(), root.get_ref());
    let tables = Tables {
        key: top.table(&mut faults, "key"),
        calls: top.tables(&mut faults, "call"),
        limits: top.tables(&mut faults, "limit"),
        positions: top.tables(&mut faults, "position"),
    };
    top.finish(&mut faults);
    let (mut session, key) = match tables.key {
        Some(section) => key(section, &mut faults),
        None => (nothing(), Places::default()),
    };
    let mut lists = [Vec::new(), Vec::new(), Vec::new()];
    for section in tables.calls {
        let (rule, places) = call(section, &mut faults);
        session.calls.push(rule);
        lists[0].push(places);
    }
    for section in tables.limits {
        let (rule, places) = limit(client, section, &mut faults).await?;
        session.limits.push(rule);
        lists[1].push(places);
    }
    for section in tables.positions {
        let (rule, places) = position(section, &mut faults);
        session.positions.push(rule);
        lists[2].push(places);
    }
    if !faults.is_empty() {
        return Err(document.error(faults));
    }
    Ok(Source {
        session,
        document,
        key,
        lists,
    })
}

impl Source<'_> {
    /// What the account says against the session, where it stands in the file; any other error as it is.
    pub fn explain(&self, error: Error) -> Error {
        let Error::Reverted { data, .. } = &error else {
            return error;
        };
        let Ok(refused) = InvalidSession::abi_decode(data) else {
            return error;
        };
        let field = u8::try_from(refused.field).unwrap_or(u8::MAX);
        let index = usize::try_from(refused.index).unwrap_or(usize::MAX);
        let (key, what) = sense(field);
        let list = usize::from(field).checked_sub(7).and_then(|list| self.lists.get(list));
        let at = list.and_then(|list| list.get(index)).map(|places| places.of(""));
        let at = at.unwrap_or_else(|| self.key.of(key));
        self.document.error(vec![Fault {
            at,
            what: format!("the account refuses the {key}: {what}"),
        }])
    }
}

/// The name of a session's field in its file, and what it may be.
const fn sense(field: u8) -> (&'static str, &'static str) {
    match field {
        0 => ("kind", "there are secp256k1, p256 and webauthn"),
        1 | 2 => ("x", "it is no public key of that kind"),
        3 => ("start", "it lies after the expiry"),
        4 => ("expiry", "it lies ahead, by at most 366 days"),
        6 => ("paymaster", "the account cannot be its own"),
        7 => (
            "call",
            "there are 1 to 32; none may name the account, an EntryPoint, Permit2, our shell and programs, an NFT contract, a function \
             that gives NFTs or allowances away or makes other calls, or one that spends a token without a [[limit]]",
        ),
        8 => (
            "limit",
            "there are at most 8, one for each token, none for an NFT; a period is from 1m to 366d, or \"once\"",
        ),
        9 => (
            "position",
            "there are at most 4, one for each position manager, with at most 16 token ids and 8 pools",
        ),
        _ => ("salt", "see docs/sessions.md"),
    }
}

fn key(mut it: Section<'_>, faults: &mut Faults) -> (Session, Places) {
    let f = faults;
    let kind = it.value(f, "kind", None, kind_number);
    let (x, y) = if kind == 0 {
        let address: Address = it.value(f, "address", None, |v| human::address(v, "none"));
        (address.into_word(), B256::ZERO)
    } else {
        (it.value(f, "x", None, human::word), it.value(f, "y", None, human::word))
    };
    let session = Session {
        kind,
        x,
        y,
        start: it
            .value(f, "start", Some(0), human::moment)
            .try_into()
            .unwrap_or_default(),
        expiry: it
            .value(f, "expiry", None, human::moment)
            .try_into()
            .unwrap_or_default(),
        gasBudget: it.value(f, "gas-budget", Some(0), |v| human::amount(v, &ether())),
        paymaster: it.value(f, "paymaster", Some(Address::ZERO), |v| human::address(v, "none")),
        salt: it.value(f, "salt", None, human::word),
        ..nothing()
    };
    (session, it.finish(f))
}

fn call(mut it: Section<'_>, f: &mut Faults) -> (CallRule, Places) {
    let rule = CallRule {
        target: it.value(f, "target", None, |v| human::address(v, "none")),
        selector: it.value(f, "function", None, selector).into(),
    };
    (rule, it.finish(f))
}

async fn limit(client: &Client, mut it: Section<'_>, f: &mut Faults) -> Result<(SpendLimit, Places)> {
    let token: Address = it.value(f, "token", None, |v| human::address(v, "native"));
    let unit = match token {
        NATIVE => ether(),
        token => Token::read(client, token).await?,
    };
    let rule = SpendLimit {
        token,
        period: it.value(f, "period", None, |v| match v.as_str() {
            Some("once") => Ok(0),
            _ => human::duration(v),
        }),
        amount: it.value(f, "amount", None, |v| human::amount(v, &unit)),
    };
    Ok((rule, it.finish(f)))
}

fn position(mut it: Section<'_>, f: &mut Faults) -> (PositionRule, Places) {
    let manager = it.value(f, "manager", None, |v| human::address(v, "none"));
    let ids = it.value(f, "token-ids", Some(Vec::new()), numbers);
    let mut pools = Vec::new();
    for mut pool in it.tables(f, "pools") {
        pools.push(PoolKey {
            token0: pool.value(f, "token0", None, |v| human::address(v, "none")),
            token1: pool.value(f, "token1", None, |v| human::address(v, "none")),
            fee: U24::saturating_from(pool.value(f, "fee", None, human::share)),
        });
        pool.finish(f);
    }
    let rule = PositionRule {
        positionManager: manager,
        tokenIds: ids,
        pools,
    };
    (rule, it.finish(f))
}

fn numbers(value: &DeValue<'_>) -> core::result::Result<Vec<U256>, String> {
    let DeValue::Array(items) = value else {
        return Err("write a list, such as [1, 2]".into());
    };
    items
        .iter()
        .map(|item| match item.get_ref() {
            // A number that TOML's 64 bits do not hold is written in quotation marks.
            DeValue::String(text) => U256::from_str_radix(text, 10).map_err(|_| "write whole numbers".to_owned()),
            other => human::whole::<u128>(other).map(U256::from),
        })
        .collect()
}

fn kind_number(value: &DeValue<'_>) -> core::result::Result<u8, String> {
    Ok(match human::text(value)? {
        "secp256k1" => 0,
        "p256" => 1,
        "webauthn" => 2,
        _ => return Err("write \"secp256k1\", \"p256\" or \"webauthn\"".into()),
    })
}

/// A function's signature, its four bytes, or "none" for a call without calldata.
fn selector(value: &DeValue<'_>) -> core::result::Result<[u8; 4], String> {
    let written = human::text(value)?.trim();
    if written == "none" {
        return Ok(NO_CALLDATA);
    }
    if written.starts_with("0x") {
        let bytes: FixedBytes<4> = written.parse().map_err(|_| "a selector has 4 bytes".to_owned())?;
        return Ok(bytes.0);
    }
    let signature = alloy::json_abi::Function::parse(written)
        .map_err(|_| "write it as \"transfer(address,uint256)\", a selector as \"0xa9059cbb\", or \"none\"".to_owned())?
        .signature();
    let [a, b, c, d, ..] = keccak256(signature).0;
    Ok([a, b, c, d])
}

/// The native token, as it is counted.
pub fn ether() -> Token {
    Token {
        address: NATIVE,
        symbol: "ETH".into(),
        decimals: 18,
    }
}

fn nothing() -> Session {
    Session {
        kind: 0,
        x: B256::ZERO,
        y: B256::ZERO,
        start: Default::default(),
        expiry: Default::default(),
        gasBudget: 0,
        paymaster: Address::ZERO,
        calls: Vec::new(),
        limits: Vec::new(),
        positions: Vec::new(),
        salt: B256::ZERO,
    }
}
