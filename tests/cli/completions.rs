//! `completions`: scripts that the shells accept and that complete our words.

use std::path::Path;

use crate::support::Repo;

#[test]
fn there_is_a_script_for_every_shell() {
    let repo = Repo::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = repo.run(&["completions", shell]).silent();
        assert!(script.contains("analyze"), "{shell}");
        assert!(
            script.contains("--files-from") || script.contains("files-from"),
            "{shell}"
        );
    }
}

#[test]
fn bash_completes_a_command_after_git_rustassistant() {
    let repo = Repo::new();
    let script = repo.run(&["completions", "bash"]).silent();
    // The variables are those that git's own completion sets before it asks for ours.
    let ask = "words=(git rustassistant ana) cword=2 cur=ana prev=rustassistant __git_cmd_idx=1\n\
               _git_rustassistant; echo \"${COMPREPLY[@]}\"\n";
    let mut bash = repo.command(Path::new("bash"));
    let output = repo.finish(bash.args(["-c", &format!("{script}\n{ask}")]));
    assert_eq!(output.silent(), "analyze\n");
}

#[test]
fn the_script_is_for_the_name_the_program_was_called_by() {
    let repo = Repo::new();
    let program = assert_cmd::cargo::cargo_bin!("rustassistant");
    let script = repo.finish(repo.command(program).args(["completions", "zsh"]));
    assert!(script.silent().starts_with("#compdef rustassistant\n"));
    let script = repo.run(&["completions", "zsh"]).silent();
    assert!(
        script.starts_with("#compdef git-rustassistant\n"),
        "{script}"
    );
}
