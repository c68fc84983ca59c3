//! Bundles: one ref and what it needs, in a file that any server can hand out. Git makes, downloads
//! and reads them. Not what lies in the ref.

use std::fs::Permissions;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, anyhow, bail, ensure};

use super::bounds::{Bounds, RECEIVING};
use super::network::Terms;
use super::process::{Git, failed};
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
    /// If the file is no bundle, or cannot be read on these terms.
    pub fn bundled_ref(&self, file: &Path, name: &str, terms: &Terms<'_>) -> Result<Option<Oid>> {
        let what = || format!("cannot read {}", file.display());
        expect_file(file).with_context(what)?;
        let git = self.git("bundle").arg("list-heads").arg(file).arg(name);
        let heads = conversed(git, Vec::new(), terms).with_context(what)?;
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
        let (program, place) = match url.split_once("://") {
            Some(("https", _)) => ("remote-https", None),
            Some(("http", rest)) => {
                let open = || anyhow!("http is not encrypted").context(what());
                let place = this_machine(rest).ok_or_else(open);
                let hint = "use https, or http to localhost only; or download the file by other \
                            means, verify its checksum, and import it";
                ("remote-http", Some(place.hint(hint)?))
            }
            _ => bail!(
                "unsupported URL '{}': expected http or https",
                shown.escape_debug()
            ),
        };
        let plain = |c: char| !c.is_whitespace() && !c.is_control();
        ensure!(
            url.chars().all(plain),
            "{}: the URL contains spaces",
            what()
        );
        // gitremote-helpers(7): lines on standard input, and an empty one at the end.
        let asked = format!("get {url} {}\n\n", file.display()).into_bytes();
        let resolved = format!(
            "http.curloptResolve={}",
            place.as_deref().unwrap_or_default()
        );
        let here = ["-c", &resolved, "-c", "http.followRedirects=false"];
        let git = match place {
            Some(_) => {
                let git = self.git_on_network_with(&here, program, "bundle", terms)?;
                git.env("NO_PROXY", "*").env("no_proxy", "*")
            }
            // Nor does it lead to an open line.
            None => {
                let git = self.git_on_network(program, "bundle", terms)?;
                git.env("GIT_ALLOW_PROTOCOL", "https")
            }
        };
        let git = git.within(Bounds::RECEIVING).arg(url);
        let output = git.converse_over(asked, terms).with_context(what)?;
        if output.status.success() {
            Ok(())
        } else {
            // What it says names the address, password and all.
            Err(anyhow!(what())).hint("to find out why, try the URL with: curl -f")
        }
    }

    /// Takes in the objects of the ref `name` from the bundle `file`, checked as those of a fetch
    /// are. No ref moves.
    ///
    /// # Errors
    /// If the bundle builds on commits that are not here, git does not like what is in it, or the terms
    /// are exceeded.
    pub fn take_bundle(&self, file: &Path, name: &str, terms: &Terms<'_>) -> Result<()> {
        let what = || format!("cannot import {}", file.display());
        let verified = self.git("bundle").args(["verify", "--quiet"]).arg(file);
        conversed(verified, Vec::new(), terms)
            .with_context(what)
            .hint("if this is a partial export, import the earlier ones first")?;
        // Whatever the repository's own configuration makes of that address, it is a file.
        let options = [&RECEIVING[..], &["-c", "core.alternateRefsCommand=:"]].concat();
        let git = Git::with(self.start(), &options, "fetch")
            .talking()
            .env("GIT_ALLOW_PROTOCOL", "file")
            .within(Bounds::RECEIVING)
            .args(["--quiet", "--no-tags", "--no-write-fetch-head"])
            .args(["--no-auto-maintenance", "--no-recurse-submodules"])
            .args(["--upload-pack=git-upload-pack"])
            .args(["--refmap=", "--stdin", "--end-of-options"])
            .arg(file);
        conversed(git, format!("{name}\n").into_bytes(), terms).with_context(what)?;
        self.refresh_objects()
    }
}

/// What a `git` that works within these terms prints.
fn conversed(git: Git, input: Vec<u8>, terms: &Terms<'_>) -> Result<Vec<u8>> {
    let name = git.name().to_owned();
    let output = git.converse_over(input, terms)?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(failed(name, &output).into())
    }
}

/// Git would wait for ever at a pipe, and read all of a device.
fn expect_file(file: &Path) -> Result<()> {
    let metadata = std::fs::metadata(file)?;
    ensure!(
        metadata.is_file(),
        "not a regular file; '-' reads standard input"
    );
    ensure!(metadata.len() <= Bounds::RECEIVING.file, "too large");
    Ok(())
}

/// What curl is to know of the host behind `http://`, if that is this machine: where its name leads,
/// whatever somebody's server of names says (RFC 6761). `None` for any other host, and for addresses
/// that two readers might understand differently.
fn this_machine(rest: &str) -> Option<String> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (user, authority) = rest[..end].rsplit_once('@').unwrap_or(("", &rest[..end]));
    let authority = authority.to_ascii_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%:[]".contains(c);
    let is_port = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if is_port(port) && !host.ends_with(':') => (host, port),
        _ => (authority.as_str(), ""),
    };
    let port = if port.is_empty() { "80" } else { port };
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let is_address = match bare {
        Some(six) => six.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback()),
        None => host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback()),
    };
    let is_name = host == "localhost" || host.ends_with(".localhost");
    (user.chars().chain(authority.chars()).all(plain) && (is_address || is_name)).then(|| {
        format!(
            "{}:{port}:127.0.0.1,[::1]",
            if is_name { host } else { "localhost" }
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_reached_over_an_open_line() {
        for (rest, told) in [
            ("localhost/a", "localhost:80:127.0.0.1,[::1]"),
            ("ana:secret@localhost/a", "localhost:80:127.0.0.1,[::1]"),
            ("LOCALHOST:8000/a", "localhost:8000:127.0.0.1,[::1]"),
            ("a.localhost:1", "a.localhost:1:127.0.0.1,[::1]"),
            ("127.0.0.1:9/a", "localhost:9:127.0.0.1,[::1]"),
            ("127.1.2.3?x", "localhost:80:127.0.0.1,[::1]"),
            ("[::1]:9/a", "localhost:9:127.0.0.1,[::1]"),
            ("[::1]", "localhost:80:127.0.0.1,[::1]"),
        ] {
            assert_eq!(this_machine(rest).as_deref(), Some(told), "{rest}");
        }
        for rest in [
            "example.com/a",
            "localhost.example.com",
            "evillocalhost",
            "localhost@example.com/a",
            "localhost:80@example.com",
            "a@example.com@localhost",
            "example.com\\\\@localhost",
            "127.0.0.1.example.com",
            "127.0.0.1\\@example.com",
            "10.0.0.1",
            "0.0.0.0",
            "[::2]:80",
            "::1",
            "localhost%2eexample.com",
            "",
        ] {
            assert_eq!(this_machine(rest), None, "{rest}");
        }
    }
}
