//! JSON-RPC itself: errors, batches, notifications, HTTP, and starting up.

use std::time::Instant;

use alloy::{primitives::U256, providers::Provider, transports::http::reqwest};
use hedgerow_devnode::{Config, Devnode};
use serde_json::{Value, json};

use crate::support::*;

#[test]
fn an_unknown_method_is_named() {
    let (code, message) = error(&devnode(), "eth_getProof", json!([]));
    assert_eq!(code, -32601);
    assert!(message.contains("eth_getProof"), "{message}");
}

#[test]
fn wrong_parameters_are_named_with_what_is_wrong() {
    let devnode = devnode();
    let (code, message) = error(&devnode, "eth_getBalance", json!(["0x1234", "latest"]));
    assert_eq!(code, -32602);
    assert!(
        message.contains("argument 0 (address)") && message.contains("0x1234"),
        "{message}"
    );
    let (code, message) = error(&devnode, "eth_getBalance", json!([]));
    assert_eq!(code, -32602);
    assert!(
        message.contains("missing value for required argument 0 (address)"),
        "{message}"
    );
    let (code, message) = error(&devnode, "eth_getBalance", json!([ALICE, "newest"]));
    assert_eq!(code, -32602);
    assert!(message.contains("argument 1 (block)"), "{message}");
    assert_eq!(error(&devnode, "eth_getBalance", json!({ "address": ALICE })).0, -32602);
    assert_eq!(
        error(&devnode, "eth_feeHistory", json!(["0x1", "latest", [50.0, 20.0]])).0,
        -32602
    );
    assert_eq!(
        error(
            &devnode,
            "eth_getLogs",
            json!([{ "fromBlock": "0x2", "toBlock": "0x1" }])
        )
        .0,
        -32602
    );
}

#[test]
fn ids_come_back_as_they_went() {
    let devnode = devnode();
    for id in [
        json!(1),
        json!("one"),
        json!(null),
        json!(18_446_744_073_709_551_615u64),
    ] {
        let answer = devnode.handle(json!({ "jsonrpc": "2.0", "id": id, "method": "net_version" }));
        assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": id, "result": "412346" }));
    }
}

#[test]
fn a_batch_is_answered_in_order_without_its_notifications() {
    let devnode = devnode();
    let batch = json!([
        { "jsonrpc": "2.0", "id": 1, "method": "eth_chainId" },
        { "jsonrpc": "2.0", "method": "evm_mine" },
        { "jsonrpc": "2.0", "id": 2, "method": "eth_blockNumber" },
        { "jsonrpc": "2.0", "id": 3, "method": "no_such" },
        5,
    ]);
    let answers = devnode.handle(batch);
    assert_eq!(answers[0], json!({ "jsonrpc": "2.0", "id": 1, "result": "0x64aba" }));
    assert_eq!(
        answers[1],
        json!({ "jsonrpc": "2.0", "id": 2, "result": "0x1" }),
        "the notification was obeyed"
    );
    assert_eq!(answers[2]["error"]["code"], -32601);
    assert_eq!(answers[3]["error"]["code"], -32600);
    assert_eq!(answers.as_array().unwrap().len(), 4);
    assert_eq!(devnode.handle(json!([]))["error"]["code"], -32600);
    assert_eq!(devnode.handle(json!({ "id": 1 }))["error"]["code"], -32600);
}

#[tokio::test]
async fn http_carries_batches_and_answers_what_is_no_json() {
    let devnode = devnode();
    let server = served(&devnode);
    let url = server.url();
    let post = |body: &'static str| {
        let request = reqwest::Client::new()
            .post(&url)
            .header("content-type", "application/json")
            .body(body);
        async move { request.send().await.unwrap().text().await.unwrap() }
    };
    let broken: Value = serde_json::from_str(&post("{\"jsonrpc\":").await).unwrap();
    assert_eq!(broken["error"]["code"], -32700);
    let batch =
        post(r#"[{"jsonrpc":"2.0","id":1,"method":"eth_chainId"},{"jsonrpc":"2.0","id":2,"method":"net_version"}]"#);
    let batch: Value = serde_json::from_str(&batch.await).unwrap();
    assert_eq!(
        (&batch[0]["result"], &batch[1]["result"]),
        (&json!("0x64aba"), &json!("412346"))
    );
    assert_eq!(post(r#"{"jsonrpc":"2.0","method":"eth_chainId"}"#).await, "");
}

#[tokio::test]
async fn clients_at_once_see_one_chain() {
    let devnode = devnode();
    let server = served(&devnode);
    let accounts = devnode.accounts().to_vec();
    let clients = accounts.into_iter().map(|from| {
        let provider = over_http(&server);
        tokio::spawn(async move {
            for _ in 0..5 {
                let tx = json!({ "from": from, "to": STRANGER, "value": "0x1" });
                let _: String = provider.raw_request("eth_sendTransaction".into(), (tx,)).await.unwrap();
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    let provider = in_process(&devnode);
    assert_eq!(provider.get_block_number().await.unwrap(), 50);
    assert_eq!(provider.get_balance(STRANGER).await.unwrap(), U256::from(50));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let devnode = devnode();
    let server = served(&devnode);
    let error = devnode.serve(server.addr).unwrap_err().to_string();
    assert!(
        error.contains(&server.addr.to_string()) && error.contains("choose another port"),
        "{error}"
    );
}

#[tokio::test]
async fn a_dropped_server_frees_its_port() {
    let devnode = devnode();
    let addr = {
        let server = served(&devnode);
        // A connection that stays open must not keep it.
        over_http(&server).get_chain_id().await.unwrap();
        server.addr
    };
    assert_eq!(devnode.serve(addr).unwrap().addr, addr);
}

#[test]
fn a_phrase_that_is_none_is_refused() {
    let config = Config {
        mnemonic: "not a phrase".to_owned(),
        ..Config::default()
    };
    let error = Devnode::new(config).unwrap_err().to_string();
    assert!(error.contains("mnemonic") && error.contains("12 to 24"), "{error}");
}

#[test]
fn starting_derives_the_accounts_and_answers() {
    let begun = Instant::now();
    let devnode = devnode();
    let balance = result(&devnode, "eth_getBalance", json!([devnode.accounts()[9], "latest"]));
    // Reported, never judged: the machine may be busy.
    eprintln!("start to first answer: {:?}", begun.elapsed());
    assert_eq!(balance, format!("{:#x}", 10u128.pow(22)));
    assert_eq!(devnode.accounts()[0], ALICE);
}

#[test]
fn handles_to_one_chain_share_it_and_new_ones_do_not() {
    let devnode = devnode();
    let other = self::devnode();
    let clone = devnode.clone();
    result(&clone, "evm_mine", json!([]));
    assert_eq!(result(&devnode, "eth_blockNumber", json!([])), "0x1");
    assert_eq!(result(&other, "eth_blockNumber", json!([])), "0x0");
}
