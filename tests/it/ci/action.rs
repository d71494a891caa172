//! `action.yml`: its steps are read and run as a runner would, on machines that come and go while caches stay.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::examples::checkout;
use super::pipeline::{Failed, Machine, list, own_action};
use super::runner::told;
use crate::support::encoding::sha256;
use crate::support::hello::GREETING;
use crate::support::index::Index;
use crate::support::monorepo::Monorepo;
use crate::support::own_wheel::own_wheel;
use crate::support::sandbox::Sandbox;
use crate::support::{output, remove_dir, require_program, write};

fn with(inputs: &[(&str, &str)]) -> BTreeMap<String, String> {
    inputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Files with their content.
type Checkout = Vec<(PathBuf, Vec<u8>)>;

/// What a fresh machine does not have: what was made in the repository, and what was kept outside of it.
fn renew(sandbox: &Sandbox, checkout: &Checkout) {
    for dir in [sandbox.repo(), sandbox.cache(), sandbox.home()] {
        remove_dir(&dir);
        fs::create_dir(&dir).unwrap();
    }
    for (path, content) in checkout {
        let is_program = content.starts_with(b"#!");
        write(path, content, if is_program { 0o755 } else { 0o644 });
    }
}

/// The files of a checkout.
fn files(dir: &Path) -> Checkout {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push((entry.path(), fs::read(entry.path()).unwrap()));
        }
    }
    found
}

#[test]
fn no_input_stands_in_a_script_and_every_script_is_clean() {
    let Some(shellcheck) = require_program("shellcheck") else { return };
    let action = own_action();
    let scripts: Vec<&str> = list(&action["runs"]["steps"]).iter().filter_map(|step| step["run"].as_str()).collect();
    assert!(scripts.len() >= 4);
    let dir = tempfile::tempdir().unwrap();
    for (number, script) in scripts.iter().enumerate() {
        assert!(!script.contains("${{"), "{script}");
        let file = dir.path().join(number.to_string());
        fs::write(&file, script).unwrap();
        let checked = output(Command::new(&shellcheck).args(["--shell", "bash"]).arg(&file)).unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    }
}

#[test]
fn it_makes_the_environment_and_the_steps_that_follow_have_it() {
    let Some((sandbox, _index)) = checkout() else { return };
    let mut machine = Machine::new(&sandbox);
    let outputs = machine.own_action(&with(&[("command", "hello; echo \"$VIRTUAL_ENV\"")]));
    let outputs = outputs.unwrap_or_else(|failed| panic!("{failed:?}: {}", machine.log()));
    assert_eq!(sandbox.redact(&machine.last()), format!("{GREETING}[REPO]/.venv\n"));
    let names: Vec<&str> = outputs.keys().map(String::as_str).collect();
    assert_eq!(names, ["cache-hit", "cache-key", "python-version", "venv"]);
    assert_eq!(
        (outputs["cache-hit"].as_str(), sandbox.redact(&outputs["python-version"])),
        ("false", "[X.Y.Z]".into())
    );
    assert_eq!(sandbox.redact(&outputs["venv"]), "[REPO]/.venv");
    assert_eq!(machine.saved[0], outputs["cache-key"], "it is kept under the key that it is looked for by");
    let uname = output(Command::new("uname").args(["-s", "-m"])).unwrap();
    let of_machine = String::from_utf8(uname.stdout).unwrap().trim().replace(' ', "-");
    let of_launcher = sha256(&fs::read(sandbox.repo().join("prime")).unwrap());
    assert_eq!(machine.saved[1], format!("prime-launcher-{of_machine}-{of_launcher}"));
    let steps = [("run", "command -v hello && hello")].map(|(name, script)| format!("- {name}: {script}\n")).concat();
    assert_eq!(machine.run(&steps), Ok(()));
    assert_eq!(sandbox.redact(&machine.last()), format!("[REPO]/.venv/bin/hello\n{GREETING}"));
}

#[test]
fn the_next_machine_has_all_of_it_from_the_cache() {
    let Some((sandbox, index)) = checkout() else { return };
    let fresh = files(&sandbox.repo());
    let mut cold = Machine::new(&sandbox);
    let made = cold.own_action(&with(&[])).unwrap_or_else(|failed| panic!("{failed:?}: {}", cold.log()));
    assert!(index.paths().iter().any(|path| path.contains("/prime_bootstrap-")), "the launcher got its own");
    let asked = index.requests().len();
    renew(&sandbox, &fresh);
    let mut warm = Machine::new(&sandbox);
    let found = warm.own_action(&with(&[("command", "hello")]));
    let found = found.unwrap_or_else(|failed| panic!("{failed:?}: {}", warm.log()));
    assert_eq!(warm.last(), GREETING);
    assert_eq!((found["cache-hit"].as_str(), &found["cache-key"]), ("true", &made["cache-key"]), "{}", warm.log());
    assert_eq!(index.requests().len(), asked, "no request at all: {}", warm.log());
    assert_eq!((warm.restored.len(), warm.saved.len()), (2, 0));
}

/// The monorepo with a launcher, and the files of its checkout.
fn monorepo() -> Option<(Sandbox, Index, Checkout)> {
    let repo = Monorepo::new()?;
    let index = repo.index.add(own_wheel());
    let sandbox = repo.sandbox.env("LC_ALL", "C.UTF-8");
    let path = format!("{}:/usr/bin:/bin", sandbox.bin().display());
    let sandbox = sandbox.env("PATH", path);
    assert_eq!(sandbox.prime(["-q", "init", "--update"]).output().code(), 0);
    let fresh = files(&sandbox.repo());
    Some((sandbox, index, fresh))
}

#[test]
fn it_may_stand_twice_in_one_job() {
    let Some((sandbox, index, fresh)) = monorepo() else { return };
    for (hit, environments) in [("false", ["envs/oldest", "."]), ("true", [".", "envs/oldest"])] {
        renew(&sandbox, &fresh);
        let (mut machine, asked) = (Machine::new(&sandbox), index.requests().len());
        for environment in environments {
            let outputs = machine.own_action(&with(&[("environment", environment), ("command", "mono")]));
            let outputs = outputs.unwrap_or_else(|failed| panic!("{failed:?}: {}", machine.log()));
            let kept = if hit == "true" { &machine.restored } else { &machine.saved };
            assert_eq!(outputs["cache-hit"], hit, "{environment}: {}", machine.log());
            let venv = if environment == "." { ".venv-root" } else { ".venv-oldest" };
            assert!(machine.last().lines().next().unwrap().ends_with(venv), "{environment}: {}", machine.last());
            assert!(kept.contains(&outputs["cache-key"]), "{environment}: {kept:?} {outputs:?}");
        }
        assert_eq!(index.requests().len() == asked, hit == "true", "{}", machine.log());
    }
}

#[test]
fn what_a_cache_has_lost_is_made_again_and_is_no_hit() {
    let Some((sandbox, _index)) = checkout() else { return };
    let fresh = files(&sandbox.repo());
    let made = Machine::new(&sandbox).own_action(&with(&[])).unwrap();
    renew(&sandbox, &fresh);
    let mut machine = Machine::new(&sandbox);
    machine.lost.push(sandbox.repo().join(".venv/bin/hello"));
    let found = machine.own_action(&with(&[("command", "hello")]));
    let found = found.unwrap_or_else(|failed| panic!("{failed:?}: {}", machine.log()));
    assert_eq!((machine.last().as_str(), machine.restored.len()), (GREETING, 2));
    assert_eq!((found["cache-hit"].as_str(), &found["cache-key"]), ("false", &made["cache-key"]), "{}", machine.log());
}

#[test]
fn an_environment_of_the_monorepo_comes_from_its_own_cache() {
    let Some((sandbox, index, fresh)) = monorepo() else { return };
    let inputs = [("environment", "envs/oldest"), ("driver", "venv_pip"), ("command", "mono")];
    let mut keys = Vec::new();
    for (inputs, said) in [(&inputs[..], ".venv-oldest"), (&inputs[2..], ".venv")] {
        for (hit, job) in [("false", "cold"), ("true", "warm")] {
            renew(&sandbox, &fresh);
            let asked = index.requests().len();
            let mut machine = Machine::new(&sandbox);
            let outputs = machine.own_action(&with(inputs));
            let outputs = outputs.unwrap_or_else(|failed| panic!("{failed:?}: {}", machine.log()));
            assert!(machine.last().lines().next().unwrap().ends_with(said), "{job}: {}", machine.last());
            assert_eq!(outputs["cache-hit"], hit, "{job}: {}", machine.log());
            assert_eq!(index.requests().len() == asked, hit == "true", "{job}: {}", machine.log());
            keys.push(outputs["cache-key"].clone());
        }
    }
    assert!(keys[0] == keys[1] && keys[2] == keys[3] && keys[0] != keys[2], "{keys:?}");
}

#[test]
fn without_a_cache_nothing_is_kept() {
    let Some((sandbox, _index)) = checkout() else { return };
    let mut machine = Machine::new(&sandbox);
    let outputs = machine.own_action(&with(&[("cache", "false"), ("working-directory", ".")])).unwrap();
    assert_eq!((machine.restored.len(), machine.saved.len(), machine.logs.len()), (0, 0, 2));
    assert!(!outputs["cache-key"].is_empty());
}

#[test]
fn inputs_are_words_and_never_code() {
    let Some((sandbox, _index)) = checkout() else { return };
    for hostile in ["x\"; touch PWNED; \"", "$(touch PWNED)", "`touch PWNED`", "'; touch PWNED; '", "--help"] {
        let mut machine = Machine::new(&sandbox);
        let failed = machine.own_action(&with(&[("environment", hostile)])).unwrap_err();
        assert_eq!(failed, Failed(2), "{hostile}: {}", machine.log());
    }
    let mut machine = Machine::new(&sandbox);
    machine.own_action(&with(&[("driver", "$(touch PWNED)")])).unwrap_err();
    assert!(!sandbox.repo().join("PWNED").exists());
}

#[test]
fn what_fails_is_told_and_nothing_is_kept() {
    let Some((sandbox, _index)) = checkout() else { return };
    let mut machine = Machine::new(&sandbox);
    assert_eq!(machine.own_action(&with(&[("command", "exit 9")])), Err(Failed(9)));
    assert_eq!(machine.saved.len(), 2, "the environment was made all the same");
    let sandbox = sandbox.file("pyproject.toml", "[project]\nname = 'x'\nversion = '1'\ndependencies = ['nobody']\n");
    let mut machine = Machine::new(&sandbox);
    assert_eq!(machine.own_action(&with(&[])), Err(Failed(78)), "{}", machine.log());
    assert!(told(&machine.log()).iter().any(|told| told.command == "error"), "{}", machine.log());
    assert_eq!(machine.saved, [""; 0]);
    let sandbox = sandbox.file("prime.toml", "# what is wrong here has a line\nx = 1\n");
    for cache in ["true", "false"] {
        let mut machine = Machine::new(&sandbox);
        assert_eq!(machine.own_action(&with(&[("cache", cache)])), Err(Failed(78)), "{}", machine.log());
        let told = told(&machine.log()).into_iter().find(|told| told.command == "error").unwrap();
        assert!(told.properties["file"].ends_with("prime.toml"), "{told:?}");
        assert_eq!((told.properties["line"].as_str(), machine.saved.len()), ("2", 0), "{told:?}");
    }
    let launcher = sandbox.repo().join("prime");
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o644)).unwrap();
    let mut machine = Machine::new(&sandbox);
    assert_eq!(machine.own_action(&with(&[])), Err(Failed(126)));
    assert!(machine.log().contains("not executable"), "{}", machine.log());
    fs::remove_file(launcher).unwrap();
    for cache in ["true", "false"] {
        let mut machine = Machine::new(&sandbox);
        assert_eq!(machine.own_action(&with(&[("cache", cache)])), Err(Failed(127)));
        assert!(machine.log().contains("`prime init` writes it"), "{cache}: {}", machine.log());
    }
}

#[test]
fn the_driver_is_that_of_later_steps_as_well() {
    let Some((sandbox, _index)) = checkout() else { return };
    let sandbox = sandbox.file("prime.toml", "venv_driver = 'venv_uv'\n");
    let mut machine = Machine::new(&sandbox);
    machine.own_action(&with(&[("driver", "venv_pip"), ("cache", "false")])).unwrap();
    assert_eq!(machine.run("- run: ./prime run -- hello\n"), Ok(()));
    let run = machine.logs.last().unwrap();
    assert_eq!((run.stdout().as_str(), run.stderr().as_str()), (GREETING, ""), "it is ready as it is");
    let mut machine = Machine::new(&sandbox);
    machine.own_action(&with(&[("cache", "false")])).unwrap();
    assert!(!machine.vars.contains_key("PROTOPRIMER_VENV_DRIVER"));
}

#[test]
fn the_driver_of_the_job_holds_where_no_input_says_another() {
    let Some((sandbox, _index)) = checkout() else { return };
    let driver = || {
        let stamp: serde_json::Value = serde_json::from_str(&sandbox.read(".prime/stamp.json")).unwrap();
        stamp["driver"].as_str().unwrap().to_owned()
    };
    let fresh = files(&sandbox.repo());
    for (input, expected) in [("", "venv_pip"), ("venv_uv", "venv_uv")] {
        renew(&sandbox, &fresh);
        let mut machine = Machine::new(&sandbox);
        machine.vars.insert("PROTOPRIMER_VENV_DRIVER".to_owned(), "venv_pip".to_owned());
        let inputs = [("driver", input), ("command", "hello")];
        let outputs =
            machine.own_action(&with(&inputs)).unwrap_or_else(|failed| panic!("{failed:?}: {}", machine.log()));
        assert_eq!((driver().as_str(), machine.last().as_str()), (expected, GREETING), "{}", machine.log());
        assert_eq!(
            machine.saved[0], outputs["cache-key"],
            "{expected}: it is looked for by the key that it is kept under"
        );
    }
}

#[test]
fn the_repository_may_be_a_directory_of_the_checkout() {
    let Some((sandbox, index)) = checkout() else { return };
    let (repo, aside) = (sandbox.repo(), sandbox.root().join("aside"));
    fs::rename(&repo, &aside).unwrap();
    fs::create_dir(&repo).unwrap();
    fs::rename(&aside, repo.join("sub")).unwrap();
    let fresh = files(&repo);
    for hit in ["false", "true"] {
        renew(&sandbox, &fresh);
        let asked = index.requests().len();
        let mut machine = Machine::new(&sandbox);
        let outputs = machine.own_action(&with(&[("working-directory", "sub"), ("command", "hello; pwd")]));
        let outputs = outputs.unwrap_or_else(|failed| panic!("{failed:?}: {}", machine.log()));
        assert_eq!(sandbox.redact(&machine.last()), format!("{GREETING}[REPO]/sub\n"));
        assert_eq!(
            (sandbox.redact(&outputs["venv"]).as_str(), outputs["cache-hit"].as_str()),
            ("[REPO]/sub/.venv", hit)
        );
        assert_eq!(index.requests().len() == asked, hit == "true", "{}", machine.log());
        assert!(!repo.join(".venv").exists());
    }
    let mut machine = Machine::new(&sandbox);
    assert_eq!(machine.own_action(&with(&[])), Err(Failed(127)), "the root has no launcher");
}
