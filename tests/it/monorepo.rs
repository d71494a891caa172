//! `examples/monorepo`: several environments of one repository, each with a python, a venv, groups and pins of its own.

use std::fs;
use std::path::Path;

use snapbox::str;

use crate::support::monorepo::{ENVS, Monorepo, changes, pins};
use crate::support::run::Running;

const VENVS: [&str; 2] = [".venv", ".venv-oldest"];

/// The python, and what is installed, by name and version.
const FACTS: &str = "import sys\nfrom importlib.metadata import distributions\n\
                     names = sorted('%s==%s' % (it.metadata['Name'], it.version) for it in distributions())\n\
                     print('%d.%d.%d' % sys.version_info[:3], sys.prefix, *names)";

/// The example with both of its environments made.
fn booted() -> Option<Monorepo> {
    let repo = Monorepo::new()?;
    for env in ENVS {
        repo.said(&["-q", "--env", env]);
    }
    Some(repo)
}

#[test]
fn each_environment_is_made_with_its_own_python_groups_extras_and_pins() {
    let Some(repo) = Monorepo::new() else { return };
    let newest = str![[r#"
link     lconf to envs/newest
create   .venv (python [NEWEST], uv)  [TIME]
install  mono-core (editable)  [TIME]
install  mono-app (editable)  [TIME]

"#]];
    snapbox::assert_data_eq!(repo.said(&["boot"]).1, newest);
    let before = repo.bytes_of(ENVS[0], VENVS[0]);
    let oldest = str![[r#"
link     lconf to envs/oldest (was `envs/newest`)
create   .venv-oldest (python [OLDEST], uv)  [TIME]
install  mono-core (editable)  [TIME]
install  mono-app (editable)  [TIME]

"#]];
    snapbox::assert_data_eq!(repo.said(&["--env", "envs/oldest"]).1, oldest);
    assert_eq!(changes(&before, &repo.bytes_of(ENVS[0], VENVS[0])), [""; 0], "not a byte of the other one");
    assert_eq!(fs::read_link(repo.sandbox.repo().join("lconf")).unwrap(), Path::new("envs/oldest"));
    for (env, venv, python, name) in
        [(ENVS[0], VENVS[0], repo.pythons[0], "[NEWEST]"), (ENVS[1], VENVS[1], repo.pythons[1], "[OLDEST]")]
    {
        let run = repo.said(&["--env", env, "--no-link", "run", "--", "python", "-c", FACTS]).0;
        let mut have: Vec<String> = pins(env).lines().map(str::to_owned).collect();
        have.extend(["mono-app==1.0".to_owned(), "mono-core==1.0".to_owned()]);
        have.sort();
        assert_eq!(run, format!("{name} [REPO]/{venv} {}\n", have.join(" ")), "{python}");
        assert_eq!(repo.sandbox.read(&format!("{env}/constraints.txt")), pins(env));
    }
}

#[test]
fn a_ready_environment_is_run_in_without_work_and_without_a_trace_in_any() {
    let Some(repo) = booted() else { return };
    // What python itself would leave is none of `prime`'s.
    let repo = Monorepo { sandbox: repo.sandbox.env("PYTHONDONTWRITEBYTECODE", "1"), ..repo };
    let all = || ENVS.iter().zip(VENVS).flat_map(|(env, venv)| repo.bytes_of(env, venv)).collect();
    let before = all();
    for (env, said) in [
        (ENVS[0], "one program, packaging 26.3, .venv\n==================================\n"),
        (ENVS[1], "1 program, packaging 24.2, .venv-oldest\n"),
    ] {
        repo.sandbox.prime(["--env", env, "--no-link", "run", "--", "mono"]).stdout(said).run();
    }
    // What the link says holds where nobody says anything.
    repo.sandbox.prime(["run", "--", "mono"]).stdout("1 program, packaging 24.2, .venv-oldest\n").run();
    assert_eq!(changes(&before, &all()), [""; 0]);
}

#[test]
fn the_link_follows_the_argument_and_says_so_unless_it_is_to_be_left_alone() {
    let Some(repo) = booted() else { return };
    let link = || fs::read_link(repo.sandbox.repo().join("lconf")).unwrap().display().to_string();
    repo.sandbox.prime(["--env", ENVS[0], "--no-link"]).run();
    assert_eq!(link(), "envs/oldest");
    let said = "link     lconf to envs/newest (was `envs/oldest`)\n";
    repo.sandbox.prime(["--env", ENVS[0]]).stderr(said).run();
    assert_eq!(link(), "envs/newest");
    repo.sandbox.prime(["--env", ENVS[0]]).run();
    repo.sandbox.prime(["boot"]).run();
    // A link that a person has set is obeyed, however it is written.
    fs::remove_file(repo.sandbox.repo().join("lconf")).unwrap();
    std::os::unix::fs::symlink(repo.sandbox.repo().join("envs/../envs/oldest"), repo.sandbox.repo().join("lconf"))
        .unwrap();
    repo.sandbox.prime(["run", "--", "mono"]).stdout("1 program, packaging 24.2, .venv-oldest\n").run();
    assert!(link().ends_with("envs/../envs/oldest"), "{}", link());
}

#[test]
fn three_boots_of_three_environments_at_once_are_all_ready_afterwards() {
    let Some(repo) = Monorepo::new() else { return };
    let third = repo.sandbox.read("envs/newest/prime.toml");
    let repo = Monorepo { sandbox: repo.sandbox.file("envs/third/prime.toml", third), ..repo };
    let envs = [ENVS[0], ENVS[1], "envs/third"];
    let boot = |env: &&str| repo.sandbox.prime(["--env", *env, "--no-link", "run", "--", "mono"]).spawn();
    let running: Vec<Running> = envs.iter().map(boot).collect();
    let runs: Vec<_> = running.into_iter().map(Running::wait).collect();
    for (run, said) in
        runs.iter().zip(["packaging 26.3, .venv\n", "packaging 24.2, .venv-oldest\n", "packaging 99.0, .venv-third\n"])
    {
        assert_eq!(run.code(), 0, "{}", run.stderr());
        assert!(run.stdout().contains(said), "{}", run.stdout());
        assert_eq!(run.stderr().matches("create  ").count(), 1, "{}", run.stderr());
    }
    for env in envs {
        repo.sandbox.prime(["--env", env, "--no-link"]).run();
    }
    assert_eq!(repo.sandbox.read("envs/third/constraints.txt"), "humanize==4.99.0\npackaging==99.0\nwcwidth==0.99.0\n");
    assert!(!repo.sandbox.repo().join("lconf").is_symlink());
}

#[test]
fn the_selector_of_each_environment_is_obeyed() {
    let Some(repo) = Monorepo::new() else { return };
    let root = repo.sandbox.root().join("pythons");
    let names = |index: usize| {
        let python = root.join(repo.pythons[index].series()).join("bin/python3");
        fs::create_dir_all(python.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&python);
        std::os::unix::fs::symlink(&repo.pythons[index].executable, &python).unwrap();
        python
    };
    let paths = [names(0), names(1)];
    let repo = Monorepo { sandbox: repo.sandbox.env("PYTHONS_DIR", &root), ..repo };
    for (env, selector, path) in
        [(ENVS[0], "gconf/select_python.py", &paths[0]), (ENVS[1], "envs/oldest/select-python", &paths[1])]
    {
        let said = repo.said(&["-v", "--env", env, "--no-link"]).1;
        let path = repo.sandbox.redact(&path.display().to_string());
        let expected = format!("[stride_py_arbitrary] the selector `[REPO]/{selector}` names `{path}`\n");
        assert!(said.contains(&expected), "{said}");
    }
}

#[test]
fn a_selector_without_an_opinion_leaves_it_to_the_search_and_its_talk_disturbs_nobody() {
    let Some(repo) = Monorepo::new() else { return };
    let selector = "print('talk')\n\n\ndef select_python_file_abs_path(required_version):\n    \
                    assert [type(it) for it in required_version] == [int, int, int], required_version\n    \
                    print('more talk')\n";
    let repo = Monorepo { sandbox: repo.sandbox.file("gconf/select_python.py", selector), ..repo };
    let (stdout, stderr) = repo.said(&["-v", "run", "--", "python", "-c", "print('only this')"]);
    assert_eq!(stdout, "only this\n");
    let expected = "[stride_py_arbitrary] the selector `[REPO]/gconf/select_python.py` has no opinion\n";
    assert!(stderr.contains(expected) && !stderr.contains("talk"), "{stderr}");
}

#[test]
fn another_selector_or_version_makes_only_its_own_environment_stale() {
    let Some(repo) = booted() else { return };
    let config = repo.sandbox.read("envs/oldest/prime.toml");
    let repo = Monorepo {
        sandbox: repo.sandbox.file("envs/oldest/prime.toml", format!("venv_driver = 'venv_pip'\n{config}")),
        ..repo
    };
    repo.sandbox.prime(["--env", ENVS[0], "--no-link"]).run();
    let said = repo.said(&["--env", ENVS[1]]).1;
    assert!(said.contains("create   .venv-oldest (python [OLDEST], pip)"), "{said}");
}
