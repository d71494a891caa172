//! The registry: one JSON file that lists the connectors there are, and what each is made of.
//!
//! It is a file or a URL that `--registry` or `AIRBYTE_LOCAL_REGISTRY` names; the source of `prime` names none. It is asked
//! for only where something depends on what it says. What a URL gave is kept, and asked for anew only if it has changed. Its
//! several megabytes are read once, and of that only noted where each entry is, so one that cannot be understood harms no
//! other.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use serde_json::Value as Json;

use super::options::Options;
use super::web::{Freshness, Web};
use crate::error::{Fault, Kind, Result};
use crate::fetch::Url;
use crate::host::{Host, names};

mod entry;
mod find;

pub use entry::{InstallType, Metadata};
use find::{Found, Listing};

/// Beside the registry, the entry of one version of a connector.
const ENTRY: &str = "oss.json";
/// How a registry is switched off.
const OFF: [&str; 4] = ["0", "f", "false", "no"];

/// The registry, as far as it is set.
pub struct Registry {
    url: Url,
    web: Web,
    listing: OnceCell<Listing>,
}

/// The registries that were set so far: most often one, which is got and read once for all connectors.
#[derive(Default)]
pub struct Registries(RefCell<Vec<Rc<Registry>>>);

impl Registries {
    /// The registry that is set; `None` where none is, or it is switched off.
    ///
    /// Fails with [`Kind::Config`] where what is set is no URL.
    pub fn set(&self, host: &Host, options: &Options) -> Result<Option<Rc<Registry>>> {
        let Some(registry) = Registry::set(host, options)? else { return Ok(None) };
        let is_it = |it: &&Rc<Registry>| {
            it.web.is_offline() == registry.web.is_offline()
                && it.url.with_credentials() == registry.url.with_credentials()
        };
        let known = self.0.borrow().iter().find(is_it).cloned();
        Ok(Some(known.unwrap_or_else(|| {
            let registry = Rc::new(registry);
            self.0.borrow_mut().push(Rc::clone(&registry));
            registry
        })))
    }
}

impl Registry {
    /// The registry that is set; `None` where none is, or it is switched off.
    ///
    /// Fails with [`Kind::Config`] where what is set is no URL.
    pub fn set(host: &Host, options: &Options) -> Result<Option<Self>> {
        let (text, origin) = match (&options.registry, host.var_text(names::AIRBYTE_LOCAL_REGISTRY)) {
            (Some(text), _) => (text.clone(), "--registry"),
            (None, Some(text)) => (text.to_owned(), names::AIRBYTE_LOCAL_REGISTRY),
            (None, None) => return Ok(None),
        };
        if text.is_empty() || OFF.contains(&text.to_ascii_lowercase().as_str()) {
            return Ok(None);
        }
        let url = Url::parse_or_path(&text, &host.current_dir).map_err(|reason| {
            let fault = Fault::new(Kind::Config, format!("`{origin}` is no path and no URL: {reason}"));
            fault.hint("name the file of a registry, or its URL")
        })?;
        let web = Web::new(host, options.offline);
        if !web.may_have(&url) {
            tracing::info!("the registry `{url}` is not kept, and the network must not be used: there is none");
            return Ok(None);
        }
        Ok(Some(Self { url, web, listing: OnceCell::new() }))
    }

    /// Where it is, for people.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// What it says of a connector.
    ///
    /// Fails with [`Kind::Config`] where it does not list it, with [`Kind::Data`] where it is no registry, and with what
    /// getting it failed with.
    pub fn metadata(&self, name: &str) -> Result<Metadata> {
        match self.listing()?.find(name) {
            Found::Entry(entry) => Metadata::parse(name, &entry).map_err(|reason| self.bad_entry(name, reason).into()),
            Found::Nothing { near, count } => Err(self.not_registered(name, near.as_deref(), count).into()),
        }
    }

    /// A file of a connector that lies beside the registry; `None` where there is none.
    pub fn file(&self, name: &str, version: &str, file: &str) -> Result<Option<Vec<u8>>> {
        let party = if name.contains('/') { "" } else { "airbyte/" };
        let url = self.root()?.join(&format!("metadata/{party}{name}/{version}/{file}"));
        let url = url.map_err(|reason| self.not_understood(reason))?;
        // What has a version does not change.
        let freshness = if version == "latest" { Freshness::Validated } else { Freshness::Any };
        self.web.get(&url, freshness)
    }

    /// What the configuration of another version than the newest looks like, as the entry of that version beside the registry
    /// says; `None` where it does not.
    ///
    /// Fails with [`Kind::Config`] where there is no such version.
    pub fn spec_of(&self, name: &str, version: &str) -> Result<Option<Json>> {
        let entry = self.file(name, version, ENTRY)?.ok_or_else(|| {
            let fault = Fault::new(Kind::Config, format!("the registry `{}` has no `{name}` {version}", self.url));
            fault.hint("leave out `--version`, or name one that it has")
        })?;
        let entry: Json = serde_json::from_slice(&entry).map_err(|_| self.bad_entry(name, "it is no JSON"))?;
        Ok(entry.get("spec").filter(|spec| spec.is_object()).cloned())
    }

    fn listing(&self) -> Result<&Listing> {
        if let Some(listing) = self.listing.get() {
            return Ok(listing);
        }
        let content = self.web.get(&self.url, Freshness::Validated)?.ok_or_else(|| {
            let fault = Fault::new(Kind::Unavailable, format!("there is no connector registry at `{}`", self.url));
            fault.hint(format!("check `--registry` or `{}`; `false` does without one", names::AIRBYTE_LOCAL_REGISTRY))
        })?;
        let listing = Listing::parse(content).map_err(|reason| self.not_understood(&reason))?;
        Ok(self.listing.get_or_init(|| listing))
    }

    /// What the paths of other files start from: a registry lies in `registries/v0/` there, or beside them.
    fn root(&self) -> Result<Url> {
        let text = self.url.bare().with_credentials();
        let dir = text.rsplit_once('/').map_or(text.as_str(), |(dir, _)| dir);
        let root = dir.strip_suffix("/registries/v0").unwrap_or(dir);
        Url::parse(&format!("{root}/")).map_err(|reason| self.not_understood(reason).into())
    }

    fn not_registered(&self, name: &str, near: Option<&str>, count: usize) -> Fault {
        let message = format!("connector `{name}` is not in the registry `{}`", self.url);
        Fault::new(Kind::Config, message).hint(match near {
            Some(near) => format!("did you mean `{near}`? it has {count} connectors"),
            None => format!("it has {count} connectors; say how to install this one, as with `--pip-url`"),
        })
    }

    fn bad_entry(&self, name: &str, reason: &str) -> Fault {
        let message = format!("the entry of `{name}` in the registry `{}` cannot be used: {reason}", self.url);
        Fault::new(Kind::Data, message).hint("say how to run the connector, as with `--pip-url` or `--docker-image`")
    }

    fn not_understood(&self, reason: &str) -> Fault {
        let message = format!("`{}` is no connector registry: {reason}", self.url);
        let variable = names::AIRBYTE_LOCAL_REGISTRY;
        Fault::new(Kind::Data, message).hint(format!("check `--registry` or `{variable}`; `false` does without one"))
    }
}

/// The fault where the registry would have to be asked and none is set.
pub fn not_set(what: &str) -> Fault {
    let message = format!("{what} comes from the connector registry, and none is set");
    let variable = names::AIRBYTE_LOCAL_REGISTRY;
    Fault::new(Kind::Config, message).hint(format!("name its file or URL with `--registry` or in `{variable}`"))
}
