//! Resolves settings by precedence, and restricts tracked files. `value` parses values.

use anyhow::Result;

use super::blocks::{BlockValue, blocks};
use super::keys::{Key, Tracked};
use super::network::Network;
use super::own::Own;
use super::table::every;
use super::written::{Place, Sources, Written};
use super::{Settings, refusal};
use crate::git::Scope;

/// A key, its effective value, and where that comes from. A list has one item per source.
#[derive(Clone, Debug)]
pub struct Effective {
    pub key: Key,
    pub value: String,
    pub place: Place,
}

/// Settings, and where each value comes from.
#[derive(Clone, Debug)]
pub struct Resolution {
    pub settings: Settings,
    /// In the order of [`every`].
    pub effective: Vec<Effective>,
    /// By section, then key, then name.
    pub blocks: Vec<BlockValue>,
    /// What was ignored and why, each without a period.
    pub warnings: Vec<String>,
}

/// Resolves all sources.
///
/// # Errors
/// If an effective value is invalid. The error names the key, the value and its source; the hint says
/// what is allowed.
pub fn resolve(sources: &Sources) -> Result<Resolution> {
    let keys = every();
    // The last to be told: there may be many, and others matter more.
    let unknown = sources.unknown(&keys);
    let mut warnings = Vec::new();
    let blocks = blocks(sources, &mut warnings);
    let mut own = Own::of(&blocks, &mut warnings)?;
    own.network = Network::of(&sources.config);
    let mut resolution = Resolution {
        settings: Settings::blank(own),
        effective: Vec::new(),
        blocks,
        warnings,
    };
    for key in keys {
        let written = admissible(&key, sources.of(&key), &mut resolution.warnings);
        let effective = in_force(&key, written)?;
        resolution.settings.set(&key, &effective)?;
        resolution.effective.extend(effective);
    }
    resolution.warnings.extend(unknown);
    Ok(resolution)
}

/// Removes what a tracked file may not set.
fn admissible(key: &Key, written: Vec<Written>, warnings: &mut Vec<String>) -> Vec<Written> {
    let mut kept: Vec<Written> = Vec::new();
    // The last value so far that is one, where it bounds the next.
    let bound_of = |text: Option<&str>| key.bound?(text?).ok();
    let mut bound = bound_of(Some(&key.default));
    for one in written {
        let scope = match &one.place {
            Place::Config { scope, .. } => Some(*scope),
            _ => None,
        };
        let own = bound_of(one.value.as_deref());
        // A value that is none is left for the error to name, and bounds nothing.
        let is_above = bound.zip(own).is_some_and(|(before, after)| after > before);
        let why_not = match (key.tracked, scope) {
            (Tracked::OnlyLower, Some(Scope::Tracked)) if is_above => {
                Some("a tracked file may only lower it")
            }
            (tracked, Some(scope)) => tracked.refusal(scope),
            (_, None) => None,
        };
        match why_not {
            Some(why) => {
                let name = key.full_name();
                warnings.push(format!("ignoring {name} ({}): {why}", one.place));
            }
            None => {
                bound = own.or(bound);
                kept.push(one);
            }
        }
    }
    kept
}

/// The effective values: for a single value the last one; for a list all since it was last cleared. The
/// environment and flags replace a list; they do not add to it.
fn in_force(key: &Key, written: Vec<Written>) -> Result<Vec<Effective>> {
    let mut effective: Vec<Effective> = Vec::new();
    for Written { value, place } in written {
        let Some(value) = value else {
            return Err(refusal(key, None, &place, "no value given"));
        };
        let adds = effective
            .last()
            .is_none_or(|last| key.is_list && (is_config(&place) || last.place == place));
        let empties = key.is_list && value.trim().is_empty();
        // What a person has excluded is not taken back by whoever can commit.
        let guarded = key.name == "exclude" && place.is_tracked();
        if !adds || empties {
            // Those of the tracked file stand together, and last.
            while effective
                .last()
                .is_some_and(|last| !guarded || last.place.is_tracked())
            {
                effective.pop();
            }
        } else if effective
            .last()
            .is_some_and(|last| last.value.trim().is_empty())
        {
            effective.pop();
        }
        effective.push(Effective {
            key: key.clone(),
            value,
            place,
        });
    }
    let nothing = effective
        .iter()
        .all(|one| key.name == "kinds" && one.value.trim().is_empty());
    if nothing {
        return Ok(vec![Effective {
            key: key.clone(),
            value: key.default.clone().into_owned(),
            place: Place::Default,
        }]);
    }
    Ok(effective)
}

const fn is_config(place: &Place) -> bool {
    matches!(place, Place::Config { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::ConfigEntry;
    use crate::model::{Hinted, Kind, Level};
    use crate::settings::{Asking, Flag};

    fn entry(scope: Scope, name: &str, value: &str) -> ConfigEntry {
        ConfigEntry {
            name: format!("rustassistant.{name}"),
            value: Some(value.to_owned()),
            scope,
            origin: Some(format!("/{}", scope.name())),
        }
    }

    fn config(entries: &[(Scope, &str, &str)]) -> Sources {
        let entries = entries.iter().map(|(scope, n, v)| entry(*scope, n, v));
        Sources {
            config: entries.collect(),
            ..Sources::default()
        }
    }

    fn settings(entries: &[(Scope, &str, &str)]) -> Settings {
        resolve(&config(entries)).unwrap().settings
    }

    fn warnings(entries: &[(Scope, &str, &str)]) -> Vec<String> {
        resolve(&config(entries)).unwrap().warnings
    }

    #[test]
    fn every_default_is_a_value_its_key_allows() {
        let Resolution {
            settings,
            effective,
            blocks,
            warnings,
        } = resolve(&Sources::default()).unwrap();
        assert_eq!(settings.kinds, [Kind::Refactor]);
        assert_eq!(settings.max_file_size, 1 << 20);
        assert_eq!((settings.jobs, settings.fail_on), (None, None));
        assert_eq!(effective.len(), every().len());
        assert!(warnings.is_empty() && blocks.is_empty());
        assert_eq!(settings.asking, Asking::default());
    }

    #[test]
    fn the_more_specific_place_counts() {
        use Scope::{Command, Global, Local, System, Tracked, Worktree};
        let rising = [System, Global, Tracked, Local, Worktree, Command];
        for pair in rising.windows(2) {
            let values = [(pair[1], "failon", "error"), (pair[0], "failon", "note")];
            assert_eq!(settings(&values).fail_on, Some(Level::Error), "{pair:?}");
        }
        let mut sources = config(&[(Command, "failon", "note")]);
        sources.environment = vec![("RUSTASSISTANT_FAIL_ON".into(), "warning".into())];
        let resolved = resolve(&sources).unwrap().settings;
        assert_eq!(resolved.fail_on, Some(Level::Warning));
        sources.flags = vec![Flag {
            key: "failOn",
            name: "--fail-on",
            values: vec!["never".into()],
        }];
        assert_eq!(resolve(&sources).unwrap().settings.fail_on, None);
    }

    #[test]
    fn within_one_place_the_last_writing_counts() {
        let twice = [(Scope::Local, "jobs", "3"), (Scope::Local, "jobs", "5")];
        assert_eq!(settings(&twice).jobs.unwrap().get(), 5);
    }

    #[test]
    fn lists_add_up_over_scopes_until_an_empty_value_empties_them() {
        let global = (Scope::Global, "exclude", "vendor gen");
        let local = (Scope::Local, "exclude", "old");
        assert_eq!(settings(&[local, global]).exclude, ["vendor", "gen", "old"]);
        let reset = (Scope::Worktree, "exclude", "");
        let anew = (Scope::Command, "exclude", "new");
        assert_eq!(settings(&[global, local, reset, anew]).exclude, ["new"]);
        let emptied = (Scope::Local, "kinds", "");
        let docs = (Scope::Global, "kinds", "docs");
        assert_eq!(settings(&[docs, emptied]).kinds, [Kind::Refactor]);
    }

    #[test]
    fn a_tracked_file_takes_back_nothing_that_a_person_has_excluded() {
        let all = settings(&[
            (Scope::Global, "exclude", "secret.rs"),
            (Scope::Tracked, "exclude", "gone"),
            (Scope::Tracked, "exclude", ""),
            (Scope::Tracked, "exclude", "!secret.rs"),
            (Scope::Local, "exclude", "old"),
        ]);
        assert_eq!(all.exclude, ["secret.rs", "old"]);
        assert_eq!(all.exclude_tracked, ["!secret.rs"]);
        let own = settings(&[
            (Scope::Tracked, "exclude", "gone"),
            (Scope::Local, "exclude", ""),
        ]);
        assert!(own.exclude.is_empty() && own.exclude_tracked.is_empty());
    }

    #[test]
    fn the_environment_and_a_flag_replace_a_list() {
        let mut sources = config(&[(Scope::Local, "kinds", "refactor, todos")]);
        sources.environment = vec![("RUSTASSISTANT_KINDS".into(), "docs".into())];
        assert_eq!(resolve(&sources).unwrap().settings.kinds, [Kind::Docs]);
        sources.flags = vec![Flag {
            key: "kinds",
            name: "--kind",
            values: vec!["todos".into(), "analysis".into()],
        }];
        let kinds = resolve(&sources).unwrap().settings.kinds;
        assert_eq!(kinds, [Kind::Todos, Kind::Analysis]);
    }

    #[test]
    fn a_tracked_file_may_lower_the_size_and_not_raise_it() {
        let after_a_bad_one = [
            (Scope::Tracked, "maxfilesize", "much"),
            (Scope::Tracked, "maxfilesize", "9g"),
        ];
        assert!(resolve(&config(&after_a_bad_one)).is_err());
        let lower = settings(&[(Scope::Tracked, "maxfilesize", "4k")]);
        assert_eq!(lower.max_file_size, 4096);
        let higher = [
            (Scope::Global, "maxfilesize", "2k"),
            (Scope::Tracked, "maxfilesize", "4k"),
        ];
        assert_eq!(settings(&higher).max_file_size, 2048);
        assert_eq!(
            warnings(&higher),
            [
                "ignoring rustassistant.maxFileSize (tracked /tracked): a tracked file may only \
                 lower it"
            ]
        );
    }

    #[test]
    fn a_tracked_file_holds_nothing_that_is_a_persons_own() {
        let mut sources = config(&[(Scope::Tracked, "jobs", "64")]);
        let mut pager = entry(Scope::Tracked, "", "evil");
        pager.name = "core.pager".into();
        sources.config.push(pager);
        let resolution = resolve(&sources).unwrap();
        assert_eq!(resolution.settings.jobs, None);
        let said = resolution.warnings.join("\n");
        assert!(said.contains("ignoring core.pager"), "{said}");
        assert!(said.contains("ignoring rustassistant.jobs"), "{said}");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_what_was_meant() {
        assert_eq!(
            warnings(&[(Scope::Local, "jbos", "3"), (Scope::Global, "hook.x", "3")]),
            [
                "ignoring rustassistant.jbos (local /local): unknown key; did you mean \
                 rustassistant.jobs?",
                "ignoring rustassistant.hook.x (global /global): unknown key"
            ]
        );
        let sources = Sources {
            environment: vec![("RUSTASSISTANT_KIND".into(), "docs".into())],
            ..Sources::default()
        };
        assert_eq!(
            resolve(&sources).unwrap().warnings,
            ["ignoring RUSTASSISTANT_KIND: unknown setting; did you mean RUSTASSISTANT_KINDS?"]
        );
    }

    #[test]
    fn a_bad_value_is_an_error_with_its_place_and_what_is_allowed() {
        let error = resolve(&config(&[(Scope::Local, "jobs", "lots")])).unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "cannot use 'lots' as rustassistant.jobs (local /local): not a whole number"
        );
        let hint = error.downcast_ref::<Hinted>().unwrap().hint();
        assert_eq!(hint, "allowed: a whole number; 0 means one per processor");
    }

    #[test]
    fn a_bad_value_that_does_not_count_is_no_error() {
        let values = [(Scope::Global, "jobs", "x"), (Scope::Local, "jobs", "2")];
        assert_eq!(settings(&values).jobs.unwrap().get(), 2);
    }

    #[test]
    fn a_key_without_a_value_is_an_error() {
        let mut sources = config(&[(Scope::Local, "jobs", "")]);
        for entry in &mut sources.config {
            entry.value = None;
        }
        let error = resolve(&sources).unwrap_err();
        let said = format!("{error:#}");
        assert_eq!(
            said,
            "cannot use rustassistant.jobs (local /local): no value given"
        );
    }

    #[test]
    fn a_threshold_is_a_key_like_any_other() {
        let resolution = resolve(&config(&[(Scope::Tracked, "maxfunctionlines", "1k")])).unwrap();
        assert_eq!(resolution.settings.thresholds.get("maxFunctionLines"), 1024);
        assert!(resolution.warnings.is_empty());
    }

    #[test]
    fn each_value_in_force_says_where_it_was_written() {
        let resolution = resolve(&config(&[(Scope::Global, "kinds", "docs")])).unwrap();
        let of = |name: &str| {
            let mut all = resolution.effective.iter();
            let one = all.find(|one| one.key.name == name).unwrap();
            format!("{} {}", one.value, one.place)
        };
        assert_eq!(of("kinds"), "docs global /global");
        assert_eq!(of("jobs"), "0 default");
    }
}
