//! Texts that a repository, its names, or git itself put before us: one law for each reader.

use rustassistant::git::{
    ConfigEntry, PathPatterns, Pathspecs, Scope, answered, differences, mentions_ours, staged,
};
use rustassistant::hook::updates;
use rustassistant::model::{Kind, Oid, RepoPath};
use rustassistant::report::{clean, clean_line, clean_source};
use rustassistant::settings::{Section, Settings, Sources, resolve};
use rustassistant::store::mirror_ref;

/// Nothing that could steer a terminal, hide, or give an order is left; cleaning twice changes
/// nothing more; a source line keeps its columns.
pub fn text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let cleaned = clean(&text);
    assert_eq!(clean(&cleaned), cleaned);
    assert!(
        !cleaned
            .chars()
            .any(|c| c.is_control() && c != '\n' && c != '\t')
    );
    assert!(
        !cleaned
            .lines()
            .any(|line| line.trim_start().starts_with("::"))
    );
    assert!(!clean_line(&text).contains(['\n', '\t', '\r']));
    for line in text.lines() {
        assert_eq!(clean_source(line).chars().count(), line.chars().count());
    }
}

/// The settings that entries of one scope lead to, over what the user has set.
fn settings_with(scope: Scope, entries: &[(&str, Option<&str>)]) -> Option<Settings> {
    let own = ConfigEntry {
        name: "rustassistant.exclude".to_owned(),
        value: Some("mine".to_owned()),
        scope: Scope::Global,
        origin: None,
    };
    let others = entries.iter().map(|(name, value)| ConfigEntry {
        name: (*name).to_owned(),
        value: value.map(str::to_owned),
        scope,
        origin: None,
    });
    let sources = Sources {
        config: std::iter::once(own).chain(others).collect(),
        ..Sources::default()
    };
    resolve(&sources).ok().map(|resolution| resolution.settings)
}

/// A tracked file of settings: names and values of anything, in lines. It may be refused, and it
/// may never change who answers, raise a bound, or take back what its reader has excluded.
pub fn config(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let entry = |line| match str::split_once(line, '=') {
        Some((name, value)) => (name, Some(value)),
        None => (line, None),
    };
    let entries: Vec<_> = text.lines().map(entry).collect();
    let Some(settings) = settings_with(Scope::Tracked, &entries) else {
        return;
    };
    let usual = settings_with(Scope::Tracked, &[]).expect("the defaults are allowed");
    assert_eq!(settings.provider, usual.provider);
    assert_eq!(settings.own.providers, usual.own.providers);
    assert_eq!(settings.own.models, usual.own.models);
    assert_eq!(settings.asking.consent, usual.asking.consent);
    assert_eq!(settings.trust, usual.trust);
    assert_eq!(settings.remote, usual.remote);
    assert_eq!(settings.shared_ref, usual.shared_ref);
    assert!(settings.max_file_size <= usual.max_file_size);
    assert_eq!(settings.exclude, usual.exclude);
}

/// A name that is taken for a ref, a remote, a kind or a block's can be part of a ref, a path or
/// an option and stay what it is; an id is an id.
pub fn names(bytes: &[u8]) {
    if let Some(oid) = Oid::from_hex(bytes) {
        assert_eq!(oid.hex(), bytes);
    }
    let name = String::from_utf8_lossy(bytes);
    if let Ok(mirror) = mirror_ref(&name) {
        assert!(mirror.starts_with("refs/rustassistant/remotes/"));
        assert!(is_ref_name(mirror.as_bytes()), "{mirror}");
    }
    let asked = [("rustassistant.sharedref", Some(&*name))];
    if let Some(settings) = settings_with(Scope::Local, &asked) {
        assert!(
            is_ref_name(settings.shared_ref.as_bytes()),
            "{}",
            settings.shared_ref
        );
    }
    if let Ok(kind) = name.parse::<Kind>() {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(kind.name().chars().all(plain) && !kind.name().starts_with('-'));
    }
    for section in Section::ALL {
        let entry = format!("{}.{name}.url", section.name());
        settings_with(Scope::Global, &[(&entry, Some(&name))]);
    }
}

/// The rules of git-check-ref-format(1), and none of its parts begins like an option.
pub fn is_ref_name(name: &[u8]) -> bool {
    let banned = |byte: &u8| *byte <= b' ' || *byte == 0x7f || b"~^:?*[\\".contains(byte);
    let has = |pair: &[u8]| name.windows(pair.len()).any(|two| two == pair);
    let parts = || name.split(|&byte| byte == b'/');
    parts().count() > 1
        && !name.iter().any(banned)
        && !has(b"..")
        && !has(b"@{")
        && !name.ends_with(b".")
        && parts()
            .all(|part| !part.is_empty() && !part.starts_with(b".") && !part.ends_with(b".lock"))
        && parts().all(|part| !part.starts_with(b"-"))
}

/// Patterns and pathspecs that name files: a path that is meant lies in the repository.
pub fn patterns(bytes: &[u8]) {
    mentions_ours(bytes);
    let mut parts = bytes.splitn(2, |&byte| byte == b'\n');
    let (pattern, path) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let written = vec![String::from_utf8_lossy(pattern).into_owned()];
    if let Ok(patterns) = PathPatterns::new(&written) {
        patterns.matches(&RepoPath::new(path));
    }
    let specs = Pathspecs {
        written: vec![String::from_utf8_lossy(path).into_owned().into()],
        folder: b"a/b".to_vec(),
    };
    for path in specs.plain().into_iter().flatten().flatten() {
        let mut parts = path.as_bytes().split(|&byte| byte == b'/');
        assert!(!path.as_bytes().starts_with(b"/") && parts.all(|part| part != b".."));
    }
}

/// What git tells a hook: whatever is taken for an update is one whole line.
pub fn push(bytes: &[u8]) {
    let all = updates(bytes);
    assert!(all.len() <= bytes.split(|&byte| byte == b'\n').count());
    for update in all {
        assert!(!update.to.is_zero() && update.name.starts_with(b"refs/"));
        assert!(!update.name.contains(&b' ') && !update.name.contains(&b'\n'));
    }
}

/// What git prints when it lists files and objects, whatever stands where a path should.
pub fn git(bytes: &[u8]) {
    for file in staged(bytes).flatten() {
        assert!(!file.path.as_bytes().contains(&0));
    }
    for file in differences(bytes).into_iter().flatten() {
        assert!(!file.path.as_bytes().contains(&0));
    }
    if let Ok(Some((oid, kind, _))) = answered(&String::from_utf8_lossy(bytes)) {
        assert!(oid.format().hex_len() > kind.name().len());
    }
}
