//! What goes between a run and its processes: lines of JSON, and after each question the text as it
//! is. Both ends are the same program, so the form has no version.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::analyzers::local::Outline;
use crate::analyzers::{Source, Thresholds};
use crate::model::{Analysis, Kind, Language, Skip};

/// The longest line that is read, in bytes: findings and names of items take less.
const LONGEST: u64 = 256 << 20;

/// A question: the text follows, of so many bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Question {
    language: Language,
    kinds: Vec<Kind>,
    /// Not the kinds, but its outline is asked for: see [`Outline::of`].
    #[serde(default)]
    outline: Option<usize>,
    bytes: usize,
}

/// What is asked, with its text.
#[derive(Debug)]
pub struct Asked {
    pub language: Language,
    pub kinds: Vec<Kind>,
    pub outline: Option<usize>,
    pub text: Vec<u8>,
}

pub fn begin(out: &mut impl Write, thresholds: &Thresholds) -> io::Result<()> {
    send(out, &thresholds.all())
}

/// The other end of [`begin`].
pub fn begun(input: &mut impl BufRead) -> io::Result<Option<Thresholds>> {
    let told: Option<BTreeMap<String, i64>> = receive(input)?;
    Ok(told.map(|told| {
        let mut thresholds = Thresholds::default();
        for (name, value) in told {
            thresholds.set(&name, value);
        }
        thresholds
    }))
}

/// Asks, and waits for the answer.
///
/// # Errors
/// If the other end is gone, or says what is none.
pub fn ask(
    out: &mut impl Write,
    input: &mut impl BufRead,
    source: Source<'_>,
    kinds: &[Kind],
) -> io::Result<Result<Vec<Analysis>, Skip>> {
    let question = Question {
        language: source.language,
        kinds: kinds.to_vec(),
        outline: None,
        bytes: source.text.len(),
    };
    put(out, &question, source)?;
    let answer: Option<Result<Vec<Analysis>, Skip>> = receive(input)?;
    match answer {
        Some(Ok(analyses)) if analyses.len() != kinds.len() => {
            Err(io::ErrorKind::InvalidData.into())
        }
        answer => answer.ok_or_else(|| io::ErrorKind::UnexpectedEof.into()),
    }
}

/// As [`ask`], for the outline of a text.
///
/// # Errors
/// As [`ask`].
pub fn ask_outline(
    out: &mut impl Write,
    input: &mut impl BufRead,
    source: Source<'_>,
    limit: usize,
) -> io::Result<Result<Outline, Skip>> {
    let question = Question {
        language: source.language,
        kinds: Vec::new(),
        outline: Some(limit),
        bytes: source.text.len(),
    };
    put(out, &question, source)?;
    receive(input)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn put(out: &mut impl Write, question: &Question, source: Source<'_>) -> io::Result<()> {
    send(out, question)?;
    out.write_all(source.text)
}

/// The next question; nothing if there are no more.
pub fn next(input: &mut impl BufRead) -> io::Result<Option<Asked>> {
    let Some(question) = receive::<Question>(input)? else {
        return Ok(None);
    };
    let mut text = Vec::new();
    let bytes = question.bytes as u64;
    if input.take(bytes).read_to_end(&mut text)? < question.bytes {
        return Ok(None);
    }
    Ok(Some(Asked {
        language: question.language,
        kinds: question.kinds,
        outline: question.outline,
        text,
    }))
}

/// One value as one line.
pub fn send(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}

fn receive<T: DeserializeOwned>(input: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    match input.take(LONGEST).read_until(b'\n', &mut line)? {
        0 => Ok(None),
        _ => Ok(Some(serde_json::from_slice(&line)?)),
    }
}
