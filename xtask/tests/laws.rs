//! The laws of `fuzz/` on stable: with their seeds, and with every input that once broke one.
#![expect(clippy::unwrap_used, reason = "a panic here is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use wsanvil_fuzz::TARGETS;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join("fuzz")
}

/// Files of a folder, sorted; none when there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Holds a law against each file of a folder: the files that break it.
fn broken_by(check: fn(&[u8]), folder: &Path) -> Vec<PathBuf> {
    let breaks = |path: &PathBuf| {
        let input = fs::read(path).unwrap();
        catch_unwind(AssertUnwindSafe(|| check(&input))).is_err()
    };
    files(folder).into_iter().filter(breaks).collect()
}

#[test]
fn what_once_broke_a_law_does_not_any_more() {
    for target in TARGETS {
        let broken = broken_by(target.check, &fuzz().join("regressions").join(target.name));
        assert!(broken.is_empty(), "{}: {broken:?}", target.name);
    }
}

#[test]
fn committed_seeds_keep_the_laws() {
    for target in TARGETS {
        let folder = fuzz().join("seeds").join(target.name);
        assert!(!files(&folder).is_empty(), "no seed for {}", target.name);
        for path in files(&folder) {
            let len = fs::metadata(&path).unwrap().len();
            assert!(len <= target.max_len as u64, "{path:?} has {len} octets");
        }
        let broken = broken_by(target.check, &folder);
        assert!(broken.is_empty(), "{}: {broken:?}", target.name);
    }
}

#[test]
fn made_seeds_keep_the_laws() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "no seed for {}", target.name);
        for seed in seeds {
            (target.check)(&seed);
        }
    }
}

#[test]
fn folders_and_targets_have_the_same_names() {
    let names: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    let found = |folder: &str| -> BTreeSet<String> {
        let files = files(&fuzz().join(folder)).into_iter();
        files
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .filter(|name| !name.starts_with('.'))
            .collect()
    };
    assert_eq!(found("fuzz_targets"), names);
    assert_eq!(found("seeds"), names);
    assert!(found("regressions").is_subset(&names));
}

/// Whether libFuzzer reads the line: nothing, a remark, or a string in quotes with its escapes.
fn is_dictionary_line(line: &str) -> bool {
    if line.is_empty() || line.starts_with('#') {
        return true;
    }
    let Some(inside) = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')) else {
        return false;
    };
    let mut rest = inside;
    while let Some((plain, escape)) = rest.split_once('\\') {
        let (quote, hex) = (
            escape.starts_with(['"', '\\']),
            escape.get(1..3).unwrap_or_default(),
        );
        let octet = escape.starts_with('x') && u8::from_str_radix(hex, 16).is_ok();
        if plain.contains('"') || !(quote || octet) {
            return false;
        }
        rest = &escape[if quote { 1 } else { 3 }..];
    }
    !inside.is_empty() && !rest.contains('"')
}

#[test]
fn dictionaries_are_for_targets_and_can_be_read() {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    let dictionaries = files(&fuzz().join("dictionaries"));
    assert!(!dictionaries.is_empty());
    for path in dictionaries {
        assert!(
            names.contains(&path.file_stem().unwrap().to_str().unwrap()),
            "{path:?}"
        );
        let text = fs::read_to_string(&path).unwrap();
        let bad: Vec<&str> = text.lines().filter(|line| !is_dictionary_line(line)).collect();
        assert!(bad.is_empty(), "{path:?}: {bad:?}");
    }
    assert!(!is_dictionary_line(r#""a"b""#) && !is_dictionary_line(r#""\xg0""#) && !is_dictionary_line("a"));
}

#[test]
fn a_file_that_breaks_a_law_is_named() {
    let folder = std::env::temp_dir().join(format!("xtask-laws-{}", std::process::id()));
    assert!(broken_by(|_| panic!("no file, no call"), &folder).is_empty());
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("good"), b"a").unwrap();
    fs::write(folder.join("bad"), b"b").unwrap();
    let broken = broken_by(|input| assert_ne!(input, b"b"), &folder);
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(broken, [folder.join("bad")]);
}
