//! An operation in whatever form it comes: this command's file, what a bundler takes, what `handleOps` takes packed, the calldata of
//! `handleOps`, or only the calldata of one operation.

use super::{
    calls,
    draft::Draft,
    file::OperationFile,
    reader::{Fault, Field},
    words::{self, Told},
};
use crate::{
    bindings::{IEntryPoint::handleOpsCall, PackedUserOperation},
    user_operation::{Sponsor, UserOperation},
};
use alloy::{
    primitives::{Address, B256, Bytes},
    sol_types::SolCall,
};
use serde_json::Value;

/// What was read.
#[derive(Clone, Debug)]
pub enum Form {
    /// This command's file: chain and EntryPoint are known.
    File(Box<OperationFile>),
    /// Operations whose chain is not said.
    Operations(Vec<UserOperation>),
    /// The calldata of one operation, of an account that is not said.
    CallData(Bytes),
}

impl Form {
    /// Reads a text: JSON, or bytes in hexadecimal digits.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.starts_with("0x") {
            let data: Bytes = text
                .parse()
                .map_err(|_| "these are no bytes: give 0x and an even number of hexadecimal digits".to_owned())?;
            return Ok(Self::of_bytes(data));
        }
        let document: Value = serde_json::from_str(text)
            .map_err(|error| format!("it is neither JSON nor bytes that begin with 0x ({error})"))?;
        Self::of_json(&document)
    }

    fn of_bytes(data: Bytes) -> Self {
        match handleOpsCall::abi_decode(&data) {
            Ok(bundle) => Self::Operations(bundle.ops.iter().map(|op| UserOperation::unpacked(op, None)).collect()),
            Err(_) => Self::CallData(data),
        }
    }

    fn of_json(document: &Value) -> Result<Self, Fault> {
        let root = Field::root(document);
        if root.member("version").is_some() || root.member("operation").is_some() {
            let draft = Draft::read(document)?;
            return OperationFile::complete(draft)
                .map(|file| Self::File(Box::new(file)))
                .map_err(|error| error.to_string());
        }
        // A request to a bundler has the operation as its first parameter.
        let operation = match root.member("params") {
            Some(params) => params.elements()?.into_iter().next(),
            None => Some(root.clone()),
        };
        let operation = operation.ok_or_else(|| root.fault("its params are empty"))?;
        let read = match operation.member("accountGasLimits") {
            Some(_) => packed(&operation)?,
            None => of_bundler(&operation)?,
        };
        Ok(Self::Operations(vec![read]))
    }

    /// Every operation's account and calls; `sender` is the account of mere calldata.
    pub fn calls(&self, sender: Option<Address>) -> Vec<(Address, Vec<Told>)> {
        let told = |sender: Address, data: &Bytes| (sender, words::tell_all(sender, &calls::open(sender, data)));
        match self {
            Self::File(file) => vec![told(file.operation.sender, &file.operation.call_data)],
            Self::Operations(all) => all.iter().map(|one| told(one.sender, &one.call_data)).collect(),
            Self::CallData(data) => vec![told(sender.unwrap_or_default(), data)],
        }
    }

    /// The operations, with what their hash binds where that is known.
    pub fn operations(&self) -> Vec<(&UserOperation, Option<B256>)> {
        match self {
            Self::File(file) => vec![(&file.operation, Some(file.hash()))],
            Self::Operations(all) => all.iter().map(|one| (one, None)).collect(),
            Self::CallData(_) => Vec::new(),
        }
    }
}

/// As bundlers take it (ERC-7769).
fn of_bundler(field: &Field<'_>) -> Result<UserOperation, Fault> {
    let number = |name: &str| field.member(name).map_or(Ok(0), |value| value.number::<u128>());
    let bytes = |name: &str| field.member(name).map_or(Ok(Bytes::new()), |value| value.bytes());
    let delegate = match field.member("eip7702Auth") {
        Some(authorization) => {
            let name = ["address", "contractAddress"]
                .into_iter()
                .find_map(|name| authorization.member(name));
            name.map(|address| address.address()).transpose()?
        }
        None => None,
    };
    let sponsor = match field.member("paymaster") {
        None => None,
        Some(paymaster) => Some(Sponsor {
            paymaster: paymaster.address()?,
            verification_gas_limit: number("paymasterVerificationGasLimit")?,
            post_op_gas_limit: number("paymasterPostOpGasLimit")?,
            data: bytes("paymasterData")?,
        }),
    };
    Ok(UserOperation {
        sender: field.required("sender")?.address()?,
        nonce: field.required("nonce")?.number()?,
        delegate,
        call_data: field.required("callData")?.bytes()?,
        call_gas_limit: number("callGasLimit")?,
        verification_gas_limit: number("verificationGasLimit")?,
        pre_verification_gas: number("preVerificationGas")?,
        max_fee_per_gas: number("maxFeePerGas")?,
        max_priority_fee_per_gas: number("maxPriorityFeePerGas")?,
        sponsor,
        signature: bytes("signature")?,
    })
}

/// As `handleOps` takes it.
fn packed(field: &Field<'_>) -> Result<UserOperation, Fault> {
    let bytes = |name: &str| field.required(name)?.bytes();
    let packed = PackedUserOperation {
        sender: field.required("sender")?.address()?,
        nonce: field.required("nonce")?.number()?,
        initCode: bytes("initCode")?,
        callData: bytes("callData")?,
        accountGasLimits: field.required("accountGasLimits")?.hash()?,
        preVerificationGas: field.required("preVerificationGas")?.number()?,
        gasFees: field.required("gasFees")?.hash()?,
        paymasterAndData: bytes("paymasterAndData")?,
        signature: bytes("signature")?,
    };
    Ok(UserOperation::unpacked(&packed, None))
}
