//! Why there is a shell: a transfer that leaves its receiver 2,300 gas reaches a wallet behind the shell, and does not reach one
//! that delegates to the Stylus program itself.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use alloy::{
    primitives::{Address, U256},
    signers::local::PrivateKeySigner,
    sol,
};
use hedgerow::{
    artifacts::Artifacts,
    bindings::IWETH9::{depositCall, withdrawCall},
    client::{Client, Transaction},
    delegation::{self, Delegation},
    deployment::{self, Deployment, Part},
    error::Error,
    keys,
    output::Progress,
};
use hedgerow_devnode::{Config, Devnode};

sol! {
    interface IStipendSender {
        function sendByTransfer(address to) external payable;
        function sendBySend(address to) external payable returns (bool sent);
    }
}

struct Scene {
    client: Client,
    deployer: PrivateKeySigner,
    wallet: PrivateKeySigner,
    weth: Address,
    sender: Address,
    deployment: Deployment,
}

impl Scene {
    async fn new() -> Self {
        let devnode = Devnode::new(Config::default()).unwrap();
        let client = Client::in_process(&devnode).await.unwrap();
        let deployer = keys::development(0).unwrap();
        let artifacts = Artifacts::locate();
        let deployment = deployment::deploy(&client, &deployer, &artifacts, Part::Account, &Progress::new())
            .await
            .unwrap();
        let mut created = Vec::new();
        for code in [
            artifacts
                .published("canonical-weth/build/contracts/WETH9.json")
                .unwrap(),
            artifacts.contract("StipendSender", "StipendSender").unwrap(),
        ] {
            let receipt = client
                .send(&deployer, Transaction::create(code), "deploying")
                .await
                .unwrap();
            created.push(receipt.contract_address.unwrap());
        }
        Self {
            client,
            deployer,
            wallet: keys::development(1).unwrap(),
            weth: created[0],
            sender: created[1],
            deployment,
        }
    }

    async fn delegate(&self, to: Address) {
        let account = self.wallet.address();
        let nonce = self.client.nonce(account).await.unwrap();
        let signed = delegation::authorise(&self.wallet, self.client.chain_id(), to, nonce).unwrap();
        let transaction = Transaction {
            to: Some(Address::ZERO),
            ..Transaction::default()
        }
        .with_authorization(signed);
        self.client
            .send(&self.deployer, transaction, "delegating")
            .await
            .unwrap();
        assert_eq!(Delegation::of(&self.client, account).await.unwrap(), Delegation::To(to));
    }

    /// Wraps one ether and unwraps it again: WETH9 pays out with Solidity's `transfer`.
    async fn unwrap(&self) -> Result<(), Error> {
        let amount = U256::from(10).pow(U256::from(18));
        let wrap = Transaction::call(self.weth, &depositCall {}).with_value(amount);
        self.client.send(&self.wallet, wrap, "wrapping").await.unwrap();
        let before = self.client.balance(self.wallet.address()).await.unwrap();
        let receipt = self
            .client
            .send(
                &self.wallet,
                Transaction::call(self.weth, &withdrawCall { amount }),
                "unwrapping",
            )
            .await?;
        let after = self.client.balance(self.wallet.address()).await.unwrap();
        let gas = U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price);
        assert_eq!(after + gas - before, amount);
        Ok(())
    }

    async fn sent_by_send(&self) -> bool {
        let call = IStipendSender::sendBySendCall {
            to: self.wallet.address(),
        };
        let before = self.client.balance(self.wallet.address()).await.unwrap();
        let transaction = Transaction::call(self.sender, &call).with_value(U256::from(5));
        self.client.send(&self.deployer, transaction, "sending").await.unwrap();
        let after = self.client.balance(self.wallet.address()).await.unwrap();
        assert!(after == before || after == before + U256::from(5));
        after != before
    }

    async fn sent_by_transfer(&self) -> bool {
        let call = IStipendSender::sendByTransferCall {
            to: self.wallet.address(),
        };
        let transaction = Transaction::call(self.sender, &call).with_value(U256::from(5));
        self.client.send(&self.deployer, transaction, "sending").await.is_ok()
    }
}

#[tokio::test]
async fn a_wallet_behind_the_shell_receives_with_2300_gas() {
    let scene = Scene::new().await;
    scene.delegate(scene.deployment.account_address().unwrap()).await;
    scene.unwrap().await.unwrap();
    assert!(scene.sent_by_send().await);
    assert!(scene.sent_by_transfer().await);
}

#[tokio::test]
async fn a_wallet_that_delegates_to_the_program_itself_does_not() {
    let scene = Scene::new().await;
    // The same wallet as a plain EOA first: what fails below is due to the delegation alone.
    scene.unwrap().await.unwrap();
    scene.delegate(scene.deployment.manager.as_ref().unwrap().address).await;
    assert!(matches!(scene.unwrap().await, Err(Error::Reverted { .. })));
    assert!(!scene.sent_by_send().await);
    assert!(!scene.sent_by_transfer().await);
}
