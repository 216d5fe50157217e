//! What people see: the only place that knows streams, colours and widths.

mod escape;
mod findings;
mod mode;
mod print;
mod progress;
pub(crate) mod snippet;
pub(crate) mod style;
mod summary;
mod width;

pub(crate) use escape::{escape, escape_block, is_harmful, shell_quote};
pub(crate) use mode::Mode;
pub(crate) use print::{Color, complain, say, set_color};
pub(crate) use progress::Progress;
pub(crate) use summary::{Written, agents, summary};
pub(crate) use width::{fit, stdout_width, wrap};
