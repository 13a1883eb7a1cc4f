//! EIP-7702: which code an EOA runs, and the signature that changes it.

use crate::{
    bindings::IShell,
    client::Client,
    error::{Error, Result},
    program,
};
use alloy::{
    eips::eip7702::{Authorization, SignedAuthorization},
    primitives::{Address, U256, keccak256},
    signers::{SignerSync, local::PrivateKeySigner},
};

/// What an EOA's code starts with when it is delegated; the delegate's address follows.
const DESIGNATOR: [u8; 3] = [0xef, 0x01, 0x00];

/// The code of an EOA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delegation {
    /// It has none.
    None,
    /// It runs this contract's.
    To(Address),
}

impl Delegation {
    /// Reads an account's delegation; a contract has none and is refused.
    pub async fn of(client: &Client, account: Address) -> Result<Self> {
        let code = client.code(account).await?;
        Self::in_code(&code)
            .ok_or_else(|| Error::invalid("the account", account, "it is a contract; only an EOA can delegate"))
    }

    /// What an account's code says; nothing for a contract's.
    pub fn in_code(code: &[u8]) -> Option<Self> {
        match code {
            [] => Some(Self::None),
            [a, b, c, delegate @ ..] if [*a, *b, *c] == DESIGNATOR && delegate.len() == 20 => {
                Some(Self::To(Address::from_slice(delegate)))
            }
            _ => None,
        }
    }

    /// The delegate, if there is one.
    pub const fn target(self) -> Option<Address> {
        match self {
            Self::None => None,
            Self::To(delegate) => Some(delegate),
        }
    }

    /// For a sentence: "not delegated", "delegated to 0x…".
    pub fn in_words(self) -> String {
        self.target()
            .map_or_else(|| "not delegated".into(), |delegate| format!("delegated to {delegate}"))
    }

    /// Refuses an EOA that is delegated to anything but `wanted`. True when it is delegated there already.
    pub fn require(self, account: Address, wanted: Address) -> Result<bool> {
        match self {
            Self::None => Ok(false),
            Self::To(current) if current == wanted => Ok(true),
            Self::To(current) => Err(Error::DelegatedElsewhere {
                account,
                current,
                wanted,
            }),
        }
    }
}

/// The 23 bytes of code that a delegation leaves in the EOA.
pub fn designator(delegate: Address) -> Vec<u8> {
    [DESIGNATOR.as_slice(), delegate.as_slice()].concat()
}

/// Signs an authorisation for this chain only. `nonce` is the EOA's own at the moment the authorisation is processed: its next
/// when somebody else sends the transaction, one more when the EOA itself does.
pub fn authorise(
    signer: &PrivateKeySigner,
    chain_id: u64,
    delegate: Address,
    nonce: u64,
) -> Result<SignedAuthorization> {
    sign(signer, authorization(chain_id, delegate, nonce))
}

/// The authorisation before it is signed.
pub fn authorization(chain_id: u64, delegate: Address, nonce: u64) -> Authorization {
    Authorization {
        chain_id: U256::from(chain_id),
        address: delegate,
        nonce,
    }
}

/// Signs an authorisation; one for chain 0, which every chain would accept, is refused.
pub fn sign(signer: &PrivateKeySigner, authorization: Authorization) -> Result<SignedAuthorization> {
    if authorization.chain_id.is_zero() {
        return Err(Error::invalid(
            "the chain's id",
            authorization.chain_id,
            "an authorisation for it would hold on every chain; use a node that tells its own",
        ));
    }
    let signature = signer.sign_hash_sync(&authorization.signature_hash())?;
    Ok(authorization.into_signed(signature))
}

/// Refuses a delegate that is not our shell, or whose manager could not run: there is code, it names a manager, and that is a
/// program the chain has activated.
pub async fn require_working_shell(client: &Client, shell: Address) -> Result<Address> {
    let not_deployed = |what, address, remedy: &str| Error::NotDeployed {
        what,
        address,
        chain_id: client.chain_id(),
        remedy: remedy.into(),
    };
    let remedy = "deploy one with `hedgerow deploy`, or correct the address";
    if client.code(shell).await?.is_empty() {
        return Err(not_deployed("account shell", shell, remedy));
    }
    let manager = match client.read(shell, &IShell::managerCall {}).await {
        Ok(manager) => manager,
        Err(error @ Error::Unreachable { .. }) => return Err(error),
        Err(_) => return Err(not_deployed("account shell", shell, remedy)),
    };
    let code = client.code(manager).await?;
    if code.is_empty() || !program::is_active(client, keccak256(&code)).await? {
        return Err(not_deployed(
            "activated manager",
            manager,
            "activate it with `hedgerow deploy manager`",
        ));
    }
    Ok(manager)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_authorisation_recovers_to_its_signer_and_binds_the_chain() {
        let signer = crate::keys::development(3).unwrap();
        let signed = authorise(&signer, 412_346, Address::repeat_byte(7), 5).unwrap();
        assert_eq!(signed.recover_authority().unwrap(), signer.address());
        assert_eq!((signed.chain_id, signed.nonce), (U256::from(412_346), 5));
    }

    #[test]
    fn an_authorisation_for_every_chain_is_never_made() {
        let signer = crate::keys::development(3).unwrap();
        let error = authorise(&signer, 0, Address::repeat_byte(7), 5).unwrap_err();
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn a_foreign_delegate_is_refused() {
        let (account, ours, theirs) = (
            Address::repeat_byte(1),
            Address::repeat_byte(2),
            Address::repeat_byte(3),
        );
        assert!(!Delegation::None.require(account, ours).unwrap());
        assert!(Delegation::To(ours).require(account, ours).unwrap());
        let error = Delegation::To(theirs).require(account, ours).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("--replace"));
    }
}
