//! Lists of texts that people have written comments into.

use toml_edit::{Array, RawString};

/// Takes texts out of a list, each with the comment behind it on its line and those right above it.
pub(super) fn retain(list: &mut Array, stays: impl Fn(&str) -> bool) {
    let text = |raw: Option<&RawString>| raw.and_then(|raw| raw.as_str()).unwrap_or_default().to_owned();
    let mut between: Vec<String> = list.iter().map(|item| text(item.decor().prefix())).collect();
    between.push(text(Some(list.trailing())));
    // What stands in front of a text up to the end of the line is about the one before.
    let split = |at: usize| between[at].split_at(between[at].find('\n').unwrap_or(0));
    let kept: Vec<usize> = list
        .iter()
        .enumerate()
        .filter(|(_, item)| item.as_str().is_none_or(&stays))
        .map(|(at, _)| at)
        .collect();
    let mut behind = split(0).0.to_owned();
    let mut prefixes = Vec::new();
    for at in &kept {
        // On one line the first text has no blank before it.
        let own = if prefixes.is_empty() && !split(*at).1.contains('\n') {
            split(0).1
        } else {
            split(*at).1
        };
        prefixes.push(std::mem::take(&mut behind) + own);
        split(at + 1).0.clone_into(&mut behind);
    }
    let trailing = behind + split(between.len() - 1).1;
    let mut at = 0;
    list.retain(|_| {
        at += 1;
        kept.contains(&(at - 1))
    });
    for (item, prefix) in list.iter_mut().zip(prefixes) {
        item.decor_mut().set_prefix(prefix);
    }
    list.set_trailing(trailing);
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    #[test]
    fn lists_are_cut_with_their_comments() {
        let cut = |list: &str, out: &str| {
            let mut document: DocumentMut = format!("a = {list}\n").parse().unwrap();
            retain(document["a"].as_array_mut().unwrap(), |text| !out.contains(text));
            document.to_string()
        };
        let list =
            "[ # all\n  # the first\n  \"1\", # one\n  \"2\", # two\n  # the last\n  \"3\", # three\n]";
        assert_eq!(
            cut(list, "1"),
            "a = [ # all\n  \"2\", # two\n  # the last\n  \"3\", # three\n]\n"
        );
        assert_eq!(
            cut(list, "2"),
            "a = [ # all\n  # the first\n  \"1\", # one\n  # the last\n  \"3\", # three\n]\n"
        );
        assert_eq!(cut(list, "23"), "a = [ # all\n  # the first\n  \"1\", # one\n]\n");
        assert_eq!(cut("[\"1\", \"2\", \"3\"]", "1"), "a = [\"2\", \"3\"]\n");
        assert_eq!(cut("[\"1\", \"2\", \"3\"]", "3"), "a = [\"1\", \"2\"]\n");
    }
}
