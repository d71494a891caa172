//! At a terminal: Ctrl-C reaches everybody, and what works for `prime` may ask the person something.

use nix::sys::signal::Signal;

use super::DRIVERS;
use super::stopped::{BACKEND, built_by, left};
use crate::support::pythons;

/// Runs a command at a terminal of its own, types a text as soon as a file is there, and tells how the command ended and
/// what it showed.
const TYPIST: &str = r#"
import os, pty, signal, sys, time

text, name, command = sys.argv[1], sys.argv[2], sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
while not os.path.exists(name) and os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
    time.sleep(0.01)
os.write(terminal, text.encode())
shown = b""
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    shown += part
status = os.waitpid(pid, 0)[1]
print(-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
sys.stdout.write(shown.decode())
"#;

/// A backend that asks for a password, without echo, as git does.
const ASKING: &str = r#"
from tinybackend import *
import os, termios, tinybackend

def build_editable(directory, settings=None, metadata=None):
    with open("/dev/tty", "r+b", buffering=0) as terminal:
        old = termios.tcgetattr(terminal)
        new = termios.tcgetattr(terminal)
        new[3] &= ~termios.ECHO
        termios.tcsetattr(terminal, termios.TCSAFLUSH, new)
        open("working", "w").close()
        with open("answer", "wb") as file:
            file.write(terminal.readline())
        termios.tcsetattr(terminal, termios.TCSAFLUSH, old)
    return tinybackend.build_editable(directory, settings, metadata)
"#;

/// A boot of a repo with this backend, at whose terminal `text` is typed while it builds.
fn typed(backend: &str, driver: &str, text: &str, check: impl FnOnce(&str, &dyn Fn(&str) -> String, Vec<i32>)) {
    let Some((sandbox, _index)) = built_by(backend, driver) else { return };
    let Some(python) = pythons::newest() else { return };
    let run = sandbox.command(&python.executable).args(["-c", TYPIST, text, "working"]);
    let run = run.args([env!("CARGO_BIN_EXE_prime"), "boot"]).env("TERM", "xterm").output();
    assert_eq!(run.code(), 0, "{driver}: {}", run.stderr());
    check(&run.stdout().replace("\r\n", "\n"), &|name| sandbox.read(name), left(&sandbox));
}

#[test]
fn ctrl_c_ends_everything() {
    for driver in DRIVERS {
        typed(BACKEND, driver, "\x03", |shown, _, left| {
            assert!(shown.starts_with(&format!("{}\n", -(Signal::SIGINT as i32))), "{driver}: {shown}");
            assert!(shown.contains("stopped by SIGINT"), "{driver}: {shown}");
            assert!(left.is_empty(), "{driver}");
        });
    }
}

#[test]
fn a_build_may_ask_for_a_password() {
    for driver in DRIVERS {
        typed(ASKING, driver, "secret\n", |shown, read, _| {
            assert!(shown.starts_with("0\n"), "{driver}: {shown}");
            assert_eq!(read("answer"), "secret\n", "{driver}");
            assert!(!shown.contains("secret"), "{driver}: {shown}");
        });
    }
}
