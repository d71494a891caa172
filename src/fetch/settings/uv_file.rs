//! The fields of a `uv.toml`, or of `[tool.uv]` in a `pyproject.toml`, that make up the index policy.
//!
//! What `[pip]` sets wins over the same field above it, because it is `uv pip` that `prime` runs.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::keyring::KeyringProvider;
use super::origin::{Origin, Sourced};
use super::uv::{FileProxies, UvSettings, index_of, location, login_of, proxy};
use crate::error::{Code, Fault, Result};
use crate::fetch::url::Url;
use crate::host::{Host, fs, names};

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Table {
    index: Vec<IndexTable>,
    index_url: Option<Spanned<String>>,
    extra_index_url: Option<Vec<Spanned<String>>>,
    find_links: Option<Vec<Spanned<String>>>,
    no_index: Option<Spanned<bool>>,
    index_strategy: Option<Spanned<String>>,
    offline: Option<Spanned<bool>>,
    #[serde(alias = "trusted-host")]
    allow_insecure_host: Vec<Spanned<String>>,
    http_proxy: Option<Spanned<String>>,
    https_proxy: Option<Spanned<String>>,
    no_proxy: Vec<Spanned<String>>,
    keyring_provider: Option<Spanned<String>>,
    pip: PipTable,
}

/// `[pip]`, as far as it can differ from what is above it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct PipTable {
    index: Vec<IndexTable>,
    index_url: Option<Spanned<String>>,
    extra_index_url: Option<Vec<Spanned<String>>>,
    find_links: Option<Vec<Spanned<String>>>,
    no_index: Option<Spanned<bool>>,
    index_strategy: Option<Spanned<String>>,
    keyring_provider: Option<Spanned<String>>,
}

#[derive(Deserialize)]
struct IndexTable {
    name: Option<String>,
    url: Spanned<String>,
    #[serde(default)]
    default: bool,
    #[serde(default)]
    explicit: bool,
}

#[derive(Deserialize)]
struct Pyproject {
    tool: Option<Tool>,
}

#[derive(Deserialize)]
struct Tool {
    uv: Option<Table>,
}

/// Whether a `pyproject.toml` has a `[tool.uv]`. One that is not TOML counts as having none: whoever reads it for its
/// own sake says what is wrong with it.
pub(super) fn has_uv_table(file: &Path) -> bool {
    let Ok(Some(content)) = fs::read_optional(file) else { return false };
    // A cheap look first: most files have none, and parsing is what costs.
    let text = String::from_utf8_lossy(&content);
    text.contains("uv")
        && toml::from_str::<toml::Table>(&text)
            .is_ok_and(|table| table.get("tool").and_then(|tool| tool.get("uv")).is_some_and(toml::Value::is_table))
}

/// The settings of a file.
pub(super) fn read(host: &Host, file: &Path) -> Result<UvSettings> {
    let content = fs::read_optional(file)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&content);
    let parsed = if file.file_name().is_some_and(|name| name == names::PYPROJECT) {
        toml::from_str::<Pyproject>(&text).map(|it| it.tool.and_then(|tool| tool.uv).unwrap_or_default())
    } else {
        toml::from_str::<Table>(&text)
    };
    let table = parsed.map_err(|error| malformed(file, &text, &error))?;
    Reader { host, file, text: &text }.settings(table)
}

fn malformed(file: &Path, text: &str, error: &toml::de::Error) -> Fault {
    let line = line_of(text, error.span().map_or(0, |span| span.start));
    let reason = error.message().lines().next().unwrap_or_default();
    let code = if text.parse::<toml::Table>().is_ok() { Code::BadField } else { Code::BadToml };
    Fault::of(code, format!("{}:{line} is not what uv can read: {reason}", file.display()))
        .hint("correct the line, or set `UV_NO_CONFIG=1` to leave uv's configuration files out")
        .at(file, Some(line))
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

type Index = Sourced<Url>;

struct Reader<'a> {
    host: &'a Host,
    file: &'a Path,
    text: &'a str,
}

impl Reader<'_> {
    fn settings(&self, table: Table) -> Result<UvSettings> {
        let pip = table.pip;
        let indexes = if pip.index.is_empty() { table.index } else { pip.index };
        let (mut default, mut extra) = self.indexes(indexes)?;
        let legacy = pip.index_url.or(table.index_url).map(|text| self.index(text)).transpose()?;
        default = default.or(legacy);
        for text in pip.extra_index_url.or(table.extra_index_url).unwrap_or_default() {
            extra.push(self.index(text)?);
        }
        let find_links = pip.find_links.or(table.find_links).unwrap_or_default();
        let keyring = pip.keyring_provider.or(table.keyring_provider).map(|value| self.sourced(value));
        let no_proxy: Vec<String> = table.no_proxy.iter().map(|host| host.get_ref().clone()).collect();
        let no_proxy_origin = table.no_proxy.first().map(|host| self.origin(host));
        Ok(UvSettings {
            default_index: default,
            extra_indexes: extra,
            find_links: find_links.into_iter().map(|text| self.location(text)).collect::<Result<_>>()?,
            no_index: pip.no_index.or(table.no_index).map(|value| self.sourced(value)),
            index_strategy: pip.index_strategy.or(table.index_strategy).map(|value| self.sourced(value)),
            offline: table.offline.map(|value| self.sourced(value)),
            insecure_hosts: table.allow_insecure_host.into_iter().map(|value| self.sourced(value)).collect(),
            timeout: None,
            retries: None,
            keyring_provider: keyring.map(|value| value.map(|text| KeyringProvider::of_uv(&text))),
            proxies: FileProxies {
                http: table.http_proxy.map(|value| proxy(self.sourced(value))).transpose()?,
                https: table.https_proxy.map(|value| proxy(self.sourced(value))).transpose()?,
                no_proxy: no_proxy_origin.map(|origin| Sourced::new(no_proxy.join(","), origin)),
            },
        })
    }

    fn indexes(&self, tables: Vec<IndexTable>) -> Result<(Option<Index>, Vec<Index>)> {
        let (mut default, mut extra) = (None, Vec::new());
        for table in tables.into_iter().filter(|table| !table.explicit) {
            let index = self.location(table.url)?;
            let login = table.name.and_then(|name| login_of(self.host, &name));
            let index = index.map(|url| login.map_or(url.clone(), |login| url.with_login(&login)));
            if !table.default {
                extra.push(index);
            } else if default.is_none() {
                default = Some(index);
            }
        }
        Ok((default, extra))
    }

    fn index(&self, text: Spanned<String>) -> Result<Sourced<Url>> {
        index_of(self.host, self.sourced(text), self.dir())
    }

    fn location(&self, text: Spanned<String>) -> Result<Sourced<Url>> {
        location(self.sourced(text), self.dir())
    }

    /// Paths in a file are seen from the directory that it lies in.
    fn dir(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("/"))
    }

    fn origin<T>(&self, value: &Spanned<T>) -> Origin {
        Origin::Line(self.file.to_owned(), line_of(self.text, value.span().start))
    }

    fn sourced<T>(&self, value: Spanned<T>) -> Sourced<T> {
        let origin = self.origin(&value);
        Sourced::new(value.into_inner(), origin)
    }
}
