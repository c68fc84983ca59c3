//! Bundles: one ref and what it needs, in a file that any server can hand out. Git makes, downloads
//! and reads them. Not what lies in the ref.

use std::fs::Permissions;
use std::io::{Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, anyhow, bail, ensure};

use super::network::Terms;
use super::process::Git;
use super::remote::without_password;
use super::repo::Repo;
use crate::model::{Oid, ResultExt};

impl Repo {
    /// Writes the ref `name` and its history to `file`, but for what a repository has that has
    /// `since`. `file` is an absolute path.
    ///
    /// # Errors
    /// If git cannot write it, or there is nothing in it.
    pub fn write_bundle(&self, file: &Path, name: &str, since: Option<Oid>) -> Result<()> {
        let what = || format!("cannot write {}", file.display());
        let list = since.map(|oid| format!("^{oid}"));
        let folder = file.parent().unwrap_or(Path::new("/"));
        // Git itself would leave a lock beside the file if it were killed, and refuse from then on.
        let mut made = tempfile::Builder::new();
        let made = made.permissions(Permissions::from_mode(0o666));
        let made = made.tempfile_in(folder).with_context(what)?;
        self.git("bundle")
            .args(["create", "--quiet", "-", name])
            .args(list)
            .printing_to(Some(Stdio::from(made.reopen().with_context(what)?)))
            .output()
            .with_context(what)?;
        made.as_file().sync_all().with_context(what)?;
        made.persist(file).map(drop).with_context(what)
    }

    /// What the ref `name` points at in the bundle `file`; `None` if it is not in there.
    ///
    /// # Errors
    /// If the file is no bundle.
    pub fn bundled_ref(&self, file: &Path, name: &str) -> Result<Option<Oid>> {
        let heads = self
            .git("bundle")
            .arg("list-heads")
            .arg(file)
            .arg(name)
            .output()
            .with_context(|| format!("cannot read {}", file.display()))?;
        let mut lines = heads.split(|&b| b == b'\n');
        let found = lines.find_map(|line| {
            let (oid, rest) = line.split_at_checked(self.format().hex_len())?;
            (rest.strip_prefix(b" ")? == name.as_bytes()).then(|| Oid::from_hex(oid))?
        });
        Ok(found)
    }

    /// Downloads what a web server has at `url` to the new file `file`, an absolute path, by the
    /// program with which git itself talks to web servers: its proxies, certificates and credentials
    /// hold.
    ///
    /// # Errors
    /// If the address is none of a web server, or it cannot be downloaded on these terms.
    pub fn download(&self, url: &str, file: &Path, terms: &Terms<'_>) -> Result<()> {
        let shown = without_password(url);
        let what = || format!("cannot download {}", shown.escape_debug());
        let program = match url.split_once("://") {
            Some(("http", _)) => "remote-http",
            Some(("https", _)) => "remote-https",
            _ => bail!("'{}' is no address of a web server", shown.escape_debug()),
        };
        let plain = |c: char| !c.is_whitespace() && !c.is_control();
        ensure!(url.chars().all(plain), "{}: it has spaces", what());
        // gitremote-helpers(7): lines on standard input, and an empty one at the end.
        let mut asked = tempfile::tempfile().with_context(what)?;
        asked.write_all(format!("get {url} {}\n\n", file.display()).as_bytes())?;
        asked.rewind()?;
        let git = self.git_on_network(program, "bundle", terms)?.arg(url);
        let output = git.converse_over(asked.into(), terms).with_context(what)?;
        match output.status.success() {
            true => Ok(()),
            // What it says names the address, password and all.
            false => Err(anyhow!(what())).hint("'curl -f' with this address may tell why"),
        }
    }

    /// Takes in the objects of the ref `name` from the bundle `file`, checked as those of a fetch
    /// are. No ref moves.
    ///
    /// # Errors
    /// If the bundle builds on commits that are not here, or git does not like what is in it.
    pub fn take_bundle(&self, file: &Path, name: &str) -> Result<()> {
        let what = || format!("cannot take in {}", file.display());
        let verified = self.git("bundle").args(["verify", "--quiet"]).arg(file);
        verified
            .output()
            .with_context(what)
            .hint("a part needs what it builds on: import that first")?;
        Git::with(self.start(), &["-c", "fetch.fsckObjects=true"], "fetch")
            .args(["--quiet", "--no-tags", "--no-write-fetch-head"])
            .args(["--no-auto-maintenance", "--no-recurse-submodules"])
            .args(["--refmap=", "--end-of-options"])
            .arg(file)
            .arg(name)
            .output()
            .with_context(what)?;
        self.refresh_objects()
    }
}
