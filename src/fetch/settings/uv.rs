//! What is set for uv: its configuration files and its variables.
//!
//! After uv's `uv-settings`: `UV_CONFIG_FILE` in place of all files, none with `UV_NO_CONFIG`, else the project's, the
//! user's and the system's, field by field in this order, lists added together. The project's is the nearest `uv.toml`
//! or `pyproject.toml` with `[tool.uv]`, from the project's directory upwards. Of a file only the fields of the index
//! policy are looked at; whether the others are right is uv's business.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Places;
use super::keyring::KeyringProvider;
use super::origin::Sourced;
use super::pip::{parse, parse_bool, parse_count, parse_proxy, parse_seconds, xdg_config_dirs};
use super::uv_file;
use crate::error::{Fault, Kind, Result};
use crate::fetch::url::{Login, Url};
use crate::host::Host;

/// Uv's index policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UvSettings {
    /// The default index.
    pub default_index: Option<Sourced<Url>>,
    /// The other indexes, without those that serve only packages which name them (`explicit`).
    pub extra_indexes: Vec<Sourced<Url>>,
    /// `find-links`.
    pub find_links: Vec<Sourced<Url>>,
    /// `no-index`.
    pub no_index: Option<Sourced<bool>>,
    /// How several indexes go together; only whether it is set matters here.
    pub index_strategy: Option<Sourced<String>>,
    /// `offline`.
    pub offline: Option<Sourced<bool>>,
    /// Hosts whose certificates are not verified.
    pub insecure_hosts: Vec<Sourced<String>>,
    /// The limit of one read.
    pub timeout: Option<Sourced<Duration>>,
    /// How often to try again.
    pub retries: Option<Sourced<u32>>,
    /// `keyring-provider`.
    pub keyring_provider: Option<Sourced<KeyringProvider>>,
    /// `http-proxy` and `https-proxy` of a file; the variables are everybody's.
    pub proxies: FileProxies,
}

/// The proxies of a `uv.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileProxies {
    /// For `http`.
    pub http: Option<Sourced<Url>>,
    /// For `https`.
    pub https: Option<Sourced<Url>>,
    /// Hosts that are reached directly.
    pub no_proxy: Option<Sourced<String>>,
}

impl UvSettings {
    /// Reads files and variables. A file that uv would refuse is an error that names the line.
    pub fn load(host: &Host, places: &Places) -> Result<Self> {
        let mut settings = from_variables(host)?;
        for file in uv_files(host, places)? {
            settings.fill(uv_file::read(host, &file)?);
        }
        Ok(settings)
    }

    /// Takes from another what this one does not have; lists go on with the other's.
    fn fill(&mut self, other: Self) {
        self.default_index = self.default_index.take().or(other.default_index);
        self.extra_indexes.extend(other.extra_indexes);
        self.find_links.extend(other.find_links);
        self.no_index = self.no_index.take().or(other.no_index);
        self.index_strategy = self.index_strategy.take().or(other.index_strategy);
        self.offline = self.offline.take().or(other.offline);
        self.insecure_hosts.extend(other.insecure_hosts);
        self.timeout = self.timeout.take().or(other.timeout);
        self.retries = self.retries.take().or(other.retries);
        self.keyring_provider = self.keyring_provider.take().or(other.keyring_provider);
        self.proxies.http = self.proxies.http.take().or(other.proxies.http);
        self.proxies.https = self.proxies.https.take().or(other.proxies.https);
        self.proxies.no_proxy = self.proxies.no_proxy.take().or(other.proxies.no_proxy);
    }
}

fn from_variables(host: &Host) -> Result<UvSettings> {
    let one = |names: &[&str]| {
        let mut found = names.iter().filter_map(|name| Some(Sourced::new(host.var_text(name)?.to_owned(), *name)));
        found.next()
    };
    let many = |name: &str, mark: fn(char) -> bool| -> Vec<Sourced<String>> {
        let text = host.var_text(name).unwrap_or_default();
        text.split(mark).filter(|word| !word.is_empty()).map(|word| Sourced::new(word.to_owned(), name)).collect()
    };
    let index = |text| index_of(host, text, &host.current_dir);
    let space = char::is_whitespace;
    let extra = [many("UV_INDEX", space), many("UV_EXTRA_INDEX_URL", space)].concat();
    let find_links = many("UV_FIND_LINKS", |mark| mark == ',');
    Ok(UvSettings {
        default_index: one(&["UV_DEFAULT_INDEX", "UV_INDEX_URL"]).map(index).transpose()?,
        extra_indexes: extra.into_iter().map(index).collect::<Result<_>>()?,
        find_links: find_links.into_iter().map(|text| location(text, &host.current_dir)).collect::<Result<_>>()?,
        no_index: None,
        index_strategy: one(&["UV_INDEX_STRATEGY"]),
        offline: one(&["UV_OFFLINE"]).map(|text| parse(text, parse_bool)).transpose()?,
        insecure_hosts: many("UV_INSECURE_HOST", |mark| mark.is_whitespace() || mark == ','),
        timeout: one(&["UV_HTTP_TIMEOUT", "UV_REQUEST_TIMEOUT", "HTTP_TIMEOUT"])
            .map(|text| parse(text, parse_seconds))
            .transpose()?,
        retries: one(&["UV_HTTP_RETRIES"]).map(|text| parse(text, parse_count)).transpose()?,
        keyring_provider: one(&["UV_KEYRING_PROVIDER"]).map(|text| text.map(|text| KeyringProvider::of_uv(&text))),
        proxies: FileProxies::default(),
    })
}

/// An index as `[name=]location`, with the credentials that variables hold for the name.
pub(super) fn index_of(host: &Host, text: Sourced<String>, dir: &Path) -> Result<Sourced<Url>> {
    let named = text
        .value
        .split_once('=')
        .filter(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)));
    let (name, url) = match named {
        Some((name, url)) => (Some(name.to_owned()), url.to_owned()),
        None => (None, text.value),
    };
    let index = location(Sourced::new(url, text.origin), dir)?;
    Ok(match name.and_then(|name| login_of(host, &name)) {
        Some(login) => index.map(|url| url.with_login(&login)),
        None => index,
    })
}

/// The credentials in `UV_INDEX_<NAME>_USERNAME` and `UV_INDEX_<NAME>_PASSWORD`.
pub(super) fn login_of(host: &Host, name: &str) -> Option<Login> {
    let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let name: String = name.chars().map(upper).collect();
    let part = |what: &str| host.var_text(&format!("UV_INDEX_{name}_{what}")).map(str::to_owned);
    let (user, password) = (part("USERNAME"), part("PASSWORD"));
    (user.is_some() || password.is_some())
        .then(|| Login { user: user.unwrap_or_default(), password: password.unwrap_or_default() })
}

/// A URL, or a path seen from `dir`.
pub(super) fn location(text: Sourced<String>, dir: &Path) -> Result<Sourced<Url>> {
    parse(text, |text| Url::parse_or_path(text, dir).map_err(str::to_owned))
}

pub(super) fn proxy(text: Sourced<String>) -> Result<Sourced<Url>> {
    parse(text, parse_proxy)
}

pub(super) fn is_on(host: &Host, name: &str) -> Result<bool> {
    let text = host.var_text(name).map(|text| Sourced::new(text.to_owned(), name));
    Ok(text.map(|text| parse(text, parse_bool)).transpose()?.is_some_and(|on| on.value))
}

/// The files that uv takes settings from, the nearest first.
///
/// Fails with [`Kind::Config`] where a variable that says which is not usable.
pub fn uv_files(host: &Host, places: &Places) -> Result<Vec<PathBuf>> {
    if let Some(file) = host.var_path("UV_CONFIG_FILE") {
        if !file.is_file() {
            let message = format!("`UV_CONFIG_FILE` names `{}`, which is not a file", file.display());
            return Err(Fault::new(Kind::Config, message).hint("correct or unset `UV_CONFIG_FILE`").into());
        }
        return Ok(vec![file]);
    }
    if is_on(host, "UV_NO_CONFIG")? {
        return Ok(Vec::new());
    }
    let home = || host.home().map(|home| home.join(".config"));
    let user = host.var_path("XDG_CONFIG_HOME").or_else(home).map(|dir| dir.join("uv/uv.toml"));
    let mut files: Vec<PathBuf> = places.project_dir.iter().filter_map(|dir| project_file(dir)).collect();
    files.extend(user.filter(|file| file.is_file()));
    if !is_on(host, "UV_NO_SYSTEM_CONFIG")? {
        files.extend(system_file(host, &places.etc));
    }
    Ok(files)
}

fn project_file(dir: &Path) -> Option<PathBuf> {
    dir.ancestors().find_map(|dir| {
        let (own, shared) = (dir.join("uv.toml"), dir.join("pyproject.toml"));
        if own.is_file() {
            return Some(own);
        }
        uv_file::has_uv_table(&shared).then_some(shared)
    })
}

fn system_file(host: &Host, etc: &Path) -> Option<PathBuf> {
    let candidates = xdg_config_dirs(host, etc).into_iter().chain([etc.to_owned()]);
    candidates.map(|dir| dir.join("uv/uv.toml")).find(|file| file.is_file())
}
