use std::fs;

use super::*;
use crate::config::document::Format;
use crate::config::leap::Origin;
use crate::error::Kind;
use crate::host::fs::normalize;

/// A temporary tree of files; a name that ends in `/` is a directory.
struct Tree {
    dir: tempfile::TempDir,
}

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(if name.ends_with('/') { &path } else { path.parent().unwrap() }).unwrap();
            if !name.ends_with('/') {
                fs::write(path, content).unwrap();
            }
        }
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        normalize(&self.dir.path().join(name))
    }

    /// A process started as `prime` in a directory of the tree.
    fn host(&self, current_dir: &str) -> Host {
        Host { args: vec!["prime".into()], current_dir: self.path(current_dir), ..Host::default() }
    }

    fn found(&self, host: &Host) -> (String, Option<String>) {
        let repo = discover(host, None).unwrap();
        let name = |path: &Path| path.strip_prefix(self.dir.path()).unwrap().display().to_string();
        (name(&repo.seed_dir.value), repo.config.map(|config| name(&config.path)))
    }
}

fn with_var(mut host: Host, name: &str, value: impl Into<std::ffi::OsString>) -> Host {
    host.vars.push((name.into(), value.into()));
    host
}

fn fault(host: &Host, repo_dir: Option<&Path>) -> (Kind, String, String) {
    let fault = find(host, repo_dir).unwrap_err();
    (fault.kind, fault.message, fault.hint.unwrap_or_default())
}

#[test]
fn the_argument_comes_first_and_must_be_a_directory() {
    let tree = Tree::new(&[("a/x", ""), ("b/prime.toml", ""), ("c/prime", "")]);
    let host = with_var(tree.host("b"), names::PROTO_CODE, tree.path("c/prime"));
    let repo = discover(&host, Some(Path::new("../a"))).unwrap();
    assert_eq!(repo.seed_dir, Setting::new(tree.path("a"), Origin::Argument("--repo".into())));
    assert_eq!(repo.config, None);
    let hint = "give a directory to `-C`".to_owned();
    let expected = (Kind::Usage, "the repository `../no` does not exist".to_owned(), hint.clone());
    assert_eq!(fault(&host, Some(Path::new("../no"))), expected);
    let expected = (Kind::Usage, "the repository `../a/x` is not a directory".to_owned(), hint);
    assert_eq!(fault(&host, Some(Path::new("../a/x"))), expected);
}

#[test]
fn the_variable_names_the_launcher() {
    let tree = Tree::new(&[("a/boot", ""), ("a/boot.json", "{}"), ("a/prime.toml", ""), ("b/prime.toml", "")]);
    let repo = discover(&with_var(tree.host("b"), names::PROTO_CODE, tree.path("a/boot")), None).unwrap();
    assert_eq!(repo.seed_dir, Setting::new(tree.path("a"), Origin::Variable(names::PROTO_CODE.into())));
    assert_eq!(repo.seed_file, Some(tree.path("a/boot")));
    let config = repo.config.unwrap();
    assert_eq!((&config.path, config.format()), (&tree.path("a/boot.json"), Format::Json));
    assert_eq!(config.basename(), "boot");

    let hint = "unset it: `unset PROTOPRIMER_PROTO_CODE`".to_owned();
    let message = "the variable `PROTOPRIMER_PROTO_CODE` is `a/boot`, expected an absolute path".to_owned();
    let host = with_var(tree.host(""), names::PROTO_CODE, "a/boot");
    assert_eq!(fault(&host, None), (Kind::Usage, message, hint.clone()));
    let gone = tree.path("a/gone");
    let message =
        format!("the variable `PROTOPRIMER_PROTO_CODE` is `{}`, expected a launcher that exists", gone.display());
    let host = with_var(tree.host("a"), names::PROTO_CODE, gone);
    assert_eq!(fault(&host, None), (Kind::Usage, message, hint));
}

#[test]
fn a_launcher_is_followed_into_its_repository_and_an_installed_binary_is_not() {
    let tree = Tree::new(&[
        ("a/prime", ""),
        ("a/pyproject.toml", ""),
        ("a/target/release/prime", ""),
        ("home/.cargo/bin/prime", ""),
        ("b/.git/", ""),
    ]);
    let started = |name: &str| Host { args: vec![name.into()], ..tree.host("b") };
    assert_eq!(tree.found(&started("../a/prime")), ("a".into(), None));
    let repo = discover(&started("../a/prime"), None).unwrap();
    assert_eq!(repo.seed_dir.origin, Origin::Launcher(tree.path("a/prime")));
    let installed = tree.path("home/.cargo/bin/prime").into_os_string().into_string().unwrap();
    for name in ["prime", "../a/target/release/prime", "../a/gone", &installed] {
        assert_eq!(tree.found(&started(name)), ("b".into(), None), "{name}");
    }
}

#[test]
fn the_search_goes_up_to_a_configuration_file_or_a_root() {
    let tree = Tree::new(&[
        ("git/.git", "gitdir: elsewhere"),
        ("git/pkg/pyproject.toml", "[project]\n"),
        ("git/pkg/src/", ""),
        ("git/own/prime.toml", ""),
        ("git/own/src/", ""),
        ("git/tool/pyproject.toml", "[project]\n[[ tool . 'prime' . project_descriptors ]]\n"),
        ("git/other/pyproject.toml", "[tool.primer]\n# [tool.prime]\n"),
        ("hg/.hg/", ""),
        ("hg/sub/proto_kernel.json", ""),
    ]);
    for (start, seed, config) in [
        ("git/pkg/src", "git", None),
        ("git/own/src", "git/own", Some("git/own/prime.toml")),
        ("git/tool", "git/tool", Some("git/tool/pyproject.toml")),
        ("git/other", "git", None),
        ("hg", "hg", None),
        ("hg/sub", "hg/sub", Some("hg/sub/proto_kernel.json")),
    ] {
        assert_eq!(tree.found(&tree.host(start)), (seed.into(), config.map(Into::into)), "{start}");
    }
}

#[test]
fn without_a_root_the_nearest_project_serves_and_a_stray_file_in_the_home_does_not() {
    for mark in ["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", ".python-version"] {
        let tree = Tree::new(&[(&format!("home/a/{mark}"), ""), ("home/a/b/c/", ""), ("home/.python-version", "")]);
        let host = |dir: &str| with_var(tree.host(dir), "HOME", tree.path("home"));
        assert_eq!(tree.found(&host("home/a/b/c")), ("home/a".into(), None), "{mark}");
        assert_eq!(tree.found(&host("home")), ("home".into(), None), "{mark}");
    }
    let tree = Tree::new(&[("home/a/b/", ""), ("home/.python-version", "")]);
    let host = with_var(tree.host("home/a/b"), "HOME", tree.path("home"));
    let message = format!("no repository found at or above `{}`", tree.path("home/a/b").display());
    let hint = "change into a repository, or name one with `-C DIR`".to_owned();
    assert_eq!(fault(&host, None), (Kind::Config, message, hint));
}

#[test]
fn candidates_have_an_order_and_what_was_looked_at_is_noted() {
    let names = |given, seed: Option<&str>| file::candidates(given, seed.map(Path::new)).join(" ");
    let rest = "proto_kernel.toml proto_kernel.json protoprimer.toml protoprimer.json";
    assert_eq!(names(None, None), format!("prime.toml prime.json {rest}"));
    assert_eq!(names(None, Some("/a/prime")), format!("prime.toml prime.json {rest}"));
    assert_eq!(names(Some("x"), Some("/a/k.py")), format!("x.toml x.json k.toml k.json prime.toml prime.json {rest}"));
    assert_eq!(names(Some("x.json"), None), format!("x.json prime.toml prime.json {rest}"));

    let tree = Tree::new(&[("proto_kernel.json", ""), ("protoprimer.json", ""), (".git/", "")]);
    let repo = discover(&tree.host(""), None).unwrap();
    assert_eq!(repo.inputs.files, [tree.path("proto_kernel.json")]);
    assert_eq!(repo.inputs.absent, ["prime.toml", "prime.json", "proto_kernel.toml"].map(|name| tree.path(name)));
    let repo = discover(&with_var(tree.host(""), names::CONF_BASENAME, "protoprimer"), None).unwrap();
    assert_eq!(
        (repo.config.unwrap().basename(), repo.inputs.files),
        ("protoprimer", vec![tree.path("protoprimer.json")])
    );
}

#[test]
fn a_basename_with_a_directory_is_refused() {
    let tree = Tree::new(&[("prime.toml", "")]);
    let message =
        "the variable `PROTOPRIMER_CONF_BASENAME` is `a/b`, expected a file name without a directory".to_owned();
    let hint = "unset it: `unset PROTOPRIMER_CONF_BASENAME`".to_owned();
    let host = with_var(tree.host(""), names::CONF_BASENAME, "a/b");
    assert_eq!(fault(&host, None), (Kind::Usage, message, hint));
}

#[test]
fn a_link_to_nowhere_is_a_configuration_file() {
    let tree = Tree::new(&[("prime.json", "{}"), (".git/", "")]);
    std::os::unix::fs::symlink("nowhere", tree.path("prime.toml")).unwrap();
    assert_eq!(tree.found(&tree.host("")), (String::new(), Some("prime.toml".into())));
}

#[test]
fn the_file_of_a_later_leap_is_no_repository_of_its_own() {
    let client = "default_env_dir_rel_path = 'envs/one'\n";
    let files = [
        ("repo/.git/", ""),
        ("repo/gconf/prime.toml", client),
        ("repo/envs/one/prime.toml", ""),
        ("repo/envs/two/prime.toml", ""),
        ("repo/projects/app/prime.toml", ""),
        ("repo/envs/two/deep/", ""),
    ];
    for primer in [None, Some(("repo/prime.toml", ""))] {
        let tree = Tree::new(&files.into_iter().chain(primer).collect::<Vec<_>>());
        for (dir, expected) in [
            ("repo/gconf", "repo"),
            ("repo/envs/one", "repo"),
            ("repo/envs/two/deep", "repo"),
            ("repo/projects/app", "repo/projects/app"),
            ("repo/projects", "repo"),
        ] {
            assert_eq!(tree.found(&tree.host(dir)).0, expected, "{dir} {primer:?}");
        }
    }
    // A repository in a repository is one, whatever is around it.
    let tree = Tree::new(&[("repo/prime.toml", client), ("repo/envs/one/.git/", ""), ("repo/envs/one/prime.toml", "")]);
    assert_eq!(tree.found(&tree.host("repo/envs/one")).0, "repo/envs/one");
}
