//! What the launcher refuses, with which status, and that it says what to do.

use std::fs;

use super::{Launched, VERSION, shells};
use crate::support::http::refused_url;
use crate::support::index::{Fault, Index};
use crate::support::own_wheel::own_wheel;
use crate::support::write;

/// Starts the launcher, which must fail and leave nothing.
#[track_caller]
fn assert_refused(launched: &Launched, code: i32, facts: &[&str]) {
    let run = launched.run(&["--version"]).output();
    let said = launched.sandbox.redact(&run.stderr());
    assert_eq!((run.code(), run.stdout()), (code, String::new()), "{said}");
    assert!(said.starts_with("error: "), "{said}");
    for fact in facts {
        assert!(said.contains(fact), "{fact}: {said}");
    }
    assert_eq!(launched.kept(), [""; 0], "nothing stays: {said}");
}

#[test]
fn another_content_than_the_pinned_one_is_refused_whatever_digests_it() {
    for digester in [&["sha256sum"][..], &["shasum", "perl"], &["openssl"], &["python3"]] {
        let tools: Vec<_> = ["curl"].iter().chain(digester).copied().collect();
        let python = digester.contains(&"python3");
        let Some(launched) =
            Launched::with(Index::start().add(own_wheel()), &tools[..tools.len() - usize::from(python)])
        else {
            continue;
        };
        if python {
            let Some(python) = crate::support::pythons::newest() else { continue };
            std::os::unix::fs::symlink(&python.executable, launched.sandbox.bin().join("python3")).unwrap();
        }
        let expected = own_wheel().sha256;
        let mut tampered = own_wheel();
        let last = tampered.content.len() / 2;
        tampered.content[last] ^= 1;
        let found = crate::support::encoding::sha256(&tampered.content);
        let launched = Launched { index: Index::start().add(tampered), ..launched };
        let sandbox = launched.sandbox.index(&launched.index);
        let launched = Launched { sandbox, ..launched };
        let differs = format!("differs: expected {expected}, found {found}\n");
        assert_refused(
            &launched,
            65,
            &[&differs, "hint: name an index in `PRIME_INDEX_URL`", "[INDEX]/simple/prime-bootstrap/` has another"],
        );
    }
}

#[test]
fn nothing_is_run_that_could_not_be_verified() {
    let Some(launched) = Launched::new() else { return };
    let launched = launched.without("sha256sum");
    assert_refused(&launched, 65, &["differs: expected ", "found nothing"]);
}

#[test]
fn a_file_of_which_only_a_part_comes_is_refused() {
    for tool in ["curl", "wget"] {
        let Some(launched) = Launched::with(Index::start().add(own_wheel()), &[tool, "sha256sum"]) else { continue };
        let index = launched.index.fault("/files/prime_bootstrap-", Fault::Truncated(usize::MAX));
        let launched = Launched { index, ..launched };
        assert_refused(&launched, 65, &["error: only a part of `prime_bootstrap-", "hint: try again\n"]);
    }
}

#[test]
fn a_platform_that_is_not_pinned_is_told_with_those_that_are() {
    let Some(launched) = Launched::new() else { return };
    launched.rewrite(|text| text.replace("linux_", "plan9_").replace("macosx_", "plan9_"));
    let pinned = own_wheel().filename.replace("linux_", "plan9_");
    let arch = std::env::consts::ARCH;
    let fact = format!("error: prime [VERSION] is pinned for no platform such as this one, linux {arch}\n");
    assert_refused(&launched, 69, &[&fact, &pinned, "`PRIME_BIN`"]);
    launched.rewrite(|text| text.split_inclusive('\n').filter(|line| !line.contains("_bootstrap-")).collect());
    assert_refused(&launched, 69, &[&fact]);
    assert_eq!(launched.fetched(), 0);
}

#[test]
fn offline_it_fetches_nothing_and_a_cached_binary_is_as_good_as_ever() {
    let Some(launched) = Launched::new() else { return };
    let asked = launched.index.requests().len();
    for start in [
        launched.run(&["--offline", "--version"]),
        launched.run(&["check", "--offline"]),
        launched.run(&["--version"]).env("UV_OFFLINE", "true"),
    ] {
        let run = start.output();
        assert_eq!(run.code(), 69, "{}", run.stderr());
        assert_eq!(run.stderr(), format!("error: offline, and prime {VERSION} is not here yet\n"));
    }
    assert_eq!((launched.index.requests().len(), launched.kept()), (asked, vec![]));
    // What is behind the program's name is the program's.
    assert_eq!(launched.run(&["run", "x", "--offline"]).output().stderr().matches("obtain").count(), 1);
    let asked = launched.index.requests().len();
    launched.run(&["--offline", "--version"]).stdout("prime [VERSION]\n").run();
    assert_eq!(launched.index.requests().len(), asked);
}

#[test]
fn an_index_that_is_down_or_has_no_such_wheel_or_is_not_set_is_told() {
    let Some(launched) = Launched::new() else { return };
    let Launched { index, sandbox } = launched;
    let down = Launched { index, sandbox: sandbox.env("PIP_INDEX_URL", refused_url()) };
    assert_refused(&down, 69, &["error: cannot fetch `http://127.0.0.1:", "  cause: curl: ", "hint: name an index"]);
    let index = Index::start();
    let sandbox = down.sandbox.index(&index);
    let none = Launched { index, sandbox };
    assert_refused(&none, 69, &["error: cannot fetch `[INDEX]/simple/prime-bootstrap/`\n", "404"]);
    let mut other = own_wheel();
    other.filename = other.filename.replace(VERSION, "9.9");
    let index = Index::start().add(other);
    let sandbox = none.sandbox.index(&index);
    let other = Launched { index, sandbox };
    let fact = format!("error: `[INDEX]/simple/prime-bootstrap/` has no `{}`\n", own_wheel().filename);
    assert_refused(&other, 69, &[&fact]);
    let Launched { index, sandbox } = other;
    let unset = Launched { index, sandbox: sandbox.env_remove("PIP_INDEX_URL") };
    unset.rewrite(|text| {
        let index = text.lines().find(|line| line.starts_with("prime_index=")).unwrap().to_owned();
        text.replace(&index, "prime_index=''")
    });
    assert_refused(&unset, 78, &["error: no package index is set\n", "hint: name an index in `PRIME_INDEX_URL`"]);
}

#[test]
fn without_anything_to_download_with_it_says_so() {
    let Some(launched) = Launched::new() else { return };
    assert_refused(&launched.without("curl"), 69, &["error: cannot fetch `[INDEX]/", "python3"]);
}

#[test]
fn a_prime_bin_that_is_no_program_is_an_error() {
    let Some(launched) = Launched::new() else { return };
    write(&launched.sandbox.root().join("text"), b"x", 0o644);
    for name in ["gone", "../text", "src", "/dev/null"] {
        let run = launched.run(&["--version"]).env("PRIME_BIN", name).output();
        assert_eq!(run.code(), 78, "{}", run.stderr());
        assert!(run.stderr().starts_with("error: `PRIME_BIN` is `/"), "{}", run.stderr());
    }
    assert_eq!(launched.fetched(), 0);
}

#[test]
fn a_cache_that_cannot_be_written_is_replaced_by_the_repositorys_own() {
    let Some(launched) = Launched::new() else { return };
    let own = launched.sandbox.repo().join(format!(".prime/bin/prime-{VERSION}"));
    let in_the_way = launched.sandbox.root().join("file");
    write(&in_the_way, b"", 0o644);
    let nowhere = in_the_way.join("cache");
    let starts = [
        launched.run(&["--version"]).env("PRIME_CACHE_DIR", &nowhere),
        launched.run(&["--version"]).env_remove("XDG_CACHE_HOME").env_remove("HOME"),
        launched.run(&["--version"]).env_remove("XDG_CACHE_HOME").env("HOME", launched.sandbox.root().join("gone")),
    ];
    for start in starts {
        let run = start.output();
        assert_eq!((run.code(), run.stdout()), (0, format!("prime {VERSION}\n")), "{}", run.stderr());
        assert!(own.is_file());
        start.stdout("prime [VERSION]\n").run();
        fs::remove_dir_all(launched.sandbox.repo().join(".prime")).unwrap();
    }
    // Where that cannot be written either, nothing can be done.
    write(&launched.sandbox.repo().join(".prime"), b"", 0o644);
    let run = launched.run(&["--version"]).env("PRIME_CACHE_DIR", &nowhere).output();
    assert_eq!(run.code(), 73, "{}", run.stderr());
    assert!(run.stderr().starts_with("error: cannot write `"), "{}", run.stderr());
}

#[test]
fn a_directory_in_the_place_of_the_binary_is_told() {
    let Some(launched) = Launched::new() else { return };
    fs::create_dir_all(launched.cached().join("x")).unwrap();
    for shell in shells() {
        let run = launched.run_by(&shell, &["--version"]).output();
        assert_eq!(run.code(), 73, "{shell:?}: {}", run.stderr());
        assert!(run.stderr().contains(&format!("cannot write `{}`", launched.cached().display())), "{}", run.stderr());
    }
    assert_eq!((launched.fetched(), launched.kept()), (0, vec![format!("prime-{VERSION}")]));
}

#[test]
fn a_relative_cache_is_seen_from_the_current_directory() {
    let Some(launched) = Launched::new() else { return };
    let run = launched.run(&["--version"]).env("PRIME_CACHE_DIR", "../my cache").output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert!(launched.sandbox.root().join(format!("my cache/bin/prime-{VERSION}")).is_file());
}
