use std::path::Path;

use proptest::prelude::*;

use super::*;

#[test]
fn references_resolve_as_the_standard_says() {
    let base = Url::parse("http://a/b/c/d;p?q").unwrap();
    for (reference, expected) in [
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g/"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("#s", "http://a/b/c/d;p?q#s"),
        ("g#s", "http://a/b/c/g#s"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../../../g", "http://a/g"),
        ("g/../h", "http://a/b/c/h"),
        ("https://other/x", "https://other/x"),
        ("x:1", "its scheme is none of `https`, `http` and `file`"),
        ("a b", "http://a/b/c/a%20b"),
    ] {
        let joined = base.join(reference).map_or_else(str::to_owned, |url| url.to_string());
        assert_eq!(joined, expected, "{reference:?}");
    }
}

#[test]
fn a_url_shows_no_credentials_but_keeps_them() {
    let url = Url::parse("HTTPS://me%40corp:p%2Fw@Host:8443/simple/?a=b#c").unwrap();
    assert_eq!(format!("{url} {url:?}"), "https://****@host:8443/simple/?a=b#c https://****@host:8443/simple/?a=b#c");
    assert_eq!(url.login(), Some(Login { user: "me@corp".to_owned(), password: "p/w".to_owned() }));
    assert_eq!(url.with_credentials(), "https://me%40corp:p%2Fw@host:8443/simple/?a=b#c");
    assert_eq!(url.bare().to_string(), "https://host:8443/simple/?a=b");
    let login = Login { user: "a:b".to_owned(), password: "c@d".to_owned() };
    assert_eq!(url.with_login(&login).login(), Some(login.clone()));
    assert_eq!(format!("{login:?}"), "Login(****)");
}

#[test]
fn a_joined_reference_keeps_the_credentials_of_the_page_only_on_its_host() {
    let base = Url::parse("https://me:pw@host/simple/uv/").unwrap();
    assert!(base.join("../../files/x.whl").unwrap().login().is_some());
    assert!(base.join("//elsewhere/x.whl").unwrap().login().is_none());
}

#[test]
fn paths_and_urls_translate_into_each_other() {
    let url = Url::parse_or_path("../a b", Path::new("/x/y")).unwrap();
    assert_eq!((url.to_string().as_str(), url.to_path().unwrap()), ("file:///x/a%20b", "/x/a b".into()));
    assert_eq!(Url::parse("file:///x/a%20b").unwrap().to_path().unwrap(), Path::new("/x/a b"));
    assert_eq!(Url::parse("file:/x").unwrap().to_path().unwrap(), Path::new("/x"));
    assert_eq!(Url::parse("file://elsewhere/x").unwrap().to_path(), None);
    assert!(Url::parse_or_path("ftp://x/y", Path::new("/")).is_err());
}

#[test]
fn a_child_of_an_index_has_one_slash_between() {
    for index in ["https://host/simple", "https://host/simple/"] {
        assert_eq!(Url::parse(index).unwrap().child("uv").to_string(), "https://host/simple/uv/");
    }
}

#[test]
fn what_is_no_url_says_why() {
    for (text, reason) in [
        ("host/simple", "it has no scheme"),
        ("https:///simple", "it has no host"),
        ("https://host:port/", "its port is not a number"),
        ("https://ho st/", "its host has characters that no host has"),
    ] {
        assert_eq!(Url::parse(text).unwrap_err(), reason);
    }
}

#[test]
fn ipv6_hosts_keep_their_brackets() {
    let url = Url::parse("http://u:p@[::1]:80/x").unwrap();
    assert_eq!((url.host(), url.port()), ("[::1]", 80));
}

proptest! {
    #[test]
    fn nothing_makes_the_parser_panic(text in ".*", reference in ".*") {
        let base = Url::parse("https://host/a/b").unwrap();
        let _ = base.join(&reference);
        if let Ok(url) = Url::parse(&text) {
            prop_assert_eq!(Url::parse(&url.with_credentials()).unwrap(), url);
        }
    }

    #[test]
    fn credentials_survive(user in ".+", password in ".*") {
        let login = Login { user, password };
        let url = Url::parse("https://host/").unwrap().with_login(&login);
        let again = Url::parse(&url.with_credentials()).unwrap();
        prop_assert_eq!(again.login(), Some(login));
    }
}
