//! Which system of continuous integration this process runs in, told by the variables that each of them sets.

use std::ffi::OsStr;

use super::super::args::CiSystem;
use crate::host::Host;

/// What each system sets for the programs that it runs. All but Jenkins' are documented to be `true` (`True` on Azure).
const MARKS: [(&str, CiSystem); 6] = [
    ("GITHUB_ACTIONS", CiSystem::Github),
    ("GITLAB_CI", CiSystem::Gitlab),
    ("BUILDKITE", CiSystem::Buildkite),
    ("TF_BUILD", CiSystem::Azure),
    ("JENKINS_URL", CiSystem::Jenkins),
    ("JENKINS_HOME", CiSystem::Jenkins),
];

/// The system whose variables are set. `None` for any other one, which may set `CI` and need not.
pub fn detect(host: &Host) -> Option<CiSystem> {
    let is_set = |name: &str| host.var(name).and_then(OsStr::to_str).is_some_and(|value| !is_false(value));
    MARKS.into_iter().find(|(name, _)| is_set(name)).map(|(_, system)| system)
}

fn is_false(value: &str) -> bool {
    value == "0" || value.eq_ignore_ascii_case("false")
}

impl CiSystem {
    /// Its name, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Github => "GitHub Actions",
            Self::Gitlab => "GitLab CI/CD",
            Self::Buildkite => "Buildkite",
            Self::Azure => "Azure Pipelines",
            Self::Jenkins => "Jenkins",
            Self::Plain => "continuous integration",
        }
    }

    /// Its name, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Buildkite => "buildkite",
            Self::Azure => "azure",
            Self::Jenkins => "jenkins",
            Self::Plain => "plain",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    fn detected(vars: &[(&str, &str)]) -> Option<CiSystem> {
        let vars = vars.iter().map(|(name, value)| (name.into(), value.into())).collect();
        detect(&Host { vars, ..Host::default() })
    }

    #[test]
    fn a_system_is_known_by_its_own_variable() {
        for (name, value, expected) in [
            ("GITHUB_ACTIONS", "true", Some(CiSystem::Github)),
            ("GITLAB_CI", "true", Some(CiSystem::Gitlab)),
            ("BUILDKITE", "true", Some(CiSystem::Buildkite)),
            ("TF_BUILD", "True", Some(CiSystem::Azure)),
            ("JENKINS_URL", "https://j/", Some(CiSystem::Jenkins)),
            ("JENKINS_HOME", "/var/lib/j", Some(CiSystem::Jenkins)),
            ("CI", "true", None),
            ("GITHUB_ACTIONS", "false", None),
            ("TF_BUILD", "False", None),
            ("GITLAB_CI", "0", None),
            ("BUILDKITE", "", None),
        ] {
            assert_eq!(detected(&[("CI", "true"), (name, value)]), expected, "{name}={value}");
        }
        assert_eq!(detected(&[]), None);
    }

    #[test]
    fn each_has_the_name_that_the_option_takes() {
        for system in CiSystem::value_variants() {
            assert_eq!(CiSystem::from_str(system.name(), false), Ok(*system));
        }
    }
}
