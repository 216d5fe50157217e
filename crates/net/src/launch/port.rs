//! The `{port}` placeholder.

use std::net::{Ipv4Addr, TcpListener};

use super::error::LaunchError;
use crate::address::Address;

const PLACEHOLDER: &str = "{port}";

/// URL and command with the port filled in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) url: String,
    pub(super) command: Vec<String>,
}

/// Fills in a free loopback port, or the port of the URL when the URL has one.
pub(super) fn fill(url: &str, command: &[String]) -> Result<Filled, LaunchError> {
    let port = if url.contains(PLACEHOLDER) {
        free()?
    } else {
        Address::parse(url)?.port()
    }
    .to_string();
    Ok(Filled {
        url: url.replace(PLACEHOLDER, &port),
        command: command
            .iter()
            .map(|word| word.replace(PLACEHOLDER, &port))
            .collect(),
    })
}

/// A port that is free at this moment. The target binds it a little later; the system hands out ports in an order
/// that makes a clash in between unlikely.
fn free() -> Result<u16, LaunchError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| LaunchError::NoPort {
            cause: error.to_string(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_in_both() {
        let filled = fill(
            "ws://127.0.0.1:{port}/",
            &["serve".to_owned(), "--port={port}".to_owned()],
        )
        .unwrap();
        let port = Address::parse(&filled.url).unwrap().port();
        assert_eq!(filled.command, ["serve".to_owned(), format!("--port={port}")]);
    }

    #[test]
    fn the_port_of_the_url() {
        let filled = fill("wss://h/", &["{port}".to_owned()]).unwrap();
        assert_eq!(filled.command, ["443"]);
        assert!(fill("h:1", &[]).is_err());
    }
}
