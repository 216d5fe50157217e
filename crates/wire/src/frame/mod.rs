//! Frames (RFC 6455 section 5): opcodes, headers and the incremental decoder.

#[expect(
    clippy::mut_mut,
    reason = "the input is a cursor over a mutable slice: payload stays borrowed from it"
)]
mod decode;
mod header;
mod opcode;
mod rules;
mod write;

pub use decode::{Decoder, Event, Frame};
pub use header::{Header, LengthForm, MAX_HEADER_LEN};
pub use opcode::Opcode;
pub use rules::{Position, broken_rules};
