//! Which proxy a URL is reached through.

use std::net::IpAddr;

use crate::fetch::settings::HttpSettings;
use crate::fetch::url::{Scheme, Url};

/// The way to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Straight to it.
    Direct,
    /// Through a tunnel that a proxy opens (`CONNECT`).
    Tunnel(Url),
    /// A proxy is asked for the whole URL: what proxies expect for `http`.
    Forward(Url),
}

/// The way to a URL's host.
pub(super) fn route(url: &Url, settings: &HttpSettings) -> Route {
    let proxy = match url.scheme() {
        Scheme::Http => settings.http_proxy.as_ref(),
        Scheme::Https => settings.https_proxy.as_ref(),
        Scheme::File | Scheme::Socks => None,
    };
    match proxy.map(|proxy| &proxy.value) {
        Some(proxy) if !is_exempt(url, &settings.no_proxy) => match (url.scheme(), proxy.scheme()) {
            (Scheme::Http, Scheme::Http) => Route::Forward(proxy.clone()),
            _ => Route::Tunnel(proxy.clone()),
        },
        _ => Route::Direct,
    }
}

/// Whether the list in the form of `NO_PROXY` covers a URL: `*`, hosts (which cover those below them too, with or
/// without a leading dot), `host:port`, addresses and address ranges in CIDR form.
fn is_exempt(url: &Url, list: &str) -> bool {
    let host = url.host();
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    let entries = list.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty());
    entries.into_iter().any(|entry| {
        if let (Some(address), Some((network, bits))) = (address, entry.split_once('/')) {
            return in_network(address, network, bits);
        }
        match entry.rsplit_once(':').and_then(|(name, port)| Some((name, port.parse::<u16>().ok()?))) {
            Some((name, port)) if !name.contains(':') || name.ends_with(']') => {
                url.port() == port && covers(name, host)
            }
            _ => covers(entry, host),
        }
    })
}

fn covers(entry: &str, host: &str) -> bool {
    let entry = entry.trim_matches(['[', ']']).to_ascii_lowercase();
    let host = host.trim_matches(['[', ']']);
    let name = entry.trim_start_matches('*').trim_start_matches('.');
    entry == "*" || host == name || host.strip_suffix(name).is_some_and(|head| !name.is_empty() && head.ends_with('.'))
}

fn in_network(address: IpAddr, network: &str, bits: &str) -> bool {
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (u128::from(address.to_bits()), u128::from(network.to_bits()), 32)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return false,
    };
    if bits > width {
        return false;
    }
    let common = |value: u128| value.checked_shr(width - bits).unwrap_or(0);
    common(address) == common(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_ports_and_ranges_are_exempt_as_everywhere() {
        for (list, url, expected) in [
            ("*", "https://a/", true),
            ("example.com", "https://example.com/", true),
            ("example.com", "https://a.example.com/", true),
            (".example.com", "https://a.example.com/", true),
            (".example.com", "https://example.com/", true),
            ("*.example.com", "https://a.example.com/", true),
            ("example.com", "https://badexample.com/", false),
            ("Example.COM", "https://example.com/", true),
            ("example.com:444", "https://example.com/", false),
            ("example.com:443", "https://example.com/", true),
            ("a, b ,c", "https://c/", true),
            ("a b", "https://b/", true),
            ("127.0.0.1", "http://127.0.0.1:8/", true),
            ("10.0.0.0/8", "http://10.1.2.3/", true),
            ("10.0.0.0/8", "http://11.1.2.3/", false),
            ("0.0.0.0/0", "http://11.1.2.3/", true),
            ("10.0.0.0/33", "http://10.0.0.0/", false),
            ("::1", "http://[::1]:8/", true),
            ("[::1]:8", "http://[::1]:8/", true),
            ("fd00::/8", "http://[fd12::1]/", true),
            ("", "https://a/", false),
            (".", "https://a/", false),
        ] {
            assert_eq!(is_exempt(&Url::parse(url).unwrap(), list), expected, "{list:?} {url}");
        }
    }
}
