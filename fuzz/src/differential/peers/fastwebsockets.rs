//! fastwebsockets, read until its Close as its documentation shows. The transport never waits, so one poll is enough.

use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use fastwebsockets::{FragmentCollector, OpCode, Role as TheirRole, WebSocket, WebSocketError};
use wsanvil_wire::Role;

use super::super::account::{Account, End, Heard, What, sent};
use super::super::stream::{Cuts, Stream};
use super::LIMIT;

pub(super) fn account(role: Role, octets: &[u8], cuts: Cuts) -> Account<usize> {
    let theirs = match role {
        Role::Client => TheirRole::Client,
        Role::Server => TheirRole::Server,
    };
    let mut stream = Stream::new(octets, cuts);
    let read = Rc::clone(&stream.read);
    let mut socket = WebSocket::after_handshake(&mut stream, theirs);
    socket.set_max_message_size(LIMIT);
    let mut socket = FragmentCollector::new(socket);
    let mut heard = Vec::new();
    let end = loop {
        let frame = match now(socket.read_frame()) {
            Ok(frame) => frame,
            Err(WebSocketError::UnexpectedEOF) => break End::Open,
            Err(error) => {
                break End::Failed {
                    code: code(&error),
                    read: read.get(),
                };
            }
        };
        let payload = frame.payload.to_vec();
        let what = match frame.opcode {
            OpCode::Text => What::Text(payload),
            OpCode::Binary => What::Binary(payload),
            OpCode::Ping => What::Ping(payload),
            OpCode::Pong => What::Pong(payload),
            OpCode::Close => match payload.split_first_chunk() {
                None => What::Close(None, Vec::new()),
                Some((code, reason)) => What::Close(Some(u16::from_be_bytes(*code)), reason.to_vec()),
            },
            OpCode::Continuation => unreachable!("collected"),
        };
        let over = frame.opcode == OpCode::Close;
        heard.push(Heard {
            what,
            read: read.get(),
        });
        if over {
            break End::Closed;
        }
    };
    let sent = sent(role, socket.into_inner().written.clone());
    Account { heard, end, sent }
}

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the transport never waits"),
    }
}

/// The close code that an application would send for this error.
fn code(error: &WebSocketError) -> u16 {
    match error {
        WebSocketError::InvalidUTF8 => 1007,
        WebSocketError::FrameTooLarge => 1009,
        WebSocketError::InvalidFragment
        | WebSocketError::InvalidContinuationFrame
        | WebSocketError::InvalidCloseFrame
        | WebSocketError::InvalidCloseCode
        | WebSocketError::ReservedBitsNotZero
        | WebSocketError::ControlFrameFragmented
        | WebSocketError::PingFrameTooLarge
        | WebSocketError::InvalidValue => 1002,
        error => panic!("fastwebsockets: {error}"),
    }
}
