//! The table of keys. `keys` defines what a key is.

use std::borrow::Cow;

use super::keys::{Field, Key, Tracked};
use crate::analyzers::llm::Asked;

/// Settings that choose the provider and the files.
pub fn of_files() -> [Key; 9] {
    use Field::{Exclude, FailOn, Include, Jobs, Kinds, MaxFileSize, Model, Provider, Ttl};
    use Tracked::{Allowed, OnlyLower, Refused};
    [
        key(
            "provider",
            Provider,
            "local",
            Refused,
            "'local', which is the embedded analyzer, or a provider that 'models' lists",
            "The provider that analyzes files",
        ),
        key(
            "model",
            Model,
            "",
            Allowed,
            "a model name of the provider; empty means the provider's default model",
            "The model to use",
        ),
        key(
            "kinds",
            Kinds,
            "refactor",
            Allowed,
            "any of refactor, docs, todos, analysis, and custom kinds; or all",
            "The kinds of analysis to run",
        ),
        key(
            "include",
            Include,
            "",
            Allowed,
            "path patterns from the root of the repository",
            "Analyze only files that match one of these patterns; empty means all supported languages",
        ),
        key(
            "exclude",
            Exclude,
            "",
            Allowed,
            "path patterns from the root of the repository",
            "Skip files that match one of these patterns",
        ),
        key(
            "maxFileSize",
            MaxFileSize,
            "1m",
            OnlyLower,
            "a number of bytes, such as 65536, 512k or 2m",
            "Skip files larger than this",
        ),
        key(
            "ttl",
            Ttl,
            "never",
            Allowed,
            "a duration such as 30d or 12h, or 'never'",
            "Age at which an analysis expires and is made again; analyses of the embedded analyzer never expire",
        ),
        key(
            "jobs",
            Jobs,
            "0",
            Refused,
            "a whole number; 0 means one per processor",
            "Number of files to analyze in parallel",
        ),
        key(
            "failOn",
            FailOn,
            "never",
            Allowed,
            "one of never, note, warning, error",
            "Exit with status 1 on findings at this level or above",
        ),
    ]
}

/// Settings for sharing analyses.
pub const fn of_sharing() -> [Key; 7] {
    [
        key(
            "remote",
            Field::Remote,
            "",
            Tracked::Refused,
            "the name of a remote",
            "The remote to share analyses through; empty means the branch's push remote",
        ),
        key(
            "sharedRef",
            Field::SharedRef,
            "refs/rustassistant/shared/v1",
            Tracked::Refused,
            "a ref of four or more parts that ends in /v1, such as refs/heads/rustassistant/v1",
            "The ref for shared analyses at the remote; change it if a host accepts only branches",
        ),
        key(
            "trust",
            Field::Trust,
            "any",
            Tracked::Refused,
            "one of any, signed, none",
            "Whose analyses to use: those of anyone who can push to the remote, only those signed with an allowed key, or only your own",
        ),
        key(
            "publish",
            Field::Publish,
            "all",
            Tracked::Refused,
            "one of all, paid, none",
            "Which analyses to publish: all, only those of models, or none; the others do not count as pending",
        ),
        key(
            "sign",
            Field::Sign,
            "",
            Tracked::Refused,
            "true or false; empty means the value of commit.gpgSign",
            "Whether to sign commits that publish analyses",
        ),
        key(
            "publishMessage",
            Field::PublishMessage,
            "",
            Tracked::Refused,
            "one line of at most 200 characters",
            "Subject of commits that publish analyses, for servers that require a format; empty means the default subject",
        ),
        key(
            "publishAuthor",
            Field::PublishAuthor,
            "",
            Tracked::Refused,
            "a name and an address: A U Thor <author@example.com>",
            "Author of commits that publish analyses, for servers that require one; empty means this program",
        ),
    ]
}

/// Settings of the pre-push hook.
pub const fn of_hook() -> [Key; 3] {
    [
        key(
            "hook.enabled",
            Field::HookEnabled,
            "true",
            Tracked::Refused,
            "true or false",
            "Whether the pre-push hook runs",
        ),
        key(
            "hook.budget",
            Field::HookBudget,
            "10s",
            Tracked::Refused,
            "a duration such as 10s or 1m",
            "How long a push waits for the hook; after that, the hook continues in the background",
        ),
        key(
            "hook.failOn",
            Field::HookFailOn,
            "never",
            Tracked::Allowed,
            "one of never, note, warning, error",
            "Stop a push on new findings at this level or above",
        ),
    ]
}

/// Model parameters and limits.
pub fn of_models() -> [Key; 9] {
    use Field::{MaxCost, MaxOutputTokens, MaxRequests, MaxTokens, Parameter, Yes};
    use Tracked::{Allowed, OnlyLower, Personal};
    let most = key(
        "maxOutputTokens",
        MaxOutputTokens,
        "",
        OnlyLower,
        "a whole number, at least 1",
        "Limit of output tokens per request, including reasoning",
    );
    [
        key(
            "maxCost",
            MaxCost,
            "none",
            OnlyLower,
            "US dollars, such as 0.50, or 'none'",
            "Spending limit of one run",
        ),
        key(
            "maxTokens",
            MaxTokens,
            "none",
            OnlyLower,
            "a whole number such as 200000 or 200k, or 'none'",
            "Limit of input and output tokens of one run",
        ),
        key(
            "maxRequests",
            MaxRequests,
            "none",
            OnlyLower,
            "a whole number, or 'none'",
            "Limit of requests of one run",
        ),
        Key {
            default: Cow::Owned(Asked::MAX_OUTPUT_TOKENS.to_string()),
            ..most
        },
        key(
            "temperature",
            Parameter,
            "",
            Allowed,
            "a number from 0 to 2; empty means not sent",
            "Sampling temperature",
        ),
        key(
            "topP",
            Parameter,
            "",
            Allowed,
            "a number from 0 to 1; empty means not sent",
            "Nucleus sampling: the probability mass to sample from",
        ),
        key(
            "effort",
            Parameter,
            "",
            Allowed,
            "a word that the model supports, such as low or high; empty means not sent",
            "Reasoning effort",
        ),
        key(
            "seed",
            Parameter,
            "",
            Allowed,
            "a whole number; empty means not sent",
            "Random seed of the model",
        ),
        key(
            "yes",
            Yes,
            "false",
            Personal,
            "true or false",
            "Send code to a provider without asking first",
        ),
    ]
}

const fn key(
    name: &'static str,
    field: Field,
    default: &'static str,
    tracked: Tracked,
    allowed: &'static str,
    help: &'static str,
) -> Key {
    Key {
        name,
        field,
        default: Cow::Borrowed(default),
        allowed,
        help,
        tracked,
    }
}
