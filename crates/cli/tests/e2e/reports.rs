//! Where reports go, and what cannot be selected.

use super::program::Place;

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
