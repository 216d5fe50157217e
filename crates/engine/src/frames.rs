//! From a send step to frames: every field as the script says, correct where it says nothing.

use bytes::Bytes;
use wsanvil_case::script::{Compress, EmptyFinal, Fragmentation, FrameSend, Keys, Strategy};
use wsanvil_wire::deflate;
use wsanvil_wire::frame::{Header, LengthForm, Opcode};

use crate::content::Content;

/// A frame ready to be written.
#[derive(Debug, Clone)]
pub(crate) struct OutFrame {
    /// The header as it will be written.
    pub(crate) header: Header,
    /// What the payload is cut from.
    pub(crate) content: Content,
    /// First octet of `content` in this frame.
    pub(crate) start: u64,
    /// Octets of `content` in this frame; fewer than announced when the frame is left unfinished.
    pub(crate) len: u64,
}

impl OutFrame {
    /// The payload alone.
    pub(crate) fn payload(&self) -> Content {
        if self.start == 0 && self.len == self.content.len() {
            return self.content.clone();
        }
        match &self.content {
            Content::Octets(octets) => {
                let end = (self.start + self.len) as usize;
                Content::Octets(octets.slice(self.start as usize..end.min(octets.len())))
            }
            content => {
                let mut out = Vec::new();
                content.read_at(self.start, self.len as usize, &mut out);
                Content::Octets(out.into())
            }
        }
    }
}

/// Splits a payload into frames.
///
/// `body` is what goes over the wire: compressed when `compressed` says so. `next_key` gives the keys of `Keys::Random`.
pub(crate) fn build(
    send: &FrameSend,
    body: &Content,
    compressed: bool,
    masks: bool,
    next_key: &mut dyn FnMut() -> [u8; 4],
) -> Vec<OutFrame> {
    let sizes = sizes(send, body.len());
    let last = sizes.len() - 1;
    let masked = send.mask.unwrap_or(masks);
    let mut start = 0;
    sizes
        .iter()
        .enumerate()
        .map(|(index, &len)| {
            let first = index == 0;
            let announced = match send.declare {
                Some(declared) if index == last => declared,
                _ => len,
            };
            let header = Header {
                fin: if index == last { send.fin } else { false },
                rsv: if first {
                    send.rsv | if compressed { 4 } else { 0 }
                } else {
                    0
                },
                opcode: if first {
                    Opcode::new(send.opcode)
                } else {
                    Opcode::CONTINUATION
                },
                mask: masked.then(|| match &send.keys {
                    Keys::Random => next_key(),
                    Keys::List(keys) => keys.get(index % keys.len().max(1)).copied().unwrap_or_default(),
                }),
                form: send.length.unwrap_or_else(|| LengthForm::minimal_for(announced)),
                payload_len: announced,
            };
            let frame = OutFrame {
                header,
                content: body.clone(),
                start,
                len,
            };
            start += len;
            frame
        })
        .collect()
}

/// Payload octets per frame; at least one frame.
fn sizes(send: &FrameSend, len: u64) -> Vec<u64> {
    let mut sizes = Vec::new();
    match &send.fragment {
        None => sizes.push(len),
        Some(Fragmentation::Octets(size)) => {
            let size = (*size).max(1);
            sizes.extend(std::iter::repeat_n(size, (len / size) as usize));
            if !len.is_multiple_of(size) || len == 0 {
                sizes.push(len % size);
            }
        }
        Some(Fragmentation::Sizes(firsts)) => {
            let mut rest = len;
            for size in firsts {
                let size = (*size).min(rest);
                sizes.push(size);
                rest -= size;
            }
            sizes.push(rest);
        }
        Some(Fragmentation::Count(count)) => {
            let count = u64::from(*count).max(1);
            sizes.extend((0..count).map(|index| len / count + u64::from(index < len % count)));
        }
    }
    let divides = match &send.fragment {
        Some(Fragmentation::Octets(size)) => len > *size && len.is_multiple_of((*size).max(1)),
        _ => false,
    };
    match send.empty_final {
        EmptyFinal::Never => {}
        EmptyFinal::Always => sizes.push(0),
        EmptyFinal::Divides => {
            if divides {
                sizes.push(0);
            }
        }
    }
    sizes
}

/// The compressor of a connection, made for one way of compressing. Another way starts with an empty window, which is
/// always legal.
#[derive(Debug)]
pub(crate) struct Shared {
    how: Compress,
    compressor: deflate::Compressor,
}

/// Compresses a message as the script wants it.
pub(crate) fn compress(
    content: &Content,
    how: &Compress,
    agreed: deflate::Agreed,
    shared: &mut Option<Shared>,
) -> Content {
    if shared.as_ref().is_none_or(|shared| shared.how != *how) {
        let options = deflate::Options {
            level: how.level.unwrap_or(LEVEL),
            strategy: match how.strategy {
                Strategy::Default => deflate::Strategy::Default,
                Strategy::Stored => deflate::Strategy::Stored,
                Strategy::Fixed => deflate::Strategy::Fixed,
            },
            bfinal: how.bfinal,
            flush_every: how.flush_every.and_then(|octets| usize::try_from(octets).ok()),
            keep_tail: how.keep_tail,
        };
        let window = how.window.unwrap_or(agreed.client_window);
        let takeover = how.takeover.unwrap_or(agreed.client_takeover);
        let compressor = deflate::Compressor::with_options(window, takeover, options);
        *shared = Some(Shared {
            how: how.clone(),
            compressor,
        });
    }
    let Some(shared) = shared else {
        return Content::EMPTY;
    };
    let mut out = Vec::new();
    if let Some(message) = content.as_octets() {
        out.reserve(message.len() / 2 + 64);
        shared.compressor.compress(message, &mut out);
    } else {
        // What is only described, such as a bomb's zeros, is never whole in memory.
        let mut piece = Vec::with_capacity(PIECE);
        let mut at = 0;
        while at < content.len() {
            piece.clear();
            content.read_at(at, PIECE, &mut piece);
            at += piece.len() as u64;
            shared.compressor.push(&piece, &mut out);
        }
        shared.compressor.finish(&mut out);
    }
    Content::Octets(Bytes::from(out))
}

/// Octets compressed at a time when a message is not in memory.
const PIECE: usize = 64 << 10;

/// zlib level of messages whose case does not ask for one. What is tested is the peer's inflater, not our ratio.
const LEVEL: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use wsanvil_case::script::Payload;

    fn send() -> FrameSend {
        FrameSend {
            opcode: 1,
            closing: false,
            code: None,
            payload: Payload::EMPTY,
            fin: true,
            rsv: 0,
            mask: None,
            keys: Keys::Random,
            length: None,
            declare: None,
            compress: None,
            fragment: None,
            empty_final: EmptyFinal::Never,
            echo: true,
        }
    }

    fn shape(send: &FrameSend, len: u64) -> Vec<(u8, bool, u64)> {
        let body = Content::Fill {
            unit: Bytes::from_static(b"x"),
            len,
        };
        build(send, &body, false, true, &mut || [1; 4])
            .iter()
            .map(|frame| (frame.header.opcode.get(), frame.header.fin, frame.len))
            .collect()
    }

    #[test]
    fn fragments_and_the_empty_last_frame() {
        assert_eq!(shape(&send(), 5), [(1, true, 5)]);
        let by_two = FrameSend {
            fragment: Some(Fragmentation::Octets(2)),
            ..send()
        };
        assert_eq!(shape(&by_two, 5), [(1, false, 2), (0, false, 2), (0, true, 1)]);
        assert_eq!(shape(&by_two, 0), [(1, true, 0)]);
        let divides = FrameSend {
            empty_final: EmptyFinal::Divides,
            ..by_two.clone()
        };
        assert_eq!(shape(&divides, 4), [(1, false, 2), (0, false, 2), (0, true, 0)]);
        assert_eq!(shape(&divides, 2), [(1, true, 2)], "one frame is not split");
        assert_eq!(shape(&divides, 5), [(1, false, 2), (0, false, 2), (0, true, 1)]);
        let always = FrameSend {
            empty_final: EmptyFinal::Always,
            ..send()
        };
        assert_eq!(shape(&always, 1), [(1, false, 1), (0, true, 0)]);
        let sizes = FrameSend {
            fragment: Some(Fragmentation::Sizes(vec![3, 0])),
            ..send()
        };
        assert_eq!(shape(&sizes, 5), [(1, false, 3), (0, false, 0), (0, true, 2)]);
        let count = FrameSend {
            fragment: Some(Fragmentation::Count(3)),
            ..send()
        };
        assert_eq!(shape(&count, 5), [(1, false, 2), (0, false, 2), (0, true, 1)]);
    }

    #[test]
    fn announced_lengths_can_lie() {
        let lie = FrameSend {
            declare: Some(1 << 63),
            ..send()
        };
        let frames = build(
            &lie,
            &Content::Octets(Bytes::from_static(b"abc")),
            false,
            true,
            &mut || [1; 4],
        );
        assert_eq!(frames[0].header.payload_len, 1 << 63);
        assert_eq!(frames[0].header.form, LengthForm::Bits64);
        assert_eq!(frames[0].len, 3);
    }
}
