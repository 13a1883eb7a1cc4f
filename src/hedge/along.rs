//! A hedge that is taken along by an action on its position.

use crate::output::decimal_string;
use alloy::primitives::U256;
use serde::Serialize;

/// The hedge as it would be afterwards.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Along {
    /// Raw volatile token owed.
    #[serde(with = "decimal_string")]
    pub debt: U256,
    /// Raw collateral lent.
    #[serde(with = "decimal_string")]
    pub collateral: U256,
    /// The same in words.
    #[serde(skip)]
    pub text: String,
}
