//! Group `deflate`: permessage-deflate (RFC 7692) of messages, each half on its own, with context takeover and without.

use std::hint::black_box;

use wsanvil_wire::deflate::{Compressor, Inflater};

use crate::content::{self, Script};
use crate::peers::deflate::{self as peers, Show};
use crate::{Contender, Group, OURS, Remark};

/// What contenders do differently.
pub const NOTES: &[Remark] = &[
    (
        "deflate/inflate",
        OURS,
        "an inflater of its own in safe Rust that stops at a limit while it inflates and notes what the stream refers to",
    ),
    (
        "deflate/compress",
        OURS,
        "flate2 on zlib-rs, with room for all that a flush can give, so that the payload does not depend on the buffer",
    ),
    (
        "deflate",
        "flate2 (zlib-rs)",
        "what most peers are made of, used as the extension asks",
    ),
    (
        "deflate",
        "miniz_oxide",
        "the other backend of flate2 in Rust, used as the extension asks",
    ),
    ("deflate", "sockudo-ws", "its encoder and decoder; zlib-rs"),
    (
        "deflate",
        "wtx",
        "its compression without its connection, on zlib-rs; never with context takeover; has no limit",
    ),
    (
        "deflate",
        "yawc",
        "only through its connection on a socket in memory, so a frame is in the number, and a mask when inflating; \
         feature `zlib`: zlib-rs",
    ),
];

/// Who is missing, and why.
pub const NOT_COMPARED: &[Remark] = &[
    (
        "deflate",
        "soketto",
        "its feature `deflate` makes flate2 use zlib in C for every crate of the build, ours included",
    ),
    ("deflate", "tungstenite", "has no permessage-deflate"),
    ("deflate", "fastwebsockets", "has no permessage-deflate"),
    ("deflate", "tokio-websockets", "has no permessage-deflate"),
    ("deflate", "web-socket", "has no permessage-deflate"),
    ("deflate", "websocket-codec", "has no permessage-deflate"),
    ("deflate", "websocket-sans-io", "has no permessage-deflate"),
];

/// The groups of this module, every contender checked.
pub fn groups() -> Vec<Group> {
    // More than a window of messages, so that none is found again whole.
    let json: Vec<Vec<u8>> = (0..64)
        .map(|seed| content::json(1 << 10, seed).into_bytes())
        .collect();
    let text: Vec<Vec<u8>> = (0..4)
        .map(|seed| content::text(Script::Ascii, 64 << 10, seed).into_bytes())
        .collect();
    let mut groups = Vec::new();
    for (label, messages, per_call) in [("1KiB-json", json, 16), ("64KiB-text", text, 1)] {
        for takeover in [true, false] {
            let kind = if takeover { "" } else { "-no-takeover" };
            let task = Task {
                messages: messages.clone(),
                payloads: payloads(&messages, takeover),
                takeover,
                per_call,
            };
            groups.push(task.group(format!("deflate/compress-{label}{kind}"), task.compressing()));
            groups.push(task.group(format!("deflate/inflate-{label}{kind}"), task.inflating()));
        }
    }
    groups
}

/// Messages and what ours compresses them to.
struct Task {
    messages: Vec<Vec<u8>>,
    payloads: Vec<Vec<u8>>,
    takeover: bool,
    per_call: usize,
}

impl Task {
    fn group(&self, id: String, contenders: Vec<Contender>) -> Group {
        let octets = self.per_call * self.messages[0].len();
        Group {
            id,
            unit: "message",
            units: self.per_call as u64,
            octets: octets as u64,
            contenders,
            limit: Some(self.rotating("memcpy", &self.messages, {
                let mut target = vec![0; self.messages[0].len()];
                move |message, show| {
                    target.copy_from_slice(message);
                    show(&target);
                }
            })),
        }
    }

    fn compressing(&self) -> Vec<Contender> {
        let takeover = self.takeover;
        let mut contenders = vec![
            self.compressor(OURS, peers::ours_compress(takeover)),
            self.compressor("flate2 (zlib-rs)", peers::flate2_compress(takeover)),
            self.compressor("miniz_oxide", peers::miniz_compress(takeover)),
            self.compressor("sockudo-ws", peers::sockudo_compress(takeover)),
            self.compressor("yawc", peers::yawc_compress(takeover)),
        ];
        if !takeover {
            contenders.push(self.compressor("wtx", peers::wtx_compress()));
        }
        contenders
    }

    fn inflating(&self) -> Vec<Contender> {
        let takeover = self.takeover;
        let mut contenders = vec![
            self.inflater(OURS, peers::ours_inflate(takeover)),
            self.inflater("flate2 (zlib-rs)", peers::flate2_inflate(takeover)),
            self.inflater("miniz_oxide", peers::miniz_inflate(takeover)),
            self.inflater("sockudo-ws", peers::sockudo_inflate(takeover)),
            self.inflater("yawc", peers::yawc_inflate(takeover, &self.payloads)),
        ];
        if !takeover {
            contenders.push(self.inflater("wtx", peers::wtx_inflate()));
        }
        contenders
    }

    /// A contender whose payloads ours inflates to the messages, and that are no more than a tenth larger than ours:
    /// less work would not be the same work.
    fn compressor(
        &self,
        name: &'static str,
        mut compress: impl FnMut(&[u8], Show<'_>) + 'static,
    ) -> Contender {
        let mut inflater = Inflater::new(15, self.takeover);
        let mut total = 0;
        for message in &self.messages {
            let mut read = Vec::new();
            compress(message, &mut |payload| {
                total += payload.len();
                let taken = inflater
                    .push(payload, &mut read, message.len())
                    .and_then(|()| inflater.finish(&mut read, message.len()));
                assert_eq!(taken, Ok(()), "{name}");
            });
            assert!(&read == message, "{name} compresses to another message");
        }
        let ours: usize = self.payloads.iter().map(Vec::len).sum();
        assert!(
            total * 10 <= ours * 11,
            "{name} compresses to {total} octets, ours to {ours}"
        );
        self.rotating(name, &self.messages, compress)
    }

    /// A contender that inflates our payloads to the messages.
    fn inflater(&self, name: &'static str, mut inflate: impl FnMut(&[u8], Show<'_>) + 'static) -> Contender {
        for (payload, expected) in self.payloads.iter().zip(&self.messages) {
            let mut shown = Vec::new();
            inflate(payload, &mut |message| shown.extend_from_slice(message));
            assert!(&shown == expected, "{name} inflates to another message");
        }
        self.rotating(name, &self.payloads, inflate)
    }

    /// Work that goes on where the last call ended, from the first input again after the last one.
    fn rotating(
        &self,
        name: &'static str,
        inputs: &[Vec<u8>],
        mut work: impl FnMut(&[u8], Show<'_>) + 'static,
    ) -> Contender {
        let inputs = inputs.to_vec();
        let per_call = self.per_call;
        let mut next = 0;
        Contender {
            name,
            work: Box::new(move || {
                for _ in 0..per_call {
                    work(black_box(&inputs[next]), &mut |result| {
                        black_box(result);
                    });
                    next = (next + 1) % inputs.len();
                }
            }),
        }
    }
}

fn payloads(messages: &[Vec<u8>], takeover: bool) -> Vec<Vec<u8>> {
    let mut compressor = Compressor::new(15, takeover);
    messages
        .iter()
        .map(|message| {
            let mut payload = Vec::new();
            compressor.compress(message, &mut payload);
            payload
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task() -> Task {
        let messages = vec![b"a message, a message".to_vec(), b"another one".to_vec()];
        Task {
            payloads: payloads(&messages, true),
            messages,
            takeover: true,
            per_call: 1,
        }
    }

    #[test]
    #[should_panic(expected = "x inflates to another message")]
    fn an_inflater_of_nothing_is_found() {
        task().inflater("x", |_, show| show(b""));
    }

    #[test]
    #[should_panic(expected = "x compresses to another message")]
    fn a_compressor_of_something_else_is_found() {
        let mut compress = peers::ours_compress(true);
        task().compressor("x", move |_, show| compress(b"a message, a massage", show));
    }

    #[test]
    #[should_panic(expected = "octets, ours to")]
    fn a_compressor_that_saves_its_work_is_found() {
        task().compressor("x", |message, show| {
            let mut stored = vec![0, message.len() as u8, 0, !(message.len() as u8), 0xFF];
            stored.extend_from_slice(message);
            stored.push(0);
            show(&stored);
        });
    }
}
