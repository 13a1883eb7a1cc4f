//! What session keys cost: adding one, its transfers within a limit by either way, revoking it.

use crate::{actions::DEADLINE, stage::Stage};
use alloy::{
    primitives::{Address, B256, Bytes, FixedBytes, U256, aliases::U48, aliases::U192},
    signers::{SignerSync, local::PrivateKeySigner},
    sol,
    sol_types::{SolCall, SolEvent, SolStruct, SolValue, eip712_domain},
};
use hedgerow::{
    bindings::{
        IERC20::transferCall,
        IEntryPoint::{depositToCall, getNonceCall, handleOpsCall},
        ISessions::{
            CallRule, Carriage, Session, SpendLimit, addKeyCall, executeSessionCall, executeUserOpCall, revokeKeyCall,
        },
        UserOperationEvent,
    },
    client::Transaction,
    error::Result,
    keys, session,
    user_operation::{ENTRY_POINT, UserOperation},
};
use serde::Serialize;

/// Ithaca's ERC-20 transfer with spend limits, as it publishes it.
const ITHACA: u64 = 193_658;
/// Nobody has had a token there.
const RECEIVERS: [Address; 2] = [Address::repeat_byte(0x4e), Address::repeat_byte(0x4f)];
/// Gas limits of an operation, and what the account puts down for it: enough of each.
const GAS: u128 = 500_000;
const MONTH: u64 = 30 * 86_400;
const DEPOSIT: u64 = 1_000_000_000_000_000_000;

sol! {
    struct Call { address to; uint256 value; bytes data; }

    struct SessionBatch {
        bytes32 keyId;
        Call[] calls;
        uint256 nonce;
        uint256 deadline;
        address executor;
        uint256 minGas;
        uint256 generation;
    }
}

/// What one thing costs with us, and with Ithaca by its own published snapshot.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRow {
    /// What is done.
    pub what: &'static str,
    /// Our gas.
    pub gas: u64,
    /// Ithaca's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ithaca: Option<u64>,
}

impl Stage {
    /// All of them.
    pub async fn session_rows(&self) -> Result<Vec<SessionRow>> {
        let (client, owner) = (&self.world.client, &self.world.owner);
        let agent = keys::development(7)?;
        let terms = self.session(agent.address()).await;
        let start = self.snapshot().await?;
        self.delegate(self.world.shell).await?;
        let deposit = depositToCall {
            account: owner.address(),
        };
        let deposit = Transaction {
            value: U256::from(DEPOSIT),
            ..Transaction::call(ENTRY_POINT, &deposit)
        };
        client.send(&self.bundler, deposit, "a deposit").await?;
        let add = addKeyCall { session: terms.clone() };
        let add = Transaction::call(owner.address(), &add);
        let added = client.send(owner, add, "adding a session key").await?.gas_used;

        let fresh = self.snapshot().await?;
        let mut operations = Vec::new();
        for to in [RECEIVERS[0], RECEIVERS[1], RECEIVERS[1]] {
            operations.push(self.session_operation(&agent, &terms, to).await?);
        }
        self.revert(fresh).await?;
        let mut batches = Vec::new();
        for (sequence, to) in RECEIVERS.into_iter().enumerate() {
            batches.push(self.session_batch(&agent, &terms, sequence, to).await?);
        }
        let revoke = revokeKeyCall {
            keyId: session::id(&terms),
        };
        let revoke = Transaction::call(owner.address(), &revoke);
        let revoked = client.send(owner, revoke, "revoking a session key").await?.gas_used;
        self.revert(start).await?;

        let row = |what, gas, ithaca| SessionRow { what, gas, ithaca };
        Ok(vec![
            row("adding the account's first key", added, None),
            row(
                "transfer, EntryPoint, the key's first, to somebody who has none",
                operations[0],
                Some(ITHACA),
            ),
            row("the same, later", operations[1], Some(ITHACA)),
            row("the same, later, to somebody who has some", operations[2], Some(ITHACA)),
            row(
                "transfer, signed batch, the key's first, to somebody who has none",
                batches[0],
                None,
            ),
            row("the same, later", batches[1], None),
            row("revoking a key", revoked, None),
        ])
    }

    /// Transfers of token0, so many units a day.
    async fn session(&self, agent: Address) -> Session {
        let token = self.world.tokens[0];
        let most = self.world.pair.units()[0] * U256::from(100);
        Session {
            kind: 0,
            x: agent.into_word(),
            y: B256::ZERO,
            start: U48::ZERO,
            expiry: U48::from(self.world.now().await + MONTH),
            gasBudget: DEPOSIT.into(),
            paymaster: Address::ZERO,
            calls: vec![CallRule {
                target: token,
                selector: FixedBytes(transferCall::SELECTOR),
            }],
            limits: vec![SpendLimit {
                token,
                period: 86_400,
                amount: most.saturating_to(),
            }],
            positions: Vec::new(),
            salt: B256::ZERO,
        }
    }

    fn transfer(&self, to: Address) -> Vec<Call> {
        let transfer = transferCall {
            to,
            amount: self.world.pair.units()[0],
        };
        vec![Call {
            to: self.world.tokens[0],
            value: U256::ZERO,
            data: transfer.abi_encode().into(),
        }]
    }

    /// Gas of the transaction in which a session key's operation is handled.
    async fn session_operation(&self, agent: &PrivateKeySigner, terms: &Session, to: Address) -> Result<u64> {
        let (client, sender) = (&self.world.client, self.world.owner.address());
        let nonce = getNonceCall {
            sender,
            key: nonce_key(terms),
        };
        let mut call_data = executeUserOpCall::SELECTOR.to_vec();
        call_data.extend((self.transfer(to),).abi_encode_params());
        let (max_fee_per_gas, max_priority_fee_per_gas) = client.fees().await?;
        let mut operation = UserOperation {
            sender,
            nonce: client.read(ENTRY_POINT, &nonce).await?,
            delegate: None,
            call_data: call_data.into(),
            call_gas_limit: GAS,
            verification_gas_limit: GAS,
            pre_verification_gas: GAS / 10,
            max_fee_per_gas,
            max_priority_fee_per_gas,
            sponsor: None,
            signature: Bytes::new(),
        };
        let hash = operation.hash(client.chain_id(), ENTRY_POINT);
        let signature: Bytes = agent.sign_hash_sync(&hash)?.as_bytes().into();
        operation.signature = (terms.clone(), signature).abi_encode_params().into();
        let call = handleOpsCall {
            ops: vec![operation.packed()],
            beneficiary: self.bundler.address(),
        };
        let call = Transaction::call(ENTRY_POINT, &call);
        let receipt = client.send(&self.bundler, call, "a session key's operation").await?;
        let mut logs = receipt.inner.logs().iter();
        let event = logs.find_map(|log| UserOperationEvent::decode_log(&log.inner).ok());
        match event {
            Some(event) if event.success => Ok(receipt.gas_used),
            _ => Err(client.node_error("a session key's operation", "it failed")),
        }
    }

    /// Gas of a stranger's transaction with a batch that a session key signed.
    async fn session_batch(
        &self,
        agent: &PrivateKeySigner,
        terms: &Session,
        sequence: usize,
        to: Address,
    ) -> Result<u64> {
        let (client, account) = (&self.world.client, self.world.owner.address());
        let carriage = Carriage {
            nonce: U256::from(nonce_key(terms)) << 64 | U256::from(sequence),
            deadline: U256::from(DEADLINE),
            executor: Address::ZERO,
            minGas: U256::ZERO,
        };
        let calls = self.transfer(to);
        let batch = SessionBatch {
            keyId: session::id(terms),
            calls: calls.clone(),
            nonce: carriage.nonce,
            deadline: carriage.deadline,
            executor: carriage.executor,
            minGas: carriage.minGas,
            generation: U256::ZERO,
        };
        let domain = eip712_domain! {
            name: "Hedgerow",
            version: "1",
            chain_id: client.chain_id(),
            verifying_contract: account,
            salt: self.world.shell.into_word(),
        };
        let hash = batch.eip712_signing_hash(&domain);
        let signature: Bytes = agent.sign_hash_sync(&hash)?.as_bytes().into();
        let mut data = executeSessionCall::SELECTOR.to_vec();
        data.extend((terms.clone(), calls, carriage, signature).abi_encode_params());
        let carried = Transaction {
            to: Some(account),
            data: data.into(),
            ..Transaction::default()
        };
        let receipt = client.send(&self.bundler, carried, "a session key's batch").await?;
        Ok(receipt.gas_used)
    }
}

/// The nonces of a session: those of its id's low 192 bits.
fn nonce_key(terms: &Session) -> U192 {
    U256::from_be_bytes(session::id(terms).0).wrapping_to()
}
