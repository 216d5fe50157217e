//! The rules a sender of frames can break, one variant each.

use crate::close::{CodeClass, classify};
use crate::deflate::InflateError;

/// A rule of RFC 6455 or RFC 7692 broken by the octets received: always the sender's fault, except for the size
/// limits, which are the receiver's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// A reserved bit is set that no agreed extension gives a meaning.
    #[error("reserved bits {rsv:03b} are set without an extension that defines them")]
    ReservedBits {
        /// The bits, RSV1 first: 1 to 7.
        rsv: u8,
    },
    /// The opcode has no meaning.
    #[error("opcode {0:#x} is reserved")]
    ReservedOpcode(u8),
    /// A client sent a frame without mask.
    #[error("a frame from the client is not masked")]
    MaskMissing,
    /// A server sent a masked frame.
    #[error("a frame from the server is masked")]
    MaskPresent,
    /// The length would have fitted a shorter form.
    #[error("the payload length is not in the shortest form")]
    LengthNotMinimal,
    /// A 64-bit length has its most significant bit set.
    #[error("the 64-bit payload length has its top bit set")]
    LengthTopBit,
    /// A control frame announces more than 125 octets.
    #[error("a control frame carries {len} octets, more than 125")]
    ControlTooLong {
        /// Octets announced.
        len: u64,
    },
    /// A control frame without FIN.
    #[error("a control frame is fragmented")]
    ControlFragmented,
    /// A continuation frame with no message in progress.
    #[error("a continuation frame comes without a message in progress")]
    ContinuationOrphan,
    /// A new data frame before the message in progress was finished.
    #[error("a new message begins before the fragmented one is finished")]
    MessageInterleaved,
    /// RSV1 on a frame that is not the first of its message.
    #[error("RSV1 is set on a continuation frame")]
    Rsv1OnContinuation,
    /// RSV1 on a control frame.
    #[error("RSV1 is set on a control frame")]
    Rsv1OnControl,
    /// A text message that is not UTF-8.
    #[error("the text message is not UTF-8, certain at octet {at}")]
    Utf8 {
        /// Index in the (inflated) message of the octet that proves it; its length when the end cut a character.
        at: u64,
    },
    /// A Close body of a single octet.
    #[error("the Close body has one octet, half a code")]
    CloseBodyOneOctet,
    /// A code that must not be in a Close frame.
    #[error("close code {0} must not be sent")]
    CloseCode(u16),
    /// A reason that is not UTF-8.
    #[error("the close reason is not UTF-8, certain at octet {at}")]
    CloseReasonUtf8 {
        /// Index in the reason of the octet that proves it.
        at: u64,
    },
    /// A compressed message that is no DEFLATE stream.
    #[error("the compressed message cannot be inflated: {0}")]
    DeflateData(InflateError),
    /// A frame longer than the receiver takes.
    #[error("the frame is longer than {limit} octets")]
    FrameTooBig {
        /// The receiver's limit in octets.
        limit: u64,
    },
    /// A message longer than the receiver takes, after inflation.
    #[error("the message is longer than {limit} octets")]
    MessageTooBig {
        /// The receiver's limit in octets.
        limit: u64,
    },
    /// A frame behind the sender's own Close frame.
    #[error("a frame with opcode {opcode:#x} follows the Close frame")]
    DataAfterClose {
        /// The opcode of that frame.
        opcode: u8,
    },
    /// A second Close frame of the same sender.
    #[error("a second Close frame was sent")]
    CloseTwice,
}

impl Rule {
    /// The code of the Close frame with which a receiver fails the connection: 1002, 1007 or 1009.
    pub const fn close_code(&self) -> u16 {
        match self {
            Self::Utf8 { .. } | Self::CloseReasonUtf8 { .. } | Self::DeflateData(_) => 1007,
            Self::FrameTooBig { .. } | Self::MessageTooBig { .. } => 1009,
            _ => 1002,
        }
    }

    /// The id in the requirement inventory of what the sender did not keep.
    pub const fn requirement(&self) -> &'static str {
        match self {
            Self::ReservedBits { .. } => "6455-5.2-2",
            Self::ReservedOpcode(_) => "6455-11.8-1",
            Self::MaskMissing => "6455-5.1-1",
            Self::MaskPresent => "6455-5.1-5",
            Self::LengthNotMinimal => "6455-5.2-8",
            Self::LengthTopBit => "6455-5.2-7",
            Self::ControlTooLong { .. } => "6455-5.5-1",
            Self::ControlFragmented => "6455-5.5-2",
            Self::ContinuationOrphan => "6455-5.4-3",
            Self::MessageInterleaved => "6455-5.4-4",
            Self::Rsv1OnContinuation => "7692-6.1-4",
            Self::Rsv1OnControl => "7692-6.1-3",
            Self::Utf8 { .. } => "6455-5.6-1",
            Self::CloseBodyOneOctet => "6455-5.5.1-2",
            Self::CloseCode(code) => close_code_requirement(*code),
            Self::CloseReasonUtf8 { .. } => "6455-5.5.1-4",
            Self::DeflateData(_) => "7692-7.2.1-1",
            Self::FrameTooBig { .. } | Self::MessageTooBig { .. } => "6455-10.4-1",
            Self::DataAfterClose { .. } => "6455-5.5.1-7",
            Self::CloseTwice => "6455-5.5.1-18",
        }
    }

    /// Where the rule is written.
    pub const fn section(&self) -> &'static str {
        match self {
            Self::MaskMissing | Self::MaskPresent => "RFC 6455 5.1",
            Self::ReservedBits { .. }
            | Self::ReservedOpcode(_)
            | Self::LengthNotMinimal
            | Self::LengthTopBit => "RFC 6455 5.2",
            Self::ContinuationOrphan | Self::MessageInterleaved => "RFC 6455 5.4",
            Self::ControlTooLong { .. } | Self::ControlFragmented => "RFC 6455 5.5",
            Self::CloseBodyOneOctet
            | Self::CloseReasonUtf8 { .. }
            | Self::DataAfterClose { .. }
            | Self::CloseTwice => "RFC 6455 5.5.1",
            Self::Utf8 { .. } => "RFC 6455 8.1",
            Self::CloseCode(_) => "RFC 6455 7.4",
            Self::Rsv1OnContinuation | Self::Rsv1OnControl => "RFC 7692 6.1",
            Self::DeflateData(_) => "RFC 7692 7.2",
            Self::FrameTooBig { .. } | Self::MessageTooBig { .. } => "RFC 6455 10.4",
        }
    }

    /// A stable name in kebab case, without the data.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ReservedBits { .. } => "reserved-bits",
            Self::ReservedOpcode(_) => "reserved-opcode",
            Self::MaskMissing => "mask-missing",
            Self::MaskPresent => "mask-present",
            Self::LengthNotMinimal => "length-not-minimal",
            Self::LengthTopBit => "length-top-bit",
            Self::ControlTooLong { .. } => "control-too-long",
            Self::ControlFragmented => "control-fragmented",
            Self::ContinuationOrphan => "continuation-orphan",
            Self::MessageInterleaved => "message-interleaved",
            Self::Rsv1OnContinuation => "rsv1-on-continuation",
            Self::Rsv1OnControl => "rsv1-on-control",
            Self::Utf8 { .. } => "utf8",
            Self::CloseBodyOneOctet => "close-body-one-octet",
            Self::CloseCode(_) => "close-code",
            Self::CloseReasonUtf8 { .. } => "close-reason-utf8",
            Self::DeflateData(_) => "deflate-data",
            Self::FrameTooBig { .. } => "frame-too-big",
            Self::MessageTooBig { .. } => "message-too-big",
            Self::DataAfterClose { .. } => "data-after-close",
            Self::CloseTwice => "close-twice",
        }
    }
}

const fn close_code_requirement(code: u16) -> &'static str {
    match (code, classify(code)) {
        (1005, _) => "6455-7.4.1-3",
        (1006, _) => "6455-7.4.1-4",
        (1015, _) => "6455-7.4.1-5",
        (1004, _) => "6455-7.4.1-6",
        (_, CodeClass::BelowRange) => "6455-7.4.2-1",
        (_, CodeClass::AboveRange) => "6455-7.4.2-5",
        _ => "6455-7.4.2-2",
    }
}
