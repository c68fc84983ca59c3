//! An entry on its way to a report: as it is or, where many or large ones wait, deflated. Not how it
//! is stored.

use std::cell::RefCell;
use std::mem::size_of;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::{Entry, Finding, Fingerprint, Kind, Suggestion, Usage};

/// Bytes of entries that a process holds as they are. Those of two thousand files fit in, and what a
/// teammate may publish has no bound but this one.
const MOST_WHOLE: usize = 16 << 20;

/// What this process holds of them now.
static WHOLE: AtomicUsize = AtomicUsize::new(0);

/// As much of an entry is a dictionary: it is gone through for each entry that is deflated.
const DICTIONARY: usize = 4 << 10;

/// Makes entries smaller. Entries of a kind are much alike, so one of them is the dictionary of the
/// others: it saves a third.
struct Packer {
    deflate: Compress,
    inflate: Decompress,
    dictionaries: Vec<(Kind, Arc<[u8]>)>,
}

thread_local! {
    /// One for all entries: each would take 300 KB for a moment, and what is kept would come to lie
    /// between such moments.
    static PACKER: RefCell<Packer> = RefCell::new(Packer {
        deflate: Compress::new(Compression::fast(), false),
        inflate: Decompress::new(false),
        dictionaries: Vec::new(),
    });
}

/// An entry that waits to be shown. [`Held::new`] decides how.
#[derive(Clone, Debug)]
pub enum Held {
    Whole(Arc<Whole>),
    Packed(Arc<Packed>),
}

/// An entry as it is, which counts among those that the process holds as long as it lives.
#[derive(Debug)]
pub struct Whole {
    entry: Arc<Entry>,
    bytes: usize,
}

impl Drop for Whole {
    fn drop(&mut self) {
        WHOLE.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// An entry in an eighth of the memory, and beside it what is asked of many that are not shown.
#[derive(Debug)]
pub struct Packed {
    fingerprint: Fingerprint,
    usage: Option<Box<Usage>>,
    has_findings: bool,
    /// JSON, deflated without a checksum: it never leaves this process.
    text: Box<[u8]>,
    /// How long it was before, in bytes.
    length: usize,
    dictionary: Arc<[u8]>,
    /// Read once and for all, where somebody wants to refer to it.
    read: OnceLock<Arc<Entry>>,
}

impl Held {
    pub fn new(entry: Arc<Entry>) -> Self {
        if WHOLE.load(Ordering::Relaxed) > MOST_WHOLE {
            Self::packed(entry)
        } else {
            Self::whole(entry)
        }
    }

    /// An entry that is held as it is, however many there are.
    pub fn whole(entry: Arc<Entry>) -> Self {
        let bytes = weight(&entry);
        WHOLE.fetch_add(bytes, Ordering::Relaxed);
        Self::Whole(Arc::new(Whole { entry, bytes }))
    }

    /// Packs an entry; one that cannot be packed is held as it is.
    pub fn packed(entry: Arc<Entry>) -> Self {
        match PACKER.with_borrow_mut(|packer| packer.pack(&entry)) {
            Some(packed) => Self::Packed(Arc::new(packed)),
            None => Self::whole(entry),
        }
    }

    pub fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Whole(whole) => whole.entry.fingerprint,
            Self::Packed(packed) => packed.fingerprint,
        }
    }

    pub fn usage(&self) -> Option<&Usage> {
        match self {
            Self::Whole(whole) => whole.entry.usage.as_ref(),
            Self::Packed(packed) => packed.usage.as_deref(),
        }
    }

    pub fn has_findings(&self) -> bool {
        match self {
            Self::Whole(whole) => !whole.entry.analysis.findings.is_empty(),
            Self::Packed(packed) => packed.has_findings,
        }
    }

    /// The entry, for a moment.
    pub fn entry(&self) -> Arc<Entry> {
        match self {
            Self::Whole(whole) => Arc::clone(&whole.entry),
            Self::Packed(packed) => Arc::new(packed.unpacked()),
        }
    }

    /// The entry, for as long as it is held: from then on it takes its whole memory.
    pub fn get(&self) -> &Entry {
        match self {
            Self::Whole(whole) => &whole.entry,
            Self::Packed(packed) => packed.read.get_or_init(|| Arc::new(packed.unpacked())),
        }
    }

    /// The entry, to change it.
    #[cfg(test)]
    pub fn to_mut(&mut self) -> &mut Entry {
        *self = Self::whole(self.entry());
        let Self::Whole(whole) = self else {
            unreachable!("it was made whole");
        };
        let whole = Arc::get_mut(whole).expect("nobody else has it yet");
        Arc::make_mut(&mut whole.entry)
    }
}

impl Packed {
    fn unpacked(&self) -> Entry {
        let text = PACKER.with_borrow_mut(|packer| packer.inflated(self));
        text.and_then(|text| serde_json::from_slice(&text).ok())
            .expect("it was packed by this process, from an entry")
    }
}

impl Packer {
    fn pack(&mut self, entry: &Entry) -> Option<Packed> {
        let text = serde_json::to_vec(entry).ok()?;
        let dictionary = self.dictionary(&entry.kind, &text);
        self.deflate.reset();
        self.deflate.set_dictionary(&dictionary).ok()?;
        let mut deflated = Vec::new();
        loop {
            deflated.reserve(text.len() / 3 + 64);
            let done = usize::try_from(self.deflate.total_in()).ok()?;
            let rest = text.get(done..)?;
            let finish = FlushCompress::Finish;
            let status = self.deflate.compress_vec(rest, &mut deflated, finish);
            if status.ok()? == Status::StreamEnd {
                break;
            }
        }
        Some(Packed {
            fingerprint: entry.fingerprint,
            usage: entry.usage.clone().map(Box::new),
            has_findings: !entry.analysis.findings.is_empty(),
            text: deflated.into_boxed_slice(),
            length: text.len(),
            dictionary,
            read: OnceLock::new(),
        })
    }

    fn inflated(&mut self, packed: &Packed) -> Option<Vec<u8>> {
        let mut text = Vec::with_capacity(packed.length);
        self.inflate.reset(false);
        self.inflate.set_dictionary(&packed.dictionary).ok()?;
        let finish = FlushDecompress::Finish;
        let inflated = self.inflate.decompress_vec(&packed.text, &mut text, finish);
        inflated.ok().map(|_| text)
    }

    /// That of a kind: the beginning of its first entry, which is `text` if there was none before.
    fn dictionary(&mut self, kind: &Kind, text: &[u8]) -> Arc<[u8]> {
        if let Some((_, known)) = self.dictionaries.iter().find(|(of, _)| of == kind) {
            return Arc::clone(known);
        }
        let dictionary: Arc<[u8]> = text.iter().copied().take(DICTIONARY).collect();
        let kept = Arc::clone(&dictionary);
        self.dictionaries.push((kind.clone(), kept));
        dictionary
    }
}

/// About the bytes of memory that an entry takes. All that may be long counts: what others publish is
/// bounded by it.
fn weight(entry: &Entry) -> usize {
    /// What a name and its value take in a map, beside their text.
    const PAIR: usize = 80;
    let analysis = &entry.analysis;
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let finding = |finding: &Finding| {
        let words = finding.title.len() + finding.message.len() + text(&finding.suggestion);
        let details = finding.details.iter();
        let details: usize = details
            .map(|(name, told)| PAIR + name.len() + told.len())
            .sum();
        let names = finding.rule.len() + finding.anchor.len() + text(&finding.item);
        size_of::<Finding>() + words + names + details
    };
    let suggestion = |suggestion: &Suggestion| {
        size_of::<Suggestion>() + suggestion.title.len() + suggestion.detail.len()
    };
    let findings: usize = analysis.findings.iter().map(finding).sum();
    let suggestions: usize = analysis.suggestions.iter().map(suggestion).sum();
    let metrics: usize = analysis.metrics.keys().map(|name| PAIR + name.len()).sum();
    let words = entry.analyzer.len() + analysis.summary.len() + text(&analysis.document);
    let usage = entry
        .usage
        .as_ref()
        .map_or(0, |usage| usage.raw.to_string().len());
    size_of::<Entry>() + words + findings + suggestions + metrics + usage
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Analysis, Cost, CostSource, Kind, Level, ObjectFormat, Oid, Part};

    fn entry(document: String) -> Arc<Entry> {
        let oid = Oid::of_blob(ObjectFormat::Sha1, document.as_bytes());
        Arc::new(Entry {
            format: 1,
            blob: oid,
            fingerprint: Fingerprint(oid),
            kind: Kind::Docs,
            analyzer: "xai/grok-4.7".into(),
            created: Some("2026-11-02T10:00:00Z".parse().unwrap()),
            duration_ms: Some(7),
            usage: Some(Usage {
                requests: 1,
                input_tokens: 2,
                cached_input_tokens: 0,
                output_tokens: 3,
                reasoning_tokens: 0,
                cost: Cost {
                    usd: Some("0.01".parse().unwrap()),
                    source: CostSource::Provider,
                    part: Part::default(),
                },
                raw: serde_json::json!({ "total": 1.5 }),
            }),
            analysis: Analysis {
                summary: "Text \u{1f980} of any \0 kind.".into(),
                metrics: [("lines".to_owned(), i64::MIN)].into(),
                document: Some(document),
                ..Analysis::default()
            },
        })
    }

    fn finding() -> Finding {
        Finding {
            start_line: 1,
            start_column: 1,
            end_line: 1,
            end_column: 2,
            rule: "unwrap".into(),
            level: Level::Note,
            item: None,
            title: "Title".into(),
            message: "Message.".into(),
            suggestion: None,
            confidence: None,
            anchor: "anchor".into(),
            about: crate::model::About::Text,
            roles: crate::model::Roles::EVERY,
            details: [].into(),
        }
    }

    #[test]
    fn what_is_packed_comes_out_as_it_was() {
        let entry = entry("word ".repeat(10_000));
        let packed = Held::packed(Arc::clone(&entry));
        let Held::Packed(inside) = &packed else {
            panic!("{packed:?}");
        };
        assert!(inside.text.len() < 5_000);
        assert_eq!(
            (packed.entry(), packed.get()),
            (Arc::clone(&entry), &*entry)
        );
        assert_eq!(packed.fingerprint(), entry.fingerprint);
        assert_eq!(packed.usage(), entry.usage.as_ref());
        assert!(!packed.has_findings());
    }

    #[test]
    fn entries_are_packed_when_they_would_take_much_memory() {
        let large = || Held::new(entry("long".repeat(1 << 18)));
        let held: Vec<Held> = std::iter::repeat_with(large).take(30).collect();
        let whole = held.iter().filter(|held| matches!(held, Held::Whole(_)));
        assert!(whole.count() <= 17);
        assert!(matches!(held.last(), Some(Held::Packed(_))));
    }

    #[test]
    fn whatever_is_long_in_an_entry_counts() {
        const LONG: usize = 5_000;
        let long = || "x".repeat(LONG);
        let weighed = |adapt: &dyn Fn(&mut Entry)| {
            let mut entry = Entry::clone(&entry(String::new()));
            entry.analysis.findings = vec![finding()];
            adapt(&mut entry);
            weight(&entry)
        };
        let plain = weighed(&|_| ());
        let longer: [&dyn Fn(&mut Entry); 8] = [
            &|entry| entry.analyzer = long(),
            &|entry| entry.analysis.summary = long(),
            &|entry| entry.analysis.document = Some(long()),
            &|entry| entry.analysis.metrics = [(long(), 1)].into(),
            &|entry| entry.analysis.findings[0].rule = long(),
            &|entry| entry.analysis.findings[0].message = long(),
            &|entry| entry.analysis.findings[0].details = [("of".to_owned(), long())].into(),
            &|entry| entry.usage.as_mut().unwrap().raw = serde_json::json!(long()),
        ];
        for adapt in longer {
            assert!(weighed(adapt) > plain + LONG / 2);
        }
    }
}
