//! The second run: whatever changed makes the repo stale, and only what is needed is done again.

use std::fs::{self, File, FileTimes};
use std::time::SystemTime;

use snapbox::str;

use crate::support::pair::{CONFIG, Pair};
use crate::support::pythons;

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];

#[test]
fn a_file_that_was_only_touched_is_the_same() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    for name in ["prime.toml", ".python-version", "one/pyproject.toml", "constraints.txt", ".venv/pyvenv.cfg"] {
        let times = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        File::options().write(true).open(pair.path(name)).unwrap().set_times(times).unwrap();
        // As an editor or a checkout does: another file of the same content in its place.
        fs::copy(pair.path(name), pair.path("copy")).unwrap();
        fs::rename(pair.path("copy"), pair.path(name)).unwrap();
    }
    pair.sandbox.prime(["boot"]).run();
    pair.sandbox.prime(["-v", "boot"]).stderr("[stride_py_unknown] ready: `[REPO]/.venv`, python [X.Y.Z]\n").run();
    assert!(pair.built().is_empty());
}

#[test]
fn a_comment_in_the_configuration_builds_nothing() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let stamp = pair.sandbox.read(".prime/stamp.json");
    pair.write("prime.toml", &format!("# ours\n{CONFIG}"));
    pair.sandbox.prime(["boot"]).run();
    assert!(pair.built().is_empty());
    assert_ne!(pair.sandbox.read(".prime/stamp.json"), stamp);
    pair.sandbox.prime(["-v", "boot"]).stderr("[stride_py_unknown] ready: `[REPO]/.venv`, python [X.Y.Z]\n").run();
}

#[test]
fn of_two_projects_only_the_one_that_changed_is_built_again() {
    for driver in DRIVERS {
        let Some(pair) = Pair::booted(driver) else { return };
        pair.project("two", &["right", "extra<2"], "");
        let expected = str![[r#"
install  two (editable)  [TIME]
pin      constraints.txt (3 versions)  [TIME]

"#]];
        snapbox::assert_data_eq!(pair.said(), expected);
        assert_eq!(pair.built(), ["two"], "{driver}");
        assert_eq!(pair.installed(), ["extra-1.0", "left-2.0", "one-1.0", "right-2.0", "two-1.0"], "{driver}");
        assert_eq!(pair.sandbox.read("constraints.txt"), "extra==1.0\nleft==2.0\nright==2.0\n", "{driver}");
    }
}

#[test]
fn a_pin_that_was_edited_is_obeyed() {
    for driver in DRIVERS {
        let Some(pair) = Pair::booted(driver) else { return };
        pair.write("constraints.txt", "left==1.0\nright==2.0\n");
        pair.boot();
        assert_eq!(pair.installed(), ["left-1.0", "one-1.0", "right-2.0", "two-1.0"], "{driver}");
        assert_eq!(pair.sandbox.read("constraints.txt"), "left==1.0\nright==2.0\n", "{driver}");
        pair.sandbox.prime(["boot"]).run();
    }
}

#[test]
fn pins_that_were_removed_are_written_again() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    fs::remove_file(pair.path("constraints.txt")).unwrap();
    pair.boot();
    assert_eq!(pair.sandbox.read("constraints.txt"), "left==2.0\nright==2.0\n");
    pair.sandbox.prime(["boot"]).run();
}

#[test]
fn requirements_files_count_with_all_they_include() {
    for driver in DRIVERS {
        let Some(pair) = Pair::new().map(|it| it.env("PROTOPRIMER_VENV_DRIVER", driver)) else { return };
        pair.write("prime.toml", &format!("{CONFIG}requirements_files = [\"needs/all.txt\"]\n"));
        pair.write("needs/all.txt", "-r more/nested.txt\n");
        pair.write("needs/more/nested.txt", "# nothing yet\n");
        pair.boot();
        assert_eq!(pair.built(), ["one", "two"], "{driver}");
        pair.write("needs/more/nested.txt", "extra==1.0\n");
        pair.boot();
        assert_eq!(pair.built(), ["two"], "{driver}: only the project that has the file");
        assert!(pair.installed().contains(&"extra-1.0".to_owned()), "{driver}");
        pair.sandbox.prime(["boot"]).run();
    }
}

#[test]
fn a_dependency_group_counts_with_the_groups_it_includes() {
    for driver in DRIVERS {
        let Some(pair) = Pair::new().map(|it| it.env("PROTOPRIMER_VENV_DRIVER", driver)) else { return };
        pair.write("prime.toml", &format!("{CONFIG}dependency_groups = [\"Dev\"]\n"));
        let groups = |needed: &str| {
            format!("[dependency-groups]\ndev = [{{include-group = \"tools\"}}]\ntools = [\"{needed}\"]\n")
        };
        pair.project("two", &["right"], &groups("extra<2"));
        pair.boot();
        assert!(pair.installed().contains(&"extra-1.0".to_owned()), "{driver}");
        pair.built();
        pair.project("two", &["right"], &groups("extra>=2"));
        fs::remove_file(pair.path("constraints.txt")).unwrap();
        pair.boot();
        assert!(pair.installed().contains(&"extra-2.0".to_owned()), "{driver}");
        pair.sandbox.prime(["boot"]).run();
    }
}

#[test]
fn an_extra_that_is_asked_for_later_is_installed() {
    for driver in DRIVERS {
        let Some(pair) = Pair::booted(driver) else { return };
        pair.project("two", &["right"], "[project.optional-dependencies]\nmore = [\"extra==1.0\"]\n");
        pair.boot();
        assert_eq!(pair.installed(), ["left-2.0", "one-1.0", "right-2.0", "two-1.0"], "{driver}");
        pair.write("prime.toml", &format!("{CONFIG}install_extras = [\"more\"]\n"));
        pair.built();
        pair.boot();
        assert_eq!(pair.built(), ["two"], "{driver}");
        assert_eq!(pair.installed(), ["extra-1.0", "left-2.0", "one-1.0", "right-2.0", "two-1.0"], "{driver}");
    }
}

#[test]
fn a_project_that_was_removed_is_gone_with_all_it_needed() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    pair.write("prime.toml", "[[project_descriptors]]\nbuild_root_dir_rel_path = \"one\"\n");
    let expected = str![[r#"
remove   .venv: `./two` no longer belongs in it  [TIME]
create   .venv (python [X.Y.Z], uv)  [TIME]
install  one (editable)  [TIME]
pin      constraints.txt (1 version)  [TIME]

"#]];
    snapbox::assert_data_eq!(pair.said(), expected);
    assert_eq!(pair.installed(), ["left-2.0", "one-1.0"]);
    assert_eq!(pair.sandbox.read("constraints.txt"), "left==2.0\n");
}

#[test]
fn another_python_version_means_another_environment() {
    let Some(pair) = Pair::new() else { return };
    let Some(other) = pythons::supported().into_iter().rfind(|it| it.minor != pair.python.minor) else { return };
    let pair = Pair { sandbox: pair.sandbox.link_python(other).redact_as("[OTHER]", &other.version), ..pair };
    fs::remove_file(pair.path(".python-version")).unwrap();
    pair.write("prime.toml", &format!("required_python_version = \"{}\"\n{CONFIG}", pair.python.series()));
    pair.boot();
    pair.write("prime.toml", CONFIG);
    pair.write(".python-version", &format!("{}\n", other.series()));
    let said = pair.said();
    let first = said.lines().next().unwrap_or_default();
    let expected = format!("remove   .venv: it has python [X.Y.Z], and `{}` is required  [TIME]", other.series());
    assert_eq!(first, expected, "{said}");
    let version = ["run", "--", "python", "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"];
    pair.sandbox.prime(version).stdout("[OTHER]\n").run();
    pair.write(".python-version", &format!("{}\n", pair.python.series()));
    pair.boot();
    pair.sandbox.prime(version).stdout("[X.Y.Z]\n").run();
}

#[test]
fn a_version_file_that_says_the_same_in_other_words_changes_nothing() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    pair.write(".python-version", &format!("# ours\n{}\n", pair.python.version));
    pair.sandbox.prime(["boot"]).run();
    assert!(pair.built().is_empty());
}

#[test]
fn another_driver_means_another_environment() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let pair = pair.env("PROTOPRIMER_VENV_DRIVER", "venv_pip");
    let expected = str![[r#"
remove   .venv: it was made by `venv_uv`, and `venv_pip` is asked for  [TIME]
create   .venv (python [X.Y.Z], pip)  [TIME]
install  one (editable), two (editable)  [TIME]

"#]];
    snapbox::assert_data_eq!(pair.said(), expected);
    assert!(!pair.sandbox.read(".venv/pyvenv.cfg").contains("uv = "));
    let pair = pair.env("PROTOPRIMER_VENV_DRIVER", "");
    pair.sandbox.prime(["boot"]).run();
}
