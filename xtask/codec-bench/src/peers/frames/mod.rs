//! Peers in the groups `decode`, `encode` and `echo`, one module per crate.

mod fastwebsockets;
mod soketto;
mod transport;
mod tungstenite;

pub use fastwebsockets::{FastDecoder, FastEcho, FastEncoder};
pub use soketto::{SokettoDecoder, SokettoEcho, SokettoEncoder};
pub use tungstenite::{TungsteniteDecoder, TungsteniteEcho, TungsteniteEncoder};

use crate::Remark;

/// What contenders do differently.
pub const NOTES: &[Remark] = &[
    (
        "encode",
        "tungstenite",
        "as a client writes through a buffer of its own: one copy more than the others",
    ),
    (
        "echo",
        "tungstenite",
        "writes through a buffer of its own: one copy more than the others",
    ),
    (
        "echo",
        "soketto",
        "does not validate UTF-8; the bench does, with `std` or simdutf8, whichever is faster for the length",
    ),
];

/// Who is missing where, and why.
pub const NOT_COMPARED: &[Remark] = &[(
    "decode/mixed",
    "tungstenite",
    "gives whole messages; `FrameSocket` gives frames, but leaves them masked, and the mask function is private",
)];

/// Text checked for a peer that leaves it to its caller; below 128 octets the standard library is faster.
///
/// # Panics
/// When it is not UTF-8, which nobody sends here.
#[inline]
fn validated(text: &[u8]) -> &str {
    if text.len() < 128 {
        std::str::from_utf8(text).expect("the text is UTF-8")
    } else {
        simdutf8::basic::from_utf8(text).expect("the text is UTF-8")
    }
}
