//! What a repository's own configuration names is not started while files are looked at: every key
//! of git's by which it starts something, wherever it is put. docs/security.md has the same list. Not
//! what tracked files say: that is `code.rs`. Nor what is lacking: that is `promised.rs`.

use std::fs;
use std::path::{Path, PathBuf};

use super::COMMANDS;
use super::code::executable;
use crate::support::{Objects, Output, Repo};

/// Keys by which git starts a program. `{}` is the order; what is `hook`, `path` or `option` is
/// something else that leads to it.
const STARTS: [(&str, &str); 84] = [
    ("alias.cat-file", "!{}"),
    ("alias.check-attr", "!{}"),
    ("alias.config", "!{}"),
    ("alias.diff", "!{}"),
    ("alias.ls-files", "!{}"),
    ("alias.rev-parse", "!{}"),
    ("alias.remote-https", "!{}"),
    ("browser.evil.cmd", "{}"),
    ("browser.evil.path", "{}"),
    ("core.alternateRefsCommand", "{}"),
    ("core.askPass", "{}"),
    ("core.editor", "{}"),
    ("core.fsmonitor", "{}"),
    ("core.gitProxy", "{}"),
    ("core.hooksPath", "hook"),
    ("core.pager", "{}"),
    ("core.sshCommand", "{}"),
    ("credential.helper", "!{}"),
    ("credential.https://127.0.0.1.helper", "!{}"),
    ("diff.evil.command", "{}"),
    ("diff.evil.textconv", "{}"),
    ("diff.external", "{}"),
    ("diff.guitool", "evil"),
    ("diff.tool", "evil"),
    ("difftool.evil.cmd", "{}"),
    ("difftool.evil.path", "{}"),
    ("filter.evil.clean", "{}; cat"),
    ("filter.evil.process", "{}; false"),
    ("filter.evil.smudge", "{}; cat"),
    ("fsmonitor.socketDir", "path"),
    ("gc.auto", "1"),
    ("gc.autoDetach", "false"),
    ("gc.recentObjectsHook", "{}"),
    ("gpg.openpgp.program", "path"),
    ("gpg.program", "path"),
    ("gpg.ssh.defaultKeyCommand", "{}"),
    ("gpg.ssh.program", "path"),
    ("gpg.x509.program", "path"),
    ("guitool.evil.cmd", "{}"),
    ("help.browser", "evil"),
    ("hook.evil.command", "{}"),
    ("hook.evil.event", "reference-transaction"),
    ("hook.evil.event", "post-index-change"),
    ("hook.evil.event", "pre-auto-gc"),
    ("hook.evil.event", "pre-push"),
    ("imap.tunnel", "{}"),
    ("init.templateDir", "path"),
    ("instaweb.browser", "evil"),
    ("instaweb.httpd", "path"),
    ("interactive.diffFilter", "{}"),
    ("maintenance.auto", "true"),
    ("man.evil.cmd", "{}"),
    ("man.viewer", "evil"),
    ("merge.evil.driver", "{}"),
    ("merge.tool", "evil"),
    ("mergetool.evil.cmd", "{}"),
    ("mergetool.evil.path", "path"),
    ("notes.rewriteRef", "refs/notes/x"),
    ("pager.cat-file", "{}"),
    ("pager.diff", "{}"),
    ("pager.ls-files", "{}"),
    ("pager.status", "{}"),
    ("protocol.allow", "always"),
    ("protocol.ext.allow", "always"),
    ("receive.procReceiveRefs", "refs"),
    ("remote.origin.receivepack", "{};:"),
    ("remote.origin.uploadpack", "{};:"),
    ("sendemail.sendmailCmd", "{}"),
    ("sendemail.smtpServer", "path"),
    ("sendemail.toCmd", "{}"),
    ("sequence.editor", "{}"),
    ("ssh.variant", "simple"),
    ("submodule.evil.update", "!{}"),
    ("submodule.evil.url", "ext::sh -c {}"),
    ("submodule.recurse", "true"),
    ("tar.evil.command", "{}"),
    ("trace2.eventTarget", "path"),
    ("trace2.normalTarget", "path"),
    ("trailer.evil.cmd", "{}"),
    ("trailer.evil.command", "{}"),
    ("uploadpack.packObjectsHook", "path"),
    ("url.ext::sh -c {} .insteadOf", "file://"),
    ("web.browser", "evil"),
    ("core.untrackedCache", "true"),
];

/// Where in a repository's own configuration a line can stand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Home {
    Config,
    Included,
    IncludedIf,
    Worktree,
}

impl Home {
    pub(super) const ALL: [Self; 4] = [
        Self::Config,
        Self::Included,
        Self::IncludedIf,
        Self::Worktree,
    ];

    /// The file that is to hold it, which git reads from now on.
    pub(super) fn file(self, git: &dyn Fn(&[&str]), folder: &Path) -> PathBuf {
        let beside = folder.join("more");
        match self {
            Self::Config => return folder.join("config"),
            Self::Included => git(&["config", "include.path", "more"]),
            Self::IncludedIf => git(&["config", "includeIf.gitdir:**.path", "more"]),
            Self::Worktree => {
                git(&["config", "core.repositoryFormatVersion", "1"]);
                git(&["config", "extensions.worktreeConfig", "true"]);
                return folder.join("config.worktree");
            }
        }
        beside
    }
}

/// Both ways of reading a repository.
pub(super) const HANDS: [&str; 2] = ["", "process"];

pub(super) fn run(repo: &Repo, folder: &Path, hand: &str, command: &[&str]) -> Output {
    let mut program = repo.program();
    program.current_dir(folder).env("RUSTASSISTANT_GIT", hand);
    repo.finish(program.args(command))
}

/// A script that leaves a mark, and a folder of hooks that do.
pub(super) fn scripts(repo: &Repo, order: &str) -> (PathBuf, PathBuf) {
    let hooks = repo.home().join("evil-hooks");
    for name in [
        "reference-transaction",
        "post-index-change",
        "pre-auto-gc",
        "pre-push",
        "post-checkout",
    ] {
        executable(&hooks.join(name), &format!("#!/bin/sh\n{order}\n"));
    }
    let script = repo.home().join("evil");
    executable(&script, &format!("#!/bin/sh\n{order}\n"));
    (script, hooks)
}

/// A repository whose files are older than its index, so that no filter has to look at them.
fn settled() -> Repo {
    let repo = Repo::with(Objects::Sha1);
    repo.write("a.rs", "fn a() {}\n");
    repo.write(".gitattributes", "*.rs filter=evil diff=evil merge=evil\n");
    for name in ["a.rs", ".gitattributes"] {
        let file = fs::File::options()
            .append(true)
            .open(repo.path().join(name));
        let file = file.unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    repo.commit("one");
    repo
}

#[test]
fn no_key_of_a_repositorys_own_configuration_starts_anything_while_files_are_looked_at() {
    for home in Home::ALL {
        let repo = settled();
        let folder = repo.path().join(".git");
        let file = home.file(&|arguments| drop(repo.git(arguments)), &folder);
        let place = file.to_str().unwrap();
        repo.git(&["config", "remote.origin.url", "file:///nowhere"]);
        let mut marks = Vec::new();
        for (number, (key, value)) in STARTS.iter().enumerate() {
            let mark = repo.home().join(format!("mark-{number}"));
            let order = format!("touch {}", mark.display());
            let value = match *value {
                "hook" | "path" => {
                    let (script, hooks) = scripts(&repo, &order);
                    let beside = |path: &Path| {
                        let own = path.with_extension(number.to_string());
                        fs::rename(path, &own).unwrap();
                        own.display().to_string()
                    };
                    match *value {
                        "hook" => beside(&hooks),
                        _ => beside(&script),
                    }
                }
                value => value.replace("{}", &order),
            };
            let key = key.replace("{}", &order);
            repo.git(&["config", "--file", place, "--add", &key, &value]);
            marks.push((mark, key));
        }
        for hand in HANDS {
            for command in COMMANDS {
                let output = run(&repo, &repo.path(), hand, command);
                assert!(
                    matches!(output.code, Some(0 | 1 | 3)),
                    "{home:?} {command:?}: {output:?}"
                );
                let left = marks.iter().filter(|(mark, _)| mark.exists());
                let left: Vec<&String> = left.map(|(_, key)| key).collect();
                assert!(left.is_empty(), "{home:?} '{hand}' {command:?}: {left:?}");
            }
        }
        // The same lines do start something where they are to.
        repo.write("a.rs", "fn a() { changed(); }\n");
        assert!(run(&repo, &repo.path(), "", &["analyze"]).code.is_some());
        let left = marks.iter().filter(|(mark, _)| mark.exists());
        assert!(left.count() > 0, "git add would have run the filter");
    }
}
