//! One wheel into the environment.

use std::io;

use super::entry_points::programs;
use super::place::{Item, Tree};
use super::plan::{Place, Plan, Ready};
use super::record::{self, Row, relative};
use super::{Target, script};
use crate::error::Result;
use crate::host::fs;

/// What holds for all that is installed.
pub(super) struct Job<'a> {
    pub target: &'a Target<'a>,
    pub plan: &'a Plan,
    /// Which compiled files are this python's: `cpython-313`.
    pub tag: &'a str,
    /// Whether compiled files that tell a time are unwanted.
    pub dated: bool,
}

/// A file that pip makes, and no wheel has.
struct Made {
    /// Seen from `site-packages`.
    path: String,
    content: Vec<u8>,
    mode: u32,
}

impl Job<'_> {
    /// Installs a wheel where none of its project is.
    pub fn install(&self, ready: &Ready) -> Result<()> {
        let made = self.made(ready);
        let rows = made.iter().map(|it| Row::of(it.path.clone(), &it.content)).collect();
        let record = ready.description.metadata("RECORD");
        let text = record::text(&ready.description, rows, self.tag);
        let mut tree = Tree::new(self.target.site_packages, 0o777);
        tree.write_whole(&record, text.as_bytes(), self.plan.mode)?;
        match &ready.from {
            Place::Memory(contents) => {
                for (file, content) in ready.description.files.iter().zip(contents) {
                    tree.write(&file.path, content, mode_of(self.plan.mode, file.executable))?;
                }
            }
            Place::Cache(entry) => {
                let compiled = entry.compiled.iter().flatten().filter(|_| !self.dated);
                for item in entry.files.iter().chain(compiled) {
                    let taken = tree.take(&entry.tree(), item, self.mode_out_of_cache(item));
                    taken.map_err(|error| self.failed(item, error))?;
                }
            }
        }
        for file in made {
            tree.write(&file.path, &file.content, file.mode)?;
        }
        Ok(())
    }

    /// The programs, and what pip notes down beside the metadata.
    fn made(&self, ready: &Ready) -> Vec<Made> {
        let mode = self.plan.mode;
        let version = self.target.interpreter.version();
        let first_line = script::first_line(self.target.python, self.target.relocatable);
        let bin = relative(self.target.bin, self.target.site_packages);
        let scripts =
            programs(&ready.description.entry_points, (version.major, version.minor)).into_iter().map(|program| {
                let text = format!("{first_line}{}", script::body(&self.plan.template, &program));
                Made {
                    path: format!("{bin}/{}", program.name),
                    content: text.into_bytes(),
                    mode: (mode | 0o555) & 0o7777,
                }
            });
        let notes = [("INSTALLER", "pip\n"), ("REQUESTED", "")].into_iter().map(|(name, text)| Made {
            path: ready.description.metadata(name),
            content: text.into(),
            mode,
        });
        scripts.chain(notes).collect()
    }

    /// What the cache is more careful about than the process's mask.
    fn mode_out_of_cache(&self, item: &Item) -> u32 {
        item.mode | (self.plan.mode & 0o002)
    }

    fn failed(&self, item: &Item, error: io::Error) -> anyhow::Error {
        fs::cannot_create(&self.target.site_packages.join(&item.path), error)
    }
}

/// The mode of a file, as pip gives it.
pub(super) fn mode_of(mode: u32, executable: bool) -> u32 {
    if executable { mode | 0o111 } else { mode }
}
