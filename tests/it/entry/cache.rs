//! `prime cache`: what scripts share, and what becomes of environments that were not used for long.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::metadata::{environments, sandbox};
use crate::support::write;

/// Lets an environment be last used so many days ago.
fn age(dir: &Path, days: u64) {
    let used = File::options().write(true).open(dir.join("used")).unwrap();
    used.set_modified(SystemTime::now() - Duration::from_secs(days * 86_400 + 60)).unwrap();
}

fn name(dir: &Path) -> String {
    dir.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn what_was_not_used_for_long_is_removed_and_made_again_when_it_is_needed() {
    let Some((sandbox, _index)) = sandbox() else { return };
    let sandbox = sandbox.file("none.py", "print()\n");
    assert_eq!(sandbox.prime(["-q", "script", "tools/look"]).output().code(), 0);
    let [old] = environments(&sandbox).try_into().unwrap();
    assert_eq!(sandbox.prime(["-q", "script", "none.py"]).output().code(), 0);
    let scripts = sandbox.cache().join("prime/script");
    write(&scripts.join(".prime-tmp-left/by/a/dead/process"), b"", 0o644);
    write(&scripts.join("mine/not/ours"), b"", 0o644);
    for (days, words, said) in [
        (29, &[][..], None),
        (31, &["--older-than", "5w"][..], None),
        (31, &["--dry-run"][..], Some("would    remove script/")),
        (8, &["--older-than=1w"][..], Some("remove   script/")),
    ] {
        age(&old, days);
        let run = sandbox.prime(["cache", "prune"].iter().chain(words).copied()).output();
        let lines = said.map_or(String::new(), |said| format!("{said}{} (used {days} days ago, ", name(&old)));
        assert_eq!((run.code(), run.stdout().as_str()), (0, ""), "{}", run.stderr());
        assert_eq!(run.stderr().lines().count(), usize::from(said.is_some()), "{}", run.stderr());
        assert!(run.stderr().starts_with(&lines), "{}", run.stderr());
        assert_eq!(old.exists(), said.is_none_or(|said| said.starts_with("would")), "{words:?}");
    }
    let mut left: Vec<String> = fs::read_dir(&scripts).unwrap().map(|it| name(&it.unwrap().path())).collect();
    left.retain(|it| it.len() != 32);
    left.sort();
    assert_eq!(left, [".prune.lock", "mine"], "what is not ours stays, what was half removed goes");
    let run = sandbox.prime(["script", "tools/look"]).output();
    assert!(run.stderr().starts_with("create   .venv") && run.stdout().starts_with("two "), "{}", run.stderr());
}

#[test]
fn what_is_in_use_is_kept() {
    let Some((sandbox, _index)) = sandbox() else { return };
    let sandbox = sandbox.file("wait.py", "print('waiting', flush=True)\nimport signal\nsignal.pause()\n");
    assert_eq!(sandbox.prime(["-q", "script", "tools/look"]).output().code(), 0);
    let [made] = environments(&sandbox).try_into().unwrap();
    age(&made, 40);
    let lock = File::options().append(true).open(made.join(".prime/lock")).unwrap();
    lock.lock().unwrap();
    let busy = sandbox.prime(["cache", "prune"]).output();
    assert!(
        busy.stderr().starts_with("keep     script/") && busy.stderr().ends_with(": another `prime` works on it\n")
    );
    assert_eq!((busy.code(), made.exists()), (0, true));
    drop(lock);
    let alias = sandbox.root().join("alias");
    symlink(sandbox.cache(), &alias).unwrap();
    let python = alias.join(made.strip_prefix(sandbox.cache()).unwrap()).join(".venv/bin/python");
    let mut running = sandbox.command(python).args(["wait.py"]).spawn();
    assert!(running.wait_until(|it| it.stdout() == "waiting\n"));
    for words in [&["cache", "prune"][..], &["cache", "prune", "--dry-run"]] {
        let kept = sandbox.prime(words.iter().copied()).output();
        let said = kept.stderr();
        assert!(said.starts_with("keep     script/") && said.ends_with(" is in it\n"), "{said}");
        assert_eq!((kept.code(), made.exists()), (0, true));
    }
    running.signal(nix::sys::signal::Signal::SIGKILL);
    assert!(sandbox.prime(["cache", "prune"]).output().stderr().starts_with("remove   "));
    assert!(!made.exists());
}

#[test]
fn a_start_notes_its_use_before_anything_else() {
    let Some((sandbox, _index)) = sandbox() else { return };
    assert_eq!(sandbox.prime(["-q", "script", "tools/look"]).output().code(), 0);
    let [made] = environments(&sandbox).try_into().unwrap();
    age(&made, 40);
    assert_eq!(sandbox.prime(["-q", "script", "tools/look"]).output().code(), 0);
    sandbox.prime(["cache", "prune"]).run();
    assert!(made.exists());
}

#[test]
fn the_cache_says_where_it_is_and_what_it_takes() {
    let Some((sandbox, _index)) = sandbox() else { return };
    let dir = sandbox.cache().join("prime");
    sandbox.prime(["cache", "dir"]).stdout("[CACHE]/prime\n").run();
    sandbox.prime(["cache", "prune"]).run();
    assert!(!dir.join("script").exists(), "nothing is written where nothing is");
    write(&dir.join("one/file"), &vec![1; 100_000], 0o644);
    fs::hard_link(dir.join("one/file"), dir.join("one/again")).unwrap();
    symlink("/usr", dir.join("one/link")).unwrap();
    let run = sandbox.prime(["cache", "size"]).output();
    let lines: Vec<(String, f64)> = run
        .stdout()
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(words[2], "KiB", "{line}");
            (words[0].to_owned(), words[1].parse().unwrap())
        })
        .collect();
    let [(one, bytes), (all, _)] = lines.try_into().unwrap();
    assert_eq!((one.as_str(), all.as_str()), ("one", "all"));
    assert!((97.0..150.0).contains(&bytes), "what has two names counts once, and no link is followed: {bytes}");
    sandbox.prime(["cache", "dir"]).env("PRIME_CACHE_DIR", "/else/../where").stdout("/where\n").run();
}

#[test]
fn what_cannot_be_pruned_by_is_refused() {
    let Some((sandbox, _index)) = sandbox() else { return };
    for age in ["23h", "30", "x"] {
        let run = sandbox.prime(["cache", "prune", "--older-than", age]).output();
        assert_eq!(run.code(), 2);
        assert!(run.stderr().contains("'--older-than <AGE>'"), "{}", run.stderr());
    }
    let run = sandbox.prime(["cache", "dir"]).env_remove("HOME").env_remove("XDG_CACHE_HOME").output();
    assert_eq!(run.code(), 73, "{}", run.stderr());
    assert!(run.stderr().ends_with("hint: set `PRIME_CACHE_DIR` to a directory of your own\n"));
}
