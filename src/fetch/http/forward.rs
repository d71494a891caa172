//! `http` through a proxy the way proxies expect it: the connection is to the proxy, and the request line has the whole
//! URL (RFC 9112, section 3.2.2).
//!
//! The HTTP library would open a tunnel instead, which most proxies refuse for any port but 443. So this stands between
//! it and the connection: names resolve to the proxy, and the request line is completed on its way out.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::TcpConnector;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};
use ureq::{Agent, Error};

/// An agent that asks the proxy at this address for everything.
pub(super) fn agent(config: Config, proxy: Uri) -> Agent {
    Agent::with_parts(
        config,
        TcpConnector::default().chain(WholeUrl),
        AlwaysProxy { proxy, inner: DefaultResolver::default() },
    )
}

/// Resolves every name to the proxy.
#[derive(Debug)]
struct AlwaysProxy {
    proxy: Uri,
    inner: DefaultResolver,
}

impl Resolver for AlwaysProxy {
    fn resolve(&self, _: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        self.inner.resolve(&self.proxy, config, timeout)
    }
}

/// Puts the scheme and host in front of the path that is asked for.
#[derive(Debug)]
struct WholeUrl;

impl<In: Transport> Connector<In> for WholeUrl {
    type Out = Forwarding;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Forwarding>, Error> {
        let Some(transport) = chained else { return Ok(None) };
        let authority = details.uri.authority().map_or("", |authority| authority.as_str());
        let config = details.config;
        Ok(Some(Forwarding {
            prefix: format!("http://{authority}").into_bytes(),
            inner: TransportAdapter::new(transport.boxed(), Arc::clone(&details.current_time)),
            buffers: LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size()),
        }))
    }
}

struct Forwarding {
    prefix: Vec<u8>,
    inner: TransportAdapter,
    buffers: LazyBuffers,
}

impl std::fmt::Debug for Forwarding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Forwarding")
    }
}

impl Transport for Forwarding {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.inner.set_timeout(timeout);
        let output = &self.buffers.output()[..amount];
        // Requests have no body, so what starts like a request line is one.
        match output.strip_prefix(b"GET ") {
            Some(rest) if rest.starts_with(b"/") => {
                self.inner.write_all(&[b"GET ", self.prefix.as_slice(), rest].concat())?;
            }
            _ => self.inner.write_all(output)?,
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.set_timeout(timeout);
        let input = self.buffers.input_append_buf();
        let amount = self.inner.read(input)?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.inner.get_mut().is_open()
    }
}
