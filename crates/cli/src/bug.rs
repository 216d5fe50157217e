//! Panics: wsanvil's own fault, said so.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit_code;
use crate::terminal;

/// Whether any thread has panicked. A task that panics ends alone, and its run must not count as a good one.
static SEEN: AtomicBool = AtomicBool::new(false);

/// Runs `main` and returns its exit code, or [`exit_code::BUG`] when anything panicked on the way.
pub(crate) fn guard(main: impl FnOnce() -> u8) -> u8 {
    panic::set_hook(Box::new(|panic| {
        // One report is enough; the first one names the cause.
        if SEEN.swap(true, Ordering::SeqCst) {
            return;
        }
        let what = panic
            .payload()
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.payload().downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".to_owned());
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        terminal::complain(&message(&what, &place));
    }));
    let code = panic::catch_unwind(AssertUnwindSafe(main)).unwrap_or(exit_code::BUG);
    if SEEN.load(Ordering::SeqCst) {
        exit_code::BUG
    } else {
        code
    }
}

fn message(what: &str, place: &str) -> String {
    format!(
        "\nthis is a bug in wsanvil, not in the target: {what}\n  at {place}, wsanvil {version}\n  \
         please report it with the command you ran: {repository}/issues\n",
        what = terminal::escape_block(what),
        version = env!("CARGO_PKG_VERSION"),
        repository = env!("CARGO_PKG_REPOSITORY"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_blames_wsanvil_and_says_where_to_go() {
        let text = message("index \u{1b}[2J out of range", "src/x.rs:1:2");
        assert!(text.contains("this is a bug in wsanvil"));
        assert!(text.contains("/issues"));
        assert!(!text.contains('\u{1b}'));
    }
}
