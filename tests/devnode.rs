//! `hedgerow devnode` as a process: it says where it listens and whose keys it funded, serves, and stops when asked.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use alloy::primitives::{U256, utils::parse_ether};
use hedgerow::{client::Client, keys};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Instant,
};

/// The published test vector of Ethereum's keystore format (Web3 Secret Storage, PBKDF2).
const KEYSTORE: &str = r#"{
  "crypto": {
    "cipher": "aes-128-ctr",
    "cipherparams": { "iv": "6087dab2f9fdbbfaddc31a909735c1e6" },
    "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    "kdf": "pbkdf2",
    "kdfparams": {
      "c": 262144,
      "dklen": 32,
      "prf": "hmac-sha256",
      "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"
    },
    "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"
  },
  "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  "version": 3
}"#;
const KEYSTORE_ADDRESS: &str = "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b";

struct Node {
    child: Child,
    url: String,
    banner: Vec<String>,
}

impl Node {
    fn start(arguments: &[&str]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_hedgerow"))
            .args([&["devnode", "--port", "0"], arguments].concat())
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut node = Self {
            url: String::new(),
            banner: Vec::new(),
            child,
        };
        for line in BufReader::new(node.child.stderr.take().unwrap()).lines() {
            let line = line.unwrap();
            let url = line
                .split_once("listening on ")
                .map(|(_, rest)| rest.split_once(". ").unwrap().0.to_owned());
            node.banner.push(line);
            if let Some(url) = url {
                node.url = url;
                return node;
            }
        }
        panic!("it ended without listening: {:?}", node.banner);
    }

    /// Interrupts it as Ctrl-C does; returns its exit code and what it wrote to stdout.
    fn stop(&mut self) -> (Option<i32>, String) {
        let told = Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(told.success());
        let status = self.child.wait().unwrap();
        (
            status.code(),
            std::io::read_to_string(self.child.stdout.take().unwrap()).unwrap(),
        )
    }
}

/// A test that fails half-way leaves no process behind.
impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn it_funds_the_accounts_it_names_and_stops_cleanly() {
    let started = Instant::now();
    let mut node = Node::start(&["--chain-id", "31337", "--accounts", "3"]);
    // 200 ms is the goal on an idle machine; a busy one may take longer, but not this long.
    assert!(started.elapsed().as_secs() < 5);
    let client = Client::connect(&node.url, Some(31_337)).await.unwrap();
    for index in 0..3 {
        let address = keys::development(index).unwrap().address().to_string();
        assert!(
            node.banner.iter().any(|line| line.contains(&address)),
            "{address} {:?}",
            node.banner
        );
        let balance = client.balance(address.parse().unwrap()).await.unwrap();
        assert_eq!(balance, parse_ether("10000").unwrap());
    }
    assert_eq!(
        client.balance(keys::development(3).unwrap().address()).await.unwrap(),
        U256::ZERO
    );
    assert_eq!(node.stop(), (Some(0), String::new()));
}

#[test]
fn a_port_in_use_is_refused_with_a_remedy() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_hedgerow"))
        .args(["devnode", "--port", &port])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(&port) && said.contains("another port"), "{said}");
}

#[tokio::test]
async fn a_key_may_come_from_the_environment_or_a_keystore() {
    let mut node = Node::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    let signer = keys::development(7).unwrap();
    let key = signer.to_bytes();
    let show = |environment: &[(&str, &str)]| {
        let output = Command::new(env!("CARGO_BIN_EXE_hedgerow"))
            .args(["delegate", "--show", "--rpc-url", &node.url])
            .env_remove("HEDGEROW_PRIVATE_KEY")
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let expected = format!("{} is not delegated\n", signer.address());
    let (code, said, _) = show(&[("HEDGEROW_PRIVATE_KEY", &key.to_string())]);
    assert_eq!((code, said), (Some(0), expected));

    let file = dir.path().join("keystore.json");
    std::fs::write(&file, KEYSTORE).unwrap();
    let file = file.to_str().unwrap();
    let with = |password| show(&[("HEDGEROW_KEYSTORE", file), ("HEDGEROW_KEYSTORE_PASSWORD", password)]);
    let (code, said, _) = with("testpassword");
    assert_eq!(
        (code, said.to_lowercase()),
        (Some(0), format!("{KEYSTORE_ADDRESS} is not delegated\n"))
    );
    let (code, _, said) = with("battery staple");
    assert_eq!(code, Some(2));
    assert!(said.contains(file) && said.contains("password"), "{said}");
    assert_eq!(node.stop().0, Some(0));
}
