//! Whether a `git` process may ask somebody for a password or a passphrase, by itself or by any
//! program it starts. Not what it is asked for.

use std::path::Path;

use anyhow::Result;

use super::config::{Overrides, last_of};
use super::network::Prompt;
use super::process::Git;
use super::repo::Repo;

impl Git {
    /// Nothing that it starts opens a window or a terminal to ask for a password or a passphrase: not
    /// git by one of its programs, nor ssh, nor a credential helper, nor a program that signs.
    pub(super) fn asking_nobody(self) -> Self {
        self.env("GIT_ASKPASS", "")
            .env("SSH_ASKPASS", "")
            .env("SSH_ASKPASS_REQUIRE", "never")
            .env("GCM_INTERACTIVE", "never")
            .without("DISPLAY")
            .without("WAYLAND_DISPLAY")
            .without("GPG_TTY")
    }
}

impl Repo {
    /// The same command, told whether it may ask the user for anything.
    pub(super) fn asking(&self, git: Git, prompt: Prompt) -> Result<Git> {
        let git = git.talking();
        if prompt == Prompt::Allowed {
            return Ok(git.env("GIT_TERMINAL_PROMPT", "1"));
        }
        let git = git.asking_nobody();
        Ok(match self.ssh_that_does_not_ask()? {
            Some(command) => git.env("GIT_SSH_COMMAND", command),
            None => git,
        })
    }

    /// The user's ssh command, told to ask nobody. `None` where it is a program whose options are
    /// not known: git's own rules (`ssh.variant`, gitconfig(1)).
    #[expect(
        clippy::disallowed_methods,
        reason = "git's own variables, which git reads for the same purpose"
    )]
    fn ssh_that_does_not_ask(&self) -> Result<Option<String>> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let config = self.config(Overrides::of_process())?;
        let setting = |name| last_of(&config, name);
        let variant = variable("GIT_SSH_VARIANT").or_else(|| setting("ssh.variant"));
        let known = variant.is_none_or(|variant| ["ssh", "auto"].contains(&variant.as_str()));
        let own = variable("GIT_SSH_COMMAND").or_else(|| setting("core.sshcommand"));
        let command = match own {
            Some(command) => command,
            None if variable("GIT_SSH").is_some() => return Ok(None),
            None => "ssh".to_owned(),
        };
        let program = command.split_whitespace().next().map(Path::new);
        let is_ssh = program.and_then(Path::file_stem) == Some("ssh".as_ref());
        Ok((known && is_ssh).then(|| format!("{command} -o BatchMode=yes -o ConnectTimeout=15")))
    }
}

#[cfg(test)]
mod tests {
    use crate::git::testing::TestRepo;

    #[test]
    fn the_users_ssh_command_is_kept_and_told_to_ask_nobody() {
        let test = TestRepo::new();
        let command = || test.open().ssh_that_does_not_ask().unwrap();
        test.config("core.sshCommand", "/usr/bin/ssh -i key");
        let asked = command().unwrap();
        assert!(
            asked.starts_with("/usr/bin/ssh -i key -o BatchMode=yes"),
            "{asked}"
        );
        test.config("core.sshCommand", "/opt/wrapper --team");
        assert_eq!(command(), None);
        test.config("core.sshCommand", "ssh");
        test.config("ssh.variant", "plink");
        assert_eq!(command(), None);
    }
}
