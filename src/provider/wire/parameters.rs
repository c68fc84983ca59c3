//! What the user set about a model, by the names of each protocol. Nothing is sent that nobody
//! set: many models refuse it.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use crate::model::Parameter;
use crate::provider::{Class, Failure, Protocol};

/// Every setting that can be sent, with where it goes in Chat, Responses, Anthropic and Ollama.
const PLACES: [(&str, [&str; 4]); 5] = [
    (
        "temperature",
        [
            "temperature",
            "temperature",
            "temperature",
            "options/temperature",
        ],
    ),
    ("top_p", ["top_p", "top_p", "top_p", "options/top_p"]),
    ("top_k", ["", "", "top_k", "options/top_k"]),
    ("seed", ["seed", "", "", "options/seed"]),
    (
        "effort",
        [
            "reasoning_effort",
            "reasoning/effort",
            "output_config/effort",
            "think",
        ],
    ),
];

/// Puts the parameters in their places.
///
/// # Errors
/// When a protocol has no place for one: leaving it out would be another question than the one
/// that the recipe tells of.
pub(super) fn apply(
    protocol: Protocol,
    parameters: &BTreeMap<String, Parameter>,
    body: &mut Value,
) -> Result<(), Box<Failure>> {
    for (name, value) in parameters {
        let Some(place) = place(name, protocol) else {
            let message = format!("{protocol} has no setting `{name}`: remove it");
            return Err(Box::new(Failure::new(Class::Request, &message)));
        };
        let value = match wire_value(name, value)? {
            // Ollama knows degrees of thinking, and no thinking as a truth value.
            word if protocol == Protocol::Ollama && word == "none" => Value::Bool(false),
            value => value,
        };
        match place.split_once('/') {
            Some((outer, inner)) => body[outer][inner] = value,
            None => body[place] = value,
        }
    }
    Ok(())
}

/// The user's setting that a server's name stands for, if the user set it.
pub(super) fn setting(
    parameters: &BTreeMap<String, Parameter>,
    names: impl Fn(&str) -> bool,
) -> Option<&str> {
    let mut set = parameters.keys().map(String::as_str);
    set.find(|name| {
        let places = PLACES.iter().find(|(known, _)| known == name);
        let written = places.into_iter().flat_map(|(_, places)| places);
        let mut words = written.filter_map(|place| place.split('/').next_back());
        names(name) || words.any(|word| !word.is_empty() && names(word))
    })
}

fn place(name: &str, protocol: Protocol) -> Option<&'static str> {
    let (_, [chat, responses, anthropic, ollama]) =
        PLACES.into_iter().find(|(known, _)| *known == name)?;
    let place = match protocol {
        Protocol::Chat => chat,
        Protocol::Responses => responses,
        Protocol::Anthropic => anthropic,
        Protocol::Ollama => ollama,
    };
    (!place.is_empty()).then_some(place)
}

/// Fractions come as text, for recipes hold no floats. An effort is a word.
fn wire_value(name: &str, value: &Parameter) -> Result<Value, Box<Failure>> {
    match value {
        Parameter::Number(number) => Ok(Value::from(*number)),
        Parameter::Text(word) if name == "effort" => Ok(Value::from(word.as_str())),
        Parameter::Text(text) => {
            let number: Option<Number> = text.trim().parse().ok();
            number.map(Value::Number).ok_or_else(|| {
                let message = format!("the setting `{name}` is `{text}`, which is not a number");
                Box::new(Failure::new(Class::Request, &message))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn applied(protocol: Protocol, set: &[(&str, Parameter)]) -> Result<Value, String> {
        let set = set.iter().cloned();
        let parameters = set.map(|(name, value)| (name.to_owned(), value)).collect();
        let mut body = json!({});
        apply(protocol, &parameters, &mut body).map_err(|failure| failure.message)?;
        Ok(body)
    }

    #[test]
    fn each_protocol_has_its_own_place_for_a_setting() {
        let set = [
            ("effort", Parameter::Text("low".to_owned())),
            ("temperature", Parameter::Text("0.2".to_owned())),
        ];
        let bodies = Protocol::ALL.map(|protocol| applied(protocol, &set).unwrap());
        assert_eq!(
            bodies,
            [
                json!({"reasoning_effort": "low", "temperature": 0.2}),
                json!({"reasoning": {"effort": "low"}, "temperature": 0.2}),
                json!({"output_config": {"effort": "low"}, "temperature": 0.2}),
                json!({"think": "low", "options": {"temperature": 0.2}}),
            ]
        );
    }

    #[test]
    fn no_effort_is_no_thinking() {
        let none = [("effort", Parameter::Text("none".to_owned()))];
        assert_eq!(
            applied(Protocol::Ollama, &none),
            Ok(json!({"think": false}))
        );
        let chat = applied(Protocol::Chat, &none);
        assert_eq!(chat, Ok(json!({"reasoning_effort": "none"})));
    }

    #[test]
    fn a_setting_that_cannot_be_sent_is_not_left_out_in_silence() {
        let seed = [("seed", Parameter::Number(7))];
        assert_eq!(applied(Protocol::Chat, &seed), Ok(json!({"seed": 7})));
        let refused = applied(Protocol::Anthropic, &seed).unwrap_err();
        assert_eq!(refused, "anthropic has no setting `seed`: remove it");
        let warm = [("temperature", Parameter::Text("warm".to_owned()))];
        assert!(applied(Protocol::Chat, &warm).is_err());
    }
}
