//! Support for the pre-commit framework. It reads git's lines itself, gives hooks no standard input,
//! and describes only the first branch, in variables (pre-commit.com, "pre-push"). This turns the
//! variables back into one of git's lines.

use std::ffi::OsString;

use super::PrePush;
use crate::git::Repo;
use crate::session::Environment;

/// The event and the line that git gave the framework; `None` if the framework does not run us, or
/// reports no push.
pub fn told(environment: &Environment) -> Option<(PrePush, Vec<u8>)> {
    let get = |name: &str| environment.get(&format!("PRE_COMMIT_{name}"));
    let text = |name: &str| get(name).map(|value| value.to_string_lossy());
    let remote: [OsString; 2] = [get("REMOTE_NAME")?.into(), get("REMOTE_URL")?.into()];
    let (local, name) = (text("LOCAL_BRANCH")?, text("REMOTE_BRANCH")?);
    let (from, to) = match (text("FROM_REF"), text("TO_REF")) {
        (Some(from), Some(to)) => (from.into_owned(), to.into_owned()),
        // All history is new to the remote: only the branch names it.
        _ => {
            let tip = Repo::open().ok()?.commit_named(&local).ok()??;
            (tip.format().zero().to_string(), tip.to_string())
        }
    };
    let event = PrePush {
        work: false,
        remote: remote.into(),
    };
    Some((event, format!("{local} {to} {name} {from}\n").into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_framework_tells_becomes_a_line_of_gits() {
        let environment = Environment::from([
            ("PRE_COMMIT_REMOTE_NAME", "origin"),
            ("PRE_COMMIT_REMOTE_URL", "../server.git"),
            ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/topic"),
            ("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/main"),
            ("PRE_COMMIT_FROM_REF", "1111"),
            ("PRE_COMMIT_TO_REF", "2222"),
        ]);
        let (event, line) = told(&environment).unwrap();
        assert_eq!(event.remote, ["origin", "../server.git"]);
        assert_eq!(line, b"refs/heads/topic 2222 refs/heads/main 1111\n");
        assert!(told(&Environment::from([("PRE_COMMIT", "1")])).is_none());
    }
}
