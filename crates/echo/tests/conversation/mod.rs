//! Conversations with the echo endpoint: what is sent to it, and the record of what it said.

mod frames;
mod openings;
mod stimuli;

pub(crate) use frames::FRAME_STIMULI;
pub(crate) use openings::OPENINGS;
pub(crate) use stimuli::{CLIENT_STIMULI, SERVER_STIMULI};

use wsanvil_echo::{Config, Echo, Opening};
use wsanvil_wire::endpoint::Keys;
use wsanvil_wire::frame::{Header, Opcode};
use wsanvil_wire::{mask, upgrade};

/// What is sent on one connection.
pub(crate) struct Stimulus {
    pub(crate) name: &'static str,
    /// Changes to the opening: see `Change`.
    pub(crate) opening: &'static [Change],
    /// Writes, each of one or more frames, made for the role of the sender.
    pub(crate) writes: fn(&Frames) -> Vec<Vec<u8>>,
}

/// One change to the correct opening; as a server's request, or as the response to a client.
pub(crate) enum Change {
    Method(&'static str),
    Set(&'static str, &'static str),
    Add(&'static str, &'static str),
    Remove(&'static str),
    /// The blank line comes in a write of its own.
    EndLater,
    /// A raw line instead of all fields.
    Line(&'static str),
    Target(&'static str),
    /// The version of HTTP.
    Version(&'static str),
    /// Raw octets before the blank line.
    Raw(&'static str),
    /// A field with a value of so many octets.
    Long(usize),
    /// Octets behind the head, in the same write.
    Behind(&'static [u8]),
}

/// Builds frames for one sender.
pub(crate) struct Frames {
    masks: bool,
}

impl Frames {
    /// A frame: FIN, RSV and opcode as one octet, then the payload.
    pub(crate) fn frame(&self, first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
        keyed(
            first,
            payload.as_ref(),
            self.masks.then_some([0x11, 0x22, 0x33, 0x44]),
        )
    }

    /// The same with the wrong masking.
    pub(crate) fn wrongly_masked(&self, first: u8, payload: &[u8]) -> Vec<u8> {
        keyed(first, payload, (!self.masks).then_some([1, 2, 3, 4]))
    }

    /// A header that announces `len` octets, without any.
    pub(crate) fn announced(&self, first: u8, len: u64) -> Vec<u8> {
        header(first, len, self.masks.then_some([0x11, 0x22, 0x33, 0x44]))
    }
}

fn header(first: u8, len: u64, mask: Option<[u8; 4]>) -> Vec<u8> {
    let mut out = Vec::new();
    let header = Header {
        fin: first & 0x80 != 0,
        rsv: (first >> 4) & 7,
        mask,
        ..Header::new(Opcode::new(first), len)
    };
    header.write(&mut out);
    out
}

/// A frame under the masking key given.
pub(crate) fn keyed(first: u8, payload: &[u8], mask: Option<[u8; 4]>) -> Vec<u8> {
    let mut out = header(first, payload.len() as u64, mask);
    mask::apply_copy(mask.unwrap_or_default(), 0, payload, &mut out);
    out
}

/// What the endpoint said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Transcript {
    /// Output after the opening, and after each write.
    pub(crate) output: Vec<Vec<u8>>,
    pub(crate) open: bool,
    pub(crate) wants_close: bool,
    /// Whether it lets go once the other side has.
    lets_go: bool,
}

fn config(defects: &[wsanvil_echo::Defect]) -> Config {
    Config {
        subprotocols: vec!["chat".to_owned()],
        close_trigger: Some("please close".to_owned()),
        max_message: 1 << 20,
        auth: None,
        origin: Some(vec!["http://good.example".to_owned()]),
        defects: defects.iter().copied().collect(),
        ..Config::default()
    }
}

pub(crate) fn server_transcript(stimulus: &Stimulus, defects: &[wsanvil_echo::Defect]) -> Transcript {
    converse(Echo::server(config(defects)), server_writes(stimulus))
}

pub(crate) fn octetwise(stimulus: &Stimulus) -> Transcript {
    let octets = server_writes(stimulus).concat();
    converse(
        Echo::server(config(&[])),
        octets.iter().map(|octet| vec![*octet]).collect(),
    )
}

pub(crate) fn client_transcript(stimulus: &Stimulus, defects: &[wsanvil_echo::Defect]) -> Transcript {
    let nonce = *b"the sample nonce";
    let opening = Opening {
        host: "h".to_owned(),
        target: "/".to_owned(),
        nonce,
        keys: Keys::from_seed(1),
    };
    let mut response =
        upgrade::ResponseSpec::switching_protocols(upgrade::accept_for(&upgrade::key_from_nonce(nonce)));
    for change in stimulus.opening {
        match change {
            Change::Set(name, value) => response.set(name, value),
            Change::Add(name, value) => response.add(name, value),
            Change::Remove(name) => response.remove(name),
            _ => &mut response,
        };
    }
    let writes = (stimulus.writes)(&Frames { masks: false });
    converse(
        Echo::client(config(defects), opening),
        [vec![response.write()], writes].concat(),
    )
}

fn server_writes(stimulus: &Stimulus) -> Vec<Vec<u8>> {
    let key = upgrade::key_from_nonce(*b"the sample nonce");
    let mut request = upgrade::RequestSpec::upgrade("h", "/", &key);
    let mut end_later = false;
    for change in stimulus.opening {
        match change {
            Change::Method(method) => {
                (*method).clone_into(&mut request.method);
                &mut request
            }
            Change::Set(name, value) => request.set(name, value),
            Change::Add(name, value) => request.add(name, value),
            Change::Remove(name) => request.remove(name),
            Change::EndLater => {
                end_later = true;
                request.end = false;
                &mut request
            }
            Change::Target(target) => {
                (*target).clone_into(&mut request.target);
                &mut request
            }
            Change::Version(version) => {
                (*version).clone_into(&mut request.version);
                &mut request
            }
            Change::Raw(octets) => {
                request.end = false;
                request.body = [octets.as_bytes(), b"\r\n"].concat();
                &mut request
            }
            Change::Long(len) => request.add("X-Long", vec![b'x'; *len]),
            Change::Behind(octets) => {
                request.body = octets.to_vec();
                &mut request
            }
            Change::Line(line) => {
                request.lines = Some(vec![line.as_bytes().to_vec()]);
                &mut request
            }
        };
    }
    let mut writes = vec![request.write()];
    if end_later {
        writes.push(b"\r\n".to_vec());
    }
    writes.extend((stimulus.writes)(&Frames { masks: true }));
    writes
}

fn converse(mut echo: Echo, writes: Vec<Vec<u8>>) -> Transcript {
    let mut output = vec![echo.output()];
    for write in writes {
        if !echo.wants_close() {
            echo.receive(&write);
        }
        output.push(echo.output());
        assert!(echo.wants_read(), "everything has been taken");
    }
    let (open, wants_close) = (echo.is_open(), echo.wants_close());
    echo.eof();
    Transcript {
        output,
        open,
        wants_close,
        lets_go: echo.wants_close(),
    }
}
