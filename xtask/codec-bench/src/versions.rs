//! Versions of the peers, read from the lock file of this package.

use std::collections::BTreeMap;

/// Name and version of every direct dependency.
pub fn peers() -> BTreeMap<String, String> {
    direct(include_str!("../Cargo.lock"))
}

fn direct(lock: &str) -> BTreeMap<String, String> {
    let packages: Vec<Package<'_>> = lock.split("[[package]]").skip(1).map(Package::read).collect();
    let own = packages
        .iter()
        .find(|package| package.name == env!("CARGO_PKG_NAME"));
    let wanted = own.map_or(&[][..], |own| &own.dependencies);
    wanted
        .iter()
        .filter_map(|wanted| {
            // The lock file gives the version where there are several.
            let (name, version) = wanted.split_once(' ').unwrap_or((wanted, ""));
            let fits = |package: &&Package<'_>| {
                package.name == name && (version.is_empty() || package.version == version)
            };
            let found = packages.iter().find(fits)?;
            Some((name.to_owned(), found.version.to_owned()))
        })
        .collect()
}

#[derive(Default)]
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    dependencies: Vec<&'a str>,
}

impl<'a> Package<'a> {
    fn read(text: &'a str) -> Self {
        let mut package = Self::default();
        for line in text.lines() {
            if let Some((key, value)) = line.split_once(" = ") {
                match key {
                    "name" => package.name = value.trim_matches('"'),
                    "version" => package.version = value.trim_matches('"'),
                    _ => {}
                }
            } else if let Some(dependency) = line.strip_prefix(" \"") {
                package.dependencies.push(dependency.trim_end_matches("\","));
            }
        }
        package
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_of_which_there_are_two_is_the_named_one() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"a\"\nversion = \"2.0.0\"\n\n\
                    [[package]]\nname = \"b\"\nversion = \"3.0.0\"\ndependencies = [\n \"a 1.0.0\",\n]\n\n\
                    [[package]]\nname = \"wsanvil-codec-bench\"\nversion = \"0.0.0\"\ndependencies = [\n \"a 2.0.0\",\n \"b\",\n]\n";
        let expected = [("a", "2.0.0"), ("b", "3.0.0")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(direct(lock), BTreeMap::from(expected));
    }

    #[test]
    fn the_peers_are_in_the_lock_file() {
        assert!(peers().contains_key("fastwebsockets"));
    }
}
