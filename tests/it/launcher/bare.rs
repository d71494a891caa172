//! From nothing: no python, no uv, no pip, no unzip, no git; a shell and curl, and what POSIX has besides a shell.

use std::fs;

use super::{UTILITIES, link_all, names_in};
use crate::support::hello::{GREETING, hello_index};
use crate::support::mirror::Mirror;
use crate::support::own_wheel::own_wheel;
use crate::support::pythons;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::repository;
use crate::support::sandbox::Sandbox;

#[test]
fn with_a_shell_and_curl_a_seeded_example_goes_from_nothing_to_its_program() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::hidden()) else { return };
    let (index, mirror) = (hello_index().add(uv_wheel(uv)).add(own_wheel()), Mirror::of(python));
    let sandbox = Sandbox::new().copy_of(&repository().join("examples/hello")).mirror(&mirror);
    let sandbox = sandbox.file(".python-version", format!("{}\n", python.version));
    let seeded = sandbox.prime(["-q", "init", "--index-url", &index.url()]).output();
    assert_eq!((seeded.code(), seeded.stderr()), (0, String::new()));
    let Some(sandbox) = link_all(sandbox, UTILITIES.iter().chain(&["sh", "curl", "sha256sum"])) else { return };
    // From here on nothing is there but that, and nothing says where packages are but the launcher.
    let mut allowed: Vec<_> = UTILITIES.iter().chain(&["sh", "curl", "sha256sum"]).copied().collect();
    allowed.sort_unstable();
    assert_eq!(names_in(&sandbox.bin()), allowed);
    assert_eq!(names_in(&sandbox.home()), [""; 0]);
    assert_eq!(names_in(&sandbox.cache()), [""; 0]);
    let names: Vec<_> = sandbox.vars().iter().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
    let known = ["HOME", "PATH", "PIP_CONFIG_FILE", "TMPDIR", "UV_PYTHON_DOWNLOADS_JSON_URL", "XDG_CACHE_HOME"];
    assert!(names.iter().all(|name| known.contains(&name.as_str())), "{names:?}");
    let launcher = sandbox.repo().join("prime");
    let run = sandbox.command(&launcher).args(["run", "--", "hello"]).output();
    let said = sandbox.redact(&run.stderr());
    assert_eq!((run.code(), run.stdout().as_str()), (0, GREETING), "{said}");
    for line in ["obtain   prime ", "obtain   uv ", "provide  python ", "create   .venv ", "install  hello"] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let asked = index.requests().len();
    let again = sandbox.command(&launcher).args(["run", "--", "hello"]).stdout(GREETING);
    again.run();
    assert_eq!(index.requests().len(), asked);
    assert!(fs::read_to_string(sandbox.repo().join("constraints.txt")).unwrap().contains("humanize=="));
}
