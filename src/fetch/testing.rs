//! A loopback HTTP server for tests: answers from a table of paths and keeps what it was asked.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::http::Client;
use super::settings::{Authorities, HttpSettings};
use super::url::Url;

/// What a path answers with.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// How many bytes of the body are really sent.
    pub sent: usize,
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self { status, headers: Vec::new(), sent: body.len(), body }
    }

    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body)
    }

    pub fn redirect(to: &str) -> Self {
        Self::new(302, "").header("Location", to)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The connection ends after this many bytes of the body.
    pub fn cut(mut self, sent: usize) -> Self {
        self.sent = sent;
        self
    }
}

/// What was asked: the request's line and its headers, as they came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub line: String,
    pub headers: Vec<(String, String)>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct State {
    replies: HashMap<String, Vec<Reply>>,
    asked: Vec<Asked>,
}

/// The server. Its thread ends with the process.
pub struct Server {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(&stream, &shared));
            }
        });
        Self { port, state }
    }

    /// What a path answers; with several replies, one after the other, the last for good.
    pub fn on(&self, path: &str, reply: Reply) -> &Self {
        self.state.lock().unwrap().replies.entry(path.to_owned()).or_default().push(reply);
        self
    }

    pub fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}{path}", self.port)).unwrap()
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }

    pub fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

fn serve(stream: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream.try_clone().ok()?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let mut headers = Vec::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim_end().split_once(':') else { break };
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let path = line.split(' ').nth(1)?.to_owned();
        let reply = answer(&mut state.lock().unwrap(), Asked { line: line.trim_end().to_owned(), headers }, &path);
        write!(writer, "HTTP/1.1 {} Test\r\nContent-Length: {}\r\n", reply.status, reply.body.len()).ok()?;
        for (name, value) in &reply.headers {
            write!(writer, "{name}: {value}\r\n").ok()?;
        }
        write!(writer, "\r\n").ok()?;
        writer.write_all(&reply.body[..reply.sent]).ok()?;
        if reply.sent < reply.body.len() {
            return None;
        }
    }
}

fn answer(state: &mut State, asked: Asked, path: &str) -> Reply {
    state.asked.push(asked);
    match state.replies.get_mut(path) {
        Some(replies) if replies.len() > 1 => replies.remove(0),
        Some(replies) => replies[0].clone(),
        None => Reply::new(404, "no such page"),
    }
}

/// Settings without anything set, and without pauses.
pub fn settings() -> HttpSettings {
    HttpSettings {
        offline: None,
        trusted_hosts: Vec::new(),
        authorities: Authorities::Platform,
        client_cert: None,
        http_proxy: None,
        https_proxy: None,
        no_proxy: String::new(),
        logins: Vec::new(),
        services: Vec::new(),
        keyring: None,
        netrc: None,
        timeout: Duration::from_secs(20),
        retries: 2,
        pause: Duration::ZERO,
    }
}

pub fn client() -> Client {
    Client::new(settings())
}
