//! The map of the code points at things that exist.

use std::fs;

use crate::root;

fn map() -> String {
    fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

/// Everything between two backticks on a line.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn every_path_exists() {
    let map = map();
    let folders = ["crates/", "cases/", "xtask/", "reports/", "fuzz/"];
    let paths: Vec<&str> = quoted(&map)
        .filter(|word| folders.iter().any(|folder| word.starts_with(folder)))
        .collect();
    assert!(paths.len() > 20, "only {} paths", paths.len());
    for path in paths {
        // `tests/a.rs::name` names a test in a file.
        let (file, name) = path
            .split_once("::")
            .map_or((path, None), |(file, name)| (file, Some(name)));
        assert!(
            root().join(file).exists(),
            "ARCHITECTURE.md: {file} does not exist"
        );
        if let Some(name) = name {
            let text = fs::read_to_string(root().join(file)).unwrap();
            assert!(
                text.contains(&format!("fn {name}(")),
                "ARCHITECTURE.md: {file} has no test {name}"
            );
        }
    }
}

#[test]
fn every_crate_is_on_the_map() {
    let map = map();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            map.contains(&format!("`crates/{name}`")),
            "ARCHITECTURE.md does not know crates/{name}"
        );
    }
}

#[test]
fn it_stays_one_page() {
    let lines = map().lines().count();
    assert!(lines <= 150, "ARCHITECTURE.md has {lines} lines");
}
