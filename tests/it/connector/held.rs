//! What was said of an environment when it was made holds until something else is said.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::booted::{DRIVERS, boot, repository, table};
use super::{connector, index, sandbox, tiny, venv};
use crate::support::index::Index;
use crate::support::pythons;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::{Package, Wheel};

/// By uv, and by pip.
const NO_UV: [&str; 2] = ["0", "1"];

/// A connector whose package has another name than the connector implies.
fn odd(version: &str) -> Package {
    let main = "def main():\n    print('{\"type\": \"SPEC\", \"spec\": {}}')\n";
    Wheel::new("odd-tiny", version).file("odd.py", main).script("source-tiny", "odd:main").build()
}

/// The connector's package, as the stamp has it, and its version.
fn installed(sandbox: &Sandbox) -> (String, String) {
    let stamp = stamp(&venv(sandbox));
    (stamp["package"].as_str().unwrap().to_owned(), stamp["version"].as_str().unwrap().to_owned())
}

fn is_odd(sandbox: &Sandbox, version: &str) -> bool {
    installed(sandbox) == ("odd-tiny".to_owned(), version.to_owned())
}

fn stamp(venv: &Path) -> Value {
    serde_json::from_slice(&fs::read(venv.join("prime-connector.json")).unwrap()).unwrap()
}

fn damage(sandbox: &Sandbox) {
    fs::remove_file(venv(sandbox).join("bin/source-tiny")).unwrap();
}

/// Nobody but the index of packages knows of the one that the connector's name implies, and nobody asks for it.
fn asks_for_no_other(index: &Index) {
    let paths = index.paths();
    assert!(paths.iter().all(|path| !path.contains("source-tiny")), "{paths:?}");
}

fn registry(package: &str) -> String {
    format!(
        r#"{{"sources": [{{"dockerRepository": "airbyte/source-tiny", "dockerImageTag": "9", "language": "python",
  "remoteRegistries": {{"pypi": {{"enabled": true, "packageName": "{package}"}}}}}}]}}"#
    )
}

#[test]
fn what_is_broken_comes_back_from_the_requirements_that_it_came_from() {
    for no_uv in NO_UV {
        let index = index([odd("3.1"), tiny("3.1").build(), tiny("9").build()]);
        let Some(sandbox) = sandbox(&index) else { return };
        let sandbox = sandbox.env("AIRBYTE_NO_UV", no_uv);
        let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny", "--pip-url", "odd-tiny"]);
        assert_eq!((code, is_odd(&sandbox, "3.1")), (0, true), "{stderr}");
        let index = index.add(odd("4.0"));
        for words in [
            &["ensure", "source-tiny"][..],
            &["spec", "source-tiny"],
            &["ensure", "source-tiny", "--pip-url", "odd-tiny"],
        ] {
            damage(&sandbox);
            let (_, _, stderr) = connector(&sandbox, words);
            assert!(is_odd(&sandbox, "3.1"), "{words:?}: {stderr}");
        }
        // Another version is one of the same distribution.
        for (words, version) in [
            (&["ensure", "source-tiny", "--version", "4.0"][..], "4.0"),
            (&["ensure", "source-tiny", "--version", "3.1"], "3.1"),
            (&["ensure", "source-tiny", "--version", "latest"], "4.0"),
            (&["install", "source-tiny", "--version", "3.1"], "3.1"),
            (&["install", "source-tiny"], "4.0"),
        ] {
            let (code, _, stderr) = connector(&sandbox, words);
            assert_eq!((code, is_odd(&sandbox, version)), (0, true), "{words:?}: {stderr}");
        }
        // What was said of versions holds until another one is wanted, and does not any more then.
        for (words, asked) in [
            (&["--pip-url", "odd-tiny<4"][..], "odd-tiny<4"),
            (&["--version", "3.1"], "odd-tiny<4"),
            (&["--version", "4.0"], "odd-tiny"),
        ] {
            let (code, _, stderr) = connector(&sandbox, &[&["install", "source-tiny"], words].concat());
            assert_eq!((code, &stamp(&venv(&sandbox))["requirements"][0]), (0, &Value::from(asked)), "{stderr}");
        }
        assert!(is_odd(&sandbox, "4.0"));
        asks_for_no_other(&index);
    }
}

#[test]
fn another_version_is_one_of_the_package_that_the_registry_names() {
    for driver in DRIVERS {
        let Some((sandbox, index)) = repository(&table("version = '3.1'\n"), driver) else { return };
        let index = index.add(odd("3.1")).add(odd("4.0"));
        let sandbox = sandbox.file("r.json", registry("odd-tiny")).env("AIRBYTE_LOCAL_REGISTRY", "r.json");
        let (code, said) = boot(&sandbox);
        assert_eq!((code, is_odd(&sandbox, "3.1")), (0, true), "{said}");
        fs::write(sandbox.repo().join("prime.toml"), table("version = '4.0'\n")).unwrap();
        let (code, said) = boot(&sandbox);
        assert_eq!((code, is_odd(&sandbox, "4.0")), (0, true), "{said}");
        fs::write(sandbox.repo().join("prime.toml"), "").unwrap();
        for (words, version) in [
            (&["ensure", "source-tiny", "--version", "3.1"][..], "3.1"),
            (&["install", "source-tiny"], "4.0"),
            (&["install", "source-tiny", "--use-python", "true", "--version", "3.1"], "3.1"),
        ] {
            let (code, _, stderr) = connector(&sandbox, words);
            assert_eq!((code, is_odd(&sandbox, version)), (0, true), "{words:?}: {stderr}");
        }
        // Where no registry says so any more, the stamp does.
        let alone = sandbox.env_remove("AIRBYTE_LOCAL_REGISTRY");
        assert_eq!(connector(&alone, &["install", "source-tiny"]).0, 0);
        assert!(is_odd(&alone, "4.0"));
        asks_for_no_other(&index);
        // What is made again as it was needs no registry, and what is made otherwise is as that says.
        let moved = alone.file("r.json", "none").env("AIRBYTE_LOCAL_REGISTRY", "r.json");
        damage(&moved);
        assert_eq!(connector(&moved, &["ensure", "source-tiny"]).0, 0);
        damage(&moved);
        assert_eq!(connector(&moved, &["ensure", "source-tiny", "--version", "4.0"]).0, 0);
        assert!(is_odd(&moved, "4.0"));
        assert_eq!(connector(&moved, &["ensure", "source-tiny", "--version", "1.0"]).0, 65);
        fs::write(moved.repo().join("r.json"), registry("airbyte-source-tiny")).unwrap();
        assert_eq!(connector(&moved, &["ensure", "source-tiny", "--version", "1.0"]).0, 0);
        assert_eq!(installed(&moved), ("airbyte-source-tiny".to_owned(), "1.0".to_owned()));
    }
}

#[test]
fn what_was_said_besides_the_requirements_holds_wherever_one_is() {
    for no_uv in NO_UV {
        let pad = |version| Wheel::new("left-pad", version).file("left_pad.py", "").build();
        let more = Wheel::new("more", "1").file("more.py", "").build();
        let index = index([tiny("1.0").build(), tiny("2.0").build(), pad("1.0"), pad("2.0"), more]);
        let Some(sandbox) = sandbox(&index) else { return };
        let sandbox = sandbox.file("limits.txt", "left-pad<2\n").file("more.txt", "more\n").file("sub/.keep", "");
        let python = pythons::newest().unwrap();
        let root = sandbox.repo();
        let sandbox = sandbox.env("AIRBYTE_NO_UV", no_uv).env("AIRBYTE_INSTALL_DIR", &root);
        std::os::unix::fs::symlink(&python.executable, root.join("python3")).unwrap();
        let words = "'airbyte-source-tiny<2' -r more.txt";
        let (with, other) = (["--with", "left-pad", "--use-python", "./python3"], ["--constraints", "limits.txt"]);
        let install = [&["install", "source-tiny", "--pip-url", words][..], &with, &other].concat();
        let (code, _, stderr) = connector(&sandbox, &install);
        assert_eq!(code, 0, "{stderr}");
        let has = |name: &str| prime::venv::Venv::new(venv(&sandbox)).version_of(name);
        let said = |stamp: &Value| ["requirements", "with", "asked", "constraints"].map(|key| stamp[key].clone());
        let before = stamp(&venv(&sandbox));
        assert!(before["asked"]["python"].as_str().unwrap().ends_with("/python3"), "{before:#}");
        for words in [["ensure", "source-tiny"], ["spec", "source-tiny"], ["install", "source-tiny"]] {
            if words[0] != "install" {
                damage(&sandbox);
            }
            let run = sandbox.prime(["connector"]).args(words).current_dir("sub").output();
            assert_eq!(run.code(), 0, "{words:?}: {}", run.stderr());
            let found = [has("airbyte_source_tiny"), has("left_pad"), has("more")].map(Option::unwrap_or_default);
            assert_eq!(found, ["1.0", "1.0", "1"], "{words:?}");
            let after = stamp(&venv(&sandbox));
            assert_eq!(said(&after), said(&before), "{words:?}");
            assert_ne!(after["made"], before["made"], "{words:?}");
        }
        // What is said takes the place of what was, and only of that.
        let (code, _, stderr) = connector(&sandbox, &["ensure", "source-tiny", "--version", "2.0"]);
        assert_eq!((code, installed(&sandbox).1.as_str()), (0, "2.0"), "{stderr}");
        assert!(has("left_pad").as_deref() == Some("1.0") && has("more").is_some());
        let (code, _, stderr) = connector(&sandbox, &["ensure", "source-tiny", "--with", "more"]);
        assert_eq!((code, has("left_pad"), has("more").is_some()), (0, None, true), "{stderr}");
        // An environment that is removed takes with it all that was said of it.
        assert_eq!(connector(&sandbox, &["uninstall", "source-tiny"]).0, 0);
        assert_eq!(connector(&sandbox, &["install", "source-tiny"]).0, 0);
        assert_eq!((installed(&sandbox).1.as_str(), has("more")), ("2.0", None));
    }
}

#[test]
fn each_word_is_seen_from_where_it_was_said() {
    for no_uv in NO_UV {
        let empty = |name: &str| Wheel::new(name, "1").file(&format!("{}.py", name.replace('-', "_")), "").build();
        let names = ["of-a", "of-b", "left-pad"];
        let index = names.iter().fold(index([tiny("1.0").build()]), |index, name| index.add(empty(name)));
        let Some(sandbox) = sandbox(&index) else { return };
        let sandbox = names[..2].iter().fold(sandbox, |sandbox, name| {
            sandbox.file(&format!("{}/list.txt", &name[3..]), format!("airbyte-source-tiny\n{name}\n"))
        });
        let root = sandbox.repo();
        let sandbox = sandbox.env("AIRBYTE_NO_UV", no_uv).env("AIRBYTE_INSTALL_DIR", &root);
        let run = |dir: &str, words: &[&str]| {
            let run = sandbox.prime(["connector"]).args(words.iter().copied()).current_dir(dir).output();
            assert_eq!(run.code(), 0, "{words:?} in {dir}: {}", run.stderr());
        };
        let found =
            || names.map(|name| prime::venv::Venv::new(venv(&sandbox)).version_of(&name.replace('-', "_")).is_some());
        let install = ["install", "source-tiny"];
        // The file is the one that is named now, whatever the stamp says besides.
        run("a", &[&install[..], &["--with", "left-pad"]].concat());
        run("b", &[&install[..], &["--pip-url", "-r list.txt"]].concat());
        assert_eq!(found(), [false, true, true]);
        let (files, list) = (|| stamp(&venv(&sandbox))["asked"]["files"].clone(), root.join("b/list.txt"));
        assert_eq!(stamp(&venv(&sandbox))["requirements"][1], list.to_str().unwrap());
        let before = files();
        fs::write(&list, "airbyte-source-tiny\nof-b\n# more\n").unwrap();
        run("a", &install);
        assert_ne!((found(), files()), ([false, true, true], before));
        run("a", &["uninstall", "source-tiny"]);
        // So it is the other way round, and one of the same name in another directory is another one.
        run("b", &[&install[..], &["--pip-url", "airbyte-source-tiny"]].concat());
        run("a", &[&install[..], &["--with", "-rlist.txt"]].concat());
        assert_eq!(found(), [true, false, false]);
        run("b", &["ensure", "source-tiny", "--with=-r", "--with=list.txt"]);
        assert_eq!(found(), [false, true, false]);
    }
}

#[test]
fn credentials_that_are_not_kept_have_to_be_said_again() {
    for no_uv in NO_UV {
        let index = index([tiny("1.0").build()]).credentials("the-user", "hidden-word");
        let Some(sandbox) = sandbox(&index) else { return };
        let sandbox = sandbox.env("AIRBYTE_NO_UV", no_uv);
        let origin = index.origin().replace("://", "://the-user:hidden-word@");
        let file = "files/airbyte_source_tiny-1.0-py3-none-any.whl";
        let requirement = format!("'airbyte-source-tiny @ {origin}/{file}'");
        let args = ["ensure", "source-tiny", "--pip-url", &requirement];
        let (code, _, stderr) = connector(&sandbox, &args);
        assert_eq!(code, 0, "{stderr}");
        damage(&sandbox);
        let (code, _, stderr) = connector(&sandbox, &["ensure", "source-tiny"]);
        let shown = format!("{}/{file}", index.origin().replace("://", "://****@"));
        let expected = format!(
            "error: connector `source-tiny` was installed from `airbyte-source-tiny @ {shown}`, and credentials are not kept\n\
             hint: say it again: `prime connector install source-tiny --pip-url …`\n"
        );
        assert_eq!((code, stderr), (78, sandbox.redact(&expected)));
        assert!(venv(&sandbox).join("pyvenv.cfg").is_file());
        assert_eq!(connector(&sandbox, &args).0, 0);
        assert_eq!(installed(&sandbox).1, "1.0");
    }
}

#[test]
fn a_user_of_ssh_is_kept_and_a_password_of_it_has_to_be_said_again() {
    for no_uv in NO_UV {
        let index = index([tiny("1.0").build()]);
        let Some(sandbox) = sandbox(&index) else { return };
        let sandbox = sandbox.env("AIRBYTE_NO_UV", no_uv);
        // Asked for by no python that there is, so that nobody asks the host.
        let never = |user: &str| format!("never @ git+ssh://{user}@host.invalid/never ; python_version < '3'");
        for (option, words) in [
            ("--pip-url", format!("airbyte-source-tiny \"{}\"", never("git"))),
            ("--with", never("git")),
            ("--with", never("git:hidden-word")),
        ] {
            let install = ["install", "source-tiny", option, &words];
            let (code, _, stderr) = connector(&sandbox, &install);
            assert_eq!(code, 0, "{install:?}: {stderr}");
            assert!(!sandbox.read(".venv-source-tiny/prime-connector.json").contains("hidden-word"), "{install:?}");
            damage(&sandbox);
            let (code, _, stderr) = connector(&sandbox, &["ensure", "source-tiny"]);
            let is_lost = words.contains("hidden-word");
            assert_eq!(code, if is_lost { 78 } else { 0 }, "{install:?}: {stderr}");
            assert_eq!(stderr.contains("credentials are not kept"), is_lost, "{stderr}");
        }
    }
}

#[test]
fn a_stamp_of_another_format_is_not_gone_by_and_what_it_is_of_is_made_again() {
    let index = index([tiny("1.0").build()]);
    let Some(sandbox) = sandbox(&index) else { return };
    assert_eq!(connector(&sandbox, &["install", "source-tiny"]).0, 0);
    let made = stamp(&venv(&sandbox));
    for format in [1, 99] {
        let mut other = made.clone();
        other["format"] = Value::from(format);
        fs::write(venv(&sandbox).join("prime-connector.json"), other.to_string()).unwrap();
        let (code, _, stderr) = connector(&sandbox, &["ensure", "source-tiny", "--no-install"]);
        assert!(code == 78 && stderr.contains("nothing says what"), "{code}: {stderr}");
        assert_eq!(connector(&sandbox, &["list"]).0, 0);
        let (code, _, stderr) = connector(&sandbox, &["ensure", "source-tiny"]);
        let now = stamp(&venv(&sandbox));
        assert_eq!((code, &now["format"]), (0, &made["format"]), "{stderr}");
        assert_ne!(now["made"], made["made"]);
        assert_eq!(connector(&sandbox, &["ensure", "source-tiny"]), (0, String::new(), String::new()));
    }
}

#[test]
fn a_spec_that_is_no_strict_json_is_known_from_the_installation_on() {
    let main = r#"import os, sys
def main():
    with open(os.environ["STARTED"], "a") as file:
        file.write("x")
    sys.stdout.buffer.write(b'{"type": "SPEC", "spec": {"connectionSpecification": {"default": NaN, "maximum": 1e400, "title": "\xff"}}}\n')
"#;
    let wheel = Wheel::new("airbyte-source-tiny", "1.0").file("odd.py", main).script("source-tiny", "odd:main");
    let index = index([wheel.build()]);
    let Some(sandbox) = sandbox(&index) else { return };
    let started = sandbox.root().join("started");
    let sandbox = sandbox.env("STARTED", &started);
    let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny"]);
    assert!(code == 0 && !stderr.contains("does not answer"), "{stderr}");
    for _ in 0..2 {
        let (code, stdout, stderr) = connector(&sandbox, &["spec", "source-tiny"]);
        assert!(code == 0 && stdout.contains("maximum"), "{stdout}{stderr}");
    }
    assert_eq!(fs::read_to_string(started).unwrap(), "x");
}
