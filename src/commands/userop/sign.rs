//! `hedgerow userop sign`: without a node, so that the key may be on a machine that has none.

use super::OutputArgs;
use crate::{
    delegation,
    error::{Error, Result},
    keys::KeyArgs,
    userop::OperationFile,
};
use alloy::{
    eips::eip7702::SignedAuthorization,
    primitives::{Bytes, Signature},
    signers::local::PrivateKeySigner,
};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `hedgerow userop sign`.
#[derive(Args, Debug)]
pub struct SignArgs {
    /// The operation; - reads it from stdin
    pub file: PathBuf,
    /// A signature that was made elsewhere: of the typed data or the hash
    #[arg(long, value_name = "0x…", conflicts_with = "authorization_only")]
    signature: Option<Bytes>,
    /// A signature of the authorisation's hash that was made elsewhere
    #[arg(long, value_name = "0x…")]
    authorization_signature: Option<Bytes>,
    /// Sign the authorisation alone, which a bundler estimates with
    #[arg(long)]
    authorization_only: bool,
    /// The signature is a session key's: its form is not checked
    #[arg(long, requires = "signature")]
    session: bool,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Signs, or takes what was signed; writes.
pub fn run(args: SignArgs) -> Result<()> {
    let mut file = OperationFile::load(&args.file)?;
    authorise(&args, &mut file)?;
    if !args.authorization_only {
        require_final(&file)?;
        match &args.signature {
            Some(signature) => {
                if !args.session {
                    check(&file, signature)?;
                }
                file.operation.signature = signature.clone();
            }
            None => {
                let signer = signer(&args, &file)?;
                file.operation.sign(&signer, file.chain_id, file.entry_point)?;
            }
        }
        file.signed = true;
    }
    args.output.deliver(&file)
}

/// A signature is of everything, so everything has to be there.
fn require_final(file: &OperationFile) -> Result<()> {
    if !file.has_gas() {
        return Err(Error::missing(
            "the gas limits",
            "the signature is over them: `hedgerow userop estimate` first",
        ));
    }
    if file.stub {
        return Err(Error::missing(
            "the paymaster's data",
            "the signature is over it: `hedgerow userop estimate` with the paymaster first",
        ));
    }
    Ok(())
}

fn authorise(args: &SignArgs, file: &mut OperationFile) -> Result<()> {
    let account = file.operation.sender;
    let Some(carried) = file.authorization.as_ref() else {
        return match (args.authorization_only, &args.authorization_signature) {
            (false, None) => Ok(()),
            _ => Err(Error::missing(
                "an authorisation",
                "the operation carries none, and needs none to be signed",
            )),
        };
    };
    if let Some(signature) = &args.authorization_signature {
        let parsed = parse("--authorization-signature", signature)?;
        let signed = carried.terms.clone().into_signed(parsed);
        require_signer(&signed, account, signature)?;
        file.authorization.as_mut().map(|carried| carried.signed.insert(signed));
        return Ok(());
    }
    if carried.signed.is_some() || args.signature.is_some() {
        // It is signed already, or will be where the rest was signed.
        return Ok(());
    }
    let signed = delegation::sign(&signer(args, file)?, carried.terms.clone())?;
    file.authorization.as_mut().map(|carried| carried.signed.insert(signed));
    Ok(())
}

fn require_signer(signed: &SignedAuthorization, account: alloy::primitives::Address, given: &Bytes) -> Result<()> {
    match signed.recover_authority() {
        Ok(signer) if signer == account => Ok(()),
        Ok(signer) => Err(Error::invalid(
            "--authorization-signature",
            given,
            format!("it is that of {signer}, or of another hash; the account is {account}"),
        )),
        Err(error) => Err(Error::invalid(
            "--authorization-signature",
            given,
            format!("nobody signed this ({error})"),
        )),
    }
}

/// The account's own key.
fn signer(args: &SignArgs, file: &OperationFile) -> Result<PrivateKeySigner> {
    let signer = args.key.signer_on(file.chain_id)?;
    if signer.address() == file.operation.sender {
        return Ok(signer);
    }
    let remedy = format!("the account is {}: give its own key", file.operation.sender);
    Err(Error::invalid("the key", format!("of {}", signer.address()), remedy))
}

fn parse(what: &'static str, signature: &Bytes) -> Result<Signature> {
    Signature::try_from(signature.as_ref()).map_err(|error| {
        Error::invalid(
            what,
            signature,
            format!("give the 65 bytes that signing returned ({error})"),
        )
    })
}

fn check(file: &OperationFile, signature: &Bytes) -> Result<()> {
    let invalid = |remedy: String| Err(Error::invalid("--signature", signature, remedy));
    let account = file.operation.sender;
    match parse("--signature", signature)?.recover_address_from_prehash(&file.hash()) {
        Ok(signer) if signer == account => Ok(()),
        Ok(signer) => invalid(format!(
            "it is that of {signer}, or of another operation; the account is {account} (--session takes a session key's)"
        )),
        Err(error) => invalid(format!("nobody signed this ({error})")),
    }
}
