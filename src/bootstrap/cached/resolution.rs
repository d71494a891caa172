//! The settings of uv and pip, wherever they are said, that decide which distributions are installed and how they are built.
//!
//! Both tools take them from variables and files of their own, which `prime` leaves to them. Where the index is, and how
//! one gets there, is none of them.

use std::path::Path;

use super::super::shared;
use crate::config::Settings;
use crate::config::project::deciding_of_uv;
use crate::deps::Input;
use crate::error::Result;
use crate::fetch::Places;
use crate::fetch::settings::{pip_options, uv_files};
use crate::host::Host;
use crate::host::redact::redact;
use crate::python::Interpreter;
use crate::python::requirements_file::with_included;
use crate::venv::driver::undisturbed;

/// The variables of uv (its `uv-static` lists all). Those that would name another environment or other requirements are
/// hidden from it.
const OF_UV: [&str; 15] = [
    "UV_BUILD_CONSTRAINT",
    "UV_EXCLUDE_NEWER",
    "UV_FORK_STRATEGY",
    "UV_INDEX_STRATEGY",
    "UV_NO_BINARY",
    "UV_NO_BINARY_PACKAGE",
    "UV_NO_BUILD",
    "UV_NO_BUILD_ISOLATION",
    "UV_NO_BUILD_PACKAGE",
    "UV_NO_SOURCES",
    "UV_NO_SOURCES_PACKAGE",
    "UV_PRERELEASE",
    "UV_REQUIRE_HASHES",
    "UV_RESOLUTION",
    "UV_TORCH_BACKEND",
];
/// The options of `pip install`, which a file or a variable (`PIP_PRE`) may set.
const OF_PIP: [&str; 21] = [
    "all-releases",
    "build-constraint",
    "config-settings",
    "constraint",
    "global-option",
    "ignore-requires-python",
    "no-binary",
    "no-build-isolation",
    "no-deps",
    "no-index",
    "no-use-pep517",
    "only-binary",
    "only-final",
    "pre",
    "prefer-binary",
    "require-hashes",
    "upgrade",
    "upgrade-strategy",
    "uploaded-prior-to",
    "use-deprecated",
    "use-pep517",
];

/// What is set for uv.
pub fn of_uv(host: &Host, settings: &Settings) -> Result<Vec<String>> {
    let ref_root = &settings.ref_root_dir.value;
    let told = host.with_env(&shared::for_uv(host, settings).and(&undisturbed()));
    let variables = OF_UV.iter().filter_map(|name| Some((name, told.var_text(name)?)));
    let mut parts: Vec<String> = variables.flat_map(|(name, value)| said(name, value, ref_root)).collect();
    let files = uv_files(&told, &Places::new(Some(ref_root)))?;
    parts.extend(files.iter().filter_map(|file| deciding_of_uv(file)).map(|text| format!("uv {text}")));
    Ok(parts)
}

/// What is set for pip.
pub fn of_pip(host: &Host, settings: &Settings, python: Option<&Interpreter>) -> Result<Vec<String>> {
    let ref_root = &settings.ref_root_dir.value;
    let python_prefix = python.map(|python| python.prefix.clone());
    let options =
        pip_options(&host.with_env(&undisturbed()), &Places { python_prefix, ..Places::new(Some(ref_root)) })?;
    let deciding = options.iter().filter(|(name, _)| OF_PIP.contains(&name.as_str()));
    Ok(deciding.flat_map(|(name, value)| said(name, value, ref_root)).collect())
}

/// A setting, and of files that it names what is in them and in those that they include. Where such a file is decides
/// nothing.
fn said(name: &str, value: &str, ref_root: &Path) -> Vec<String> {
    let (files, words): (Vec<&str>, Vec<&str>) =
        value.split_whitespace().partition(|word| ref_root.join(word).is_file());
    let setting = format!("{name} {}", words.into_iter().map(redact).collect::<Vec<_>>().join(" "));
    let files = files.into_iter().flat_map(|file| with_included(&ref_root.join(file)));
    [setting].into_iter().chain(files.map(|file| Input::file(file).sha256().to_owned())).collect()
}
