//! Which python is required, and which executable is selected for it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::shared;
use crate::config::{Setting, Settings};
use crate::error::{Code, Fault, Kind, Result, about, code_of};
use crate::host::{Host, names};
use crate::python::{
    Candidate, Interpreter, Outcome, PinFile, Requirement, Search, SearchOptions, check_against_requires_python,
    probe_path, search, selector,
};
use crate::venv::layout::deactivation;

/// How long one interpreter may take to say what it is.
const PROBE_LIMIT: Duration = Duration::from_secs(5);

/// What is required and where that is written.
#[derive(Clone, Debug)]
pub struct Required {
    /// The version.
    pub requirement: Requirement,
    /// Where it is written, for people.
    pub origin: String,
    /// Something to know that stops nothing.
    pub warnings: Vec<String>,
    /// The `.python-version` files that had a say, those that were looked for and not there included.
    pub looked_at: Vec<PathBuf>,
}

impl Required {
    fn new(text: &Setting<String>) -> Result<Self> {
        let origin = text.origin.to_string();
        let unusable = |error| about(error, text.origin.place()).context(format!("{origin} is not usable"));
        let requirement = Requirement::parse(&text.value).map_err(unusable)?;
        Ok(Self { requirement, origin, warnings: Vec::new(), looked_at: Vec::new() })
    }
}

/// Finds what is required: the field, else `.python-version`, else `requires-python`.
///
/// Fails with [`Kind::Config`] where nothing says it, or where what does contradicts `requires-python`.
pub fn required(host: &Host, settings: &Settings) -> Result<Required> {
    required_if_said(host, settings)?.ok_or_else(|| nowhere(&settings.ref_root_dir.value).into())
}

/// The same where nothing may say it.
pub fn required_if_said(host: &Host, settings: &Settings) -> Result<Option<Required>> {
    let said = match &settings.required_python {
        Some(field) => Some(Required::new(field)?),
        None => from_files(host, settings)?,
    };
    let Some(mut required) = said else { return Ok(None) };
    let mut floors: Vec<&str> = Vec::new();
    for text in &settings.requires_python {
        let (required_in, project) = (&required.origin, text.origin.to_string());
        check_against_requires_python(&required.requirement, required_in, &text.value, &project)
            .map_err(|error| about(error, text.origin.place()))?;
        floors.push(&text.value);
        required.requirement = required.requirement.within_requires_python(&floors.join(","))?;
    }
    Ok(Some(required))
}

fn from_files(host: &Host, settings: &Settings) -> Result<Option<Required>> {
    let ref_root = &settings.ref_root_dir.value;
    let pin_file = PinFile::find(host, ref_root)?;
    let found_in = pin_file.as_ref().and_then(|file| file.path.parent());
    let above_it = ref_root.ancestors().position(|dir| Some(dir) == found_in).map_or(usize::MAX, |index| index + 1);
    let looked_at = ref_root.ancestors().take(above_it).map(|dir| dir.join(names::PYTHON_VERSION_FILE)).collect();
    let warnings = pin_file.as_ref().and_then(PinFile::warning).into_iter().collect();
    let required = match (pin_file, settings.requires_python.first()) {
        (Some(PinFile { path, requirement: Some(requirement), line, .. }), _) => {
            let name = path.strip_prefix(ref_root).unwrap_or(&path).display().to_string();
            Required {
                requirement,
                origin: format!("`{name}` line {line}"),
                warnings: Vec::new(),
                looked_at: Vec::new(),
            }
        }
        (_, Some(text)) => Required::new(text)?,
        (_, None) => return Ok(None),
    };
    Ok(Some(Required { warnings, looked_at, ..required }))
}

fn nowhere(ref_root: &Path) -> Fault {
    let message = format!("nothing says which python `{}` requires", ref_root.display());
    Fault::of(Code::MissingConfiguration, message).hint(
        "write a version such as `3.12` into `.python-version`, or give `requires-python` in `pyproject.toml` or \
         `required_python_version` in `prime.toml`",
    )
}

/// The process outside of every environment, which is where a python is selected: one that happens to be active decides
/// nothing.
pub fn outside(host: &Host) -> Host {
    host.with_env(&deactivation(host))
}

/// How interpreters are looked for in this repository.
pub fn search_options(host: &Host, settings: &Settings) -> SearchOptions {
    SearchOptions {
        cache_dir: Some(shared::cache_dir(host, settings)),
        limit: PROBE_LIMIT,
        excluded: vec![settings.venv_dir.value.clone()],
        ..SearchOptions::default()
    }
}

/// Looks for the required python: the selector has the first say, then comes the search.
///
/// Fails with [`Kind::Config`] where the selector fails, or names what is no python.
pub fn select(host: &Host, settings: &Settings, required: &Required) -> Result<Search> {
    let search = select_by(&search_options(host, settings), host, settings, required)?;
    for line in search.lines() {
        tracing::info!("{line}");
    }
    Ok(search)
}

/// The same without a trace: interpreters are asked anew, and what they say is not kept. An earlier answer does not tell
/// of a C library that was replaced since.
pub fn select_anew(host: &Host, settings: &Settings, required: &Required) -> Result<Search> {
    select_by(&SearchOptions { cache_dir: None, ..search_options(host, settings) }, host, settings, required)
}

fn select_by(options: &SearchOptions, host: &Host, settings: &Settings, required: &Required) -> Result<Search> {
    let host = &outside(host);
    let by_selector = by_selector(host, settings, required, options)?;
    Ok(by_selector.unwrap_or_else(|| search(host, &required.requirement, options)))
}

fn by_selector(
    host: &Host,
    settings: &Settings,
    required: &Required,
    options: &SearchOptions,
) -> Result<Option<Search>> {
    let Some(file) = &settings.python_selector_file else { return Ok(None) };
    let any_python = || {
        let any = Requirement::parse(">=3").ok()?;
        Some(search(host, &any, options).selected?.path)
    };
    let Some(path) = selector::select(host, &file.value, &required.requirement, any_python)? else {
        tracing::info!("the selector `{}` has no opinion", file.value.display());
        return Ok(None);
    };
    let python = probe_path(host, &path, options).map_err(|reason| {
        let message =
            format!("`{}`, which the selector `{}` names, is no python", path.display(), file.value.display());
        let fault = Fault::new(Kind::Config, message).hint("let it print nothing where it has no opinion");
        anyhow::anyhow!(reason).context(fault)
    })?;
    tracing::info!("the selector `{}` names `{}`", file.value.display(), path.display());
    let matches = required.requirement.matches(&python.build);
    let (build, python) = (python.build.clone(), Some(python));
    let outcome = if matches { Outcome::Selected(build) } else { Outcome::Other(build) };
    let considered = vec![Candidate { path, outcome }];
    let (selected, fallback) = if matches { (python, None) } else { (None, python) };
    Ok(Some(Search { selected, fallback, considered }))
}

/// The interpreter at a path, as it is now; `None` where it does not run.
pub fn interpreter_at(host: &Host, settings: &Settings, path: &Path) -> Option<Interpreter> {
    let options = SearchOptions { excluded: Vec::new(), ..search_options(host, settings) };
    probe_path(host, path, &options).inspect_err(|reason| tracing::info!("`{}`: {reason}", path.display())).ok()
}

/// The interpreter at a path as far as it is known without starting it.
pub fn known_interpreter(host: &Host, settings: &Settings, path: &Path) -> Option<Interpreter> {
    let options = SearchOptions { excluded: Vec::new(), starts: false, ..search_options(host, settings) };
    probe_path(host, path, &options).ok()
}

/// Where uv is told whether it may download a python.
const DOWNLOADS: &str = "UV_PYTHON_DOWNLOADS";
const ALLOW_DOWNLOADS: &str =
    "install it, or allow uv to download it: unset `UV_PYTHON_DOWNLOADS`, or `python-downloads` in uv's configuration";

/// The error where no interpreter will do and nothing is to provide one: what was found where, of any version.
pub fn not_found(host: &Host, settings: &Settings, required: &Required) -> anyhow::Error {
    let message = format!("no python matching `{}` found ({})", required.requirement.source(), required.origin);
    let is_forbidden = host.var(DOWNLOADS).is_some_and(|value| value == "never");
    let fault = if is_forbidden {
        Fault::of(Code::PythonDownloadBlocked, message).hint(ALLOW_DOWNLOADS)
    } else {
        let hint = "install it, or let uv provide it with `venv_driver = \"venv_uv\"`";
        Fault::of(Code::NoPython, message).hint(hint)
    };
    anyhow::anyhow!(found_anywhere(host, settings)).context(fault)
}

/// The error where no interpreter will do and uv did not provide one either.
pub fn not_provided(host: &Host, settings: &Settings, required: &Required, error: anyhow::Error) -> anyhow::Error {
    let required = format!("`{}` ({})", required.requirement.source(), required.origin);
    let message = format!("no python matching {required} found, and uv cannot provide one");
    let hint = if code_of(&error) == Code::PythonDownloadBlocked {
        ALLOW_DOWNLOADS
    } else {
        "install it, or name a mirror of python builds in `UV_PYTHON_INSTALL_MIRROR` or `UV_PYTHON_DOWNLOADS_JSON_URL`"
    };
    // A reason that is not known is none of the network's.
    let code = Some(code_of(&error)).filter(|code| *code != Code::ToolFailed).unwrap_or(Code::NoPython);
    let fault = Fault { code, ..Fault::like(&error, message) }.hint(hint);
    error.context(found_anywhere(host, settings)).context(fault)
}

fn found_anywhere(host: &Host, settings: &Settings) -> String {
    let Ok(any) = Requirement::parse(">=3") else { return String::new() };
    let options = SearchOptions { exhaustive: true, ..search_options(host, settings) };
    let lines = search(&outside(host), &any, &options).lines();
    if lines.is_empty() { "there is no python at all".to_owned() } else { lines.join("\n") }
}
