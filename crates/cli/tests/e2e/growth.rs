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
    // On a loaded machine the target may still hold what the instance before took.
    let fails = verdicts.iter().filter(|(_, verdict)| verdict == "fail").count();
    assert!(fails > verdicts.len() / 2, "{verdicts:?}");
    assert!(report.to_string().contains("\"kind\":\"growth\""), "{report}");
}

#[test]
fn what_wsanvil_did_not_start_is_not_measured() {
    let place = Place::new();
    let echo = EchoServer::start(&["--defect", "allocates-announced"]);
    place.run(&["run", &echo.url, "--case", CASE]).expect(0);
    assert!(place.report().to_string().contains("not measured"));
}
