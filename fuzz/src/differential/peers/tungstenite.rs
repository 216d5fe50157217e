//! tungstenite, driven until it says that the connection is over.

use tungstenite::error::ProtocolError;
use tungstenite::protocol::{CloseFrame, Role as TheirRole, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};
use wsanvil_wire::Role;

use super::super::account::{Account, End, Heard, What, sent};
use super::super::stream::{Cuts, Stream};
use super::LIMIT;

pub(super) fn account(role: Role, octets: &[u8], cuts: Cuts) -> Account<usize> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(LIMIT))
        .max_frame_size(Some(LIMIT))
        .read_buffer_size(4096)
        .write_buffer_size(0);
    let theirs = match role {
        Role::Client => TheirRole::Client,
        Role::Server => TheirRole::Server,
    };
    let mut socket = WebSocket::from_raw_socket(Stream::new(octets, cuts), theirs, Some(config));
    let mut heard = Vec::new();
    let end = loop {
        let what = match socket.read() {
            Ok(Message::Text(text)) => What::Text(text.as_bytes().to_vec()),
            Ok(Message::Binary(octets)) => What::Binary(octets.to_vec()),
            Ok(Message::Ping(payload)) => What::Ping(payload.to_vec()),
            Ok(Message::Pong(payload)) => What::Pong(payload.to_vec()),
            Ok(Message::Close(None)) => What::Close(None, Vec::new()),
            Ok(Message::Close(Some(CloseFrame { code, reason }))) => {
                What::Close(Some(code.into()), reason.as_bytes().to_vec())
            }
            Ok(Message::Frame(_)) => unreachable!("never given while reading"),
            Err(Error::ConnectionClosed) => break End::Closed,
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => break End::Open,
            Err(error) => {
                break End::Failed {
                    code: code(&error),
                    read: socket.get_ref().read.get(),
                };
            }
        };
        let read = socket.get_ref().read.get();
        heard.push(Heard { what, read });
    };
    let sent = sent(role, socket.into_inner().written);
    Account { heard, end, sent }
}

/// The close code that an application would send for this error.
fn code(error: &Error) -> u16 {
    match error {
        Error::Protocol(_) => 1002,
        Error::Utf8(_) => 1007,
        Error::Capacity(_) => 1009,
        error => panic!("tungstenite: {error}"),
    }
}
