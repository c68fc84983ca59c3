//! Bytes to one host and back, with bounds on everything. Not what they mean.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, Url};
use serde_json::Value;

use super::wire::Answer;
use super::{Class, Endpoint, EndpointError, Failure, Key, Protocol};

/// The longest answer that is read, in bytes: far more than any model writes.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;

/// A key so short is no secret, and taking it out of answers would spoil them.
const SHORTEST_SECRET: usize = 8;

/// One host, its key and its address.
#[derive(Debug)]
pub(super) struct Connection {
    http: reqwest::Client,
    base: Url,
    key: Option<Key>,
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
            // This machine: no proxy in between, no certificates to look for, and whatever somebody's
            // server of names says, `localhost` and what is below it is here (RFC 6761).
            let here = [
                IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(Ipv6Addr::LOCALHOST),
            ];
            let here = here.map(|address| SocketAddr::new(address, 0));
            let name = base.host_str().unwrap_or_default();
            builder = builder
                .no_proxy()
                .tls_certs_only([])
                .resolve_to_addrs(name, &here);
        }
        let http = builder.build().map_err(|error| EndpointError {
            message: format!("no secure connection can be made: {}", chain(&error)),
            hint: "install your system's CA certificates, or set SSL_CERT_FILE to a file of them"
                .to_owned(),
        })?;
        let (seconds, name) = (endpoint.timeout.as_secs_f32(), &endpoint.name);
        Ok(Self {
            http,
            base,
            key,
            patience: format!("{seconds} seconds (rustassistant-provider.{name}.timeout)"),
        })
    }

    /// # Errors
    /// When nothing whole comes back: an error that a server reports is an answer.
    pub(super) async fn post(&self, path: &[&str], body: &Value) -> Result<Answer, Failure> {
        let request = self
            .http
            .post(self.url(path))
            .header(CONTENT_TYPE, "application/json");
        self.exchange(request.body(body.to_string())).await
    }

    /// # Errors
    /// As [`Connection::post`].
    pub(super) async fn get(&self, path: &[&str]) -> Result<Answer, Failure> {
        self.exchange(self.http.get(self.url(path))).await
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        let response = request.send().await.map_err(|error| self.broken(&error))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = self.bounded(response).await?;
        Ok(Answer {
            status,
            headers: self.without_key_in_headers(headers),
            body: self.without_key(body),
        })
    }

    async fn bounded(&self, mut response: Response) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.broken(&error))?
        {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                let message = format!("the answer is longer than {LONGEST_ANSWER} bytes");
                return Err(Failure::new(Class::Protocol, &message));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Some servers quote the key they were given. It must not reach a message or the store.
    fn without_key(&self, body: Vec<u8>) -> Vec<u8> {
        match self.secret() {
            Some(secret) if memchr::memmem::find(&body, secret.as_bytes()).is_some() => {
                let text = String::from_utf8_lossy(&body);
                text.replace(secret, "[key]").into_bytes()
            }
            _ => body,
        }
    }

    fn without_key_in_headers(&self, headers: HeaderMap) -> HeaderMap {
        let Some(secret) = self.secret().map(str::as_bytes) else {
            return headers;
        };
        let clean = |value: &HeaderValue| memchr::memmem::find(value.as_bytes(), secret).is_none();
        let named = headers.iter().filter(|(_, value)| clean(value));
        named
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    fn secret(&self) -> Option<&str> {
        let secret = self.key.as_ref().map(Key::secret);
        secret.filter(|secret| secret.len() >= SHORTEST_SECRET)
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
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
            let hint = "set SSL_CERT_FILE if the certificate is your organisation's own";
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

/// The endpoint's address, if code and key may be sent there.
fn address(endpoint: &Endpoint) -> Result<Url, EndpointError> {
    let name = &endpoint.name;
    let refused = |message: String, hint: &str| EndpointError {
        message,
        hint: hint.to_owned(),
    };
    let example = "an address looks like https://api.x.ai/v1";
    let url = Url::parse(&endpoint.url).map_err(|error| {
        refused(
            format!("the address of provider `{name}` is none: {error}"),
            example,
        )
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused(
            format!("the address of provider `{name}` holds a user name or a password"),
            "keep secrets out of addresses: a key goes into the environment or git's credentials",
        ));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_this_machine(&url) => Ok(url),
        "http" => Err(refused(
            format!("provider `{name}` would be sent code over an open line"),
            "use https, or http to this machine alone (localhost)",
        )),
        scheme => Err(refused(
            format!("provider `{name}` cannot be reached by `{scheme}`"),
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

fn headers(endpoint: &Endpoint, key: Option<&Key>) -> Result<HeaderMap, EndpointError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if endpoint.protocol == Protocol::Anthropic {
        let version = HeaderName::from_static("anthropic-version");
        headers.insert(version, HeaderValue::from_static("2023-06-01"));
    }
    let Some(key) = key else { return Ok(headers) };
    let (name, value) = match endpoint.protocol {
        Protocol::Anthropic => (
            HeaderName::from_static("x-api-key"),
            key.secret().to_owned(),
        ),
        _ => (AUTHORIZATION, format!("Bearer {}", key.secret())),
    };
    let mut value = HeaderValue::from_str(&value).map_err(|_| EndpointError {
        message: format!(
            "the key of provider `{}` holds what no key can",
            endpoint.name
        ),
        hint: "a key is one line of letters, digits and signs".to_owned(),
    })?;
    value.set_sensitive(true);
    headers.insert(name, value);
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
