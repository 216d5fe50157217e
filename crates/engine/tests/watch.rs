//! An instance that is watched while it runs, and led on from its last pause.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wsanvil_case::Library;
use wsanvil_case::script::Script;
use wsanvil_engine::{
    App, Came, Command, CompressedMessages, ConnId, Engine, Input, Seen, Settings, TargetFacts, Time,
};
use wsanvil_model::{Direction, What};
use wsanvil_wire::Role;
use wsanvil_wire::upgrade::accept_for;

const CONN: ConnId = ConnId(0);

fn script(steps: &str) -> Arc<wsanvil_case::Instance> {
    let text = format!(
        "[[case]]\nid = \"watch/test\"\ntitle = \"t\"\nspec = [\"6455-5.2-3\"]\nsteps = [\n{steps}\n]\n"
    );
    let mut library = Library::empty();
    library.add_text("test.toml", &text, None).unwrap();
    Arc::clone(&library.instances[0])
}

fn more(steps: &str) -> Script {
    script(steps).script.clone()
}

/// An engine behind its handshake.
fn opened(steps: &str) -> Engine {
    let settings = Settings {
        target: Arc::new(TargetFacts {
            role: Role::Server,
            host: "localhost".to_owned(),
            path: "/".to_owned(),
            scheme: "ws".to_owned(),
            headers: Vec::new(),
            origin: None,
            subprotocols: Vec::new(),
            app: App::Echo,
            declared: BTreeMap::new(),
        }),
        seed: 1,
        step_deadline: Duration::from_secs(5),
        quiet_window: Duration::from_millis(20),
        closing: Duration::from_secs(1),
        keep_all: false,
        compressed: Arc::new(CompressedMessages::new(0)),
    };
    let mut engine = Engine::new(script(&format!("{{ open = \"ws\" }},\n{steps}")), settings);
    engine.start(Time(0));
    assert!(matches!(engine.poll(), Some(Command::Open { .. })));
    engine.handle(Time(1), Input::Opened(CONN));
    let request = written(&mut engine);
    let text = String::from_utf8(request).unwrap();
    let key = text
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))
        .unwrap();
    let mut head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: "
        .to_vec();
    head.extend_from_slice(&accept_for(key.as_bytes()));
    head.extend_from_slice(b"\r\n\r\n");
    engine.handle(Time(2), Input::Received(CONN, &mut head));
    engine
}

/// What the engine writes now, taken by the transport at once.
fn written(engine: &mut Engine) -> Vec<u8> {
    let mut octets = Vec::new();
    while let Some(command) = engine.poll() {
        if let Command::Write(conn, chunk) = command {
            octets.extend_from_slice(&chunk);
            engine.handle(Time(3), Input::Wrote(conn, chunk.len()));
        }
    }
    octets
}

fn receive(engine: &mut Engine, octets: &[u8]) {
    engine.handle(Time(10), Input::Received(CONN, &mut octets.to_vec()));
}

#[test]
fn what_happens_is_seen_once_and_at_once() {
    let mut engine = opened("{ send = \"text\", data = \"hi\" },\n{ wait = 5000 },");
    let mut seen = Seen::default();
    let (entries, hits) = engine.look(&mut seen);
    let kinds: Vec<_> = entries.iter().map(|entry| (entry.dir, entry.what)).collect();
    assert_eq!(
        kinds,
        [
            (Direction::Out, What::Opened),
            (Direction::Out, What::Head),
            (Direction::In, What::Head),
            (Direction::Out, What::Frame),
        ]
    );
    assert!(hits.is_empty());
    receive(&mut engine, b"\x83\x00\x81\x02hi");
    let (entries, hits) = engine.look(&mut seen);
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert_eq!(hits.iter().map(|hit| hit.rule).collect::<Vec<_>>(), ["opcode"]);
    let (entries, hits) = engine.look(&mut seen);
    assert!(entries.is_empty() && hits.is_empty());
}

#[test]
fn what_no_step_takes_is_there_as_it_came() {
    let mut engine = opened(
        "{ send = \"text\", data = \"one\" },\n{ send = \"text\", data = \"two\" },\n{ send = \"ping\", data = \"p\" },\n{ wait = 5000 },",
    );
    written(&mut engine);
    receive(
        &mut engine,
        b"\x81\x03one\x8a\x01p\x02\x01t\x80\x02wo\x88\x04\x0b\xb8by",
    );
    let came: Vec<Came> = engine.untaken().into_iter().map(|one| one.what).collect();
    let message = |binary, text: &'static str| Came::Message {
        binary,
        octets: text.into(),
        len: text.len() as u64,
    };
    assert_eq!(
        came,
        [
            message(false, "one"),
            message(true, "two"),
            Came::Close {
                code: Some(3000),
                reason: "by".into()
            },
            Came::Pong("p".into()),
        ]
    );
}

#[test]
fn what_the_tester_broke_is_known() {
    let mut engine = opened("{ send = \"text\", data = \"fine\" },\n{ wait = 86400000 },");
    written(&mut engine);
    assert_eq!(engine.own_fault(), None);
    assert!(engine.insert(Time(3), &more("{ send = \"frame\", opcode = 3 },")));
    assert_eq!(engine.own_fault().as_deref(), Some("opcode 0x3 is reserved"));
}

#[test]
fn the_last_pause_is_ended_by_whoever_watches() {
    let mut engine = opened("{ wait = 86400000 },");
    assert!(engine.is_resting() && engine.is_listening());
    engine.wake(Time(20));
    assert!(!engine.is_resting());
    // The closing handshake that ends every case.
    assert_eq!(written(&mut engine)[..2], [0x88, 0x82]);
    receive(&mut engine, b"\x88\x02\x03\xe8");
    engine.handle(Time(30), Input::Fin(CONN));
    assert!(engine.finished() && !engine.is_listening());
    assert!(engine.into_outcome().close.clean);
}

#[test]
fn steps_come_in_during_the_last_pause() {
    let mut engine = opened("{ wait = 5 },\n{ wait = 86400000 },");
    let text = more("{ repeat = 2, steps = [{ send = \"text\", data = \"x\" }] },");
    assert!(!engine.insert(Time(3), &text), "another pause is under way");
    assert!(written(&mut engine).is_empty());
    engine.handle(Time(6_000), Input::Tick);
    for _ in 0..2 {
        assert!(engine.insert(Time(6_000), &text));
        assert_eq!(written(&mut engine).len(), 2 * 7);
        assert!(engine.is_resting());
    }
    receive(&mut engine, b"\x81\x01x");
    assert_eq!(engine.take_untaken().len(), 1);
    assert_eq!(engine.take_untaken(), []);
}

#[test]
fn a_watcher_that_takes_what_comes_is_not_flooded() {
    let mut engine = opened("{ wait = 86400000 },");
    let mut octets = vec![0x82, 126, 0xff, 0xff];
    octets.resize(4 + 0xffff, 7);
    for _ in 0..64 {
        receive(&mut engine, &octets);
        assert_eq!(engine.take_untaken().len(), 1);
    }
    assert!(engine.is_resting());
    for _ in 0..64 {
        receive(&mut engine, &octets);
    }
    assert!(!engine.is_resting(), "who takes nothing is");
}
