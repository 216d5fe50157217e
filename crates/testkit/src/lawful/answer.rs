//! Heads as lines, to be rewritten.

/// A head of HTTP and the octets behind it.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// Request line or status line.
    pub(super) start: String,
    /// Lines of the fields, name and value as they are written, colon included.
    pub(super) lines: Vec<String>,
    /// What follows the head in the same message.
    pub(super) body: Vec<u8>,
}

impl Head {
    /// Reads a head and takes the rest for its body; `None` while it is not complete.
    pub(super) fn read(octets: &[u8]) -> Option<Self> {
        let end = octets.windows(4).position(|four| four == b"\r\n\r\n")?;
        let text: String = octets
            .get(..end)?
            .iter()
            .map(|octet| char::from(*octet))
            .collect();
        let mut lines = text.split("\r\n").map(str::to_owned);
        Some(Self {
            start: lines.next().unwrap_or_default(),
            lines: lines.collect(),
            body: octets.get(end + 4..).unwrap_or_default().to_vec(),
        })
    }

    /// An answer without a body.
    pub(super) fn answer(status: u16, fields: &[(&str, &str)]) -> Self {
        let mut head = Self {
            start: format!("HTTP/1.1 {status} Refused"),
            ..Self::default()
        };
        for (name, value) in fields {
            head.add(name, value);
        }
        head.add("Content-Length", "0");
        head
    }

    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.lines.push(format!("{name}: {value}"));
    }

    /// Value of the first field of this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.lines.retain(|line| {
            let field = line.split(':').next().unwrap_or_default();
            !field.eq_ignore_ascii_case(name)
        });
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.add(name, value);
    }

    /// Status of an answer; 0 for anything else.
    pub(super) fn status(&self) -> u16 {
        let code = self.start.split(' ').nth(1).unwrap_or_default();
        code.parse().unwrap_or(0)
    }

    /// Target of a request.
    pub(super) fn target(&self) -> &str {
        self.start.split(' ').nth(1).unwrap_or_default()
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut octets: Vec<u8> = Vec::new();
        for line in std::iter::once(&self.start).chain(&self.lines) {
            octets.extend(line.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')));
            octets.extend_from_slice(b"\r\n");
        }
        octets.extend_from_slice(b"\r\n");
        octets.extend_from_slice(&self.body);
        octets
    }
}
