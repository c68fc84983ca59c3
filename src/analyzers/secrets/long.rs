//! Secrets of any length: private keys, and tokens that hold a document. A pattern finds their head;
//! what follows is read byte by byte, up to where the next head could begin.

use std::ops::Range;

use super::randomness::{is_placeholder, is_random};
use super::{Match, Rule};

pub fn rules() -> impl Iterator<Item = Rule> {
    [
        Rule::new(PEM, lines_of_key),
        Rule::new(PUTTY, lines_of_key),
        Rule::new(&format!("(?-u)(?:{})", ENCODED.join("|")), word_of_key),
        Rule::new(TOKEN, token),
    ]
    .into_iter()
}

/// RFC 7468, RFC 4880, OpenSSH's own, and SSH2's, which has a dash less and a space.
const PEM: &str = "---- ?BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)? ?----";

/// The lines of a key of PuTTY that are private.
const PUTTY: &str = "Private-Lines: {1,4}[0-9]{1,4}";

/// How a private key begins in Base64: as a PEM file that is encoded once more (in kubeconfig, in
/// variables of builds), and as DER without its first line.
const ENCODED: &[&str] = &[
    "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS",
    "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt",
    "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS",
    "LS0tLS1CRUdJTiBEU0EgUFJJVkFURSBLRVkt",
    "LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJVkFURSBLRVkt",
    "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZ",
    "LS0tLS1CRUdJTiBQR1AgUFJJVkFURSBLRVkg",
    // PKCS#8 of RSA in the usual sizes, of EC and of Ed25519.
    "MII[BCEJ][A-Za-z0-9+/]{2}[IA][BC]ADANBgkqhkiG9w0BAQEFAASC",
    "MI(?:GHAgEAMBMGByqGSM49AgEG|G2AgEAMBAGByqGSM49AgEG|HuAgEAMBAGByqGSM49AgEG)",
    "MC4CAQAwBQYDK2VwBCIEI",
    // PKCS#1 in the usual sizes, SEC 1, OpenSSH.
    "MII[BCEJ][A-Za-z0-9+/]{2}IBAAK[BC][A-Za-z0-9+/]{2}",
    "MHcCAQEEI",
    "b3BlbnNzaC1rZXktdjEA",
];

/// The head of a JSON web token (RFC 7519): what it is, and the beginning of what it says.
const TOKEN: &str = r"\beyJ[A-Za-z0-9_-]{10,400}\.eyJ[A-Za-z0-9_-]{10}";

/// What stands between the lines of a key where it is a string of some language, or has headers.
const BETWEEN: &[u8] = b" \t\r\n\\\"'`,.;:()#*|><_-%";

/// Shorter runs are words of a header, or what code puts between lines.
const SHORTEST_LINE: usize = 16;

/// So many bytes of Base64 at the least, or it is a text that only speaks of keys.
const SHORTEST_KEY: usize = 40;

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

fn lines_of_key(head: &Match<'_>, found: &mut Vec<Range<usize>>) -> usize {
    let mut at = head.end;
    let (mut lines, mut short) = (Vec::new(), 0);
    // As many words as headers have, and no more once there were lines.
    while short <= 24 {
        let rest = head.bytes(at..head.text.len());
        let is_line = rest.starts_with(b"----");
        if is_line && at > head.end + 1 {
            break;
        }
        // In strings: `\n`, `\r\n`.
        if let [b'\\', b'n' | b'r', ..] = rest {
            at += 2;
            continue;
        }
        let length = rest.iter().take_while(|byte| is_base64(**byte)).count();
        let run = rest.get(..length).unwrap_or_default();
        match (length, rest.first()) {
            (0, Some(byte)) if BETWEEN.contains(byte) => at += 1,
            (0, _) => break,
            (SHORTEST_LINE.., _) if is_random(run) && !is_placeholder(run) => {
                lines.push(at..at + length);
                at += length;
            }
            _ => {
                short += 1;
                at += length;
            }
        }
    }
    if lines.iter().map(ExactSizeIterator::len).sum::<usize>() >= SHORTEST_KEY {
        found.append(&mut lines);
    }
    at
}

fn word_of_key(head: &Match<'_>, found: &mut Vec<Range<usize>>) -> usize {
    word(head, found, is_base64)
}

fn token(head: &Match<'_>, found: &mut Vec<Range<usize>>) -> usize {
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let before = found.len();
    let end = word(head, found, of_token);
    // Without a signature it opens nothing.
    let is_signed = |token: &Range<usize>| {
        let mut parts = head.bytes(token.clone()).split(|byte| *byte == b'.');
        parts.nth(2).is_some_and(|signature| signature.len() >= 10)
    };
    if !found.get(before).is_some_and(is_signed) {
        found.truncate(before);
    }
    end
}

/// The rest of the word that the match begins.
fn word(head: &Match<'_>, found: &mut Vec<Range<usize>>, belongs: fn(u8) -> bool) -> usize {
    let length = head.rest().iter().take_while(|byte| belongs(**byte));
    let length = length.count();
    let word = head.start..head.end + length;
    let end = word.end;
    if length >= SHORTEST_KEY && !is_placeholder(head.bytes(word.clone())) {
        found.push(word);
    }
    end
}
