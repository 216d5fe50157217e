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
