//! Frames (RFC 6455 section 5): opcodes, headers and the incremental decoder.
//!
//! ```
//! use wsanvil_wire::frame::{Decoder, Event, Header, Opcode};
//! use wsanvil_wire::{Role, Rule};
//!
//! // A Ping with a reserved bit, from a server; then half a text frame.
//! let mut wire = Vec::new();
//! Header { rsv: 0b010, ..Header::new(Opcode::PING, 2) }.write_frame(b"hi", &mut wire);
//! wire.extend_from_slice(b"\x81\x05Hel");
//!
//! let mut decoder = Decoder::new(Role::Server);
//! let (mut rest, mut payloads, mut rules) = (&mut wire[..], Vec::new(), Vec::new());
//! while let Some(event) = decoder.next(&mut rest) {
//!     match event {
//!         Event::Header { broken, .. } => rules.extend(broken),
//!         Event::Payload(octets) => payloads.push(octets),
//!         Event::End => {}
//!     }
//! }
//! assert_eq!(payloads, [&b"hi"[..], b"Hel"]);
//! assert_eq!(rules, [Rule::ReservedBits { rsv: 0b010 }]);
//! assert_eq!(decoder.owed(), 2);
//! ```

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
