//! What every manifest says.

use std::fs;

use toml::{Table, Value};

use crate::root;

/// Manifests of the members of the workspace.
fn members() -> Vec<(String, Table)> {
    let mut paths: Vec<_> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("Cargo.toml").exists())
        .collect();
    paths.extend([root().join("cases"), root().join("xtask")]);
    paths.sort();
    let read = |path: std::path::PathBuf| {
        let text = fs::read_to_string(path.join("Cargo.toml")).unwrap();
        (path.display().to_string(), text.parse().unwrap())
    };
    paths.into_iter().map(read).collect()
}

fn inherits(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")) == Some(&Value::Boolean(true))
}

#[test]
fn lints_and_package_fields_come_from_the_workspace() {
    for (path, manifest) in members() {
        assert!(
            inherits(manifest.get("lints")),
            "{path}: [lints] workspace = true"
        );
        let package = &manifest["package"];
        for field in ["version", "edition", "rust-version", "license", "repository"] {
            assert!(inherits(package.get(field)), "{path}: {field}.workspace = true");
        }
        assert!(package.get("description").is_some(), "{path}: description");
    }
}

#[test]
fn versions_of_dependencies_stand_in_the_workspace_only() {
    for (path, manifest) in members() {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(table) = manifest.get(kind).and_then(Value::as_table) else {
                continue;
            };
            for (name, dependency) in table {
                assert!(
                    inherits(Some(dependency)),
                    "{path}: {name}.workspace = true in {kind}"
                );
            }
        }
    }
}

#[test]
fn names_follow_the_folders() {
    for (path, manifest) in members() {
        let name = manifest["package"]["name"].as_str().unwrap();
        let folder = path.rsplit('/').next().unwrap();
        let expected = match folder {
            "cli" => "wsanvil".to_owned(),
            "xtask" => folder.to_owned(),
            _ => format!("wsanvil-{folder}"),
        };
        assert_eq!(name, expected);
    }
}
