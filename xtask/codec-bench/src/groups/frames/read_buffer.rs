//! A read buffer for contenders that decode in the caller's memory.

use super::traffic::READ;

/// Octets read from a transport, with those of a frame that is not complete kept in one piece.
///
/// Contenders without I/O need such a buffer from their caller; the others bring their own.
#[derive(Debug, Default)]
pub struct ReadBuffer {
    octets: Vec<u8>,
    /// The first octet that is still needed.
    kept: usize,
    /// The first octet that nobody has looked at.
    at: usize,
    /// Behind the last octet read.
    filled: usize,
    /// How many octets are needed from `kept` on.
    wanted: usize,
}

impl ReadBuffer {
    /// Reads once from the front of `stream`: 64 KiB at most, and not beyond a frame longer than that, whose successor
    /// would have to be moved.
    pub fn read(&mut self, stream: &mut &[u8]) {
        let missing = (self.kept + self.wanted).saturating_sub(self.filled);
        let most = if self.wanted > READ && missing > 0 {
            missing.min(READ)
        } else {
            READ
        };
        let (read, rest) = stream.split_at(most.min(stream.len()));
        *stream = rest;
        if self.filled + read.len() > self.octets.len() {
            self.make_room(read.len());
        }
        self.octets[self.filled..self.filled + read.len()].copy_from_slice(read);
        self.filled += read.len();
    }

    /// What nobody has looked at.
    #[inline]
    pub fn unread(&mut self) -> &mut [u8] {
        &mut self.octets[self.at..self.filled]
    }

    /// All but the last `left` octets have been looked at; they stay where they are, from [`ReadBuffer::keep`] on.
    #[inline]
    pub fn leave(&mut self, left: usize) {
        self.at = self.filled - left;
    }

    /// From here on octets are needed, `len` of them at least.
    pub fn keep(&mut self, len: usize) {
        self.kept = self.at;
        self.wanted = len;
        let missing = len.saturating_sub(self.octets.len() - self.kept);
        if missing > 0 {
            self.make_room(missing);
        }
    }

    /// The octets from the last [`ReadBuffer::keep`] up to those that nobody has looked at.
    #[inline]
    pub fn kept(&mut self) -> &mut [u8] {
        &mut self.octets[self.kept..self.at]
    }

    /// Nothing that was looked at is needed any more.
    pub fn release(&mut self) {
        self.kept = self.at;
        self.wanted = 0;
        if self.at == self.filled {
            (self.kept, self.at, self.filled) = (0, 0, 0);
        }
    }

    /// Moves what is needed to the front, and grows when `more` octets do not fit then.
    fn make_room(&mut self, more: usize) {
        self.octets.copy_within(self.kept..self.filled, 0);
        self.at -= self.kept;
        self.filled -= self.kept;
        self.kept = 0;
        let len = self.filled + more;
        if len > self.octets.len() {
            self.octets.resize(len, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_piece_stays_whole() {
        let mut buffer = ReadBuffer::default();
        buffer.read(&mut b"headbod".as_slice());
        buffer.leave(3);
        buffer.keep(10);
        buffer.leave(0);
        buffer.read(&mut b"y and ".as_slice());
        buffer.leave(0);
        buffer.read(&mut b"more".as_slice());
        buffer.leave(3);
        assert_eq!(buffer.kept(), b"body and m");
        buffer.release();
        assert_eq!(buffer.unread(), b"ore");
        buffer.leave(0);
        buffer.release();
        buffer.read(&mut b"next".as_slice());
        assert_eq!(buffer.unread(), b"next");
    }

    #[test]
    fn a_read_ends_with_a_long_frame() {
        let octets = vec![7; 4 * READ];
        let mut stream = octets.as_slice();
        let mut buffer = ReadBuffer::default();
        buffer.read(&mut stream);
        assert_eq!(buffer.unread().len(), READ);
        buffer.leave(READ - 10);
        buffer.keep(READ + 100);
        buffer.leave(0);
        buffer.read(&mut stream);
        assert_eq!(buffer.unread().len(), 110);
        buffer.leave(0);
        assert_eq!(buffer.kept(), &octets[..READ + 100]);
        buffer.release();
        buffer.read(&mut stream);
        assert_eq!(buffer.unread().len(), READ);
    }
}
