use std::os::unix::fs::symlink;

use super::*;
use crate::config::discover::discover;
use crate::config::leap::Leap;
use crate::config::settings::{Evaluation, Settings, evaluate};

/// A repository with a primer, a client and two environments, each in a file of its own.
struct Tree {
    dir: tempfile::TempDir,
}

const CLIENT: &str =
    "local_conf_symlink_rel_path = 'lconf'\ndefault_env_dir_rel_path = 'dst/one'\nvenv_driver = 'venv_uv'\n";

impl Tree {
    fn new() -> Self {
        let tree = Self { dir: tempfile::tempdir().unwrap() };
        tree.write("prime.toml", "global_conf_dir_rel_path = 'gconf'\n");
        tree.write("gconf/prime.toml", CLIENT);
        tree.write("dst/one/prime.toml", "required_python_version = '3.12'\n");
        tree.write("dst/two/prime.toml", "required_python_version = '3.11'\nlocal_log_dir_rel_path = 'log'\n");
        tree
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn root(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        fs::normalize(&self.root().join(name))
    }

    fn link(&self, target: &str) {
        let _ = std::fs::remove_file(self.path("lconf"));
        symlink(target, self.path("lconf")).unwrap();
    }

    fn evaluate_in(&self, dir: &str, env: Option<&str>, link: bool) -> Evaluation {
        let host = Host { args: vec!["prime".into()], current_dir: self.path(dir), ..Host::default() };
        let repo = discover(&host, Some(&self.root())).unwrap();
        evaluate(&host, &repo, &Selection { env: env.map(PathBuf::from), link })
    }

    fn evaluate(&self, env: Option<&str>) -> Evaluation {
        self.evaluate_in("", env, true)
    }

    /// The faults, each with its hint.
    fn faults(&self, env: Option<&str>, link: bool) -> Vec<String> {
        let faults = self.evaluate_in("", env, link).faults.into_iter().map(|broken| broken.fault);
        faults.map(|fault| format!("{} {}; {}", fault.kind.exit_code(), fault.message, fault.hint.unwrap())).collect()
    }
}

/// The selected environment, why it is selected, and whether the link has to be set.
fn selected(tree: &Tree, evaluation: Evaluation) -> (String, String, bool) {
    assert_eq!(evaluation.faults, []);
    let settings = evaluation.settings;
    let dir = shown(&settings.env_dir.value, &tree.root());
    (dir, settings.env_dir.origin.to_string(), settings.env_link.unwrap().is_due)
}

#[test]
fn the_argument_wins_over_the_link_and_the_link_over_the_default() {
    let tree = Tree::new();
    let is = |dir: &str, origin: &str, due| (dir.to_owned(), origin.to_owned(), due);
    let default = "`gconf/prime.toml` line 2";
    assert_eq!(selected(&tree, tree.evaluate(None)), is("dst/one", default, true));
    assert_eq!(selected(&tree, tree.evaluate_in("", None, false)), is("dst/one", default, false));
    tree.link("dst/two");
    assert_eq!(selected(&tree, tree.evaluate(None)), is("dst/two", "link `lconf`", false));
    assert_eq!(selected(&tree, tree.evaluate(Some("dst/one"))), is("dst/one", "argument `--env`", true));
    assert_eq!(selected(&tree, tree.evaluate(Some("dst/two"))), is("dst/two", "argument `--env`", false));
    let kept = tree.evaluate_in("", Some("dst/one"), false);
    assert_eq!(selected(&tree, kept), is("dst/one", "argument `--env`", false));
}

#[test]
fn the_argument_is_a_path_from_the_ref_root_or_from_the_current_directory() {
    let tree = Tree::new();
    let absolute = tree.path("dst/two");
    for (dir, env) in [("", "dst/./two/"), ("dst", "two"), ("gconf", "../dst/two"), ("", absolute.to_str().unwrap())] {
        assert_eq!(selected(&tree, tree.evaluate_in(dir, Some(env), true)).0, "dst/two", "{dir} {env}");
    }
    // A file of that name in the root is none.
    tree.write("two", "");
    assert_eq!(selected(&tree, tree.evaluate_in("dst", Some("two"), true)).0, "dst/two");
    // The link itself means what it leads to.
    tree.link("dst/two");
    assert_eq!(selected(&tree, tree.evaluate(Some("lconf"))), ("dst/two".into(), "argument `--env`".into(), false));
}

#[test]
fn an_argument_that_is_no_environment_is_a_usage_error() {
    let tree = Tree::new();
    for (env, expected) in [
        (
            "dst/no",
            "does not exist; make the directory, or name another one: it is looked for in the repository, then in the \
             current directory",
        ),
        ("gconf/prime.toml", "is not a directory; name the directory of an environment"),
        ("..", "is outside of the repository; name a directory in the repository"),
        ("/", "is outside of the repository; name a directory in the repository"),
    ] {
        assert_eq!(tree.faults(Some(env), true), [format!("2 the environment `{env}` {expected}")]);
    }
}

#[test]
fn what_is_no_link_to_an_environment_is_an_error_and_an_argument_mends_only_links() {
    let tree = Tree::new();
    let anew = "select an environment with `--env DIR`, which sets the link anew";
    for (target, fact) in [
        ("dst/no", "does not exist"),
        ("/no/such/place", "does not exist"),
        ("gconf/prime.toml", "is not a directory"),
        ("..", "is outside of the repository"),
    ] {
        tree.link(target);
        assert_eq!(tree.faults(None, true), [format!("78 `lconf` is a link to `{target}`, which {fact}; {anew}")]);
        assert!(selected(&tree, tree.evaluate(Some("dst/two"))).2, "{target}");
    }
    std::fs::remove_file(tree.path("lconf")).unwrap();
    let away = "move it away and start again, or choose another `local_conf_symlink_rel_path`";
    let path = tree.path("lconf");
    for (what, is_dir) in [("a file", false), ("a directory", true)] {
        let made = if is_dir { std::fs::create_dir(&path) } else { std::fs::write(&path, "") };
        made.unwrap();
        let expected = format!("78 `lconf` is {what}, expected a link to the selected environment; {away}");
        assert_eq!(tree.faults(None, true), tree.faults(Some("dst/two"), true));
        assert_eq!(tree.faults(None, true), [expected]);
        assert_eq!(tree.faults(Some("dst/two"), false), [""; 0], "the link is left alone");
        if !is_dir {
            std::fs::remove_file(&path).unwrap();
        }
    }
}

#[test]
fn a_default_that_is_none_is_an_error() {
    let tree = Tree::new();
    tree.write("gconf/prime.toml", "default_env_dir_rel_path = 'out'\n");
    symlink("/", tree.path("out")).unwrap();
    let faults = tree.evaluate(None).faults;
    let [Broken { field, fault }] = faults.as_slice() else { panic!("{faults:?}") };
    assert_eq!(field.as_deref(), Some("default_env_dir_rel_path"));
    let expected =
        "`default_env_dir_rel_path` in `gconf/prime.toml` line 1 is `out`, which leads out of the repository";
    assert_eq!(fault.message, expected);
}

#[test]
fn every_environment_has_its_own_values_venv_and_pins() {
    let tree = Tree::new();
    let one = tree.evaluate(None).settings;
    let two = tree.evaluate(Some("dst/two")).settings;
    let value = |setting: &Setting<PathBuf>| (shown(&setting.value, &tree.root()), setting.origin.to_string());
    let is = |path: &str, origin: &str| (path.to_owned(), origin.to_owned());
    assert_eq!(value(&one.venv_dir), is(".venv", "default"));
    assert_eq!(value(&two.venv_dir), is(".venv-two", "default, and the environment's name"));
    assert_eq!(value(&one.constraints_file), is("dst/one/constraints.txt", "default"));
    assert_eq!(value(&two.constraints_file), is("dst/two/constraints.txt", "default"));
    assert_eq!(
        (value(&one.log_dir).0, value(&two.log_dir)),
        (".prime/log".into(), is("log", "`dst/two/prime.toml` line 2"))
    );
    let python = |settings: Settings| settings.required_python.unwrap();
    let (one_python, two_python) = (python(one), python(two));
    assert_eq!((one_python.value.as_str(), two_python.value.as_str()), ("3.12", "3.11"));
    assert_eq!(two_python.origin.leap(), Leap::Env);
}

#[test]
fn a_venv_is_shared_only_where_an_environment_says_so_itself() {
    let tree = Tree::new();
    let venv = |env: &str| {
        let setting = tree.evaluate(Some(env)).settings.venv_dir;
        (shown(&setting.value, &tree.root()), setting.origin.to_string())
    };
    tree.write("gconf/prime.toml", &format!("{CLIENT}local_venv_dir_rel_path = 'venv'\n"));
    assert_eq!(venv("dst/one"), ("venv".into(), "`gconf/prime.toml` line 4".into()));
    let apart = "`gconf/prime.toml` line 4, and the environment's name";
    assert_eq!(venv("dst/two"), ("venv-two".into(), apart.into()));
    tree.write("dst/two/prime.toml", "local_venv_dir_rel_path = 'own'\n");
    assert_eq!(venv("dst/two"), ("own".into(), "`dst/two/prime.toml` line 1".into()));
    // Upstream's environments repeat what the client says.
    tree.write("dst/two/prime.toml", "local_venv_dir_rel_path = 'venv'\n");
    assert_eq!(venv("dst/two").0, "venv-two");
    assert_eq!(venv(".").0, "venv-root");
}

#[test]
fn the_name_of_the_first_file_is_carried_on_and_others_are_told() {
    let tree = Tree::new();
    tree.write("gconf/proto_kernel.json", "{}");
    assert_eq!(tree.evaluate(None).settings.warnings, [""; 0]);
    std::fs::rename(tree.path("dst/one/prime.toml"), tree.path("dst/one/proto_kernel.toml")).unwrap();
    let evaluation = tree.evaluate(None);
    assert_eq!(evaluation.settings.required_python, None);
    let expected = "`dst/one/proto_kernel.toml` is not read: the files of this configuration are named `prime`";
    assert_eq!(evaluation.settings.warnings, [expected]);
    // Without a primer's file, the client's has the name that is carried on.
    std::fs::remove_file(tree.path("prime.toml")).unwrap();
    std::fs::remove_file(tree.path("gconf/prime.toml")).unwrap();
    tree.write("gconf/proto_kernel.json", r#"{"default_env_dir_rel_path": "dst/one"}"#);
    let evaluation = tree.evaluate(None);
    assert_eq!(evaluation.settings.required_python.unwrap().value, "3.12");
    assert_eq!((evaluation.faults, evaluation.settings.warnings), (Vec::new(), Vec::<String>::new()));
}
