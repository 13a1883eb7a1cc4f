//! A paymaster that pays for what one key signed for: OpenZeppelin's PaymasterSigner, its typed data and its paymasterData.

use crate::{
    bindings::IERC5267,
    client::Client,
    error::{Error, Result},
    user_operation::{STUB_SIGNATURE, Sponsor, UserOperation},
};
use alloy::{
    primitives::{Address, B256, Bytes, U256, aliases::U48},
    signers::{SignerSync, local::PrivateKeySigner},
    sol_types::{Eip712Domain, SolStruct},
};

/// Gas for the paymaster's validation: one signature check and two cold reads, with room.
const VERIFICATION_GAS: u128 = 80_000;
/// The latest time that can be signed for: the highest of the 48 bits marks block numbers instead of times (EntryPoint v0.9).
const LATEST: u64 = (1 << 47) - 1;

mod typed {
    #![allow(missing_docs)]
    alloy::sol! {
        struct UserOperationRequest {
            address sender;
            uint256 nonce;
            bytes initCode;
            bytes callData;
            bytes32 accountGasLimits;
            uint256 preVerificationGas;
            bytes32 gasFees;
            uint256 paymasterVerificationGasLimit;
            uint256 paymasterPostOpGasLimit;
            uint48 validAfter;
            uint48 validUntil;
        }
    }
}

/// A paymaster with the key it trusts.
#[derive(Clone, Debug)]
pub struct SigningPaymaster {
    address: Address,
    domain: Eip712Domain,
    signer: PrivateKeySigner,
}

impl SigningPaymaster {
    /// Learns the paymaster's EIP-712 domain from itself (ERC-5267).
    pub async fn connect(client: &Client, address: Address, signer: PrivateKeySigner) -> Result<Self> {
        let answer = match client.read(address, &IERC5267::eip712DomainCall {}).await {
            Ok(answer) => answer,
            Err(error @ Error::Unreachable { .. }) => return Err(error),
            Err(_) => {
                return Err(Error::NotDeployed {
                    what: "signing paymaster",
                    address,
                    chain_id: client.chain_id(),
                    remedy: "give the address of a paymaster that has an EIP-712 domain, or leave --paymaster out"
                        .into(),
                });
            }
        };
        let domain = Eip712Domain::new(
            Some(answer.name.into()),
            Some(answer.version.into()),
            Some(answer.chainId),
            Some(answer.verifyingContract),
            None,
        );
        Ok(Self {
            address,
            domain,
            signer,
        })
    }

    /// The paymaster's address.
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Its part of an operation with a signature of the right length and form that is worth nothing: to count gas with.
    pub fn placeholder(&self) -> Sponsor {
        Sponsor {
            paymaster: self.address,
            verification_gas_limit: VERIFICATION_GAS,
            post_op_gas_limit: 0,
            data: [&[0; 6], &LATEST.to_be_bytes()[2..], &STUB_SIGNATURE].concat().into(),
        }
    }

    /// Signs for an operation that is final but for the account's signature, valid until `valid_until` (a timestamp). Gas limits that the
    /// operation gives this paymaster already are kept.
    pub fn sponsor(&self, operation: &mut UserOperation, valid_until: u64) -> Result<()> {
        let given = operation.sponsor.take().filter(|given| given.paymaster == self.address);
        let mut sponsor = given.unwrap_or_else(|| self.placeholder());
        operation.sponsor = Some(sponsor.clone());
        let packed = operation.packed();
        let (after, until) = (U48::ZERO, U48::from(valid_until.min(LATEST)));
        let request = typed::UserOperationRequest {
            sender: packed.sender,
            nonce: packed.nonce,
            initCode: packed.initCode,
            callData: packed.callData,
            accountGasLimits: packed.accountGasLimits,
            preVerificationGas: packed.preVerificationGas,
            gasFees: packed.gasFees,
            paymasterVerificationGasLimit: U256::from(sponsor.verification_gas_limit),
            paymasterPostOpGasLimit: U256::from(sponsor.post_op_gas_limit),
            validAfter: after,
            validUntil: until,
        };
        let hash: B256 = request.eip712_signing_hash(&self.domain);
        let signature = self.signer.sign_hash_sync(&hash)?.as_bytes();
        sponsor.data = Bytes::from(
            [
                after.to_be_bytes::<6>().as_slice(),
                until.to_be_bytes::<6>().as_slice(),
                signature.as_slice(),
            ]
            .concat(),
        );
        operation.sponsor = Some(sponsor);
        Ok(())
    }
}
