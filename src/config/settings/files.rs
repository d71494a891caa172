//! Reads the configuration files, each once, however many leaps it serves.
//!
//! Which leaps a file serves is only known when the files before it were understood, and what is misplaced can only be
//! told then. So each leap first takes what it needs from its file to find the next one, and at the end every file is
//! judged for the leaps it turned out to serve.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::discover::{ConfigFile, ConfigPlace, Repo, has_tool_table};
use crate::config::document::{Document, Entry, Format, Node, Source, Value, shown};
use crate::config::fields::{ClientFields, Field, Fields, PrimerFields, SharedFields};
use crate::config::inputs::Inputs;
use crate::config::leap::Leap;
use crate::config::parse::{self, Broken};
use crate::host::names;

/// A file that is there, and the leaps it serves.
struct Served {
    file: ConfigFile,
    source: Arc<Source>,
    format: Format,
    /// What the configuration stands in; `None` where the file cannot be read.
    root: Option<Node>,
    leaps: Vec<Leap>,
}

/// The configuration files.
pub(super) struct Files<'a> {
    repo: &'a Repo,
    /// What the names of files are relative to, in messages.
    base: PathBuf,
    served: Vec<Served>,
    pub(super) inputs: Inputs,
    pub(super) warnings: Vec<String>,
    pub(super) faults: Vec<Broken>,
}

/// What all files say together.
#[derive(Default)]
pub(super) struct Said {
    pub(super) primer: PrimerFields,
    pub(super) client: ClientFields,
    pub(super) shared: SharedFields,
    /// The venv's directory as it is said for all environments.
    pub(super) venv_of_client: Field<PathBuf>,
}

/// A field as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidField {
    /// The leap that it is read for.
    pub leap: Leap,
    /// The file.
    pub source: Arc<Source>,
    /// The name and the value, with their places.
    pub entry: Entry,
}

impl<'a> Files<'a> {
    pub(super) fn new(repo: &'a Repo) -> Self {
        let (base, inputs) = (repo.seed_dir.value.clone(), repo.inputs.clone());
        Self { repo, base, served: Vec::new(), inputs, warnings: Vec::new(), faults: Vec::new() }
    }

    /// What the primer's file says.
    pub(super) fn primer(&mut self) -> PrimerFields {
        self.serve(self.repo.config.clone(), Leap::Primer).primer
    }

    /// What the client's file says. Where nobody named a directory and there is no file in the usual one, the primer's
    /// file is the client's as well.
    pub(super) fn client(&mut self, ref_root: &Path, dir: &Path, is_named: bool) -> Fields {
        ref_root.clone_into(&mut self.base);
        let before = self.repo.config.as_ref();
        let found = self.look(dir, before);
        let found = found.or_else(|| before.filter(|_| !is_named).cloned());
        self.serve(found, Leap::Client)
    }

    /// Notes the file of the environment.
    pub(super) fn env(&mut self, dir: &Path) {
        let before = self.served.first().map(|served| served.file.clone());
        let found = self.look(dir, before.as_ref());
        self.serve(found, Leap::Env);
    }

    /// The file of a later leap. One that is there under another name than the files before it is not read, and told.
    fn look(&mut self, dir: &Path, before: Option<&ConfigFile>) -> Option<ConfigFile> {
        let found = self.repo.later_file(dir, before, &mut self.inputs);
        if let (None, Some(before)) = (&found, before) {
            let other = self.repo.later_file(dir, None, &mut Inputs::default());
            let other = other.filter(|other| other != before && self.served.iter().all(|served| served.file != *other));
            self.warnings.extend(other.map(|other| {
                let (name, basename) = (shown(&other.path, &self.base), before.basename());
                format!("`{name}` is not read: the files of this configuration are named `{basename}`")
            }));
        }
        found
    }

    /// Notes that a file serves a leap, and says what stands in it as far as it is right.
    fn serve(&mut self, file: Option<ConfigFile>, leap: Leap) -> Fields {
        let Some(file) = file else { return Fields::default() };
        let index = match self.served.iter().position(|served| served.file == file) {
            Some(index) => index,
            None => self.read(file),
        };
        let served = &mut self.served[index];
        served.leaps.push(leap);
        let Some(root) = &served.root else { return Fields::default() };
        parse::decode(&served.source, served.format, root, &Leap::FILES).fields
    }

    /// What the file of an environment that is not selected says of its venv; `None` where it has no file.
    pub(super) fn venv_of(&self, dir: &Path) -> Option<Field<PathBuf>> {
        let before = self.served.first().map(|served| &served.file);
        let file = self.repo.later_file(dir, before, &mut Inputs::default())?;
        if self.served.iter().any(|served| served.file == file) {
            return None;
        }
        let (source, format) = (Source::new(&file.path, &self.base), file.format());
        let Ok(document) = Document::load(source.clone(), format) else { return Some(Field::Absent) };
        let decoded = parse::decode(&source, format, &root(&file, document), &[Leap::Env]);
        Some(decoded.fields.shared.local_venv_dir_rel_path)
    }

    fn read(&mut self, file: ConfigFile) -> usize {
        let (source, format) = (Source::new(&file.path, &self.base), file.format());
        let root = match Document::load(source.clone(), format) {
            Err(fault) => {
                self.faults.push(fault.into());
                None
            }
            Ok(document) => Some(root(&file, document)),
        };
        let pyproject = file.path.with_file_name(names::PYPROJECT);
        if file.place == ConfigPlace::WholeFile && has_tool_table(&pyproject) {
            let (loser, winner) = (shown(&pyproject, &self.base), &source.name);
            self.warnings.push(format!("`[tool.prime]` in `{loser}` is ignored, because `{winner}` is there"));
        }
        self.served.push(Served { file, source, format, root, leaps: Vec::new() });
        self.served.len() - 1
    }

    /// What all files say, each judged for the leaps it serves: the environment's wins over the client's.
    pub(super) fn finish(&mut self) -> (Said, Vec<SaidField>) {
        let (mut said, mut listed) = (Said::default(), Vec::new());
        let mut of_env = SharedFields::default();
        for served in &self.served {
            let Some(root) = &served.root else { continue };
            let decoded = parse::decode(&served.source, served.format, root, &served.leaps);
            self.faults.extend(decoded.faults);
            let source = &served.source;
            let entries = decoded.entries.into_iter();
            listed.extend(entries.map(|(leap, entry)| SaidField { leap, source: source.clone(), entry }));
            let Fields { primer, client, shared } = decoded.fields;
            if served.leaps.contains(&Leap::Primer) {
                said.primer = primer;
            }
            if served.leaps.contains(&Leap::Client) {
                (said.client, said.shared) = (client, shared);
            } else if served.leaps.contains(&Leap::Env) {
                of_env = shared;
            }
        }
        said.venv_of_client = said.shared.local_venv_dir_rel_path.clone();
        said.shared = said.shared.merge(of_env);
        (said, listed)
    }

    /// The files with the leaps that they serve, in the order of the leaps.
    pub(super) fn list(&self) -> Vec<(Leap, Arc<Source>)> {
        let pairs = self.served.iter().flat_map(|it| it.leaps.iter().map(|leap| (*leap, it.source.clone())));
        let mut list: Vec<_> = pairs.collect();
        list.sort_by_key(|(leap, _)| *leap);
        list
    }
}

/// What the configuration stands in.
fn root(file: &ConfigFile, document: Document) -> Node {
    match file.place {
        ConfigPlace::WholeFile => document.root,
        // Where there is no such table, the line that looked like its header stands in a text.
        ConfigPlace::ToolTable => {
            let none = || Node { value: Value::Table(Vec::new()), position: document.root.position };
            document.root.at(&["tool", "prime"]).cloned().unwrap_or_else(none)
        }
    }
}
