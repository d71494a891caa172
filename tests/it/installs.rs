//! What is installed in which order and how, and the pins that come of it.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use snapbox::str;

use crate::support::pair::{CONFIG, Pair};
use crate::support::sandbox::Sandbox;

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];

/// Three projects in groups, with arguments of their own.
const GROUPED: &str = r#"
[[project_descriptors]]
build_root_dir_rel_path = "loose"

[[project_descriptors]]
build_root_dir_rel_path = "late"
install_group = "second"
install_extras = ["dev", "docs"]

[[project_descriptors]]
build_root_dir_rel_path = "early"
install_group = "first"
editable = false

[[install_specs]]
[install_specs.first]
extra_command_args = ["--no-build-isolation", "--config-settings", "a=b c"]

[[install_specs]]
[install_specs.second]
extra_command_args = ["--no-deps"]
"#;

/// The repo of [`GROUPED`] with stand-ins for uv and python.
fn grouped() -> Sandbox {
    let sandbox = Sandbox::new().fake_python("python3.12", "3.12.1").fake_uv("9.8.7");
    let project = "[project]\nname = \"x\"\nversion = \"1\"\noptional-dependencies = { dev = [], docs = [] }\n";
    let names = ["loose/pyproject.toml", "late/pyproject.toml", "early/pyproject.toml"];
    let sandbox = names.into_iter().fold(sandbox, |sandbox, name| sandbox.file(name, project));
    sandbox.file("prime.toml", GROUPED).file(".python-version", "3.12\n").env("PIP_INDEX_URL", "http://127.0.0.1:9/")
}

fn installations(sandbox: &Sandbox) -> String {
    let journal = sandbox.journal();
    let lines = journal.lines().filter(|line| line.contains(" install "));
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn groups_are_installed_in_their_order_with_their_arguments() {
    let sandbox = grouped().env("PROTOPRIMER_VENV_DRIVER", "venv_uv");
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    snapbox::assert_data_eq!(
        installations(&sandbox),
        str![[r#"
uv pip install --python [REPO]/.venv/bin/python --no-build-isolation --config-settings a=b c ./early
uv pip install --python [REPO]/.venv/bin/python --no-deps --editable ./late[dev,docs]
uv pip install --python [REPO]/.venv/bin/python --editable ./loose

"#]]
    );
    let sandbox = grouped().env("PROTOPRIMER_VENV_DRIVER", "venv_pip").file("constraints.txt", "a==1\n");
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    snapbox::assert_data_eq!(
        installations(&sandbox),
        str![[r#"
python -I -m pip install --no-build-isolation --config-settings a=b c --constraint [REPO]/constraints.txt ./early
python -I -m pip install --no-deps --constraint [REPO]/constraints.txt --editable ./late[dev,docs]
python -I -m pip install --constraint [REPO]/constraints.txt --editable ./loose

"#]]
    );
}

#[test]
fn other_arguments_of_a_group_install_that_group_again() {
    let sandbox = grouped().env("PROTOPRIMER_VENV_DRIVER", "venv_uv");
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    fs::remove_file(sandbox.root().join("journal")).unwrap();
    let sandbox = sandbox.file("prime.toml", GROUPED.replace("--no-deps", "--pre"));
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    snapbox::assert_data_eq!(
        installations(&sandbox),
        str![[r#"
uv pip install --python [REPO]/.venv/bin/python --pre --editable ./late[dev,docs]

"#]]
    );
}

#[test]
fn a_project_that_is_not_editable_is_copied() {
    for driver in DRIVERS {
        let Some(pair) = Pair::new().map(|it| it.env("PROTOPRIMER_VENV_DRIVER", driver)) else { return };
        pair.write("prime.toml", &format!("{CONFIG}editable = false\n"));
        pair.boot();
        let code = "import one, two; print(one.__file__, two.__file__)";
        let site = format!("[REPO]/.venv/lib/{}/site-packages", pair.python.basename());
        let expected = format!("[REPO]/one/src/one.py {site}/two.py\n");
        pair.sandbox.prime(["run", "--", "python", "-c", code]).stdout(expected).run();
        assert_eq!(pair.sandbox.read("constraints.txt"), "left==2.0\nright==2.0\n", "{driver}: no project is a pin");
        pair.built();
        pair.project("two", &["right==1.0"], "");
        fs::remove_file(pair.path("constraints.txt")).unwrap();
        pair.boot();
        assert!(pair.installed().contains(&"right-1.0".to_owned()), "{driver}");
        pair.write("prime.toml", CONFIG);
        pair.boot();
        let expected = "[REPO]/one/src/one.py [REPO]/two/src/two.py\n";
        pair.sandbox.prime(["run", "--", "python", "-c", code]).stdout(expected).run();
    }
}

#[test]
fn pins_that_did_not_change_are_not_written() {
    for driver in DRIVERS {
        let Some(pair) = Pair::booted(driver) else { return };
        let before = (pair.sandbox.read("constraints.txt"), pair.path("constraints.txt").metadata().unwrap().ino());
        pair.project("one", &["left"], "[tool.another]\n");
        pair.boot();
        assert_eq!(pair.built(), ["one"]);
        let after = (pair.sandbox.read("constraints.txt"), pair.path("constraints.txt").metadata().unwrap().ino());
        assert_eq!(after, before, "{driver}");
        fs::remove_dir_all(pair.path(".venv")).unwrap();
        pair.boot();
        assert_eq!(pair.path("constraints.txt").metadata().unwrap().ino(), before.1, "{driver}");
    }
}

#[test]
fn pins_hold_in_a_new_environment() {
    for driver in DRIVERS {
        let Some(pair) = Pair::new().map(|it| it.env("PROTOPRIMER_VENV_DRIVER", driver)) else { return };
        pair.write("constraints.txt", "# kept by hand\n# for the release\nleft==1.0\n");
        pair.boot();
        assert_eq!(pair.installed(), ["left-1.0", "one-1.0", "right-2.0", "two-1.0"], "{driver}");
        let expected = "# kept by hand\n# for the release\nleft==1.0\nright==2.0\n";
        assert_eq!(pair.sandbox.read("constraints.txt"), expected, "{driver}");
        pair.sandbox.prime(["boot"]).run();
    }
}

#[test]
fn constraints_that_a_person_wrote_are_obeyed_and_left_alone() {
    let Some(pair) = Pair::new() else { return };
    let written = "# nothing newer yet\nleft<2\nright ; python_version > '3'\n";
    pair.write("constraints.txt", written);
    let said = pair.said();
    let warning = "warning: `constraints.txt` holds more than pins, so it constrains and is not written; \
                   set `version_constraints_file_basename` to have pins\n";
    assert!(said.ends_with(warning), "{said}");
    assert_eq!(pair.installed(), ["left-1.0", "one-1.0", "right-2.0", "two-1.0"]);
    assert_eq!(pair.sandbox.read("constraints.txt"), written);
    pair.sandbox.prime(["boot"]).run();
    pair.write("constraints.txt", "left\n");
    pair.boot();
    assert_eq!(pair.sandbox.read("constraints.txt"), "left\n");
}

#[test]
fn a_failed_installation_leaves_pins_and_packages_as_they_were() {
    for driver in DRIVERS {
        let Some(pair) = Pair::booted(driver) else { return };
        let (pins, installed) = (pair.sandbox.read("constraints.txt"), pair.installed());
        pair.project("two", &["right", "no-such-thing"], "");
        for _ in 0..2 {
            let run = pair.sandbox.prime(["boot"]).output();
            assert_eq!(run.code(), 78, "{driver}: {}", run.stderr());
            assert!(!run.stderr().contains("create "), "{driver}: {}", run.stderr());
        }
        assert_eq!((pair.sandbox.read("constraints.txt"), pair.installed()), (pins, installed), "{driver}");
        let refused = pair.sandbox.prime(["run", "--", "python", "-c", "print('never')"]).output();
        assert_eq!((refused.code(), refused.stdout()), (78, String::new()), "{driver}");
        pair.project("two", &["right"], "");
        pair.built();
        pair.sandbox.prime(["boot"]).run();
        assert!(pair.built().is_empty(), "{driver}: what was installed still is");
    }
}
