//! Credentials that netrc has no plain words for: in settings, in a group's arguments, and for several servers of a host.

use std::path::Path;

use super::{PASSWORD, USER, WAYS, assert_hidden, holding, shows};
use crate::support::bundled;
use crate::support::encoding::base64;
use crate::support::http::{Response, Server, refused_url};
use crate::support::index::Index;
use crate::support::pythons::{self, Interpreter};
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;
use crate::support::{require_program, skip};

/// User and password: a token in place of a user, and what netrc says in quotes.
const FORMS: [(&str, &str); 3] = [(PASSWORD, ""), (USER, "hidden-w@rd \"'#\\"), ("", PASSWORD)];

/// The URL with these credentials, encoded as one may write them.
fn with(url: &str, user: &str, password: &str) -> String {
    let encoded = |text: &str| text.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
    let password = if password.is_empty() { String::new() } else { format!(":{}", encoded(password)) };
    // The password is found in the form that it is looked for in.
    let user = if user == USER { user.to_owned() } else { user.replace('@', "%40") };
    let password = password.replace(&encoded(PASSWORD), &PASSWORD.replace('@', "%40"));
    url.replacen("://", &format!("://{user}{password}@"), 1)
}

/// An index that has what it takes, and one distribution.
fn index(name: &str) -> Option<Index> {
    Some(Index::start().add(Wheel::new(name, "1.0").file(&format!("{name}.py"), "").build()).add(uv_wheel(real_uv()?)))
}

/// A python whose pip asks a keyring by itself, and which reads quotes in netrc.
fn new_python() -> Option<&'static Interpreter> {
    let is_new = |python: &&Interpreter| {
        let version = bundled::version(python, "pip").unwrap_or_default();
        let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or_default());
        python.minor >= 11 && (numbers.next(), numbers.next()) >= (Some(23), Some(1))
    };
    pythons::all().filter(is_new).last().or_else(|| skip("no python with a pip from 23.1 on"))
}

/// A repo with a project that is built, and its dependencies.
fn repo(driver: &str, dependencies: &[&str]) -> Option<Sandbox> {
    let python = new_python()?;
    let sandbox = Sandbox::new().link_python(python).file(".python-version", python.series() + "\n");
    Some(sandbox.project("app", "1", dependencies).env("PROTOPRIMER_VENV_DRIVER", driver).env("PIP_RETRIES", "0"))
}

#[track_caller]
fn assert_boots(sandbox: &Sandbox, pins: &str, what: &str) {
    let Some((run, trace)) = sandbox.traced("execve", &["-vvv", "boot"]) else { return };
    assert_eq!(run.code(), 0, "{what}: {}", run.stderr());
    assert_eq!(sandbox.read("constraints.txt"), pins, "{what}");
    assert!(!shows(&(run.stdout() + &run.stderr())), "{what}: {}", run.stderr());
    assert_hidden(sandbox, &trace, what);
}

/// Whether an index was ever told who asks.
fn was_told(index: &Index) -> bool {
    index.requests().iter().any(|request| request.header("authorization").is_some())
}

#[test]
fn any_form_works_in_a_setting_and_no_child_has_it_as_an_argument() {
    for (driver, (user, password)) in WAYS.into_iter().flat_map(|driver| FORMS.map(|form| (driver, form))) {
        let (Some(index), Some(sandbox)) = (index("left"), repo(driver, &["left"])) else { return };
        let index = index.credentials(user, password);
        let sandbox = sandbox.env("PIP_INDEX_URL", with(&index.url(), user, password));
        assert_boots(&sandbox, "left==1.0\n", &format!("{driver}, {user}, {password}"));
    }
}

#[test]
fn servers_of_one_host_get_their_own_and_no_child_has_them_as_arguments() {
    for driver in WAYS {
        for (user, password) in [("another", "hidden-w@rd-too"), (USER, "hidden-w@rd-too"), (PASSWORD, "")] {
            let what = format!("{driver}, {user}");
            let (Some(left), Some(right)) = (index("left"), index("right")) else { return };
            let (left, right) = (left.credentials(USER, PASSWORD), right.credentials(user, password));
            // A token beside others is what pip can be told in URLs alone, which it passes on where it builds.
            let is_built = driver == "venv_uv" || !password.is_empty();
            let Some(sandbox) = repo(driver, &["left", "right"]) else { return };
            let sandbox = if is_built { sandbox } else { unbuilt(sandbox, "left\nright\n") };
            let sandbox = sandbox.env("PIP_INDEX_URL", with(&left.url(), USER, PASSWORD));
            let sandbox = sandbox.env("PIP_EXTRA_INDEX_URL", with(&right.url(), user, password));
            assert_boots(&sandbox, "left==1.0\nright==1.0\n", &what);
        }
    }
}

/// The same with nothing to be built.
fn unbuilt(sandbox: Sandbox, requirements: &str) -> Sandbox {
    std::fs::remove_file(sandbox.repo().join("pyproject.toml")).unwrap();
    let config =
        "[[project_descriptors]]\nbuild_root_dir_rel_path = \".\"\nrequirements_files = [\"requirements.txt\"]\n";
    sandbox.file("prime.toml", config).file("requirements.txt", requirements)
}

#[test]
fn another_server_of_the_host_is_told_nothing() {
    const KNOWING: &str = "case \"$*\" in *' the-user') echo hidden-w@rd ;; *) exit 1 ;; esac";
    for (driver, is_kept) in WAYS.into_iter().flat_map(|driver| [(driver, true), (driver, false)]) {
        let (Some(left), Some(right)) = (index("left"), index("right")) else { return };
        let left = left.credentials(USER, PASSWORD);
        let Some(sandbox) = repo(driver, &["left", "right"]) else { return };
        let url = if is_kept { left.url_of(USER) } else { left.url_with(USER, PASSWORD) };
        let sandbox = sandbox.env("PIP_INDEX_URL", url).env("PIP_EXTRA_INDEX_URL", right.url());
        let sandbox = if is_kept {
            sandbox.fake("keyring", KNOWING).env("PIP_KEYRING_PROVIDER", "subprocess")
        } else {
            sandbox.env("PIP_KEYRING_PROVIDER", "disabled")
        };
        let what = format!("{driver}, {is_kept}");
        assert_boots(&sandbox, "left==1.0\nright==1.0\n", &what);
        assert!(was_told(&left) && !was_told(&right), "{what}");
    }
}

/// A repo with a group that has these arguments, and whose settings name an index that is not there.
fn group(driver: &str, args: &[&str]) -> Option<Sandbox> {
    let config = format!(
        "[[project_descriptors]]\nbuild_root_dir_rel_path = \".\"\ninstall_group = \"g\"\n\n\
         [[install_specs]]\ng.extra_command_args = {args:?}\n"
    );
    let sandbox = repo(driver, &["left"])?.link_uv(real_uv()?).file("prime.toml", config);
    Some(sandbox.env("PIP_INDEX_URL", format!("{}/simple/", refused_url())).env("UV_HTTP_RETRIES", "0"))
}

/// Arguments of a group, from an index that has nothing or one that has what is wanted.
const ARGUMENTS: [&str; 9] = [
    "--index-url URL",
    "-iURL",
    "--index-url OPEN --extra-index-url=URL",
    "--index-url OPEN --find-links URLleft/",
    "-i OPEN -f URLleft/",
    "--index-url OPEN ARCHIVE",
    "--index-url OPEN NAMED",
    "--default-index=URL",
    "--index own=URL --default-index OPEN",
];

#[test]
fn any_form_works_in_a_group_s_arguments_and_no_child_has_it_as_one() {
    for driver in WAYS {
        for (args, (user, password)) in ARGUMENTS.into_iter().zip(FORMS.into_iter().cycle()) {
            let what = format!("{driver}, {user}, {password}, {args}");
            if driver == "venv_pip" && args.contains("--default-index") {
                continue;
            }
            let Some(index) = index("left") else { return };
            let (index, open) = (index.credentials(user, password), Index::start());
            let url = with(&index.url(), user, password);
            let archive = with(&format!("{}/files/left-1.0-py3-none-any.whl", index.origin()), user, password);
            let given = args.split(' ').map(|word| {
                let word = word.replace("URL", &url).replace("OPEN", &open.url());
                word.replace("NAMED", &format!("left @ {archive}")).replace("ARCHIVE", &archive)
            });
            let given: Vec<String> = given.collect();
            let Some(sandbox) = group(driver, &given.iter().map(String::as_str).collect::<Vec<_>>()) else { return };
            let Some((run, trace)) = sandbox.traced("execve", &["-vvv", "boot"]) else { return };
            assert_eq!(run.code(), 0, "{what}: {}", run.stderr());
            // Each server of the host is told what is in netrc, as tokens and those of pages of links are for pip.
            let is_of_index = user == USER && !args.contains("URLleft");
            let is_netrc = driver == "venv_pip" && !is_of_index;
            assert!(was_told(&index) && (is_netrc || !was_told(&open)), "{what}");
            assert!(!shows(&(run.stdout() + &run.stderr())), "{what}: {}", run.stderr());
            let told: Vec<&String> = trace.calls.iter().filter(|call| shows(call)).collect();
            assert!(told.is_empty(), "{what}: {told:#?}");
            assert_eq!(holding(&sandbox.repo()), [sandbox.repo().join("prime.toml").display().to_string()], "{what}");
        }
    }
}

#[test]
fn what_can_be_hidden_in_no_way_is_refused() {
    for driver in WAYS {
        let Some(sandbox) = group(driver, &["--proxy", &format!("http://{USER}:{PASSWORD}@h/")]) else { return };
        let Some((run, trace)) = sandbox.traced("execve", &["boot"]) else { return };
        let told = "error: everybody on the machine could read the credentials in the value of `--proxy`\n\
                    hint: give them in a variable or a file that the tool reads, and leave them out of the arguments\n";
        assert_eq!(run.code(), 78, "{driver}: {}", run.stderr());
        assert!(run.stderr().ends_with(told), "{driver}: {}", run.stderr());
        assert!(!trace.calls.iter().any(|call| shows(call)), "{driver}");
    }
}

/// Serves a repository of `git` that has a project, to whoever has the credentials.
fn repository(user: &str, password: &str) -> Option<Server> {
    let git = require_program("git")?;
    let from = Sandbox::new().project("gitted", "1", &[]);
    for args in ["init -q", "add .", "commit -q -m x", "clone -q --bare . served", "-C served update-server-info"] {
        let who = ["-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "init.defaultBranch=main"];
        let run = from.command(&git).args(who).args(args.split(' ')).output();
        assert_eq!(run.code(), 0, "{args}: {}", run.stderr());
    }
    let expected = format!("Basic {}", base64(format!("{user}:{password}").as_bytes()));
    let server = Server::start(move |request| {
        if request.header("authorization") != Some(&expected) {
            return Response::status(401).header("WWW-Authenticate", "Basic realm=\"git\"");
        }
        let path = request.target.split('?').next().unwrap_or_default().trim_start_matches('/');
        match std::fs::read(from.repo().join(path)) {
            Ok(content) => Response::new(200, "application/octet-stream", content),
            Err(_) => Response::status(404),
        }
    });
    Some(server)
}

/// The repo with a group that is installed from this repository, and `git`.
fn gitted(sandbox: Sandbox, git: &Path, open: &Index, url: &str) -> Sandbox {
    let args = ["--index-url", &open.url(), &format!("gitted @ git+{url}")].map(str::to_owned);
    let config = format!(
        "[[project_descriptors]]\nbuild_root_dir_rel_path = \".\"\ninstall_group = \"g\"\n\n\
         [[install_specs]]\ng.extra_command_args = {args:?}\n"
    );
    let sandbox = sandbox.link_uv(real_uv().unwrap()).link("git", git).file("prime.toml", config);
    // Parts of `git` are shell scripts.
    let path = format!("{}:/usr/bin:/bin", sandbox.bin().display());
    sandbox.env("PATH", path)
}

#[test]
fn git_is_not_started_with_credentials_either() {
    let Some(git) = require_program("git") else { return };
    for (driver, (user, password)) in
        WAYS.into_iter().flat_map(|driver| FORMS[..2].iter().map(move |form| (driver, form)))
    {
        let what = format!("{driver}, {user}, {password}");
        let open = Index::start();
        let Some(sandbox) = repo(driver, &[]) else { return };
        let Some(server) = repository(user, password) else { return };
        let url = with(&format!("{}/served", server.url()), user, password);
        let sandbox = gitted(sandbox, &git, &open, &url);
        let sandbox = sandbox.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "http.extraHeader");
        let sandbox = sandbox.env("GIT_CONFIG_VALUE_0", "X-Of-User: kept");
        let Some((run, trace)) = sandbox.traced("execve", &["-vvv", "boot"]) else { return };
        assert_eq!(run.code(), 0, "{what}: {}", run.stderr());
        assert!(sandbox.read("constraints.txt").contains("gitted"), "{what}");
        assert!(server.requests().iter().any(|request| request.header("x-of-user") == Some("kept")), "{what}");
        assert!(!shows(&(run.stdout() + &run.stderr())), "{what}: {}", run.stderr());
        let told: Vec<&String> = trace.calls.iter().filter(|call| shows(call)).collect();
        assert!(told.is_empty(), "{what}: {told:#?}");
        assert_eq!(holding(&sandbox.repo()), [sandbox.repo().join("prime.toml").display().to_string()], "{what}");
    }
}

#[test]
fn a_user_alone_is_left_to_who_has_the_password() {
    const HELPER: &str = "!f() { test \"$1\" = get && echo \"password=$OF_USER\"; }; f";
    let Some(git) = require_program("git") else { return };
    for (driver, is_helper) in WAYS.into_iter().flat_map(|driver| [(driver, true), (driver, false)]) {
        let open = Index::start();
        let Some(sandbox) = repo(driver, &[]) else { return };
        let Some(server) = repository(USER, PASSWORD) else { return };
        let url = with(&format!("{}/served", server.url()), USER, "");
        let sandbox = gitted(sandbox, &git, &open, &url).env("OF_USER", PASSWORD);
        let sandbox = if is_helper {
            let sandbox = sandbox.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "credential.helper");
            sandbox.env("GIT_CONFIG_VALUE_0", HELPER)
        } else {
            let sandbox = sandbox.fake("askpass", "echo \"$OF_USER\"");
            let program = sandbox.bin().join("askpass");
            sandbox.env("GIT_ASKPASS", program)
        };
        let run = sandbox.prime(["boot"]).output();
        assert_eq!(run.code(), 0, "{driver}, {is_helper}: {}", run.stderr());
        assert!(sandbox.read("constraints.txt").contains("gitted"), "{driver}, {is_helper}");
    }
}
