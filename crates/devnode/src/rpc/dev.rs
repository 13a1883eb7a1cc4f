//! Moving time, blocks and balances: the methods of development nodes. `hardhat_` names mean the same as `anvil_` ones.

use alloy::primitives::{Address, B256, Bytes, U256};
use serde_json::{Value, json};

use super::{Answer, Service, answer::quantity, error::RpcError, params::Params};

/// Blocks that one request may mine.
const MINE_LIMIT: u64 = 100_000;

impl Service {
    pub(super) fn dev_method(&mut self, method: &str, params: &Params) -> Option<Answer> {
        let name = ["anvil_", "hardhat_", "evm_"]
            .iter()
            .find_map(|prefix| method.strip_prefix(prefix))?;
        Some(match (method, name) {
            (_, "snapshot") => quantity(self.chain.snapshot()),
            (_, "revert") => self.revert(params),
            ("evm_mine", _) => self.evm_mine(params),
            (_, "mine") => self.mine(params),
            (_, "increaseTime") => self.increase_time(params),
            (_, "setNextBlockTimestamp") => self.set_next_timestamp(params),
            (_, "setAutomine") => self.set_automine(params),
            (_, "getAutomine") => Ok(json!(self.chain.automine())),
            (_, "setBalance" | "setAccountBalance") => self.set_balance(params),
            (_, "setCode" | "setAccountCode") => self.set_code(params),
            (_, "setNonce" | "setAccountNonce") => self.set_nonce(params),
            (_, "setStorageAt" | "setAccountStorageAt") => self.set_storage(params),
            (_, "impersonateAccount") => self.impersonate(params, true),
            (_, "stopImpersonatingAccount") => self.impersonate(params, false),
            (_, "autoImpersonateAccount") => self.impersonate_all(params),
            (_, "nodeInfo") => Ok(self.node_info()),
            _ => return None,
        })
    }

    fn revert(&mut self, params: &Params) -> Answer {
        let id = params.number_u64(0, "snapshot id")?;
        Ok(json!(self.chain.revert(id)))
    }

    /// `evm_mine`: nothing, a timestamp, or `{timestamp, blocks}`.
    fn evm_mine(&mut self, params: &Params) -> Answer {
        let (blocks, timestamp) = match params.optional::<Value>(0, "options")? {
            Some(Value::Object(options)) => {
                let member =
                    |name: &str| Params::new(Some(json!([options.get(name)]))).and_then(|one| one.number(0, name));
                (member("blocks")?.unwrap_or(U256::ONE), member("timestamp")?)
            }
            _ => (U256::ONE, params.number(0, "timestamp")?),
        };
        let blocks = bounded(blocks)?;
        if let Some(timestamp) = timestamp {
            self.fix_next_timestamp(u64::try_from(timestamp).unwrap_or(u64::MAX))?;
        }
        for _ in 0..blocks {
            self.chain.mine(None);
        }
        Ok(json!("0x0"))
    }

    /// `anvil_mine(blocks = 1, interval = the clock's)`.
    fn mine(&mut self, params: &Params) -> Answer {
        let blocks = bounded(params.number(0, "blocks")?.unwrap_or(U256::ONE))?;
        let interval = params
            .number(1, "interval")?
            .map(|seconds| seconds.saturating_to::<u64>());
        for index in 0..blocks {
            let spaced = interval.filter(|_| index > 0);
            let timestamp = spaced.map(|seconds| self.chain.latest().header.timestamp.saturating_add(seconds));
            self.chain.mine(timestamp);
        }
        Ok(Value::Null)
    }

    fn increase_time(&mut self, params: &Params) -> Answer {
        let seconds = params.number_u64(0, "seconds")?;
        Ok(json!(self.chain.clock_mut().increase(seconds)))
    }

    fn set_next_timestamp(&mut self, params: &Params) -> Answer {
        let timestamp = params.number_u64(0, "timestamp")?;
        self.fix_next_timestamp(timestamp)?;
        Ok(Value::Null)
    }

    fn fix_next_timestamp(&mut self, timestamp: u64) -> Result<(), RpcError> {
        let latest = self.chain.latest().header.timestamp;
        if timestamp <= latest {
            return Err(RpcError::invalid_params(format!(
                "timestamp {timestamp} is not after the latest block's, {latest}"
            )));
        }
        self.chain.clock_mut().set_next(timestamp);
        Ok(())
    }

    fn set_automine(&mut self, params: &Params) -> Answer {
        let automine = params.required(0, "enabled")?;
        self.chain.set_automine(automine);
        Ok(Value::Null)
    }

    fn set_balance(&mut self, params: &Params) -> Answer {
        let (address, balance) = (
            params.required::<Address>(0, "address")?,
            params.number_u256(1, "balance")?,
        );
        self.chain.state_mut().set_balance(address, balance);
        Ok(Value::Null)
    }

    fn set_code(&mut self, params: &Params) -> Answer {
        let (address, code) = (
            params.required::<Address>(0, "address")?,
            params.required::<Bytes>(1, "code")?,
        );
        self.chain
            .state_mut()
            .set_code(address, code)
            .map_err(|error| RpcError::invalid_params(format!("invalid argument 1 (code): {error}")))?;
        Ok(Value::Null)
    }

    fn set_nonce(&mut self, params: &Params) -> Answer {
        let (address, nonce) = (
            params.required::<Address>(0, "address")?,
            params.number_u64(1, "nonce")?,
        );
        self.chain.state_mut().set_nonce(address, nonce);
        Ok(Value::Null)
    }

    fn set_storage(&mut self, params: &Params) -> Answer {
        let address = params.required::<Address>(0, "address")?;
        let (slot, value) = (params.number_u256(1, "slot")?, params.required::<B256>(2, "value")?);
        self.chain
            .state_mut()
            .set_storage(address, slot, U256::from_be_bytes(value.0));
        Ok(json!(true))
    }

    fn impersonate(&mut self, params: &Params, start: bool) -> Answer {
        let address = params.required(0, "address")?;
        if start {
            self.wallet.impersonate(address);
        } else {
            self.wallet.stop_impersonating(address);
        }
        Ok(Value::Null)
    }

    fn impersonate_all(&mut self, params: &Params) -> Answer {
        self.wallet.impersonate_all(params.required(0, "enabled")?);
        Ok(Value::Null)
    }

    fn node_info(&self) -> Value {
        let (latest, config) = (self.chain.latest(), self.chain.config());
        json!({
            "currentBlockNumber": format!("{:#x}", latest.header.number),
            "currentBlockTimestamp": latest.header.timestamp,
            "currentBlockHash": latest.hash,
            "hardFork": format!("arbos{}", config.arbos_version),
            "transactionOrder": "fifo",
            "environment": {
                "baseFee": format!("{:#x}", config.base_fee),
                "chainId": config.chain_id,
                "gasLimit": format!("{:#x}", latest.header.gas_limit),
                "gasPrice": format!("{:#x}", config.base_fee),
            },
            "forkConfig": { "forkUrl": null, "forkBlockNumber": null, "forkRetryBackoff": null },
        })
    }
}

fn bounded(blocks: U256) -> Result<u64, RpcError> {
    match u64::try_from(blocks) {
        Ok(blocks) if blocks <= MINE_LIMIT => Ok(blocks),
        _ => Err(RpcError::invalid_params(format!(
            "cannot mine {blocks} blocks at once; at most {MINE_LIMIT}"
        ))),
    }
}
