//! A small HTTP server on loopback that answers from a script and remembers what it was asked.
//! It speaks bytes, not any provider's protocol: replies can be slow, cut off or never come.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: String,
    /// With the query.
    pub path: String,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// Null unless the body is JSON.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// How many requests came for this path before.
    pub nth: usize,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// One reply of the script.
#[derive(Clone, Debug)]
pub struct Canned {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    latency: Duration,
    delivery: Delivery,
}

#[derive(Clone, Copy, Debug)]
enum Delivery {
    Whole,
    /// The connection ends after so many bytes of the body, of which more were promised.
    CutAfter(usize),
    /// A pause after each byte of the body.
    Drip(Duration),
    /// Nothing is ever sent.
    Silence,
}

impl Canned {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            latency: Duration::ZERO,
            delivery: Delivery::Whole,
        }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, body.to_string()).header("content-type", "application/json")
    }

    /// The request is read and never answered.
    pub fn silence() -> Self {
        Self {
            delivery: Delivery::Silence,
            ..Self::new(200, "")
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn after(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }

    pub fn cut_after(self, bytes: usize) -> Self {
        Self {
            delivery: Delivery::CutAfter(bytes),
            ..self
        }
    }

    pub fn dripping(self, pause: Duration) -> Self {
        Self {
            delivery: Delivery::Drip(pause),
            ..self
        }
    }
}

type Script = dyn Fn(&Received) -> Canned + Send + Sync;

/// Stops accepting when it is dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    script: Box<Script>,
    received: Mutex<Vec<Received>>,
    asked: Mutex<HashMap<String, usize>>,
    stopped: AtomicBool,
}

impl Server {
    /// Every request is answered by what the script makes of it.
    pub fn start(script: impl Fn(&Received) -> Canned + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            received: Mutex::default(),
            asked: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if accepting.stopped.load(Ordering::SeqCst) {
                    break;
                }
                let shared = Arc::clone(&accepting);
                thread::spawn(move || serve(&stream, &shared));
            }
        });
        Self { address, shared }
    }

    /// The replies one after the other for each path, the last one for ever.
    pub fn in_turn(replies: Vec<Canned>) -> Self {
        Self::start(move |received| replies[received.nth.min(replies.len() - 1)].clone())
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

/// All requests of one connection. Whatever goes wrong with the peer ends it.
fn serve(stream: &TcpStream, shared: &Shared) -> Option<()> {
    // Head and body are written apart: without this, the body waits for the peer to acknowledge
    // the head, which it puts off by 40 ms.
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut received = read_request(&mut reader)?;
        received.nth = {
            let mut asked = shared.asked.lock().unwrap();
            let count = asked.entry(received.path.clone()).or_default();
            *count += 1;
            *count - 1
        };
        shared.received.lock().unwrap().push(received.clone());
        let reply = (shared.script)(&received);
        thread::sleep(reply.latency);
        write_reply(stream, &mut reader, &reply)?;
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<Received> {
    let first = read_line(reader)?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    let mut length = 0;
    loop {
        let line = read_line(reader)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        let (name, value) = (name.to_ascii_lowercase(), value.trim().to_owned());
        if name == "content-length" {
            length = value.parse().ok()?;
        }
        headers.push((name, value));
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).ok()?;
    let is_chunked = |(name, value): &(String, String)| {
        name == "transfer-encoding" && value.eq_ignore_ascii_case("chunked")
    };
    if headers.iter().any(is_chunked) {
        bytes = read_chunks(reader)?;
    }
    Some(Received {
        method,
        path,
        headers,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
        bytes,
        nth: 0,
    })
}

/// A body whose length nobody knew before (RFC 9112, 7.1), without trailers.
fn read_chunks(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let length = usize::from_str_radix(&read_line(reader)?, 16).ok()?;
        let from = body.len();
        body.resize(from + length, 0);
        reader.read_exact(&mut body[from..]).ok()?;
        read_line(reader)?;
        if length == 0 {
            return Some(body);
        }
    }
}

fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    Some(line.trim_end().to_owned())
}

/// Nothing if the connection is over.
fn write_reply(mut stream: &TcpStream, reader: &mut impl Read, reply: &Canned) -> Option<()> {
    if matches!(reply.delivery, Delivery::Silence) {
        // Until the peer gives up.
        let _ = reader.read(&mut [0]);
        return None;
    }
    let mut head = format!("HTTP/1.1 {} Scripted\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("content-length: {}\r\n\r\n", reply.body.len());
    stream.write_all(head.as_bytes()).ok()?;
    match reply.delivery {
        Delivery::Whole => stream.write_all(&reply.body).ok()?,
        Delivery::CutAfter(bytes) => {
            let sent = reply.body.get(..bytes).unwrap_or(&reply.body);
            stream.write_all(sent).ok()?;
            stream.shutdown(std::net::Shutdown::Both).ok()?;
            return None;
        }
        Delivery::Drip(pause) => {
            for byte in &reply.body {
                stream.write_all(&[*byte]).ok()?;
                thread::sleep(pause);
            }
        }
        Delivery::Silence => return None,
    }
    stream.flush().ok()
}
