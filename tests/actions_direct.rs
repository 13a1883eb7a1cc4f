//! The spending commands on positions that the wallet holds in the pool itself, and those that change how one is held: a whole life
//! through the real command, each step's own figures held against the wallet's balances and the pool's records.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use alloy::{
    primitives::{Address, U256, aliases::U24},
    sol,
};
use common::scene::{Scene, number};
use hedgerow::{client::Transaction, demo, position::place::direct_key};
use serde_json::Value;

const OWN: [&str; 2] = ["--dev-account", "1"];

sol! {
    interface IFactory {
        function createPool(address tokenA, address tokenB, uint24 fee) external returns (address pool);
        function getPool(address tokenA, address tokenB, uint24 fee) external view returns (address pool);
    }

    interface IPool {
        function factory() external view returns (address);
        function initialize(uint160 sqrtPriceX96) external;
        function positions(bytes32 key) external view returns (
            uint128 liquidity, uint256 inside0, uint256 inside1, uint128 owed0, uint128 owed1
        );
    }
}

/// Sends an action of account 1 and asserts that the wallet got what the preview had said.
async fn act(scene: &Scene, arguments: &[&str]) -> Value {
    let balances = || scene.stage.balances(&scene.client, scene.provider());
    let before = balances().await.unwrap();
    let done = scene.json(&[arguments, &OWN[..], &["--yes"]].concat(), &[]);
    let after = balances().await.unwrap();
    for (i, name) in ["wallet0", "wallet1"].into_iter().enumerate() {
        let change = done["preview"][name].as_str().unwrap();
        let expected = match change.strip_prefix('-') {
            Some(spent) => before[i] - spent.parse::<U256>().unwrap(),
            None => before[i] + change.parse::<U256>().unwrap(),
        };
        assert_eq!(after[i], expected, "{arguments:?}: {name}");
    }
    done
}

/// Liquidity that the pool has written down for account 1.
async fn held(scene: &Scene, (lower, upper): (i32, i32)) -> U256 {
    let key = direct_key(scene.provider(), lower, upper);
    let found = scene.client.read(scene.stage.pool, &IPool::positionsCall { key }).await;
    U256::from(found.unwrap().liquidity)
}

fn range(done: &Value) -> (i32, i32) {
    let tick = |name: &str| i32::try_from(done[name].as_i64().unwrap()).unwrap();
    (tick("tickLower"), tick("tickUpper"))
}

fn place(scene: &Scene, (lower, upper): (i32, i32)) -> String {
    format!("{}:{lower}:{upper}", scene.stage.pool)
}

/// The price goes up and down again, so that fees come in.
async fn trade(scene: &Scene, prices: &[&str]) {
    for price in prices {
        demo::swap_to(&scene.client, &scene.stage, price).await.unwrap();
        demo::pass(&scene.client, 3_600).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_converted_harvested_compounded_moved_walked_and_left_through_the_command() {
    let scene = Scene::new().await;
    demo::fund_trader(&scene.client, &scene.stage).await.unwrap();
    let id = scene.stage.token_id.to_string();
    let refused = |arguments: &[&str], words: &[&str]| {
        scene.refused(&[arguments, &OWN[..], &["--yes"]].concat(), &[], words);
    };
    refused(&["harvest", &id], &["owed no fees"]);
    refused(&["compound", &id], &["owed no fees"]);

    let direct = act(&scene, &["position", "convert", &id]).await;
    let at = range(&direct);
    assert_eq!(held(&scene, at).await, number(&direct["preview"]["liquidity"]));
    let name = place(&scene, at);

    trade(&scene, &["2050", "2000"]).await;
    let harvested = act(&scene, &["harvest", &name]).await;
    assert_eq!(harvested["sent"]["amount0"], harvested["preview"]["fees0"]);
    assert_eq!(harvested["sent"]["amount1"], harvested["preview"]["fees1"]);
    assert!(number(&harvested["preview"]["fees0"]) > U256::ZERO);

    trade(&scene, &["2050", "2000"]).await;
    let before = held(&scene, at).await;
    let compounded = act(&scene, &["compound", &name]).await;
    assert_eq!(
        held(&scene, at).await,
        before + number(&compounded["sent"]["liquidity"])
    );

    let moved = act(&scene, &["rebalance", &name, "--width-percent", "5"]).await;
    assert_eq!(held(&scene, at).await, U256::ZERO);
    let (at, name) = (range(&moved), place(&scene, range(&moved)));
    assert_eq!(held(&scene, at).await, number(&moved["preview"]["liquidity"]));
    refused(&["walk", &name], &["holds both tokens"]);

    trade(&scene, &["2200"]).await;
    let walked = act(&scene, &["walk", &name]).await;
    assert_eq!(walked["preview"]["priceImpact"], "0", "nothing is traded");
    let (at, name) = (range(&walked), place(&scene, range(&walked)));
    refused(&["walk", &name], &["already", "wait"]);

    let minted = act(&scene, &["position", "convert", &name]).await;
    assert_eq!(held(&scene, at).await, U256::ZERO);
    let left = act(
        &scene,
        &["exit", minted["sent"]["newId"].as_str().unwrap(), "--into", "token0"],
    )
    .await;
    assert_eq!(left["preview"]["wallet1"], "0", "all in token0");
    assert!(number(&left["sent"]["amount0"]) > U256::ZERO);

    let range_of = ["--tick-lower", "-201000", "--tick-upper", "-198000"];
    let open = ["position", "open", "--direct", "--amount0", "2", "--pool"];
    let pool = scene.stage.pool.to_string();
    let opened = act(&scene, &[&open[..], &[&pool], &range_of[..]].concat()).await;
    assert_eq!(
        held(&scene, (-201_000, -198_000)).await,
        number(&opened["sent"]["liquidity"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pools_without_a_price_or_without_liquidity_are_named() {
    let scene = Scene::new().await;
    let (client, stage) = (&scene.client, &scene.stage);
    let factory = client.read(stage.pool, &IPool::factoryCall {}).await.unwrap();
    let mut pools = Vec::<Address>::new();
    for fee in [500_u32, 10_000] {
        let (token_a, token_b, fee) = (stage.weth, stage.usd, U24::from(fee));
        let create = IFactory::createPoolCall {
            tokenA: token_a,
            tokenB: token_b,
            fee,
        };
        let sent = client.send(&stage.cast.deployer, Transaction::call(factory, &create), "creating");
        sent.await.unwrap();
        let get = IFactory::getPoolCall {
            tokenA: token_a,
            tokenB: token_b,
            fee,
        };
        pools.push(client.read(factory, &get).await.unwrap());
    }
    let initialize = IPool::initializeCall {
        sqrtPriceX96: stage.entry_sqrt_price.saturating_to(),
    };
    let sent = client.send(
        &stage.cast.deployer,
        Transaction::call(pools[1], &initialize),
        "initialising",
    );
    sent.await.unwrap();
    let (weth, usd) = stage.fund(client, &stage.cast.provider, "2", "2000").await.unwrap();
    assert!(weth > U256::ZERO && usd > U256::ZERO);

    let before = scene.nonces().await;
    let open = |pool: Address, rest: &[&str]| {
        let pool = pool.to_string();
        let always = [
            "position",
            "open",
            "--width-percent",
            "10",
            "--twap-window",
            "0",
            "--pool",
            &pool,
        ];
        scene.run(&[&always[..], rest, &OWN[..], &["--dry-run"]].concat(), &[])
    };
    let said = |output: std::process::Output| String::from_utf8(output.stderr).unwrap();
    let unborn = open(pools[0], &["--amount1", "1000"]);
    assert_eq!(unborn.status.code(), Some(2));
    assert!(said(unborn).contains("no price yet"));
    let one_sided = said(open(pools[1], &["--amount1", "1000"]));
    assert!(
        one_sided.contains("no liquidity at its price") && one_sided.contains("give both tokens"),
        "{one_sided}"
    );
    assert!(
        open(pools[1], &["--amount0", "1", "--amount1", "1000"])
            .status
            .success()
    );
    assert_eq!(scene.nonces().await, before, "something was sent");
}
