//! Every setting, in one table: its name, default, who may set it, the allowed values, its help, and how a
//! value is read. A new setting is a row here and a field of [`Settings`].

use super::keys::{Key, Tracked};
use super::resolve::Effective;
use super::{Settings, own, value};
use crate::analyzers::llm::Asked;
use crate::analyzers::local::{Threshold, Thresholds};

/// Reads a value into a field of the settings.
macro_rules! sets {
    ($($field:ident).+ = $read:expr) => {
        |to, one| {
            to.$($field).+ = $read(&one.value)?;
            Ok(())
        }
    };
}

/// All keys, in display order.
pub fn every() -> Vec<Key> {
    use Tracked::{Allowed, OnlyLower, Personal, Refused};
    let mut keys = vec![
        // Settings that choose the provider and the files.
        Key::new(
            "provider",
            "local",
            Refused,
            "'local', which is the embedded analyzer, or a provider that \
             'models' lists",
            "The provider that analyzes files",
            sets!(provider = own::provider),
        )
        .ingredient(),
        Key::new(
            "model",
            "",
            Allowed,
            "a model name of the provider; empty means the provider's default \
             model",
            "The model to use",
            sets!(asking.model = value::name),
        )
        .ingredient(),
        Key::new(
            "kinds",
            "refactor",
            Allowed,
            "any of refactor, docs, todos, analysis, and custom kinds; or all",
            "The kinds of analysis to run",
            |to, one| {
                to.kinds.extend(value::kinds(&one.value, &to.own.prompts)?);
                Ok(())
            },
        )
        .list(),
        Key::new(
            "include",
            "",
            Allowed,
            "path patterns from the root of the repository",
            "Analyze only files that match one of these patterns; empty means \
             all supported languages",
            |to, one| {
                to.include
                    .extend(value::words(&one.value).map(str::to_owned));
                Ok(())
            },
        )
        .list(),
        Key::new(
            "exclude",
            "",
            Allowed,
            "path patterns from the root of the repository",
            "Skip files that match one of these patterns",
            |to, one| {
                let list = if one.place.is_tracked() {
                    &mut to.exclude_tracked
                } else {
                    &mut to.exclude
                };
                list.extend(value::words(&one.value).map(str::to_owned));
                Ok(())
            },
        )
        .list(),
        Key::new(
            "maxFileSize",
            "1m",
            OnlyLower,
            "a number of bytes, such as 65536, 512k or 2m",
            "Skip files larger than this",
            sets!(max_file_size = value::size),
        )
        .bounded(value::size),
        Key::new(
            "ttl",
            "never",
            Allowed,
            "a duration such as 30d or 12h, or 'never'",
            "Age at which an analysis expires and is made again; analyses of \
             the embedded analyzer never expire",
            sets!(ttl = value::ttl),
        ),
        Key::new(
            "jobs",
            "0",
            Refused,
            "a whole number; 0 means one per processor",
            "Number of files to analyze in parallel",
            sets!(jobs = value::jobs),
        ),
        Key::new(
            "failOn",
            "never",
            Allowed,
            "one of never, note, warning, error",
            "Exit with status 1 on findings at this level or above",
            sets!(fail_on = value::fail_on),
        ),
        // Settings for sharing analyses.
        Key::new(
            "remote",
            "",
            Refused,
            "the name of a remote",
            "The remote to share analyses through; empty means the branch's \
             push remote",
            sets!(remote = value::name),
        ),
        Key::new(
            "sharedRef",
            "refs/rustassistant/shared/v1",
            Refused,
            "a ref of four or more parts that ends in /v1, such as \
             refs/heads/rustassistant/v1",
            "The ref for shared analyses at the remote; change it if a host \
             accepts only branches",
            sets!(shared_ref = value::shared_ref),
        ),
        Key::new(
            "trust",
            "any",
            Refused,
            "one of any, signed, none",
            "Whose analyses to use: those of anyone who can push to the remote, \
             only those signed with an allowed key, or only your own",
            sets!(trust = value::trust),
        ),
        Key::new(
            "publish",
            "all",
            Refused,
            "one of all, paid, none",
            "Which analyses to publish: all, only those of models, or none; the \
             others do not count as pending",
            sets!(publish = value::publish),
        ),
        Key::new(
            "sign",
            "",
            Refused,
            "true or false; empty means the value of commit.gpgSign",
            "Whether to sign commits that publish analyses",
            sets!(signing = value::signing),
        ),
        Key::new(
            "publishMessage",
            "",
            Refused,
            "one line of at most 200 characters",
            "Subject of commits that publish analyses, for servers that require \
             a format; empty means the default subject",
            sets!(publish_message = value::message),
        ),
        Key::new(
            "publishAuthor",
            "",
            Refused,
            "a name and an address: A U Thor <author@example.com>",
            "Author of commits that publish analyses, for servers that require \
             one; empty means this program",
            sets!(publish_author = value::author),
        ),
        // Settings of the pre-push hook.
        Key::new(
            "hook.enabled",
            "true",
            Refused,
            "true or false",
            "Whether the pre-push hook runs",
            sets!(hook.enabled = value::truth),
        ),
        Key::new(
            "hook.budget",
            "10s",
            Refused,
            "a duration such as 10s or 1m",
            "How long a push waits for the hook; after that, the hook continues \
             in the background",
            sets!(hook.budget = value::wait),
        ),
        Key::new(
            "hook.failOn",
            "never",
            Allowed,
            "one of never, note, warning, error",
            "Stop a push on new findings at this level or above",
            sets!(hook.fail_on = value::fail_on),
        ),
        // Model parameters and limits.
        Key::new(
            "maxCost",
            "none",
            OnlyLower,
            "US dollars, such as 0.50, or 'none'",
            "Spending limit of one run",
            sets!(asking.max_cost = value::cost_limit),
        )
        .bounded(|text| Ok(value::cost_limit(text)?.map_or(u64::MAX, |most| most.0))),
        Key::new(
            "maxTokens",
            "none",
            OnlyLower,
            "a whole number such as 200000 or 200k, or 'none'",
            "Limit of input and output tokens of one run",
            sets!(asking.max_tokens = value::count_limit),
        )
        .bounded(|text| Ok(value::count_limit(text)?.unwrap_or(u64::MAX))),
        Key::new(
            "maxRequests",
            "none",
            OnlyLower,
            "a whole number, or 'none'",
            "Limit of requests of one run",
            sets!(asking.max_requests = value::count_limit),
        )
        .bounded(|text| Ok(value::count_limit(text)?.unwrap_or(u64::MAX))),
        Key::new(
            "maxOutputTokens",
            "",
            OnlyLower,
            "a whole number, at least 1",
            "Limit of output tokens per request, including reasoning",
            sets!(asking.max_output_tokens = value::output_tokens),
        )
        .with_default(i64::from(Asked::MAX_OUTPUT_TOKENS))
        .bounded(value::tokens),
        Key::new(
            "temperature",
            "",
            Allowed,
            "a number from 0 to 2; empty means not sent",
            "Sampling temperature",
            |to, one| to.asking.set_parameter(one.key.name, one.value.trim()),
        )
        .ingredient(),
        Key::new(
            "topP",
            "",
            Allowed,
            "a number from 0 to 1; empty means not sent",
            "Nucleus sampling: the probability mass to sample from",
            |to, one| to.asking.set_parameter(one.key.name, one.value.trim()),
        )
        .ingredient(),
        Key::new(
            "effort",
            "",
            Allowed,
            "a word that the model supports, such as low or high; empty means \
             not sent",
            "Reasoning effort",
            |to, one| to.asking.set_parameter(one.key.name, one.value.trim()),
        )
        .ingredient(),
        Key::new(
            "seed",
            "",
            Allowed,
            "a whole number; empty means not sent",
            "Random seed of the model",
            |to, one| to.asking.set_parameter(one.key.name, one.value.trim()),
        )
        .ingredient(),
        Key::new(
            "yes",
            "false",
            Personal,
            "true or false",
            "Send code to a provider without asking first",
            sets!(asking.consent = value::consent),
        ),
    ];
    keys.extend(Thresholds::ALL.iter().map(of_threshold));
    keys
}

fn of_threshold(threshold: &Threshold) -> Key {
    let read = |to: &mut Settings, one: &Effective| {
        let value = value::threshold(&one.value)?;
        to.thresholds.set(one.key.name, value);
        Ok(())
    };
    Key::new(
        threshold.name,
        "",
        Tracked::Allowed,
        "a whole number, 0 or more",
        threshold.help,
        read,
    )
    .with_default(threshold.default)
    .ingredient()
}
