//! What uv and pip are told of versions decides what is installed, so it decides the key; where they ask, and how, does not.

use std::fs;

use crate::support::pair::Pair;
use crate::support::sandbox::Sandbox;
use crate::support::write;

fn repo() -> Sandbox {
    let pyproject = "[project]\nname = 'app'\nversion = '1'\ndependencies = ['left']\n";
    Sandbox::new()
        .fake_python("python3.12", "3.12.1")
        .file(".python-version", "3.12\n")
        .file("pyproject.toml", pyproject)
}

#[track_caller]
fn key(sandbox: &Sandbox, vars: &[(&str, &str)]) -> String {
    let run = sandbox.prime(["cache", "key"]);
    let run = vars.iter().fold(run, |run, (name, value)| run.env(name, value)).output();
    assert_eq!((run.code(), run.stderr().as_str()), (0, ""));
    run.stdout()
}

const DRIVER: &str = "PROTOPRIMER_VENV_DRIVER";

#[test]
fn a_variable_that_decides_a_resolution_changes_it_for_the_tool_that_reads_it() {
    let sandbox = repo().file("build.txt", "tinybackend==1\n");
    let build = sandbox.repo().join("build.txt").display().to_string();
    for (driver, name, value) in [
        ("venv_uv", "UV_RESOLUTION", "lowest"),
        ("venv_uv", "UV_PRERELEASE", "allow"),
        ("venv_uv", "UV_EXCLUDE_NEWER", "2024-01-01"),
        ("venv_uv", "UV_INDEX_STRATEGY", "unsafe-best-match"),
        ("venv_uv", "UV_NO_BINARY_PACKAGE", "left"),
        ("venv_uv", "UV_BUILD_CONSTRAINT", &build),
        ("venv_pip", "PIP_PRE", "1"),
        ("venv_pip", "PIP_NO_BINARY", "left"),
        ("venv_pip", "PIP_BUILD_CONSTRAINT", &build),
    ] {
        let other = if driver == "venv_uv" { "venv_pip" } else { "venv_uv" };
        assert_ne!(key(&sandbox, &[(DRIVER, driver), (name, value)]), key(&sandbox, &[(DRIVER, driver)]), "{name}");
        assert_eq!(key(&sandbox, &[(DRIVER, other), (name, value)]), key(&sandbox, &[(DRIVER, other)]), "{name}");
        assert_ne!(key(&sandbox, &[(name, value)]), key(&sandbox, &[]), "{name}, where either may be used");
    }
    for name in ["UV_BUILD_CONSTRAINT", "PIP_BUILD_CONSTRAINT"] {
        let before = key(&sandbox, &[(name, &build)]);
        write(build.as_ref(), name.as_bytes(), 0o644);
        assert_ne!(key(&sandbox, &[(name, &build)]), before, "{name}: what is in the file");
    }
    for (name, value) in [
        ("UV_CACHE_DIR", "/x"),
        ("UV_CONSTRAINT", "/x"),
        ("UV_DEFAULT_INDEX", "https://me:pw@host/"),
        ("UV_HTTP_TIMEOUT", "9"),
        ("PIP_TIMEOUT", "9"),
        ("PIP_CONSTRAINT", "/x"),
        ("PIP_EXTRA_INDEX_URL", "https://me:pw@host/"),
    ] {
        assert_eq!(key(&sandbox, &[(name, value)]), key(&sandbox, &[]), "{name}");
    }
}

#[test]
fn files_of_uv_and_pip_count_by_what_they_say_of_it() {
    let sandbox = repo();
    let conf = sandbox.root().join("pip.conf");
    let conf_text = conf.display().to_string();
    let user = sandbox.home().join(".config/uv/uv.toml");
    let uv = sandbox.repo().join("uv.toml");
    let pyproject = sandbox.repo().join("pyproject.toml");
    let project = fs::read_to_string(&pyproject).unwrap();
    let now = || key(&sandbox, &[("PIP_CONFIG_FILE", &conf_text)]);
    let nothing = now();
    for (file, deciding, same, beside) in [
        (&uv, "resolution = 'lowest'\n", "# x\n\"resolution\"='lowest'\n", "index-url = 'https://me:pw@host/'\n"),
        (&uv, "[pip]\npre = 1\n", "[pip]\npre=1 # x\n", "[pip]\nindex-url = 'https://me:pw@host/'\n"),
        (&user, "prerelease = 'allow'\n", "prerelease = \"allow\"\n", "offline = false\n"),
        (&conf, "[install]\npre = 1\n", "# x\n[global]\npre: 1\n", "[global]\nindex-url = https://me:pw@host/\n"),
        (
            &pyproject,
            "[tool.uv]\nresolution = 'lowest'\n",
            "[tool.uv] # x\n\n\"resolution\"='lowest'\n",
            "[tool.ruff]\nx = 1\n",
        ),
    ] {
        let set = |text: &str| {
            let before = if file == &pyproject { project.as_str() } else { "" };
            write(file, (before.to_owned() + text).as_bytes(), 0o644);
            now()
        };
        let decided = set(deciding);
        assert_ne!(decided, nothing, "{deciding}");
        assert_eq!(set(same), decided, "{same}");
        assert_eq!(set(beside), nothing, "{beside}");
        set("");
        if file != &pyproject {
            fs::remove_file(file).unwrap();
        }
        assert_eq!(now(), nothing, "{deciding}");
    }
    // A workspace above the repository.
    write(&sandbox.root().join("pyproject.toml"), b"[tool.uv]\nresolution = 'lowest'\n", 0o644);
    assert_ne!(now(), nothing);
}

#[test]
fn what_decides_nothing_is_no_reason_to_install_anew() {
    for driver in ["venv_uv", "venv_pip"] {
        let Some(pair) = Pair::booted(driver) else { return };
        let before = key(&pair.sandbox, &[]);
        let text = fs::read_to_string(pair.path("one/pyproject.toml")).unwrap();
        pair.write("one/pyproject.toml", &format!("# ours\n{text}\n[tool.ruff]\nline-length = 100\n"));
        assert_eq!((key(&pair.sandbox, &[]), pair.boot().stderr()), (before.clone(), String::new()), "{driver}");
        assert_eq!(pair.built(), [""; 0], "{driver}");
        pair.write("one/pyproject.toml", &format!("{text}\n[tool.changed]\n"));
        assert_ne!(key(&pair.sandbox, &[]), before, "{driver}");
        pair.boot();
        assert_eq!(pair.built(), ["one"], "{driver}");
    }
}
