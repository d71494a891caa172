//! What holds for our own fetches, out of all that is set.
//!
//! | | first that is set |
//! |---|---|
//! | index | `PRIME_INDEX_URL` alone; else uv's default index, pip's, the launcher's, the default; then uv's other indexes, else pip's |
//! | find-links | uv's, else pip's |
//! | no-index | not where `PRIME_INDEX_URL` is set; uv's; pip's unless uv has a default index |
//! | certificate authorities | `SSL_CERT_FILE` and `SSL_CERT_DIR` together; pip's `cert`; `REQUESTS_CA_BUNDLE`; `CURL_CA_BUNDLE`; the platform's |
//! | proxy | the variables; `uv.toml`'s; pip's `proxy` |
//! | time limit, retries | uv's; pip's; 30 s, 3 |
//!
//! Pip's indexes beside uv's default would mix two policies, so they are left out there.

use std::path::PathBuf;
use std::time::Duration;

use super::{IndexSettings, Sourced};
use crate::error::Result;
use crate::fetch::url::Url;
use crate::host::Host;

/// The limit of one read, as uv has it.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How often to try again, as uv has it.
const RETRIES: u32 = 3;
/// The pause before the first further try; it doubles with each.
const PAUSE: Duration = Duration::from_millis(200);

/// What our own fetches go by.
#[derive(Clone, Debug)]
pub struct FetchPolicy {
    /// The indexes in the order in which they are asked; the first that has a project decides. Empty where there is to
    /// be none.
    pub indexes: Vec<Sourced<Url>>,
    /// Directories and pages with links to wheels, beside the indexes.
    pub find_links: Vec<Sourced<Url>>,
    /// Who said that no index be asked.
    pub no_index: Option<String>,
    /// How connections are made.
    pub http: HttpSettings,
}

/// How connections are made.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Who said that the network must not be used.
    pub offline: Option<String>,
    /// Hosts, or `host:port`, whose certificates are not verified.
    pub trusted_hosts: Vec<String>,
    /// Whose certificates are trusted.
    pub authorities: Authorities,
    /// Certificate and key of this side, in one PEM file.
    pub client_cert: Option<Sourced<PathBuf>>,
    /// The proxy for `http`.
    pub http_proxy: Option<Sourced<Url>>,
    /// The proxy for `https`.
    pub https_proxy: Option<Sourced<Url>>,
    /// Hosts that are reached directly, in the form of `NO_PROXY`.
    pub no_proxy: String,
    /// URLs whose credentials hold for everything of the same scheme, host and port.
    pub logins: Vec<Url>,
    /// What a keyring knows credentials by.
    pub services: Vec<Url>,
    /// The process on whose `PATH` the keyring is, where one may be asked.
    pub keyring: Option<Host>,
    /// The netrc file.
    pub netrc: Option<PathBuf>,
    /// The limit of one read, and of opening a connection.
    pub timeout: Duration,
    /// How often to try again.
    pub retries: u32,
    /// The pause before the first further try; it doubles with each.
    pub pause: Duration,
}

/// Whose certificates are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorities {
    /// Those of the platform.
    Platform,
    /// Those in these PEM files and directories, and nobody else.
    Of(Vec<Sourced<PathBuf>>),
}

impl IndexSettings {
    /// What holds for our own fetches. `default` tells the index to use where nothing is set, and is asked only then.
    pub fn policy(&self, default: impl FnOnce() -> Result<Sourced<Url>>) -> Result<FetchPolicy> {
        let no_index = self.no_index();
        let indexes = if no_index.is_some() { Vec::new() } else { self.indexes(default)? };
        let find_links = if self.uv.find_links.is_empty() { &self.pip.find_links } else { &self.uv.find_links };
        let http = self.http(&indexes, find_links);
        Ok(FetchPolicy { indexes, find_links: find_links.clone(), no_index, http })
    }

    fn no_index(&self) -> Option<String> {
        let pip = self.pip.no_index.as_ref().filter(|_| self.uv.default_index.is_none());
        let set = self.uv.no_index.as_ref().or(pip).filter(|no_index| no_index.value && self.own_index.is_none());
        set.map(|no_index| no_index.origin.to_string())
    }

    fn indexes(&self, default: impl FnOnce() -> Result<Sourced<Url>>) -> Result<Vec<Sourced<Url>>> {
        if let Some(own) = &self.own_index {
            return Ok(vec![own.clone()]);
        }
        let set = self.uv.default_index.as_ref().or(self.pip.index_url.as_ref());
        let first = match set.or(self.recorded_index.as_ref()) {
            Some(first) => first.clone(),
            None => default()?,
        };
        let extra = if self.uv_names_indexes() { &self.uv.extra_indexes } else { &self.pip.extra_index_urls };
        Ok([first].into_iter().chain(extra.iter().cloned()).collect())
    }

    /// Whether uv was told which indexes to ask, so that pip's further ones are none of its business.
    pub(super) fn uv_names_indexes(&self) -> bool {
        self.uv.default_index.is_some() || !self.uv.extra_indexes.is_empty()
    }

    fn http(&self, indexes: &[Sourced<Url>], find_links: &[Sourced<Url>]) -> HttpSettings {
        let (environment, file) = (&self.environment, &self.uv.proxies);
        let proxy = |own: &Option<Sourced<Url>>, file: &Option<Sourced<Url>>| {
            let found = own.as_ref().or(environment.all_proxy.as_ref()).or(file.as_ref());
            found.or(self.pip.proxy.as_ref()).cloned()
        };
        let uv_offline =
            self.uv.offline.as_ref().filter(|offline| offline.value).map(|offline| offline.origin.to_string());
        let trusted = self.uv.insecure_hosts.iter().chain(&self.pip.trusted_hosts);
        let no_proxy = environment.no_proxy.as_ref().or(file.no_proxy.as_ref());
        let named = indexes.iter().chain(find_links).map(|index| index.value.clone());
        let timeout = self.uv.timeout.as_ref().or(self.pip.timeout.as_ref());
        let retries = self.uv.retries.as_ref().or(self.pip.retries.as_ref());
        HttpSettings {
            offline: if self.offline { Some("--offline".to_owned()) } else { uv_offline },
            trusted_hosts: trusted.map(|host| host.value.clone()).collect(),
            authorities: self.authorities(),
            client_cert: environment.client_cert.as_ref().or(self.pip.client_cert.as_ref()).cloned(),
            http_proxy: proxy(&environment.http_proxy, &file.http),
            https_proxy: proxy(&environment.https_proxy, &file.https),
            no_proxy: no_proxy.map(|hosts| hosts.value.clone()).unwrap_or_default(),
            logins: named.clone().filter(|url| url.login().is_some()).collect(),
            services: named.collect(),
            keyring: self.asks_keyring().then(|| self.host.clone()),
            netrc: environment.netrc.as_ref().map(|file| file.value.clone()),
            timeout: timeout.map_or(TIMEOUT, |limit| limit.value),
            retries: retries.map_or(RETRIES, |count| count.value),
            pause: PAUSE,
        }
    }

    fn authorities(&self) -> Authorities {
        let environment = &self.environment;
        let openssl: Vec<_> = environment.cert_file.iter().chain(&environment.cert_dirs).cloned().collect();
        if !openssl.is_empty() {
            return Authorities::Of(openssl);
        }
        let requests = self.pip.cert.as_ref().or(environment.cert_bundle.as_ref());
        requests.map_or(Authorities::Platform, |bundle| Authorities::Of(vec![bundle.clone()]))
    }
}
