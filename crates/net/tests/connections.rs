//! Connections on loopback, plain and under TLS.
#![expect(clippy::unwrap_used, reason = "a panic here is a failed test")]

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use wsanvil_net::{
    Address, Blame, ConnectError, ConnectOptions, Connector, ConnectorOptions, Family, Hello, HelloError,
    Listener, ServerTls, Stream, TlsConduct, TlsFailure, TlsOptions, TlsSetupError, UnknownName,
};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(60), future)
            .await
            .expect("it does not end")
    })
}

fn connector(url: &str, options: &ConnectorOptions) -> Connector {
    Connector::new(Address::parse(url).unwrap(), options).unwrap()
}

fn patient() -> ConnectOptions {
    ConnectOptions::within(Duration::from_secs(20))
}

/// Both ends of a plain connection, ours first.
async fn pair() -> (Stream, Stream) {
    let listener = Listener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let connector = connector(&url, &ConnectorOptions::default());
    let (ours, theirs) = tokio::join!(connector.connect(patient()), listener.accept());
    (ours.unwrap(), theirs.unwrap().handshake().await.unwrap())
}

async fn exhaust(stream: &mut Stream) -> (Vec<u8>, Option<ErrorKind>) {
    let mut all = Vec::new();
    let end = stream.read_to_end(&mut all).await;
    (all, end.err().map(|error| error.kind()))
}

#[test]
fn refused() {
    block_on(async {
        let listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let to = listener.local_addr().unwrap().to_string();
        drop(listener);
        let connector = connector(&format!("ws://{to}/"), &ConnectorOptions::default());
        let error = connector.connect(patient()).await.unwrap_err();
        assert_eq!(error, ConnectError::Refused { to: to.clone() });
        assert_eq!(error.to_string(), format!("{to} refuses connections"));
        assert_eq!(error.blame(), Blame::Target);
    });
}

#[test]
fn localhost_finds_the_address_that_answers() {
    block_on(async {
        let listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("ws://localhost:{port}/");
        let any = connector(&url, &ConnectorOptions::default());
        let stream = any.connect(patient()).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap().port(), port);
        assert!(any.is_loopback(Duration::from_secs(20)).await.unwrap());
        let other = ConnectorOptions {
            family: Family::V6,
            ..ConnectorOptions::default()
        };
        assert!(connector(&url, &other).connect(patient()).await.is_err());
    });
}

#[test]
fn the_wrong_family() {
    block_on(async {
        let options = ConnectorOptions {
            family: Family::V6,
            ..ConnectorOptions::default()
        };
        let error = connector("ws://127.0.0.1:9/", &options)
            .connect(patient())
            .await
            .unwrap_err();
        assert!(
            matches!(error, ConnectError::Family { family: "IPv6", .. }),
            "{error}"
        );
    });
}

#[test]
fn connecting_elsewhere() {
    block_on(async {
        let listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connect_to = Some(("127.0.0.1".to_owned(), port));
        let options = ConnectorOptions {
            connect_to,
            ..ConnectorOptions::default()
        };
        let connector = connector("ws://example.invalid/", &options);
        assert!(connector.connect(patient()).await.is_ok());
        assert_eq!(connector.address().authority(), "example.invalid");
    });
}

#[test]
fn a_port_is_listened_on_once() {
    block_on(async {
        let listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let error = Listener::bind(&listener.local_addr().unwrap().to_string())
            .await
            .unwrap_err();
        assert!(error.to_string().ends_with("is in use"), "{error}");
        assert!(Listener::bind("nonsense").await.is_err());
    });
}

#[test]
fn both_directions_and_an_end_in_order() {
    block_on(async {
        let (mut ours, mut theirs) = pair().await;
        ours.write_all(b"ping").await.unwrap();
        ours.half_close().await.unwrap();
        assert_eq!(exhaust(&mut theirs).await, (b"ping".to_vec(), None));
        theirs.write_all(b"pong").await.unwrap();
        drop(theirs);
        assert_eq!(exhaust(&mut ours).await, (b"pong".to_vec(), None));
    });
}

#[test]
fn a_reset_is_seen_as_one() {
    block_on(async {
        let (ours, mut theirs) = pair().await;
        ours.reset();
        assert_eq!(
            exhaust(&mut theirs).await,
            (Vec::new(), Some(ErrorKind::ConnectionReset))
        );
    });
}

/// A server certificate in files.
struct Identity {
    folder: tempfile::TempDir,
}

impl Identity {
    /// Self-signed for `localhost`.
    fn new(authority: bool) -> Self {
        Self::by("somebody", authority)
    }

    fn by(issuer: &str, authority: bool) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, issuer);
        if authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        let cert = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("cert.pem"), cert.pem()).unwrap();
        std::fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
        Self { folder }
    }

    fn cert(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    fn server(&self) -> ServerTls {
        ServerTls::from_files(&self.cert(), &self.folder.path().join("key.pem")).unwrap()
    }
}

/// Connects to `localhost` under TLS and gives both ends.
async fn tls_pair(identity: &Identity, tls: TlsOptions) -> Result<(Stream, Stream), ConnectError> {
    let listener = Listener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .with_tls(identity.server());
    let url = format!("wss://localhost:{}/", listener.local_addr().unwrap().port());
    let options = ConnectorOptions {
        tls,
        family: Family::V4,
        connect_to: None,
    };
    let connector = connector(&url, &options);
    let accept = async { listener.accept().await.unwrap().handshake().await };
    let (ours, theirs) = tokio::join!(connector.connect(patient()), accept);
    Ok((ours?, theirs.unwrap()))
}

fn failure(error: ConnectError) -> TlsFailure {
    let ConnectError::Tls { failure, .. } = error else {
        panic!("{error}")
    };
    failure
}

#[test]
fn an_unknown_issuer_is_named() {
    let (identity, other) = (Identity::by("one", false), Identity::by("other", false));
    let tls = TlsOptions {
        cacert: Some(other.cert()),
        ..TlsOptions::default()
    };
    let error = block_on(tls_pair(&identity, tls)).unwrap_err();
    assert!(error.hint().contains("--cacert"), "{}", error.hint());
    assert_eq!(failure(error), TlsFailure::UnknownIssuer);
}

#[test]
fn insecure_takes_anything() {
    let tls = TlsOptions {
        insecure: true,
        sni: Some("other.example".to_owned()),
        ..TlsOptions::default()
    };
    block_on(async {
        let (ours, _) = tls_pair(&Identity::new(true), tls).await.unwrap();
        assert!(ours.is_tls());
    });
}

#[test]
fn a_given_certificate_is_trusted_even_when_it_calls_itself_an_authority() {
    for authority in [false, true] {
        let identity = Identity::new(authority);
        let tls = TlsOptions {
            cacert: Some(identity.cert()),
            ..TlsOptions::default()
        };
        block_on(async {
            let (mut ours, mut theirs) = tls_pair(&identity, tls).await.unwrap();
            ours.write_all(b"ping").await.unwrap();
            ours.half_close().await.unwrap();
            assert_eq!(exhaust(&mut theirs).await, (b"ping".to_vec(), None));
        });
    }
}

#[test]
fn a_certificate_for_another_name() {
    for authority in [false, true] {
        let identity = Identity::new(authority);
        let tls = TlsOptions {
            cacert: Some(identity.cert()),
            sni: Some("other.example".to_owned()),
            ..TlsOptions::default()
        };
        let error = block_on(tls_pair(&identity, tls)).unwrap_err();
        assert_eq!(
            failure(error),
            TlsFailure::NameMismatch {
                name: "other.example".to_owned()
            }
        );
    }
}

#[test]
fn a_cut_is_not_an_end_in_order() {
    let identity = Identity::new(false);
    let tls = TlsOptions {
        insecure: true,
        ..TlsOptions::default()
    };
    block_on(async {
        let (mut ours, mut theirs) = tls_pair(&identity, tls).await.unwrap();
        ours.cut().await.unwrap();
        assert_eq!(exhaust(&mut theirs).await.1, Some(ErrorKind::UnexpectedEof));
    });
}

#[test]
fn a_peer_without_tls_is_told_from_a_bad_certificate() {
    block_on(async {
        let listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("wss://{}/", listener.local_addr().unwrap());
        let tls = TlsOptions {
            insecure: true,
            ..TlsOptions::default()
        };
        let connector = connector(
            &url,
            &ConnectorOptions {
                tls,
                ..ConnectorOptions::default()
            },
        );
        let answer = async {
            let mut stream = listener.accept().await.unwrap().handshake().await.unwrap();
            stream.read_u8().await.unwrap();
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await
                .unwrap();
            stream
        };
        let (ours, _theirs) = tokio::join!(connector.connect(patient()), answer);
        assert_eq!(failure(ours.unwrap_err()), TlsFailure::NotTls);
    });
}

#[test]
fn files_that_are_no_use() {
    let address = Address::parse("wss://localhost/").unwrap();
    let setup = |tls: TlsOptions| {
        let options = ConnectorOptions {
            tls,
            ..ConnectorOptions::default()
        };
        Connector::new(address.clone(), &options).unwrap_err()
    };
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let cacert = |path: &Path| TlsOptions {
        cacert: Some(path.to_owned()),
        ..TlsOptions::default()
    };
    assert_eq!(
        setup(cacert(&empty)),
        TlsSetupError::NoCertificate { path: empty.clone() }
    );
    assert!(matches!(
        setup(cacert(&folder.path().join("missing"))),
        TlsSetupError::File { .. }
    ));
    let half = TlsOptions {
        insecure: true,
        cert: Some(empty),
        ..TlsOptions::default()
    };
    assert_eq!(setup(half), TlsSetupError::HalfIdentity);
    let name = TlsOptions {
        insecure: true,
        sni: Some("a b".to_owned()),
        ..TlsOptions::default()
    };
    assert!(matches!(setup(name), TlsSetupError::BadName { .. }));
}

const HELLO: Hello = Hello {
    name: None,
    protocols: None,
    tls12: true,
    tls13: true,
};

/// What a server of this conduct, with a certificate for localhost, makes of a `ClientHello`. `trusted` is the
/// certificate that the client knows.
async fn said(
    hello: &Hello,
    conduct: TlsConduct,
    identity: &Identity,
    trusted: &Identity,
) -> Result<Stream, HelloError> {
    let listener = Listener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .with_tls(identity.server())
        .with_tls_conduct(conduct);
    let options = ConnectorOptions {
        tls: TlsOptions {
            cacert: Some(trusted.cert()),
            ..TlsOptions::default()
        },
        family: Family::V4,
        connect_to: None,
    };
    let url = format!("wss://localhost:{}/", listener.local_addr().unwrap().port());
    let connector = connector(&url, &options);
    let accept = async { listener.accept().await.unwrap().handshake().await };
    // The stream is kept until the server has settled it too.
    let (ours, _theirs) = tokio::join!(connector.connect_saying(hello, patient()), accept);
    ours
}

fn asking_for(name: &str) -> Hello {
    Hello {
        name: Some(Some(name.to_owned())),
        ..HELLO
    }
}

#[test]
fn a_name_that_is_not_served() {
    let identity = Identity::new(true);
    let of = |unknown_name| {
        let conduct = TlsConduct {
            unknown_name,
            ..TlsConduct::default()
        };
        block_on(said(&asking_for("other.example"), conduct, &identity, &identity))
    };
    // The certificate is for localhost, and that is what it is checked for.
    assert!(of(UnknownName::Served).unwrap().is_tls());
    assert_eq!(
        of(UnknownName::Refused).unwrap_err(),
        HelloError::Refused {
            alert: Some((112, "unrecognized_name".to_owned())),
            end: Some(Ok(())),
        }
    );
    assert_eq!(
        of(UnknownName::Dropped).unwrap_err(),
        HelloError::Refused {
            alert: None,
            end: Some(Ok(())),
        }
    );
}

#[test]
fn a_name_of_its_own_or_none_is_served() {
    let identity = Identity::new(true);
    let conduct = TlsConduct {
        unknown_name: UnknownName::Refused,
        ..TlsConduct::default()
    };
    let absent = Hello {
        name: Some(None),
        ..HELLO
    };
    for hello in [HELLO, asking_for("LOCALHOST"), absent] {
        let stream = block_on(said(&hello, conduct, &identity, &identity));
        assert!(stream.is_ok(), "{hello:?}: {stream:?}");
    }
}

#[test]
fn another_name_does_not_let_an_impostor_in() {
    let (identity, other) = (Identity::by("one", false), Identity::by("other", false));
    let hello = asking_for("other.example");
    let error = block_on(said(&hello, TlsConduct::default(), &identity, &other)).unwrap_err();
    let HelloError::Failed(failure) = error else {
        panic!("{error}")
    };
    assert!(failure.is_about_the_certificate(), "{failure}");
}

#[test]
fn protocols_that_nobody_speaks() {
    let identity = Identity::new(true);
    let hello = Hello {
        protocols: Some(vec!["foo/1".to_owned()]),
        ..HELLO
    };
    let error = block_on(said(&hello, TlsConduct::default(), &identity, &identity)).unwrap_err();
    assert_eq!(
        error,
        HelloError::Refused {
            alert: Some((120, "no_application_protocol".to_owned())),
            end: Some(Ok(())),
        }
    );
    let conduct = TlsConduct {
        without_protocol: true,
        ..TlsConduct::default()
    };
    assert!(block_on(said(&hello, conduct, &identity, &identity)).is_ok());
}

#[test]
fn one_version_alone() {
    let identity = Identity::new(true);
    for (tls12, tls13, version) in [
        (true, false, rustls::ProtocolVersion::TLSv1_2),
        (false, true, rustls::ProtocolVersion::TLSv1_3),
    ] {
        let hello = Hello {
            tls12,
            tls13,
            ..HELLO
        };
        let stream = block_on(said(&hello, TlsConduct::default(), &identity, &identity)).unwrap();
        let Stream::Tls(tls) = stream else {
            panic!("no TLS")
        };
        assert_eq!(tls.get_ref().1.protocol_version(), Some(version));
    }
}
