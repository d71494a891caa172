//! Everything on disk that decided what an environment is made of, for its stamp.

use std::collections::BTreeMap;

use super::select::Required;
use super::{Run, connectors};
use crate::config::Settings;
use crate::deps::Input;
use crate::host::names;
use crate::venv::Venv;

/// The files of the configuration and of the projects, those that were looked for and not there included.
pub fn of_configuration(settings: &Settings, required: &Required) -> Vec<Input> {
    let Settings { inputs, .. } = settings;
    let selector = settings.python_selector_file.iter().map(|file| &file.value);
    inputs.files.iter().chain(&inputs.absent).chain(&required.looked_at).chain(selector).map(Input::file).collect()
}

/// The environment itself and the interpreter it leads to.
pub fn of_environment(venv: &Venv) -> Vec<Input> {
    let python = venv.python();
    let own = vec![Input::file(venv.cfg_path()), Input::link(&python), Input::program(&python)];
    let links = venv.python_links().into_iter().map(Input::link);
    own.into_iter().chain(links).chain(venv.activation_scripts().into_iter().map(Input::file)).collect()
}

/// The pins.
pub fn of_pins(settings: &Settings) -> Input {
    Input::file(&settings.constraints_file.value)
}

/// The variables that decide something by being what they are, with their values.
pub fn variables(run: &Run<'_>, settings: &Settings) -> BTreeMap<String, Option<String>> {
    let host = run.host;
    let of_connectors = connectors::ensured(settings).any(|it| it.said("install_root").is_none());
    let of_connectors = of_connectors.then_some(names::AIRBYTE_INSTALL_DIR);
    let names = [names::CONF_BASENAME].into_iter().chain(of_connectors);
    names.map(|name| (name.to_owned(), host.var_text(name).map(str::to_owned))).collect()
}
