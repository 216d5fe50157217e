//! A target that wsanvil starts and that dies.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use wsanvil_echo::{Config, Echo};

use super::program::{Ended, Place, verdicts};

/// Name of the variable that makes the test below a server.
const PORT: &str = "WSANVIL_TEST_CRASHING_TARGET";
/// Name of the variable that makes it abort on any frame.
const FRAIL: &str = "WSANVIL_TEST_FRAIL_TARGET";

/// Name of the variable that makes it abort on every third frame with reserved bits.
const WEARY: &str = "WSANVIL_TEST_WEARY_TARGET";

/// Runs cases against the server of this file, which wsanvil starts, with such a variable set.
fn run(place: &Place, variable: &str, arguments: &[&str]) -> Ended {
    let shell =
        format!("{variable}=1 {PORT}={{port}} exec \"$0\" --ignored --exact crash::target --nocapture");
    let exe = std::env::current_exe().unwrap();
    let start = ["run", "ws://127.0.0.1:{port}/"];
    let command = ["--", "sh", "-c", &shell, exe.to_str().unwrap()];
    place.run(&[&start, arguments, &command].concat())
}

/// Verdicts of the instances whose names begin so.
fn of<'v>(verdicts: &'v [(String, String)], start: &str) -> Vec<&'v str> {
    let named = verdicts.iter().filter(|(name, _)| name.starts_with(start));
    named.map(|(_, verdict)| verdict.as_str()).collect()
}

const RSV: &str = "framing/rsv-in-first-frame";
const LENGTHS: &str = "framing/text-lengths";

#[test]
fn a_crash_is_a_verdict_with_its_signal() {
    for jobs in ["1", "32"] {
        let place = Place::new();
        let ended = run(
            &place,
            "NONE",
            &["--case", RSV, "--case", LENGTHS, "--jobs", jobs],
        );
        ended.expect(1).says("crash").says("SIGABRT");
        let verdicts = verdicts(&place.report());
        for (case, verdict) in [(RSV, "crash"), (LENGTHS, "pass")] {
            let found = of(&verdicts, case);
            assert!(found.len() > 1, "{verdicts:?}");
            assert!(found.iter().all(|found| *found == verdict), "{verdicts:?}");
        }
        assert!(of(&verdicts, "standing/serving").is_empty(), "{verdicts:?}");
    }
}

#[test]
fn a_target_that_dies_on_its_first_frame_is_started_again_for_every_case() {
    let place = Place::new();
    run(&place, FRAIL, &["--case", LENGTHS]).expect(1).says("SIGABRT");
    let verdicts = verdicts(&place.report());
    assert!(verdicts.len() > 1);
    assert!(
        verdicts.iter().all(|(_, verdict)| verdict == "crash"),
        "{verdicts:?}"
    );
}

#[test]
fn a_death_that_no_case_causes_alone_is_one_finding_and_names_who_ran() {
    for jobs in ["1", "32"] {
        let place = Place::new();
        run(&place, WEARY, &["--case", RSV, "--jobs", jobs]).expect(1);
        let report = place.report();
        let verdicts = verdicts(&report);
        assert_eq!(of(&verdicts, "standing/serving"), ["crash"], "{verdicts:?}");
        let found = of(&verdicts, RSV);
        assert!(found.len() > 3, "{verdicts:?}");
        assert!(found.iter().all(|found| *found == "pass"), "{verdicts:?}");
        let text = report.to_string();
        assert!(text.contains("none of them is known to kill it alone"), "{text}");
        assert!(text.contains(&format!("these ran: {RSV}")), "{text}");
    }
}

#[test]
fn who_ran_beside_the_culprit_and_takes_long_is_judged_in_full() {
    let place = Place::new();
    let cases = place.path("cases");
    std::fs::create_dir(&cases).unwrap();
    let case = |id: &str, steps: &str| {
        format!("[[case]]\nid = \"mine/{id}\"\ntitle = \"t\"\nspec = [\"6455-5.2-3\"]\nsteps = [{steps}]\n")
    };
    let slow = case(
        "slow",
        r#"{ open = "ws" }, { send = "ping" }, { expect = "pong" }, { wait = 1200 }, { expect = "alive" }"#,
    );
    let deadly = case(
        "deadly",
        r#"{ open = "ws" }, { wait = 50 }, { send = "text", rsv = 2 }, { expect = "fail" }"#,
    );
    let head = "[group]\nid = \"mine\"\ntitle = \"Mine\"\nformat = 1\n";
    std::fs::write(cases.join("mine.toml"), format!("{head}{slow}{deadly}")).unwrap();
    let arguments = ["--cases", cases.to_str().unwrap(), "--case", "mine/*"];
    run(&place, "NONE", &arguments).expect(1);
    let verdicts = verdicts(&place.report());
    assert_eq!(of(&verdicts, "mine/slow"), ["pass"], "{verdicts:?}");
    assert_eq!(of(&verdicts, "mine/deadly"), ["crash"], "{verdicts:?}");
}

#[test]
fn one_that_wsanvil_cannot_start_again_is_one_crash() {
    for jobs in ["1", "32"] {
        let place = Place::new();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut target = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "crash::target", "--nocapture"])
            .env(PORT, port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(target.try_wait().unwrap().is_none(), "it does not serve");
            std::thread::yield_now();
        }
        let url = format!("ws://127.0.0.1:{port}/");
        let ended = place.run(&["run", &url, "--case", RSV, "--jobs", jobs]);
        let _ = target.kill();
        let _ = target.wait();
        ended.expect(1);
        let verdicts = verdicts(&place.report());
        let all = of(&verdicts, "");
        let crashes = all.iter().filter(|verdict| **verdict == "crash").count();
        assert_eq!(crashes, 1, "{verdicts:?}");
        assert!(
            all.iter().all(|verdict| ["crash", "error"].contains(verdict)),
            "{verdicts:?}"
        );
    }
}

/// Frames with reserved bits that came.
static RESERVED: AtomicU32 = AtomicU32::new(0);

#[test]
#[ignore = "not a test: the server of the tests above, an echo server that aborts on reserved bits, the third of them, or any frame"]
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
    let [frail, weary] = [FRAIL, WEARY].map(|name| std::env::var_os(name).is_some());
    while let Ok(count @ 1..) = connection.read(&mut buffer) {
        // The first frame of these cases comes in one piece.
        if opened && (frail || buffer[0] & 0x70 != 0) {
            let reserved = RESERVED.fetch_add(1, Ordering::SeqCst) + 1;
            if !weary || reserved == 3 {
                std::process::abort();
            }
        }
        opened = true;
        echo.receive(&buffer[..count]);
        let output = echo.output();
        if connection.write_all(&output).is_err() || echo.wants_close() {
            return;
        }
    }
}
