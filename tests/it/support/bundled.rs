//! The wheels that an interpreter brings along for `ensurepip`: real ones of pip and setuptools, without any network.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::output;
use super::pythons::{self, Interpreter};
use super::wheel::{Package, Wheel};

/// Where the wheels are: the system's own directory if there is one, else the one inside `ensurepip`.
const DIRECTORY: &str = "\
import ensurepip, os, sysconfig
own = os.path.join(os.path.dirname(ensurepip.__file__), '_bundled')
print(sysconfig.get_config_var('WHEEL_PKG_DIR') or own)
";

/// The versions that the interpreter would install.
const VERSIONS: &str = "\
import ensurepip
print('pip', ensurepip.version())
print('setuptools', getattr(ensurepip, '_SETUPTOOLS_VERSION', ''))
";

fn ask(python: &Interpreter, question: &str) -> String {
    let output = output(Command::new(&python.executable).args(["-I", "-c", question])).unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The directory of an interpreter's wheels.
pub fn directory(python: &Interpreter) -> PathBuf {
    PathBuf::from(ask(python, DIRECTORY).trim())
}

/// The version of `pip` or `setuptools` that comes with an interpreter, where it comes with it.
pub fn version(python: &Interpreter, name: &str) -> Option<String> {
    let told = ask(python, VERSIONS);
    let mut found = told.lines().filter_map(|line| line.split_once(' ')).filter(|(known, _)| *known == name);
    found.next().map(|(_, version)| version.to_owned()).filter(|version| !version.is_empty())
}

/// A wheel as an index has it.
pub fn package(wheel: &Path) -> Package {
    let filename = wheel.file_name().unwrap().to_str().unwrap();
    let mut parts = filename.trim_end_matches(".whl").splitn(3, '-');
    let (name, version, tag) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    Wheel::new(name, version).tag(tag).package(fs::read(wheel).unwrap())
}

/// All of pip and setuptools that this machine's interpreters bring along, each version once.
pub fn packages() -> Vec<Package> {
    let dirs = pythons::for_environments().into_iter().map(directory);
    let mut wheels: Vec<PathBuf> = dirs.flat_map(|dir| wheels(&dir)).collect();
    wheels.sort_by(|left, right| left.file_name().cmp(&right.file_name()));
    wheels.dedup_by(|left, right| left.file_name() == right.file_name());
    wheels.iter().map(|wheel| package(wheel)).collect()
}

/// The wheels in a directory.
pub fn wheels(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|it| it == "whl")).collect()
}
