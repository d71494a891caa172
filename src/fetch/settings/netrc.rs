//! Credentials for pip beside its URLs.
//!
//! For each isolated build pip starts another pip and hands it the URLs of its indexes as arguments (pip's
//! `build_env.py`), which everybody on the machine can read. So pip gets the URLs without credentials, and these in the
//! form of a netrc file, as far as that can say them: one login a host, in plain characters. What it cannot say stays in
//! the URL, as pip's users have it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::Path;

use super::Sourced;
use crate::fetch::url::{Login, Url};

/// Logins by host.
#[derive(Default)]
pub(super) struct Netrc {
    /// `None` where two URLs want different ones.
    logins: BTreeMap<String, Option<Login>>,
}

impl Netrc {
    /// The logins of some URLs.
    pub(super) fn of<'a>(urls: impl Iterator<Item = &'a Sourced<Url>>) -> Self {
        let mut netrc = Self::default();
        for (url, login) in urls.filter_map(|url| Some((&url.value, url.value.login()?))) {
            let entry = netrc.logins.entry(url.host().to_owned()).or_insert_with(|| Some(login.clone()));
            if entry.as_ref() != Some(&login) || !can_be_said(url.host(), &login) {
                *entry = None;
            }
        }
        netrc
    }

    /// With those of further URLs, for hosts that have none yet.
    pub(super) fn and<'a>(mut self, urls: impl Iterator<Item = &'a Sourced<Url>>) -> Self {
        for (host, login) in Self::of(urls).logins {
            let known = self.logins.entry(host).or_default();
            *known = known.take().or(login);
        }
        self
    }

    /// Whether a URL's credentials are among these.
    pub(super) fn holds(&self, url: &Url) -> bool {
        url.login().is_some() && matches!(self.logins.get(url.host()), Some(Some(_)))
    }

    /// The URL without credentials where they are among these, else as it is.
    pub(super) fn without(&self, url: &Url) -> Url {
        if self.holds(url) { url.clone().without_login() } else { url.clone() }
    }

    /// The text of a netrc file, with what an earlier file says; `None` where there are no logins.
    pub(super) fn text(&self, earlier: Option<&Path>) -> Option<String> {
        let logins: Vec<_> = self.logins.iter().filter_map(|(host, login)| Some((host, login.as_ref()?))).collect();
        if logins.is_empty() {
            return None;
        }
        let mut text = earlier.and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
        // Python's `netrc` takes the last entry of a host.
        text.push('\n');
        for (host, Login { user, password }) in logins {
            let _ = writeln!(text, "machine {host} login {user} password {password}");
        }
        Some(text)
    }
}

/// Options of pip and uv whose value is an index or a page of links.
const PLACES: [&str; 7] =
    ["--index-url", "-i", "--extra-index-url", "--index", "--default-index", "--find-links", "-f"];

/// Arguments without the credentials of the places in them, as far as netrc can say these, and the URLs that had them.
pub fn hidden(args: &[OsString]) -> (Vec<OsString>, Vec<Url>) {
    let found: Vec<_> = places_in(args).collect();
    let with_login = found.iter().flatten().map(|(_, url)| url).filter(|url| url.login().is_some());
    let urls: Vec<Sourced<Url>> = with_login.map(|url| Sourced::new(url.clone(), "an argument")).collect();
    let netrc = Netrc::of(urls.iter());
    let hide = |(arg, found): (&OsString, &Option<(&str, Url)>)| match found {
        Some((head, url)) if netrc.holds(url) => format!("{head}{}", netrc.without(url).with_credentials()).into(),
        _ => arg.clone(),
    };
    let hidden = args.iter().zip(&found).map(hide).collect();
    (hidden, urls.into_iter().map(|url| url.value).filter(|url| netrc.holds(url)).collect())
}

/// For each argument the place that pip or uv would fetch from with netrc, and what stands before it in the argument: an
/// index or a page of links, a requirement that is an archive. A repository of `git` and a setting of a build are none:
/// who reads those knows no netrc of ours.
pub fn places_in(args: &[OsString]) -> impl Iterator<Item = Option<(&str, Url)>> {
    let before = std::iter::once(None).chain(args.iter().map(|arg| arg.to_str()));
    args.iter().zip(before).map(|(arg, before)| {
        let (head, url) = url_in(arg)?;
        let before = before.unwrap_or_default();
        let (option, name) = head.split_once('=').unwrap_or((head, ""));
        let is_place = match head {
            "" => PLACES.contains(&before) || !before.starts_with('-'),
            // The name of an index, `NAME=URL`, is uv's.
            _ if PLACES.contains(&before) => head.ends_with('='),
            _ => PLACES.contains(&option) && (name.is_empty() || name.ends_with('=')) || head.trim_end().ends_with('@'),
        };
        is_place.then_some((head, url))
    })
}

/// The URL that an argument is or ends with (`--index-url=https://…`), and what stands before it.
pub fn url_in(arg: &OsStr) -> Option<(&str, Url)> {
    let text = arg.to_str()?;
    let start = ["https://", "http://"].into_iter().find_map(|scheme| text.find(scheme))?;
    let (head, url) = text.split_at(start);
    Some((head, Url::parse(url).ok()?))
}

/// Whether every version of Python's `netrc` reads these words as they are; `requests` cuts a host at its first colon.
fn can_be_said(host: &str, login: &Login) -> bool {
    let plain = |word: &str| {
        let awkward = |c: char| !c.is_ascii_graphic() || "\"'\\#".contains(c);
        !word.is_empty() && !word.contains(awkward)
    };
    !host.contains(':') && plain(host) && plain(&login.user) && plain(&login.password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(texts: &[&str]) -> Vec<Sourced<Url>> {
        texts.iter().map(|text| Sourced::new(Url::parse(text).unwrap(), "test")).collect()
    }

    #[test]
    fn what_netrc_can_say_is_taken_out_of_the_urls() {
        let urls = urls(&["https://me:p%40w@a/s", "https://me:p%40w@a:8/l", "https://b/s"]);
        let netrc = Netrc::of(urls.iter());
        let shown: Vec<_> = urls.iter().map(|url| netrc.without(&url.value).with_credentials()).collect();
        assert_eq!(shown, ["https://a/s", "https://a:8/l", "https://b/s"]);
        let dir = tempfile::tempdir().unwrap();
        let earlier = dir.path().join("netrc");
        std::fs::write(&earlier, "machine c login x password y").unwrap();
        let expected = "machine c login x password y\nmachine a login me password p@w\n";
        assert_eq!(netrc.text(Some(&earlier)).as_deref(), Some(expected));
    }

    #[test]
    fn what_netrc_cannot_say_stays_where_it_is() {
        for texts in [
            &["https://me:one@a/s", "https://me:two@a/l"][..],
            &["https://token@a/s"],
            &["https://me:a%20b@a/s"],
            &["https://me:%23@a/s"],
            &["https://me:pw@[::1]/s"],
        ] {
            let urls = urls(texts);
            let netrc = Netrc::of(urls.iter());
            assert!(urls.iter().all(|url| netrc.without(&url.value) == url.value), "{texts:?}");
            assert_eq!(netrc.text(None), None);
        }
    }

    #[test]
    fn credentials_are_taken_out_of_arguments_where_netrc_can_say_them() {
        let args =
            ["--index-url", "https://me:pw@a/s", "--index=x=http://me:p%40w@b:8/s", "x", "https://token@c/s", "-f"];
        let args: Vec<OsString> = args.iter().map(OsString::from).collect();
        let (hidden, urls) = hidden(&args);
        let hidden: Vec<_> = hidden.into_iter().map(|arg| arg.into_string().unwrap()).collect();
        let expected = ["--index-url", "https://a/s", "--index=x=http://b:8/s", "x", "https://token@c/s", "-f"];
        assert_eq!(hidden, expected);
        let urls: Vec<_> = urls.iter().map(Url::with_credentials).collect();
        assert_eq!(urls, ["https://me:pw@a/s", "http://me:p%40w@b:8/s"]);
    }

    #[test]
    fn what_reads_no_netrc_keeps_its_credentials() {
        let url = "https://me:pw@h/r";
        for (args, is_place) in [
            (vec![format!("x @ git+{url}")], false),
            (vec![format!("--config-settings=url={url}")], false),
            (vec!["-C".to_owned(), format!("url={url}")], false),
            (vec!["--proxy".to_owned(), url.to_owned()], false),
            (vec![format!("x @ {url}/x.whl")], true),
            (vec![format!("{url}/x.whl")], true),
            (vec!["x".to_owned(), format!("{url}/x.whl")], true),
            (vec!["-f".to_owned(), url.to_owned()], true),
            (vec!["--index".to_owned(), format!("ours={url}")], true),
            (vec![format!("--find-links={url}")], true),
            (vec![format!("-i{url}")], true),
        ] {
            let args: Vec<OsString> = args.into_iter().map(OsString::from).collect();
            assert_eq!(hidden(&args).1.len(), usize::from(is_place), "{args:?}");
        }
    }
}
