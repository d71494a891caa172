use std::io::Cursor;

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::error::kind_of;

fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
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

fn refusal(content: Vec<u8>, member: &str) -> String {
    let taken =
        Archive::open("x.whl", Cursor::new(content)).and_then(|mut it| it.extract(member, 1000, &mut Vec::new()));
    let error = taken.unwrap_err();
    assert_eq!(kind_of(&error), Kind::Data, "{error:#}");
    error.to_string()
}

#[test]
fn a_member_comes_out_with_its_digest() {
    let mut archive = Archive::open("x.whl", Cursor::new(archive(&[("a/b", b"hello"), ("c", b"")]))).unwrap();
    let mut out = Vec::new();
    let digest = archive.extract("a/b", 5, &mut out).unwrap();
    assert_eq!(
        (out.as_slice(), digest.as_str()),
        (b"hello".as_slice(), "sha256=LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ")
    );
    assert_eq!(archive.text("c", 0).unwrap(), "");
    assert_eq!(archive.names(), ["a/b", "c"]);
}

#[test]
fn names_that_lead_out_or_are_there_twice_are_refused_even_when_not_asked_for() {
    let honest = archive(&[("ok", b"x"), ("aa/bb/ccc", b"y")]);
    for name in ["../bb/ccc", "aa/../ccc", "/a/bb/ccc", "aa\\bb/ccc", "c:/bb/ccc", "aa/bb/c\0c"] {
        let content = patched(&honest, b"aa/bb/ccc", name.as_bytes());
        assert!(refusal(content, "ok").contains("leads out of it"), "{name:?}");
    }
    let twice = archive(&[("ok", b"x"), ("name", b"y"), ("nane", b"z")]);
    assert!(refusal(patched(&twice, b"nane", b"name"), "ok").contains("two members"));
}

#[test]
fn a_link_is_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    writer.add_directory("dir", SimpleFileOptions::default()).unwrap();
    let content = writer.finish().unwrap().into_inner();
    assert!(refusal(content.clone(), "link").contains("not a regular file"));
    assert!(refusal(content.clone(), "dir/").contains("not a regular file"));
    assert!(refusal(content, "absent").contains("has no `absent`"));
}

#[test]
fn a_bomb_is_stopped_by_what_it_says_and_by_what_it_does() {
    let bomb = archive(&[("bomb", &vec![0; 100_000])]);
    assert!(refusal(bomb.clone(), "bomb").contains("larger than 1000 bytes"));
    let lying = patched(&bomb, &100_000_u32.to_le_bytes(), &999_u32.to_le_bytes());
    let mut out = Vec::new();
    let taken = Archive::open("x.whl", Cursor::new(lying)).and_then(|mut it| it.extract("bomb", 1000, &mut out));
    assert_eq!(kind_of(&taken.unwrap_err()), Kind::Data);
    assert!(out.len() <= 1000, "{}", out.len());
}

#[test]
fn damage_is_noticed() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    writer.start_file("a", stored).unwrap();
    writer.write_all(b"content").unwrap();
    let content = writer.finish().unwrap().into_inner();
    assert!(refusal(patched(&content, b"content", b"c0ntent"), "a").contains("is damaged"));
    assert!(refusal(content[..content.len() / 2].to_vec(), "a").contains("cannot be read"));
    assert!(refusal(b"<html>".to_vec(), "a").contains("cannot be read"));
}

#[test]
fn a_record_tells_the_digest_of_a_path_quoted_or_not() {
    let record = "a,sha256=x,1\n\"b,c\",sha256=y,2\nRECORD,,\nd,md5=z,3\n";
    for (path, expected) in
        [("a", Some("sha256=x")), ("b,c", Some("sha256=y")), ("RECORD", None), ("d", None), ("e", None)]
    {
        assert_eq!(digest_in_record(record, path).as_deref(), expected, "{path}");
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(at in 0..200_usize, byte: u8, record in "(a|,|\"|sha256=|\n|\\PC)*") {
        let mut content = archive(&[("a", b"some content"), ("b/c", b"more")]);
        let at = at % content.len();
        content[at] = byte;
        if let Ok(mut archive) = Archive::open("x.whl", Cursor::new(content)) {
            let _ = archive.extract("a", 1000, &mut Vec::new());
        }
        let _ = digest_in_record(&record, "a");
    }
}
