//! Where the launcher looks, what it hands over, and what that costs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use nix::sys::signal::Signal;

use super::{Launched, TELLS, VERSION, shells, write_launcher};
use crate::support::sandbox::Sandbox;
use crate::support::{require_program, write};

/// Arguments that a careless script would change.
const ARGS: [&str; 9] = ["", "a b", "*", "-q", "--", "'\"`$(x)\\", "two\nlines", "-n", "ü "];

/// A sandbox with a launcher that pins nothing, and a shell.
fn plain() -> Option<Sandbox> {
    let sandbox = Sandbox::new().file("pyproject.toml", "").link("sh", &require_program("sh")?);
    write_launcher(&sandbox, &[]);
    Some(sandbox)
}

#[test]
fn the_places_are_looked_at_in_order() {
    let Some(sandbox) = plain() else { return };
    let places = [
        sandbox.root().join("mine"),
        sandbox.repo().join(".prime/bin/prime"),
        sandbox.repo().join(format!(".prime/bin/prime-{VERSION}")),
        sandbox.cache().join(format!("prime/bin/prime-{VERSION}")),
        sandbox.bin().join("prime"),
    ];
    for (number, place) in places.iter().enumerate() {
        let answer = format!("#!/bin/sh\n[ \"$1\" = --version ] && echo prime {VERSION} || echo {number}\n");
        write(place, answer.as_bytes(), 0o755);
    }
    let with_own = sandbox.command(sandbox.repo().join("prime")).env("PRIME_BIN", &places[0]);
    with_own.stdout("0\n").run();
    sandbox.command(sandbox.repo().join("prime")).env("PRIME_BIN", "../mine").stdout("0\n").run();
    for (number, place) in places.iter().enumerate().skip(1) {
        sandbox.command(sandbox.repo().join("prime")).stdout(format!("{number}\n")).run();
        fs::remove_file(place).unwrap();
    }
}

#[test]
fn a_prime_of_another_version_and_other_launchers_on_path_are_passed_over() {
    let Some(launched) = Launched::new() else { return };
    let dirs = ["launchers", "others", "wanted", "broken"].map(|name| launched.sandbox.root().join(name));
    write(&dirs[0].join("prime"), &fs::read(launched.path()).unwrap(), 0o755);
    write(&dirs[1].join("prime"), b"#!/bin/sh\necho prime 9.9\n", 0o755);
    let wanted = format!("#!/bin/sh\n[ \"$1\" = --version ] && echo prime {VERSION} || echo wanted\n");
    write(&dirs[2].join("prime"), wanted.as_bytes(), 0o755);
    fs::create_dir_all(dirs[3].join("prime")).unwrap();
    // The launcher's own directory is on `PATH` as well.
    let path = |last: &[&Path]| {
        let own = launched.sandbox.repo();
        let first = [own.as_path(), &dirs[3], &dirs[0], &dirs[1]].into_iter().chain(last.iter().copied());
        std::env::join_paths(first.chain([launched.sandbox.bin().as_path()])).unwrap()
    };
    launched.run(&["x"]).env("PATH", path(&[&dirs[2]])).stdout("wanted\n").run();
    assert_eq!(launched.fetched(), 0);
    let run = launched.run(&["--version"]).env("PATH", path(&[])).output();
    assert_eq!((run.code(), run.stdout()), (0, format!("prime {VERSION}\n")), "{}", run.stderr());
    assert_eq!(launched.fetched(), 1);
}

#[test]
fn the_arguments_arrive_as_they_are_by_every_shell() {
    let Some(sandbox) = plain() else { return };
    write(&sandbox.repo().join(".prime/bin/prime"), TELLS.as_bytes(), 0o755);
    let launcher = sandbox.repo().join("prime");
    let expected = format!("{}\n{}\n", launcher.display(), ARGS.join("\n"));
    for shell in shells() {
        let words = shell[1..].iter().chain([&launcher]).map(|word| word.clone().into_os_string());
        let run = sandbox.command(&shell[0]).args(words).args(ARGS).output();
        assert_eq!((run.code(), run.stdout(), run.stderr()), (0, expected.clone(), String::new()), "{shell:?}");
    }
}

#[test]
fn the_status_and_standard_input_are_the_programs_own() {
    let Some(sandbox) = plain() else { return };
    let program = "#!/bin/sh\nread -r line\necho \"$line\"\nexit \"$1\"\n";
    write(&sandbox.repo().join(".prime/bin/prime"), program.as_bytes(), 0o755);
    for code in [0, 1, 7, 127, 255] {
        let run = sandbox.command(sandbox.repo().join("prime")).args([code.to_string()]);
        run.stdin("a line\n").stdout("a line\n").code(code).run();
    }
    write(&sandbox.repo().join(".prime/bin/prime"), b"#!/bin/sh\nkill -9 $$\n", 0o755);
    sandbox.command(sandbox.repo().join("prime")).code(137).run();
}

#[test]
fn the_program_is_the_process_that_was_started() {
    let Some(sandbox) = plain() else { return };
    let program = "#!/bin/sh\ntrap 'echo stopped; exit 3' TERM\necho $$ >&2\nwhile :; do :; done\n";
    write(&sandbox.repo().join(".prime/bin/prime"), program.as_bytes(), 0o755);
    let mut run = sandbox.command(sandbox.repo().join("prime")).spawn();
    let pid = run.pid();
    assert!(run.wait_until(|run| run.stderr() == format!("{pid}\n")), "{}", run.wait().stderr());
    let run = run.signal(Signal::SIGTERM);
    assert_eq!((run.code(), run.stdout()), (3, "stopped\n".to_owned()));
}

#[test]
fn it_knows_where_it_lies_however_it_is_started() {
    let Some(sandbox) = plain() else { return };
    let repo = sandbox.root().join("a répo 'of' mine");
    for name in ["sub", ".prime/bin"] {
        fs::create_dir_all(repo.join(name)).unwrap();
    }
    fs::copy(sandbox.repo().join("prime"), repo.join("prime")).unwrap();
    write(&repo.join(".prime/bin/prime"), TELLS.as_bytes(), 0o755);
    let sandbox = sandbox.link("readlink", &require_program("readlink").unwrap());
    let (by_file, by_links, by_dir) =
        (sandbox.root().join("by file"), sandbox.root().join("by links"), sandbox.root().join("by dir"));
    symlink(repo.join("prime"), &by_file).unwrap();
    symlink("by file", &by_links).unwrap();
    symlink(repo.join("sub"), &by_dir).unwrap();
    let path = std::env::join_paths([repo.clone(), sandbox.bin()]).unwrap();
    let shell = require_program("sh").unwrap();
    let starts = [
        sandbox.command(repo.join("prime")),
        sandbox.command("./prime").current_dir(&repo),
        sandbox.command("../prime").current_dir(repo.join("sub")),
        sandbox.command("sub/../prime").current_dir(&repo),
        sandbox.command(&by_file),
        sandbox.command("./by links").current_dir(sandbox.root()),
        sandbox.command(by_dir.join("../prime")),
        sandbox.command("../prime").current_dir(&by_dir).env("PWD", &by_dir),
        sandbox.command(&shell).args(["prime"]).current_dir(&repo),
        sandbox.command(&shell).args(["-c", "prime"]).env("PATH", path),
    ];
    for (number, start) in starts.into_iter().enumerate() {
        let run = start.output();
        assert_eq!((run.code(), run.stderr()), (0, String::new()), "{number}");
        let told = run.stdout().trim_end().to_owned();
        assert!(told.starts_with('/'), "{number}: {told}");
        assert_eq!(Path::new(&told).canonicalize().unwrap(), repo.join("prime").canonicalize().unwrap(), "{number}");
    }
}

#[test]
fn the_binary_takes_the_launchers_directory_for_the_repository() {
    let Some(launched) = Launched::new() else { return };
    let link = launched.sandbox.root().join("link");
    fs::create_dir(launched.sandbox.repo().join("sub")).unwrap();
    symlink(launched.sandbox.repo().join("sub"), &link).unwrap();
    let run = launched.run(&["eval"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let there = launched.sandbox.command("../prime").args(["eval"]).current_dir(&link).env("PWD", &link).output();
    let lines =
        |text: String| text.lines().filter(|line| line.contains("_abs_path ")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(there.stdout()), lines(run.stdout()));
    assert!(run.stdout().contains(&format!("{}", launched.path().display())), "{}", run.stdout());
}

#[test]
fn a_cached_binary_takes_one_shell_and_one_exec_and_no_other_process() {
    let (Some(launched), Some(strace)) = (Launched::new(), require_program("strace")) else { return };
    assert_eq!(launched.run(&["--version"]).output().code(), 0);
    let (log, asked) = (launched.sandbox.root().join("strace"), launched.index.requests().len());
    let filter = "trace=execve,execveat,fork,vfork,clone,clone3";
    for shell in shells() {
        let options = ["-f", "-qq", "-e", filter, "-o"];
        let words = shell
            .iter()
            .chain([launched.sandbox.repo().join("prime")].iter())
            .map(|word| word.clone().into_os_string())
            .collect::<Vec<_>>();
        let run = launched.sandbox.command(&strace).args(options).args([&log]).args(words).args(["--version"]).output();
        assert_eq!((run.code(), run.stdout()), (0, format!("prime {VERSION}\n")), "{shell:?}: {}", run.stderr());
        let trace = fs::read_to_string(&log).unwrap();
        let calls: Vec<_> = trace.lines().map(|line| line.split_once(' ').unwrap().1.trim_start()).collect();
        assert_eq!(calls.len(), 2, "{shell:?}: {trace}");
        assert!(calls[0].starts_with("execve(") && calls[1].contains(launched.cached().to_str().unwrap()), "{trace}");
    }
    assert_eq!(launched.index.requests().len(), asked);
}

#[test]
fn what_is_asked_for_its_version_gets_nothing_of_the_input() {
    let Some(launched) = Launched::new() else { return };
    let thirsty = launched.sandbox.root().join("thirsty");
    write(&thirsty.join("prime"), b"#!/bin/sh\nread -r line && echo \"prime 9.9 $line\"\n", 0o755);
    let path = std::env::join_paths([thirsty.as_path(), launched.sandbox.bin().as_path()]).unwrap();
    let program =
        format!("#!/bin/sh\n[ \"$1\" != --version ] || {{ echo prime {VERSION}; exit; }}\nread -r x; echo \"$x\"\n");
    write(&launched.sandbox.bin().join("prime"), program.as_bytes(), 0o755);
    launched.run(&["x"]).env("PATH", path).stdin("all of it\n").stdout("all of it\n").run();
}

#[test]
fn a_launcher_that_is_to_start_itself_says_so() {
    let Some(sandbox) = plain() else { return };
    let launcher = sandbox.repo().join("prime");
    let run = sandbox.command(&launcher).env("PRIME_BIN", &launcher).code(78);
    run.stderr("error: `PRIME_BIN` is a launcher\n").run();
}
