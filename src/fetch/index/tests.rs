use super::*;
use crate::error::kind_of;
use crate::fetch::http::Client;
use crate::fetch::settings::HttpSettings;
use crate::fetch::testing::{Reply, Server, client, settings};

const DIGEST: &str = "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef";

fn policy(indexes: Vec<Url>, find_links: Vec<Url>) -> FetchPolicy {
    let sourced = |urls: Vec<Url>| urls.into_iter().map(|url| Sourced::new(url, "test")).collect();
    FetchPolicy { indexes: sourced(indexes), find_links: sourced(find_links), no_index: None, http: settings() }
}

fn files(policy: &FetchPolicy) -> Vec<IndexFile> {
    match lookup(&client(), policy, "My.Tool").unwrap() {
        Lookup::Files(files) => files,
        other => panic!("{other:?}"),
    }
}

fn names(policy: &FetchPolicy) -> Vec<String> {
    files(policy).into_iter().map(|file| file.name).collect()
}

#[test]
fn a_json_page_is_read_whatever_it_is_called() {
    let server = Server::start();
    let page = format!(
        r#"{{"meta":{{"api-version":"1.1"}},"name":"my-tool","files":[
        {{"filename":"my_tool-1.0-py3-none-any.whl","url":"../../f/my_tool-1.0-py3-none-any.whl#x","hashes":{{"sha256":"{DIGEST}"}},
          "requires-python":">=3.8","size":7,"yanked":false,"core-metadata":{{"sha256":"x"}}}},
        {{"filename":"my_tool-2.0-py3-none-any.whl","url":"https://files/x.whl","hashes":{{}},"yanked":"broken","requires-python":null}},
        {{"filename":"my-tool-3.0.tar.gz","url":"//files/y","hashes":{{"md5":"x"}},"yanked":true}}]}}"#
    );
    for kind in ["application/vnd.pypi.simple.v1+json", "text/html", "application/octet-stream"] {
        let path = format!("/{}/my-tool/", kind.len());
        server.on(&path, Reply::ok(page.clone()).header("Content-Type", kind));
        let index = server.url(&format!("/{}", kind.len()));
        let files = files(&policy(vec![index.clone()], vec![]));
        let expected = IndexFile {
            name: "my_tool-1.0-py3-none-any.whl".to_owned(),
            url: server.url("/f/my_tool-1.0-py3-none-any.whl#x"),
            sha256: Some(DIGEST.to_lowercase()),
            requires_python: Some(">=3.8".to_owned()),
            yanked: false,
            size: Some(7),
            listed_on: server.url(&path),
        };
        assert_eq!(files[0], expected);
        let rest: Vec<_> =
            files[1..].iter().map(|file| (file.url.to_string(), file.yanked, file.sha256.clone())).collect();
        let expected = [("https://files/x.whl".to_owned(), true, None), ("http://files/y".to_owned(), true, None)];
        assert_eq!(rest, expected);
    }
    assert!(server.asked()[0].header("Accept").unwrap().starts_with("application/vnd.pypi.simple.v1+json"));
}

#[test]
fn an_html_page_is_read_relative_to_where_it_came_from_in_the_end() {
    let server = Server::start();
    let page = format!(
        "<html><body><a href='my_tool-1.0-py3-none-any.whl#sha256={DIGEST}' data-yanked>x</a>\
         <a href='/abs/My.Tool-2.0.tar.gz'>y</a><a href='../'>up</a><a href='other-1.0.tar.gz'>z</a></body></html>"
    );
    server.on("/simple/my-tool/", Reply::redirect("/moved/here/")).on("/moved/here/", Reply::ok(page));
    let files = files(&policy(vec![server.url("/simple")], vec![]));
    assert_eq!(files.len(), 2);
    assert_eq!(files[0].url.bare(), server.url("/moved/here/my_tool-1.0-py3-none-any.whl"));
    assert_eq!((files[0].yanked, files[0].sha256.as_deref()), (true, Some(DIGEST.to_lowercase().as_str())));
    assert_eq!(
        (files[1].url.clone(), files[1].name.as_str()),
        (server.url("/abs/My.Tool-2.0.tar.gz"), "My.Tool-2.0.tar.gz")
    );
}

#[test]
fn a_base_moves_all_references() {
    let server = Server::start();
    server.on("/s/my-tool/", Reply::ok("<head><base href='/files/x/'></head><a href='../my_tool-1-py3-none-any.whl'>"));
    let files = files(&policy(vec![server.url("/s/")], vec![]));
    assert_eq!(files[0].url, server.url("/files/my_tool-1-py3-none-any.whl"));
}

#[test]
fn the_first_index_that_has_the_project_decides() {
    let server = Server::start();
    let page = |version: u32| Reply::ok(format!("<a href='my_tool-{version}-py3-none-any.whl'>"));
    server.on("/b/my-tool/", page(1)).on("/c/my-tool/", page(2));
    let indexes = ["/a", "/b", "/c"].map(|path| server.url(path)).to_vec();
    assert_eq!(names(&policy(indexes, vec![])), ["my_tool-1-py3-none-any.whl"]);
    assert_eq!(server.lines().len(), 2);
    assert!(names(&policy(vec![server.url("/a")], vec![])).is_empty());
}

#[test]
fn what_is_no_index_and_what_wants_credentials_is_told_apart() {
    let server = Server::start();
    server
        .on("/text/my-tool/", Reply::ok("hello"))
        .on("/new/my-tool/", Reply::ok(r#"{"meta":{"api-version":"2.0"},"files":[]}"#));
    server.on("/401/my-tool/", Reply::new(401, "")).on("/500/my-tool/", Reply::new(500, ""));
    let ask = |path: &str| lookup(&client(), &policy(vec![server.url(path)], vec![]), "my-tool");
    for path in ["/text", "/new"] {
        assert!(matches!(ask(path).unwrap(), Lookup::NotUnderstood(fault) if fault.kind == Kind::Data), "{path}");
    }
    assert!(matches!(ask("/401").unwrap(), Lookup::Refused(fault) if fault.kind == Kind::NotAllowed));
    assert_eq!(kind_of(&ask("/500").unwrap_err()), Kind::Unavailable);
}

#[test]
fn links_come_from_directories_pages_and_single_files_and_absent_ones_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let wheels = dir.path().join("a dir");
    std::fs::create_dir(&wheels).unwrap();
    for name in ["My_Tool-1-py3-none-any.whl", "my-tool-2.tar.gz", "other-1-py3-none-any.whl", "my_tool"] {
        std::fs::write(wheels.join(name), "").unwrap();
    }
    let server = Server::start();
    server.on("/links.html", Reply::ok("<a href='x/my_tool-3-py3-none-any.whl'>"));
    let places = vec![
        Url::from_path(&wheels),
        Url::from_path(&dir.path().join("absent")),
        server.url("/links.html"),
        server.url("/absent.html"),
        server.url("/y/my_tool-4-py3-none-any.whl"),
    ];
    let mut found = names(&policy(vec![], places));
    found.sort();
    let expected =
        ["My_Tool-1-py3-none-any.whl", "my-tool-2.tar.gz", "my_tool-3-py3-none-any.whl", "my_tool-4-py3-none-any.whl"];
    assert_eq!(found, expected);
}

#[test]
fn links_do_when_the_index_cannot_be_had() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("my_tool-1-py3-none-any.whl"), "").unwrap();
    let offline = HttpSettings { offline: Some("--offline".to_owned()), ..settings() };
    let policy = policy(vec![Url::parse("https://index.invalid/s").unwrap()], vec![Url::from_path(dir.path())]);
    let found = lookup(&Client::new(offline.clone()), &policy, "my-tool").unwrap();
    assert!(matches!(found, Lookup::Files(files) if files.len() == 1));
    let without = FetchPolicy { find_links: vec![], ..policy };
    assert_eq!(kind_of(&lookup(&Client::new(offline), &without, "my-tool").unwrap_err()), Kind::Unavailable);
}

#[test]
fn a_directory_is_an_index_with_or_without_pages() {
    let dir = tempfile::tempdir().unwrap();
    let project = dir.path().join("my-tool");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(project.join("my_tool-1-py3-none-any.whl"), "").unwrap();
    let index = policy(vec![Url::from_path(dir.path())], vec![]);
    assert_eq!(names(&index), ["my_tool-1-py3-none-any.whl"]);
    std::fs::write(project.join("index.html"), "<a href='../f/my_tool-2-py3-none-any.whl'>").unwrap();
    let listed = files(&index);
    assert_eq!(listed[0].url.to_path().unwrap(), dir.path().join("f/my_tool-2-py3-none-any.whl"));
}
