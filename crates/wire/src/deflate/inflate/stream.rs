//! The state machine over blocks (RFC 1951 section 3.2.3), which can stop at any octet.

use super::bits::Bits;
use super::error::InflateError;
use super::fast::{self, Exit};
use super::header::DynamicHeader;
use super::tables::{
    DISTANCE_BITS, END, FIXED, LITERAL, LITERAL_BITS, SECOND, SPECIAL, Tables, taken, value,
};
use super::window::Output;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// The three bits of a block's head.
    #[default]
    BlockHead,
    /// Length and complement of a stored block.
    StoredLength,
    /// Octets of a stored block.
    Stored { left: usize },
    /// The head of a block with a code of its own.
    DynamicHead,
    /// Symbols of a block.
    Symbols { fixed: bool },
}

/// What a step came to.
enum Step {
    /// Go on.
    Done,
    /// The input is used up.
    NeedInput,
}

/// A run of DEFLATE blocks that goes on over messages.
#[derive(Debug, Default)]
pub(super) struct Stream {
    bits: Bits,
    state: State,
    /// Is the current block marked final?
    last: bool,
    /// Was the last block stored and empty?
    empty: bool,
    /// Made when the first block with a code of its own comes.
    dynamic: Option<Box<(DynamicHeader, Tables)>>,
}

impl Stream {
    /// Between blocks, and no bit of the next one read?
    pub(super) fn at_boundary(&self) -> bool {
        self.state == State::BlockHead && self.bits.count == 0
    }

    /// Was the last block stored and empty?
    pub(super) fn last_block_empty(&self) -> bool {
        self.empty
    }

    /// Inflates as much as the input says.
    pub(super) fn run(&mut self, mut input: &[u8], output: &mut Output<'_>) -> Result<(), InflateError> {
        loop {
            let step = match self.state {
                State::BlockHead => self.block_head(&mut input, output)?,
                State::StoredLength => self.stored_length(&mut input)?,
                State::Stored { left } => self.stored(left, &mut input, output)?,
                State::DynamicHead => {
                    let (header, tables) = &mut **self.dynamic.get_or_insert_with(Self::dynamic);
                    if header.advance(&mut self.bits, &mut input, tables)? {
                        self.state = State::Symbols { fixed: false };
                        Step::Done
                    } else {
                        Step::NeedInput
                    }
                }
                State::Symbols { fixed } => self.symbols(fixed, &mut input, output)?,
            };
            if matches!(step, Step::NeedInput) {
                return Ok(());
            }
        }
    }

    fn dynamic() -> Box<(DynamicHeader, Tables)> {
        Box::new((DynamicHeader::new(), Tables::new()))
    }

    fn block_head(&mut self, input: &mut &[u8], output: &mut Output<'_>) -> Result<Step, InflateError> {
        self.bits.fill(input);
        let Some(head) = self.bits.take(3) else {
            return Ok(Step::NeedInput);
        };
        self.last = head & 1 != 0;
        self.empty = false;
        output.facts.bfinal |= self.last;
        match head >> 1 {
            0 => {
                output.facts.blocks_stored += 1;
                self.bits.align();
                self.state = State::StoredLength;
            }
            1 => {
                output.facts.blocks_fixed += 1;
                self.state = State::Symbols { fixed: true };
            }
            2 => {
                output.facts.blocks_dynamic += 1;
                self.dynamic.get_or_insert_with(Self::dynamic).0.begin();
                self.state = State::DynamicHead;
            }
            _ => return Err(InflateError::BlockType),
        }
        Ok(Step::Done)
    }

    fn stored_length(&mut self, input: &mut &[u8]) -> Result<Step, InflateError> {
        self.bits.fill(input);
        if self.bits.count < 32 {
            return Ok(Step::NeedInput);
        }
        let length = self.bits.peek(16);
        self.bits.consume(16);
        let complement = self.bits.peek(16);
        self.bits.consume(16);
        if length ^ complement != 0xFFFF {
            return Err(InflateError::StoredLength);
        }
        self.empty = length == 0;
        self.state = State::Stored {
            left: length as usize,
        };
        Ok(Step::Done)
    }

    fn stored(
        &mut self,
        mut left: usize,
        input: &mut &[u8],
        output: &mut Output<'_>,
    ) -> Result<Step, InflateError> {
        // The bit buffer holds whole octets here, those before the input.
        while left > 0
            && let Some(octet) = self.bits.take(8)
        {
            output.literal(u8::try_from(octet).unwrap_or(0))?;
            left -= 1;
        }
        let (octets, rest) = input.split_at_checked(left).unwrap_or((input, &[]));
        output.stored(octets)?;
        *input = rest;
        left -= octets.len();
        self.state = State::Stored { left };
        if left > 0 {
            return Ok(Step::NeedInput);
        }
        self.end_block(output);
        Ok(Step::Done)
    }

    fn end_block(&mut self, output: &mut Output<'_>) {
        if self.last {
            // RFC 7692 section 7.2.3.4: what follows a final block begins at the next octet.
            output.facts.padding_set |= self.bits.align() != 0;
        }
        self.state = State::BlockHead;
    }

    fn symbols(
        &mut self,
        fixed: bool,
        input: &mut &[u8],
        output: &mut Output<'_>,
    ) -> Result<Step, InflateError> {
        let tables: &Tables = match &self.dynamic {
            Some(dynamic) if !fixed => &dynamic.1,
            _ => &FIXED,
        };
        loop {
            while input.len() >= fast::INPUT
                && let Some(area) = output.area()
            {
                let (exit, progress) = fast::symbols(area, &mut self.bits, input, tables);
                output.advance(&progress);
                match exit {
                    Exit::Short => {}
                    Exit::End => {
                        self.end_block(output);
                        return Ok(Step::Done);
                    }
                    Exit::Run(length) => output.reference(1, length)?,
                    Exit::TooFarBack(distance) => return Err(output.too_far_back(distance)),
                    Exit::BadSymbol => return Err(InflateError::Symbol),
                    Exit::BadDistance => return Err(InflateError::Distance),
                }
            }
            self.bits.fill(input);
            let Some((token, after)) = token(self.bits, tables)? else {
                return Ok(Step::NeedInput);
            };
            self.bits = after;
            match token {
                Token::Literal(octet) => output.literal(octet)?,
                Token::Reference { distance, length } => output.reference(distance, length)?,
                Token::End => {
                    self.end_block(output);
                    return Ok(Step::Done);
                }
            }
        }
    }
}

enum Token {
    Literal(u8),
    Reference { distance: usize, length: usize },
    End,
}

/// Decodes one token, at most 48 bits, or nothing at all when bits are missing: the bits beyond those there
/// are read as zeros, so a code found is only true when all its bits are there.
fn token(mut bits: Bits, tables: &Tables) -> Result<Option<(Token, Bits)>, InflateError> {
    let mut entry = tables.literal(bits.word);
    if entry & SECOND != 0 && entry & (LITERAL | SPECIAL) == SPECIAL {
        if bits.count < LITERAL_BITS {
            return Ok(None);
        }
        bits.consume(LITERAL_BITS);
        entry = tables.literal_second(entry, bits.word);
    }
    if bits.count < taken(entry) {
        return Ok(None);
    }
    if entry & LITERAL != 0 {
        bits.consume(taken(entry));
        let [_, _, octet, _] = entry.to_le_bytes();
        return Ok(Some((Token::Literal(octet), bits)));
    }
    if entry & SPECIAL != 0 {
        bits.consume(taken(entry));
        return if entry & END != 0 {
            Ok(Some((Token::End, bits)))
        } else {
            Err(InflateError::Symbol)
        };
    }
    let length = value(entry, bits.word) as usize;
    bits.consume(taken(entry));

    let mut entry = tables.distance(bits.word);
    if entry & SPECIAL != 0 && entry & SECOND != 0 {
        if bits.count < DISTANCE_BITS {
            return Ok(None);
        }
        bits.consume(DISTANCE_BITS);
        entry = tables.distance_second(entry, bits.word);
    }
    if bits.count < taken(entry) {
        return Ok(None);
    }
    if entry & SPECIAL != 0 {
        return Err(InflateError::Distance);
    }
    let distance = value(entry, bits.word) as usize;
    bits.consume(taken(entry));
    Ok(Some((Token::Reference { distance, length }, bits)))
}
