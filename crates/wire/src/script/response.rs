//! A response that opens the connection rightly (RFC 6455 section 4.2.2), in any spelling.

use arbitrary::{Arbitrary, Result, Unstructured};

use super::{Request, RequestSpelling};
use crate::deflate::{self, Params, ServerPolicy, accept_offers};
use crate::extension::Extension;
use crate::upgrade::{Agreed, Offered, ResponseSpec, accept_for, key_from_nonce};

/// A legal answer to a legal request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// What is answered.
    pub request: Request,
    /// Which of the subprotocols offered is taken.
    pub protocol: Option<usize>,
    /// What the server wants of permessage-deflate, where it is offered; `None` declines.
    pub deflate: Option<ServerPolicy>,
    /// Whether other extensions are accepted, those that are offered.
    pub others: bool,
    /// How it is written.
    pub spelling: RequestSpelling,
}

impl Response {
    /// A bare answer: nothing that was offered is taken up.
    pub fn to(request: Request) -> Self {
        Self {
            request,
            protocol: None,
            deflate: None,
            others: false,
            spelling: RequestSpelling::default(),
        }
    }

    /// The key of the request, which [`Offered`] wants.
    pub const fn offered<'a>(&'a self, key: &'a [u8]) -> Offered<'a> {
        Offered {
            key,
            protocols: self.request.protocols.as_slice(),
            extensions: self.request.extensions.as_slice(),
        }
    }

    /// The response as it is written.
    pub fn spec(&self) -> ResponseSpec {
        let key = key_from_nonce(self.request.nonce);
        let mut spec = ResponseSpec::switching_protocols(accept_for(&key));
        let agreed = self.agreed();
        if let Some(protocol) = &agreed.protocol {
            spec.add("Sec-WebSocket-Protocol", protocol);
        }
        let list = agreed.extensions.iter().map(ToString::to_string);
        if self.spelling.split {
            for element in list {
                spec.add("Sec-WebSocket-Extensions", element);
            }
        } else if !agreed.extensions.is_empty() {
            let list: Vec<String> = list.collect();
            spec.add("Sec-WebSocket-Extensions", list.join(", "));
        }
        self.spelling.respell(&mut spec.version, &mut spec.fields, false);
        spec
    }

    /// What client and server use from then on.
    pub fn agreed(&self) -> Agreed {
        let offers = &self.request.extensions;
        let policy = self.deflate.as_ref();
        let deflate: Option<(Params, deflate::Agreed)> =
            policy.and_then(|policy| accept_offers(offers, policy));
        let mut extensions: Vec<Extension> = Vec::new();
        if self.others {
            for offer in offers {
                let known = extensions.iter().any(|taken| taken.name == offer.name);
                if !known && offer.name != deflate::NAME {
                    extensions.push(offer.clone());
                }
            }
        }
        extensions.extend(deflate.map(|(answer, _)| answer.to_extension()));
        Agreed {
            protocol: self
                .protocol
                .and_then(|at| self.request.protocols.get(at).cloned()),
            deflate: deflate.map(|(_, agreed)| agreed),
            extensions,
        }
    }
}

impl<'a> Arbitrary<'a> for Response {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let request = Request::arbitrary(u)?;
        let choices: u8 = u.arbitrary()?;
        Ok(Self {
            request,
            protocol: (choices & 1 != 0).then_some(usize::from(choices >> 1 & 3)),
            deflate: if choices & 8 == 0 {
                Some(ServerPolicy::arbitrary(u)?)
            } else {
                None
            },
            others: choices & 16 != 0,
            spelling: RequestSpelling::arbitrary(u)?,
        })
    }

    fn size_hint(depth: usize) -> (usize, Option<usize>) {
        let (request, spelling) = (Request::size_hint(depth), RequestSpelling::size_hint(depth));
        (request.0 + 1 + spelling.0, None)
    }
}
