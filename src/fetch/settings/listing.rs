//! The settings for people: every value with its origin, without secrets.

use super::{IndexSettings, Sourced};

/// One value that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Whose setting it is, and its name: `pip index-url`.
    pub name: String,
    /// The value, without credentials.
    pub value: String,
    /// The variable, or the file and line.
    pub origin: String,
}

impl IndexSettings {
    /// All that is set, for `-v`.
    pub fn list(&self) -> Vec<Listed> {
        let mut list = Listing::default();
        list.add("prime index", &self.own_index, ToString::to_string);
        list.add("launcher's index", &self.recorded_index, ToString::to_string);
        self.list_pip(&mut list);
        self.list_uv(&mut list);
        self.list_environment(&mut list);
        if self.offline {
            list.add("offline", [&Sourced::new(true, "--offline")], ToString::to_string);
        }
        list.rows
    }

    fn list_pip(&self, list: &mut Listing) {
        let pip = &self.pip;
        list.add("pip index-url", &pip.index_url, ToString::to_string);
        list.add("pip extra-index-url", &pip.extra_index_urls, ToString::to_string);
        list.add("pip find-links", &pip.find_links, ToString::to_string);
        list.add("pip no-index", &pip.no_index, ToString::to_string);
        list.add("pip cert", &pip.cert, |path| path.display().to_string());
        list.add("pip client-cert", &pip.client_cert, |path| path.display().to_string());
        list.add("pip trusted-host", &pip.trusted_hosts, ToString::to_string);
        list.add("pip proxy", &pip.proxy, ToString::to_string);
        list.add("pip timeout", &pip.timeout, |limit| format!("{} s", limit.as_secs_f64()));
        list.add("pip retries", &pip.retries, ToString::to_string);
        list.add("pip keyring-provider", &pip.keyring_provider, |it| it.as_str().to_owned());
    }

    fn list_uv(&self, list: &mut Listing) {
        let uv = &self.uv;
        list.add("uv default index", &uv.default_index, ToString::to_string);
        list.add("uv index", &uv.extra_indexes, ToString::to_string);
        list.add("uv find-links", &uv.find_links, ToString::to_string);
        list.add("uv no-index", &uv.no_index, ToString::to_string);
        list.add("uv index-strategy", &uv.index_strategy, ToString::to_string);
        list.add("uv offline", &uv.offline, ToString::to_string);
        list.add("uv allow-insecure-host", &uv.insecure_hosts, ToString::to_string);
        list.add("uv timeout", &uv.timeout, |limit| format!("{} s", limit.as_secs_f64()));
        list.add("uv retries", &uv.retries, ToString::to_string);
        list.add("uv keyring-provider", &uv.keyring_provider, |it| it.as_str().to_owned());
        list.add("uv http-proxy", &uv.proxies.http, ToString::to_string);
        list.add("uv https-proxy", &uv.proxies.https, ToString::to_string);
        list.add("uv no-proxy", &uv.proxies.no_proxy, ToString::to_string);
    }

    fn list_environment(&self, list: &mut Listing) {
        let environment = &self.environment;
        let certificates = environment.cert_file.iter().chain(&environment.cert_dirs).chain(&environment.cert_bundle);
        list.add("certificate authorities", certificates, |path| path.display().to_string());
        list.add("client certificate", &environment.client_cert, |path| path.display().to_string());
        let proxies = environment.http_proxy.iter().chain(&environment.https_proxy).chain(&environment.all_proxy);
        list.add("proxy", proxies, ToString::to_string);
        list.add("no proxy", &environment.no_proxy, ToString::to_string);
    }
}

#[derive(Default)]
struct Listing {
    rows: Vec<Listed>,
}

impl Listing {
    fn add<'a, T: 'a>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = &'a Sourced<T>>,
        text: impl Fn(&T) -> String,
    ) {
        let row = |value: &Sourced<T>| Listed {
            name: name.to_owned(),
            value: text(&value.value),
            origin: value.origin.to_string(),
        };
        self.rows.extend(values.into_iter().map(row));
    }
}
