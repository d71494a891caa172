//! What an environment is made of: what is said now and, where nothing else is, what was said when the one was made that is
//! there. So what is broken comes back as it was, and another version is one of the same distribution.

use std::path::{Path, PathBuf};

use super::VenvExecutor;
use super::content::{Content, Grounds, Target};
use super::requirement::{allows, pinned};
use super::stamp::{Asked, Stamp, open_words};
use super::state::is_same;
use crate::connector::options::Setting;
use crate::connector::registry::Registry;
use crate::deps::input::sha256;
use crate::deps::{Input, requirement_path};
use crate::error::{Fault, Kind, Result};
use crate::host::redact::is_redacted;

/// What an environment is made of.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The requirements, without a version that is wanted besides.
    pub content: Content,
    /// The words of the requirements with that version.
    pub words: Vec<String>,
    /// Further requirements.
    pub with: Vec<String>,
    /// The constraints.
    pub constraints: Option<PathBuf>,
    /// The interpreter.
    pub python: Option<Setting>,
}

impl Plan {
    /// What is asked for besides the requirements themselves.
    pub fn asked(&self) -> Asked {
        let python = match &self.python {
            Some(Setting::No) => Some("false".to_owned()),
            Some(Setting::Text(text)) => Some(text.clone()),
            Some(Setting::Yes) | None => None,
        };
        Asked {
            requirements: self.content.grounds == Grounds::Asked,
            constraints: self.constraints.is_some().then(|| digest(&self.constraint_files())),
            python,
            files: digest(&self.files()),
        }
    }

    /// The files on this machine that it is made from, as they are now.
    pub fn inputs(&self) -> Vec<Input> {
        [self.constraint_files(), self.files()].concat()
    }

    /// The files that requirements name.
    fn files(&self) -> Vec<Input> {
        let words = [self.content.requirements.as_slice(), &self.with].concat();
        files(&words)
    }

    /// The constraints with the files that they include.
    fn constraint_files(&self) -> Vec<Input> {
        let words = self.constraints.iter().flat_map(|file| ["-c".to_owned(), file.display().to_string()]);
        files(&words.collect::<Vec<_>>())
    }

    /// The same with what was said when the environment was made, where nothing else is said now.
    fn with_stamp(self, stamp: &Stamp) -> Self {
        Self {
            with: if self.with.is_empty() { stamp.with.clone() } else { self.with },
            constraints: self.constraints.or_else(|| stamp.constraints.clone()),
            python: self.python.or_else(|| stamp.asked.python.as_deref().map(Setting::parse)),
            ..self
        }
    }
}

impl VenvExecutor {
    /// What is said now, whatever is there.
    pub(super) fn said(&self) -> Plan {
        Plan {
            content: self.content.clone(),
            words: self.content.requirements.clone(),
            with: self.options.with.clone(),
            constraints: self.options.constraints.clone(),
            python: self.options.use_python.clone(),
        }
    }

    /// What is to be made. With `keep_version`, what is there is made again in the version that it has.
    ///
    /// Fails with [`Kind::Config`] where that takes credentials that were said when it was made and are not now, and with
    /// what asking the registry failed with.
    pub(super) fn plan(&self, keep_version: bool) -> Result<Plan> {
        let said = Plan { content: self.to_install(keep_version)?, ..self.said() };
        let stamp = self.stamp();
        let plan = match stamp.as_ref().filter(|_| !self.options.exact) {
            Some(stamp) => said.with_stamp(stamp),
            None => said,
        };
        self.refuse_hidden("--pip-url", &plan.content.requirements)?;
        self.refuse_hidden("--with", &plan.with)?;
        let kept = stamp.filter(|it| keep_version && it.requirements == open_words(&plan.content.requirements));
        let package = plan.content.package.clone().or_else(|| Some(kept.as_ref()?.package.clone())).unwrap_or_default();
        let pinned = |version: Option<&str>| pinned(&plan.content.requirements, &package, version);
        let (requirements, words) = match (self.target(), kept) {
            (Target::Exact(version), _) => {
                let is_other = !allows(&plan.content.requirements, &package, &version);
                (pinned(None).filter(|_| is_other), pinned(Some(&version)))
            }
            (Target::Any, Some(stamp)) => (None, pinned(Some(&stamp.version))),
            _ => (None, None),
        };
        let requirements = requirements.unwrap_or_else(|| plan.content.requirements.clone());
        let words = words.unwrap_or_else(|| requirements.clone());
        Ok(Plan { words, content: Content { requirements, ..plan.content }, ..plan })
    }

    /// The distribution to install: the one that is asked for, else the one that is there, unless the version is to be
    /// another one and the registry knows of another distribution.
    pub(super) fn to_install(&self, keep_version: bool) -> Result<Content> {
        let said = self.content.clone();
        let Some(stamp) = self.stamp().filter(|_| said.grounds != Grounds::Asked) else { return Ok(said) };
        let of_stamp = |grounds| {
            let (package, requirements) = (Some(stamp.package.clone()), stamp.requirements.clone());
            Content { package, requirements, grounds, ..said.clone() }
        };
        let wanted = match self.target() {
            Target::Exact(version) => Some(version),
            Target::Any | Target::Newest => None,
        };
        if stamp.asked.requirements {
            // A path or a URL has the version that it has, so it gives way where another one is wanted.
            let takes = wanted.is_none_or(|version| {
                is_same(&version, &stamp.version) || pinned(&stamp.requirements, &stamp.package, None).is_some()
            });
            if takes && !self.options.exact {
                return Ok(of_stamp(Grounds::Asked));
            }
            return if said.grounds == Grounds::Known { Ok(said) } else { Ok(self.registered()?.unwrap_or(said)) };
        }
        if said.grounds == Grounds::Known {
            return Ok(said);
        }
        let is_kept = wanted.map_or(keep_version, |version| is_same(&version, &stamp.version));
        if is_kept {
            return Ok(of_stamp(Grounds::Known));
        }
        Ok(self.registered()?.unwrap_or_else(|| of_stamp(Grounds::Known)))
    }

    /// What the registry names, where one is set and it names a package.
    fn registered(&self) -> Result<Option<Content>> {
        let Some(registry) = Registry::set(&self.host, &self.options)? else { return Ok(None) };
        Ok(Content::published(&self.options, &registry.metadata(self.options.name.as_str())?))
    }

    /// Credentials are in no stamp, so words that had some cannot be said again by it.
    fn refuse_hidden(&self, option: &str, words: &[String]) -> Result<()> {
        let Some(word) = words.iter().find(|word| is_redacted(word)) else { return Ok(()) };
        let name = &self.content.name;
        let message = format!("connector `{name}` was installed from `{word}`, and credentials are not kept");
        let hint = format!("say it again: `prime connector install {name} {option} …`");
        Err(Fault::new(Kind::Config, message).hint(hint).into())
    }
}

/// The files that words name whose paths are absolute.
fn files(words: &[String]) -> Vec<Input> {
    requirement_path::files(words, Path::new("/")).into_iter().map(Input::file).collect()
}

/// The digest of files; empty where there are none.
fn digest(files: &[Input]) -> String {
    let digests: Vec<&str> = files.iter().map(Input::sha256).collect();
    if digests.is_empty() { String::new() } else { sha256(digests.concat().as_bytes()) }
}
