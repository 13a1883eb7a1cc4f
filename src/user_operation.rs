//! ERC-4337 user operations for EntryPoint v0.8: packing, the hash that the account signs, the JSON that bundlers take.

use crate::{bindings::PackedUserOperation, error::Result};
use alloy::{
    eips::eip7702::SignedAuthorization,
    primitives::{Address, B256, Bytes, U256, address, bytes},
    signers::{SignerSync, local::PrivateKeySigner},
    sol_types::{Eip712Domain, SolStruct, eip712_domain},
};
use serde_json::{Value, json};

/// EntryPoint v0.8 at its canonical address.
pub const ENTRY_POINT: Address = address!("4337084D9E255Ff0702461CF8895CE9E3b5Ff108");

/// The init code that says "the sender is a delegated EOA"; the EntryPoint hashes the delegate's address in its place.
const INIT_CODE_7702: Bytes = bytes!("7702");

/// A signature of an EOA's length and form that is worth nothing: checking it costs what checking a true one does, because its `s`
/// is in the lower half and its `v` is one of the two. To estimate with.
pub const STUB_SIGNATURE: Bytes = bytes!(
    "fffffffffffffffffffffffffffffff0000000000000000000000000000000007aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1c"
);

/// A paymaster's part of a user operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sponsor {
    /// The paymaster.
    pub paymaster: Address,
    /// Gas for its validation.
    pub verification_gas_limit: u128,
    /// Gas for its `postOp`.
    pub post_op_gas_limit: u128,
    /// What it wants to see: for a signing paymaster, validity and signature.
    pub data: Bytes,
}

/// A user operation before it is packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserOperation {
    /// The account.
    pub sender: Address,
    /// The EntryPoint's nonce of the account: key and sequence.
    pub nonce: U256,
    /// The delegate of an EIP-7702 account, bound into the hash; none leaves `initCode` empty.
    pub delegate: Option<Address>,
    /// What the EntryPoint calls the account with.
    pub call_data: Bytes,
    /// Gas for that call.
    pub call_gas_limit: u128,
    /// Gas for the account's validation.
    pub verification_gas_limit: u128,
    /// Gas that no contract can measure: calldata, the bundle's share of the transaction.
    pub pre_verification_gas: u128,
    /// Most wei per gas.
    pub max_fee_per_gas: u128,
    /// Tip per gas.
    pub max_priority_fee_per_gas: u128,
    /// Who pays, if not the account.
    pub sponsor: Option<Sponsor>,
    /// The account's signature.
    pub signature: Bytes,
}

impl UserOperation {
    /// The form that `handleOps` takes.
    pub fn packed(&self) -> PackedUserOperation {
        PackedUserOperation {
            sender: self.sender,
            nonce: self.nonce,
            initCode: if self.delegate.is_some() {
                INIT_CODE_7702
            } else {
                Bytes::new()
            },
            callData: self.call_data.clone(),
            accountGasLimits: pair(self.verification_gas_limit, self.call_gas_limit),
            preVerificationGas: U256::from(self.pre_verification_gas),
            gasFees: pair(self.max_priority_fee_per_gas, self.max_fee_per_gas),
            paymasterAndData: self.sponsor.as_ref().map(Sponsor::packed).unwrap_or_default(),
            signature: self.signature.clone(),
        }
    }

    /// What the account signs: the EIP-712 hash of the packed operation, with the delegate's address where `initCode` was.
    pub fn hash(&self, chain_id: u64, entry_point: Address) -> B256 {
        let mut packed = self.packed();
        if let Some(delegate) = self.delegate {
            packed.initCode = Bytes::copy_from_slice(delegate.as_slice());
        }
        signed_fields(packed).eip712_signing_hash(&domain(chain_id, entry_point))
    }

    /// The document that `eth_signTypedData_v4` takes: signing it signs the operation's hash.
    pub fn typed_data(&self, chain_id: u64, entry_point: Address) -> Value {
        let mut packed = self.packed();
        if let Some(delegate) = self.delegate {
            packed.initCode = Bytes::copy_from_slice(delegate.as_slice());
        }
        let field = |(name, kind): (&str, &str)| json!({ "name": name, "type": kind });
        let domain = [
            ("name", "string"),
            ("version", "string"),
            ("chainId", "uint256"),
            ("verifyingContract", "address"),
        ];
        let kind = typed::PackedUserOperation::eip712_encode_type();
        let fields = crate::typed_data::fields(&kind)
            .1
            .map(|(kind, name)| field((name, kind)));
        json!({
            "types": {
                "EIP712Domain": domain.map(field),
                "PackedUserOperation": fields.collect::<Value>(),
            },
            "primaryType": "PackedUserOperation",
            "domain": {
                "name": "ERC4337",
                "version": "1",
                "chainId": chain_id,
                "verifyingContract": entry_point,
            },
            "message": {
                "sender": packed.sender,
                "nonce": packed.nonce.to_string(),
                "initCode": packed.initCode,
                "callData": packed.callData,
                "accountGasLimits": packed.accountGasLimits,
                "preVerificationGas": packed.preVerificationGas.to_string(),
                "gasFees": packed.gasFees,
                "paymasterAndData": packed.paymasterAndData,
            },
        })
    }

    /// Reads what `handleOps` takes back. The delegate that the hash binds is not in it: `initCode` only says that there is one.
    pub fn unpacked(packed: &PackedUserOperation, delegate: Option<Address>) -> Self {
        let (verification_gas_limit, call_gas_limit) = halves(packed.accountGasLimits);
        let (max_priority_fee_per_gas, max_fee_per_gas) = halves(packed.gasFees);
        Self {
            sender: packed.sender,
            nonce: packed.nonce,
            delegate: delegate.filter(|_| packed.initCode == INIT_CODE_7702),
            call_data: packed.callData.clone(),
            call_gas_limit,
            verification_gas_limit,
            pre_verification_gas: packed.preVerificationGas.saturating_to(),
            max_fee_per_gas,
            max_priority_fee_per_gas,
            sponsor: Sponsor::unpacked(&packed.paymasterAndData),
            signature: packed.signature.clone(),
        }
    }

    /// Signs with the EOA's own key.
    pub fn sign(&mut self, signer: &PrivateKeySigner, chain_id: u64, entry_point: Address) -> Result<B256> {
        let hash = self.hash(chain_id, entry_point);
        self.signature = Bytes::from(signer.sign_hash_sync(&hash)?.as_bytes().to_vec());
        Ok(hash)
    }

    /// The most gas it may use, for which it is charged at most `max_fee_per_gas` each.
    pub fn gas_limit(&self) -> u128 {
        let sponsor = self
            .sponsor
            .as_ref()
            .map_or(0, |s| s.verification_gas_limit + s.post_op_gas_limit);
        self.call_gas_limit + self.verification_gas_limit + self.pre_verification_gas + sponsor
    }

    /// The parameters of `eth_sendUserOperation` and `eth_estimateUserOperationGas` (ERC-7769).
    pub fn to_rpc(&self, authorization: Option<&SignedAuthorization>) -> Value {
        let mut value = json!({
            "sender": self.sender,
            "nonce": self.nonce,
            "callData": self.call_data,
            "callGasLimit": U256::from(self.call_gas_limit),
            "verificationGasLimit": U256::from(self.verification_gas_limit),
            "preVerificationGas": U256::from(self.pre_verification_gas),
            "maxFeePerGas": U256::from(self.max_fee_per_gas),
            "maxPriorityFeePerGas": U256::from(self.max_priority_fee_per_gas),
            "signature": self.signature,
        });
        if self.delegate.is_some() {
            value["factory"] = json!("0x7702");
            value["factoryData"] = json!("0x");
        }
        if let Some(sponsor) = &self.sponsor {
            value["paymaster"] = json!(sponsor.paymaster);
            value["paymasterVerificationGasLimit"] = json!(U256::from(sponsor.verification_gas_limit));
            value["paymasterPostOpGasLimit"] = json!(U256::from(sponsor.post_op_gas_limit));
            value["paymasterData"] = json!(sponsor.data);
        }
        if let Some(authorization) = authorization {
            value["eip7702Auth"] = json!(authorization);
        }
        value
    }
}

impl Sponsor {
    /// Reads `paymasterAndData`: an address, two gas limits, the paymaster's own.
    fn unpacked(data: &Bytes) -> Option<Self> {
        let (verification_gas_limit, post_op_gas_limit) = halves(B256::from_slice(data.get(20..52)?));
        Some(Self {
            paymaster: Address::from_slice(&data[..20]),
            verification_gas_limit,
            post_op_gas_limit,
            data: data.slice(52..),
        })
    }

    fn packed(&self) -> Bytes {
        let gas = pair(self.verification_gas_limit, self.post_op_gas_limit);
        [self.paymaster.as_slice(), gas.as_slice(), &self.data].concat().into()
    }
}

/// Two 128-bit numbers in one word, the first above.
pub(crate) fn pair(high: u128, low: u128) -> B256 {
    B256::from((U256::from(high) << 128) | U256::from(low))
}

/// The two 128-bit numbers in a word.
fn halves(word: B256) -> (u128, u128) {
    let word = U256::from_be_bytes(word.0);
    (U256::saturating_to(&(word >> 128)), U256::wrapping_to(&word))
}

/// EntryPoint v0.8's EIP-712 domain.
pub fn domain(chain_id: u64, entry_point: Address) -> Eip712Domain {
    eip712_domain! { name: "ERC4337", version: "1", chain_id: chain_id, verifying_contract: entry_point, }
}

mod typed {
    #![allow(missing_docs)]
    alloy::sol! {
        /// The fields of a packed user operation that are signed.
        struct PackedUserOperation {
            address sender;
            uint256 nonce;
            bytes initCode;
            bytes callData;
            bytes32 accountGasLimits;
            uint256 preVerificationGas;
            bytes32 gasFees;
            bytes paymasterAndData;
        }
    }
}

fn signed_fields(packed: PackedUserOperation) -> typed::PackedUserOperation {
    typed::PackedUserOperation {
        sender: packed.sender,
        nonce: packed.nonce,
        initCode: packed.initCode,
        callData: packed.callData,
        accountGasLimits: packed.accountGasLimits,
        preVerificationGas: packed.preVerificationGas,
        gasFees: packed.gasFees,
        paymasterAndData: packed.paymasterAndData,
    }
}
