//! `send`: frames with every bit under control, raw octets, HTTP heads, and how they are written.

use wsanvil_wire::frame::LengthForm;

use super::{Payload, RequestSend, ResponseSend};

/// A send step.
#[derive(Debug, Clone, PartialEq)]
pub struct Send {
    /// What is sent.
    pub what: SendWhat,
    /// How it reaches the transport.
    pub write: Write,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq)]
pub enum SendWhat {
    /// One frame, or one message as several.
    Frames(Box<FrameSend>),
    /// Further payload octets of the frame begun by the last send, masked on with the same key and phase.
    More(Payload),
    /// Octets as they are.
    Raw(Payload),
    /// An upgrade request.
    Request(Box<RequestSend>),
    /// An upgrade response.
    Response(Box<ResponseSend>),
}

/// Frames of one send step.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameSend {
    /// 0–15.
    pub opcode: u8,
    /// `send = "close"`: ends our sending in the closing sense, no barrier goes behind it.
    pub closing: bool,
    /// Status code before the payload (kind `close` only).
    pub code: Option<u16>,
    /// Payload, resp. Close reason.
    pub payload: Payload,
    /// FIN of the (last) frame.
    pub fin: bool,
    /// 0–7: 4 RSV1, 2 RSV2, 1 RSV3, on the first frame.
    pub rsv: u8,
    /// MASK bit; `None`: as the tester's role demands.
    pub mask: Option<bool>,
    /// Masking keys.
    pub keys: Keys,
    /// Form of the length field; `None`: the shortest.
    pub length: Option<LengthForm>,
    /// Announced payload length in place of the real one.
    pub declare: Option<u64>,
    /// Compress the message first.
    pub compress: Option<Compress>,
    /// How the message is split into frames.
    pub fragment: Option<Fragmentation>,
    /// Whether an empty last frame is added.
    pub empty_final: EmptyFinal,
    /// Whether `expect = "echo"` is owed this message.
    pub echo: bool,
}

/// How a message is split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fragmentation {
    /// Octets per frame, after compression.
    Octets(u64),
    /// Sizes of the first frames; the rest goes into the last.
    Sizes(Vec<u64>),
    /// So many frames of nearly equal size.
    Count(u32),
}

/// Whether a split message ends with an empty frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyFinal {
    /// No.
    Never,
    /// Yes.
    Always,
    /// When the size divides the length into more than one frame.
    Divides,
}

/// Masking keys of a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keys {
    /// A new one per frame.
    Random,
    /// These in turn, one per frame.
    List(Vec<[u8; 4]>),
}

/// How a message is compressed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compress {
    /// zlib level 0–9; `None`: the tester's own choice.
    pub level: Option<u32>,
    /// Block types.
    pub strategy: Strategy,
    /// Keep the window after this message; `None`: as agreed.
    pub takeover: Option<bool>,
    /// Window bits; `None`: as agreed.
    pub window: Option<u8>,
    /// Mark the last block as final.
    pub bfinal: bool,
    /// Flush after so many octets of input.
    pub flush_every: Option<u64>,
    /// Leave 00 00 FF FF at the end.
    pub keep_tail: bool,
}

/// Block types of a compressor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// As the compressor likes.
    #[default]
    Default,
    /// Stored blocks only.
    Stored,
    /// Fixed Huffman codes only.
    Fixed,
}

/// How octets reach the transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Size of the writes.
    pub chunk: Chunk,
    /// Cut the step's octets at these offsets; negative: from the end.
    pub cut: Vec<i64>,
    /// Pause between writes in milliseconds; 0: separate writes with a turn of the event loop between.
    pub gap_ms: u64,
    /// Held back and written in one go with the next send on this connection.
    pub join: bool,
    /// Stop sending when this happens.
    pub until: Option<Until>,
    /// What a write without progress for the step deadline means.
    pub blocked: Blocked,
}

impl Default for Write {
    fn default() -> Self {
        Self {
            chunk: Chunk::Step,
            cut: Vec::new(),
            gap_ms: 0,
            join: false,
            until: None,
            blocked: Blocked::Fail,
        }
    }
}

/// Size of the writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunk {
    /// The whole step at once.
    Step,
    /// One write per frame.
    Frame,
    /// So many octets per write.
    Octets(u32),
}

/// What stops a send or a loop early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// A write that makes no progress.
    Blocked,
    /// The end of the connection.
    End,
    /// Anything the peer sends.
    Answer,
}

/// What a write without progress means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// A miss.
    Fail,
    /// Nothing: the script goes on.
    Ok,
}
