//! Peers that stall, die, flood and lie. None of them may get a pass where a rule had to be kept, and none may keep
//! the tester from its end.

mod after;
mod before;
mod opening;
mod upgraded;

use std::fmt;

use crate::{Peer, PeerEnd};
use after::{CloseBomb, Dies, EchoAll, Garbage, Mute, Repeats, Unfinished};
use before::{Answer, Dead, EndlessHead, Noise, SlowDrip};
use upgraded::Upgraded;

/// A peer of the table.
#[derive(Clone, Copy)]
pub struct Hostile {
    /// Name in kebab case.
    pub name: &'static str,
    /// What it does.
    pub describe: &'static str,
    /// Makes one for a connection.
    pub make: fn() -> Box<dyn Peer>,
    /// Whether it answers the opening handshake with a correct 101.
    pub upgrades: bool,
    /// Whether its slowness is bearable only under a virtual clock.
    pub virtual_only: bool,
}

impl fmt::Debug for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The entry of this name.
pub fn by_name(name: &str) -> Option<&'static Hostile> {
    HOSTILE.iter().find(|hostile| hostile.name == name)
}

const fn before(name: &'static str, describe: &'static str, make: fn() -> Box<dyn Peer>) -> Hostile {
    Hostile {
        name,
        describe,
        make,
        upgrades: false,
        virtual_only: false,
    }
}

const fn after(name: &'static str, describe: &'static str, make: fn() -> Box<dyn Peer>) -> Hostile {
    Hostile {
        name,
        describe,
        make,
        upgrades: true,
        virtual_only: false,
    }
}

/// All of them.
pub const HOSTILE: &[Hostile] = &[
    before("refuses", "does not listen", || Box::new(Dead::refuses())),
    before("silent", "accepts, reads and never answers", || {
        Box::new(Dead::silent())
    }),
    before(
        "stalls-in-handshake",
        "sends half a status line and no more",
        || Box::new(Answer::stalls(b"HTTP/1.1 10")),
    ),
    before(
        "stalls-in-fields",
        "sends a status line and half a field, and no more",
        || {
            Box::new(Answer::stalls(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso",
            ))
        },
    ),
    before("ends-at-once", "ends TCP as soon as it is open", || {
        Box::new(Dead::ends(PeerEnd::Fin))
    }),
    before("resets-at-once", "resets TCP as soon as it is open", || {
        Box::new(Dead::ends(PeerEnd::Rst))
    }),
    before(
        "ends-at-first-octet",
        "ends TCP when the first octet comes",
        || Box::new(Answer::ends(b"", PeerEnd::Fin)),
    ),
    before(
        "resets-at-first-octet",
        "resets TCP when the first octet comes",
        || Box::new(Answer::ends(b"", PeerEnd::Rst)),
    ),
    before("ends-in-handshake", "ends TCP in the middle of its 101", || {
        Box::new(Answer::ends(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso",
            PeerEnd::Fin,
        ))
    }),
    before("endless-head", "answers with field lines that never end", || {
        Box::new(EndlessHead::endless())
    }),
    before("huge-head", "answers with a 101 of 10 MB of fields", || {
        Box::new(EndlessHead::huge())
    }),
    before(
        "endless-line",
        "answers with a status line that never ends",
        || Box::new(EndlessHead::line()),
    ),
    before("garbage", "answers with random octets", || {
        Box::new(Noise::answer())
    }),
    before("not-found", "is a web server without such a page: 404", || {
        Box::new(Answer::ends(NOT_FOUND, PeerEnd::Fin))
    }),
    before("unauthorized", "asks for a password: 401", || {
        Box::new(Answer::ends(UNAUTHORIZED, PeerEnd::Fin))
    }),
    before("web-page", "answers every request with 200 and a page", || {
        Box::new(Answer::ends(WEB_PAGE, PeerEnd::Fin))
    }),
    before("redirects", "sends every client elsewhere: 302", || {
        Box::new(Answer::ends(REDIRECT, PeerEnd::Fin))
    }),
    before("not-http", "greets like a mail server", || {
        Box::new(Answer::stalls(b"220 mail.example.com ESMTP ready\r\n"))
    }),
    Hostile {
        virtual_only: true,
        ..before("slow-drip", "answers correctly, one octet each second", || {
            Box::new(SlowDrip::default())
        })
    },
    before(
        "wrong-accept",
        "answers with the Sec-WebSocket-Accept of another key",
        || Box::new(Upgraded::with_wrong_accept(Mute)),
    ),
    after("mute", "upgrades, then reads and never answers", || {
        Box::new(Upgraded::new(Mute))
    }),
    after("ends-after-upgrade", "ends TCP right behind its 101", || {
        Box::new(Upgraded::new(Dies::after_upgrade(PeerEnd::Fin)))
    }),
    after("resets-after-upgrade", "resets TCP right behind its 101", || {
        Box::new(Upgraded::new(Dies::after_upgrade(PeerEnd::Rst)))
    }),
    after(
        "ends-on-first-frame",
        "ends TCP when the first frame comes",
        || Box::new(Upgraded::new(Dies::on_first_frame(PeerEnd::Fin))),
    ),
    after(
        "resets-on-first-frame",
        "resets TCP when the first frame comes",
        || Box::new(Upgraded::new(Dies::on_first_frame(PeerEnd::Rst))),
    ),
    after("echo-all", "sends every octet back as it came", || {
        Box::new(Upgraded::new(EchoAll))
    }),
    after("endless-text", "sends text messages without end", || {
        Box::new(Upgraded::new(Repeats::new(b"\x81\x05Hello")))
    }),
    after("endless-zeros", "sends zero octets without end", || {
        Box::new(Upgraded::new(Repeats::new(&[0; 64])))
    }),
    after("endless-pings", "sends Pings without end", || {
        Box::new(Upgraded::new(Repeats::new(b"\x89\x04ping")))
    }),
    after(
        "fragments-forever",
        "begins a message and never finishes it",
        || Box::new(Upgraded::new(Repeats::behind(b"\x01\x01a", b"\x00\x01b"))),
    ),
    after(
        "endless-frame",
        "announces a frame of 2^62 octets and sends it",
        || {
            Box::new(Upgraded::new(Repeats::behind(
                b"\x82\x7f\x40\0\0\0\0\0\0\0",
                &[0x42; 64],
            )))
        },
    ),
    after(
        "unfinished-frame",
        "announces a frame of 2^62 octets and stops",
        || Box::new(Upgraded::new(Unfinished)),
    ),
    after(
        "garbage-after-upgrade",
        "sends random octets behind its 101",
        || Box::new(Upgraded::new(Garbage::default())),
    ),
    after(
        "close-bomb",
        "answers the first frame with a Close whose reason is markup and script",
        || Box::new(Upgraded::new(CloseBomb)),
    ),
];

const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 10\r\nConnection: close\r\n\r\nnot found\n";
const UNAUTHORIZED: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"lab\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const WEB_PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 42\r\nConnection: close\r\n\r\n<!doctype html><title>It works</title>yes\n";
const REDIRECT: &[u8] =
    b"HTTP/1.1 302 Found\r\nLocation: https://example.com/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[cfg(test)]
mod tests;
