//! Who may depend on what: the edges that keep time, sockets and terminals out of the protocol code.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::root;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `None`: an ordinary one; `dev` or `build`.
    kind: Option<String>,
}

static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
});

/// Packages that depend directly on one of these.
fn users(names: &[&str], counts: fn(&Dependency) -> bool) -> BTreeSet<&'static str> {
    let packages = METADATA.packages.iter().filter(|package| {
        let mut dependencies = package.dependencies.iter();
        dependencies.any(|one| counts(one) && names.contains(&one.name.as_str()))
    });
    packages.map(|package| package.name.as_str()).collect()
}

fn any(_: &Dependency) -> bool {
    true
}

fn ordinary(dependency: &Dependency) -> bool {
    dependency.kind.is_none()
}

fn assert_only(allowed: &[&str], names: &[&str], counts: fn(&Dependency) -> bool) {
    for user in users(names, counts) {
        assert!(
            allowed.contains(&user),
            "{user} must not depend on {}",
            names.join(", ")
        );
    }
}

/// What a package uses of ours, tests left out.
fn ours(name: &str) -> BTreeSet<&'static str> {
    let package = METADATA.packages.iter().find(|package| package.name == name);
    let package = package.unwrap_or_else(|| panic!("no package {name}"));
    let dependencies = package.dependencies.iter().filter(|one| ordinary(one));
    let names = dependencies.map(|one| one.name.as_str());
    names.filter(|name| name.starts_with("wsanvil")).collect()
}

#[test]
fn only_drivers_know_the_runtime() {
    let allowed = [
        "wsanvil-net",
        "wsanvil-run",
        "wsanvil-testkit",
        "wsanvil",
        "xtask",
    ];
    assert_only(&allowed, &["tokio"], any);
}

#[test]
fn only_net_and_the_testkit_know_tls() {
    let allowed = ["wsanvil-net", "wsanvil-testkit"];
    let tls = [
        "rustls",
        "tokio-rustls",
        "rustls-native-certs",
        "webpki-roots",
        "native-tls",
        "openssl",
    ];
    assert_only(&allowed, &tls, any);
    // Certificates are made for tests only.
    assert_only(&[], &["rcgen"], ordinary);
}

#[test]
fn reports_know_no_socket() {
    let sockets = [
        "tokio",
        "socket2",
        "mio",
        "nix",
        "wsanvil-net",
        "wsanvil-run",
        "wsanvil-engine",
    ];
    assert!(!users(&sockets, ordinary).contains("wsanvil-report"));
}

#[test]
fn the_layers_below_depend_on_none_above() {
    let nothing: [&str; 0] = [];
    assert_eq!(ours("wsanvil-wire"), nothing.into());
    assert_eq!(ours("wsanvil-model"), nothing.into());
    assert_eq!(ours("wsanvil-cases"), nothing.into());
    assert_eq!(ours("wsanvil-echo"), ["wsanvil-wire"].into());
    assert_eq!(ours("wsanvil-report"), ["wsanvil-model"].into());
    assert_eq!(
        ours("wsanvil-case"),
        ["wsanvil-cases", "wsanvil-model", "wsanvil-wire"].into()
    );
    assert_eq!(
        ours("wsanvil-engine"),
        ["wsanvil-case", "wsanvil-model", "wsanvil-wire"].into()
    );
    assert!(ours("wsanvil-net").is_subset(&["wsanvil-model"].into()));
}

#[test]
fn nothing_that_ships_depends_on_what_does_not() {
    assert_eq!(users(&["wsanvil-testkit", "xtask"], ordinary), ["xtask"].into());
}
