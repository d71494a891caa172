//! What is set for pip: its configuration files and its variables, found and merged as pip does it.
//!
//! After pip's `_internal/configuration.py`, `utils/appdirs.py` and `cli/parser.py`. Files in the order global, user,
//! site, `PIP_CONFIG_FILE`; of one section the later file wins, option by option; `[install]` wins over `[global]` from
//! whichever file; a variable wins over all files; what is empty is as if it were not there. Options that may be given
//! more than once are replaced as a whole, not added to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Places;
use super::ini::{self, Malformed};
use super::keyring::KeyringProvider;
use super::origin::{Origin, Sourced};
use crate::error::{Code, Fault, Kind, Result};
use crate::fetch::url::Url;
use crate::host::{self, Host, fs};

/// Pip's index policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PipSettings {
    /// `index-url`.
    pub index_url: Option<Sourced<Url>>,
    /// `extra-index-url`.
    pub extra_index_urls: Vec<Sourced<Url>>,
    /// `find-links`.
    pub find_links: Vec<Sourced<Url>>,
    /// `no-index`.
    pub no_index: Option<Sourced<bool>>,
    /// `cert`: a file or a directory of certificate authorities.
    pub cert: Option<Sourced<PathBuf>>,
    /// `client-cert`: certificate and key of this side in one file.
    pub client_cert: Option<Sourced<PathBuf>>,
    /// `trusted-host`, each a host or `host:port`.
    pub trusted_hosts: Vec<Sourced<String>>,
    /// `proxy`, for all schemes.
    pub proxy: Option<Sourced<Url>>,
    /// `timeout`, of one read.
    pub timeout: Option<Sourced<Duration>>,
    /// `retries`.
    pub retries: Option<Sourced<u32>>,
    /// `keyring-provider`.
    pub keyring_provider: Option<Sourced<KeyringProvider>>,
}

pub(super) type Values = BTreeMap<String, Sourced<String>>;

impl PipSettings {
    /// Reads files and variables. A file that pip would refuse is an error that names the line.
    pub fn load(host: &Host, places: &Places) -> Result<Self> {
        Self::from_values(&values(host, places)?, &host.current_dir)
    }

    fn from_values(values: &Values, dir: &Path) -> Result<Self> {
        let one = |name: &str| values.get(name).cloned();
        let many = |name: &str| values.get(name).map(words).unwrap_or_default();
        let url = |text: Sourced<String>| parse(text, |text| Url::parse_or_path(text, dir).map_err(str::to_owned));
        let urls = |name: &str| many(name).into_iter().map(url).collect::<Result<Vec<_>>>();
        let path = |text: Sourced<String>| text.map(|text| dir.join(text));
        let seconds = one("timeout").or_else(|| one("default-timeout"));
        Ok(Self {
            index_url: one("index-url").or_else(|| one("pypi-url")).map(url).transpose()?,
            extra_index_urls: urls("extra-index-url")?,
            find_links: urls("find-links")?,
            no_index: one("no-index").map(|text| parse(text, parse_bool)).transpose()?,
            cert: one("cert").map(path),
            client_cert: one("client-cert").map(path),
            trusted_hosts: many("trusted-host"),
            proxy: one("proxy").map(|text| parse(text, parse_proxy)).transpose()?,
            timeout: seconds.map(|text| parse(text, parse_seconds)).transpose()?,
            retries: one("retries").map(|text| parse(text, parse_count)).transpose()?,
            keyring_provider: one("keyring-provider").map(|text| parse(text, KeyringProvider::of_pip)).transpose()?,
        })
    }
}

/// All that is set for `pip install`, option by option.
///
/// Fails with [`Kind::Config`] on a file that pip would refuse.
pub fn pip_options(host: &Host, places: &Places) -> Result<BTreeMap<String, String>> {
    Ok(values(host, places)?.into_iter().map(|(name, value)| (name, value.value)).collect())
}

/// What `pip install` goes by, option by option.
pub(super) fn values(host: &Host, places: &Places) -> Result<Values> {
    let mut files = BTreeMap::<String, Values>::new();
    for file in config_files(host, places) {
        read_file(&file, &mut files)?;
    }
    let mut values = Values::new();
    for section in ["global", "install"] {
        values.extend(files.remove(section).unwrap_or_default());
    }
    values.extend(from_variables(host));
    Ok(values)
}

/// The files that pip would read, in the order in which it does.
fn config_files(host: &Host, places: &Places) -> Vec<PathBuf> {
    let own = host.var_path("PIP_CONFIG_FILE");
    if own.as_deref() == Some(Path::new("/dev/null")) {
        return Vec::new();
    }
    let mut files: Vec<PathBuf> = global_dirs(host, &places.etc).iter().map(|dir| dir.join("pip.conf")).collect();
    if !own.as_ref().is_some_and(|file| file.exists()) {
        files.extend(user_dirs(host).iter().map(|dir| dir.join("pip.conf")));
    }
    files.extend(places.python_prefix.iter().map(|prefix| prefix.join("pip.conf")));
    files.extend(own);
    files
}

fn global_dirs(host: &Host, etc: &Path) -> Vec<PathBuf> {
    if cfg!(target_os = "macos") {
        return vec![PathBuf::from("/Library/Application Support/pip")];
    }
    let dirs = xdg_config_dirs(host, etc);
    dirs.into_iter().map(|dir| dir.join("pip")).chain([etc.to_owned()]).collect()
}

/// The system-wide directories of the XDG base directory specification.
pub(super) fn xdg_config_dirs(host: &Host, etc: &Path) -> Vec<PathBuf> {
    let dirs = host.var_paths("XDG_CONFIG_DIRS");
    if dirs.is_empty() { vec![etc.join("xdg")] } else { dirs }
}

fn user_dirs(host: &Host) -> Vec<PathBuf> {
    let Some(home) = host.home() else { return Vec::new() };
    let mac = home.join("Library/Application Support/pip");
    let modern = if !cfg!(target_os = "macos") {
        host.var_path("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")).join("pip")
    } else if mac.is_dir() {
        mac
    } else {
        home.join(".config/pip")
    };
    vec![home.join(".pip"), modern]
}

fn read_file(file: &Path, sections: &mut BTreeMap<String, Values>) -> Result<()> {
    let Some(content) = fs::read_optional(file)? else { return Ok(()) };
    let text = String::from_utf8(content).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + String::from_utf8_lossy(valid).matches('\n').count();
        malformed(file, &Malformed { line, reason: "it is not UTF-8".to_owned() })
    })?;
    let parsed = ini::parse(&text).map_err(|error| malformed(file, &error))?;
    // As in Python, the options of `[DEFAULT]` belong to every other section that does not set them.
    let defaults = parsed.iter().find(|section| section.name == "DEFAULT").map(|section| section.options.clone());
    for section in parsed.iter().filter(|section| section.name != "DEFAULT") {
        let values = sections.entry(section.name.clone()).or_default();
        for option in defaults.iter().flatten().chain(&section.options) {
            if !option.value.is_empty() {
                let value = Sourced::new(option.value.clone(), Origin::Line(file.to_owned(), option.line));
                values.insert(normalize(&option.name), value);
            }
        }
    }
    Ok(())
}

fn malformed(file: &Path, error: &Malformed) -> Fault {
    Fault::of(Code::BadToml, format!("{}:{} is not what pip can read: {}", file.display(), error.line, error.reason))
        .hint("correct the line, or set `PIP_CONFIG_FILE=/dev/null` to leave pip's configuration files out")
        .at(file, Some(error.line))
}

fn from_variables(host: &Host) -> Values {
    let variables = host.vars.iter().filter_map(|(name, value)| {
        let (name, value) = (name.to_str()?, value.to_str()?);
        let option = name.strip_prefix("PIP_")?;
        (!value.is_empty()).then(|| (normalize(option), Sourced::new(value.to_owned(), name)))
    });
    variables.collect()
}

/// The name of an option, however it is written (pip's `_normalize_name`).
fn normalize(name: &str) -> String {
    let name = name.to_lowercase().replace('_', "-");
    name.strip_prefix("--").map_or(name.clone(), str::to_owned)
}

fn words(text: &Sourced<String>) -> Vec<Sourced<String>> {
    text.value.split_whitespace().map(|word| Sourced::new(word.to_owned(), text.origin.clone())).collect()
}

/// What a value means; one that means nothing is an error that names the origin and shows no secret.
pub(super) fn parse<T>(text: Sourced<String>, meaning: impl Fn(&str) -> Result<T, String>) -> Result<Sourced<T>> {
    match meaning(text.value.trim()) {
        Ok(value) => Ok(Sourced::new(value, text.origin)),
        Err(reason) => Err(Fault::new(Kind::Config, format!("the value of `{}` is not usable: {reason}", text.origin))
            .hint(format!("correct or remove `{}`", text.origin))
            .about(text.origin.place())
            .into()),
    }
}

/// A truth value as `distutils` and clap understand it.
pub(super) fn parse_bool(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "y" | "yes" | "t" | "true" | "on" | "1" => Ok(true),
        "n" | "no" | "f" | "false" | "off" | "0" => Ok(false),
        _ => Err("it is neither `true` nor `false`".to_owned()),
    }
}

/// A proxy, which may come without a scheme.
pub(super) fn parse_proxy(text: &str) -> Result<Url, String> {
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    Url::parse(&text).map_err(str::to_owned)
}

pub(super) fn parse_seconds(text: &str) -> Result<Duration, String> {
    host::seconds(text).filter(|seconds| !seconds.is_zero()).ok_or_else(|| "it is not a number of seconds".to_owned())
}

pub(super) fn parse_count(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "it is not a number".to_owned())
}
