//! What goes between a run and its processes: lines of JSON, and after each question the text as it
//! is. Both ends are the same program, so the form has no version.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::analyzers::{Source, Thresholds};
use crate::model::{Analysis, Kind, Language, Skip};

/// A question: the text follows, of so many bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Question {
    language: Language,
    kinds: Vec<Kind>,
    bytes: usize,
}

/// What is asked, with its text.
#[derive(Debug)]
pub struct Asked {
    pub language: Language,
    pub kinds: Vec<Kind>,
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
        bytes: source.text.len(),
    };
    send(out, &question)?;
    out.write_all(source.text)?;
    let answer: Option<Result<Vec<Analysis>, Skip>> = receive(input)?;
    match answer {
        Some(Ok(analyses)) if analyses.len() != kinds.len() => {
            Err(io::ErrorKind::InvalidData.into())
        }
        answer => answer.ok_or_else(|| io::ErrorKind::UnexpectedEof.into()),
    }
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
    match input.read_until(b'\n', &mut line)? {
        0 => Ok(None),
        _ => Ok(Some(serde_json::from_slice(&line)?)),
    }
}
