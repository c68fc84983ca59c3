//! Writes an outline as a document in Markdown. It has no title: a file's name is not the file's
//! content, so whoever shows the document puts one above it, at level 1.

use std::fmt::Write as _;

use super::markdown::{self, first_sentence, heading, nested};
use super::topic::{Outline, Reach, Sort, Topic};
use crate::analyzers::local::phrase;

/// A file with at least this many public topics begins with a list of them.
const OVERVIEW_FROM: usize = 4;

/// The document; `code` is what Markdown calls the file's language.
pub fn write(outline: &Outline, code: &str) -> String {
    let mut document = Document {
        code,
        out: String::new(),
    };
    match &outline.doc {
        Some(doc) => document.paragraph(&nested(doc, 1, code)),
        None => document.paragraph(&introduction(outline, code)),
    }
    let public = |topic: &&Topic| topic.reach == Reach::Public;
    let shown: Vec<&Topic> = outline.topics.iter().filter(public).collect();
    if shown.len() >= OVERVIEW_FROM {
        document.overview(&shown);
    }
    for (sort, title) in Sort::GROUPS {
        let group = shown.iter().filter(|topic| topic.sort == sort);
        document.group(sort, title, &group.copied().collect::<Vec<_>>());
    }
    document.internal(outline);
    document.private(outline);
    document.undocumented(outline);
    document.out.trim_end().to_owned() + "\n"
}

struct Document<'a> {
    code: &'a str,
    out: String,
}

impl Document<'_> {
    fn paragraph(&mut self, text: &str) {
        if !text.is_empty() {
            self.out.push_str(text);
            self.out.push_str("\n\n");
        }
    }

    fn heading(&mut self, level: usize, title: &str) {
        self.paragraph(&heading(level, title));
    }

    fn fence(&mut self, source: &str) {
        self.paragraph(&format!("```{}\n{source}\n```", self.code));
    }

    /// What there is, one line each.
    fn overview(&mut self, topics: &[&Topic]) {
        self.heading(2, "Overview");
        let listed = topics
            .iter()
            .filter(|topic| !matches!(topic.sort, Sort::Reexport | Sort::Submodule));
        let mut lines: Vec<(Sort, String)> =
            listed.map(|topic| (topic.sort, line_of(topic))).collect();
        lines.sort_by_key(|&(sort, _)| sort);
        let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
        self.paragraph(&lines.join("\n"));
    }

    fn group(&mut self, sort: Sort, title: &str, topics: &[&Topic]) {
        if topics.is_empty() {
            return;
        }
        self.heading(2, title);
        if sort == Sort::Reexport {
            let lines: Vec<&str> = topics
                .iter()
                .map(|topic| topic.signature.as_str())
                .collect();
            return self.fence(&lines.join("\n"));
        }
        if sort == Sort::Submodule {
            let lines: Vec<String> = topics.iter().map(|topic| line_of(topic)).collect();
            return self.paragraph(&lines.join("\n"));
        }
        for topic in topics {
            self.topic(topic, 3);
        }
    }

    /// One topic under a heading of its own, its members below it.
    fn topic(&mut self, topic: &Topic, level: usize) {
        self.heading(level, &named(topic));
        self.fence(&topic.signature);
        for remark in &topic.remarks {
            self.paragraph(&nested(remark, level, self.code));
        }
        if let Some(doc) = &topic.doc {
            self.paragraph(&nested(doc, level, self.code));
        }
        if !topic.implements.is_empty() {
            let names: Vec<String> = topic
                .implements
                .iter()
                .map(|name| format!("`{name}`"))
                .collect();
            self.paragraph(&format!("Implements {}.", phrase::list(&names)));
        }
        for (sort, title) in [(Sort::Variant, "Variants"), (Sort::Field, "Fields")] {
            self.listed(topic, sort, title);
        }
        let below = |member: &&Topic| {
            member.reach == Reach::Public && !matches!(member.sort, Sort::Field | Sort::Variant)
        };
        for member in topic.members.iter().filter(below) {
            self.topic(member, level + 1);
        }
    }

    /// The documented members of one sort, as a list: their declarations stand above already.
    fn listed(&mut self, topic: &Topic, sort: Sort, title: &str) {
        let of_sort = topic.members.iter().filter(|member| member.sort == sort);
        let mut list = String::new();
        for member in of_sort.filter(|member| member.reach == Reach::Public) {
            let Some(doc) = &member.doc else { continue };
            let doc = nested(doc, 6, self.code).replace('\n', "\n  ");
            let name = member
                .path
                .rsplit([':', '.'])
                .next()
                .unwrap_or(&member.path);
            // Writing to a string cannot fail.
            let _ = writeln!(list, "- `{name}`: {}", doc.replace("\n  \n", "\n\n"));
        }
        if !list.is_empty() {
            self.paragraph(&format!("**{title}**"));
            self.paragraph(list.trim_end());
        }
    }

    /// What the rest of the program sees, one line each.
    fn internal(&mut self, outline: &Outline) {
        let internal =
            |topic: &&&Topic| topic.reach == Reach::Internal && topic.sort != Sort::Reexport;
        let all = outline.all();
        let lines: Vec<String> = all
            .iter()
            .filter(internal)
            .map(|topic| line_of(topic))
            .collect();
        if !lines.is_empty() {
            self.heading(2, "Inside the program");
            self.paragraph("Visible to other files of the same package, not to its users.");
            self.paragraph(&lines.join("\n"));
        }
    }

    /// What a file that offers nothing has to say of its own workings, one line each.
    fn private(&mut self, outline: &Outline) {
        let own = |topic: &&Topic| topic.doc.is_some() && topic.sort != Sort::Reexport;
        let lines: Vec<String> = outline.topics.iter().filter(own).map(line_of).collect();
        let private = |topic: &Topic| topic.reach == Reach::Private;
        if outline.topics.iter().all(private) && !lines.is_empty() {
            self.heading(2, "Inside this file");
            self.paragraph(&lines.join("\n"));
        }
    }

    fn undocumented(&mut self, outline: &Outline) {
        let missing = outline.public().filter(|topic| topic.doc.is_none());
        let names: Vec<String> = missing.map(|topic| format!("`{}`", topic.path)).collect();
        if !names.is_empty() {
            self.heading(2, "Not documented");
            self.paragraph(&format!("{}.", phrase::list(&names)));
        }
    }
}

/// So many constants of a group are named in its heading.
const MOST_NAMED: usize = 6;

/// What a topic is called: of a group, all that it declares.
fn named(topic: &Topic) -> String {
    let mut names = vec![format!("`{}`", topic.path)];
    let named = topic.others.iter().take(MOST_NAMED - 1);
    names.extend(named.map(|name| format!("`{name}`")));
    match topic.others.len() + 1 - names.len() {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// `- struct `Walk`: the first sentence.`
fn line_of(topic: &Topic) -> String {
    let sentence = topic.doc.as_deref().map(first_sentence).unwrap_or_default();
    let colon = if sentence.is_empty() { "" } else { ": " };
    let noun = topic.sort.noun();
    let several = if topic.others.is_empty() { "" } else { "s" };
    format!("- {noun}{several} {}{colon}{sentence}", named(topic))
}

/// What a file without documentation of its own holds, in a sentence or two. In most languages nobody
/// expects a file to have any.
fn introduction(outline: &Outline, code: &str) -> String {
    let reach = outline.topics.iter().map(|topic| topic.reach).max();
    let whose = match reach {
        Some(Reach::Public) => "offers",
        Some(Reach::Internal) => "offers the rest of its package",
        Some(Reach::Private) => "keeps to itself",
        None => return "This file declares nothing that could be documented.".to_owned(),
    };
    let mut groups = Vec::new();
    for (sort, title) in Sort::GROUPS {
        let of_sort = |topic: &&Topic| topic.sort == sort && Some(topic.reach) == reach;
        let names: Vec<String> = outline
            .topics
            .iter()
            .filter(of_sort)
            .map(|topic| format!("`{}`", topic.path))
            .collect();
        if sort == Sort::Reexport || names.is_empty() {
            continue;
        }
        groups.push(match names.len() {
            1..=3 => format!(
                "the {} {}",
                noun(sort, title, names.len()),
                phrase::list(&names)
            ),
            many => format!("{many} {}", noun(sort, title, many)),
        });
    }
    let bare = if matches!(code, "rust" | "python") {
        "This file has no documentation of its own. It"
    } else {
        "This file"
    };
    if groups.is_empty() {
        format!("{bare} offers what other files declare.")
    } else {
        format!("{bare} {whose} {}.", phrase::list(&groups))
    }
}

fn noun(sort: Sort, title: &str, number: usize) -> String {
    match number {
        1 => sort.noun().to_owned(),
        _ => title.to_lowercase(),
    }
}

/// How many examples the documentation holds.
pub fn examples(outline: &Outline, code: &str) -> usize {
    let topics = outline.all();
    let docs = topics.iter().filter_map(|topic| topic.doc.as_deref());
    docs.chain(outline.doc.as_deref())
        .map(|doc| markdown::examples(doc, code))
        .sum()
}
