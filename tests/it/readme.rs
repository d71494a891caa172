//! Every code block of every README is run, or says why not.
//!
//! A `console` block is run line by line: what stands behind `$ ` is given to a shell, what follows must be what it says
//! (durations, versions and the paths in [`SHOWN`] aside). An `sh` block is run as a whole and must succeed; so is a `yaml` block,
//! as a file of the CI system that it is for. An HTML comment before a block names
//! the sandbox it is run in (`<!-- test: NAME -->`, [`sandbox`] has the names; `hello` unless told) or gives the reason
//! for not running it (`<!-- not run: REASON -->`). A block of any other language must have such a reason.

use std::fs;
use std::path::PathBuf;

use snapbox::Assert;

use crate::ci::examples::checkout;
use crate::ci::pipeline::Machine;
use crate::connector::faker;
use crate::support::example::example;
use crate::support::hello::{hello, hello_index, hello_python, hello_series};
use crate::support::index::Index;
use crate::support::monorepo::Monorepo;
use crate::support::own_wheel::own_wheel;
use crate::support::pythons::Interpreter;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::redact::replace_words;
use crate::support::sandbox::Sandbox;
use crate::support::{machine, program, repository, require_program};

/// Programs that a README may use besides `prime`.
const PROGRAMS: [&str; 12] =
    ["sh", "cat", "chmod", "cp", "grep", "ln", "ls", "mkdir", "readlink", "rm", "touch", "env"];

/// What a README shows in place of the sandbox's own paths and URLs.
const SHOWN: [(&str, &str); 5] = [
    ("[INDEX]", "https://index.example"),
    ("[REPO]", "/home/me/hello"),
    ("[CACHE]", "/home/me/.cache"),
    ("[HOME]", "/home/me"),
    ("[BIN]", "/usr/bin"),
];

/// In place of cargo: what is run with it is the `prime` under test; the tests are being run already.
const CARGO: &str = "[ \"$1\" != test ] || exit 0\nwhile [ \"$1\" != -- ]; do shift; done\nshift\nexec prime \"$@\"";

/// The same for examples that are programs.
const EXAMPLES: &str =
    "while [ \"$1\" != -- ]; do [ \"$1\" != --example ] || name=$2; shift; done\nshift\nexec \"$name\" \"$@\"";

#[derive(Debug, PartialEq, Eq)]
struct Block {
    /// Of the opening fence.
    line: usize,
    language: String,
    /// The content of the HTML comment before it.
    marker: Option<String>,
    text: String,
}

fn blocks(readme: &str) -> Vec<Block> {
    let (mut found, mut marker, mut open) = (Vec::<Block>::new(), None, false);
    for (number, line) in readme.lines().enumerate() {
        if let Some(language) = line.strip_prefix("```") {
            if !open {
                let language = language.trim().to_owned();
                found.push(Block { line: number + 1, language, marker: marker.take(), text: String::new() });
            }
            open = !open;
        } else if open {
            let block = found.last_mut().unwrap();
            block.text += line;
            block.text.push('\n');
        } else if !line.trim().is_empty() {
            marker = line.strip_prefix("<!-- ").and_then(|it| it.strip_suffix(" -->")).map(str::to_owned);
        }
    }
    found
}

/// What is to be done with a block.
#[derive(Debug, PartialEq, Eq)]
enum Plan<'a> {
    /// Run each command in this sandbox and compare what it says.
    Commands(&'a str),
    /// Run all of it in this sandbox.
    Script(&'a str),
    /// Run it as a CI would, in this sandbox.
    Pipeline(&'a str),
    Nothing,
}

fn plan(block: &Block) -> Result<Plan<'_>, String> {
    let marker = block.marker.as_deref().unwrap_or_default();
    let reason = marker.strip_prefix("not run: ").map(str::trim);
    match (block.language.as_str(), marker.strip_prefix("test: "), reason) {
        (_, _, Some(reason)) if !reason.is_empty() => Ok(Plan::Nothing),
        ("console", name, _) => Ok(Plan::Commands(name.unwrap_or("hello"))),
        ("sh", Some(name), _) => Ok(Plan::Script(name)),
        ("yaml", Some(name), _) => Ok(Plan::Pipeline(name)),
        (language, ..) => Err(format!("{}: a block of `{language}` that nothing runs", block.line)),
    }
}

/// The commands of a console block, each with what it is to say.
fn commands(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(command), _) => found.push((command.to_owned(), String::new())),
            (None, Some((_, said))) => {
                said.push_str(line);
                said.push('\n');
            }
            (None, None) => panic!("a console block begins with `$ `, not with `{line}`"),
        }
    }
    found
}

/// The sandbox of this name, and the index that must outlive it.
fn sandbox(name: &str) -> Option<(Sandbox, Index)> {
    let (uv, python) = (real_uv()?, hello_python()?);
    let mut index = hello_index().add(uv_wheel(uv)).add(own_wheel());
    let sandbox = match name {
        "empty" => Sandbox::new().link_python(python).link_uv(uv),
        "hello" => hello(python).link_uv(uv),
        // The same, without a uv.
        "fresh" => hello(python),
        "workspace" => Sandbox::new().copy_of(&repository().join("examples/workspace")).link_python(python),
        "private" => {
            index = index.credentials("me", "secret");
            hello(python).fake("keyring", "printf '%s\\n' me secret")
        }
        "monorepo" => {
            let repo = Monorepo::new()?;
            index = repo.index;
            repo.sandbox
        }
        "builder" | "wheel" => Sandbox::new().link_python(python).fake("cargo", EXAMPLES).link(name, &example(name)),
        "connector" => {
            index = index.add(faker("7.1.0")).add(faker("7.2.1"));
            Sandbox::new().link_python(python).link_uv(uv)
        }
        "ci" => {
            let (sandbox, index) = checkout()?;
            return Some((sandbox.copy_into(".", &repository().join("examples/ci")), index));
        }
        "ensured" => {
            index = index.add(faker("7.2.1"));
            hello(python).link_uv(uv)
        }
        "connectors" | "loaded" => of_example("connectors", python).link("python3", &python.executable).link_uv(uv),
        "scripts" => of_example("scripts", python).link_uv(uv),
        "direnv" => {
            let (direnv, bash) = (require_program("direnv")?, require_program("bash")?);
            let sandbox = of_example("direnv", python).link_uv(uv).link("direnv", &direnv).link("bash", &bash);
            // What it is loading it says in colours, even into a pipe.
            sandbox.env("DIRENV_LOG_FORMAT", "")
        }
        // What a clone of this repository has.
        "checkout" => {
            let example = hello(python);
            let files = example.repo();
            Sandbox::new().copy_into("examples/hello", &files).link_python(python).fake("cargo", CARGO)
        }
        _ => panic!("no sandbox is called `{name}`"),
    };
    let sandbox = if name == "loaded" { online(sandbox, python)? } else { sandbox.index(&index) };
    Some((with_programs(sandbox), index))
}

/// With this machine's real index in place of one of ours.
fn online(sandbox: Sandbox, python: &Interpreter) -> Option<Sandbox> {
    machine::default_index(&python.executable)?;
    Some(sandbox.online())
}

fn with_programs(sandbox: Sandbox) -> Sandbox {
    let sandbox = sandbox.link("prime", env!("CARGO_BIN_EXE_prime").as_ref());
    let programs = PROGRAMS.iter().filter_map(|name| Some((name, program(name)?)));
    programs.fold(sandbox, |sandbox, (name, path)| sandbox.link(name, &path))
}

/// A copy of an example that requires the given python, which is on `PATH`.
fn of_example(name: &str, python: &Interpreter) -> Sandbox {
    let sandbox = Sandbox::new().copy_of(&repository().join("examples").join(name)).link_python(python);
    sandbox.file(".python-version", python.series() + "\n")
}

/// What a run said, with all that varies as a README shows it.
fn shown(sandbox: &Sandbox, python: &Interpreter, said: &str) -> String {
    let real = python.executable.canonicalize().unwrap();
    let said = said.replace(&real.display().to_string(), &format!("/usr/bin/{}", python.basename()));
    let said = SHOWN.iter().fold(sandbox.redact(&said), |said, (found, shown)| said.replace(found, shown));
    versionless(&said).replace(&python.series(), &hello_series())
}

fn run(block: &Block, plan: &Plan) {
    let (Plan::Commands(name) | Plan::Script(name) | Plan::Pipeline(name)) = plan else { return };
    let (Some(shell), Some(python)) = (require_program("sh"), hello_python()) else { return };
    let Some((sandbox, _index)) = sandbox(name) else { return };
    let say = |command: &str| sandbox.command(&shell).args(["-c", &format!("exec 2>&1\n{command}")]).output();
    if let Plan::Pipeline(_) = plan {
        let mut machine = Machine::new(&sandbox);
        assert_eq!(machine.run(&block.text), Ok(()), "{}", machine.log());
        return;
    }
    if let Plan::Script(_) = plan {
        let run = say(&block.text);
        assert_eq!(run.code(), 0, "{}", run.stdout());
        return;
    }
    for (command, expected) in commands(&block.text) {
        let expected = versionless(&sandbox.redact(&expected));
        let said = shown(&sandbox, python, &say(&command).stdout());
        Assert::new().normalize_paths(false).eq(said, expected);
    }
}

/// Versions differ from machine to machine, and the beginnings of digests from one state of an example to the next.
fn versionless(text: &str) -> String {
    let digest = |text: &str| {
        let length = text.bytes().take_while(u8::is_ascii_hexdigit).count();
        (length == 12).then_some(length)
    };
    let version = |text: &str| {
        let length = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let numbers = text[..length].split('.').filter(|number| !number.is_empty()).count();
        (numbers == 3).then_some(length)
    };
    replace_words(&replace_words(text, digest, "[DIGEST]"), version, "[VERSION]")
}

fn readmes() -> Vec<PathBuf> {
    let examples = fs::read_dir(repository().join("examples")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = examples.map(|dir| dir.join("README.md")).collect();
    paths.sort();
    paths.insert(0, repository().join("README.md"));
    paths.retain(|path| path.exists());
    paths
}

#[test]
fn every_block_has_a_plan() {
    let mut failures = Vec::new();
    for path in readmes() {
        let text = fs::read_to_string(&path).unwrap();
        let unplanned = blocks(&text).iter().filter_map(|it| plan(it).err()).collect::<Vec<_>>();
        failures.extend(unplanned.into_iter().map(|failure| format!("{}:{failure}", path.display())));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_block_does_what_it_says() {
    for path in readmes() {
        for block in blocks(&fs::read_to_string(&path).unwrap()) {
            eprintln!("{}:{}", path.display(), block.line);
            run(&block, &plan(&block).unwrap());
        }
    }
}

#[test]
fn blocks_are_found_with_their_markers() {
    let readme = "text\n<!-- test: empty -->\n\n```sh\ntrue\n```\n```console\n$ a\nb\n$ c\n```\n\
                  <!-- not run: only a sample -->\n```toml\nx = 1\n```\n\n```\nplain\n```\n";
    let found = blocks(readme);
    let lines: Vec<_> = found.iter().map(|block| block.line).collect();
    assert_eq!(lines, [4, 7, 13, 17]);
    let plans: Vec<_> = found.iter().map(plan).collect();
    assert_eq!(plans[..3], [Ok(Plan::Script("empty")), Ok(Plan::Commands("hello")), Ok(Plan::Nothing)]);
    assert!(plans[3].is_err());
    assert_eq!(commands(&found[1].text), [("a".into(), "b\n".into()), ("c".into(), String::new())]);
    assert_eq!(versionless("python 3.11.7, uv 0.13.8; 3.11, 1.2.3.4"), "python [VERSION], uv [VERSION]; 3.11, 1.2.3.4");
}

#[test]
fn commands_run_in_the_named_sandbox() {
    let text = "$ ls\nREADME.md\npyproject.toml\nsrc\n$ echo 1.2.3\n4.5.6\n$ echo talk >&2\ntalk\n";
    let block = Block { line: 1, language: "console".into(), marker: None, text: text.into() };
    run(&block, &plan(&block).unwrap());
    let text = "test -f examples/hello/pyproject.toml && cargo test --locked && command -v prime\n";
    let block = Block { line: 1, language: "sh".into(), marker: Some("test: checkout".into()), text: text.into() };
    run(&block, &plan(&block).unwrap());
}
