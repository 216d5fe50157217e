//! What the program says, word for word: `tests/cmd/*.trycmd`. `TRYCMD=overwrite` takes the new words over.

#[test]
fn every_word_is_as_reviewed() {
    trycmd::TestCases::new()
        .env("GITHUB_ACTIONS", "false")
        .case("tests/cmd/*.trycmd");
}
