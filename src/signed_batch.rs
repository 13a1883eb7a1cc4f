//! A batch of calls that the account's own key signs as typed data (EIP-712) and anybody carries (ERC-7821 with opData): what
//! `--emit typed-data` writes and `hedgerow relay` sends.

use crate::{
    client::{Call as Request, Client},
    delegation,
    error::{Error, Result},
};
use alloy::{
    primitives::{Address, B256, Bytes, Signature, U256, aliases::U192, b256},
    rpc::types::state::StateOverridesBuilder,
    sol_types::{Eip712Domain, SolCall, SolStruct, SolValue},
};
use serde_json::{Value, json};

/// ERC-7821: a single batch that reverts as a whole, with opData.
const MODE: B256 = b256!("0100000000007821000100000000000000000000000000000000000000000000");

mod typed {
    #![allow(missing_docs)]
    alloy::sol! {
        #[derive(Debug, PartialEq, Eq)]
        struct Call {
            address to;
            uint256 value;
            bytes data;
        }

        #[derive(Debug, PartialEq, Eq)]
        struct SignedBatch {
            Call[] calls;
            uint256 nonce;
            uint256 deadline;
            address executor;
            uint256 minGas;
            uint256 generation;
        }

        interface ISignedBatches {
            function execute(bytes32 mode, bytes calldata executionData) external payable;
            function nonce(uint192 key) external view returns (uint256);
            function generation() external view returns (uint64);
        }
    }
}
use typed::ISignedBatches::{executeCall, generationCall, nonceCall};
pub use typed::{Call, SignedBatch};

/// A batch and what it is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The chain.
    pub chain_id: u64,
    /// The account whose key signs.
    pub account: Address,
    /// The shell that it has to run.
    pub shell: Address,
    /// What is signed.
    pub batch: SignedBatch,
}

/// What a batch is bound to besides its calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
    /// The sequence of nonces that it belongs to.
    pub nonce_key: U192,
    /// Last timestamp.
    pub deadline: U256,
    /// Who may carry it; zero for anyone.
    pub executor: Address,
    /// Least gas that must be left when the first call begins.
    pub min_gas: u64,
}

impl Order {
    /// A batch with the account's next nonce and present generation.
    pub async fn next(
        client: &Client,
        account: Address,
        shell: Address,
        calls: Vec<Call>,
        terms: Terms,
    ) -> Result<Self> {
        let nonce = ask(client, account, shell, &nonceCall { key: terms.nonce_key }).await?;
        let generation = ask(client, account, shell, &generationCall {}).await?;
        Ok(Self {
            chain_id: client.chain_id(),
            account,
            shell,
            batch: SignedBatch {
                calls,
                nonce,
                deadline: terms.deadline,
                executor: terms.executor,
                minGas: U256::from(terms.min_gas),
                generation: U256::from(generation),
            },
        })
    }

    /// The shell's domain: the salt binds the code that the account runs.
    pub fn domain(&self) -> Eip712Domain {
        domain(self.chain_id, self.account, self.shell)
    }

    /// What the account's key signs.
    pub fn hash(&self) -> B256 {
        self.batch.eip712_signing_hash(&self.domain())
    }

    /// Refuses a signature that is not the account's.
    pub fn check(&self, signature: &Bytes) -> Result<()> {
        let invalid = |remedy: String| Error::invalid("the signature", signature, remedy);
        let parsed = Signature::try_from(signature.as_ref())
            .map_err(|error| invalid(format!("give the 65 bytes that signing the file returned ({error})")))?;
        match parsed.recover_address_from_prehash(&self.hash()) {
            Ok(signer) if signer == self.account => Ok(()),
            Ok(signer) => Err(invalid(format!(
                "it is that of {signer}, or of another file; the account is {}",
                self.account
            ))),
            Err(error) => Err(invalid(format!("nobody signed this ({error})"))),
        }
    }

    /// The call of the account that anybody may make with the signature.
    pub fn execution(&self, signature: &Bytes) -> executeCall {
        let batch = &self.batch;
        let terms = (
            batch.nonce,
            batch.deadline,
            batch.executor,
            batch.minGas,
            signature.clone(),
        );
        let op_data: Bytes = terms.abi_encode_params().into();
        executeCall {
            mode: MODE,
            executionData: (batch.calls.clone(), op_data).abi_encode_params().into(),
        }
    }

    /// The document that `eth_signTypedData_v4` takes.
    pub fn to_json(&self) -> Value {
        let field = |name: &str, kind: &str| json!({ "name": name, "type": kind });
        let call = |call: &Call| json!({ "to": call.to, "value": call.value.to_string(), "data": call.data });
        let batch = &self.batch;
        json!({
            "types": {
                "EIP712Domain": [
                    field("name", "string"),
                    field("version", "string"),
                    field("chainId", "uint256"),
                    field("verifyingContract", "address"),
                    field("salt", "bytes32"),
                ],
                "Call": [field("to", "address"), field("value", "uint256"), field("data", "bytes")],
                "SignedBatch": [
                    field("calls", "Call[]"),
                    field("nonce", "uint256"),
                    field("deadline", "uint256"),
                    field("executor", "address"),
                    field("minGas", "uint256"),
                    field("generation", "uint256"),
                ],
            },
            "primaryType": "SignedBatch",
            "domain": {
                "name": "Hedgerow",
                "version": "1",
                "chainId": self.chain_id,
                "verifyingContract": self.account,
                "salt": self.shell.into_word(),
            },
            "message": {
                "calls": batch.calls.iter().map(call).collect::<Vec<Value>>(),
                "nonce": batch.nonce.to_string(),
                "deadline": batch.deadline.to_string(),
                "executor": batch.executor,
                "minGas": batch.minGas.to_string(),
                "generation": batch.generation.to_string(),
            },
        })
    }

    /// Reads such a document back. Anything that would be signed otherwise than it is read here is refused.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
        let (domain, message) = (&value["domain"], &value["message"]);
        let calls = message["calls"].as_array().ok_or("it has no message.calls")?;
        let calls = calls.iter().map(|call| {
            Ok(Call {
                to: parse(call, "to")?,
                value: number(call, "value")?,
                data: parse(call, "data")?,
            })
        });
        let salt: B256 = parse(domain, "salt")?;
        let order = Self {
            chain_id: number(domain, "chainId")?
                .try_into()
                .map_err(|_| "domain.chainId is too large")?,
            account: parse(domain, "verifyingContract")?,
            shell: Address::from_word(salt),
            batch: SignedBatch {
                calls: calls.collect::<Result<_, String>>()?,
                nonce: number(message, "nonce")?,
                deadline: number(message, "deadline")?,
                executor: parse(message, "executor")?,
                minGas: number(message, "minGas")?,
                generation: number(message, "generation")?,
            },
        };
        let rewritten = order.to_json();
        for part in ["types", "primaryType"] {
            if value[part] != rewritten[part] {
                return Err(format!(
                    "its {part} are not those of a batch signed for Hedgerow's account"
                ));
            }
        }
        if domain["name"] != "Hedgerow" || domain["version"] != "1" || order.shell.into_word() != salt {
            return Err("its domain is not that of Hedgerow's account".into());
        }
        Ok(order)
    }

    /// What the account's next nonce of the batch's key, and its generation, are now.
    pub async fn now(&self, client: &Client) -> Result<(U256, U256)> {
        let key = nonceCall {
            key: U192::from(self.batch.nonce >> 64),
        };
        let nonce = ask(client, self.account, self.shell, &key).await?;
        let generation = ask(client, self.account, self.shell, &generationCall {}).await?;
        Ok((nonce, U256::from(generation)))
    }
}

/// The domain of an account that runs a shell: the salt binds the code.
pub fn domain(chain_id: u64, account: Address, shell: Address) -> Eip712Domain {
    Eip712Domain::new(
        Some("Hedgerow".into()),
        Some("1".into()),
        Some(U256::from(chain_id)),
        Some(account),
        Some(shell.into_word()),
    )
}

/// Asks the account, as it is with the shell's code: storage may remember an earlier delegation.
async fn ask<C: SolCall>(client: &Client, account: Address, shell: Address, call: &C) -> Result<C::Return> {
    let overrides = StateOverridesBuilder::default().with_code(account, delegation::designator(shell));
    let request = Request {
        overrides: Some(overrides.build()),
        ..Request::new(Address::ZERO, account, call)
    };
    client.simulate(request, call).await
}

fn parse<T: std::str::FromStr>(value: &Value, name: &str) -> Result<T, String> {
    let text = value[name].as_str().unwrap_or_default();
    text.parse().map_err(|_| format!("{name} is missing or malformed"))
}

/// A whole number as JSON has it: a decimal or hexadecimal string, or a number.
fn number(value: &Value, name: &str) -> Result<U256, String> {
    let text = match &value[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    text.parse().map_err(|_| format!("{name} is missing or malformed"))
}
