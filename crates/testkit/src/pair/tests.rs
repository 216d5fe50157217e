//! The pair against a machine of its own, without engine and reference.

use std::time::Duration;

use bytes::Bytes;
use wsanvil_engine::{EndHow, ReadMode};

use super::*;
use crate::PeerEnd;

/// Sends back what comes, once, and ends after an idle second.
#[derive(Default)]
struct Mirror {
    output: Vec<u8>,
    end: Option<PeerEnd>,
    idle: Option<Time>,
}

impl Peer for Mirror {
    fn receive(&mut self, now: Time, octets: &[u8]) {
        self.output.extend_from_slice(octets);
        self.idle = Some(now.after(Duration::from_secs(1)));
    }

    fn fin(&mut self) {
        self.end = Some(PeerEnd::Fin);
    }

    fn reset(&mut self) {}

    fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    fn ended(&self) -> Option<PeerEnd> {
        self.end
    }

    fn wake(&self) -> Option<Time> {
        self.idle
    }

    fn tick(&mut self, now: Time) {
        if self.idle.is_some_and(|at| at <= now) {
            self.idle = None;
            self.end = Some(PeerEnd::Rst);
        }
    }

    fn wants_read(&mut self) -> bool {
        self.output.len() < 1 << 20
    }
}

/// Writes once and records what happens until the connection ends.
struct Recorder {
    write: Bytes,
    then: Option<EndHow>,
    commands: VecDeque<Command>,
    wrote: usize,
    reads: Vec<usize>,
    received: Vec<u8>,
    end: Option<(Time, &'static str)>,
    /// Nothing is read before.
    reads_from: Option<Time>,
    wrote_before_reading: Option<usize>,
}

impl Recorder {
    fn new(write: impl Into<Bytes>, then: Option<EndHow>) -> Self {
        Self {
            write: write.into(),
            then,
            commands: VecDeque::new(),
            wrote: 0,
            reads: Vec::new(),
            received: Vec::new(),
            end: None,
            reads_from: None,
            wrote_before_reading: None,
        }
    }
}

const CONN: ConnId = ConnId(0);

impl Machine for Recorder {
    fn start(&mut self, _now: Time) {
        let within = Duration::from_secs(5);
        self.commands.push_back(Command::Open {
            security: None,
            conn: CONN,
            recv_buffer: None,
            send_buffer: None,
            within,
        });
    }

    fn handle(&mut self, now: Time, input: Input<'_>) {
        match input {
            Input::Opened(conn) => {
                if self.reads_from.is_some() {
                    self.commands.push_back(Command::Read(conn, ReadMode::Stop));
                }
                self.commands.push_back(Command::Write(conn, self.write.clone()));
                self.commands.extend(self.then.map(|how| Command::End(conn, how)));
            }
            Input::OpenFailed(..) => self.end = Some((now, "refused")),
            Input::Received(_, octets) => {
                self.reads.push(octets.len());
                self.received.extend_from_slice(octets);
            }
            Input::Wrote(_, count) => self.wrote += count,
            Input::Fin(_) | Input::Cut(_) => self.end = Some((now, "fin")),
            Input::Reset(..) => self.end = Some((now, "reset")),
            Input::Tick => {
                self.reads_from = None;
                self.wrote_before_reading = Some(self.wrote);
                self.commands.push_back(Command::Read(CONN, ReadMode::Start));
            }
        }
    }

    fn poll(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.reads_from
    }

    fn finished(&self) -> bool {
        self.end.is_some()
    }
}

fn mirror(_: usize) -> Box<dyn Peer> {
    Box::<Mirror>::default()
}

const START: Time = Time(1_000_000);

#[test]
fn octets_come_back_after_a_round_trip_and_fin_behind_them() {
    let machine = Pair::default().drive("fin", Recorder::new("hello", Some(EndHow::Half)), &mut mirror);
    assert_eq!(machine.received, b"hello");
    assert_eq!(machine.wrote, 5);
    // Opened after one round trip, answered after another.
    assert_eq!(
        machine.end,
        Some((START.after(Duration::from_micros(400)), "fin"))
    );
}

#[test]
fn time_jumps_to_the_wake_of_a_peer() {
    let machine = Pair::default().drive("wake", Recorder::new("hello", None), &mut mirror);
    assert_eq!(
        machine.end,
        Some((START.after(Duration::from_micros(1_000_400)), "reset"))
    );
}

#[test]
fn reads_are_cut_as_asked_and_hold_the_same_octets() {
    let sent: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
    for chop in [Chop::Whole, Chop::Octet, Chop::Seeded(7)] {
        let machine = Recorder::new(sent.clone(), Some(EndHow::Fin));
        let machine = Pair::chopped(chop).drive("chop", machine, &mut mirror);
        assert_eq!(machine.received, sent);
        let longest = machine.reads.iter().max().copied();
        match chop {
            Chop::Whole => assert_eq!(longest, Some(64 << 10)),
            Chop::Octet => assert_eq!(longest, Some(1)),
            Chop::Seeded(_) => assert!(longest.is_some_and(|len| (13..=4096).contains(&len))),
        }
    }
}

#[test]
fn a_pipe_that_is_not_read_fills_up() {
    let mut machine = Recorder::new(vec![0; 4 << 20], None);
    machine.reads_from = Some(START.after(Duration::from_millis(500)));
    let machine = Pair::default().drive("full", machine, &mut mirror);
    // Two pipes of 256 KiB and the mebibyte that the peer holds are full before the first read.
    let before = machine.wrote_before_reading.unwrap();
    assert!((1 << 20..2 << 20).contains(&before), "{before}");
    assert_eq!(machine.wrote, 4 << 20);
    assert_eq!(machine.received.len(), 4 << 20);
}

#[test]
#[should_panic(expected = "forgetful did not end: it waits for nothing")]
fn a_machine_that_waits_for_nothing_is_named() {
    struct Idle;
    impl Machine for Idle {
        fn start(&mut self, _now: Time) {}
        fn handle(&mut self, _now: Time, _input: Input<'_>) {}
        fn poll(&mut self) -> Option<Command> {
            None
        }
        fn deadline(&self) -> Option<Time> {
            None
        }
        fn finished(&self) -> bool {
            false
        }
    }
    Pair::default().drive("forgetful", Idle, &mut mirror);
}

#[test]
#[should_panic(expected = "restless did not end: 1001 events")]
fn a_machine_that_goes_round_is_named() {
    struct Restless;
    impl Machine for Restless {
        fn start(&mut self, _now: Time) {}
        fn handle(&mut self, _now: Time, _input: Input<'_>) {}
        fn poll(&mut self) -> Option<Command> {
            None
        }
        fn deadline(&self) -> Option<Time> {
            Some(START)
        }
        fn finished(&self) -> bool {
            false
        }
    }
    let pair = Pair {
        max_events: 1000,
        ..Pair::default()
    };
    pair.drive("restless", Restless, &mut mirror);
}
