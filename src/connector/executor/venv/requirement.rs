//! As much of a requirement as has to be known before anything is installed: which project it is, and which versions do.

use std::path::Path;
use std::str::FromStr as _;

use pep440_rs::{Version, VersionSpecifiers};

use crate::deps::requirement_path;
use crate::error::{Fault, Kind, Result};
use crate::fetch::index::IndexFile;
use crate::fetch::wheel::WheelName;
use crate::python::package_name::normalize;

/// The options of tools that take the name of a project, besides those that end with `-package`.
const TAKES_NAME: [&str; 3] = ["--no-binary", "--only-binary", "-P"];

/// A project of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its name, normalised.
    pub name: String,
    /// The versions that will do.
    pub versions: VersionSpecifiers,
}

impl Project {
    /// What a requirement asks an index for; `None` where it asks for something else (a path, a URL), or is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.split(';').next()?.trim();
        let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let rest = rest.trim_start();
        let rest = if rest.starts_with('[') { rest.split_once(']')?.1.trim() } else { rest };
        let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && WheelName::parse(name).is_none();
        let versions = VersionSpecifiers::from_str(rest.trim_matches(['(', ')'])).ok()?;
        is_name.then(|| Self { name: normalize(name), versions })
    }

    /// The newest version that will do, and what it says of pythons. A pre-release is one only where nothing else is.
    pub fn newest(&self, files: &[IndexFile]) -> Option<(Version, Option<String>)> {
        let versions = files.iter().filter(|file| !file.yanked).filter_map(|file| Some((version_of(file)?, file)));
        let fitting = versions.filter(|(version, _)| self.versions.contains(version));
        let newest = fitting.max_by_key(|(version, _)| (!version.any_prerelease(), version.clone()));
        newest.map(|(version, file)| (version, file.requires_python.clone()))
    }
}

/// Takes a text apart as a shell does.
///
/// Fails with [`Kind::Usage`] where a quote is not closed.
pub fn split(text: &str) -> Result<Vec<String>> {
    shlex::split(text).filter(|words| !words.is_empty()).ok_or_else(|| {
        let fault = Fault::new(Kind::Usage, format!("`--pip-url` cannot be taken apart: `{text}`"));
        fault.hint("close every quote").into()
    })
}

/// The same text with each path in it seen from this directory. What cannot be taken apart stays as it is.
pub fn seen_from(text: &str, base: &Path) -> String {
    let words = shlex::split(text).unwrap_or_default();
    let seen = requirement_path::seen_from(&words, base);
    let joined = shlex::try_join(seen.iter().map(String::as_str)).ok().filter(|_| seen != words);
    joined.unwrap_or_else(|| text.to_owned())
}

/// The same words, with the one that names this project asking for this version, or for any; `None` where none names it.
pub fn pinned(words: &[String], project: &str, version: Option<&str>) -> Option<Vec<String>> {
    let project = normalize(project);
    let is_value = |before: &str| TAKES_NAME.contains(&before) || before.ends_with("-package");
    let is_it = |index: &usize| {
        let is_value = index.checked_sub(1).is_some_and(|before| is_value(&words[before]));
        !is_value && Project::parse(&words[*index]).is_some_and(|it| it.name == project)
    };
    let index = (0..words.len()).find(is_it)?;
    let (requirement, marker) =
        words[index].split_once(';').map_or((words[index].as_str(), None), |(it, marker)| (it, Some(marker)));
    let end = requirement.find(|c: char| "<>=!~(".contains(c)).unwrap_or(requirement.len());
    let version = version.map(|version| format!("=={version}")).unwrap_or_default();
    let marker = marker.map(|marker| format!(" ;{marker}")).unwrap_or_default();
    let mut words = words.to_vec();
    words[index] = format!("{}{version}{marker}", requirement[..end].trim());
    Some(words)
}

/// Whether what these words ask of a project lets it have this version.
pub fn allows(words: &[String], project: &str, version: &str) -> bool {
    let project = normalize(project);
    let asked = words.iter().filter_map(|word| Project::parse(word)).filter(|it| it.name == project);
    let version = Version::from_str(version).ok();
    asked.map(|it| it.versions).all(|versions| version.as_ref().is_some_and(|it| versions.contains(it)))
}

/// The project that these words name first, where they do.
pub fn project(words: &[String]) -> Option<String> {
    words.first().and_then(|word| Project::parse(word)).map(|project| project.name)
}

fn version_of(file: &IndexFile) -> Option<Version> {
    if let Some(wheel) = WheelName::parse(&file.name) {
        return Some(wheel.version);
    }
    let stem = [".tar.gz", ".zip"].iter().find_map(|end| file.name.strip_suffix(end))?;
    Version::from_str(stem.rsplit_once('-')?.1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::Url;

    fn file(name: &str, requires_python: &str, yanked: bool) -> IndexFile {
        let url = Url::parse("http://localhost/").unwrap();
        let requires_python = Some(requires_python.to_owned());
        IndexFile {
            name: name.into(),
            url: url.clone(),
            sha256: None,
            requires_python,
            yanked,
            size: None,
            listed_on: url,
        }
    }

    #[test]
    fn what_an_index_is_asked_for_is_told_from_all_else() {
        for (text, name, versions) in [
            ("airbyte-source-x", "airbyte-source-x", ""),
            ("Airbyte_Source.X[a,b] >=1,<2 ; python_version < '4'", "airbyte-source-x", ">=1, <2"),
            ("x==1.0", "x", "==1.0"),
            ("x (>=2)", "x", ">=2"),
        ] {
            let project = Project::parse(text).unwrap();
            assert_eq!((project.name.as_str(), project.versions.to_string().as_str()), (name, versions), "{text}");
        }
        for text in ["./x", "x @ file:///x", "git+https://h/x", "-e", "/x", "x-1-py3-none-any.whl", "", "x[", "../x"] {
            assert_eq!(Project::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_word_that_names_a_project_gets_a_version_in_place_of_its_own() {
        for (text, expected) in [
            ("airbyte-source-x", Some("airbyte-source-x==2")),
            (
                "Airbyte_Source.X[a,b] >=1,<2 ; python_version < '4'",
                Some("Airbyte_Source.X[a,b]==2 ; python_version < '4'"),
            ),
            ("--no-cache|airbyte-source-x (<2)|y", Some("--no-cache|airbyte-source-x==2|y")),
            ("--no-binary|airbyte-source-x|airbyte-source-x", Some("--no-binary|airbyte-source-x|airbyte-source-x==2")),
            ("y|--no-build-package|airbyte-source-x", None),
            ("airbyte-source-x @ file:///x", None),
            ("./airbyte-source-x", None),
            ("", None),
        ] {
            let words: Vec<String> = text.split('|').map(str::to_owned).collect();
            let found = pinned(&words, "airbyte-source-x", Some("2")).map(|words| words.join("|"));
            assert_eq!(found.as_deref(), expected, "{text}");
        }
        let bare = pinned(&["airbyte-source-x<2".to_owned()], "airbyte-source-x", None);
        assert_eq!(bare.unwrap(), ["airbyte-source-x"]);
        let words = ["y<1", "airbyte-source-x<2"].map(str::to_owned);
        assert!(allows(&words, "Airbyte_source-x", "1.5") && !allows(&words, "airbyte-source-x", "2"));
    }

    #[test]
    fn the_newest_is_no_pre_release_and_none_that_was_withdrawn() {
        let files = [
            file("x-1.0-py3-none-any.whl", ">=3.8", false),
            file("x-1.9.tar.gz", ">=3.10,<3.13", false),
            file("x-1.10-py3-none-any.whl", ">=3.11", true),
            file("x-2.0rc1-py3-none-any.whl", ">=3.12", false),
        ];
        let newest = |text: &str| {
            let found = Project::parse(text).unwrap().newest(&files);
            found.map(|(version, python)| (version.to_string(), python.unwrap()))
        };
        assert_eq!(newest("x"), Some(("1.9".into(), ">=3.10,<3.13".into())));
        assert_eq!(newest("x<1.5"), Some(("1.0".into(), ">=3.8".into())));
        assert_eq!(newest("x==2.0rc1"), Some(("2.0rc1".into(), ">=3.12".into())));
        assert_eq!(newest("x>3"), None);
    }
}
