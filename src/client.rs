//! One node, over HTTP or in process: typed calls, and transactions that are filled, signed, sent and seen through here.

use crate::{
    batching::Batching,
    bindings::INodeInterface::gasEstimateL1ComponentCall,
    error::{Error, Result},
    revert,
};
use alloy::{
    consensus::BlockHeader,
    eips::{BlockId, eip2718::Encodable2718, eip7702::SignedAuthorization},
    network::{EthereumWallet, NetworkTransactionBuilder, TransactionBuilder, TransactionBuilder7702},
    primitives::{Address, B256, Bytes, U256, address},
    providers::{DynProvider, Provider, RootProvider},
    rpc::{
        client::RpcClient,
        json_rpc::RpcError,
        types::{BlockOverrides, TransactionReceipt, TransactionRequest, state::StateOverride},
    },
    signers::local::PrivateKeySigner,
    sol_types::SolCall,
    transports::{TransportError, TransportErrorKind},
};
use hedgerow_devnode::Devnode;
use std::time::{Duration, Instant};

/// Chains on which everybody knows the development keys, so that nothing of worth can be lost by using them.
const DEVELOPMENT_CHAINS: [u64; 3] = [412_346, 31_337, 1_337];
/// Answers only over JSON-RPC, about what Arbitrum's node would charge.
const NODE_INTERFACE: Address = address!("00000000000000000000000000000000000000C8");
/// How long a transaction may take to be included.
const INCLUSION_TIMEOUT: Duration = Duration::from_secs(120);
/// The least that any transaction uses.
const PLAIN_TRANSFER_GAS: u64 = 21_000;
/// Room above an estimate, in percent: state may move between the estimate and the block.
const GAS_MARGIN_PERCENT: u64 = 20;

/// A node and the chain it serves.
#[derive(Clone, Debug)]
pub struct Client {
    provider: DynProvider,
    url: String,
    chain_id: u64,
}

/// A call to be made, and what to pretend while it is.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// Who calls; the zero address where it does not matter.
    pub from: Address,
    /// Who is called.
    pub to: Address,
    /// wei sent along.
    pub value: U256,
    /// Calldata.
    pub data: Bytes,
    /// State to assume different from the chain's.
    pub overrides: Option<StateOverride>,
    /// At which block; the latest by default.
    pub block: Option<BlockId>,
    /// The timestamp to assume instead of the block's.
    pub time: Option<u64>,
    /// wei per gas that the caller offers; without a price many nodes show the callee a base fee of zero.
    pub gas_price: Option<u128>,
}

/// A transaction to be sent.
#[derive(Clone, Debug, Default)]
pub struct Transaction {
    /// The callee; none creates a contract.
    pub to: Option<Address>,
    /// wei sent along.
    pub value: U256,
    /// Calldata or init code.
    pub data: Bytes,
    /// EIP-7702 authorisations; any makes it a type-4 transaction.
    pub authorizations: Vec<SignedAuthorization>,
}

/// Whether the well-known development keys may be used on a chain.
pub fn is_development_chain(chain_id: u64) -> bool {
    DEVELOPMENT_CHAINS.contains(&chain_id)
}

impl Transaction {
    /// A plain call of a contract's function.
    pub fn call<C: SolCall>(to: Address, call: &C) -> Self {
        Self {
            to: Some(to),
            data: call.abi_encode().into(),
            ..Self::default()
        }
    }

    /// The creation of a contract.
    pub fn create(init_code: Bytes) -> Self {
        Self {
            data: init_code,
            ..Self::default()
        }
    }

    /// The same with wei sent along.
    #[must_use]
    pub fn with_value(mut self, value: U256) -> Self {
        self.value = value;
        self
    }

    /// The same with an EIP-7702 authorisation.
    #[must_use]
    pub fn with_authorization(mut self, authorization: SignedAuthorization) -> Self {
        self.authorizations.push(authorization);
        self
    }
}

impl Client {
    /// Connects over HTTP and asks which chain it is; `expected` refuses any other.
    pub async fn connect(url: &str, expected: Option<u64>) -> Result<Self> {
        let parsed = url
            .parse()
            .map_err(|_| Error::invalid("the RPC URL", url, "give one like http://127.0.0.1:8545"))?;
        let client = Self::over(RpcClient::new_http(parsed), url.to_owned()).await?;
        match expected {
            Some(expected) if expected != client.chain_id => Err(Error::WrongChain {
                expected,
                actual: client.chain_id,
            }),
            _ => Ok(client),
        }
    }

    /// Connects to a devnode in this process.
    pub async fn in_process(devnode: &Devnode) -> Result<Self> {
        Self::over(RpcClient::new(devnode.transport(), true), "the embedded devnode".into()).await
    }

    async fn over(client: RpcClient, url: String) -> Result<Self> {
        let provider = RootProvider::new(client).erased();
        let chain_id = provider
            .get_chain_id()
            .await
            .map_err(|error| transport_error(&url, "eth_chainId", error))?;
        Ok(Self {
            provider,
            url,
            chain_id,
        })
    }

    /// The same node, where what is asked at the same time goes in one JSON-RPC batch.
    #[must_use]
    pub fn batching(&self) -> Self {
        let inner = self.provider.client().transport().clone();
        let client = RpcClient::new(Batching::new(inner), false);
        Self {
            provider: RootProvider::new(client).erased(),
            ..self.clone()
        }
    }

    /// The chain's id.
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Where the node is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The provider underneath, for what has no method here.
    pub const fn provider(&self) -> &DynProvider {
        &self.provider
    }

    /// Turns a provider's error into ours.
    pub fn error(&self, action: &str, error: TransportError) -> Error {
        transport_error(&self.url, action, error)
    }

    /// Whether the well-known development keys may be used here.
    pub fn is_development_chain(&self) -> bool {
        is_development_chain(self.chain_id)
    }

    /// Calls a view function at the latest block.
    pub async fn read<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return> {
        self.read_at(BlockId::latest(), to, call).await
    }

    /// Calls a view function at a block.
    pub async fn read_at<C: SolCall>(&self, block: BlockId, to: Address, call: &C) -> Result<C::Return> {
        self.simulate(
            Call {
                to,
                data: call.abi_encode().into(),
                block: Some(block),
                ..Call::default()
            },
            call,
        )
        .await
    }

    /// Runs a call without sending it, and decodes what it returns.
    pub async fn simulate<C: SolCall>(&self, request: Call, call: &C) -> Result<C::Return> {
        self.simulate_as(C::SIGNATURE, request, call).await
    }

    /// The same, with a name for what is tried that means something to the user.
    pub async fn simulate_as<C: SolCall>(&self, action: &str, request: Call, _: &C) -> Result<C::Return> {
        let to = request.to;
        let output = self.call(request, action).await?;
        C::abi_decode_returns(&output).map_err(|error| Error::NotDeployed {
            what: C::SIGNATURE,
            address: to,
            chain_id: self.chain_id,
            remedy: format!(
                "what is there answered {} bytes that do not decode ({error}); check the address and --rpc-url",
                output.len()
            ),
        })
    }

    /// Runs a call without sending it.
    pub async fn call(&self, request: Call, action: &str) -> Result<Bytes> {
        let time = request.time.map(|time| BlockOverrides::default().with_time(time));
        let (transaction, overrides, block) = request.into_parts();
        let mut call = self
            .provider
            .call(transaction)
            .block(block)
            .with_block_overrides_opt(time);
        if let Some(overrides) = overrides {
            call = call.overrides(overrides);
        }
        call.await.map_err(|error| self.error(action, error))
    }

    /// The gas a call takes, its intrinsic gas included.
    pub async fn estimate(&self, request: Call, action: &str) -> Result<u64> {
        let (transaction, overrides, block) = request.into_parts();
        let mut call = self.provider.estimate_gas(transaction).block(block);
        if let Some(overrides) = overrides {
            call = call.overrides(overrides);
        }
        call.await.map_err(|error| self.error(action, error))
    }

    /// The latest block's id, number and timestamp, to read several things of one moment.
    pub async fn latest(&self) -> Result<(BlockId, u64)> {
        let action = "eth_getBlockByNumber";
        let block = self
            .provider
            .get_block(BlockId::latest())
            .await
            .map_err(|error| self.error(action, error))?;
        let block = block.ok_or_else(|| self.node_error(action, "it has no latest block"))?;
        Ok((BlockId::number(block.header.number()), block.header.timestamp()))
    }

    /// The code at an address.
    pub async fn code(&self, address: Address) -> Result<Bytes> {
        self.provider
            .get_code_at(address)
            .await
            .map_err(|error| self.error("eth_getCode", error))
    }

    /// The wei at an address.
    pub async fn balance(&self, address: Address) -> Result<U256> {
        self.provider
            .get_balance(address)
            .await
            .map_err(|error| self.error("eth_getBalance", error))
    }

    /// How many transactions and authorisations an address has signed.
    pub async fn nonce(&self, address: Address) -> Result<u64> {
        let nonce = self.provider.get_transaction_count(address).pending();
        nonce
            .await
            .map_err(|error| self.error("eth_getTransactionCount", error))
    }

    /// Gas that an Arbitrum chain adds for posting such calldata to its parent chain; none where no NodeInterface answers.
    pub async fn posting_gas(&self, to: Address, data: &Bytes) -> Result<u128> {
        let call = gasEstimateL1ComponentCall {
            to,
            contractCreation: false,
            data: data.clone(),
        };
        match self.read(NODE_INTERFACE, &call).await {
            Ok(answer) => Ok(u128::from(answer.gasEstimateForL1)),
            Err(error @ Error::Unreachable { .. }) => Err(error),
            Err(_) => Ok(0),
        }
    }

    /// The fee per gas to offer: (most in all, tip), in wei.
    pub async fn fees(&self) -> Result<(u128, u128)> {
        let fees = self
            .provider
            .estimate_eip1559_fees()
            .await
            .map_err(|error| self.error("eth_feeHistory", error))?;
        Ok((fees.max_fee_per_gas, fees.max_priority_fee_per_gas))
    }

    /// Fills, signs and sends a transaction and waits for its receipt. It is estimated first, so what would revert is refused
    /// before anything is sent; a revert in the block is an error too.
    pub async fn send(
        &self,
        signer: &PrivateKeySigner,
        transaction: Transaction,
        action: &str,
    ) -> Result<TransactionReceipt> {
        let request = self.fill(signer.address(), transaction, action).await?;
        let wallet = EthereumWallet::from(signer.clone());
        let envelope = request
            .clone()
            .build(&wallet)
            .await
            .map_err(|error| Error::Signer(alloy::signers::Error::other(error.to_string())))?;
        let raw = envelope.encoded_2718();
        let sent = self
            .provider
            .send_raw_transaction(&raw)
            .await
            .map_err(|error| self.error(action, error))?;
        let receipt = self.receipt(*sent.tx_hash()).await?;
        if receipt.status() {
            return Ok(receipt);
        }
        Err(self.reason(request, &receipt, action).await)
    }

    /// Fills a transaction in as it would be sent: nonce, fees, and gas by an estimate, so that what would revert, or could not be
    /// paid, is refused here.
    pub async fn fill(&self, from: Address, transaction: Transaction, action: &str) -> Result<TransactionRequest> {
        let (max_fee, tip) = self.fees().await?;
        let (balance, transaction_value) = (self.balance(from).await?, transaction.value);
        let funded = |gas: u64| {
            let needed = transaction_value + U256::from(gas) * U256::from(max_fee);
            let short = || Error::InsufficientFunds {
                account: from,
                balance,
                needed,
                what: action.into(),
            };
            if balance < needed { Err(short()) } else { Ok(()) }
        };
        // A node asked to estimate for an empty account only says that its gas is not enough.
        funded(PLAIN_TRANSFER_GAS)?;
        let mut request = TransactionRequest::default()
            .with_from(from)
            .with_value(transaction.value)
            .with_input(transaction.data)
            .with_nonce(self.nonce(from).await?)
            .with_chain_id(self.chain_id)
            .with_max_fee_per_gas(max_fee)
            .with_max_priority_fee_per_gas(tip);
        match transaction.to {
            Some(to) => request.set_to(to),
            None => request.set_create(),
        }
        if !transaction.authorizations.is_empty() {
            request.set_authorization_list(transaction.authorizations);
        }
        let estimate = self
            .provider
            .estimate_gas(request.clone())
            .await
            .map_err(|error| self.error(action, error))?;
        let gas = estimate + estimate * GAS_MARGIN_PERCENT / 100;
        request.set_gas_limit(gas);
        let needed = transaction.value + U256::from(gas) * U256::from(max_fee);
        let balance = self.balance(from).await?;
        if balance < needed {
            return Err(Error::InsufficientFunds {
                account: from,
                balance,
                needed,
                what: action.into(),
            });
        }
        Ok(request)
    }

    /// Waits for a transaction's receipt.
    pub async fn receipt(&self, hash: B256) -> Result<TransactionReceipt> {
        let start = Instant::now();
        let mut pause = Duration::from_millis(2);
        loop {
            let found = self.provider.get_transaction_receipt(hash).await;
            if let Some(receipt) = found.map_err(|error| self.error("eth_getTransactionReceipt", error))? {
                return Ok(receipt);
            }
            if start.elapsed() > INCLUSION_TIMEOUT {
                return Err(Error::NotIncluded {
                    hash,
                    seconds: INCLUSION_TIMEOUT.as_secs(),
                });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    /// Replays a transaction that reverted on the state before its block, to learn why.
    async fn reason(&self, request: TransactionRequest, receipt: &TransactionReceipt, action: &str) -> Error {
        let before = receipt
            .block_number
            .map_or(BlockId::latest(), |number| BlockId::number(number.saturating_sub(1)));
        let (reason, data) = match self.provider.call(request).block(before).await {
            Err(RpcError::ErrorResp(payload)) => {
                let data = payload.as_revert_data().unwrap_or_default();
                (revert::explain(&data), data)
            }
            _ => (
                format!("it used {} gas and gives no reason when replayed", receipt.gas_used),
                Bytes::new(),
            ),
        };
        Error::Reverted {
            action: action.into(),
            reason,
            transaction: Some(receipt.transaction_hash),
            data,
        }
    }

    /// An [`Error::Node`].
    pub fn node_error(&self, action: &str, reason: &str) -> Error {
        Error::Node {
            url: self.url.clone(),
            action: action.into(),
            reason: reason.into(),
        }
    }
}

impl Call {
    /// A call of a contract's function.
    pub fn new<C: SolCall>(from: Address, to: Address, call: &C) -> Self {
        Self {
            from,
            to,
            data: call.abi_encode().into(),
            ..Self::default()
        }
    }

    fn into_parts(self) -> (TransactionRequest, Option<StateOverride>, BlockId) {
        let request = TransactionRequest::default()
            .with_from(self.from)
            .with_to(self.to)
            .with_value(self.value)
            .with_input(self.data);
        let request = match self.gas_price {
            Some(price) => request.with_gas_price(price),
            None => request,
        };
        (request, self.overrides, self.block.unwrap_or_default())
    }
}

/// A transport's error as ours; what reverted is explained.
pub(crate) fn transport_error(url: &str, action: &str, error: TransportError) -> Error {
    match error {
        RpcError::ErrorResp(payload) => match payload.as_revert_data() {
            Some(data) => Error::Reverted {
                action: action.into(),
                reason: revert::explain(&data),
                transaction: None,
                data,
            },
            None if payload.message.contains("revert") => Error::Reverted {
                action: action.into(),
                reason: payload.message.into_owned(),
                transaction: None,
                data: Bytes::new(),
            },
            None => Error::Node {
                url: url.into(),
                action: action.into(),
                reason: payload.message.into_owned(),
            },
        },
        RpcError::Transport(TransportErrorKind::HttpError(http)) => Error::Unreachable {
            url: url.into(),
            reason: http.to_string(),
        },
        RpcError::Transport(kind) => Error::Unreachable {
            url: url.into(),
            reason: innermost(&kind),
        },
        other => Error::Node {
            url: url.into(),
            action: action.into(),
            reason: other.to_string(),
        },
    }
}

/// The last cause of an error is the one that says something ("Connection refused").
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
