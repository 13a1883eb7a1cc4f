//! Hand-assembled contracts and ways to reach a devnode.

use std::time::Duration;

use alloy::{
    network::EthereumWallet,
    primitives::{Address, Bytes, address, bytes, hex},
    providers::{DynProvider, Provider, ProviderBuilder},
    rpc::{client::RpcClient, types::TransactionRequest},
    signers::local::PrivateKeySigner,
};
use hedgerow_devnode::{Config, Devnode, Server};
use serde_json::{Value, json};

/// Anvil's first two accounts, as Foundry's book lists them.
pub const ALICE: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
pub const BOB: Address = address!("70997970C51812dc3A010C7d01b50e0d17dc79C8");
pub const ALICE_KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
pub const BOB_KEY: &str = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

/// Nobody.
pub const STRANGER: Address = Address::repeat_byte(0x5a);

/// `sstore(0, 42)`
pub const STORES: Bytes = bytes!("602a5f5500");
/// `log1(7, topic 0xaa)`
pub const LOGS: Bytes = bytes!("60075f5260aa60205fa100");
/// `revert(0xdeadbeef)`
pub const REVERTS: Bytes = bytes!("63deadbeef5f526004601cfd");

/// Creation code that leaves `runtime` (shorter than 256 bytes).
pub fn creation(runtime: &[u8]) -> Bytes {
    let mut code = vec![
        0x60,
        u8::try_from(runtime.len()).unwrap(),
        0x80,
        0x60,
        9,
        0x5f,
        0x39,
        0x5f,
        0xf3,
    ];
    code.extend_from_slice(runtime);
    code.into()
}

/// Code that returns what one opcode pushes.
pub fn returns(opcode: u8) -> Bytes {
    [&[opcode], hex!("5f5260205ff3").as_slice()].concat().into()
}

pub fn key(hex: &str) -> PrivateKeySigner {
    hex.parse().unwrap()
}

pub fn devnode() -> Devnode {
    Devnode::new(Config::default()).unwrap()
}

fn provider_of(client: RpcClient, signer: PrivateKeySigner) -> DynProvider {
    client.set_poll_interval(Duration::from_millis(5));
    ProviderBuilder::new()
        .wallet(EthereumWallet::from(signer))
        .connect_client(client)
        .erased()
}

/// Alice's provider, in process.
pub fn in_process(devnode: &Devnode) -> DynProvider {
    provider_of(RpcClient::new(devnode.transport(), true), key(ALICE_KEY))
}

/// Alice's provider, over HTTP.
pub fn over_http(server: &Server) -> DynProvider {
    provider_of(RpcClient::new_http(server.url().parse().unwrap()), key(ALICE_KEY))
}

pub fn served(devnode: &Devnode) -> Server {
    devnode.serve("127.0.0.1:0".parse().unwrap()).unwrap()
}

/// One request; the whole answer.
pub fn ask(devnode: &Devnode, method: &str, params: Value) -> Value {
    devnode.handle(json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }))
}

/// One request; its result.
#[track_caller]
pub fn result(devnode: &Devnode, method: &str, params: Value) -> Value {
    let answer = ask(devnode, method, params);
    assert!(answer.get("error").is_none(), "{method}: {answer}");
    answer["result"].clone()
}

/// One request; its error's code and message.
#[track_caller]
pub fn error(devnode: &Devnode, method: &str, params: Value) -> (i64, String) {
    let answer = ask(devnode, method, params);
    let error = answer
        .get("error")
        .unwrap_or_else(|| panic!("{method} succeeded: {answer}"));
    (
        error["code"].as_i64().unwrap(),
        error["message"].as_str().unwrap().to_owned(),
    )
}

/// Deploys a contract from Alice.
pub async fn deploy(provider: &DynProvider, runtime: &[u8]) -> Address {
    let tx = TransactionRequest::default().input(creation(runtime).into()).create();
    let receipt = provider
        .send_transaction(tx)
        .await
        .unwrap()
        .get_receipt()
        .await
        .unwrap();
    assert!(receipt.status());
    receipt.contract_address.unwrap()
}
