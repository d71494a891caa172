//! The stamp: what an environment was made from, written last.
//!
//! An environment counts as present only while its stamp says so. The stamp is withdrawn before the first change and
//! written again after the last, so that whatever interrupts the work leaves an environment that is not called ready.
//! It lies outside of the environment, in the repository's state directory, and is read on each run: it has to be cheap.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Input;
use super::pins::digest_of_none;
use super::verify::Manifest;
use crate::error::Result;
use crate::host::fs::Birth;
use crate::host::{Host, fs, names};
use crate::python::interpreter::Target;

/// Changed whenever an older `prime` could misread a stamp.
pub const FORMAT: u32 = 3;

/// How far the making of an environment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It is being made; what is in its directory is ours to remove.
    Creating,
    /// It was made; what its items name is installed.
    Created,
    /// Something is being installed; what is there is anybody's guess.
    Installing,
    /// All is installed and pinned.
    Ready,
    /// It is damaged, and to install again did not mend it.
    Damaged,
}

/// Which of a repository's environments something belongs to, as seen from the ref root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Its directory; empty for the ref root.
    pub dir: PathBuf,
    /// The symlink that leads to the selected one, where one is configured.
    pub link: Option<PathBuf>,
    /// Whether it is selected where nothing is said and nothing is linked.
    pub is_default: bool,
}

impl Environment {
    /// Whether it is the one that is selected now: `asked` is the directory that is asked for, absolute; `sets_link`
    /// tells whether the link may be set. One for which the link would have to be set first is not.
    pub fn is_selected(&self, ref_root: &Path, asked: Option<&Path>, sets_link: bool) -> bool {
        let dir = ref_root.join(&self.dir);
        let link = self.link.as_ref().map(|link| ref_root.join(link));
        let link = link.filter(|link| link.symlink_metadata().is_ok());
        let needs_none = self.link.is_none() || self.dir.as_os_str().is_empty();
        match (asked, link) {
            (Some(asked), _) if asked != dir => false,
            (Some(_), _) if !sets_link => true,
            (_, Some(link)) => link.is_symlink() && leads_to(&link, &dir),
            (Some(_), None) => needs_none,
            (None, None) => self.is_default && (needs_none || !sets_link),
        }
    }
}

fn leads_to(link: &Path, dir: &Path) -> bool {
    link.canonicalize().is_ok_and(|led| dir.canonicalize().is_ok_and(|real| led == real))
}

/// What an environment was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    format: u32,
    /// How far it has come.
    pub phase: Phase,
    /// The id of the run that made it.
    pub run_id: String,
    /// Whether a reboot made it: it is filled without the pins that were there before.
    pub reboot: bool,
    /// The ref root: a copied or moved repository has another one, and an environment knows its own.
    pub root: PathBuf,
    /// The directory of the seed file that the configuration was read from.
    pub seed: PathBuf,
    /// Which environment of the repository it is.
    pub environment: Environment,
    /// The environment's directory.
    pub venv: PathBuf,
    /// What tells that directory from another one in its place, where the file system says.
    pub birth: Option<Birth>,
    /// The driver's name.
    pub driver: String,
    /// The driver that the configuration's files name: what holds where no variable names one.
    pub configured_driver: Option<String>,
    /// The interpreter that the environment was made from, by the path that outlives a patch upgrade where it has one.
    pub interpreter: PathBuf,
    /// Whether uv provided that interpreter, because none that was there would do.
    #[serde(default)]
    pub provided: bool,
    /// What its binary code is made for.
    #[serde(default)]
    pub target: Option<Target>,
    /// The interpreter's version, with its implementation where that is not CPython.
    pub python_version: String,
    /// Variables that decided something, with their values.
    pub variables: BTreeMap<String, Option<String>>,
    /// Everything on disk that decided something.
    pub inputs: Vec<Input>,
    /// What was installed, with the digest of what it was installed from.
    pub items: BTreeMap<String, String>,
    /// The digest of the pins; empty until it was ready for the first time.
    pub pins: String,
    /// The digest of the pins that were there before these were written.
    #[serde(default)]
    pub pins_found: String,
    /// What is installed.
    pub manifest: Manifest,
    /// Findings of the proof that are no damage, as [`Finding::key`](super::verify::Finding::key) has them: some
    /// distributions are published in contradiction to their own `RECORD`.
    pub known: Vec<String>,
}

impl Stamp {
    /// The stamp of an environment that is about to be made, in a directory that may be there already.
    pub fn creating(root: &Path, env_dir: &Path, venv: &Path) -> Self {
        let dir = env_dir.strip_prefix(root).unwrap_or(env_dir).to_owned();
        Self {
            format: FORMAT,
            phase: Phase::Creating,
            run_id: String::new(),
            reboot: false,
            root: root.to_owned(),
            seed: PathBuf::new(),
            environment: Environment { dir, ..Environment::default() },
            venv: venv.to_owned(),
            birth: Birth::of_dir(venv),
            driver: String::new(),
            configured_driver: None,
            interpreter: PathBuf::new(),
            provided: false,
            target: None,
            python_version: String::new(),
            variables: BTreeMap::new(),
            inputs: Vec::new(),
            items: BTreeMap::new(),
            pins: String::new(),
            pins_found: String::new(),
            manifest: Manifest::default(),
            known: Vec::new(),
        }
    }

    /// Reads a stamp; one that is missing, damaged, of another format or somebody else's is none. Whoever owns the repository
    /// may have written it: what is in the repository is run anyway, and a ready one serves any user.
    pub fn load(path: &Path) -> Option<Self> {
        let stamp: Self = serde_json::from_slice(&content(path)?).ok()?;
        (stamp.format == FORMAT).then_some(stamp)
    }

    /// Writes the stamp, whole or not at all.
    pub fn save(&self, path: &Path) -> Result<()> {
        fs::write_atomic(path, &serde_json::to_vec(self)?)
    }

    /// Whether the directory is still the one that the environment was made in.
    pub fn is_of_dir(&self, dir: &Path) -> bool {
        self.venv == dir && self.birth.is_some() && self.birth == Birth::of_dir(dir)
    }

    /// Whether the directory in its place is another one: a stamp from elsewhere proves nothing of what is here.
    pub fn is_brought_here(&self) -> bool {
        self.birth != Birth::of_dir(&self.venv)
    }

    /// Whether what is installed is what these pins ask for. Where nothing is pinned, be it that a fresh clone does not have
    /// what an earlier run wrote, anything is.
    pub fn follows(&self, pins: &str) -> bool {
        self.items.is_empty() || self.pins == pins || pins == digest_of_none()
    }

    /// Whether a reboot made it and did not come to its end: what is in it follows no pins.
    pub fn is_of_unfinished_reboot(&self) -> bool {
        self.reboot && self.pins.is_empty()
    }

    /// What has become of the environment's own files, for people; `None` where they are as they were made.
    pub fn tampering(&self) -> Option<String> {
        self.own_inputs().find_map(Input::change)
    }

    /// The environment's own files that are not as they were made.
    pub fn tampered(&self) -> impl Iterator<Item = &Path> {
        self.own_inputs().filter(|input| input.change().is_some()).map(|input| input.path.as_path())
    }

    fn own_inputs(&self) -> impl Iterator<Item = &Input> {
        self.inputs.iter().filter(|input| input.path.starts_with(&self.venv) && !input.is_program())
    }

    /// Why the environment is not ready for this repository now; `None` where it is. The repository is known by its ref
    /// root and by the directory of its seed file.
    ///
    /// Costs a `stat` for each input and reads only those whose times differ.
    pub fn staleness(&self, host: &Host, root: &Path, seed: &Path) -> Option<String> {
        self.doubts(host, root, seed).next().map(|doubt| doubt.why)
    }

    /// All that speaks against the environment's being ready, looked for only as far as it is asked for.
    pub fn doubts<'a>(&'a self, host: &'a Host, root: &'a Path, seed: &'a Path) -> impl Iterator<Item = Doubt> + 'a {
        let of_place = std::iter::once_with(move || self.doubt_of_place(root, seed));
        let of_variables = std::iter::once_with(move || self.doubt_of_variables(host));
        let of_inputs = self.inputs.iter().map(|input| {
            let why = input.change()?;
            Some(Doubt { why, input: Some(input.clone()) })
        });
        of_place.chain(of_variables).chain(of_inputs).flatten()
    }

    fn doubt_of_place(&self, root: &Path, seed: &Path) -> Option<Doubt> {
        if self.phase != Phase::Ready {
            return Some(Doubt::new("the last run did not come to its end"));
        }
        if self.root != root {
            return Some(Doubt::new(format!("the repository was at `{}`", self.root.display())));
        }
        if self.seed != seed {
            return Some(Doubt::new(format!("its configuration was read from `{}`", self.seed.display())));
        }
        self.is_brought_here()
            .then(|| Doubt::new(format!("`{}` is not the directory that was made", self.venv.display())))
    }

    fn doubt_of_variables(&self, host: &Host) -> Option<Doubt> {
        // Whether the variable is set is not what counts: a program that was handed over to does not have it.
        let variable = host.var(names::VENV_DRIVER).map(|value| value.to_string_lossy().into_owned());
        let asked = variable.or_else(|| self.configured_driver.clone()).filter(|asked| *asked != self.driver);
        if let Some(asked) = asked {
            return Some(Doubt::new(format!("it was made by `{}`, and `{asked}` is asked for", self.driver)));
        }
        let (name, _) = self.variables.iter().find(|(name, value)| host.var_text(name) != value.as_deref())?;
        Some(Doubt::new(format!("`{name}` has another value")))
    }
}

fn content(path: &Path) -> Option<Vec<u8>> {
    let of_repository = || {
        let state_dir = path.ancestors().find(|dir| dir.file_name() == Some(names::STATE_DIR.as_ref()))?;
        let owner = state_dir.parent()?.metadata().ok()?.uid();
        fs::read_trusted(path, Some(owner))
    };
    fs::read_trusted(path, None).or_else(of_repository)
}

/// Something that speaks against an environment's being ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What it is, for people.
    pub why: String,
    /// What is no longer as it was, where it is something on disk.
    pub input: Option<Input>,
}

impl Doubt {
    fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), input: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(input: &Path) -> Stamp {
        let root = Path::new("/r");
        let mut stamp = Stamp { driver: "venv_uv".into(), ..Stamp::creating(root, root, Path::new("/r/.venv")) };
        stamp.seed = root.to_owned();
        stamp.phase = Phase::Ready;
        stamp.variables.insert("V".into(), Some("1".into()));
        stamp.inputs.push(Input::file(input));
        stamp
    }

    #[test]
    fn a_stamp_survives_the_disk_and_nothing_else_is_a_stamp() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("stamp");
        let stamp = ready(&path);
        stamp.save(&path).unwrap();
        assert_eq!(Stamp::load(&path).as_ref(), Some(&stamp));
        for text in ["", "{}", "[1]", "not json"] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(Stamp::load(&path), None);
        }
        let other = Stamp { format: FORMAT + 1, ..stamp };
        other.save(&path).unwrap();
        assert_eq!(Stamp::load(&path), None);
    }

    #[test]
    fn only_the_environments_own_files_can_be_tampered_with() {
        let dir = tempfile::tempdir().unwrap();
        let venv = dir.path().join("venv");
        std::fs::create_dir(&venv).unwrap();
        let mut stamp = Stamp::creating(dir.path(), dir.path(), &venv);
        assert!((stamp.birth.is_none() || stamp.is_of_dir(&venv)) && !stamp.is_of_dir(dir.path()));
        let (outside, own, program) = (dir.path().join("file"), venv.join("pyvenv.cfg"), venv.join("python"));
        stamp.inputs = vec![Input::file(&outside), Input::file(&own), Input::program(&program)];
        std::fs::write(&outside, "").unwrap();
        std::fs::write(&own, "").unwrap();
        assert_eq!(stamp.tampering(), Some(format!("`{}` is new", own.display())));
        stamp.inputs[1] = Input::file(&own);
        stamp.inputs[2] = {
            std::fs::write(&program, "").unwrap();
            Input::program(&program)
        };
        std::fs::write(&program, "another build").unwrap();
        assert_eq!(stamp.tampering(), None);
    }

    #[test]
    fn the_driver_that_counts_is_the_one_that_would_be_used() {
        let dir = tempfile::tempdir().unwrap();
        let mut stamp = ready(&dir.path().join("input"));
        let host = |driver: &str| {
            let vars = [("V", "1"), (names::VENV_DRIVER, driver)];
            Host { vars: vars.map(|(name, value)| (name.into(), value.into())).to_vec(), ..Host::default() }
        };
        let stale = |stamp: &Stamp, driver| stamp.staleness(&host(driver), Path::new("/r"), Path::new("/r"));
        assert_eq!(stale(&stamp, ""), None, "nobody names one");
        assert_eq!(stale(&stamp, "venv_uv"), None);
        let other = Some("it was made by `venv_uv`, and `venv_pip` is asked for".to_owned());
        assert_eq!(stale(&stamp, "venv_pip"), other);
        stamp.configured_driver = Some("venv_pip".to_owned());
        assert_eq!(stale(&stamp, "venv_uv"), None, "the variable wins");
        assert_eq!(stale(&stamp, ""), other, "the variable is gone, the file holds");
    }

    #[test]
    fn each_kind_of_change_makes_it_stale() {
        let dir = tempfile::tempdir().unwrap();
        let input = dir.path().join("input");
        let stamp = ready(&input);
        let host = Host { vars: vec![("V".into(), "1".into())], ..Host::default() };
        let root = Path::new("/r");
        assert_eq!(stamp.staleness(&host, root, root), None);
        assert_eq!(stamp.staleness(&host, Path::new("/moved"), root), Some("the repository was at `/r`".to_owned()));
        assert_eq!(stamp.staleness(&Host::default(), root, root), Some("`V` has another value".to_owned()));
        let shipped = Stamp { birth: Birth::of_dir(dir.path()), ..stamp.clone() };
        if shipped.birth.is_some() {
            let why = Some("`/r/.venv` is not the directory that was made".to_owned());
            assert_eq!(shipped.staleness(&host, root, root), why);
        }
        let why = Some("its configuration was read from `/r`".to_owned());
        assert_eq!(stamp.staleness(&host, root, Path::new("/r/seed")), why);
        assert!(Stamp { phase: Phase::Created, ..stamp.clone() }.staleness(&host, root, root).is_some());
        std::fs::write(&input, "").unwrap();
        assert_eq!(stamp.staleness(&host, root, root), Some(format!("`{}` is new", input.display())));
    }

    #[test]
    fn one_environment_is_selected_by_argument_link_or_default() {
        let tree = tempfile::tempdir().unwrap();
        let root = tree.path();
        for name in ["a", "b"] {
            std::fs::create_dir(root.join(name)).unwrap();
        }
        let environment =
            |dir: &str, is_default| Environment { dir: dir.into(), link: Some("link".into()), is_default };
        let (a, b) = (environment("a", true), environment("b", false));
        let selected = |it: &Environment, asked: Option<&str>, sets_link| {
            it.is_selected(root, asked.map(|name| root.join(name)).as_deref(), sets_link)
        };
        // Nothing is linked: whoever may set the link has something to do first.
        for (asked, sets_link, expected) in [
            (None, true, (false, false)),
            (None, false, (true, false)),
            (Some("a"), true, (false, false)),
            (Some("b"), false, (false, true)),
        ] {
            assert_eq!((selected(&a, asked, sets_link), selected(&b, asked, sets_link)), expected, "{asked:?}");
        }
        std::os::unix::fs::symlink("b", root.join("link")).unwrap();
        for (asked, sets_link, expected) in [
            (None, true, (false, true)),
            (None, false, (false, true)),
            (Some("a"), true, (false, false)),
            (Some("a"), false, (true, false)),
            (Some("b"), true, (false, true)),
        ] {
            assert_eq!((selected(&a, asked, sets_link), selected(&b, asked, sets_link)), expected, "{asked:?}");
        }
        std::fs::remove_file(root.join("link")).unwrap();
        std::fs::create_dir(root.join("link")).unwrap();
        assert!(!selected(&a, None, true) && !selected(&b, Some("b"), true));
        let alone = Environment { is_default: true, ..Environment::default() };
        assert!(alone.is_selected(root, None, true) && alone.is_selected(root, Some(root), true));
    }
}
