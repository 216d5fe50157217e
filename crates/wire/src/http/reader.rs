//! Reads a head from octets as they arrive.

use super::error::HeadError;
use super::fields::Fields;
use super::head::{RequestHead, ResponseHead};
use super::parse::{Kind, Parser};

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::RequestHead {}
    impl Sealed for super::ResponseHead {}
}

/// A kind of head that [`HeadReader`] can read: [`RequestHead`] or [`ResponseHead`].
pub trait Head: sealed::Sealed + Sized {
    #[doc(hidden)]
    const KIND: Kind;
    #[doc(hidden)]
    fn assemble(parser: Parser, octets: Vec<u8>) -> Self;
}

impl Head for RequestHead {
    const KIND: Kind = Kind::Request;

    fn assemble(parser: Parser, octets: Vec<u8>) -> Self {
        let (start, spans, len) = parser.into_parts();
        Self {
            method: start.first,
            target: start.second,
            version: start.version,
            fields: Fields { octets, spans },
            len,
        }
    }
}

impl Head for ResponseHead {
    const KIND: Kind = Kind::Response;

    fn assemble(parser: Parser, octets: Vec<u8>) -> Self {
        let (start, spans, len) = parser.into_parts();
        Self {
            reason: start.second,
            version: start.version,
            status: start.status,
            fields: Fields { octets, spans },
            len,
        }
    }
}

/// Collects octets until a head is complete. Holds at most `limit` octets and looks at each a bounded
/// number of times, however the sender cuts them.
#[derive(Debug)]
pub struct HeadReader<H> {
    limit: usize,
    octets: Vec<u8>,
    parser: Parser,
    /// The unfinished line is looked at again only when it has grown to this length or ends.
    retry_at: usize,
    failed: Option<HeadError>,
    head: std::marker::PhantomData<H>,
}

impl<H: Head> HeadReader<H> {
    /// A reader for one head of at most `limit` octets.
    pub fn new(limit: usize) -> Self {
        Self {
            limit: limit.min(u32::MAX as usize),
            octets: Vec::new(),
            parser: Parser::new(H::KIND),
            retry_at: 0,
            failed: None,
            head: std::marker::PhantomData,
        }
    }

    /// Takes octets. When the head is complete it comes back with the octets behind it, and the reader
    /// begins anew for a next head. After an error every call gives the same error.
    pub fn push<'a>(&mut self, chunk: &'a [u8]) -> Result<Option<(H, &'a [u8])>, HeadError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let before = self.octets.len();
        let (taken, beyond) = chunk
            .split_at_checked(self.limit.saturating_sub(before))
            .unwrap_or((chunk, &[]));
        self.octets.extend_from_slice(taken);
        let full = self.octets.len() >= self.limit;
        if !full && !taken.contains(&b'\n') && self.octets.len() < self.retry_at {
            return Ok(None);
        }
        match self.parser.advance(&self.octets) {
            Ok(true) => {
                let len = self.parser.position();
                let surplus = chunk.get(len.saturating_sub(before)..).unwrap_or(beyond);
                let mut octets = std::mem::take(&mut self.octets);
                octets.truncate(len);
                let parser = std::mem::replace(&mut self.parser, Parser::new(H::KIND));
                self.retry_at = 0;
                Ok(Some((H::assemble(parser, octets), surplus)))
            }
            Ok(false) if full => Err(self.fail(HeadError::TooLarge { limit: self.limit })),
            Ok(false) => {
                let line = self.octets.len() - self.parser.position();
                self.retry_at = self.octets.len() + line.max(16);
                Ok(None)
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Octets held of the unfinished head.
    pub fn buffered(&self) -> usize {
        self.octets.len()
    }

    /// The octets held of the unfinished or faulty head, for evidence.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    fn fail(&mut self, error: HeadError) -> HeadError {
        self.failed = Some(error);
        error
    }
}
