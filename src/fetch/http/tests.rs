use super::*;
use crate::error::kind_of;
use crate::fetch::settings::Sourced;
use crate::fetch::testing::{Reply, Server, client, settings};

fn ask(client: &Client, url: &Url) -> Result<Answer<String>> {
    client.get(Request { url, accept: None, compressed: true, validator: None }, &mut |_, body| {
        let mut text = String::new();
        body.read_to_string(&mut text).map_err(Stop::Cut)?;
        Ok(text)
    })
}

fn text(client: &Client, url: &Url) -> String {
    ask(client, url).unwrap().found().unwrap()
}

/// Kind, message and hint, with the port taken out.
fn told(error: &anyhow::Error, port: u16) -> (Kind, String) {
    let fault = error.downcast_ref::<Fault>().unwrap();
    assert!(fault.hint.is_some(), "no hint: {fault}");
    (kind_of(error), fault.message.replace(&port.to_string(), "PORT"))
}

#[test]
fn a_body_that_was_cut_and_a_server_that_failed_are_tried_again() {
    let server = Server::start();
    server.on("/a", Reply::ok("whole body").cut(3)).on("/a", Reply::new(503, "")).on("/a", Reply::ok("whole body"));
    assert_eq!(text(&client(), &server.url("/a")), "whole body");
    assert_eq!(server.lines().len(), 3);
}

#[test]
fn tries_end_and_the_last_failure_is_told() {
    let server = Server::start();
    server.on("/cut", Reply::ok("whole body").cut(3)).on("/500", Reply::new(500, "")).on("/400", Reply::new(400, ""));
    let fetch = |path: &str| format!("cannot fetch `http://127.0.0.1:PORT{path}`: ");
    for (path, fact, tries) in [
        ("/cut", "the connection was cut", 3),
        ("/500", "the server answered 500", 3),
        ("/400", "the server answered 400", 1),
    ] {
        let before = server.lines().len();
        let error = ask(&client(), &server.url(path)).unwrap_err();
        assert_eq!(told(&error, server.port), (Kind::Unavailable, fetch(path) + fact));
        assert_eq!(server.lines().len() - before, tries, "{path}");
    }
}

#[test]
fn what_is_missing_or_refused_is_an_answer_and_not_tried_again() {
    let server = Server::start();
    server.on("/401", Reply::new(401, "")).on("/403", Reply::new(403, "")).on("/407", Reply::new(407, ""));
    assert!(
        matches!(ask(&client(), &server.url("/404")).unwrap(), Answer::Missing(fault) if fault.kind == Kind::Unavailable)
    );
    for path in ["/401", "/403", "/407"] {
        let answer = ask(&client(), &server.url(path)).unwrap();
        assert!(matches!(&answer, Answer::Refused(fault) if fault.kind == Kind::NotAllowed && fault.hint.is_some()));
    }
    assert_eq!(server.lines().len(), 4);
}

#[test]
fn a_compressed_body_arrives_plain_and_is_only_asked_for_where_wanted() {
    let gzip: [u8; 25] =
        [31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 203, 72, 205, 201, 201, 7, 0, 134, 166, 16, 54, 5, 0, 0, 0];
    let server = Server::start();
    server.on("/x", Reply::ok(gzip).header("Content-Encoding", "gzip"));
    assert_eq!(text(&client(), &server.url("/x")), "hello");
    assert_eq!(server.asked()[0].header("Accept-Encoding"), Some("gzip"));
}

#[test]
fn a_closed_port_is_unavailable_and_says_so() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url = Url::parse(&format!("http://me:secret@127.0.0.1:{port}/x")).unwrap();
    let error = ask(&client(), &url).unwrap_err();
    let expected = "cannot fetch `http://****@127.0.0.1:PORT/x`: the connection is refused";
    assert_eq!(told(&error, port), (Kind::Unavailable, expected.to_owned()));
    assert!(!format!("{error:?}").contains("secret"));
}

#[test]
fn a_host_that_does_not_exist_is_unavailable() {
    let impatient = Client::new(HttpSettings { timeout: Duration::from_secs(1), retries: 0, ..settings() });
    let error = ask(&impatient, &Url::parse("http://no-such-host.invalid/x").unwrap()).unwrap_err();
    assert_eq!(kind_of(&error), Kind::Unavailable);
}

#[test]
fn a_server_that_never_answers_runs_into_the_limit() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let quick = HttpSettings { timeout: Duration::from_millis(50), retries: 0, ..settings() };
    let error = ask(&Client::new(quick), &Url::parse(&format!("http://127.0.0.1:{port}/x")).unwrap()).unwrap_err();
    let (kind, message) = told(&error, port);
    assert_eq!(kind, Kind::Unavailable);
    assert!(message.contains("no answer in time"), "{message}");
}

#[test]
fn offline_refuses_before_the_network_and_files_still_work() {
    let server = Server::start();
    let offline = Client::new(HttpSettings { offline: Some("UV_OFFLINE".to_owned()), ..settings() });
    let error = ask(&offline, &server.url("/x")).unwrap_err();
    assert_eq!(told(&error, server.port).0, Kind::Unavailable);
    assert!(error.to_string().contains("UV_OFFLINE") && server.lines().is_empty());
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a b"), "content").unwrap();
    assert_eq!(text(&offline, &Url::from_path(&dir.path().join("a b"))), "content");
    assert!(matches!(ask(&offline, &Url::from_path(&dir.path().join("c"))).unwrap(), Answer::Missing(_)));
}

#[test]
fn credentials_come_from_the_url_then_settings_then_netrc() {
    let server = Server::start();
    server.on("/x", Reply::ok(""));
    let dir = tempfile::tempdir().unwrap();
    let netrc = dir.path().join("netrc");
    std::fs::write(&netrc, "machine 127.0.0.1 login net password rc\n").unwrap();
    let with_netrc = HttpSettings { netrc: Some(netrc), ..settings() };
    let set = Url::parse(&format!("http://set:pw@127.0.0.1:{}/simple", server.port)).unwrap();
    let with_both = HttpSettings { logins: vec![set], ..with_netrc.clone() };
    let own = Url::parse(&format!("http://me%40corp:p%2Fw@127.0.0.1:{}/x", server.port)).unwrap();
    text(&client(), &server.url("/x"));
    text(&Client::new(with_netrc), &server.url("/x"));
    text(&Client::new(with_both.clone()), &server.url("/x"));
    text(&Client::new(with_both), &own);
    let authorizations: Vec<_> =
        server.asked().iter().map(|asked| asked.header("Authorization").map(str::to_owned)).collect();
    let basic = |login: &str| Some(format!("Basic {}", base64(login.as_bytes())));
    assert_eq!(authorizations, [None, basic("net:rc"), basic("set:pw"), basic("me@corp:p/w")]);
    assert!(server.lines().iter().all(|line| line == "GET /x HTTP/1.1"));
}

#[test]
fn a_redirect_is_followed_and_takes_no_credentials_elsewhere() {
    let (server, other) = (Server::start(), Server::start());
    let elsewhere = other.url("/there").to_string().replace("http://", "http://evil:pw@");
    server.on("/a", Reply::redirect("/b")).on("/b", Reply::redirect(&server.url("/c").to_string()));
    server.on("/c", Reply::redirect(&elsewhere));
    other.on("/there", Reply::ok("found"));
    let dir = tempfile::tempdir().unwrap();
    let netrc = dir.path().join("netrc");
    std::fs::write(&netrc, "default login anybody password x\n").unwrap();
    let client = Client::new(HttpSettings { netrc: Some(netrc), ..settings() });
    let start = Url::parse(&format!("http://me:pw@127.0.0.1:{}/a", server.port)).unwrap();
    assert_eq!(text(&client, &start), "found");
    let authorized = server.asked().iter().filter(|asked| asked.header("Authorization").is_some()).count();
    assert_eq!(authorized, 3);
    assert_eq!(other.asked()[0].header("Authorization"), None);
}

#[test]
fn redirects_end_and_only_go_where_it_is_safe() {
    let server = Server::start();
    server.on("/loop", Reply::redirect("/loop")).on("/file", Reply::redirect("file:///etc/hosts"));
    for path in ["/loop", "/file"] {
        assert_eq!(kind_of(&ask(&client(), &server.url(path)).unwrap_err()), Kind::Unavailable);
    }
    assert_eq!(server.lines().len(), REDIRECTS + 2);
    let secure = Url::parse("https://host/").unwrap();
    assert!(client().redirect(&secure, "http://host/").unwrap_err().message.contains("not secure"));
    let trusting = Client::new(HttpSettings { trusted_hosts: vec!["HOST".to_owned()], ..settings() });
    assert!(trusting.redirect(&secure, "http://host/").is_ok());
}

#[test]
fn a_proxy_gets_the_whole_url_and_exempt_hosts_do_not_go_through_it() {
    let (server, proxy) = (Server::start(), Server::start());
    let target = server.url("/x?y=z");
    proxy.on(&target.to_string(), Reply::ok("by proxy"));
    server.on("/x?y=z", Reply::ok("direct"));
    let address = Url::parse(&format!("http://me:p%40w@127.0.0.1:{}", proxy.port)).unwrap();
    let through = HttpSettings { http_proxy: Some(Sourced::new(address, "HTTP_PROXY")), ..settings() };
    assert_eq!(text(&Client::new(through.clone()), &target), "by proxy");
    let asked = &proxy.asked()[0];
    assert_eq!(asked.header("Host"), Some(format!("127.0.0.1:{}", server.port).as_str()));
    assert_eq!(asked.header("Proxy-Authorization"), Some(format!("Basic {}", base64(b"me:p@w")).as_str()));
    let exempt = HttpSettings { no_proxy: "127.0.0.0/8".to_owned(), ..through };
    assert_eq!(text(&Client::new(exempt), &target), "direct");
    assert_eq!((proxy.lines().len(), server.lines().len()), (1, 1));
}

#[test]
fn https_through_a_proxy_opens_a_tunnel_with_the_proxys_credentials() {
    let proxy = Server::start();
    proxy.on("host.invalid:443", Reply::new(407, ""));
    let address = Url::parse(&format!("http://me:pw@127.0.0.1:{}", proxy.port)).unwrap();
    let through = HttpSettings { https_proxy: Some(Sourced::new(address, "HTTPS_PROXY")), ..settings() };
    let error = ask(&Client::new(through), &Url::parse("https://host.invalid/x").unwrap()).unwrap_err();
    assert_eq!(told(&error, 0).0, Kind::NotAllowed);
    assert_eq!(proxy.asked()[0].header("Proxy-Authorization"), Some(format!("Basic {}", base64(b"me:pw")).as_str()));
}

#[test]
fn a_socks_proxy_is_refused_rather_than_passed_over() {
    let address = Url::parse("socks5://127.0.0.1:1").unwrap();
    let through = HttpSettings { http_proxy: Some(Sourced::new(address, "ALL_PROXY")), ..settings() };
    let error = ask(&Client::new(through), &Url::parse("http://127.0.0.1:1/").unwrap()).unwrap_err();
    assert_eq!(told(&error, 0).0, Kind::Config);
}

#[test]
fn a_failure_of_the_consumer_is_passed_on_and_not_tried_again() {
    let server = Server::start();
    server.on("/x", Reply::ok("x"));
    let url = server.url("/x");
    let request = Request { url: &url, accept: Some("text/x"), compressed: false, validator: None };
    let fail = &mut |_: &Head, _: &mut dyn Read| -> Result<(), Stop> {
        Err(Stop::Failed(Fault::new(Kind::Data, "bad bytes").into()))
    };
    let error = client().get(request, fail).unwrap_err();
    assert_eq!((kind_of(&error), error.to_string().as_str()), (Kind::Data, "bad bytes"));
    let asked = server.asked();
    assert_eq!((asked.len(), asked[0].header("Accept")), (1, Some("text/x")));
    assert_eq!(asked[0].header("Accept-Encoding"), Some("identity"));
}
