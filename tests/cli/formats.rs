//! Formats as other programs read them: several written by one run, each given to a reader that is
//! not ours. What they look like is tested beside their renderers.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::Repo;

/// Findings, a copy, a file that cannot be analyzed, and a path that every format must escape.
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

fn expect_valid_sarif(document: &Value) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sarif-2.1.0.json");
    // One of its patterns has a bracket too many, which is no regular expression to most.
    let schema = fs::read_to_string(schema).unwrap();
    let schema: Value = serde_json::from_str(&schema.replace("{2}]?$", "{2}$")).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn sarif_is_valid_by_its_schema_and_has_what_code_scanning_requires() {
    let repo = repo();
    let [text] = written(&repo, ["sarif"], &[]);
    let document: Value = serde_json::from_str(&text).unwrap();
    expect_valid_sarif(&document);
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
fn sarif_explains_a_rule_as_the_program_does_with_the_limits_that_count_here() {
    let repo = Repo::new();
    repo.write(
        "src/lib.rs",
        "pub fn f(a: u8, b: u8, c: u8) { a.parse::<u8>().unwrap(); }\n",
    );
    repo.commit("first");
    repo.git(&["config", "rustassistant.maxParameters", "2"]);
    let [text] = written(&repo, ["sarif"], &[]);
    let document: Value = serde_json::from_str(&text).unwrap();
    expect_valid_sarif(&document);
    let rules = document["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    assert_eq!(rules.len(), 2);
    for rule in rules {
        let name = rule["id"].as_str().unwrap().rsplit('/').next().unwrap();
        let printed = repo.run(&["rules", name]).silent();
        let help = rule["help"]["text"].as_str().unwrap().replace('\\', "");
        assert_eq!(help.trim(), printed.trim());
        let markdown = rule["help"]["markdown"].as_str().unwrap();
        assert!(
            markdown.contains(&format!("`rustassistant: ignore[{name}] why`")),
            "{markdown}"
        );
        let example = markdown.contains("Reported:\n\n```rust\n");
        assert_eq!(example, printed.contains("Reported:"), "{markdown}");
        let short = rule["shortDescription"]["text"].as_str().unwrap();
        let full = rule["fullDescription"]["text"].as_str().unwrap();
        assert!(
            full.len() > short.len() && full.starts_with(short),
            "{full}"
        );
        if name == "long-parameter-list" {
            assert!(
                markdown.contains("rustassistant.maxParameters = 2"),
                "{markdown}"
            );
        }
    }
}

/// The `automationDetails` of what is written.
fn details(repo: &Repo, options: &[&str]) -> Value {
    let arguments = [&["analyze", "--output=sarif"], options].concat();
    let document: Value = serde_json::from_str(&repo.run(&arguments).stdout).unwrap();
    expect_valid_sarif(&document);
    document["runs"][0]["automationDetails"].clone()
}

#[test]
fn the_category_of_sarif_is_the_one_that_was_given_and_else_that_of_whoever_uploads_it() {
    let repo = Repo::of_two_files();
    assert_eq!(details(&repo, &[]), Value::Null);
    for given in ["packages/api", "packages/api/"] {
        let details = details(&repo, &["--sarif-category", given]);
        assert_eq!(details["id"], "packages/api/");
    }
    for (options, said) in [
        (
            &["--output=sarif", "--sarif-category="][..],
            "one line of text",
        ),
        (
            &["--output=sarif", "--sarif-category=/"],
            "one line of text",
        ),
        (
            &["--sarif-category=api"],
            "--output sarif=rustassistant.sarif",
        ),
    ] {
        let refused = repo.run(&[&["analyze"], options].concat());
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.stderr.contains(said), "{refused:?}");
    }
}

#[test]
fn a_rule_says_in_sarif_what_it_reports_and_why() {
    let repo = repo();
    let [text] = written(&repo, ["sarif"], &[]);
    let document: Value = serde_json::from_str(&text).unwrap();
    let rules = document["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    let rule = rules
        .iter()
        .find(|rule| rule["id"] == "refactor/unsafe-unwrap")
        .unwrap();
    let about = rule["fullDescription"]["text"].as_str().unwrap();
    assert!(about.contains("unwrap") && about.len() > 80, "{about}");
}

/// `state path` of each result, sorted.
fn results(document: &Value) -> Vec<String> {
    let results = document["runs"][0]["results"].as_array().unwrap();
    let place = |result: &Value| {
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        format!(
            "{} {}",
            result["baselineState"].as_str().unwrap_or("none"),
            place.as_str().unwrap()
        )
    };
    let mut told: Vec<String> = results.iter().map(place).collect();
    told.sort();
    told
}

/// Code scanning closes the alerts that an upload does not hold, and opens those that it does.
#[test]
fn sarif_of_a_comparison_holds_all_that_is_there_while_the_gate_and_other_formats_see_what_is_new()
{
    let repo = Repo::new();
    let function = |name| {
        let text = if name == "added" { "words" } else { "text" };
        format!("pub fn {name}({text}: &str) -> u8 {{\n    {text}.parse::<u8>().unwrap()\n}}\n")
    };
    repo.write("untouched.rs", function("a"));
    repo.write("edited.rs", function("b") + &function("gone"));
    repo.commit("before");
    repo.write("edited.rs", function("b"));
    repo.commit("one is fixed");
    let run = |arguments: &[&str]| {
        let place = repo.home().join("out.sarif");
        let sarif = format!("--output=sarif={}", place.display());
        let output =
            repo.run(&[arguments, &["--fail-on=note", "--output=concise", &sarif]].concat());
        let document = serde_json::from_slice(&fs::read(place).unwrap()).unwrap();
        expect_valid_sarif(&document);
        assert_eq!(
            document["runs"][0]["invocations"][0]["executionSuccessful"],
            true
        );
        (output, results(&document))
    };
    let (since, diff) = (
        ["analyze", ":/", "--new-since=HEAD^"],
        ["diff", "HEAD^", "--analyze"],
    );
    for arguments in [&since[..], &diff[..]] {
        let (output, told) = run(arguments);
        assert_eq!(
            (output.code, output.stdout.as_str()),
            (Some(0), ""),
            "{output:?}"
        );
        assert_eq!(told, ["unchanged edited.rs", "unchanged untouched.rs"]);
    }
    repo.write("edited.rs", function("b") + &function("added"));
    for arguments in [&since[..], &diff[..]] {
        let (output, told) = run(arguments);
        assert_eq!(
            (output.code, output.stdout.lines().count()),
            (Some(1), 1),
            "{output:?}"
        );
        let all = [
            "new edited.rs",
            "unchanged edited.rs",
            "unchanged untouched.rs",
        ];
        assert_eq!(told, all);
    }
    // Only of what was asked for.
    let (_, told) = run(&["analyze", "edited.rs", "--new-since=HEAD^"]);
    assert_eq!(told, ["new edited.rs", "unchanged edited.rs"]);
}

#[test]
fn what_nobody_has_analyzed_beside_a_change_is_told_by_sarif_and_costs_no_status() {
    let repo = Repo::of_two_files();
    repo.write("b.rs", "pub fn c() {}\n");
    repo.analyze(&["b.rs"]);
    repo.git(&["stash", "-q"]);
    repo.analyze(&["b.rs"]);
    repo.git(&["stash", "pop", "-q"]);
    let output = repo.run(&["diff", "HEAD", "--output=sarif"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stderr.contains("SARIF lacks 1 answer"), "{output:?}");
    assert!(output.stdout.contains("src/a.rs"), "{output:?}");
    let without = repo.run(&["diff", "HEAD", "--output=concise"]);
    assert_eq!((without.code, without.stderr.as_str()), (Some(0), ""));
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
