//! What `-h` and `--help` say. The wording is the product's face, so a change of it is seen here.

use crate::support::{Repo, path};

#[test]
fn short_help_fits_a_screen_and_names_every_command() {
    let help = Repo::new().run(&["-h"]).silent();
    insta::assert_snapshot!(help, @"
    Analyse source files once, and keep the answers in git

    Usage: git rustassistant [OPTIONS] <COMMAND>

    Commands:
      analyze      Analyse files and report what is found
      refactor     Find code that is worth restructuring
      docs         Write documentation from source code
      todos        List the notes that authors left: TODO, FIXME, HACK, todo!()
      diff         Say which findings are new, fixed or unchanged between two revisions
      show         Show what the store knows about one file or blob
      status       Say how much of the selection is analysed already
      init         Prepare this clone to share analyses, and say where they will go
      fetch        Fetch the analyses that a remote publishes
      push         Publish the analyses that this clone made
      sync         Fetch the analyses of others, then publish those of this clone
      hook         Analyse what is pushed, with a hook that never gets in the way
      cache        Look after the store of analyses
      config       Show settings, and what was agreed to
      rules        Explain what is reported: every rule, or one in detail
      models       List the providers and models that are known, with prices
      doctor       Check git, the store, and the provider that answers
      completions  Print a script that completes commands and options in a shell
      man          Write the manual pages
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version

    Global options:
      -q, --quiet            Print results and errors only
      -v, --verbose...       Say of every file whether it was a hit or a miss, and why
          --color <WHEN>     When to use colours: auto, always or never
          --progress <WHEN>  When to show progress: auto, always or never

    First steps:
      git rustassistant analyze         analyse what lies below the current folder
      git rustassistant analyze -h      see what else it can do
      git rustassistant status          see how much is analysed already
    ");
}

#[test]
fn analyze_tells_its_options_in_groups() {
    let help = Repo::new().run(&["analyze", "-h"]).silent();
    insta::assert_snapshot!(help, @"
    Analyse files and report what is found

    Usage: git rustassistant analyze [OPTIONS] [PATHSPEC]...

    Arguments:
      [PATHSPEC]...  Files and folders to look at, as git's pathspecs

    Options:
      -h, --help  Print help (see more with '--help')

    Selection options:
          --rev <REV>          Look at the files of a commit instead of the work tree
          --staged             Look at what is staged for the next commit
          --changed [<BASE>]   Only files that differ from BASE
          --untracked          Also files that git does not track, unless they are ignored
          --files-from <FILE>  Exactly the files that FILE lists, one a line; '-' is standard input
      -z                       Paths in the list end with a NUL byte instead of a line feed

    Run options:
      -k, --kind <KIND>          The kind of analysis; may be given several times [possible values:
                                 refactor, docs, todos, analysis, all]
      -j, --jobs <N>             How many files to analyse at a time; 0 means one for each processor
      -n, --dry-run              Say what would be analysed and why, and do nothing
          --refresh              Analyse anew what the store could answer
          --cached               Answer from the store alone; what is missing is reported as missing
          --no-cache             Neither read the store nor write to it
          --sync                 Fetch the analyses of others before, and publish those of this clone
                                 after
          --fail-on <LEVEL>      Exit with status 1 if a finding is at LEVEL or above [possible values:
                                 never, note, warning, error]
          --settings-from <REV>  Judge by the tracked settings, attributes and prompts of REV
          --new-since <REV>      Report only findings that REV does not have

    Model options:
          --provider <NAME>   Have NAME answer: 'local', or a provider of language models
          --model <NAME>      The model of the provider that answers
          --max-cost <USD>    Spend at most so many US dollars
          --max-tokens <N>    Use at most N tokens, of questions and answers together
          --max-requests <N>  Send at most N requests
      -y, --yes               Send code to the provider without asking first

    Output options:
          --output <FORMAT[=FILE]>     Write the report as FORMAT, to FILE if one is given; may be given
                                       several times [default: text]
          --top <N>                    Show the N worst findings in text, the worst first; 0 shows all
          --sarif-category <CATEGORY>  In SARIF, tell these results from others of the same commit by
                                       CATEGORY

    Global options:
      -q, --quiet            Print results and errors only
      -v, --verbose...       Say of every file whether it was a hit or a miss, and why
          --color <WHEN>     When to use colours: auto, always or never
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
        "':/' is the whole repository",
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
