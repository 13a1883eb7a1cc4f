//! Building, signing and decoding without a node.

use alloy::{
    hex,
    primitives::{Address, B256, U256},
    signers::SignerSync,
    sol_types::SolCall,
};
use hedgerow::{
    bindings::{IERC20, IEntryPoint::handleOpsCall},
    delegation, keys,
    user_operation::{ENTRY_POINT, UserOperation},
    userop::OperationFile,
};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::{Command, Output},
};

/// Nobody listens there.
const NO_NODE: &str = "http://127.0.0.1:1";

fn run(arguments: &[&str], key: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hedgerow"));
    for name in [
        "HEDGEROW_PRIVATE_KEY",
        "HEDGEROW_KEYSTORE",
        "HEDGEROW_BUNDLER_URL",
        "HEDGEROW_PAYMASTER",
    ] {
        command.env_remove(name);
    }
    if let Some(key) = key {
        command.env("HEDGEROW_PRIVATE_KEY", key);
    }
    command.args(arguments).env("ETH_RPC_URL", NO_NODE).output().unwrap()
}

fn json_of(arguments: &[&str], key: Option<&str>) -> Value {
    let output = run(arguments, key);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refused(arguments: &[&str], words: &[&str]) {
    let output = run(arguments, None);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{arguments:?} should say {word:?}: {said}");
    }
}

fn draft(sender: Address, token: Address) -> Value {
    json!({
        "version": 1,
        "chainId": 412_346,
        "sender": sender,
        "nonce": { "key": "7", "sequence": "3" },
        "delegate": Address::repeat_byte(0xac),
        "calls": [
            { "to": token, "function": "transfer(address,uint256)", "args": [Address::repeat_byte(0xf1), "5"] },
            { "to": Address::repeat_byte(0xf2), "value": "7" },
            { "to": token, "data": "0xdeadbeef" },
        ],
        "gas": { "callGasLimit": 100_000, "verificationGasLimit": "60000", "preVerificationGas": "0xd431" },
        "fees": { "maxFeePerGas": "2000000000", "maxPriorityFeePerGas": "0" },
    })
}

fn write(path: &Path, value: &Value) {
    std::fs::write(path, value.to_string()).unwrap();
}

#[test]
fn an_operation_is_built_signed_and_read_without_a_node() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("draft.json"), dir.path().join("operation.json"));
    let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
    let signer = keys::development(1).unwrap();
    let token = Address::repeat_byte(0xbb);
    write(Path::new(from), &draft(signer.address(), token));
    let offline = [
        "userop",
        "build",
        from,
        "--offline",
        "--json",
        "--authorization-nonce",
        "9",
    ];
    let built = json_of(&[&offline[..], &["--output", to]].concat(), None);
    let words: Vec<_> = built["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["what"].as_str().unwrap())
        .collect();
    assert!(words[0].starts_with("sends 5 raw units of this token"), "{words:?}");
    assert_eq!(words[1], "sends 0.000000000000000007 ETH");
    assert!(words[2].contains("not known here: 0xdeadbeef"), "{words:?}");
    // The same hash by the library's own way to it, from the same document.
    let file = OperationFile::load(Path::new(to)).unwrap();
    assert_eq!(built["userOpHash"], json!(file.hash()));
    assert_eq!(file.operation.nonce, (U256::from(7) << 64) | U256::from(3));

    // The key is the environment's, or signs elsewhere: the same signatures.
    let key = hex::encode_prefixed(signer.to_bytes());
    let signed = json_of(&["userop", "sign", to, "--json"], Some(&key));
    let sign = |hash: &Value| {
        let hash: B256 = hash.as_str().unwrap().parse().unwrap();
        hex::encode_prefixed(signer.sign_hash_sync(&hash).unwrap().as_bytes())
    };
    let (one, two) = (sign(&built["userOpHash"]), sign(&built["authorizationHash"]));
    let elsewhere = [
        "userop",
        "sign",
        to,
        "--json",
        "--signature",
        &one,
        "--authorization-signature",
        &two,
    ];
    assert_eq!(json_of(&elsewhere, None)["operation"], signed["operation"]);
    let authorization = delegation::authorise(&signer, 412_346, Address::repeat_byte(0xac), 9).unwrap();
    assert_eq!(
        signed["operation"]["authorization"]["r"],
        json!(B256::from(authorization.r()))
    );

    // Somebody else's signatures are not taken.
    let stranger = keys::development(2).unwrap();
    let theirs = hex::encode_prefixed(stranger.sign_hash_sync(&file.hash()).unwrap().as_bytes());
    refused(
        &["userop", "sign", to, "--signature", &theirs],
        &[&stranger.address().to_string(), "another operation"],
    );
}

#[test]
fn every_form_of_an_operation_says_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("draft.json");
    let sender = Address::repeat_byte(0xaa);
    write(&path, &draft(sender, Address::repeat_byte(0xbb)));
    let path = path.to_str().unwrap();
    let file = OperationFile::load(Path::new(path)).unwrap();
    let operation: &UserOperation = &file.operation;
    let request = dir.path().join("request.json");
    write(
        &request,
        &json!({ "method": "eth_sendUserOperation", "params": [operation.to_rpc(None), ENTRY_POINT] }),
    );
    let packed = operation.packed();
    let as_packed = dir.path().join("packed.json");
    write(
        &as_packed,
        &json!({
            "sender": packed.sender, "nonce": packed.nonce, "initCode": packed.initCode, "callData": packed.callData,
            "accountGasLimits": packed.accountGasLimits, "preVerificationGas": packed.preVerificationGas,
            "gasFees": packed.gasFees, "paymasterAndData": packed.paymasterAndData, "signature": packed.signature,
        }),
    );
    let bundle = handleOpsCall {
        ops: vec![packed],
        beneficiary: Address::ZERO,
    };
    let bundle = hex::encode_prefixed(bundle.abi_encode());
    let bare = operation.call_data.to_string();
    let sender = sender.to_string();
    let expected = json_of(&["userop", "decode", path, "--json"], None)["operations"][0].clone();
    assert_eq!(expected["calls"].as_array().unwrap().len(), 3);
    let forms: [&[&str]; 4] = [
        &[request.to_str().unwrap()],
        &[as_packed.to_str().unwrap()],
        &[&bundle],
        &[&bare, "--sender", &sender],
    ];
    for form in forms {
        let decoded = json_of(&[&["userop", "decode", "--json"], form].concat(), None);
        assert_eq!(decoded["operations"][0]["calls"], expected["calls"], "{form:?}");
    }
    let text = String::from_utf8(run(&["userop", "decode", &bundle], None).stdout).unwrap();
    assert!(
        text.contains("sends 5 raw units") && text.contains("not known here"),
        "{text}"
    );
}

#[test]
fn bad_files_are_told_by_the_path_of_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("draft.json");
    let good = draft(Address::repeat_byte(0xaa), Address::repeat_byte(0xbb));
    let build = ["userop", "build", path.to_str().unwrap(), "--offline"];
    let with = |pointer: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        write(&path, &bad);
    };
    for (pointer, value, words) in [
        ("/sender", json!("0x12"), ["sender = \"0x12\"", "address"]),
        ("/version", json!(3), ["version = 3", "version 1"]),
        (
            "/gas/callGasLimit",
            json!("much"),
            ["gas.callGasLimit = \"much\"", "whole number"],
        ),
        ("/calls/0/args", json!([5]), ["calls[0].args", "takes 2 arguments"]),
        ("/calls/0/args/1", json!("five"), ["calls[0].args", "uint256"]),
        ("/calls/0/function", json!("transfer"), ["calls[0]", "transfer"]),
        (
            "/calls/2/data",
            json!("0xabc"),
            ["calls[2].data = \"0xabc\"", "even number"],
        ),
        (
            "/nonce/key",
            json!("0x1000000000000000000000000000000000000000000000000"),
            ["nonce.key", "192 bits"],
        ),
        (
            "/fees",
            json!({ "maxFeePerGass": 1 }),
            ["fees.maxFeePerGass is not known", "maxFeePerGas"],
        ),
    ] {
        if pointer == "/calls/0/function" {
            // That one is known by its name alone: it is fine.
            with(pointer, value);
            assert!(run(&build, None).status.success());
            continue;
        }
        with(pointer, value);
        refused(&build, &words);
    }
    // What is left out has to come from somewhere.
    with("/fees", Value::Null);
    refused(&build, &["fees.maxFeePerGas", "--offline"]);
    with(
        "/calls",
        json!([{ "action": "rebalance", "position": 7, "widthPercent": 10 }]),
    );
    refused(&build, &["rebalance 7 --width-percent 10", "planned on the chain"]);
    with("/calls", json!([]));
    refused(&build, &["a call is needed"]);
    std::fs::write(&path, "{").unwrap();
    refused(&build, &["it is not JSON"]);
}

#[test]
fn no_key_of_a_development_account_signs_for_another_chain() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("draft.json");
    let mut arbitrum = draft(keys::development(1).unwrap().address(), Address::repeat_byte(0xbb));
    arbitrum["chainId"] = json!(42_161);
    write(&path, &arbitrum);
    let path = path.to_str().unwrap();
    refused(
        &["userop", "sign", path, "--dev-account", "1"],
        &["42161", "not a development chain"],
    );
    // An operation of one account is not signed with another's key.
    arbitrum["chainId"] = json!(412_346);
    write(Path::new(path), &arbitrum);
    refused(
        &["userop", "sign", path, "--dev-account", "2"],
        &[&keys::development(1).unwrap().address().to_string(), "its own key"],
    );
    let call = IERC20::approveCall {
        spender: Address::ZERO,
        amount: U256::MAX,
    };
    let text = hex::encode_prefixed(call.abi_encode());
    // Calldata of nobody in particular: an account has no such function.
    let decoded = json_of(&["userop", "decode", &text, "--json"], None);
    assert!(decoded["operations"][0]["calls"][0]["function"].is_null());
}
