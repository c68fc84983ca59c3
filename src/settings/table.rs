//! The keys that are written out one by one. What a key is, is said in `keys`.

use std::borrow::Cow;

use super::keys::{Field, Key, Tracked};
use crate::analyzers::llm::Asked;

/// Who answers, and about which files.
pub fn of_files() -> [Key; 9] {
    use Field::{Exclude, FailOn, Include, Jobs, Kinds, MaxFileSize, Model, Provider, Ttl};
    use Tracked::{Allowed, OnlyLower, Refused};
    [
        key(
            "provider",
            Provider,
            "local",
            Refused,
            "'local', the embedded analyzer; or a provider of models, see 'models'",
            "Who answers",
        ),
        key(
            "model",
            Model,
            "",
            Allowed,
            "the provider's name for a model; empty means the one that is usual for it",
            "Which model of the provider answers",
        ),
        key(
            "kinds",
            Kinds,
            "refactor",
            Allowed,
            "any of refactor, docs, todos, analysis, and kinds of your own; or all",
            "The kinds of analysis to make",
        ),
        key(
            "include",
            Include,
            "",
            Allowed,
            "path patterns from the root of the repository",
            "Only files that one of these patterns matches; empty means every language that is known",
        ),
        key(
            "exclude",
            Exclude,
            "",
            Allowed,
            "path patterns from the root of the repository",
            "No file that one of these patterns matches",
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
            "a length of time, such as 30d or 12h, or 'never'",
            "Age at which an analysis is made anew; those of the embedded analyzer never age",
        ),
        key(
            "jobs",
            Jobs,
            "0",
            Refused,
            "a whole number; 0 means one for each processor",
            "Files to analyse at a time",
        ),
        key(
            "failOn",
            FailOn,
            "never",
            Allowed,
            "one of never, note, warning, error",
            "The level from which findings make the exit status 1",
        ),
    ]
}

/// With whom analyses are shared.
pub const fn of_sharing() -> [Key; 7] {
    [
        key(
            "remote",
            Field::Remote,
            "",
            Tracked::Refused,
            "the name of a remote",
            "The remote to share analyses through; empty means the one that the branch is pushed to",
        ),
        key(
            "sharedRef",
            Field::SharedRef,
            "refs/rustassistant/shared/v1",
            Tracked::Refused,
            "a ref of four or more parts that ends in /v1, such as refs/heads/rustassistant/v1",
            "The ref of the remote that holds shared analyses; another one where a host takes branches only",
        ),
        key(
            "trust",
            Field::Trust,
            "any",
            Tracked::Refused,
            "one of any, signed, none",
            "Whose analyses count: anyone's who may write to the remote, those signed by an allowed key, or nobody's but one's own",
        ),
        key(
            "publish",
            Field::Publish,
            "all",
            Tracked::Refused,
            "one of all, paid, none",
            "Which analyses are published: all, those of models alone, or none; the others are not pending either",
        ),
        key(
            "sign",
            Field::Sign,
            "",
            Tracked::Refused,
            "true or false; empty means what commit.gpgSign says",
            "Sign the commits that publish analyses",
        ),
        key(
            "publishMessage",
            Field::PublishMessage,
            "",
            Tracked::Refused,
            "one line of at most 200 characters",
            "The subject of commits that publish analyses, where a server has rules for it; empty means ours",
        ),
        key(
            "publishAuthor",
            Field::PublishAuthor,
            "",
            Tracked::Refused,
            "a name and an address: A U Thor <author@example.com>",
            "The author of commits that publish analyses, where a server has rules for it; empty means this program",
        ),
    ]
}

/// What the pre-push hook may do.
pub const fn of_hook() -> [Key; 3] {
    [
        key(
            "hook.enabled",
            Field::HookEnabled,
            "true",
            Tracked::Refused,
            "true or false",
            "Whether the pre-push hook does anything",
        ),
        key(
            "hook.budget",
            Field::HookBudget,
            "10s",
            Tracked::Refused,
            "a length of time, such as 10s or 1m",
            "How long a push waits for the hook; what is left then goes on in the background",
        ),
        key(
            "hook.failOn",
            Field::HookFailOn,
            "never",
            Tracked::Allowed,
            "one of never, note, warning, error",
            "The level from which new findings stop a push",
        ),
    ]
}

/// What a model is asked with, and how much it may take.
pub fn of_models() -> [Key; 9] {
    use Field::{MaxCost, MaxOutputTokens, MaxRequests, MaxTokens, Parameter, Yes};
    use Tracked::{Allowed, OnlyLower, Personal};
    let most = key(
        "maxOutputTokens",
        MaxOutputTokens,
        "",
        OnlyLower,
        "a whole number, at least 1",
        "The most tokens of one answer of a model, its reasoning included",
    );
    [
        key(
            "maxCost",
            MaxCost,
            "none",
            OnlyLower,
            "an amount of US dollars such as 0.50, or 'none'",
            "The most that one run may spend on models",
        ),
        key(
            "maxTokens",
            MaxTokens,
            "none",
            OnlyLower,
            "a whole number such as 200000 or 200k, or 'none'",
            "The most tokens that one run may use, questions and answers together",
        ),
        key(
            "maxRequests",
            MaxRequests,
            "none",
            OnlyLower,
            "a whole number, or 'none'",
            "The most requests that one run may send",
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
            "How freely a model chooses its words",
        ),
        key(
            "topP",
            Parameter,
            "",
            Allowed,
            "a number from 0 to 1; empty means not sent",
            "From how much of the likely words a model chooses",
        ),
        key(
            "effort",
            Parameter,
            "",
            Allowed,
            "a word that the model knows, such as low or high; empty means not sent",
            "How long a model reasons",
        ),
        key(
            "seed",
            Parameter,
            "",
            Allowed,
            "a whole number; empty means not sent",
            "What a model's chance starts from",
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
