//! Requests that failed, told as what they mean to the person who waits.

use std::io;
use std::time::Duration;

use super::proxy::Route;
use crate::error::{Code, Fault, Kind};
use crate::fetch::url::Url;

/// A failed try.
#[derive(Debug)]
pub(super) struct Failure {
    /// The fact and the remedy.
    pub fault: Fault,
    /// What is behind it.
    cause: Option<anyhow::Error>,
    /// Whether another try may succeed.
    pub transient: bool,
    /// How long the other side wants to be left alone.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// One that another try would not change.
    pub fn lasting(fault: Fault) -> Self {
        Self { fault, cause: None, transient: false, retry_after: None }
    }

    /// One that is not about the connection at all.
    pub fn other(error: anyhow::Error) -> Self {
        let fault = Fault::new(Kind::Bug, "a download failed");
        Self { fault, cause: Some(error), transient: false, retry_after: None }
    }

    fn transient(fault: Fault, cause: anyhow::Error) -> Self {
        Self { fault, cause: Some(cause), transient: true, retry_after: None }
    }

    /// As an error.
    pub fn into_error(self) -> anyhow::Error {
        match self.cause {
            // The cause is a failure of its own kind, complete with its message.
            Some(cause) if self.fault.kind == Kind::Bug => cause,
            Some(cause) => cause.context(self.fault),
            None => self.fault.into(),
        }
    }
}

/// Something at a URL is not as it should be.
pub(super) fn unavailable(url: &Url, fact: &str) -> Fault {
    Fault::new(Kind::Unavailable, format!("cannot fetch `{url}`: {fact}"))
}

pub(super) fn offline(url: &Url, origin: &str) -> Fault {
    Fault::of(Code::Offline, format!("`{url}` is needed, and the network must not be used (`{origin}`)"))
        .hint(format!("run it once without `{origin}`, or name a directory that has the file in `PIP_FIND_LINKS`"))
}

pub(super) fn missing(url: &Url, status: u16) -> Fault {
    let code = Code::NotFound;
    Fault { code, ..unavailable(url, &format!("it does not exist ({status})")) }
        .hint("check the URL of the package index")
}

pub(super) fn refused(url: &Url, status: u16) -> Fault {
    let fact = if status == 401 { "it wants a user and a password" } else { "the access is not allowed" };
    Fault::new(Kind::NotAllowed, format!("cannot fetch `{url}`: {fact} ({status})")).hint(format!(
        "give them in the URL of the index, in `~/.netrc` for the machine `{}`, or through `keyring`",
        url.host()
    ))
}

/// A keyring was asked for what was wanted, and that did not help.
pub(super) fn not_helped(refused: Fault, reason: &str) -> Fault {
    Fault { message: format!("{}, and {reason}", refused.message), ..refused }
}

pub(super) fn refused_by_proxy(url: &Url) -> Fault {
    Fault::new(Kind::NotAllowed, format!("cannot fetch `{url}`: the proxy wants a user and a password (407)"))
        .hint("give them in the URL of the proxy: `HTTPS_PROXY=http://user:password@host:port`")
}

pub(super) fn unusable_proxy(proxy: &Url) -> Fault {
    Fault::new(Kind::Config, format!("the proxy `{proxy}` is of a kind that is not supported"))
        .hint("use one of the form `http://host:port`")
}

/// A status that is neither success nor any that callers go on from.
pub(super) fn of_status(url: &Url, status: u16, retry_after: Option<String>) -> Failure {
    let transient = matches!(status, 408 | 425 | 429 | 500..=599);
    let code = if transient { Code::IndexUnreachable } else { Code::Unavailable };
    let fault = Fault { code, ..unavailable(url, &format!("the server answered {status}")) };
    let fault = fault.hint(if transient {
        "try again later, or use another index"
    } else {
        "check the URL of the package index"
    });
    let seconds = retry_after.and_then(|seconds| seconds.trim().parse().ok());
    Failure { fault, cause: None, transient, retry_after: seconds.map(Duration::from_secs) }
}

/// A body that ended early.
pub(super) fn of_body(url: &Url, error: io::Error) -> Failure {
    let fact = if error.kind() == io::ErrorKind::UnexpectedEof { "the connection was cut" } else { "reading failed" };
    Failure::transient(unavailable(url, fact).hint("try again"), error.into())
}

/// A request that got no answer.
pub(super) fn of_call(url: &Url, route: &Route, error: ureq::Error) -> Failure {
    let through = match route {
        Route::Direct => String::new(),
        Route::Tunnel(proxy) | Route::Forward(proxy) => format!(" through the proxy `{proxy}`"),
    };
    match error {
        ureq::Error::Io(error) => of_io(url, &through, error),
        ureq::Error::Timeout(phase) => {
            let fact = format!("no answer in time{through} ({phase})");
            Failure::transient(unreachable(url, &fact), ureq::Error::Timeout(phase).into())
        }
        ureq::Error::HostNotFound => Failure::lasting(unreachable(url, &format!("the host is not known{through}"))),
        ureq::Error::ConnectProxyFailed(reason) if reason.contains("407") => Failure::lasting(refused_by_proxy(url)),
        ureq::Error::ConnectProxyFailed(reason) => Failure::lasting(unreachable(url, &format!("{reason}{through}"))),
        error => {
            let transient = matches!(error, ureq::Error::Protocol(_) | ureq::Error::ConnectionFailed);
            let fault = unreachable(url, &format!("the exchange failed{through}"));
            Failure { transient, ..Failure::transient(fault, error.into()) }
        }
    }
}

fn of_io(url: &Url, through: &str, error: io::Error) -> Failure {
    let text = error.to_string();
    // The TLS library's errors arrive as errors of input and output that have only their text.
    if text.contains("invalid peer certificate") {
        let hint = "name the file of your certificate authority in `SSL_CERT_FILE`";
        let code = Code::UntrustedCertificate;
        let fault =
            Fault { code, ..unavailable(url, &format!("its certificate cannot be trusted{through}")) }.hint(hint);
        return Failure { transient: false, ..Failure::transient(fault, error.into()) };
    }
    let fact = match error.kind() {
        io::ErrorKind::ConnectionRefused => "the connection is refused",
        io::ErrorKind::TimedOut => "no answer in time",
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => "the connection was cut",
        _ if text.contains("lookup address") => "the host is not known",
        _ => "the connection failed",
    };
    let unknown = fact == "the host is not known" && !text.contains("emporary") && !text.contains("Try again");
    let fault = unreachable(url, &format!("{fact}{through}"));
    Failure { transient: !unknown, ..Failure::transient(fault, error.into()) }
}

fn unreachable(url: &Url, fact: &str) -> Fault {
    let code = Code::IndexUnreachable;
    Fault { code, ..unavailable(url, fact) }
        .hint("check the network, the proxy (`HTTPS_PROXY`) and the index (`PRIME_INDEX_URL`)")
}
