//! Certificates: whose are trusted, and this side's own.

use std::path::{Path, PathBuf};

use tracing::debug;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use crate::error::{Fault, Kind, Result};
use crate::fetch::settings::{Authorities, HttpSettings, Sourced};

/// The TLS side of a connection. `verify` is off for hosts that settings call trusted.
pub(super) fn config(settings: &HttpSettings, verify: bool) -> Result<TlsConfig> {
    let roots = match &settings.authorities {
        Authorities::Platform => RootCerts::PlatformVerifier,
        Authorities::Of(_) if !verify => RootCerts::PlatformVerifier,
        Authorities::Of(places) => RootCerts::new_with_certs(&authorities(places)?),
    };
    let client_cert = settings.client_cert.as_ref().map(client_cert).transpose()?;
    Ok(TlsConfig::builder().root_certs(roots).client_cert(client_cert).disable_verification(!verify).build())
}

/// The certificates in all these places. One place without any is passed over, as uv does it; none at all is an error,
/// because nothing could be trusted.
fn authorities(places: &[Sourced<PathBuf>]) -> Result<Vec<Certificate<'static>>> {
    let mut all = Vec::new();
    for place in places {
        let found: Vec<_> = files(&place.value).iter().flat_map(|file| certificates(file)).collect();
        debug!("{} certificates from `{}` ({})", found.len(), place.value.display(), place.origin);
        all.extend(found);
    }
    if all.is_empty() {
        let named = |place: &Sourced<PathBuf>| format!("`{}` ({})", place.value.display(), place.origin);
        let places: Vec<String> = places.iter().map(named).collect();
        let message = format!("no certificate authority is in {}", places.join(" nor in "));
        return Err(Fault::new(Kind::Config, message)
            .hint("name a PEM file that has some, or unset the variable")
            .into());
    }
    Ok(all)
}

fn files(place: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(place) else { return vec![place.to_owned()] };
    let files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|file| file.is_file()).collect();
    // OpenSSL looks only at names that are hashes; where there are such, the rest are the same certificates again.
    let hashed: Vec<PathBuf> = files.iter().filter(|file| is_hashed(file)).cloned().collect();
    if hashed.is_empty() { files } else { hashed }
}

/// Whether a name is of the form `5ed36f99.0`.
fn is_hashed(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().as_encoded_bytes();
    matches!(name.split_at_checked(8), Some((hash, [b'.', digit]))
        if digit.is_ascii_digit() && hash.iter().all(u8::is_ascii_hexdigit))
}

fn certificates(file: &Path) -> Vec<Certificate<'static>> {
    let content = std::fs::read(file).unwrap_or_default();
    let items = parse_pem(&content).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    items.collect()
}

fn client_cert(file: &Sourced<PathBuf>) -> Result<ClientCert> {
    let place = || format!("`{}` ({})", file.value.display(), file.origin);
    let content = std::fs::read(&file.value).map_err(|error| {
        Fault::new(Kind::Config, format!("cannot read the client certificate {}: {error}", place()))
    })?;
    let chain = certificates(&file.value);
    match PrivateKey::from_pem(&content) {
        Ok(key) if !chain.is_empty() => Ok(ClientCert::new_with_certs(&chain, key)),
        _ => Err(Fault::new(Kind::Config, format!("the client certificate {} is not usable", place()))
            .hint("give one PEM file with the certificate and its key, the key not encrypted")
            .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::kind_of;

    const PEM: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

    #[test]
    fn of_a_directory_the_hashed_names_count_where_there_are_some() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str| std::fs::write(dir.path().join(name), PEM).unwrap();
        write("some.pem");
        write("bundle.crt");
        let place = |path: &Path| vec![Sourced::new(path.to_owned(), "SSL_CERT_DIR")];
        assert_eq!(authorities(&place(dir.path())).unwrap().len(), 2);
        write("5ed36f99.0");
        assert_eq!(authorities(&place(dir.path())).unwrap().len(), 1);
        let absent = Sourced::new(dir.path().join("absent"), "SSL_CERT_FILE");
        let both = [vec![absent.clone()], place(dir.path())].concat();
        assert_eq!(authorities(&both).unwrap().len(), 1);
        let error = authorities(&[absent]).unwrap_err();
        assert_eq!(kind_of(&error), Kind::Config);
        assert!(error.to_string().ends_with("absent` (SSL_CERT_FILE)"), "{error}");
    }

    #[test]
    fn a_client_certificate_without_its_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("me.pem");
        std::fs::write(&file, PEM).unwrap();
        let error = client_cert(&Sourced::new(file, "PIP_CLIENT_CERT")).unwrap_err();
        assert_eq!(kind_of(&error), Kind::Config);
    }
}
