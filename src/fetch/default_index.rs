//! The index to use where none is set: the one that the `pip` at hand would use.
//!
//! The source of `prime` names no index. Pip's does, in `_internal/models/index.py`, and it is read there, without
//! running anything: from an installed pip, else from the wheel that an interpreter carries for `ensurepip` or that a
//! distribution keeps. Last comes what the build was told in `PRIME_DEFAULT_INDEX`.

use std::fs::File;
use std::path::{Path, PathBuf};

use tracing::debug;

use super::settings::Sourced;
use super::url::Url;
use super::wheel::{Archive, WheelName};
use crate::error::{Code, Fault, Result};
use crate::host::{fs, names};

/// The file in which pip names its index.
const MEMBER: &str = "pip/_internal/models/index.py";
/// More than any version of that file has.
const SIZE_LIMIT: u64 = 1 << 20;

/// Where an interpreter may have a pip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PipPlace {
    /// Its `site-packages`.
    pub site_packages: PathBuf,
    /// Its standard library, which may have `ensurepip/_bundled`.
    pub stdlib: PathBuf,
    /// The directory of wheels that a distribution keeps in place of the bundled ones (`ensurepip`'s `WHEEL_PKG_DIR`).
    pub wheel_dir: Option<PathBuf>,
}

/// The index of the first pip in these places, else the one of the build. Fails with [`Code::MissingConfiguration`] where there is
/// none.
pub fn default_index(places: &[PipPlace]) -> Result<Sourced<Url>> {
    let of_pip = places.iter().find_map(of_place);
    let of_build = || {
        let url = Url::parse(option_env!("PRIME_DEFAULT_INDEX")?).ok()?;
        Some(Sourced::new(url, "PRIME_DEFAULT_INDEX when prime was built"))
    };
    let index = of_pip.or_else(of_build).ok_or_else(none)?;
    debug!("the default index is `{}` ({})", index.value, index.origin);
    Ok(index)
}

fn none() -> Fault {
    let ours = names::PRIME_INDEX_URL;
    Fault::of(Code::MissingConfiguration, "no package index is set, and there is no pip to tell the usual one").hint(
        format!("set `{ours}`, `UV_DEFAULT_INDEX` or `PIP_INDEX_URL` to the URL of one (it often ends with `/simple`)"),
    )
}

fn of_place(place: &PipPlace) -> Option<Sourced<Url>> {
    let installed = place.site_packages.join(MEMBER);
    if let Ok(Some(content)) = fs::read_optional(&installed) {
        let url = in_source(&String::from_utf8_lossy(&content));
        if let Some(url) = url {
            return Some(Sourced::new(url, installed.display().to_string()));
        }
    }
    let bundled = place.stdlib.join("ensurepip/_bundled");
    [Some(&bundled), place.wheel_dir.as_ref()].into_iter().flatten().find_map(|dir| of_wheels(dir))
}

fn of_wheels(dir: &Path) -> Option<Sourced<Url>> {
    let entries = std::fs::read_dir(dir).ok()?;
    let mut wheels: Vec<(WheelName, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((WheelName::parse(entry.file_name().to_str()?)?, entry.path())))
        .filter(|(name, _)| name.project == "pip")
        .collect();
    wheels.sort_by(|(one, _), (other, _)| other.version.cmp(&one.version));
    wheels.into_iter().find_map(|(_, path)| {
        let shown = path.display().to_string();
        let mut archive = Archive::open(&shown, File::open(&path).ok()?).ok()?;
        let url = in_source(&archive.text(MEMBER, SIZE_LIMIT).ok()?)?;
        Some(Sourced::new(url, shown))
    })
}

/// The index in pip's source: of `PyPI = PackageIndex("URL", …)` the page `simple` below the URL.
fn in_source(source: &str) -> Option<Url> {
    let (_, arguments) = source.split_once("\nPyPI = PackageIndex(")?;
    let text = arguments.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (url, _) = text[1..].split_once(quote)?;
    Url::parse(url).ok()?.join("simple").ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::error::{Kind, kind_of};

    fn source(host: &str) -> String {
        format!(
            "import x\n\n\nPyPI = PackageIndex(\n    'https://{host}/', file_storage_domain='f'\n)\nTestPyPI = PackageIndex(\"https://t/\")\n"
        )
    }

    fn wheel(path: &Path, host: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut writer = ZipWriter::new(File::create(path).unwrap());
        writer.start_file(MEMBER, SimpleFileOptions::default()).unwrap();
        writer.write_all(source(host).as_bytes()).unwrap();
        writer.finish().unwrap();
    }

    #[test]
    fn an_installed_pip_wins_over_bundled_ones_and_of_those_the_newest() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        let place = PipPlace { site_packages: at("site"), stdlib: at("lib"), wheel_dir: Some(at("wheels")) };
        let host = || default_index(std::slice::from_ref(&place)).unwrap().value.to_string();
        wheel(&at("wheels/pip-23.0-py3-none-any.whl"), "distribution");
        assert_eq!(host(), "https://distribution/simple");
        wheel(&at("lib/ensurepip/_bundled/pip-9.0-py3-none-any.whl"), "older");
        wheel(&at("lib/ensurepip/_bundled/pip-24.0-py3-none-any.whl"), "newer");
        wheel(&at("lib/ensurepip/_bundled/setuptools-65.0-py3-none-any.whl"), "other");
        assert_eq!(host(), "https://newer/simple");
        let installed = at("site").join(MEMBER);
        std::fs::create_dir_all(installed.parent().unwrap()).unwrap();
        std::fs::write(&installed, "PyPI = something else").unwrap();
        assert_eq!(host(), "https://newer/simple");
        std::fs::write(&installed, source("installed")).unwrap();
        assert_eq!(host(), "https://installed/simple");
    }

    #[test]
    fn without_any_pip_the_error_says_what_to_set() {
        if option_env!("PRIME_DEFAULT_INDEX").is_some() {
            return;
        }
        let error = default_index(&[PipPlace::default()]).unwrap_err();
        assert_eq!(kind_of(&error), Kind::Config);
        let hint = error.downcast_ref::<Fault>().unwrap().hint.clone().unwrap();
        for name in ["PRIME_INDEX_URL", "UV_DEFAULT_INDEX", "PIP_INDEX_URL"] {
            assert!(hint.contains(name));
        }
    }
}
