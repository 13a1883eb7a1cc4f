//! A paymaster behind a service (ERC-7677): a small HTTP server that signs with the paymaster's key.

use super::{
    common::scene::Scene,
    first::assert_estimates_fit,
    steps::{Steps, balance, fresh, give},
};
use alloy::{
    primitives::{Address, U256},
    sol_types::SolCall,
};
use axum::{Json, Router, extract::State, routing::post};
use hedgerow::{
    bindings::IERC20,
    paymaster::SigningPaymaster,
    user_operation::{ENTRY_POINT, UserOperation},
    userop::any::Form,
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

struct Service {
    paymaster: SigningPaymaster,
    /// What was asked, in order: method and context.
    asked: Mutex<Vec<(String, Value)>>,
}

async fn answer(State(service): State<Arc<Service>>, Json(request): Json<Value>) -> Json<Value> {
    let (method, params) = (request["method"].as_str().unwrap().to_owned(), &request["params"]);
    assert_eq!(params[1], json!(ENTRY_POINT));
    assert_eq!(params[2], "0x64aba", "the chain's id");
    service.asked.lock().unwrap().push((method.clone(), params[3].clone()));
    let mut operation = read(&params[0]);
    let (address, result) = (service.paymaster.address(), service.paymaster.placeholder());
    let result = match method.as_str() {
        "pm_getPaymasterStubData" => json!({
            "paymaster": address,
            "paymasterData": result.data,
            "paymasterVerificationGasLimit": "0x186a0",
            "paymasterPostOpGasLimit": "0x0",
        }),
        "pm_getPaymasterData" => {
            service.paymaster.sponsor(&mut operation, u64::MAX).unwrap();
            json!({ "paymaster": address, "paymasterData": operation.sponsor.unwrap().data })
        }
        other => panic!("{other} is not of ERC-7677"),
    };
    Json(json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }))
}

fn read(operation: &Value) -> UserOperation {
    let Form::Operations(mut all) = Form::read(&operation.to_string()).unwrap() else {
        panic!("a bundler's form was expected")
    };
    let mut read = all.remove(0);
    if operation["factory"] == "0x7702" {
        // A paymaster signs over the marker; which delegate it is does not matter to it.
        read.delegate = Some(Address::ZERO);
    }
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_pays_for_what_it_was_asked() {
    let scene = Scene::of_today().await;
    let sponsor = scene.stage.cast.sponsor.clone();
    let paymaster = SigningPaymaster::connect(&scene.client, scene.stage.paymaster, sponsor)
        .await
        .unwrap();
    let service = Arc::new(Service {
        paymaster,
        asked: Mutex::default(),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/", post(answer)).with_state(Arc::clone(&service));
    tokio::spawn(async move { axum::serve(listener, router).await });

    let (wallet, friend) = (fresh(0x7a), Address::repeat_byte(0xf1));
    give(&scene, wallet.address(), "0", "100").await;
    let usd = scene.stage.usd;
    let call = IERC20::transferCall {
        to: friend,
        amount: U256::from(5),
    };
    let call = format!("{usd}:0:{}", alloy::hex::encode_prefixed(call.abi_encode()));
    let steps = Steps::new(&scene, "service.json", &wallet);
    let service_args = ["--paymaster-url", &url, "--paymaster-context", r#"{"policy":"p1"}"#];
    let built = steps.build(&[&["--call", &call][..], &service_args].concat());
    assert_eq!(built["operation"]["paymaster"]["stub"], true);

    // Nothing is signed over data that will not be there.
    let path = steps.file.to_str().unwrap();
    let key = alloy::hex::encode_prefixed(wallet.to_bytes());
    scene.refused(
        &["userop", "sign", path],
        &[("HEDGEROW_PRIVATE_KEY", &key)],
        &["gas limits", "userop estimate"],
    );
    steps.estimate(&service_args);
    steps.sign(&[]);
    let sent = steps.send(&["--sender-dev-account", "3"]);
    assert_eq!(sent["sent"]["state"], "done");
    assert_estimates_fit(&sent);
    assert_eq!(balance(&scene, usd, friend).await, U256::from(5));
    let asked = service.asked.lock().unwrap().clone();
    let methods: Vec<_> = asked.iter().map(|(method, _)| method.as_str()).collect();
    assert_eq!(
        methods,
        [
            "pm_getPaymasterStubData",
            "pm_getPaymasterStubData",
            "pm_getPaymasterData"
        ]
    );
    assert!(asked.iter().all(|(_, context)| context["policy"] == "p1"));
}

#[tokio::test]
async fn a_service_that_answers_otherwise_is_told_of() {
    let router = Router::new().route(
        "/",
        post(|Json(request): Json<Value>| async move {
            Json(json!({ "jsonrpc": "2.0", "id": request["id"], "result": { "paymaster": "nobody" } }))
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let service = hedgerow::paymaster_service::PaymasterService::new(&url, json!({})).unwrap();
    let operation = UserOperation::unpacked(&Default::default(), None);
    let error = service
        .stub(&operation, None, (412_346, ENTRY_POINT))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("paymaster = \"nobody\": give an address"),
        "{error}"
    );
    assert_eq!(error.exit_code(), 1);
}
