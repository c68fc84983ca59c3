//! Formats as other programs read them: several written by one run, each given to a reader that is
//! not ours. What they look like is tested beside their renderers.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::Repo;

/// Findings, a copy, a file that cannot be analysed, and a path that every format must escape.
fn repo() -> Repo {
    let repo = Repo::new();
    let source = |names: [&str; 3]| -> String {
        let function = |name| {
            format!("pub fn {name}(text: &str) -> u8 {{\n    text.parse::<u8>().unwrap()\n}}\n")
        };
        names.map(function).concat()
    };
    repo.write("src/a.rs", source(["one", "two", "three"]));
    repo.write("src/b.rs", source(["one", "two", "three"]));
    repo.write("src/a,b:c%20 <&\"'>.rs", source(["four", "five", "six"]));
    repo.write("binary.rs", b"\0");
    repo.commit("files");
    repo
}

/// What each format wrote, in one run.
fn written<const N: usize>(repo: &Repo, formats: [&str; N], arguments: &[&str]) -> [String; N] {
    let place = |format: &str| repo.home().join(format);
    let outputs = formats.map(|format| format!("--output={format}={}", place(format).display()));
    let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
    repo.run(&[&["analyze"], outputs.as_slice(), arguments].concat())
        .silent();
    formats.map(|format| fs::read_to_string(place(format)).unwrap())
}

#[test]
fn sarif_is_valid_by_its_schema_and_has_what_code_scanning_requires() {
    let repo = repo();
    let [text] = written(&repo, ["sarif"], &[]);
    let document: Value = serde_json::from_str(&text).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sarif-2.1.0.json");
    // One of its patterns has a bracket too many, which is no regular expression to most.
    let schema = fs::read_to_string(schema).unwrap();
    let schema: Value = serde_json::from_str(&schema.replace("{2}]?$", "{2}$")).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    let results = document["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() > 5);
    for result in results {
        let place = &result["locations"][0]["physicalLocation"];
        for field in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(place["region"][field].as_u64() >= Some(1), "{result}");
        }
        let hash = &result["partialFingerprints"]["primaryLocationLineHash"];
        assert!(
            hash.as_str().is_some_and(|hash| hash.contains(':')),
            "{result}"
        );
        assert_ne!(result["message"]["text"], "");
        let rule = result["ruleIndex"].as_u64().unwrap() as usize;
        let rule = &document["runs"][0]["tool"]["driver"]["rules"][rule];
        assert_eq!(rule["id"], result["ruleId"]);
        for text in ["shortDescription", "fullDescription", "help"] {
            assert_ne!(rule[text]["text"].as_str().unwrap(), "");
        }
    }
}

#[test]
fn xml_is_well_formed_and_gives_back_the_names_that_went_in() {
    let repo = repo();
    let [checkstyle, junit] = written(&repo, ["checkstyle", "junit"], &[]);
    let names = |text: &str, element: &str| -> Vec<String> {
        let document = roxmltree::Document::parse(text).unwrap();
        let named = document
            .descendants()
            .filter(|node| node.has_tag_name(element));
        named
            .filter_map(|node| node.attribute("name").map(str::to_owned))
            .collect()
    };
    let odd = "src/a,b:c%20 <&\"'>.rs".to_owned();
    assert!(names(&checkstyle, "file").contains(&odd), "{checkstyle}");
    assert!(names(&junit, "testsuite").contains(&odd), "{junit}");
    assert!(
        checkstyle.contains("source=\"rustassistant."),
        "{checkstyle}"
    );
}

#[test]
fn each_item_of_a_gitlab_report_has_a_fingerprint_of_its_own_and_nothing_is_an_empty_list() {
    let repo = repo();
    let [text] = written(&repo, ["gitlab"], &[]);
    let items: Vec<Value> = serde_json::from_str(&text).unwrap();
    let prints: HashSet<&str> = items
        .iter()
        .map(|item| item["fingerprint"].as_str().unwrap())
        .collect();
    assert!(items.len() > 5);
    assert_eq!(prints.len(), items.len());
    for item in &items {
        for required in ["description", "check_name"] {
            assert_ne!(item[required].as_str().unwrap(), "");
        }
        let severity = item["severity"].as_str().unwrap();
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
        let path = item["location"]["path"].as_str().unwrap();
        assert!(repo.path().join(path).exists() && !path.starts_with("./"));
        assert!(item["location"]["lines"]["begin"].as_u64() >= Some(1));
    }
    let [text] = written(&repo, ["gitlab"], &["binary.rs"]);
    assert_eq!(text, "[]\n");
}

#[test]
fn annotations_and_diagnostics_are_one_line_each_and_name_the_file() {
    let repo = repo();
    let [github, rdjsonl] = written(&repo, ["github", "rdjsonl"], &["src"]);
    for line in github.lines() {
        let (properties, _) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let file = properties.split("file=").nth(1).unwrap();
        let file = file.split(',').next().unwrap();
        let file = file
            .replace("%2C", ",")
            .replace("%3A", ":")
            .replace("%25", "%");
        assert!(repo.path().join(&file).exists(), "{file}: {line}");
    }
    assert_eq!(github.lines().count(), rdjsonl.lines().count());
    for line in rdjsonl.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let file = value["location"]["path"].as_str().unwrap();
        assert!(repo.path().join(file).exists(), "{line}");
        let severity = value["severity"].as_str().unwrap();
        assert!(["ERROR", "WARNING", "INFO"].contains(&severity), "{line}");
        only_knows(
            &value,
            &["code", "location", "message", "severity", "source"],
        );
        only_knows(&value["location"], &["path", "range"]);
        assert!(value["message"].is_string() && value["code"]["value"].is_string());
        for end in ["start", "end"] {
            let position = &value["location"]["range"][end];
            only_knows(position, &["column", "line"]);
            assert!(position["line"].as_i64() >= Some(1), "{line}");
        }
    }
}

/// Every key is one that reviewdog's schema has (`proto/rdf/jsonschema`): it drops others unseen.
#[track_caller]
fn only_knows(value: &Value, keys: &[&str]) {
    let found: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert!(found.iter().all(|key| keys.contains(key)), "{found:?}");
}
