//! A folder of the user: case files, sets and payload files beside them.

use std::fs;
use std::path::Path;

use wsanvil_case::Library;
use wsanvil_case::script::{Action, SendWhat, Source};

const CASE: &str = r#"
[[case]]
id = "mine/greeting"
title = "A greeting in {language}"
spec = ["6455-5.6-1"]
matrix = { language = "@language" }
steps = [{ open = "ws" }, { send = "text", file = "{language}.txt" }, { expect = "echo" }]
"#;

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, text).expect("a file");
}

#[test]
fn cases_sets_and_payload_files_come_from_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "sets.toml",
        "[language]\nvalues = [\"de\", \"fr\"]\n",
    );
    write(folder.path(), "b/greeting.toml", CASE);
    write(folder.path(), "b/de.txt", "Guten Tag");
    write(folder.path(), "b/fr.txt", "Bonjour");
    let mut library = Library::embedded().unwrap();
    library.add_dir(folder.path()).unwrap();

    let french = library.instance("mine/greeting[language=fr]").unwrap();
    let Action::Send(send) = &french.script.steps[1].action else {
        panic!("{french:?}");
    };
    let SendWhat::Frames(frame) = &send.what else {
        panic!("{send:?}");
    };
    assert_eq!(frame.payload.source, Source::Octets("Bonjour".into()));
}

#[test]
fn every_file_that_is_wrong_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.toml", CASE);
    write(folder.path(), "b.toml", "[[case]]\nid = 3\n");
    write(folder.path(), "c.toml", "not toml");
    let errors = Library::empty().add_dir(folder.path()).unwrap_err();
    assert_eq!(errors.len(), 3, "{errors:#?}");
}

#[test]
fn a_payload_file_lies_beside_the_case_file() {
    let folder = tempfile::tempdir().unwrap();
    let text = CASE
        .replace("@language", "@type")
        .replace("{language}.txt", "../secret");
    write(folder.path(), "a.toml", &text);
    let errors = Library::empty().add_dir(folder.path()).unwrap_err();
    assert!(
        errors[0]
            .message
            .starts_with("`../secret` is not beside the case file"),
        "{}",
        errors[0]
    );
}

#[test]
fn an_id_of_the_library_is_taken() {
    let library = Library::embedded().unwrap();
    let taken = &library.instances[0].case;
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "a.toml",
        &CASE
            .replace("mine/greeting", &taken.id)
            .replace("@language", "@type")
            .replace("file = \"{language}.txt\"", "data = \"\""),
    );
    let errors = library.clone().add_dir(folder.path()).unwrap_err();
    assert!(
        errors[0]
            .message
            .contains(&format!("is taken by {}:{}", taken.file, taken.line)),
        "{}",
        errors[0]
    );
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let errors = Library::empty().add_dir(Path::new("no/such/folder")).unwrap_err();
    assert!(
        errors[0]
            .to_string()
            .starts_with("no/such/folder: cannot be read: "),
        "{}",
        errors[0]
    );
}
