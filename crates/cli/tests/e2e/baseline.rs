//! Findings that are known.

use super::program::{EchoServer, Place};

const CASES: [&str; 2] = ["--case", "framing/rsv*"];
const FILE: &str = "wsanvil-baseline.toml";

fn run(place: &Place, url: &str, options: &[&str]) -> super::program::Ended {
    place.run(&[&["run", url, "--quiet", "--seed", "7"], &CASES[..], options].concat())
}

fn text(place: &Place) -> String {
    std::fs::read_to_string(place.path(FILE)).unwrap()
}

#[test]
fn what_is_written_into_the_baseline_does_not_count_and_what_is_new_does() {
    let place = Place::new();
    let server = EchoServer::start(&["--defect", "ignores-rsv"]);
    run(&place, &server.url, &[]).expect(1);
    run(&place, &server.url, &["--update-baseline"])
        .expect(0)
        .says("added, 0 removed");
    let first = text(&place);
    run(&place, &server.url, &["--update-baseline"])
        .expect(0)
        .says("0 added, 0 removed, 0 changed");
    assert_eq!(text(&place), first);
    run(
        &place,
        &server.url,
        &["--strict-baseline", "--events", "events.ndjson"],
    )
    .expect(0)
    .says("findings are expected by the baseline");
    let report = place.report();
    let cases = report["cases"].as_array().unwrap().iter();
    let instances = cases.flat_map(|case| case["instances"].as_array().unwrap());
    for instance in instances.filter(|instance| instance["verdict"] == "fail") {
        assert_eq!(instance["expected_by_baseline"], true);
        assert!(instance["baseline"].as_str().unwrap().starts_with("recorded "));
    }
    let events = std::fs::read_to_string(place.path("events.ndjson")).unwrap();
    assert!(events.contains("\"expected_by_baseline\":true"), "{events}");
    let other = EchoServer::start(&["--defect", "ignores-rsv", "--defect", "echoes-reserved"]);
    let ended = run(&place, &other.url, &["--case", "framing/unknown-opcode"]);
    ended.expect(1).says("framing/unknown-opcode");
    assert!(
        !ended.stdout.contains("framing/rsv"),
        "what is expected takes no room: {}",
        ended.stdout
    );
}

#[test]
fn what_passes_is_told_and_strictly_fails_and_is_taken_out() {
    let place = Place::new();
    let entry = "# ours\n\n[[expected]]\nid = \"framing/rsv-in-first-frame[text-1]\"\nverdict = \"fail\"\nreason = \"see #7\"\n\n\
        # the other one\n[[expected]]\nid = \"framing/rsv-on*\"\nverdict = \"fail\"\nreason = \"see #8\"\nflaky = true\n\n\
        [[expected]]\nid = \"framing/no-such-case\"\nverdict = \"fail\"\nreason = \"see #9\"\n";
    std::fs::write(place.path(FILE), entry).unwrap();
    let quiet = ["run", "--quiet"];
    let ended = place.run(&quiet);
    ended
        .expect(0)
        .says("wsanvil-baseline.toml:3: `framing/rsv-in-first-frame[text-1]` is expected to come to fail and passes")
        .says("wsanvil-baseline.toml:15: `framing/no-such-case` matches no case");
    assert!(!ended.stdout.contains("rsv-on"), "{}", ended.stdout);
    place.run(&["run", "--quiet", "--strict-baseline"]).expect(1);
    // A run that left the case out says nothing about it; what is in no library is stale all the same.
    let ended = place.run(&["run", "--quiet", "--case", "control/*"]);
    assert!(
        !ended.expect(0).stdout.contains("framing/rsv"),
        "{}",
        ended.stdout
    );
    ended.says("framing/no-such-case");
    place
        .run(&["run", "--quiet", "--update-baseline"])
        .expect(0)
        .says("0 added, 2 removed, 0 changed");
    assert_eq!(
        text(&place),
        "# ours\n\n# the other one\n[[expected]]\nid = \"framing/rsv-on*\"\nverdict = \"fail\"\nreason = \"see #8\"\nflaky = true\n"
    );
}

#[test]
fn what_is_past_or_worse_than_expected_counts() {
    let place = Place::new();
    let server = EchoServer::start(&["--defect", "ignores-rsv"]);
    let entry =
        "[[expected]]\nid = \"framing/rsv*\"\nverdict = \"fail\"\nreason = \"r\"\nuntil = 2020-01-31\n";
    std::fs::write(place.path("past.toml"), entry).unwrap();
    run(&place, &server.url, &["--baseline", "past.toml"])
        .expect(1)
        .says("past.toml:1: the entry for `framing/rsv*` was good until 2020-01-31");
    let mild = entry
        .replace("\"fail\"", "\"nonstrict\"")
        .replace("until = 2020-01-31\n", "");
    std::fs::write(place.path("mild.toml"), mild).unwrap();
    run(&place, &server.url, &["--baseline", "mild.toml"]).expect(1);
    let far = entry.replace("2020-01-31", "9999-12-31");
    std::fs::write(place.path("far.toml"), far).unwrap();
    run(&place, &server.url, &["--baseline", "far.toml"]).expect(0);
}

#[test]
fn mistakes_are_told_before_anything_runs() {
    let place = Place::new();
    std::fs::write(
        place.path(FILE),
        "[[expected]]\nid = \"a\"\nverdict = \"fail\"\nreason = \"\"\n",
    )
    .unwrap();
    place
        .run(&["run"])
        .expect(2)
        .says("wsanvil-baseline.toml:4:10: `reason` must be a text that is not empty")
        .says("nothing was run");
    assert!(!place.path("wsanvil-report").exists());
    place
        .run(&["run", "--baseline", "none.toml"])
        .expect(2)
        .says("cannot be read");
    place
        .run(&[
            "run",
            "--baseline",
            "/dev/null",
            "-q",
            "--case",
            "framing/rsv-on-data",
        ])
        .expect(0);
}

#[test]
fn a_target_that_was_not_judged_leaves_the_baseline_alone() {
    let place = Place::new();
    std::fs::write(place.path(FILE), "# untouched\n").unwrap();
    let port = super::program::answering(b"no HTTP\r\n\r\n");
    let url = format!("ws://127.0.0.1:{port}/");
    place.run(&["run", &url, "--update-baseline"]).expect(3);
    assert_eq!(text(&place), "# untouched\n");
}
