//! From settings to a client.

use crate::{ApiKey, Athena, Error, Retry, athena::Inner};
use reqwest::{
    Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{sync::Arc, time::Duration};

/// Written by the client itself; setting them by hand would contradict it.
const OURS: [&str; 9] = [
    "x-athena-key",
    "x-athena-client",
    "x-athena-defer",
    "x-athena-insert-window",
    "x-request-id",
    "idempotency-key",
    "content-type",
    "content-length",
    "accept",
];

/// Settings of an [`Athena`]; [`Builder::build`] checks them.
#[must_use]
pub struct Builder {
    url: String,
    client: Option<String>,
    key: Option<ApiKey>,
    headers: Vec<(String, String)>,
    timeout: Duration,
    connect_timeout: Duration,
    max_connections: usize,
    max_answer: usize,
    max_line: usize,
    retry: Retry,
    proxy: Option<String>,
    authorities: Vec<Vec<u8>>,
}

impl Builder {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            client: None,
            key: None,
            headers: Vec::new(),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            max_connections: 50,
            max_answer: 64 << 20,
            max_line: 8 << 20,
            retry: Retry::default(),
            proxy: None,
            authorities: Vec::new(),
        }
    }

    /// The client, in the gateway's sense: the named database that calls go to.
    pub fn client(mut self, name: impl Into<String>) -> Self {
        self.client = Some(name.into());
        self
    }

    pub fn api_key(mut self, key: ApiKey) -> Self {
        self.key = Some(key);
        self
    }

    /// A header for every call, such as `x-user-id`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// How long a call may take with all its repetitions. Thirty seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long connecting may take. Five seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How many unused connections are kept open. Fifty.
    pub fn max_idle_connections(mut self, count: usize) -> Self {
        self.max_connections = count;
        self
    }

    /// The largest answer that is read into memory. 64 MiB.
    pub fn max_answer_bytes(mut self, bytes: usize) -> Self {
        self.max_answer = bytes;
        self
    }

    /// The longest row of a stream. 8 MiB.
    pub fn max_line_bytes(mut self, bytes: usize) -> Self {
        self.max_line = bytes;
        self
    }

    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Go through a proxy. The environment's proxies are not used by themselves.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Trust these certificates (PEM) beside the well-known ones: a gateway with a private authority.
    pub fn certificate_authority(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.authorities.push(pem.into());
        self
    }

    /// Check the settings. Connects to nothing.
    ///
    /// # Errors
    /// [`Error::Setting`] names the first setting that cannot be used.
    pub fn build(self) -> Result<Athena, Error> {
        let base = base(&self.url)?;
        let http = self.http()?;
        let client = self.client.as_deref().map(client_name).transpose()?;
        Ok(Athena::new(
            Inner {
                http,
                base,
                key: self.key,
                timeout: self.timeout,
                max_answer: self.max_answer,
                max_line: self.max_line,
                retry: self.retry,
            },
            client,
        ))
    }

    fn http(&self) -> Result<reqwest::Client, Error> {
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls()?)
            .default_headers(self.default_headers()?)
            .connect_timeout(self.connect_timeout)
            .pool_max_idle_per_host(self.max_connections)
            .http1_only()
            // A redirect would carry the key to a place nobody named.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy();
        if let Some(url) = &self.proxy {
            let proxy = reqwest::Proxy::all(url)
                .map_err(|error| Error::setting("proxy", error.to_string()))?;
            http = http.proxy(proxy);
        }
        http.build().map_err(|error| Error::setting("url", error.to_string()))
    }

    fn tls(&self) -> Result<ClientConfig, Error> {
        let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        for pem in &self.authorities {
            add_authority(&mut roots, pem)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::setting("certificate_authority", error.to_string()))?;
        Ok(config.with_root_certificates(roots).with_no_client_auth())
    }

    fn default_headers(&self) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        let product = concat!("athena-client/", env!("CARGO_PKG_VERSION"));
        headers.insert("user-agent", HeaderValue::from_static(product));
        for (name, value) in &self.headers {
            let lower = name.to_ascii_lowercase();
            if OURS.contains(&lower.as_str()) {
                return Err(Error::setting(
                    "header",
                    format!("{name} is set by the client itself"),
                ));
            }
            let (Ok(parsed), Ok(value)) =
                (HeaderName::try_from(lower), HeaderValue::try_from(value))
            else {
                return Err(Error::setting("header", format!("{name:?} cannot be sent")));
            };
            headers.insert(parsed, value);
        }
        Ok(headers)
    }
}

fn add_authority(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), Error> {
    let wrong = |reason: String| Error::setting("certificate_authority", reason);
    let mut found = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
        found += 1;
    }
    if found == 0 { Err(wrong("there is no certificate in it".to_owned())) } else { Ok(()) }
}

/// The address without its last slash, so that paths can follow.
fn base(url: &str) -> Result<String, Error> {
    let parsed = Url::parse(url).map_err(|error| Error::setting("url", error.to_string()))?;
    let wrong = |reason: &str| Err(Error::setting("url", reason));
    if !matches!(parsed.scheme(), "http" | "https") {
        return wrong("it must begin with http:// or https://");
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return wrong("it must have neither a query nor a fragment");
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return wrong("it must not hold a name or a password");
    }
    Ok(parsed.as_str().trim_end_matches('/').to_owned())
}

pub(crate) fn client_name(name: &str) -> Result<HeaderValue, Error> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::setting("client", "it is blank"));
    }
    HeaderValue::from_str(name)
        .map_err(|_value| Error::setting("client", format!("{name:?} cannot be sent in a header")))
}
