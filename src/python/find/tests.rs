use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;
use crate::python::PythonVersion;

/// A machine of its own: a home, a `bin` that is all of `PATH`, and a journal of what was started.
///
/// The search goes on to the real `/usr/bin` where nothing here matches, so the versions here do not exist.
struct Machine {
    root: tempfile::TempDir,
    vars: Vec<(&'static str, String)>,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { root: tempfile::tempdir().unwrap(), vars: Vec::new() };
        fs::create_dir_all(machine.path("bin")).unwrap();
        machine
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.root.path().canonicalize().unwrap().join(relative)
    }

    fn host(&self) -> Host {
        let path = format!("{}:{}", self.path(".pyenv/shims").display(), self.path("bin").display());
        let own = [("HOME", self.path("").display().to_string()), ("PATH", path)];
        let vars = own.iter().chain(&self.vars).map(|(name, value)| ((*name).into(), value.into())).collect();
        Host { vars, current_dir: self.path("bin"), ..Host::default() }
    }

    fn script(&self, path: &str, body: &str) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// An executable that answers as a python of this version does, after a banner, and writes itself down.
    fn python(&self, path: &str, version: &str) -> PathBuf {
        self.python_that(path, version, "\"implementation\": \"cpython\"")
    }

    fn python_that(&self, path: &str, version: &str, facts: &str) -> PathBuf {
        let version: PythonVersion = version.parse().unwrap();
        let info = format!("[{}, {}, {}, \"final\", 0]", version.major, version.minor, version.patch);
        let answer = format!("{{\"prime_probe\": 1, \"version_info\": {info}, {facts}}}");
        let journal = self.path("journal");
        self.script(
            path,
            &format!("echo \"$0\" >> '{}'\necho 'a banner'\necho '{answer}'\necho bye", journal.display()),
        )
    }

    fn header(&self, prefix: &str, name: &str, version: &str) {
        let include = self.path(prefix).join("include").join(name);
        fs::create_dir_all(&include).unwrap();
        fs::write(include.join("patchlevel.h"), format!("#define PY_VERSION \"{version}\"\n")).unwrap();
    }

    /// What was started, relative to the root.
    fn started(&self) -> Vec<String> {
        let journal = fs::read_to_string(self.path("journal")).unwrap_or_default();
        let root = self.path("").display().to_string();
        journal.lines().map(|line| line.replace(&root, "")).collect()
    }

    fn search(&self, requirement: &str) -> Search {
        self.search_with(requirement, &SearchOptions::default())
    }

    fn search_with(&self, requirement: &str, options: &SearchOptions) -> Search {
        search(&self.host(), &Requirement::parse(requirement).unwrap(), options)
    }

    /// What was considered here, one line each, with paths relative to the root.
    fn lines(&self, search: &Search) -> Vec<String> {
        let root = self.path("").display().to_string();
        search.lines().iter().filter(|line| line.contains(&root)).map(|line| line.replace(&root, "")).collect()
    }
}

#[test]
fn the_most_exact_name_comes_first_wherever_it_is_on_path() {
    let mut machine = Machine::new();
    machine.python("bin/python3", "3.77.1");
    let exact = machine.python("other/python3.77", "3.77.2");
    let path = format!("{}:{}", machine.path("bin").display(), machine.path("other").display());
    machine.vars = vec![];
    let host = machine.host().with_env(&crate::host::EnvDelta::new().set("PATH", path));
    let found = search(&host, &Requirement::parse("3.77").unwrap(), &SearchOptions::default());
    assert_eq!(found.selected.unwrap().path, exact);
    assert_eq!(machine.started(), ["other/python3.77"]);
}

#[test]
fn what_is_broken_is_skipped_with_its_reason() {
    let machine = Machine::new();
    machine.script("bin/python3.77", "exec /bin/sleep 60");
    machine.script("bin/python3", "echo 'no such library' >&2; exit 3");
    let good = machine.python("lib/python", "3.77.0");
    symlink(&good, machine.path("bin/python")).unwrap();
    symlink("nowhere", machine.path("bin/python3.77.0")).unwrap();
    let options = SearchOptions { limit: Duration::from_secs(2), ..SearchOptions::default() };
    let found = machine.search_with("3.77.0", &options);
    assert_eq!(
        machine.lines(&found),
        [
            "`bin/python3.77.0` was skipped: a link to nothing",
            "`bin/python3.77` was skipped: no answer within 2 s",
            "`bin/python3` was skipped: exited with status 3: no such library",
            "`bin/python` is 3.77.0",
        ]
    );
    assert_eq!(found.selected.unwrap().path, good);
}

#[test]
fn other_ways_of_being_broken_have_their_reasons_too() {
    let machine = Machine::new();
    fs::write(machine.path("bin/python3.77"), "text").unwrap();
    machine.script("bin/python3", "kill -SEGV $$");
    machine.script("bin/python", "echo '{\"prime_probe\": 1, \"version_info\": 7}'");
    machine.script("other/python3.77", "echo Python 3.77.0");
    machine.script("other/python3", "#");
    fs::write(machine.path("other/python3"), "#!/no/such/interpreter\n").unwrap();
    machine.python("own/.venv/bin/python3.77", "3.77.0");
    let dirs = ["bin", "other", "own/.venv/bin"].map(|dir| machine.path(dir).display().to_string()).join(":");
    let host = machine.host().with_env(&crate::host::EnvDelta::new().set("PATH", dirs));
    let options = SearchOptions { excluded: vec![machine.path("own/.venv")], ..SearchOptions::default() };
    let found = search(&host, &Requirement::parse("3.77").unwrap(), &options);
    assert!(found.selected.is_none());
    let lines = machine.lines(&found);
    assert_eq!(
        lines[..5],
        [
            "`bin/python3.77` was skipped: not executable",
            "`other/python3.77` was skipped: did not answer as a python does",
            "`own/.venv/bin/python3.77` was skipped: in the repository's own environment",
            "`bin/python3` was skipped: was ended by signal 11",
            "`other/python3` was skipped: did not start: no such file or directory",
        ]
    );
    assert!(lines[5].starts_with("`bin/python` was skipped: its answer makes no sense"), "{}", lines[5]);
}

#[test]
fn another_version_or_implementation_never_serves_and_the_first_that_can_carry_uv_is_told() {
    let machine = Machine::new();
    machine.python("bin/python3", "3.7.1");
    machine.python_that("bin/pypy3.77", "3.77.1", "\"implementation\": \"pypy\"");
    let usable = machine.python("bin/python3.77", "3.77.3");
    machine.python("bin/python", "3.77.5");
    let found = machine.search("pypy3.76");
    assert!(found.selected.is_none());
    let found = machine.search("3.77.9");
    assert!(found.selected.is_none());
    assert_eq!(found.fallback.as_ref().unwrap().path, usable);
    assert_eq!(
        machine.lines(&found),
        ["`bin/python3.77` is 3.77.3", "`bin/python3` is 3.7.1", "`bin/python` is 3.77.5"]
    );
    let found = machine.search("pypy3.77");
    assert_eq!(found.selected.unwrap().build.to_string(), "PyPy 3.77.1");
}

#[test]
fn what_a_header_rules_out_is_not_started_until_it_is_needed_for_uv() {
    let machine = Machine::new();
    let other = machine.python("a/bin/python3.76", "3.76.1");
    machine.header("a", "python3.76", "3.76.1");
    let good = machine.python("b/bin/python3.77", "3.77.1");
    machine.header("b", "python3.77", "3.77.1");
    symlink(&other, machine.path("bin/python3")).unwrap();
    symlink(&good, machine.path("bin/python")).unwrap();
    let found = machine.search("3.77");
    assert_eq!(machine.lines(&found), ["`bin/python3` is 3.76.1", "`bin/python` is 3.77.1"]);
    assert_eq!(machine.started(), ["b/bin/python3.77"]);
    assert_eq!(machine.search("3.78").fallback.unwrap().path, other);
}

#[test]
fn a_pyenv_shim_is_followed_and_never_run() {
    let mut machine = Machine::new();
    let shim = "exec '/x/libexec/pyenv\" exec \"$program\" \"$@\"; touch \"$0.ran\"";
    machine.script(".pyenv/shims/python3", shim);
    machine.script(".pyenv/shims/python3.70", shim);
    for version in ["3.76.1", "3.77.0", "3.77.2"] {
        machine.python(&format!(".pyenv/versions/{version}/bin/python3"), version);
    }
    fs::write(machine.path(".pyenv/version"), "3.76.1\n").unwrap();
    let selected = |search: Search| search.selected.unwrap().version().to_string();
    // The global version, since it matches; else the newest that does.
    assert_eq!(selected(machine.search("3")), "3.76.1");
    assert_eq!(selected(machine.search("3.77")), "3.77.2");
    assert_eq!(selected(machine.search("3.77.0")), "3.77.0");
    // The nearest file goes before the global version, and a prefix means the newest.
    fs::write(machine.path(".python-version"), "3.77\n").unwrap();
    assert_eq!(selected(machine.search("3")), "3.77.2");
    machine.vars.push(("PYENV_VERSION", "nothing:3.77.0".to_owned()));
    assert_eq!(selected(machine.search("3")), "3.77.0");
    let considered = machine.search("3.70");
    assert_eq!(
        machine.lines(&considered)[0],
        "`.pyenv/shims/python3.70` was skipped: a shim of nothing that is installed"
    );
    let system = search(&machine.host(), &Requirement::system(), &SearchOptions::default());
    assert_eq!(machine.lines(&system)[0], "`.pyenv/shims/python3` was skipped: a shim, where `system` is required");
    assert!(!machine.path(".pyenv/shims/python3.ran").exists());
}

#[test]
fn the_shims_of_asdf_and_mise_are_followed_too() {
    let mut machine = Machine::new();
    machine.script("asdf/shims/python3", "# asdf-plugin: python 3.77.1\nexec asdf exec python3 \"$@\"");
    machine.python("asdf/installs/python/3.77.1/bin/python3", "3.77.1");
    machine.python("asdf/installs/python/3.77.4/bin/python3", "3.77.4");
    machine.script("mise/bin/mise", "exit 1");
    fs::create_dir_all(machine.path("mise/shims")).unwrap();
    symlink(machine.path("mise/bin/mise"), machine.path("mise/shims/python3")).unwrap();
    machine.python("mise/installs/python/3.78.0/bin/python3", "3.78.0");
    fs::write(machine.path(".tool-versions"), "nodejs 20\npython 3.77.1 # ours\n").unwrap();
    machine.vars = vec![];
    for (dir, requirement, expected) in [("asdf", "3", "3.77.1"), ("asdf", "3.77.4", "3.77.4"), ("mise", "3", "3.78.0")]
    {
        let path = machine.path(dir).join("shims");
        let host = machine.host().with_env(&crate::host::EnvDelta::new().set("PATH", path));
        let found = search(&host, &Requirement::parse(requirement).unwrap(), &SearchOptions::default());
        assert_eq!(found.selected.unwrap().version().to_string(), expected);
    }
}

#[test]
fn an_environment_leads_to_the_interpreter_it_was_made_from() {
    let machine = Machine::new();
    let base = machine.python("base/bin/python3.77", "3.77.1");
    machine.python("outer/bin/python3.77", "3.77.1");
    machine.python("inner/bin/python3", "3.77.1");
    let cfg = |dir: &str, home: &str| {
        let home = machine.path(home);
        fs::write(machine.path(dir).join("pyvenv.cfg"), format!("home = {}\nversion = 3.77.1\n", home.display()))
            .unwrap();
    };
    cfg("outer", "base/bin");
    cfg("inner", "outer/bin");
    symlink(machine.path("inner/bin/python3"), machine.path("bin/python3.77")).unwrap();
    let found = machine.search("3.77");
    assert_eq!(found.selected.unwrap().path, base);
    assert_eq!(machine.started(), ["base/bin/python3.77"]);
    // Where the base is gone, the environment is asked, and says itself what it comes from.
    cfg("inner", "gone");
    let told = machine.python("told/bin/python3.77", "3.77.1");
    let facts = format!("\"executable\": \"x\", \"base_executable\": \"{}\"", told.display());
    machine.python_that("inner/bin/python3", "3.77.1", &facts);
    let probed = probe_path(&machine.host(), Path::new("python3.77"), &SearchOptions::default()).unwrap();
    assert_eq!(probed.path, told);
    for (path, reason) in [("/no/such/python", "no such file"), ("/", "not executable")] {
        assert_eq!(probe_path(&machine.host(), Path::new(path), &SearchOptions::default()).unwrap_err(), reason);
    }
}

#[test]
fn beyond_path_the_version_managers_are_looked_into() {
    let mut machine = Machine::new();
    machine.python(".pyenv/versions/3.77.1/bin/python3.77", "3.77.1");
    machine.python("uv/cpython-3.78.0-linux-x86_64-gnu/bin/python3.78", "3.78.0");
    machine.python(".local/share/mise/installs/python/3.79.0/bin/python3", "3.79.0");
    machine.python(".asdf/installs/python/3.76.0/bin/python", "3.76.0");
    machine.python(".pyenv/versions/miniconda3-3.75/bin/python3.75", "3.75.0");
    machine.vars = vec![("UV_PYTHON_INSTALL_DIR", machine.path("uv").display().to_string())];
    for version in ["3.76.0", "3.77.1", "3.78.0", "3.79.0"] {
        assert_eq!(machine.search(version).selected.unwrap().version().to_string(), version);
    }
    assert!(machine.search("3.75").selected.is_none());
}

#[test]
fn an_answer_is_kept_as_long_as_the_executable_is_the_same() {
    let machine = Machine::new();
    let python = machine.python("bin/python3.77", "3.77.1");
    let options = SearchOptions { cache_dir: Some(machine.path("cache")), ..SearchOptions::default() };
    let version = || machine.search_with("3.77", &options).selected.unwrap().version().to_string();
    assert_eq!((version(), version()), ("3.77.1".to_owned(), "3.77.1".to_owned()));
    assert_eq!(machine.started().len(), 1);
    fs::remove_file(&python).unwrap();
    machine.python("bin/python3.77", "3.77.22");
    assert_eq!(version(), "3.77.22");
    assert_eq!(machine.started().len(), 2);
    let entry = fs::read_dir(machine.path("cache/interpreters")).unwrap().next().unwrap().unwrap().path();
    fs::write(&entry, "{\"format\": 1").unwrap();
    assert_eq!(version(), "3.77.22");
    assert_eq!(machine.started().len(), 3);
    // Where nothing can be kept, nothing is lost.
    let nowhere = SearchOptions { cache_dir: Some(entry), ..SearchOptions::default() };
    assert!(machine.search_with("3.77", &nowhere).selected.is_some());
}

#[test]
fn without_starting_anything_only_what_is_known_is_selected() {
    let machine = Machine::new();
    let python = machine.python("bin/python3.77", "3.77.1");
    let asking = SearchOptions { cache_dir: Some(machine.path("cache")), ..SearchOptions::default() };
    let options = SearchOptions { starts: false, ..asking.clone() };
    let found = machine.search_with("3.77", &options);
    let unknown = Outcome::Skipped("it has not been asked yet".to_owned());
    assert_eq!(found.considered.iter().map(|it| &it.outcome).collect::<Vec<_>>(), [&unknown]);
    assert!(found.selected.is_none() && found.fallback.is_none() && machine.started().is_empty());
    assert!(machine.search_with("3.77", &asking).selected.is_some());
    let found = machine.search_with("3.77", &options);
    assert_eq!((found.selected.unwrap().path, machine.started().len()), (python.canonicalize().unwrap(), 1));
    // What the headers say is enough.
    machine.python("bin/python3.78", "3.78.1");
    let include = machine.path("include/python3.78");
    fs::create_dir_all(&include).unwrap();
    fs::write(include.join("patchlevel.h"), "#define PY_VERSION \"3.78.1\"\n").unwrap();
    let found = machine.search_with("3.78", &options);
    assert!(
        matches!(&found.considered[..], [Candidate { outcome: Outcome::Selected(build), .. }] if build.version.patch == 1)
    );
    assert_eq!((found.selected, machine.started().len()), (None, 1));
}

#[test]
fn an_exhaustive_search_goes_on_after_the_first_match() {
    let machine = Machine::new();
    machine.python("bin/python3.77", "3.77.1");
    machine.python("bin/python3", "3.77.2");
    machine.python("bin/python", "3.76.0");
    let options = SearchOptions { exhaustive: true, ..SearchOptions::default() };
    let found = machine.search_with("3.77", &options);
    let build = |version: &str| Build::cpython(version.parse().unwrap());
    let outcomes: Vec<&Outcome> = found.considered[..3].iter().map(|candidate| &candidate.outcome).collect();
    assert_eq!(
        outcomes,
        [&Outcome::Selected(build("3.77.1")), &Outcome::Matches(build("3.77.2")), &Outcome::Other(build("3.76.0"))]
    );
}

#[test]
fn the_real_interpreters_of_this_host_answer() {
    let Ok(host) = Host::capture() else { return };
    let options = SearchOptions { exhaustive: true, ..SearchOptions::default() };
    let found = search(&host, &Requirement::parse(">=3.6").unwrap(), &options);
    for candidate in &found.considered {
        let (Outcome::Selected(build) | Outcome::Matches(build)) = &candidate.outcome else { continue };
        let interpreter = probe_path(&host, &candidate.path, &options).unwrap();
        assert_eq!(&interpreter.build, build);
        assert!(interpreter.stdlib.join("os.py").is_file(), "{interpreter:?}");
        assert!(interpreter.path.is_absolute());
        assert_eq!(interpreter.prefix, interpreter.base_prefix);
        if let Some(by_file) = screen::build_of(&interpreter.path) {
            assert_eq!(&by_file, build);
        }
        let exact = Requirement::parse(&build.version.to_string()).unwrap();
        assert!(exact.matches(build) || build.free_threaded || !build.version.is_final());
    }
}
