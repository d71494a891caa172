use super::*;

/// A `keyring` that is this shell script, on a `PATH` that has a shell's programs too.
fn keyring(dir: &Path, script: &str, seconds: &str) -> Rc<Keyring> {
    fs::write_program(&dir.join(NAME), format!("#!/bin/sh\n{script}\n").as_bytes()).unwrap();
    let path = format!("{}:/usr/bin:/bin", dir.display());
    let vars = [("PATH", path.as_str()), (names::PRIME_KEYRING_TIMEOUT, seconds)];
    let vars = vars.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    Keyring::find(&Host { vars, ..Host::default() }).unwrap().unwrap()
}

fn login(script: &str, user: Option<&str>) -> Result<String, String> {
    let dir = tempfile::tempdir().unwrap();
    let url = Url::parse("https://host:8443/simple/").unwrap();
    let found = keyring(dir.path(), script, "20").login(&url, user);
    found.map(|login| format!("{}|{}", login.user, login.password))
}

#[test]
fn it_is_asked_for_the_url_and_then_for_the_host() {
    let by_url = r#"[ "$1 $2 $3" = "get https://host:8443/simple/ me" ] && echo "p w""#;
    assert_eq!(login(by_url, Some("me")).as_deref(), Ok("me|p w"));
    let by_host = r#"[ "$*" = "get host:8443 me" ] && echo secret"#;
    assert_eq!(login(by_host, Some("me")).as_deref(), Ok("me|secret"));
    let with_user = r#"[ "$*" = "get host:8443 --mode creds" ] && printf 'someone\nsecret\n'"#;
    assert_eq!(login(with_user, None).as_deref(), Ok("someone|secret"));
    assert_eq!(login(with_user, Some("me")), Err("`keyring` has none".to_owned()));
}

#[test]
fn what_is_no_answer_counts_as_none() {
    let odd = "`keyring` answers with what is no credentials".to_owned();
    for script in [
        "exit 0",
        "echo",
        "printf 'a\\nb\\nc\\n'",
        "printf 'a\\033[1mb\\n'",
        "printf '\\377\\376\\n'",
        "head -c 3000000 /dev/zero",
        "cat",
    ] {
        assert_eq!(login(script, Some("me")), Err(odd.clone()), "{script}");
    }
    assert_eq!(login("echo secret", None), Err(odd));
    for script in ["echo secret; exit 1", "echo secret >&2; exit 2", "kill -9 $$"] {
        assert_eq!(login(script, Some("me")), Err("`keyring` has none".to_owned()), "{script}");
    }
}

#[test]
fn one_that_takes_too_long_ends_with_its_children_and_is_not_asked_again() {
    let dir = tempfile::tempdir().unwrap();
    let asked = dir.path().join("asked");
    let over = dir.path().join("over");
    let minute = format!("(sleep 60 && echo >{})", over.display());
    let script = format!("echo >>{}; {minute} & {minute}", asked.display());
    let keyring = keyring(dir.path(), &script, "0.3");
    let url = Url::parse("https://host/").unwrap();
    for _ in 0..2 {
        let told = keyring.login(&url, Some("me")).unwrap_err();
        assert_eq!(told, "`keyring` did not answer within 0.3 s (`PRIME_KEYRING_TIMEOUT`)");
    }
    assert!(!over.exists());
    assert_eq!(std::fs::read_to_string(asked).unwrap().lines().count(), 1);
}

#[test]
fn a_time_that_is_none_is_told() {
    for text in ["0", "-1", "soon", "1e99"] {
        let vars = vec![(names::PRIME_KEYRING_TIMEOUT.into(), text.into())];
        let error = Keyring::find(&Host { vars, ..Host::default() }).unwrap_err();
        let expected = format!("`PRIME_KEYRING_TIMEOUT` is `{text}`, which is no number of seconds");
        assert_eq!(error.to_string(), expected);
    }
}
