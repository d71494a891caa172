//! The environment of whoever starts the launcher is the program's, whether it was fetched or there already.

use std::io::{Cursor, Write as _};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::{UTILITIES, VERSION, link_all, write_launcher};
use crate::support::encoding::sha256;
use crate::support::index::Index;
use crate::support::own_wheel::own_wheel;
use crate::support::require_program;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Package;

/// Names that a script may well use for itself.
const NAMES: [&str; 28] = [
    "version", "index", "pins", "file", "link", "self", "cache", "new", "lock", "page", "url", "host", "wheel", "dir",
    "arg", "os", "bin", "found", "digest", "turns", "ca", "pem", "rest", "conf", "target", "line", "said", "code",
];

/// A wheel for this machine with a script for a program, laid out as the project's packaging does it.
fn script_wheel(script: &str) -> Package {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    archive.start_file("prime", options).unwrap();
    archive.write_all(script.as_bytes()).unwrap();
    let content = archive.finish().unwrap().into_inner();
    Package { sha256: sha256(&content), content, ..own_wheel() }
}

/// What `env` says, without what a shell of any kind sets.
fn variables(told: &str) -> Vec<String> {
    let of_shells = ["PWD=", "OLDPWD=", "SHLVL=", "_="];
    let mut lines: Vec<_> = told.lines().map(str::to_owned).collect();
    lines.retain(|line| !of_shells.iter().any(|name| line.starts_with(name)));
    lines.sort();
    lines
}

#[test]
fn no_variable_is_changed_for_the_program() {
    let env = require_program("env").unwrap();
    let answer = format!("[ \"$1\" != --version ] || {{ echo prime {VERSION}; exit; }}");
    let wheel = script_wheel(&format!("#!/bin/sh\n{answer}\nexec {}\n", env.display()));
    let index = Index::start().add(wheel.clone());
    let sandbox = Sandbox::new().file("pyproject.toml", "").index(&index);
    let Some(sandbox) = link_all(sandbox, UTILITIES.iter().chain(&["sh", "curl", "sha256sum"])) else { return };
    write_launcher(&sandbox, &[&wheel]);
    let sandbox = NAMES.iter().fold(sandbox, |sandbox, name| sandbox.env(name, "mine"));
    let launcher = sandbox.repo().join("prime");
    let mut expected = variables(&sandbox.command(&env).output().stdout());
    expected.push(format!("PROTOPRIMER_PROTO_CODE={}", launcher.display()));
    expected.sort();
    for is_cached in [false, true] {
        let run = sandbox.command(&launcher).output();
        assert_eq!((run.code(), run.stderr().is_empty()), (0, is_cached), "{}", run.stderr());
        assert_eq!(variables(&run.stdout()), expected);
    }
}
