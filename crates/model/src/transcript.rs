//! Transcripts: what crossed the wire, with times.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Octets of a payload kept at either end.
pub const KEPT_OCTETS: usize = 256;

/// Direction seen from the tester.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the target.
    In,
    /// To the target.
    Out,
}

/// One event on a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Microseconds since the instance began.
    pub t_us: u64,
    /// Connection.
    pub on: String,
    /// Direction.
    pub dir: Direction,
    /// What it was.
    pub what: What,
    /// Length in octets: payload of a frame, octets of a head or of raw data.
    pub len: u64,
    /// The first octets (payload of a frame after unmasking), at most [`KEPT_OCTETS`], in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hex: String,
    /// The last octets when not all are in `hex`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tail_hex: String,
    /// SHA-1 of all octets when not all are kept, in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha1: String,
    /// Header of a frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<FrameInfo>,
    /// What to know about it in words: a barrier, a rule broken, a reason.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remark: String,
    /// Entries left out before this one, in long transcripts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub omitted_before: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// Kinds of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum What {
    /// The transport is open.
    Opened,
    /// The transport could not be opened; the remark says why.
    OpenFailed,
    /// An HTTP head.
    Head,
    /// A frame.
    Frame,
    /// Octets that are not a frame.
    Raw,
    /// FIN.
    Fin,
    /// RST or another error of the transport.
    Reset,
    /// A pause, a stop of reading and the like.
    Pause,
}

/// Header of a frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FrameInfo {
    /// FIN.
    pub fin: bool,
    /// Reserved bits, 0–7: 4 RSV1, 2 RSV2, 1 RSV3.
    pub rsv: u8,
    /// Opcode, 0–15.
    pub opcode: u8,
    /// Masking key in hexadecimal; absent when not masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Bits of the length field: 7, 16 or 64.
    pub length_bits: u8,
    /// Announced payload length in octets.
    pub declared: u64,
    /// Header octets as they crossed the wire, in hexadecimal.
    pub header_hex: String,
}
