//! Passwords as people type them: with what should be encoded in a URL and is not, or need not be.

use super::{PASSWORD, USER, WAYS, holding, repo, shows};
use crate::support::http::refused_url;
use crate::support::index::Index;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;

/// What may come before the part of a password that is looked for.
const RAW: [&str; 7] = ["'", "\"", "`", " ", "|", "<>", ", ("];

/// The URL with these credentials as they are.
fn with(url: &str, password: &str) -> String {
    url.replacen("://", &format!("://{USER}:{password}@"), 1)
}

fn password(raw: &str) -> String {
    format!("{raw}{PASSWORD}{raw}")
}

/// A repo whose only group has these arguments.
fn group(sandbox: Sandbox, args: &[String]) -> Sandbox {
    let config = format!(
        "[[project_descriptors]]\nbuild_root_dir_rel_path = \".\"\ninstall_group = \"g\"\n\n\
         [[install_specs]]\ng.extra_command_args = {args:?}\n"
    );
    sandbox.file("prime.toml", config)
}

#[test]
fn no_command_shows_one() {
    for raw in RAW {
        let url = with("https://host.invalid/simple", &password(raw));
        let sandbox =
            Sandbox::new().project("app", "1", &[]).fake_python("python3.12", "3.12.1").env("PIP_INDEX_URL", &url);
        let sandbox =
            group(sandbox.file(".python-version", "3.12\n"), &["-i".to_owned(), url.clone(), format!("left @ {url}")]);
        for args in [&["eval"][..], &["eval", "--json"], &["check"], &["check", "--json"], &["cache", "key", "--json"]]
        {
            let run = sandbox.prime([&["-vvv"], args].concat()).output();
            let said = run.stdout() + &run.stderr();
            assert!(!shows(&said) && said.contains("prime") | said.contains("ok"), "{raw}, {args:?}: {said}");
        }
    }
}

#[test]
fn one_works_and_is_seen_by_nobody() {
    let Some(uv) = real_uv() else { return };
    for (driver, raw) in WAYS.into_iter().flat_map(|driver| ["'", "'\"` |<>,("].map(|raw| (driver, raw))) {
        let index = Index::start().add(Wheel::new("left", "1.0").file("left.py", "").build()).add(uv_wheel(uv));
        let index = index.credentials(USER, &password(raw));
        let url = with(&index.url(), &password(raw).replace('@', "%40"));
        let Some(sandbox) = repo(driver) else { return };
        let in_arguments = ["-i".to_owned(), url.clone(), "left".to_owned()];
        for is_set in [true, false] {
            let what = format!("{driver}, {raw}, {is_set}");
            let sandbox = if is_set {
                repo(driver).unwrap().env("PIP_INDEX_URL", &url)
            } else {
                group(repo(driver).unwrap().link_uv(uv), &in_arguments).env("PIP_INDEX_URL", refused_url() + "/simple/")
            };
            let Some((run, trace)) = sandbox.traced("execve", &["-vvv", "boot"]) else { return };
            assert_eq!(run.code(), 0, "{what}: {}", run.stderr());
            assert!(!shows(&(run.stdout() + &run.stderr())), "{what}: {}", run.stderr());
            assert!(!trace.calls.iter().any(|call| shows(call)), "{what}");
            let config = sandbox.repo().join("prime.toml").display().to_string();
            assert_eq!(holding(&sandbox.repo()), if is_set { vec![] } else { vec![config] }, "{what}");
        }
        let sandbox = sandbox.env("PIP_INDEX_URL", with(&index.url(), &format!("{raw}hidden-w%40rd")));
        let run = sandbox.env("PIP_RETRIES", "0").prime(["-vvv", "boot"]).output();
        assert!(run.code() == 77 && !shows(&run.stderr()), "{driver}, {raw}: {}", run.stderr());
    }
}
