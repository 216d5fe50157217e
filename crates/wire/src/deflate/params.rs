//! The four parameters of permessage-deflate (RFC 7692 section 7.1).

use super::NAME;
use super::rule::DeflateRule;
use crate::extension::{Extension, Param};
use std::fmt;

/// The parameters of an offer or of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Params {
    /// The server starts each message with an empty window.
    pub server_no_context_takeover: bool,
    /// The client starts each message with an empty window.
    pub client_no_context_takeover: bool,
    /// Base-2 logarithm of the server's window, 8 to 15.
    pub server_max_window_bits: Option<u8>,
    /// Base-2 logarithm of the client's window, 8 to 15; `Some(None)` is the parameter without value, which
    /// only an offer can have.
    pub client_max_window_bits: Option<Option<u8>>,
}

const SERVER_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_WINDOW: &str = "server_max_window_bits";
const CLIENT_WINDOW: &str = "client_max_window_bits";

impl Params {
    /// Reads a client's offer.
    pub fn from_offer(extension: &Extension) -> Result<Self, DeflateRule> {
        if extension.name != NAME {
            return Err(DeflateRule::Name(extension.name.clone()));
        }
        let mut params = Self::default();
        for param in &extension.params {
            match param.name.as_str() {
                SERVER_TAKEOVER => flag(&mut params.server_no_context_takeover, param, SERVER_TAKEOVER)?,
                CLIENT_TAKEOVER => flag(&mut params.client_no_context_takeover, param, CLIENT_TAKEOVER)?,
                SERVER_WINDOW => {
                    let bits =
                        window(param, SERVER_WINDOW)?.ok_or(DeflateRule::ValueMissing(SERVER_WINDOW))?;
                    once(&mut params.server_max_window_bits, bits, SERVER_WINDOW)?;
                }
                CLIENT_WINDOW => {
                    let bits = window(param, CLIENT_WINDOW)?;
                    once(&mut params.client_max_window_bits, bits, CLIENT_WINDOW)?;
                }
                unknown => return Err(DeflateRule::UnknownParameter(unknown.to_owned())),
            }
        }
        Ok(params)
    }

    /// Reads a server's answer, in which `client_max_window_bits` needs a value.
    pub fn from_answer(extension: &Extension) -> Result<Self, DeflateRule> {
        let params = Self::from_offer(extension)?;
        if params.client_max_window_bits == Some(None) {
            return Err(DeflateRule::ValueMissing(CLIENT_WINDOW));
        }
        Ok(params)
    }

    /// The element of the extension list that says this.
    pub fn to_extension(self) -> Extension {
        let mut extension = Extension::new(NAME);
        if self.server_no_context_takeover {
            extension = extension.with(SERVER_TAKEOVER, None);
        }
        if self.client_no_context_takeover {
            extension = extension.with(CLIENT_TAKEOVER, None);
        }
        if let Some(bits) = self.server_max_window_bits {
            extension = extension.with(SERVER_WINDOW, Some(&bits.to_string()));
        }
        if let Some(bits) = self.client_max_window_bits {
            extension = extension.with(CLIENT_WINDOW, bits.map(|bits| bits.to_string()).as_deref());
        }
        extension
    }
}

impl TryFrom<&Extension> for Params {
    type Error = DeflateRule;

    /// As [`Params::from_offer`], which takes all that an answer can hold too.
    fn try_from(extension: &Extension) -> Result<Self, DeflateRule> {
        Self::from_offer(extension)
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_extension().fmt(f)
    }
}

fn flag(slot: &mut bool, param: &Param, name: &'static str) -> Result<(), DeflateRule> {
    if param.value.is_some() {
        return Err(DeflateRule::ValueForbidden(name));
    }
    if std::mem::replace(slot, true) {
        Err(DeflateRule::DuplicateParameter(name))
    } else {
        Ok(())
    }
}

fn once<T>(slot: &mut Option<T>, value: T, name: &'static str) -> Result<(), DeflateRule> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(DeflateRule::DuplicateParameter(name)),
    }
}

fn window(param: &Param, name: &'static str) -> Result<Option<u8>, DeflateRule> {
    let Some(value) = &param.value else {
        return Ok(None);
    };
    let bits = match value.as_bytes() {
        [digit @ b'8'..=b'9'] => digit - b'0',
        [b'1', digit @ b'0'..=b'5'] => 10 + digit - b'0',
        _ => {
            return Err(DeflateRule::ValueInvalid {
                name,
                value: value.clone(),
            });
        }
    };
    Ok(Some(bits))
}
