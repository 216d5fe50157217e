//! The rules that a peer can break behind the opening handshake, one at a time.

use super::compose::{Part, Place};
use super::{Action, Control, Frame, Heard, IllFormed, Message, Payload, Sent};
use crate::close::{may_be_sent, write_body};
use crate::deflate::{InflateError, TokenWriter};
use crate::frame::{Header, LengthForm, Opcode};
use crate::{Role, Rule};

/// A lie and where it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, arbitrary::Arbitrary)]
pub struct Placed {
    /// What is not as it should be.
    pub lie: Lie,
    /// Which of the frames (or messages) that can carry it does, modulo their number. Where none can, one that can is
    /// sent first, or a Close last.
    pub at: u16,
}

/// One rule broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, arbitrary::Arbitrary)]
pub enum Lie {
    /// These reserved bits are set, 1 to 7, beside RSV1 of a compressed message. RSV1 alone, where it is agreed, is one
    /// on a continuation or control frame only; a first frame gets RSV2 too.
    ReservedBits(#[arbitrary(with = |u: &mut arbitrary::Unstructured<'_>| u.int_in_range(1..=7))] u8),
    /// The opcode is a reserved one, 3 to 7 or 11 to 15.
    ReservedOpcode(
        #[arbitrary(with = |u: &mut arbitrary::Unstructured<'_>| u.choose(&RESERVED).copied())] u8,
    ),
    /// A client does not mask, or a server does.
    Mask,
    /// The length is in a longer form; in the longest of all when `wide`.
    LengthNotMinimal {
        /// 64 bits also where 16 are too long already.
        wide: bool,
    },
    /// The 64-bit length has its top bit set.
    LengthTopBit,
    /// A control frame is longer than 125 octets, by 1 to 256.
    ControlTooLong(u8),
    /// A control frame is not final.
    ControlFragmented,
    /// A message begins with a continuation frame.
    ContinuationOrphan,
    /// A message goes on with a first frame.
    MessageInterleaved,
    /// A text message is no text.
    Utf8(IllFormed),
    /// A compressed message cannot be inflated. Where compression is not agreed, RSV1 is the lie.
    Deflate(DeflateLie),
    /// A Close with half a code.
    CloseBodyOneOctet(u8),
    /// A Close with a code that must not be sent.
    CloseCode(#[arbitrary(with = forbidden_code)] u16),
    /// A Close whose reason is no text.
    CloseReasonUtf8(IllFormed),
    /// A frame with this opcode behind the Close. An endpoint reads no farther than the Close; an observer sees it.
    AfterClose(
        #[arbitrary(with = |u: &mut arbitrary::Unstructured<'_>| u.choose(&[1, 2, 8, 9, 10]).copied())] u8,
    ),
}

/// What is wrong with a compressed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, arbitrary::Arbitrary)]
pub enum DeflateLie {
    /// A block of the reserved type.
    BlockType,
    /// A stored block whose length and complement disagree.
    StoredLength,
    /// A length symbol that is not in use.
    Symbol,
    /// A distance symbol that is not in use.
    Distance,
    /// The final 00 00 ff ff is left in (RFC 7692 section 7.2.1).
    TailKept,
}

const RESERVED: [u8; 10] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

/// Codes of every class that must not be sent.
fn forbidden_code(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<u16> {
    let code = *u.choose(&[1005, 1006, 1015, 1004, 0, 999, 1016, 2999, 5000, 65_535])?;
    Ok(code)
}

impl Lie {
    /// Whether an endpoint that reads the lie fails for it.
    pub const fn is_read(self) -> bool {
        !matches!(self, Self::AfterClose(_))
    }

    /// Whether the lie is told when a message is made, not when a frame is.
    pub(super) const fn is_in_message(self) -> bool {
        matches!(self, Self::Utf8(_) | Self::Deflate(_))
    }

    /// Whether `action` has a frame, or is a message, that can carry the lie.
    pub(super) fn suits(self, action: &Action) -> bool {
        let message = match action {
            Action::Message(message) => Some(message),
            _ => None,
        };
        let is_close = matches!(action, Action::Close(_));
        let is_control = is_close || matches!(action, Action::Control(_));
        match self {
            Self::ReservedBits(_) | Self::ReservedOpcode(_) | Self::Mask | Self::LengthTopBit => {
                is_control || message.is_some()
            }
            // Of a longer message no form could be longer; a margin for what compression may add.
            Self::LengthNotMinimal { .. } => {
                is_control || message.is_some_and(|message| message.payload.octets().len() < 60_000)
            }
            Self::ControlTooLong(_) | Self::ControlFragmented => is_control,
            Self::ContinuationOrphan => message.is_some(),
            Self::MessageInterleaved => message.is_some_and(|message| !message.fragments.is_empty()),
            Self::Utf8(_) => message.is_some_and(|message| matches!(message.payload, Payload::Text(_))),
            Self::Deflate(_) => message.is_some_and(|message| matches!(message.payload, Payload::Binary(_))),
            Self::CloseBodyOneOctet(_)
            | Self::CloseCode(_)
            | Self::CloseReasonUtf8(_)
            | Self::AfterClose(_) => is_close,
        }
    }

    /// An action that suits.
    pub(super) fn carrier(self) -> Action {
        match self {
            Self::ReservedBits(_)
            | Self::ReservedOpcode(_)
            | Self::Mask
            | Self::LengthNotMinimal { .. }
            | Self::LengthTopBit
            | Self::ControlTooLong(_)
            | Self::ControlFragmented => Action::Control(Control::Ping(b"carrier".to_vec())),
            Self::ContinuationOrphan | Self::Deflate(_) => {
                Action::Message(Message::new(Payload::Binary(b"carrier".to_vec())))
            }
            Self::MessageInterleaved => Action::Message(Message {
                fragments: vec![3],
                ..Message::new(Payload::Binary(b"carrier".to_vec()))
            }),
            Self::Utf8(_) => Action::Message(Message::new(Payload::Text("carrier".to_owned()))),
            Self::CloseBodyOneOctet(_)
            | Self::CloseCode(_)
            | Self::CloseReasonUtf8(_)
            | Self::AfterClose(_) => Action::Close(None),
        }
    }

    /// Tells the lie in one of the frames. `rsv1`: RSV1 has a meaning.
    pub(super) fn bend(self, parts: &mut Vec<Part>, at: u16, sender: Role, rsv1: bool) {
        if let Self::AfterClose(opcode) = self {
            parts.extend(parts.last().and_then(|close| after(close, Opcode::new(opcode))));
            return;
        }
        let carriers = parts.iter().filter(|part| self.is_carried_by(part)).count();
        if carriers == 0 {
            return;
        }
        let chosen = parts
            .iter_mut()
            .filter(|part| self.is_carried_by(part))
            .nth(usize::from(at) % carriers);
        let Some(part) = chosen else { return };
        let Sent::Frame(frame) = &mut part.sent else {
            return;
        };
        let rule = self.bend_frame(frame, part.place, sender, rsv1);
        part.broken = Some(rule);
        part.heard = Some(Heard::Failed(rule));
    }

    fn is_carried_by(self, part: &Part) -> bool {
        let Sent::Frame(frame) = &part.sent else {
            return false;
        };
        match self {
            Self::ReservedBits(_) | Self::ReservedOpcode(_) | Self::Mask | Self::LengthTopBit => true,
            Self::LengthNotMinimal { .. } => frame.header.form != LengthForm::Bits64,
            Self::ControlTooLong(_) | Self::ControlFragmented => frame.header.opcode.is_control(),
            Self::ContinuationOrphan => part.place == Place::First,
            Self::MessageInterleaved => part.place == Place::Continuation,
            Self::CloseBodyOneOctet(_) | Self::CloseCode(_) | Self::CloseReasonUtf8(_) => {
                frame.header.opcode == Opcode::CLOSE
            }
            Self::Utf8(_) | Self::Deflate(_) | Self::AfterClose(_) => false,
        }
    }

    fn bend_frame(self, frame: &mut Frame, place: Place, sender: Role, rsv1: bool) -> Rule {
        let Frame { header, payload } = frame;
        match self {
            Self::ReservedBits(bits) => {
                let bits = header.rsv | (bits & 7).max(1);
                let (rsv, rule) = match (bits, place) {
                    (0b100, Place::First) if rsv1 => (0b110, Rule::ReservedBits { rsv: 0b110 }),
                    (0b100, Place::Continuation) if rsv1 => (bits, Rule::Rsv1OnContinuation),
                    (0b100, _) if rsv1 => (bits, Rule::Rsv1OnControl),
                    _ => (bits, Rule::ReservedBits { rsv: bits }),
                };
                header.rsv = rsv;
                rule
            }
            Self::ReservedOpcode(opcode) => {
                let reserved = Opcode::new(opcode);
                let opcode = if reserved.is_reserved() {
                    reserved
                } else {
                    Opcode::new(3)
                };
                (header.opcode, header.rsv) = (opcode, 0);
                if opcode.is_control() {
                    // Else that would be a second rule.
                    header.fin = true;
                    let kept = payload.get(..125).unwrap_or(payload).to_vec();
                    frame.set_payload(kept);
                }
                Rule::ReservedOpcode(opcode.get())
            }
            Self::Mask => {
                header.mask = if header.mask.is_some() {
                    None
                } else {
                    Some([0x37, 0xFA, 0x21, 0x3D])
                };
                if sender.masks() {
                    Rule::MaskMissing
                } else {
                    Rule::MaskPresent
                }
            }
            Self::LengthNotMinimal { wide } => {
                header.form = if wide || header.form == LengthForm::Bits16 {
                    LengthForm::Bits64
                } else {
                    LengthForm::Bits16
                };
                Rule::LengthNotMinimal
            }
            Self::LengthTopBit => {
                header.form = LengthForm::Bits64;
                header.payload_len |= 1 << 63;
                Rule::LengthTopBit
            }
            Self::ControlTooLong(more) => {
                let mut long = payload.clone();
                long.resize(126 + usize::from(more), b'+');
                let len = long.len() as u64;
                frame.set_payload(long);
                Rule::ControlTooLong { len }
            }
            Self::ControlFragmented => {
                header.fin = false;
                Rule::ControlFragmented
            }
            Self::ContinuationOrphan => {
                (header.opcode, header.rsv) = (Opcode::CONTINUATION, 0);
                Rule::ContinuationOrphan
            }
            Self::MessageInterleaved => {
                header.opcode = Opcode::BINARY;
                Rule::MessageInterleaved
            }
            Self::CloseBodyOneOctet(octet) => {
                frame.set_payload(vec![octet]);
                Rule::CloseBodyOneOctet
            }
            Self::CloseCode(code) => {
                let code = if may_be_sent(code) { 1005 } else { code };
                let reason = payload.get(2..).unwrap_or_default();
                let body = [&code.to_be_bytes(), reason].concat();
                frame.set_payload(body);
                Rule::CloseCode(code)
            }
            Self::CloseReasonUtf8(way) => {
                let (reason, at) = way.spoil("reason", payload.len());
                let mut body = Vec::new();
                write_body(1000, "", &mut body);
                body.extend_from_slice(&reason);
                frame.set_payload(body);
                Rule::CloseReasonUtf8 { at: at as u64 }
            }
            // Told when the message is made, or behind the last frame.
            Self::Utf8(_) | Self::Deflate(_) | Self::AfterClose(_) => Rule::CloseTwice,
        }
    }
}

/// A frame behind the Close `close`.
fn after(close: &Part, opcode: Opcode) -> Option<Part> {
    let Sent::Frame(close) = &close.sent else {
        return None;
    };
    let broken = if opcode == Opcode::CLOSE {
        Rule::CloseTwice
    } else {
        Rule::DataAfterClose { opcode: opcode.get() }
    };
    let frame = Frame {
        header: Header {
            mask: close.header.mask,
            ..Header::new(opcode, 0)
        },
        payload: Vec::new(),
    };
    Some(Part {
        sent: Sent::Frame(frame),
        place: Place::Control,
        heard: None,
        broken: Some(broken),
    })
}

impl DeflateLie {
    /// The payload of a message that was compressed rightly to `payload`, spoiled.
    pub fn spoil(self, mut payload: Vec<u8>) -> Vec<u8> {
        let mut writer = TokenWriter::new();
        match self {
            Self::BlockType => {
                payload.resize(payload.len().max(1), 0);
                if let Some(first) = payload.first_mut() {
                    *first |= 0b110;
                }
                return payload;
            }
            Self::TailKept => {
                payload.extend_from_slice(&[0x00, 0x00, 0xFF, 0xFF]);
                return payload;
            }
            Self::StoredLength => return vec![0x00, 0x05, 0x00, 0x00, 0x00],
            Self::Symbol => writer.begin_fixed(false).symbol(286),
            Self::Distance => writer.begin_fixed(false).symbol(257).distance_code(30),
        };
        writer.end_block();
        writer.end_message(false)
    }

    /// What an inflater says of it.
    pub const fn error(self) -> InflateError {
        match self {
            Self::BlockType => InflateError::BlockType,
            Self::StoredLength => InflateError::StoredLength,
            Self::Symbol => InflateError::Symbol,
            Self::Distance => InflateError::Distance,
            Self::TailKept => InflateError::Unfinished,
        }
    }
}
