//! The spending commands as a user meets them: what the preview says is what happens, a plan can leave unsigned and be carried by
//! another, and what cannot work is refused before anything is sent.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use alloy::{
    dyn_abi::TypedData,
    eips::eip7702::Authorization,
    primitives::{Address, B256, Bytes, U256},
    signers::{SignerSync, local::PrivateKeySigner},
};
use common::{
    Pair, World,
    scene::{Scene, number},
    world::FEE,
};
use hedgerow::{
    action::tokens,
    artifacts::{Artifacts, with_arguments},
    bindings::{
        IERC20,
        IEntryPoint::handleOpsCall,
        INonfungiblePositionManager::{ownerOfCall, positionsCall},
        ITestToken, IUniswapV3Pool,
    },
    client::Transaction,
    delegation,
    pool::{Pool, PoolKey},
    position::Token,
    user_operation::{ENTRY_POINT, Sponsor, UserOperation},
};
use serde_json::Value;

const OWN: [&str; 2] = ["--dev-account", "1"];

fn wallet(scene: &Scene) -> &PrivateKeySigner {
    &scene.stage.cast.provider
}

/// The wallet runs the shell from now on.
async fn delegate(scene: &Scene) {
    let shell = scene.stage.deployment.account_address().unwrap();
    let nonce = scene.client.nonce(scene.provider()).await.unwrap();
    let signed = delegation::authorise(wallet(scene), scene.client.chain_id(), shell, nonce).unwrap();
    let transaction = Transaction {
        to: Some(scene.provider()),
        ..Transaction::default()
    };
    let bundler = &scene.stage.cast.bundler;
    let sent = scene
        .client
        .send(bundler, transaction.with_authorization(signed), "delegating");
    sent.await.unwrap();
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}"))
}

fn gas(value: &Value) -> u128 {
    text(value).parse::<U256>().unwrap().to()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_preview_measured_is_what_happens() {
    let scene = Scene::new().await;
    let id = scene.stage.token_id.to_string();
    let before = scene.stage.balances(&scene.client, scene.provider()).await.unwrap();
    let pool = IUniswapV3Pool::slot0Call {};
    let price = scene.client.read(scene.stage.pool, &pool).await.unwrap().sqrtPriceX96;
    // Below the price: everything is sold for dollars, so the price moves.
    let moved = scene.json(
        &[
            &[
                "rebalance",
                &id,
                "--tick-lower",
                "-202020",
                "--tick-upper",
                "-201000",
                "--yes",
            ],
            &OWN[..],
        ]
        .concat(),
        &[],
    );
    let (preview, sent) = (&moved["preview"], &moved["sent"]);
    let after = scene.stage.balances(&scene.client, scene.provider()).await.unwrap();
    for (i, name) in ["wallet0", "wallet1"].into_iter().enumerate() {
        assert_eq!(number(&preview[name]), after[i] - before[i], "{name}");
    }
    assert_eq!(number(&preview["sqrtPriceX96Before"]), U256::from(price));
    let price = scene.client.read(scene.stage.pool, &pool).await.unwrap().sqrtPriceX96;
    assert_eq!(number(&preview["sqrtPriceX96After"]), U256::from(price));
    assert!(text(&preview["priceImpact"]).starts_with('-'), "WETH was sold");
    let call = positionsCall {
        tokenId: number(&sent["newId"]),
    };
    let position = scene.client.read(scene.stage.position_manager, &call).await.unwrap();
    assert_eq!(number(&preview["liquidity"]), U256::from(position.liquidity));
    // What a swap of half of the position costs in fee and impact, and not more: the pool is 500 times as deep.
    let (value_before, value_after) = (number(&preview["valueBefore"]), number(&preview["valueAfter"]));
    assert!(value_after < value_before && value_after * U256::from(100) > value_before * U256::from(99));
    // The estimate holds, and is not far off: within a quarter.
    let (gas, used) = (preview["gas"].as_u64().unwrap(), sent["gasUsed"].as_u64().unwrap());
    assert!(used <= gas && gas < used + used / 4, "{gas} estimated, {used} used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_operation_signed_elsewhere_is_accepted() {
    let scene = Scene::new().await;
    let id = scene.stage.token_id.to_string();
    let account = scene.provider().to_string();
    let paymaster = scene.stage.paymaster.to_string();
    let arguments = [
        "rebalance",
        &id,
        "--width-percent",
        "15",
        "--from",
        &account,
        "--emit",
        "userop",
    ];
    let sponsored = ["--paymaster", &paymaster, "--paymaster-dev-account", "4"];
    let before = scene.nonces().await;
    let output = scene.run(&[&arguments[..], &sponsored[..]].concat(), &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let emitted: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!(scene.nonces().await, before, "something was sent");
    assert_eq!(
        (&emitted["method"], &emitted["signed"]),
        (&"eth_sendUserOperation".into(), &false.into())
    );
    assert_eq!(text(&emitted["params"][1]).parse::<Address>().unwrap(), ENTRY_POINT);

    // Another program reads the document and signs the two hashes in it.
    let fields = &emitted["params"][0];
    let hash: B256 = text(&emitted["userOpHash"]).parse().unwrap();
    let operation = UserOperation {
        sender: text(&fields["sender"]).parse().unwrap(),
        nonce: text(&fields["nonce"]).parse().unwrap(),
        delegate: Some(text(&emitted["authorizationToSign"]["address"]).parse().unwrap()),
        call_data: text(&fields["callData"]).parse().unwrap(),
        call_gas_limit: gas(&fields["callGasLimit"]),
        verification_gas_limit: gas(&fields["verificationGasLimit"]),
        pre_verification_gas: gas(&fields["preVerificationGas"]),
        max_fee_per_gas: gas(&fields["maxFeePerGas"]),
        max_priority_fee_per_gas: gas(&fields["maxPriorityFeePerGas"]),
        sponsor: Some(Sponsor {
            paymaster: text(&fields["paymaster"]).parse().unwrap(),
            verification_gas_limit: gas(&fields["paymasterVerificationGasLimit"]),
            post_op_gas_limit: gas(&fields["paymasterPostOpGasLimit"]),
            data: text(&fields["paymasterData"]).parse().unwrap(),
        }),
        signature: wallet(&scene).sign_hash_sync(&hash).unwrap().as_bytes().to_vec().into(),
    };
    let needed = &emitted["authorizationToSign"];
    let authorization = Authorization {
        chain_id: text(&needed["chainId"]).parse().unwrap(),
        address: text(&needed["address"]).parse().unwrap(),
        nonce: text(&needed["nonce"]).parse::<U256>().unwrap().to(),
    };
    assert_eq!(
        text(&needed["hash"]).parse::<B256>().unwrap(),
        authorization.signature_hash()
    );
    let signature = wallet(&scene).sign_hash_sync(&authorization.signature_hash()).unwrap();
    let bundler = &scene.stage.cast.bundler;
    let call = handleOpsCall {
        ops: vec![operation.packed()],
        beneficiary: bundler.address(),
    };
    let transaction = Transaction::call(ENTRY_POINT, &call).with_authorization(authorization.into_signed(signature));
    scene.client.send(bundler, transaction, "the bundle").await.unwrap();
    let next = ownerOfCall {
        tokenId: scene.stage.token_id + U256::ONE,
    };
    let owner = scene.client.read(scene.stage.position_manager, &next).await.unwrap();
    assert_eq!(owner, scene.provider(), "the position has moved");
}

/// What the wallet's own software would do with an emitted document.
fn sign(scene: &Scene, document: &str) -> Bytes {
    let typed: TypedData = serde_json::from_str(document).unwrap();
    let hash = typed.eip712_signing_hash().unwrap();
    wallet(scene).sign_hash_sync(&hash).unwrap().as_bytes().to_vec().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_data_signed_elsewhere_is_carried_by_another_once() {
    let scene = Scene::new().await;
    let id = scene.stage.token_id.to_string();
    let account = scene.provider().to_string();
    let executor = scene.stage.cast.bundler.address().to_string();
    let emit = |form: &str| {
        let arguments = [
            "rebalance",
            &id,
            "--width-percent",
            "15",
            "--from",
            &account,
            "--emit",
            form,
        ];
        scene.run(&[&arguments[..], &["--executor", &executor]].concat(), &[])
    };
    // Neither can carry the authorisation that the account still needs.
    for form in ["typed-data", "sendcalls"] {
        let output = emit(form);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{form}: {said}");
        assert!(said.contains("hedgerow delegate --to"), "{form}: {said}");
    }
    delegate(&scene).await;

    let request: Value = serde_json::from_slice(&emit("sendcalls").stdout).unwrap();
    let params = &request["params"][0];
    assert_eq!(
        (&request["method"], &params["atomicRequired"]),
        (&"wallet_sendCalls".into(), &true.into())
    );
    assert_eq!(
        text(&params["calls"][0]["to"]).parse::<Address>().unwrap(),
        scene.provider()
    );

    let document = String::from_utf8(emit("typed-data").stdout).unwrap();
    let signature = sign(&scene, &document).to_string();
    let file = scene.dir.path().join("batch.json");
    std::fs::write(&file, &document).unwrap();
    let file = file.to_str().unwrap();
    let relay = ["relay", file, "--signature", &signature];
    let by = |n: &'static str| [&relay[..], &["--dev-account", n, "--yes"]].concat();

    let before = scene.nonces().await;
    scene.refused(&by("2"), &[], &["carrier", &executor]);
    let forged = document.replace("\"minGas\": \"", "\"minGas\": \"1");
    assert_ne!(forged, document);
    let altered = scene.dir.path().join("altered.json");
    std::fs::write(&altered, forged).unwrap();
    let altered = ["relay", altered.to_str().unwrap(), "--signature", &signature];
    scene.refused(
        &[&altered[..], &["--dev-account", "3", "--yes"]].concat(),
        &[],
        &["signature", "another file"],
    );
    assert_eq!(scene.nonces().await, before, "something was sent");

    let carried = scene.json(&by("3"), &[]);
    assert_eq!(carried["calls"][0]["what"], "rebalance");
    assert!(carried["transaction"].is_string());
    let next = ownerOfCall {
        tokenId: scene.stage.token_id + U256::ONE,
    };
    let owner = scene.client.read(scene.stage.position_manager, &next).await.unwrap();
    assert_eq!(owner, scene.provider(), "the position has moved");
    // Once only, whoever tries.
    scene.refused(&by("3"), &[], &["nonce", "carried already"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_time_is_over_is_refused_before_it_is_sent() {
    let scene = Scene::new().await;
    let id = scene.stage.token_id.to_string();
    delegate(&scene).await;
    let emit = ["rebalance", &id, "--width-percent", "15", "--emit", "typed-data"];
    let document = String::from_utf8(scene.run(&[&emit[..], &OWN[..]].concat(), &[]).stdout).unwrap();
    let file = scene.dir.path().join("batch.json");
    std::fs::write(&file, &document).unwrap();
    let signature = sign(&scene, &document).to_string();
    hedgerow::demo::pass(&scene.client, 3_600).await.unwrap();
    let relay = [
        "relay",
        file.to_str().unwrap(),
        "--signature",
        &signature,
        "--dev-account",
        "3",
        "--yes",
    ];
    scene.refused(&relay, &[], &["deadline", "have a new one signed"]);
}

alloy::sol! {
    interface IDepositor {
        function deposit(address pool, address owner, int24 tickLower, int24 tickUpper, uint128 liquidity) external;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_without_code_leaves_a_direct_position_by_two_ordinary_transactions() {
    let scene = Scene::new().await;
    let (client, stage) = (&scene.client, &scene.stage);
    let depth = &stage.cast.depth;
    let code = Artifacts::locate().contract("PoolDepositor", "PoolDepositor").unwrap();
    let created = client
        .send(depth, Transaction::create(code), "deploying")
        .await
        .unwrap();
    let depositor = created.contract_address.unwrap();
    let (weth, usd) = stage.fund(client, depth, "10", "30000").await.unwrap();
    stage.approve(client, depth, stage.weth, depositor, weth).await.unwrap();
    stage.approve(client, depth, stage.usd, depositor, usd).await.unwrap();
    let deposit = IDepositor::depositCall {
        pool: stage.pool,
        owner: scene.provider(),
        tickLower: "-202020".parse().unwrap(),
        tickUpper: "-198060".parse().unwrap(),
        liquidity: 1_000_000_000_000_000,
    };
    client
        .send(depth, Transaction::call(depositor, &deposit), "depositing")
        .await
        .unwrap();

    let place = format!("{}:-202020:-198060", stage.pool);
    let before = stage.balances(client, scene.provider()).await.unwrap();
    let nonces = scene.nonces().await;
    let exit = [&["exit", &place], &OWN[..]].concat();
    let shown = scene.json(&[&exit[..], &["--dry-run"]].concat(), &[]);
    assert!(shown["shell"].is_null() && shown["sent"].is_null());
    scene.refused(&exit, &[], &["--yes"]);
    scene.refused(
        &[&exit[..], &["--undelegated", "--into", "token1", "--yes"]].concat(),
        &[],
        &["--into", "swap"],
    );
    assert_eq!(scene.nonces().await, nonces, "something was sent");

    let left = scene.json(&[&exit[..], &["--yes"]].concat(), &[]);
    let after = stage.balances(client, scene.provider()).await.unwrap();
    for (i, name) in ["amount0", "amount1"].into_iter().enumerate() {
        let gained = after[i] - before[i];
        assert!(gained > U256::ZERO, "{name}");
        assert_eq!(
            (number(&left["sent"][name]), number(&left["preview"][name])),
            (gained, gained),
            "{name}"
        );
    }
    assert_eq!(scene.nonces().await[1], nonces[1] + 2, "two transactions");
    assert!(
        client.code(scene.provider()).await.unwrap().is_empty(),
        "and no delegation"
    );
    let (gas, used) = (
        left["preview"]["gas"].as_u64().unwrap(),
        left["sent"]["gasUsed"].as_u64().unwrap(),
    );
    assert!(used <= gas && gas < used + used / 3, "{gas} previewed, {used} used");
    scene.refused(&[&exit[..], &["--yes"]].concat(), &[], &["holds nothing"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_refused_with_a_remedy() {
    let scene = Scene::new().await;
    let id = scene.stage.token_id.to_string();
    let (pool, npm) = (scene.stage.pool.to_string(), scene.stage.position_manager.to_string());
    let before = scene.nonces().await;
    let range = ["--tick-lower", "-202020", "--tick-upper", "-198060"];
    let refused = |arguments: &[&str], words: &[&str]| {
        scene.refused(&[arguments, &OWN[..], &["--yes"]].concat(), &[], words);
    };
    let move_it = ["rebalance", &id, "--width-percent", "10"];
    refused(
        &[&move_it[..], &["--lifetime", "0"]].concat(),
        &["--lifetime", "deadline"],
    );
    refused(
        &[&move_it[..], &["--slippage-percent", "250"]].concat(),
        &["less than 100"],
    );
    refused(
        &[&move_it[..], &["--entry-price", "0"]].concat(),
        &["--entry-price", "above zero"],
    );
    refused(&["walk", &id], &["holds both tokens", "`rebalance`"]);
    refused(&["harvest", "77"], &["77", "token id"]);
    refused(&["exit", "1"], &["belongs to", "owner's key"]);
    refused(&["compound", "seven"], &["seven", "POOL:TICK_LOWER:TICK_UPPER"]);
    let nothing = format!("{pool}:-202020:-198060");
    refused(&["exit", &nothing], &["holds nothing", "position list"]);
    refused(&["exit", &id, "--undelegated"], &["--undelegated", "direct positions"]);

    let open = |rest: &[&str], words: &[&str]| {
        refused(&[&["position", "open"], &range[..], rest].concat(), words);
    };
    open(&["--pool", &pool], &["--amount0", "above zero"]);
    open(&["--pool", &pool, "--amount0", "1000000"], &["--amount0", "holds"]);
    open(&["--pool", &pool, "--amount1", "0.0000001"], &["--amount1", "6"]);
    open(&["--pool", &npm, "--amount1", "1"], &[&npm, "not a pool"]);
    let nowhere = "0x00000000000000000000000000000000000000AA";
    open(&["--pool", nowhere, "--amount1", "1"], &["no pool", nowhere]);
    refused(
        &[
            "position",
            "open",
            "--pool",
            &pool,
            "--amount1",
            "1",
            "--tick-lower",
            "-202021",
            "--tick-upper",
            "-198060",
        ],
        &["multiples of 60"],
    );
    let account = scene.provider().to_string();
    scene.refused(
        &[&move_it[..], &["--from", &account, "--yes"]].concat(),
        &[],
        &["--from", "--emit"],
    );
    assert_eq!(scene.nonces().await, before, "something was sent");
}

#[tokio::test]
async fn tokens_that_do_otherwise_than_tokens_should_are_named() {
    let world = World::new(Pair::Equal).await;
    let (block, _) = world.client.latest().await.unwrap();
    let key = PoolKey {
        factory: world.factory,
        token0: world.tokens[0],
        token1: world.tokens[1],
        fee: FEE,
    };
    let mut pool = Pool::read(&world.client, block, key).await.unwrap();
    assert_eq!(pool.address, world.pool);
    assert!(tokens::oddities(&world.client, &pool).await.unwrap().is_empty());
    for (skew, words) in [
        (0_u8, None),
        (1, Some("keeps a fee on transfer (about 2 %)")),
        (2, Some("rebasing token: it counts in shares")),
        (3, Some("rebasing token: balances change")),
        (4, Some("with false")),
        (5, Some("refuses transfers")),
    ] {
        let code = world.artifacts.contract("SkewedToken", "SkewedToken").unwrap();
        let token = world.create(with_arguments(&code, &(U256::from(skew),))).await;
        let (to, amount) = (pool.address, U256::from(10).pow(U256::from(24)));
        world
            .send(&world.trader, token, &ITestToken::mintCall { to, amount })
            .await;
        pool.token1 = Token::read(&world.client, token).await.unwrap();
        let found = tokens::oddities(&world.client, &pool).await.unwrap();
        match words {
            None => assert!(found.is_empty(), "{found:?}"),
            Some(words) => assert!(found.len() == 1 && found[0].contains(words), "{skew}: {found:?}"),
        }
    }
    let held = IERC20::balanceOfCall { owner: world.pool };
    let untouched = world.read(world.tokens[0], &held).await;
    assert!(untouched > U256::ZERO, "the simulation moved nothing");
}

#[tokio::test]
async fn decimals_that_could_not_be_shown_are_refused() {
    let world = World::new(Pair::Equal).await;
    let (block, _) = world.client.latest().await.unwrap();
    let key = PoolKey {
        factory: world.factory,
        token0: world.tokens[0],
        token1: world.tokens[1],
        fee: FEE,
    };
    let mut pool = Pool::read(&world.client, block, key).await.unwrap();
    for decimals in [0, 2, 6, 8, 27, 36] {
        pool.token0.decimals = decimals;
        tokens::check_decimals(&pool).unwrap();
    }
    for decimals in [37, 77, 255] {
        pool.token0.decimals = decimals;
        let error = tokens::check_decimals(&pool).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(&format!("{decimals} decimals")), "{error}");
    }
}
