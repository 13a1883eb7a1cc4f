//! An owner's positions are found from the chain alone: NFTs, and liquidity that the wallet holds in a pool itself, opened here
//! without any of our own programs or records.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_arguments)]

mod common;

use alloy::{
    primitives::{Address, U256},
    signers::local::PrivateKeySigner,
    sol,
    sol_types::SolCall,
};
use common::{
    limited_node::limited_node,
    scene::{Scene, number},
    world::int24,
};
use hedgerow::{
    artifacts::{Artifacts, with_arguments},
    bindings::{IERC20, INonfungiblePositionManager},
    client::{Call, Transaction},
    demo, keys,
};
use serde_json::Value;
use std::collections::BTreeSet;

sol! {
    interface IDepositor {
        function deposit(address pool, address owner, int24 tickLower, int24 tickUpper, uint128 liquidity) external;
    }
    interface IForgedPool {
        function pretend(address owner, int24 tickLower, int24 tickUpper) external;
    }
    interface IOwnPool {
        function burn(int24 tickLower, int24 tickUpper, uint128 amount) external returns (uint256 amount0, uint256 amount1);
        function collect(address recipient, int24 tickLower, int24 tickUpper, uint128 most0, uint128 most1) external
            returns (uint128 amount0, uint128 amount1);
    }
}

const LIQUIDITY: u128 = 1_000_000_000_000_000;
/// Around the price, below it, and two that will be left.
const AROUND: (i32, i32) = (-202_020, -198_060);
const BELOW: (i32, i32) = (-207_240, -205_260);
const LEFT: (i32, i32) = (-204_000, -198_000);
const UNCOLLECTED: (i32, i32) = (-203_400, -197_400);

/// The staged chain, with a contract that pays the pool for liquidity of anybody.
struct Pond {
    scene: Scene,
    depositor: Address,
    forged: Address,
}

impl Pond {
    async fn new() -> Self {
        let scene = Scene::new().await;
        let artifacts = Artifacts::locate();
        let (stage, client) = (&scene.stage, &scene.client);
        demo::fund_trader(client, stage).await.unwrap();
        let factory = client
            .read(stage.position_manager, &INonfungiblePositionManager::factoryCall {})
            .await
            .unwrap();
        let forged = artifacts.contract("ForgedPool", "ForgedPool").unwrap();
        let forged = with_arguments(&forged, &(factory, stage.weth, stage.usd, U256::from(3_000)));
        let depositor = create(&scene, artifacts.contract("PoolDepositor", "PoolDepositor").unwrap()).await;
        let forged = create(&scene, forged).await;
        let pond = Self {
            scene,
            depositor,
            forged,
        };
        for token in [pond.scene.stage.weth, pond.scene.stage.usd] {
            let approve = IERC20::approveCall {
                spender: depositor,
                amount: U256::MAX,
            };
            pond.send(&pond.scene.stage.cast.trader, token, &approve).await;
        }
        pond
    }

    async fn send<C: SolCall>(&self, signer: &PrivateKeySigner, to: Address, call: &C) {
        let sent = self
            .scene
            .client
            .send(signer, Transaction::call(to, call), C::SIGNATURE);
        sent.await.unwrap();
    }

    async fn deposit(&self, owner: Address, (lower, upper): (i32, i32)) {
        let deposit = IDepositor::depositCall {
            pool: self.scene.stage.pool,
            owner,
            tickLower: int24(lower),
            tickUpper: int24(upper),
            liquidity: LIQUIDITY,
        };
        self.send(&self.scene.stage.cast.trader, self.depositor, &deposit).await;
    }

    /// As an ordinary wallet leaves: burn, and collect if it likes.
    async fn leave(&self, (lower, upper): (i32, i32), amount: u128, collect: bool) {
        let (provider, pool) = (&self.scene.stage.cast.provider, self.scene.stage.pool);
        let burn = IOwnPool::burnCall {
            tickLower: int24(lower),
            tickUpper: int24(upper),
            amount,
        };
        self.send(provider, pool, &burn).await;
        if collect {
            self.send(provider, pool, &self.collection((lower, upper))).await;
        }
    }

    fn collection(&self, (lower, upper): (i32, i32)) -> IOwnPool::collectCall {
        IOwnPool::collectCall {
            recipient: self.scene.provider(),
            tickLower: int24(lower),
            tickUpper: int24(upper),
            most0: u128::MAX,
            most1: u128::MAX,
        }
    }

    /// What the pool itself answers to the owner.
    async fn ask<C: SolCall>(&self, call: &C) -> C::Return {
        let request = Call::new(self.scene.provider(), self.scene.stage.pool, call);
        self.scene.client.simulate(request, call).await.unwrap()
    }

    fn place(&self, (lower, upper): (i32, i32)) -> String {
        format!("{}:{lower}:{upper}", self.scene.stage.pool)
    }

    fn list(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Value {
        let owner = self.scene.provider().to_string();
        let arguments = [&["position", "list", "--owner", &owner], arguments].concat();
        self.scene.json(&arguments, environment)
    }
}

async fn create(scene: &Scene, code: alloy::primitives::Bytes) -> Address {
    let sent = scene
        .client
        .send(&scene.stage.cast.deployer, Transaction::create(code), "deploying");
    sent.await.unwrap().contract_address.unwrap()
}

fn places(list: &Value) -> BTreeSet<String> {
    let rows = list["positions"].as_array().unwrap().iter();
    rows.map(|row| row["place"].as_str().unwrap().to_owned()).collect()
}

fn row<'a>(list: &'a Value, place: &str) -> &'a Value {
    let mut rows = list["positions"].as_array().unwrap().iter();
    rows.find(|row| row["place"] == place).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn direct_positions_are_found_by_events_and_by_state_alone() {
    let pond = Pond::new().await;
    let (scene, provider) = (&pond.scene, pond.scene.provider());
    for range in [AROUND, BELOW, LEFT, UNCOLLECTED] {
        pond.deposit(provider, range).await;
    }
    // Somebody else's in the same range, and an event that no pool of the factory emitted.
    pond.deposit(keys::development(6).unwrap().address(), AROUND).await;
    let pretend = IForgedPool::pretendCall {
        owner: provider,
        tickLower: int24(-60),
        tickUpper: int24(60),
    };
    pond.send(&scene.stage.cast.trader, pond.forged, &pretend).await;
    demo::swap_to(&scene.client, &scene.stage, "2150").await.unwrap();
    demo::swap_to(&scene.client, &scene.stage, "1950").await.unwrap();
    pond.leave(LEFT, LIQUIDITY, true).await;
    pond.leave(UNCOLLECTED, LIQUIDITY, false).await;

    let nft = scene.stage.token_id.to_string();
    let listed = pond.list(&[], &[]);
    let (around, below, uncollected) = (pond.place(AROUND), pond.place(BELOW), pond.place(UNCOLLECTED));
    let expected = [&nft, &around, &below, &uncollected].map(String::from);
    assert_eq!(places(&listed), expected.clone().into());
    assert_eq!(listed["empty"], 1, "the position that was left");
    assert_eq!(
        listed["foreignContracts"],
        serde_json::json!([pond.forged.to_string().to_lowercase()])
    );
    assert_eq!(number(&row(&listed, &uncollected)["liquidity"]), U256::ZERO);
    assert_eq!(row(&listed, &nft)["kind"], "nft");

    // By the pool's ticks alone: what holds liquidity, the same to the last digit.
    let pool = scene.stage.pool.to_string();
    let by_state = pond.list(&["--from-state", "--pool", &pool], &[]);
    assert_eq!(places(&by_state), [around.clone(), below.clone()].into());
    for place in [&around, &below] {
        assert_eq!(row(&by_state, place), row(&listed, place));
    }
    figures_are_what_the_pool_pays(&pond, row(&listed, &around)).await;
    a_node_with_limits_is_enough(&pond, &expected.into()).await;
}

/// The pool itself is the independent source: what it would pay for the liquidity, and owes in fees.
async fn figures_are_what_the_pool_pays(pond: &Pond, row: &Value) {
    let (lower, upper) = (int24(AROUND.0), int24(AROUND.1));
    let paid = pond
        .ask(&IOwnPool::burnCall {
            tickLower: lower,
            tickUpper: upper,
            amount: LIQUIDITY,
        })
        .await;
    assert_eq!(
        (number(&row["amount0"]), number(&row["amount1"])),
        (paid.amount0, paid.amount1)
    );
    pond.leave(AROUND, 0, false).await;
    let owed = pond.ask(&pond.collection(AROUND)).await;
    let fees = (number(&row["fees0"]), number(&row["fees1"]));
    assert_eq!(fees, (U256::from(owed.amount0), U256::from(owed.amount1)));
    assert!(!fees.0.is_zero() && !fees.1.is_zero());
    // And the same by `show`, for an owner named by address or by key, now that the pool has written the fees down.
    let (place, owner) = (pond.place(AROUND), pond.scene.provider().to_string());
    for whose in [["--owner", &owner], ["--dev-account", "1"]] {
        let shown = pond
            .scene
            .json(&[&["position", "show", &place][..], &whose].concat(), &[]);
        assert_eq!(shown["position"]["kind"], "direct");
        assert_eq!(shown["native"]["amount0"], row["amount0"]);
        assert_eq!(shown["native"]["fees1"], row["fees1"]);
    }
}

async fn a_node_with_limits_is_enough(pond: &Pond, expected: &BTreeSet<String>) {
    let upstream = pond.scene.url.trim_start_matches("http://").parse().unwrap();
    let narrow = limited_node(upstream, 7);
    assert_eq!(&places(&pond.list(&[], &[("ETH_RPC_URL", &narrow)])), expected);
    let none = limited_node(upstream, 0);
    let owner = pond.scene.provider().to_string();
    let output = pond
        .scene
        .run(&["position", "list", "--owner", &owner], &[("ETH_RPC_URL", &none)]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("--from-state") && said.contains("exceeds 0"), "{said}");
    let pool = pond.scene.stage.pool.to_string();
    let by_state = pond.list(&["--from-state", "--pool", &pool], &[("ETH_RPC_URL", &none)]);
    assert_eq!(by_state["positions"].as_array().unwrap().len(), 2);
    let nfts = pond.list(&["--nfts-only"], &[("ETH_RPC_URL", &none)]);
    assert_eq!(places(&nfts), [pond.scene.stage.token_id.to_string()].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn places_and_pools_that_are_not_there_are_refused() {
    let pond = Pond::new().await;
    let scene = &pond.scene;
    let (owner, here) = (scene.provider().to_string(), pond.place(AROUND));
    let show = |place: &str, words: &[&str]| {
        scene.refused(&["position", "show", place, "--owner", &owner], &[], words);
    };
    show(&here, &["holds nothing", "position list"]);
    show("0x7b", &["0x7b", "POOL:TICK_LOWER:TICK_UPPER"]);
    show(&scene.stage.pool.to_string(), &["add the range"]);
    show(&format!("{}:60:-60", scene.stage.pool), &["below the upper"]);
    show(&format!("{}:-60:60", pond.forged), &["not a pool of the factory"]);
    show(&format!("{}:-60:60", scene.stage.position_manager), &["not a pool"]);
    let nowhere = Address::repeat_byte(0xaa);
    show(&format!("{nowhere}:-60:60"), &["no pool", "--rpc-url"]);
    scene.refused(&["position", "show", &here], &[], &["owner", "--owner"]);

    let list = |arguments: &[&str], words: &[&str]| {
        scene.refused(
            &[&["position", "list", "--owner", &owner], arguments].concat(),
            &[],
            words,
        );
    };
    list(&["--pool", &pond.forged.to_string()], &["not a pool of the factory"]);
    list(
        &["--pool", &pond.forged.to_string(), "--from-state"],
        &["not a pool of the factory"],
    );
    list(&["--from-block", "99999999"], &["99999999", "last block"]);
    list(&["--from-state"], &["--pool"]);
    let pool = scene.stage.pool.to_string();
    list(
        &["--pool", &pool, "--from-state", "--max-pairs", "5"],
        &["4 initialised ticks", "6 ranges", "--max-pairs 6"],
    );
    scene.refused(&["position", "list"], &[], &["--owner"]);
    let stranger = keys::development(7).unwrap().address().to_string();
    let nothing = scene.run(&["position", "list", "--owner", &stranger], &[]);
    assert!(nothing.status.success());
    assert!(String::from_utf8(nothing.stdout).unwrap().contains("has no positions"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_delegating_hears_of_direct_positions() {
    let pond = Pond::new().await;
    let scene = &pond.scene;
    let own = ["--dev-account", "1"];
    scene.json(&[&["delegate", "--yes"], &own[..]].concat(), &[]);
    pond.deposit(scene.provider(), AROUND).await;
    let before = scene.nonces().await;
    let planned = scene.json(&[&["undelegate", "--dry-run"], &own[..]].concat(), &[]);
    assert_eq!(planned["directPositions"], serde_json::json!([pond.place(AROUND)]));
    assert_eq!(planned["before"], planned["after"]);
    let shown = scene.run(&[&["undelegate", "--dry-run"], &own[..]].concat(), &[]);
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(text.contains("burn and collect"), "{text}");
    scene.refused(&[&["undelegate"], &own[..]].concat(), &[], &["--yes", "--dry-run"]);
    assert_eq!(scene.nonces().await, before, "something was sent");
    let none = limited_node(scene.url.trim_start_matches("http://").parse().unwrap(), 0);
    let done = scene.json(
        &[&["undelegate", "--yes"], &own[..]].concat(),
        &[("ETH_RPC_URL", &none)],
    );
    assert!(
        done["directPositions"].is_null(),
        "a node without logs must not keep anybody delegated"
    );
    assert!(done["after"].is_null() && done["gasUsed"].is_number());
    assert!(scene.client.code(scene.provider()).await.unwrap().is_empty());
    // It left nobody locked in: two ordinary transactions, from a wallet without code.
    pond.leave(AROUND, LIQUIDITY, true).await;
    assert_eq!(places(&pond.list(&[], &[])), [scene.stage.token_id.to_string()].into());
}
