//! Everything that is broken on purpose: the opening handshake, and a peer of its own for frames.
//!
//! The peer keeps all rules but those that its defects switch off, so that a case fails for one reason only.

mod closing;
mod deflating;
mod inflating;
pub(crate) mod lenient;
mod misread;
mod narrow;
mod negotiation;
mod neighbours;
mod opening;
mod peer;
mod policy;
mod reply;
mod text;
mod tolerance;
mod unmask;

pub(crate) use negotiation::{misread_offers, without_malformed_elements};
pub use neighbours::Neighbours;
pub(crate) use neighbours::{Place, Standing};
pub(crate) use opening::{
    answer_any, check_request, spoil_octets, spoil_refusal, spoil_request, spoil_response, takes_any_request,
};
pub(crate) use peer::{Peer, Setup};
pub(crate) use policy::{admits_credentials, admits_origin, challenge, refuses_late};
