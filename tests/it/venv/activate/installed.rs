//! Which files there are, and what is in them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use prime::venv::builder::scripts::{CopyRule, Values, install, replace_variables};

use super::{ALL, Environment, HARMLESS, HOSTILE, Templates, is_pwned};
use crate::support::{output, pythons, require_program, write};

/// An environment with the scripts of a directory, as a subclass of `EnvBuilder` would have it.
const SUBCLASS: &str = "
import sys, venv
class Builder(venv.EnvBuilder):
    def setup_scripts(self, context):
        self.install_scripts(context, sys.argv[2])
Builder(symlinks=True).create(sys.argv[1])
";

/// Content, mode, and time of each file under a directory; links are what stands for them.
fn tree(dir: &Path) -> BTreeMap<String, (Vec<u8>, u32, Option<SystemTime>)> {
    let mut found = BTreeMap::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(next) = dirs.pop() {
        for entry in fs::read_dir(next).unwrap().map(|it| it.unwrap().path()) {
            if entry.is_dir() {
                dirs.push(entry);
            } else if !entry.is_symlink() {
                let meta = entry.metadata().unwrap();
                // What was written just now says nothing.
                let old =
                    meta.modified().ok().filter(|it| it.elapsed().is_ok_and(|age| age > Duration::from_secs(3600)));
                let name = entry.strip_prefix(dir).unwrap().display().to_string();
                found.insert(name, (fs::read(&entry).unwrap(), meta.permissions().mode(), old));
            }
        }
    }
    found
}

fn run(python: &Path, arguments: &[&OsStr]) {
    let ran = output(Command::new(python).args(arguments).env_remove("VIRTUAL_ENV")).unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn the_scripts_are_those_of_python_m_venv() {
    for templates in ALL.iter() {
        let Templates::Of { python, .. } = templates else { continue };
        for name in [HARMLESS, "with a space", "ünï ☃"] {
            let root = tempfile::tempdir().unwrap();
            let dir = root.path().join(name);
            run(
                python,
                &["-m", "venv", "--without-pip"]
                    .map(OsStr::new)
                    .into_iter()
                    .chain([dir.as_os_str()])
                    .collect::<Vec<_>>(),
            );
            let expected = tree(&dir.join("bin"));
            fs::remove_dir_all(&dir).unwrap();
            let ours = Environment::new(templates, root.path(), name);
            let mut found = tree(&ours.dir.join("bin"));
            found.remove("python");
            assert!(expected.len() >= 3 && found == expected, "{name} {templates:?}");
        }
    }
}

/// A directory of scripts in every language, with what should not be installed.
fn custom(root: &Path) {
    // Of the prompt, which has parentheses and spaces, versions differ in what they make.
    let all = "__VENV_DIR__ __VENV_NAME__ __VENV_BIN_NAME__ __VENV_PYTHON__";
    for (name, text, mode) in [
        ("common/tool", format!("#!__VENV_PYTHON__\nprint('''{all}''')\n"), 0o755),
        ("common/plain", "nothing to replace\n".to_owned(), 0o640),
        ("common/sub/dir/deep.sh", format!("# {all}\n"), 0o711),
        ("common/both", "common".to_owned(), 0o644),
        ("common/empty/.keep/x", String::new(), 0o600),
        ("posix/other.zsh", format!("x=\"{all}\"\n"), 0o644),
        ("posix/tool.exe", format!("{all}\n"), 0o755),
        ("nt/tool.bat", all.to_owned(), 0o644),
        ("top", all.to_owned(), 0o644),
    ] {
        write(&root.join(name), text.as_bytes(), mode);
        let old = SystemTime::now() - Duration::from_secs(86_400);
        fs::File::options().append(true).open(root.join(name)).unwrap().set_modified(old).unwrap();
    }
    write(&root.join("common/binary"), b"\xff__VENV_DIR__", 0o644);
    symlink("sub", root.join("common/linked")).unwrap();
    symlink("plain", root.join("common/link")).unwrap();
}

#[test]
fn a_directory_of_scripts_becomes_what_a_subclass_makes_of_it() {
    for templates in ALL.iter() {
        let Templates::Of { python, minor, .. } = templates else { continue };
        let root = tempfile::tempdir().unwrap();
        let (dir, path) = (root.path().join(HARMLESS), root.path().join("scripts"));
        custom(&path);
        run(python, &[OsStr::new("-c"), OsStr::new(SUBCLASS), dir.as_os_str(), path.as_os_str()]);
        let expected = tree(&dir.join("bin"));
        let prompt = templates.prompt(HARMLESS);
        let executable = python.canonicalize().unwrap();
        let names = [python.file_name().unwrap(), executable.file_name().unwrap()];
        let found = names.map(|name| {
            let python = dir.join("bin").join(name);
            let values = Values {
                dir: dir.as_os_str(),
                name: OsStr::new(HARMLESS),
                prompt: OsStr::new(&prompt),
                bin_name: OsStr::new("bin"),
                python: python.as_os_str(),
            };
            let bin = root.path().join("ours").join(name);
            let replace = |script: &Path, text: &[u8]| replace_variables(script, text, &values);
            let warnings = install(&path, &bin, templates.rule(), &replace).unwrap();
            assert!(warnings.len() == 1 && warnings[0].contains("binary"), "{warnings:?}");
            tree(&bin)
        });
        assert!(found.contains(&expected), "3.{minor}: {found:?}\n{expected:?}");
    }
}

#[test]
fn what_is_in_the_place_is_replaced_and_nothing_elsewhere_changes() {
    let root = tempfile::tempdir().unwrap();
    let (path, bin, outside) = (root.path().join("scripts"), root.path().join("bin"), root.path().join("outside"));
    for name in ["linked", "shared", "plain"] {
        write(&path.join("common").join(name), b"new", 0o755);
    }
    write(&outside.join("file"), b"old", 0o600);
    write(&bin.join("plain"), b"old", 0o600);
    symlink(outside.join("file"), bin.join("linked")).unwrap();
    fs::hard_link(outside.join("file"), bin.join("shared")).unwrap();
    install(&path, &bin, CopyRule::ContentAndMode, &|_, text| text.to_vec()).unwrap();
    let found = tree(&bin);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["linked", "plain", "shared"]);
    assert!(found.values().all(|(text, mode, _)| text == b"new" && mode & 0o777 == 0o755), "{found:?}");
    assert_eq!(
        tree(&outside).values().map(|(text, mode, _)| (&text[..], mode & 0o777)).collect::<Vec<_>>(),
        [(&b"old"[..], 0o600)]
    );
}

#[test]
fn what_cannot_be_replaced_is_an_error_and_stays() {
    let root = tempfile::tempdir().unwrap();
    let (path, bin) = (root.path().join("scripts"), root.path().join("bin"));
    write(&path.join("common/tool"), b"new", 0o755);
    write(&path.join("posix/sub/tool"), b"new", 0o755);
    write(&bin.join("tool/kept"), b"old", 0o644);
    let refused = || install(&path, &bin, CopyRule::TimesToo, &|_, text| text.to_vec()).unwrap_err().to_string();
    assert_eq!(refused(), format!("cannot write `{}`", bin.join("tool").display()));
    fs::remove_dir_all(bin.join("tool")).unwrap();
    fs::create_dir(root.path().join("outside")).unwrap();
    symlink("../outside", bin.join("sub")).unwrap();
    assert_eq!(refused(), format!("cannot put scripts into `{}`, which is a symbolic link", bin.join("sub").display()));
    assert!(tree(&root.path().join("outside")).is_empty());
    assert_eq!(tree(&bin).len(), 1, "no temporary file is left");
}

#[test]
fn a_directory_without_scripts_has_none() {
    let root = tempfile::tempdir().unwrap();
    let found = install(&root.path().join("nowhere"), root.path(), CopyRule::TimesToo, &|_, text| text.to_vec());
    assert_eq!(found.unwrap(), Vec::<String>::new());
}

#[test]
fn our_own_template_is_clean() {
    let Some(shellcheck) = require_program("shellcheck") else { return };
    let root = tempfile::tempdir().unwrap();
    let environment = Environment::new(&Templates::Own, root.path(), HARMLESS);
    let ran = output(Command::new(&shellcheck).arg(environment.dir.join("bin/activate"))).unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
}

#[test]
fn a_program_starts_whatever_the_path_of_its_interpreter() {
    let Some(python) = pythons::newest() else { return };
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("scripts");
    let text = "#!__VENV_PYTHON__ -I\nimport sys\nprint([\"__VENV_DIR__\", sys.argv[1:], sys.flags.isolated])\n";
    write(&path.join("common/tool"), text.as_bytes(), 0o755);
    for name in HOSTILE.into_iter().chain([HARMLESS]) {
        let dir = root.path().join(name);
        let (bin, executable) = (dir.join("bin"), dir.join("bin/python"));
        fs::create_dir_all(&bin).unwrap();
        symlink(&python.executable, &executable).unwrap();
        let (name, bin_name, dir) = (OsStr::new(name), OsStr::new("bin"), dir.as_os_str());
        let values = Values { dir, name, prompt: name, bin_name, python: executable.as_os_str() };
        install(&path, &bin, CopyRule::TimesToo, &|script, text| replace_variables(script, text, &values)).unwrap();
        let ran = output(Command::new(bin.join("tool")).args(["a b", "$c"]).current_dir(root.path())).unwrap();
        let asked = output(
            Command::new(&python.executable)
                .args(["-c", "import sys; print([sys.argv[1], ['a b', '$c'], 1])"])
                .arg(dir),
        )
        .unwrap();
        assert!(ran.status.success() && ran.stdout == asked.stdout, "{name:?}: {ran:?}");
        assert!(!is_pwned(root.path()));
    }
}
