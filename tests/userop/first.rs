//! The first operation of a wallet that never was used: no ether, no code, no nonce.

use super::{
    common::{
        governed::{HARVEST, terms},
        scene::Scene,
    },
    steps::{Steps, amount, balance, fresh, give},
};
use alloy::{
    primitives::{Address, U256},
    sol_types::SolCall,
};
use hedgerow::{
    bindings::{
        IERC20,
        INonfungiblePositionManager::{balanceOfCall, tokenOfOwnerByIndexCall},
        IPolicies::{Place, policyOfCall, setPolicyCall},
    },
    delegation::Delegation,
    pool::{PoolKey, factory_of},
};
use serde_json::json;

const LOWER: i32 = -201_000;
const UPPER: i32 = -199_500;

/// The direct position that the wallet opens.
async fn place(scene: &Scene) -> Place {
    let (block, _) = scene.client.latest().await.unwrap();
    let factory = factory_of(&scene.client, block, scene.stage.position_manager)
        .await
        .unwrap();
    let own = PoolKey::prove(&scene.client, block, factory, scene.stage.pool)
        .await
        .unwrap();
    Place {
        positionManager: Address::ZERO,
        tokenId: U256::ZERO,
        factory: own.factory,
        token0: own.token0,
        token1: own.token1,
        fee: own.fee.try_into().unwrap(),
        tickLower: LOWER.try_into().unwrap(),
        tickUpper: UPPER.try_into().unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_never_used_wallet_does_everything_in_one_sponsored_operation() {
    let scene = Scene::of_today().await;
    let (client, stage) = (&scene.client, &scene.stage);
    let wallet = fresh(0x77);
    let account = wallet.address();
    give(&scene, account, "2", "4000").await;
    let steps = Steps::new(&scene, "first.json", &wallet);

    // An allowance by function and arguments, an NFT and a direct position as actions, the latter's policy as bytes.
    let (_, now) = client.latest().await.unwrap();
    let (guards, rules) = terms(now, HARVEST);
    let policy = setPolicyCall {
        place: place(&scene).await,
        guards,
        rules,
    };
    let (pool, lower, upper) = (stage.pool.to_string(), LOWER.to_string(), UPPER.to_string());
    let calls = json!([
        { "to": stage.usd, "function": "approve(address,uint256)", "args": [stage.router, "12345"] },
        {
            "action": "position open", "pool": pool, "amount0": "0.5", "amount1": "1000",
            "tickLower": LOWER, "tickUpper": UPPER,
        },
    ]);
    let file = scene.dir.path().join("calls.json");
    std::fs::write(&file, calls.to_string()).unwrap();
    let direct = format!(
        "position open --direct --pool {pool} --amount0 0.5 --amount1 1000 --tick-lower {lower} --tick-upper {upper}"
    );
    let built = steps.build(&["--calls", file.to_str().unwrap(), "--action", &direct]);
    // The policy goes in afterwards: a built operation can be built upon.
    let set = format!("{account}:0:{}", alloy::hex::encode_prefixed(policy.abi_encode()));
    let more = steps.build(&[steps.file.to_str().unwrap(), "--call", &set]);
    assert_eq!(built["calls"].as_array().unwrap().len(), 3);
    assert_ne!(built["userOpHash"], more["userOpHash"]);
    let told: Vec<_> = more["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| &call["what"])
        .collect();
    assert!(
        told[0].as_str().unwrap().contains("take up to 12345 raw units"),
        "{told:?}"
    );
    for (i, name) in [(1, "open("), (2, "openDirect("), (3, "setPolicy(")] {
        assert!(told[i].as_str().unwrap().starts_with(name), "{told:?}");
    }
    assert_eq!(more["operation"]["authorization"]["nonce"], "0");

    let sent = steps.finish();
    assert_eq!(sent["sent"]["state"], "done");
    assert_eq!(
        sent["sent"]["paidBy"],
        stage.paymaster.to_string().to_lowercase().as_str()
    );
    assert_estimates_fit(&sent);

    let shell = stage.deployment.account_address().unwrap();
    assert_eq!(Delegation::of(client, account).await.unwrap(), Delegation::To(shell));
    assert_eq!(client.balance(account).await.unwrap(), U256::ZERO);
    let allowance = IERC20::allowanceCall {
        owner: account,
        spender: stage.router,
    };
    assert_eq!(client.read(stage.usd, &allowance).await.unwrap(), U256::from(12_345));
    let nfts = balanceOfCall { owner: account };
    assert_eq!(client.read(stage.position_manager, &nfts).await.unwrap(), U256::ONE);
    let nft = tokenOfOwnerByIndexCall {
        owner: account,
        index: U256::ZERO,
    };
    assert!(client.read(stage.position_manager, &nft).await.unwrap() > stage.token_id);
    let governed = client
        .read(
            account,
            &policyOfCall {
                place: place(&scene).await,
            },
        )
        .await
        .unwrap();
    assert!(!governed.policyId.is_zero(), "a policy governs the direct position");
    assert!(balance(&scene, stage.usd, account).await < U256::from(4_000_000_000_u64));

    // What became of it can be asked for without a bundler.
    let hash = sent["userOpHash"].as_str().unwrap();
    let status = scene.json(&["userop", "status", hash], &[]);
    assert_eq!(
        (&status["state"], &status["transaction"]),
        (&sent["sent"]["state"], &sent["sent"]["transaction"])
    );
}

/// Every limit sufficed, because the operation is done; all of them together are not more than half as much again.
pub fn assert_estimates_fit(sent: &serde_json::Value) {
    let (gas, payer) = (&sent["operation"]["gas"], &sent["operation"]["paymaster"]);
    let mut limit =
        amount(&gas["callGasLimit"]) + amount(&gas["verificationGasLimit"]) + amount(&gas["preVerificationGas"]);
    if payer.is_object() {
        limit += amount(&payer["verificationGasLimit"]) + amount(&payer["postOpGasLimit"]);
    }
    let used = amount(&sent["sent"]["gas"]);
    println!("{limit} gas estimated, {used} paid for");
    assert!(used <= limit && 2 * limit <= 3 * used, "{limit} estimated, {used} used");
}
