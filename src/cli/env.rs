//! `prime env`: the variables of an environment, for whoever sets them.

use std::env::split_paths;
use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use serde_json::{Map, Value};

use super::args::EnvFormat;
use super::{entering, session};
use crate::bootstrap::{self, Request};
use crate::error::{Fault, Kind, Result};
use crate::host::{Answer, Host, Outcome, Text};
use crate::shell::quote;
use crate::ui::Ui;
use crate::venv::Venv;

/// What would lead a python out of the environment.
const UNSET: [&str; 4] = ["PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__"];

type Variables = [(&'static str, OsString)];

/// Prints the variables of an environment that is ready.
pub fn run(host: &Host, ui: Ui, request: &Request, format: Option<EnvFormat>) -> Result<Outcome> {
    let venv = bootstrap::ready(host, ui, request, None)?.venv;
    show(&host.with_env(&entering(host, &venv)), &venv, format)
}

/// Prints the variables of an environment, which `host` is in.
pub fn show(host: &Host, venv: &Venv, format: Option<EnvFormat>) -> Result<Outcome> {
    let variables = variables(host, venv);
    let text = match format.unwrap_or_else(|| of_shell(host)) {
        EnvFormat::Sh | EnvFormat::Bash | EnvFormat::Zsh => posix(&variables),
        EnvFormat::Fish => fish(&variables),
        EnvFormat::Json => json(&variables)?,
        EnvFormat::Dotenv => dotenv(&variables),
        EnvFormat::Github => github(&variables),
    };
    let data = object(&variables).map_or(Value::Null, Value::Object);
    Ok(Answer { text: Text::Raw(text), ..Answer::data(data) }.into())
}

/// The variables of an environment, which `host` is in.
pub fn variables(host: &Host, venv: &Venv) -> [(&'static str, OsString); 3] {
    [
        ("VIRTUAL_ENV", venv.dir().as_os_str().to_owned()),
        ("VIRTUAL_ENV_PROMPT", session::prompt_name(venv)),
        ("PATH", host.var("PATH").unwrap_or_default().to_owned()),
    ]
}

fn of_shell(host: &Host) -> EnvFormat {
    match host.var("SHELL").and_then(|shell| Path::new(shell).file_name()) {
        Some(name) if name == "fish" => EnvFormat::Fish,
        _ => EnvFormat::Sh,
    }
}

/// What sets the variables where a shell evaluates it.
pub fn posix(variables: &Variables) -> Vec<u8> {
    let mut text = Vec::new();
    for (name, value) in variables {
        line(&mut text, &[b"export ", name.as_bytes(), b"=", quote::posix(value).as_bytes()]);
    }
    line(&mut text, &[b"unset ", UNSET.join(" ").as_bytes()]);
    // The shell may remember where it found a program before.
    line(&mut text, &[b"hash -r 2>/dev/null || :"]);
    text
}

fn fish(variables: &Variables) -> Vec<u8> {
    let mut text = Vec::new();
    for (name, value) in variables {
        // A list, for fish.
        let values: Vec<OsString> = match *name {
            "PATH" => split_paths(value).map(|dir| quote::fish(dir.as_os_str())).collect(),
            _ => vec![quote::fish(value)],
        };
        line(&mut text, &[b"set -gx ", name.as_bytes(), b" ", values.join(OsStr::new(" ")).as_bytes(), b";"]);
    }
    for name in UNSET {
        line(&mut text, &[b"set -e ", name.as_bytes(), b";"]);
    }
    // The status of the last one would be an error where it was not set.
    line(&mut text, &[b"true"]);
    text
}

fn json(variables: &Variables) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(&object(variables)?)?;
    text.push(b'\n');
    Ok(text)
}

fn object(variables: &Variables) -> Result<Map<String, Value>> {
    let mut object = Map::new();
    for (name, value) in variables {
        let text = value.to_str().ok_or_else(|| {
            Fault::new(Kind::Data, format!("`{name}` is not UTF-8, which JSON would need")).hint("use `--shell sh`")
        })?;
        object.insert((*name).to_owned(), Value::from(text));
    }
    object.extend(UNSET.map(|name| (name.to_owned(), Value::Null)));
    Ok(object)
}

/// The readers of such files differ; what all take for the value itself stands between single quotes, without one in it.
fn dotenv(variables: &Variables) -> Vec<u8> {
    let mut text = Vec::new();
    for (name, value) in variables {
        let bytes = value.as_bytes();
        let is_plain = bytes.iter().all(|it| it.is_ascii_alphanumeric() || b"/._-+:@,".contains(it));
        let (quote, special): (&[u8], &[u8]) = match () {
            () if is_plain => (b"", b""),
            () if !bytes.contains(&b'\'') => (b"'", b""),
            () => (b"\"", b"\\\"$`"),
        };
        let mut escaped = Vec::with_capacity(bytes.len());
        for byte in bytes {
            escaped.extend(special.contains(byte).then_some(b'\\'));
            escaped.push(*byte);
        }
        line(&mut text, &[name.as_bytes(), b"=", quote, &escaped, quote]);
    }
    text
}

/// What sets the variables, or outputs, where it is added to the file of a runner. Nobody can have put the end of a value
/// into it: it is made up here, anew each time.
pub fn github(variables: &Variables) -> Vec<u8> {
    let mut text = Vec::new();
    let delimiter = format!("end-{:016x}", RandomState::new().build_hasher().finish());
    for (name, value) in variables {
        line(&mut text, &[name.as_bytes(), b"<<", delimiter.as_bytes()]);
        line(&mut text, &[value.as_bytes()]);
        line(&mut text, &[delimiter.as_bytes()]);
    }
    text
}

fn line(text: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        text.extend_from_slice(part);
    }
    text.push(b'\n');
}
