//! A page as a browser splits it, for pages that use little of HTML: anything else is no page of ours.

/// A part of a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// The start of an element, its attributes in order.
    Start(&'a str, Vec<(&'a str, Option<&'a str>)>),
    /// The end of an element.
    End(&'a str),
    /// Text between tags.
    Text(&'a str),
    /// The content of a script or a style sheet, in which no escape counts.
    Raw(&'a str),
}

/// The parts of `page` behind its document type. Panics at what a browser might read in another way than meant.
pub(crate) fn tokens(page: &str) -> Vec<Token<'_>> {
    let mut rest = page.strip_prefix("<!doctype html>").expect("a document type");
    let mut tokens = Vec::new();
    while !rest.is_empty() {
        let Some(tag) = rest.strip_prefix('<') else {
            let (text, behind) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
            is_escaped(text);
            tokens.push(Token::Text(text));
            rest = behind;
            continue;
        };
        if let Some(end) = tag.strip_prefix('/') {
            let (name, behind) = end.split_once('>').expect("the end of a tag");
            tokens.push(Token::End(is_name(name)));
            rest = behind;
            continue;
        }
        let (name, attributes, behind) = start(tag);
        tokens.push(Token::Start(name, attributes));
        rest = behind;
        if matches!(name, "script" | "style") {
            let end = format!("</{name}>");
            let (content, _) = rest.split_once(&end).expect("the end of the element");
            tokens.push(Token::Raw(content));
            rest = &rest[content.len()..];
        }
    }
    tokens
}

/// Name, attributes, and what is behind the tag.
fn start(tag: &str) -> (&str, Vec<(&str, Option<&str>)>, &str) {
    let word = |text: &str| {
        let inside = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == ':';
        text.find(|c| !inside(c)).unwrap_or(text.len())
    };
    let (name, mut rest) = tag.split_at(word(tag));
    let mut attributes = Vec::new();
    while let Some(behind) = rest.strip_prefix(' ') {
        let (name, behind) = behind.split_at(word(behind));
        let value = behind.strip_prefix("=\"").map(|behind| {
            let (value, behind) = behind.split_once('"').expect("the end of a value");
            is_escaped(value);
            (value, behind)
        });
        attributes.push((is_name(name), value.map(|(value, _)| value)));
        rest = value.map_or(behind, |(_, behind)| behind);
    }
    let behind = rest.strip_prefix('/').unwrap_or(rest);
    (
        is_name(name),
        attributes,
        behind.strip_prefix('>').expect("the end of a tag"),
    )
}

fn is_name(name: &str) -> &str {
    assert!(
        name.starts_with(|c: char| c.is_ascii_alphabetic()),
        "{name:?} is no name"
    );
    name
}

/// No tag begins or ends in it, and each ampersand begins a reference that ends.
fn is_escaped(text: &str) {
    assert!(!text.contains(['<', '>']), "{text:?}");
    for reference in text.split('&').skip(1) {
        let (name, _) = reference.split_once(';').expect("a reference");
        let digits = name.strip_prefix('#');
        let known = digits.map_or(matches!(name, "amp" | "lt" | "gt" | "quot"), |digits| {
            (1..=2).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
        });
        assert!(known, "&{name};");
    }
}
