//! A real Docker engine, and images of what this machine has.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use prime::host::{Cmd, Host};

use super::{output, program, skip, write};

/// Where an engine listens unless told otherwise.
const SOCKET: &str = "/var/run/docker.sock";
/// How long an engine may take to answer.
const LIMIT: Duration = Duration::from_secs(30);
/// What images are made of, besides the script that is their entry.
const PROGRAMS: [&str; 2] = ["/bin/sh", "/bin/sleep"];

/// Whether there is an engine, and why not.
#[derive(Debug, PartialEq, Eq)]
pub enum Engine {
    /// It answers the program.
    Answers(PathBuf),
    /// It is there and has to answer.
    Silent(String),
    /// There is none: a test has nothing to try, not even where nothing may be skipped.
    Missing(String),
}

impl Engine {
    /// By the program, and the `DOCKER_HOST` that it is told.
    pub fn find(docker: Option<PathBuf>, at: Option<&str>, limit: Duration) -> Self {
        let Some(docker) = docker else { return Self::Missing("no `docker` on this machine".to_owned()) };
        let host = Host { vars: env::vars_os().collect(), ..Host::default() };
        let asked = Cmd::new(&host, &docker).args(at.iter().flat_map(|at| ["--host", *at])).arg("version");
        let said = match asked.capture(limit) {
            Ok(captured) if captured.status.success() => return Self::Answers(docker),
            Ok(captured) => String::from_utf8_lossy(&captured.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        let socket = at.map_or(Some(SOCKET), |at| at.strip_prefix("unix://"));
        match socket.filter(|socket| !Path::new(socket).exists()) {
            Some(socket) => Self::Missing(format!("no Docker engine: there is no `{socket}`")),
            None => Self::Silent(format!("the Docker engine does not answer: {said}")),
        }
    }
}

/// The program, where an engine answers it.
pub fn docker() -> Option<PathBuf> {
    match Engine::find(program("docker"), env::var("DOCKER_HOST").ok().as_deref(), LIMIT) {
        Engine::Answers(docker) => Some(docker),
        Engine::Silent(reason) => skip(&reason),
        Engine::Missing(reason) => {
            eprintln!("skipped: {reason}");
            None
        }
    }
}

/// An image from this machine's own shell, whose entry is a script.
pub fn image(docker: &Path, name: &str, tags: &[&str], script: &str) {
    let context = tempfile::tempdir().unwrap();
    for file in PROGRAMS.iter().flat_map(|program| with_libraries(program)) {
        let place = context.path().join("root").join(file.strip_prefix("/").unwrap());
        write(&place, &fs::read(&file).unwrap(), 0o755);
    }
    write(&context.path().join("root/connector"), script.as_bytes(), 0o644);
    // Nobody's in particular: what it is to read has to be open to it.
    let dockerfile = "FROM scratch\nCOPY root /\nUSER 4711\nENTRYPOINT [\"/bin/sh\", \"/connector\"]\n";
    write(&context.path().join("Dockerfile"), dockerfile.as_bytes(), 0o644);
    for tag in tags {
        let tag = format!("{name}:{tag}");
        let built = output(Command::new(docker).args(["build", "--quiet", "--tag", &tag]).arg(context.path())).unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    }
}

fn with_libraries(program: &str) -> Vec<PathBuf> {
    let linked = output(Command::new("ldd").arg(fs::canonicalize(program).unwrap())).unwrap().stdout;
    let linked = String::from_utf8(linked).unwrap();
    let libraries = linked.split_whitespace().filter(|word| word.starts_with('/'));
    [program].into_iter().chain(libraries).map(PathBuf::from).collect()
}
