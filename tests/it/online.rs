//! With this machine's real index, uv and pip: the only tests that need a network.

use std::fs::{create_dir_all, metadata};
use std::io::{Error, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use prime::fetch::default_index::{PipPlace, default_index};
use prime::fetch::http::Client;
use prime::fetch::index::{Lookup, lookup};
use prime::fetch::wheel::download;
use prime::fetch::{IndexSettings, Places};
use prime::host::Host;
use prime::python::{SearchOptions, probe_path};

use crate::support::artifact::artifact;
use crate::support::hello::{GREETING, hello, hello_python};
use crate::support::pythons::{Interpreter, newest};
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::{machine, output, skip};

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];

/// A third-party package: pure Python, seventeen dependencies, a source distribution of several megabytes.
const PACKAGE: &str = "sphinx";
const VERSION: &str = "8.2.3";

#[test]
fn the_example_boots_from_the_real_index_that_pip_knows() {
    let (Some(uv), Some(python)) = (real_uv(), hello_python()) else { return };
    if machine::default_index(&python.executable).is_none() {
        return;
    }
    for driver in DRIVERS {
        let sandbox = hello(python).online().link_uv(uv).env("PROTOPRIMER_VENV_DRIVER", driver);
        let run = sandbox.prime(["run", "--", "hello"]).output();
        assert_eq!((run.code(), run.stdout().as_str()), (0, GREETING), "{driver}: {}", run.stderr());
        let pins = sandbox.read("constraints.txt");
        assert!(pins.contains("humanize==") && pins.contains("wcwidth=="), "{driver}: {pins}");
    }
}

#[test]
fn the_real_wheel_of_uv_is_fetched_natively() {
    let Some(python) = hello_python() else { return };
    let Some(index) = machine::default_index(&python.executable) else { return };
    for named in [Some(index), None] {
        let sandbox = hello(python).online();
        let sandbox = named.iter().fold(sandbox, |sandbox, index| sandbox.env("PRIME_INDEX_URL", index));
        let run = sandbox.prime(["run", "--", "hello"]).output();
        assert_eq!((run.code(), run.stdout().as_str()), (0, GREETING), "{named:?}: {}", run.stderr());
        assert!(run.stderr().starts_with("obtain   uv "), "{}", run.stderr());
    }
}

#[test]
fn a_repository_of_somebody_else_boots_without_configuration() {
    let (Some(uv), Some(python)) = (real_uv(), newest()) else { return };
    if machine::default_index(&python.executable).is_none() {
        return;
    }
    let source = match artifact(&format!("{PACKAGE}-{VERSION}"), |dir| unpacked(python, dir)) {
        Ok(source) => source,
        Err(error) => {
            skip::<()>(&format!("no {PACKAGE} {VERSION}: {error}"));
            return;
        }
    };
    for driver in DRIVERS {
        let sandbox = Sandbox::new().copy_of(&source).online().link_python(python).link_uv(uv);
        let sandbox = sandbox.env("PROTOPRIMER_VENV_DRIVER", driver);
        let run = sandbox.prime(["boot"]).output();
        assert_eq!((run.code(), run.stdout().as_str()), (0, ""), "{driver}: {}", run.stderr());
        let code = format!("import {PACKAGE}; print({PACKAGE}.__version__, {PACKAGE}.__file__)");
        let file = sandbox.repo().join(PACKAGE).join("__init__.py");
        let run = sandbox.prime(["run", "--", "python", "-P", "-c", &code]).output();
        assert_eq!(run.stdout(), format!("{VERSION} {}\n", file.display()), "{driver}: {}", run.stderr());
        let pins = sandbox.read("constraints.txt").lines().count();
        assert!(pins > 10, "{driver}: {pins} pins");
    }
}

/// Fetches the source distribution with the product's own client and unpacks it into `dir`.
fn unpacked(python: &Interpreter, dir: &Path) -> Result<(), Error> {
    let host = Host::capture().map_err(Error::other)?;
    let archive = source_distribution(&host, python).map_err(Error::other)?;
    create_dir_all(dir)?;
    let tar = ["-xzf", &archive.display().to_string(), "--strip-components=1", "-C", &dir.display().to_string()];
    let output = output(Command::new("tar").args(tar))?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn source_distribution(host: &Host, python: &Interpreter) -> prime::error::Result<PathBuf> {
    let python = probe_path(host, &python.executable, &SearchOptions::default()).map_err(anyhow::Error::msg)?;
    let place = PipPlace { site_packages: python.purelib, stdlib: python.stdlib, wheel_dir: python.wheel_pkg_dir };
    let policy = IndexSettings::load(host, &Places::new(None))?.policy(|| default_index(&[place]))?;
    let client = Client::new(policy.http.clone());
    let Lookup::Files(files) = lookup(&client, &policy, PACKAGE)? else { anyhow::bail!("no page for {PACKAGE}") };
    let name = format!("{PACKAGE}-{VERSION}.tar.gz");
    let file = files.iter().find(|file| file.name == name).ok_or_else(|| anyhow::anyhow!("no {name}"))?;
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("downloads");
    let mut content = Vec::new();
    download(&client, file, &target, &mut |_| {})?.found()?.read_to_end(&mut content)?;
    let path = target.join(name);
    std::fs::write(&path, &content)?;
    assert!(metadata(&path)?.len() > 3_000_000, "several megabytes");
    Ok(path)
}
