//! What may stand in which source file.

use crate::files;

/// No file is longer.
const LONGEST: usize = 1200;
/// Half of the files are shorter.
const MEDIAN: usize = 250;

fn all() -> Vec<(String, String)> {
    ["crates", "cases", "xtask", "fuzz"]
        .iter()
        .flat_map(|folder| files(folder, "rs"))
        .collect()
}

/// Lines of code with their numbers; lines that are only a comment are left out.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn assert_without(folder: &str, words: &[&str]) {
    let files = files(folder, "rs");
    assert!(!files.is_empty(), "{folder} is empty");
    for (path, text) in files {
        for (number, line) in code(&text) {
            for word in words {
                assert!(!line.contains(word), "{path}:{number} holds {word}");
            }
        }
    }
}

#[test]
fn protocol_code_reads_no_clock_no_entropy_and_no_environment() {
    let words = [
        "SystemTime",
        "Instant::now",
        "std::env::",
        "env::var",
        "thread_rng",
        "getrandom",
        "rand::random",
        "rand::rng(",
        "OsRng",
        "thread::sleep",
    ];
    for folder in ["crates/wire/src", "crates/echo/src", "crates/engine/src"] {
        assert_without(folder, &words);
    }
}

#[test]
fn reports_open_no_socket() {
    assert_without("crates/report/src", &["std::net", "TcpStream", "UdpSocket"]);
}

#[test]
fn only_the_command_line_prints() {
    let words = ["println!", "print!(", "dbg!("];
    for (path, text) in all() {
        let own = path.starts_with("crates/cli/") || path.starts_with("xtask/");
        if own || !path.contains("/src/") {
            continue;
        }
        for (number, line) in code(&text) {
            for word in words {
                assert!(!line.contains(word), "{path}:{number} prints: {word}");
            }
        }
    }
}

#[test]
fn files_are_small() {
    let mut lengths = Vec::new();
    for (path, text) in all() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{path} has {lines} lines, more than {LONGEST}");
        lengths.push(lines);
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median < MEDIAN, "the median file has {median} lines");
}

#[test]
fn a_relaxed_lint_gives_its_reason() {
    for (path, text) in all() {
        for word in ["allow(", "expect("] {
            for opening in ["#[", "#!["] {
                let attribute = format!("{opening}{word}");
                for (at, _) in text.match_indices(&attribute) {
                    let rest = &text[at..];
                    let end = rest.find(")]").unwrap_or(rest.len());
                    let line = text[..at].lines().count().max(1);
                    assert!(
                        rest[..end].contains("reason ="),
                        "{path}:{line}: {attribute} without a reason"
                    );
                }
            }
        }
    }
}

#[test]
fn case_files_are_short() {
    for (path, text) in files("cases", "toml") {
        let lines = text.lines().count();
        assert!(lines <= 400, "{path} has {lines} lines, more than 400");
    }
}
