//! What a tool said when it failed, sorted into our kinds of failure.
//!
//! Neither uv nor pip tells causes apart by exit status, so their words decide. Both drivers go through the same table, so
//! that the same cause has the same exit code whichever ran. What no row knows is a matter of the repository's settings.

use crate::error::{Code, Fault};
use crate::host::fs::NOT_WRITABLE;

/// What tells a full disk, or a quota that is used up.
pub const FULL: [&str; 6] =
    ["No space left on device", "Disk quota exceeded", "os error 28", "os error 122", "[Errno 28]", "[Errno 122]"];

/// How many of a tool's last lines are shown.
const SHOWN_LINES: usize = 20;

/// The remedy where no index has a project.
pub const NO_SUCH_PROJECT: &str = "check the name of the requirement, and the URL of the package index";

/// One kind of failure: any of the words tells it.
struct Row {
    words: &'static [&'static str],
    code: Code,
    fact: &'static str,
    hint: &'static str,
}

/// In this order: what names a cause outside the repository comes before what only says that something did not work.
const ROWS: [Row; 15] = [
    Row {
        words: &FULL,
        code: Code::DiskFull,
        fact: "the disk is full",
        hint: "free some space, then run `prime` again: it goes on where it stopped",
    },
    Row {
        words: &["CERTIFICATE_VERIFY_FAILED", "invalid peer certificate", "UnknownIssuer", "certificate verify failed"],
        code: Code::UntrustedCertificate,
        fact: "the index's certificate is not trusted",
        hint: "name the file of your certificate authority in `SSL_CERT_FILE`",
    },
    Row {
        words: &[
            "401 Unauthorized",
            "403 Forbidden",
            "401 Client Error",
            "403 Client Error",
            "401 Error, Credentials not correct",
            "407 Proxy",
            "User for ",
        ],
        code: Code::Unauthorized,
        fact: "the index refuses these credentials",
        hint: "give credentials in the index URL, in netrc or through keyring",
    },
    Row {
        words: &["Hash mismatch", "hash mismatch", "DO NOT MATCH THE HASHES"],
        code: Code::HashMismatch,
        fact: "a download is not what it should be",
        hint: "try again; if it stays, the index or something before it serves altered files",
    },
    Row {
        words: &[
            "BadZipFile",
            "is not a valid wheel",
            "has an invalid wheel",
            ".whl is invalid",
            "The wheel is invalid",
            "Failed to unzip wheel",
            "crc32 mismatch",
            "Bad CRC",
        ],
        code: Code::BadData,
        fact: "an archive is broken",
        hint: "try again; if it stays, the index or something before it serves broken files",
    },
    Row {
        words: &["Python downloads are not allowed"],
        code: Code::PythonDownloadBlocked,
        fact: "it must not download a python",
        hint: "unset `UV_PYTHON_DOWNLOADS`, or `python-downloads` in uv's configuration",
    },
    Row {
        words: &["404 Not Found", "404 Client Error"],
        code: Code::NotFound,
        fact: "the index does not have what it lists",
        hint: "check the URL of the package index; a mirror may be behind",
    },
    Row {
        words: &["Network connectivity is disabled", "network was disabled"],
        code: Code::Offline,
        fact: "the network is needed, and must not be used",
        hint: "run it once without `--offline` and `UV_OFFLINE`, or name a directory that has the files in \
               `PIP_FIND_LINKS`",
    },
    Row {
        words: &[
            "Connection refused",
            "ConnectionError",
            "NewConnectionError",
            "error sending request",
            "dns error",
            "Name or service not known",
            "Temporary failure in name resolution",
            "Read timed out",
            "operation timed out",
            "ConnectTimeout",
            "Max retries exceeded",
            "client error (Connect)",
            "IncompleteRead",
            "HTTP status server error",
            " Server Error: ",
        ],
        code: Code::IndexUnreachable,
        fact: "the index cannot be reached",
        hint: "check the network, the proxy (`HTTPS_PROXY`) and the index settings (`-v` shows them)",
    },
    Row {
        words: &[
            "ensurepip is not available",
            "No module named venv",
            "No module named ensurepip",
            "No module named pip",
        ],
        code: Code::NoVenvModule,
        fact: "this python lacks `venv` or `ensurepip`",
        hint: "install what your system calls `python3-venv`, or use `venv_driver = \"venv_uv\"`",
    },
    Row {
        words: &["was not found in the package registry", "was not found in the provided package locations"],
        code: Code::NoSuchProject,
        fact: "a requirement has a name that no index knows",
        hint: NO_SUCH_PROJECT,
    },
    Row {
        words: &[
            "No solution found",
            "ResolutionImpossible",
            "No matching distribution found",
            "Could not find a version",
            "has no wheels",
            "requirements are unsatisfiable",
            "requires a different Python",
        ],
        code: Code::Unsatisfiable,
        fact: "the requirements cannot be met together",
        hint: "relax a requirement or a pin; `prime` leaves the pins as they were",
    },
    Row {
        words: &[
            "Failed to build",
            "subprocess-exited-with-error",
            "metadata-generation-failed",
            "build backend returned",
            "Failed building wheel",
            "Build backend failed",
            "BackendUnavailable",
            "Cannot import 'setuptools",
        ],
        code: Code::BuildFailed,
        fact: "a project does not build",
        hint: "mend the project: the last lines above are its build's own",
    },
    Row {
        words: &[
            "Read-only file system",
            "Permission denied",
            "os error 30",
            "os error 13",
            "[Errno 30]",
            "[Errno 13]",
        ],
        code: Code::ReadOnly,
        fact: "a file cannot be written",
        hint: NOT_WRITABLE,
    },
    // uv heads what it says of many failures with these, so they count last.
    Row {
        words: &["Failed to fetch", "Failed to download"],
        code: Code::IndexUnreachable,
        fact: "the index cannot be reached",
        hint: "check the network, the proxy (`HTTPS_PROXY`) and the index settings (`-v` shows them)",
    },
];

/// The error for a tool that failed: the fact, the tool's last lines as its cause, and the remedy. `ended` is the fault
/// for a tool that a signal ended.
pub fn failure(what: &str, tail: &str, ended: Option<Fault>) -> anyhow::Error {
    let fault = ended.unwrap_or_else(|| fault(what, tail));
    let telling = |line: &&str| !line.is_empty() && !line.contains("WARNING: Retrying (");
    let lines: Vec<&str> = tail.lines().map(str::trim_end).filter(telling).collect();
    let shown = lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n");
    if shown.is_empty() { fault.into() } else { anyhow::anyhow!(shown).context(fault) }
}

fn fault(what: &str, tail: &str) -> Fault {
    // On a terminal, lines are broken anywhere between words.
    let said = tail.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    let said = without_retries(&said);
    let row = ROWS.iter().find(|row| row.words.iter().any(|word| said.contains(word)));
    match row {
        Some(row) => Fault::of(row.code, format!("{what} failed: {}", row.fact)).hint(row.hint),
        None => {
            Fault::of(Code::ToolFailed, format!("{what} failed")).hint("`-vv` shows the command, the log all it said")
        }
    }
}

/// The same without what pip says of an attempt that it goes on after: only the last one may be why it failed.
fn without_retries(said: &str) -> String {
    let mut parts = said.split("Retrying (Retry(total=");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = if part.starts_with("0,") || part.starts_with("0)") { None } else { part.find(")': ") };
        kept += &part[end.unwrap_or_default()..];
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, code_of, kind_of};

    #[test]
    fn an_attempt_that_was_gone_on_after_is_not_why_it_failed() {
        let retry = |left: u8| {
            format!(
                "WARNING: Retrying (Retry(total={left}, connect=None, read=None, redirect=None, status=None)) after \
                 connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at \
                 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/left/"
            )
        };
        let failed = "ERROR: Failed building wheel for left";
        for (attempts, end, code) in [
            (&[4][..], failed, Code::BuildFailed),
            (&[4, 3], failed, Code::BuildFailed),
            (&[4, 3, 2, 1, 0], "ERROR: No matching distribution found for left", Code::IndexUnreachable),
            (&[4], "ERROR: No matching distribution found for left", Code::Unsatisfiable),
        ] {
            let lines: Vec<String> = attempts.iter().map(|left| retry(*left)).chain([end.to_owned()]).collect();
            for said in [lines.join("\n"), lines.join("\n").replace(' ', "\n")] {
                assert_eq!(code_of(&failure("it", &said, None)), code, "{said}");
            }
        }
    }

    #[test]
    fn a_heading_of_uv_says_less_than_what_stands_below_it() {
        let code = |said: &str| code_of(&failure("it", said, None));
        let heading = "Failed to download and build `x==1`";
        assert_eq!(code(&format!("{heading}\n  Build backend failed to build wheel")), Code::BuildFailed);
        assert_eq!(code("Failed to download `x`\n  Permission denied (os error 13)"), Code::ReadOnly);
        assert_eq!(code("Failed to fetch: `u`\n  unexpected end"), Code::IndexUnreachable);
    }

    #[test]
    fn the_same_cause_has_the_same_name_with_both_tools() {
        let talk = "Checking if build backend supports build_editable: started\n";
        for (uv, pip, code) in [
            (
                "error: Failed to fetch: `u`\n  HTTP status client error (404 Not Found) for url",
                "ERROR: because of HTTP error 404 Client Error: Not Found for url: u",
                Code::NotFound,
            ),
            (
                "error: Failed to unzip wheel: a-1.0-py3-none-any.whl",
                "ERROR: Wheel 'a' located at /tmp/a-1.0-py3-none-any.whl is invalid.",
                Code::BadData,
            ),
            (
                "HTTP status server error (500 Internal Server Error) for url",
                "because of HTTP error 500 Server Error: Internal Server Error for url: u",
                Code::IndexUnreachable,
            ),
            (
                "failed to remove file `a`: Read-only file system",
                "ERROR: [Errno 30] Read-only file system: 'a'",
                Code::ReadOnly,
            ),
            (
                "401 Unauthorized",
                "WARNING: 401 Error, Credentials not correct for u\nERROR: No matching distribution found for a",
                Code::Unauthorized,
            ),
            ("something new", "something else", Code::ToolFailed),
            ("  × No solution found:\n  ╰─▶ a has no wheels", "No matching distribution found", Code::Unsatisfiable),
        ] {
            for said in [uv.to_owned(), format!("{talk}{pip}")] {
                assert_eq!(code_of(&failure("it", &said, None)), code, "{said}");
            }
        }
        let broken = "No solution found\n  ╰─▶ Because a was not found in the\n  │   package registry and";
        assert_eq!(code_of(&failure("it", broken, None)), Code::NoSuchProject);
    }

    #[test]
    fn the_same_cause_has_the_same_kind_with_both_tools() {
        for (said, kind) in [
            ("  × No solution found when resolving dependencies:", Kind::Config),
            ("ERROR: No matching distribution found for six==99", Kind::Config),
            (
                "WARNING: Retrying (Retry(total=0)) NewConnectionError\nERROR: No matching distribution found",
                Kind::Unavailable,
            ),
            (
                "error: Failed to fetch: `http://h/six/`\n  Caused by: Connection refused (os error 111)",
                Kind::Unavailable,
            ),
            ("  × Failed to build `x @ file:///x`\n  ├─▶ The build backend returned an error", Kind::Config),
            ("error: metadata-generation-failed", Kind::Config),
            ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", Kind::Data),
            ("  Hash mismatch for `six==1.16.0`", Kind::Data),
            (
                "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
                Kind::InputOutput,
            ),
            (
                "error: Failed to install: x\n  Caused by: failed to copy: Disk quota exceeded (os error 122)",
                Kind::InputOutput,
            ),
            ("HTTP status client error (401 Unauthorized) for url", Kind::NotAllowed),
            ("something new", Kind::Config),
        ] {
            let error = failure("`uv pip install`", said, None);
            assert_eq!(kind_of(&error), kind, "{said}");
            let text = format!("{error:#}");
            assert!(text.ends_with(said.lines().next_back().unwrap_or_default()), "{text}");
            assert!(!text.contains("Retrying"), "{text}");
        }
    }
}
