//! `prime completions`, in the real shells.

use super::ready;
use crate::support::{repository, require_program, write};

#[test]
fn bash_completes_commands_options_and_values() {
    let (Some(sandbox), Some(bash)) = (ready(), require_program("bash")) else { return };
    let complete = |words: &[&str]| {
        let list = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
        let (current, before) = (words.len() - 1, words[words.len() - 2]);
        let script = format!(
            "set -e\nsource <(prime completions bash)\nCOMP_WORDS=({list}) COMP_CWORD={current} COMPREPLY=()\n\
             function=$(complete -p prime | sed 's/.*-F \\([^ ]*\\).*/\\1/')\n\
             \"$function\" prime \"${{COMP_WORDS[COMP_CWORD]}}\" {before}\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let run = sandbox.command(&bash).args(["-c", &script]).output();
        assert_eq!((run.code(), run.stderr()), (0, String::new()), "{words:?}");
        run.stdout()
    };
    assert_eq!(complete(&["prime", "sta"]), "start\n");
    assert_eq!(complete(&["prime", "wrap", "st"]), "start\nstart_app\n");
    assert!(complete(&["prime", "boot", "--ma"]).contains("--main\n"));
    assert_eq!(complete(&["prime", "completions", "f"]), "fish\n");
}

#[test]
fn fish_completes_commands_options_and_values() {
    let (Some(sandbox), Some(fish)) = (ready(), require_program("fish")) else { return };
    for (line, expected) in
        [("prime sta", "start\t"), ("prime boot --ma", "--main\t"), ("prime env --shell gi", "github\t")]
    {
        let script = format!("prime completions fish | source; complete -C '{line}'");
        let run = sandbox.command(&fish).args(["-c", &script]).output();
        assert_eq!((run.code(), run.stderr()), (0, String::new()));
        assert!(run.stdout().contains(expected), "{line}: {}", run.stdout());
    }
}

#[test]
fn zsh_completes_a_command_at_a_terminal() {
    let (Some(sandbox), Some(zsh)) = (ready(), require_program("zsh")) else { return };
    let script = sandbox.prime(["completions", "zsh"]).output();
    write(&sandbox.home().join("functions/_prime"), &script.stdout, 0o644);
    let rc = "fpath=($HOME/functions $fpath)\nautoload -U compinit && compinit -u -D\nPS1='own> '\n";
    let sandbox = sandbox.file("../home/.zshrc", rc);
    let dialog = [("own> ", "prime complet\tfis\t >/dev/null; echo status $?; exit 3\n")];
    let Some(shown) = sandbox.at_terminal(&[zsh.to_str().unwrap(), "-i"], &dialog, |run| run) else { return };
    assert_eq!(shown.status, 3, "{}", shown.text);
    assert!(shown.text.contains("status 0\n"), "{}", shown.text);
}

#[test]
fn what_is_printed_is_what_is_kept() {
    let sandbox = crate::support::sandbox::Sandbox::new();
    for (shell, name) in [("bash", "prime.bash"), ("zsh", "_prime"), ("fish", "prime.fish")] {
        let kept = std::fs::read(repository().join("src/cli/completions").join(name)).unwrap();
        assert_eq!(sandbox.prime(["completions", shell]).output().stdout, kept, "{shell}");
    }
}
