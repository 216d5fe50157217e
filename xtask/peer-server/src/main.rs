//! The echo server that testers are measured against: permessage-deflate, no limit below 128 MiB, no logging.
//!
//! `peer-server PORT` serves on the loopback address until it is killed.

use std::error::Error;

use soketto::extension::deflate::Deflate;
use soketto::handshake::server::{Response, Server};
use soketto::{Incoming, Mode};
use tokio::io::{BufReader, BufWriter};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::compat::TokioAsyncReadCompatExt;

type Fault = Box<dyn Error + Send + Sync>;

/// Largest message and frame, in octets.
const LIMIT: usize = 1 << 27;

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let port: u16 = std::env::args().nth(1).ok_or("no port is given")?.parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve(stream));
    }
}

/// Answers every message of one client with itself.
async fn serve(stream: TcpStream) -> Result<(), Fault> {
    stream.set_nodelay(true)?;
    let mut handshake = Server::new(BufReader::new(BufWriter::new(stream)).compat());
    handshake.add_extension(Box::new(Deflate::new(Mode::Server)));
    let key = handshake.receive_request().await?.key();
    let accept = Response::Accept { key, protocol: None };
    handshake.send_response(&accept).await?;
    let mut connection = handshake.into_builder();
    connection.set_max_frame_size(LIMIT);
    connection.set_max_message_size(LIMIT);
    let (mut sender, mut receiver) = connection.finish();
    let mut message = Vec::new();
    loop {
        message.clear();
        match receiver.receive(&mut message).await? {
            Incoming::Data(data) if data.is_text() => {
                sender.send_text(std::str::from_utf8(&message)?).await?
            }
            Incoming::Data(_) => sender.send_binary_mut(&mut message).await?,
            Incoming::Pong(_) => continue,
            Incoming::Closed(_) => return Ok(()),
        }
        sender.flush().await?;
    }
}
