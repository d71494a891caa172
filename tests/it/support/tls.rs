//! An index over TLS on the loopback interface, with a certificate of an authority of its own: Python serves, `openssl`
//! makes the certificates.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::pythons::Interpreter;
use super::real_uv::succeed;
use super::wheel::Package;
use super::{require_program, spawning, write};

const SERVER: &str = r"
import functools, http.server, ssl, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments): pass
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2])
if len(sys.argv) > 3:
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(sys.argv[3])
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Handler, directory=sys.argv[1]))
server.handle_error = lambda *arguments: None
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
server.serve_forever()
";

/// The running index; it stops when it is dropped.
pub struct TlsIndex {
    server: Child,
    port: String,
    dir: tempfile::TempDir,
}

impl TlsIndex {
    /// An index with these packages; `None` where there is no `openssl`.
    pub fn start(python: &Interpreter, packages: &[Package]) -> Option<Self> {
        Self::start_for(python, packages, false)
    }

    /// One that talks only to those who have a certificate of the same authority ([`Self::client_certificate`]).
    pub fn for_members(python: &Interpreter, packages: &[Package]) -> Option<Self> {
        Self::start_for(python, packages, true)
    }

    fn start_for(python: &Interpreter, packages: &[Package], only_members: bool) -> Option<Self> {
        let openssl = require_program("openssl")?;
        let dir = tempfile::tempdir().unwrap();
        make_certificates(&openssl, dir.path());
        for package in packages {
            let page = format!("<a href=\"../../files/{0}#sha256={1}\">{0}</a>\n", package.filename, package.sha256);
            write(&dir.path().join(format!("site/simple/{}/index.html", package.name)), page.as_bytes(), 0o644);
            write(&dir.path().join("site/files").join(&package.filename), &package.content, 0o644);
        }
        let mut command = Command::new(&python.executable);
        command.args(["-I", "-c", SERVER]).arg(dir.path().join("site")).arg(dir.path().join("server.pem"));
        command.args(only_members.then(|| dir.path().join("authority.pem")));
        let mut server = spawning(|| command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()).unwrap();
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Some(Self { server, port: port.trim().to_owned(), dir })
    }

    /// What `PIP_INDEX_URL` wants.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}/simple/", self.port)
    }

    /// A certificate of this side with its key.
    pub fn client_certificate(&self) -> PathBuf {
        self.dir.path().join("client.pem")
    }

    /// The certificate of the authority.
    pub fn authority(&self) -> PathBuf {
        self.dir.path().join("authority.pem")
    }
}

impl Drop for TlsIndex {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn make_certificates(openssl: &Path, dir: &Path) {
    let run = |args: &str| succeed(Command::new(openssl).current_dir(dir).args(args.split(' '))).unwrap();
    let authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n";
    let of_one = |usage: &str| {
        format!(
            "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n\
             extendedKeyUsage={usage}\nauthorityKeyIdentifier=keyid\n"
        )
    };
    write(&dir.join("authority.ext"), authority.as_bytes(), 0o644);
    write(&dir.join("server.ext"), of_one("serverAuth").as_bytes(), 0o644);
    write(&dir.join("client.ext"), of_one("clientAuth").as_bytes(), 0o644);
    let by_authority = "-CA authority.pem -CAkey authority.key -CAcreateserial";
    for (name, signed) in [("authority", "-signkey authority.key"), ("server", by_authority), ("client", by_authority)]
    {
        run(&format!("ecparam -name prime256v1 -genkey -noout -out {name}.key"));
        run(&format!("req -new -key {name}.key -subj /CN={name} -out {name}.csr"));
        run(&format!("x509 -req -in {name}.csr -days 30 -extfile {name}.ext {signed} -out {name}.pem"));
    }
    for name in ["server", "client"] {
        let pem = dir.join(name).with_extension("pem");
        let both = [&pem, &dir.join(name).with_extension("key")].map(|file| std::fs::read(file).unwrap()).concat();
        write(&pem, &both, 0o600);
    }
}
