//! A keeper: observe, decide, simulate, submit, confirm, for the positions of some accounts.
//!
//! It remembers nothing that the chain does not know. What policies there are it finds in the accounts' own events, what they say it
//! decides by the core from the chain's state of the moment, and before it sends anything it asks the chain whether that would go
//! through. After what it sent it looks again, so that nothing is acted upon twice.

pub mod act;
pub mod decide;
pub mod report;
pub mod round;
pub mod watch;

use crate::{
    decimal::Decimal,
    error::{Error, Result},
};
use alloy::{
    primitives::{Address, U256},
    signers::local::PrivateKeySigner,
};

/// What a keeper is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who it is.
    pub signer: PrivateKeySigner,
    /// The shell that the accounts run.
    pub shell: Address,
    /// The position manager, for pools and NFTs.
    pub manager: Address,
    /// Block from which events are looked for.
    pub from_block: u64,
    /// The most wei per gas that it pays.
    pub max_gas_price: Option<u128>,
    /// The least that an action must bring above what its gas costs, in wei.
    pub min_profit: Option<U256>,
    /// Whether it only tells what it would do.
    pub dry_run: bool,
}

/// Reads a list of accounts: addresses, or files with one on each line, of which what follows a # is a comment.
pub fn accounts(given: &[String]) -> Result<Vec<Address>> {
    let mut found = Vec::new();
    for written in given {
        if let Ok(account) = written.parse() {
            found.push(account);
            continue;
        }
        if written.starts_with("0x") {
            return Err(Error::invalid(
                "--accounts",
                written,
                "give addresses, or a file of them",
            ));
        }
        let text = std::fs::read_to_string(written).map_err(|error| Error::bad_file(written, error))?;
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let account = line.parse().map_err(|_| {
                let reason = format!("line {}: {line:?} is not an address", number + 1);
                Error::bad_file(written, reason)
            });
            found.push(account?);
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Err(Error::missing(
            "whose positions to keep",
            "give --accounts ADDRESS,… or a file of them",
        ));
    }
    Ok(found)
}

/// Wei per gas of a price in gwei.
pub fn gas_price(gwei: &Decimal) -> Result<u128> {
    let wei = gwei.scaled("--max-gas-price", 9)?;
    u128::try_from(wei).map_err(|_| Error::invalid("--max-gas-price", gwei, "give less"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;

    #[test]
    fn accounts_come_from_the_command_line_and_from_files_each_once() {
        let (one, two) = (Address::repeat_byte(1), Address::repeat_byte(2));
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "# mine\n{one} # the first\n\n{two}\n").unwrap();
        let path = file.path().to_str().unwrap().to_owned();
        assert_eq!(accounts(&[two.to_string(), path.clone()]).unwrap(), vec![one, two]);
        writeln!(file, "nobody").unwrap();
        let error = accounts(&[path]).unwrap_err();
        assert!(error.to_string().contains("line 5: \"nobody\""), "{error}");
        assert_eq!(error.exit_code(), 2);
        for bad in [vec![], vec!["0x12".to_owned()], vec!["nowhere".to_owned()]] {
            assert_eq!(accounts(&bad).unwrap_err().exit_code(), 2, "{bad:?}");
        }
    }
}
