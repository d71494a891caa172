//! Tables of connectors that have to do with each other, with the environments of the repository, or with where one is.

use std::fs;

use super::booted::{DRIVERS, boot, repository, table};
use super::{connector, faker, says, tiny, venv};
use crate::support::http::{Response, Server};
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;

#[test]
fn what_it_is_installed_from_is_seen_from_the_ref_root() {
    for driver in DRIVERS {
        let wheel = tiny("3.0").build();
        let more = Wheel::new("more", "1").file("more.py", "").build();
        let (from, with) = (format!("wheels/{}", wheel.filename), format!("./wheels/{}", more.filename));
        let text = table(&format!("pip_url = './{from}'\nwith = ['{with}']\nconfig = {{ a = 1 }}\n"));
        let Some((sandbox, _index)) = repository(&text, driver) else { return };
        let sandbox = sandbox.file(&from, &wheel.content).file(&with, &more.content).file("sub/dir/.keep", "");
        let below = |words: &[&str]| sandbox.prime(words.iter().copied()).current_dir("sub/dir").output();
        let boot = below(&["boot"]);
        assert_eq!((boot.code(), says(&sandbox).as_deref()), (0, Some("3.0")), "{}", boot.stderr());
        let check = below(&["connector", "check", "source-tiny"]);
        assert_eq!(check.code(), 0, "{}", check.stderr());
        // What is typed is seen from where one is, and makes what is configured give way.
        let typed = format!("../../{from}");
        let install =
            below(&["connector", "install", "source-tiny", "--pip-url", &typed, "--with", "../../nothing.whl"]);
        assert!(install.code() != 0 && install.stderr().contains("nothing.whl"), "{}", install.stderr());
        let install = below(&["connector", "install", "source-tiny", "--version", "1.0"]);
        assert_eq!((install.code(), says(&sandbox).as_deref()), (0, Some("1.0")), "{}", install.stderr());
        // Each is seen from where it was said, whatever is said of the other one elsewhere.
        let typed_with = format!("../../{with}");
        for options in [["--pip-url", &typed], ["--with", &typed_with]] {
            let install = below(&["connector", "install", "source-tiny", options[0], options[1]]);
            let has_more = prime::venv::Venv::new(venv(&sandbox)).version_of("more").is_some();
            let found = (install.code(), says(&sandbox), has_more);
            assert_eq!(found, (0, Some("3.0".to_owned()), true), "{options:?}: {}", install.stderr());
        }
        // The same files, so there is nothing to do.
        assert_eq!((below(&["boot"]).code(), below(&["boot"]).stderr()), (0, String::new()));
    }
}

#[test]
fn a_file_that_it_is_installed_from_counts_by_its_content() {
    let build = |version: &str| tiny("3.0").file("more.py", version).build();
    let (wheel, other) = (build("1"), build("2"));
    let from = format!("wheels/{}", wheel.filename);
    let Some((sandbox, _index)) = repository(&table(&format!("pip_url = './{from}'\n")), DRIVERS[0]) else { return };
    let sandbox = sandbox.file(&from, &wheel.content);
    assert_eq!(boot(&sandbox).0, 0);
    assert_eq!(boot(&sandbox), (0, String::new()));
    fs::write(sandbox.repo().join(&from), &other.content).unwrap();
    // What is ready is not looked at as closely; what makes it ready is.
    fs::write(sandbox.repo().join("prime.toml"), table(&format!("pip_url = './{from}'\nlimit = 1\n"))).unwrap();
    let (code, said) = boot(&sandbox);
    assert!(code == 0 && said.contains("install  airbyte-source-tiny 3.0"), "{said}");
    let site = prime::venv::Venv::new(venv(&sandbox)).site_packages().remove(0);
    assert_eq!(fs::read_to_string(site.join("more.py")).unwrap(), "2");
}

#[test]
fn a_file_that_an_option_names_counts_by_its_content() {
    let option = "version = '1.0'\nwith = ['-c', 'limits.txt']\n";
    let Some((sandbox, _index)) = repository(&table(option), DRIVERS[0]) else { return };
    let sandbox = sandbox.file("limits.txt", "other<2\n");
    assert_eq!(boot(&sandbox).0, 0);
    for (limit, content, is_other) in [(1, "other<2\n", false), (2, "other<3\n", true)] {
        fs::write(sandbox.repo().join("limits.txt"), content).unwrap();
        // What is ready is not looked at as closely.
        fs::write(sandbox.repo().join("prime.toml"), table(&format!("{option}limit = {limit}\n"))).unwrap();
        let (code, said) = boot(&sandbox);
        assert_eq!((code, said.contains("install  airbyte-source-tiny 1.0")), (0, is_other), "{said}");
    }
}

#[test]
fn what_a_boot_starts_knows_nothing_of_the_boot() {
    let code = "import os\ndef main():\n    names = ('PROTOPRIMER_', 'VIRTUAL_ENV', 'PRIME_RECORD')\n    \
                print(*sorted(it for it in os.environ if it.startswith(names)), file=open(os.environ['SEEN'], 'w'))\n";
    let odd = Wheel::new("airbyte-source-tiny", "3.0").file("source_tiny.py", code);
    let odd = odd.script("source-tiny", "source_tiny:main").build();
    let Some((sandbox, index)) = repository(&table("version = '3.0'\n"), DRIVERS[0]) else { return };
    // What the environment has a program for is no reason to do without the connector: elsewhere it is not on `PATH`.
    let library = Wheel::new("library", "2").file("library.py", "def main():\n    pass\n");
    let _index = index.add(odd).add(library.script("source-tiny", "library:main").build());
    let seen = sandbox.root().join("seen");
    let sandbox = sandbox.env("SEEN", &seen);
    let (code, said) = boot(&sandbox);
    assert_eq!((code, fs::read_to_string(seen).unwrap().as_str()), (0, "\n"), "{said}");
}

#[test]
fn the_venv_of_no_environment_is_taken() {
    let environments = "local_conf_symlink_rel_path = 'env'\ndefault_env_dir_rel_path = 'envs/a'\n";
    let configuration = |tables: &str| format!("{environments}{tables}");
    let Some((sandbox, _index)) = repository("", DRIVERS[0]) else { return };
    let sandbox = sandbox.file("envs/a/prime.toml", "").file("envs/ci/prime.toml", "");
    let sandbox =
        sandbox.file("envs/own/prime.toml", "local_venv_dir_rel_path = 'x/.venv-dev'\n").file("envs/none/y", "");
    let refused = |tables: &str, env: &[&str], vars: &[(&str, &str)]| {
        fs::write(sandbox.repo().join("prime.toml"), configuration(tables)).unwrap();
        let run = sandbox.prime([&["eval"][..], env].concat());
        let run = vars.iter().fold(run, |run, (name, value)| run.env(name, value)).output();
        let said = sandbox.redact(&run.stderr());
        assert_eq!(run.code(), if said.is_empty() { 0 } else { 78 }, "{said}");
        said.split(" would be ").nth(1).and_then(|rest| rest.lines().next()).map(str::to_owned)
    };
    let taken = |dir: &str, whose: &str| Some(format!("`[REPO]/{dir}`, the venv{whose}"));
    assert_eq!(refused("[connectors.ci]\n", &[], &[]), taken(".venv-ci", " of the environment `envs/ci`"));
    assert_eq!(refused("[connectors.ci]\n", &["--env", "envs/ci"], &[]), taken(".venv-ci", ""));
    let own = "[connectors.dev]\ninstall_root = 'x'\n";
    assert_eq!(refused(own, &[], &[]), taken("x/.venv-dev", " of the environment `envs/own`"));
    let manifests = "[connectors.m]\nsource_manifest = 'm.yaml'\n";
    fs::create_dir(sandbox.repo().join("envs/source-declarative-manifest")).unwrap();
    assert_eq!(refused(manifests, &[], &[]), None, "no environment has that name");
    fs::write(sandbox.repo().join("envs/source-declarative-manifest/prime.toml"), "").unwrap();
    let of_manifests =
        taken(".venv-source-declarative-manifest", " of the environment `envs/source-declarative-manifest`");
    assert_eq!(refused(manifests, &[], &[]), of_manifests);
    assert_eq!(refused("[connectors.none]\n", &[], &[]), None);
    assert_eq!(refused("[connectors.ci]\ndocker_image = true\n", &[], &[]), None);
    let moved = [("AIRBYTE_INSTALL_DIR", "elsewhere")];
    assert_eq!(refused("[connectors.ci]\n", &[], &moved), None);
    let moved = [("AIRBYTE_INSTALL_DIR", "x")];
    assert_eq!(refused("[connectors.dev]\n", &[], &moved), taken("x/.venv-dev", " of the environment `envs/own`"));
}

/// A table for a manifest, with these further lines.
fn manifest(name: &str, lines: &str) -> String {
    format!("[connectors.{name}]\nensure = true\nsource_manifest = 'm.yaml'\n{lines}")
}

#[test]
fn manifests_that_share_an_environment_have_it_made_once_for_all_of_them() {
    let main = "def main():\n    pass\n";
    let kit = Wheel::new("airbyte-cdk", "7.0").file("runner.py", main);
    let kit = kit.script("source-declarative-manifest", "runner:main").build();
    let more = |name: &str| Wheel::new(name, "1").build();
    for driver in DRIVERS {
        let Some((sandbox, index)) = repository("", driver) else { return };
        let _index = index.add(kit.clone()).add(more("one")).add(more("two"));
        let sandbox = sandbox.file("m.yaml", "version: 1.0.0\nspec:\n  connection_specification: {}\n");
        let sandbox = sandbox.file("limits.txt", "x<1\n").file("other.txt", "x<2\n");
        let write = |tables: &[String]| fs::write(sandbox.repo().join("prime.toml"), tables.concat()).unwrap();
        let installed = |said: &str| said.matches("install  airbyte-cdk 7.0 (").count();
        write(&[manifest("a", "with = ['one']\n"), manifest("b", "with = ['two']\nconstraints = 'limits.txt'\n")]);
        let (code, said) = boot(&sandbox);
        assert_eq!((code, installed(&said)), (0, 1), "{said}");
        let runner = prime::venv::Venv::new(sandbox.repo().join(".venv-source-declarative-manifest"));
        let has = |name: &str| runner.version_of(name).is_some();
        assert!(has("one") && has("two"));
        assert_eq!(boot(&sandbox), (0, String::new()));
        for (words, has_work) in [(["install", "a"], true), (["ensure", "b"], false), (["ensure", "a"], false)] {
            let (code, _, said) = connector(&sandbox, &words);
            assert_eq!((code, installed(&said) == 1), (0, has_work), "{said}");
            assert!(has("one") && has("two"), "{words:?}");
        }
        // What another one says besides is put to it.
        write(&[manifest("b", "with = ['two']\n"), manifest("a", ""), manifest("c", "with = ['one', 'library']\n")]);
        let (code, said) = boot(&sandbox);
        assert_eq!((code, installed(&said)), (0, 1), "{said}");
        assert!(has("one") && has("two") && has("library"));
        let constrained = |file: &str| format!("constraints = '{file}'\n");
        write(&[manifest("a", &constrained("limits.txt")), manifest("b", &constrained("other.txt"))]);
        let (code, said) = boot(&sandbox);
        let message = "`connectors.a.constraints` in `prime.toml` line 4 contradicts that of `b` in `prime.toml` line 8: \
                       they run in the same environment\n";
        assert!(code == 78 && said.contains(message), "{said}");
        write(&[manifest("a", "with = ['one<1']\n"), manifest("b", "with = ['one>=1']\n")]);
        let (code, said) = boot(&sandbox);
        let both = "connector `a` (`prime.toml` line 1), in one environment with `b` (`prime.toml` line 5), cannot be made ready";
        assert!(code == 78 && said.contains(both), "{said}");
    }
}

#[test]
fn what_manifests_say_of_their_environment_or_say_no_more_counts_at_a_boot() {
    let kit = Wheel::new("airbyte-cdk", "7.0").file("runner.py", "def main():\n    pass\n");
    let kit = kit.script("source-declarative-manifest", "runner:main").build();
    let Some((sandbox, index)) = repository("", DRIVERS[0]) else { return };
    let more = |name: &str| Wheel::new(name, "1").build();
    let _index = index.add(kit).add(more("one")).add(more("two"));
    let sandbox = sandbox.file("m.yaml", "version: 1.0.0\nspec:\n  connection_specification: {}\n");
    let sandbox = sandbox.file("limits.txt", "x<1\n");
    let runner = prime::venv::Venv::new(sandbox.repo().join(".venv-source-declarative-manifest"));
    let has = |name: &str| runner.version_of(name).is_some();
    let boots = |tables: &[String], installed: usize| {
        fs::write(sandbox.repo().join("prime.toml"), tables.concat()).unwrap();
        let (code, said) = boot(&sandbox);
        assert_eq!((code, said.matches("install  airbyte-cdk 7.0 (").count()), (0, installed), "{said}");
        assert_eq!(boot(&sandbox), (0, String::new()));
    };
    let (one, two) = (manifest("a", "with = ['one']\n"), "with = ['two']\nconstraints = 'limits.txt'\n");
    boots(&[one.clone(), manifest("b", two)], 1);
    assert!(has("one") && has("two"));
    let tables = [one.clone(), manifest("b", "constraints = 'limits.txt'\n")];
    boots(&tables, 1);
    assert!(has("one") && !has("two"));
    fs::write(sandbox.repo().join("limits.txt"), "x<2\n").unwrap();
    boots(&tables, 1);
    boots(&[one.clone(), manifest("b", "")], 1);
    let by_name = "[connectors.source-declarative-manifest]\nensure = true\npip_url = 'airbyte-cdk==7.0'\n";
    boots(&[by_name.to_owned(), one.clone()], 1);
    boots(&[by_name.to_owned(), one, manifest("b", "limit = 1\n")], 0);
}

/// A registry with connectors `source-a` and `source-b`, by manifests.
const MANIFESTS: &str = r#"{"sources": [
  {"dockerRepository": "airbyte/source-a", "language": "manifest-only"},
  {"dockerRepository": "airbyte/source-b", "language": "manifest-only"}
]}"#;

#[test]
fn the_registry_is_read_once_for_all_tables() {
    let tables = ["a", "b", "c"].map(|name| format!("[connectors.source-{name}]\n")).concat();
    let sandbox = Sandbox::new().file("prime.toml", tables).file("r.json", MANIFESTS);
    let sandbox = sandbox.env("AIRBYTE_LOCAL_REGISTRY", "r.json");
    for words in [&["connector", "list"][..], &["check"]] {
        let Some((run, trace)) = sandbox.traced("open,openat", words) else { return };
        assert!(run.stdout().contains("source-c"), "{}", run.stderr());
        let read = trace.calls.iter().filter(|call| call.contains("/r.json") && !call.contains("= -1"));
        assert_eq!(read.count(), 1, "{words:?}");
    }
}

#[test]
fn a_boot_gets_the_registry_once_for_all_connectors() {
    let entry = |name: &str| {
        let pypi = format!(r#"{{"pypi": {{"enabled": true, "packageName": "airbyte-{name}"}}}}"#);
        format!(r#"{{"dockerRepository": "airbyte/{name}", "language": "python", "remoteRegistries": {pypi}}}"#)
    };
    let content = format!(r#"{{"sources": [{}, {}]}}"#, entry("source-tiny"), entry("source-faker"));
    let server = Server::start(move |_| Response::new(200, "application/json", content.as_str()));
    let text = table("") + "[connectors.source-faker]\nensure = true\n";
    let Some((sandbox, index)) = repository(&text, DRIVERS[0]) else { return };
    let _index = index.add(faker("3.0"));
    let sandbox = sandbox.env("AIRBYTE_LOCAL_REGISTRY", server.url());
    let (code, said) = boot(&sandbox);
    assert!(code == 0 && said.contains("install  airbyte-source-faker 3.0"), "{said}");
    assert_eq!(server.requests().len(), 1);
}
