//! What a reboot keeps of an environment that it replaces, and how that comes back.
//!
//! A directory of its own holds the environment, its stamp, its pins, and a note of whose it is. The note is written first
//! and the environment is moved in last, by a rename, so that whatever interrupts this leaves the environment in one of the
//! two places; a directory without one is of no use and is cleared away by the next reboot that succeeds. On the way back
//! the environment moves last as well, when its stamp and its pins are where they were.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::{Run, aside, state};
use crate::config::Settings;
use crate::deps::{Stamp, pins};
use crate::error::Result;
use crate::host::{fs, names};
use crate::venv::Venv;

/// Part of the directory's name.
const KIND: &str = "reboot";
const NOTE: &str = "reboot.json";
const VENV: &str = "venv";
const PINS: &str = "constraints.txt";

/// Changed whenever an older `prime` could misread a note.
const FORMAT: u32 = 1;

/// Whose the directory is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    format: u32,
    /// Greater than that of all that were kept before: clocks may go back.
    number: u64,
    /// The run that moved it here.
    run_id: String,
    /// The environment's directory, as seen from the ref root.
    environment: PathBuf,
    /// Where the venv was. It knows its own path and can be used nowhere else.
    venv: PathBuf,
    /// The number of the one that came back in its place, where it had to make room for one.
    instead: Option<u64>,
}

/// An environment that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    dir: PathBuf,
    note: Note,
}

impl Kept {
    /// All that is kept of the selected environment, whole or not, the newest first.
    pub fn all(settings: &Settings, venv: &Venv) -> Vec<Self> {
        let environment = environment(settings);
        let mut found = Vec::new();
        for (dir, start) in aside::starts(settings, venv, KIND) {
            let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
            let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&start));
            let real = named.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
            let loaded = real.filter_map(|entry| Self::load(entry.path()));
            found.extend(loaded.filter(|kept| kept.note.environment == environment));
        }
        found.sort_by_key(|kept| std::cmp::Reverse(kept.note.number));
        found
    }

    fn load(dir: PathBuf) -> Option<Self> {
        let note: Note = serde_json::from_slice(&fs::read_file(&dir.join(NOTE)).ok()?).ok()?;
        (note.format == FORMAT).then_some(Self { dir, note })
    }

    /// Keeps the environment that is there now, to make room for another one; for number `instead` of those that are kept.
    pub fn keep(run: &Run<'_>, settings: &Settings, venv: &Venv, instead: Option<u64>) -> Result<Self> {
        let number = Self::all(settings, venv).first().map_or(1, |newest| newest.note.number + 1);
        let (run_id, venv_dir) = (run.run_id().to_owned(), venv.dir().to_owned());
        let environment = environment(settings);
        let note = Note { format: FORMAT, number, run_id, environment, venv: venv_dir, instead };
        for dir in aside::places(run, settings, venv, KIND) {
            let kept = Self { dir, note: note.clone() };
            let moved = kept.describe(settings).and_then(|()| aside::rename(venv.dir(), &kept.dir.join(VENV)));
            match moved {
                Ok(true) => return Ok(kept),
                Ok(false) => kept.remove()?,
                Err(error) => {
                    // The first failure is the one to tell.
                    let _ = kept.remove();
                    return Err(error);
                }
            }
        }
        Err(aside::immovable(settings, venv).into())
    }

    /// Writes everything but the environment.
    fn describe(&self, settings: &Settings) -> Result<()> {
        fs::write_atomic(&self.dir.join(".gitignore"), b"*\n")?;
        fs::write_atomic(&self.dir.join(NOTE), &serde_json::to_vec(&self.note)?)?;
        let files = [(state(settings).stamp(), names::STAMP_FILE), (settings.constraints_file.value.clone(), PINS)];
        for (path, name) in files {
            if let Some(content) = fs::read_optional(&path)? {
                fs::write_atomic(&self.dir.join(name), &content)?;
            }
        }
        Ok(())
    }

    /// Whether the environment is in it.
    pub fn is_whole(&self) -> bool {
        self.dir.join(VENV).symlink_metadata().is_ok_and(|meta| meta.is_dir())
    }

    /// Whether it can come back: the environment is in it, was in this place, and its stamp can be read.
    pub fn is_usable(&self, venv: &Venv) -> bool {
        self.is_whole() && self.note.venv == venv.dir() && Stamp::load(&self.dir.join(names::STAMP_FILE)).is_some()
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        self.note.number
    }

    /// The number of the one that came back in its place.
    pub fn instead(&self) -> Option<u64> {
        self.note.instead
    }

    /// The run that kept it.
    pub fn run_id(&self) -> &str {
        &self.note.run_id
    }

    /// Brings the environment back to its place, where nothing is now, with its stamp and its pins.
    pub fn restore(&self, run: &Run<'_>, settings: &Settings, venv: &Venv) -> Result<()> {
        let stamp = fs::read_optional(&self.dir.join(names::STAMP_FILE))?.unwrap_or_default();
        fs::write_atomic(&state(settings).stamp(), &stamp)?;
        self.restore_pins(run, settings)?;
        if !aside::rename(&self.dir.join(VENV), venv.dir())? {
            return Err(aside::immovable(settings, venv).into());
        }
        run.ui.note(
            "restore",
            &format!("{} from {}", aside::shown(settings, venv.dir()), aside::shown(settings, &self.dir)),
        );
        if let Err(error) = self.remove() {
            warn(run, settings, &self.dir, &error);
        }
        Ok(())
    }

    /// A file that a person wrote is left as it is: no reboot has touched it.
    fn restore_pins(&self, run: &Run<'_>, settings: &Settings) -> Result<()> {
        let path = &settings.constraints_file.value;
        if !pins::are_ours(path)? {
            return Ok(());
        }
        let changed = match fs::read_optional(&self.dir.join(PINS))? {
            Some(content) => fs::write_if_changed(path, &content)?,
            None if path.exists() => {
                std::fs::remove_file(path).map_err(|error| fs::cannot_create(path, error))?;
                true
            }
            None => false,
        };
        if changed {
            run.ui.note("restore", &aside::shown(settings, path));
        }
        Ok(())
    }

    /// Removes it. The note goes last, so that what is left of an interrupted removal is known for what it is; and the
    /// environment is renamed first, so that a part of one is never taken for a whole one.
    pub fn remove(&self) -> Result<()> {
        let failed = |error| fs::cannot_create(&self.dir, error);
        let doomed = self.dir.join("removed");
        if self.is_whole() {
            std::fs::rename(self.dir.join(VENV), &doomed).map_err(failed)?;
        }
        if doomed.exists() {
            std::fs::remove_dir_all(&doomed).map_err(failed)?;
        }
        for name in [PINS, names::STAMP_FILE, ".gitignore", NOTE] {
            let path = self.dir.join(name);
            if path.exists() {
                std::fs::remove_file(&path).map_err(failed)?;
            }
        }
        match std::fs::remove_dir(&self.dir) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }
}

/// Removes what is kept beyond the newest, as many as the configuration says, and what is not whole. What cannot be removed
/// stops nothing.
pub fn prune(run: &Run<'_>, settings: &Settings, venv: &Venv) {
    let (whole, rest): (Vec<Kept>, Vec<Kept>) = Kept::all(settings, venv).into_iter().partition(Kept::is_whole);
    let count = usize::try_from(settings.reboot_keep_count.value).unwrap_or(usize::MAX);
    for kept in &rest {
        kept.remove().unwrap_or_else(|error| warn(run, settings, &kept.dir, &error));
    }
    for kept in whole.iter().skip(count) {
        let start = Instant::now();
        let why = match count {
            0 => "none is kept".to_owned(),
            1 => "the newest is kept".to_owned(),
            _ => format!("the newest {count} are kept"),
        };
        match kept.remove() {
            Ok(()) => run.ui.done("remove", &format!("{}: {why}", aside::shown(settings, &kept.dir)), start),
            Err(error) => warn(run, settings, &kept.dir, &error),
        }
    }
}

fn warn(run: &Run<'_>, settings: &Settings, dir: &Path, error: &anyhow::Error) {
    let why = error.root_cause();
    run.ui.warn(&format!("`{}` cannot be removed: {why}", aside::shown(settings, dir)));
}

fn environment(settings: &Settings) -> PathBuf {
    let dir = &settings.env_dir.value;
    dir.strip_prefix(&settings.ref_root_dir.value).unwrap_or(dir).to_owned()
}
