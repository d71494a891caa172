//! A small HTTP/1.1 server on the loopback interface: one thread a connection, one request a connection.
//!
//! It logs every request it reads, so that a test can prove what was asked for and with which headers. It knows nothing
//! of packages; [`super::index`], [`super::mirror`] and [`super::proxy`] give it a handler.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// What a client asked for.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// The request target as it came: a path, or a whole URL when the client takes us for a proxy.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What the client gets.
#[derive(Clone, Debug, Default)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Arc<Vec<u8>>,
    /// The length that is announced where it is not that of the body.
    pub announced: Option<usize>,
    /// Wait before anything is said.
    pub delay: Duration,
    /// Wait in the middle of the body until this is opened.
    pub gate: Option<Gate>,
}

/// Holds an answer until the test lets it go.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        drop(self.0.1.wait_while(self.0.0.lock().unwrap(), |open| !*open));
    }
}

impl Response {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: Arc::new(body.into()), ..Self::default() }
    }

    pub fn status(status: u16) -> Self {
        Self::new(status, "text/plain", format!("status {status}\n"))
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// The running server; it stops when it is dropped.
pub struct Server {
    address: SocketAddr,
    log: Arc<Mutex<Vec<Request>>>,
    stop: Arc<AtomicBool>,
}

impl Server {
    /// Serves what `handler` answers, on a port of the system's choice.
    pub fn start(handler: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (requests, stopped, handler) = (Arc::clone(&log), Arc::clone(&stop), Arc::new(handler));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let (requests, handler) = (Arc::clone(&requests), Arc::clone(&handler));
                thread::spawn(move || {
                    // A client that goes away is its own business.
                    let _ = serve(&stream, |request| {
                        requests.lock().unwrap().push(request.clone());
                        handler(request)
                    });
                });
            }
        });
        Self { address, log, stop }
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that was asked for so far.
    pub fn requests(&self) -> Vec<Request> {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(self.address);
    }
}

/// An address at which nobody listens.
pub fn refused_url() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn serve(mut stream: &TcpStream, answer: impl FnOnce(&Request) -> Response) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream);
    let Some(request) = read_request(&mut reader)? else { return Ok(()) };
    let response = ranged(&request, answer(&request));
    thread::sleep(response.delay);
    let mut head = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
    for (name, value) in &response.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let length = response.announced.unwrap_or(response.body.len());
    let _ = write!(head, "Content-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    if request.method != "HEAD" {
        let (start, rest) = response.body.split_at(response.body.len() / 2);
        stream.write_all(start)?;
        response.gate.iter().for_each(Gate::wait);
        stream.write_all(rest)?;
    }
    stream.flush()
}

fn read_request(reader: &mut BufReader<&TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let headers = read_headers(reader)?;
    let request = Request { method: method.to_owned(), target: target.to_owned(), headers };
    let length = request.header("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_end(&mut Vec::new())?;
    Ok(Some(request))
}

/// Reads headers up to the empty line; names become lower case.
pub fn read_headers(reader: &mut impl std::io::BufRead) -> std::io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { return Ok(headers) };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
}

/// Answers a `Range: bytes=FROM-[TO]` with that part, as real file hosts do.
fn ranged(request: &Request, response: Response) -> Response {
    let range = request.header("range").and_then(|it| it.strip_prefix("bytes=")).and_then(|it| it.split_once('-'));
    let Some((from, to)) = range.filter(|_| response.status == 200) else { return response };
    let total = response.body.len();
    let Ok(from) = from.parse::<usize>() else { return response };
    let end = to.parse::<usize>().map_or(total, |last| (last + 1).min(total));
    if from >= end {
        return Response::status(416);
    }
    let part = response.body[from..end].to_vec();
    let mut partial = Response { status: 206, body: Arc::new(part), ..response };
    partial.headers.push(("Content-Range".to_owned(), format!("bytes {from}-{}/{total}", end - 1)));
    partial
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        301 => "Moved Permanently",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        416 => "Range Not Satisfiable",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
