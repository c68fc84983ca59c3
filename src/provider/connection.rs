//! Bytes to one host and back, with bounds on everything. Not what they mean.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Instant;

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue,
};
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, NoProxy, Proxy, RequestBuilder, Response, Url};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;

use super::trust;
use super::wire::Answer;
use super::{Class, Endpoint, EndpointError, Failure, Key, Protocol};

/// The longest answer that is read, in bytes: far more than any model writes, and twice what is ever
/// stored of one.
const LONGEST_ANSWER: usize = 2 * 1024 * 1024;

/// As [`LONGEST_ANSWER`], where each word comes in an event of its own.
const LONGEST_STREAM: usize = 8 * 1024 * 1024;

/// The most parts that an answer may have. What a model writes is one of them, an event of a stream
/// some twenty: each takes many times its own bytes when it is read.
const MOST_PARTS: usize = 1 << 19;

/// A key so short is no secret, and taking it out of answers would spoil them.
const SHORTEST_SECRET: usize = 8;

/// One host, its key and its address.
#[derive(Debug)]
pub(super) struct Connection {
    http: reqwest::Client,
    base: Url,
    /// The key, and what the user sends in headers.
    secrets: Vec<Key>,
    /// The time, when it was so.
    pub(super) clock: Option<(Timestamp, Instant)>,
    /// How long an answer may take, and where that is said, for people.
    patience: String,
}

impl Connection {
    /// # Errors
    /// When the address or the key cannot be used, or the machine has no certificates.
    pub(super) fn new(endpoint: &Endpoint, key: Option<Key>) -> Result<Self, EndpointError> {
        let base = address(endpoint)?;
        let key = key.filter(|key| !key.is_empty());
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("git-rustassistant/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers(endpoint, key.as_ref())?)
            // Another host would be given the key.
            .redirect(Policy::none())
            .timeout(endpoint.timeout)
            .connect_timeout(endpoint.connect_timeout);
        if base.scheme() == "http" {
            // This machine, or a private network: no proxy in between, no certificates to look for.
            builder = builder.no_proxy().tls_certs_only([]);
            if is_this_machine(&base) {
                // Whatever somebody's server of names says, `localhost` and what is below it is here
                // (RFC 6761).
                let here = [
                    IpAddr::V4(Ipv4Addr::LOCALHOST),
                    IpAddr::V6(Ipv6Addr::LOCALHOST),
                ];
                let here = here.map(|address| SocketAddr::new(address, 0));
                let name = base.host_str().unwrap_or_default();
                builder = builder.resolve_to_addrs(name, &here);
            }
        } else {
            builder = on_the_way(builder, endpoint)?;
        }
        let http = builder
            .build()
            .map_err(|error| unsafe_way(&chain(&error)))?;
        let (seconds, name) = (endpoint.timeout.as_secs_f32(), &endpoint.name);
        Ok(Self {
            http,
            base,
            secrets: key
                .into_iter()
                .chain(endpoint.headers.iter().map(|(_, value)| value.clone()))
                .filter(|secret| secret.secret().len() >= SHORTEST_SECRET)
                .collect(),
            clock: None,
            patience: format!("{seconds} seconds (rustassistant-provider.{name}.timeout)"),
        })
    }

    /// # Errors
    /// When nothing whole comes back: an error that a server reports is an answer.
    pub(super) async fn post(&self, path: &[&str], body: &Value) -> Result<Answer, Failure> {
        let longest = if body["stream"] == true {
            LONGEST_STREAM
        } else {
            LONGEST_ANSWER
        };
        let request = self
            .http
            .post(self.url(path))
            .header(CONTENT_TYPE, "application/json");
        self.exchange(request.body(body.to_string()), longest).await
    }

    /// # Errors
    /// As [`Connection::post`].
    pub(super) async fn get(&self, path: &[&str]) -> Result<Answer, Failure> {
        self.exchange(self.http.get(self.url(path)), LONGEST_ANSWER)
            .await
    }

    async fn exchange(&self, request: RequestBuilder, longest: usize) -> Result<Answer, Failure> {
        let sent = Instant::now();
        let response = request.send().await.map_err(|error| self.broken(&error))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let host = self.base.host_str().unwrap_or_default();
        tracing::debug!(host, status, took = ?sent.elapsed(), "an answer begins");
        let had_begun = response.status().is_success();
        let body = self.bounded(response, longest).await;
        let body = body.map_err(|failure| Failure {
            had_begun,
            ..failure
        })?;
        Ok(Answer {
            status,
            headers: self.dated(self.without_key_in_headers(headers)),
            body: self.without_key(body),
        })
    }

    /// What comes back, if it is not more than `longest`, nor in too many parts.
    async fn bounded(&self, mut response: Response, longest: usize) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.broken(&error))?
        {
            if body.len() + chunk.len() > longest {
                let message = format!("the answer is longer than {longest} bytes");
                // Asked again, it would be no shorter, and cost as much.
                return Err(Failure::new(Class::Refused, &message));
            }
            body.extend_from_slice(&chunk);
        }
        if parts(&body) > MOST_PARTS {
            let message = "the answer is in far more parts than any model's";
            return Err(Failure::new(Class::Refused, message));
        }
        Ok(body)
    }

    /// Some servers quote the key they were given. It must not reach a message or the store.
    fn without_key(&self, mut body: Vec<u8>) -> Vec<u8> {
        for secret in self.secrets.iter().map(Key::secret) {
            if memchr::memmem::find(&body, secret.as_bytes()).is_some() {
                let text = String::from_utf8_lossy(&body);
                body = text.replace(secret, "[key]").into_bytes();
            }
        }
        body
    }

    /// A text in JSON without the keys that stand in it as escapes (`\u0073k-…`); `None` if there are
    /// none.
    pub(super) fn without_escaped_key(&self, text: &str) -> Option<String> {
        let plain = if text.contains("\\u00") {
            unescaped(text)
        } else {
            return None;
        };
        let secrets = self.secrets.iter().map(Key::secret);
        let mut held = secrets.filter(|secret| plain.contains(secret)).peekable();
        held.peek()?;
        Some(held.fold(plain.clone(), |text, secret| text.replace(secret, "[key]")))
    }

    fn without_key_in_headers(&self, mut headers: HeaderMap) -> HeaderMap {
        let holds = |value: &HeaderValue| {
            let mut secrets = self.secrets.iter().map(Key::secret);
            secrets
                .any(|secret| memchr::memmem::find(value.as_bytes(), secret.as_bytes()).is_some())
        };
        let told: Vec<HeaderName> = headers
            .iter()
            .filter(|(_, value)| holds(value))
            .map(|(name, _)| name.clone())
            .collect();
        for name in told {
            headers.remove(name);
        }
        headers
    }

    /// With a date, from which points in time are counted: the server's own if it tells.
    fn dated(&self, mut headers: HeaderMap) -> HeaderMap {
        let now = || {
            let (clock, then) = self.clock?;
            let now = clock
                .checked_add(SignedDuration::try_from(then.elapsed()).ok()?)
                .ok()?;
            let written = DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&now)
                .ok()?;
            HeaderValue::from_str(&written).ok()
        };
        if !headers.contains_key(DATE)
            && let Some(now) = now()
        {
            headers.insert(DATE, now);
        }
        headers
    }

    /// The address with its query. One that leads to where questions go, as Azure's is documented,
    /// is that already.
    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        let segments: Vec<&str> = url.path_segments().into_iter().flatten().collect();
        let questions = ["chat", "completions"];
        if segments.ends_with(&questions) {
            if path == questions {
                return url;
            }
            if let Ok(mut segments) = url.path_segments_mut() {
                segments.pop().pop().extend(path);
            }
            return url;
        }
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// What went wrong on the way, without the address, which says nothing that the host does not.
    fn broken(&self, error: &reqwest::Error) -> Failure {
        let host = self.base.host_str().unwrap_or_default();
        let why = chain(error);
        let (class, message) = if why.contains("certificate") {
            let hint = if why.contains("not valid for") {
                "a certificate names its hosts as subjectAltName: openssl req -x509 -addext \
                 subjectAltName=DNS:HOST"
            } else if why.contains("expired") {
                "whoever runs the server has to renew it"
            } else {
                "name the file of its authority, or of itself, in http.sslCAInfo or SSL_CERT_FILE"
            };
            let why = if why.contains("CaUsedAsEndEntity") {
                "its certificate vouches for itself, as an authority's does"
            } else {
                &why
            };
            (
                Class::Request,
                format!("{host} is not trusted: {why} ({hint})"),
            )
        } else if why.contains("InvalidContentType") {
            let message = format!("{host} does not speak https there: {why}");
            (Class::Request, message)
        } else if error.is_timeout() {
            let why = format!("{host} did not answer within {}", self.patience);
            (Class::Timeout, why)
        } else if error.is_connect() {
            (Class::Overload, format!("no connection to {host}: {why}"))
        } else if error.is_builder() {
            (Class::Request, format!("the request to {host}: {why}"))
        } else {
            (
                Class::Overload,
                format!("the connection to {host} broke: {why}"),
            )
        };
        Failure::new(class, &message)
    }
}

/// JSON with the letters of ASCII, and what else needs none, without escapes (RFC 8259, 7).
fn unescaped(json: &str) -> String {
    let mut plain = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let code = escape.strip_prefix("\\u").and_then(|code| code.get(..4));
        let c = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        let c = c.and_then(char::from_u32);
        let (taken, c) = match c {
            Some(c) if c.is_ascii_graphic() && !matches!(c, '"' | '\\') => (6, Some(c)),
            _ => (
                1 + escape[1..].chars().next().map_or(0, char::len_utf8),
                None,
            ),
        };
        match c {
            Some(c) => plain.push(c),
            None => plain.push_str(&escape[..taken]),
        }
        rest = &escape[taken..];
    }
    plain + rest
}

/// How many parts JSON has, before it is read: values in lists and objects, which weigh more
/// themselves. A line end is in no string, so that every event of a stream begins anew.
fn parts(json: &[u8]) -> usize {
    let (mut parts, mut is_quoted, mut is_escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\n' => is_quoted = false,
            b'\\' => is_escaped = is_quoted,
            b'"' => is_quoted = !is_quoted,
            b'{' | b'[' if !is_quoted => parts += 4,
            b',' if !is_quoted => parts += 1,
            _ => {}
        }
    }
    parts
}

/// With the proxy and the certificates that the user has set.
fn on_the_way(builder: ClientBuilder, endpoint: &Endpoint) -> Result<ClientBuilder, EndpointError> {
    let refused = |message: String, hint: &str| EndpointError {
        message: format!("cannot connect to provider `{}`: {message}", endpoint.name),
        hint: hint.to_owned(),
    };
    let builder = match endpoint.proxy.as_deref() {
        None => builder,
        Some("") => builder.no_proxy(),
        Some(proxy) => {
            // A proxy's address may hold a password: it is not shown.
            let proxy = Proxy::all(proxy).map_err(|_| {
                refused(
                    "invalid proxy".to_owned(),
                    "check it: git config --global --get-all http.proxy",
                )
            })?;
            builder.proxy(proxy.no_proxy(NoProxy::from_env()))
        }
    };
    let named = match &endpoint.ca_file {
        Some(path) => certificates(path, refused)?,
        None => Vec::new(),
    };
    let secure = trust::secure(named).map_err(|error| unsafe_way(&error.to_string()))?;
    Ok(builder.tls_backend_preconfigured(secure))
}

/// Those in a file that the user names.
fn certificates(
    path: &Path,
    refused: impl Fn(String, &str) -> EndpointError,
) -> Result<Vec<CertificateDer<'static>>, EndpointError> {
    let hint = "http.sslCAInfo and GIT_SSL_CAINFO must name a PEM file with certificates";
    #[expect(clippy::disallowed_methods, reason = "a file that the user names")]
    let bytes = std::fs::read(path)
        .map_err(|error| refused(format!("cannot read {}: {error}", path.display()), hint))?;
    let held: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match held {
        Ok(held) if !held.is_empty() => Ok(held),
        Ok(_) => Err(refused(
            format!("no certificates in {}", path.display()),
            hint,
        )),
        Err(error) => Err(refused(
            format!("no certificates in {}: {error}", path.display()),
            hint,
        )),
    }
}

fn unsafe_way(why: &str) -> EndpointError {
    EndpointError {
        message: format!("cannot set up TLS: {why}"),
        hint: "install your system's CA certificates, or set SSL_CERT_FILE to a certificate file"
            .to_owned(),
    }
}

/// The endpoint's address, if code and key may be sent there.
fn address(endpoint: &Endpoint) -> Result<Url, EndpointError> {
    let name = &endpoint.name;
    let refused = |message: String, hint: &str| EndpointError {
        message,
        hint: hint.to_owned(),
    };
    let example = "expected a URL such as https://api.x.ai/v1";
    let url = Url::parse(&endpoint.url).map_err(|error| {
        refused(
            format!("invalid URL of provider `{name}`: {error}"),
            example,
        )
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused(
            format!("the URL of provider `{name}` contains a user name or password"),
            "keep secrets out of URLs: store keys in the environment or git's credentials",
        ));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_this_machine(&url) => Ok(url),
        "http" if is_private(&url) && endpoint.allows_http => Ok(url),
        "http" if is_private(&url) => Err(refused(
            format!("the URL of provider `{name}` is not encrypted"),
            &format!(
                "use https; or, if you trust that network with code and key: git config --global \
                 rustassistant-provider.{name}.allowHttp true"
            ),
        )),
        "http" => Err(refused(
            format!("the URL of provider `{name}` is not encrypted"),
            "use https; http only works for this machine or a private network",
        )),
        scheme => Err(refused(
            format!("unsupported URL scheme `{scheme}` of provider `{name}`"),
            example,
        )),
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let ip = bare.parse::<IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || ip.is_ok_and(|ip| ip.is_loopback())
}

/// Does only a private network have a host of this name or address? What a name leads to is its
/// network's affair.
fn is_private(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => {
            let [first, second, ..] = ip.octets();
            ip.is_private() || (first == 100 && (64..128).contains(&second))
        }
        Ok(IpAddr::V6(ip)) => ip.is_unique_local(),
        Err(_) => !host.is_empty() && (!host.contains('.') || host.ends_with(".local")),
    }
}

/// Where the key goes: what the user says, else what Azure's hosts and the protocols want.
fn key_header(endpoint: &Endpoint, key: &Key) -> (String, String) {
    const AZURES: [&str; 3] = [
        ".openai.azure.com",
        ".cognitiveservices.azure.com",
        ".services.ai.azure.com",
    ];
    let host = super::host(&endpoint.url);
    let usual = match endpoint.protocol {
        Protocol::Anthropic => "x-api-key",
        _ if AZURES.iter().any(|azure| host.ends_with(azure)) => "api-key",
        _ => AUTHORIZATION.as_str(),
    };
    let name = endpoint
        .key_header
        .as_deref()
        .unwrap_or(usual)
        .to_ascii_lowercase();
    let value = if name == AUTHORIZATION.as_str() {
        format!("Bearer {}", key.secret())
    } else {
        key.secret().to_owned()
    };
    (name, value)
}

fn headers(endpoint: &Endpoint, key: Option<&Key>) -> Result<HeaderMap, EndpointError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if endpoint.protocol == Protocol::Anthropic {
        let version = HeaderName::from_static("anthropic-version");
        headers.insert(version, HeaderValue::from_static("2023-06-01"));
    }
    let wrong = |what: &str| EndpointError {
        message: format!(
            "the {what} of provider `{}` contains invalid characters",
            endpoint.name
        ),
        hint: "keys and headers must be one line of visible ASCII characters".to_owned(),
    };
    let mut insert = |name: &str, value: &str, what: &str| {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong(what))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| wrong(what))?;
        value.set_sensitive(true);
        headers.insert(name, value);
        Ok(())
    };
    if let Some(key) = key {
        let (name, value) = key_header(endpoint, key);
        insert(&name, &value, "key")?;
    }
    for (name, value) in &endpoint.headers {
        insert(name, value.secret(), &format!("header {name}"))?;
    }
    Ok(headers)
}

/// The innermost reason says most: `Connection refused`.
fn chain(error: &reqwest::Error) -> String {
    let mut reason = error.source();
    let mut innermost = None;
    while let Some(inner) = reason {
        innermost = Some(inner.to_string());
        reason = inner.source();
    }
    Failure::line(&innermost.unwrap_or_else(|| error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    /// No server of names is asked: on most machines there is none that would know this name.
    #[test]
    fn a_name_of_this_machine_leads_here_whoever_else_would_answer_to_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 1024];
            let length = stream.read(&mut asked).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
            stream.write_all(answer).unwrap();
            String::from_utf8_lossy(&asked[..length]).into_owned()
        });
        let url = format!("http://models.nobody-has-this.localhost:{port}/v1");
        let endpoint = Endpoint::new("own", &url, Protocol::Chat);
        let connection = Connection::new(&endpoint, None).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let answer = runtime.block_on(connection.get(&["models"])).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b"{}"[..]));
        assert!(server.join().unwrap().contains("nobody-has-this.localhost"));
    }
}
