//! Credentials for the index work wherever they come from, and show up nowhere.

use std::fs;
use std::path::Path;

use snapbox::str;

use crate::support::encoding::base64;
use crate::support::hello::hello_python;
use crate::support::index::Index;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::trace::Trace;
use crate::support::wheel::Wheel;
use crate::support::write;

mod echoed;
mod forms;
mod groups;
mod keyring;
mod masked;
mod shown;
mod typed;

/// `prime` fetches uv and uv the rest, or pip fetches everything.
const WAYS: [&str; 2] = ["venv_uv", "venv_pip"];

const USER: &str = "the-user";
const PASSWORD: &str = "hidden-w@rd";

/// The password as it may be written: plain, in a URL, in a header, and the header's form of the password alone.
fn forms() -> [String; 4] {
    let both = base64(format!("{USER}:{PASSWORD}").as_bytes());
    [PASSWORD.to_owned(), PASSWORD.replace('@', "%40"), both, base64(PASSWORD.as_bytes())]
}

fn shows(text: &str) -> bool {
    forms().iter().any(|form| text.contains(form.as_str()))
}

/// How the credentials are given.
type Set = fn(Sandbox, &Index) -> Sandbox;

const PLACES: [(&str, Set); 7] = [
    ("PIP_INDEX_URL", |sandbox, index| sandbox.env("PIP_INDEX_URL", index.url_with(USER, PASSWORD))),
    ("pip.conf", |sandbox, index| {
        let content = format!("[global]\nindex-url = {}\n", index.url_with(USER, PASSWORD));
        write(&sandbox.home().join(".config/pip/pip.conf"), content.as_bytes(), 0o600);
        sandbox.env_remove("PIP_CONFIG_FILE")
    }),
    ("netrc", |sandbox, index| netrc(sandbox, ".netrc").env("PIP_INDEX_URL", index.url())),
    ("NETRC", |sandbox, index| {
        let file = sandbox.home().join("own-netrc");
        netrc(sandbox, "own-netrc").env("NETRC", file).env("UV_DEFAULT_INDEX", index.url())
    }),
    ("UV_DEFAULT_INDEX", |sandbox, index| sandbox.env("UV_DEFAULT_INDEX", index.url_with(USER, PASSWORD))),
    ("UV_INDEX_NAME_PASSWORD", |sandbox, index| {
        let sandbox = sandbox.env("UV_DEFAULT_INDEX", format!("our-own={}", index.url()));
        sandbox.env("UV_INDEX_OUR_OWN_USERNAME", USER).env("UV_INDEX_OUR_OWN_PASSWORD", PASSWORD)
    }),
    ("UV_INDEX_NAME_PASSWORD for a file", |sandbox, index| {
        let index = format!("[[index]]\nname = \"our-own\"\nurl = \"{}\"\ndefault = true\n", index.url());
        let sandbox = sandbox.file("uv.toml", index);
        sandbox.env("UV_INDEX_OUR_OWN_USERNAME", USER).env("UV_INDEX_OUR_OWN_PASSWORD", PASSWORD)
    }),
];

fn netrc(sandbox: Sandbox, name: &str) -> Sandbox {
    let content = format!("machine 127.0.0.1 login {USER} password {PASSWORD}\n");
    write(&sandbox.home().join(name), content.as_bytes(), 0o600);
    sandbox
}

/// A repo with a project that is built and one dependency, a python and no uv.
fn repo(driver: &str) -> Option<Sandbox> {
    let python = hello_python()?;
    let sandbox = Sandbox::new().link_python(python).file(".python-version", python.series() + "\n");
    let sandbox = sandbox.project("app", "1", &["left"]);
    Some(sandbox.env("PROTOPRIMER_VENV_DRIVER", driver))
}

/// The files under a directory that hold the password.
fn holding(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            found.extend(holding(&path));
        } else if fs::read(&path).is_ok_and(|content| shows(&String::from_utf8_lossy(&content))) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// The password is in no file of the repo but those that were put there, and no process was given it as an argument.
#[track_caller]
fn assert_hidden(sandbox: &Sandbox, trace: &Trace, what: &str) {
    assert_eq!(holding(&sandbox.repo()), Vec::<String>::new(), "{what}");
    assert_eq!(holding(&sandbox.root().join("tmp")), Vec::<String>::new(), "{what}");
    assert!(trace.calls.len() > 5, "{what}: children are seen");
    let told: Vec<&String> = trace.calls.iter().filter(|call| shows(call)).collect();
    assert!(told.is_empty(), "{what}: {told:#?}");
}

#[test]
fn credentials_work_wherever_they_come_from_and_are_seen_by_nobody() {
    let Some(uv) = real_uv() else { return };
    for (place, set) in PLACES {
        for driver in WAYS {
            let what = format!("{place}, {driver}");
            let Some(sandbox) = repo(driver) else { return };
            let index = Index::start().add(Wheel::new("left", "1.0").file("left.py", "").build()).add(uv_wheel(uv));
            let index = index.credentials(USER, PASSWORD);
            let sandbox = set(sandbox, &index);
            let Some((run, trace)) = sandbox.traced("execve", &["-vvv", "boot"]) else { return };
            assert_eq!(run.code(), 0, "{what}: {}", run.stderr());
            assert_eq!(sandbox.read("constraints.txt"), "left==1.0\n", "{what}");
            assert!(!shows(&(run.stdout() + &run.stderr())), "{what}: {}", run.stderr());
            assert!(run.stderr().contains("run "), "{what}: commands are shown");
            assert_hidden(&sandbox, &trace, &what);
        }
    }
}

#[test]
fn a_failure_does_not_show_them_either() {
    let Some(uv) = real_uv() else { return };
    for driver in WAYS {
        let Some(sandbox) = repo(driver) else { return };
        // Nothing but uv is there, so that both tools fail with what they know about the index.
        let index = Index::start().add(uv_wheel(uv)).credentials(USER, PASSWORD);
        let sandbox = sandbox.env("PIP_INDEX_URL", index.url_with(USER, PASSWORD));
        let Some((run, trace)) = sandbox.traced("execve", &["-vvv", "boot"]) else { return };
        assert_eq!(run.code(), 78, "{driver}: {}", run.stderr());
        assert!(!shows(&(run.stdout() + &run.stderr())), "{driver}: {}", run.stderr());
        assert_hidden(&sandbox, &trace, driver);
    }
}

#[test]
fn a_value_that_cannot_be_used_is_not_shown() {
    let Some(sandbox) = repo("venv_uv") else { return };
    let sandbox = sandbox.env("PIP_INDEX_URL", format!("http://{USER}:{PASSWORD}@host:port/simple"));
    sandbox
        .prime(["boot"])
        .code(78)
        .stderr(str![[r#"
error: the value of `PIP_INDEX_URL` is not usable: its port is not a number
hint: correct or remove `PIP_INDEX_URL`

"#]])
        .run();
    assert_eq!(holding(&sandbox.repo()), Vec::<String>::new());
}

#[test]
fn credentials_in_a_group_s_arguments_are_not_logged() {
    let Some(sandbox) = repo("venv_uv") else { return };
    let sandbox = sandbox.fake_uv("9.8.7").file(
        "prime.toml",
        format!(
            "[[project_descriptors]]\nbuild_root_dir_rel_path = \".\"\ninstall_group = \"g\"\n[[install_specs]]\n\
             [install_specs.g]\nextra_command_args = [\"--extra-index-url\", \"http://{USER}:{PASSWORD}@host/\", \
             \"--index=x=http://{USER}:{PASSWORD}%20@other/\"]\n"
        ),
    );
    let run = sandbox.env("PIP_INDEX_URL", "http://127.0.0.1:9/");
    let output = run.prime(["-vvv", "boot"]).output();
    assert_eq!(output.code(), 0, "{}", output.stderr());
    let journal = run.journal();
    assert!(
        journal.contains("uv pip install") && !journal.contains("host/") && !journal.contains("other/"),
        "{journal}"
    );
    assert!(!shows(&output.stderr()), "{}", output.stderr());
    let holders = holding(&run.repo());
    assert_eq!(holders, [run.repo().join("prime.toml").display().to_string()]);
}
