//! Which servers are who they say: those that the system vouches for, or a certificate that the user
//! has. Not how one is reached.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme, version,
};
use rustls_platform_verifier::Verifier;

/// How connections are made that trust `named`, beside what the system trusts.
///
/// # Errors
/// If the system has no certificates, or one of those named is none.
pub fn secure(named: Vec<CertificateDer<'static>>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let trust = Trust::new(named, Arc::clone(&provider))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trust))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// As the system verifies, and a server whose own certificate is one of those that are trusted:
/// `openssl req -x509` makes such, which the rules for authorities refuse as a server's.
#[derive(Debug)]
struct Trust {
    usual: Verifier,
    named: Vec<CertificateDer<'static>>,
}

impl Trust {
    fn new(
        named: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let usual = if named.is_empty() {
            Verifier::new(provider)?
        } else {
            Verifier::new_with_extra_roots(named.clone(), provider)?
        };
        Ok(Self { usual, named })
    }

    /// Is it, byte for byte, one that the user has named, or one of `SSL_CERT_FILE`, `SSL_CERT_DIR`
    /// or the system? Those are read only here: hardly any server gets so far.
    fn holds(&self, certificate: &CertificateDer<'_>) -> bool {
        let is_same = |other: &CertificateDer<'_>| other.as_ref() == certificate.as_ref();
        self.named.iter().any(is_same)
            || rustls_native_certs::load_native_certs()
                .certs
                .iter()
                .any(is_same)
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let usual = self.usual.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        // Nobody vouches for it, or it is an authority's. Whether it has expired was asked before.
        let Err(
            error @ Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::Other(_),
            ),
        ) = usual
        else {
            return usual;
        };
        if !self.holds(end_entity) {
            return Err(error);
        }
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}
