//! What a strict endpoint would make of the frames the tester sends: the messages it is owed an echo of, and the
//! first rule the tester breaks.

use wsanvil_wire::Role;
use wsanvil_wire::Rule;
use wsanvil_wire::close::parse_body;
use wsanvil_wire::frame::{Header, Opcode, Position, broken_rules};
use wsanvil_wire::utf8::Validator;

use crate::content::Content;

/// A message the target has to send back.
#[derive(Debug, Clone)]
pub(crate) struct Owed {
    /// Binary, else text.
    pub(crate) binary: bool,
    /// Its octets.
    pub(crate) content: Content,
    /// In how many fragments it went.
    pub(crate) fragments: u64,
}

/// One sent frame, as far as the shadow needs it.
#[derive(Debug)]
pub(crate) struct SentFrame<'a> {
    /// The header as written.
    pub(crate) header: Header,
    /// The payload before masking and compression: that of the whole message on its first frame, `None` on the others.
    pub(crate) content: Option<&'a Content>,
    /// Whether all announced payload octets were written.
    pub(crate) complete: bool,
    /// Whether the payload is a DEFLATE stream that inflates to `content`.
    pub(crate) compressed: bool,
    /// Whether an echo is owed.
    pub(crate) echo: bool,
}

/// The strict reader of what the tester sends on one connection.
#[derive(Debug)]
pub(crate) struct Shadow {
    tester: Role,
    rsv1: bool,
    message: Option<Message>,
    broken: Option<Rule>,
    closed: bool,
}

#[derive(Debug)]
struct Message {
    binary: bool,
    parts: Vec<Content>,
    validator: Validator,
    echo: bool,
    fragments: u64,
}

impl Shadow {
    /// A reader of what `tester` sends.
    pub(crate) fn new(tester: Role) -> Self {
        Self {
            tester,
            rsv1: false,
            message: None,
            broken: None,
            closed: false,
        }
    }

    /// permessage-deflate is agreed.
    pub(crate) fn set_rsv1(&mut self, agreed: bool) {
        self.rsv1 = agreed;
    }

    /// The first rule broken.
    pub(crate) fn broken(&self) -> Option<&Rule> {
        self.broken.as_ref()
    }

    /// Octets and fragments so far of a message that is not whole yet.
    pub(crate) fn unfinished(&self) -> Option<(u64, u64)> {
        let message = self.message.as_ref()?;
        let octets = message.parts.iter().map(Content::len).sum();
        Some((octets, message.fragments))
    }

    /// Raw octets were sent that are no frame of the script: nothing is owed behind them.
    pub(crate) fn spoil(&mut self) {
        self.closed = true;
    }

    /// Further payload octets of an unfinished frame.
    pub(crate) fn more(&mut self, content: &Content) {
        let Some(message) = &mut self.message else { return };
        if !message.binary && valid_more(&mut message.validator, content).is_err() {
            self.broken.get_or_insert(Rule::Utf8 { at: 0 });
        }
        message.parts.push(content.clone());
    }

    /// Takes a frame; gives the message it completes.
    pub(crate) fn sent(&mut self, frame: &SentFrame<'_>) -> Option<Owed> {
        if self.closed || self.broken.is_some() {
            return None;
        }
        let at = Position {
            sender: self.tester,
            rsv1: self.rsv1,
            in_message: self.message.is_some(),
        };
        // A length in a longer form binds the sender; no receiver is told to act (RFC 6455 5.2).
        if let Some(rule) = broken_rules(&frame.header, at).find(|rule| *rule != Rule::LengthNotMinimal) {
            self.broken = Some(rule);
            return None;
        }
        match frame.header.opcode {
            Opcode::PING | Opcode::PONG => None,
            Opcode::CLOSE => {
                self.closed = true;
                if let Some(content) = frame.content
                    && let Err(rule) = parse_body(&content.to_octets())
                {
                    self.broken = Some(rule);
                }
                None
            }
            _ => self.data(frame),
        }
    }

    fn data(&mut self, frame: &SentFrame<'_>) -> Option<Owed> {
        if frame.header.opcode != Opcode::CONTINUATION {
            self.message = Some(Message {
                binary: frame.header.opcode == Opcode::BINARY,
                parts: Vec::new(),
                validator: Validator::new(),
                echo: true,
                fragments: 0,
            });
        }
        let message = self.message.as_mut()?;
        message.fragments += 1;
        message.echo &= frame.echo;
        if frame.compressed != (frame.header.rsv & 4 != 0) && frame.header.opcode != Opcode::CONTINUATION {
            // RSV1 on octets that are no DEFLATE stream, or the reverse: what a receiver makes of it is not known.
            message.echo = false;
        }
        if let Some(content) = frame.content {
            if !message.binary && valid_more(&mut message.validator, content).is_err() {
                self.broken = Some(Rule::Utf8 { at: 0 });
                return None;
            }
            message.parts.push(content.clone());
        }
        if !frame.header.fin || !frame.complete {
            return None;
        }
        self.finish()
    }

    /// The last frame of the message is complete.
    pub(crate) fn finish(&mut self) -> Option<Owed> {
        let mut message = self.message.take()?;
        if self.closed || self.broken.is_some() {
            return None;
        }
        if !message.binary && message.validator.finish().is_err() {
            self.broken = Some(Rule::Utf8 { at: 0 });
            return None;
        }
        message.echo.then(|| Owed {
            binary: message.binary,
            fragments: message.fragments,
            content: Content::concat(message.parts),
        })
    }
}

/// Validates a piece of text without making a long fill in memory: a fill of ASCII is valid as a whole.
fn valid_more(validator: &mut Validator, content: &Content) -> Result<(), ()> {
    const PIECE: usize = 1 << 16;
    if let Some(octets) = content.as_octets() {
        return validator.push(octets).map_err(|_| ());
    }
    let mut at = 0;
    let mut piece = Vec::with_capacity(PIECE);
    while at < content.len() {
        piece.clear();
        content.read_at(at, PIECE, &mut piece);
        validator.push(&piece).map_err(|_| ())?;
        at += piece.len() as u64;
    }
    Ok(())
}
