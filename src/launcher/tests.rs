//! The launcher's text, and the wheels.

use super::*;
use crate::fetch::url::Url;

fn launcher(version: &str, pins: &[(&str, &str)]) -> Launcher {
    let pin = |(sha256, file): &(&str, &str)| Pin { sha256: (*sha256).to_owned(), file: (*file).to_owned() };
    Launcher { version: version.to_owned(), index: "https://i/simple".to_owned(), pins: pins.iter().map(pin).collect() }
}

#[test]
fn what_is_written_is_read_back_and_nothing_is_left_to_fill_in() {
    for pins in [&[][..], &[("a1", "one.whl"), ("b2", "two.whl")]] {
        let launcher = launcher("1.2.3", pins);
        let text = launcher.text();
        assert_eq!(Launcher::parse(&text), Some(launcher));
        assert!(!text.contains("@INDEX@") && !text.contains("@PINS@") && !text.contains("@PROJECT@"), "{text}");
    }
    assert_eq!(Launcher::parse("#!/bin/sh\necho\n"), None);
    assert_eq!(Launcher::parse(""), None);
}

#[test]
fn only_the_lines_of_the_pins_are_replaced() {
    let before = launcher("1.2.3", &[("a1", "one.whl")]).text().replace("set -u\n", "set -u\n# ours\n");
    let after = launcher("1.3", &[("c3", "three.whl"), ("d4", "four.whl")]).repin(&before);
    let expected = before.replace("='1.2.3'", "='1.3'").replace("a1  one.whl", "c3  three.whl\nd4  four.whl");
    assert_eq!(after, expected);
}

#[test]
fn a_launcher_with_the_wheels_of_many_platforms_has_less_than_150_lines() {
    let pins = [("a", "1.whl"), ("b", "2.whl"), ("c", "3.whl"), ("d", "4.whl")];
    assert!(launcher("1", &pins).text().lines().count() < 150);
}

#[test]
fn only_wheels_of_the_version_that_have_a_digest_are_pinned() {
    let file = |name: &str, sha256: Option<&str>, yanked| IndexFile {
        name: name.to_owned(),
        url: Url::parse("https://i/f").unwrap(),
        sha256: sha256.map(str::to_owned),
        requires_python: None,
        yanked,
        size: None,
        listed_on: Url::parse("https://i/").unwrap(),
    };
    let name = |version: &str, tag: &str| format!("prime_bootstrap-{version}-py3-none-{tag}.whl");
    let files = [
        file(&name("1.0", "musllinux_1_1_x86_64"), Some("c"), false),
        file(&name("1.0", "macosx_11_0_arm64"), Some("a"), false),
        file(&name("1.0", "win_amd64"), Some("w"), false),
        file(&name("1.0", "manylinux_2_17_aarch64"), None, false),
        file(&name("1.0", "linux_armv7l"), Some("y"), true),
        file(&name("1.1", "macosx_11_0_arm64"), Some("n"), false),
        file("prime_bootstrap-1.0.tar.gz", Some("s"), false),
    ];
    let pins = pins(&files, &Version::from_str("1.0").unwrap());
    let found: Vec<_> = pins.iter().map(|pin| pin.sha256.as_str()).collect();
    assert_eq!(found, ["a", "c"]);
    let linux = |arch: &str| Platform::Linux { arch: arch.to_owned(), glibc: Some((2, 30)) };
    assert!(has_platform(&pins, &linux("x86_64")) && !has_platform(&pins, &linux("aarch64")));
}

/// The head of a program for Linux on this processor, with one entry in its table of segments.
fn elf(machine: u8, segment: u8) -> Vec<u8> {
    let mut head = vec![0; 64 + 56];
    head[..5].copy_from_slice(b"\x7fELF\x02");
    (head[18], head[32], head[54], head[56], head[64]) = (machine, 64, 56, 1, segment);
    head
}

#[test]
fn a_wheel_is_named_after_what_its_program_runs_on_and_is_always_the_same() {
    let built = |binary: &[u8]| wheel::build(binary, "0.2.0-rc.1");
    let name = |binary: &[u8]| built(binary).unwrap().file_name.split_once("py3-none-").unwrap().1.to_owned();
    assert_eq!(name(&elf(62, 1)), "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64.whl");
    assert_eq!(name(&elf(183, 3)), "linux_aarch64.whl");
    assert_eq!(name(b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01"), "macosx_11_0_arm64.whl");
    assert!(built(&elf(62, 1)).unwrap().file_name.starts_with("prime_bootstrap-0.2.0rc1-"));
    assert_eq!(built(&elf(62, 1)).unwrap(), built(&elf(62, 1)).unwrap());
    for bad in [&b"#!/bin/sh\n"[..], b"\x7fELF\x02", b"", b"\xcf\xfa\xed\xfe\x01\x00\x00\x01"] {
        assert!(built(bad).is_err());
    }
    assert!(wheel::build(&elf(62, 1), "x").is_err());
}

#[test]
fn the_program_is_the_first_member_and_not_compressed() {
    let program = elf(62, 1);
    let content = wheel::build(&program, "1.0").unwrap().content;
    let number =
        |at: usize, width: usize| (0..width).fold(0, |sum, byte| sum | usize::from(content[at + byte]) << (8 * byte));
    let start = 30 + number(26, 2) + number(28, 2);
    assert_eq!((number(8, 2), &content[start..start + number(18, 4)]), (0, program.as_slice()));
    let name = String::from_utf8_lossy(&content[30..30 + number(26, 2)]).into_owned();
    assert_eq!(name, "prime_bootstrap-1.0.data/scripts/prime");
}
