//! What `prime init` makes of the launcher.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::{Launched, UTILITIES, VERSION, names_in};
use crate::support::index::Index;
use crate::support::own_wheel::own_wheel;
use crate::support::sandbox::Sandbox;
use crate::support::{output, require_program, write};

fn repo() -> Sandbox {
    Sandbox::new().file("pyproject.toml", "").file(".python-version", "3.12\n")
}

/// What the launcher says on the line that begins so.
fn value(sandbox: &Sandbox, start: &str) -> String {
    let text = sandbox.read("prime");
    text.lines().find_map(|line| line.strip_prefix(start)).unwrap().to_owned()
}

#[test]
fn a_launcher_is_short_and_clean_and_says_on_top_what_it_starts_and_needs() {
    let Some(launched) = Launched::new() else { return };
    let text = fs::read_to_string(launched.path()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() < 150, "{}", lines.len());
    let own = own_wheel();
    let top = lines[..12].join("\n");
    assert!(top.contains(&format!("\nprime_version='{VERSION}'\n")), "{top}");
    assert!(top.contains(&format!("\nprime_pins='\n{}  {}\n'\n", own.sha256, own.filename)), "{top}");
    let needs = top.replace("\n# ", " ");
    let (_, needs) = needs.split_once("to fetch also ").unwrap();
    let (needs, _) = needs.split_once(", and sha256sum").unwrap();
    assert_eq!(needs.split(", ").collect::<Vec<_>>(), UTILITIES);
    assert_eq!(launched.path().metadata().unwrap().permissions().mode() & 0o7777 & !0o022, 0o755);
    let Some(shellcheck) = require_program("shellcheck") else { return };
    let checked = output(Command::new(shellcheck).arg(launched.path())).unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

#[test]
fn an_update_renews_the_launcher_and_nothing_else() {
    let index = Index::start().add(own_wheel());
    let sandbox = repo().index(&index);
    sandbox.prime(["init", "--update"]).stderr("write    prime\n").run();
    assert_eq!(names_in(&sandbox.repo()), [".python-version", "prime", "pyproject.toml"]);
    let written = sandbox.read("prime");
    sandbox.prime(["init", "--update"]).stderr("keep     prime\n").run();
    let old = written.replace(&format!("'{VERSION}'"), "'0.0.1'").replace("set -u\n", "");
    write(&sandbox.repo().join("prime"), old.as_bytes(), 0o700);
    let shown = sandbox.prime(["init", "--update", "--dry-run"]).output();
    assert_eq!((shown.code(), sandbox.redact(&shown.stdout())), (0, format!("==> replace prime\n{written}")));
    sandbox.prime(["init"]).output();
    assert_eq!(sandbox.read("prime"), old, "only an update renews it");
    sandbox.prime(["init", "--update"]).stderr("replace  prime\n").run();
    assert_eq!(sandbox.read("prime"), written);
    assert_eq!(sandbox.repo().join("prime").metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn where_nothing_is_published_this_binary_serves_until_an_update_finds_something() {
    let index = Index::start();
    let sandbox = repo().index(&index).link("sh", &require_program("sh").unwrap());
    let run = sandbox.prime(["init", "--update"]).output();
    let said = sandbox.redact(&run.stderr());
    let fact = format!(
        "write    prime\n\
         warning: `prime` pins no sha256 yet and can start only where prime is: no wheel of `prime-bootstrap` {VERSION} with \
         a sha256 in `[INDEX]/simple/`; `prime init --update` pins what there is then\n\
         put      [CACHE]/prime/bin/prime-{VERSION}\n"
    );
    assert_eq!((run.code(), said), (0, sandbox.redact(&fact)));
    let launcher = sandbox.repo().join("prime");
    sandbox.command(&launcher).args(["--version"]).stdout("prime [VERSION]\n").run();
    let help = sandbox.command(&launcher).args(["-h"]).output().stdout();
    assert!(help.contains("Usage: prime ["), "not by the name of a file in the cache: {help}");
    // One that is there may have been verified.
    let cached = sandbox.cache().join(format!("prime/bin/prime-{VERSION}"));
    write(&cached, b"#!/bin/sh\necho verified\n", 0o755);
    sandbox.prime(["init", "--update"]).output();
    assert_eq!(fs::read_to_string(&cached).unwrap(), "#!/bin/sh\necho verified\n");
    fs::remove_file(&cached).unwrap();
    sandbox.prime(["init", "--update"]).output();
    let published = Index::start().add(own_wheel());
    let sandbox = sandbox.index(&published);
    // Through the launcher itself.
    sandbox.command(&launcher).args(["init", "--update"]).stderr("replace  prime\n").run();
    assert!(sandbox.read("prime").contains(&own_wheel().sha256));
    let offline = sandbox.prime(["--offline", "init", "--update"]).output();
    assert!(offline.stderr().contains("`--offline`"), "{}", offline.stderr());
}

#[test]
fn what_is_no_launcher_is_left_alone_unless_it_is_to_go() {
    let index = Index::start().add(own_wheel());
    let sandbox = repo().index(&index).script("prime", "#!/bin/sh\necho mine\n");
    let kept = "warning: `prime` is there and is no launcher; it is kept, and there is no launcher\n";
    sandbox.prime(["init"]).stderr(format!("write    prime.toml\nwrite    .gitignore\n{kept}")).run();
    let refused = "error: `prime` is there and is no launcher\nhint: move it away, or let `--force` take its place\n";
    sandbox.prime(["init", "--update"]).code(73).stderr(refused).run();
    assert_eq!(sandbox.read("prime"), "#!/bin/sh\necho mine\n");
    sandbox.prime(["init", "--update", "--force"]).stderr("replace  prime\n").run();
    assert!(sandbox.read("prime").contains(&own_wheel().sha256));
    // A package of this name is nothing that could go.
    let sandbox = repo().index(&index).file("prime/__init__.py", "");
    sandbox.prime(["init"]).stderr(format!("write    prime.toml\nwrite    .gitignore\n{kept}")).run();
    let refused = "error: cannot write `prime`: it is a directory\nhint: move it away\n";
    sandbox.prime(["init", "--update", "--force"]).code(73).stderr(refused).run();
}

#[test]
fn an_index_is_recorded_as_it_is_named_and_stays_until_another_is() {
    let (index, other) = (Index::start().add(own_wheel()), Index::start().add(own_wheel()));
    let sandbox = repo();
    let update = |args: &[&str]| {
        let run = sandbox.prime(["-q", "init", "--update"]).args(args.iter().copied()).output();
        assert_eq!((run.code(), run.stderr()), (0, String::new()));
        value(&sandbox, "prime_index=")
    };
    assert_eq!(update(&["--index-url", &index.url()]), format!("'{}'", index.url()));
    let asked = index.paths().len();
    assert_eq!(update(&[]), format!("'{}'", index.url()));
    assert_eq!(index.paths().len(), asked + 1, "where none is set, it is the one to ask");
    assert_eq!(update(&["--index-url", &other.url()]), format!("'{}'", other.url()));
    let before = sandbox.read("prime");
    for url in ["https://me:secret@i/simple", "nothing", "https://i/it's", "https://i/a b", ""] {
        let run = sandbox.prime(["init", "--update", "--index-url", url]).output();
        assert_eq!(run.code(), 2, "{url}: {}", run.stderr());
        assert!(run.stderr().starts_with("error: the value of `--index-url` is not usable: "), "{}", run.stderr());
        assert!(!run.stderr().contains("secret"), "{}", run.stderr());
    }
    assert_eq!(sandbox.read("prime"), before);
}

#[test]
fn a_launcher_that_cannot_be_executed_any_more_is_renewed() {
    let index = Index::start().add(own_wheel());
    let sandbox = repo().index(&index);
    assert_eq!(sandbox.prime(["-q", "init"]).output().code(), 0);
    write(&sandbox.repo().join("prime"), sandbox.read("prime").as_bytes(), 0o644);
    sandbox.prime(["init", "--update"]).stderr("replace  prime\n").run();
    assert_eq!(sandbox.repo().join("prime").metadata().unwrap().permissions().mode() & 0o777, 0o755);
    sandbox.prime(["init", "--update"]).stderr("keep     prime\n").run();
}
