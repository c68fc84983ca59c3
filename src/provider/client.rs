//! One provider, ready to be asked. It asks once: repeating is for the caller, who sees the
//! failure's class. Only what a server does not understand is said again in other words.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::Timestamp;

use super::connection::Connection;
use super::wire::{self, Manner};
use super::{Endpoint, Failure, Key, Reply, Request};

/// One provider. Built once a run; asked from many places at a time.
#[derive(Debug)]
pub struct Client {
    endpoint: Endpoint,
    connection: Connection,
    /// What the server has turned out to understand.
    manner: Mutex<Manner>,
    /// In which manner it has answered.
    proven: Mutex<Option<Manner>>,
}

/// Why an endpoint cannot be used at all, and what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EndpointError {
    pub message: String,
    pub hint: String,
}

impl Client {
    /// Looks for the system's certificates, or those of `SSL_CERT_FILE`, and for its proxies.
    ///
    /// # Errors
    /// When the address is none, or would carry code and key over an open line; when the key is
    /// none; when there are no certificates.
    pub fn new(endpoint: Endpoint, key: Option<Key>) -> Result<Self, EndpointError> {
        Ok(Self {
            connection: Connection::new(&endpoint, key)?,
            manner: Mutex::new(Manner::from(endpoint.dialect)),
            proven: Mutex::default(),
            endpoint,
        })
    }

    /// Where an answer bears no date, this is the time: `now`, and what has passed since.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.connection.clock = Some((now, Instant::now()));
        self
    }

    /// Asks as the server was found to understand before.
    #[must_use]
    pub fn in_manner(mut self, manner: Manner) -> Self {
        self.manner = Mutex::new(manner);
        self
    }

    /// How the server was asked where it has answered; `None` if it has not.
    pub fn proven(&self) -> Option<Manner> {
        *self.proven.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// One question, one answer, in as many requests as it takes to be understood.
    ///
    /// # Errors
    /// Whatever keeps the answer from being whole, by class.
    pub async fn ask(&self, request: &Request) -> Result<Reply, Failure> {
        self.ask_while(request, || true).await
    }

    /// As [`Client::ask`]; where a server has to be asked in other words, `may_go_on` is asked first.
    ///
    /// # Errors
    /// As [`Client::ask`]; where it may not go on, what the server has said.
    pub async fn ask_while(
        &self,
        request: &Request,
        may_go_on: impl Fn() -> bool,
    ) -> Result<Reply, Failure> {
        let protocol = self.endpoint.protocol;
        loop {
            let manner = *self.manner();
            let body = wire::body(protocol, request, manner).map_err(|failure| *failure)?;
            let answer = self.connection.post(wire::path(protocol), &body).await?;
            let other = manner.after(&answer, protocol);
            if let Some(other) = other {
                // Unless another question has found out more in the meantime.
                let mut known = self.manner();
                if *known == manner {
                    *known = other;
                }
            }
            if other.is_none() || !may_go_on() {
                let reply = wire::read(protocol, self.endpoint.dialect, request, &answer);
                // What was paid for is an answer to a request that was understood.
                let is_answer = reply
                    .as_ref()
                    .map_or_else(|failed| failed.spent.is_some(), |_| true);
                if is_answer && *self.manner() == manner {
                    let mut proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
                    *proven = Some(manner);
                }
                let reply = reply.map(|reply| self.without_key(reply));
                return reply.map_err(|mut failure| {
                    failure.spent = failure
                        .spent
                        .map(|spent| Box::new(self.without_key(*spent)));
                    *failure
                });
            }
        }
    }

    /// The text is JSON once more, in which a key may be written in other ways.
    fn without_key(&self, mut reply: Reply) -> Reply {
        if let Some(text) = self.connection.without_escaped_key(&reply.text) {
            reply.text = text;
        }
        reply
    }

    /// The models that the provider has for this key, by name, sorted.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub async fn models(&self) -> Result<Vec<String>, Failure> {
        let path = wire::models_path(self.endpoint.protocol);
        let answer = self.connection.get(path).await?;
        wire::read_models(&answer).map_err(|failure| *failure)
    }

    fn manner(&self) -> MutexGuard<'_, Manner> {
        self.manner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
