//! Mistakes in files, shown with the lines they are in.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use wsanvil_case::{LoadError, Severity};

use super::escape::escape_block;
use super::style;
use super::width::stdout_width;

/// A mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snippet {
    pub(crate) severity: Severity,
    /// As the user named it.
    pub(crate) file: String,
    /// 1-based; 0 when the file could not be read at all.
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// The whole file.
    pub(crate) text: Arc<str>,
    /// Octets of `text` the message is about.
    pub(crate) span: Range<usize>,
}

impl Snippet {
    /// From a mistake in a case file.
    pub(crate) fn new(severity: Severity, error: LoadError) -> Self {
        let LoadError {
            file,
            line,
            column,
            message,
            hint,
            text,
            span,
        } = error;
        Self {
            severity,
            file,
            line,
            column,
            message,
            hint,
            text,
            span,
        }
    }

    /// `error: file:line:column: message` and the lines it is about.
    pub(crate) fn render(&self) -> String {
        let (word, style) = match self.severity {
            Severity::Error => ("error", style::ERROR),
            Severity::Warning => ("warning", style::WARNING),
        };
        let place = match self.line {
            0 => self.file.clone(),
            line => format!("{}:{line}:{}", self.file, self.column),
        };
        let head = format!(
            "{style}{word}{style:#}: {}: {}\n",
            escape_block(&place),
            escape_block(&self.message)
        );
        if self.text.is_empty() {
            return match &self.hint {
                Some(hint) => format!("{head}  {h}hint{h:#}: {}\n", escape_block(hint), h = style::HINT),
                None => head,
            };
        }
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode())
            .with_width(stdout_width().min(110))
            .with_links(false)
            .with_context_lines(1);
        let mut body = String::new();
        // Writing to a string cannot fail; the head alone would say what is needed.
        let _ = handler.render_report(&mut body, &Source::of(self));
        // The head is our own: one line that editors can jump from.
        let body = body
            .lines()
            .skip_while(|line| !line.contains('╭'))
            .collect::<Vec<_>>()
            .join("\n");
        format!("{head}{body}\n")
    }
}

/// The same in miette's terms.
#[derive(Debug)]
struct Source<'s> {
    snippet: &'s Snippet,
    source: NamedSource<String>,
}

impl<'s> Source<'s> {
    fn of(snippet: &'s Snippet) -> Self {
        let file = escape_block(&snippet.file);
        Self {
            snippet,
            source: NamedSource::new(file, snippet.text.to_string()),
        }
    }
}

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("here")
    }
}

impl std::error::Error for Source<'_> {}

impl Diagnostic for Source<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.snippet.span.clone();
        Some(Box::new(std::iter::once(LabeledSpan::underline(span))))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let hint = self.snippet.hint.as_deref()?;
        Some(Box::new(escape_block(hint).into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_place_and_shows_the_line() {
        let text = "[run]\njobs = \"x\"\n";
        let snippet = Snippet {
            severity: Severity::Error,
            file: "wsanvil.toml".to_owned(),
            line: 2,
            column: 8,
            message: "`jobs` wants an integer".to_owned(),
            hint: Some("such as jobs = 8".to_owned()),
            text: text.into(),
            span: 13..16,
        };
        let shown = anstream::adapter::strip_str(&snippet.render()).to_string();
        assert!(
            shown.starts_with("error: wsanvil.toml:2:8: `jobs` wants an integer\n"),
            "{shown}"
        );
        assert!(shown.contains("jobs = \"x\""), "{shown}");
        assert!(shown.contains("such as jobs = 8"), "{shown}");
    }
}
