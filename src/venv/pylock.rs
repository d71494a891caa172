//! A lock (PEP 751) of what pip found: the files that it would install into this environment, each with its digest.
//!
//! pip resolves for one python on one platform, so the lock is for that python series only.

use std::fmt::Write as _;
use std::path::Path;

use super::Venv;
use super::report::Resolved;
use crate::error::{Fault, Kind, Result};

/// The text of the lock. What is no file has no digest, and is refused: nobody could tell that it is still the same.
pub(super) fn text(venv: &Venv, resolved: &[Resolved]) -> Result<String> {
    let mut text = "lock-version = \"1.0\"\ncreated-by = \"prime\"\n".to_owned();
    if let Some(series) = series(venv) {
        writeln!(text, "requires-python = \"=={series}.*\"")?;
    }
    let mut sorted: Vec<&Resolved> = resolved.iter().collect();
    sorted.sort_by(|one, other| one.name.cmp(&other.name));
    for package in sorted {
        let (name, version, url) = (quoted(&package.name), quoted(&package.version), quoted(&package.url));
        let sha256 = quoted(package.sha256.as_deref().ok_or_else(|| without_digest(package))?);
        let file = format!("{{ url = {url}, hashes = {{ sha256 = {sha256} }} }}");
        let is_wheel = Path::new(&package.url).extension().is_some_and(|extension| extension == "whl");
        let place = match is_wheel {
            _ if package.is_direct => format!("archive = {file}"),
            true => format!("wheels = [{file}]"),
            false => format!("sdist = {file}"),
        };
        write!(text, "\n[[packages]]\nname = {name}\nversion = {version}\n{place}\n")?;
    }
    Ok(text)
}

/// The version of its python, major and minor.
fn series(venv: &Venv) -> Option<String> {
    let site_packages = venv.site_packages().into_iter().next()?;
    let name = site_packages.parent()?.file_name()?.to_str()?.strip_prefix("python")?;
    Some(name.trim_end_matches(|c: char| !c.is_ascii_digit()).to_owned())
}

fn without_digest(package: &Resolved) -> Fault {
    let message =
        format!("`{}` comes from `{}`, which has no digest that a lock could name", package.name, package.url);
    Fault::new(Kind::Config, message).hint("let uv lock it: unset `PROTOPRIMER_VENV_DRIVER`")
}

/// A text as TOML writes it; JSON's escapes are among its own.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(url: &str, is_direct: bool, sha256: Option<&str>) -> Resolved {
        let sha256 = sha256.map(str::to_owned);
        Resolved { name: "a".into(), version: "1".into(), url: url.into(), sha256, is_direct }
    }

    #[test]
    fn every_file_is_where_the_standard_has_its_kind() {
        let venv = Venv::new("/none");
        for (url, is_direct, expected) in [
            (
                "https://h/a-1-py3-none-any.whl",
                false,
                "wheels = [{ url = \"https://h/a-1-py3-none-any.whl\", hashes = ",
            ),
            ("https://h/a-1.tar.gz", false, "sdist = { url = \"https://h/a-1.tar.gz\", hashes = "),
            ("https://h/a-1-py3-none-any.whl", true, "archive = { url = "),
        ] {
            let text = text(&venv, &[package(url, is_direct, Some("ab"))]).unwrap();
            assert!(text.contains(expected) && text.contains("{ sha256 = \"ab\" }"), "{text}");
        }
    }

    #[test]
    fn what_has_no_digest_is_refused() {
        let error = text(&Venv::new("/none"), &[package("file:///d", true, None)]).unwrap_err();
        assert_eq!(error.to_string(), "`a` comes from `file:///d`, which has no digest that a lock could name");
    }
}
