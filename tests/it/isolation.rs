//! Started in the middle of something else (an active environment, variables that redirect), `prime` does the usual thing
//! and says nothing about it.

use std::fs;
use std::path::PathBuf;

use crate::support::pair::Pair;
use crate::support::write;

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];

/// What any of the tools involved would obey, for the worse.
const REDIRECTING: [(&str, &str); 26] = [
    ("PYTHONHOME", "/nonexistent"),
    ("PYTHONWARNINGS", "error"),
    ("PYTHONSTARTUP", "/nonexistent/startup.py"),
    ("CONDA_PREFIX", "/nonexistent/conda"),
    ("CONDA_DEFAULT_ENV", "base"),
    ("CONDA_SHLVL", "1"),
    ("GIT_DIR", "/nonexistent/git"),
    ("GIT_WORK_TREE", "/nonexistent"),
    ("GIT_INDEX_FILE", "/nonexistent/index"),
    ("PIP_TARGET", "/nonexistent/target"),
    ("PIP_PREFIX", "/nonexistent/prefix"),
    ("PIP_USER", "1"),
    ("PIP_REQUIRE_VIRTUALENV", "1"),
    ("PIP_CONSTRAINT", "/nonexistent/constraints.txt"),
    ("PIP_REQUIREMENT", "/nonexistent/requirements.txt"),
    ("PIP_DRY_RUN", "1"),
    ("PIP_PYTHON", "/nonexistent/python"),
    ("PIP_EDITABLE", "/nonexistent/project"),
    ("UV_SYSTEM_PYTHON", "1"),
    ("UV_PYTHON", "2.7"),
    ("UV_PROJECT_ENVIRONMENT", "/nonexistent/environment"),
    ("UV_PROJECT", "/nonexistent/project"),
    ("UV_WORKING_DIR", "/nonexistent"),
    ("UV_CONSTRAINT", "/nonexistent/constraints.txt"),
    ("UV_VENV_CLEAR", "0"),
    ("UV_MANAGED_PYTHON", "1"),
];

/// The variables of a shell in which a foreign environment is active; its programs all fail, and so do the modules that
/// `PYTHONPATH` puts before everybody's.
fn hostile(pair: Pair, driver: &str) -> (Pair, PathBuf) {
    let root = pair.sandbox.root().to_owned();
    let (foreign, modules) = (root.join("foreign"), root.join("modules"));
    write(&foreign.join("pyvenv.cfg"), b"home = /nonexistent\nversion = 3.99.0\n", 0o644);
    for name in ["python", "python3", &pair.python.basename(), "pip"] {
        let script =
            format!("#!/bin/sh\necho '{name} of the foreign environment' >>'{}/used'\nexit 1\n", root.display());
        write(&foreign.join("bin").join(name), script.as_bytes(), 0o755);
    }
    for name in ["json.py", "sitecustomize.py", "usercustomize.py", "pip.py", "venv.py"] {
        let code = format!(
            "open({:?}, 'a').write('{name}\\n')\nraise SystemExit(3)\n",
            root.join("used").display().to_string()
        );
        write(&modules.join(name), code.as_bytes(), 0o644);
    }
    let path = format!("{}:{}", foreign.join("bin").display(), pair.sandbox.bin().display());
    let pair = REDIRECTING.into_iter().fold(pair, |pair, (name, value)| pair.env(name, value));
    let pair = pair.env("PATH", &path).env("VIRTUAL_ENV", foreign.to_str().unwrap());
    let pair = pair.env("VIRTUAL_ENV_PROMPT", "foreign").env("PYTHONPATH", modules.to_str().unwrap());
    (pair.env("PROTOPRIMER_VENV_DRIVER", driver), foreign)
}

const USUAL: [(&str, &str); 2] = [("venv_uv", "uv"), ("venv_pip", "pip")];

#[track_caller]
fn assert_usual(pair: &Pair, said: &str, tool: &str) {
    let expected = format!(
        "create   .venv (python [X.Y.Z], {tool})  [TIME]\n\
         install  one (editable), two (editable)  [TIME]\n\
         pin      constraints.txt (2 versions)  [TIME]\n"
    );
    assert_eq!(said, expected);
    assert_eq!(pair.installed(), ["left-2.0", "one-1.0", "right-2.0", "two-1.0"]);
}

#[test]
fn a_foreign_environment_and_redirecting_variables_change_nothing() {
    for (driver, tool) in USUAL {
        let Some(pair) = Pair::new() else { return };
        let (pair, foreign) = hostile(pair, driver);
        let said = pair.said();
        let used = fs::read_to_string(pair.sandbox.root().join("used")).unwrap_or_default();
        assert_eq!(used, "", "{driver}: {said}");
        assert_usual(&pair, &said, tool);
        pair.sandbox.prime(["boot"]).run();
        let code = "import json, left, os, sys\nprint(sys.prefix, os.environ['VIRTUAL_ENV'])\n\
                    print(os.environ['PATH'])\nprint(sorted(name for name in os.environ if name.startswith('PYTHON')))";
        let expected = "[REPO]/.venv [REPO]/.venv\n[REPO]/.venv/bin:[BIN]\n['PYTHONSTARTUP', 'PYTHONWARNINGS']\n";
        pair.sandbox.prime(["run", "--", "python", "-c", code]).stdout(expected).run();
        assert!(foreign.join("bin/pip").exists());
    }
}

#[test]
fn modules_of_the_repository_do_not_stand_before_those_of_the_tools() {
    for (driver, tool) in USUAL {
        let Some(pair) = Pair::new().map(|it| it.env("PROTOPRIMER_VENV_DRIVER", driver)) else { return };
        for name in ["json", "logging", "pip", "venv", "tempfile"] {
            pair.write(&format!("{name}.py"), "raise SystemExit(3)\n");
        }
        assert_usual(&pair, &pair.said(), tool);
    }
}

#[test]
fn pip_configured_for_the_users_own_packages_installs_into_the_environment() {
    for (driver, tool) in USUAL {
        let Some(pair) = Pair::new().map(|it| it.env("PROTOPRIMER_VENV_DRIVER", driver)) else { return };
        write(
            &pair.sandbox.home().join(".config/pip/pip.conf"),
            b"[global]\nrequire-virtualenv = true\n[install]\nuser = true\n",
            0o644,
        );
        let pair = Pair { sandbox: pair.sandbox.env_remove("PIP_CONFIG_FILE"), ..pair };
        assert_usual(&pair, &pair.said(), tool);
    }
}

#[test]
fn the_foreign_environment_may_be_an_older_one_of_ours() {
    let (Some(outer), Some(pair)) = (Pair::booted("venv_uv"), Pair::new()) else { return };
    let venv = outer.path(".venv");
    let path = format!("{}:{}", venv.join("bin").display(), pair.sandbox.bin().display());
    let pair = pair.env("VIRTUAL_ENV", venv.to_str().unwrap()).env("PATH", &path);
    assert_usual(&pair, &pair.said(), "uv");
    let code = "import os; print(os.environ['VIRTUAL_ENV'], os.environ['PATH'])";
    let expected = "[REPO]/.venv [REPO]/.venv/bin:[BIN]\n";
    pair.sandbox.prime(["run", "--", "python", "-c", code]).stdout(expected).run();
}

#[test]
fn neither_a_home_nor_a_locale_is_needed() {
    for (driver, tool) in USUAL {
        let Some(pair) = Pair::new() else { return };
        let pair = pair.env("PROTOPRIMER_VENV_DRIVER", driver).env("LC_ALL", "POSIX");
        let sandbox = pair.sandbox.env_remove("HOME").env_remove("XDG_CACHE_HOME");
        let pair = Pair { sandbox, ..pair };
        assert_usual(&pair, &pair.said(), tool);
        let code = "print('gr\u{fc}\u{df}e')";
        let run = pair.sandbox.prime(["run", "--", "python", "-X", "utf8", "-c", code]).stdout("gr\u{fc}\u{df}e\n");
        run.run();
    }
}

#[test]
fn a_repository_in_an_awkward_place_boots_all_the_same() {
    for driver in DRIVERS {
        let Some(pair) = Pair::new() else { return };
        let pair = pair.env("PROTOPRIMER_VENV_DRIVER", driver);
        let awkward = pair.sandbox.root().join("gr\u{fc}\u{df}e & 'co' %41 #1");
        fs::rename(pair.sandbox.repo(), &awkward).unwrap();
        let dir = awkward.to_str().unwrap();
        let run = pair.sandbox.prime(["run", "--", "python", "-c", "import one, left; print(one.version)"]);
        let run = run.current_dir(dir).output();
        assert_eq!((run.code(), run.stdout().as_str()), (0, "1\n"), "{driver}: {}", run.stderr());
        pair.sandbox.prime(["boot"]).current_dir(dir).run();
    }
}
