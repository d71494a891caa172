use super::tests::Machine;
use super::*;

fn shown(tool: &ToolSettings) -> Vec<String> {
    let one = |(name, value): (&std::ffi::OsStr, Option<&std::ffi::OsStr>)| {
        format!("{}={}", name.display(), value.unwrap_or_default().display())
    };
    let args = tool.args.iter().map(|arg| arg.display().to_string());
    let netrc = tool.netrc.iter().map(|text| format!("netrc:{}", text.trim()));
    tool.env.iter().map(one).chain(args).chain(netrc).collect()
}

fn for_uv(machine: &Machine) -> Vec<String> {
    shown(&machine.settings().env_for_uv())
}

fn for_pip(machine: &Machine) -> Vec<String> {
    shown(&machine.settings().env_for_pip(Means::default()))
}

#[test]
fn where_nothing_is_set_nothing_is_told() {
    let machine = Machine::new();
    assert!(for_uv(&machine).is_empty() && for_pip(&machine).is_empty());
}

#[test]
fn what_is_set_for_pip_reaches_uv() {
    let machine = Machine::new()
        .file("code/links/x", "")
        .file("code/odd, dir/x", "")
        .var("PIP_INDEX_URL", "https://me:p%40w@pip/simple")
        .var("PIP_EXTRA_INDEX_URL", "https://a/s https://b/s")
        .var("PIP_FIND_LINKS", "links missing odd%2C%20dir file:///missing https://host/l,1")
        .var("PIP_NO_INDEX", "1")
        .var("PIP_TRUSTED_HOST", "x y:1")
        .var("PIP_CERT", "/ca.pem")
        .var("PIP_CLIENT_CERT", "/me.pem")
        .var("PIP_PROXY", "me:pw@proxy:1")
        .var("PIP_TIMEOUT", "1.5")
        .var("PIP_RETRIES", "9");
    let root = machine.root.path().display();
    let expected = [
        "HTTPS_PROXY=http://me:pw@proxy:1/".to_owned(),
        "HTTP_PROXY=http://me:pw@proxy:1/".to_owned(),
        "SSL_CERT_FILE=/ca.pem".to_owned(),
        "SSL_CLIENT_CERT=/me.pem".to_owned(),
        format!("UV_FIND_LINKS={root}/code/links,https://host/l%2C1"),
        "UV_HTTP_RETRIES=9".to_owned(),
        "UV_HTTP_TIMEOUT=2".to_owned(),
        "UV_INDEX=https://a/s https://b/s".to_owned(),
        "UV_INDEX_STRATEGY=unsafe-best-match".to_owned(),
        "UV_INDEX_URL=https://me:p%40w@pip/simple".to_owned(),
        "UV_INSECURE_HOST=x y:1".to_owned(),
        "--no-index".to_owned(),
    ];
    assert_eq!(for_uv(&machine), expected);
    // Pip knows all that; it must not pass the credentials on to the pip that it starts for a build.
    let machine = machine.var("PIP_PROXY", "proxy:1");
    assert_eq!(for_pip(&machine), ["PIP_INDEX_URL=https://pip/simple", "netrc:machine pip login me password p@w"]);
}

#[test]
fn credentials_of_a_proxy_are_no_setting_of_pip_which_would_pass_them_on() {
    let machine = Machine::new()
        .file(
            "home/.config/pip/pip.conf",
            "[global]\nproxy = me:pw@proxy:1\nretries = 2\nindex-url = https://me:pw@h/\n",
        )
        .var("PIP_NO_INPUT", "1")
        .var("NO_PROXY", "*");
    let expected = [
        "ALL_PROXY=",
        "HTTPS_PROXY=http://me:pw@proxy:1/",
        "HTTP_PROXY=http://me:pw@proxy:1/",
        "NO_PROXY=",
        "PIP_CONFIG_FILE=/dev/null",
        "PIP_INDEX_URL=https://h/",
        "PIP_NO_INPUT=1",
        "PIP_PROXY=",
        "PIP_RETRIES=2",
        "all_proxy=",
        "http_proxy=http://me:pw@proxy:1/",
        "https_proxy=http://me:pw@proxy:1/",
        "no_proxy=",
        "netrc:machine h login me password pw",
    ];
    assert_eq!(for_pip(&machine), expected);
    let of_uv = Machine::new().file("code/repo/uv.toml", "https-proxy = \"http://me:pw@proxy:1\"\n");
    assert!(for_pip(&of_uv).contains(&expected[1].to_owned()));
}

#[test]
fn a_directory_with_a_comma_or_a_blank_is_told_as_a_url() {
    let machine = Machine::new().file("code/odd, dir/x", "");
    let link = Url::from_path(&machine.root.path().join("code/odd, dir")).to_string();
    let machine = machine.var("PIP_FIND_LINKS", link.clone());
    assert_eq!(for_uv(&machine), [format!("UV_FIND_LINKS={link}")]);
    assert!(link.ends_with("/code/odd%2C%20dir"));
}

#[test]
fn what_is_set_for_uv_reaches_pip() {
    let machine = Machine::new()
        .var("UV_DEFAULT_INDEX", "corp=https://uv/simple")
        .var("UV_INDEX_CORP_USERNAME", "me")
        .var("UV_INDEX_CORP_PASSWORD", "p@w")
        .var("UV_INDEX", "https://a/s b=https://b/s")
        .var("UV_FIND_LINKS", "/x y,https://host/l")
        .var("UV_INSECURE_HOST", "x")
        .var("SSL_CERT_FILE", "/dev/null/none")
        .var("SSL_CLIENT_CERT", "/me.pem")
        .var("UV_HTTP_TIMEOUT", "5")
        .var("UV_HTTP_RETRIES", "1")
        .file("code/repo/uv.toml", "https-proxy = \"http://proxy:1\"\nno-index = true\n");
    let expected = [
        "PIP_CLIENT_CERT=/me.pem",
        "PIP_DEFAULT_TIMEOUT=5",
        "PIP_EXTRA_INDEX_URL=https://a/s https://b/s",
        "PIP_FIND_LINKS=file:///x%20y https://host/l",
        "PIP_INDEX_URL=https://uv/simple",
        "PIP_NO_INDEX=1",
        "PIP_PROXY=http://proxy:1/",
        "PIP_RETRIES=1",
        "PIP_TRUSTED_HOST=x",
        "netrc:machine uv login me password p@w",
    ];
    assert_eq!(for_pip(&machine), expected);
    assert!(for_uv(&machine).is_empty());
    let present = Machine::new().file("ca.pem", "");
    let file = present.root.path().join("ca.pem");
    let expected = format!("PIP_CERT={}", file.display());
    assert_eq!(for_pip(&present.var("SSL_CERT_FILE", file)), [expected]);
}

#[test]
fn a_tools_own_setting_wins() {
    let both = |machine: Machine| {
        machine
            .var("PIP_INDEX_URL", "https://pip/s")
            .var("PIP_EXTRA_INDEX_URL", "https://pip-extra/s")
            .var("PIP_FIND_LINKS", "https://pip/l")
            .var("PIP_NO_INDEX", "0")
            .var("PIP_TRUSTED_HOST", "a")
            .var("UV_INDEX_URL", "https://uv/s")
            .var("UV_EXTRA_INDEX_URL", "https://uv-extra/s")
            .var("UV_FIND_LINKS", "https://uv/l")
            .var("UV_INSECURE_HOST", "b")
    };
    let machine = both(Machine::new());
    assert!(
        for_uv(&machine).is_empty() && for_pip(&machine).is_empty(),
        "{:?} {:?}",
        for_uv(&machine),
        for_pip(&machine)
    );
}

#[test]
fn further_indexes_of_one_tool_do_not_join_the_index_of_the_other() {
    let uv = Machine::new().var("PIP_EXTRA_INDEX_URL", "https://pip-extra/s").var("UV_DEFAULT_INDEX", "https://uv/s");
    assert!(for_uv(&uv).is_empty());
    assert_eq!(for_pip(&uv), ["PIP_INDEX_URL=https://uv/s"]);
    let pip = Machine::new().var("PIP_INDEX_URL", "https://pip/s").var("UV_INDEX", "https://uv-extra/s");
    assert!(for_pip(&pip).is_empty());
    assert_eq!(for_uv(&pip), ["UV_INDEX_URL=https://pip/s"]);
}

#[test]
fn a_strategy_that_is_set_stays() {
    for strategy in [("home/.config/uv/uv.toml", ""), ("none", "first-index")] {
        let (file, variable) = strategy;
        let machine = Machine::new()
            .file(file, "index-strategy = \"first-index\"\n")
            .var("UV_INDEX_STRATEGY", variable)
            .var("PIP_EXTRA_INDEX_URL", "https://a/s");
        assert_eq!(for_uv(&machine), ["UV_INDEX=https://a/s"]);
    }
}

#[test]
fn our_own_variable_alone_is_enough_for_both_tools_and_yields_to_theirs() {
    let machine = Machine::new().var("PRIME_INDEX_URL", "https://ours/s");
    assert_eq!(for_uv(&machine), ["UV_INDEX_URL=https://ours/s"]);
    assert_eq!(for_pip(&machine), ["PIP_INDEX_URL=https://ours/s"]);
    let machine = machine.var("PIP_INDEX_URL", "https://pip/s");
    assert_eq!(for_uv(&machine), ["UV_INDEX_URL=https://pip/s"]);
    assert!(for_pip(&machine).is_empty());
}

#[test]
fn certificates_and_proxies_that_everybody_sees_are_not_told_again() {
    let machine = Machine::new()
        .var("PIP_CERT", "/pip.pem")
        .var("SSL_CERT_FILE", "/all.pem")
        .var("PIP_PROXY", "pip:1")
        .var("https_proxy", "all:1")
        .var("SSL_CLIENT_CERT", "/all")
        .var("PIP_CLIENT_CERT", "/pip");
    assert!(for_uv(&machine).is_empty() && for_pip(&machine).is_empty());
    let directory = Machine::new().file("certs/x", "");
    let certs = directory.root.path().join("certs");
    let expected = format!("SSL_CERT_DIR={}", certs.display());
    assert_eq!(for_uv(&directory.var("REQUESTS_CA_BUNDLE", certs)), [expected]);
}

#[test]
fn the_index_of_the_launcher_comes_after_all_that_is_set() {
    let recorded = || Some(Sourced::new(Url::parse("https://launcher/s").unwrap(), "/r/prime"));
    let holds = |machine: &Machine| {
        let settings = IndexSettings { recorded_index: recorded(), ..machine.settings() };
        let own = settings.policy(|| unreachable!("it is asked only where there is none")).unwrap().indexes;
        let own: Vec<String> = own.iter().map(|index| index.value.to_string()).collect();
        (own, shown(&settings.env_for_uv()), shown(&settings.env_for_pip(Means::default())))
    };
    let (own, uv, pip) = holds(&Machine::new());
    assert_eq!(own, ["https://launcher/s"]);
    assert_eq!(
        (uv, pip),
        (vec!["UV_INDEX_URL=https://launcher/s".to_owned()], vec!["PIP_INDEX_URL=https://launcher/s".to_owned()])
    );
    for name in ["PRIME_INDEX_URL", "UV_DEFAULT_INDEX", "PIP_INDEX_URL"] {
        let (own, uv, pip) = holds(&Machine::new().var(name, "https://set/s"));
        assert_eq!(own, ["https://set/s"], "{name}");
        assert!(!uv.iter().chain(&pip).any(|told| told.contains("launcher")), "{name}: {uv:?} {pip:?}");
    }
}

#[test]
fn offline_holds_for_both() {
    let settings = IndexSettings { offline: true, ..IndexSettings::default() };
    assert_eq!(shown(&settings.env_for_uv()), ["UV_OFFLINE=1"]);
    assert_eq!(shown(&settings.env_for_pip(Means::default())), ["PIP_NO_INDEX=1"]);
    assert_eq!(for_pip(&Machine::new().var("UV_OFFLINE", "true")), ["PIP_NO_INDEX=1"]);
}

#[test]
fn the_list_for_people_has_origins_and_no_secrets() {
    let machine = Machine::new()
        .var("PIP_INDEX_URL", "https://me:secret@pip/s")
        .var("UV_INDEX", "a=https://uv/s")
        .var("UV_INDEX_A_PASSWORD", "secret")
        .var("https_proxy", "http://me:secret@proxy/")
        .var("PIP_TIMEOUT", "5");
    let list = machine.settings().list();
    let rows: Vec<String> = list.iter().map(|it| format!("{}: {} ({})", it.name, it.value, it.origin)).collect();
    let expected = [
        "pip index-url: https://****@pip/s (PIP_INDEX_URL)",
        "pip timeout: 5 s (PIP_TIMEOUT)",
        "uv index: https://****@uv/s (UV_INDEX)",
        "proxy: http://****@proxy/ (https_proxy)",
    ];
    assert_eq!(rows, expected);
}
