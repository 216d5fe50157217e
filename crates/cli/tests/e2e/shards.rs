//! A run in parts, the parts made whole, and runs compared.

use serde_json::Value;

use super::program::{EchoServer, Place};

/// The report without what no two runs have in common.
fn lasting(place: &Place, name: &str) -> Value {
    let mut report: Value = serde_json::from_slice(&std::fs::read(place.path(name)).unwrap()).unwrap();
    report.as_object_mut().unwrap().remove("run");
    for case in report["cases"].as_array_mut().unwrap() {
        for instance in case["instances"].as_array_mut().unwrap() {
            let instance = instance.as_object_mut().unwrap();
            instance.remove("duration_ms");
            instance.remove("transcript");
        }
    }
    report
}

/// Runs against `url` and writes the JSON report to `name`.
fn run(place: &Place, url: &str, name: &str, options: &[&str], code: i32) {
    let report = format!("json={name}");
    let common = ["run", url, "-q", "--seed", "7", "--report", &report];
    place.run(&[&common[..], options].concat()).expect(code);
}

#[test]
fn the_shards_of_a_run_are_the_run() {
    let place = Place::new();
    let server = EchoServer::start(&["--defect", "masks-its-frames"]);
    let part = ["--profile", "quick"];
    run(&place, &server.url, "whole.json", &part, 1);
    for shard in ["1/3", "2/3", "3/3"] {
        let name = format!("{}.json", &shard[..1]);
        run(
            &place,
            &server.url,
            &name,
            &[&part[..], &["--shard", shard]].concat(),
            1,
        );
    }
    let reports = [
        "--report",
        "json=merged.json",
        "--report",
        "html=merged.html",
        "--report",
        "junit=m.xml",
    ];
    let merged = place.run(&[&["merge", "3.json", "1.json", "2.json"], &reports[..]].concat());
    merged.expect(1);
    assert_eq!(lasting(&place, "merged.json"), lasting(&place, "whole.json"));
    let seen = lasting(&place, "merged.json")
        .to_string()
        .contains("\"seen_in\":[");
    assert!(seen, "a standing rule is broken in several shards");
    assert!(place.path("merged.html").exists() && place.path("m.xml").exists());
    place
        .run(&["diff", "whole.json", "merged.json"])
        .expect(0)
        .says("0 regressed");
    let some = place.run(&["merge", "1.json", "3.json", "--report", "json=some.json"]);
    some.expect(1).says("shard 2/3 is missing");
    place
        .run(&["merge", "1.json", "1.json"])
        .expect(2)
        .says("1.json and 1.json: one is shard 1/3, the other is shard 1/3");
    place
        .run(&["merge", "whole.json", "whole.json"])
        .expect(2)
        .says("both judge");
}

#[test]
fn every_instance_is_in_one_shard() {
    let place = Place::new();
    let names = |options: &[&str]| -> Vec<String> {
        let ended = place.run(&[&["list", "--json", "--profile", "full"], options].concat());
        let list: Value = serde_json::from_str(&ended.expect(0).stdout).unwrap();
        let cases = list["cases"].as_array().unwrap().iter();
        let instances = cases.flat_map(|case| case["instances"].as_array().unwrap().clone());
        instances
            .map(|instance| instance["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut whole = names(&[]);
    let mut parts = Vec::new();
    for shard in ["1/4", "2/4", "3/4", "4/4"] {
        let part = names(&["--shard", shard]);
        let fair = whole.len() / 4;
        assert!(
            part.len() > fair * 9 / 10 && part.len() < fair * 11 / 10,
            "{} of {}",
            part.len(),
            whole.len()
        );
        parts.extend(part);
    }
    whole.sort();
    parts.sort();
    assert_eq!(parts, whole);
}

#[test]
fn a_shard_may_be_empty() {
    let place = Place::new();
    let codes: Vec<i32> = (1..=8)
        .map(|index| {
            let shard = format!("{index}/8");
            place
                .run(&[
                    "-q",
                    "--case",
                    "framing/rsv-after-valid-message[2]",
                    "--shard",
                    &shard,
                ])
                .code
        })
        .collect();
    assert_eq!(codes, [0; 8]);
    place.run(&["-q", "--shard", "9/8"]).expect(2).says("1/8 to 8/8");
}

#[test]
fn a_regression_is_told_and_fails() {
    let place = Place::new();
    let part = ["--case", "framing/rsv*"];
    let (good, bad) = (
        EchoServer::start(&[]),
        EchoServer::start(&["--defect", "ignores-rsv"]),
    );
    run(&place, &good.url, "good.json", &part, 0);
    run(&place, &bad.url, "bad.json", &part, 1);
    run(
        &place,
        &bad.url,
        "again.json",
        &[&part[..], &["--jobs", "1"]].concat(),
        1,
    );
    place
        .run(&["diff", "good.json", "bad.json"])
        .expect(1)
        .says("pass -> fail  framing/rsv-in-first-frame[text-1]");
    place
        .run(&["diff", "bad.json", "good.json"])
        .expect(0)
        .says("0 regressed")
        .says("fixed");
    place
        .run(&["diff", "bad.json", "again.json"])
        .expect(0)
        .says("0 regressed");
    let json = place.run(&["diff", "good.json", "bad.json", "--format", "json"]);
    let diff: Value = serde_json::from_str(&json.expect(1).stdout).unwrap();
    assert_eq!(diff["regressed"][0]["new"]["verdict"], "fail");
    place
        .run(&["diff", "good.json", "bad.json", "--format", "markdown"])
        .expect(1)
        .says("# wsanvil diff: something regressed");
    place
        .run(&["diff", "good.json", "none.json"])
        .expect(2)
        .says("none.json cannot be read");
    std::fs::write(place.path("no.json"), "{}").unwrap();
    place
        .run(&["diff", "good.json", "no.json"])
        .expect(2)
        .says("not a wsanvil report");
    let page = place.run(&["merge", "good.json", "bad.json"]);
    page.expect(0).says("wsanvil-report/agents.html");
    let page = std::fs::read_to_string(place.path("wsanvil-report/agents.html")).unwrap();
    assert!(page.contains("2 agents") && page.contains("framing/rsv-in-first-frame"));
    place
        .run(&["merge", "good.json", "bad.json", "--report", "json=x.json"])
        .expect(2)
        .says("json shows one target, and these reports are of 2");
}

/// What a manifest says, as a shell runs it in `place`; gives the exit code.
fn shell(place: &Place, line: &str) -> i32 {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_wsanvil"));
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", line])
        .current_dir(place.path("."))
        .env("PATH", path);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("WSANVIL_") {
            command.env_remove(name);
        }
    }
    let output = command.output().unwrap();
    output.status.code().unwrap()
}

#[test]
fn the_workflow_of_the_docs_works() {
    let place = Place::new();
    let workflow = include_str!("../../../../docs/ci/github-shards.yml");
    let lines: Vec<String> = workflow
        .lines()
        .filter_map(|line| line.trim().strip_prefix("run: wsanvil "))
        .map(|line| {
            let line = line.replace(
                "-- ./server --port '{port}'",
                "-- wsanvil echo '127.0.0.1:{port}'",
            );
            format!("wsanvil {}", line.replace("--profile full", "--profile quick"))
        })
        .collect();
    let [run, merge, diff] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    for shard in ["1", "2", "3"] {
        assert_eq!(
            shell(&place, &run.replace("${{ matrix.shard }}", shard)),
            0,
            "{run}"
        );
    }
    assert_eq!(shell(&place, merge), 0, "{merge}");
    assert_eq!(lasting(&place, "new.json")["target"]["agent"], "server");
    let merged = std::fs::read_to_string(place.path("new.json")).unwrap();
    assert!(!merged.contains("is missing"));
    std::fs::copy(place.path("new.json"), place.path("main.json")).unwrap();
    let diff = diff.replace("\"$GITHUB_STEP_SUMMARY\"", "summary.md");
    assert_eq!(shell(&place, &diff), 0, "{diff}");
    let summary = std::fs::read_to_string(place.path("summary.md")).unwrap();
    assert!(
        summary.starts_with("# wsanvil diff: nothing regressed\n"),
        "{summary}"
    );
}

#[test]
fn the_jobs_of_the_docs_work() {
    let place = Place::new();
    let server = EchoServer::start(&[]);
    let manifest = include_str!("../../../../docs/ci/kubernetes.yaml");
    let arguments: Vec<Vec<String>> = manifest
        .lines()
        .filter_map(|line| line.trim().strip_prefix("args: "))
        .map(|list| serde_json::from_str(list).unwrap())
        .collect();
    let [run, merge] = arguments.as_slice() else {
        panic!("{arguments:?}")
    };
    let job = |arguments: &[String], index: &str| {
        let reports = place.path("reports").display().to_string();
        let filled: Vec<String> = arguments
            .iter()
            .map(|argument| {
                argument
                    .replace("$(INDEX)", index)
                    .replace("$(TARGET)", &server.url)
                    .replace("=full", "=quick")
                    .replace("/reports", &reports)
            })
            .collect();
        let words: Vec<&str> = filled.iter().map(String::as_str).collect();
        place.run(&words).expect(0);
    };
    for index in ["0", "1", "2", "3"] {
        job(run, index);
    }
    job(merge, "");
    let merged = std::fs::read_to_string(place.path("reports/report.json")).unwrap();
    assert!(!merged.contains("is missing"));
}
