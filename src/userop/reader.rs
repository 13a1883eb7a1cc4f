//! JSON that people and programs write, read member by member. What is wrong with it is told with its path, such as
//! `calls[2].args`, and with what would do.

use alloy::primitives::{Address, B256, Bytes, U256};
use serde_json::Value;
use std::str::FromStr;

/// What is wrong, where, and what would do.
pub type Fault = String;

/// How alike a known name must be to be what was meant by an unknown one.
const ALIKE: f64 = 0.75;
/// Characters of a value that a message repeats.
const SHOWN: usize = 60;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Field<'j> {
    path: String,
    value: &'j Value,
}

impl<'j> Field<'j> {
    /// The whole document.
    pub const fn root(value: &'j Value) -> Self {
        Self {
            path: String::new(),
            value,
        }
    }

    /// The value as it is.
    pub const fn value(&self) -> &'j Value {
        self.value
    }

    /// A fault of this value.
    pub fn fault(&self, remedy: impl std::fmt::Display) -> Fault {
        let mut shown = self.value.to_string();
        if shown.chars().count() > SHOWN {
            shown = shown.chars().take(SHOWN).chain("…".chars()).collect();
        }
        let path = if self.path.is_empty() {
            "the document"
        } else {
            &self.path
        };
        format!("{path} = {shown}: {remedy}")
    }

    /// A member; `null` counts as absent.
    pub fn member(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        let path = match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        Some(Self { path, value })
    }

    /// A member that has to be there.
    pub fn required(&self, name: &str) -> Result<Self, Fault> {
        self.member(name).ok_or_else(|| match self.path.as_str() {
            "" => format!("{name} is missing: add it"),
            path => format!("{path}.{name} is missing: add it"),
        })
    }

    /// Refuses anything but an object of these members.
    pub fn only(&self, known: &[&str]) -> Result<(), Fault> {
        let members = self.value.as_object().ok_or_else(|| self.fault("give an object"))?;
        if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str())) {
            let alike = |other: &&&str| strsim::jaro_winkler(name, other);
            let nearest = known.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)));
            let hint = match nearest.filter(|nearest| alike(nearest) >= ALIKE) {
                Some(nearest) => format!("did you mean {nearest:?}?"),
                None => format!("it may have {}", known.join(", ")),
            };
            let path = self.member(name).map_or_else(|| name.clone(), |field| field.path);
            return Err(format!("{path} is not known: {hint}"));
        }
        Ok(())
    }

    /// The elements of a list.
    pub fn elements(&self) -> Result<Vec<Self>, Fault> {
        let list = self.value.as_array().ok_or_else(|| self.fault("give a list"))?;
        let element = |(i, value)| Self {
            path: format!("{}[{i}]", self.path),
            value,
        };
        Ok(list.iter().enumerate().map(element).collect())
    }

    /// A text.
    pub fn text(&self) -> Result<&'j str, Fault> {
        self.value.as_str().ok_or_else(|| self.fault("give a text"))
    }

    /// Yes or no.
    pub fn flag(&self) -> Result<bool, Fault> {
        self.value.as_bool().ok_or_else(|| self.fault("give true or false"))
    }

    fn parse<T: FromStr>(&self, what: &str) -> Result<T, Fault> {
        let parsed = self.value.as_str().and_then(|text| text.parse().ok());
        parsed.ok_or_else(|| self.fault(format!("give {what}")))
    }

    /// An address.
    pub fn address(&self) -> Result<Address, Fault> {
        self.parse("an address: 0x and 40 hexadecimal digits")
    }

    /// A hash.
    pub fn hash(&self) -> Result<B256, Fault> {
        self.parse("32 bytes: 0x and 64 hexadecimal digits")
    }

    /// Bytes.
    pub fn bytes(&self) -> Result<Bytes, Fault> {
        let text = self
            .text()
            .map_err(|_| self.fault("give bytes: 0x and hexadecimal digits"))?;
        match text.strip_prefix("0x") {
            Some(_) => self.parse("bytes: 0x and an even number of hexadecimal digits"),
            None => Err(self.fault("give bytes: 0x and hexadecimal digits")),
        }
    }

    /// A whole number that `T` holds: a JSON number, or a text in decimal or, after 0x, hexadecimal digits.
    pub fn number<T: TryFrom<U256>>(&self) -> Result<T, Fault> {
        let text = match self.value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let number = U256::from_str(&text).ok().filter(|_| !text.is_empty());
        let number =
            number.ok_or_else(|| self.fault("give a whole number, in decimal or after 0x hexadecimal digits"))?;
        T::try_from(number).map_err(|_| self.fault(format!("it is too large: {} bits at most", 8 * size_of::<T>())))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_wrong_has_its_path_its_value_and_what_would_do() {
        let document = json!({ "gas": { "callGasLimit": "12x" }, "calls": [{}, { "value": -1 }] });
        let root = Field::root(&document);
        let gas = root.required("gas").unwrap();
        let said = gas.required("callGasLimit").unwrap().number::<u128>().unwrap_err();
        assert!(
            said.starts_with("gas.callGasLimit = \"12x\": give a whole number"),
            "{said}"
        );
        let calls = root.required("calls").unwrap().elements().unwrap();
        let said = calls[1].required("value").unwrap().number::<U256>().unwrap_err();
        assert!(said.starts_with("calls[1].value = -1"), "{said}");
        assert_eq!(calls[0].required("to").unwrap_err(), "calls[0].to is missing: add it");
    }

    #[test]
    fn a_name_that_is_nearly_right_is_told_the_right_one() {
        let document = json!({ "gas": { "callGaslimit": 1 } });
        let gas = Field::root(&document).required("gas").unwrap();
        let said = gas.only(&["callGasLimit", "preVerificationGas"]).unwrap_err();
        assert_eq!(said, "gas.callGaslimit is not known: did you mean \"callGasLimit\"?");
    }

    #[test]
    fn numbers_are_read_in_every_form_and_only_where_they_fit() {
        for value in [json!(26), json!("26"), json!("0x1a")] {
            assert_eq!(Field::root(&value).number::<u64>().unwrap(), 26);
        }
        let large = json!("0x10000000000000000");
        let said = Field::root(&large).number::<u64>().unwrap_err();
        assert!(said.ends_with("64 bits at most"), "{said}");
        assert!(Field::root(&json!("")).number::<u64>().is_err());
    }
}
