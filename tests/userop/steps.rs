//! The steps of `hedgerow userop` as a user takes them, with one file between them.

use super::common::scene::Scene;
use alloy::{
    hex,
    primitives::{Address, B256, U256},
    signers::local::PrivateKeySigner,
};
use hedgerow::{bindings::IERC20, client::Transaction};
use serde_json::Value;
use std::path::PathBuf;

/// Wallets of nobody else's: without ether, without code, without a transaction.
pub fn fresh(n: u8) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&B256::repeat_byte(n)).unwrap()
}

/// One operation on its way, kept in a file.
pub struct Steps<'a> {
    pub scene: &'a Scene,
    pub file: PathBuf,
    key: String,
}

impl<'a> Steps<'a> {
    pub fn new(scene: &'a Scene, name: &str, owner: &PrivateKeySigner) -> Self {
        Self {
            scene,
            file: scene.dir.path().join(name),
            key: hex::encode_prefixed(owner.to_bytes()),
        }
    }

    fn path(&self) -> &str {
        self.file.to_str().unwrap()
    }

    /// Who pays in these tests unless it is said otherwise.
    pub fn sponsor(&self) -> Vec<String> {
        let paymaster = self.scene.stage.paymaster.to_string();
        ["--paymaster", &paymaster, "--paymaster-dev-account", "4"]
            .map(str::to_owned)
            .to_vec()
    }

    pub fn step(&self, arguments: &[&str]) -> Value {
        self.scene.json(arguments, &[("HEDGEROW_PRIVATE_KEY", &self.key)])
    }

    pub fn build(&self, arguments: &[&str]) -> Value {
        self.step(&[&["userop", "build", "--output", self.path()], arguments].concat())
    }

    pub fn estimate(&self, arguments: &[&str]) -> Value {
        self.step(&[&["userop", "estimate", self.path(), "--output", self.path()], arguments].concat())
    }

    pub fn sign(&self, arguments: &[&str]) -> Value {
        self.step(&[&["userop", "sign", self.path(), "--output", self.path()], arguments].concat())
    }

    pub fn send(&self, arguments: &[&str]) -> Value {
        self.step(&[&["userop", "send", self.path(), "--yes"], arguments].concat())
    }

    /// Estimates, signs and sends what was built, sponsored, through `handleOps`.
    pub fn finish(&self) -> Value {
        let sponsor = self.sponsor();
        self.estimate(&sponsor.iter().map(String::as_str).collect::<Vec<_>>());
        self.sign(&[]);
        self.send(&["--sender-dev-account", "3"])
    }
}

/// Gives a wallet tokens that somebody else had.
pub async fn give(scene: &Scene, to: Address, weth: &str, usd: &str) {
    let from = &scene.stage.cast.trader;
    let amounts = scene.stage.fund(&scene.client, from, weth, usd).await.unwrap();
    for (token, amount) in [(scene.stage.weth, amounts.0), (scene.stage.usd, amounts.1)] {
        let call = IERC20::transferCall { to, amount };
        let sent = scene
            .client
            .send(from, Transaction::call(token, &call), "giving tokens");
        sent.await.unwrap();
    }
}

pub async fn balance(scene: &Scene, token: Address, owner: Address) -> U256 {
    scene
        .client
        .read(token, &IERC20::balanceOfCall { owner })
        .await
        .unwrap()
}

/// A decimal string of a document as a number.
pub fn amount(value: &Value) -> u128 {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .parse()
        .unwrap()
}
