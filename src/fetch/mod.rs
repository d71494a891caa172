//! Getting things: the package index policy, HTTP, the index API, wheels, and uv itself.
//!
//! The parts, each using only those before it: [`mod@url`] and [`settings`] (what is set, with origins), [`keyring`] (asks that
//! program), [`http`] (one client for all), [`index`] (which files a project has), [`wheel`] (which of them fits, getting it, taking members out),
//! [`mod@default_index`] (the index where none is set), [`uv`] (a working `uv` in the cache). A caller loads
//! [`IndexSettings`], makes a [`FetchPolicy`] and a [`Client`] of them, and asks for what it needs.
//!
//! Left out on purpose: resolving, building and installing packages are for pip and uv.

pub mod default_index;
pub(crate) mod encoding;
pub mod http;
pub mod index;
pub mod keyring;
mod secrets;
pub mod settings;
#[cfg(test)]
mod testing;
pub mod url;
pub mod uv;
pub mod wheel;

pub use default_index::{PipPlace, default_index};
pub use http::Client;
pub use keyring::Keyring;
pub use settings::{FetchPolicy, HttpSettings, IndexSettings, Places, Sourced, ToolSettings};
pub use url::Url;
pub use uv::{MINIMUM_UV, Obtained, Source, Uv, cached_uv, obtain_uv, version_of};
pub use wheel::{Platform, Progress};
