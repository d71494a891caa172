use super::*;
use crate::config::discover::discover;
use crate::config::document::shown;
use crate::config::leap::{Leap, Origin};
use crate::host::names;

/// A repository of files; a name that ends in `/` is a directory.
pub(super) struct Tree {
    pub(super) dir: tempfile::TempDir,
}

const PROJECT: &str = "[project]\nname = 'x'\n";

impl Tree {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = dir.path().join(name);
            let parent = if name.ends_with('/') { &path } else { path.parent().unwrap() };
            std::fs::create_dir_all(parent).unwrap();
            if !name.ends_with('/') {
                std::fs::write(path, content).unwrap();
            }
        }
        Self { dir }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        fs::normalize(&self.dir.path().join(name))
    }

    fn host(&self) -> Host {
        Host { args: vec!["prime".into()], current_dir: self.path(""), ..Host::default() }
    }

    fn settings(&self) -> Settings {
        load(&self.host(), &self.repo(), &Selection::default()).unwrap()
    }

    fn repo(&self) -> Repo {
        discover(&self.host(), Some(self.dir.path())).unwrap()
    }

    /// The fault, message and hint.
    fn fault(&self) -> String {
        let fault = fault(&self.host(), &self.repo());
        assert_eq!(fault.kind, Kind::Config);
        fault.hint.map_or(fault.message.clone(), |hint| format!("{}; {hint}", fault.message))
    }

    /// Paths without the tree's own; what lies elsewhere as it is.
    fn names(&self, paths: &[PathBuf]) -> Vec<String> {
        paths.iter().map(|path| shown(path, &self.path(""))).collect()
    }
}

fn fault(host: &Host, repo: &Repo) -> Fault {
    let error = load(host, repo, &Selection::default()).unwrap_err();
    error.downcast::<Fault>().unwrap()
}

/// Groups by name, with the directories of their projects.
fn groups(settings: &Settings) -> Vec<(Option<&str>, Vec<&str>)> {
    let dirs = |group: &Group| group.projects.iter().map(|index| settings.projects[*index].rel_path.as_str()).collect();
    settings.groups.iter().map(|group| (group.name.as_deref(), dirs(group))).collect()
}

#[test]
fn without_configuration_everything_is_the_default() {
    let tree = Tree::new(&[("pyproject.toml", "[project]\nname = 'x'\nrequires-python = '>=3.9'\n")]);
    let settings = tree.settings();
    for (setting, expected) in [
        (&settings.ref_root_dir, ""),
        (&settings.global_conf_dir, ""),
        (&settings.env_dir, ""),
        (&settings.venv_dir, ".venv"),
        (&settings.log_dir, ".prime/log"),
        (&settings.tmp_dir, ".prime/tmp"),
        (&settings.cache_dir, ".prime/cache"),
        (&settings.run_dir, ".prime/run"),
        (&settings.constraints_file, "constraints.txt"),
    ] {
        assert_eq!(setting, &Setting::default_value(tree.path(expected)), "{expected}");
    }
    assert_eq!(settings.seed_dir.origin, Origin::Argument("--repo".into()));
    assert_eq!(settings.venv_driver, Setting::default_value(None));
    assert_eq!(settings.update_launcher, Setting::default_value(true));
    assert_eq!(settings.reboot_keep_count, Setting::default_value(3));
    assert_eq!((settings.files.len(), &settings.required_python, &settings.python_selector_file), (0, &None, &None));
    let [requires_python] = settings.requires_python.as_slice() else { panic!("{settings:?}") };
    assert_eq!(requires_python.value, ">=3.9");
    assert_eq!(requires_python.origin.to_string(), "`requires-python` in `pyproject.toml` line 3");
    let [project] = settings.projects.as_slice() else { panic!("{settings:?}") };
    assert_eq!((&project.dir, project.rel_path.as_str()), (&tree.path(""), "."));
    assert_eq!((project.name.as_deref(), project.build, project.editable), (Some("x"), true, true));
    assert_eq!((groups(&settings), settings.warnings.len()), (vec![(None, vec!["."])], 0));
    assert_eq!(tree.names(&settings.inputs.files), ["pyproject.toml"]);
    assert_eq!(
        tree.names(&settings.inputs.absent),
        [
            "setup.cfg",
            "setup.py",
            "prime.toml",
            "prime.json",
            "proto_kernel.toml",
            "proto_kernel.json",
            "protoprimer.toml",
            "protoprimer.json"
        ]
    );
}

#[test]
fn requirements_serve_where_there_is_nothing_to_build() {
    for extra in ["setup.cfg", "pyproject.toml", "other"] {
        let tree = Tree::new(&[("requirements.txt", "-r more.txt\n"), ("more.txt", ""), (extra, "[tool.black]\n")]);
        let settings = tree.settings();
        let [project] = settings.projects.as_slice() else { panic!("{settings:?}") };
        assert_eq!((project.build, tree.names(&project.requirements_files)), (false, vec!["requirements.txt".into()]));
        assert_eq!(groups(&settings), [(None, vec!["."])]);
        assert!(settings.inputs.files.contains(&tree.path("more.txt")), "{settings:?}");
    }
    let tree = Tree::new(&[("setup.py", ""), ("requirements.txt", "")]);
    assert!(tree.settings().projects[0].requirements_files.is_empty());
}

#[test]
fn a_python_version_alone_is_a_repository_with_nothing_to_install() {
    for files in [[(".python-version", "3.12\n")], [("pyproject.toml", "[tool.black]\n[dependency-groups]\na = []\n")]]
    {
        let settings = Tree::new(&files).settings();
        assert_eq!((settings.projects.len(), settings.groups.len()), (0, 0));
    }
}

#[test]
fn what_is_said_wins_and_paths_become_absolute() {
    let tree = Tree::new(&[
        (
            "seed/prime.toml",
            "ref_root_dir_rel_path = '..'\nglobal_conf_dir_rel_path = 'seed'\ndefault_env_dir_rel_path = 'dst/./one'\n\
             update_launcher = false\nrequired_python_version = '3.12'\npython_selector_file_rel_path = 'seed/select'\n\
             local_venv_dir_rel_path = 'x/../venv'\nlocal_cache_dir_rel_path = 'cache'\nvenv_driver = 'venv_uv'\n\
             version_constraints_file_basename = 'pins.txt'\nproject_descriptors = []\n\
             reboot_keep_count = 0\n",
        ),
        ("seed/select", ""),
        ("dst/one/", ""),
    ]);
    let repo = discover(&tree.host(), Some(&tree.path("seed"))).unwrap();
    let settings = load(&tree.host(), &repo, &Selection::default()).unwrap();
    let at = |line, leap| {
        let source = Source::new(tree.path("seed/prime.toml"), &tree.path("seed"));
        Origin::File { source, line, leap }
    };
    let path = |name: &str, line, leap| Setting::new(tree.path(name), at(line, leap));
    assert_eq!(settings.ref_root_dir, path("", 1, Leap::Primer));
    assert_eq!(settings.global_conf_dir, path("seed", 2, Leap::Primer));
    assert_eq!(settings.env_dir, path("dst/one", 3, Leap::Client));
    assert_eq!(settings.update_launcher, Setting::new(false, at(4, Leap::Client)));
    assert_eq!(settings.required_python, Some(Setting::new("3.12".into(), at(5, Leap::Client))));
    assert_eq!(settings.python_selector_file, Some(path("seed/select", 6, Leap::Client)));
    assert_eq!(settings.venv_dir, path("venv", 7, Leap::Client));
    assert_eq!(settings.cache_dir, path("cache", 8, Leap::Client));
    assert_eq!(settings.log_dir, Setting::default_value(tree.path(".prime/log")));
    assert_eq!(settings.venv_driver, Setting::new(Some(VenvDriver::Uv), at(9, Leap::Client)));
    assert_eq!(settings.constraints_file, path("dst/one/pins.txt", 10, Leap::Client));
    assert_eq!(settings.reboot_keep_count, Setting::new(0, at(12, Leap::Client)));
    assert_eq!((settings.projects.len(), settings.files[0].1.name.as_str()), (0, "prime.toml"));
}

#[test]
fn upstreams_json_in_one_file_is_read_as_it_is() {
    let json = r#"{
        "ref_root_dir_rel_path": ".", "venv_driver": "venv_pip", "local_venv_dir_rel_path": null,
        "project_descriptors": [{"build_root_dir_rel_path": "src/app", "install_extras": ["test"], "install_group": null}]
    }"#;
    let pyproject = "[project]\nname = 'app'\noptional-dependencies.test = []";
    let tree = Tree::new(&[("proto_kernel.json", json), ("gconf/", ""), ("src/app/pyproject.toml", pyproject)]);
    let settings = tree.settings();
    assert_eq!(settings.venv_driver.value, Some(VenvDriver::Pip));
    assert_eq!(settings.venv_dir, Setting::default_value(tree.path(".venv")));
    assert_eq!(settings.global_conf_dir, Setting::default_value(tree.path("gconf")));
    assert_eq!((settings.projects[0].extras.join(" "), &settings.projects[0].group), ("test".to_owned(), &None));
    assert_eq!(settings.warnings, [""; 0]);
}

#[test]
fn the_table_in_pyproject_serves_unless_there_is_a_file() {
    let pyproject = "[project]\nname = 'x'\n[tool.prime]\nvenv_driver = 'venv_pip'\n";
    let tree = Tree::new(&[("pyproject.toml", pyproject)]);
    assert_eq!(tree.settings().venv_driver.origin.to_string(), "`pyproject.toml` line 4");
    let tree = Tree::new(&[("pyproject.toml", pyproject), ("prime.toml", "")]);
    let settings = tree.settings();
    assert_eq!(settings.venv_driver, Setting::default_value(None));
    assert_eq!(settings.warnings, ["`[tool.prime]` in `pyproject.toml` is ignored, because `prime.toml` is there"]);
    let tree = Tree::new(&[("pyproject.toml", "[project]\ndescription = '''\n[tool.prime]\n'''\n")]);
    assert_eq!(tree.settings().venv_driver, Setting::default_value(None));
    let tree = Tree::new(&[("pyproject.toml", "[tool.prime]\nvenv_drver = 1\n")]);
    assert_eq!(tree.fault(), "unknown field `venv_drver` in `pyproject.toml` line 2; did you mean `venv_driver`?");
}

#[test]
fn the_variable_overrides_the_driver_and_must_name_one() {
    let tree = Tree::new(&[("prime.toml", "venv_driver = 'venv_uv'\n")]);
    let with = |value: &str| Host { vars: vec![(names::VENV_DRIVER.into(), value.into())], ..tree.host() };
    let settings = load(&with("venv_pip"), &tree.repo(), &Selection::default()).unwrap();
    let expected = Setting::new(Some(VenvDriver::Pip), Origin::Variable(names::VENV_DRIVER.into()));
    assert_eq!(settings.venv_driver, expected);
    let fault = fault(&with("uv"), &tree.repo());
    assert_eq!(fault.message, "the variable `PROTOPRIMER_VENV_DRIVER` is `uv`, expected `venv_uv` or `venv_pip`");
    assert_eq!(fault.hint.unwrap(), "set it to one of these, or unset it: `unset PROTOPRIMER_VENV_DRIVER`");
}

#[test]
fn groups_are_installed_as_specified_and_the_others_as_they_come() {
    let descriptor =
        |dir: &str, group: &str| format!("[[project_descriptors]]\nbuild_root_dir_rel_path='{dir}'\n{group}\n");
    let toml = [
        "install_specs = [{z={extra_command_args=['-q']}}, {none={}},\n{a={}}]\n".to_owned(),
        descriptor("p1", "install_group='b'"),
        descriptor("p2", ""),
        descriptor("p3", "install_group='a'\nrequirements_files=['../shared.txt']"),
        descriptor("p4", "install_group='z'\neditable=false"),
        descriptor("p5", "install_group='b'"),
    ]
    .concat();
    let mut files = vec![("repo/prime.toml", toml.as_str()), ("shared.txt", "")];
    let names = ["p1", "p2", "p3", "p4", "p5"].map(|name| format!("repo/{name}/pyproject.toml"));
    files.extend(names.iter().map(|name| (name.as_str(), PROJECT)));
    let tree = Tree::new(&files);
    let repo = discover(&tree.host(), Some(&tree.path("repo"))).unwrap();
    let settings = load(&tree.host(), &repo, &Selection::default()).unwrap();
    assert_eq!(
        groups(&settings),
        [(Some("z"), vec!["p4"]), (Some("a"), vec!["p3"]), (Some("b"), vec!["p1", "p5"]), (None, vec!["p2"])]
    );
    assert_eq!(settings.groups[0].extra_args, ["-q"]);
    assert_eq!(settings.warnings, ["no project is in the group `none` that `prime.toml` line 1 specifies"]);
    assert_eq!(settings.projects[2].requirements_files, [tree.path("shared.txt")]);
    assert_eq!(settings.projects[3].origin.to_string(), "`prime.toml` line 14");
    assert!(!settings.projects[3].editable && settings.projects[4].editable);
}

#[test]
fn groups_and_requirements_are_installed_without_a_project() {
    let toml = "[[project_descriptors]]\nbuild_root_dir_rel_path='.'\ndependency_groups=['Test']\n\
                [[project_descriptors]]\nbuild_root_dir_rel_path='req'\nrequirements_files=['req/a.txt']\n";
    let tree = Tree::new(&[
        ("prime.toml", toml),
        ("pyproject.toml", "[dependency-groups]\ntest = []\n"),
        ("req/a.txt", "-c b.txt"),
    ]);
    let settings = tree.settings();
    let built: Vec<bool> = settings.projects.iter().map(|project| project.build).collect();
    assert_eq!((built, settings.projects[0].dependency_groups.join(" ")), (vec![false, false], "Test".to_owned()));
    assert!(settings.inputs.files.contains(&tree.path("req/a.txt")));
    assert!(settings.inputs.absent.contains(&tree.path("req/b.txt")));
}

#[test]
fn an_extra_that_is_not_there_is_a_warning() {
    let toml = "[[project_descriptors]]\nbuild_root_dir_rel_path='.'\ninstall_extras=['tests',\n'Dev', 'x']\n";
    let pyproject = "[project]\nname='x'\noptional-dependencies = {test = [], dev = []}\n";
    let tree = Tree::new(&[("prime.toml", toml), ("pyproject.toml", pyproject)]);
    assert_eq!(
        tree.settings().warnings,
        [
            "no extra `tests` in `pyproject.toml`, which `prime.toml` line 3 asks for: did you mean `test`?",
            "no extra `x` in `pyproject.toml`, which `prime.toml` line 4 asks for"
        ]
    );
}

#[test]
fn what_is_named_and_not_there_is_an_error_with_its_place() {
    let descriptor = "[[project_descriptors]]\nbuild_root_dir_rel_path = ";
    let field = "`project_descriptors[0].build_root_dir_rel_path` in `prime.toml` line 2";
    for (toml, expected) in [
        (
            "ref_root_dir_rel_path = 'no'",
            "`ref_root_dir_rel_path` in `prime.toml` line 1 is `no`, expected a directory that exists".to_owned(),
        ),
        (
            "default_env_dir_rel_path = 'empty/file'",
            "`default_env_dir_rel_path` in `prime.toml` line 1 is `empty/file`, expected a directory that exists".to_owned(),
        ),
        (
            "python_selector_file_rel_path = 'empty'",
            "`python_selector_file_rel_path` in `prime.toml` line 1 is `empty`, expected a file that exists".to_owned(),
        ),
        (&format!("{descriptor}'no'"), format!("{field} is `no`, expected a directory that exists")),
        (
            &format!("{descriptor}'empty'"),
            format!("{field} is `empty`, expected a directory with a `pyproject.toml` or a `setup.py`"),
        ),
        (
            &format!("{descriptor}'tools'"),
            format!(
                "{field} is `tools`, expected a project that can be built; `tools/pyproject.toml` has neither `[project]` \
                 nor `[build-system]`: add one of them, or name another directory"
            ),
        ),
        (
            &format!("{descriptor}'tools'\nrequirements_files = ['no.txt']"),
            "`project_descriptors[0].requirements_files[0]` in `prime.toml` line 3 is `no.txt`, expected a file that exists"
                .to_owned(),
        ),
        (
            &format!("{descriptor}'tools'\ndependency_groups = ['tset']"),
            "no dependency group `tset` in `tools/pyproject.toml`, which `prime.toml` line 3 asks for; did you mean `test`?"
                .to_owned(),
        ),
        (
            &format!("{descriptor}'empty'\ndependency_groups = ['test']"),
            "no dependency group `test`, which `prime.toml` line 3 asks for: `empty` has no `pyproject.toml`".to_owned(),
        ),
    ] {
        let tree = Tree::new(&[
            ("prime.toml", toml),
            ("empty/file", ""),
            ("tools/pyproject.toml", "[tool.black]\n[dependency-groups]\ntest = []\n"),
        ]);
        assert_eq!(tree.fault(), expected);
    }
}

#[test]
fn the_venv_has_a_directory_of_its_own() {
    for (toml, expected) in [
        ("local_venv_dir_rel_path = 'src'", "`src` (`prime.toml` line 1) is not its own: `src/app` lies in it"),
        (
            "local_venv_dir_rel_path = '.prime'",
            "`.prime` (`prime.toml` line 1) is not its own: `.prime/log` lies in it",
        ),
        ("local_tmp_dir_rel_path = '.venv/tmp'", "`.venv` (default) is not its own: `.venv/tmp` lies in it"),
        ("local_run_dir_rel_path = '.venv'", "`.venv` (default) is not its own: `.venv` lies in it"),
    ] {
        let toml = format!("{toml}\n[[project_descriptors]]\nbuild_root_dir_rel_path = 'src/app'\n");
        let tree = Tree::new(&[("prime.toml", &toml), ("src/app/setup.py", "")]);
        assert_eq!(tree.fault(), format!("the venv's directory {expected}; choose another `local_venv_dir_rel_path`"));
    }
}

#[test]
fn a_place_that_cannot_serve_is_told() {
    let tree = |venv: &str| Tree::new(&[("prime.toml", &format!("local_venv_dir_rel_path = {venv}"))]);
    let hint = "choose another `local_venv_dir_rel_path`";
    let colon = tree("'a:b'");
    let path = colon.path("a:b");
    let fact = "has a `:` in it, so no directory in it can be on `PATH`";
    assert_eq!(colon.fault(), format!("`{}` {fact}; {hint}", path.display()));
    let expected = r"/a\nb` has a control character in it, and no script could start from there";
    assert!(tree(r#""a\nb""#).fault().contains(expected));
    let tree = Tree::new(&[("prime.toml", ""), ("constraints.txt/", "")]);
    let hint = "the pins are kept there; move it away, or choose another `version_constraints_file_basename`";
    assert_eq!(tree.fault(), format!("`constraints.txt` is a directory, expected a file; {hint}"));
}

#[test]
fn a_broken_file_is_an_error_with_its_place() {
    let tree = Tree::new(&[("prime.toml", "a = ")]);
    assert_eq!(
        tree.fault(),
        "`prime.toml` line 1, column 5 is not TOML: string values must be quoted, expected literal string"
    );
    let tree = Tree::new(&[("prime.toml/", "")]);
    assert_eq!(tree.fault(), "`prime.toml` is a directory, expected a file");
    let tree = Tree::new(&[("prime.toml", ""), ("pyproject.toml", "[[project]]\n")]);
    assert_eq!(tree.fault(), "`project` in `pyproject.toml` line 1 is an array, expected a table");
}
