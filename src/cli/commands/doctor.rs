//! `doctor`: checks everything that the settings need, and says how to fix problems. Sends no code.
//! Changes only this program's own refs, with `--repair`, and what it remembers of the server, with
//! `--ask`.

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

/// Check git, the store and the provider
///
/// Lists the provider's models, which needs the API key and costs nothing. With --ask, also sends a
/// tiny test request. Exits with status 3 if there are problems.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    answerer: AnswererOptions,

    /// Send the model a tiny test request; costs about 500 tokens
    ///
    /// The request contains no code. Reports which request features the server does not support, such
    /// as a schema or a system role; later runs do not use these.
    #[arg(long, conflicts_with = "repair")]
    ask: bool,

    /// Repair refs under refs/rustassistant/ that would break 'git gc' and 'git fetch'
    #[arg(long)]
    repair: bool,

    /// With --repair, show problems without repairing them
    #[arg(short = 'n', long, requires = "repair")]
    dry_run: bool,
}

/// A check and its result.
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
        // If git is too old, say so rather than report what failed because of it.
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
                found: Ok("local, the embedded analyzer; sends nothing".to_owned()),
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
            found: found.map(|()| format!("{}, for kind '{kind}'", prompt.path)),
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

/// Repairs our refs and says what it did; in a dry run, only lists the problems.
fn repair(context: &Context, arguments: &Arguments) -> Result<Status> {
    let repo = git::Repo::open()?;
    let ailments = store::ailments(&repo)?;
    context.printer.data(|out| {
        let mut status = Status::Done;
        for ailment in &ailments {
            let mended = if arguments.dry_run {
                Ok("would be repaired".to_owned())
            } else {
                store::mend(&repo, ailment, context.now().as_second())
            };
            let (word, done) = match &mended {
                Ok(done) if arguments.dry_run => ("wrong", done.clone()),
                Ok(done) => ("fixed", done.clone()),
                Err(error) => ("wrong", format!("cannot be repaired: {}", sentence(error))),
            };
            if word == "wrong" {
                status = Status::Incomplete;
            }
            let place = clean_line(&ailment.place);
            let why = clean_line(&ailment.why);
            writeln!(out, "{word:<7}{place}: {why}; {}", clean_line(&done))?;
        }
        if ailments.is_empty() {
            writeln!(out, "no problems under refs/rustassistant/")?;
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
        format!("{refs}; the next run stores analyses that an earlier run could not")
    } else {
        refs
    })
}

/// Problems of sharing through the remote, as far as known without network; `None` without a remote.
fn remote(session: &Session<'_>, context: &Context) -> Option<Result<String>> {
    let repo = &session.repo;
    let home = sharing::home(repo, &session.settings)?;
    if let Some(why) = sync::refused(repo, &home, context.now().as_second()) {
        let said = anyhow!("{why} (to retry before tomorrow: 'git rustassistant sync')");
        return Some(Err(Hinted::attach(said, CURES)));
    }
    Some(match sharing::mirroring(repo, &home.name) {
        Some(mirrors) => Err(anyhow!("{mirrors}")),
        None => Ok(format!("{}, {}", home.name, home.shared_ref)),
    })
}

/// Which hook uploads Git LFS content, if the repository has any.
fn lfs(session: &Session<'_>) -> Result<Option<String>> {
    let repo = &session.repo;
    Ok(match hook::lfs(repo, &hook::status(repo)?)? {
        Lfs::Unused => None,
        Lfs::Ours => Some("content is uploaded by our pre-push hook".to_owned()),
        Lfs::By(file) => Some(format!("content is uploaded by {}", file.display())),
        Lfs::Stays => {
            let stays = anyhow!("no pre-push hook uploads Git LFS content");
            return Err(stays).hint("install one: git lfs install");
        }
    })
}

/// All providers in use: for the kinds that the settings name, and for kinds with their own provider.
fn parties(session: &Session<'_>) -> Result<Vec<Party>> {
    let settings = &session.settings;
    let mut kinds = settings.kinds.clone();
    kinds.extend(settings.own.kinds.keys().cloned());
    // No prompts needed: nothing is sent here.
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
        None => "price unknown: --max-cost does not work".to_owned(),
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
        "check rustassistant-provider.{name}.url and .keyEnv, which names the variable with the key; \
         to list built-in providers: git rustassistant models"
    );
    let models = scan::models_of(&client).hint(hint)?;
    let knows = if models.contains(&chosen.model) {
        "the model is listed"
    } else {
        "the model is not listed, but may still work"
    };
    let models = count(models.len() as u64, "model");
    let known = session::manner(session, chosen).map(|known| lacks(known, chosen));
    let known = known.unwrap_or_default();
    Ok(format!("reachable, {models}; {knows}{known}"))
}

/// Sends a test request like that of a first run, and remembers what the server supports.
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
        // The output limit is small, and the model may have used it up for reasoning.
        Err(Failure {
            class: Class::Truncated,
            spent: Some(reply),
            ..
        }) => (reply.tokens, Ok(())),
        Err(failure) => {
            let name = &chosen.endpoint.name;
            let hint = format!("check the settings of {name}: git rustassistant config list");
            return Err(Hinted::attach(failure.into(), hint));
        }
    };
    fills
        .map_err(|complaint| anyhow!("the model's answer is invalid: {complaint}"))
        .hint("choose another model: git rustassistant models")?;
    let lacks = client.proven().map(|manner| lacks(manner, chosen));
    let (input, output, lacks) = (tokens.input, tokens.output, lacks.unwrap_or_default());
    Ok(format!(
        "valid answer, {input} tokens in and {output} out{lacks}"
    ))
}

/// `; streaming only`
fn lacks(manner: Manner, chosen: &ModelConfig) -> String {
    let lacks = manner.lacks(chosen.endpoint.dialect);
    lacks.iter().map(|what| format!("; {what}")).collect()
}
