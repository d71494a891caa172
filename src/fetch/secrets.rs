//! The credentials that are set, as texts: for whoever is to keep them out of what others say.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use super::http::netrc;
use super::settings::{IndexSettings, Sourced, url_in};
use super::url::{Login, Url, is_unreserved, percent_encode};
use crate::host::{Host, secret};

/// A shorter text is part of too many words to be looked for.
const SHORTEST: usize = 4;

impl IndexSettings {
    /// Every password and token that is set for an index, a page of links or a proxy, or stands in the arguments of an
    /// installer, as it is and as it stands in a URL; none that a keyring would tell. What a variable for an index or a
    /// proxy says counts wherever the settings have it or not. A user without a password is a token, unless a keyring or
    /// netrc has the password. A text over several lines is several. The longest come first.
    pub fn secrets<'a>(&self, host: &'a Host, arguments: impl Iterator<Item = &'a str>) -> Vec<String> {
        let mut found = BTreeSet::new();
        let of_variables = host.vars.iter().filter(|(name, _)| has_urls(&name.to_string_lossy()));
        let words = of_variables.filter_map(|(_, value)| value.to_str()).flat_map(str::split_whitespace);
        let of_arguments = arguments.chain(words).filter_map(|word| Some(url_in(OsStr::new(word))?.1));
        let urls: Vec<Url> = self.urls().cloned().chain(of_arguments).collect();
        let of_netrc = self.of_netrc(&urls);
        let has_password = |user: &str| self.asks_keyring() || of_netrc.iter().any(|login| login.user == user);
        let of_urls = urls.iter().filter_map(|url| Some((url, url.login()?)));
        let of_urls = of_urls.filter(|(_, login)| !login.password.is_empty() || !has_password(&login.user));
        found.extend(of_urls.flat_map(|(url, login)| forms(url, login)));
        found.extend(host.vars.iter().filter_map(|(name, value)| {
            let (value, name) = (value.to_str()?, name.to_str()?.strip_prefix("UV_INDEX_")?);
            let is_alone = |index| host.var(&format!("UV_INDEX_{index}_PASSWORD")).is_none() && !has_password(value);
            let is_secret = name.ends_with("_PASSWORD") || name.strip_suffix("_USERNAME").is_some_and(is_alone);
            is_secret.then(|| value.to_owned())
        }));
        found.extend(of_netrc.into_iter().map(|login| login.password));
        let lines = found.iter().flat_map(|text| text.lines()).map(str::trim).filter(|line| line.len() >= SHORTEST);
        let mut lines: Vec<String> = lines.map(str::to_owned).collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.len()));
        lines.dedup();
        lines
    }

    fn urls(&self) -> impl Iterator<Item = &Url> {
        let (pip, uv, environment) = (&self.pip, &self.uv, &self.environment);
        let one = [&self.own_index, &self.recorded_index, &pip.index_url, &pip.proxy, &uv.default_index];
        let proxies = [&environment.http_proxy, &environment.https_proxy, &environment.all_proxy];
        let of_file = [&uv.proxies.http, &uv.proxies.https];
        let several = [&pip.extra_index_urls, &pip.find_links, &uv.extra_indexes, &uv.find_links];
        let one = one.into_iter().chain(proxies).chain(of_file).flatten();
        one.chain(several.into_iter().flatten()).map(|url: &Sourced<Url>| &url.value)
    }

    /// What netrc has for the machines of the URLs.
    fn of_netrc(&self, urls: &[Url]) -> Vec<Login> {
        let file = self.environment.netrc.as_ref().map(|file| &file.value);
        let text = file.and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
        urls.iter().filter_map(|url| netrc::login(&text, url.host(), true)).collect()
    }
}

/// Lets those know who listen that a password is one, as it is and as it stands in a URL.
pub fn learned(password: &str) {
    let encoded = percent_encode(password.as_bytes(), is_unreserved);
    let forms = [encoded.as_str(), password];
    let is_same = encoded == password;
    let forms = &forms[usize::from(is_same)..];
    forms.iter().filter(|form| form.len() >= SHORTEST).for_each(|form| secret::tell(form));
}

/// The password of a URL, or the user where that is all there is, as it is and as it stands there.
fn forms(url: &Url, login: Login) -> Vec<String> {
    let whole = url.with_credentials();
    let user_info = whole.split_once("://").and_then(|(_, rest)| rest.split_once('@')).map(|(it, _)| it);
    let encoded = user_info.map(|it| it.split_once(':').map_or(it, |(_, password)| password).to_owned());
    let plain = if login.password.is_empty() { login.user } else { login.password };
    [Some(plain), encoded].into_iter().flatten().collect()
}

/// The variables that have the URLs of indexes and proxies.
fn has_urls(name: &str) -> bool {
    ["PIP_", "UV_", "PRIME_"].iter().any(|start| name.starts_with(start))
        || name.to_ascii_lowercase().ends_with("_proxy")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::settings::Places;

    fn secrets(vars: &[(&str, &str)], netrc: &str) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("netrc");
        std::fs::write(&file, netrc).unwrap();
        let own = [("NETRC", file.to_str().unwrap()), ("PIP_CONFIG_FILE", "/dev/null")];
        let vars = own.iter().chain(vars).map(|(name, value)| (name.into(), value.into())).collect();
        let host = Host { vars, ..Host::default() };
        let places = Places { etc: dir.path().to_owned(), ..Places::new(Some(dir.path())) };
        IndexSettings::load(&host, &places).unwrap().secrets(&host, std::iter::empty())
    }

    #[test]
    fn passwords_are_found_wherever_they_are_set() {
        for (vars, netrc, expected) in [
            (&[("PIP_INDEX_URL", "https://me:p%40ssword@h/")][..], "", &["p%40ssword", "p@ssword"][..]),
            (&[("PIP_EXTRA_INDEX_URL", "https://token1@h/")], "", &["token1"]),
            (&[("UV_DEFAULT_INDEX", "https://me:word1@h/")], "", &["word1"]),
            (&[("HTTPS_PROXY", "http://me:word2@proxy:3128")], "", &["word2"]),
            (&[("PRIME_INDEX_URL", "https://me:word3@h/")], "", &["word3"]),
            (&[("UV_INDEX_OUR_OWN_PASSWORD", "word4\nand more")], "", &["and more", "word4"]),
            (&[("PIP_INDEX_URL", "https://h/")], "machine h login me password word5\n", &["word5"]),
            (&[("PIP_INDEX_URL", "https://h/")], "machine other login me password word5\n", &[]),
            (&[("PIP_INDEX_URL", "https://me:abc@h/")], "", &[]),
            (&[("UV_INDEX_OUR_OWN_USERNAME", "token2")], "", &["token2"]),
            (&[("UV_INDEX_A_USERNAME", "person"), ("UV_INDEX_A_PASSWORD", "word6")], "", &["word6"]),
            (&[("UV_INDEX_A_USERNAME", "person"), ("UV_KEYRING_PROVIDER", "subprocess")], "", &[]),
            (&[("PIP_INDEX_URL", "https://person@h/"), ("PIP_KEYRING_PROVIDER", "import")], "", &[]),
            (&[("PIP_INDEX_URL", "https://token3@h/"), ("PIP_KEYRING_PROVIDER", "disabled")], "", &["token3"]),
            (&[("PIP_INDEX_URL", "https://me:word7@h/"), ("PIP_KEYRING_PROVIDER", "import")], "", &["word7"]),
            (&[("PIP_INDEX_URL", "https://person@h/")], "machine h login person password word8\n", &["word8"]),
            (
                &[("PIP_INDEX_URL", "https://token4@h/")],
                "machine h login person password word9\n",
                &["token4", "word9"],
            ),
            (&[("PIP_INDEX_URL", "https://h/")], "", &[]),
        ] {
            assert_eq!(secrets(vars, netrc), expected, "{vars:?}");
        }
    }

    #[test]
    fn arguments_count_and_variables_do_where_no_settings_can_be_read() {
        let vars = [("PIP_INDEX_URL", "https://me:word1@h/"), ("OTHER", "https://me:word2@h/"), ("PIP_RETRIES", "x")];
        let vars = vars.map(|(name, value)| (name.into(), value.into())).into();
        let host = Host { vars, ..Host::default() };
        let arguments = ["-q", "--extra-index-url=https://me:word3@h/", "https://token@h/", "--find-links"];
        let found = IndexSettings::default().secrets(&host, arguments.into_iter());
        assert_eq!(found, ["token", "word1", "word3"]);
    }
}
