//! What the root key's signature costs: carried batches, validation for the EntryPoint, ERC-1271.

use crate::{
    actions::{BATCH, DEADLINE},
    batch::{self, Step},
    route::{Job, Route},
    stage::Stage,
};
use alloy::{
    primitives::{Address, B256, Bytes, U256, b256, keccak256},
    providers::{Provider, ext::AnvilApi},
    rpc::types::TransactionRequest,
    signers::SignerSync,
    sol,
    sol_types::{SolCall, SolStruct, SolValue, eip712_domain},
};
use hedgerow::{
    bindings::{IERC20::transferCall, IShell::executeCall},
    client::Transaction,
    delegation,
    error::Result,
    user_operation::ENTRY_POINT,
};
use serde::Serialize;

/// ERC-7821's batch with opData.
const SIGNED_BATCH: B256 = b256!("0100000000007821000100000000000000000000000000000000000000000000");
/// Nobody has had a token there.
const RECEIVER: Address = Address::repeat_byte(0x4e);
/// Init code of a contract whose whole code is STOP.
const IDLE: &[u8] = &[0x60, 1, 0x60, 0, 0xf3];

sol! {
    struct Call { address to; uint256 value; bytes data; }

    struct SignedBatch {
        Call[] calls;
        uint256 nonce;
        uint256 deadline;
        address executor;
        uint256 minGas;
        uint256 generation;
    }

    interface IValidating {
        function isValidSignature(bytes32 hash, bytes signature) external view returns (bytes4);
    }

    interface IMeter {
        function measure(address target, address idle, bytes data) external view
            returns (uint256 first, uint256 second, bytes answer);
    }
}

alloy::sol! {
    interface IValidatingOperations {
        struct Operation {
            address sender;
            uint256 nonce;
            bytes initCode;
            bytes callData;
            bytes32 accountGasLimits;
            uint256 preVerificationGas;
            bytes32 gasFees;
            bytes paymasterAndData;
            bytes signature;
        }
        function validateUserOp(Operation userOp, bytes32 userOpHash, uint256 missingAccountFunds) external
            returns (uint256 validationData);
    }
}

/// What one thing costs with us, with Simple7702Account in the same run, and with Calibur by its own published snapshot.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RootRow {
    /// What is done.
    pub what: &'static str,
    /// Our gas.
    pub gas: u64,
    /// Simple7702Account's, where it can do it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simple: Option<u64>,
    /// Calibur's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibur: Option<u64>,
}

impl Stage {
    /// All of them.
    pub async fn root(&self) -> Result<Vec<RootRow>> {
        let (first, later) = self.carried().await?;
        let row = |what, gas, simple, calibur| RootRow {
            what,
            gas,
            simple,
            calibur,
        };
        let ours = executeCall {
            mode: BATCH,
            executionData: (self.transfers(),).abi_encode_params().into(),
        };
        let ours = self.own_batch(self.world.shell, ours.abi_encode().into()).await?;
        let steps = self.transfers().into_iter().map(|call| Step {
            target: call.to,
            value: call.value,
            data: call.data,
        });
        let simple = self.own_batch(self.simple, batch::execute(steps.collect())).await?;
        Ok(vec![
            row(
                "two calls, signed, carried by somebody; the first batch ever",
                first,
                None,
                Some(134_205),
            ),
            row("the same, later", later, None, None),
            row("two calls by the account itself", ours, Some(simple), Some(95_374)),
            row(
                "`validateUserOp`, sent by the EntryPoint",
                self.validated(self.world.shell).await?,
                Some(self.validated(self.simple).await?),
                Some(33_244),
            ),
            row(
                "`isValidSignature` of the root key, the frame alone",
                self.recognised(self.world.shell).await?,
                Some(self.recognised(self.simple).await?),
                Some(4_647),
            ),
        ])
    }

    /// One unit of either token, to somebody who has none.
    fn transfers(&self) -> Vec<Call> {
        let transfer = |token| Call {
            to: token,
            value: U256::ZERO,
            data: transferCall {
                to: RECEIVER,
                amount: self.world.pair.units()[0],
            }
            .abi_encode()
            .into(),
        };
        self.world.tokens.map(transfer).into()
    }

    async fn own_batch(&self, delegate: Address, call: Bytes) -> Result<u64> {
        let job = Job {
            delegate,
            call,
            idle: Bytes::new(),
            binding: false,
        };
        Ok(self.cost(Route::Delegated, &job).await?.gas)
    }

    /// Gas of a stranger's transaction with a batch that the owner signed: the first, and one after another.
    async fn carried(&self) -> Result<(u64, u64)> {
        let snapshot = self.snapshot().await?;
        self.delegate(self.world.shell).await?;
        let first = self.carry(0).await?;
        self.revert(snapshot).await?;

        let snapshot = self.snapshot().await?;
        self.delegate(self.world.shell).await?;
        self.carry_calls(0, Vec::new()).await?;
        let later = self.carry(1).await?;
        self.revert(snapshot).await?;
        Ok((first, later))
    }

    async fn carry(&self, nonce: u64) -> Result<u64> {
        self.carry_calls(nonce, self.transfers()).await
    }

    async fn carry_calls(&self, nonce: u64, calls: Vec<Call>) -> Result<u64> {
        let (client, owner) = (&self.world.client, &self.world.owner);
        let batch = SignedBatch {
            calls: calls.clone(),
            nonce: U256::from(nonce),
            deadline: U256::from(DEADLINE),
            executor: Address::ZERO,
            minGas: U256::ZERO,
            generation: U256::ZERO,
        };
        let domain = eip712_domain! {
            name: "Hedgerow",
            version: "1",
            chain_id: client.chain_id(),
            verifying_contract: owner.address(),
            salt: self.world.shell.into_word(),
        };
        let signature: Bytes = owner
            .sign_hash_sync(&batch.eip712_signing_hash(&domain))?
            .as_bytes()
            .into();
        let op_data = (batch.nonce, batch.deadline, batch.executor, batch.minGas, signature).abi_encode_params();
        let call = executeCall {
            mode: SIGNED_BATCH,
            executionData: (calls, Bytes::from(op_data)).abi_encode_params().into(),
        };
        let transaction = Transaction::call(owner.address(), &call);
        Ok(client
            .send(&self.bundler, transaction, "a signed batch")
            .await?
            .gas_used)
    }

    /// Gas of a transaction of the EntryPoint's that does nothing but validate an operation of no content, as Calibur's test has
    /// it.
    async fn validated(&self, delegate: Address) -> Result<u64> {
        let snapshot = self.snapshot().await?;
        self.delegate(delegate).await?;
        let (client, owner) = (&self.world.client, &self.world.owner);
        let hash = keccak256("an operation");
        let signature: Bytes = owner.sign_hash_sync(&hash)?.as_bytes().into();
        let call = IValidatingOperations::validateUserOpCall {
            userOp: IValidatingOperations::Operation {
                sender: Address::ZERO,
                nonce: U256::ZERO,
                initCode: Bytes::new(),
                callData: Bytes::new(),
                accountGasLimits: B256::ZERO,
                preVerificationGas: U256::ZERO,
                gasFees: B256::ZERO,
                paymasterAndData: Bytes::new(),
                signature,
            },
            userOpHash: hash,
            missingAccountFunds: U256::ZERO,
        };
        let node = |error| client.error("validating as the EntryPoint", error);
        let provider = client.provider();
        // Only an address without code may send a transaction; the account does not look for the EntryPoint's.
        let emptied = provider.anvil_set_code(ENTRY_POINT, Bytes::new()).await;
        emptied.map_err(node)?;
        provider.anvil_impersonate_account(ENTRY_POINT).await.map_err(node)?;
        let ether = U256::from(10).pow(U256::from(18));
        provider.anvil_set_balance(ENTRY_POINT, ether).await.map_err(node)?;
        let request = TransactionRequest::default()
            .from(ENTRY_POINT)
            .to(owner.address())
            .input(call.abi_encode().into());
        let hash = *provider.send_transaction(request).await.map_err(node)?.tx_hash();
        let receipt = client.receipt(hash).await?;
        self.revert(snapshot).await?;
        if receipt.status() {
            Ok(receipt.gas_used)
        } else {
            Err(client.node_error("validateUserOp", "it reverted"))
        }
    }

    /// Gas of the frame of an ERC-1271 question about a hash that the root key signed.
    async fn recognised(&self, delegate: Address) -> Result<u64> {
        let snapshot = self.snapshot().await?;
        self.delegate(delegate).await?;
        let (client, owner) = (&self.world.client, &self.world.owner);
        let meter = self
            .world
            .create(self.world.artifacts.contract("Meter", "Meter")?)
            .await;
        // What is subtracted must be an account with a delegate too, because the caller pays for finding it.
        let idle = self.world.create(Bytes::from_static(IDLE)).await;
        let trader = &self.world.trader;
        let nonce = client.nonce(trader.address()).await?;
        let signed = delegation::authorise(trader, client.chain_id(), idle, nonce)?;
        let delegating = Transaction {
            to: Some(idle),
            ..Transaction::default()
        }
        .with_authorization(signed);
        client.send(&self.bundler, delegating, "delegating to nothing").await?;
        let hash = keccak256("test");
        let signature = owner.sign_hash_sync(&hash)?.as_bytes().into();
        let question = IValidating::isValidSignatureCall { hash, signature };
        let call = IMeter::measureCall {
            target: owner.address(),
            idle: trader.address(),
            data: question.abi_encode().into(),
        };
        let measured = client.read(meter, &call).await?;
        self.revert(snapshot).await?;
        let magic = measured.answer.first_chunk::<4>() == Some(&IValidating::isValidSignatureCall::SELECTOR);
        let refused = || client.node_error("isValidSignature", "the account does not know its own key");
        magic.then(|| measured.second.saturating_to()).ok_or_else(refused)
    }
}
