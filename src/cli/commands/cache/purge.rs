//! `cache purge`: takes what was leaked out of everything that this program keeps, its history too.

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

/// A secret is not longer, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// Fewer digits name no blob, as for git.
const FEWEST_DIGITS: usize = 4;

const EXAMPLES: &str = "\
Examples:
  git rustassistant cache purge config/prod.env       all that is told of what this path ever held
  git rustassistant cache purge 3b18e512 --publish    of one blob, from what the team shares too
  git rustassistant cache purge --text - < secret     whatever quotes what the file 'secret' holds";

/// Take what was leaked out of the store, and out of its history
///
/// Entries that speak of what a path has or ever had, of one blob, or that hold a text go, recipes that
/// hold the text too. What they lay in begins anew, without history and reflogs; files beside git go
/// through the same. With --publish, so does what the team shares: no other clone brings it back.
/// Afterwards 'git gc --prune=now' takes the objects themselves away, here and at the remote. Where
/// answers of a model are among it, which were paid for, you are asked first; without a terminal, --yes
/// answers. Change a secret that was leaked: others may have read it.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// Files, whatever they ever held, or the id of a blob, or how it begins
    #[arg(value_name = "PATH|OID", required_unless_present = "text")]
    about: Vec<OsString>,

    /// Whatever holds this text; '-' reads it from standard input, which no shell remembers
    #[arg(
        long,
        value_name = "STRING",
        conflicts_with = "about",
        allow_hyphen_values = true
    )]
    text: Option<OsString>,

    /// Say what would go, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Let what the team shares begin anew, too
    #[arg(long)]
    publish: bool,

    /// What is shared through another remote than usual
    #[arg(long, value_name = "NAME", requires = "publish")]
    remote: Option<String>,

    /// Drop answers that were paid for, and do not ask
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
    // A repository may be the very one that others share through.
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
        let error = anyhow!("nothing was purged: another run of this clone may store it again");
        return Err(Hinted::attach(
            error,
            "when it has ended: git rustassistant cache purge",
        ));
    }
    if !arguments.yes {
        paid.confirm(context, "cache purge")?;
    }
    let mut status = Status::Done;
    let there = match sharing.as_ref().map(|sharing| sharing.purge(&search)) {
        Some(Ok(there)) => there,
        Some(Err(trouble)) => {
            let again = "what this clone keeps is purged all the same; when the remote can be \
                         reached, do it again: git rustassistant cache purge --publish";
            context.printer.error(&Hinted::attach(trouble, again));
            status = Status::Incomplete;
            Purged::Nothing
        }
        None => Purged::Nothing,
    };
    // What came from the remote meanwhile is looked at, too.
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
                "purged {here} here, {there} of {}",
                remote.unwrap_or_default()
            )
        }
    };
    say(context, &told)?;
    if *search.is_partial.borrow() {
        context.printer.warning(
            "some objects are missing here or damaged, and were not looked through\n\
             hint: do the same in a full clone, or have this one mended: git rustassistant doctor \
             --repair",
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
        Some(remote) => format!(", {} of {remote}", count(of(true) as u64, "entry")),
        None => String::new(),
    };
    say(
        context,
        &format!("would purge {here} here{there}{}", paid.in_brackets()),
    )?;
    for sighting in sightings {
        let what = match (reach.takes(sighting), sighting.is_below, &sighting.role) {
            (false, ..) => "would still hold it",
            (_, false, _) => "would lose its reflog",
            (.., Role::Unread) => "would go",
            _ => "would begin anew",
        };
        say(context, &format!("  {} {what}", sighting.name))?;
    }
    for file in files {
        say(context, &format!("  {} would lose what holds it", file))?;
    }
    Ok(Status::Done)
}

/// That a ref holds it still, and what can be done.
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
        Role::Own => "rustassistant.publishMessage may say it: git config --list".to_owned(),
        _ => "if nobody needs it: git update-ref -d, with that name".to_owned(),
    };
    format!("{name} still holds it\nhint: {hint}")
}

/// A name as one word of a shell, whoever chose it.
fn word(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
    if name.bytes().all(is_plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    }
}

/// Where git itself copies what remotes publish, if that is a branch.
fn tracking(repo: &Repo, settings: &Settings) -> Vec<String> {
    let Some(branch) = settings.shared_ref.strip_prefix("refs/heads/") else {
        return Vec::new();
    };
    let remotes = repo.remotes().into_iter();
    remotes
        .map(|it| format!("refs/remotes/{it}/{branch}"))
        .collect()
}

/// The text that is meant. It is shown to nobody.
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
        .context("the text to purge is empty, or is no UTF-8")
        .hint(
            "give it without a line end: printf %s STRING | git rustassistant cache purge --text -",
        )
}

/// The blobs that are meant by paths and ids.
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
                    anyhow!("'{shown}' is and was no file, and no entry is about such a blob");
                let hint = "what a file elsewhere in history held is named by its id: git rev-parse \
                            REV:PATH";
                return Err(Hinted::attach(error, hint));
            }
            (false, _) => {
                let error = anyhow!("'{shown}' is a path, and how a blob begins that has entries");
                return Err(Hinted::attach(
                    error,
                    format!("for the path, write './{shown}'"),
                ));
            }
            (true, _) => {
                let error = anyhow!("{} begin with '{shown}'", count(begin.len() as u64, "blob"));
                let hint = "give more of its digits: git rustassistant cache list";
                return Err(Hinted::attach(error, hint));
            }
        }
    }
    if blobs.is_empty() {
        bail!("there is nothing to look for");
    }
    Ok(blobs)
}
