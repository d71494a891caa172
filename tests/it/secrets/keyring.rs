//! A `keyring` on `PATH` gives credentials to whoever needs them, and holds nobody up whatever it does.

use std::fs;
use std::os::unix::fs::symlink;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use nix::sys::signal::Signal;

use super::{PASSWORD, USER, WAYS, assert_hidden, repo, shows};
use crate::support::bundled;
use crate::support::http::refused_url;
use crate::support::index::Index;
use crate::support::pythons::{self, Interpreter};
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;
use crate::support::{skip, write};

/// How it is said that a keyring be asked, and of what index.
type Set = fn(Sandbox, &Index) -> Sandbox;

const WAYS_TO_SAY: [(&str, Set); 7] = [
    ("PIP_KEYRING_PROVIDER=subprocess", |sandbox, index| {
        sandbox.env("PIP_KEYRING_PROVIDER", "subprocess").env("PIP_INDEX_URL", index.url_of(USER))
    }),
    ("PIP_KEYRING_PROVIDER=import without a user", |sandbox, index| {
        sandbox.env("PIP_KEYRING_PROVIDER", "import").env("PIP_INDEX_URL", index.url())
    }),
    ("PIP_KEYRING_PROVIDER=auto without a user", |sandbox, index| {
        // Which is pip's default, and says nothing to uv.
        sandbox
            .env("PIP_KEYRING_PROVIDER", "auto")
            .env("UV_KEYRING_PROVIDER", "subprocess")
            .env("PIP_INDEX_URL", index.url())
    }),
    ("pip.conf", |sandbox, index| {
        let content = format!("[global]\nindex-url = {}\nkeyring-provider = subprocess\n", index.url_of(USER));
        write(&sandbox.home().join(".config/pip/pip.conf"), content.as_bytes(), 0o600);
        sandbox.env_remove("PIP_CONFIG_FILE")
    }),
    ("UV_KEYRING_PROVIDER", |sandbox, index| {
        sandbox.env("UV_KEYRING_PROVIDER", "subprocess").env("UV_DEFAULT_INDEX", index.url_of(USER))
    }),
    ("uv.toml without a user", |sandbox, index| {
        let index = format!("[[index]]\nurl = \"{}\"\ndefault = true\n", index.url());
        sandbox.file("uv.toml", format!("keyring-provider = \"subprocess\"\n{index}"))
    }),
    ("[tool.uv] and a variable's user", |sandbox, index| {
        let pyproject = sandbox.read("pyproject.toml") + "[tool.uv.pip]\nkeyring-provider = \"subprocess\"\n";
        let index = format!("[[tool.uv.index]]\nname = \"own\"\nurl = \"{}\"\ndefault = true\n", index.url());
        sandbox.file("pyproject.toml", pyproject + &index).env("UV_INDEX_OWN_USERNAME", USER)
    }),
];

/// It has the password of one user of one host, says so in its ways, and talks beside.
fn knowing(index: &Index) -> String {
    let host = index.origin().replace("http://", "");
    format!(
        "echo 'unlocked with {PASSWORD}' >&2\n\
         case \"$1 $2 $3 $4\" in\n\
         'get {host} {USER} ') echo '{PASSWORD}' ;;\n\
         'get {host} --mode creds') printf '%s\\n' '{USER}' '{PASSWORD}' ;;\n\
         *) exit 1 ;;\nesac"
    )
}

fn private_index() -> Option<Index> {
    let index = Index::start().add(Wheel::new("left", "1.0").file("left.py", "").build()).add(uv_wheel(real_uv()?));
    Some(index.credentials(USER, PASSWORD))
}

#[test]
fn what_it_knows_reaches_everybody_who_is_told_to_ask_and_nobody_else() {
    for (what, set) in WAYS_TO_SAY {
        for driver in WAYS {
            let what = format!("{what}, {driver}");
            let (Some(index), Some(sandbox)) = (private_index(), repo(driver)) else { return };
            let sandbox = set(sandbox, &index).fake("keyring", &knowing(&index));
            let Some((run, trace)) = sandbox.traced("execve", &["-vvv", "boot"]) else { return };
            assert_eq!(run.code(), 0, "{what}: {}", run.stderr());
            assert_eq!(sandbox.read("constraints.txt"), "left==1.0\n", "{what}");
            assert!(sandbox.journal().contains("keyring get"), "{what}");
            assert!(!shows(&(run.stdout() + &run.stderr())), "{what}: {}", run.stderr());
            assert_hidden(&sandbox, &trace, &what);
        }
    }
}

#[test]
fn it_is_not_asked_where_it_is_off_or_nothing_is_refused() {
    for driver in WAYS {
        let (Some(index), Some(sandbox)) = (private_index(), repo(driver)) else { return };
        let sandbox = sandbox.fake("keyring", &knowing(&index)).env("PIP_RETRIES", "0");
        let off = sandbox.env("PIP_KEYRING_PROVIDER", "disabled").env("PIP_INDEX_URL", index.url_of(USER));
        let run = off.prime(["boot"]).output();
        assert_eq!((run.code(), off.journal().as_str()), (77, ""), "{driver}: {}", run.stderr());
        let known = off.env("PIP_KEYRING_PROVIDER", "subprocess").env("PIP_INDEX_URL", index.url_with(USER, PASSWORD));
        let run = known.prime(["boot"]).output();
        assert_eq!((run.code(), known.journal().as_str()), (0, ""), "{driver}: {}", run.stderr());
    }
}

/// What a keyring may do instead of giving the password.
const USELESS: [(&str, &str); 8] = [
    ("says nothing", "exit 0"),
    ("needs a user that it does not get", "echo 'usage: keyring get SERVICE USER' >&2; exit 2"),
    ("fails", "echo 'locked: hidden-w@rd' >&2; exit 1"),
    ("prints garbage", "printf 'a\\nb\\n\\377\\n'"),
    ("has the wrong password", "case $* in *creds) echo me ;; esac; echo wrong-word"),
    ("asks on its standard input", "read -r answer && echo \"$answer\""),
    ("hangs", "/bin/sleep 600 & echo $! >>'@ROOT@/hanging'; /bin/sleep 600"),
    (
        "hangs and cannot be asked to stop",
        "trap '' TERM INT HUP; echo $$ >>'@ROOT@/hanging'; while :; do /bin/sleep 1; done",
    ),
];

#[test]
fn one_that_does_not_help_is_told_and_holds_nobody_up() {
    for (what, body) in USELESS {
        for (driver, user) in WAYS.into_iter().flat_map(|driver| [(driver, true), (driver, false)]) {
            let what = format!("{what}, {driver}, {user}");
            let (Some(index), Some(sandbox)) = (private_index(), repo(driver)) else { return };
            let url = if user { index.url_of(USER) } else { index.url() };
            let body = body.replace("@ROOT@", &sandbox.root().display().to_string());
            let sandbox = sandbox.fake("keyring", &body).env("PIP_RETRIES", "0").env("PIP_INDEX_URL", url);
            let sandbox = sandbox.env("PIP_KEYRING_PROVIDER", "subprocess").env("PRIME_KEYRING_TIMEOUT", "1");
            // uv from `PATH`, so that it is the tool that is refused.
            let sandbox = sandbox.link_uv(real_uv().unwrap());
            let run = sandbox.prime(["-vvv", "boot"]).output();
            assert_eq!(run.code(), 77, "{what}: {}", run.stderr());
            assert!(!shows(&run.stderr()), "{what}: {}", run.stderr());
            assert!(sandbox.journal().contains("keyring get"), "{what}");
            assert_nobody_left(&sandbox, &what);
            let is_late = what.starts_with("hangs");
            assert_eq!(run.stderr().contains("did not answer"), is_late, "{what}: {}", run.stderr());
        }
    }
}

/// Nothing that the keyring started runs on.
#[track_caller]
fn assert_nobody_left(sandbox: &Sandbox, what: &str) {
    let pids = fs::read_to_string(sandbox.root().join("hanging")).unwrap_or_default();
    for pid in pids.lines() {
        // Who was killed may take a moment to be gone; by itself it would last for ten minutes.
        let state = || fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let is_gone = || state().is_empty() || state().contains(") Z ");
        assert!(
            (0..100).any(|_| is_gone() || {
                sleep(Duration::from_millis(100));
                false
            }),
            "{what}: {}",
            state()
        );
    }
}

/// A repo whose index only the tool itself knows of: from its command line, or from a file that only it reads.
fn known_to_the_tool_alone(driver: &str, index: &Index, keyring: &str) -> Option<Sandbox> {
    let url = index.url_of(USER);
    let (args, requirements) = match driver {
        "venv_uv" => (format!("[\"--index-url\", \"{url}\", \"--keyring-provider\", \"subprocess\"]"), String::new()),
        _ => ("[]".to_owned(), format!("--index-url {url}\n")),
    };
    let config = format!(
        "[[project_descriptors]]\nbuild_root_dir_rel_path = \".\"\ninstall_group = \"g\"\nrequirements_files = [\"requirements.txt\"]\n\n\
         [[install_specs]]\ng.extra_command_args = {args}\n"
    );
    let sandbox = repo(driver)?.link_uv(real_uv()?).file("prime.toml", config);
    let sandbox = sandbox.file("requirements.txt", requirements + "left\n");
    let sandbox = sandbox.env("PIP_INDEX_URL", format!("{}/simple/", refused_url()));
    let keyring = keyring.replace("@ROOT@", &sandbox.root().display().to_string());
    fs::remove_file(sandbox.repo().join("pyproject.toml")).unwrap();
    Some(sandbox.fake("keyring", &keyring).env("PIP_RETRIES", "0").env("UV_HTTP_RETRIES", "0"))
}

#[test]
fn a_tool_that_asks_by_itself_gets_the_same_answer_and_waits_no_longer() {
    for driver in WAYS {
        let Some(index) = private_index() else { return };
        let Some(sandbox) = known_to_the_tool_alone(driver, &index, &knowing(&index)) else { return };
        let two_days_ago = SystemTime::now() - Duration::from_secs(48 * 60 * 60);
        let left = |name: &str, links: &[&str]| {
            let dir = sandbox.root().join("tmp").join(name);
            fs::create_dir(&dir).unwrap();
            for link in links {
                symlink("/proc/1/fd/3", dir.join(link)).unwrap();
            }
            dir
        };
        let [old, notes] = [("prime-keyring-old", &["keyring", "told"][..]), ("prime-keyring-notes", &[])]
            .map(|(name, links)| left(name, links));
        for dir in [&old, &notes] {
            fs::File::open(dir).unwrap().set_modified(two_days_ago).unwrap();
        }
        let in_use = left("prime-keyring-new", &["keyring", "told"]);
        let Some((run, trace)) = sandbox.traced("execve", &["-vvv", "boot"]) else { return };
        assert_eq!(run.code(), 0, "{driver}: {}", run.stderr());
        assert_eq!(sandbox.read("constraints.txt"), "left==1.0\n", "{driver}");
        assert!(trace.of("execve").any(|call| call.contains("prime-keyring-")), "{driver}: the stand-in was asked");
        assert!(!shows(&run.stderr()), "{driver}: {}", run.stderr());
        assert_hidden(&sandbox, &trace, driver);
        assert_eq!(fs::read_dir(sandbox.root().join("tmp")).unwrap().count(), 2, "{driver}");
        assert!(in_use.exists() && notes.exists(), "{driver}: it may be in use, or somebody's");
        for (what, body) in USELESS {
            let Some(sandbox) = known_to_the_tool_alone(driver, &index, body) else { return };
            let run = sandbox.env("PRIME_KEYRING_TIMEOUT", "1").prime(["-vvv", "boot"]).output();
            let what = format!("{driver}, {what}");
            assert_eq!(run.code(), 77, "{what}: {}", run.stderr());
            assert!(!shows(&run.stderr()), "{what}: {}", run.stderr());
            assert_eq!(run.stderr().contains("`keyring` did not answer in time"), what.contains("hangs"), "{what}");
        }
    }
}

#[test]
fn whoever_is_asked_to_stop_does_not_wait_for_it() {
    for driver in WAYS {
        let (Some(index), Some(sandbox)) = (private_index(), repo(driver)) else { return };
        let hangs = "echo $$ >>'@ROOT@/hanging'; /bin/sleep 600";
        let hangs = hangs.replace("@ROOT@", &sandbox.root().display().to_string());
        let sandbox = sandbox.fake("keyring", &hangs).env("PIP_INDEX_URL", index.url_of(USER));
        let sandbox = sandbox.env("PIP_KEYRING_PROVIDER", "subprocess");
        let mut working = sandbox.prime(["boot"]).spawn();
        let hanging = sandbox.root().join("hanging");
        assert!(working.wait_until(|_| hanging.exists()), "{driver}: {}", working.stderr());
        let run = working.signal(Signal::SIGTERM);
        assert_eq!(run.code(), 143, "{driver}: {}", run.stderr());
        assert_nobody_left(&sandbox, driver);
    }
}

#[test]
fn a_pip_that_cannot_ask_without_a_person_is_told_what_it_knows() {
    // pip knows `--keyring-provider` from 23.1 on.
    let is_old = |python: &&Interpreter| {
        let version = bundled::version(python, "pip").unwrap_or_default();
        python.minor >= 8
            && version.split('.').next().and_then(|major| major.parse().ok()).is_some_and(|major: u32| major < 23)
            || version.starts_with("23.0")
    };
    let Some(python) = pythons::all().find(is_old) else {
        return skip("no python with a pip before 23.1").unwrap_or(());
    };
    let Some(index) = private_index() else { return };
    let sandbox = Sandbox::new().link_python(python).file(".python-version", python.series() + "\n");
    let sandbox = sandbox.project("app", "1", &["left"]).env("PROTOPRIMER_VENV_DRIVER", "venv_pip");
    let sandbox = sandbox.fake("keyring", &knowing(&index)).env("PIP_INDEX_URL", index.url());
    let run = sandbox.prime(["boot"]).output();
    assert_eq!((run.code(), sandbox.read("constraints.txt").as_str()), (0, "left==1.0\n"), "{}", run.stderr());
}

#[test]
fn one_that_is_not_there_is_not_missed() {
    for driver in WAYS {
        let (Some(index), Some(sandbox)) = (private_index(), repo(driver)) else { return };
        let sandbox = sandbox.env("PIP_INDEX_URL", index.url_of(USER)).env("PIP_KEYRING_PROVIDER", "subprocess");
        let run = sandbox.env("PIP_RETRIES", "0").prime(["boot"]).output();
        assert_eq!(run.code(), 77, "{driver}: {}", run.stderr());
    }
}

#[test]
fn a_time_limit_that_is_none_is_told() {
    let Some(sandbox) = repo("venv_pip") else { return };
    let run = sandbox.env("PRIME_KEYRING_TIMEOUT", "soon").prime(["boot"]).output();
    let told = "error: `PRIME_KEYRING_TIMEOUT` is `soon`, which is no number of seconds\n\
                hint: set it to how long `keyring` may take, such as `10`, or unset it\n";
    assert_eq!((run.code(), run.stderr().as_str()), (78, told));
}

#[test]
fn limits_of_any_length_are_limits() {
    const AGES: &str = "1e19";
    for driver in WAYS {
        let (Some(index), Some(sandbox)) = (private_index(), repo(driver)) else { return };
        let sandbox = sandbox.fake("keyring", &knowing(&index)).env("UV_KEYRING_PROVIDER", "subprocess");
        let sandbox = sandbox.env("UV_DEFAULT_INDEX", index.url_of(USER)).env("PIP_DEFAULT_TIMEOUT", AGES);
        let run = sandbox.env("PRIME_KEYRING_TIMEOUT", AGES);
        let run = run.prime(["--lock-timeout", AGES, "boot"]).output();
        // What pip makes of such a time is its own affair.
        assert!(run.code() == 0 || driver == "venv_pip" && run.code() < 128, "{driver}: {}", run.stderr());
        assert!(!run.stderr().contains("panicked"), "{driver}: {}", run.stderr());
    }
}
