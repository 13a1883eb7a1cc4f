//! A position on a devnode with Uniswap and Aave as published: planned by what stands there, and its policy taken as it is written.

use crate::{
    asked::of,
    close,
    common::{Pair, World, aave::Aave},
};
use alloy::primitives::{U256, aliases::I24};
use hedgerow::{
    bindings::IUniswapV3Pool::feeCall,
    client::Client,
    policy::{Pair as Tokens, read},
    position::Token,
};
use hedgerow_core::{hedging::Kind, tick::range_sqrt_prices};
use hedgerow_devnode::{Config, Devnode, Server};
use serde_json::Value;
use std::{
    process::{Command, Output},
    sync::OnceLock,
    thread,
};
use tempfile::TempDir;

/// A day and more, so that the pool remembers one.
const DAYS: u64 = 30 * 3_600;

struct Estate {
    world: World,
    aave: Aave,
    id: U256,
    url: String,
    dir: TempDir,
    _server: Server,
}

/// The stage of both tests.
struct Staged {
    devnode: Devnode,
    world: World,
    aave: Aave,
    id: U256,
}

impl Staged {
    /// A position around the price that earned for a day, its price having moved.
    async fn new() -> Self {
        let devnode = Devnode::new(Config::default()).unwrap();
        let world = World::on(&devnode, Pair::EtherDollar).await;
        let aave = Aave::on(&world).await;
        let tick = world.pair.tick() / 60 * 60;
        let some = world.pair.units().map(|unit| unit * U256::from(100));
        world.fund(&world.owner, some).await;
        let id = world.mint(&world.owner, (tick - 3_000, tick + 3_000), some).await;
        world.pass(DAYS).await;
        for _ in 0..6 {
            world.churn(3_000).await;
            world.pass(7_200).await;
        }
        aave.follow(&world).await;
        Self {
            devnode,
            world,
            aave,
            id,
        }
    }
}

impl Estate {
    /// A copy of the stage, over HTTP.
    async fn new() -> Self {
        static STAGED: OnceLock<Staged> = OnceLock::new();
        let stage = || {
            // A runtime of its own, because the test that comes first has one that ends with it.
            let staging = thread::spawn(|| tokio::runtime::Runtime::new().unwrap().block_on(Staged::new()));
            staging.join().unwrap()
        };
        let staged = STAGED.get_or_init(stage);
        let devnode = staged.devnode.twin().unwrap();
        let mut world = staged.world.clone();
        world.client = Client::in_process(&devnode).await.unwrap();
        let server = devnode.serve("127.0.0.1:0".parse().unwrap()).unwrap();
        Self {
            url: format!("http://{}", server.addr),
            dir: tempfile::tempdir().unwrap(),
            _server: server,
            aave: staged.aave.clone(),
            id: staged.id,
            world,
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let (id, market) = (self.id.to_string(), self.aave.pool.to_string());
        let margins = self.world.margins.to_string();
        let venue = [
            "--market",
            &market,
            "--margins",
            &margins,
            "--volatile",
            "token0",
            "--dev-account",
            "1",
        ];
        let mut command = Command::new(env!("CARGO_BIN_EXE_hedgerow"));
        command.args(["plan", &id]).args(venue).args(arguments);
        self.environment(&mut command).output().unwrap()
    }

    fn environment<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("ETH_RPC_URL", &self.url)
            .env("HEDGEROW_DEPLOYMENTS", self.dir.path().join("deployments.json"))
            .env("HEDGEROW_POSITION_MANAGER", self.world.npm.to_string())
    }

    fn plan(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn refused(&self, arguments: &[&str], words: &str) {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(2) && said.contains(words),
            "{arguments:?}: {said}"
        );
    }

    async fn pair(&self) -> Tokens {
        let world = &self.world;
        let token = |index: usize| Token::read(&world.client, world.tokens[index]);
        Tokens {
            token0: token(0).await.unwrap(),
            token1: token(1).await.unwrap(),
            fee: world.read(world.pool, &feeCall {}).await.to(),
            spacing: 60,
            chain_id: world.client.chain_id(),
        }
    }
}

fn float(value: U256) -> f64 {
    value.to_string().parse().unwrap()
}

fn figure(document: &Value, key: &str) -> f64 {
    document[key]
        .as_f64()
        .unwrap_or_else(|| panic!("no {key} in {document}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_planned_by_what_the_chain_says_and_its_policy_is_set_as_it_is() {
    let estate = Estate::new().await;
    let (world, aave) = (&estate.world, &estate.aave);
    let document = estate.plan(&["--share", "100%", "--share", "50%"]);

    // The figures, by the textbook from what is read here.
    let given = &document["given"];
    let root = float(world.slot0().await.0) / 2_f64.powi(96);
    let price = root * root * 1e12;
    close(figure(given, "price"), price, 1e-9);
    let position = world.position(estate.id).await;
    let tick = |tick: I24| tick.as_i32();
    let (a, b) = range_sqrt_prices(tick(position.tickLower), tick(position.tickUpper)).unwrap();
    let [a, b] = [a, b].map(|end| float(end) / 2_f64.powi(96));
    let liquidity = position.liquidity as f64;
    let delta = liquidity * (1.0 / root - 1.0 / b) / 1e18;
    let value = delta * price + liquidity * (root - a) / 1e6;
    close(figure(given, "value"), value, 1e-6);
    close(figure(given, "rangeLower"), a * a * 1e12, 1e-6);
    let reserves = [aave.reserve(world, 0).await, aave.reserve(world, 1).await];
    close(
        figure(given, "borrowRate"),
        reserves[0].currentVariableBorrowRate as f64 / 1e27,
        1e-9,
    );
    close(
        figure(given, "supplyRate"),
        reserves[1].currentLiquidityRate as f64 / 1e27,
        1e-9,
    );
    assert_eq!((figure(given, "threshold"), figure(given, "health")), (0.825, 2.0));
    let fee = f64::from(world.read(world.pool, &feeCall {}).await.to::<u32>()) / 1e6;
    close(figure(given, "poolFee"), fee, 1e-12);
    assert!(figure(given, "volatility") > 0.0 && figure(given, "feeApr") > 0.0);

    // The gate is the core's, as the account itself would weigh it: here once more in floating point.
    let full = of(&document, "full delta");
    close(figure(full, "debt"), delta, 1e-6);
    let years = figure(given, "horizonYears");
    let owed = delta * price;
    let lvr = figure(given, "volatility").powi(2) / 4.0 * liquidity * root / 1e6 * years;
    let interest = figure(given, "borrowRate") * owed - figure(given, "supplyRate") * owed * 2.0 / 0.825;
    let fees = figure(given, "feeApr") * value * years;
    let gate = fees - lvr - interest * years - 2.0 * fee * owed;
    assert!((figure(full, "gate") - gate).abs() < 1e-4 * fees, "{gate} {full}");

    // Its policy, as written.
    let path = estate.dir.path().join("hedge.toml");
    let file = path.to_str().unwrap();
    let written = [
        "--share", "50%", "--band", "15%", "--health", "1.8", "--write", file, "--choose", "50%",
    ];
    estate.plan(&written);
    let terms = read::terms_file(&path, &estate.pair().await, world.now().await).unwrap();
    let hedge = terms.hedge.unwrap();
    let rule = &hedge.rule;
    assert_eq!(
        (rule.target, rule.share, rule.band, rule.inner),
        (Kind::Delta, 500_000, 150_000, 20_000)
    );
    assert_eq!(
        (hedge.terms.health, hedge.venue.market, hedge.venue.volatile),
        (1_800, aave.pool, 0)
    );
    assert!(terms.ranges.is_none());
    estate.refused(&written, "cannot be used");

    let mut deploy = Command::new(env!("CARGO_BIN_EXE_hedgerow"));
    let deployed = estate
        .environment(deploy.args(["deploy", "--dev-account", "0"]))
        .output()
        .unwrap();
    assert!(
        deployed.status.success(),
        "{}",
        String::from_utf8_lossy(&deployed.stderr)
    );
    let mut set = Command::new(env!("CARGO_BIN_EXE_hedgerow"));
    set.args([
        "policy",
        "set",
        &estate.id.to_string(),
        file,
        "--yes",
        "--dev-account",
        "1",
    ]);
    let set = estate.environment(&mut set).output().unwrap();
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_chain_cannot_say_is_asked_for_and_what_it_refuses_is_told() {
    let estate = Estate::new().await;
    // Fees of a moment, of blocks that are not there, of a time before the chain.
    estate.refused(&["--fees-since", "999999999"], "the chain's last block is");
    estate.refused(&["--share", "150%"], "give a share above zero and at most 100%");
    estate.refused(
        &["--choose", "half", "--write", "nowhere/x.toml"],
        "give full, il, or a share",
    );
    // Aave's feeds fall silent: what is planned still is, and says that it cannot be opened.
    estate.world.pass(26 * 3_600).await;
    let document = estate.plan(&["--share", "100%", "--volatility", "60%"]);
    let full = of(&document, "full delta");
    assert_eq!(full["refused"], true);
    let reason = full["reason"].as_str().unwrap();
    assert!(
        reason.contains("cannot be opened") && reason.contains("too old"),
        "{reason}"
    );
    assert_eq!(figure(&document["given"], "volatility"), 0.6);
}
