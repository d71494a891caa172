//! The one HTTP client: everything that `prime` fetches goes through [`Client::get`].
//!
//! It does what package tools are expected to do: proxies and their exceptions, the certificate authorities that are
//! set, credentials from URLs and netrc, redirects, time limits, retries with growing pauses. `file` URLs work as well.
//! Decisions worth knowing:
//!
//! - Credentials go only to the scheme, host and port they are for; after a redirect elsewhere they are not sent, and
//!   netrc's `default` entry is not used there either.
//! - A redirect from `https` to `http` is refused unless the host is trusted.
//! - The verification of certificates is off for trusted hosts, and for nothing else.
//! - What answers 404, or refuses the credentials, is an [`Answer`] and not an error: callers go on from there.
//!
//! - A keyring is asked once for each scheme, host and port, and only when that has answered 401.
//!
//! Left out: SOCKS proxies, `Digest` and `NTLM` authentication, resuming.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use tracing::debug;
use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body};

use super::encoding::base64;
use super::keyring::Keyring;
use super::settings::HttpSettings;
use super::url::{Login, Scheme, Url};
use crate::error::{Fault, Kind, Result, code_of};
use crate::host::work::{Counted, Work};
use failure::Failure;
use proxy::Route;

mod failure;
mod forward;
mod login;
pub(super) mod netrc;
mod proxy;
#[cfg(test)]
mod tests;
mod tls;

/// How many redirects are followed.
const REDIRECTS: usize = 10;
/// The longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What the other side made of a request that it understood.
#[derive(Debug)]
pub enum Answer<T> {
    /// It has it.
    Found(T),
    /// It does not have it (404, 410; a file that is not there).
    Missing(Fault),
    /// It wants credentials, or others (401, 403, 407).
    Refused(Fault),
}

impl<T> Answer<T> {
    /// What was found; anything else is an error.
    pub fn found(self) -> Result<T> {
        match self {
            Self::Found(found) => Ok(found),
            Self::Missing(fault) | Self::Refused(fault) => Err(fault.into()),
        }
    }
}

/// What precedes a body.
#[derive(Clone, Debug)]
pub struct Head {
    /// Where it comes from in the end.
    pub url: Url,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// How many bytes follow, where that is told.
    pub length: Option<u64>,
    /// What the other side calls this version of it (`ETag`).
    pub validator: Option<String>,
    /// Whether it is still the version that was asked about; nothing follows then.
    pub unchanged: bool,
}

/// Why a body was not taken to its end.
#[derive(Debug)]
pub enum Stop {
    /// Reading failed: worth another try.
    Cut(io::Error),
    /// What was read cannot be used: not worth one.
    Failed(anyhow::Error),
}

/// Takes a body, from its start with each try.
pub type Consume<'a, T> = dyn FnMut(&Head, &mut dyn Read) -> Result<T, Stop> + 'a;

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What is asked for.
    pub url: &'a Url,
    /// `Accept`, where it matters.
    pub accept: Option<&'a str>,
    /// Whether the body may come compressed; it never is when it gets here.
    pub compressed: bool,
    /// The version that is there already (`ETag`): it need not be sent again.
    pub validator: Option<&'a str>,
}

/// The client.
#[derive(Debug)]
pub struct Client {
    settings: HttpSettings,
    netrc: Option<String>,
    keyring: Option<Rc<Keyring>>,
    /// For each origin that a keyring was asked for: what it gave, or why it gave nothing.
    learned: RefCell<Vec<(Url, Result<Login, String>)>>,
    agents: RefCell<Vec<(Way, Agent)>>,
}

/// What an agent is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Way {
    verify: bool,
    route: Route,
}

impl Client {
    /// A client that goes by these settings. Opens nothing yet but the netrc file.
    pub fn new(settings: HttpSettings) -> Self {
        let netrc = settings.netrc.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
        // Where its time limit cannot be used, that was told when the settings were loaded.
        let keyring = settings.keyring.as_ref().and_then(|host| Keyring::find(host).ok()?);
        Self { settings, netrc, keyring, learned: RefCell::default(), agents: RefCell::default() }
    }

    /// The same, asking this keyring.
    pub fn asking(self, keyring: Rc<Keyring>) -> Self {
        Self { keyring: Some(keyring), ..self }
    }

    /// Gets what a URL names and gives it to `consume`, which starts anew with each try.
    ///
    /// Fails with [`Kind::Unavailable`] where the other side cannot be reached or fails, [`Kind::Config`] for a proxy or
    /// certificate setting that cannot be used, and with what `consume` failed with.
    pub fn get<T>(&self, request: Request, consume: &mut Consume<T>) -> Result<Answer<T>> {
        if let Some(path) = request.url.to_path() {
            return read_file(request.url, &path, consume);
        }
        if let Some(origin) = &self.settings.offline {
            return Err(failure::offline(request.url, origin).into());
        }
        let work = Work::download(request.url.last_segment(), request.url.without_query());
        let answer = self.tried(request, &mut |head, body| consume(head, &mut Counted::new(body, &work)));
        work.ended(match &answer {
            Ok(Answer::Found(_)) => "ok",
            Ok(Answer::Missing(_)) => "not there",
            Ok(Answer::Refused(_)) => "refused",
            Err(error) => code_of(error).name(),
        });
        answer
    }

    fn tried<T>(&self, request: Request, consume: &mut Consume<T>) -> Result<Answer<T>> {
        let mut pause = self.settings.pause;
        for tries_left in (0..=self.settings.retries).rev() {
            let failure = match self.attempt(request, consume) {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if tries_left == 0 || !failure.transient {
                return Err(failure.into_error());
            }
            let asked = failure.retry_after.unwrap_or_default().min(LONGEST_PAUSE);
            debug!("trying again: {}", failure.fault);
            thread::sleep(pause.max(asked));
            pause *= 2;
        }
        Err(Fault::new(Kind::Bug, "a request was never tried").into())
    }

    fn attempt<T>(&self, request: Request, consume: &mut Consume<T>) -> Result<Answer<T>, Failure> {
        let mut url = request.url.clone();
        for _ in 0..=REDIRECTS {
            let redirected = !url.same_origin(request.url);
            let response = self.send(Request { url: &url, ..request }, redirected)?;
            match self.next(&url, response)? {
                Next::Body(head, body) => return take(&head, body, consume),
                Next::Missing(fault) => return Ok(Answer::Missing(fault)),
                Next::Stranger(fault) => match self.learn(&url) {
                    Some(Ok(())) => {}
                    Some(Err(reason)) => return Ok(Answer::Refused(failure::not_helped(fault, &reason))),
                    None => return Ok(Answer::Refused(fault)),
                },
                Next::Refused(fault) => return Ok(Answer::Refused(fault)),
                Next::Url(next) => url = next,
            }
        }
        Err(Failure::lasting(failure::unavailable(request.url, "it redirects without end")))
    }

    fn send(&self, request: Request, redirected: bool) -> Result<Response<Body>, Failure> {
        let way = Way { verify: !self.is_trusted(request.url), route: proxy::route(request.url, &self.settings) };
        debug!("GET {} {:?}", request.url, way.route);
        let agent = self.agent(&way).map_err(Failure::other)?;
        let mut builder = agent.get(request.url.bare().to_string());
        if let Some(accept) = request.accept {
            builder = builder.header(header::ACCEPT, accept);
        }
        if !request.compressed {
            builder = builder.header(header::ACCEPT_ENCODING, "identity");
        }
        if let Some(validator) = request.validator {
            builder = builder.header(header::IF_NONE_MATCH, validator);
        }
        if let Some(login) = self.login(request.url, redirected) {
            builder = builder.header(header::AUTHORIZATION, basic(&login));
        }
        if let Some(login) = forward_login(&way.route) {
            builder = builder.header(header::PROXY_AUTHORIZATION, basic(&login));
        }
        builder.call().map_err(|error| failure::of_call(request.url, &way.route, error))
    }

    fn is_trusted(&self, url: &Url) -> bool {
        let host = url.host();
        let with_port = format!("{host}:{}", url.port());
        self.settings
            .trusted_hosts
            .iter()
            .any(|trusted| [host, &with_port].iter().any(|it| it.eq_ignore_ascii_case(trusted)))
    }

    fn next(&self, url: &Url, response: Response<Body>) -> Result<Next, Failure> {
        let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = response.status();
        if let Some(location) = text(header::LOCATION).filter(|_| status.is_redirection()) {
            return self.redirect(url, &location).map(Next::Url).map_err(Failure::lasting);
        }
        match status {
            status if status.is_success() || status == StatusCode::NOT_MODIFIED => {
                let head = Head {
                    url: url.clone(),
                    content_type: text(header::CONTENT_TYPE),
                    length: text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
                    validator: text(header::ETAG),
                    unchanged: status == StatusCode::NOT_MODIFIED,
                };
                Ok(Next::Body(head, response.into_body()))
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Next::Missing(failure::missing(url, status.as_u16()))),
            StatusCode::UNAUTHORIZED => Ok(Next::Stranger(failure::refused(url, status.as_u16()))),
            StatusCode::FORBIDDEN => Ok(Next::Refused(failure::refused(url, status.as_u16()))),
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => Ok(Next::Refused(failure::refused_by_proxy(url))),
            status => Err(failure::of_status(url, status.as_u16(), text(header::RETRY_AFTER))),
        }
    }

    fn redirect(&self, url: &Url, location: &str) -> Result<Url, Fault> {
        let next = url
            .join(location)
            .map_err(|reason| failure::unavailable(url, &format!("it redirects to what is no URL: {reason}")))?;
        let downgrade = url.is_secure() && next.scheme() == Scheme::Http && !self.is_trusted(&next);
        if downgrade || !matches!(next.scheme(), Scheme::Http | Scheme::Https) {
            return Err(failure::unavailable(url, &format!("it redirects to `{next}`, which is not secure")));
        }
        // Credentials stay with their host, and what a server writes into a redirect is none for another one.
        Ok(match url.login().filter(|_| next.same_origin(url)) {
            Some(login) => next.with_login(&login),
            None => next.without_login(),
        })
    }

    fn agent(&self, way: &Way) -> Result<Agent> {
        if let Some((_, agent)) = self.agents.borrow().iter().find(|(known, _)| known == way) {
            return Ok(agent.clone());
        }
        let agent = new_agent(&self.settings, way)?;
        self.agents.borrow_mut().push((way.clone(), agent.clone()));
        Ok(agent)
    }
}

enum Next {
    Body(Head, Body),
    Url(Url),
    Missing(Fault),
    /// It wants to know who asks (401).
    Stranger(Fault),
    Refused(Fault),
}

fn new_agent(settings: &HttpSettings, way: &Way) -> Result<Agent> {
    let limit = Some(settings.timeout);
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("prime/", env!("CARGO_PKG_VERSION")))
        .timeout_resolve(limit)
        .timeout_connect(limit)
        .timeout_per_read(limit)
        .timeout_per_write(limit)
        .timeout_recv_response(limit)
        .tls_config(tls::config(settings, way.verify)?);
    match &way.route {
        Route::Direct => Ok(config.proxy(None).build().new_agent()),
        Route::Tunnel(proxy) => {
            let unusable = || failure::unusable_proxy(proxy);
            if proxy.scheme() == Scheme::Socks {
                return Err(unusable().into());
            }
            let proxy = ureq::Proxy::new(&proxy.with_credentials()).map_err(|_| unusable())?;
            Ok(config.proxy(Some(proxy)).build().new_agent())
        }
        Route::Forward(proxy) => {
            let uri = proxy.bare().to_string().parse().map_err(|_| failure::unusable_proxy(proxy))?;
            Ok(forward::agent(config.proxy(None).build(), uri))
        }
    }
}

fn forward_login(route: &Route) -> Option<Login> {
    match route {
        Route::Forward(proxy) => proxy.login(),
        Route::Direct | Route::Tunnel(_) => None,
    }
}

fn basic(login: &Login) -> String {
    format!("Basic {}", base64(format!("{}:{}", login.user, login.password).as_bytes()))
}

fn take<T>(head: &Head, body: Body, consume: &mut Consume<T>) -> Result<Answer<T>, Failure> {
    match consume(head, &mut body.into_reader()) {
        Ok(found) => Ok(Answer::Found(found)),
        Err(Stop::Cut(error)) => Err(failure::of_body(&head.url, error)),
        Err(Stop::Failed(error)) => Err(Failure::other(error)),
    }
}

fn read_file<T>(url: &Url, path: &Path, consume: &mut Consume<T>) -> Result<Answer<T>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            let message = format!("`{}` does not exist", path.display());
            return Ok(Answer::Missing(Fault::new(Kind::Unavailable, message)));
        }
        Err(error) => return Err(cannot_read(path, error)),
    };
    let length = file.metadata().ok().map(|meta| meta.len());
    let head = Head { url: url.clone(), content_type: None, length, validator: None, unchanged: false };
    match consume(&head, &mut file) {
        Ok(found) => Ok(Answer::Found(found)),
        Err(Stop::Cut(error)) => Err(cannot_read(path, error)),
        Err(Stop::Failed(error)) => Err(error),
    }
}

fn cannot_read(path: &Path, error: io::Error) -> anyhow::Error {
    let message = format!("cannot read `{}`", path.display());
    anyhow::Error::new(error).context(Fault::new(Kind::InputOutput, message))
}
