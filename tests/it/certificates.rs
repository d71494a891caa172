//! An index whose certificate is signed by an authority of one's own: what is set for any tool holds for all of them.

use crate::support::hello::hello_python;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::tls::TlsIndex;
use crate::support::wheel::{Package, Wheel};
use crate::support::write;

/// `prime` fetches uv and uv the rest, or pip fetches everything.
const WAYS: [&str; 2] = ["venv_uv", "venv_pip"];

fn packages() -> Option<[Package; 2]> {
    Some([Wheel::new("left", "1.0").file("left.py", "").build(), uv_wheel(real_uv()?)])
}

fn index() -> Option<TlsIndex> {
    TlsIndex::start(hello_python()?, &packages()?)
}

/// A repo that needs `left` of that index, a python and no uv.
fn repo(index: &TlsIndex, driver: &str) -> Option<Sandbox> {
    let python = hello_python()?;
    let sandbox = Sandbox::new().link_python(python).file(".python-version", python.series() + "\n");
    let sandbox = sandbox.file("requirements.txt", "left\n").env("PROTOPRIMER_VENV_DRIVER", driver);
    Some(sandbox.env("PIP_INDEX_URL", index.url()).env("PIP_RETRIES", "0"))
}

#[test]
fn an_authority_that_is_named_for_one_tool_is_trusted_by_all() {
    let Some(index) = index() else { return };
    for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "pip.conf"] {
        for driver in WAYS {
            let Some(sandbox) = repo(&index, driver) else { return };
            let sandbox = if variable == "pip.conf" {
                let (file, authority) = (sandbox.home().join("pip.conf"), index.authority());
                write(&file, format!("[global]\ncert = {}\n", authority.display()).as_bytes(), 0o644);
                sandbox.env("PIP_CONFIG_FILE", file)
            } else {
                sandbox.env(variable, index.authority())
            };
            let run = sandbox.prime(["boot"]).output();
            assert_eq!(run.code(), 0, "{variable}, {driver}: {}", run.stderr());
            assert_eq!(sandbox.read("constraints.txt"), "left==1.0\n", "{variable}, {driver}");
        }
    }
}

#[test]
fn an_authority_that_nobody_named_is_not_trusted_and_the_hint_says_how() {
    let Some(index) = index() else { return };
    for (driver, has_uv) in [("venv_uv", false), ("venv_uv", true), ("venv_pip", false)] {
        let Some(sandbox) = repo(&index, driver) else { return };
        let sandbox = if has_uv { sandbox.link_uv(real_uv().unwrap()) } else { sandbox };
        let run = sandbox.prime(["boot"]).output();
        assert_eq!(run.code(), 69, "{driver}, {has_uv}: {}", run.stderr());
        let hint = "\nhint: name the file of your certificate authority in `SSL_CERT_FILE`\n";
        assert!(run.stderr().ends_with(hint), "{driver}, {has_uv}: {}", run.stderr());
    }
}

#[test]
fn a_certificate_of_this_side_that_is_named_for_one_tool_is_shown_by_all() {
    let (Some(python), Some(packages)) = (hello_python(), packages()) else { return };
    let Some(index) = TlsIndex::for_members(python, &packages) else { return };
    for driver in WAYS {
        for variable in ["SSL_CLIENT_CERT", "PIP_CLIENT_CERT"] {
            let Some(sandbox) = repo(&index, driver) else { return };
            let sandbox = sandbox.env("SSL_CERT_FILE", index.authority()).env(variable, index.client_certificate());
            let run = sandbox.prime(["boot"]).output();
            assert_eq!(run.code(), 0, "{variable}, {driver}: {}", run.stderr());
            assert_eq!(sandbox.read("constraints.txt"), "left==1.0\n", "{variable}, {driver}");
        }
        let Some(sandbox) = repo(&index, driver) else { return };
        let run = sandbox.env("SSL_CERT_FILE", index.authority()).prime(["boot"]).output();
        assert_eq!(run.code(), 69, "{driver}: {}", run.stderr());
    }
}
