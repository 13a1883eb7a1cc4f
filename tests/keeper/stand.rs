//! A served world with Aave, an owner's position in it, and the command.

use alloy::primitives::{Address, U256};
use hedgerow::bindings::{IERC20, IUniswapV3Pool};
use hedgerow_devnode::Server;
use serde_json::Value;
use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};
use tempfile::TempDir;

use crate::common::{
    World,
    aave::{Aave, lending_on},
    governed::Terms,
    held::{Held, Kind},
};

/// The owner's key, and keepers'.
pub const OWN: [&str; 2] = ["--dev-account", "1"];
pub const KEEPER: [&str; 2] = ["--dev-account", "6"];
pub const RIVAL: [&str; 2] = ["--dev-account", "7"];

pub struct Stand {
    pub world: World,
    pub aave: Aave,
    pub held: Held,
    pub url: String,
    pub dir: TempDir,
    server: Option<Server>,
}

impl Stand {
    /// A position of 100 units either side of the price, 1,200 ticks wide either way, in a pool with a busy day behind it; the owner
    /// has ether and dollars besides.
    pub async fn new() -> Self {
        Self::with(Kind::Nft).await
    }

    pub async fn with(kind: Kind) -> Self {
        let (devnode, world, aave) = lending_on().await;
        let unit = world.pair.units();
        let remember = IUniswapV3Pool::increaseObservationCardinalityNextCall {
            observationCardinalityNext: 200,
        };
        world.send(&world.trader, world.pool, &remember).await;
        world
            .fund(&world.owner, unit.map(|unit| unit * U256::from(10_000)))
            .await;
        let tick = world.pair.tick();
        let range = (tick / 60 * 60 - 1_200, tick / 60 * 60 + 1_200);
        let held = world.hold(kind, range, unit.map(|unit| unit * U256::from(100))).await;
        for _ in 0..12 {
            world.churn(2_000).await;
            world.pass(7_200).await;
        }
        aave.follow(&world).await;
        let server = devnode.serve("127.0.0.1:0".parse().unwrap()).unwrap();
        let stand = Self {
            url: format!("http://{}", server.addr),
            world,
            aave,
            held,
            dir: tempfile::tempdir().unwrap(),
            server: Some(server),
        };
        // Finds everything in place, and writes the record that the other commands read.
        let report = stand.json(&["deploy", "account", "--dev-account", "0"]);
        assert_eq!(report["account"]["deployGas"], 0);
        stand
    }

    /// The node goes away.
    pub fn pull_the_plug(&mut self) {
        self.server = None;
    }

    pub fn owner(&self) -> String {
        self.world.account().to_string()
    }

    /// The position as the command line names it.
    pub fn position(&self) -> String {
        match self.held.kind {
            Kind::Nft => self.held.id.to_string(),
            Kind::Direct => format!("{}:{}:{}", self.world.pool, self.held.range.0, self.held.range.1),
        }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hedgerow"));
        for name in [
            "HEDGEROW_PRIVATE_KEY",
            "HEDGEROW_KEYSTORE",
            "HEDGEROW_BUNDLER_URL",
            "HEDGEROW_PAYMASTER",
        ] {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .env("ETH_RPC_URL", &self.url)
            .env("HEDGEROW_DEPLOYMENTS", self.dir.path().join("deployments.json"))
            .env("HEDGEROW_POSITION_MANAGER", self.world.npm.to_string())
            .env("HEDGEROW_AAVE_POOL", self.aave.pool.to_string());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        serde_json::from_slice(&output.stdout).expect("exactly one JSON document")
    }

    pub fn owned(&self, arguments: &[&str]) -> Value {
        self.json(&[arguments, &OWN].concat())
    }

    /// Refused with this exit code, and all of these words.
    pub fn refused(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let output = self.run(arguments);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{arguments:?} should say {word:?}: {said}");
        }
    }

    /// A round of a keeper's, one document for each position.
    pub fn round(&self, who: [&str; 2], more: &[&str]) -> Vec<Value> {
        let owner = self.owner();
        let keep = ["keeper", "run", "--once", "--json", "--accounts", &owner];
        let output = self.run(&[&keep[..], more, &who].concat());
        assert!(output.status.success(), "{}", said(&output));
        lines(&output)
    }

    /// The owner's hedge with what suits a world that trades by itself: any fees will do.
    pub fn open(&self, more: &[&str]) -> Value {
        let position = self.position();
        let open = [
            "hedge",
            "open",
            &position,
            "--volatile",
            "token0",
            "--fees-since",
            "20h",
        ];
        self.owned(&[&open[..], more].concat())
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A policy's file as `policy new` writes it, with some of its lines changed.
    pub fn policy(&self, name: &str, more: &[&str], changes: &[(&str, &str)]) -> String {
        let (path, position) = (self.file(name), self.position());
        let file = path.to_str().unwrap();
        let new = [
            "policy",
            "new",
            &position,
            "-o",
            file,
            "--volatile",
            "token0",
            "--fees-since",
            "20h",
        ];
        let output = self.run(&[&new[..], more, &OWN].concat());
        assert!(output.status.success(), "{}", said(&output));
        let mut text = fs::read_to_string(&path).unwrap();
        for (key, line) in changes {
            let start = format!("{key} = ");
            assert!(text.lines().any(|old| old.starts_with(&start)), "no {key} in {text}");
            let kept = text.lines().map(|old| if old.starts_with(&start) { line } else { old });
            text = kept.collect::<Vec<_>>().join("\n");
        }
        fs::write(&path, text).unwrap();
        file.to_owned()
    }

    /// Moves the price by trading, and lets it stand for longer than any window; the feeds follow.
    pub async fn move_price(&self, zero_for_one: bool, units: u64) {
        let amount = self.world.pair.units()[usize::from(!zero_for_one)] * U256::from(units);
        self.world.trade(zero_for_one, amount).await;
        self.world.pass(7_200).await;
        self.aave.follow(&self.world).await;
    }

    pub async fn set(&self, terms: &Terms) {
        self.world.set_policy(&self.held, terms).await.unwrap();
        self.world.pass(60).await;
    }

    pub async fn debt(&self, margin: &Value) -> U256 {
        let owner: Address = margin.as_str().unwrap().parse().unwrap();
        self.world
            .read(self.aave.debt_tokens[0], &IERC20::balanceOfCall { owner })
            .await
    }
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// One JSON document on each line.
pub fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let documents = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON document on each line"));
    documents.collect()
}

pub fn number(value: &Value) -> U256 {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a decimal string: {value}"))
        .parse()
        .unwrap()
}
