//! URLs as far as package indexes need them (RFC 3986): `http`, `https` and `file`, with user information, and
//! references relative to a page.
//!
//! A [`Url`] shows itself without its user information, so that it can be printed anywhere; only
//! [`Url::with_credentials`] tells all, for environment variables of tools.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use crate::host::fs::normalize;

/// An absolute URL.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Url {
    scheme: Scheme,
    user_info: Option<String>,
    host: String,
    port: Option<u16>,
    path: String,
    query: Option<String>,
    fragment: Option<String>,
}

/// The schemes that can be fetched from, and those of proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Without encryption.
    Http,
    /// With it.
    Https,
    /// A file or directory of this machine.
    File,
    /// A SOCKS proxy, of whatever version; known so that it can be refused by name.
    Socks,
}

/// Who one is to the other side.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// The password, which may be empty.
    pub password: String,
}

impl Url {
    /// The URL that a text is. The error is the reason why it is none, without the text.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':').ok_or("it has no scheme")?;
        let scheme = Scheme::parse(scheme)?;
        let (rest, fragment) = split_off(rest, '#');
        let (rest, query) = split_off(rest, '?');
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
            None => ("", rest),
        };
        let (user_info, host, port) = split_authority(authority)?;
        if host.is_empty() && scheme != Scheme::File {
            return Err("it has no host");
        }
        Ok(Self {
            scheme,
            user_info,
            host,
            port,
            path: if path.starts_with('/') { clean(path) } else { format!("/{}", clean(path)) },
            query: query.map(clean),
            fragment: fragment.map(clean),
        })
    }

    /// What a setting names: a URL, else a path seen from `dir`.
    pub fn parse_or_path(text: &str, dir: &Path) -> Result<Self, &'static str> {
        let scheme = text.trim().split_once(':').map(|(scheme, _)| scheme);
        match scheme {
            Some(scheme) if text.contains("://") || Scheme::parse(scheme).is_ok() => Self::parse(text),
            _ => Ok(Self::from_path(&normalize(&dir.join(text.trim())))),
        }
    }

    /// The URL of an absolute path.
    pub fn from_path(path: &Path) -> Self {
        let path = percent_encode(path.as_os_str().as_bytes(), |byte| is_unreserved(byte) || byte == b'/');
        let none = None::<String>;
        Self {
            scheme: Scheme::File,
            user_info: None,
            host: String::new(),
            port: None,
            path,
            query: none,
            fragment: None,
        }
    }

    /// What a reference on this page points to (RFC 3986, section 5.2).
    pub fn join(&self, reference: &str) -> Result<Self, &'static str> {
        let reference = reference.trim();
        let has_scheme = reference.find([':', '/', '?', '#']).is_some_and(|at| reference[at..].starts_with(':'));
        if has_scheme {
            return Self::parse(reference);
        }
        if reference.starts_with("//") {
            return Self::parse(&format!("{}:{reference}", self.scheme.name()));
        }
        let (rest, fragment) = split_off(reference, '#');
        let (path, query) = split_off(rest, '?');
        let mut joined = Self { fragment: fragment.map(clean), ..self.clone() };
        if !path.is_empty() {
            let base = &self.path[..=self.path.rfind('/').unwrap_or(0)];
            let absolute = if path.starts_with('/') { clean(path) } else { format!("{base}{}", clean(path)) };
            joined.path = without_dot_segments(&absolute);
        }
        if !path.is_empty() || query.is_some() {
            joined.query = query.map(clean);
        }
        Ok(joined)
    }

    /// The page below this one, whether or not this one ends with a slash: what an index URL means.
    pub fn child(&self, segment: &str) -> Self {
        let segment = percent_encode(segment.as_bytes(), is_unreserved);
        let path = format!("{}/{segment}/", self.path.trim_end_matches('/'));
        Self { path, fragment: None, ..self.clone() }
    }

    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host, in lower case; that of IPv6 in brackets; empty for files.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, the scheme's own where none is given.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(self.scheme.default_port())
    }

    /// The host, with the port where one is given.
    pub fn authority(&self) -> String {
        self.port.map_or_else(|| self.host.clone(), |port| format!("{}:{port}", self.host))
    }

    /// What follows the `#`.
    pub fn fragment(&self) -> Option<&str> {
        self.fragment.as_deref()
    }

    /// The credentials it carries, decoded.
    pub fn login(&self) -> Option<Login> {
        let (user, password) = split_off(self.user_info.as_deref()?, ':');
        let decoded = |text: &str| String::from_utf8_lossy(&percent_decode(text)).into_owned();
        Some(Login { user: decoded(user), password: decoded(password.unwrap_or_default()) })
    }

    /// With these credentials, encoded, in place of its own.
    pub fn with_login(&self, login: &Login) -> Self {
        let encoded = |text: &str| percent_encode(text.as_bytes(), is_unreserved);
        let user_info = match login.password.as_str() {
            "" => encoded(&login.user),
            password => format!("{}:{}", encoded(&login.user), encoded(password)),
        };
        Self { user_info: Some(user_info), ..self.clone() }
    }

    /// Without credentials.
    pub fn without_login(self) -> Self {
        Self { user_info: None, ..self }
    }

    /// Without credentials and fragment: what is asked for.
    pub fn bare(&self) -> Self {
        Self { user_info: None, fragment: None, ..self.clone() }
    }

    /// The whole URL, credentials included. Only for the environment of a tool.
    pub fn with_credentials(&self) -> String {
        let user_info = self.user_info.as_ref().map(|text| format!("{text}@"));
        self.render(&user_info.unwrap_or_default())
    }

    /// Whether the other has scheme, host and port in common with this one.
    pub fn same_origin(&self, other: &Self) -> bool {
        (self.scheme, &self.host, self.port()) == (other.scheme, &other.host, other.port())
    }

    /// The path that a `file` URL means.
    pub fn to_path(&self) -> Option<PathBuf> {
        let local = self.scheme == Scheme::File && matches!(self.host.as_str(), "" | "localhost");
        local.then(|| PathBuf::from(OsString::from_vec(percent_decode(&self.path))))
    }

    /// The last segment of the path, decoded: the name of a file.
    pub fn file_name(&self) -> String {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        String::from_utf8_lossy(&percent_decode(name)).into_owned()
    }

    /// The last segment of the path that says something, decoded: a file, or the directory that it names.
    pub fn last_segment(&self) -> String {
        let name = self.path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
        String::from_utf8_lossy(&percent_decode(name)).into_owned()
    }

    /// The place alone: without credentials and query, which may be one, and without fragment.
    pub fn without_query(&self) -> Self {
        Self { query: None, ..self.bare() }
    }

    /// Whether what it names comes with a proof of who sent it.
    pub fn is_secure(&self) -> bool {
        matches!(self.scheme, Scheme::Https | Scheme::File)
    }

    fn render(&self, user_info: &str) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let fragment = self.fragment.as_ref().map(|fragment| format!("#{fragment}")).unwrap_or_default();
        format!("{}://{user_info}{}{port}{}{query}{fragment}", self.scheme.name(), self.host, self.path)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(if self.user_info.is_some() { "****@" } else { "" }))
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Login(****)")
    }
}

impl Scheme {
    fn parse(text: &str) -> Result<Self, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "http" => Ok(Self::Http),
            "https" => Ok(Self::Https),
            "file" => Ok(Self::File),
            "socks" | "socks4" | "socks4a" | "socks5" | "socks5h" => Ok(Self::Socks),
            _ => Err("its scheme is none of `https`, `http` and `file`"),
        }
    }

    /// As it is written before the colon.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::File => "file",
            Self::Socks => "socks5",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::File => 0,
            Self::Socks => 1080,
        }
    }
}

fn split_off(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(head, tail)| (head, Some(tail)))
}

type Authority = (Option<String>, String, Option<u16>);

fn split_authority(text: &str) -> Result<Authority, &'static str> {
    let (user_info, host_port) = text.rsplit_once('@').map_or((None, text), |(user, rest)| (Some(clean(user)), rest));
    let bracket = host_port.rfind(']').map_or(0, |at| at + 1);
    let colon = host_port[bracket..].find(':').map(|at| at + bracket);
    let (host, port) = colon.map_or((host_port, ""), |at| (&host_port[..at], &host_port[at + 1..]));
    let port = match port {
        "" => None,
        port => Some(port.parse().map_err(|_| "its port is not a number")?),
    };
    if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~[]:".contains(&byte)) {
        return Err("its host has characters that no host has");
    }
    Ok((user_info, host.to_ascii_lowercase(), port))
}

/// Encodes what may not stand in a URL at all and leaves all else, escapes included, as it is.
fn clean(text: &str) -> String {
    percent_encode(text.as_bytes(), |byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
}

/// Whether a byte stands for itself in every part of a URL (RFC 3986, section 2.3).
pub fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// The bytes percent-encoded (RFC 3986, section 2.1), but for those that `keep` names.
pub fn percent_encode(bytes: &[u8], keep: impl Fn(u8) -> bool) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0').to_ascii_uppercase();
    let mut encoded = String::with_capacity(bytes.len());
    for &byte in bytes {
        if keep(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
}

/// The bytes that a percent-encoded text means; an escape that is none stays as it is.
pub fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = bytes.get(at + 1..at + 3).filter(|_| byte == b'%');
        let digits = escape.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let value = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let value = value.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(value.unwrap_or(byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    decoded
}

fn without_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    for (index, segment) in segments.iter().enumerate() {
        let last = index + 1 == segments.len();
        match *segment {
            "." | ".." => {
                if *segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests;
