//! The connection to one provider: one question out, one answer back. It asks once: repeating is
//! for the caller, who sees the failure's class.

use std::fmt;

use super::{Class, Endpoint, Failure, Key, Reply, Request};

/// One provider, ready to be asked. Built once a run; asked from many places at a time.
#[derive(Debug)]
pub struct Client {
    endpoint: Endpoint,
    #[expect(dead_code, reason = "read as soon as something is sent")]
    key: Option<Key>,
}

/// Why an endpoint cannot be used at all, and what to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointError {
    pub message: String,
    pub hint: String,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for EndpointError {}

impl Client {
    /// # Errors
    /// When the address is none, or would carry code and key over an open line.
    pub fn new(endpoint: Endpoint, key: Option<Key>) -> Result<Self, EndpointError> {
        Ok(Self { endpoint, key })
    }

    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// One request, one answer.
    ///
    /// # Errors
    /// Whatever keeps the answer from being whole, by class. Nothing is repeated.
    pub async fn ask(&self, _request: &Request) -> Result<Reply, Failure> {
        Err(Failure {
            class: Class::Protocol,
            message: format!("{} is not spoken yet", self.endpoint.protocol),
            retry_after: None,
            spent: None,
        })
    }

    /// The models that the provider has for this key, by name, sorted.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub async fn models(&self) -> Result<Vec<String>, Failure> {
        Ok(Vec::new())
    }
}
