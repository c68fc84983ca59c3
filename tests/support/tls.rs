//! A door with a certificate before a server on this machine: https outside, http inside. Not what the
//! server answers.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rcgen::CertifiedKey;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::server::Server;

/// Opens a door before `server` that shows this certificate; its port.
pub fn door(server: &Server, shown: &CertifiedKey<rcgen::KeyPair>) -> u16 {
    let key = PrivatePkcs8KeyDer::from(shown.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![shown.cert.der().clone()], PrivateKeyDer::Pkcs8(key))
        .unwrap();
    let config = Arc::new(config);
    let inside = server.url().replace("http://", "");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // Until the test's process ends.
    thread::spawn(move || {
        for outside in listener.incoming().map_while(Result::ok) {
            let (config, inside) = (Arc::clone(&config), inside.clone());
            thread::spawn(move || lead(outside, &inside, config));
        }
    });
    port
}

/// Hands on what either side says, until one of them is gone.
fn lead(outside: TcpStream, inside: &str, config: Arc<ServerConfig>) -> Option<()> {
    let mut inside = TcpStream::connect(inside).ok()?;
    for stream in [&outside, &inside] {
        stream.set_nodelay(true).ok()?;
        let patience = Some(Duration::from_millis(2));
        stream.set_read_timeout(patience).ok()?;
    }
    let session = ServerConnection::new(config).ok()?;
    let mut outside = StreamOwned::new(session, outside);
    loop {
        hand_on(&mut outside, &mut inside)?;
        hand_on(&mut inside, &mut outside)?;
    }
}

fn hand_on(from: &mut impl Read, to: &mut impl Write) -> Option<()> {
    let mut bytes = [0; 16 << 10];
    match from.read(&mut bytes) {
        Ok(0) => None,
        Ok(length) => {
            to.write_all(&bytes[..length]).ok()?;
            to.flush().ok()
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Some(()),
        Err(_) => None,
    }
}
