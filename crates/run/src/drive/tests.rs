//! Scripted machines over real sockets on loopback.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wsanvil_engine::{Command, ConnId, EndHow, Input, OpenError, ReadMode, Time};
use wsanvil_net::{Address, Connector, ConnectorOptions, Listener};

use super::{Machine, drive};

const A: ConnId = ConnId(0);
const B: ConnId = ConnId(1);

/// What a machine was told, reads of one connection joined.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Opened(u32),
    OpenFailed(u32, OpenError),
    Received(u32, Vec<u8>),
    Wrote(u32, usize),
    Fin(u32),
    Cut(u32),
    Reset(u32, String),
    Tick,
}

/// Commands to give when told something, the machine's end among them.
type React = Box<dyn FnMut(&Seen, &mut Script)>;

#[derive(Default)]
struct Script {
    commands: std::collections::VecDeque<Command>,
    deadline: Option<Time>,
    finished: bool,
}

impl Script {
    fn open(&mut self, conn: ConnId) {
        let within = Duration::from_secs(10);
        self.commands.push_back(Command::Open {
            conn,
            security: None,
            recv_buffer: None,
            send_buffer: None,
            within,
        });
    }

    fn write(&mut self, conn: ConnId, octets: impl Into<Bytes>) {
        self.commands.push_back(Command::Write(conn, octets.into()));
    }

    fn end(&mut self, conn: ConnId, how: EndHow) {
        self.commands.push_back(Command::End(conn, how));
    }

    fn read(&mut self, conn: ConnId, mode: ReadMode) {
        self.commands.push_back(Command::Read(conn, mode));
    }
}

struct Scripted {
    script: Script,
    react: React,
    seen: Rc<RefCell<Vec<Seen>>>,
}

impl Machine for Scripted {
    fn start(&mut self, _now: Time) {}

    fn handle(&mut self, _now: Time, input: Input<'_>) {
        assert!(!self.script.finished, "told after the end: {input:?}");
        let seen = match input {
            Input::Opened(conn) => Seen::Opened(conn.0),
            Input::OpenFailed(conn, error) => Seen::OpenFailed(conn.0, error),
            Input::Received(conn, octets) => Seen::Received(conn.0, octets.to_vec()),
            Input::Wrote(conn, n) => Seen::Wrote(conn.0, n),
            Input::Fin(conn) => Seen::Fin(conn.0),
            Input::Cut(conn) => Seen::Cut(conn.0),
            Input::Reset(conn, why) => Seen::Reset(conn.0, why),
            Input::Tick => Seen::Tick,
        };
        self.script.finished = matches!(seen, Seen::OpenFailed(..));
        (self.react)(&seen, &mut self.script);
        let mut all = self.seen.borrow_mut();
        match (all.last_mut(), seen) {
            (Some(Seen::Received(last, joined)), Seen::Received(conn, octets)) if *last == conn => {
                joined.extend(octets);
            }
            (_, seen) => all.push(seen),
        }
    }

    fn poll(&mut self) -> Option<Command> {
        self.script.commands.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.script.deadline
    }

    fn finished(&self) -> bool {
        self.script.finished
    }
}

/// Runs a script that opens A first, beside a peer that serves one connection.
fn run<P: Future<Output = io::Result<()>>>(
    peer: impl FnOnce(TcpStream) -> P,
    react: impl FnMut(&Seen, &mut Script) + 'static,
) -> Vec<Seen> {
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connector = connector(listener.local_addr().unwrap().port());
        let seen = Rc::default();
        let ours = play(&connector, &seen, react);
        let theirs = async {
            let (stream, _) = listener.accept().await.unwrap();
            peer(stream).await
        };
        let ((), outcome) = tokio::join!(ours, theirs);
        outcome.unwrap();
        seen.take()
    })
}

async fn play(
    source: &impl super::Source,
    seen: &Rc<RefCell<Vec<Seen>>>,
    react: impl FnMut(&Seen, &mut Script) + 'static,
) {
    let mut script = Script::default();
    script.open(A);
    let machine = Scripted {
        script,
        react: Box::new(react),
        seen: Rc::clone(seen),
    };
    drive(machine, source, Instant::now(), &mut Vec::new()).await;
}

fn connector(port: u16) -> Connector {
    let address = Address::parse(&format!("ws://127.0.0.1:{port}/")).unwrap();
    Connector::new(address, &ConnectorOptions::default()).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        // A fault of the drive is a future that never ends.
        tokio::time::timeout(Duration::from_secs(60), future)
            .await
            .expect("the drive does not end")
    })
}

async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let (mut reader, mut writer) = stream.split();
    tokio::io::copy(&mut reader, &mut writer).await?;
    writer.shutdown().await
}

/// Reads to the end, whatever the end is.
async fn exhaust(stream: &mut TcpStream) -> (Vec<u8>, Option<io::ErrorKind>) {
    let mut all = Vec::new();
    let end = stream.read_to_end(&mut all).await;
    (all, end.err().map(|error| error.kind()))
}

#[test]
fn a_round_trip_and_an_end_in_order() {
    let seen = run(echo, |seen, script| match seen {
        Seen::Opened(0) => script.write(A, &b"hello"[..]),
        Seen::Received(..) => script.end(A, EndHow::Fin),
        Seen::Fin(0) => script.finished = true,
        _ => {}
    });
    assert_eq!(
        seen,
        [
            Seen::Opened(0),
            Seen::Wrote(0, 5),
            Seen::Received(0, b"hello".to_vec()),
            Seen::Fin(0)
        ]
    );
}

#[test]
fn nobody_listens() {
    let seen = block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connector = connector(listener.local_addr().unwrap().port());
        drop(listener);
        let seen = Rc::default();
        play(&connector, &seen, |_, _| {}).await;
        seen.take()
    });
    assert_eq!(seen, [Seen::OpenFailed(0, OpenError::Refused)]);
}

#[test]
fn the_target_as_client() {
    let seen = block_on(async {
        let listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let to = listener.local_addr().unwrap();
        let seen = Rc::default();
        let ours = play(&listener, &seen, |seen, script| {
            if matches!(seen, Seen::Received(..)) {
                script.end(A, EndHow::Release);
            }
        });
        let theirs = async {
            let mut stream = TcpStream::connect(to).await.unwrap();
            stream.write_all(b"x").await.unwrap();
            exhaust(&mut stream).await.1
        };
        tokio::select! {
            () = ours => panic!("the machine has not finished"),
            end = theirs => assert_eq!(end, Some(io::ErrorKind::ConnectionReset)),
        }
        seen.take()
    });
    assert_eq!(seen, [Seen::Opened(0), Seen::Received(0, b"x".to_vec())]);
}

#[test]
fn octets_before_a_reset_are_seen_and_the_reset_is_told_from_an_end() {
    let peer = |mut stream: TcpStream| async move {
        stream.read_u8().await?;
        stream.write_all(b"last words").await?;
        stream.set_zero_linger()
    };
    let seen = run(peer, |seen, script| match seen {
        Seen::Opened(_) => script.write(A, &b"x"[..]),
        _ => script.finished = matches!(seen, Seen::Reset(..)),
    });
    assert_eq!(
        seen[2..],
        [
            Seen::Received(0, b"last words".to_vec()),
            Seen::Reset(0, "connection reset".to_owned())
        ]
    );
}

#[test]
fn a_write_error_does_not_stop_reading() {
    // The first read is held back until the peer is gone, so that the write is the first to meet the RST.
    let seen = block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connector = connector(listener.local_addr().unwrap().port());
        let seen: Rc<RefCell<Vec<Seen>>> = Rc::default();
        let gone = Rc::new(Cell::new(false));
        let known = Rc::clone(&gone);
        let ours = play(&connector, &seen, move |seen, script| match seen {
            Seen::Opened(0) => {
                script.read(A, ReadMode::Stop);
                script.write(A, &b"x"[..]);
                script.deadline = Some(Time(0));
            }
            Seen::Tick if known.get() => {
                script.deadline = None;
                script.write(A, &b"into the void"[..]);
            }
            Seen::Fin(_) | Seen::Reset(..) => script.finished = true,
            _ => {}
        });
        let theirs = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_u8().await.unwrap();
            stream.write_all(b"last words").await.unwrap();
            stream.set_zero_linger().unwrap();
            drop(stream);
            gone.set(true);
        };
        tokio::join!(ours, theirs);
        seen.take()
    });
    let noise = |seen: &Seen| matches!(seen, Seen::Opened(_) | Seen::Wrote(..) | Seen::Tick);
    let rest: Vec<_> = seen.into_iter().filter(|seen| !noise(seen)).collect();
    assert_eq!(
        rest,
        [
            Seen::Received(0, b"last words".to_vec()),
            Seen::Reset(0, "connection reset".to_owned())
        ]
    );
}

#[test]
fn a_flood_does_not_delay_a_deadline() {
    let peer = |mut stream: TcpStream| async move {
        let flood = vec![0; 256 * 1024];
        while stream.write_all(&flood).await.is_ok() {}
        Ok(())
    };
    let seen = run(peer, |seen, script| match seen {
        Seen::Received(..) if script.deadline.is_none() => script.deadline = Some(Time(0)),
        Seen::Tick => script.finished = true,
        _ => {}
    });
    assert_eq!(seen.last(), Some(&Seen::Tick));
}

#[test]
fn a_deadline_passes_in_silence() {
    let peer = |mut stream: TcpStream| async move {
        stream.write_all(b"x").await?;
        exhaust(&mut stream).await;
        Ok(())
    };
    // A far deadline sets the timer first; a nearer one must bring it forward.
    let seen = run(peer, |seen, script| match seen {
        Seen::Opened(_) => script.deadline = Some(Time(u64::MAX)),
        Seen::Received(..) => script.deadline = Some(Time(20_000)),
        _ => script.finished = true,
    });
    assert_eq!(
        seen,
        [Seen::Opened(0), Seen::Received(0, b"x".to_vec()), Seen::Tick]
    );
}

#[test]
fn a_deadline_set_when_one_passes_passes_too() {
    let peer = |mut stream: TcpStream| async move {
        exhaust(&mut stream).await;
        Ok(())
    };
    let mut ticks = 0;
    let seen = run(peer, move |seen, script| {
        if matches!(seen, Seen::Opened(_)) {
            script.deadline = Some(Time(10_000));
        } else {
            ticks += 1;
            script.deadline = Some(Time(30_000));
            script.finished = ticks == 2;
        }
    });
    assert_eq!(seen, [Seen::Opened(0), Seen::Tick, Seen::Tick]);
}

#[test]
fn reading_stops_and_starts() {
    let peer = |mut stream: TcpStream| async move {
        stream.write_all(b"abcdefgh").await?;
        stream.shutdown().await?;
        exhaust(&mut stream).await;
        Ok(())
    };
    let mut reads = Vec::new();
    let seen = run(peer, move |seen, script| match seen {
        Seen::Opened(_) => script.read(A, ReadMode::Once(3)),
        Seen::Received(_, octets) => {
            reads.push(octets.len());
            match reads.len() {
                1 => script.read(A, ReadMode::Once(1)),
                2 => {
                    assert_eq!(reads, [3, 1]);
                    script.read(A, ReadMode::Stop);
                    script.deadline = Some(Time(0));
                }
                _ => {}
            }
        }
        Seen::Tick => {
            script.deadline = None;
            assert_eq!(reads.len(), 2);
            script.read(A, ReadMode::Start);
        }
        Seen::Fin(_) => script.finished = true,
        _ => {}
    });
    assert_eq!(
        seen,
        [
            Seen::Opened(0),
            Seen::Received(0, b"abcd".to_vec()),
            Seen::Tick,
            Seen::Received(0, b"efgh".to_vec()),
            Seen::Fin(0)
        ]
    );
}

#[test]
fn a_half_close_goes_behind_the_writes_and_reading_goes_on() {
    let peer = |mut stream: TcpStream| async move {
        let (all, end) = exhaust(&mut stream).await;
        assert_eq!((all.as_slice(), end), (&b"onetwo"[..], None));
        stream.write_all(b"late").await
    };
    let seen = run(peer, |seen, script| match seen {
        Seen::Opened(_) => {
            script.write(A, &b"one"[..]);
            script.write(A, &b"two"[..]);
            script.end(A, EndHow::Half);
        }
        Seen::Fin(_) => script.finished = true,
        _ => {}
    });
    assert_eq!(seen[3..], [Seen::Received(0, b"late".to_vec()), Seen::Fin(0)]);
}

#[test]
fn an_rst_overtakes_the_writes() {
    let peer = |mut stream: TcpStream| async move {
        let (all, end) = exhaust(&mut stream).await;
        assert_eq!((all.len(), end), (0, Some(io::ErrorKind::ConnectionReset)));
        Ok(())
    };
    let seen = run(peer, |seen, script| {
        if matches!(seen, Seen::Opened(_)) {
            script.write(A, &b"never sent"[..]);
            script.end(A, EndHow::Rst);
            script.finished = true;
        }
    });
    assert_eq!(seen, [Seen::Opened(0)]);
}

#[test]
fn writes_asked_for_before_the_end_are_made() {
    let peer = |mut stream: TcpStream| async move {
        let mut all = [0; 6];
        stream.read_exact(&mut all).await?;
        assert_eq!(&all, b"onetwo");
        Ok(())
    };
    run(peer, |seen, script| {
        if matches!(seen, Seen::Opened(_)) {
            script.write(A, &b"one"[..]);
            script.write(A, &b"two"[..]);
            script.end(A, EndHow::Fin);
        }
        script.finished = matches!(seen, Seen::Fin(_));
    });
}

#[test]
fn megabytes_go_both_ways_at_once() {
    const SIZE: usize = 8 * 1024 * 1024;
    let octets: Bytes = (0..SIZE).map(|at| (at % 251) as u8).collect::<Vec<_>>().into();
    let expected = octets.clone();
    let mut back = 0;
    let seen = run(echo, move |seen, script| match seen {
        Seen::Opened(_) => script.write(A, octets.clone()),
        Seen::Received(_, octets) => {
            back += octets.len();
            if back == SIZE {
                script.end(A, EndHow::Fin);
            }
        }
        Seen::Fin(_) => script.finished = true,
        _ => {}
    });
    let mut wrote = 0;
    let mut received = Vec::new();
    for seen in seen {
        match seen {
            Seen::Wrote(_, n) => wrote += n,
            Seen::Received(_, octets) => received.extend(octets),
            _ => {}
        }
    }
    assert_eq!(wrote, SIZE);
    assert!(received == expected, "the echo differs");
}

#[test]
fn chunks_are_written_in_turns_of_their_own() {
    let turn = Rc::new(Cell::new(0_u32));
    let wrote_in = Rc::new(RefCell::new(Vec::new()));
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connector = connector(listener.local_addr().unwrap().port());
        let seen = Rc::default();
        let (clock, log) = (Rc::clone(&turn), Rc::clone(&wrote_in));
        let ours = play(&connector, &seen, move |seen, script| match seen {
            Seen::Opened(_) => (0..5).for_each(|_| script.write(A, &b"x"[..])),
            Seen::Wrote(..) => {
                log.borrow_mut().push(clock.get());
                script.finished = log.borrow().len() == 5;
            }
            _ => {}
        });
        let mut ours = std::pin::pin!(ours);
        std::future::poll_fn(|cx| {
            turn.set(turn.get() + 1);
            ours.as_mut().poll(cx)
        })
        .await;
    });
    let wrote_in = wrote_in.take();
    assert_eq!(wrote_in.len(), 5);
    assert!(wrote_in.windows(2).all(|pair| pair[0] < pair[1]), "{wrote_in:?}");
}

#[test]
fn two_connections() {
    let seen = block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connector = connector(listener.local_addr().unwrap().port());
        let seen = Rc::default();
        let ours = play(&connector, &seen, |seen, script| match seen {
            Seen::Opened(0) => script.open(B),
            Seen::Opened(1) => script.write(A, &b"to a"[..]),
            Seen::Received(0, octets) => script.write(B, octets.clone()),
            Seen::Received(1, _) => script.finished = true,
            _ => {}
        });
        let peer = async {
            let (a, _) = listener.accept().await.unwrap();
            let (b, _) = listener.accept().await.unwrap();
            let _ = tokio::join!(echo(a), echo(b));
        };
        tokio::join!(ours, peer);
        seen.take()
    });
    assert_eq!(seen.last(), Some(&Seen::Received(1, b"to a".to_vec())));
}

#[test]
fn dropping_the_future_closes() {
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connector = connector(listener.local_addr().unwrap().port());
        let seen = Rc::default();
        let mut stream = tokio::select! {
            () = play(&connector, &seen, |_, _| {}) => panic!("the machine has not finished"),
            accepted = listener.accept() => accepted.unwrap().0,
        };
        exhaust(&mut stream).await;
    });
}
