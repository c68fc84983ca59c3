//! The ways to reach a repository: real servers on loopback, each on a port that was free. Web
//! requests are answered by git's own `http-backend`. Not what is done over them.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::Repo;
use super::server::{Canned, Received, Server};

/// A machine that serves the repositories of one folder.
pub struct Host {
    /// The address of a repository is this and its name.
    pub address: String,
    /// What a client needs in its configuration to get in.
    pub config: Vec<(&'static str, String)>,
    _serving: Serving,
}

#[expect(dead_code, reason = "held until the test is over")]
enum Serving {
    Nothing,
    Gate(Gate),
    Web(Server),
    Process(Process),
}

/// A server that runs until the test is over.
struct Process {
    child: Child,
    _machine: Repo,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listened on a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Host {
    /// A folder of this machine.
    pub fn folder(folder: &Path) -> Self {
        Self {
            address: folder.to_str().unwrap().to_owned(),
            config: Vec::new(),
            _serving: Serving::Nothing,
        }
    }

    /// `git daemon`, which takes pushes too.
    pub fn daemon(folder: &Path) -> Self {
        let base = format!("--base-path={}", folder.display());
        let gate = Gate::open(move |machine| {
            let mut git = machine.command(Path::new("git"));
            git.args(["daemon", "--inetd", "--export-all"]);
            git.args(["--enable=receive-pack", &base]);
            git
        });
        Self {
            address: format!("git://{}", gate.address),
            config: Vec::new(),
            _serving: Serving::Gate(gate),
        }
    }

    /// Smart HTTP.
    pub fn web(folder: &Path) -> Self {
        Self::web_behind(folder, |_, answer| answer())
    }

    /// Smart HTTP behind something that may answer in git's place, or change what git answers.
    pub fn web_behind(
        folder: &Path,
        between: impl Fn(&Received, &dyn Fn() -> Canned) -> Canned + Send + Sync + 'static,
    ) -> Self {
        let folder = folder.to_owned();
        let machine = Repo::new();
        let server = Server::start(move |received| {
            between(received, &|| backend(&machine, &folder, received))
        });
        Self {
            address: server.url(),
            config: Vec::new(),
            _serving: Serving::Web(server),
        }
    }

    /// Smart HTTP behind a web server that people use, lighttpd, which starts git's own program for
    /// web servers; `None`, with a word, where there is none.
    pub fn web_server(folder: &Path) -> Option<Self> {
        let places = [
            "/usr/sbin/lighttpd",
            "/usr/local/sbin/lighttpd",
            "/usr/bin/lighttpd",
        ];
        let Some(lighttpd) = places.map(Path::new).into_iter().find(|one| one.exists()) else {
            eprintln!("skipped: there is no lighttpd here");
            return None;
        };
        let machine = Repo::new();
        let port = free_port();
        let backend = machine.git(&["--exec-path"]) + "/git-http-backend";
        let settings = format!(
            "server.document-root = \"{folder}\"\n\
             server.bind = \"127.0.0.1\"\n\
             server.port = {port}\n\
             server.errorlog = \"{home}/errors\"\n\
             server.upload-dirs = ( \"{home}\" )\n\
             server.modules = ( \"mod_alias\", \"mod_setenv\", \"mod_cgi\" )\n\
             alias.url = ( \"/git\" => \"{backend}\" )\n\
             $HTTP[\"url\"] =~ \"^/git\" {{\n\
                 cgi.assign = ( \"\" => \"\" )\n\
                 setenv.set-environment = ( \"GIT_PROJECT_ROOT\" => \"{folder}\", \
                 \"GIT_HTTP_EXPORT_ALL\" => \"1\", \"REMOTE_USER\" => \"ana\" )\n\
             }}\n",
            folder = folder.display(),
            home = machine.home().display(),
        );
        let file = machine.home().join("settings");
        fs::write(&file, settings).unwrap();
        let mut command = machine.command(lighttpd);
        command.arg("-D").arg("-f").arg(file);
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = Process {
            child: process.unwrap(),
            _machine: machine,
        };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            thread::sleep(Duration::from_millis(20));
        }
        Some(Self {
            address: format!("http://127.0.0.1:{port}/git"),
            config: Vec::new(),
            _serving: Serving::Process(process),
        })
    }

    /// OpenSSH with a key of its own; `None`, with a word, where there is no `sshd`.
    pub fn secure_shell(folder: &Path) -> Option<Self> {
        let places = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];
        let Some(sshd) = places.map(Path::new).into_iter().find(|sshd| sshd.exists()) else {
            eprintln!("skipped: there is no sshd here");
            return None;
        };
        let machine = Repo::new();
        let keys = machine.home();
        for name in ["host", "user"] {
            let mut keygen = machine.command(Path::new("ssh-keygen"));
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]);
            assert!(keygen.arg(keys.join(name)).status().unwrap().success());
        }
        // Root's sshd wants it, and usually a service makes it.
        let _ = fs::create_dir("/run/sshd");
        let show = |name: &str| keys.join(name).display().to_string();
        let settings = format!(
            "HostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
             PermitRootLogin yes\nPasswordAuthentication no\nPidFile none\n",
            show("host"),
            show("user.pub"),
        );
        fs::write(keys.join("settings"), settings).unwrap();
        let (sshd, settings) = (sshd.to_owned(), show("settings"));
        let ssh = format!(
            "ssh -F /dev/null -i {} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no \
             -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
            show("user"),
        );
        let gate = Gate::open_on(machine, move |machine| {
            let mut command = machine.command(&sshd);
            command.args(["-i", "-f", &settings]);
            command
        });
        Some(Self {
            address: format!("ssh://{}{}", gate.address, folder.display()),
            config: vec![("core.sshCommand", ssh)],
            _serving: Serving::Gate(gate),
        })
    }

    /// Makes this the way in which `clone` reaches its `origin`.
    pub fn serves(&self, clone: &Repo, name: &str) {
        let url = format!("{}/{name}", self.address);
        clone.git(&["remote", "set-url", "origin", &url]);
        for (key, value) in &self.config {
            clone.git(&["config", key, value]);
        }
    }
}

/// A listening socket that gives every connection a process of its own, as `inetd` does.
struct Gate {
    address: SocketAddr,
    closed: Arc<AtomicBool>,
}

impl Gate {
    fn open(command: impl Fn(&Repo) -> Command + Send + 'static) -> Self {
        Self::open_on(Repo::new(), command)
    }

    fn open_on(machine: Repo, command: impl Fn(&Repo) -> Command + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let closed = Arc::new(AtomicBool::new(false));
        let is_closed = Arc::clone(&closed);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if is_closed.load(Ordering::SeqCst) {
                    break;
                }
                let socket = || OwnedFd::from(stream.try_clone().unwrap());
                let mut serving = command(&machine);
                serving
                    .stdin(socket())
                    .stdout(socket())
                    .stderr(Stdio::null());
                let mut serving = serving.spawn().unwrap();
                thread::spawn(move || serving.wait());
            }
        });
        Self { address, closed }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

/// What git's own program for web servers makes of a request (RFC 3875).
fn backend(machine: &Repo, folder: &PathBuf, received: &Received) -> Canned {
    let (path, query) = received
        .path
        .split_once('?')
        .unwrap_or((&received.path, ""));
    let header = |name| received.header(name).unwrap_or_default();
    let mut git = machine.command(Path::new("git"));
    git.arg("http-backend")
        .env("GIT_PROJECT_ROOT", folder)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", &received.method)
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", received.bytes.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", header("git-protocol"))
        .env("REMOTE_USER", "ana")
        .env("REMOTE_ADDR", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut serving = git.spawn().unwrap();
    let mut input = serving.stdin.take().unwrap();
    let body = received.bytes.clone();
    let feeding = thread::spawn(move || input.write_all(&body));
    let output = serving.wait_with_output().unwrap().stdout;
    let _ = feeding.join();
    let Some(end) = output.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Canned::new(500, "no answer");
    };
    let head = String::from_utf8_lossy(&output[..end]).into_owned();
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    let (mut status, mut headers) = (200, Vec::new());
    for (name, value) in fields {
        match name {
            "Status" => status = value[..3].parse().unwrap(),
            _ => headers.push((name, value)),
        }
    }
    let reply = Canned::new(status, &output[end + 4..]);
    headers
        .into_iter()
        .fold(reply, |reply, (name, value)| reply.header(name, value))
}
