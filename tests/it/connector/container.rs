//! Connectors in containers: with a real engine where one answers, and with none.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use prime::connector::{Executor, Files, Options, Setting, Verb};

use super::{chosen, connector};
use crate::support::docker::{Engine, docker, image};
use crate::support::sandbox::Sandbox;
use crate::support::{output, program};

/// In a container there is a shell and nothing else, so this uses only what a shell has in itself.
const CONNECTOR: &str = r#"echo "args $*"
while [ "$1" = discover ]; do :; done
while [ $# -gt 0 ]; do
    case $1 in /airbyte/tmp/*) while read -r line; do echo "$1 $line"; done <"$1" ;; esac
    shift
done
[ ! -d /local ] || echo kept >/local/kept
"#;
const IMAGE: &str = "prime-test/source-tiny";

fn made() -> Option<PathBuf> {
    let docker = docker()?;
    image(&docker, IMAGE, &["latest", "1.0"], CONNECTOR);
    Some(docker)
}

fn docker_image(options: &mut Options) {
    options.docker_image = Some(Setting::parse(IMAGE));
}

fn said(executor: &dyn Executor, sandbox: &Sandbox) -> String {
    let mut files = Files::new(&sandbox.root().join("tmp"), executor.readers()).unwrap();
    files.config = Some(files.write("config.json", b"{\"key\": 1}\n").unwrap());
    let command = executor.command(Verb::Check, &files).unwrap();
    assert!(!command.display().contains("key"), "no secret is on a command line");
    let captured = command.capture(Duration::from_secs(60)).unwrap();
    assert!(captured.status.success(), "{}", String::from_utf8_lossy(&captured.stderr));
    String::from_utf8(captured.stdout).unwrap()
}

/// A place where a container's user may write what it keeps.
fn sandboxed(docker: &Path) -> Sandbox {
    let sandbox = Sandbox::new().link("docker", docker);
    let kept = sandbox.repo().join("source-tiny");
    fs::create_dir(&kept).unwrap();
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o777)).unwrap();
    let host = std::env::var_os("DOCKER_HOST");
    host.into_iter().fold(sandbox, |sandbox, host| sandbox.env("DOCKER_HOST", host))
}

#[test]
fn a_connector_runs_in_a_container_with_its_files() {
    let Some(docker) = made() else { return };
    let sandbox = sandboxed(&docker);
    let executor = chosen(&sandbox, docker_image).unwrap();
    executor.ensure(false).unwrap();
    let expected = "args check --config /airbyte/tmp/config.json\n/airbyte/tmp/config.json {\"key\": 1}\n";
    assert_eq!(said(executor.as_ref(), &sandbox), expected);
    assert_eq!(fs::read(sandbox.repo().join("source-tiny/kept")).unwrap(), b"kept\n");
    assert_eq!(executor.location().unwrap(), format!("{IMAGE}:latest"));
    let tagged = chosen(&sandbox, |options| {
        docker_image(options);
        options.version = Some("1.0".to_owned());
        options.use_host_network = true;
    });
    let tagged = tagged.unwrap();
    let files = Files::new(&sandbox.root().join("tmp"), tagged.readers()).unwrap();
    let command = sandbox.redact(&tagged.command(Verb::Spec, &files).unwrap().display());
    assert!(command.contains("--volume [REPO]/source-tiny:/local "), "{command}");
    assert!(command.ends_with(&format!(":/airbyte/tmp --network host {IMAGE}:1.0 spec")), "{command}");
    assert!(said(tagged.as_ref(), &sandbox).starts_with("args check "));
}

#[test]
fn a_container_is_ended_whose_program_was_killed() {
    let Some(docker) = made() else { return };
    let sandbox = sandboxed(&docker);
    let executor = chosen(&sandbox, docker_image).unwrap();
    let files = Files::new(&sandbox.root().join("tmp"), executor.readers()).unwrap();
    let name = format!("{}-discover", files.dir().parent().unwrap().file_name().unwrap().to_str().unwrap());
    let running = || {
        let listed = Command::new(&docker).args(["ps", "--format", "{{.Names}}"]).output().unwrap().stdout;
        String::from_utf8(listed).unwrap().lines().any(|line| line == name)
    };
    let command = executor.command(Verb::Discover, &files).unwrap();
    let late = command.capture(Duration::from_secs(5)).unwrap_err();
    assert_eq!(late.kind(), std::io::ErrorKind::TimedOut);
    assert!(running(), "the container outlives its program");
    executor.end(Verb::Discover, &files).unwrap();
    while running() {
        sleep(Duration::from_millis(20));
    }
    executor.end(Verb::Discover, &files).unwrap();
}

#[test]
fn an_image_is_told_got_and_removed() {
    let Some(docker) = made() else { return };
    let sandbox = sandboxed(&docker);
    let other = "prime-test/source-other";
    let made = output(Command::new(&docker).args(["tag", IMAGE, &format!("{other}:latest")])).unwrap();
    assert!(made.status.success());
    let args = |command| [command, "source-tiny", "--docker-image", other];
    assert_eq!(connector(&sandbox, &args("ensure")), (0, String::new(), String::new()));
    assert_eq!(connector(&sandbox, &args("which")).1, format!("{other}:latest\n"));
    assert_eq!(connector(&sandbox, &args("version")).1, "latest\n");
    let (code, _, stderr) = connector(&sandbox, &args("uninstall"));
    assert_eq!((code, stderr), (0, format!("remove   {other}:latest  [TIME]\n")));
    assert_eq!(connector(&sandbox, &args("uninstall")).2, format!("absent   {other}:latest\n"));
    let no_fix = ["ensure", "--no-fix", "source-tiny", "--docker-image", other];
    let (code, _, stderr) = connector(&sandbox, &no_fix);
    assert!(code == 78 && stderr.starts_with(&format!("error: the image `{other}:latest` is not there\n")), "{stderr}");
    let nowhere = ["install", "source-tiny", "--docker-image", "127.0.0.1:1/x"];
    let (code, _, stderr) = connector(&sandbox, &nowhere);
    assert!(code == 69 && stderr.starts_with("error: the image `127.0.0.1:1/x:latest` cannot be had\n"), "{stderr}");
}

#[test]
fn without_an_engine_the_error_says_which_part_is_missing() {
    let none = Sandbox::new();
    for command in ["install", "ensure", "uninstall"] {
        let (code, _, stderr) = connector(&none, &[command, "source-tiny", "--docker-image", "true"]);
        assert!(
            code == 127 && stderr.starts_with("error: docker could not be found on this system\nhint: "),
            "{stderr}"
        );
    }
    let down = Sandbox::new().fake("docker", "echo 'cannot connect to the daemon' >&2; exit 1");
    let (code, _, stderr) = connector(&down, &["ensure", "source-tiny", "--use-python", "false"]);
    let expected =
        "error: docker is there, and its engine does not answer\n  cause: cannot connect to the daemon\nhint: ";
    assert!(code == 69 && stderr.starts_with(expected), "{stderr}");
    let inspected = "docker image inspect --format {{.Id}} airbyte/source-tiny:latest\n";
    assert_eq!(down.journal(), format!("{inspected}docker version --format {{{{.Server.Version}}}}\n"));
}

#[test]
fn an_engine_at_a_dead_socket_is_told_to_whoever_reads() {
    let Some(docker) = program("docker") else { return eprintln!("skipped: no `docker` on this machine") };
    let sandbox = Sandbox::new().link("docker", &docker);
    let socket = sandbox.root().join("none.sock");
    let sandbox = sandbox.env("DOCKER_HOST", format!("unix://{}", socket.display()));
    let read = ["read", "source-tiny", "--docker-image", IMAGE, "--config", "{}", "--streams", "*"];
    let (code, stdout, stderr) = connector(&sandbox, &read);
    let expected = "error: docker is there, and its engine does not answer\n  cause: ";
    assert!(code == 69 && stdout.is_empty() && stderr.starts_with(expected), "{stderr}");
    assert!(stderr.contains("unix://[ROOT]/none.sock"), "{stderr}");
    let (code, _, stderr) = connector(&Sandbox::new(), &read);
    assert!(code == 127 && stderr.starts_with("error: docker could not be found on this system\n"), "{stderr}");
}

#[test]
fn only_an_engine_that_is_not_there_may_be_missing() {
    let limit = Duration::from_secs(3);
    let down = Sandbox::new().fake("docker", "echo 'cannot connect' >&2; exit 1").file("docker.sock", "");
    let hung = Sandbox::new().fake("docker", "exec /bin/sleep 60").file("docker.sock", "");
    for (sandbox, said) in [(&down, "cannot connect"), (&hung, "no answer within 3 s")] {
        let (docker, repo) = (sandbox.bin().join("docker"), sandbox.repo());
        let at = |name: &str| format!("unix://{}/{name}", repo.display());
        let find = |at: &str| Engine::find(Some(docker.clone()), Some(at), limit);
        for there in [at("docker.sock"), "tcp://127.0.0.1:1".to_owned()] {
            let Engine::Silent(reason) = find(&there) else { panic!("an engine at {there}") };
            assert!(reason.contains(said), "{reason}");
        }
        assert!(matches!(find(&at("none.sock")), Engine::Missing(reason) if reason.contains("none.sock")));
    }
    assert!(matches!(Engine::find(None, None, limit), Engine::Missing(_)));
}
