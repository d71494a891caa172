use proptest::prelude::*;

use super::*;
use crate::config::leap::Leap;

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::create_dir_all(dir.path().join(name).parent().unwrap()).unwrap();
        fs::write(dir.path().join(name), content).unwrap();
    }
    dir
}

fn metadata(pyproject: &str) -> Metadata {
    let dir = project(&[("pyproject.toml", pyproject)]);
    Metadata::load(dir.path(), dir.path()).unwrap().unwrap()
}

fn asked(name: &str) -> Setting<String> {
    let source = Source::new("/repo/prime.toml", Path::new("/repo"));
    Setting::new(name.to_owned(), Origin::File { source, line: 4, leap: Leap::Client })
}

fn names(dir: &Path, paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path.strip_prefix(dir).unwrap().display().to_string()).collect()
}

#[test]
fn what_matters_is_read() {
    let metadata = metadata(
        r#"
        [project]
        name = "Foo"
        dynamic = ["version", "dependencies"]
        requires-python = ">=3.9"
        optional-dependencies = { dev = [], "Doc.s" = [] }
        [dependency-groups]
        test = ["pytest"]
        [tool.setuptools.dynamic]
        version = { attr = "foo.__version__" }
        dependencies = { file = ["req/a.txt"] }
        optional-dependencies.dev = { file = "dev.txt" }
        "#,
    );
    assert_eq!(metadata.name.as_deref(), Some("Foo"));
    let requires_python = metadata.requires_python.clone().unwrap();
    assert_eq!(requires_python.value, ">=3.9");
    assert_eq!(requires_python.origin.to_string(), "`requires-python` in `pyproject.toml` line 5");
    assert_eq!((metadata.dependency_groups.join(" "), metadata.extras.join(" ")), ("test".into(), "dev Doc.s".into()));
    assert!(metadata.is_dynamic("version") && !metadata.is_dynamic("requires-python"));
    assert_eq!(metadata.dynamic_files, [PathBuf::from("req/a.txt"), PathBuf::from("dev.txt")]);
    assert_eq!((metadata.has_project, metadata.has_build_system), (true, false));
    assert!(metadata.lacks_extra("docs") && !metadata.lacks_extra("DOC_S"));
    assert!(!metadata_of_dynamic_extras().lacks_extra("docs"));
}

fn metadata_of_dynamic_extras() -> Metadata {
    metadata("[project]\nname = 'x'\ndynamic = ['optional-dependencies']")
}

#[test]
fn a_wrong_type_is_told_with_its_place() {
    for (pyproject, expected) in [
        ("project = 1", "`project` in `pyproject.toml` line 1 is a number, expected a table"),
        (
            "[project]\nrequires-python = 3.9",
            "`project.requires-python` in `pyproject.toml` line 2 is a number, expected a string",
        ),
        ("dependency-groups = []", "`dependency-groups` in `pyproject.toml` line 1 is an array, expected a table"),
        ("[project", "`pyproject.toml` line 1, column 9 is not TOML: unclosed table, expected `]`"),
    ] {
        let dir = project(&[("pyproject.toml", pyproject)]);
        let fault = Metadata::load(dir.path(), dir.path()).unwrap_err();
        assert_eq!((fault.kind, fault.message.as_str()), (Kind::Config, expected));
    }
    let dir = project(&[]);
    assert_eq!(Metadata::load(dir.path(), dir.path()).unwrap(), None);
}

#[test]
fn an_unknown_dependency_group_suggests_the_nearest() {
    let found = metadata("[dependency-groups]\ntest = []\nDoc_s = []");
    for name in ["test", "TEST", "doc-s"] {
        assert_eq!(found.check_dependency_group(&asked(name)), Ok(()));
    }
    let none = metadata("");
    for (metadata, name, hint) in [
        (&found, "tests", "did you mean `test`?"),
        (&found, "lint", "its dependency groups: `test`, `Doc_s`"),
        (&none, "lint", "it has no dependency groups at all"),
    ] {
        let fault = metadata.check_dependency_group(&asked(name)).unwrap_err();
        let message = format!("no dependency group `{name}` in `pyproject.toml`, which `prime.toml` line 4 asks for");
        assert_eq!((fault.message, fault.hint.as_deref()), (message, Some(hint)));
    }
}

#[test]
fn what_can_be_installed_is_told_from_settings_of_tools() {
    for (files, expected) in [
        ([("setup.py", ""), ("x", "")], true),
        ([("pyproject.toml", "[project]\nname='x'"), ("x", "")], true),
        ([("pyproject.toml", "[build-system]\nrequires=[]"), ("x", "")], true),
        ([("pyproject.toml", "[tool.black]"), ("x", "")], false),
        ([("pyproject.toml", "[tool.black]"), ("setup.cfg", "[flake8]\n")], false),
        ([("pyproject.toml", "[tool.black]"), ("setup.cfg", "\n[metadata]\nname = x\n")], true),
        ([("setup.cfg", "[metadata]\nname = x\n"), ("x", "")], false),
        ([("requirements.txt", "six"), ("x", "")], false),
    ] {
        let dir = project(&files);
        let metadata = Metadata::load(dir.path(), dir.path()).unwrap();
        assert_eq!(is_installable(dir.path(), metadata.as_ref()), expected, "{files:?}");
    }
}

#[test]
fn the_files_of_the_metadata_are_listed_whether_present_or_not() {
    let dir = project(&[
        ("pyproject.toml", "[tool.setuptools.dynamic]\ndependencies = {file = 'a.txt'}"),
        ("a.txt", "-c b.txt"),
    ]);
    let metadata = Metadata::load(dir.path(), dir.path()).unwrap();
    let inputs = metadata_inputs(dir.path(), metadata.as_ref());
    assert_eq!(names(dir.path(), &inputs.files), ["pyproject.toml", "a.txt"]);
    assert_eq!(names(dir.path(), &inputs.absent), ["setup.cfg", "setup.py", "b.txt"]);

    let dir = project(&[("setup.py", ""), ("requirements.txt", "")]);
    let inputs = metadata_inputs(dir.path(), None);
    assert_eq!(names(dir.path(), &inputs.files), ["setup.py", "requirements.txt"]);
    assert_eq!(names(dir.path(), &inputs.absent), ["pyproject.toml", "setup.cfg"]);
}

#[test]
fn includes_of_requirements_are_followed_once_each() {
    let all = "\u{feff}six # -r no.txt\n-r sub/b.txt\n -c sub/c.txt # why\n--requirement=\"sub/d e.txt\"\n\
               --constraint \\\n  sub/gone.txt\r\n-r https://host/x.txt\n-r ${DIR}/y.txt\n# -r z.txt\n--requirements n.txt\n\
               -rsub/b.txt\n-e ./local\n";
    let dir = project(&[
        ("a.txt", all),
        ("sub/b.txt", "-r ../a.txt\n-r c.txt\n"),
        ("sub/c.txt", "-r b.txt\n"),
        ("sub/d e.txt", "a#b"),
    ]);
    let inputs = requirements_inputs(&dir.path().join("a.txt"));
    assert_eq!(names(dir.path(), &inputs.files), ["a.txt", "sub/b.txt", "sub/c.txt", "sub/d e.txt"]);
    assert_eq!(names(dir.path(), &inputs.absent), ["sub/gone.txt"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_requirements_file_makes_it_panic(
        content in prop::collection::vec(prop::sample::select(vec!["-r", "-c", " ", "a", "\"", "é", "#", "\\\n", "\n", "="]), 0..30),
    ) {
        let dir = project(&[("a", &content.concat())]);
        let inputs = requirements_inputs(&dir.path().join("a"));
        prop_assert!(inputs.files.contains(&dir.path().join("a")));
    }
}

#[test]
fn what_may_leave_something_beside_its_sources_is_told_by_its_files() {
    let plain = "[project]\nname = 'x'\nversion = '1'\n[tool.setuptools]\npackages = []\n[tool.hatch.build]\n";
    for (name, content, expected) in [
        ("pyproject.toml", plain, false),
        ("setup.cfg", "[metadata]\nname = x\n", false),
        ("setup.py", "", true),
        ("pyproject.toml", "[project]\nname = 'x'\ndynamic = ['version']\n", true),
        ("pyproject.toml", "[project]\nname = 'x'\ndynamic = ['readme']\n", false),
        ("pyproject.toml", "[[tool.setuptools.ext-modules]]\nname = 'x'\n", true),
        ("pyproject.toml", "[tool.maturin]\n", true),
        ("pyproject.toml", "[tool.hatch.build.hooks.vcs]\n", true),
    ] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(name), content).unwrap();
        assert_eq!(builds_beside_sources(dir.path()), expected, "{name}: {content}");
    }
}
