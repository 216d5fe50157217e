//! The input as frames, so that it can be said where in it something happened and what a lenient reader takes it for.

use wsanvil_wire::frame::{Header, LengthForm, Opcode};

/// The frames of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The frames whose header is there.
    pub frames: Vec<Frame>,
    /// A header that is not complete.
    tail: Vec<u8>,
    /// Frames in the input as it came, the one that `tail` begins left out.
    count: usize,
}

/// A frame of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its number in the input as it came.
    pub number: usize,
    /// The header.
    pub header: Header,
    /// The payload as it stands on the wire, as much as there is.
    pub wire: Vec<u8>,
}

/// How far an endpoint has read: the frame and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Number of the frame.
    pub frame: usize,
    /// How much of it.
    pub part: Part,
}

/// How much of a frame was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Its first two octets: flags, opcode and the short length.
    Two,
    /// Its header.
    Header,
    /// Something between the other parts.
    Inside,
    /// All of it.
    End,
}

impl Reading {
    /// Splits an input into frames.
    pub fn of(octets: &[u8]) -> Self {
        let mut frames = Vec::new();
        let mut rest = octets;
        while let Some((header, len)) = Header::parse(rest) {
            rest = &rest[len..];
            let announced = usize::try_from(header.payload_len).unwrap_or(usize::MAX);
            let (wire, behind) = rest.split_at(announced.min(rest.len()));
            frames.push(Frame {
                number: frames.len(),
                header,
                wire: wire.to_vec(),
            });
            rest = behind;
        }
        Self {
            count: frames.len(),
            frames,
            tail: rest.to_vec(),
        }
    }

    /// The octets again.
    pub fn write(&self) -> Vec<u8> {
        let mut octets = Vec::new();
        for frame in &self.frames {
            frame.header.write(&mut octets);
            octets.extend_from_slice(&frame.wire);
        }
        octets.extend_from_slice(&self.tail);
        octets
    }

    /// Where an endpoint stands that has read so many octets.
    pub fn place(&self, octets: usize) -> Place {
        let mut rest = octets;
        for frame in &self.frames {
            let (header, all) = (frame.header.encoded_len(), frame.len());
            if rest <= all {
                let part = match rest {
                    _ if rest == all && frame.is_whole() => Part::End,
                    _ if rest == header => Part::Header,
                    2 => Part::Two,
                    _ => Part::Inside,
                };
                return Place {
                    frame: frame.number,
                    part,
                };
            }
            rest -= all;
        }
        Place {
            frame: self.count,
            part: if rest == 2 { Part::Two } else { Part::Inside },
        }
    }

    /// The frame with this number, and where it is.
    pub fn frame(&self, number: usize) -> Option<(usize, &Frame)> {
        let mut frames = self.frames.iter().enumerate();
        frames.find(|(_, frame)| frame.number == number)
    }

    /// The header that is not complete: its number and octets.
    pub fn tail(&self) -> (usize, &[u8]) {
        (self.count, &self.tail)
    }

    /// Places of the data frames of the message that the data frame at `last` belongs to, that one included when it
    /// continues a message and left out when it begins one.
    pub fn message_before(&self, last: usize) -> Vec<usize> {
        let mut places = Vec::new();
        for (place, frame) in self.frames[..=last].iter().enumerate() {
            match frame.header.opcode {
                Opcode::CONTINUATION => places.push(place),
                Opcode::TEXT | Opcode::BINARY if place < last => places = vec![place],
                _ => {}
            }
        }
        places
    }
}

impl Frame {
    /// The payload without its mask.
    pub fn payload(&self) -> Vec<u8> {
        let key = self.header.mask.unwrap_or_default();
        let unmasked = self.wire.iter().zip(key.into_iter().cycle());
        unmasked.map(|(octet, key)| octet ^ key).collect()
    }

    /// Whether all of the payload is there.
    pub fn is_whole(&self) -> bool {
        self.wire.len() as u64 == self.header.payload_len
    }

    /// Takes octets off the end of the payload.
    pub fn shorten(&mut self, octets: usize) {
        self.wire.truncate(self.wire.len().saturating_sub(octets));
        self.header.payload_len = self.wire.len() as u64;
        self.header.form = LengthForm::minimal_for(self.header.payload_len);
    }

    fn len(&self) -> usize {
        self.header.encoded_len() + self.wire.len()
    }
}
