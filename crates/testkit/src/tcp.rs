//! Peers behind a loopback port, for tests that go through real sockets.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::io::Interest;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::LocalSet;
use wsanvil_echo::Config;
use wsanvil_engine::Time;
use wsanvil_wire::Role;

use crate::{Kind, Peer, PeerEnd};

/// Largest read.
const READ: usize = 64 << 10;
/// How long the rest is read behind our FIN: closing with octets unread would reset the connection and could destroy
/// what was sent last.
const LINGER: Duration = Duration::from_secs(2);

/// A target that serves until it is dropped.
#[derive(Debug)]
pub struct TcpTarget {
    /// Where it listens; nobody does when the peer refuses connections.
    pub addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TcpTarget {
    /// Its URL.
    pub fn url(&self) -> String {
        format!("ws://{}/", self.addr)
    }
}

impl Drop for TcpTarget {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // A panic of a peer has been printed; a second one here would abort the test.
            let _ = thread.join();
        }
    }
}

/// Serves peers of this kind on a free port of 127.0.0.1, each connection its own.
pub fn serve(kind: Kind) -> io::Result<TcpTarget> {
    serve_at(0, kind)
}

/// Serves peers of this kind on a port of 127.0.0.1; 0 stands for a free one.
pub fn serve_at(port: u16, kind: Kind) -> io::Result<TcpTarget> {
    let config = Config::default();
    serve_peers(port, move |nth| kind.peer_with(config.clone(), Role::Server, nth))
}

/// Serves peers made by `make` from the number of the connection, counted from 0.
pub fn serve_with(make: impl FnMut(usize) -> Box<dyn Peer> + Send + 'static) -> io::Result<TcpTarget> {
    serve_peers(0, make)
}

fn serve_peers(
    port: u16,
    mut make: impl FnMut(usize) -> Box<dyn Peer> + Send + 'static,
) -> io::Result<TcpTarget> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let addr = listener.local_addr()?;
    if !make(0).listens() {
        return Ok(TcpTarget {
            addr,
            stop: None,
            thread: None,
        });
    }
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("testkit-target".to_owned())
        .spawn(move || {
            let tasks = LocalSet::new();
            tasks.block_on(&runtime, async {
                tokio::select! {
                    // Ends when the sender is dropped.
                    _ = stopped => {}
                    _ = accept(listener, make) => {}
                }
            });
        })?;
    Ok(TcpTarget {
        addr,
        stop: Some(stop),
        thread: Some(thread),
    })
}

async fn accept(
    listener: std::net::TcpListener,
    mut make: impl FnMut(usize) -> Box<dyn Peer>,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let origin = Rc::new(Instant::now());
    for nth in 0.. {
        let (stream, _) = listener.accept().await?;
        tokio::task::spawn_local(converse(stream, make(nth), Rc::clone(&origin)));
    }
    Ok(())
}

/// One connection to its end; every error of the transport is an end.
async fn converse(stream: TcpStream, mut peer: Box<dyn Peer>, origin: Rc<Instant>) {
    let now = || Time(origin.elapsed().as_micros() as u64);
    let _ = stream.set_nodelay(true);
    let mut buffer = vec![0; READ];
    let mut output = Vec::new();
    let mut ended = false;
    peer.tick(now());
    loop {
        if output.is_empty() {
            output = peer.take_output();
        }
        if output.is_empty()
            && let Some(how) = peer.ended()
        {
            return end(stream, how, &mut buffer).await;
        }
        let wake = peer.wake();
        tokio::select! {
            ready = stream.readable(), if !ended && peer.wants_read() => {
                match ready.and_then(|()| stream.try_read(&mut buffer)) {
                    Ok(0) => {
                        ended = true;
                        peer.fin();
                    }
                    Ok(count) => peer.receive(now(), buffer.get(..count).unwrap_or_default()),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(_) => return peer.reset(),
                }
            }
            ready = stream.writable(), if !output.is_empty() => {
                match ready.and_then(|()| stream.try_write(&output)) {
                    Ok(count) => drop(output.drain(..count)),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(_) => return peer.reset(),
                }
            }
            () = sleep_until(wake, *origin), if wake.is_some() => peer.tick(now()),
            _ = stream.ready(Interest::ERROR), if ended => return peer.reset(),
        }
    }
}

async fn sleep_until(wake: Option<Time>, origin: Instant) {
    if let Some(at) = wake {
        tokio::time::sleep_until((origin + Duration::from_micros(at.0)).into()).await;
    }
}

async fn end(stream: TcpStream, how: PeerEnd, buffer: &mut [u8]) {
    match how {
        PeerEnd::Rst => drop(stream.set_zero_linger()),
        PeerEnd::Fin => {
            let mut stream = stream;
            if tokio::io::AsyncWriteExt::shutdown(&mut stream).await.is_ok() {
                let drained = tokio::time::timeout(LINGER, async {
                    while tokio::io::AsyncReadExt::read(&mut stream, buffer)
                        .await
                        .is_ok_and(|count| count > 0)
                    {}
                });
                let _ = drained.await;
            }
        }
    }
}

#[cfg(test)]
mod tests;
