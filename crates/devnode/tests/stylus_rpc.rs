//! A Stylus program over JSON-RPC: tried, deployed, estimated, activated, called, and forgotten by a snapshot.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod world;

use alloy::primitives::{Address, U256, hex};
use hedgerow_devnode::{Config, Devnode};
use serde_json::{Value, json};
use world::{classic, init_code};

const ARB_WASM: &str = "0x0000000000000000000000000000000000000071";
/// About ten times what the example program's activation costs.
const FEE: &str = "0x2463acc3b1c00";

struct Rpc {
    devnode: Devnode,
    sender: String,
}

impl Rpc {
    fn new() -> Self {
        let devnode = Devnode::new(Config::default()).unwrap();
        let mut rpc = Self {
            devnode,
            sender: String::new(),
        };
        rpc.sender = rpc.ask("eth_accounts", json!([]))[0].as_str().unwrap().to_owned();
        rpc
    }

    fn answer(&self, method: &str, params: Value) -> Value {
        self.devnode
            .handle(json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))
    }

    fn ask(&self, method: &str, params: Value) -> Value {
        let answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn send(&self, mut tx: Value) -> Value {
        tx["from"] = self.sender.clone().into();
        tx["gas"] = self.ask("eth_estimateGas", json!([tx]));
        let hash = self.ask("eth_sendTransaction", json!([tx]));
        let receipt = self.ask("eth_getTransactionReceipt", json!([hash]));
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        receipt
    }

    fn number(&self, at: &str) -> Value {
        self.ask("eth_call", json!([{ "to": at, "data": "0x8381f58a" }, "latest"]))
    }
}

fn activate_data(at: &str) -> String {
    format!("0x58c780c2{:0>64}", at.trim_start_matches("0x"))
}

fn hello() -> Vec<u8> {
    classic(&std::fs::read(common::folder().join("wasm/hello.processed.wasm")).unwrap())
}

#[test]
fn a_program_is_checked_deployed_activated_and_called_over_json_rpc() {
    let rpc = Rpc::new();
    // As `cargo stylus check` does: the code only in an override.
    let nowhere = Address::repeat_byte(0x42).to_string();
    let tried = rpc.ask(
        "eth_call",
        json!([
            { "from": rpc.sender, "to": ARB_WASM, "value": FEE, "data": activate_data(&nowhere) },
            "latest",
            { nowhere.clone(): { "code": format!("0x{}", hex::encode(hello())) } },
        ]),
    );
    assert_eq!(
        &tried.as_str().unwrap()[2..66],
        format!("{:064x}", 3),
        "Stylus version 3"
    );

    let deployed = rpc.send(json!({ "data": init_code(&hello()).to_string() }));
    let at = deployed["contractAddress"].as_str().unwrap().to_owned();
    let early = rpc.answer(
        "eth_call",
        json!([{ "to": at, "data": "0x8381f58a", "gas": "0x100000" }, "latest"]),
    );
    assert!(early.get("error").is_some(), "called before activation: {early}");

    let before = rpc.ask("evm_snapshot", json!([]));
    let activated = rpc.send(json!({ "to": ARB_WASM, "value": FEE, "data": activate_data(&at) }));
    assert_eq!(activated["logs"].as_array().unwrap().len(), 1);
    assert_eq!(rpc.number(&at), format!("0x{:064x}", 0));
    let set = format!("0x3fb5c1cb{:064x}", 43);
    rpc.send(json!({ "to": at, "data": set }));
    assert_eq!(rpc.number(&at), format!("0x{:064x}", 43));
    let slot = rpc.ask("eth_getStorageAt", json!([at, "0x0", "latest"]));
    assert_eq!(slot.as_str().unwrap().parse::<U256>().unwrap(), U256::from(43));

    assert_eq!(rpc.ask("evm_revert", json!([before])), true);
    let forgotten = rpc.answer(
        "eth_call",
        json!([{ "to": at, "data": "0x8381f58a", "gas": "0x100000" }, "latest"]),
    );
    assert!(forgotten.get("error").is_some(), "still activated: {forgotten}");
}
