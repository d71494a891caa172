use std::fs::{
    create_dir, create_dir_all, read_to_string, remove_dir_all, remove_file, rename, set_permissions, write,
};
use std::os::unix::fs::{PermissionsExt, symlink};

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::super::distribution::installed;
use super::*;
use crate::fetch::encoding::base64_url_safe;

/// An environment made by hand.
struct Made {
    _dir: TempDir,
    venv: Venv,
    manifest: Manifest,
}

impl Made {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let venv = Venv::new(dir.path().canonicalize().unwrap().join("venv"));
        create_dir_all(venv.dir().join("lib/python3.12/site-packages")).unwrap();
        create_dir(venv.bin()).unwrap();
        let made = Self { _dir: dir, venv, manifest: Manifest::default() };
        made.program("python", "");
        made
    }

    /// `one` 1.0 with a module, a script and a program, and `two` 2.0 with a quoted path.
    fn two() -> Self {
        let made = Self::new();
        let script = format!("#!{}/python\nimport one\n", made.venv.bin().display());
        made.program("one", &script);
        made.program("native", "\u{7f}ELF");
        let entry_points = "[console_scripts]\none = one:main\nother = one:main\n";
        made.distribution(
            "one-1.0",
            &[("one/__init__.py", "x = 1\n"), ("one/a.py", ""), ("one-1.0.dist-info/entry_points.txt", entry_points)],
            &["../../../bin/one", "../../../bin/native"],
        );
        made.distribution("two-2.0", &[("two/a,\"b\".py", "x = 2\n")], &[]);
        made.ready()
    }

    fn ready(mut self) -> Self {
        self.manifest = Manifest::new(&installed(&[self.site()]).unwrap());
        assert_eq!(self.findings(Depth::Hash), Vec::<String>::new());
        self
    }

    fn site(&self) -> PathBuf {
        self.venv.dir().join("lib/python3.12/site-packages")
    }

    fn program(&self, name: &str, content: &str) {
        let path = self.venv.bin().join(name);
        write(&path, content).unwrap();
        set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Installs files, and lists others that are there.
    fn distribution(&self, stem: &str, files: &[(&str, &str)], listed: &[&str]) {
        let (name, version) = stem.split_once('-').unwrap();
        let info = format!("{stem}.dist-info");
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nbody\n");
        let own = format!("{info}/METADATA");
        let all = files.iter().copied().chain([(own.as_str(), metadata.as_str())]);
        let mut record = format!("{info}/RECORD,,\n{name}/__pycache__/x.pyc,,\n");
        for (path, content) in all {
            let file = self.site().join(path);
            create_dir_all(file.parent().unwrap()).unwrap();
            write(file, content).unwrap();
            record += &line(path, content);
        }
        for path in listed {
            record += &line(path, &String::from_utf8(std::fs::read(self.site().join(path)).unwrap()).unwrap());
        }
        write(self.site().join(info).join("RECORD"), record).unwrap();
    }

    fn findings(&self, depth: Depth) -> Vec<String> {
        let found = verify(&self.venv, &self.manifest, depth);
        let show = |it: &Finding| {
            let owner = it.owner.as_ref().map(|owner| format!("{owner}: ")).unwrap_or_default();
            let text = format!("{owner}{} ({})", it.describe(self.venv.dir()), it.problem.code());
            text.replace(&self.site().display().to_string(), "SITE").replace("lib/python3.12/site-packages", "SITE")
        };
        found.iter().map(show).collect()
    }

    fn edit(&self, path: &str, from: &str, to: &str) {
        let text = read_to_string(self.site().join(path)).unwrap();
        assert!(text.contains(from), "{text}");
        write(self.site().join(path), text.replace(from, to)).unwrap();
    }
}

fn line(path: &str, content: &str) -> String {
    let digest = base64_url_safe(&Sha256::digest(content));
    let quoted = if path.contains(['"', ',']) { format!("\"{}\"", path.replace('"', "\"\"")) } else { path.to_owned() };
    format!("{quoted},sha256={digest},{}\n", content.len())
}

type Damage = (fn(&Made), &'static [&'static str]);

#[track_caller]
fn assert_found(cases: &[Damage]) {
    for (damage, expected) in cases {
        let made = Made::two();
        damage(&made);
        assert_eq!(made.findings(Depth::Size), *expected);
    }
}

#[test]
fn a_file_that_is_not_as_it_was_installed_is_found() {
    assert_found(&[
        (|it| remove_file(it.site().join("one/a.py")).unwrap(), &["one 1.0: `SITE/one/a.py` is missing (missing)"]),
        (
            |it| remove_dir_all(it.site().join("one")).unwrap(),
            &["one 1.0: `SITE/one/__init__.py` is missing (missing)", "one 1.0: `SITE/one/a.py` is missing (missing)"],
        ),
        (
            |it| write(it.site().join("one/__init__.py"), "").unwrap(),
            &["one 1.0: `SITE/one/__init__.py` has 0 bytes instead of 6 (size)"],
        ),
        (
            |it| {
                remove_file(it.site().join("one/a.py")).unwrap();
                create_dir(it.site().join("one/a.py")).unwrap();
            },
            &["one 1.0: `SITE/one/a.py` is not a file (not-a-file)"],
        ),
        (
            |it| {
                remove_file(it.site().join("one/a.py")).unwrap();
                symlink("nowhere", it.site().join("one/a.py")).unwrap();
            },
            &["one 1.0: `SITE/one/a.py` is missing (missing)"],
        ),
        (
            |it| {
                remove_file(it.site().join("one/a.py")).unwrap();
                symlink("a.py", it.site().join("one/a.py")).unwrap();
            },
            &["one 1.0: `SITE/one/a.py` cannot be read: too many symbolic links encountered (unreadable)"],
        ),
        (
            |it| remove_file(it.site().join("two/a,\"b\".py")).unwrap(),
            &["two 2.0: `SITE/two/a,\"b\".py` is missing (missing)"],
        ),
    ]);
}

#[test]
fn only_the_content_tells_a_change_that_keeps_the_size() {
    let made = Made::two();
    write(made.site().join("one/__init__.py"), "x = 2\n").unwrap();
    assert_eq!(made.findings(Depth::Size), Vec::<String>::new());
    let expected = ["one 1.0: `SITE/one/__init__.py` has another content (content)"];
    assert_eq!(made.findings(Depth::Hash), expected);
}

#[test]
fn what_nobody_lists_is_no_damage() {
    let made = Made::two();
    write(made.site().join("one/extra.py"), "").unwrap();
    write(made.site().join("mine.pth"), "/nowhere\n").unwrap();
    create_dir(made.site().join("~ne-1.0.dist-info")).unwrap();
    made.program("mine", "#!/nowhere/python\n");
    made.distribution("three-3.0", &[("three.py", "")], &[]);
    assert_eq!(made.findings(Depth::Hash), Vec::<String>::new());
}

#[test]
fn metadata_that_is_gone_or_garbled_is_found() {
    assert_found(&[
        (
            |it| remove_file(it.site().join("one-1.0.dist-info/RECORD")).unwrap(),
            &["one 1.0: `SITE/one-1.0.dist-info/RECORD` is missing (missing)"],
        ),
        (
            |it| it.edit("one-1.0.dist-info/RECORD", "one/a.py,", "one/a.py;"),
            &["one 1.0: `SITE/one-1.0.dist-info/RECORD` is damaged in line 4 (bad-record)"],
        ),
        (
            |it| write(it.site().join("one-1.0.dist-info/RECORD"), "").unwrap(),
            &["one 1.0: `SITE/one-1.0.dist-info/RECORD` does not list all that was installed (short-record)"],
        ),
        (
            // It breaks off at the end of a line.
            |it| it.edit("two-2.0.dist-info/RECORD", &line("two/a,\"b\".py", "x = 2\n"), ""),
            &["two 2.0: `SITE/two-2.0.dist-info/RECORD` does not list all that was installed (short-record)"],
        ),
        (
            |it| remove_file(it.site().join("one-1.0.dist-info/METADATA")).unwrap(),
            &["one 1.0: `SITE/one-1.0.dist-info/METADATA` is missing (missing)"],
        ),
        (
            |it| it.edit("one-1.0.dist-info/METADATA", "Version: 1.0", "Version: 1.1"),
            &[
                "one 1.0: `SITE/one-1.0.dist-info/METADATA` does not tell the name and version that it should (bad-metadata)",
            ],
        ),
        (
            |it| it.edit("two-2.0.dist-info/METADATA", "Name: two", "Nxme: two"),
            &[
                "two 2.0: `SITE/two-2.0.dist-info/METADATA` does not tell the name and version that it should (bad-metadata)",
            ],
        ),
        (
            |it| remove_dir_all(it.site().join("two-2.0.dist-info")).unwrap(),
            &["two 2.0: is not installed any more (gone)"],
        ),
        (
            |it| it.distribution("one-1.1", &[], &[]),
            &["one 1.0: `SITE/one-1.1.dist-info` is there beside another version (twice)"],
        ),
    ]);
}

#[test]
fn another_version_that_is_whole_is_no_damage() {
    let made = Made::two();
    remove_dir_all(made.site().join("two-2.0.dist-info")).unwrap();
    made.distribution("two-2.1", &[], &[]);
    assert_eq!(made.findings(Depth::Hash), Vec::<String>::new());
}

#[test]
fn a_record_that_leads_out_of_the_environment_is_found() {
    let made = Made::two();
    made.edit("one-1.0.dist-info/RECORD", "one/a.py,", "../../../../a.py,");
    let expected =
        ["one 1.0: `SITE/one-1.0.dist-info` lists `../../../../a.py`, which is not in the environment (outside)"];
    assert_eq!(made.findings(Depth::Size), expected);
}

#[test]
fn a_script_that_does_not_start_is_found() {
    assert_found(&[
        (|it| remove_file(it.venv.bin().join("one")).unwrap(), &["one 1.0: `bin/one` is missing (missing)"]),
        (
            |it| set_permissions(it.venv.bin().join("one"), PermissionsExt::from_mode(0o644)).unwrap(),
            &["one 1.0: `bin/one` is not executable (not-executable)"],
        ),
        (
            |it| set_permissions(it.venv.bin().join("native"), PermissionsExt::from_mode(0o600)).unwrap(),
            &["one 1.0: `bin/native` is not executable (not-executable)"],
        ),
        (
            |it| {
                let text = read_to_string(it.venv.bin().join("one")).unwrap();
                it.program("one", &text.replace("/venv/", "/vanv/"));
            },
            &["one 1.0: `bin/one` is not run by this environment's python (shebang)"],
        ),
        (
            |it| remove_file(it.venv.python()).unwrap(),
            &["`bin/python` does not lead to an interpreter (no-interpreter)"],
        ),
    ]);
}

#[test]
fn what_an_editable_project_is_linked_to_is_looked_for() {
    let sources = tempfile::tempdir().unwrap();
    let dir = sources.path().display().to_string();
    let made = Made::new();
    let direct_url = format!(r#"{{"url":"file://{dir}","dir_info":{{"editable":true}}}}"#);
    let pth = format!("import x\n{dir}/src\n");
    let finder = format!("MAPPING: dict[str, str] = {{'pkg': '{dir}/pkg'}}\n");
    create_dir(sources.path().join("src")).unwrap();
    create_dir(sources.path().join("pkg")).unwrap();
    made.distribution(
        "it-1",
        &[("it-1.dist-info/direct_url.json", &direct_url), ("it.pth", &pth), ("__editable___it_1_finder.py", &finder)],
        &[],
    );
    let made = made.ready();
    remove_dir_all(sources.path().join("src")).unwrap();
    remove_dir_all(sources.path().join("pkg")).unwrap();
    let expected = [
        format!("it 1: `SITE/__editable___it_1_finder.py` leads to `{dir}/pkg`, which is not there (dead-link)"),
        format!("it 1: `SITE/it.pth` leads to `{dir}/src`, which is not there (dead-link)"),
    ];
    assert_eq!(made.findings(Depth::Size), expected);
    rename(sources.path(), sources.path().with_extension("moved")).unwrap();
    assert_eq!(made.findings(Depth::Size).len(), 3);
    rename(sources.path().with_extension("moved"), sources.path()).unwrap();
}

#[test]
fn of_two_that_list_one_file_the_one_that_it_does_not_fit_is_damaged() {
    let made = Made::two();
    made.distribution("space-1", &[("one/a.py", "")], &[]);
    assert_eq!(made.findings(Depth::Hash), Vec::<String>::new(), "it fits both");
    made.distribution("later-1", &[("one/a.py", "other")], &[]);
    let expected = [
        "one 1.0: `SITE/one/a.py` is that of later 1 (overwritten)",
        "space 1: `SITE/one/a.py` is that of later 1 (overwritten)",
    ];
    assert_eq!(made.findings(Depth::Size), expected);
    write(made.site().join("one/a.py"), "nobody's").unwrap();
    let sizes: Vec<_> = made.findings(Depth::Size).into_iter().filter(|it| it.ends_with("(size)")).collect();
    assert_eq!(sizes.len(), 3);
}

#[test]
fn what_old_tools_leave_is_looked_at_as_far_as_it_tells() {
    let made = Made::new();
    let info = made.site().join("old-1-py3.6.egg-info");
    create_dir(&info).unwrap();
    write(info.join("PKG-INFO"), "Name: old\nVersion: 1\n").unwrap();
    write(info.join("installed-files.txt"), "../old.py\n../__pycache__/old.cpython-36.pyc\nPKG-INFO\n./\n").unwrap();
    write(made.site().join("old.py"), "").unwrap();
    write(made.site().join("older-1-py3.6.egg-info"), "Name: older\nVersion: 1\n").unwrap();
    let sources = made.venv.dir().join("sources");
    create_dir(&sources).unwrap();
    write(made.site().join("it.egg-link"), format!("{}\n.", sources.display())).unwrap();
    let made = made.ready();
    remove_file(made.site().join("old.py")).unwrap();
    remove_file(made.site().join("older-1-py3.6.egg-info")).unwrap();
    remove_dir_all(&sources).unwrap();
    let expected = [
        format!("it : `SITE/it.egg-link` leads to `{}`, which is not there (dead-link)", sources.display()),
        "old 1: `SITE/old.py` is missing (missing)".to_owned(),
        "older 1: is not installed any more (gone)".to_owned(),
    ];
    assert_eq!(made.findings(Depth::Size), expected);
}

proptest! {
    #[test]
    fn any_bytes_as_a_record_are_damage_and_no_panic(bytes: Vec<u8>, text in "(one/a.py|\\.\\./|,|\"|\n|sha256=|1|\\PC)*") {
        let made = Made::two();
        for content in [bytes.as_slice(), text.as_bytes()] {
            write(made.site().join("one-1.0.dist-info/RECORD"), content).unwrap();
            prop_assert!(!made.findings(Depth::Hash).is_empty());
        }
    }

    #[test]
    fn any_text_beside_it_is_no_panic(text in "(import |/|\\.|'|\"|\\\\|%|\n|=|\\[console_scripts\\]|\\PC)*") {
        let made = Made::two();
        for name in ["METADATA", "entry_points.txt", "direct_url.json"] {
            write(made.site().join("one-1.0.dist-info").join(name), &text).unwrap();
        }
        write(made.venv.bin().join("one"), &text).unwrap();
        prop_assert!(!made.findings(Depth::Size).is_empty());
        let _ = (links::dead_mappings(&text), links::dead_paths(&made.site(), text.as_bytes()), links::local_path(&text));
    }
}
