//! Wheels that were made to do harm are refused whole: nothing of the environment is touched, nothing is kept.

use super::wheels::Wheel;
use super::*;
use crate::error::kind_of;

/// Fails unless the wheel is refused for this reason, with and without a cache.
#[track_caller]
fn assert_refused(wheel: &[u8], reason: &str) {
    let fake = Fake::with("9.0", wheel);
    for program in ["python", "python3", "tool"] {
        std::fs::write(fake.at("env/bin").join(program), "own").unwrap();
    }
    let before = fake.tree("env");
    for cache in [None, Some(fake.at("cache"))] {
        let error = fake.seed(cache.as_deref()).expect_err(reason);
        let text = format!("{error:#}");
        assert_eq!(kind_of(&error), Kind::Data, "{text}");
        assert!(text.contains(reason), "expected `{reason}`: {text}");
    }
    assert_same(reason, &fake.tree("env"), &before);
    // What only this environment objects to may be kept.
    let kept = std::fs::read_dir(fake.at("cache/seed")).map_or(0, Iterator::count);
    assert_eq!(kept, usize::from(reason.ends_with("is there already")), "{reason}");
}

fn honest() -> Wheel {
    Wheel::pip("9.0")
}

/// The same bytes with every `from` replaced by a `to` of the same length.
fn patched(content: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut content = content.to_vec();
    let places: Vec<usize> = (0..content.len()).filter(|at| content[*at..].starts_with(from)).collect();
    assert!(!places.is_empty());
    for at in places {
        content[at..at + to.len()].copy_from_slice(to);
    }
    content
}

/// The same archive with something else in the central directory's entry of a member (APPNOTE 4.3.12).
fn with_header(content: &[u8], name: &str, change: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut content = content.to_vec();
    let is_entry =
        |at: &usize| content[*at..].starts_with(b"PK\x01\x02") && content[at + 46..].starts_with(name.as_bytes());
    let at = (0..content.len()).find(is_entry).unwrap();
    change(&mut content[at..at + 46]);
    content
}

#[test]
fn the_honest_wheel_is_taken() {
    let fake = Fake::with("9.0", &honest().bytes());
    assert_eq!(fake.seed(None).unwrap(), [Seeded { name: "pip", version: "9.0".into() }]);
    let record = std::fs::read_to_string(fake.package("pip-9.0.dist-info/RECORD")).unwrap();
    assert!(record.contains("\r\npip/__pycache__/__init__.cpython-312.pyc,,\r\n"), "{record}");
}

#[test]
fn members_with_names_that_lead_elsewhere_or_meet_are_refused() {
    let wheel = honest().file("aa/bb/ccc.py", "");
    for name in ["../bb/ccc.py", "/a/bb/ccc.py", "aa\\bb/ccc.py", "c:/bb/ccc.py", "aa/../ccc.py"] {
        assert_refused(&patched(&wheel.bytes(), b"aa/bb/ccc.py", name.as_bytes()), "leads out of it");
    }
    for name in ["aa//b/ccc.py", "./b/ccccc.py", "aa/b\n/ccc.py", "aa/b\x7f/ccc.py"] {
        assert_refused(&patched(&wheel.bytes(), b"aa/bb/ccc.py", name.as_bytes()), "has no plain name");
    }
    let twice = honest().file("x/name.py", "1").file("x/nane.py", "2").bytes();
    assert_refused(&patched(&twice, b"x/nane.py", b"x/name.py"), "two members of one name");
    assert_refused(&honest().file("pip/a.py", "1").file("pip/A.py", "2").bytes(), "only by case");
    assert_refused(&honest().file("x", "1").file("x/a.py", "2").bytes(), "a file and a directory");
    assert_refused(&honest().file("X", "1").file("x/a.py", "2").bytes(), "a file and a directory");
}

#[test]
fn members_that_are_no_plain_sources_are_refused() {
    for name in ["pip/__pycache__/__init__.cpython-312.pyc", "pip/__init__.pyc", "pip/x.PYC", "__PyCache__/x"] {
        assert_refused(&honest().file(name, "x").bytes(), "is a compiled file");
    }
    for name in ["pip-9.0.data/scripts/python", "pip-9.0.data/data/x", "PIP-9.0.DATA/purelib/x.py"] {
        assert_refused(&honest().file(name, "x").bytes(), "belongs elsewhere");
    }
    let bytes = honest().file("link.py", "/etc/passwd").bytes();
    for mode in [0o120_777_u32, 0o010_644, 0o020_644, 0o040_755, 0o140_644] {
        let special = with_header(&bytes, "link.py", |it| it[38..42].copy_from_slice(&(mode << 16).to_le_bytes()));
        assert_refused(&special, "is not a regular file");
    }
    assert_refused(&with_header(&bytes, "link.py", |it| it[8] |= 1), "Password required");
}

#[test]
fn a_bomb_is_refused() {
    let large = "\0".repeat(17 << 20);
    assert_refused(&honest().file("pip/large", &large).bytes(), "is larger than");
    let many = (0..7).fold(honest(), |wheel, number| wheel.file(&format!("pip/{number}"), &large[..15 << 20]));
    assert_refused(&many.bytes(), "unpacks to more than");
    let files = (0..8200).fold(honest(), |mut wheel, number| {
        wheel.files.push((format!("pip/{number}"), vec![]));
        wheel
    });
    assert_refused(&files.bytes(), "more than 8192 members");
}

#[test]
fn every_difference_from_the_record_is_refused() {
    let wheel = honest();
    let changed = wheel.record().replace("sha256=", "sha256=x");
    assert_refused(&honest().info("RECORD", &changed).bytes(), "is not what its `RECORD` says");
    let sized = wheel.record().replacen(",20\n", ",21\n", 1);
    assert_refused(&honest().info("RECORD", &sized).bytes(), "has not the size that its `RECORD` says");
    let weak = wheel.record().replace("sha256=", "md5=");
    assert_refused(&honest().info("RECORD", &weak).bytes(), "is not what its `RECORD` says");
    let mut unlisted = honest().file("pip/more.py", "");
    unlisted.unlisted.push("pip/more.py".into());
    assert_refused(&unlisted.bytes(), "does not list its member `pip/more.py`");
    for (row, reason) in [
        ("pip/absent.py,sha256=x,1\n", "which it has not"),
        ("../../x,,\n", "which it has not"),
        ("pip/__init__.py,,\n", "twice"),
        ("rubbish\n", "is none"),
    ] {
        let mut further = honest();
        further.further_rows.push(row.into());
        assert_refused(&further.bytes(), reason);
    }
}

#[test]
fn metadata_that_is_wrong_or_missing_is_refused() {
    assert_refused(&honest().without("WHEEL").bytes(), "has no `WHEEL`");
    assert_refused(&honest().without("METADATA").bytes(), "`METADATA` is not that of its name");
    assert_refused(&Wheel::pip("9.1").bytes(), "its metadata is in `pip-9.1.dist-info`");
    assert_refused(&Wheel::of("pop", "9.0").bytes(), "its metadata is in `pop-9.0.dist-info`");
    assert_refused(&honest().file("other-1.dist-info/METADATA", "").bytes(), "not one directory of metadata");
    assert_refused(&honest().info("METADATA", "Name: pip\nVersion: 9.1\n").bytes(), "`METADATA` is not that");
    for (text, reason) in [
        ("Wheel-Version: 2.0\nRoot-Is-Purelib: true\n", "`Wheel-Version` is 2.0"),
        ("Root-Is-Purelib: true\n", "no `Wheel-Version`"),
        ("Wheel-Version: 1.0\nRoot-Is-Purelib: false\n", "not pure Python"),
    ] {
        assert_refused(&honest().info("WHEEL", text).bytes(), reason);
    }
    assert_refused(b"<html>", "cannot be read");
    assert_refused(&honest().bytes()[..300], "cannot be read");
}

#[test]
fn programs_that_would_take_the_place_of_others_are_refused() {
    for (line, reason) in [
        ("../x = pip:main", "no name of a program"),
        ("a/b = pip:main", "no name of a program"),
        ("python = pip:main", "a program of the environment"),
        ("python3.12 = pip:main", "a program of the environment"),
        ("activate.fish = pip:main", "a program of the environment"),
        ("x = pip:main();evil", "is none"),
        ("tool = pip:main", "its program `tool` is there already"),
    ] {
        let wheel = honest().info("entry_points.txt", &format!("[console_scripts]\npip = pip:main\n{line}\n"));
        assert_refused(&wheel.bytes(), reason);
    }
}
