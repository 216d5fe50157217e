//! Why a command could not do its work: what is said and how the program ends.

use crate::{exit_code, terminal};

/// A command that could not do its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// One of `exit_code`.
    pub(crate) code: u8,
    /// What is wrong; a lower-case fragment. Empty when everything is said already.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// The user's mistake.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(exit_code::USAGE, message)
    }

    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
        }
    }

    /// A failure whose messages are printed already.
    pub(crate) fn told(code: u8) -> Self {
        Self::new(code, "")
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into()).filter(|hint| !hint.is_empty());
        self
    }

    /// Prints it to stderr. Text of a target may be in it, so that control characters are made visible.
    pub(crate) fn tell(&self) {
        if self.message.is_empty() {
            return;
        }
        let error = terminal::style::ERROR;
        terminal::complain(&format!(
            "{error}error{error:#}: {}\n",
            terminal::escape_block(&self.message)
        ));
        if let Some(hint) = &self.hint {
            let style = terminal::style::HINT;
            terminal::complain(&format!(
                "  {style}hint{style:#}: {}\n",
                terminal::escape_block(hint)
            ));
        }
    }
}

/// Prints a warning to stderr.
pub(crate) fn warn(message: &str) {
    let style = terminal::style::WARNING;
    terminal::complain(&format!(
        "{style}warning{style:#}: {}\n",
        terminal::escape_block(message)
    ));
}
