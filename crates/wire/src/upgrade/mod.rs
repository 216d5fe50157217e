//! The opening handshake over HTTP/1.1 (RFC 6455 section 4): what each side checks, the accept value, and
//! requests and responses that can be made wrong on purpose.

mod accept;
mod judge;
mod opening;
mod relevant;
mod request;
mod request_rule;
mod response;
mod response_rule;
mod spec;

pub use accept::{GUID, accept_for, key_from_nonce};
pub use opening::{Opening, OpeningError, read_opening};
pub use request::{Accepted, Refusal, check_request};
pub use request_rule::RequestRule;
pub use response::{Agreed, Offered, check_response, check_response_all};
pub use response_rule::ResponseRule;
pub use spec::{RequestSpec, ResponseSpec, upgrade, write_switching_protocols};
