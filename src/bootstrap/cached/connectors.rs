//! What a CI keeps of the connectors that a boot makes sure of, by what is configured alone.

use std::path::PathBuf;

use super::super::connectors::ensured;
use crate::config::{ConnectorFields, Said, Settings};
use crate::deps::{Input, requirement_path};
use crate::host::redact::redact;
use crate::host::{Host, names};
use crate::venv::DriverName;

/// The fields that decide what is in an environment, or whether there is one.
const DECIDING: [&str; 6] = ["version", "pip_url", "with", "constraints", "use_python", "registry"];

/// The connectors that have environments, and what makes those.
pub struct Connectors<'a> {
    host: &'a Host,
    settings: &'a Settings,
}

impl<'a> Connectors<'a> {
    pub fn new(host: &'a Host, settings: &'a Settings) -> Self {
        Self { host, settings }
    }

    fn all(&self) -> impl Iterator<Item = (&'a ConnectorFields, Vec<PathBuf>)> {
        let (host, ref_root) = (self.host, &self.settings.ref_root_dir.value);
        let with_dirs = ensured(self.settings).map(move |it| (it, it.environments(host, ref_root)));
        with_dirs.filter(|(_, dirs)| !dirs.is_empty())
    }

    /// The tool that makes the environments; `None` where there are none.
    pub fn driver(&self) -> Option<DriverName> {
        let by_pip = self.host.says_yes(names::AIRBYTE_NO_UV);
        self.all().next().map(|_| if by_pip { DriverName::Pip } else { DriverName::Uv })
    }

    /// The environments, each with what moves it.
    pub fn dirs(&self) -> Vec<(PathBuf, &'static str)> {
        let moved_by = |it: &ConnectorFields| match (it.said("install_root"), self.host.var(names::AIRBYTE_INSTALL_DIR))
        {
            (None, Some(_)) => names::AIRBYTE_INSTALL_DIR,
            _ => "install_root",
        };
        self.all().flat_map(|(it, dirs)| dirs.into_iter().map(move |dir| (dir, moved_by(it)))).collect()
    }

    /// All that decides what is in the environments: nothing where there are none.
    pub fn parts(&self) -> Vec<String> {
        let Some(driver) = self.driver() else { return Vec::new() };
        let registry = self.host.var_text(names::AIRBYTE_LOCAL_REGISTRY).map(|text| {
            let file = self.settings.ref_root_dir.value.join(text);
            if file.is_file() { file.display().to_string() } else { text.to_owned() }
        });
        let mut parts = vec![format!("connectors by {}", driver.as_str())];
        parts.extend(self.told(names::AIRBYTE_LOCAL_REGISTRY, registry.as_slice()));
        for (connector, dirs) in self.all() {
            parts.push(format!("connector {}", connector.name));
            parts.extend(dirs.iter().map(|dir| format!("in {}", dir.display())));
            let said = DECIDING.iter().filter_map(|name| Some((*name, words(name, connector.value(name)?))));
            parts.extend(said.flat_map(|(name, words)| self.told(name, &words)));
        }
        parts
    }

    /// What is said, and of files on this machine what is in them.
    fn told(&self, name: &str, words: &[String]) -> Vec<String> {
        let ref_root = &self.settings.ref_root_dir.value;
        let named = requirement_path::files(words, ref_root);
        let whole = words.iter().filter(|word| word.contains('/')).map(|word| ref_root.join(word));
        let whole: Vec<PathBuf> = whole.filter(|path| path.is_file() && !named.contains(path)).collect();
        let files = named.into_iter().chain(whole).map(|file| Input::file(file).sha256().to_owned());
        // Who asks decides nothing, and a token may be another one each time.
        words.iter().map(|word| format!("{name} {}", redact(word))).chain(files).collect()
    }
}

/// What a field says, word by word.
fn words(name: &str, said: &Said) -> Vec<String> {
    match said {
        Said::Flag(flag) => vec![flag.to_string()],
        Said::Path(path) if name == "constraints" => vec!["-c".to_owned(), path.display().to_string()],
        Said::Path(path) => vec![path.display().to_string()],
        Said::Text(text) if name == "pip_url" => shlex::split(text).unwrap_or_else(|| vec![text.clone()]),
        Said::Text(text) => vec![text.clone()],
        Said::List(words) => words.clone(),
        Said::Count(_) | Said::Table(_) => Vec::new(),
    }
}
