//! The real command, run against a staged devnode over HTTP.

use alloy::primitives::{Address, U256};
use hedgerow::{
    artifacts::Artifacts,
    client::Client,
    demo,
    demo::stage::{self, Stage},
    keys,
    output::Progress,
};
use hedgerow_devnode::{Clock, Config, Devnode, Server};
use serde_json::Value;
use std::{
    path::PathBuf,
    process::{Command, Output},
    sync::OnceLock,
    thread,
};
use tempfile::TempDir;

pub struct Scene {
    pub client: Client,
    pub stage: Stage,
    pub url: String,
    pub dir: TempDir,
    _server: Server,
}

/// What every test of a binary begins with: staged once, and copied for each.
struct Staged {
    devnode: Devnode,
    stage: Stage,
    /// The record of deployments that the other commands read.
    record: String,
}

impl Staged {
    async fn set(config: Config) -> Self {
        let devnode = Devnode::new(config).unwrap();
        let client = Client::in_process(&devnode).await.unwrap();
        let stage = stage::set(&client, &Artifacts::locate(), &Progress::new())
            .await
            .unwrap();
        demo::pass(&client, 3_600).await.unwrap();
        let scene = Scene::beside(&devnode, stage.clone(), client);
        // Finds everything in place, and writes the record.
        let report = scene.json(&["deploy", "--dev-account", "0"], &[]);
        assert_eq!(report["account"]["deployGas"], 0);
        assert_eq!(report["lens"]["activationGas"], 0);
        let record = std::fs::read_to_string(scene.record()).unwrap();
        Self { devnode, stage, record }
    }

    /// In a runtime of its own, because the test that comes first has one that ends with it.
    fn once(config: Config) -> Self {
        let staging = thread::spawn(|| tokio::runtime::Runtime::new().unwrap().block_on(Self::set(config)));
        staging.join().unwrap()
    }

    async fn scene(&self) -> Scene {
        let devnode = self.devnode.twin().unwrap();
        let client = Client::in_process(&devnode).await.unwrap();
        let scene = Scene::beside(&devnode, self.stage.clone(), client);
        std::fs::write(scene.record(), &self.record).unwrap();
        scene
    }
}

impl Scene {
    pub async fn new() -> Self {
        static STAGED: OnceLock<Staged> = OnceLock::new();
        STAGED.get_or_init(|| Staged::once(Config::default())).scene().await
    }

    /// The same on a chain whose time is the machine's, as programs expect that hold deadlines against their own clock.
    pub async fn of_today() -> Self {
        static STAGED: OnceLock<Staged> = OnceLock::new();
        let config = Config {
            clock: Clock::System,
            ..Config::default()
        };
        STAGED.get_or_init(|| Staged::once(config)).scene().await
    }

    fn beside(devnode: &Devnode, stage: Stage, client: Client) -> Self {
        let server = devnode.serve("127.0.0.1:0".parse().unwrap()).unwrap();
        Self {
            client,
            stage,
            url: format!("http://{}", server.addr),
            dir: tempfile::tempdir().unwrap(),
            _server: server,
        }
    }

    fn record(&self) -> PathBuf {
        self.dir.path().join("deployments.json")
    }

    pub fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hedgerow"));
        for name in [
            "HEDGEROW_PRIVATE_KEY",
            "HEDGEROW_KEYSTORE",
            "HEDGEROW_BUNDLER_URL",
            "HEDGEROW_PAYMASTER",
            "HEDGEROW_PAYMASTER_URL",
        ] {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .env("ETH_RPC_URL", &self.url)
            .env("HEDGEROW_DEPLOYMENTS", self.record())
            .env("HEDGEROW_POSITION_MANAGER", self.stage.position_manager.to_string())
            .envs(environment.iter().copied())
            .output()
            .unwrap()
    }

    pub fn json(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat(), environment);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).expect("exactly one JSON document")
    }

    pub fn refused(&self, arguments: &[&str], environment: &[(&str, &str)], words: &[&str]) {
        let output = self.run(arguments, environment);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{arguments:?} should say {word:?}: {said}");
        }
    }

    pub fn provider(&self) -> Address {
        self.stage.cast.provider.address()
    }

    pub async fn nonces(&self) -> Vec<u64> {
        let mut nonces = Vec::new();
        for index in 0..keys::DEVELOPMENT_ACCOUNTS {
            nonces.push(
                self.client
                    .nonce(keys::development(index).unwrap().address())
                    .await
                    .unwrap(),
            );
        }
        nonces
    }
}

pub fn number(value: &Value) -> U256 {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a decimal string: {value}"))
        .parse()
        .unwrap()
}
