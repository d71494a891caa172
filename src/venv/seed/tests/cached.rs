//! The cache: used where it is as it was made, made again where it is not, done without where it cannot be.

use std::os::unix::fs::MetadataExt as _;

use super::wheels::Wheel;
use super::*;

/// The entries of a cache, and whatever else is beside them.
fn entries(cache: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(cache.join("seed")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn empty(fake: &Fake) {
    std::fs::remove_dir_all(fake.package("")).unwrap();
    std::fs::create_dir(fake.package("")).unwrap();
}

#[test]
fn what_is_in_the_cache_is_linked_and_equals_what_is_not() {
    let fake = Fake::with("9.0", &Wheel::pip("9.0").bytes());
    fake.seed(None).unwrap();
    let (without, cache) = (fake.tree("env"), fake.at("cache"));
    for _ in 0..2 {
        empty(&fake);
        fake.seed(Some(&cache)).unwrap();
        assert_same("out of the cache", &fake.tree("env"), &without);
    }
    let all = entries(&cache);
    assert_eq!(all.len(), 1);
    let inode = |path: PathBuf| path.metadata().unwrap().ino();
    let (kept, linked) = (all[0].join("tree/pip/__init__.py"), fake.package("pip/__init__.py"));
    assert_eq!(kept.metadata().unwrap().mtime_nsec(), linked.metadata().unwrap().mtime_nsec());
    // Where the file system has reflinks it is another file.
    assert!(inode(kept.clone()) == inode(linked) || kept.metadata().unwrap().nlink() == 1);
}

#[test]
fn whatever_is_not_as_it_was_made_is_made_again() {
    let fake = Fake::with("9.0", &Wheel::pip("9.0").bytes());
    let cache = fake.at("cache");
    fake.seed(Some(&cache)).unwrap();
    let right = fake.tree("env");
    let entry = entries(&cache).remove(0);
    let file = entry.join("tree/pip/__init__.py");
    let content = std::fs::read(&file).unwrap();
    let chmod = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let damages: [(&str, &dyn Fn()); 9] = [
        ("edited", &|| std::fs::write(&file, [&content[..], b"#"].concat()).unwrap()),
        ("edited with the same size", &|| std::fs::write(&file, vec![b'#'; content.len()]).unwrap()),
        ("removed", &|| std::fs::remove_file(&file).unwrap()),
        ("everybody's", &|| chmod(&file, 0o666)),
        ("a link", &|| {
            std::fs::rename(&file, entry.join("moved")).unwrap();
            std::os::unix::fs::symlink("../../moved", &file).unwrap();
        }),
        ("without a manifest", &|| std::fs::remove_file(entry.join("manifest.json")).unwrap()),
        ("with half a manifest", &|| std::fs::write(entry.join("manifest.json"), "{").unwrap()),
        ("a file", &|| {
            std::fs::remove_dir_all(&entry).unwrap();
            std::fs::write(&entry, "").unwrap();
        }),
        ("compiled and not there", &|| {
            std::fs::write(entry.join("compiled"), "1 1 pip/__pycache__/x.cpython-312.pyc\nend\n").unwrap();
        }),
    ];
    for (what, damage) in damages {
        damage();
        empty(&fake);
        fake.seed(Some(&cache)).unwrap();
        assert_same(what, &fake.tree("env"), &right);
        assert_eq!(entries(&cache), std::slice::from_ref(&entry), "{what}");
    }
}

#[test]
fn a_list_of_compiled_files_that_was_cut_counts_as_none() {
    let fake = Fake::with("9.0", &Wheel::pip("9.0").bytes());
    let cache = fake.at("cache");
    fake.seed(Some(&cache)).unwrap();
    let entry = entries(&cache).remove(0);
    let compiled = entry.join("tree/pip/__pycache__/__init__.cpython-312.pyc");
    std::fs::create_dir(compiled.parent().unwrap()).unwrap();
    std::fs::write(&compiled, "code").unwrap();
    let meta = compiled.metadata().unwrap();
    let time = crate::host::fs::Identity::new(&meta).mtime;
    let line = format!("4 {time} pip/__pycache__/__init__.cpython-312.pyc\n");
    for (text, expected) in [(format!("{line}end\n"), true), (line, false), (String::new(), false)] {
        std::fs::write(entry.join("compiled"), &text).unwrap();
        empty(&fake);
        fake.seed(Some(&cache)).unwrap();
        assert_eq!(fake.package("pip/__pycache__/__init__.cpython-312.pyc").exists(), expected, "{text}");
    }
}

#[test]
fn another_wheel_in_the_same_place_is_another_entry_and_the_old_one_goes() {
    let fake = Fake::with("9.0", &Wheel::pip("9.0").bytes());
    let cache = fake.at("cache");
    fake.seed(Some(&cache)).unwrap();
    let first = entries(&cache);
    fake.bundle("9.0", &Wheel::pip("9.0").file("pip/new.py", "").bytes());
    empty(&fake);
    fake.seed(Some(&cache)).unwrap();
    assert!(fake.package("pip/new.py").exists());
    assert_eq!(entries(&cache).len(), 1);
    assert_ne!(entries(&cache), first);
}

#[test]
fn a_cache_that_cannot_be_written_is_done_without() {
    let fake = Fake::with("9.0", &Wheel::pip("9.0").bytes());
    std::fs::write(fake.at("cache"), "in the way").unwrap();
    fake.seed(Some(&fake.at("cache"))).unwrap();
    assert!(fake.package("pip/__init__.py").exists());
}

#[test]
fn an_environment_that_cannot_be_written_is_told_with_its_path() {
    let fake = Fake::with("9.0", &Wheel::pip("9.0").bytes());
    std::fs::remove_dir(fake.package("")).unwrap();
    std::os::unix::fs::symlink("/proc/self", fake.at("env/lib/python3.12/site-packages")).unwrap();
    let error = fake.seed(None).unwrap_err();
    assert!([Kind::CannotCreate, Kind::InputOutput].contains(&crate::error::kind_of(&error)), "{error:#}");
    assert!(error.to_string().contains("site-packages"), "{error:#}");
}

#[test]
fn many_at_once_on_an_empty_cache_are_all_right() {
    let wheel = (0..50).fold(Wheel::pip("9.0"), |wheel, number| wheel.file(&format!("pip/{number}.py"), "x = 1\n"));
    let fakes: Vec<Fake> = (0..8).map(|_| Fake::with("9.0", &wheel.bytes())).collect();
    let cache = fakes[0].at("cache");
    let shared = &fakes[0].interpreter;
    std::thread::scope(|scope| {
        for fake in &fakes {
            scope.spawn(|| {
                let (site_packages, bin) = (fake.package(""), fake.at("env/bin"));
                let (python, cache) = (Path::new("/python3"), Cache { dir: &cache, compile: false });
                let target = Target {
                    interpreter: shared,
                    site_packages: &site_packages,
                    bin: &bin,
                    python,
                    relocatable: false,
                };
                planned(&Host::default(), &target, Some(&cache), &no_index).unwrap();
            });
        }
    });
    for fake in &fakes {
        assert_same("one of many", &fake.tree("env"), &fakes[0].tree("env"));
    }
    assert_eq!(entries(&cache).len(), 1);
}
