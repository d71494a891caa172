use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;
use crate::error::{Kind, kind_of};

pub(super) struct Machine {
    pub root: TempDir,
    vars: Vec<(OsString, OsString)>,
}

impl Machine {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("home")).unwrap();
        let vars = vec![("HOME".into(), root.path().join("home").into_os_string())];
        Self { root, vars }
    }

    pub fn var(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.vars.push((name.into(), value.into()));
        self
    }

    /// Writes a file below the root; `[ROOT]` in it is the root.
    pub fn file(self, path: &str, text: &str) -> Self {
        let file = self.root.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text.replace("[ROOT]", self.root.path().to_str().unwrap())).unwrap();
        self
    }

    pub fn load(&self) -> Result<IndexSettings> {
        let root = self.root.path();
        let host = Host { vars: self.vars.clone(), current_dir: root.join("code"), ..Host::default() };
        let places = Places {
            project_dir: Some(root.join("code/repo")),
            python_prefix: Some(root.join("prefix")),
            etc: root.join("etc"),
            offline: false,
        };
        IndexSettings::load(&host, &places)
    }

    pub fn settings(&self) -> IndexSettings {
        self.load().unwrap()
    }

    /// A value and its origin, with `[ROOT]` for the root.
    pub fn show<T: std::fmt::Debug>(&self, value: Option<&Sourced<T>>) -> String {
        let text = value.map_or("none".to_owned(), |it| format!("{:?} from {}", it.value, it.origin));
        text.replace(self.root.path().to_str().unwrap(), "[ROOT]")
    }

    fn refused(&self) -> String {
        let error = self.load().unwrap_err();
        assert_eq!(kind_of(&error), Kind::Config);
        error.to_string().replace(self.root.path().to_str().unwrap(), "[ROOT]")
    }
}

fn pip_conf(index: &str) -> String {
    format!("[global]\nindex-url = https://{index}/simple\n")
}

#[cfg(not(target_os = "macos"))]
#[test]
fn of_pips_files_the_later_wins_and_variables_win_over_all() {
    let mut machine = Machine::new();
    for (path, index) in [
        ("etc/xdg/pip/pip.conf", "xdg"),
        ("etc/pip.conf", "etc"),
        ("home/.pip/pip.conf", "legacy"),
        ("home/.config/pip/pip.conf", "user"),
        ("prefix/pip.conf", "site"),
    ] {
        machine = machine.file(path, &pip_conf(index));
        let expected = format!("https://{index}/simple from [ROOT]/{path}:2");
        assert_eq!(machine.show(machine.settings().pip.index_url.as_ref()), expected);
    }
    let own = machine.root.path().join("own.conf");
    machine = machine.file("own.conf", &pip_conf("own")).var("PIP_CONFIG_FILE", own);
    assert_eq!(machine.show(machine.settings().pip.index_url.as_ref()), "https://own/simple from [ROOT]/own.conf:2");
    machine = machine.file("own.conf", "[global]\ntimeout = 5\n");
    let index = machine.settings().pip.index_url;
    assert_eq!(
        machine.show(index.as_ref()),
        "https://site/simple from [ROOT]/prefix/pip.conf:2",
        "no user file with one's own"
    );
    machine = machine.var("PIP_INDEX_URL", "https://variable/simple");
    assert_eq!(machine.show(machine.settings().pip.index_url.as_ref()), "https://variable/simple from PIP_INDEX_URL");
}

#[test]
fn pip_sections_defaults_lists_and_spellings_are_pips() {
    let machine = Machine::new().file(
        "prefix/pip.conf",
        "[DEFAULT]\nretries = 7\n[install]\nindex-url = https://install/s\n[global]\nindex-url = https://global/s\n\
         Find_Links =\n  links dir\n  https://me:pw%40@host/p%20q\nno-index = on\ncert = ca.pem\ntimeout=2.5\n\
         trusted_host = a b:81\nproxy = me:pw@proxy:3128\n[freeze]\ntimeout = 9\n",
    );
    let settings = machine.settings();
    let pip = &settings.pip;
    assert_eq!(machine.show(pip.index_url.as_ref()), "https://install/s from [ROOT]/prefix/pip.conf:4");
    let links: Vec<String> = pip.find_links.iter().map(|link| machine.show(Some(link))).collect();
    let work = "file://[ROOT]/code";
    let expected = [format!("{work}/links"), format!("{work}/dir"), "https://****@host/p%20q".to_owned()];
    assert_eq!(links, expected.map(|link| format!("{link} from [ROOT]/prefix/pip.conf:7")));
    assert_eq!(machine.show(pip.no_index.as_ref()), "true from [ROOT]/prefix/pip.conf:10");
    assert_eq!(machine.show(pip.cert.as_ref()), "\"[ROOT]/code/ca.pem\" from [ROOT]/prefix/pip.conf:11");
    assert_eq!(machine.show(pip.timeout.as_ref()), "2.5s from [ROOT]/prefix/pip.conf:12");
    assert_eq!(pip.trusted_hosts.iter().map(|host| host.value.as_str()).collect::<Vec<_>>(), ["a", "b:81"]);
    assert_eq!(machine.show(pip.proxy.as_ref()), "http://****@proxy:3128/ from [ROOT]/prefix/pip.conf:14");
    assert_eq!(machine.show(pip.retries.as_ref()), "7 from [ROOT]/prefix/pip.conf:2");
}

#[test]
fn the_null_device_leaves_all_of_pips_files_out() {
    let machine = Machine::new().file("etc/pip.conf", &pip_conf("etc")).file("prefix/pip.conf", "broken");
    assert!(machine.load().is_err());
    assert_eq!(machine.var("PIP_CONFIG_FILE", "/dev/null").settings().pip, PipSettings::default());
}

#[test]
fn an_empty_variable_does_not_hide_a_file() {
    let machine = Machine::new().file("prefix/pip.conf", &pip_conf("site")).var("PIP_INDEX_URL", "");
    assert_eq!(machine.settings().pip.index_url.unwrap().value.host(), "site");
}

#[test]
fn files_of_others_that_are_broken_are_named_with_the_line() {
    let unreadable = "is not what pip can read: it is neither `[section]` nor `name = value`";
    let pip = Machine::new().file("prefix/pip.conf", "[global]\nnonsense\n");
    assert_eq!(pip.refused(), format!("[ROOT]/prefix/pip.conf:2 {unreadable}"));
    let uv = Machine::new().file("home/.config/uv/uv.toml", "offline = true\n[[index]\n");
    assert!(uv.refused().starts_with("[ROOT]/home/.config/uv/uv.toml:2 is not what uv can read: "));
    let field = Machine::new().file("code/repo/pyproject.toml", "[tool.uv]\nno-index = 3\n");
    assert!(field.refused().starts_with("[ROOT]/code/repo/pyproject.toml:2 is not what uv can read: "));
}

#[test]
fn a_value_that_means_nothing_is_refused_without_showing_it() {
    for (name, value) in [
        ("PIP_INDEX_URL", "ftp://secret@host/"),
        ("PIP_NO_INDEX", "secret"),
        ("PIP_TIMEOUT", "secret"),
        ("UV_INDEX", "https://me:secret@host:port/"),
        ("HTTPS_PROXY", "http://me:secret@"),
        ("PRIME_INDEX_URL", "https://secret@"),
    ] {
        let refused = Machine::new().var(name, value).refused();
        assert!(refused.contains(name) && !refused.contains("secret"), "{refused}");
    }
}

#[cfg(not(target_os = "macos"))]
#[test]
fn of_uvs_files_the_nearest_wins_and_variables_win_over_all() {
    let mut machine = Machine::new();
    let toml =
        |index: &str| format!("index-url = \"https://{index}/s\"\n[[index]]\nurl = \"https://{index}-extra/s\"\n");
    for (path, index) in [
        ("etc/uv/uv.toml", "etc"),
        ("etc/xdg/uv/uv.toml", "xdg"),
        ("home/.config/uv/uv.toml", "user"),
        ("code/uv.toml", "above"),
        ("code/repo/uv.toml", "project"),
    ] {
        machine = machine.file(path, &toml(index));
        let expected = format!("https://{index}/s from [ROOT]/{path}:1");
        assert_eq!(machine.show(machine.settings().uv.default_index.as_ref()), expected);
    }
    let hosts = |settings: IndexSettings| -> Vec<String> {
        settings.uv.extra_indexes.iter().map(|index| index.value.host().to_owned()).collect()
    };
    assert_eq!(hosts(machine.settings()), ["project-extra", "user-extra", "xdg-extra"]);
    machine = machine.var("UV_DEFAULT_INDEX", "corp=https://variable/s").var("UV_INDEX", "https://a/s b=https://b/s");
    assert_eq!(machine.show(machine.settings().uv.default_index.as_ref()), "https://variable/s from UV_DEFAULT_INDEX");
    assert_eq!(hosts(machine.settings()), ["a", "b", "project-extra", "user-extra", "xdg-extra"]);
    machine = machine.var("UV_NO_CONFIG", "1");
    assert_eq!(hosts(machine.settings()), ["a", "b"]);
}

#[test]
fn a_uv_file_gives_indexes_links_and_switches_with_their_lines() {
    let machine = Machine::new()
        .file(
            "code/repo/pyproject.toml",
            "[tool.uv]\nfind-links = [\"wheels\",\n \"https://host/links\"]\nno-index = true\nindex-strategy = \"first-index\"\n\
             https-proxy = \"https://me:pw@proxy\"\nno-proxy = [\"a\", \"b\"]\nallow-insecure-host = [\"x\"]\noffline = true\n\
             [tool.uv.pip]\nno-index = false\n\
             [[tool.uv.index]]\nname = \"torch\"\nurl = \"https://torch/s\"\nexplicit = true\n\
             [[tool.uv.index]]\nname = \"my-corp.1\"\nurl = \"https://corp/s\"\ndefault = true\n\
             [[tool.uv.index]]\nurl = \"../index\"\n",
        )
        .var("UV_INDEX_MY_CORP_1_USERNAME", "me")
        .var("UV_INDEX_MY_CORP_1_PASSWORD", "p@w");
    let settings = machine.settings();
    let uv = &settings.uv;
    let at = |line: usize| format!("from [ROOT]/code/repo/pyproject.toml:{line}");
    assert_eq!(machine.show(uv.default_index.as_ref()), format!("https://****@corp/s {}", at(18)));
    assert_eq!(uv.default_index.as_ref().unwrap().value.with_credentials(), "https://me:p%40w@corp/s");
    assert_eq!(uv.extra_indexes.len(), 1);
    assert_eq!(machine.show(uv.extra_indexes.first()), format!("file://[ROOT]/code/index {}", at(21)));
    assert_eq!(machine.show(uv.find_links.first()), format!("file://[ROOT]/code/repo/wheels {}", at(2)));
    assert_eq!(machine.show(uv.find_links.last()), format!("https://host/links {}", at(3)));
    assert_eq!(machine.show(uv.no_index.as_ref()), format!("false {}", at(11)));
    assert_eq!(machine.show(uv.proxies.https.as_ref()), format!("https://****@proxy/ {}", at(6)));
    assert_eq!(machine.show(uv.proxies.no_proxy.as_ref()), format!("\"a,b\" {}", at(7)));
    assert_eq!(machine.show(uv.offline.as_ref()), format!("true {}", at(9)));
}

#[test]
fn a_pyproject_without_a_uv_table_is_passed_over_on_the_way_up() {
    let machine = Machine::new()
        .file("code/repo/pyproject.toml", "[project]\nname = \"uv\"\n")
        .file("code/uv.toml", "no-index = true\n");
    assert_eq!(machine.show(machine.settings().uv.no_index.as_ref()), "true from [ROOT]/code/uv.toml:1");
}

#[test]
fn the_lower_case_proxy_wins_and_the_bundle_of_requests_over_that_of_curl() {
    let machine = Machine::new()
        .var("HTTPS_PROXY", "upper:1")
        .var("https_proxy", "lower:1")
        .var("CURL_CA_BUNDLE", "/curl")
        .var("REQUESTS_CA_BUNDLE", "/requests");
    let environment = machine.settings().environment;
    assert_eq!(machine.show(environment.https_proxy.as_ref()), "http://lower:1/ from https_proxy");
    assert_eq!(machine.show(environment.cert_bundle.as_ref()), "\"/requests\" from REQUESTS_CA_BUNDLE");
    assert_eq!(machine.show(environment.netrc.as_ref()), "\"[ROOT]/home/.netrc\" from ~/.netrc");
}

fn indexes(machine: &Machine) -> Vec<String> {
    let default = || Ok(Sourced::new(Url::parse("https://default/s").unwrap(), "test"));
    let policy = machine.settings().policy(default).unwrap();
    policy.indexes.iter().map(|index| index.value.host().to_owned()).collect()
}

#[test]
fn our_own_fetches_ask_ours_then_uvs_then_pips_then_the_default() {
    let mut machine = Machine::new();
    assert_eq!(indexes(&machine), ["default"]);
    machine = machine.var("PIP_EXTRA_INDEX_URL", "https://pip-extra/s");
    assert_eq!(indexes(&machine), ["default", "pip-extra"]);
    machine = machine.var("PIP_INDEX_URL", "https://pip/s");
    assert_eq!(indexes(&machine), ["pip", "pip-extra"]);
    machine = machine.var("UV_INDEX", "https://uv-extra/s");
    assert_eq!(indexes(&machine), ["pip", "uv-extra"]);
    machine = machine.var("UV_DEFAULT_INDEX", "https://uv/s");
    assert_eq!(indexes(&machine), ["uv", "uv-extra"]);
    machine = machine.var("PIP_NO_INDEX", "1");
    assert_eq!(indexes(&machine), ["uv", "uv-extra"], "uv's own index wins over a switch of pip");
    assert_eq!(indexes(&machine.var("PRIME_INDEX_URL", "https://ours/s")), ["ours"]);
}

#[test]
fn credentials_of_an_index_are_known_to_the_client() {
    let machine = Machine::new().var("PIP_INDEX_URL", "https://me:pw@pip/s").var("PIP_FIND_LINKS", "https://b/l");
    let policy = machine.settings().policy(|| panic!("asked for a default")).unwrap();
    assert_eq!(policy.http.logins, [policy.indexes[0].value.clone()]);
}

#[test]
fn no_index_means_none_and_the_default_is_not_even_looked_for() {
    let machine = Machine::new().var("PIP_NO_INDEX", "true").var("PIP_FIND_LINKS", "/links");
    let policy = machine.settings().policy(|| panic!("asked for a default")).unwrap();
    assert_eq!((policy.indexes.len(), policy.find_links.len()), (0, 1));
    assert_eq!(policy.no_index.as_deref(), Some("PIP_NO_INDEX"));
}

#[test]
fn the_first_set_of_authorities_and_proxies_counts() {
    let default = || Ok(Sourced::new(Url::parse("https://default/s").unwrap(), "test"));
    let http = |machine: &Machine| machine.settings().policy(default).unwrap().http;
    let mut machine = Machine::new();
    let plain = http(&machine);
    assert_eq!((plain.authorities, plain.timeout, plain.retries), (Authorities::Platform, Duration::from_secs(30), 3));
    for (name, value) in
        [("CURL_CA_BUNDLE", "/a"), ("REQUESTS_CA_BUNDLE", "/b"), ("PIP_CERT", "/c"), ("SSL_CERT_DIR", "/d")]
    {
        machine = machine.var(name, value);
        assert_eq!(http(&machine).authorities, Authorities::Of(vec![Sourced::new(Path::new(value).into(), name)]));
    }
    machine = machine.var("SSL_CERT_FILE", "/e");
    assert!(matches!(http(&machine).authorities, Authorities::Of(all) if all.len() == 2));
    for (name, host) in [("PIP_PROXY", "pip"), ("ALL_PROXY", "all"), ("HTTPS_PROXY", "https")] {
        machine = machine.var(name, host);
        assert_eq!(http(&machine).https_proxy.unwrap().value.host(), host);
    }
    assert_eq!(http(&machine).http_proxy.unwrap().value.host(), "all");
    machine = machine.var("PIP_DEFAULT_TIMEOUT", "180").var("PIP_RETRIES", "0");
    assert_eq!((http(&machine).timeout, http(&machine).retries), (Duration::from_secs(180), 0));
    assert_eq!(http(&machine.var("UV_HTTP_TIMEOUT", "7")).timeout, Duration::from_secs(7));
    // One that no time can be told for.
    let ages = http(&Machine::new().var("UV_HTTP_TIMEOUT", "1e19")).timeout;
    assert!(Instant::now().checked_add(ages).is_some() && ages > Duration::from_secs(1 << 30), "{ages:?}");
}
