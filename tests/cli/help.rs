//! What `-h` and `--help` say. The wording is the product's face, so a change of it is seen here.

use crate::support::{Repo, path};

#[test]
fn short_help_fits_a_screen_and_names_every_command() {
    let help = Repo::new().run(&["-h"]).silent();
    insta::assert_snapshot!(help, @r"
    Analyze source files once and cache the results in git

    Usage: git rustassistant [OPTIONS] <COMMAND>

    Commands:
      analyze      Analyze files and report findings
      refactor     Find code worth refactoring
      docs         Generate documentation from source code
      todos        List TODO, FIXME and HACK notes and todo!() calls
      diff         Show new, fixed and unchanged findings between two revisions
      show         Show the stored analyses of one file or blob
      status       Show how much of the selection is analyzed
      init         Set up this clone to share analyses
      fetch        Fetch shared analyses from a remote
      push         Publish the analyses of this clone
      sync         Fetch shared analyses, then publish those of this clone
      hook         Manage the pre-push hook
      cache        Manage stored analyses
      config       Show settings and agreements
      rules        List all rules, or explain one
      models       List known providers and models, with prices
      doctor       Check git, the store and the provider
      completions  Print a shell completion script
      man          Write the manual pages
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version

    Global options:
      -q, --quiet            Print results and errors only
      -v, --verbose...       Explain every cache hit and miss
          --color <WHEN>     When to use colors: auto, always or never
          --progress <WHEN>  When to show progress: auto, always or never

    First steps:
      git rustassistant analyze         analyze the current directory
      git rustassistant analyze -h      show the options of 'analyze'
      git rustassistant status          show how much is analyzed
    ");
}

#[test]
fn analyze_tells_its_options_in_groups() {
    let help = Repo::new().run(&["analyze", "-h"]).silent();
    insta::assert_snapshot!(help, @r"
    Analyze files and report findings

    Usage: git rustassistant analyze [OPTIONS] [PATHSPEC]...

    Arguments:
      [PATHSPEC]...  Files and folders to select, as git pathspecs [default: the current directory]

    Options:
      -h, --help  Print help (see more with '--help')

    Selection options:
          --rev <REV>          Select files of a commit instead of the work tree
          --staged             Select the staged contents
          --changed [<BASE>]   Select only files that differ from BASE
          --untracked          Include untracked files, except ignored ones
          --files-from <FILE>  Select the files listed in FILE, one per line; '-' reads standard input
      -z                       Paths in the list end with NUL, not with a newline

    Run options:
      -k, --kind <KIND>          Kind of analysis; repeatable [possible values: refactor, docs, todos,
                                 analysis, all]
      -j, --jobs <N>             Number of files to analyze in parallel; 0 means one per processor
      -n, --dry-run              Show what would be analyzed, without analyzing
          --refresh              Ignore stored answers: analyze everything again
          --cached               Use stored answers only; report the rest as missing
          --no-cache             Do not read or write the store
          --sync                 Fetch shared analyses first, and publish new ones afterward
          --fail-on <LEVEL>      Exit with status 1 on a finding at LEVEL or above [possible values:
                                 never, note, warning, error]
          --settings-from <REV>  Use the tracked settings, attributes and prompts of REV
          --new-since <REV>      Report only findings that are new since REV

    Model options:
          --provider <NAME>   Use this provider: 'local', or a provider of language models
          --model <NAME>      Use this model of the provider
          --max-cost <USD>    Spending limit in US dollars
          --max-tokens <N>    Limit of input and output tokens together
          --max-requests <N>  Limit of requests
      -y, --yes               Send code to the provider without asking first

    Output options:
          --output <FORMAT[=FILE]>     Write the report as FORMAT, to FILE or standard output;
                                       repeatable [default: text]
          --top <N>                    Show only the N worst findings in text, worst first; 0 shows all
          --sarif-category <CATEGORY>  Category of SARIF results, to upload several sets for one commit

    Global options:
      -q, --quiet            Print results and errors only
      -v, --verbose...       Explain every cache hit and miss
          --color <WHEN>     When to use colors: auto, always or never
          --progress <WHEN>  When to show progress: auto, always or never
    ");
}

#[test]
fn long_help_says_how_a_run_ends_and_gives_examples() {
    let help = Repo::new().run(&["analyze", "--help"]).silent();
    for part in [
        "Examples:",
        "Exit status:",
        "--fail-on",
        "':/' selects the whole repository",
    ] {
        assert!(help.contains(part), "{part}");
    }
}

#[test]
fn every_command_has_help_of_both_lengths() {
    let repo = Repo::new();
    let commands: [&[&str]; 20] = [
        &["analyze"],
        &["refactor"],
        &["refactor", "analyze"],
        &["docs"],
        &["docs", "module"],
        &["todos"],
        &["show"],
        &["status"],
        &["cache"],
        &["cache", "init"],
        &["cache", "status"],
        &["cache", "list"],
        &["cache", "explain"],
        &["cache", "verify"],
        &["cache", "export"],
        &["cache", "import"],
        &["cache", "clear"],
        &["cache", "purge"],
        &["config", "list"],
        &["completions"],
    ];
    for command in commands {
        for length in ["-h", "--help"] {
            let help = repo.run(&[command, &[length]].concat()).silent();
            let usage = format!("Usage: git rustassistant {}", command.join(" "));
            assert!(help.contains(&usage), "{command:?} {length}: {help}");
        }
    }
}

#[test]
fn no_line_of_help_is_wider_than_a_hundred_columns() {
    let repo = Repo::new();
    for command in ["analyze", "todos", "show", "status", "man", "completions"] {
        let help = repo.run(&[command, "--help"]).silent();
        let widest = help.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(100), "{command}: {widest:?}");
    }
}

#[test]
fn the_version_is_that_of_the_crate() {
    let version = Repo::new().run(&["--version"]).silent();
    let expected = concat!("git-rustassistant ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(version, expected);
}

#[test]
fn without_a_command_the_help_is_shown_and_it_is_an_error() {
    let output = Repo::new().run(&[]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.stderr.contains("Usage: git rustassistant"),
        "{output:?}"
    );
    assert_eq!(output.stdout, "");
}

#[test]
fn both_programs_are_one_under_two_names() {
    let repo = Repo::new();
    let program = assert_cmd::cargo::cargo_bin!("rustassistant");
    let help = repo.finish(repo.command(program).arg("-h")).silent();
    let other = repo.run(&["-h"]).silent();
    assert_eq!(
        help.replace("Usage: rustassistant", "Usage: git rustassistant"),
        other
    );
}

#[test]
fn git_finds_the_program_by_its_name() {
    let repo = Repo::new();
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let folder = program.parent().unwrap().display();
    let path = format!("{folder}:{}", path());
    let mut git = repo.command(std::path::Path::new("git"));
    let output = repo.finish(git.env("PATH", path).args(["rustassistant", "-h"]));
    assert_eq!(output.silent(), repo.run(&["-h"]).silent());
}
