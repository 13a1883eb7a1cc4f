//! The read-only programs on a chain: every function of every one of them against the vectors, published figures and the native
//! core; every refusal by its name; and calldata that is none. What reads a chain's positions: `lens.rs`, `lens_positions.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod hedge;
mod malformed;
mod options;
mod ranges;
mod risk;
mod stake;
mod statistics;

use alloy::{
    primitives::{Address, Bytes, I256, U256},
    sol_types::{SolCall, SolError},
};
use hedgerow::{
    artifacts::Artifacts,
    client::{Call, Client},
    error::Error,
    keys, program,
};
use hedgerow_core::Wad;
use hedgerow_devnode::{Config, Devnode};
use serde_json::Value;
use std::{cell::RefCell, collections::BTreeSet};

/// The selectors that a program was asked.
type Asked = RefCell<BTreeSet<[u8; 4]>>;

struct Chain {
    client: Client,
    artifacts: Artifacts,
}

impl Chain {
    async fn new() -> Self {
        let devnode = Devnode::new(Config::default()).unwrap();
        Self {
            client: Client::in_process(&devnode).await.unwrap(),
            artifacts: Artifacts::locate(),
        }
    }

    /// Deploys the program of this name.
    async fn program(&self, name: &str) -> Program<'_> {
        let wasm = self.artifacts.program(name).unwrap();
        let program = program::Program::from_wasm(name, &wasm).unwrap();
        let deployed = program.deploy(&self.client, &keys::development(0).unwrap()).await;
        Program {
            client: &self.client,
            address: deployed.unwrap().address,
            asked: Asked::default(),
        }
    }
}

struct Program<'a> {
    client: &'a Client,
    address: Address,
    asked: Asked,
}

impl Program<'_> {
    async fn ask<C: SolCall>(&self, call: C) -> C::Return {
        self.asked.borrow_mut().insert(C::SELECTOR);
        self.client.read(self.address, &call).await.unwrap()
    }

    /// Asserts that the call reverts with exactly this error.
    async fn refuse<C: SolCall, E: SolError>(&self, call: C, error: E) {
        let answer = self.raw(call.abi_encode(), U256::ZERO).await;
        assert_eq!(
            answer,
            Err(error.abi_encode().into()),
            "{} for {}",
            E::SIGNATURE,
            C::SIGNATURE
        );
    }

    /// What this calldata is answered with, or reverts with.
    async fn raw(&self, data: Vec<u8>, value: U256) -> Result<Bytes, Bytes> {
        let call = Call {
            from: keys::development(0).unwrap().address(),
            to: self.address,
            value,
            data: data.into(),
            ..Call::default()
        };
        match self.client.call(call, "asking").await {
            Ok(answer) => Ok(answer),
            Err(Error::Reverted { data, .. }) => Err(data),
            Err(other) => panic!("{other}"),
        }
    }

    /// Asserts that nothing of the interface was left out.
    fn assert_all_asked(&self, selectors: &[[u8; 4]], signatures: &[&str]) {
        for (selector, signature) in selectors.iter().zip(signatures) {
            assert!(self.asked.borrow().contains(selector), "{signature} was never asked");
        }
    }
}

/// A number as its 256 bits.
trait Bits: Copy {
    fn bits(self) -> U256;
}

impl Bits for U256 {
    fn bits(self) -> U256 {
        self
    }
}

impl Bits for I256 {
    fn bits(self) -> U256 {
        self.into_raw()
    }
}

impl Bits for Wad {
    fn bits(self) -> U256 {
        self.0.into_raw()
    }
}

/// Asserts that what the chain says is what the core says, and one of the two neighbours of the exact value; of a number of more
/// than 108 bits, that many are promised.
fn assert_vector(chain: impl Bits, core: impl Bits, out: &Value) {
    assert_eq!(chain.bits(), core.bits(), "on the chain and natively");
    let (got, [floor, ceiling]) = (I256::from_raw(chain.bits()), [&out["f18"], &out["c18"]].map(int));
    let allowance = floor.unsigned_abs() >> 108;
    assert!(
        got == floor || got == ceiling || (got - floor).unsigned_abs() <= allowance,
        "{got} is neither {floor} nor {ceiling}"
    );
}

/// Asserts that what the chain says is what the core says, and what a table prints: its last digit may be rounded either way.
fn assert_printed(chain: impl Bits, core: impl Bits, printed: &str) {
    assert_eq!(chain.bits(), core.bits(), "on the chain and natively");
    let kept = printed.split_once('.').unwrap().1.len() as u32;
    let unit = I256::try_from(10_i64.pow(18 - kept.min(18))).unwrap();
    let got = I256::from_raw(chain.bits());
    assert!((got - wad(printed)).abs() <= unit, "{got} is not {printed}");
}

/// The cases of a vector file of the core.
macro_rules! vectors {
    ($name:literal) => {{
        let file: serde_json::Value = serde_json::from_str(include_str!(concat!(
            "../../crates/core/tests/vectors/",
            $name,
            ".json"
        )))
        .unwrap();
        let cases = file["vectors"].as_array().unwrap().clone();
        assert!(!cases.is_empty());
        cases
    }};
}
use vectors;

fn int(value: &Value) -> I256 {
    value.to_string().trim_matches('"').parse().unwrap()
}

fn uint(value: &Value) -> U256 {
    value.to_string().trim_matches('"').parse().unwrap()
}

fn uints(list: &Value) -> Vec<U256> {
    list.as_array().unwrap().iter().map(uint).collect()
}

fn wads(list: &[U256]) -> Vec<Wad> {
    list.iter().map(|value| Wad(I256::from_raw(*value))).collect()
}

/// A decimal as people write it, as a wad.
fn wad(decimal: &str) -> I256 {
    let (whole, part) = decimal.split_once('.').unwrap_or((decimal, ""));
    format!("{whole}{part:0<18}").parse().unwrap()
}

/// The same, unsigned.
fn uwad(decimal: &str) -> U256 {
    wad(decimal).into_raw()
}

/// What the core takes for an unsigned wad.
fn core_wad(value: U256) -> Wad {
    Wad(I256::from_raw(value))
}
