//! The same octets to our endpoint and to another implementation: they say the same, or the table says why not.
//!
//! Compared are, in this order: what the application is told and whether the connection fails and with which code, how
//! far each had read then, the Pongs, and the Close. Both read octet by octet, so that how far is exact; that no cut
//! changes an account is held as well.

mod account;
mod dispute;
mod markdown;
mod peers;
mod reading;
mod stream;
mod table;

pub use account::{Account, End, Heard, Sent, What};
pub use dispute::{Unexplained, compare};
pub use markdown::markdown;
pub use peers::{LIMIT, Peer};
pub use reading::Place;
pub use stream::Cuts;
pub use table::{Disagreement, Right, TABLE};

use arbitrary::{Arbitrary, Unstructured};
use wsanvil_wire::Role;
use wsanvil_wire::script::Script;

use crate::chunking::head;
use crate::conversation;

/// Octets of a script that are read: it has long messages, of which the limits leave nothing.
const LONGEST: usize = 1 << 11;

/// The law with tungstenite.
pub fn check_tungstenite(data: &[u8]) {
    check(Peer::Tungstenite, data);
}

/// The law with fastwebsockets.
pub fn check_fastwebsockets(data: &[u8]) {
    check(Peer::Fastwebsockets, data);
}

/// Octet 0: the role of both; octet 1: cuts; then what they receive: as octets, or as a script.
fn check(peer: Peer, data: &[u8]) {
    let Some(([settings, how], rest)) = head(data) else {
        return;
    };
    let role = if settings & 1 == 0 {
        Role::Server
    } else {
        Role::Client
    };
    if settings & 2 == 0 {
        agree(peer, role, rest, how);
    } else if let Ok(mut script) = Script::arbitrary(&mut Unstructured::new(rest)) {
        // The others know no compression.
        script.deflate = None;
        let mut octets = script.octets(role.peer());
        octets.truncate(LONGEST);
        agree(peer, role, &octets, how);
    }
}

fn agree(peer: Peer, role: Role, octets: &[u8], how: u8) {
    let theirs = peer.account(role, octets, Cuts::Octets).untimed();
    let (ours, _) = peers::ours(role, LIMIT as u64, octets, Cuts::Octets);
    let ours = ours.untimed();
    for cuts in [Cuts::Whole, Cuts::Pieces(how)] {
        let other = peers::ours(role, LIMIT as u64, octets, cuts).0.untimed();
        assert_eq!(other, ours, "cuts change our account");
        let other = peer.account(role, octets, cuts).untimed();
        assert_eq!(other, theirs, "cuts change the account of {peer}");
    }
    let mut left_out = |_: &Disagreement| false;
    if let Err(unexplained) = compare(peer, role, octets, &mut left_out) {
        panic!("{unexplained}");
    }
}

/// Every example of the table, for either implementation, the conversations that endpoints begin with, and scripts.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for entry in TABLE {
        seeds.push(seed(entry.role, 0, entry.example));
    }
    for role in [Role::Server, Role::Client] {
        let (plain, closes) = (
            conversation::plain(role.peer()),
            conversation::closes(role.peer()),
        );
        seeds.extend(plain.iter().chain(&closes).map(|octets| seed(role, 0, octets)));
        for number in 0..12 {
            seeds.push(seed(role, 2, &conversation::noise(number)));
        }
    }
    seeds
}

fn seed(role: Role, script: u8, octets: &[u8]) -> Vec<u8> {
    let role = match role {
        Role::Server => 0,
        Role::Client => 1,
    };
    [&[role | script, 0x42], octets].concat()
}
