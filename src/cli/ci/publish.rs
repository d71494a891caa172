//! Handing a ready environment to the steps that follow, in the way of each system.
//!
//! All that can be refused is refused before the first line is written. What makes the environment active for later steps
//! is written last: where a write fails midway, none of them has a part of it.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::super::args::CiSystem;
use super::super::entering;
use super::super::env::{github, posix, variables};
use super::files::Appended;
use super::speech;
use crate::bootstrap::ReadyEnvironment;
use crate::deps::State;
use crate::error::{Code, Fault, Result};
use crate::host::{Host, fs};
use crate::ui;

/// What a shell sources to have the environment active: in the state directory that of the one that was published last, and
/// where there are several environments, in the place of each its own, for steps that run beside each other.
const SHELL_FILE: &str = "ci.env";
/// In the same places, the report that GitLab hands to later jobs.
const DOTENV_FILE: &str = "ci.dotenv";

/// What is published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The environment's directory.
    pub venv: String,
    /// Its programs.
    pub bin: String,
    /// The version of its python.
    pub python_version: String,
    /// What a cache of the environment is known by.
    pub cache_key: String,
    /// Whether the environment was ready before this run.
    pub cache_hit: bool,
}

impl Facts {
    /// The facts of an environment. Fails where a path is no text.
    pub fn new(environment: &ReadyEnvironment, cache_key: String, cache_hit: bool) -> Result<Self> {
        Ok(Self {
            venv: text(environment.venv.dir())?,
            bin: text(&environment.venv.bin())?,
            python_version: environment.python_version.clone(),
            cache_key,
            cache_hit,
        })
    }

    /// `true` or `false`.
    fn hit(&self) -> &'static str {
        if self.cache_hit { "true" } else { "false" }
    }

    /// Name and value of the outputs.
    fn outputs(&self) -> [(&'static str, OsString); 4] {
        [
            ("python-version", OsString::from(&self.python_version)),
            ("venv", OsString::from(&self.venv)),
            ("cache-key", OsString::from(&self.cache_key)),
            ("cache-hit", OsString::from(self.hit())),
        ]
    }

    /// Name and value of the variables that stand for outputs elsewhere.
    fn variables(&self) -> [(&'static str, &str); 3] {
        [
            ("PRIME_PYTHON_VERSION", &self.python_version),
            ("PRIME_CACHE_KEY", &self.cache_key),
            ("PRIME_CACHE_HIT", self.hit()),
        ]
    }
}

fn text(path: &Path) -> Result<String> {
    let text = path.to_str().ok_or_else(|| {
        let message = format!("`{}` is not UTF-8, which the files of a runner are", path.display());
        Fault::of(Code::BadData, message).hint(MOVE)
    })?;
    Ok(text.to_owned())
}

const MOVE: &str = "move the repository to another directory, or name another one in `local_venv_dir_rel_path`";

/// Publishes; the names of the files and variables that were written, for people. `summary` is for the page of the run.
pub fn publish(
    host: &Host,
    system: CiSystem,
    environment: &ReadyEnvironment,
    facts: &Facts,
    summary: &str,
) -> Result<Vec<String>> {
    let state = &environment.state;
    let plan = match system {
        CiSystem::Github => Plan::Github(Box::new(Github::open(host)?), path_line(facts)?),
        CiSystem::Gitlab => Plan::Gitlab(dotenv(facts)?),
        CiSystem::Azure => Plan::Azure,
        CiSystem::Buildkite | CiSystem::Jenkins | CiSystem::Plain => Plan::Nothing,
    };
    let mut written = write(host, state, SHELL_FILE, &sourced(host, environment, facts))?;
    match plan {
        Plan::Github(files, path) => written.extend(files.publish(facts, &path, summary)?),
        Plan::Gitlab(report) => written.extend(write(host, state, DOTENV_FILE, report.as_bytes())?),
        Plan::Azure => {
            let variables = [[("VIRTUAL_ENV", facts.venv.as_str())].as_slice(), &facts.variables()].concat();
            ui::runner::tell(&speech::azure_variables(&variables, &facts.bin));
            written.push("VIRTUAL_ENV and PATH".to_owned());
        }
        Plan::Nothing => {}
    }
    Ok(written)
}

/// Takes back what an earlier run has left to be sourced: of a boot that failed, nobody is to go on with it, nor with
/// another environment.
pub fn withdraw(state: &State) {
    if state.check_is_inside().is_err() {
        return;
    }
    for path in [SHELL_FILE, DOTENV_FILE].iter().flat_map(|name| state.published(name)) {
        let _ = std::fs::remove_file(path);
    }
}

/// What is written besides the file to source.
enum Plan {
    /// The files, and the line for `GITHUB_PATH`.
    Github(Box<Github>, String),
    Gitlab(String),
    Azure,
    Nothing,
}

/// GitHub's files.
struct Github {
    env: Appended,
    path: Appended,
    output: Appended,
    /// Older servers have none.
    summary: Option<Appended>,
}

impl Github {
    fn open(host: &Host) -> Result<Self> {
        Ok(Self {
            env: Appended::required(host, "GITHUB_ENV")?,
            path: Appended::required(host, "GITHUB_PATH")?,
            output: Appended::required(host, "GITHUB_OUTPUT")?,
            summary: Appended::open(host, "GITHUB_STEP_SUMMARY")?,
        })
    }

    /// `PATH` comes last: who finds it changed has all of the rest.
    fn publish(self, facts: &Facts, path: &str, summary: &str) -> Result<Vec<String>> {
        self.output.append(&github(&facts.outputs()))?;
        self.summary.map(|file| file.append(summary.as_bytes())).transpose()?;
        self.env.append(&github(&[("VIRTUAL_ENV", OsString::from(&facts.venv))]))?;
        self.path.append(path.as_bytes())?;
        Ok(["GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT"].map(str::to_owned).to_vec())
    }
}

/// The line that puts the environment's programs first on `PATH`: the runner takes each line for a directory.
fn path_line(facts: &Facts) -> Result<String> {
    let bin = &facts.bin;
    if bin.contains(['\n', '\r']) {
        let message = format!("{bin:?} has a line break, which `GITHUB_PATH` cannot hold");
        return Err(Fault::of(Code::BadData, message).hint(MOVE).into());
    }
    Ok(format!("{bin}\n"))
}

/// The report that GitLab reads: lines of a name and a value, nothing quoted, nothing over several lines, blanks at the ends
/// of a value taken away (<https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv>). `$` would name
/// another variable. `PATH` is not among them: a later job may run on another machine.
fn dotenv(facts: &Facts) -> Result<String> {
    let venv = &facts.venv;
    if venv.contains(['\n', '\r', '$']) || venv.trim() != venv {
        let message =
            format!("`{venv}` has a `$`, a line break or a blank at its end, which GitLab's report cannot hold");
        return Err(Fault::of(Code::BadData, message).hint(MOVE).into());
    }
    let all = [("VIRTUAL_ENV", venv.as_str())].into_iter().chain(facts.variables());
    Ok(all.flat_map(|(name, value)| [name, "=", value, "\n"]).collect())
}

/// What a shell sources.
fn sourced(host: &Host, environment: &ReadyEnvironment, facts: &Facts) -> Vec<u8> {
    let venv = &environment.venv;
    let of_venv = variables(&host.with_env(&entering(host, venv)), venv);
    let of_run = facts.variables().map(|(name, value)| (name, OsString::from(value)));
    posix(&[of_venv.as_slice(), &of_run].concat())
}

/// Writes a file of the state; its paths as one types them here.
fn write(host: &Host, state: &State, name: &str, content: &[u8]) -> Result<Vec<String>> {
    let remedy = "make the repository writable, or use a copy of it that is";
    let write = |path: PathBuf| {
        fs::write_if_changed(&path, content).map_err(|error| fs::with_remedy(error, remedy))?;
        let shown = path.strip_prefix(&host.current_dir).unwrap_or(&path);
        Ok(String::from_utf8_lossy(shown.as_os_str().as_bytes()).into_owned())
    };
    state.published(name).into_iter().map(write).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::{read_to_string, write};

    use super::*;
    use crate::error::code_of;

    const NAMES: [&str; 4] = ["GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"];

    fn facts(bin: &str) -> Facts {
        Facts { bin: bin.to_owned(), ..Facts::default() }
    }

    #[test]
    fn where_a_write_fails_midway_no_later_step_has_a_part() {
        for broken in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV"] {
            let dir = tempfile::tempdir().unwrap();
            let vars = NAMES.map(|name| {
                write(dir.path().join(name), "").unwrap();
                (name.into(), dir.path().join(name).into())
            });
            let mut files = Github::open(&Host { vars: vars.into(), ..Host::default() }).unwrap();
            let unwritable = Appended::unwritable(&dir.path().join(broken));
            match broken {
                "GITHUB_OUTPUT" => files.output = unwritable,
                "GITHUB_STEP_SUMMARY" => files.summary = Some(unwritable),
                _ => files.env = unwritable,
            }
            files.publish(&facts("/r/bin"), "/r/bin\n", "page").unwrap_err();
            for name in &NAMES[..2] {
                assert_eq!(read_to_string(dir.path().join(name)).unwrap(), "", "{name} with a broken {broken}");
            }
        }
    }

    #[test]
    fn a_directory_over_several_lines_is_not_put_on_the_path() {
        assert_eq!(path_line(&facts("/r/a b")).unwrap(), "/r/a b\n");
        for bin in ["/r/a\n/evil", "/r/a\r"] {
            assert_eq!(code_of(&path_line(&facts(bin)).unwrap_err()), Code::BadData);
        }
    }
}
