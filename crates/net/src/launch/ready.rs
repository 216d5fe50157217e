//! Whether a target serves: one opening handshake.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::connect::{ConnectOptions, Connector};
use crate::stream::Stream;

/// Key and answer of the example in RFC 6455 section 1.3: a readiness probe needs no entropy.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// A longer response head is none.
const HEAD: usize = 16 * 1024;
/// How long the target may take to end the connection of the probe.
const GOODBYE: Duration = Duration::from_millis(200);

/// What a probe came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A correct handshake.
    Serves,
    /// Anything else, in words.
    NotYet(String),
}

/// Tries one opening handshake.
pub(super) async fn handshake(
    connector: &Connector,
    headers: &[(String, String)],
    within: Duration,
) -> Answer {
    match timeout(within, probe(connector, headers, within)).await {
        Ok(Ok(())) => Answer::Serves,
        Ok(Err(why)) => Answer::NotYet(why),
        Err(_) => Answer::NotYet("it takes connections but answers no handshake".to_owned()),
    }
}

async fn probe(connector: &Connector, headers: &[(String, String)], within: Duration) -> Result<(), String> {
    let options = ConnectOptions::within(within);
    let mut stream = connector
        .connect(options)
        .await
        .map_err(|error| error.to_string())?;
    let request = request(connector, headers);
    stream.write_all(request.as_bytes()).await.map_err(broke)?;
    stream.flush().await.map_err(broke)?;
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if head.len() >= HEAD {
            return Err("it answers the handshake without end".to_owned());
        }
        if stream.read_buf(&mut head).await.map_err(broke)? == 0 {
            let place = if head.is_empty() {
                "instead of answering"
            } else {
                "inside its answer to"
            };
            return Err(format!("it ended the connection {place} the handshake"));
        }
    }
    judge(&head)?;
    goodbye(stream).await;
    Ok(())
}

/// An end in order, without a frame: what the target makes of frames is for the cases, and one that dies on the first
/// must not die here. Its success does not matter.
async fn goodbye(mut stream: Stream) {
    let _ = timeout(GOODBYE, async {
        stream.half_close().await?;
        let mut sink = [0; 512];
        while stream.read(&mut sink).await? > 0 {}
        Ok::<_, std::io::Error>(())
    })
    .await;
    stream.reset();
}

fn request(connector: &Connector, headers: &[(String, String)]) -> String {
    let address = connector.address();
    let mut request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n",
        address.path(),
        address.authority()
    );
    let given = |name: &str| headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    if let Some(authorization) = address.authorization().filter(|_| !given("Authorization")) {
        let _ = write!(request, "Authorization: {authorization}\r\n");
    }
    for (name, value) in headers {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    request.push_str("\r\n");
    request
}

fn judge(head: &[u8]) -> Result<(), String> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    let code = status.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    if code != Some("101") {
        let shown: String = status.chars().filter(|c| !c.is_control()).take(80).collect();
        return Err(format!("it answers the handshake with {shown:?}"));
    }
    let accepted = lines
        .filter_map(|line| line.split_once(':'))
        .any(|(name, value)| name.eq_ignore_ascii_case("Sec-WebSocket-Accept") && value.trim() == ACCEPT);
    if accepted {
        Ok(())
    } else {
        Err("its Sec-WebSocket-Accept is wrong or missing".to_owned())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn broke(error: std::io::Error) -> String {
    format!("the connection broke in the handshake: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Address;
    use crate::connect::ConnectorOptions;

    #[test]
    fn judging() {
        let good = format!("HTTP/1.1 101 Fine\r\nsec-websocket-ACCEPT:{ACCEPT} \r\n\r\n");
        assert_eq!(judge(good.as_bytes()), Ok(()));
        assert!(
            judge(b"HTTP/1.1 404 Not Found\r\n\r\n")
                .unwrap_err()
                .contains("404 Not Found")
        );
        assert!(
            judge(b"HTTP/1.1 101 Fine\r\n\r\n")
                .unwrap_err()
                .contains("Accept")
        );
        assert!(judge(b"SSH-2.0\r\n\r\n").is_err());
    }

    #[test]
    fn a_given_field_wins() {
        let address = Address::parse("ws://a:b@h:1/x").unwrap();
        let connector = Connector::new(address, &ConnectorOptions::default()).unwrap();
        let plain = request(&connector, &[]);
        assert!(plain.starts_with("GET /x HTTP/1.1\r\nHost: h:1\r\n"), "{plain}");
        assert!(plain.contains("\r\nAuthorization: Basic YTpi\r\n"), "{plain}");
        let given = request(&connector, &[("authorization".to_owned(), "Bearer t".to_owned())]);
        assert!(given.ends_with("\r\nauthorization: Bearer t\r\n\r\n"), "{given}");
        assert!(!given.contains("Basic"), "{given}");
    }
}
