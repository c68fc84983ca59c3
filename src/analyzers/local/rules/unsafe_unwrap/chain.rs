//! What stands before an `unwrap()`: the call that made the value, and the value it is called on.
//! Read from tokens, because the arguments of macros have no tree.

use std::borrow::Cow;

use crate::analyzers::local::rules::case::{Case, Imports};
use crate::analyzers::local::sightings::{Shape, Token};

/// One `….call(arguments).unwrap()`.
#[derive(Clone, Debug)]
pub struct Chain<'a> {
    pub unwrap: Token,
    /// The name of what made the value; empty if no call did.
    pub call: &'a str,
    /// What stands before the name: `File::` or `text.`, as far as names go, or what it was imported from.
    owner: Cow<'a, str>,
    arguments: Arguments,
    /// Is it waited for?
    awaited: bool,
    /// All that is unwrapped.
    value: &'a str,
    /// The beginning of the value, in bytes.
    pub start: usize,
}

/// What decides whether an unwrapped value is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecidedBy {
    /// Files, the network, the environment: nobody can be sure.
    System,
    /// A text that is parsed, which the code before may have made sure of.
    Text,
    /// The program itself.
    Program,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arguments {
    None,
    Literals,
    Some,
}

/// Values longer than this, in tokens, are not followed to their beginning.
const MAX_VALUE: usize = 200;

/// A check further above than this, in bytes, is not seen.
const MAX_DISTANCE: usize = 4096;

impl<'a> Chain<'a> {
    /// The chain whose `unwrap` is this token, if it is one.
    pub fn ending_at(case: &Case<'a>, imports: &Imports, at: usize) -> Option<Self> {
        let tokens = &case.seen.tokens;
        let unwrap = *tokens.get(at)?;
        let word = |at: usize| tokens.get(at).map_or("", |token| case.word(*token));
        let before = at.checked_sub(2)?;
        if unwrap.shape != Shape::Name
            || word(at) != "unwrap"
            || word(at - 1) != "."
            || word(at + 1) != "("
            || word(at + 2) != ")"
        {
            return None;
        }
        let value = beginning(case, before);
        let start = tokens.get(value)?.start;
        let end = tokens.get(before)?.end;
        let (maker, awaited) = maker(case, before)?;
        let mut chain = Self {
            unwrap,
            call: "",
            owner: Cow::Borrowed(""),
            arguments: Arguments::None,
            awaited,
            value: case.text(&(start..end)),
            start,
        };
        if word(maker) == ")" {
            let open = opening(case, maker)?;
            chain.arguments = arguments(case, open, maker);
            let name = name_before(case, open)?;
            chain.call = word(name);
            let owner = tokens.get(beginning(case, maker))?.start;
            let (owner, name) = (owner..tokens.get(name)?.start, owner..tokens.get(name)?.end);
            chain.owner = match imports.whole(case.text(&name)) {
                // By which name it goes here does not matter.
                Cow::Owned(path) if case.text(&owner).is_empty() => {
                    let end = path.rfind("::").map_or(0, |end| end + 2);
                    Cow::Owned(path[..end].to_owned())
                }
                Cow::Owned(path) => {
                    Cow::Owned(path.strip_suffix(chain.call).unwrap_or_default().to_owned())
                }
                Cow::Borrowed(_) => Cow::Borrowed(case.text(&owner)),
            };
        }
        Some(chain)
    }

    /// What decides whether the value is there.
    pub fn decided_by(&self) -> DecidedBy {
        let owned = |owners: &[&str]| owners.iter().any(|owner| self.owner.ends_with(*owner));
        let built = |makers: &[&str]| makers.iter().any(|maker| self.owner.contains(*maker));
        let asks_system = match self.call {
            "read_to_string" | "read_line" | "read_dir" | "read_link" | "canonicalize"
            | "current_dir" | "current_exe" | "create_dir" | "create_dir_all" | "remove_dir"
            | "remove_dir_all" | "remove_file" | "symlink_metadata" | "sync_all" | "sync_data" => {
                true
            }
            "open" | "create" | "create_new" => {
                owned(&["File::"]) || built(&["File::options()", "OpenOptions::"])
            }
            "output" | "status" | "spawn" => built(&["Command::new("]),
            "nth" | "next" => owned(&["env::args().", "env::args_os()."]),
            "connect" | "bind" => owned(&["Stream::", "Listener::", "Socket::"]),
            _ => ["fs", "env", "reqwest"]
                .iter()
                .any(|module| self.is_in(module)),
        };
        let reads_text = match self.call {
            "parse" => self.arguments == Arguments::None && !self.is_of_constant(),
            "from_utf8" => owned(&["String::", "str::"]) && self.arguments == Arguments::Some,
            "from_str" | "from_slice" | "from_reader" => {
                owned(&["serde_json::", "toml::"]) && self.arguments == Arguments::Some
            }
            _ => false,
        };
        match (asks_system, reads_text) {
            (true, _) => DecidedBy::System,
            (_, true) => DecidedBy::Text,
            _ => DecidedBy::Program,
        }
    }

    /// Is the call one of this module's own functions: `tokio::fs::read`?
    fn is_in(&self, module: &str) -> bool {
        let before = self
            .owner
            .strip_suffix("::")
            .and_then(|owner| owner.strip_suffix(module));
        before.is_some_and(|before| before.is_empty() || before.ends_with("::"))
    }

    /// Is it known that this cannot fail, or that nothing sensible can be done if it does?
    pub fn is_sure(&self) -> bool {
        let locks = matches!(
            self.call,
            "lock" | "read" | "write" | "borrow" | "wait" | "into_inner"
        );
        let literal = self.arguments == Arguments::Literals && !self.owner.ends_with('.');
        let written = self.owner.ends_with("write!") || self.owner.ends_with("writeln!");
        let macro_call = self.call == "!" || written;
        // A task that panicked, as a thread that is joined.
        let joins = self.awaited && matches!(self.call, "" | "spawn" | "spawn_blocking");
        locks
            || joins
            || literal
            || macro_call
            || matches!(
                self.call,
                "join" | "try_into" | "try_from" | "write_str" | "write_char" | "write_fmt"
            )
            || (self.call == "parse" && self.is_of_constant())
    }

    /// Is it called on a text that is always the same: a literal or a constant?
    fn is_of_constant(&self) -> bool {
        let owner = self.owner.trim_end_matches('.');
        let name = owner.rsplit("::").next().unwrap_or_default();
        let constant = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        owner.starts_with('"') || (!name.is_empty() && name.chars().all(constant))
    }

    /// Was the same value asked before, in the same function, whether it is there?
    pub fn is_checked(&self, case: &Case<'_>, function: usize) -> bool {
        let Some(function) = case.functions.get(function) else {
            return false;
        };
        let nearest = self.start.saturating_sub(MAX_DISTANCE);
        let mut from = function.range.start.max(nearest);
        while !case.subject.text.is_char_boundary(from) {
            from += 1;
        }
        let before = case.text(&(from..self.start));
        let asked = match self.call {
            "" => self.value,
            _ => self.owner.trim_end_matches('.'),
        };
        let asked = asked
            .trim_end_matches(".as_ref()")
            .trim_end_matches(".as_mut()");
        [
            ".is_some()",
            ".is_none()",
            ".is_ok()",
            ".is_err()",
            ".is_empty()",
            ".len()",
        ]
        .iter()
        .any(|question| before.contains(&format!("{asked}{question}")))
    }
}

/// What is done to a value without deciding whether it is there.
const PASSES_ON: [&str; 16] = [
    "map_err",
    "inspect_err",
    "context",
    "with_context",
    "wrap_err",
    "wrap_err_with",
    "map",
    "inspect",
    "ok",
    "ok_or",
    "ok_or_else",
    "as_ref",
    "as_mut",
    "as_deref",
    "cloned",
    "copied",
];

/// The last token of what made the value that ends with this one, and whether it is waited for.
fn maker(case: &Case<'_>, end: usize) -> Option<(usize, bool)> {
    let word = |at: usize| {
        let token = case.seen.tokens.get(at);
        token.map_or("", |token| case.word(*token))
    };
    let (mut end, mut awaited) = (end, false);
    loop {
        let name = match word(end) {
            "await" => Some(end),
            ")" => {
                let name = name_before(case, opening(case, end)?)?;
                Some(name).filter(|&name| PASSES_ON.contains(&word(name)))
            }
            _ => None,
        };
        match name.and_then(|name| name.checked_sub(2).filter(|_| word(name - 1) == ".")) {
            Some(before) => {
                awaited |= word(end) == "await";
                end = before;
            }
            None => return Some((end, awaited)),
        }
    }
}

/// The name of the call whose arguments open with this token.
fn name_before(case: &Case<'_>, open: usize) -> Option<usize> {
    let name = open.checked_sub(1)?;
    let token = case.seen.tokens.get(name)?;
    if case.word(*token) == ">" {
        turbofish(case, name)
    } else {
        Some(name)
    }
}

/// The token that opens the bracket which this one closes.
fn opening(case: &Case<'_>, close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in (close.saturating_sub(MAX_VALUE)..=close).rev() {
        match case.seen.tokens.get(at).map(|token| case.word(*token)) {
            Some(")" | "]" | "}") => depth += 1,
            Some("(" | "[" | "{") => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The name before `::<…>`, from its last sign.
fn turbofish(case: &Case<'_>, close: usize) -> Option<usize> {
    let word = |at: usize| {
        case.seen
            .tokens
            .get(at)
            .map_or("", |token| case.word(*token))
    };
    let mut depth = 0_usize;
    for at in (close.saturating_sub(MAX_VALUE)..=close).rev() {
        match word(at) {
            ">" => depth += 1,
            ">>" => depth += 2,
            "<" => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return at.checked_sub(2).filter(|_| word(at - 1) == "::");
        }
    }
    None
}

fn arguments(case: &Case<'_>, open: usize, close: usize) -> Arguments {
    let inside = case.seen.tokens.get(open + 1..close).unwrap_or_default();
    let literal = |token: &Token| match token.shape {
        Shape::Text | Shape::Number => true,
        Shape::Sign => matches!(case.word(*token), "," | "&" | "-" | "[" | "]"),
        Shape::Name => false,
    };
    match inside {
        [] => Arguments::None,
        inside if inside.iter().all(literal) => Arguments::Literals,
        _ => Arguments::Some,
    }
}

/// The first token of the value that ends with this one: names, paths, calls and fields.
fn beginning(case: &Case<'_>, end: usize) -> usize {
    let word = |at: usize| {
        case.seen
            .tokens
            .get(at)
            .map_or("", |token| case.word(*token))
    };
    let mut at = end;
    loop {
        if matches!(word(at), ")" | "]") {
            match opening(case, at) {
                Some(open) => at = open,
                None => return at,
            }
        } else if word(at) == ">"
            && let Some(name) = turbofish(case, at)
        {
            at = name;
            continue;
        }
        let Some(before) = at.checked_sub(1) else {
            return at;
        };
        let calls = matches!(word(at), "(" | "[");
        let previous = word(before);
        let joins = matches!(previous, "." | "::" | "?" | "!")
            || matches!(word(at), "." | "::" | "?" | "!")
            || (calls && is_callable(case, before));
        if !joins || end - before > MAX_VALUE {
            return at;
        }
        at = before;
    }
}

fn is_callable(case: &Case<'_>, at: usize) -> bool {
    let token = case.seen.tokens.get(at);
    token.is_some_and(|token| {
        token.shape == Shape::Name || matches!(case.word(*token), ")" | "]" | ">" | "self")
    })
}
