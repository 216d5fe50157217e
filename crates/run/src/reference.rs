//! Serving the reference echo endpoint over TCP and TLS.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead as _, AsyncReadExt as _, AsyncWrite as _, ReadBuf};
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout};
use wsanvil_echo::{Config, Defect, Defects, Echo};
use wsanvil_net::{Incoming, Listener, Stream, TlsConduct, UnknownName};

/// Size of the buffer that all connections of a thread read into.
const BUFFER: usize = 64 * 1024;
/// Reads of one connection before the others get their turn.
const READS_PER_TURN: u32 = 16;
/// How long a TLS handshake may take.
const TLS_WITHIN: Duration = Duration::from_secs(10);
/// How long the peer may take to end its direction after we have ended ours.
const END_WITHIN: Duration = Duration::from_secs(2);
/// Pause after descriptors have run out.
const SHORT_OF_DESCRIPTORS: Duration = Duration::from_millis(20);

thread_local! {
    /// A connection holds memory only for what it has not sent yet, so that ten thousand idle ones cost little.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER]);
}

/// Serves the reference echo endpoint on `listener`, one task per connection, until `shutdown` resolves; then all
/// connections are dropped. Works on either kind of tokio runtime.
pub async fn serve(listener: Listener, config: Config, shutdown: impl Future<Output = ()>) {
    let listener = listener.with_tls_conduct(tls_conduct(config.defects));
    let cuts = config.defects.has(Defect::TlsNoCloseNotify);
    let mut shutdown = pin!(shutdown);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = &mut shutdown => return,
            accepted = listener.accept() => match accepted {
                Ok(incoming) => {
                    connections.spawn(converse(incoming, Echo::server(config.clone()), cuts));
                }
                // Those that are being served give descriptors back.
                Err(_) => sleep(SHORT_OF_DESCRIPTORS).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// What defects do to TLS.
fn tls_conduct(defects: Defects) -> TlsConduct {
    let unknown_name = if defects.has(Defect::TlsHangsOnUnknownName) {
        UnknownName::Ignored
    } else if defects.has(Defect::TlsRefusesUnknownName) {
        UnknownName::Refused
    } else if defects.has(Defect::TlsDropsUnknownName) {
        UnknownName::Dropped
    } else {
        UnknownName::Served
    };
    TlsConduct {
        unknown_name,
        ignores_old_version: defects.has(Defect::TlsHangsOnOldVersion),
        without_protocol: defects.has(Defect::TlsIgnoresProtocols),
        keeps_failed: defects.has(Defect::TlsFailureKeepsTcp),
    }
}

/// Serves one connection. Whatever breaks it is the peer's affair: the next connection starts afresh. With `cuts` TLS
/// ends without its closing alert.
async fn converse(incoming: Incoming, echo: Echo, cuts: bool) {
    let Ok(Ok(stream)) = timeout(TLS_WITHIN, incoming.handshake()).await else {
        return;
    };
    let mut conversation = Conversation {
        stream,
        cuts,
        echo,
        began: Instant::now(),
        timer: None,
        output: Vec::new(),
        written: 0,
        unflushed: false,
        read_ended: false,
    };
    if poll_fn(|cx| conversation.poll(cx)).await.is_ok() {
        // A socket closed over unread octets sends RST, and RST can overtake our last words.
        let _ = timeout(END_WITHIN, conversation.end()).await;
    }
}

struct Conversation {
    stream: Stream,
    cuts: bool,
    echo: Echo,
    /// Where the endpoint's time begins.
    began: Instant,
    /// Set while the endpoint has to be woken.
    timer: Option<Pin<Box<Sleep>>>,
    /// Being written; more is taken from the endpoint only when this is done, which keeps its backpressure true.
    output: Vec<u8>,
    written: usize,
    /// TLS took octets that may not be sent yet.
    unflushed: bool,
    read_ended: bool,
}

impl Conversation {
    /// Moves octets until the endpoint wants TCP to end.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.echo.tick(self.began.elapsed());
        for _ in 0..READS_PER_TURN {
            let idle = self.poll_write(cx)?.is_ready();
            if idle && (self.read_ended || self.echo.wants_close()) {
                return Poll::Ready(Ok(()));
            }
            if self.read_ended || !self.echo.wants_read() {
                return Poll::Pending;
            }
            if self.poll_read(cx)?.is_pending() {
                if self.poll_timer(cx).is_pending() {
                    return Poll::Pending;
                }
                self.echo.tick(self.began.elapsed());
            }
        }
        // Comes back after the other connections.
        let _ = pin!(tokio::task::yield_now()).poll(cx);
        Poll::Pending
    }

    /// Waits for the moment at which the endpoint wants to be woken.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(wake) = self.echo.wake() else {
            self.timer = None;
            return Poll::Pending;
        };
        let at = self.began + wake;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if timer.deadline() != at {
            timer.as_mut().reset(at);
        }
        timer.as_mut().poll(cx)
    }

    /// Writes all there is; ready when nothing is left.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.written == self.output.len() {
                self.output = self.echo.output();
                self.written = 0;
                if self.output.is_empty() {
                    break;
                }
            }
            let stream = Pin::new(&mut self.stream);
            let n = ready!(stream.poll_write(cx, &self.output[self.written..]))?;
            if n == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += n;
            self.unflushed = self.stream.is_tls();
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Reads once and hands it to the endpoint.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            let read = match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer)) {
                Ok(()) => buffer.filled().len(),
                // TLS without close_notify.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
                Err(error) => return Poll::Ready(Err(error)),
            };
            if read == 0 {
                self.read_ended = true;
                self.echo.eof();
            } else {
                self.echo.receive_in_place(&mut scratch[..read]);
                self.echo.tick(self.began.elapsed());
            }
            Poll::Ready(Ok(()))
        })
    }

    /// Ends our direction and reads on until the peer has ended its own (RFC 6455 section 7.1.1).
    async fn end(&mut self) -> io::Result<()> {
        if self.cuts {
            self.stream.cut().await?;
        } else {
            self.stream.half_close().await?;
        }
        let mut sink = [0; 1024];
        while !self.read_ended {
            self.read_ended = self.stream.read(&mut sink).await? == 0;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpStream;

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    /// A served endpoint and a client that has shaken hands with it.
    fn with_client<C: Future<Output = io::Result<()>>>(client: impl FnOnce(TcpStream) -> C) {
        with_client_of(Config::default(), client);
    }

    fn with_client_of<C: Future<Output = io::Result<()>>>(
        config: Config,
        client: impl FnOnce(TcpStream) -> C,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = Listener::bind("127.0.0.1:0").await.unwrap();
            let to = listener.local_addr().unwrap();
            let client = async {
                let mut stream = TcpStream::connect(to).await?;
                stream.write_all(REQUEST).await?;
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await?);
                }
                assert!(
                    head.starts_with(b"HTTP/1.1 101 "),
                    "{}",
                    String::from_utf8_lossy(&head)
                );
                client(stream).await
            };
            let mut outcome = Ok(());
            serve(listener, config, async { outcome = client.await }).await;
            outcome.unwrap();
        });
    }

    #[test]
    fn echo_and_closing_handshake() {
        with_client(|mut stream| async move {
            stream
                .write_all(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58")
                .await?;
            let mut echo = [0; 7];
            stream.read_exact(&mut echo).await?;
            assert_eq!(&echo, b"\x81\x05Hello");
            stream.write_all(b"\x88\x82\0\0\0\0\x03\xe8").await?;
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await?;
            assert_eq!(rest, b"\x88\x02\x03\xe8");
            Ok(())
        });
    }

    #[test]
    fn pings_come_and_who_answers_none_is_dropped() {
        let config = Config {
            ping_interval: Some(Duration::from_millis(20)),
            ..Config::default()
        };
        with_client_of(config, |mut stream| async move {
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await?;
            assert_eq!(rest, b"\x89\x09heartbeat");
            Ok(())
        });
    }

    #[test]
    fn an_idle_connection_is_closed() {
        let config = Config {
            idle: Some(Duration::from_millis(20)),
            ..Config::default()
        };
        with_client_of(config, |mut stream| async move {
            let mut close = [0; 8];
            stream.read_exact(&mut close).await?;
            assert_eq!(&close, b"\x88\x06\x03\xe9idle");
            stream.write_all(b"\x88\x82\0\0\0\0\x03\xe9").await?;
            assert_eq!(stream.read(&mut close).await?, 0);
            Ok(())
        });
    }

    #[test]
    fn the_last_words_survive_unread_input() {
        with_client(|mut stream| async move {
            // An unmasked frame fails the connection; what follows it is never read by the endpoint.
            let mut input = b"\x81\x01x".to_vec();
            input.resize(256 * 1024, 0);
            stream.write_all(&input).await?;
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await?;
            // Close 1002, whatever its reason says.
            assert_eq!((rest[0], &rest[2..4]), (0x88, &b"\x03\xea"[..]));
            Ok(())
        });
    }

    #[test]
    fn megabytes_in_both_directions() {
        const MESSAGES: usize = 64;
        const SIZE: usize = 65_535;
        with_client(|mut stream| async move {
            let mut message = b"\x82\xfe\xff\xff\0\0\0\0".to_vec();
            message.resize(message.len() + SIZE, b'x');
            let (mut reader, mut writer) = stream.split();
            let write = async {
                for _ in 0..MESSAGES {
                    writer.write_all(&message).await?;
                }
                writer.shutdown().await
            };
            let mut echoes = Vec::new();
            let read = reader.read_to_end(&mut echoes);
            let (write, read) = tokio::join!(write, read);
            write?;
            assert_eq!(read?, MESSAGES * (SIZE + 4));
            Ok(())
        });
    }
}
