//! Runs what stands in the files of CI systems: their shell lines by the shell that each system uses, with the variables
//! that it would set and what it makes of the files and lines of a step. What others' actions do is done in their stead.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use yaml_rust2::{Yaml, YamlLoader};

use super::expression::{Scope, filled, holds};
use super::runner::{FILES, Step, values};
use crate::support::encoding::sha256;
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;
use crate::support::{output, repository, require_program};

/// How Azure's agent takes back what is escaped, in its order.
const AZURE: [(&str, &str); 5] = [("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")];

/// A machine that is given one job.
pub struct Machine<'a> {
    pub sandbox: &'a Sandbox,
    /// Where the system keeps caches from one job to the next.
    pub store: PathBuf,
    /// What every program of the job has.
    pub vars: BTreeMap<String, String>,
    /// Put first on `PATH` by steps, the last one first.
    pub path: Vec<String>,
    /// What each step said, on both streams.
    pub logs: Vec<Run>,
    /// What the log is not to show.
    pub masked: Vec<String>,
    /// The caches that were found, by their keys.
    pub restored: Vec<String>,
    /// What of them does not come back.
    pub lost: Vec<PathBuf>,
    /// The caches that were kept.
    pub saved: Vec<String>,
}

/// A job ended early, with this exit code.
#[derive(Debug, PartialEq, Eq)]
pub struct Failed(pub i32);

impl<'a> Machine<'a> {
    pub fn new(sandbox: &'a Sandbox) -> Self {
        let store = sandbox.root().join("store");
        let vars = BTreeMap::from([("CI".to_owned(), "true".to_owned())]);
        let (path, logs, masked) = (vec![], vec![], vec![]);
        Self { sandbox, store, vars, path, logs, masked, restored: vec![], lost: vec![], saved: vec![] }
    }

    /// Runs a file, whichever system it is for: its form tells.
    pub fn run(&mut self, text: &str) -> Result<(), Failed> {
        let file = parsed(text);
        if let Some(steps) = file.as_vec() {
            return self.github(steps, &mut Scope::new());
        }
        if let Some(jobs) = file["jobs"].as_hash() {
            return jobs.values().try_for_each(|job| self.github(list(&job["steps"]), &mut Scope::new()));
        }
        match file["steps"].as_vec() {
            Some(steps) if steps.iter().any(|step| !step["script"].is_badvalue()) => self.azure(steps),
            Some(steps) => steps.iter().try_for_each(|step| self.buildkite(step)),
            None => self.gitlab(&file),
        }
    }

    /// The steps of a job, or of a composite action; the outputs of those that have an id go to the scope.
    fn github(&mut self, steps: &[Yaml], scope: &mut Scope) -> Result<(), Failed> {
        for step in steps {
            if step["if"].as_str().is_some_and(|condition| !holds(condition, scope)) {
                continue;
            }
            let outputs = match step["uses"].as_str() {
                Some(action) => self.action(action, step, scope)?,
                None => self.github_step(step, scope)?,
            };
            if let Some(id) = step["id"].as_str() {
                scope.extend(outputs.into_iter().map(|(name, value)| (format!("steps.{id}.outputs.{name}"), value)));
            }
        }
        Ok(())
    }

    fn github_step(&mut self, step: &Yaml, scope: &Scope) -> Result<BTreeMap<String, String>, Failed> {
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "what is pasted into a script is run as one: {script}");
        let files = Step::new(self.sandbox, &format!("step-{}", self.logs.len()));
        let mut vars = self.vars.clone();
        vars.insert("GITHUB_ACTIONS".to_owned(), "true".to_owned());
        vars.extend(FILES.map(|(name, _)| (name.to_owned(), files.file(name).display().to_string())));
        vars.extend(pairs(&step["env"]).map(|(name, value)| (name, filled(&value, scope))));
        let dir = filled(step["working-directory"].as_str().unwrap_or("."), scope);
        let options = if step["shell"].as_str() == Some("bash") {
            &["--noprofile", "--norc", "-eo", "pipefail"][..]
        } else {
            &["-e"]
        };
        let ended = self.shell(options, script, &vars, &dir);
        self.vars.extend(files.values("GITHUB_ENV"));
        self.path.splice(0..0, files.path().into_iter().rev());
        ended.map(|()| files.values("GITHUB_OUTPUT"))
    }

    fn action(&mut self, action: &str, step: &Yaml, scope: &Scope) -> Result<BTreeMap<String, String>, Failed> {
        let given = |name: &str| filled(step["with"][name].as_str().unwrap_or_default(), scope);
        let (name, version) = action.split_once('@').unwrap();
        assert!(!version.is_empty());
        match name {
            "actions/checkout" => Ok(BTreeMap::new()),
            "actions/cache/restore" => {
                let hit = if self.restore(&given("key"), &given("path")) { "true" } else { "false" };
                Ok(BTreeMap::from([("cache-hit".to_owned(), hit.to_owned())]))
            }
            "actions/cache/save" => {
                self.save(&given("key"), &given("path"));
                Ok(BTreeMap::new())
            }
            name if name.ends_with("/prime") => {
                let with = pairs(&step["with"]).map(|(name, value)| (name, filled(&value, scope)));
                self.own_action(&with.collect())
            }
            _ => panic!("nobody here knows `{action}`"),
        }
    }

    /// The action of this repository, with these inputs.
    pub fn own_action(&mut self, with: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Failed> {
        let action = own_action();
        let known = action["inputs"].as_hash().unwrap();
        let mut scope: Scope = self.vars.iter().map(|(name, value)| (format!("env.{name}"), value.clone())).collect();
        for (name, input) in known.iter().map(|(name, input)| (name.as_str().unwrap(), input)) {
            let default = input["default"].as_str().unwrap_or_default();
            scope.insert(format!("inputs.{name}"), with.get(name).map_or(default, String::as_str).to_owned());
        }
        assert!(with.keys().all(|name| known.contains_key(&Yaml::from_str(name))), "{with:?}");
        self.github(list(&action["runs"]["steps"]), &mut scope)?;
        let outputs = action["outputs"].as_hash().unwrap().iter();
        let value = |output: &Yaml| filled(output["value"].as_str().unwrap(), &scope);
        Ok(outputs.map(|(name, output)| (name.as_str().unwrap().to_owned(), value(output))).collect())
    }

    fn azure(&mut self, steps: &[Yaml]) -> Result<(), Failed> {
        self.vars.insert("TF_BUILD".to_owned(), "True".to_owned());
        for step in steps.iter().filter_map(|step| step["script"].as_str()) {
            let vars = self.vars.clone();
            let ended = self.shell(&["--noprofile", "--norc"], step, &vars, ".");
            let log = self.logs.last().unwrap().stderr();
            for (command, value) in log.lines().filter_map(|line| line.strip_prefix("##vso[task.")?.split_once(']')) {
                match command.split_once(" variable=") {
                    Some(("setvariable", name)) => drop(self.vars.insert(name.to_owned(), value.to_owned())),
                    _ if command == "prependpath" => self.path.insert(0, value.to_owned()),
                    _ if command == "setsecret" => self.masked.push(
                        AZURE.iter().fold(value.to_owned(), |value, (escape, meant)| value.replace(escape, meant)),
                    ),
                    _ => assert!(command.starts_with("logissue type=error;"), "{command}"),
                }
            }
            ended?;
        }
        Ok(())
    }

    fn buildkite(&mut self, step: &Yaml) -> Result<(), Failed> {
        let commands = &step["command"];
        let lines = commands.as_str().map_or_else(|| words(commands), |line| vec![line]);
        let mut vars = self.vars.clone();
        vars.insert("BUILDKITE".to_owned(), "true".to_owned());
        self.shell(&["-e"], &lines.join("\n"), &vars, ".")
    }

    /// The jobs in their order. What one reports, the later ones have.
    fn gitlab(&mut self, file: &Yaml) -> Result<(), Failed> {
        self.vars.insert("GITLAB_CI".to_owned(), "true".to_owned());
        for job in file.as_hash().unwrap().values().filter(|job| !job["script"].is_badvalue()) {
            let vars = self.vars.clone();
            self.shell(&["-eo", "pipefail"], &words(&job["script"]).join("\n"), &vars, ".")?;
            if let Some(report) = job["artifacts"]["reports"]["dotenv"].as_str() {
                let report = fs::read_to_string(self.sandbox.repo().join(report)).unwrap();
                self.vars.extend(values(&report));
            }
        }
        Ok(())
    }

    /// Runs lines with bash; every one of these systems has it.
    pub fn shell(
        &mut self,
        options: &[&str],
        script: &str,
        vars: &BTreeMap<String, String>,
        dir: &str,
    ) -> Result<(), Failed> {
        let file = self.sandbox.root().join("step.sh");
        fs::write(&file, script).unwrap();
        let run = self.sandbox.command("/bin/bash").args(options.iter().copied()).args([&file]).current_dir(dir);
        let run = vars.iter().fold(run, |run, (name, value)| run.env(name, value));
        let before =
            self.sandbox.vars().iter().find(|(name, _)| name == "PATH").unwrap().1.to_str().unwrap().to_owned();
        let path = self.path.iter().cloned().chain([before]).collect::<Vec<_>>().join(":");
        let run = run.env("PATH", path).output();
        let code = run.code();
        self.logs.push(run);
        if code == 0 { Ok(()) } else { Err(Failed(code)) }
    }

    /// Other paths are another cache, whatever its key.
    fn archive(&self, key: &str, paths: &str) -> PathBuf {
        assert!(!key.is_empty() && key.len() <= 512 && !key.contains(','), "`{key}` is no key of a cache");
        self.store.join(format!("{key}-{}.tar", sha256(paths.as_bytes())))
    }

    /// As `actions/cache` does: an archive of absolute paths.
    fn save(&mut self, key: &str, paths: &str) {
        let archive = self.archive(key, paths);
        fs::create_dir_all(&self.store).unwrap();
        let there: Vec<&str> = paths.lines().filter(|path| Path::new(path).exists()).collect();
        assert!(!there.is_empty() && there.iter().all(|path| path.starts_with('/')), "{paths}");
        let tar = require_program("tar").unwrap();
        let packed = output(Command::new(tar).arg("-cPf").arg(&archive).args(there)).unwrap();
        assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
        self.saved.push(key.to_owned());
    }

    fn restore(&mut self, key: &str, paths: &str) -> bool {
        let archive = self.archive(key, paths);
        if !archive.exists() {
            return false;
        }
        let unpacked = output(Command::new(require_program("tar").unwrap()).arg("-xPf").arg(&archive)).unwrap();
        assert!(unpacked.status.success(), "{}", String::from_utf8_lossy(&unpacked.stderr));
        for path in self.lost.iter().filter(|path| path.exists()) {
            fs::remove_file(path).unwrap();
        }
        self.restored.push(key.to_owned());
        true
    }

    /// All that was said, for a test that fails.
    pub fn log(&self) -> String {
        self.logs.iter().map(|run| run.stdout() + &run.stderr()).collect()
    }

    /// What the last program printed.
    pub fn last(&self) -> String {
        self.logs.last().unwrap().stdout()
    }
}

/// The action at the top of this repository.
pub fn own_action() -> Yaml {
    parsed(&fs::read_to_string(repository().join("action.yml")).unwrap())
}

fn parsed(text: &str) -> Yaml {
    YamlLoader::load_from_str(text).unwrap().remove(0)
}

pub fn list(yaml: &Yaml) -> &[Yaml] {
    yaml.as_vec().unwrap()
}

fn words(yaml: &Yaml) -> Vec<&str> {
    list(yaml).iter().map(|it| it.as_str().unwrap()).collect()
}

fn pairs(yaml: &Yaml) -> impl Iterator<Item = (String, String)> {
    let pairs = yaml.as_hash().into_iter().flatten();
    pairs.map(|(name, value)| (name.as_str().unwrap().to_owned(), value.as_str().unwrap().to_owned()))
}
