//! `wsanvil replay`.

use super::program::{EchoServer, Ended, Place, free_port};

const REPORT: &str = "wsanvil-report/report.json";
const CASE: &str = "framing/rsv-in-first-frame";

fn replay(place: &Place, what: &str, arguments: &[&str]) -> Ended {
    place.run(&[&["replay", what], arguments].concat())
}

#[test]
fn a_finding_is_reproduced_or_gone() {
    let place = Place::new();
    let broken = EchoServer::start(&["--defect", "ignores-rsv"]);
    place
        .run(&[
            "run",
            &broken.url,
            "--case",
            "framing/rsv-in-first-frame",
            "--case",
            "framing/rsv-after-valid-message",
            "-q",
        ])
        .expect(1);
    let report = std::fs::read(place.path(REPORT)).unwrap();
    let one = format!("{REPORT}#{CASE}[text-1]");
    replay(&place, &one, &[])
        .expect(1)
        .says(&format!(
            "reproduced  {CASE}[text-1]: expected the peer fails the connection"
        ))
        .says("1 reproduced, 0 changed, 0 gone");
    replay(&place, &format!("{REPORT}#autobahn:3.1"), &[])
        .expect(1)
        .says("1 reproduced, 0 changed, 0 gone");
    replay(&place, &format!("{REPORT}#{CASE}"), &[])
        .expect(1)
        .says("3 reproduced, 0 changed, 0 gone");
    replay(&place, REPORT, &[])
        .expect(1)
        .says("6 reproduced, 0 changed, 0 gone");
    let good = EchoServer::start(&[]);
    replay(&place, REPORT, &[&good.url])
        .expect(0)
        .says("0 reproduced, 0 changed, 6 gone");
    replay(&place, &one, &[&format!("ws://127.0.0.1:{}/", free_port())]).expect(3);
    assert_eq!(
        std::fs::read(place.path(REPORT)).unwrap(),
        report,
        "the report stays as it is"
    );
}

#[test]
fn a_broken_standing_rule_is_a_finding_like_any_other() {
    let place = Place::new();
    let broken = EchoServer::start(&["--defect", "sets-rsv"]);
    place.run(&["run", &broken.url, "--case", "framing/length*", "-q"]);
    let one = format!("{REPORT}#standing/rsv");
    replay(&place, &one, &[])
        .expect(1)
        .says("reproduced  standing/rsv");
    let good = EchoServer::start(&[]);
    replay(&place, &one, &[&good.url])
        .expect(0)
        .says("gone        standing/rsv");
}

#[test]
fn another_finding_is_a_change() {
    let place = Place::new();
    let broken = EchoServer::start(&["--defect", "ignores-rsv"]);
    place
        .run(&["run", &broken.url, "--case", &format!("{CASE}[text-1]"), "-q"])
        .expect(1);
    let text = std::fs::read_to_string(place.path(REPORT)).unwrap();
    let other = text.replace(
        "\"requirement\": \"6455-5.2-3\"",
        "\"requirement\": \"6455-5.2-1\"",
    );
    assert_ne!(text, other);
    std::fs::write(place.path("other.json"), other).unwrap();
    replay(&place, "other.json", &[])
        .expect(1)
        .says("changed ")
        .says("requirement 6455-5.2-1 → 6455-5.2-3")
        .says("0 reproduced, 1 changed, 0 gone");
}

#[test]
fn what_is_no_finding_is_told() {
    let place = Place::new();
    let good = EchoServer::start(&[]);
    place
        .run(&["run", &good.url, "--case", &format!("{CASE}[text-1]"), "-q"])
        .expect(0);
    replay(&place, REPORT, &[])
        .expect(0)
        .says("that report has no findings");
    replay(&place, &format!("{REPORT}#{CASE}[text-1]"), &[])
        .expect(4)
        .says("is no finding in that report: its verdict is pass");
    replay(&place, &format!("{REPORT}#framing/nothing"), &[])
        .expect(4)
        .says("that report has no finding framing/nothing");
}

#[test]
fn the_target_is_started_again() {
    let place = Place::new();
    let program = env!("CARGO_BIN_EXE_wsanvil");
    let serve = [
        "--",
        program,
        "echo",
        "127.0.0.1:{port}",
        "--defect",
        "ignores-rsv",
    ];
    let case = [
        "run",
        "ws://127.0.0.1:{port}/",
        "-q",
        "--case",
        "framing/rsv-in-first-frame[text-1]",
    ];
    place.run(&[&case[..], &serve[..]].concat()).expect(1);
    replay(&place, REPORT, &[]).expect(1).says("1 reproduced");
    let good = EchoServer::start(&[]);
    replay(&place, REPORT, &[&good.url]).expect(0).says("1 gone");
}

#[test]
fn secrets_must_be_given_again() {
    let place = Place::new();
    let broken = EchoServer::start(&["--defect", "ignores-rsv", "--auth", "alice:wonderland"]);
    let field = "Authorization: Basic YWxpY2U6d29uZGVybGFuZA==";
    let case = format!("{CASE}[text-1]");
    place
        .run(&["run", &broken.url, "--case", &case, "-q", "-H", field])
        .expect(1);
    replay(&place, REPORT, &[])
        .expect(2)
        .says("the field Authorization was a secret")
        .says("--header 'Authorization: …'");
    replay(&place, REPORT, &["-H", field])
        .expect(1)
        .says("1 reproduced");
    let url = broken.url.replace("ws://", "ws://alice:wonderland@");
    place.run(&["run", &url, "--case", &case, "-q"]).expect(1);
    replay(&place, REPORT, &[])
        .expect(2)
        .says("the URL held a secret");
    replay(&place, REPORT, &[&url]).expect(1).says("1 reproduced");
}

#[test]
fn a_case_file_is_replayed_against_a_url() {
    let place = Place::new();
    let text = "[[case]]\nid = \"own/rsv\"\ntitle = \"t\"\nspec = [\"6455-5.2-2\"]\nsteps = [\n  { open = \"ws\" },\n  \
        { send = \"text\", rsv = 1, data = \"x\" },\n  { expect = \"fail\", code = [1002] },\n]\n";
    std::fs::write(place.path("rsv.toml"), text).unwrap();
    replay(&place, "rsv.toml", &[])
        .expect(2)
        .says("does not say where the target is");
    let broken = EchoServer::start(&["--defect", "ignores-rsv"]);
    replay(&place, "rsv.toml", &[&broken.url])
        .expect(1)
        .says("reproduced  own/rsv");
    let good = EchoServer::start(&[]);
    replay(&place, "rsv.toml", &[&good.url])
        .expect(0)
        .says("gone        own/rsv");
    std::fs::write(place.path("bad.toml"), text.replace("rsv = 1", "rsv = 9")).unwrap();
    replay(&place, "bad.toml", &[&good.url])
        .expect(2)
        .says("bad.toml:7:");
}
