//! A forward proxy for plain HTTP that logs what passes through: the proof that a client honours its proxy settings.
//!
//! It does not tunnel (`CONNECT` gets a 501, and is in the log).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use super::encoding::base64;
use super::http::{Request, Response, Server, read_headers};

pub struct Proxy {
    server: Server,
}

impl Proxy {
    /// A proxy that serves everybody.
    pub fn start() -> Self {
        Self { server: Server::start(forward_or_fail) }
    }

    /// A proxy that wants these credentials.
    pub fn with_credentials(user: &str, password: &str) -> Self {
        let expected = format!("Basic {}", base64(format!("{user}:{password}").as_bytes()));
        Self {
            server: Server::start(move |request| {
                if request.header("proxy-authorization") == Some(expected.as_str()) {
                    forward_or_fail(request)
                } else {
                    Response::status(407).header("Proxy-Authenticate", "Basic realm=\"proxy\"")
                }
            }),
        }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }
}

fn forward_or_fail(request: &Request) -> Response {
    if request.method == "CONNECT" {
        return Response::status(501);
    }
    forward(request).unwrap_or_else(|_| Response::status(502))
}

fn forward(request: &Request) -> std::io::Result<Response> {
    let rest = request.target.strip_prefix("http://").ok_or(std::io::ErrorKind::InvalidInput)?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let mut stream = TcpStream::connect(authority)?;
    write!(stream, "{} /{} HTTP/1.1\r\n", request.method, path.trim_start_matches('/'))?;
    for (name, value) in request.headers.iter().filter(|(name, _)| !name.starts_with("proxy-") && name != "connection")
    {
        write!(stream, "{name}: {value}\r\n")?;
    }
    write!(stream, "connection: close\r\n\r\n")?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split_whitespace().nth(1).and_then(|it| it.parse().ok()).unwrap_or(502);
    let mut headers = read_headers(&mut reader)?;
    let announced = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    headers.retain(|(name, _)| name != "content-length" && name != "connection");
    let mut body = Vec::new();
    reader.read_to_end(&mut body)?;
    Ok(Response { status, headers, body: Arc::new(body), announced, ..Response::default() })
}
