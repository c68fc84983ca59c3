//! Settings for model requests: the model, its parameters and limits. `own` and the built-in table
//! define how to reach a provider.

use std::collections::BTreeMap;

use super::value::Wrong;
use crate::analyzers::llm::Asked;
use crate::model::{Parameter, Usd};

/// Whether to send code without asking first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    #[default]
    Ask,
    Given,
}

/// Model parameters chosen by the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// `None` means the provider's default model.
    pub model: Option<String>,
    /// Parameters that are set, under the names used in recipes.
    pub parameters: BTreeMap<String, Parameter>,
    pub max_output_tokens: u32,
    pub max_cost: Option<Usd>,
    pub max_tokens: Option<u64>,
    pub max_requests: Option<u64>,
    pub consent: Consent,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            model: None,
            parameters: BTreeMap::new(),
            max_output_tokens: Asked::MAX_OUTPUT_TOKENS,
            max_cost: None,
            max_tokens: None,
            max_requests: None,
            consent: Consent::Ask,
        }
    }
}

impl Asking {
    /// Reads a parameter of the model; empty means that it is not sent.
    pub(super) fn set_parameter(&mut self, key: &str, text: &str) -> Result<(), Wrong> {
        let name = in_recipes(key);
        if text.is_empty() {
            self.parameters.remove(name);
        } else {
            let parameter = parameter(key, text)?;
            self.parameters.insert(name.to_owned(), parameter);
        }
        Ok(())
    }
}

/// Git config keys cannot contain underscores; recipes use the names of the providers.
fn in_recipes(name: &str) -> &str {
    match name {
        "topP" => "top_p",
        name => name,
    }
}

/// Normalizes a value, so that `0.20` and `0.2` give the same recipe.
fn parameter(name: &str, text: &str) -> Result<Parameter, Wrong> {
    match name {
        "seed" => {
            let number = text.parse().map_err(|_| "not a whole number".to_owned());
            number.map(Parameter::Number)
        }
        "temperature" => decimal(text, 2),
        "topP" => decimal(text, 1),
        _ => {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if text.len() <= 40 && text.chars().all(plain) {
                Ok(Parameter::Text(text.to_owned()))
            } else {
                Err("not a word".to_owned())
            }
        }
    }
}

fn decimal(text: &str, most: u64) -> Result<Parameter, Wrong> {
    // Money is the decimal number that is exact here.
    let number: Usd = text.parse().map_err(|_| "not a number".to_owned())?;
    let most: Result<Usd, _> = most.to_string().parse();
    if most.is_ok_and(|most| number <= most) {
        Ok(Parameter::Text(number.to_string()))
    } else {
        Err("out of range".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_parameters_are_one_recipe() {
        let text = |text: &str| Ok(Parameter::Text(text.to_owned()));
        assert_eq!(parameter("temperature", "0.20"), text("0.2"));
        assert_eq!(parameter("temperature", "2.0"), text("2"));
        assert_eq!(parameter("effort", "x-high"), text("x-high"));
        assert_eq!(parameter("seed", "-7"), Ok(Parameter::Number(-7)));
        for (name, wrong) in [
            ("temperature", "2.1"),
            ("temperature", "warm"),
            ("topP", "1.01"),
            ("effort", "very high"),
            ("seed", "0x1"),
        ] {
            assert!(parameter(name, wrong).is_err(), "{name} {wrong}");
        }
    }
}
