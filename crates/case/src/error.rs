//! What is wrong with a case file, and where.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A mistake in a case file: the author of the file is to blame.
///
/// [`fmt::Display`] gives `file:line:column: message (hint)`. `text` and `span` are what a terminal needs to
/// show the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// File, relative to the library or as the user named it.
    pub file: String,
    /// Line, 1-based; 0 when the file could not be read at all.
    pub line: u32,
    /// Column in characters, 1-based; 0 when the file could not be read at all.
    pub column: u32,
    /// What is wrong, with the offending text.
    pub message: String,
    /// What would be right: allowed names, the nearest first.
    pub hint: Option<String>,
    /// The whole text of the file.
    pub text: Arc<str>,
    /// Octets of `text` the message is about.
    pub span: Range<usize>,
}

impl fmt::Display for LoadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:", self.file)?;
        if self.line > 0 {
            write!(out, "{}:{}:", self.line, self.column)?;
        }
        write!(out, " {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(out, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for LoadError {}

/// A mistake before it is known in which file it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Fault {
    pub(crate) fn new(span: &Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span: span.clone(),
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A name that is not among the allowed ones: says which are, the nearest first.
    pub(crate) fn unknown<'n>(
        span: &Range<usize>,
        what: &str,
        name: &str,
        allowed: impl IntoIterator<Item = &'n str>,
    ) -> Self {
        let fault = Self::new(span, format!("unknown {what} `{name}`"));
        match allowed_hint(name, allowed) {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }
}

/// `did you mean …? allowed: …`, the nearest name first.
fn allowed_hint<'n>(name: &str, allowed: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let mut allowed: Vec<&str> = allowed.into_iter().collect();
    let nearest = nearest(name, allowed.iter().copied(), 1).first().copied();
    if let Some(nearest) = nearest {
        allowed.retain(|other| *other != nearest);
        allowed.insert(0, nearest);
    }
    if allowed.is_empty() {
        return None;
    }
    let list = allowed.join(", ");
    Some(match nearest {
        Some(nearest) => format!("did you mean `{nearest}`? allowed: {list}"),
        None => format!("allowed: {list}"),
    })
}

/// The names most like `name`, best first; none that is unlike it.
pub(crate) fn nearest<'n>(
    name: &str,
    names: impl IntoIterator<Item = &'n str>,
    count: usize,
) -> Vec<&'n str> {
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .map(|other| (strsim::jaro_winkler(name, other), other))
        .filter(|(score, _)| *score > 0.7)
        .collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(right.1)));
    scored.dedup_by(|left, right| left.1 == right.1);
    scored.into_iter().take(count).map(|(_, other)| other).collect()
}
