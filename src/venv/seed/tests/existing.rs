//! What is there already: newer, as new, older, damaged, half there.

use super::wheels::Wheel;
use super::*;

fn names(fake: &Fake) -> Vec<String> {
    let entries = std::fs::read_dir(fake.package("")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_is_whole_and_as_new_stays_untouched() {
    let fake = Fake::with("9.0", &Wheel::pip("9.0").bytes());
    assert_eq!(fake.seed(None).unwrap().len(), 1);
    let times = || {
        let files = fake.tree("env").into_keys().map(|name| fake.at("env").join(name));
        let files = files.filter(|path| path.is_file()).map(|path| path.symlink_metadata().unwrap());
        files.map(|meta| crate::host::fs::Identity::new(&meta)).collect::<Vec<_>>()
    };
    let before = times();
    assert_eq!(fake.seed(None).unwrap(), []);
    fake.bundle("8.5", &Wheel::pip("8.5").bytes());
    assert_eq!(fake.seed(None).unwrap(), [], "a newer one stays");
    assert_eq!(times(), before);
}

#[test]
fn an_older_one_makes_way_with_all_that_it_had() {
    let fake = Fake::with("9.0", &Wheel::pip("9.0").file("pip/old.py", "").file("gone/x.py", "").bytes());
    fake.seed(None).unwrap();
    for compiled in ["pip/__pycache__/old.cpython-312.pyc", "gone/__pycache__/x.cpython-312.opt-1.pyc"] {
        std::fs::create_dir_all(fake.package(compiled).parent().unwrap()).unwrap();
        std::fs::write(fake.package(compiled), "").unwrap();
    }
    std::fs::write(fake.package("pip/of_somebody_else.py"), "").unwrap();
    fake.bundle("10.0", &Wheel::pip("10.0").bytes());
    assert_eq!(fake.seed(None).unwrap(), [Seeded { name: "pip", version: "10.0".into() }]);
    assert_eq!(names(&fake), ["pip", "pip-10.0.dist-info"]);
    let left: Vec<_> = fake.tree("env/lib/python3.12/site-packages/pip").into_keys().collect();
    assert_eq!(left, ["__init__.py", "of_somebody_else.py"]);
    assert!(!fake.package("pip/__pycache__").exists());
}

#[test]
fn whatever_is_damaged_is_mended() {
    let fake = Fake::with("9.0", &Wheel::pip("9.0").file("pip/a/b.py", "b").bytes());
    // Whoever made it so knows why.
    std::fs::rename(fake.at("env/bin"), fake.at("env/programs")).unwrap();
    std::os::unix::fs::symlink("programs", fake.at("env/bin")).unwrap();
    fake.seed(None).unwrap();
    let whole = fake.tree("env");
    let dist_info = fake.package("pip-9.0.dist-info");
    let record = dist_info.join("RECORD");
    let text = std::fs::read_to_string(&record).unwrap();
    let remove = |path: PathBuf| std::fs::remove_file(path).unwrap();
    let elsewhere = fake.at("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let replace = |path: &str| {
        std::fs::remove_dir_all(fake.package(path)).unwrap();
        std::os::unix::fs::symlink(&elsewhere, fake.package(path)).unwrap();
    };
    let damages: [(&str, &dyn Fn()); 12] = [
        ("a source is gone", &|| remove(fake.package("pip/a/b.py"))),
        ("a program is gone", &|| remove(fake.at("env/bin/pip3"))),
        ("a source is another one", &|| std::fs::write(fake.package("pip/__init__.py"), "").unwrap()),
        ("a source is a directory", &|| {
            remove(fake.package("pip/a/b.py"));
            std::fs::create_dir(fake.package("pip/a/b.py")).unwrap();
        }),
        ("RECORD is gone", &|| remove(record.clone())),
        ("RECORD is empty", &|| std::fs::write(&record, "").unwrap()),
        ("RECORD is cut", &|| std::fs::write(&record, &text[..text.len() / 2]).unwrap()),
        ("RECORD is rubbish", &|| std::fs::write(&record, "\0\u{1}").unwrap()),
        ("the metadata is gone", &|| std::fs::remove_dir_all(&dist_info).unwrap()),
        ("another version is left", &|| std::fs::create_dir(fake.package("pip-8.0.dist-info")).unwrap()),
        ("a directory leads elsewhere", &|| replace("pip/a")),
        ("the package leads elsewhere", &|| replace("pip")),
    ];
    for (what, damage) in damages {
        damage();
        let result = fake.seed(None);
        if what == "a source is a directory" {
            // Nobody knows whose it is.
            assert_eq!(crate::error::kind_of(&result.unwrap_err()), Kind::CannotCreate);
            std::fs::remove_dir(fake.package("pip/a/b.py")).unwrap();
            fake.seed(None).unwrap();
        } else {
            assert_eq!(result.unwrap().len(), 1, "{what}");
        }
        assert_same(what, &fake.tree("env"), &whole);
        assert_eq!(std::fs::read_dir(&elsewhere).unwrap().count(), 0, "{what}");
    }
}

#[test]
fn a_record_that_lists_what_is_outside_removes_nothing_there() {
    let fake = Fake::with("9.0", &Wheel::pip("9.0").bytes());
    let dist_info = fake.package("pip-8.0.dist-info");
    std::fs::create_dir_all(&dist_info).unwrap();
    let kept = ["outside", "env/pyvenv.cfg", "env/bin/python3", "env/bin/activate", "env/lib/python3.12/x"];
    for path in kept {
        std::fs::write(fake.at(path), "kept").unwrap();
    }
    std::os::unix::fs::symlink(fake.root.path(), fake.package("link")).unwrap();
    let absolute = fake.at("outside").display().to_string();
    let rows = [
        "../../../../outside",
        "../../../pyvenv.cfg",
        "../../../bin/python3",
        "../../../bin/activate",
        "../x",
        "link/outside",
        &absolute,
        ".",
        "",
        "..",
        "../../../bin",
    ];
    let record = format!("{},,\npip-8.0.dist-info/RECORD,,\n", rows.join(",,\n"));
    std::fs::write(dist_info.join("RECORD"), record).unwrap();
    fake.seed(None).unwrap();
    for path in kept {
        assert_eq!(std::fs::read_to_string(fake.at(path)).unwrap(), "kept", "{path}");
    }
    assert_eq!(names(&fake), ["link", "pip", "pip-9.0.dist-info"]);
}
