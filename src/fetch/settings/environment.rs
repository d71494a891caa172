//! The variables that every program which opens connections understands: proxies, certificate authorities, netrc.

use std::path::PathBuf;

use super::origin::Sourced;
use super::pip::{parse, parse_proxy};
use crate::error::Result;
use crate::fetch::url::Url;
use crate::host::Host;

/// What the environment says to everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `SSL_CERT_FILE` (OpenSSL, uv).
    pub cert_file: Option<Sourced<PathBuf>>,
    /// `SSL_CERT_DIR` (OpenSSL, uv), which may name several.
    pub cert_dirs: Vec<Sourced<PathBuf>>,
    /// `REQUESTS_CA_BUNDLE`, else `CURL_CA_BUNDLE` (pip): a file or a directory.
    pub cert_bundle: Option<Sourced<PathBuf>>,
    /// `SSL_CLIENT_CERT` (uv): certificate and key of this side in one file.
    pub client_cert: Option<Sourced<PathBuf>>,
    /// `http_proxy`, else `HTTP_PROXY`.
    pub http_proxy: Option<Sourced<Url>>,
    /// `https_proxy`, else `HTTPS_PROXY`.
    pub https_proxy: Option<Sourced<Url>>,
    /// `all_proxy`, else `ALL_PROXY`: for what has no proxy of its own.
    pub all_proxy: Option<Sourced<Url>>,
    /// `no_proxy`, else `NO_PROXY`.
    pub no_proxy: Option<Sourced<String>>,
    /// `NETRC`, else `~/.netrc`.
    pub netrc: Option<Sourced<PathBuf>>,
}

impl Environment {
    /// Reads the variables. Of two that differ only in case the lower one wins, as in curl.
    pub fn load(host: &Host) -> Result<Self> {
        let path = |name: &str| host.var_path(name).map(|path| Sourced::new(path, name));
        let dirs = host.var_paths("SSL_CERT_DIR").into_iter();
        let text = |name: &str| {
            let names = [name.to_lowercase(), name.to_owned()];
            names.into_iter().find_map(|name| Some(Sourced::new(host.var_text(&name)?.to_owned(), name)))
        };
        let proxy = |name: &str| text(name).map(|text| parse(text, parse_proxy)).transpose();
        let home_netrc = || Some(Sourced::new(host.home()?.join(".netrc"), "~/.netrc"));
        Ok(Self {
            cert_file: path("SSL_CERT_FILE"),
            cert_dirs: dirs.map(|dir| Sourced::new(dir, "SSL_CERT_DIR")).collect(),
            cert_bundle: path("REQUESTS_CA_BUNDLE").or_else(|| path("CURL_CA_BUNDLE")),
            client_cert: path("SSL_CLIENT_CERT"),
            http_proxy: proxy("HTTP_PROXY")?,
            https_proxy: proxy("HTTPS_PROXY")?,
            all_proxy: proxy("ALL_PROXY")?,
            no_proxy: text("NO_PROXY"),
            netrc: path("NETRC").or_else(home_netrc),
        })
    }

    /// Whether any proxy is set.
    pub fn has_proxy(&self) -> bool {
        self.http_proxy.is_some() || self.https_proxy.is_some() || self.all_proxy.is_some()
    }
}
