//! Which index the launcher asks, through which proxy, trusting whom, and that credentials stay where they belong.

use std::fs;

use super::{Launched, VERSION, write_launcher};
use crate::support::index::Index;
use crate::support::own_wheel::own_wheel;
use crate::support::proxy::Proxy;
use crate::support::run::Invocation;
use crate::support::sandbox::Sandbox;
use crate::support::tls::TlsIndex;
use crate::support::{pythons, require_program, write};

/// A repository with a launcher that knows no index, and the tools that it needs with this one to download.
fn with(tool: &str) -> Option<Sandbox> {
    let sandbox = Sandbox::new().file("pyproject.toml", "");
    let sandbox = super::link_all(sandbox, super::UTILITIES.iter().chain(&["sh", "sha256sum", "env"]))?;
    write_launcher(&sandbox, &[&own_wheel()]);
    let sandbox = sandbox.env_remove("PIP_CONFIG_FILE");
    Some(match tool {
        "python3" => sandbox.link(tool, &pythons::newest()?.executable),
        tool => sandbox.link(tool, &require_program(tool)?),
    })
}

fn start(sandbox: &Sandbox) -> Invocation<'_> {
    let _ = fs::remove_dir_all(sandbox.cache().join("prime"));
    sandbox.command(sandbox.repo().join("prime")).args(["--version"])
}

#[track_caller]
fn assert_fetched(start: &Invocation<'_>, what: &str) {
    let run = start.output();
    assert_eq!((run.code(), run.stdout()), (0, format!("prime {VERSION}\n")), "{what}: {}", run.stderr());
    assert!(run.stderr().starts_with("obtain  "), "{what}: {}", run.stderr());
}

#[test]
fn the_index_is_the_one_that_is_set_for_prime_uv_or_pip_in_this_order() {
    let Some(sandbox) = with("curl") else { return };
    let index = Index::start().add(own_wheel());
    let (url, wrong) = (index.url(), "http://127.0.0.1:1/wrong/simple");
    let pip = |section: &str, url: &str| format!("[global]\ntimeout = 5\n[{section}]\nindex-url = {url}\n");
    let files = [
        (".config/uv/uv.toml", format!("# mine\nindex-url = \"{url}\"\n"), format!("index-url = \"{wrong}\"\n")),
        (".config/pip/pip.conf", pip("global", &url), pip("global", wrong)),
        (".pip/pip.conf", pip("install", &url), pip("install", wrong)),
    ];
    // Each with all that comes after it set to what is wrong.
    for last in (0..files.len()).rev() {
        let _ = fs::remove_dir_all(sandbox.home());
        for (number, (name, right, wrong)) in files.iter().enumerate().skip(last) {
            let text = if number == last { right } else { wrong };
            write(&sandbox.home().join(name), text.as_bytes(), 0o644);
        }
        assert_fetched(&start(&sandbox), files[last].0);
    }
    let variables = ["PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "PRIME_INDEX_URL"];
    let mut set: Vec<&str> = Vec::new();
    for (number, name) in variables.into_iter().enumerate() {
        // From here on the files are wrong; `uv.toml` goes before pip's variable.
        write(&sandbox.home().join(files[0].0), files[0].2.as_bytes(), 0o644);
        if number == 0 {
            fs::remove_file(sandbox.home().join(files[0].0)).unwrap();
        }
        let value = if name == "UV_DEFAULT_INDEX" { format!("mine={url}") } else { url.clone() };
        let right = start(&sandbox).env(name, value);
        let right = set.iter().fold(right, |start, name| start.env(name, wrong));
        assert_fetched(&right, name);
        set.push(name);
    }
    let named = sandbox.root().join("pip.ini");
    write(&named, pip("global", &url).as_bytes(), 0o644);
    fs::remove_file(sandbox.home().join(files[0].0)).unwrap();
    assert_fetched(&start(&sandbox).env("PIP_CONFIG_FILE", &named), "PIP_CONFIG_FILE");
}

#[test]
fn a_proxy_is_used_by_whatever_downloads() {
    for tool in ["curl", "wget", "python3"] {
        for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "PIP_PROXY"] {
            let Some(sandbox) = with(tool) else { continue };
            let (index, proxy) = (Index::start().add(own_wheel()), Proxy::start());
            let through = start(&sandbox).env("PRIME_INDEX_URL", index.url()).env(variable, proxy.url());
            assert_fetched(&through, &format!("{tool}, {variable}"));
            assert_eq!(proxy.requests().len(), 2, "{tool}, {variable}");
            let others = proxy.requests().into_iter().filter(|it| !it.target.starts_with(&index.origin()));
            assert_eq!(others.map(|it| it.target).collect::<Vec<_>>(), Vec::<String>::new(), "{tool}, {variable}");
            let around = start(&sandbox).env("PRIME_INDEX_URL", index.url()).env(variable, proxy.url());
            assert_fetched(&around.env("NO_PROXY", "127.0.0.1"), &format!("{tool}, {variable}, NO_PROXY"));
            assert_eq!(proxy.requests().len(), 2, "{tool}, {variable}");
        }
    }
}

#[test]
fn an_authority_that_is_named_for_any_tool_is_trusted() {
    let Some(python) = pythons::newest() else { return };
    let Some(index) = TlsIndex::start(python, &[own_wheel()]) else { return };
    for tool in ["curl", "wget", "python3"] {
        let Some(sandbox) = with(tool) else { continue };
        let refused = start(&sandbox).env("PRIME_INDEX_URL", index.url()).output();
        assert_eq!(refused.code(), 69, "{tool}: {}", refused.stderr());
        for variable in ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
            let start = start(&sandbox).env("PRIME_INDEX_URL", index.url()).env(variable, index.authority());
            assert_fetched(&start, &format!("{tool}, {variable}"));
        }
    }
}

#[test]
fn a_certificate_of_this_side_is_shown_by_curl() {
    let Some(python) = pythons::newest() else { return };
    let Some(index) = TlsIndex::for_members(python, &[own_wheel()]) else { return };
    let Some(sandbox) = with("curl") else { return };
    let sandbox = sandbox.env("PRIME_INDEX_URL", index.url()).env("SSL_CERT_FILE", index.authority());
    assert_eq!(start(&sandbox).output().code(), 69);
    for variable in ["SSL_CLIENT_CERT", "PIP_CLIENT_CERT"] {
        assert_fetched(&start(&sandbox).env(variable, index.client_certificate()), variable);
    }
}

#[test]
fn netrc_gives_credentials_to_curl_and_wget() {
    let text = "machine elsewhere login nobody password none\nmachine 127.0.0.1 login someone password s3cret\n";
    for (tool, variable) in [("curl", ""), ("curl", "NETRC"), ("wget", "")] {
        let Some(sandbox) = with(tool) else { continue };
        let index = Index::start().add(own_wheel()).credentials("someone", "s3cret");
        let sandbox = sandbox.env("PRIME_INDEX_URL", index.url());
        let refused = start(&sandbox).output();
        assert_eq!(refused.code(), 69, "{tool}: {}", refused.stderr());
        let file = sandbox.home().join(if variable.is_empty() { ".netrc" } else { "mine" });
        write(&file, text.as_bytes(), 0o600);
        let named = start(&sandbox);
        let named = if variable.is_empty() { named } else { named.env(variable, &file) };
        assert_fetched(&named, &format!("{tool}, {variable}"));
    }
}

#[test]
fn credentials_reach_the_index_and_neither_what_is_said_nor_any_argument() {
    let Some(strace) = require_program("strace") else { return };
    for tool in ["curl", "python3"] {
        let Some(sandbox) = with(tool) else { continue };
        let index = Index::start().add(own_wheel()).credentials("someone", "s3cret");
        let url = index.url_with("someone", "s3cret");
        let log = sandbox.root().join("strace");
        let traced =
            sandbox.command(&strace).args(["-f", "-qq", "-s", "4096", "-e", "trace=execve", "-o"]).args([&log]);
        let traced = traced.args([sandbox.repo().join("prime")]).args(["--version"]).env("PRIME_INDEX_URL", &url);
        assert_fetched(&traced, tool);
        let trace = fs::read_to_string(&log).unwrap();
        assert!(trace.contains(&format!("/{tool}\"")) && !trace.contains("s3cret"), "{tool}: {trace}");
        let wrong = start(&sandbox).env("PRIME_INDEX_URL", index.url_with("someone", "0ther")).output();
        assert_eq!(wrong.code(), 69, "{tool}");
        assert!(wrong.stderr().contains("401") && !wrong.stderr().contains("0ther"), "{tool}: {}", wrong.stderr());
    }
}

#[test]
fn the_index_that_the_launcher_has_is_the_last_one_for_the_binary_too() {
    let index = Index::start().add(own_wheel());
    let sandbox = Sandbox::new().file("pyproject.toml", "").file(".python-version", "3.12\n");
    let init = |args: &[&str]| sandbox.prime(["-q", "init"]).args(args.iter().copied()).output();
    assert_eq!(init(&["--index-url", &index.url()]).code(), 0);
    let Some(launched) = Launched::of(Index::start().add(own_wheel())) else { return };
    fs::copy(sandbox.repo().join("prime"), launched.path()).unwrap();
    let asked = index.paths().len();
    let sandbox = launched.sandbox.env_remove("PIP_INDEX_URL").redact_as("[RECORDED]", &index.origin());
    let boot = sandbox.command(sandbox.repo().join("prime")).args(["-v"]).output();
    let said = sandbox.redact(&boot.stderr());
    assert!(said.contains("launcher's index = [RECORDED]/simple/ ([REPO]/prime)\n"), "{said}");
    assert!(index.paths().len() > asked, "the wheel came from there");
}

#[test]
fn settings_of_pip_are_read_as_pip_reads_them() {
    for (name, content, vars) in [
        ("underscore", "[global]\nindex_url = [URL]\n", &[][..]),
        ("no configuration of uv's", "", &[("UV_CONFIG_FILE", "/dev/null"), ("PIP_INDEX_URL", "[URL]")]),
    ] {
        let Some(launched) = Launched::new() else { return };
        let url = launched.index.url();
        let sandbox = &launched.sandbox;
        write(&sandbox.home().join(".config/pip/pip.conf"), content.replace("[URL]", &url).as_bytes(), 0o644);
        let run = launched.run(&["--version"]).env_remove("PIP_INDEX_URL").env_remove("PIP_CONFIG_FILE");
        let run = vars.iter().fold(run, |run, (name, value)| run.env(name, value.replace("[URL]", &url)));
        let run = run.output();
        assert_eq!((run.code(), launched.fetched()), (0, 1), "{name}: {}", run.stderr());
    }
}
