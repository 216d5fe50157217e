//! The opening handshake over HTTP/1.1 (RFC 6455 section 4): what each side checks, the accept value, and
//! requests and responses that can be made wrong on purpose.
//!
//! ```
//! use wsanvil_wire::upgrade::{OpeningError, RequestRule, RequestSpec, read_opening};
//!
//! let mut request = RequestSpec::upgrade("example.com", "/chat", b"dGhlIHNhbXBsZSBub25jZQ==");
//! assert!(read_opening(&request.write(), 8192).is_ok());
//! request.set("Sec-WebSocket-Version", "8");
//! let Err(OpeningError::Refused(refusal)) = read_opening(&request.write(), 8192) else { unreachable!() };
//! assert_eq!((refusal.rule.clone(), refusal.status), (RequestRule::VersionWrong, 426));
//! assert!(refusal.response().write().starts_with(b"HTTP/1.1 426 Upgrade Required\r\n"));
//! ```

mod accept;
mod judge;
mod opening;
mod refusal_rule;
mod relevant;
mod request;
mod request_rule;
mod response;
mod response_rule;
mod spec;

pub use accept::{GUID, accept_for, key_from_nonce};
pub use opening::{Opening, OpeningError, read_opening};
pub use refusal_rule::{RefusalRule, check_refusal};
pub use request::{Accepted, Refusal, check_request};
pub use request_rule::RequestRule;
pub use response::{Agreed, Offered, check_response, check_response_all};
pub use response_rule::ResponseRule;
pub use spec::{RequestSpec, ResponseSpec, upgrade, write_switching_protocols};
