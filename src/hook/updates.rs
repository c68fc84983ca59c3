//! Parses the standard input of a pre-push hook, one line per ref (githooks(5), "pre-push").

use crate::model::Oid;

/// An update of one ref at the remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The new target: a commit or an annotated tag.
    pub to: Oid,
    /// The name of the ref at the remote.
    pub name: Vec<u8>,
    /// The current target; `None` if the ref is new.
    pub from: Option<Oid>,
}

impl Update {
    pub fn is_branch(&self) -> bool {
        self.name.starts_with(b"refs/heads/")
    }
}

/// Does the push update or delete refs of this program? It does if git mirrors all refs.
pub fn names_own_refs(lines: &[u8]) -> bool {
    let mut names = lines.split(|&b| b == b'\n').filter_map(remote_ref);
    names.any(|name| name.starts_with(b"refs/rustassistant/"))
}

/// Does the push delete the ref `name` at the remote?
pub fn deletes(lines: &[u8], name: &str) -> bool {
    let mut lines = lines.split(|&b| b == b'\n');
    lines.any(|line| line.starts_with(b"(delete) ") && remote_ref(line) == Some(name.as_bytes()))
}

fn remote_ref(line: &[u8]) -> Option<&[u8]> {
    line.rsplitn(4, |&b| b == b' ').nth(1)
}

/// The updated refs. Ignores deletions, and invalid lines, since the hook must not stop a push.
pub fn updates(lines: &[u8]) -> Vec<Update> {
    lines.split(|&b| b == b'\n').filter_map(update).collect()
}

/// `<local ref> SP <local id> SP <remote ref> SP <remote id>`; a missing object has the zero id.
fn update(line: &[u8]) -> Option<Update> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // The first field is any expression that the user typed, so parse from the end.
    let mut fields = line.rsplitn(4, |&b| b == b' ');
    let from = Oid::from_hex(fields.next()?)?;
    let name = fields.next()?;
    let to = Oid::from_hex(fields.next()?)?;
    fields.next()?;
    let whole = !to.is_zero() && name.starts_with(b"refs/") && to.format() == from.format();
    whole.then(|| Update {
        to,
        name: name.to_owned(),
        from: Some(from).filter(|from| !from.is_zero()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ObjectFormat;

    fn told(lines: &str) -> Vec<(String, String, bool)> {
        let row = |update: Update| {
            let name = String::from_utf8_lossy(&update.name).into_owned();
            (name, update.to.short(), update.from.is_none())
        };
        updates(lines.as_bytes()).into_iter().map(row).collect()
    }

    #[test]
    fn branches_tags_and_new_refs_are_updates_and_deletions_are_none() {
        for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
            let one = Oid::of_blob(format, b"1");
            let two = Oid::of_blob(format, b"2");
            let zero = format.zero();
            let lines = format!(
                "refs/heads/a {one} refs/heads/b {two}\n\
                 refs/tags/v1 {two} refs/tags/v1 {zero}\n\
                 HEAD~1^{{/fix me}} {one} refs/heads/c {zero}\n\
                 (delete) {zero} refs/heads/gone {one}\n"
            );
            let row = |name: &str, to: Oid, is_new| (name.to_owned(), to.short(), is_new);
            assert_eq!(
                told(&lines),
                [
                    row("refs/heads/b", one, false),
                    row("refs/tags/v1", two, true),
                    row("refs/heads/c", one, true)
                ]
            );
        }
    }

    #[test]
    fn what_is_no_line_of_gits_is_left_out() {
        let one = Oid::of_blob(ObjectFormat::Sha1, b"1");
        let long = Oid::of_blob(ObjectFormat::Sha256, b"1");
        for line in [
            String::new(),
            "\n\n".to_owned(),
            "refs/heads/a".to_owned(),
            format!("refs/heads/a {one} refs/heads/b"),
            format!("{one} refs/heads/b {one}"),
            format!("refs/heads/a {one} refs/heads/b {}", &one.to_string()[1..]),
            format!("refs/heads/a {one} refs/heads/b {long}"),
            format!("refs/heads/a {one} --force {one}"),
            format!("refs/heads/a\t{one}\trefs/heads/b\t{one}"),
        ] {
            assert_eq!(told(&line), [], "{line}");
        }
        let told = updates(b"a \xff\0 refs/heads/b 0\n");
        assert!(told.is_empty());
    }
}
