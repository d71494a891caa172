//! Wheels: what their names say (PEP 427, PEP 425), which of them this machine can use, getting one, and taking members
//! out of it safely.
//!
//! The one kind of wheel looked for here carries a native program and no Python code of a certain version, so of its tags
//! only the platform matters. Installing wheels is left to pip and uv; pip itself is put into its place by `venv::seed`.

use std::str::FromStr as _;

use pep440_rs::Version;

use crate::python::package_name::normalize;

mod archive;
mod download;
mod platform;
pub mod record;

pub use archive::{Archive, Member, digest_in_record, refused};
pub use download::{Progress, download};
pub use platform::Platform;

/// What the name of a wheel says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WheelName {
    /// The project, normalised.
    pub project: String,
    /// The version.
    pub version: Version,
    /// The project and the version as the name has them: the stem of the directories inside.
    pub stem: String,
    /// The tags of interpreters.
    pub pythons: Vec<String>,
    /// The tags of binary interfaces.
    pub abis: Vec<String>,
    /// The tags of platforms.
    pub platforms: Vec<String>,
}

impl WheelName {
    /// Reads a file name: `{project}-{version}[-{build}]-{pythons}-{abis}-{platforms}.whl`. `None` where it is no
    /// wheel's.
    pub fn parse(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.strip_suffix(".whl")?.split('-').collect();
        let (project, version, tags) = match parts.as_slice() {
            [project, version, tags @ ..] if tags.len() == 3 => (project, version, tags),
            [project, version, build, tags @ ..]
                if tags.len() == 3 && build.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                (project, version, tags)
            }
            _ => return None,
        };
        if parts.iter().any(|part| part.is_empty() || part.contains(['/', '\\'])) {
            return None;
        }
        let split = |tags: &str| tags.split('.').map(str::to_owned).collect();
        Some(Self {
            project: normalize(project),
            version: Version::from_str(version).ok()?,
            stem: format!("{project}-{version}"),
            pythons: split(tags[0]),
            abis: split(tags[1]),
            platforms: split(tags[2]),
        })
    }

    /// How well it suits a platform, the lower the better, for a wheel that needs no interpreter of a certain version or
    /// binary interface. `None` where it does not.
    pub fn rank_on(&self, platform: &Platform) -> Option<u32> {
        let any = |tags: &[String], wanted: &str| tags.iter().any(|tag| tag == wanted);
        if !any(&self.pythons, "py3") || !any(&self.abis, "none") {
            return None;
        }
        self.platforms.iter().filter_map(|tag| platform.rank(tag)).min()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_read_with_and_without_a_build() {
        let name =
            WheelName::parse("My_Tool-1.0rc1-2b-py2.py3-none-manylinux_2_17_x86_64.musllinux_1_1_x86_64.whl").unwrap();
        assert_eq!((name.project.as_str(), name.version.to_string().as_str()), ("my-tool", "1.0rc1"));
        assert_eq!(name.stem, "My_Tool-1.0rc1");
        assert_eq!(name.pythons, ["py2", "py3"]);
        assert_eq!((name.abis.len(), name.platforms.len()), (1, 2));
        assert!(WheelName::parse("uv-0.7.0-py3-none-any.whl").is_some());
        for name in [
            "uv-0.7.0.tar.gz",
            "uv-0.7.0-py3-none.whl",
            "uv-x-py3-none-any.whl",
            "uv-1-b1-py3-none-any.whl",
            "uv-1--none-any.whl",
            "uv-1-py3-none-../any.whl",
            ".whl",
        ] {
            assert_eq!(WheelName::parse(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(name in "(-|\\.|[a-z0-9_]{1,3}|\\PC)*(\\.whl)?") {
            let _ = WheelName::parse(&name);
        }
    }
}
