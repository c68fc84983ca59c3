//! Servers with a certificate that no authority vouches for: whom the user names is trusted, as that
//! host alone.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedKey, IsCa, KeyPair, date_time_ymd};

use crate::support::model::{KEY, analysis, answer};
use crate::support::server::Server;
use crate::support::tls::door;
use crate::support::{Output, Repo};

const CHAT: &str = "openai-chat";

/// A certificate that vouches for itself, as `openssl req -x509` makes it: an authority's. Or else a
/// server's.
fn certificate(
    name: &str,
    is_ca: IsCa,
    adapt: impl Fn(&mut CertificateParams),
) -> CertifiedKey<KeyPair> {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.is_ca = is_ca;
    adapt(&mut params);
    let signing_key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&signing_key).unwrap();
    CertifiedKey { cert, signing_key }
}

/// A repository that asks a server behind `shown` by `host`, and the file of that certificate.
fn behind(shown: &CertifiedKey<KeyPair>, host: &str) -> (Server, Repo, PathBuf) {
    let server = Server::start(|_| answer(CHAT, &analysis()));
    let port = door(&server, shown);
    let mut repo = Repo::new();
    repo.ask_at(&format!("https://{host}:{port}"), CHAT);
    repo.write("a.rs", "fn odd() {}\n");
    repo.commit("one");
    let file = repo.home().join("named.pem");
    std::fs::write(&file, shown.cert.pem()).unwrap();
    (server, repo, file)
}

fn expect_refused(output: &Output, server: &Server, why: &str) {
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stderr.contains("is not trusted"), "{output:?}");
    assert!(output.stderr.contains(why), "{output:?}");
    assert!(server.received().is_empty(), "{output:?}");
    assert!(!output.stderr.contains(KEY), "{output:?}");
}

#[test]
fn a_server_is_trusted_by_the_certificate_that_the_user_names_in_any_place() {
    let authority = || IsCa::Ca(BasicConstraints::Unconstrained);
    for is_ca in [authority(), IsCa::NoCa, IsCa::ExplicitNoCa] {
        let shown = certificate("localhost", is_ca, |_| {});
        for variable in [None, Some("GIT_SSL_CAINFO"), Some("SSL_CERT_FILE")] {
            let (server, mut repo, file) = behind(&shown, "localhost");
            let file = file.to_str().unwrap();
            let unnamed = repo.run(&["analyze"]);
            expect_refused(&unnamed, &server, "http.sslCAInfo");
            assert!(!unnamed.stderr.contains("Other"), "{unnamed:?}");
            match variable {
                Some(variable) => repo.set(variable, file),
                None => drop(repo.git(&["config", "--global", "http.sslCAInfo", file])),
            }
            assert_eq!(repo.analyze(&[]).words(), "1 analyzed", "{variable:?}");
        }
    }
}

#[test]
fn a_certificate_that_is_named_vouches_for_no_other_host() {
    let authority = IsCa::Ca(BasicConstraints::Unconstrained);
    let shown = certificate("llm.example", authority, |_| {});
    let (server, repo, file) = behind(&shown, "localhost");
    repo.git(&[
        "config",
        "--global",
        "http.sslCAInfo",
        file.to_str().unwrap(),
    ]);
    let output = repo.run(&["analyze"]);
    expect_refused(&output, &server, "not valid for name");
    expect_refused(&output, &server, "-addext subjectAltName=DNS:HOST");
}

#[test]
fn another_certificate_of_the_same_names_is_not_the_one_that_was_named() {
    let authority = || IsCa::Ca(BasicConstraints::Unconstrained);
    let shown = certificate("localhost", authority(), |_| {});
    let (server, repo, file) = behind(&shown, "localhost");
    let other = certificate("localhost", authority(), |_| {});
    std::fs::write(&file, other.cert.pem()).unwrap();
    repo.git(&[
        "config",
        "--global",
        "http.sslCAInfo",
        file.to_str().unwrap(),
    ]);
    expect_refused(&repo.run(&["analyze"]), &server, "certificate");
}

#[test]
fn a_certificate_that_is_named_and_has_expired_is_refused() {
    let authority = || IsCa::Ca(BasicConstraints::Unconstrained);
    for is_ca in [authority(), IsCa::NoCa] {
        let shown = certificate("localhost", is_ca, |params| {
            params.not_after = date_time_ymd(2020, 1, 1);
        });
        let (server, repo, file) = behind(&shown, "localhost");
        repo.git(&[
            "config",
            "--global",
            "http.sslCAInfo",
            file.to_str().unwrap(),
        ]);
        expect_refused(&repo.run(&["analyze"]), &server, "expired");
    }
}
