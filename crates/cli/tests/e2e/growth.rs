//! A target that wsanvil starts and that takes more memory than a case allows.

use super::program::{EchoServer, Place, verdicts};

const CASE: &str = "limits/announced-length";

#[test]
fn memory_taken_for_announced_octets_is_a_finding() {
    let place = Place::new();
    let run = |defects: &[&str]| {
        let mut arguments = vec!["run", "ws://127.0.0.1:{port}/", "--case", CASE, "--"];
        arguments.extend([env!("CARGO_BIN_EXE_wsanvil"), "echo", "127.0.0.1:{port}"]);
        arguments.extend(defects);
        place.run(&arguments)
    };
    run(&[]).expect(0);
    run(&["--defect", "allocates-announced"])
        .expect(1)
        .says("the target grows by no more than 64 MiB of memory");
    let report = place.report();
    let verdicts = verdicts(&report);
    assert!(verdicts.len() > 1);
    assert!(
        verdicts.iter().all(|(_, verdict)| verdict == "fail"),
        "{verdicts:?}"
    );
    assert!(report.to_string().contains("\"kind\":\"growth\""), "{report}");
}

#[test]
fn time_burnt_on_a_field_is_a_finding() {
    let place = Place::new();
    let cases = place.path("cases");
    std::fs::create_dir(&cases).unwrap();
    // As handshake/run-of-blanks, with less to do for either side.
    let case = r#"
        [group]
        id = "mine"
        title = "Mine"
        format = 1
        [[case]]
        id = "mine/blanks"
        title = "Blanks"
        spec = ["6455-10.7-1"]
        role = "server"
        needs = ["launched"]
        limits = { cpu_ms = 100 }
        steps = [
          { open = "tcp", on = "c", count = 8 },
          { send = "request", on = "c", end = false, join = true },
          { send = "raw", on = "c", parts = [{ data = "X: a" }, { fill = " ", len = 14000 }, { data = "b\r\n\r\n" }] },
          { expect = "response", on = "c", within_ms = 60000 },
        ]
    "#;
    std::fs::write(cases.join("mine.toml"), case).unwrap();
    let ended = place.run(&[
        "run",
        "ws://127.0.0.1:{port}/",
        "--cases",
        cases.to_str().unwrap(),
        "--case",
        "mine/*",
        "--",
        env!("CARGO_BIN_EXE_wsanvil"),
        "echo",
        "127.0.0.1:{port}",
        "--defect",
        "reads-blanks-again",
    ]);
    ended
        .expect(1)
        .says("the target grows by no more than 100 ms of processor time");
}

#[test]
fn what_wsanvil_did_not_start_is_not_measured() {
    let place = Place::new();
    let echo = EchoServer::start(&["--defect", "allocates-announced"]);
    place.run(&["run", &echo.url, "--case", CASE]).expect(0);
    assert!(place.report().to_string().contains("not measured"));
}
