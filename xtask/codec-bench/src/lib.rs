//! The codec of `crates/wire` beside other WebSocket crates, on the same work.
//!
//! A [`Group`] is one kind of work on one input. Each [`Contender`] of it does all of that work once per call, and was
//! checked against ours when the group was made. `benches/codec.rs` gives the groups to criterion, the program
//! `compare` measures the contenders of a group in turns.

pub mod content;
pub mod groups;
pub mod measure;
pub mod peers;
pub mod versions;

use std::fmt::Debug;
use std::hint::black_box;

/// One contender of a group.
pub struct Contender {
    /// Name of the crate, with its variant where it has several; ours is [`OURS`].
    pub name: &'static str,
    /// Does the group's whole work once per call, and ends in a `black_box` of something that depends on the result.
    pub work: Box<dyn FnMut()>,
}

/// The name of our contender, the first of every group.
pub const OURS: &str = "wsanvil-wire";

/// Contenders to whom no ratio is: no crate has this work in its interface but they show what is possible, or they are
/// another way through ours.
pub const REFERENCES: &[&str] = &[
    "httparse by hand",
    "websocket-codec with httparse",
    "wsanvil-wire endpoint",
];

/// One kind of work on one input.
pub struct Group {
    /// Kind and input: `decode/16B`.
    pub id: String,
    /// What one unit is: `frame`, `message`, `handshake`, `buffer`.
    pub unit: &'static str,
    /// Units per call of [`Contender::work`].
    pub units: u64,
    /// Payload octets per call.
    pub octets: u64,
    /// Ours first, then the peers.
    pub contenders: Vec<Contender>,
    /// The least that the machine can do: a copy of the same octets.
    pub limit: Option<Contender>,
}

/// A remark about a peer in the groups whose id begins with a prefix: prefix, peer, remark.
pub type Remark = (&'static str, &'static str, &'static str);

impl Contender {
    /// A contender whose work gives a result that must equal `expected`, which is checked here once.
    ///
    /// # Panics
    /// When the result is another one: such a contender does other work and may not be measured.
    pub fn checked<R: PartialEq + Debug + 'static>(
        name: &'static str,
        expected: &R,
        mut work: impl FnMut() -> R + 'static,
    ) -> Self {
        let result = work();
        assert_eq!(&result, expected, "{name} gives another result");
        Self {
            name,
            work: Box::new(move || {
                black_box(work());
            }),
        }
    }
}

/// All groups, each contender checked.
///
/// # Panics
/// When a contender gives another result than ours.
pub fn groups() -> Vec<Group> {
    let mut groups = groups::mask::groups();
    groups.extend(groups::frames::groups());
    groups.extend(groups::utf8::groups());
    groups.extend(groups::deflate::groups());
    groups.extend(groups::handshake::groups());
    groups
}

/// Remarks on peers in all groups.
const GENERAL: &[Remark] = &[
    (
        "",
        "wtx",
        "the last version that builds with Rust 1.95; from 0.47 on it asks for 1.96",
    ),
    (
        "",
        "soketto",
        "without its feature `deflate`, which makes flate2 use zlib in C for every crate of the build",
    ),
    (
        "",
        "tokio-websockets, wtx",
        "with aws-lc-rs, the fastest SHA-1 that they offer",
    ),
    (
        "",
        "yawc",
        "with its features `simd` and `zlib` (which is zlib-rs)",
    ),
];

/// What contenders do differently, for readers of the numbers.
pub fn notes() -> Vec<Remark> {
    [
        GENERAL,
        groups::mask::NOTES,
        peers::frames::NOTES,
        groups::utf8::NOTES,
        groups::deflate::NOTES,
        groups::handshake::NOTES,
    ]
    .concat()
}

/// Which peers are missing in which groups, and why.
pub fn not_compared() -> Vec<Remark> {
    [
        groups::mask::NOT_COMPARED,
        peers::frames::NOT_COMPARED,
        groups::utf8::NOT_COMPARED,
        groups::deflate::NOT_COMPARED,
        groups::handshake::NOT_COMPARED,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "x gives another result")]
    fn another_result_is_no_contender() {
        Contender::checked("x", &1, || 2);
    }
}
