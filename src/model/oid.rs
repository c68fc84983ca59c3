//! Object ids and how git computes them. Knows nothing of repositories.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The hash a repository names its objects with (`extensions.objectFormat`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectFormat {
    Sha1,
    Sha256,
}

impl ObjectFormat {
    /// Length of a binary object id, in bytes.
    pub const fn raw_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// Length of a printed object id, in hexadecimal digits.
    pub const fn hex_len(self) -> usize {
        self.raw_len() * 2
    }

    /// The name git gives it in its configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// The id of "nothing": what a ref that does not exist yet is compared with.
    pub const fn zero(self) -> Oid {
        Oid {
            format: self,
            bytes: [0; 32],
        }
    }

    /// The bare hash of some bytes, without an object header (a pack's trailer).
    pub fn hash(self, parts: &[&[u8]]) -> Oid {
        let mut bytes = [0; 32];
        match self {
            Self::Sha1 => {
                use sha1::Digest;
                let mut hasher = sha1::Sha1::new();
                parts.iter().for_each(|part| hasher.update(part));
                bytes[..20].copy_from_slice(&hasher.finalize());
            }
            Self::Sha256 => {
                use sha2::Digest;
                let mut hasher = sha2::Sha256::new();
                parts.iter().for_each(|part| hasher.update(part));
                bytes.copy_from_slice(&hasher.finalize());
            }
        }
        Oid {
            format: self,
            bytes,
        }
    }
}

/// The four types of object that git has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectType {
    Blob,
    Tree,
    Commit,
    Tag,
}

impl ObjectType {
    pub const ALL: [Self; 4] = [Self::Blob, Self::Tree, Self::Commit, Self::Tag];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Tree => "tree",
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }
}

/// A git object id of either object format. Orders by its bytes, as git does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Oid {
    format: ObjectFormat,
    bytes: [u8; 32],
}

impl Oid {
    /// The id that git gives an object: the hash of `"<type> <length>\0"` and its bytes.
    pub fn of(format: ObjectFormat, kind: ObjectType, content: &[u8]) -> Self {
        let header = format!("{} {}\0", kind.name(), content.len());
        format.hash(&[header.as_bytes(), content])
    }

    /// The id of `content` as a git blob.
    pub fn of_blob(format: ObjectFormat, content: &[u8]) -> Self {
        Self::of(format, ObjectType::Blob, content)
    }

    /// From a binary id of 20 or 32 bytes; `None` for any other length.
    pub fn from_raw(raw: &[u8]) -> Option<Self> {
        let format = match raw.len() {
            20 => ObjectFormat::Sha1,
            32 => ObjectFormat::Sha256,
            _ => return None,
        };
        let mut bytes = [0; 32];
        bytes[..raw.len()].copy_from_slice(raw);
        Some(Self { format, bytes })
    }

    /// From 40 or 64 lower-case hexadecimal digits, as git prints them; nothing else.
    pub fn from_hex(hex: &[u8]) -> Option<Self> {
        let format = match hex.len() {
            40 => ObjectFormat::Sha1,
            64 => ObjectFormat::Sha256,
            _ => return None,
        };
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Self { format, bytes })
    }

    pub const fn format(&self) -> ObjectFormat {
        self.format
    }

    pub fn raw(&self) -> &[u8] {
        &self.bytes[..self.format.raw_len()]
    }

    pub fn is_zero(&self) -> bool {
        self.bytes == [0; 32]
    }

    /// The `index`-th hexadecimal digit, as an ASCII byte.
    pub fn digit(&self, index: usize) -> u8 {
        let byte = self.bytes[index / 2];
        let nibble = if index.is_multiple_of(2) {
            byte >> 4
        } else {
            byte & 15
        };
        HEX[usize::from(nibble)]
    }

    /// All hexadecimal digits, as ASCII bytes.
    pub fn hex(&self) -> Vec<u8> {
        (0..self.format.hex_len()).map(|i| self.digit(i)).collect()
    }

    /// The first eight bytes as a number, which orders as ids do: all of an order that most
    /// comparisons need.
    pub fn prefix(&self) -> u64 {
        let mut prefix = [0; 8];
        prefix.copy_from_slice(&self.bytes[..8]);
        u64::from_be_bytes(prefix)
    }

    /// The first twelve digits: enough for people.
    pub fn short(&self) -> String {
        (0..12).map(|i| char::from(self.digit(i))).collect()
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// An id is random as it is: eight bytes of it are as good as a hash of all.
impl Hash for Oid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut prefix = [0; 8];
        prefix.copy_from_slice(&self.bytes[..8]);
        state.write_u64(u64::from_le_bytes(prefix));
    }
}

/// Hashes keys that are made of ids and small numbers, at the price of an addition each.
#[derive(Clone, Copy, Debug, Default)]
pub struct OidHasher(u64);

/// For maps from keys with an id in them.
pub type ByOid = std::hash::BuildHasherDefault<OidHasher>;

impl Hasher for OidHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = self.0.rotate_left(5).wrapping_add(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number.cast_unsigned() as u64);
    }
}

impl PartialOrd for Oid {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Oid {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // All 32 bytes, of which a short id's last are zero: a length known here is compared faster.
        let bytes = self.bytes.cmp(&other.bytes);
        bytes.then(self.format.cmp(&other.format))
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for index in 0..self.format.hex_len() {
            fmt::Write::write_char(out, char::from(self.digit(index)))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// What is wrong with a text that should be an object id.
#[derive(Debug, thiserror::Error)]
#[error("not an object id of 40 or 64 lower-case hexadecimal digits")]
pub struct ParseOidError;

impl FromStr for Oid {
    type Err = ParseOidError;

    fn from_str(hex: &str) -> Result<Self, Self::Err> {
        Self::from_hex(hex.as_bytes()).ok_or(ParseOidError)
    }
}

impl Serialize for Oid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Oid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hex = String::deserialize(deserializer)?;
        hex.parse().map_err(serde::de::Error::custom)
    }
}

/// The id of a recipe: the OID of its canonical JSON as a git blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub Oid);

impl fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_gets_the_id_that_git_gives_it() {
        let sha1 = Oid::of_blob(ObjectFormat::Sha1, b"");
        assert_eq!(sha1.to_string(), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        let sha256 = Oid::of_blob(ObjectFormat::Sha256, b"");
        assert_eq!(
            sha256.to_string(),
            "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"
        );
    }

    #[test]
    fn only_forty_or_sixty_four_lower_case_digits_are_an_id() {
        assert!(
            "E69DE29BB2D1D6434B8B29AE775AD8C2E48C5391"
                .parse::<Oid>()
                .is_err()
        );
        assert!("e69de29".parse::<Oid>().is_err());
        let hex = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
        assert_eq!(hex.parse::<Oid>().unwrap().to_string(), hex);
    }
}
