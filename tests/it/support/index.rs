//! A package index on the loopback interface: PEP 691 and PEP 503 pages, files with digests, and faults on demand.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use super::encoding::base64;
use super::http::{Gate, Request, Response, Server};
use super::wheel::{Package, tinybackend};

const JSON: &str = "application/vnd.pypi.simple.v1+json";
const HTML: &str = "text/html";

/// Which pages the index has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON to those who accept it, HTML to all others.
    Json,
    /// HTML to those who accept it; all others get a 406.
    Html,
    /// HTML, whatever the client accepts.
    HtmlAlways,
}

/// What goes wrong with the paths that a fault is for.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The page tells another digest than the file has.
    WrongHash,
    /// The first so many answers stop in the middle of the body.
    Truncated(usize),
    /// This status and nothing else.
    Status(u16),
    /// The first so many answers have this status.
    StatusTimes(u16, usize),
    /// Nothing is said for this long.
    Slow(Duration),
    /// Answers stop in the middle of the body until the gate is opened.
    Held(Gate),
}

#[derive(Default)]
struct Contents {
    packages: Vec<Package>,
    format: Option<Format>,
    credentials: Option<String>,
    faults: Vec<(String, Fault)>,
    /// Whether files may be kept without asking for them again, as those of public indexes may.
    cacheable: bool,
}

/// The running index; it stops when it is dropped.
pub struct Index {
    server: Server,
    contents: Arc<Mutex<Contents>>,
}

impl Index {
    /// An index that has the tests' build backend and nothing else.
    pub fn start() -> Self {
        let contents = Arc::new(Mutex::new(Contents { packages: vec![tinybackend()], ..Contents::default() }));
        let shared = Arc::clone(&contents);
        let server = Server::start(move |request| answer(&mut shared.lock().unwrap(), request));
        Self { server, contents }
    }

    pub fn add(self, package: Package) -> Self {
        self.contents.lock().unwrap().packages.push(package);
        self
    }

    pub fn format(self, format: Format) -> Self {
        self.contents.lock().unwrap().format = Some(format);
        self
    }

    /// Lets tools keep files.
    pub fn cacheable(self) -> Self {
        self.contents.lock().unwrap().cacheable = true;
        self
    }

    /// Wants these credentials (HTTP Basic) for everything.
    pub fn credentials(self, user: &str, password: &str) -> Self {
        let expected = format!("Basic {}", base64(format!("{user}:{password}").as_bytes()));
        self.contents.lock().unwrap().credentials = Some(expected);
        self
    }

    /// Goes wrong for every path that contains `part`.
    pub fn fault(self, part: &str, fault: Fault) -> Self {
        self.contents.lock().unwrap().faults.push((part.to_owned(), fault));
        self
    }

    /// What `PIP_INDEX_URL` wants.
    pub fn url(&self) -> String {
        format!("{}/simple/", self.server.url())
    }

    /// The same with credentials in it, encoded as far as these tests need it.
    pub fn url_with(&self, user: &str, password: &str) -> String {
        self.url().replacen("://", &format!("://{user}:{}@", password.replace('@', "%40")), 1)
    }

    /// The same with a user and no password.
    pub fn url_of(&self, user: &str) -> String {
        self.url().replacen("://", &format!("://{user}@"), 1)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        self.server.url()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }

    /// The paths that were asked for, in order.
    pub fn paths(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.target).collect()
    }
}

fn answer(contents: &mut Contents, request: &Request) -> Response {
    if contents.credentials.is_some() && contents.credentials.as_deref() != request.header("authorization") {
        return Response::status(401).header("WWW-Authenticate", "Basic realm=\"index\"");
    }
    let path = request.target.split(['?', '#']).next().unwrap_or_default();
    let fault = take_fault(contents, path);
    if let Some(Fault::Status(status) | Fault::StatusTimes(status, _)) = fault {
        return Response::status(status);
    }
    let mut response = page_or_file(contents, request, path);
    match fault {
        Some(Fault::Truncated(_)) => {
            response.announced = Some(response.body.len());
            response.body = Arc::new(response.body[..response.body.len() / 2].to_vec());
        }
        Some(Fault::Slow(delay)) => response.delay = delay,
        Some(Fault::Held(gate)) => response.gate = Some(gate),
        _ => {}
    }
    response
}

/// The fault that this request meets; one that has a count has one less afterwards.
fn take_fault(contents: &mut Contents, path: &str) -> Option<Fault> {
    let (_, fault) = contents.faults.iter_mut().find(|(part, fault)| {
        let spent = matches!(fault, Fault::Truncated(0) | Fault::StatusTimes(_, 0) | Fault::WrongHash);
        path.contains(part.as_str()) && !spent
    })?;
    let met = fault.clone();
    if let Fault::Truncated(times) | Fault::StatusTimes(_, times) = fault {
        *times -= 1;
    }
    Some(met)
}

fn page_or_file(contents: &Contents, request: &Request, path: &str) -> Response {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts[..] {
        ["simple", project] if !project.is_empty() => {
            Response::status(301).header("Location", format!("/simple/{}/", normalize(project)))
        }
        ["simple", project, ""] => page(contents, request, project),
        ["files", filename] => match contents.packages.iter().find(|it| it.filename == filename) {
            Some(package) => {
                let file = Response::new(200, "application/octet-stream", package.content.clone());
                let file = file.header("Accept-Ranges", "bytes");
                if !contents.cacheable {
                    return file;
                }
                // pip keeps nothing that has no date.
                let file = file.header("Date", "Wed, 25 Nov 2026 00:00:00 GMT");
                file.header("Cache-Control", "max-age=365000000, immutable")
            }
            None => Response::status(404),
        },
        _ => Response::status(404),
    }
}

fn page(contents: &Contents, request: &Request, project: &str) -> Response {
    let found: Vec<_> = contents.packages.iter().filter(|it| normalize(&it.name) == project).collect();
    if found.is_empty() {
        return Response::status(404);
    }
    let accept = request.header("accept").unwrap_or("*/*");
    match contents.format.unwrap_or(Format::Json) {
        Format::Json if accept.contains(JSON) => json_page(contents, project, &found),
        Format::Html if !accept.contains(HTML) && !accept.contains("*/*") => Response::status(406),
        _ => html_page(contents, &found),
    }
}

fn json_page(contents: &Contents, project: &str, packages: &[&Package]) -> Response {
    let files = packages.iter().map(|it| {
        json!({
            "filename": it.filename,
            "url": format!("../../files/{}", it.filename),
            "hashes": {"sha256": told_hash(contents, it)},
            "requires-python": it.requires_python,
            "size": it.content.len(),
            "yanked": false,
        })
    });
    let versions = packages.iter().map(|it| it.version.as_str());
    let page = json!({
        "meta": {"api-version": "1.1"},
        "name": project,
        "versions": versions.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
    });
    Response::new(200, JSON, page.to_string())
}

fn html_page(contents: &Contents, packages: &[&Package]) -> Response {
    let mut page = "<!DOCTYPE html>\n<html><body>\n".to_owned();
    for it in packages {
        let limit = it.requires_python.as_deref().map(|specifier| {
            format!(" data-requires-python=\"{}\"", specifier.replace('<', "&lt;").replace('>', "&gt;"))
        });
        let _ = writeln!(
            page,
            "<a href=\"../../files/{0}#sha256={1}\"{2}>{0}</a><br/>",
            it.filename,
            told_hash(contents, it),
            limit.unwrap_or_default()
        );
    }
    Response::new(200, HTML, page + "</body></html>\n")
}

fn told_hash(contents: &Contents, package: &Package) -> String {
    let wrong =
        |(part, fault): &(String, Fault)| matches!(fault, Fault::WrongHash) && package.filename.contains(part.as_str());
    if contents.faults.iter().any(wrong) { "0".repeat(64) } else { package.sha256.clone() }
}

/// A project's name as it stands in a URL (PEP 503).
fn normalize(name: &str) -> String {
    let lower = name.to_lowercase().replace(['_', '.'], "-");
    lower.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}
