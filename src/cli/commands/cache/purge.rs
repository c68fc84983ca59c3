//! `cache purge`: removes leaked content from everything this program stores, including history.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;

use crate::cli::context::Context;
use crate::cli::eviction::{self, Paid, say};
use crate::cli::options::NetworkOptions;
use crate::cli::sharing::Sharing;
use crate::cli::status::Status;
use crate::git::{Repo, whole};
use crate::model::{Hinted, Oid, ResultExt};
use crate::report::count;
use crate::session;
use crate::settings::Settings;
use crate::store::{self, Doomed, Needle, Published, Role, SHARED_REF, Search, Sighting};
use crate::sync::Purged;

/// Size limit of a text to purge.
const MOST_BYTES: u64 = 1 << 20;

/// The shortest prefix of a blob id, as in git.
const FEWEST_DIGITS: usize = 4;

const EXAMPLES: &str = "\
Examples:
  git rustassistant cache purge config/prod.env       everything about any version of this path
  git rustassistant cache purge 3b18e512 --publish    one blob, from the shared entries, too
  git rustassistant cache purge --text - < secret     everything that quotes the contents of 'secret'";

/// Remove leaked content from the store and its history
///
/// Removes entries about any version of a path, about one blob, or containing a text, and recipes
/// containing the text. Rewrites the affected refs without history or reflogs, and cleans up the local
/// files of this program. With --publish, does the same for the shared entries; no other clone brings
/// them back. Then run 'git gc --prune=now' here and at the remote to delete the objects themselves.
/// Asks before removing paid answers; without a terminal, this needs --yes. Always rotate a leaked
/// secret: others may have read it.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// Paths (any version of the file), or blob ids or their prefixes
    #[arg(value_name = "PATH|OID", required_unless_present = "text")]
    about: Vec<OsString>,

    /// Everything containing this text; '-' reads it from standard input, to keep it out of the shell
    /// history
    #[arg(
        long,
        value_name = "STRING",
        conflicts_with = "about",
        allow_hyphen_values = true
    )]
    text: Option<OsString>,

    /// Show what would be removed, without removing it
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Also purge the shared entries
    #[arg(long)]
    publish: bool,

    /// The remote to purge, if not the usual one
    #[arg(long, value_name = "NAME", requires = "publish")]
    remote: Option<String>,

    /// Remove paid answers without asking
    #[arg(short = 'y', long)]
    yes: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    let settings = session::personal(context, &repo)?;
    let doomed = match &arguments.text {
        Some(text) => Doomed::Holding(needle(text)?),
        None => Doomed::About(blobs(&repo, &settings, &arguments.about)?),
    };
    let others = tracking(&repo, &settings);
    let search = Search::new(&repo, &doomed);
    let sightings = search.refs(&others)?;
    let mut beside = store::answers_beside(&repo, &doomed)?;
    let files = store::files_with(&repo, &doomed);
    let network = NetworkOptions {
        remote: arguments.remote.clone(),
        ..NetworkOptions::default()
    };
    // This repository may itself be the one that others share through.
    let is_shared = repo.remotes().is_empty() && repo.resolve_ref(SHARED_REF)?.is_some();
    let sharing = if arguments.publish && !is_shared {
        Some(Sharing::new(context, &repo, &settings, &network)?)
    } else {
        None
    };
    let remote = sharing.as_ref().map(|sharing| sharing.remote.name.as_str());
    let reach = Reach {
        remote,
        publish: arguments.publish,
    };
    let going: Vec<&Sighting> = sightings.iter().filter(|it| reach.takes(it)).collect();
    for (_, value) in going
        .iter()
        .flat_map(|it| it.entries.entries.values().flatten())
    {
        beside.remove(value);
    }
    let mut paid = eviction::paid(&repo, going.iter().map(|it| &it.entries));
    beside.values().flatten().for_each(|entry| paid.add(entry));
    if arguments.dry_run {
        let is_nothing = sightings.is_empty() && beside.is_empty() && files.is_empty();
        return preview(
            context,
            &reach,
            &sightings,
            (beside.len(), &files, paid),
            is_nothing,
        );
    }
    if store::is_busy(&repo) {
        let error = anyhow!("nothing purged: another run in this clone could store it again");
        return Err(Hinted::attach(
            error,
            "when that run has finished: git rustassistant cache purge",
        ));
    }
    if !arguments.yes {
        paid.confirm(context, "cache purge")?;
    }
    let mut status = Status::Done;
    let there = match sharing.as_ref().map(|sharing| sharing.purge(&search)) {
        Some(Ok(there)) => there,
        Some(Err(trouble)) => {
            let again = "this clone is purged anyway; when the remote is reachable, run again: \
                         git rustassistant cache purge --publish";
            context.printer.error(&Hinted::attach(trouble, again));
            status = Status::Incomplete;
            Purged::Nothing
        }
        None => Purged::Nothing,
    };
    // Include what has come from the remote meanwhile.
    let sightings = search.refs(&others)?;
    let published = if arguments.publish {
        Published::Purged
    } else {
        Published::Left
    };
    let seconds = context.now().as_second();
    let is_here = !sightings.is_empty() || !beside.is_empty() || !files.is_empty();
    let here = store::purge_refs(&search, &sightings, published, seconds)? + beside.len();
    store::purge_files(&repo, &doomed)?;
    let left = search.refs(&others)?;
    let told = match there {
        Purged::Nothing if !is_here => "nothing to purge".to_owned(),
        Purged::Nothing => format!("purged {} here", count(here as u64, "entry")),
        Purged::Anew(there) => {
            let (here, there) = (count(here as u64, "entry"), count(there as u64, "entry"));
            format!(
                "purged {here} here, {there} from {}",
                remote.unwrap_or_default()
            )
        }
    };
    say(context, &told)?;
    if *search.is_partial.borrow() {
        context.printer.warning(
            "some objects are missing or damaged and were not searched\n\
             hint: run this in a full clone, or repair this one: git rustassistant doctor --repair",
        );
        status = status.and(Status::Incomplete);
    }
    if !left.is_empty() {
        left.iter()
            .for_each(|it| context.printer.warning(still(it)));
        status = status.and(Status::Incomplete);
    }
    if is_here || there != Purged::Nothing {
        context
            .printer
            .note("hint: the objects themselves go when git tidies up: git gc --prune=now");
    }
    if let (Purged::Anew(_), Some(remote)) = (there, remote) {
        context.printer.note(format_args!(
            "hint: {remote} and other clones hold them until they tidy up as well: 'git gc \
             --prune=now' there; in clones first: git rustassistant fetch, and the same purge"
        ));
    }
    Ok(status)
}

/// How far a purge goes.
struct Reach<'a> {
    remote: Option<&'a str>,
    publish: bool,
}

impl Reach<'_> {
    fn takes(&self, sighting: &Sighting) -> bool {
        match &sighting.role {
            Role::Own | Role::Unread => true,
            Role::Published => self.publish,
            Role::Mirror(remote) => self.remote == Some(remote) || !sighting.is_below,
            Role::Foreign => false,
        }
    }
}

fn preview(
    context: &Context,
    reach: &Reach<'_>,
    sightings: &[Sighting],
    (beside, files, paid): (usize, &[String], Paid),
    is_nothing: bool,
) -> Result<Status> {
    if is_nothing {
        return say(context, "nothing to purge");
    }
    let of = |is_mirror: bool| -> usize {
        let going = sightings.iter().filter(|it| reach.takes(it));
        let going = going.filter(|it| matches!(it.role, Role::Mirror(_)) == is_mirror);
        going.map(|it| it.entries.count()).sum()
    };
    let here = count((of(false) + beside) as u64, "entry");
    let there = match reach.remote {
        Some(remote) => format!(", {} from {remote}", count(of(true) as u64, "entry")),
        None => String::new(),
    };
    say(
        context,
        &format!("would purge {here} here{there}{}", paid.in_brackets()),
    )?;
    for sighting in sightings {
        let what = match (reach.takes(sighting), sighting.is_below, &sighting.role) {
            (false, ..) => "would still contain it",
            (_, false, _) => "would lose its reflog",
            (.., Role::Unread) => "would be deleted",
            _ => "would be rewritten",
        };
        say(context, &format!("  {} {what}", sighting.name))?;
    }
    for file in files {
        say(context, &format!("  {} would be cleaned", file))?;
    }
    Ok(Status::Done)
}

/// Says that a ref still contains it, and what to do about it.
fn still(sighting: &Sighting) -> String {
    let name = &sighting.name;
    let hint = match &sighting.role {
        Role::Mirror(remote) => format!(
            "{remote} publishes it: git rustassistant cache purge --publish --remote {}",
            word(remote)
        ),
        Role::Published => {
            "this repository publishes it: git rustassistant cache purge --publish".to_owned()
        }
        _ if !name.starts_with(crate::git::OURS) => {
            let remote = name.strip_prefix("refs/remotes/").unwrap_or_default();
            let remote = remote.split('/').next().unwrap_or_default();
            let (remote, name) = (word(remote), word(name));
            format!("git fetch {remote} && git reflog expire --expire=now {name}")
        }
        Role::Own => "rustassistant.publishMessage may contain it: git config --list".to_owned(),
        _ => format!("if nobody needs it: git update-ref -d {}", word(name)),
    };
    format!("{name} still contains it\nhint: {hint}")
}

/// Quotes a name for the shell. Names may come from strangers.
fn word(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
    if name.bytes().all(is_plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    }
}

/// The remote-tracking refs of the shared ref, if that is a branch.
fn tracking(repo: &Repo, settings: &Settings) -> Vec<String> {
    let Some(branch) = settings.shared_ref.strip_prefix("refs/heads/") else {
        return Vec::new();
    };
    let remotes = repo.remotes().into_iter();
    remotes
        .map(|it| format!("refs/remotes/{it}/{branch}"))
        .collect()
}

/// The text to purge. Never printed.
fn needle(text: &OsString) -> Result<Needle> {
    let bytes = match text.as_encoded_bytes() {
        b"-" => whole(io::stdin().lock(), MOST_BYTES)
            .context("cannot read the text from standard input")?,
        text => text.to_vec(),
    };
    let needle = String::from_utf8(bytes)
        .ok()
        .and_then(|text| Needle::new(&text));
    needle
        .context("the text to purge is empty or not valid UTF-8")
        .hint(
            "pass it without a newline: printf %s STRING | git rustassistant cache purge --text -",
        )
}

/// The blobs that paths and ids name.
fn blobs(repo: &Repo, settings: &Settings, about: &[OsString]) -> Result<BTreeSet<Oid>> {
    let mut blobs = BTreeSet::new();
    let mut known = None;
    for written in about {
        let bytes = written.as_encoded_bytes();
        let is_hex = bytes.iter().all(u8::is_ascii_hexdigit);
        let named = bytes.to_ascii_lowercase();
        if let Some(oid) = Oid::from_hex(&named).filter(|oid| oid.format() == repo.format()) {
            blobs.insert(oid);
            continue;
        }
        let specs = session::pathspecs(repo, vec![written.clone()]);
        let at_path = repo.ever_at(&specs, settings.max_file_size)?;
        let mut begin = Vec::new();
        if is_hex && bytes.len() >= FEWEST_DIGITS {
            let known = match &known {
                Some(known) => known,
                None => known.insert(store::blobs_with_entries(repo)?),
            };
            begin.extend(known.iter().filter(|oid| oid.hex().starts_with(&named)));
        }
        let shown = written.to_string_lossy();
        let shown = shown.escape_debug();
        match (at_path.is_empty(), begin.as_slice()) {
            (false, []) => blobs.extend(at_path),
            (true, [blob]) => drop(blobs.insert(*blob)),
            (true, []) => {
                let error =
                    anyhow!("'{shown}' names no file of this history and no blob with entries");
                let hint = "for a file in other history, use its blob id: git rev-parse REV:PATH";
                return Err(Hinted::attach(error, hint));
            }
            (false, _) => {
                let error =
                    anyhow!("'{shown}' is ambiguous: both a path and a prefix of a blob id");
                return Err(Hinted::attach(
                    error,
                    format!("for the path, use './{shown}'"),
                ));
            }
            (true, _) => {
                let blobs = count(begin.len() as u64, "blob");
                let error = anyhow!("'{shown}' is ambiguous: it matches {blobs}");
                let hint = "use a longer prefix: git rustassistant cache list";
                return Err(Hinted::attach(error, hint));
            }
        }
    }
    if blobs.is_empty() {
        bail!("nothing to search for");
    }
    Ok(blobs)
}
