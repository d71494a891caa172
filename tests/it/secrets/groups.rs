//! Groups of `install_specs` that make credentials for the groups after them, and such that carry their own.

use super::{PASSWORD, USER, WAYS, assert_hidden, holding, repo, shows};
use crate::support::index::Index;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;

/// A program as `keyring` is one, in a package as a company publishes one: it knows whom its index wants.
const PLUGIN: &str = r#"
import os, sys

def main():
    if sys.argv[1] != "get" or not sys.argv[2].startswith(os.environ["PRIVATE_INDEX"]):
        return 1
    if "--mode" in sys.argv:
        print("the-user")
    print("-".join(["hidden", "w@rd"]))
"#;

fn left() -> Index {
    Index::start().add(Wheel::new("left", "1.0").file("left.py", "").build())
}

/// A repo whose group `auth` comes first and from the public index, and whose project comes from another one.
fn two_groups(driver: &str, public: &Index, args: &[&str]) -> Option<Sandbox> {
    let config = format!(
        "[[project_descriptors]]\nbuild_root_dir_rel_path = \".\"\ninstall_group = \"main\"\n\n\
         [[project_descriptors]]\nbuild_root_dir_rel_path = \"auth\"\ninstall_group = \"auth\"\n\
         requirements_files = [\"auth/requirements.txt\"]\n\n\
         [[install_specs]]\nauth.extra_command_args = [\"--index-url\", \"{}\"]\n\n\
         [[install_specs]]\nmain.extra_command_args = {args:?}\n",
        public.url()
    );
    let sandbox = repo(driver)?.link_uv(real_uv()?).file("prime.toml", config);
    Some(sandbox.file("auth/requirements.txt", "auth-plugin\n"))
}

fn public() -> Index {
    let plugin = Wheel::new("auth-plugin", "1.0").file("auth_plugin.py", PLUGIN).script("keyring", "auth_plugin:main");
    Index::start().add(plugin.build())
}

/// The repo boots, each index was asked for its own, and nobody saw the password.
#[track_caller]
fn assert_boots(sandbox: Sandbox, indexes: [&Index; 2], what: &str) {
    let [public, private] = indexes;
    let sandbox = sandbox.env("PRIVATE_INDEX", private.url());
    let Some((run, trace)) = sandbox.traced("execve", &["-vvv", "boot"]) else { return };
    assert_eq!(run.code(), 0, "{what}: {}", run.stderr());
    assert_eq!(sandbox.read("constraints.txt"), "auth-plugin==1.0\nleft==1.0\n", "{what}");
    assert!(!shows(&(run.stdout() + &run.stderr())), "{what}: {}", run.stderr());
    assert_hidden(&sandbox, &trace, what);
    let asked = |index: &Index, name: &str| index.paths().iter().any(|path| path.contains(name));
    assert!(asked(public, "plugin") && !asked(public, "left"), "{what}: {:?}", public.paths());
    assert!(asked(private, "left") && !asked(private, "plugin"), "{what}: {:?}", private.paths());
}

#[test]
fn a_group_that_brings_a_keyring_opens_the_index_of_the_next_one() {
    for driver in WAYS {
        for (provider, user) in
            [("PIP_KEYRING_PROVIDER", true), ("PIP_KEYRING_PROVIDER", false), ("UV_KEYRING_PROVIDER", true)]
        {
            let (public, private) = (public(), left().credentials(USER, PASSWORD));
            let url = if user { private.url_of(USER) } else { private.url() };
            let Some(sandbox) = two_groups(driver, &public, &[]) else { return };
            let sandbox = sandbox.env("PIP_INDEX_URL", url).env(provider, "subprocess");
            assert_boots(sandbox, [&public, &private], &format!("{driver}, {provider}, {user}"));
        }
    }
}

#[test]
fn pip_s_own_default_is_to_ask_what_the_environment_has() {
    let (public, private) = (public(), left().credentials(USER, PASSWORD));
    let Some(sandbox) = two_groups("venv_pip", &public, &[]) else { return };
    assert_boots(sandbox.env("PIP_INDEX_URL", private.url()), [&public, &private], "nothing set");
}

#[test]
fn a_group_s_own_arguments_may_say_all_that_is_needed() {
    for driver in WAYS {
        let (public, private) = (public(), left().credentials(USER, PASSWORD));
        let args = ["--index-url", &private.url_of(USER), "--keyring-provider", "subprocess"];
        let Some(sandbox) = two_groups(driver, &public, &args) else { return };
        assert_boots(sandbox.env("PIP_INDEX_URL", public.url()), [&public, &private], driver);
    }
}

#[test]
fn credentials_in_a_group_s_arguments_reach_the_index_and_no_argument_list() {
    for driver in WAYS {
        let (public, private) = (public(), left().credentials(USER, PASSWORD));
        let Some(sandbox) = two_groups(driver, &public, &["--index-url", &private.url_with(USER, PASSWORD)]) else {
            return;
        };
        let Some((run, trace)) = sandbox.traced("execve", &["-vvv", "boot"]) else { return };
        assert_eq!(run.code(), 0, "{driver}: {}", run.stderr());
        assert!(!shows(&(run.stdout() + &run.stderr())), "{driver}: {}", run.stderr());
        let told: Vec<&String> = trace.calls.iter().filter(|call| shows(call)).collect();
        assert!(told.is_empty(), "{driver}: {told:#?}");
        assert_eq!(holding(&sandbox.repo()), [sandbox.repo().join("prime.toml").display().to_string()], "{driver}");
    }
}
