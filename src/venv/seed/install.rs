//! One wheel into the environment.

use std::io;
use std::path::Path;

use tracing::debug;

use super::cache::Entry;
use super::entry_points::{EntryPoint, programs};
use super::place::{Item, Tree};
use super::plan::{Place, Plan, Ready};
use super::record::{self, Row, relative};
use super::{Target, script};
use crate::error::Result;
use crate::host::{fs, threads};

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
struct Made<'a> {
    dir: &'a Path,
    /// Seen from `dir`.
    path: String,
    /// Seen from `site-packages`.
    recorded: String,
    content: Vec<u8>,
    mode: u32,
}

impl Job<'_> {
    /// Installs a wheel where none of its project is.
    pub fn install(&self, ready: &Ready) -> Result<()> {
        let made = self.made(ready);
        let rows = made.iter().map(|it| Row::of(it.recorded.clone(), &it.content)).collect();
        let record = ready.description.metadata("RECORD");
        let text = record::text(&ready.description, rows, self.tag);
        // Of an environment that is mended it may be gone.
        fs::create_dir_all(self.target.site_packages)?;
        let mut tree = Tree::new(self.target.site_packages, 0o777);
        tree.write_whole(&record, text.as_bytes(), self.plan.mode)?;
        match &ready.from {
            Place::Memory(contents) => drop(tree.write_all(&ready.description.files, contents, self.plan.mode)?),
            Place::Cache(entry) => {
                if let Err(error) = self.take(&mut tree, entry) {
                    // Somebody has removed the entry meanwhile, or it cannot be read. Where it is the environment that
                    // cannot be written, this tells why.
                    debug!("`{}` is of no use: {error}", entry.dir.display());
                    let wheel = ready.chosen.read()?;
                    tree.write_all(&wheel.description.files, &wheel.contents, self.plan.mode)?;
                }
            }
        }
        for file in made {
            Tree::new(file.dir, 0o777).write(&file.path, &file.content, file.mode)?;
        }
        Ok(())
    }

    /// The programs, and what pip notes down beside the metadata.
    fn made(&self, ready: &Ready) -> Vec<Made<'_>> {
        let (mode, target) = (self.plan.mode, self.target);
        let version = target.interpreter.version();
        let first_line = script::first_line(target.python, target.relocatable);
        let bin = relative(target.bin, target.site_packages);
        let program = |program: EntryPoint| Made {
            dir: target.bin,
            recorded: format!("{bin}/{}", program.name),
            content: format!("{first_line}{}", script::body(&self.plan.template, &program)).into_bytes(),
            mode: (mode | 0o555) & 0o7777,
            path: program.name,
        };
        let note = |(name, text): (&str, &str)| {
            let path = ready.description.metadata(name);
            Made { dir: target.site_packages, recorded: path.clone(), path, content: text.into(), mode }
        };
        let programs =
            programs(&ready.description.entry_points, (version.major, version.minor)).into_iter().map(program);
        programs.chain([("INSTALLER", "pip\n"), ("REQUESTED", "")].map(note)).collect()
    }

    fn take(&self, tree: &mut Tree<'_>, entry: &Entry) -> io::Result<()> {
        let from = entry.tree();
        let compiled = entry.compiled.iter().flatten().filter(|_| !self.dated);
        let items: Vec<&Item> = entry.files.iter().chain(compiled).collect();
        tree.make_parents(items.iter().map(|item| &item.path))?;
        // The cache is more careful than the process's mask may be.
        let mode = |item: &Item| item.mode | (self.plan.mode & 0o002);
        let Some((first, others)) = items.split_first() else { return Ok(()) };
        // It tells how files come out of the cache.
        tree.take(&from, first, mode(first))?;
        let tree = &*tree;
        let take = |items: &[&Item]| {
            let mut tree = tree.clone();
            items.iter().try_for_each(|item| tree.take(&from, item, mode(item)))
        };
        threads::share(others, &take).map(drop)
    }
}
