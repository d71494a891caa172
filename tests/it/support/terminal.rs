//! A terminal, and somebody who types at it.

use super::pythons;
use super::run::Invocation;
use super::sandbox::Sandbox;

/// Runs a command at a terminal of its own: waits for each text to be shown and types what belongs to it, then tells how
/// the command ended and what it showed. What is typed comes back as an echo, which counts as not shown.
const TYPIST: &str = r#"
import json, os, pty, select, sys, time

dialog, command = json.loads(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown, seen, end = b"", 0, time.monotonic() + 60

def read():
    global shown
    if not select.select([terminal], [], [], 0.1)[0]:
        return True
    try:
        part = os.read(terminal, 65536)
    except OSError:
        return False
    shown += part
    return bool(part)

for expected, typed in dialog:
    while shown.find(expected.encode(), seen) < 0 and time.monotonic() < end and read():
        pass
    found = shown.find(expected.encode(), seen)
    if found < 0:
        sys.stderr.write("not shown: " + expected + "\n")
        os.kill(pid, 9)
        break
    seen = found + len(expected.encode())
    os.write(terminal, typed.encode("utf-8", "surrogateescape"))
while time.monotonic() < end and read():
    pass
status = os.waitpid(pid, 0)[1]
print(-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
sys.stdout.write(shown.decode(errors="replace"))
"#;

/// What came of it.
#[derive(Debug)]
pub struct Shown {
    /// The exit status, or a signal's number as a negative one.
    pub status: i32,
    /// Everything on the terminal, without colours and returns of the carriage.
    pub text: String,
}

impl Sandbox {
    /// Runs a command at a terminal: each text that is waited for, and what is typed then.
    pub fn at_terminal(
        &self,
        command: &[&str],
        dialog: &[(&str, &str)],
        change: impl FnOnce(Invocation<'_>) -> Invocation<'_>,
    ) -> Option<Shown> {
        let python = pythons::newest()?;
        let run = self.command(&python.executable).args(["-c", TYPIST]).args([serde_json::to_string(dialog).unwrap()]);
        let run = change(run.args(command).env("TERM", "xterm")).output();
        let said = run.stdout();
        let (status, text) = said.split_once('\n').unwrap_or_else(|| panic!("{}", run.stderr()));
        let text = anstream::adapter::strip_str(text).to_string().replace('\r', "");
        assert_eq!(run.stderr(), "", "{text}");
        Some(Shown { status: status.parse().unwrap(), text: self.redact(&text) })
    }
}
