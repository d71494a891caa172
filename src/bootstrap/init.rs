//! Seeds a repository: a commented configuration, what git is to ignore, the python that is required, and the launcher.
//!
//! Everything is looked at before anything is written, so that what cannot be written is told while nothing is.

use std::path::{Path, PathBuf};

use super::select;
use crate::config::discover::ConfigFile;
use crate::config::document::{Document, Source, shown};
use crate::config::parse::decode;
use crate::config::{self, Leap, Origin, Repo, Selection, Settings, discover, template};
use crate::error::{Fault, Kind, Result};
use crate::host::{Host, exec, fs, names};
use crate::launcher::{OWN_VERSION, store};
use crate::python::{PinFile, Requirement, SearchOptions, search};

mod launcher;

/// How the files of the configuration are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One file.
    Min,
    /// A file for each leap, and one environment.
    Max,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct InitRequest {
    /// The repository.
    pub dir: PathBuf,
    /// The layout.
    pub layout: Layout,
    /// Whether files that are there are written anew.
    pub force: bool,
    /// Whether only the launcher is written, anew where it is there.
    pub update: bool,
    /// The index that the launcher asks where none is set.
    pub index_url: Option<String>,
    /// Whether the network must not be used.
    pub offline: bool,
}

/// What is to be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Write,
    /// It is there and is written anew.
    Replace,
    /// It gets lines at its end.
    Append,
    /// It stays as it is.
    Keep,
}

/// A file of the seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedFile {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// Its name for people.
    pub name: String,
    /// What is to be done with it.
    pub change: Change,
    /// All that is in it then; what is added, where it gets lines.
    pub text: String,
    /// Whether it can be executed.
    pub is_program: bool,
}

/// What has to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seed {
    /// The files, in the order in which they are written.
    pub files: Vec<SeedFile>,
    /// The cache into which this binary is to be put for the launcher, where that can fetch none.
    pub binary: Option<PathBuf>,
    /// What is odd and no error.
    pub warnings: Vec<String>,
}

/// The directories that are named in the files of [`Layout::Max`].
const GLOBAL_CONF_DIR: &str = "gconf";
const ENV_DIR: &str = "dst/default_env";
const LINK: &str = "lconf";

/// What has to be done. Nothing is written yet.
///
/// Fails with [`Kind::CannotCreate`] where something is in the way or a directory cannot be written, and with
/// [`Kind::Config`] where another file configures the repository already, or one that is kept does not fit the layout.
pub fn plan(host: &Host, request: &InitRequest) -> Result<Seed> {
    let repo = discover(host, Some(&request.dir))?;
    let settings = config::evaluate(host, &repo, &Selection::default()).settings;
    let planner = Planner { host, repo, settings, request };
    let mut seed = Seed::default();
    if !request.update {
        planner.configure(&mut seed)?;
    }
    launcher::plan(&planner, &mut seed)?;
    for file in &seed.files {
        planner.check_place(file)?;
    }
    Ok(seed)
}

/// Does it.
pub fn write(file: &SeedFile) -> Result<()> {
    match file.change {
        Change::Keep => Ok(()),
        Change::Write | Change::Replace if file.is_program => fs::write_program(&file.path, file.text.as_bytes()),
        Change::Write | Change::Replace => fs::write_atomic(&file.path, file.text.as_bytes()),
        Change::Append => {
            let before = fs::read_optional(&file.path)?.unwrap_or_default();
            fs::write_atomic(&file.path, &[before, file.text.clone().into_bytes()].concat())
        }
    }
}

/// Where the launcher looks for this binary, in a cache.
pub fn place_of_binary(cache_dir: &Path) -> PathBuf {
    store::place(cache_dir, &OWN_VERSION.to_string())
}

/// Puts this binary there, unless there is one.
pub fn put_binary(cache_dir: &Path) -> Result<()> {
    store::put(cache_dir, &OWN_VERSION.to_string(), &exec::own_executable()).map(drop)
}

/// The files of a layout with their texts. One that leads to others comes after them: a run that is cut short leaves no file
/// that names a directory which is not there.
fn configuration(layout: Layout) -> Vec<(String, String)> {
    let quoted = |text: &str| format!("\"{text}\"");
    match layout {
        Layout::Min => {
            let title =
                "The configuration of this repository. Everything has a default; `prime eval` shows what holds.";
            vec![(names::CONFIG_FILE.to_owned(), template::text(title, &Leap::FILES, &[]))]
        }
        Layout::Max => {
            let primer = "The primer: where everything else is. `prime eval` shows what holds.";
            let client = "The client: what holds in every environment that does not say otherwise.";
            let env = "The environment: what is different here. Whatever is said here wins over the client's file.";
            let (conf, link, default) = (quoted(GLOBAL_CONF_DIR), quoted(LINK), quoted(ENV_DIR));
            let of_client = [("local_conf_symlink_rel_path", link.as_str()), ("default_env_dir_rel_path", &default)];
            let of_primer = [("global_conf_dir_rel_path", conf.as_str())];
            let file = names::CONFIG_FILE;
            vec![
                (format!("{ENV_DIR}/{file}"), template::text(env, &[Leap::Env], &[])),
                (format!("{GLOBAL_CONF_DIR}/{file}"), template::text(client, &[Leap::Client], &of_client)),
                (file.to_owned(), template::text(primer, &[Leap::Primer], &of_primer)),
            ]
        }
    }
}

struct Planner<'a> {
    host: &'a Host,
    repo: Repo,
    /// What holds before anything is written.
    settings: Settings,
    request: &'a InitRequest,
}

impl Planner<'_> {
    /// All but the launcher.
    fn configure(&self, seed: &mut Seed) -> Result<()> {
        self.check_no_other_file()?;
        for (name, text) in configuration(self.request.layout) {
            seed.files.push(self.file(&name, text));
        }
        self.check_kept(&seed.files)?;
        seed.files.push(self.ignored()?);
        self.python_version(seed)
    }

    /// The directory of the seed file.
    fn dir(&self) -> &Path {
        &self.repo.seed_dir.value
    }

    /// The ref root, where all files but the primer's belong. A primer that is written anew makes it the seed directory.
    fn root(&self) -> &Path {
        if self.request.force { self.dir() } else { &self.settings.ref_root_dir.value }
    }

    /// A file of ours would take the place of whatever configures the repository now.
    fn check_no_other_file(&self) -> Result<()> {
        let other = self.repo.config.as_ref();
        let is_other = |file: &&ConfigFile| file.path != self.dir().join(names::CONFIG_FILE);
        match other.filter(is_other).filter(|_| !self.request.force) {
            None => Ok(()),
            Some(file) => {
                let name = shown(&file.path, self.dir());
                let message = format!("`{name}` configures this repository already");
                let hint = format!("`--force` writes `{}`, which takes its place", names::CONFIG_FILE);
                Err(Fault::new(Kind::Config, message).hint(hint).into())
            }
        }
    }

    /// A file of several leaps cannot be kept beside new files of the later ones: what it says for them would be wrong.
    fn check_kept(&self, files: &[SeedFile]) -> Result<()> {
        let change = |name: &str| files.iter().find(|file| file.name == name).map(|file| file.change);
        let client = format!("{GLOBAL_CONF_DIR}/{}", names::CONFIG_FILE);
        let Some(primer) = self.repo.config.as_ref() else { return Ok(()) };
        if (change(names::CONFIG_FILE), change(&client)) != (Some(Change::Keep), Some(Change::Write)) {
            return Ok(());
        }
        let Document { source, format, root } = Document::load(Source::new(&primer.path, self.dir()), primer.format())?;
        let decoded = decode(&source, format, &root, &[Leap::Primer]);
        let misplaced = decoded.faults.into_iter().next().map(|broken| broken.fault.message);
        let named = decoded.fields.primer.global_conf_dir_rel_path.value();
        let elsewhere = named.filter(|dir| fs::normalize(&dir.value) != Path::new(GLOBAL_CONF_DIR)).map(|dir| {
            let (origin, dir) = (dir.origin, dir.value.display());
            format!("`global_conf_dir_rel_path` in {origin} is `{dir}`, where `{client}` would not be found")
        });
        let Some(cause) = misplaced.or(elsewhere) else { return Ok(()) };
        let message = format!("`{}` is there and does not fit this layout", names::CONFIG_FILE);
        let hint = "change what is named, or let `--force` write the file anew";
        Err(anyhow::anyhow!(cause).context(Fault::new(Kind::Config, message).hint(hint)))
    }

    fn file(&self, name: &str, text: String) -> SeedFile {
        let dir = if name == names::CONFIG_FILE { self.dir() } else { self.root() };
        let path = dir.join(name);
        let change = match path.symlink_metadata() {
            Err(_) => Change::Write,
            Ok(_) if path.is_file() && !self.request.force => Change::Keep,
            // What is no file is told by the check of the place.
            Ok(_) => Change::Replace,
        };
        SeedFile { path, name: name.to_owned(), change, text, is_program: false }
    }

    /// The lines that `.gitignore` does not have yet.
    fn ignored(&self) -> Result<SeedFile> {
        let name = ".gitignore";
        let path = self.root().join(name);
        check_kind(&path, name)?;
        let mut wanted = vec!["/.prime/".to_owned(), "/.venv*/".to_owned()];
        wanted.extend((self.request.layout == Layout::Max).then(|| format!("/{LINK}")));
        let found = fs::read_optional(&path)?;
        let present = String::from_utf8_lossy(found.as_deref().unwrap_or_default());
        let missing = wanted.iter().filter(|line| !present.lines().any(|other| other.trim() == **line));
        let lines: String = missing.flat_map(|line| [line, "\n"]).collect();
        let break_before = if present.is_empty() || present.ends_with('\n') { "" } else { "\n" };
        let change = match found {
            _ if lines.is_empty() => Change::Keep,
            None => Change::Write,
            Some(_) => Change::Append,
        };
        let text = format!("{break_before}{lines}");
        Ok(SeedFile { path, name: name.to_owned(), change, text, is_program: false })
    }

    /// Whether the configuration says which python is required, and goes on to say so.
    fn names_python(&self, files: &[SeedFile]) -> bool {
        let Some(field) = &self.settings.required_python else { return false };
        let Origin::File { source, .. } = &field.origin else { return true };
        let is_gone = |file: &SeedFile| file.path == source.path && file.change == Change::Replace;
        source.path.ends_with(names::CONFIG_FILE) && !files.iter().any(is_gone)
    }

    /// The version of an installed python, where nothing says which one is required.
    fn python_version(&self, seed: &mut Seed) -> Result<()> {
        let settings = &self.settings;
        if self.names_python(&seed.files) || PinFile::find(self.host, self.root())?.is_some() {
            return Ok(());
        }
        let asked: Vec<&str> = settings.requires_python.iter().map(|text| text.value.as_str()).collect();
        let asked = if asked.is_empty() { ">=3.8".to_owned() } else { asked.join(",") };
        let options = SearchOptions { cache_dir: None, ..select::search_options(self.host, settings) };
        let name = names::PYTHON_VERSION_FILE;
        match search(&select::outside(self.host), &Requirement::parse(&asked)?, &options).selected {
            Some(python) => {
                let text = format!("{}.{}\n", python.version().major, python.version().minor);
                let (path, name) = (self.root().join(name), name.to_owned());
                seed.files.push(SeedFile { path, name, change: Change::Write, text, is_program: false });
            }
            None => seed.warnings.push(format!("there is no python matching `{asked}` to write into `{name}`")),
        }
        Ok(())
    }

    /// Whether a file can be written where it belongs, in the repository.
    fn check_place(&self, file: &SeedFile) -> Result<()> {
        if file.change == Change::Keep {
            return Ok(());
        }
        check_kind(&file.path, &file.name)?;
        let refused = |dir: &Path, fact: &str, hint: &str| {
            let fact = format!("`{}` {fact}", shown(dir, self.root()));
            Err(cannot_write(&file.name, &fact, hint))
        };
        let nearest = file.path.ancestors().skip(1).find(|dir| dir.symlink_metadata().is_ok());
        let nearest = nearest.unwrap_or(Path::new("/"));
        let Ok(real) = nearest.canonicalize() else {
            return refused(nearest, "is a link that leads nowhere", "move it away");
        };
        if ![self.dir(), self.root()].iter().any(|dir| real.starts_with(dir)) {
            return refused(nearest, "leads out of the repository", "move it away");
        }
        if !real.is_dir() {
            return refused(nearest, "is not a directory", "move it away");
        }
        if !fs::may_create(nearest) {
            return refused(nearest, "cannot be written", "make it writable");
        }
        Ok(())
    }
}

/// Whether what is in a file's place, if anything, is a file that can be replaced by another.
fn check_kind(path: &Path, name: &str) -> Result<()> {
    if path.is_dir() {
        return Err(cannot_write(name, "it is a directory", "move it away"));
    }
    if path.is_symlink() {
        return Err(cannot_write(name, "it is a link", "move it away, or edit what it leads to"));
    }
    if path.exists() && !path.is_file() {
        return Err(cannot_write(name, "it is not a regular file", "move it away"));
    }
    Ok(())
}

fn cannot_write(name: &str, fact: &str, hint: &str) -> anyhow::Error {
    Fault::new(Kind::CannotCreate, format!("cannot write `{name}`: {fact}")).hint(hint).into()
}
