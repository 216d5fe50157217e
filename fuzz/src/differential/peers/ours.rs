//! Our endpoint.

use wsanvil_wire::close::NO_STATUS;
use wsanvil_wire::endpoint::{Config, Endpoint, Event};
use wsanvil_wire::{Role, Rule};

use super::super::account::{Account, End, Heard, What, sent};
use super::super::stream::Cuts;
use super::LIMIT;

/// What an endpoint of `role` makes of the octets, and the rule for which it fails the connection. Messages may have
/// `max_message` octets.
pub(in super::super) fn ours(
    role: Role,
    max_message: u64,
    octets: &[u8],
    cuts: Cuts,
) -> (Account<usize>, Option<Rule>) {
    let config = Config {
        max_message,
        max_frame: LIMIT as u64,
        ..Config::default()
    };
    let mut endpoint = Endpoint::new(role, config);
    let mut account = Account {
        heard: Vec::new(),
        end: End::Open,
        sent: Vec::new(),
    };
    let mut failure = None;
    let mut read = 0;
    for piece in cuts.of(octets) {
        read += piece.len();
        endpoint.receive(&mut piece.to_vec(), &mut |event| {
            assert_eq!(account.end, End::Open, "{event:?} behind the end");
            let what = match event {
                Event::Text(text) => What::Text(text.as_bytes().to_vec()),
                Event::Binary(octets) => What::Binary(octets.to_vec()),
                Event::Ping(payload) => What::Ping(payload.to_vec()),
                Event::Pong(payload) => What::Pong(payload.to_vec()),
                Event::Closed { code, reason, .. } => {
                    account.end = End::Closed;
                    let code = Some(code).filter(|code| *code != NO_STATUS);
                    What::Close(code, reason.as_bytes().to_vec())
                }
                Event::Failed(broken) => {
                    account.end = End::Failed {
                        code: broken.close_code(),
                        read,
                    };
                    failure = Some(broken);
                    return;
                }
            };
            account.heard.push(Heard { what, read });
        });
    }
    account.sent = sent(role, endpoint.take_output());
    (account, failure)
}
