//! Which remotes have refused analyses lately, so that not every push asks them again. A line for
//! each in our folder: remembered for a day, or until its address, the ref, or its mind changes.
//! Not why a remote refuses.

use anyhow::Result;

use super::Remote;
use crate::git::Repo;
use crate::model::ObjectFormat;

/// How long it is remembered, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// Of so many remotes.
const MOST: usize = 32;

/// What `remote` said when it refused last, if that was less than a day before `seconds` and neither
/// its address nor the ref was another.
pub fn refused(repo: &Repo, remote: &Remote, seconds: i64) -> Option<String> {
    let place = place(repo, remote);
    let lines = lines(repo, seconds).into_iter();
    let mut of_place = lines.filter(|line| line.place == place);
    of_place.next().map(|line| line.why)
}

/// Remembers, or forgets, that `remote` has refused. A file that cannot be written only costs time.
pub fn remember(repo: &Repo, remote: &Remote, why: Option<&str>, seconds: i64) {
    let place = place(repo, remote);
    let mut all = lines(repo, seconds);
    let before = all.len();
    all.retain(|line| line.place != place);
    if why.is_none() && all.len() == before {
        return;
    }
    all.extend(why.map(|why| Line {
        since: seconds,
        place,
        why: why.lines().collect::<Vec<_>>().join(" "),
    }));
    let from = all.len().saturating_sub(MOST);
    let _ = write(repo, all.get(from..).unwrap_or_default());
}

struct Line {
    since: i64,
    place: String,
    why: String,
}

fn place(repo: &Repo, remote: &Remote) -> String {
    let mut parts = repo.push_addresses(&remote.name);
    parts.push(remote.shared_ref.clone());
    let text = parts.join("\0");
    ObjectFormat::Sha256.hash(&[text.as_bytes()]).to_string()
}

const FILE: &str = "refused";

/// A longer file is none of ours, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// Those that still count.
fn lines(repo: &Repo, seconds: i64) -> Vec<Line> {
    let own = repo.own_folder().and_then(|own| own.text(FILE, MOST_BYTES));
    let text = own.unwrap_or_default();
    let line = |line: &str| {
        let mut words = line.splitn(3, ' ');
        Some(Line {
            since: words.next()?.parse().ok()?,
            place: words.next()?.to_owned(),
            why: words.next()?.to_owned(),
        })
    };
    let counts = |line: &Line| (0..DAY).contains(&seconds.saturating_sub(line.since));
    text.lines().filter_map(line).filter(counts).collect()
}

fn write(repo: &Repo, lines: &[Line]) -> Result<()> {
    let line = |line: &Line| format!("{} {} {}\n", line.since, line.place, line.why);
    let text: String = lines.iter().map(line).collect();
    let own = repo.make_own_folder()?;
    own.replace(FILE, "new-refused-", &[text.as_bytes()])?;
    Ok(())
}
