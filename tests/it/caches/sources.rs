//! What comes back is brought to the sources and to the stamp that are here, however whole it is.

use std::fs;

use super::runner::Runner;
use crate::support::pair::Pair;
use crate::support::{output, write};

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];
const BUILT: &str = "\
[[project_descriptors]]
build_root_dir_rel_path = \"one\"
editable = false
requirements_files = [\"requirements.txt\"]

[[project_descriptors]]
build_root_dir_rel_path = \"two\"
";

/// What a program in the environment prints.
#[track_caller]
fn printed(pair: &Pair, code: &str) -> String {
    let run = pair.sandbox.prime(["run", "--", "python", "-c", code]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    run.stdout()
}

fn built(driver: &str) -> Option<(Pair, Runner)> {
    let pair = Pair::new()?.env("PROTOPRIMER_VENV_DRIVER", driver);
    pair.write("prime.toml", BUILT);
    pair.project("lib", &[], "");
    pair.write("requirements.txt", "./lib\n");
    let runner = Runner::new(&pair.sandbox);
    pair.boot();
    assert_eq!(pair.built(), ["lib", "one", "two"]);
    runner.keep(&pair.sandbox, &[]);
    Some((pair, runner))
}

#[test]
fn what_was_built_from_other_sources_is_built_again() {
    for driver in DRIVERS {
        let Some((pair, runner)) = built(driver) else { return };
        let key = pair.sandbox.prime(["cache", "key"]).output().stdout();
        for name in ["one", "lib"] {
            pair.write(&format!("{name}/src/{name}.py"), "version = 2\n");
        }
        // Nobody has committed what a boot wrote.
        fs::remove_file(pair.path("constraints.txt")).unwrap();
        runner.commit();
        runner.start_warm();
        assert_eq!(pair.sandbox.prime(["cache", "key"]).output().stdout(), key, "{driver}: what is kept is found");
        let said = pair.said();
        let again = "install  lib 1.0, one 1.0 (built again from these sources)  [TIME]\n";
        assert!(said.starts_with(again) && said.contains("adopt    .venv (restored, "), "{driver}: {said}");
        assert_eq!(printed(&pair, "import lib, one, two; print(lib.version, one.version, two.version)"), "2 2 1\n");
        assert_eq!(pair.built(), ["lib", "one"], "{driver}: what is linked is not built");
        assert_eq!((pair.said(), pair.built()), (String::new(), vec![]), "{driver}");
    }
}

#[test]
fn one_whose_sources_are_gone_is_made_anew() {
    for driver in DRIVERS {
        let Some((pair, runner)) = built(driver) else { return };
        fs::remove_dir_all(pair.path("lib")).unwrap();
        pair.write("requirements.txt", "extra==1.0\n");
        fs::remove_file(pair.path("constraints.txt")).unwrap();
        runner.commit();
        runner.start_warm();
        let said = pair.said();
        assert!(said.contains("remove   .venv: it is damaged") && said.contains("create   .venv "), "{driver}: {said}");
        assert!(!pair.installed().contains(&"lib-1.0".to_owned()), "{driver}: {:?}", pair.installed());
        assert_eq!(pair.said(), "", "{driver}");
    }
}

#[test]
fn a_linked_project_that_builds_something_beside_its_sources_is_built_again() {
    for driver in DRIVERS {
        let Some(pair) = Pair::new() else { return };
        let pair = pair.env("PROTOPRIMER_VENV_DRIVER", driver);
        pair.write("one/setup.py", "");
        pair.project("two", &["right"], "[tool.hatch.build.hooks.vcs]\nversion-file = 'two/_version.py'\n");
        pair.project("three", &[], "");
        let config = fs::read_to_string(pair.path("prime.toml")).unwrap();
        pair.write("prime.toml", &format!("{config}\n[[project_descriptors]]\nbuild_root_dir_rel_path = \"three\"\n"));
        let runner = Runner::new(&pair.sandbox);
        pair.boot();
        assert_eq!(pair.built(), ["one", "three", "two"]);
        runner.keep(&pair.sandbox, &[]);
        runner.start_warm();
        let said = pair.said();
        assert!(said.contains("install  one 1.0, two 1.0 (built again from these sources)"), "{driver}: {said}");
        assert_eq!(pair.built(), ["one", "two"], "{driver}");
        assert_eq!(printed(&pair, "import one, two, three; print(one.__file__)").trim(), path(&pair, "one/src/one.py"));
        assert_eq!(pair.said(), "", "{driver}");
    }
}

fn path(pair: &Pair, name: &str) -> String {
    pair.path(name).display().to_string()
}

#[test]
fn an_environment_and_the_stamp_of_another_are_brought_together() {
    for driver in DRIVERS {
        let Some(pair) = Pair::new() else { return };
        let pair = pair.env("PROTOPRIMER_VENV_DRIVER", driver);
        let (older, newer) = ("left==1.0\nright==2.0\n", "left==2.0\nright==2.0\n");
        pair.write("constraints.txt", older);
        pair.boot();
        let copy = |from: &str, to: &str| {
            let copied = output(std::process::Command::new("cp").arg("-a").args([pair.path(from), pair.path(to)]));
            assert!(copied.unwrap().status.success());
        };
        copy(".venv", "older");
        write(&pair.path("constraints.txt"), newer.as_bytes(), 0o644);
        pair.boot();
        assert_eq!(printed(&pair, "import left; print(left.version)"), "2.0\n");
        fs::remove_dir_all(pair.path(".venv")).unwrap();
        copy("older", ".venv");
        let said = pair.said();
        assert!(said.starts_with("repair   left 2.0: is not installed any more"), "{driver}: {said}");
        assert_eq!(printed(&pair, "import left; print(left.version)"), "2.0\n", "{driver}: {said}");
        assert_eq!(fs::read_to_string(pair.path("constraints.txt")).unwrap(), newer, "{driver}: {said}");
        assert_eq!(pair.said(), "", "{driver}");
    }
}
