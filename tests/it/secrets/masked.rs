//! What a step of a CI has masked, beside what its settings say at once.

use std::fs;

use crate::support::sandbox::Sandbox;

/// A repo whose python has a `pip.conf` of its own, and settings of uv for a person who has the password elsewhere.
fn repo() -> Sandbox {
    let sandbox = Sandbox::new().fake_python("python3.12", "3.12.1").fake_uv("9.8.7").file(".python-version", "3.12\n");
    let sandbox = sandbox.project("app", "1", &[]).env("GITHUB_ACTIONS", "true").env("CI", "true");
    fs::write(sandbox.root().join("pip.conf"), "[global]\nextra-index-url = https://me:of-the-prefix@host/\n").unwrap();
    let sandbox = sandbox.env_remove("PIP_CONFIG_FILE").env("UV_DEFAULT_INDEX", "http://person@127.0.0.1:9/");
    ["GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"].into_iter().fold(sandbox, |sandbox, name| {
        let file = sandbox.root().join(name);
        fs::write(&file, "").unwrap();
        sandbox.env(name, file)
    })
}

#[track_caller]
fn masked(sandbox: &Sandbox) -> Vec<String> {
    let run = sandbox.prime(["ci"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let said = run.stderr();
    let (masks, rest): (Vec<&str>, Vec<&str>) = said.lines().partition(|line| line.starts_with("::add-mask::"));
    assert!(rest.iter().all(|line| !line.contains("of-the-prefix")), "{said}");
    masks.into_iter().map(|line| line.replace("::add-mask::", "")).collect()
}

#[test]
fn what_the_python_s_own_settings_have_is_masked_once_it_is_selected_and_from_then_on() {
    let sandbox = repo().env("UV_KEYRING_PROVIDER", "subprocess");
    assert_eq!(masked(&sandbox), ["of-the-prefix"]);
    assert_eq!(masked(&sandbox), ["of-the-prefix"], "where the environment is ready");
}

#[test]
fn a_user_alone_is_a_token_where_nobody_has_the_password() {
    assert_eq!(masked(&repo()), ["person", "of-the-prefix"]);
    let sandbox = repo();
    fs::write(sandbox.home().join(".netrc"), "machine 127.0.0.1 login person password of-netrc\n").unwrap();
    assert_eq!(masked(&sandbox), ["of-netrc", "of-the-prefix"]);
    assert_eq!(masked(&repo().env("UV_INDEX_OTHER_USERNAME", "token")), ["person", "token", "of-the-prefix"]);
}
