//! A target that wsanvil starts and that dies.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use wsanvil_echo::{Config, Echo};

use super::program::{Place, verdicts};

/// Name of the variable that makes the test below a server.
const PORT: &str = "WSANVIL_TEST_CRASHING_TARGET";
/// Name of the variable that makes it abort on any frame.
const FRAIL: &str = "WSANVIL_TEST_FRAIL_TARGET";

#[test]
fn a_crash_is_a_verdict_with_its_signal() {
    let place = Place::new();
    let ended = place.run(&[
        "run",
        "ws://127.0.0.1:{port}/",
        "--case",
        "framing/rsv-in-first-frame",
        "--case",
        "framing/text-lengths",
        "--jobs",
        "1",
        "--",
        "sh",
        "-c",
        &format!("{PORT}={{port}} exec \"$0\" --ignored --exact crash::target --nocapture"),
        std::env::current_exe().unwrap().to_str().unwrap(),
    ]);
    ended.expect(1).says("crash").says("SIGABRT");
    let verdicts = verdicts(&place.report());
    let of = |start: &str, wanted: &str| {
        verdicts
            .iter()
            .filter(|(name, _)| name.starts_with(start))
            .any(|(_, verdict)| verdict == wanted)
    };
    assert!(of("framing/rsv-in-first-frame", "crash"), "{verdicts:?}");
    assert!(!of("framing/text-lengths", "crash"), "{verdicts:?}");
    assert!(of("framing/text-lengths", "pass"), "{verdicts:?}");
}

#[test]
fn a_target_that_dies_on_its_first_frame_is_started_again_for_every_case() {
    let place = Place::new();
    let ended = place.run(&[
        "run",
        "ws://127.0.0.1:{port}/",
        "--case",
        "framing/text-lengths",
        "--",
        "sh",
        "-c",
        &format!("{FRAIL}=1 {PORT}={{port}} exec \"$0\" --ignored --exact crash::target --nocapture"),
        std::env::current_exe().unwrap().to_str().unwrap(),
    ]);
    ended.expect(1).says("SIGABRT");
    let verdicts = verdicts(&place.report());
    assert!(verdicts.len() > 1);
    assert!(
        verdicts.iter().all(|(_, verdict)| verdict == "crash"),
        "{verdicts:?}"
    );
}

#[test]
#[ignore = "not a test: the server of the tests above, an echo server that aborts on reserved bits or any frame"]
fn target() {
    let Ok(port) = std::env::var(PORT) else { return };
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).unwrap();
    for connection in listener.incoming().flatten() {
        std::thread::spawn(move || serve(connection));
    }
}

fn serve(mut connection: TcpStream) {
    let mut echo = Echo::server(Config::default());
    let mut buffer = [0; 4096];
    let mut opened = false;
    let frail = std::env::var_os(FRAIL).is_some();
    while let Ok(count @ 1..) = connection.read(&mut buffer) {
        // The first frame of these cases comes in one piece.
        if opened && (frail || buffer[0] & 0x70 != 0) {
            std::process::abort();
        }
        opened = true;
        echo.receive(&buffer[..count]);
        let output = echo.output();
        if connection.write_all(&output).is_err() || echo.wants_close() {
            return;
        }
    }
}
