//! Environments and the files of the later leaps, where something is wrong: each has its message, and nothing is touched.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::support::sandbox::Sandbox;

const CLIENT: &str = "local_conf_symlink_rel_path = \"lconf\"\ndefault_env_dir_rel_path = \"dst/one\"\n";

/// A repository with two environments, nothing wrong with it, and no python at all.
fn repo() -> Sandbox {
    let sandbox = Sandbox::new().file("prime.toml", "global_conf_dir_rel_path = \"gconf\"\n");
    let sandbox =
        sandbox.file("gconf/prime.toml", CLIENT).file("dst/one/prime.toml", "").file("dst/two/prime.toml", "");
    sandbox.project("app", "1", &[]).file(".python-version", "3.12\n")
}

/// Everything in the repository: files with their content, links with their target.
fn everything(sandbox: &Sandbox) -> BTreeMap<PathBuf, String> {
    fn note(dir: &Path, found: &mut BTreeMap<PathBuf, String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let what = if path.is_symlink() {
                format!("link to {}", fs::read_link(&path).unwrap().display())
            } else if path.is_dir() {
                note(&path, found);
                "directory".to_owned()
            } else {
                String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()
            };
            found.insert(path, what);
        }
    }
    let mut found = BTreeMap::new();
    note(&sandbox.repo(), &mut found);
    found
}

/// Boots, which must fail so and touch nothing.
#[track_caller]
fn refuses(sandbox: &Sandbox, args: &[&str], code: i32, message: &str) {
    let before = everything(sandbox);
    sandbox.prime(args.iter().copied()).code(code).stderr(format!("error: {message}\n")).run();
    assert_eq!(everything(sandbox), before);
}

#[test]
fn a_link_that_leads_to_no_environment_is_told_and_left() {
    for (target, fact) in [
        ("dst/no", "does not exist"),
        ("/no/such/place", "does not exist"),
        ("lconf", "does not exist"),
        ("gconf/prime.toml", "is not a directory"),
        ("../home", "is outside of the repository"),
    ] {
        let sandbox = repo();
        symlink(target, sandbox.repo().join("lconf")).unwrap();
        let message = format!(
            "`lconf` is a link to `{target}`, which {fact}\nhint: select an environment with `--env DIR`, which sets the link anew"
        );
        refuses(&sandbox, &["boot"], 78, &message);
        refuses(&sandbox, &["--no-link"], 78, &message);
    }
}

#[test]
fn what_stands_in_the_place_of_the_link_is_told_and_left() {
    for (what, name) in [("a file", "lconf"), ("a directory", "lconf/kept")] {
        let sandbox = repo().file(name, "mine\n");
        let message = format!(
            "`lconf` is {what}, expected a link to the selected environment\n\
             hint: move it away and start again, or choose another `local_conf_symlink_rel_path`"
        );
        refuses(&sandbox, &["boot"], 78, &message);
        refuses(&sandbox, &["--env", "dst/two"], 78, &message);
    }
}

#[test]
fn an_environment_that_is_none_is_a_usage_error() {
    let sandbox = repo().file("file", "").file("../home/env/prime.toml", "");
    let outside = sandbox.home().join("env").display().to_string();
    let missing = "does not exist\nhint: make the directory, or name another one: it is looked for in the repository, \
                   then in the current directory";
    let not_inside = "is outside of the repository\nhint: name a directory in the repository";
    for (env, fact) in [
        ("dst/no", missing),
        ("file", "is not a directory\nhint: name the directory of an environment"),
        ("..", not_inside),
        ("../home/env", not_inside),
        ("/", not_inside),
        (&outside, not_inside),
    ] {
        let shown = sandbox.redact(env);
        refuses(&sandbox, &["--env", env], 2, &format!("the environment `{shown}` {fact}"));
        refuses(
            &sandbox,
            &["run", "-e", env, "--no-link", "--", "true"],
            2,
            &format!("the environment `{shown}` {fact}"),
        );
    }
    let run = sandbox.prime(["--env"]).output();
    assert_eq!(run.code(), 2);
    assert!(
        run.stderr().starts_with("error: a value is required for '--env <DIR>' but none was supplied\n"),
        "{}",
        run.stderr()
    );
    let empty = sandbox.prime(["--env", ""]).output();
    assert_eq!(empty.code(), 2, "{}", empty.stderr());
}

/// What is wrong with a file in JSON, and how that is told behind the file's name.
const BROKEN: [(&[u8], &str); 12] = [
    (
        b"{\n  \"venv_driver\": \"venv_uv\",\n  \"venv_driver\": \"venv_pip\"\n}",
        " line 3, column 3 is not JSON: the key `venv_driver` is already given in line 2",
    ),
    (
        b"\xEF\xBB\xBF{}",
        " line 1, column 1 is a byte order mark, expected plain UTF-8\nhint: save it as UTF-8 without a byte order mark",
    ),
    (
        b"\xFF\xFE{\0}\0",
        " line 1, column 1 is the start of UTF-16, expected UTF-8\nhint: save it as UTF-8 without a byte order mark",
    ),
    (
        b"\xFE\xFF\0{\0}",
        " line 1, column 1 is the start of UTF-16, expected UTF-8\nhint: save it as UTF-8 without a byte order mark",
    ),
    (
        b"{\"__comment__\": \"gr\xFC\xDFe\"}",
        " line 1, column 20 is not UTF-8\nhint: save it as UTF-8 without a byte order mark",
    ),
    (b"{\0\"\0a\0", " line 1, column 2 is not JSON: expected a key in double quotes, found `\\0`"),
    (b"{\"project_descriptors\": NaN}", " line 1, column 25 is not JSON: `NaN` is not a value"),
    (b"{\"install_specs\": [Infinity]}", " line 1, column 20 is not JSON: `Infinity` is not a value"),
    (b"", " line 1, column 1 is not JSON: expected a value, found the end of the file"),
    (b"{} // done", " line 1, column 4 is not JSON: expected the end of the file, found `/`"),
    (b"{\"venv_driver\": 'venv_uv'}", " line 1, column 17 is not JSON: expected a value, found `'`"),
    (b"{\"venv_driver\": \"venv_uv\",}", " line 1, column 27 is not JSON: expected a key in double quotes, found `}`"),
];

#[test]
fn a_later_file_that_cannot_be_read_is_told_with_its_position() {
    for name in ["gconf/prime.json", "dst/one/prime.json"] {
        let sandbox = repo();
        fs::remove_file(sandbox.repo().join(name).with_extension("toml")).unwrap();
        let sandbox = match name {
            "gconf/prime.json" => sandbox,
            _ => sandbox.file("gconf/prime.toml", CLIENT),
        };
        let sandbox = BROKEN.iter().fold(sandbox, |sandbox, (content, expected)| {
            let sandbox = sandbox.file(name, content);
            refuses(&sandbox, &["boot"], 78, &format!("`{name}`{expected}"));
            sandbox
        });
        let sandbox = sandbox.file(name, "[]");
        let expected = format!("the configuration in `{name}` line 1 is an array, expected an object");
        refuses(&sandbox, &["boot"], 78, &expected);
        fs::remove_file(sandbox.repo().join(name)).unwrap();
        fs::create_dir(sandbox.repo().join(name)).unwrap();
        refuses(&sandbox, &["boot"], 78, &format!("`{name}` is a directory, expected a file"));
        fs::remove_dir(sandbox.repo().join(name)).unwrap();
        symlink("nowhere", sandbox.repo().join(name)).unwrap();
        refuses(&sandbox, &["boot"], 78, &format!("`{name}` is a link to a file that does not exist"));
    }
}

#[test]
fn toml_that_cannot_be_read_is_told_in_later_files_too() {
    for name in ["gconf/prime.toml", "dst/one/prime.toml"] {
        for (content, expected) in [
            (
                b"venv_driver = 'venv_uv'\nvenv_driver = 'venv_pip'\n".as_slice(),
                " line 2, column 1 is not TOML: duplicate key",
            ),
            (
                b"\xEF\xBB\xBFvenv_driver = 'venv_uv'\n",
                " line 1, column 1 is a byte order mark, expected plain UTF-8\nhint: save it as UTF-8 without a byte order mark",
            ),
            (
                b"\xFF\xFEa\0",
                " line 1, column 1 is the start of UTF-16, expected UTF-8\nhint: save it as UTF-8 without a byte order mark",
            ),
            (b"# gr\xFC\xDFe\n", " line 1, column 5 is not UTF-8\nhint: save it as UTF-8 without a byte order mark"),
        ] {
            refuses(&repo().file(name, content), &["boot"], 78, &format!("`{name}`{expected}"));
        }
    }
}

#[test]
fn a_wrong_field_of_a_later_file_is_told_with_its_line() {
    let list = "is an array, expected a table";
    for (name, content, expected) in [
        ("dst/one/prime.toml", "project_descriptors = [[]]", format!("`project_descriptors[0]` in `dst/one/prime.toml` line 1 {list}")),
        ("gconf/prime.toml", "install_specs = [{ a = [] }]", format!("`install_specs[0].a` in `gconf/prime.toml` line 1 {list}")),
        ("dst/one/prime.toml", "\nvenv_driver = nan", "`venv_driver` in `dst/one/prime.toml` line 2 is a number, expected a string\nhint: write it in quotes: `\"nan\"`".to_owned()),
        ("dst/one/prime.toml", "required_python_version = 3.10", "`required_python_version` in `dst/one/prime.toml` line 1 is a number, expected a string\nhint: write it in quotes: `\"3.10\"`".to_owned()),
        ("dst/one/prime.toml", "default_env_dir_rel_path = 'dst/two'", "`default_env_dir_rel_path` in `dst/one/prime.toml` line 1 is a field of `leap_client`, and this file is `leap_env`\nhint: move it to the file of `leap_client`".to_owned()),
        ("gconf/prime.toml", "ref_root_dir_rel_path = '.'", "`ref_root_dir_rel_path` in `gconf/prime.toml` line 1 is a field of `leap_primer`, and this file is `leap_client`\nhint: move it to the file of `leap_primer`".to_owned()),
        ("dst/one/prime.toml", "venv_drivr = 'venv_uv'", "unknown field `venv_drivr` in `dst/one/prime.toml` line 1\nhint: did you mean `venv_driver`?".to_owned()),
    ] {
        // The client still says which environment is selected.
        let content = if name.starts_with("gconf") { format!("{content}\n{CLIENT}") } else { content.to_owned() };
        refuses(&repo().file(name, content), &["boot"], 78, &expected);
    }
}

/// A client that says something for every field that an environment may have, and an environment that takes it all back.
const SAID: &str = r#"{
    "default_env_dir_rel_path": "dst/one",
    "required_python_version": "3.9",
    "python_selector_file_rel_path": "nowhere.py",
    "local_venv_dir_rel_path": "venv",
    "local_log_dir_rel_path": "log",
    "local_tmp_dir_rel_path": "tmp",
    "local_cache_dir_rel_path": "cache",
    "local_run_dir_rel_path": "run",
    "venv_driver": "venv_pip",
    "version_constraints_file_basename": "pins.txt",
    "project_descriptors": [{ "build_root_dir_rel_path": "nowhere" }],
    "install_specs": [{ "group": {} }]
}"#;

#[test]
fn null_in_the_file_of_the_environment_is_the_default_whatever_the_client_says() {
    let sandbox = repo();
    let said: serde_json::Value = serde_json::from_str(SAID).unwrap();
    let nulls = said.as_object().unwrap().keys().filter(|key| *key != "default_env_dir_rel_path");
    let nulls: serde_json::Value = nulls.map(|key| (key.clone(), serde_json::Value::Null)).collect();
    for name in ["gconf/prime.toml", "dst/one/prime.toml"] {
        fs::remove_file(sandbox.repo().join(name)).unwrap();
    }
    let sandbox = sandbox.file("gconf/prime.json", SAID);
    let derived = |sandbox: &Sandbox| {
        let run = sandbox.prime(["eval", "--json"]).output();
        let text = sandbox.redact(&run.stdout());
        let shown: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        (run.code(), shown["data"]["leap_derived"].clone())
    };
    assert_eq!(derived(&sandbox).0, 78, "there is neither a selector nor a project");
    let without = repo().file("gconf/prime.toml", "default_env_dir_rel_path = 'dst/one'\n");
    let (code, with_nulls) = derived(&sandbox.file("dst/one/prime.json", nulls.to_string()));
    assert_eq!((code, &with_nulls), (0, &derived(&without).1));
    assert_eq!(with_nulls["local_venv_dir_abs_path"], "[REPO]/.venv");
    assert_eq!(with_nulls["required_python_version"], "3.12");
}

#[test]
fn an_invalid_variable_is_told_with_what_is_allowed() {
    let directory = "expected a file name without a directory\nhint: unset it: `unset PROTOPRIMER_CONF_BASENAME`";
    let driver =
        "expected `venv_uv` or `venv_pip`\nhint: set it to one of these, or unset it: `unset PROTOPRIMER_VENV_DRIVER`";
    for (name, value, code, expected) in [
        ("PROTOPRIMER_CONF_BASENAME", "conf/prime", 2, directory),
        ("PROTOPRIMER_CONF_BASENAME", "..", 2, directory),
        ("PROTOPRIMER_CONF_BASENAME", "/", 2, directory),
        ("PROTOPRIMER_VENV_DRIVER", "uv", 78, driver),
        ("PROTOPRIMER_VENV_DRIVER", "VENV_UV", 78, driver),
        ("PROTOPRIMER_VENV_DRIVER", "venv_uv ", 78, driver),
    ] {
        let sandbox = repo().env(name, value);
        refuses(&sandbox, &["boot"], code, &format!("the variable `{name}` is `{value}`, {expected}"));
    }
}

#[test]
fn a_variable_that_is_no_text_is_told_as_well() {
    let sandbox = repo().fake_python("python3.12", "3.12.1").env("PROTOPRIMER_VENV_DRIVER", "venv_pip");
    let value = OsStr::from_bytes(b"a\xFF");
    for (name, code, expected) in [
        ("PROTOPRIMER_CONF_BASENAME", 2, "error: the variable `PROTOPRIMER_CONF_BASENAME` is `a\u{fffd}`, "),
        ("PROTOPRIMER_VENV_DRIVER", 78, "error: the variable `PROTOPRIMER_VENV_DRIVER` is `a\u{fffd}`, "),
        (
            "PROTOPRIMER_START_ID",
            2,
            "error: `PROTOPRIMER_START_ID` is `a\u{fffd}`, which cannot be part of a file's name",
        ),
        (
            "PROTOPRIMER_STDERR_LOG_LEVEL",
            0,
            "warning: `PROTOPRIMER_STDERR_LOG_LEVEL` is `a\u{fffd}`, which is none of `NOTSET`, ",
        ),
    ] {
        let run = sandbox.prime(["boot"]).env(name, value).output();
        assert_eq!(run.code(), code, "{}", run.stderr());
        assert!(run.stderr().starts_with(expected), "{}", run.stderr());
        assert_eq!(run.stderr().matches(expected).count(), 1, "{}", run.stderr());
    }
}
