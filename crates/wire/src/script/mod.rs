//! Conversations made from octets: what a peer sends behind the opening handshake, legal, with one lie, or wild
//! (feature `arbitrary`).
//!
//! A [`Script`] is a list of [`Action`]s. Written as the octets of either role it is legal by construction: messages
//! end before others begin, text is UTF-8, control frames fit. A [`Lie`] then breaks exactly one rule at one place, and
//! the script knows which: [`Script::expected`] lists what a strict [`Endpoint`] hears up to the failure.
//! [`Action::Frame`] and [`Action::Raw`] break anything at all; of a script with them nothing is expected.
//!
//! [`Request`] and [`Response`] are the same for the opening handshake, with [`RequestLie`] and [`ResponseLie`].
//!
//! All of them implement `arbitrary::Arbitrary`: half of the scripts are legal, three of eight have one lie, the others
//! are wild. No octets make an empty legal script, and each action costs an octet at least. Payloads of a few octets
//! are repeated now and then to lengths where the form of the length changes, 128 KiB in one script at most.
//!
//! ```
//! use arbitrary::{Arbitrary, Unstructured};
//! use wsanvil_wire::{Role, endpoint::Endpoint, script::Script};
//!
//! let octets: Vec<u8> = (0..=255).collect();
//! let script = Script::arbitrary(&mut Unstructured::new(&octets)).unwrap();
//! let mut server = Endpoint::new(Role::Server, script.config());
//! let heard = script.play(&mut server);
//! if let Some(expected) = script.expected(Role::Client) {
//!     assert_eq!(heard, expected);
//! }
//! ```

mod action;
mod chunks;
mod compose;
mod frame;
mod generate;
mod heard;
mod ill_formed;
mod lie;
mod request;
mod request_lie;
mod response;
mod response_lie;

pub use action::{Action, Control, Message, Payload};
pub use chunks::{Chunks, End};
pub use compose::Sent;
pub use frame::Frame;
pub use heard::Heard;
pub use ill_formed::IllFormed;
pub use lie::{DeflateLie, Lie, Placed};
pub use request::{Request, RequestSpelling};
pub use request_lie::RequestLie;
pub use response::Response;
pub use response_lie::ResponseLie;

use crate::deflate::{Agreed, Options};
use crate::endpoint::{Config, Endpoint};
use crate::{Role, Rule};

/// One side of a conversation behind the opening handshake.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// What the opening handshake agreed for permessage-deflate.
    pub deflate: Option<Agreed>,
    /// How compressed messages are compressed.
    pub compression: Options,
    /// What is sent, in this order. Behind the first Close nothing is.
    pub actions: Vec<Action>,
    /// The one rule that is broken.
    pub lie: Option<Placed>,
    /// How the sending ends.
    pub end: End,
    /// How the octets are cut into reads.
    pub chunks: Chunks,
    /// Where a client's masking keys come from.
    pub seed: u64,
}

impl Default for Script {
    /// Nothing is sent and nothing agreed.
    fn default() -> Self {
        Self {
            deflate: None,
            compression: Options::default(),
            actions: Vec::new(),
            lie: None,
            end: End::Open,
            chunks: Chunks::default(),
            seed: 0,
        }
    }
}

impl Script {
    /// The frames and raw octets that `sender` sends, the lie told.
    pub fn sent(&self, sender: Role) -> Vec<Sent> {
        compose::compose(self, sender)
            .into_iter()
            .map(|part| part.sent)
            .collect()
    }

    /// The octets that arrive: all that is sent, up to [`End::Cut`].
    pub fn octets(&self, sender: Role) -> Vec<u8> {
        let mut octets = Vec::new();
        for part in self.sent(sender) {
            part.write(&mut octets);
        }
        octets.truncate(self.end.arriving(octets.len()));
        octets
    }

    /// The octets as they are read.
    pub fn pieces(&self, sender: Role) -> Vec<Vec<u8>> {
        self.chunks.cut(&self.octets(sender))
    }

    /// Whether every frame is legal, as far as the receiver sees it: no lie, no frame of its own making, no raw octets.
    pub fn is_legal(&self) -> bool {
        self.lie.is_none() && !self.is_wild()
    }

    /// Whether nothing is known about its legality.
    pub fn is_wild(&self) -> bool {
        self.actions
            .iter()
            .any(|action| matches!(action, Action::Frame(_) | Action::Raw(_)))
    }

    /// The rule that `sender` breaks: the one of the lie.
    pub fn rule(&self, sender: Role) -> Option<Rule> {
        compose::compose(self, sender)
            .into_iter()
            .find_map(|part| part.broken)
    }

    /// What a strict endpoint that was made with [`Script::config`] hears, to its last event; `None` when that cannot be
    /// said: for a wild script, and for one that lies and is cut.
    pub fn expected(&self, sender: Role) -> Option<Vec<Heard>> {
        let cut = matches!(self.end, End::Cut(octets) if octets > 0);
        if self.is_wild() || (cut && self.lie.is_some()) {
            return None;
        }
        let parts = compose::compose(self, sender);
        let mut octets = Vec::new();
        let mut ends = Vec::with_capacity(parts.len());
        for part in &parts {
            part.sent.write(&mut octets);
            ends.push(octets.len());
        }
        let arriving = self.end.arriving(octets.len());
        let arrived = ends.iter().take_while(|end| **end <= arriving).count();
        let mut heard: Vec<Heard> = Vec::new();
        for event in parts.into_iter().take(arrived).filter_map(|part| part.heard) {
            let last = event.is_last();
            heard.push(event);
            if last {
                return Some(heard);
            }
        }
        if self.end != End::Open {
            heard.push(Heard::Closed {
                code: crate::close::ABNORMAL,
                reason: String::new(),
                clean: false,
            });
        }
        Some(heard)
    }

    /// The settings of an endpoint that hears what [`Script::expected`] says: this agreement, every rule enforced.
    pub fn config(&self) -> Config {
        Config {
            deflate: self.deflate,
            reject_non_minimal: true,
            ..Config::default()
        }
    }

    /// Lets `endpoint` read the script of its peer to the end.
    pub fn play(&self, endpoint: &mut Endpoint) -> Vec<Heard> {
        let mut heard = Vec::new();
        for mut piece in self.pieces(endpoint.role().peer()) {
            endpoint.receive(&mut piece, &mut |event| heard.push(Heard::from(event)));
        }
        if self.end != End::Open {
            heard.extend(endpoint.eof().map(Heard::from));
        }
        heard
    }
}
