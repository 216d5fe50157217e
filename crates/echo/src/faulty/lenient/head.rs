//! The head of a request as lines that can be changed.

/// A head before it is read.
#[derive(Debug)]
pub(super) struct Head {
    /// Method, target and version, or the one word of a line that has no three.
    start: Vec<Vec<u8>>,
    /// The lines behind it, without their ends.
    pub(super) lines: Vec<Vec<u8>>,
    /// What the accept value is made from in place of the key that is read.
    pub(super) accept_over: Option<Vec<u8>>,
}

/// A key that the strict reader takes, for one that it would not.
pub(super) const LEGAL_KEY: &[u8] = b"AAAAAAAAAAAAAAAAAAAAAA==";

impl Head {
    /// The head that `octets` hold, the blank line at its end included.
    pub(super) fn of(octets: &[u8]) -> Self {
        let mut lines = split(octets.strip_suffix(b"\r\n\r\n").unwrap_or(octets), b"\r\n");
        while lines.len() > 1 && lines.first().is_some_and(Vec::is_empty) {
            lines.remove(0);
        }
        let first = lines.remove(0);
        let spaces = (
            first.iter().position(|octet| *octet == b' '),
            first.iter().rposition(|octet| *octet == b' '),
        );
        let start = match spaces {
            (Some(begin), Some(end)) if begin < end => vec![
                first.get(..begin).unwrap_or_default().to_vec(),
                first.get(begin + 1..end).unwrap_or_default().to_vec(),
                first.get(end + 1..).unwrap_or_default().to_vec(),
            ],
            _ => vec![first],
        };
        Self {
            start,
            lines,
            accept_over: None,
        }
    }

    /// The octets to read.
    pub(super) fn octets(&self) -> Vec<u8> {
        let mut out = self.start.join(&b' ');
        for line in &self.lines {
            out.extend_from_slice(b"\r\n");
            out.extend_from_slice(line);
        }
        out.extend_from_slice(b"\r\n\r\n");
        out
    }

    /// Replaces a word of a complete request line when `wanted` says so of it.
    pub(super) fn mend_word(&mut self, index: usize, wanted: impl Fn(&[u8]) -> bool, right: &[u8]) {
        if self.start.len() == 3
            && let Some(word) = self.start.get_mut(index)
            && wanted(word)
        {
            *word = right.to_vec();
        }
    }

    /// Whether a parameter comes twice in the query of the target.
    pub(super) fn repeats_parameter(&self) -> bool {
        let target = self.start.get(1).map(Vec::as_slice).unwrap_or_default();
        let query = target.split(|octet| *octet == b'?').nth(1).unwrap_or_default();
        let mut names: Vec<_> = query
            .split(|octet| *octet == b'&')
            .map(|parameter| parameter.split(|octet| *octet == b'=').next())
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        names.len() < count
    }

    /// The values of all fields of a name, whitespace around them left out.
    pub(super) fn values(&self, name: &str) -> Vec<Vec<u8>> {
        self.lines
            .iter()
            .filter(|line| is_field(line, name))
            .map(|line| value_of(line).trim_ascii().to_vec())
            .collect()
    }

    /// All values of a name as one list.
    pub(super) fn joined(&self, name: &str) -> Vec<u8> {
        self.values(name).join(&b", "[..])
    }

    /// Whether there is a field of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.lines.iter().any(|line| is_field(line, name))
    }

    /// Makes this the only field of its name.
    pub(super) fn set(&mut self, name: &str, value: &[u8]) {
        self.remove(name);
        self.lines.push([name.as_bytes(), b": ", value].concat());
    }

    /// Makes this the only field of its name when the values so far, as one list, pass `wanted`.
    pub(super) fn mend(&mut self, name: &str, wanted: impl Fn(&[u8]) -> bool, right: &[u8]) {
        if self.has(name) && wanted(&self.joined(name)) {
            self.set(name, right);
        }
    }

    /// Takes away all fields of a name.
    pub(super) fn remove(&mut self, name: &str) {
        self.lines.retain(|line| !is_field(line, name));
    }

    /// Lets the accept value be made from this, which need not be a legal key.
    pub(super) fn take_key(&mut self, key: &[u8]) {
        self.accept_over = Some(key.to_vec());
        self.set("Sec-WebSocket-Key", LEGAL_KEY);
    }
}

/// Divides octets at a separator.
pub(super) fn split(octets: &[u8], separator: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    let mut rest = octets;
    while let Some(at) = rest
        .windows(separator.len())
        .position(|window| window == separator)
    {
        pieces.push(rest.get(..at).unwrap_or_default().to_vec());
        rest = rest.get(at + separator.len()..).unwrap_or_default();
    }
    pieces.push(rest.to_vec());
    pieces
}

/// What stands before the colon; the whole line without one.
pub(super) fn name_of(line: &[u8]) -> &[u8] {
    line.split(|octet| *octet == b':').next().unwrap_or(line)
}

/// What stands behind the colon.
pub(super) fn value_of(line: &[u8]) -> &[u8] {
    line.get(name_of(line).len() + 1..).unwrap_or_default()
}

fn is_field(line: &[u8], name: &str) -> bool {
    line.len() > name.len() && name_of(line).eq_ignore_ascii_case(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::Head;

    #[test]
    fn what_is_not_changed_stays() {
        for text in [
            "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET /a b HTTP/1.1\r\nA:b\r\n c\r\nno colon\r\n\r\n",
            "GET\r\n\r\n",
            "GET  HTTP/1.1\r\n: x\r\n\r\n",
        ] {
            assert_eq!(
                String::from_utf8(Head::of(text.as_bytes()).octets()).unwrap(),
                text
            );
        }
        assert_eq!(
            Head::of(b"\r\n\r\nGET / HTTP/1.1\r\n\r\n").octets(),
            b"GET / HTTP/1.1\r\n\r\n"
        );
    }
}
