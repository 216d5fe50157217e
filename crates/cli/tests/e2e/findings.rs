//! Runs that judge a server.

use super::program::{EchoServer, Place, verdicts};

#[test]
fn without_arguments_the_embedded_server_passes() {
    let place = Place::new();
    let ended = place.run(&[]);
    ended.expect(0).says("0 fail").says("wsanvil-report/report.html");
    let report = place.report();
    assert_eq!(report["schema_version"], 1);
    assert_eq!(report["run"]["profile"], "default");
    assert_eq!(report["target"]["app"], "echo");
    let verdicts = verdicts(&report);
    assert!(verdicts.len() > 300, "{}", verdicts.len());
    let page = std::fs::read_to_string(place.path("wsanvil-report/report.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") || page.starts_with("<!doctype html>"));
}

#[test]
fn options_alone_mean_run() {
    let place = Place::new();
    let ended = place.run(&["-q", "--case", "framing/rsv-in-first-frame"]);
    assert_eq!(ended.expect(0).stderr, "");
    place.run(&["--no-such-option"]).expect(2);
}

#[test]
fn a_defect_is_found_and_named() {
    let place = Place::new();
    let server = EchoServer::start(&["--defect", "ignores-rsv"]);
    let ended = place.run(&["run", &server.url, "--case", "framing/*", "--seed", "7"]);
    ended
        .expect(1)
        .says("framing/rsv-in-first-frame")
        .says("wsanvil explain framing/rsv-in-first-frame");
    ended.says(&format!(
        "wsanvil run {} --seed 7 --case 'framing/rsv-in-first-frame",
        server.url
    ));
    let broken: Vec<_> = verdicts(&place.report())
        .into_iter()
        .filter(|(_, verdict)| verdict == "fail")
        .collect();
    assert!(!broken.is_empty());
    assert!(
        broken
            .iter()
            .all(|(name, _)| name.starts_with("framing/rsv") || name.contains("reserved-bit")),
        "{broken:?}"
    );
}

#[test]
fn nonstrict_counts_when_asked() {
    let place = Place::new();
    std::fs::create_dir(place.path("own")).unwrap();
    let text = GREETING
        .replace("needs =", "level = \"should\"\nneeds =")
        .replace("expect = \"echo\"", "expect = \"binary\"");
    std::fs::write(place.path("own/greeting.toml"), text).unwrap();
    let base = ["run", "--cases", "own", "--case", "own/greeting"];
    place.run(&base).expect(0).says("1 nonstrict");
    place
        .run(&[&base[..], &["--fail-on", "nonstrict"]].concat())
        .expect(1);
}

#[test]
fn a_target_that_is_not_an_echo_server_is_recognised() {
    let place = Place::new();
    let server = EchoServer::start(&["--defect", "no-echo"]);
    let ended = place.run(&["run", &server.url, "--case", "control/*", "--timeout", "300ms"]);
    assert_eq!(place.report()["target"]["app"], "none", "{}", ended.stderr);
}

#[test]
fn own_cases_run_beside_the_library() {
    let place = Place::new();
    std::fs::create_dir(place.path("own")).unwrap();
    std::fs::write(place.path("own/greeting.toml"), GREETING).unwrap();
    place
        .run(&["run", "--cases", "own", "--case", "own/greeting"])
        .expect(0)
        .says("1 pass");
    place
        .run(&["check", "own"])
        .expect(0)
        .says("1 case, 1 instance: fine");
}

const GREETING: &str = r#"
[[case]]
id = "own/greeting"
title = "A greeting comes back"
spec = ["6455-5.2-3"]
needs = ["echo"]
steps = [
  { open = "ws" },
  { send = "text", data = "good morning" },
  { expect = "echo" },
]
"#;

#[test]
fn the_configuration_gives_defaults_and_flags_win() {
    let place = Place::new();
    std::fs::write(
        place.path("wsanvil.toml"),
        "[run]\nseed = 41\nagent = \"configured\"\njob = 2\n",
    )
    .unwrap();
    let ended = place.run(&["run", "--case", "framing/rsv-in-first-frame", "--seed", "42"]);
    ended
        .expect(0)
        .says("wsanvil.toml:4:1: unknown key `job`")
        .says("did you mean `jobs`?");
    let report = place.report();
    assert_eq!(report["run"]["seed"], 42);
    assert_eq!(report["target"]["agent"], "configured");
}

#[test]
fn the_case_of_the_readme_works() {
    let place = Place::new();
    let readme = include_str!("../../../../README.md");
    let blocks = readme.split("```toml\n").skip(1);
    let mut blocks = blocks.map(|block| block.split("```").next().unwrap());
    let case = blocks.find(|block| block.contains("[[case]]")).unwrap();
    std::fs::create_dir(place.path("own")).unwrap();
    std::fs::write(place.path("own/greeting.toml"), case).unwrap();
    place
        .run(&["check", "own"])
        .expect(0)
        .says("1 case, 2 instances: fine");
    place
        .run(&["run", "--cases", "own", "--case", "own/*", "--quiet"])
        .expect(0)
        .says("0 fail, 2 pass");
}
