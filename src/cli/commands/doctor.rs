//! `doctor`: is everything there that the settings need? Each line that is not well says how to
//! mend it. Sends no code, and changes nothing but, with `--repair`, this program's own refs and, with
//! `--ask`, what is known of the server.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Result, anyhow};
use clap::Args;

use crate::analyzers::{Analyzer, Llm};
use crate::cli::context::Context;
use crate::cli::error::{hints, sentence};
use crate::cli::options::AnswererOptions;
use crate::cli::sharing;
use crate::cli::status::Status;
use crate::git::{self, Version};
use crate::hook::{self, Lfs};
use crate::model::{Hinted, ResultExt};
use crate::provider::{Class, Failure, Manner, host};
use crate::report::{clean_line, count};
use crate::scan;
use crate::session::{self, Found, ModelConfig, Party, Session};
use crate::store::{self, Batch, Store};
use crate::sync::{self, CURES};

/// Check git, the store, and the provider that answers
///
/// Asks the provider for the names of its models, which needs the key and costs nothing; with --ask,
/// a tiny question in the form of a run's, too. The exit status is 3 if anything is not as it should
/// be.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    answerer: AnswererOptions,

    /// Ask the model a tiny question in the form of a run's: some 500 tokens, which cost money
    ///
    /// It holds no code. Says what the server does not know of such a request, as a schema or a
    /// system role, which the next run then leaves out.
    #[arg(long, conflicts_with = "repair")]
    ask: bool,

    /// Mend what 'git gc' and 'git fetch' would stumble over, below refs/rustassistant/ only
    #[arg(long)]
    repair: bool,

    /// With --repair: say what is wrong, and mend nothing
    #[arg(short = 'n', long, requires = "repair")]
    dry_run: bool,
}

/// What was looked at, and what was found.
struct Check {
    what: &'static str,
    found: Result<String>,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    if arguments.repair {
        return repair(context, arguments);
    }
    let git = git_itself();
    let session = match Session::open(context, arguments.answerer.flags()) {
        Ok(session) => session,
        // What a git cannot do does not say that it is too old.
        Err(error) => return Err(git.err().unwrap_or(error)),
    };
    let mut checks = vec![
        Check {
            what: "git",
            found: git,
        },
        Check {
            what: "store",
            found: store(&session),
        },
    ];
    checks.extend(
        lfs(&session)
            .transpose()
            .map(|found| Check { what: "lfs", found }),
    );
    checks.extend(remote(&session, context).map(|found| Check {
        what: "remote",
        found,
    }));
    for party in parties(&session)? {
        match &party.chosen {
            None => checks.push(Check {
                what: "provider",
                found: Ok("local, the embedded analyzer: nothing leaves this machine".to_owned()),
            }),
            Some(chosen) => {
                checks.extend(checks_of(context, &session, &party, chosen, arguments.ask))
            }
        }
    }
    for (kind, prompt) in &session.prompts {
        let found = prompt.expect_no_secret(kind);
        checks.push(Check {
            what: "prompt",
            found: found.map(|()| format!("{}, of the kind '{kind}'", prompt.path)),
        });
    }
    context.printer.data(|out| {
        for check in &checks {
            tell(check, out)?;
        }
        Ok(if checks.iter().all(|check| check.found.is_ok()) {
            Status::Done
        } else {
            Status::Incomplete
        })
    })
}

/// Mends what is wrong with our refs, and says what was done; in a dry run, what is wrong.
fn repair(context: &Context, arguments: &Arguments) -> Result<Status> {
    let repo = git::Repo::open()?;
    let ailments = store::ailments(&repo)?;
    context.printer.data(|out| {
        let mut status = Status::Done;
        for ailment in &ailments {
            let mended = if arguments.dry_run {
                Ok("would be mended".to_owned())
            } else {
                store::mend(&repo, ailment, context.now().as_second())
            };
            let (word, done) = match &mended {
                Ok(done) if arguments.dry_run => ("wrong", done.clone()),
                Ok(done) => ("mended", done.clone()),
                Err(error) => ("wrong", format!("cannot be mended: {}", sentence(error))),
            };
            if word == "wrong" {
                status = Status::Incomplete;
            }
            let place = clean_line(&ailment.place);
            let why = clean_line(&ailment.why);
            writeln!(out, "{word:<7}{place}: {why}; {}", clean_line(&done))?;
        }
        if ailments.is_empty() {
            writeln!(out, "nothing below refs/rustassistant/ needs mending")?;
        }
        Ok(status)
    })
}

fn tell(check: &Check, out: &mut dyn Write) -> Result<()> {
    let what = check.what;
    match &check.found {
        Ok(found) => writeln!(out, "ok     {what:<10}{}", clean_line(found))?,
        Err(error) => {
            writeln!(out, "wrong  {what:<10}{}", clean_line(&sentence(error)))?;
            for hint in hints(error) {
                writeln!(out, "       {:<10}{}", "", clean_line(hint))?;
            }
        }
    }
    Ok(())
}

fn git_itself() -> Result<String> {
    let (version, said) = git::version()?;
    let oldest = Version::OLDEST;
    if version < oldest {
        Err(anyhow!("git {said} is too old"))
            .hint(format!("install git {}.{} or newer", oldest.0, oldest.1))
    } else {
        Ok(said)
    }
}

fn store(session: &Session<'_>) -> Result<String> {
    let store = Store::open(&session.repo, &session.repo.remotes());
    if let Some(why) = store.unreadable.first() {
        anyhow::bail!("{why}");
    }
    let refs: Vec<&str> = store
        .sources()
        .iter()
        .map(|source| source.ref_name.as_str())
        .collect();
    let refs = if refs.is_empty() {
        "empty".to_owned()
    } else {
        refs.join(", ")
    };
    Ok(if Batch::has_orphans(&session.repo) {
        format!("{refs}; the next run takes in what an earlier one could not store")
    } else {
        refs
    })
}

/// What keeps analyses from the remote that they are shared through, as far as is known without
/// asking it; nothing where there is none.
fn remote(session: &Session<'_>, context: &Context) -> Option<Result<String>> {
    let repo = &session.repo;
    let home = sharing::home(repo, &session.settings)?;
    if let Some(why) = sync::refused(repo, &home, context.now().as_second()) {
        let said = anyhow!("{why} (asked again by 'git rustassistant sync', and tomorrow)");
        return Some(Err(Hinted::attach(said, CURES)));
    }
    Some(match sharing::mirroring(repo, &home.name) {
        Some(mirrors) => Err(anyhow!("{mirrors}")),
        None => Ok(format!("{}, {}", home.name, home.shared_ref)),
    })
}

/// By what the content leaves that Git LFS keeps apart, where any is.
fn lfs(session: &Session<'_>) -> Result<Option<String>> {
    let repo = &session.repo;
    Ok(match hook::lfs(repo, &hook::status(repo)?)? {
        Lfs::Unused => None,
        Lfs::Ours => Some("content is uploaded by our pre-push hook".to_owned()),
        Lfs::By(file) => Some(format!("content is uploaded by {}", file.display())),
        Lfs::Stays => {
            let stays = anyhow!("no pre-push hook uploads the content that Git LFS keeps");
            return Err(stays).hint("have one do it: git lfs install");
        }
    })
}

/// All who may be asked: about the kinds that the settings name, and those that somebody of their
/// own answers.
fn parties(session: &Session<'_>) -> Result<Vec<Party>> {
    let settings = &session.settings;
    let mut kinds = settings.kinds.clone();
    kinds.extend(settings.own.kinds.keys().cloned());
    // Nothing is asked here: no prompt is needed.
    let nothing = |_: &ModelConfig| Default::default();
    session::parties(settings, &kinds, &BTreeMap::new(), nothing, Path::new(""))
}

fn checks_of(
    context: &Context,
    session: &Session<'_>,
    party: &Party,
    chosen: &ModelConfig,
    asks: bool,
) -> Vec<Check> {
    let endpoint = &chosen.endpoint;
    let name = format!(
        "{} at {}, {}",
        endpoint.name,
        host(&endpoint.url),
        endpoint.protocol
    );
    let mut checks = vec![Check {
        what: "provider",
        found: Ok(name),
    }];
    let price = match &chosen.price {
        Some(price) if price.as_of.is_empty() => "price from your settings".to_owned(),
        Some(price) => format!("price as of {}", price.as_of),
        None => "price unknown: --max-cost cannot be used".to_owned(),
    };
    checks.push(Check {
        what: "model",
        found: Ok(format!("{}, {price}", chosen.model)),
    });
    match session::find_key(&context.environment, chosen) {
        Err(error) => checks.push(Check {
            what: "key",
            found: Err(error),
        }),
        Ok(found) => {
            checks.push(Check {
                what: "key",
                found: Ok(found.origin.clone()),
            });
            checks.push(Check {
                what: "endpoint",
                found: reach(context, session, chosen, &found),
            });
            if let (true, Analyzer::Llm(llm)) = (asks, &party.analyzer) {
                checks.push(Check {
                    what: "question",
                    found: ask(context, session, llm, chosen, &found),
                });
            }
        }
    }
    checks
}

fn reach(
    context: &Context,
    session: &Session<'_>,
    chosen: &ModelConfig,
    found: &Found,
) -> Result<String> {
    let client = session::client(context, chosen, found)?;
    let name = &chosen.endpoint.name;
    let hint = format!(
        "look at rustassistant-provider.{name}.url, and at .keyEnv, which names the variable of the \
         key; 'git rustassistant models' lists what is built in"
    );
    let models = scan::models_of(&client).hint(hint)?;
    let knows = if models.contains(&chosen.model) {
        "the model is among them"
    } else {
        "the model is not listed among them, which need not mean anything"
    };
    let models = count(models.len() as u64, "model");
    let known = session::manner(session, chosen).map(|known| lacks(known, chosen));
    let known = known.unwrap_or_default();
    Ok(format!("answers, with {models}; {knows}{known}"))
}

/// Asks as a run would that knows nothing of earlier ones, and remembers what comes of it.
fn ask(
    context: &Context,
    session: &Session<'_>,
    llm: &Llm,
    chosen: &ModelConfig,
    found: &Found,
) -> Result<String> {
    let client = session::client(context, chosen, found)?;
    let trial = llm.trial();
    let answered = scan::ask_once(&client, &trial.request)?;
    if let Some(manner) = client.proven()
        && let Ok(folder) = session.repo.make_own_folder()
    {
        let (endpoint, model) = (&chosen.endpoint, &chosen.model);
        scan::remember_manner(&folder, endpoint, model, manner, context.now());
    }
    let (tokens, fills) = match answered {
        Ok(reply) => (reply.tokens, llm.read_trial(&trial, &reply.text)),
        // It had little room, and may have thought first.
        Err(Failure {
            class: Class::Truncated,
            spent: Some(reply),
            ..
        }) => (reply.tokens, Ok(())),
        Err(failure) => {
            let name = &chosen.endpoint.name;
            let hint = format!("look at what 'git rustassistant config list' says of {name}");
            return Err(Hinted::attach(failure.into(), hint));
        }
    };
    fills
        .map_err(|complaint| anyhow!("the model answers, but not what it is asked: {complaint}"))
        .hint("choose another: git rustassistant models")?;
    let lacks = client.proven().map(|manner| lacks(manner, chosen));
    let (input, output, lacks) = (tokens.input, tokens.output, lacks.unwrap_or_default());
    Ok(format!(
        "answered in the form of a run, with {input} tokens in and {output} out{lacks}"
    ))
}

/// `; streaming only`
fn lacks(manner: Manner, chosen: &ModelConfig) -> String {
    let lacks = manner.lacks(chosen.endpoint.dialect);
    lacks.iter().map(|what| format!("; {what}")).collect()
}
