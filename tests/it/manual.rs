//! What is made from the definition of the command line and kept: the manual page in `man`, which the binary does not carry,
//! and the scripts for completion, which it prints. `SNAPSHOTS=overwrite` makes them anew.

use clap::{Command, CommandFactory as _};
use clap_complete::{Shell, generate};
use clap_mangen::Man;
use prime::cli::args::Cli;
use snapbox::{Assert, Data};

use crate::support::{output, repository, require_program};

/// The page: the program, and below it a section for each command.
fn page() -> String {
    let command = Cli::command();
    let man = Man::new(command.clone());
    let mut page = rendered(|text| {
        man.render_title(text)?;
        man.render_name_section(text)?;
        man.render_synopsis_section(text)?;
        man.render_description_section(text)?;
        man.render_options_section(text)
    });
    let mut inner = String::new();
    command.get_subcommands().for_each(|it| add(&mut inner, "prime", it));
    page.push_str(&inner);
    page.push_str(".SH MORE\n");
    page.push_str(&verbatim(&command.get_after_long_help().unwrap().to_string()));
    // Whatever ends in blanks would be trimmed by an editor.
    let lines: Vec<&str> = page.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

fn rendered(render: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut text = Vec::new();
    render(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn add(page: &mut String, parent: &str, command: &Command) {
    let name = format!("{parent} {}", command.get_name());
    let man = Man::new(command.clone().bin_name(name.clone()).display_name(name.clone()));
    let text = rendered(|text| {
        man.render_synopsis_section(text)?;
        man.render_description_section(text)?;
        man.render_options_section(text)
    });
    page.extend([".SH ", &name.to_uppercase(), "\n", &text.replace(".SH ", ".SS ")]);
    if let Some(more) = command.get_after_help() {
        *page += &verbatim(&more.to_string());
    }
    command.get_subcommands().for_each(|it| add(page, &name, it));
}

/// Lines as they are.
fn verbatim(text: &str) -> String {
    let escaped = text.lines().map(|line| {
        let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('`', "\\(ga");
        if line.starts_with('.') { format!("\\&{line}\n") } else { line + "\n" }
    });
    format!(".PP\n.nf\n{}.fi\n", escaped.collect::<String>())
}

#[test]
fn the_page_in_the_repository_is_that_of_the_command_line() {
    let file = repository().join("man/prime.1");
    Assert::new().action_env("SNAPSHOTS").normalize_paths(false).eq(page(), Data::read_from(&file, None));
}

#[test]
fn the_scripts_for_completion_are_those_of_the_command_line() {
    for (shell, name) in [(Shell::Bash, "prime.bash"), (Shell::Zsh, "_prime"), (Shell::Fish, "prime.fish")] {
        let mut script = Vec::new();
        generate(shell, &mut Cli::command(), "prime", &mut script);
        let file = repository().join("src/cli/completions").join(name);
        let kept = Data::read_from(&file, None);
        Assert::new().action_env("SNAPSHOTS").normalize_paths(false).eq(String::from_utf8(script).unwrap(), kept);
    }
}

#[test]
fn the_page_has_every_command_and_is_sound() {
    let Some(mandoc) = require_program("mandoc") else { return };
    let file = repository().join("man/prime.1");
    let lint = output(std::process::Command::new(&mandoc).args(["-T", "lint", "-W", "error"]).arg(&file)).unwrap();
    assert!(lint.status.success(), "{}", String::from_utf8_lossy(&lint.stdout));
    let shown = output(std::process::Command::new(&mandoc).args(["-T", "utf8", "-O", "width=100"]).arg(&file)).unwrap();
    let shown = plain(&String::from_utf8_lossy(&shown.stdout));
    for command in Cli::command().get_subcommands() {
        let heading = format!("PRIME {}", command.get_name().to_uppercase());
        assert!(shown.contains(&heading), "{heading}");
    }
    for text in ["prime start app.cli:main --help", "PROTOPRIMER_PROTO_CODE", "#!/usr/bin/env -S prime start"] {
        assert!(shown.contains(text), "{text}");
    }
}

/// Without the letters that are printed twice to be bold.
fn plain(text: &str) -> String {
    let mut letters = Vec::new();
    for letter in text.chars() {
        if letter == '\u{8}' {
            letters.pop();
        } else {
            letters.push(letter);
        }
    }
    letters.into_iter().collect()
}
