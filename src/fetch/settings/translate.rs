//! Tells uv what was set for pip, and pip what was set for uv.
//!
//! Only gaps are filled: what a tool finds set for itself is left alone. A tool's index and its further indexes are one
//! policy: where it has either for itself, the other tool's further indexes are not added (its default index still
//! fills a missing one).
//!
//! The two differ in what several indexes mean: pip takes the best version from all of them, uv the first index that has
//! the project. So with pip's further indexes uv is also told `UV_INDEX_STRATEGY=unsafe-best-match`, which is pip's
//! meaning, unless a strategy is set. The reverse cannot be expressed: pip always looks at all.
//!
//! Credentials are in URLs, and URLs only in variables; pip, which would pass them on as arguments, gets them beside its URLs
//! ([`super::netrc`]). The one argument, `--no-index`, has no variable in uv; it belongs on `uv pip install`.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::netrc::{Means, Netrc};
use super::{IndexSettings, PipSettings, Sourced};
use crate::fetch::url::{Login, Url};
use crate::host::EnvDelta;

/// The origin of what was taken out of arguments.
const ARGUMENT: &str = "an argument";

/// What to start a tool with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolSettings {
    /// Variables to set.
    pub env: EnvDelta,
    /// Arguments of the installing command (`uv pip install`, `pip install`), after its name.
    pub args: Vec<OsString>,
    /// The text of the netrc file that `NETRC` is to name, where there has to be another one than there is.
    pub netrc: Option<String>,
    /// The URLs, with credentials, that it has with only a user, and asks a keyring about.
    pub for_keyring: Vec<Url>,
}

impl ToolSettings {
    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.env = std::mem::take(&mut self.env).set(name, value);
    }

    fn set_if(&mut self, name: &str, value: Option<impl Into<OsString>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }
}

impl IndexSettings {
    /// What uv must be told besides what it finds by itself.
    pub fn env_for_uv(&self) -> ToolSettings {
        let mut tool = ToolSettings::default();
        self.indexes_for_uv(&mut tool);
        if self.uv.find_links.is_empty() {
            // Pip passes over a directory that is not there; uv fails.
            let present = self.pip.find_links.iter().filter(|link| is_present(&link.value));
            tool.set_if("UV_FIND_LINKS", joined(present, ",", &[',']));
        }
        if self.uv.insecure_hosts.is_empty() {
            tool.set_if("UV_INSECURE_HOST", joined_text(&self.pip.trusted_hosts));
        }
        self.connections_for_uv(&mut tool);
        if self.uv.keyring_provider.is_none() && self.uv_asks_keyring() {
            tool.set("UV_KEYRING_PROVIDER", "subprocess");
        }
        if self.offline {
            tool.set("UV_OFFLINE", "1");
        }
        // uv finds what its URLs say by itself.
        tool.netrc = self.netrc(Netrc::default());
        tool
    }

    fn indexes_for_uv(&self, tool: &mut ToolSettings) {
        let (uv, pip) = (&self.uv, &self.pip);
        if uv.default_index.is_none() {
            // Not `UV_DEFAULT_INDEX`, which would come before the `--index-url` of a group's own arguments.
            tool.set_if("UV_INDEX_URL", self.default_of_uv().map(|index| index.value.with_credentials()));
        }
        if !self.uv_names_indexes() && !pip.extra_index_urls.is_empty() {
            tool.set_if("UV_INDEX", joined(pip.extra_index_urls.iter(), " ", &[]));
            if uv.index_strategy.is_none() {
                tool.set("UV_INDEX_STRATEGY", "unsafe-best-match");
            }
        }
        let no_index = pip.no_index.as_ref().is_some_and(|no_index| no_index.value);
        if no_index && uv.no_index.is_none() && uv.default_index.is_none() {
            tool.args.push(OsString::from("--no-index"));
        }
    }

    fn default_of_uv(&self) -> Option<&Sourced<Url>> {
        let others = || self.pip.index_url.as_ref().or(self.own_index.as_ref()).or(self.recorded_index.as_ref());
        self.uv.default_index.as_ref().or_else(others)
    }

    /// The indexes and pages of links that uv asks.
    pub fn places_of_uv(&self) -> impl Iterator<Item = &Url> {
        let extra = if self.uv_names_indexes() { &self.uv.extra_indexes } else { &self.pip.extra_index_urls };
        let links = if self.uv.find_links.is_empty() { &self.pip.find_links } else { &self.uv.find_links };
        self.default_of_uv().into_iter().chain(extra).chain(links).map(|place| &place.value)
    }

    /// The indexes and pages of links that pip asks.
    pub fn places_of_pip(&self) -> impl Iterator<Item = &Url> {
        let (extra, links) = (self.extra_of_pip(), self.links_of_pip());
        self.index_of_pip().into_iter().chain(extra).chain(links).map(|place| &place.value)
    }

    fn index_of_pip(&self) -> Option<&Sourced<Url>> {
        let own = self.own_index.as_ref().or(self.recorded_index.as_ref());
        self.pip.index_url.as_ref().or(self.uv.default_index.as_ref()).or(own)
    }

    fn extra_of_pip(&self) -> &[Sourced<Url>] {
        if self.pip_names_indexes() { &self.pip.extra_index_urls } else { &self.uv.extra_indexes }
    }

    fn links_of_pip(&self) -> &[Sourced<Url>] {
        if self.pip.find_links.is_empty() { &self.uv.find_links } else { &self.pip.find_links }
    }

    /// The same settings with what was taken out of arguments of pip: an index takes the place of the one that is set,
    /// all else is added to what is.
    #[must_use]
    pub fn with_arguments(&self, index: Option<Url>, extra: Vec<Url>, links: Vec<Url>) -> Self {
        let named = |url| Sourced::new(url, ARGUMENT);
        let added =
            |set: &[Sourced<Url>], urls: Vec<Url>| set.iter().cloned().chain(urls.into_iter().map(named)).collect();
        let index_url = index.map(named).or_else(|| self.index_of_pip().cloned());
        let (extra_index_urls, find_links) = (added(self.extra_of_pip(), extra), added(self.links_of_pip(), links));
        let pip = PipSettings { index_url, extra_index_urls, find_links, ..self.pip.clone() };
        Self { pip, ..self.clone() }
    }

    fn pip_names_indexes(&self) -> bool {
        self.pip.index_url.is_some() || !self.pip.extra_index_urls.is_empty()
    }

    fn connections_for_uv(&self, tool: &mut ToolSettings) {
        let (environment, uv, pip) = (&self.environment, &self.uv, &self.pip);
        let is_set = environment.cert_file.is_some() || !environment.cert_dirs.is_empty();
        let bundle = pip.cert.as_ref().or(environment.cert_bundle.as_ref());
        if let Some(bundle) = bundle.filter(|_| !is_set) {
            let name = if bundle.value.is_dir() { "SSL_CERT_DIR" } else { "SSL_CERT_FILE" };
            tool.set(name, &bundle.value);
        }
        if environment.client_cert.is_none() {
            tool.set_if("SSL_CLIENT_CERT", pip.client_cert.as_ref().map(|file| &file.value));
        }
        if !environment.has_proxy() && uv.proxies.http.is_none() && uv.proxies.https.is_none() {
            let proxy = pip.proxy.as_ref().map(|proxy| proxy.value.with_credentials());
            tool.set_if("HTTP_PROXY", proxy.clone());
            tool.set_if("HTTPS_PROXY", proxy);
        }
        if uv.timeout.is_none() {
            tool.set_if("UV_HTTP_TIMEOUT", pip.timeout.as_ref().map(|limit| whole_seconds(limit.value)));
        }
        if uv.retries.is_none() {
            tool.set_if("UV_HTTP_RETRIES", pip.retries.as_ref().map(|count| count.value.to_string()));
        }
    }

    /// What a pip that understands these means must be told besides what it finds by itself.
    pub fn env_for_pip(&self, means: Means) -> ToolSettings {
        let mut tool = ToolSettings::default();
        self.indexes_for_pip(&mut tool, means);
        self.no_index_for_pip(&mut tool);
        if self.pip.trusted_hosts.is_empty() {
            tool.set_if("PIP_TRUSTED_HOST", joined_text(&self.uv.insecure_hosts));
        }
        self.connections_for_pip(&mut tool);
        tool
    }

    fn indexes_for_pip(&self, tool: &mut ToolSettings, means: Means) {
        let pip = &self.pip;
        let whole = |urls: &[Sourced<Url>]| -> Vec<Sourced<Url>> {
            urls.iter().map(|url| url.clone().map(|url| self.with_password(&url))).collect()
        };
        let index = whole(self.index_of_pip().map(std::slice::from_ref).unwrap_or_default());
        let (extra, links) = (whole(self.extra_of_pip()), whole(self.links_of_pip()));
        let netrc = Netrc::of(&[index.as_slice(), &extra].concat(), &links, means, &self.earlier_netrc());
        // What pip finds by itself is told again only where it has to be without credentials.
        let bare = |urls: Vec<Sourced<Url>>, own: bool| -> Vec<Sourced<Url>> {
            let told = !own || urls.iter().any(|url| netrc.holds(&url.value) || url.origin == ARGUMENT.into());
            let urls = urls.into_iter().filter(|_| told);
            urls.map(|url| url.map(|url| netrc.without(&url))).collect()
        };
        let index = bare(index, pip.index_url.is_some());
        tool.set_if("PIP_INDEX_URL", index.first().map(|index| index.value.with_credentials()));
        tool.set_if("PIP_EXTRA_INDEX_URL", joined(bare(extra, self.pip_names_indexes()).iter(), " ", &[]));
        tool.set_if("PIP_FIND_LINKS", joined(bare(links, !pip.find_links.is_empty()).iter(), " ", &[]));
        tool.for_keyring = netrc.for_keyring().to_vec();
        tool.netrc = self.netrc(netrc);
    }

    /// The text of a netrc file with these logins, what a keyring gave and what the usual file says.
    fn netrc(&self, logins: Netrc) -> Option<String> {
        logins.and(&self.learned).text(&self.earlier_netrc())
    }

    fn earlier_netrc(&self) -> String {
        let file = self.environment.netrc.as_ref().map(|file| &file.value);
        file.and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default()
    }

    /// The URL with what a keyring gave for its server, where it has no password.
    fn with_password(&self, url: &Url) -> Url {
        let own = url.login();
        let is_meant = |login: &Login| {
            own.as_ref().is_none_or(|own| own.password.is_empty() && (own.user.is_empty() || own.user == login.user))
        };
        let learned = self.learned.iter().map(|learned| &learned.value).filter(|learned| learned.same_origin(url));
        learned.filter_map(Url::login).find(is_meant).map_or_else(|| url.clone(), |login| url.with_login(&login))
    }

    fn no_index_for_pip(&self, tool: &mut ToolSettings) {
        let (uv, pip) = (&self.uv, &self.pip);
        let is_on = |value: &Option<Sourced<bool>>| value.as_ref().is_some_and(|value| value.value);
        let unset = pip.no_index.is_none() && pip.index_url.is_none();
        // Pip cannot be told to stay off the network; that it asks no index comes nearest.
        if self.offline || (pip.no_index.is_none() && is_on(&uv.offline)) || (unset && is_on(&uv.no_index)) {
            tool.set("PIP_NO_INDEX", "1");
        }
    }

    /// A proxy as everybody's variables have it: newer versions of pip pass their own on as an argument. What a file says
    /// of one can be taken back only with all that files say.
    fn proxy_for_all_of_pip(&self, tool: &mut ToolSettings, proxy: &Url) {
        let values = super::pip::values(&self.host, &self.places).unwrap_or_default();
        let told = std::mem::take(&mut tool.env);
        for (option, value) in values {
            tool.set(&format!("PIP_{}", option.replace('-', "_").to_uppercase()), value.value);
        }
        tool.set("PIP_CONFIG_FILE", "/dev/null");
        let env = std::mem::take(&mut tool.env).and(&told).unset("PIP_PROXY");
        let env = PROXIES.into_iter().fold(env, |env, name| env.set(name, proxy.with_credentials()));
        tool.env = EXCEPTIONS.into_iter().fold(env, EnvDelta::unset);
    }

    fn connections_for_pip(&self, tool: &mut ToolSettings) {
        let (environment, uv, pip) = (&self.environment, &self.uv, &self.pip);
        if pip.cert.is_none() && environment.cert_bundle.is_none() {
            // Before 24.2 pip knows only its own list of authorities and does not look at OpenSSL's variables.
            let file = environment.cert_file.as_ref().filter(|file| file.value.is_file());
            tool.set_if("PIP_CERT", file.map(|file| &file.value));
        }
        if pip.client_cert.is_none() {
            tool.set_if("PIP_CLIENT_CERT", environment.client_cert.as_ref().map(|file| &file.value));
        }
        let of_uv = uv.proxies.https.as_ref().or(uv.proxies.http.as_ref()).filter(|_| !environment.has_proxy());
        match pip.proxy.as_ref().or(of_uv) {
            Some(proxy) if proxy.value.login().is_some() => self.proxy_for_all_of_pip(tool, &proxy.value),
            Some(proxy) if pip.proxy.is_none() => tool.set("PIP_PROXY", proxy.value.with_credentials()),
            _ => {}
        }
        if pip.timeout.is_none() {
            tool.set_if("PIP_DEFAULT_TIMEOUT", uv.timeout.as_ref().map(|limit| whole_seconds(limit.value)));
        }
        if pip.retries.is_none() {
            tool.set_if("PIP_RETRIES", uv.retries.as_ref().map(|count| count.value.to_string()));
        }
    }
}

/// The variables of a proxy in both cases, and those that would count beside them.
const PROXIES: [&str; 4] = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"];
const EXCEPTIONS: [&str; 4] = ["all_proxy", "no_proxy", "ALL_PROXY", "NO_PROXY"];

fn is_present(link: &Url) -> bool {
    link.to_path().is_none_or(|path| path.exists())
}

/// The URLs in one value. A local one is written as the path it is where that is safe in such a list.
fn joined<'a>(urls: impl Iterator<Item = &'a Sourced<Url>>, mark: &str, special: &[char]) -> Option<String> {
    let plain = |path: &Path| {
        let text = path.to_str()?;
        let awkward = |c: char| c.is_whitespace() || special.contains(&c) || c == '%';
        (!text.contains(awkward)).then(|| text.to_owned())
    };
    let one = |url: &Url| match url.to_path().and_then(|path| plain(&path)) {
        Some(path) => path,
        None => {
            special.iter().fold(url.with_credentials(), |text, c| text.replace(*c, &format!("%{:02X}", u32::from(*c))))
        }
    };
    let texts: Vec<String> = urls.map(|url| one(&url.value)).collect();
    (!texts.is_empty()).then(|| texts.join(mark))
}

fn joined_text(values: &[Sourced<String>]) -> Option<String> {
    let texts: Vec<&str> = values.iter().map(|value| value.value.as_str()).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

fn whole_seconds(limit: Duration) -> String {
    (limit.as_secs() + u64::from(limit.subsec_nanos() > 0)).to_string()
}
