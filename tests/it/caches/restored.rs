//! What a CI brought back whole is ready after a look at it, without a request and without a file written in the venv.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use super::runner::Runner;
use crate::support::http::refused_url;
use crate::support::index::Index;
use crate::support::mirror::Mirror;
use crate::support::monorepo::{Bytes, bytes, changes};
use crate::support::pair::Pair;
use crate::support::proxy::Proxy;
use crate::support::pythons;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::{output, require_program, skip};

const PINS: &str = "left==1.0\nright==2.0\n";

/// A repo that was made and kept by an earlier run.
fn kept(driver: &str, pins: Option<&str>) -> Option<(Pair, Runner)> {
    let pair = Pair::new()?.env("PROTOPRIMER_VENV_DRIVER", driver);
    if let Some(pins) = pins {
        pair.write("constraints.txt", pins);
    }
    let runner = Runner::new(&pair.sandbox);
    pair.boot();
    runner.keep(&pair.sandbox, &[]);
    Some((pair, runner))
}

/// The venv without the directories that python itself keeps compiled code in.
fn venv(pair: &Pair) -> Bytes {
    let all = bytes(&pair.path(".venv"));
    all.into_iter().filter(|(path, _)| !path.components().any(|part| part.as_os_str() == "__pycache__")).collect()
}

#[test]
fn a_full_restore_is_adopted_without_a_request() {
    for driver in ["venv_uv", "venv_pip"] {
        for pins in [None, Some(PINS)] {
            for options in [&[][..], &["-m"]] {
                let Some((pair, runner)) = kept(driver, pins) else { return };
                let written = fs::read_to_string(pair.path("constraints.txt")).unwrap();
                runner.start_afresh();
                runner.restore(options);
                let (asked, before) = (pair.index.requests().len(), venv(&pair));
                let (proxy, nowhere) = (Proxy::start(), refused_url());
                let run = pair.sandbox.prime(["boot"]).env("HTTP_PROXY", proxy.url()).env("PIP_INDEX_URL", nowhere);
                let run = run.output();
                let what = format!("{driver}, {pins:?}, {options:?}: {}", run.stderr());
                let seeded = if driver == "venv_pip" { pair.seeds() } else { 0 };
                let adopt = format!("adopt    .venv (restored, {} distributions proven)\n", 4 + seeded);
                let pin = if pins.is_none() { "pin      constraints.txt (2 versions)  [TIME]\n" } else { "" };
                assert_eq!((run.code(), pair.sandbox.redact(&run.stderr())), (0, format!("{pin}{adopt}")), "{what}");
                assert_eq!(fs::read_to_string(pair.path("constraints.txt")).unwrap(), written, "{what}");
                assert_eq!(changes(&before, &venv(&pair)), [""; 0], "{what}");
                pair.sandbox.prime(["boot"]).run();
                let run = pair.sandbox.prime(["run", "python", "-c", "import one, two, left; print(left.version)"]);
                run.stdout(if pins.is_some() { "1.0\n" } else { "2.0\n" }).run();
                assert_eq!((pair.index.requests().len(), proxy.requests().len()), (asked, 0), "{what}");
            }
        }
    }
}

#[test]
fn what_linked_to_the_cache_links_to_it_again_or_not_and_is_whole_either_way() {
    let Some((pair, runner)) = kept("venv_uv", None) else { return };
    let left = pair.path(&format!(".venv/lib/{}/site-packages/left.py", pair.python.basename()));
    let links = || left.metadata().unwrap().nlink();
    let before = links();
    runner.start_warm();
    assert_eq!(links(), before, "the archive has links as links");
    let copy = pair.path("copy");
    fs::copy(&left, &copy).unwrap();
    fs::rename(&copy, &left).unwrap();
    assert_eq!(links(), 1);
    let asked = pair.index.requests().len();
    assert!(pair.said().ends_with("adopt    .venv (restored, 4 distributions proven)\n"));
    assert_eq!(pair.index.requests().len(), asked);
}

#[test]
fn the_key_finds_what_was_kept_under_it() {
    for driver in ["venv_uv", "venv_pip"] {
        let Some(pair) = Pair::new() else { return };
        let pair = pair.env("PROTOPRIMER_VENV_DRIVER", driver);
        let runner = Runner::new(&pair.sandbox);
        let key = || pair.sandbox.prime(["cache", "key"]).output().stdout();
        let paths = || pair.sandbox.prime(["cache", "paths"]).output().stdout();
        let first = (key(), paths());
        pair.boot();
        assert_eq!((key(), paths()), first, "{driver}: when it is kept");
        let tag = fs::read_to_string(pair.sandbox.cache().join("prime/CACHEDIR.TAG")).unwrap();
        assert!(tag.starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"), "{tag}");
        runner.keep(&pair.sandbox, &[]);
        runner.start_afresh();
        assert_eq!((key(), paths()), first, "{driver}: when it is looked for");
        runner.restore(&[]);
        assert_eq!((key(), paths()), first, "{driver}: when it is found");
        pair.boot();
        assert_eq!((key(), paths()), first, "{driver}: when it is ready");
    }
}

#[test]
fn pins_that_a_checkout_brings_to_what_was_kept_without_them_count() {
    let Some((pair, runner)) = kept("venv_uv", None) else { return };
    // Somebody has committed what the run wrote.
    runner.commit();
    runner.start_warm();
    let key = || pair.sandbox.prime(["cache", "key"]).output().stdout();
    let before = key();
    assert!(pair.said().contains("adopt    .venv (restored, "));
    assert_eq!(key(), before);
}

#[test]
fn a_python_that_uv_provided_comes_back_with_it() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::hidden()) else { return };
    let (index, mirror) = (Index::start().add(uv_wheel(uv)), Mirror::of(python));
    let sandbox = Sandbox::new().index(&index).project("app", "1", &[]).mirror(&mirror);
    let sandbox = sandbox.file(".python-version", format!("{}\n", python.version));
    let runner = Runner::new(&sandbox);
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    let first = sandbox.prime(["cache", "key"]).output().stdout();
    runner.keep(&sandbox, &[]);
    runner.start_afresh();
    assert_eq!(sandbox.prime(["cache", "key"]).output().stdout(), first);
    runner.restore(&[]);
    let asked = (index.requests().len(), mirror.requests().len());
    sandbox.prime(["boot"]).stderr("adopt    .venv (restored, 1 distribution proven)\n").run();
    assert_eq!((index.requests().len(), mirror.requests().len()), asked);
    assert_eq!(sandbox.prime(["cache", "key"]).output().stdout(), first);
    let code = "import sys; print('%d.%d.%d' % sys.version_info[:3])";
    sandbox.prime(["run", "--", "python", "-c", code]).stdout(format!("{}\n", python.version)).run();
}

#[test]
fn caches_that_nobody_may_write_do_not_stand_in_the_way() {
    let Some((pair, runner)) = kept("venv_uv", None) else { return };
    runner.start_warm();
    let caches = [pair.sandbox.cache(), pair.sandbox.home()];
    let run = if pair.sandbox.root().metadata().unwrap().uid() == 0 {
        // Permissions do not hold for the superuser.
        let Some(unshare) = require_program("unshare") else { return };
        let mount = "for dir in \"$CACHE\" \"$HOME\"; do\n/bin/mount --bind \"$dir\" \"$dir\" && \
                     /bin/mount -o remount,bind,ro \"$dir\" || exit 9\ndone\nexec \"$0\" boot";
        let run = pair.sandbox.command(unshare).args(["--mount", "/bin/sh", "-c", mount, env!("CARGO_BIN_EXE_prime")]);
        run.env("CACHE", &caches[0]).output()
    } else {
        for dir in &caches {
            assert!(output(Command::new("chmod").args(["-R", "a-w"]).arg(dir)).unwrap().status.success());
        }
        pair.sandbox.prime(["boot"]).output()
    };
    if run.stderr().contains("mount:") {
        skip::<()>(&format!("nothing can be mounted here: {}", run.stderr()));
        return;
    }
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert!(run.stderr().ends_with("adopt    .venv (restored, 4 distributions proven)\n"), "{}", run.stderr());
}

#[test]
fn what_is_kept_is_named_as_the_tools_name_it() {
    let (Some(pair), Some(uv)) = (Pair::new(), real_uv()) else { return };
    let places = [
        (vec![], "[CACHE]/uv", "[CACHE]/pip"),
        (vec![("UV_CACHE_DIR", "own/uv"), ("PIP_CACHE_DIR", "own/pip")], "[REPO]/own/uv", "[REPO]/own/pip"),
        (vec![("PRIME_CACHE_DIR", "/p")], "[CACHE]/uv", "[CACHE]/pip"),
    ];
    for (vars, uv_cache, pip_cache) in places {
        let with =
            |run| vars.iter().fold(run, |run: crate::support::run::Invocation<'_>, (name, to)| run.env(name, to));
        let said = with(pair.sandbox.prime(["cache", "paths"])).output();
        let said = pair.sandbox.redact(&said.stdout());
        let prime = if vars.iter().any(|(name, _)| *name == "PRIME_CACHE_DIR") { "/p" } else { "[CACHE]/prime" };
        let state = "[REPO]/.prime";
        let expected =
            format!("[REPO]/.venv\n{state}/stamp.json\n{state}/sources.json\n{prime}/uv\n{uv_cache}\n{pip_cache}\n");
        assert_eq!(said, expected);
        let of_uv = with(pair.sandbox.command(&uv.executable).args(["cache", "dir"])).output().stdout();
        let of_uv = pair.sandbox.repo().join(of_uv.trim()).display().to_string();
        assert_eq!(pair.sandbox.redact(&of_uv), uv_cache);
        let pip = with(pair.sandbox.command(&pair.python.executable).args(["-m", "pip", "cache", "dir"])).output();
        assert_eq!(pair.sandbox.redact(pip.stdout().trim()), pip_cache, "{}", pip.stderr());
    }
    let within = pair.sandbox.prime(["cache", "paths"]).env("UV_CACHE_DIR", "own").env("PIP_CACHE_DIR", "own/pip");
    let within = within.env("PRIME_UV", &uv.executable).output().stdout();
    let within = pair.sandbox.redact(&within);
    assert!(within.ends_with("/sources.json\n[REPO]/own\n"), "a uv that is named, and what lies in another: {within}");
    for (driver, left_out) in [("venv_uv", "pip"), ("venv_pip", "uv")] {
        let said = pair.sandbox.prime(["cache", "paths"]).env("PROTOPRIMER_VENV_DRIVER", driver).output().stdout();
        assert!(!said.lines().any(|line| Path::new(line).ends_with(left_out)), "{driver}: {said}");
    }
}

#[test]
fn a_ci_that_keeps_only_what_is_in_the_repository_is_told_what_moves_the_rest() {
    let Some(pair) = Pair::new() else { return };
    let pair = pair.env("PROTOPRIMER_VENV_DRIVER", "venv_uv");
    let relative = ["cache", "paths", "--relative"];
    let outside = |path: &str, name: &str| {
        format!("warning: `[CACHE]/{path}` is outside of the repository and left out; `{name}` moves it\n")
    };
    let said = outside("prime/uv", "PRIME_CACHE_DIR") + &outside("uv", "UV_CACHE_DIR");
    let inside = ".venv\n.prime/stamp.json\n.prime/sources.json\n";
    pair.sandbox.prime(relative).stdout(inside).stderr(said).run();
    let moved = pair.sandbox.prime(relative).env("PRIME_CACHE_DIR", ".cache/prime").env("UV_CACHE_DIR", ".cache/uv");
    moved.stdout(format!("{inside}.cache/prime/uv\n.cache/uv\n")).run();
}

#[test]
fn what_a_launcher_fetched_and_each_environment_are_kept() {
    let Some(pair) = Pair::new() else { return };
    assert_eq!(pair.sandbox.prime(["-q", "init"]).output().code(), 0);
    let config = fs::read_to_string(pair.path("prime.toml")).unwrap();
    pair.write("prime.toml", &format!("local_conf_symlink_rel_path = 'env'\ndefault_env_dir_rel_path = 'a'\n{config}"));
    pair.write("a/prime.toml", "");
    pair.write("b/prime.toml", "");
    let said = |env: &str| pair.sandbox.redact(&pair.sandbox.prime(["-e", env, "cache", "paths"]).output().stdout());
    assert!(said("a").starts_with("[REPO]/.venv\n[REPO]/.prime/env/a/stamp.json\n[REPO]/.prime/env/a/sources.json\n"));
    assert!(said("b").starts_with("[REPO]/.venv-b\n[REPO]/.prime/env/b/stamp.json\n"), "{}", said("b"));
    assert!(said("b").contains("\n[CACHE]/prime/bin\n"), "{}", said("b"));
    let other = pair.sandbox.prime(["cache", "paths"]).env("PRIME_BIN", "/bin/prime").output().stdout();
    assert!(!other.contains("/prime/bin\n"), "{other}");
    let made = ["a", "b"].map(|env| pair.sandbox.prime(["-e", env, "cache", "key"]).output().stdout());
    assert_ne!(made[0], made[1]);
}
