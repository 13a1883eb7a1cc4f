//! A devnode with the programs on it, and a meter that tells what a call's frame costs.

use alloy::{
    primitives::{Address, Bytes, U256},
    signers::local::PrivateKeySigner,
    sol,
};
use hedgerow::{
    artifacts::Artifacts,
    client::{Client, Transaction},
    deployment::{self, Deployment, Part},
    error::{Error, Result},
    keys,
    output::Progress,
    program::{BEHIND_THE_SHELL, PROGRAMS},
};
use hedgerow_devnode::{Config, Devnode};

sol! {
    interface IMeter {
        function measure(address target, address idle, bytes data) external view
            returns (uint256 first, uint256 second, bytes answer);
    }
}

/// Init code of a contract whose whole code is STOP.
const IDLE: &[u8] = &[0x60, 1, 0x60, 0, 0xf3];

/// What one call cost, its dispatch, decoding and encoding included; the 100 or 2,600 of CALL itself are not.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Gas of the first call in a block: a program is entered uncached.
    pub uncached: u64,
    /// Gas of the next one: a program counts as cached.
    pub cached: u64,
    /// What it returned.
    pub answer: Bytes,
}

/// Where everything is.
pub struct Scene {
    client: Client,
    signer: PrivateKeySigner,
    meter: Address,
    idle: Address,
    deployment: Deployment,
}

impl Scene {
    /// A chain of today's ArbOS with the lens programs deployed and activated.
    pub async fn new() -> Result<Self> {
        let devnode = Devnode::new(Config::default()).map_err(|error| Error::Devnode(error.to_string()))?;
        let client = Client::in_process(&devnode).await?;
        let signer = keys::development(0)?;
        let artifacts = Artifacts::locate();
        let deployment = deployment::deploy(&client, &signer, &artifacts, Part::Lens, &Progress::new()).await?;
        let mut scene = Self {
            client,
            signer,
            meter: Address::ZERO,
            idle: Address::ZERO,
            deployment,
        };
        scene.meter = scene.create(artifacts.contract("Meter", "Meter")?).await?;
        scene.idle = scene.create(Bytes::from_static(IDLE)).await?;
        Ok(scene)
    }

    /// Where the program of this name is.
    pub fn program(&self, name: &str) -> Result<Address> {
        let names = PROGRAMS.into_iter().filter(|name| !BEHIND_THE_SHELL.contains(name));
        let found = names.zip(self.deployment.parts()).find(|(found, _)| *found == name);
        let address = found.map(|(_, (_, deployed))| deployed.address);
        address.ok_or_else(|| Error::missing("a program", "name one of the lens's"))
    }

    /// Deploys a contract.
    pub async fn create(&self, init_code: Bytes) -> Result<Address> {
        let receipt = self
            .client
            .send(&self.signer, Transaction::create(init_code), "deploying")
            .await?;
        Ok(receipt.contract_address.unwrap_or_default())
    }

    /// What a call costs and answers.
    pub async fn frame(&self, target: Address, data: Bytes) -> Result<Frame> {
        let call = IMeter::measureCall {
            target,
            idle: self.idle,
            data,
        };
        let measured = self.client.read(self.meter, &call).await?;
        let gas = |value: U256| value.saturating_to();
        Ok(Frame {
            uncached: gas(measured.first),
            cached: gas(measured.second),
            answer: measured.answer,
        })
    }
}
