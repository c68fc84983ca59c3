//! Every ingredient of an analysis except the blob's bytes.
//!
//! Never an ingredient: an endpoint, a key, a path, the time, the machine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Fingerprint, Kind, ObjectFormat, Oid, canonical};

/// A value that the user may set: a threshold, a sampling parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Parameter {
    Number(i64),
    Text(String),
}

/// How an analysis is made. Two recipes are equal exactly if their answers are interchangeable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// The version of the entry format.
    pub format: u32,
    pub kind: Kind,
    /// `local`, or the provider and its protocol's name for it.
    pub analyzer: String,
    /// Raised whenever the analyzer would answer the same question otherwise.
    pub revision: u32,
    /// The same bytes as `a.rs` and `a.txt` are two questions.
    pub language: String,
    /// The whole text of the prompt, for analyzers that are asked in words.
    pub prompt: Option<String>,
    /// The version of the schema that an answer must fill.
    pub schema: u32,
    /// The provider's name for the model.
    pub model: Option<String>,
    /// What the user set, and thresholds, by name.
    pub parameters: BTreeMap<String, Parameter>,
}

impl Recipe {
    /// Sorted keys, no insignificant space, one newline: what is stored and fingerprinted.
    ///
    /// # Errors
    /// Never for a recipe built here: every field has a JSON form.
    pub fn canonical(&self) -> serde_json::Result<String> {
        canonical(self)
    }

    /// The OID of the canonical text as a git blob, in the repository's object format.
    ///
    /// # Errors
    /// As [`Recipe::canonical`].
    pub fn fingerprint(&self, format: ObjectFormat) -> serde_json::Result<Fingerprint> {
        let text = self.canonical()?;
        Ok(Fingerprint(Oid::of_blob(format, text.as_bytes())))
    }

    /// `local/1`, `xai/grok-4.7`: who answers, for people.
    pub fn answerer(&self) -> String {
        match &self.model {
            Some(model) => format!("{}/{model}", self.analyzer),
            None => format!("{}/{}", self.analyzer, self.revision),
        }
    }

    /// The names of the ingredients in which two recipes differ, for "why was this analyzed again?".
    pub fn differences(&self, other: &Self) -> Vec<String> {
        // Destructured whole: a new ingredient that is not compared does not compile.
        let Self {
            format,
            kind,
            analyzer,
            revision,
            language,
            prompt,
            schema,
            model,
            parameters,
        } = self;
        let mut names: Vec<String> = [
            ("format", *format != other.format),
            ("kind", *kind != other.kind),
            ("analyzer", *analyzer != other.analyzer),
            ("revision", *revision != other.revision),
            ("language", *language != other.language),
            ("prompt", *prompt != other.prompt),
            ("schema", *schema != other.schema),
            ("model", *model != other.model),
        ]
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| name.to_owned())
        .collect();
        let every = parameters.keys().chain(other.parameters.keys());
        let changed: std::collections::BTreeSet<&String> = every
            .filter(|name| parameters.get(*name) != other.parameters.get(*name))
            .collect();
        names.extend(changed.into_iter().cloned());
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> Recipe {
        Recipe {
            format: 1,
            kind: Kind::Refactor,
            analyzer: "local".into(),
            revision: 1,
            language: "rust".into(),
            prompt: None,
            schema: 1,
            model: None,
            parameters: [("long-function".to_owned(), Parameter::Number(60))].into(),
        }
    }

    /// Pinned: a change of this value makes every entry that anyone has a miss.
    #[test]
    fn the_fingerprint_of_a_recipe_never_changes() {
        let text = recipe().canonical().unwrap();
        assert_eq!(
            text,
            "{\"analyzer\":\"local\",\"format\":1,\"kind\":\"refactor\",\"language\":\"rust\",\
             \"model\":null,\"parameters\":{\"long-function\":60},\"prompt\":null,\"revision\":1,\
             \"schema\":1}\n"
        );
        let fingerprint = recipe().fingerprint(ObjectFormat::Sha1).unwrap();
        assert_eq!(
            fingerprint.to_string(),
            "e074a6d60f0acf9322beb987b3172fefa514caee"
        );
    }

    #[test]
    fn changing_any_ingredient_is_another_recipe_and_says_which() {
        let base = recipe();
        let fingerprint = |r: &Recipe| r.fingerprint(ObjectFormat::Sha1).unwrap();
        type Mutation = (&'static str, fn(&mut Recipe));
        let mutations: [Mutation; 9] = [
            ("format", |r| r.format += 1),
            ("kind", |r| r.kind = Kind::Docs),
            ("analyzer", |r| r.analyzer = "xai".into()),
            ("revision", |r| r.revision += 1),
            ("language", |r| r.language = "python".into()),
            ("prompt", |r| r.prompt = Some("?".into())),
            ("schema", |r| r.schema += 1),
            ("model", |r| r.model = Some("grok".into())),
            ("long-function", |r| {
                r.parameters
                    .insert("long-function".into(), Parameter::Number(61));
            }),
        ];
        for (name, mutate) in mutations {
            let mut other = recipe();
            mutate(&mut other);
            assert_ne!(fingerprint(&base), fingerprint(&other), "{name}");
            assert_eq!(base.differences(&other), [name]);
        }
    }
}
