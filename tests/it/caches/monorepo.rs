//! `examples/monorepo` in a CI: a cold run, and a warm one on another machine that asks no network for anything.

use super::runner::Runner;
use crate::support::http::refused_url;
use crate::support::monorepo::{ENVS, Monorepo};
use crate::support::proxy::Proxy;
use crate::support::real_uv::{real_uv, uv_wheel};

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];
const SAID: [&str; 2] = [
    "one program, packaging 26.3, .venv\n==================================\n",
    "1 program, packaging 24.2, .venv-oldest\n",
];

/// The example on a machine that has its pythons and no uv: that comes from the index too.
fn example(driver: &str) -> Option<Monorepo> {
    let (repo, uv) = (Monorepo::new()?, real_uv()?);
    std::fs::remove_file(repo.sandbox.bin().join("uv")).unwrap();
    let Monorepo { sandbox, index, pythons } = repo;
    let sandbox = sandbox.env("PROTOPRIMER_VENV_DRIVER", driver);
    Some(Monorepo { sandbox, index: index.add(uv_wheel(uv)), pythons })
}

/// What a command prints for an environment.
#[track_caller]
fn told(repo: &Monorepo, env: &str, command: &str) -> String {
    repo.said(&["--env", env, "--no-link", "cache", command]).0
}

#[test]
fn a_warm_run_makes_no_request_at_all() {
    for driver in DRIVERS {
        let Some(repo) = example(driver) else { return };
        let runner = Runner::new(&repo.sandbox);
        let before = ENVS.map(|env| (told(&repo, env, "key"), told(&repo, env, "paths")));
        assert_ne!(before[0].0, before[1].0);
        for (env, said) in ENVS.into_iter().zip(SAID) {
            let run = repo.run(&["--env", env, "--no-link", "run", "--", "mono"]);
            assert_eq!((run.code(), run.stdout().as_str()), (0, said), "{driver}: {}", run.stderr());
            runner.keep(&repo.sandbox, &["--env", env, "--no-link"]);
        }
        let asked = repo.index.requests().len();
        assert!(asked > 8, "{driver}: the cold run asked for everything: {:?}", repo.index.paths());
        for is_refused in [false, true] {
            runner.start_afresh();
            let found = ENVS.map(|env| (told(&repo, env, "key"), told(&repo, env, "paths")));
            assert_eq!(found, before, "{driver}: what the cold run has kept is found");
            runner.restore(&[]);
            warm(&repo, driver, is_refused);
            assert_eq!(repo.index.requests().len(), asked, "{driver}: {:?}", &repo.index.paths()[asked..]);
            assert_eq!(ENVS.map(|env| told(&repo, env, "key")), before.clone().map(|it| it.0), "{driver}");
        }
    }
}

/// Runs both environments; neither asks a proxy, and where the network is refused nothing misses it.
fn warm(repo: &Monorepo, driver: &str, is_refused: bool) {
    let (proxy, nowhere) = (Proxy::start(), refused_url());
    for (env, said) in ENVS.into_iter().zip(SAID) {
        let boot = |words: &[&str]| {
            let run = repo.sandbox.prime([&["--env", env, "--no-link"], words].concat()).env("ALL_PROXY", proxy.url());
            let run = run.env("HTTP_PROXY", proxy.url()).env("HTTPS_PROXY", proxy.url());
            if is_refused { run.env("PIP_INDEX_URL", &nowhere).env("UV_OFFLINE", "1") } else { run }
        };
        let run = boot(&["boot"]).output();
        let talk = run.stderr();
        let venv = if env == ENVS[0] { ".venv" } else { ".venv-oldest" };
        let adopted = format!("adopt    {venv} (restored, ");
        assert!(run.code() == 0 && talk.starts_with(&adopted) && talk.lines().count() == 1, "{driver}, {env}: {talk}");
        boot(&["run", "--", "mono"]).stdout(said).run();
        boot(&["--verify=hash"]).run();
    }
    assert_eq!(proxy.requests().len(), 0, "{driver}: {:?}", proxy.requests().len());
}

#[test]
fn a_run_that_changed_something_fetches_only_that() {
    let Some(repo) = example("venv_uv") else { return };
    let runner = Runner::new(&repo.sandbox);
    let select = ["--env", ENVS[0], "--no-link"];
    repo.said(&[&["-q"], &select[..]].concat());
    let before = told(&repo, ENVS[0], "key");
    runner.keep(&repo.sandbox, &select);
    let asked = repo.index.requests().len();
    let path = format!("{}/constraints.txt", ENVS[0]);
    let pins = repo.sandbox.read(&path).replace("packaging==26.3", "packaging==99.0");
    let repo = Monorepo { sandbox: repo.sandbox.file(&path, pins), ..repo };
    runner.commit();
    runner.start_warm();
    assert_ne!(told(&repo, ENVS[0], "key"), before);
    let said = repo.said(&select).1;
    assert!(said.contains("install  mono-core (editable)") && said.contains("adopt    .venv (restored, "), "{said}");
    let files: Vec<String> =
        repo.index.paths()[asked..].iter().filter(|it| it.starts_with("/files/")).cloned().collect();
    // What builds the projects is none of the environment's.
    let is_new = |it: &String| ["packaging-99.0", "flit_core-"].iter().any(|name| it.contains(name));
    assert!(files.iter().all(is_new) && files.iter().any(|it| it.contains("packaging-99.0")), "{files:?}");
}
