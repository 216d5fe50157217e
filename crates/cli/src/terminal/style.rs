//! Colours. Streams strip them when they are not wanted.

use anstyle::{AnsiColor, Style};
use wsanvil_model::Verdict;

pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();
pub(crate) const HEAD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();

/// Colour of a verdict.
pub(crate) fn of(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Pass => AnsiColor::Green.on_default(),
        Verdict::Nonstrict => AnsiColor::Yellow.on_default(),
        Verdict::Fail => AnsiColor::Red.on_default(),
        Verdict::Crash => AnsiColor::Red.on_default().bold(),
        Verdict::Error => AnsiColor::Magenta.on_default(),
        Verdict::Skip => DIM,
    }
}
