//! Credentials for pip beside its URLs.
//!
//! For each isolated build pip starts another pip and hands it the URLs of its indexes as arguments (pip's
//! `build_env.py`), which everybody on the machine can read. So pip gets the URLs without credentials, and these in the
//! form of a netrc file, as far as that can say them: one login a host, in characters that its python understands. What
//! netrc cannot say pip gets from its keyring, where it can ask one for what goes with a user ([`Means::asks`]). What is
//! left stays in the URL: a token in place of a user that netrc cannot say, all that with versions of pip that ask no
//! keyring, and two passwords of one user of one server, of which pip would use either.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;

use super::Sourced;
use crate::fetch::http::netrc as http_netrc;
use crate::fetch::url::{Login, Url};

/// How a pip can be told credentials, besides in URLs and in the plainest netrc.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Means {
    /// Its python reads quotes and empty passwords in netrc (3.11).
    pub quotes: bool,
    /// A user without a password is a token: no keyring is there that could have the password.
    pub tokens: bool,
    /// It asks a keyring for the password of a user (23.1).
    pub asks: bool,
}

/// Logins by host, and those that are for a keyring to tell.
#[derive(Default)]
pub(super) struct Netrc {
    /// `None` where netrc cannot say it.
    logins: BTreeMap<String, Option<Login>>,
    for_keyring: Vec<Url>,
}

impl Netrc {
    /// The logins of indexes and of pages of links, beside what a netrc file says already.
    pub(super) fn of(indexes: &[Sourced<Url>], links: &[Sourced<Url>], means: Means, earlier: &str) -> Self {
        let urls = indexes.iter().chain(links).map(|url| &url.value).filter(|url| !url.host().is_empty());
        let urls: Vec<&Url> = urls.collect();
        let mut netrc = Self::default();
        for (url, login) in urls.iter().filter_map(|url| Some((url, url.login()?))) {
            let entry = netrc.logins.entry(url.host().to_owned()).or_insert_with(|| Some(login.clone()));
            let is_token = || means.tokens && http_netrc::login(earlier, url.host(), true).is_none();
            let is_whole = !login.password.is_empty() || is_token();
            if entry.as_ref() != Some(&login) || !is_whole || !can_be_said(url.host(), &login, means.quotes) {
                *entry = None;
            }
        }
        if means.asks {
            netrc.leave_to_keyring(&urls, indexes);
        }
        netrc
    }

    /// Leaves to the keyring what it can tell and netrc cannot, or would tell to other servers of the same host as well.
    /// Pip asks it about the servers of its indexes alone, and about one user of each at a time.
    fn leave_to_keyring(&mut self, urls: &[&Url], indexes: &[Sourced<Url>]) {
        let is_asked =
            |url: &Url| indexes.iter().any(|index| index.value.same_origin(url) && index.value.login() == url.login());
        let of_user = |url: &Url| {
            url.login().filter(|login| !login.user.is_empty() && !login.password.is_empty() && is_asked(url))
        };
        let is_clear = |url: &Url, login: &Login| {
            let others = urls.iter().filter(|other| other.same_origin(url)).filter_map(|other| other.login());
            others.into_iter().all(|other| other.user != login.user || other == *login)
        };
        for url in urls {
            let Some(login) = of_user(url).filter(|login| is_clear(url, login)) else { continue };
            let is_other = |other: &&&Url| other.host() == url.host() && !other.same_origin(url);
            let is_shared = urls.iter().filter(is_other).any(|other| other.login().as_ref() != Some(&login));
            if is_shared || self.logins.get(url.host()) == Some(&None) {
                self.for_keyring.push((*url).clone());
            }
        }
        for url in &self.for_keyring {
            self.logins.insert(url.host().to_owned(), None);
        }
    }

    /// With those that were learned, for hosts that have none yet.
    pub(super) fn and(mut self, urls: &[Sourced<Url>]) -> Self {
        for (host, login) in Self::of(urls, &[], Means::default(), "").logins {
            self.logins.entry(host).or_insert(login);
        }
        self
    }

    /// Whether a URL's credentials are among these.
    pub(super) fn holds(&self, url: &Url) -> bool {
        url.login().is_some() && matches!(self.logins.get(url.host()), Some(Some(_))) || self.for_keyring.contains(url)
    }

    /// The URL without what is among these, else as it is.
    pub(super) fn without(&self, url: &Url) -> Url {
        match url.login() {
            Some(login) if self.for_keyring.contains(url) => {
                url.with_login(&Login { password: String::new(), ..login })
            }
            _ if self.holds(url) => url.clone().without_login(),
            _ => url.clone(),
        }
    }

    /// The text of a netrc file, with what an earlier one says; `None` where there are no logins.
    pub(super) fn text(&self, earlier: &str) -> Option<String> {
        let logins: Vec<_> = self.logins.iter().filter_map(|(host, login)| Some((host, login.as_ref()?))).collect();
        if logins.is_empty() {
            return None;
        }
        // Python's `netrc` takes the last entry of a host.
        let mut text = format!("{earlier}\n");
        for (host, Login { user, password }) in logins {
            let _ = writeln!(text, "machine {host} login {} password {}", word(user), word(password));
        }
        Some(text)
    }

    /// Those that a keyring is to tell.
    pub(super) fn for_keyring(&self) -> &[Url] {
        &self.for_keyring
    }
}

/// The URL that an argument is or ends with (`--index-url=https://…`), and what stands before it.
pub fn url_in(arg: &OsStr) -> Option<(&str, Url)> {
    let text = arg.to_str()?;
    // A scheme has no case.
    let lower = text.to_ascii_lowercase();
    let start = ["https://", "http://"].into_iter().filter_map(|scheme| lower.find(scheme)).min()?;
    let (head, url) = text.split_at(start);
    Some((head, Url::parse(url).ok()?))
}

/// Whether Python's `netrc` reads these words as they are; `requests` cuts a host at its first colon.
fn can_be_said(host: &str, login: &Login, quotes: bool) -> bool {
    let can_be = |word: &str| is_plain(word) || quotes && !word.contains(char::is_control);
    !host.contains(':') && is_plain(host) && can_be(&login.user) && can_be(&login.password)
}

/// Whether every version of it does.
fn is_plain(word: &str) -> bool {
    let is_awkward = |c: char| !c.is_ascii_graphic() || "\"'\\#".contains(c);
    !word.is_empty() && !word.contains(is_awkward)
}

fn word(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(texts: &[&str]) -> Vec<Sourced<Url>> {
        texts.iter().map(|text| Sourced::new(Url::parse(text).unwrap(), "test")).collect()
    }

    const PLAINEST: Means = Means { quotes: false, tokens: false, asks: false };
    const NEWEST: Means = Means { quotes: true, tokens: true, asks: true };

    /// The URLs as pip gets them, the lines of netrc, and what the keyring tells.
    fn told(texts: &[&str], means: Means, earlier: &str) -> (Vec<String>, String, Vec<String>) {
        let urls = urls(texts);
        let netrc = Netrc::of(&urls, &[], means, earlier);
        let shown = urls.iter().map(|url| netrc.without(&url.value).with_credentials()).collect();
        let text = netrc.text(earlier).unwrap_or_default();
        (shown, text, netrc.for_keyring().iter().map(Url::with_credentials).collect())
    }

    #[test]
    fn what_netrc_can_say_is_taken_out_of_the_urls() {
        let texts = ["https://me:p%40w@a/s", "https://me:p%40w@a:8/l", "https://b/s"];
        for means in [PLAINEST, NEWEST] {
            let (shown, text, known) = told(&texts, means, "machine c login x password y");
            assert_eq!(shown, ["https://a/s", "https://a:8/l", "https://b/s"]);
            assert_eq!(text, "machine c login x password y\nmachine a login me password p@w\n");
            assert!(known.is_empty());
        }
    }

    #[test]
    fn a_newer_python_understands_more_in_netrc() {
        for (url, line) in [
            ("https://me:a%20b@h/s", "me password \"a b\""),
            ("https://me:%23@h/s", "me password \"#\""),
            ("https://m%22e:%5C@h/s", "\"m\\\"e\" password \"\\\\\""),
            ("https://:pw@h/s", "\"\" password pw"),
            ("https://token@h/s", "token password \"\""),
        ] {
            let (shown, text, _) = told(&[url], NEWEST, "");
            assert_eq!((shown, text), (vec!["https://h/s".to_owned()], format!("\nmachine h login {line}\n")));
            assert_eq!(told(&[url], PLAINEST, "").0, [url]);
        }
    }

    #[test]
    fn a_user_whose_password_is_elsewhere_is_no_token() {
        let url = "https://me@h/s";
        assert_eq!(told(&[url], Means { tokens: false, ..NEWEST }, "").0, [url]);
        assert_eq!(told(&[url], NEWEST, "machine h login me password pw").0, [url]);
    }

    #[test]
    fn what_netrc_cannot_say_the_keyring_tells_where_it_is_asked() {
        for (texts, shown) in [
            (&["https://me:one@a/s", "https://you:two@a/l"][..], &["https://me@a/s", "https://you@a/l"][..]),
            (&["https://me:one@a/s", "https://me:two@a:8/l"], &["https://me@a/s", "https://me@a:8/l"]),
            (&["https://me:one@a/s", "https://a:8/l"], &["https://me@a/s", "https://a:8/l"]),
            (&["https://me:one@a/s", "https://token@a:8/l"], &["https://me@a/s", "https://token@a:8/l"]),
            (&["https://me:pw@[::1]/s"], &["https://me@[::1]/s"]),
        ] {
            let (urls, text, known) = told(texts, NEWEST, "");
            assert_eq!(urls, shown, "{texts:?}");
            assert_eq!(text, "", "{texts:?}");
            assert!(known.iter().all(|url| texts.contains(&url.as_str())) && !known.is_empty());
        }
        // About a page of links it is not asked.
        let [index, page] = ["https://me:one@a/s", "https://a:8/l"].map(|url| urls(&[url]));
        assert_eq!(Netrc::of(&page, &index, NEWEST, "").for_keyring(), []);
        let other = Means { quotes: false, ..NEWEST };
        assert_eq!(told(&["https://me:a%20b@h/s"], other, "").2, ["https://me:a%20b@h/s"]);
    }

    #[test]
    fn what_neither_can_say_stays_where_it_is() {
        for (texts, means) in [
            (&["https://me:one@a/s", "https://me:two@a/l"][..], NEWEST),
            (&["https://one@a/s", "https://two@a/l"], NEWEST),
            (&["https://me:one@a/s", "https://you:two@a/l"], PLAINEST),
            (&["https://token@a/s"], PLAINEST),
            (&["https://me:a%0Ab@[::1]/s"], PLAINEST),
        ] {
            assert_eq!(told(texts, means, "").0, texts, "{texts:?}");
        }
    }
}
