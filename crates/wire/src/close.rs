//! Close codes and the body of the Close frame (RFC 6455 sections 5.5.1 and 7.4).
//!
//! ```
//! use wsanvil_wire::Rule;
//! use wsanvil_wire::close::{parse_body, write_body};
//!
//! let mut body = Vec::new();
//! write_body(1001, "going away", &mut body);
//! assert_eq!(parse_body(&body).unwrap().code, Some(1001));
//! // 1005 says that there was no code: it never stands in a frame.
//! assert_eq!(parse_body(&1005_u16.to_be_bytes()), Err(Rule::CloseCode(1005)));
//! ```

use crate::{Rule, utf8};

/// Local code for a Close frame without a body (RFC 6455 section 7.1.5).
pub const NO_STATUS: u16 = 1005;

/// Local code for the end of the transport without a Close frame (RFC 6455 section 7.1.5).
pub const ABNORMAL: u16 = 1006;

/// Octets of reason that fit a Close frame: 125 of control payload less the code.
pub const MAX_REASON_LEN: usize = 123;

/// What a close code may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeClass {
    /// Defined by RFC 6455 or free to use: 1000 to 1003, 1007 to 1011, 3000 to 4999.
    Usable,
    /// Registered later: 1012 to 1014. A receiver of 2011 refuses them rightly.
    Registered,
    /// Names of local events that never stand in a frame: 1005, 1006, 1015.
    NeverOnWire,
    /// Kept for the protocol and not assigned: 1004 and 1016 to 2999.
    Reserved,
    /// Below 1000: not used.
    BelowRange,
    /// From 5000 on: outside the registry.
    AboveRange,
}

/// The class of `code` (RFC 6455 section 7.4 and the IANA registry).
pub const fn classify(code: u16) -> CodeClass {
    match code {
        0..=999 => CodeClass::BelowRange,
        1000..=1003 | 1007..=1011 | 3000..=4999 => CodeClass::Usable,
        1012..=1014 => CodeClass::Registered,
        1005 | 1006 | 1015 => CodeClass::NeverOnWire,
        1004 | 1016..=2999 => CodeClass::Reserved,
        5000.. => CodeClass::AboveRange,
    }
}

/// Whether an endpoint may put `code` into a Close frame.
pub const fn may_be_sent(code: u16) -> bool {
    matches!(classify(code), CodeClass::Usable | CodeClass::Registered)
}

/// A Close body that keeps every rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseBody<'a> {
    /// The code, absent when the body is empty.
    pub code: Option<u16>,
    /// The reason, often empty.
    pub reason: &'a str,
}

/// Reads a Close body strictly: two octets or more or none, a code that may be sent, a reason in UTF-8.
///
/// The offset in [`Rule::CloseReasonUtf8`] counts from the start of the reason.
pub fn parse_body(body: &[u8]) -> Result<CloseBody<'_>, Rule> {
    let Some((code, reason)) = body.split_first_chunk::<2>() else {
        return if body.is_empty() {
            Ok(CloseBody {
                code: None,
                reason: "",
            })
        } else {
            Err(Rule::CloseBodyOneOctet)
        };
    };
    let code = u16::from_be_bytes(*code);
    if !may_be_sent(code) {
        return Err(Rule::CloseCode(code));
    }
    let reason = utf8::from_utf8(reason).map_err(|error| Rule::CloseReasonUtf8 { at: error.at })?;
    Ok(CloseBody {
        code: Some(code),
        reason,
    })
}

/// Appends a Close body: `code` and as much of `reason` as fits, cut between characters.
pub fn write_body(code: u16, reason: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(&code.to_be_bytes());
    let mut end = reason.len().min(MAX_REASON_LEN);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    out.extend_from_slice(reason.as_bytes().get(..end).unwrap_or_default());
}
