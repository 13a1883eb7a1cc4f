//! A token as people speak of it.

use crate::{
    bindings::IERC20,
    client::Client,
    decimal::{format_short, format_signed, format_units},
    error::{Error, Result},
};
use alloy::primitives::{Address, I256, U256};
use serde::Serialize;

/// Digits behind the point of a wad.
const WAD_PLACES: u32 = 18;

/// A token as people speak of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Token {
    /// Its contract.
    pub address: Address,
    /// Its symbol; its address where the contract has none.
    pub symbol: String,
    /// Digits behind the point.
    pub decimals: u8,
}

impl Token {
    /// Asks the token; one without `symbol` or `decimals` gets its address and 0.
    pub async fn read(client: &Client, address: Address) -> Result<Self> {
        let symbol = match client.read(address, &IERC20::symbolCall {}).await {
            Err(error @ Error::Unreachable { .. }) => return Err(error),
            other => other.ok().and_then(|symbol| presentable(&symbol)),
        };
        let symbol = symbol.unwrap_or_else(|| address.to_string());
        let decimals = client.read(address, &IERC20::decimalsCall {}).await.unwrap_or(0);
        Ok(Self {
            address,
            symbol,
            decimals,
        })
    }

    /// A raw amount in whole units, to the last digit.
    pub fn exact(&self, raw: U256) -> String {
        format!("{} {}", format_units(raw, u32::from(self.decimals)), self.symbol)
    }

    /// A raw amount in whole units, cut after `shown` places.
    pub fn short(&self, raw: U256, shown: usize) -> String {
        format!("{} {}", format_short(raw, u32::from(self.decimals), shown), self.symbol)
    }

    /// A wad of raw units in whole units, cut after `shown` places.
    pub fn short_wad(&self, wad: U256, shown: usize) -> String {
        format!(
            "{} {}",
            format_short(wad, WAD_PLACES + u32::from(self.decimals), shown),
            self.symbol
        )
    }

    /// The same for a signed wad, to the last digit.
    pub fn exact_wad(&self, wad: I256) -> String {
        format!(
            "{} {}",
            format_signed(wad, WAD_PLACES + u32::from(self.decimals)),
            self.symbol
        )
    }
}

/// The longest symbol that is shown.
const MAX_SYMBOL: usize = 24;

/// A symbol without what could take over a terminal or pass for another; none when nothing is left. Anybody can give a wallet a
/// position in a token of their own making.
fn presentable(symbol: &str) -> Option<String> {
    let shown: String = symbol
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' '..='~' | '₮' | '€'))
        .take(MAX_SYMBOL)
        .collect();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_symbol_cannot_take_over_the_terminal() {
        assert_eq!(presentable("WETH").as_deref(), Some("WETH"));
        assert_eq!(presentable("USD₮0").as_deref(), Some("USD₮0"));
        assert_eq!(presentable("\u{1b}[2JWETH\r\n\u{202e}").as_deref(), Some("[2JWETH"));
        assert_eq!(presentable("\0\0 \u{200b}"), None);
        assert_eq!(
            presentable(&"A".repeat(10_000)).map(|symbol| symbol.len()),
            Some(MAX_SYMBOL)
        );
    }
}
