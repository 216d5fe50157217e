//! Where reports go, and what cannot be selected.

use serde_json::Value;

use super::program::{EchoServer, Place};

const ONE: [&str; 3] = ["run", "--case", "framing/rsv-in-first-frame"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&ONE[..], more].concat()
}

#[test]
fn reports_go_where_they_are_sent() {
    let place = Place::new();
    place
        .run(&with(&["--report", "json=out/a.json", "--report", "html=b.html"]))
        .expect(0);
    assert!(place.path("out/a.json").exists() && place.path("b.html").exists());
    assert!(!place.path("wsanvil-report").exists());
}

#[test]
fn a_path_that_cannot_be_written_is_found_before_the_run() {
    let place = Place::new();
    std::fs::write(place.path("file"), "").unwrap();
    let ended = place.run(&with(&["--report", "json=file/report.json"]));
    ended.expect(5).says("file/report.json").says("Nothing was run");
    assert!(!ended.stderr.contains("testing"));
}

#[test]
fn two_reports_in_one_file_are_a_mistake() {
    let place = Place::new();
    place
        .run(&with(&["--report", "json=x", "--report", "html=x"]))
        .expect(2);
}

#[test]
fn a_selection_of_nothing_has_its_own_code() {
    let place = Place::new();
    place
        .run(&["run", "--case", "framing/rsv-in-fist-frame"])
        .expect(4)
        .says("nearest: framing/rsv-in-first-frame");
    place
        .run(&with(&["--exclude", "*"]))
        .expect(4)
        .says("the selection is empty");
    assert!(!place.path("wsanvil-report").exists());
}

#[test]
fn mistakes_in_own_cases_are_shown_with_their_line() {
    let place = Place::new();
    std::fs::create_dir(place.path("own")).unwrap();
    let text =
        "[[case]]\nid = \"own/x\"\ntitle = \"x\"\nspec = [\"6455-5.2-3\"]\nsteps = [{ opne = \"ws\" }]\n";
    std::fs::write(place.path("own/x.toml"), text).unwrap();
    place
        .run(&["run", "--cases", "own"])
        .expect(2)
        .says("own/x.toml:5:")
        .says("opne");
    place
        .run(&["check", "own/x.toml"])
        .expect(2)
        .says("own/x.toml:5:")
        .says("open");
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn events_are_written_while_they_happen() {
    let place = Place::new();
    place
        .run(&with(&[
            "--events",
            "events.ndjson",
            "--header",
            "Authorization: tok3n-of-mine",
        ]))
        .expect(0);
    let text = std::fs::read_to_string(place.path("events.ndjson")).unwrap();
    let lines = lines(&text);
    assert_eq!(lines[0]["event"], "started");
    assert_eq!(lines[lines.len() - 1]["event"], "ended");
    let total = lines[0]["total"].as_u64().unwrap() as usize;
    let cases = lines
        .iter()
        .filter(|line| line["case"] == "framing/rsv-in-first-frame");
    assert_eq!(cases.count(), total);
    assert!(!text.contains("tok3n-of-mine"));
}

#[test]
fn events_on_stdout_leave_nothing_else_there() {
    let place = Place::new();
    let ended = place.run(&with(&["--events", "-"]));
    ended.expect(0);
    assert!(lines(&ended.stdout).len() > 2);
    assert!(ended.stderr.contains("pass"));
}

#[test]
fn events_that_cannot_be_written_are_found_before_the_run() {
    let place = Place::new();
    place
        .run(&with(&["--events", "no/such/folder/events"]))
        .expect(5)
        .says("Nothing was run");
}

#[test]
fn a_step_of_github_actions_is_annotated_and_has_a_summary() {
    let place = Place::new();
    let summary = place.path("summary.md");
    std::fs::write(&summary, "before\n").unwrap();
    let run = |line: &[&str]| {
        let mut command = place.command(line);
        command
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", &summary);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let server = EchoServer::start(&["--defect", "ignores-rsv"]);
    let line = ["run", &server.url, "--case", "framing/rsv-in-first-frame"];
    let stdout = run(&line);
    assert!(
        stdout.contains("::error title=wsanvil fail%3A framing/rsv"),
        "{stdout}"
    );
    let text = std::fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("before\n# wsanvil"), "{text}");
    let stdout = run(&[&line[..], &["--github=false"]].concat());
    assert!(!stdout.contains("::error"), "{stdout}");
    assert_eq!(std::fs::read_to_string(&summary).unwrap(), text);
}
