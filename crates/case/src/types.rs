//! Cases and instances: what a script is about, what it rests on and where it runs.

use std::sync::Arc;

use wsanvil_model::{Level, TargetRole};

use crate::script::{Script, Values};

/// A case: one checked behaviour, with an id for ever.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// `area/slug`.
    pub id: String,
    /// Earlier ids.
    pub was: Vec<String>,
    /// Title as written (a template).
    pub title: String,
    /// Why the rule is as it is.
    pub why: Option<String>,
    /// Requirement ids, the main one first.
    pub spec: Vec<String>,
    /// What a miss costs.
    pub level: Level,
    /// What the target is.
    pub role: TargetRole,
    /// Whether it runs over HTTP/1.1 and over HTTP/2 streams.
    pub transport: Transport,
    /// What the target must offer.
    pub needs: Vec<Need>,
    /// Runs alone.
    pub serial: bool,
    /// Could do harm: runs only against loopback, a launched target, or on demand.
    pub disruptive: bool,
    /// Absolute end of an instance in milliseconds, whatever the peer does.
    pub deadline_ms: u64,
    /// Growth allowed to a launched target.
    pub limits: Option<Limits>,
    /// Named checks and standing rules the case takes as its own.
    pub check: Vec<String>,
    /// Standing rules the case breaks on purpose.
    pub waive: Vec<String>,
    /// What happens to connections still open at the end.
    pub end: End,
    /// Data of the second judge.
    pub autobahn: Option<Autobahn>,
    /// File it comes from, relative to the library or the user's folder.
    pub file: String,
    /// Line of its `[[case]]`, 1-based.
    pub line: u32,
}

impl Case {
    /// The part of the id before the first slash.
    pub fn area(&self) -> &str {
        self.id.split('/').next().unwrap_or(&self.id)
    }

    /// The title for all instances together: an ellipsis stands where their values differ.
    pub fn general_title(&self) -> String {
        general(&self.title)
    }

    /// The reason for all instances together, as [`Case::general_title`].
    pub fn general_why(&self) -> Option<String> {
        self.why.as_deref().map(general)
    }

    /// Whether it comes from another `[[case]]`. Fields that differ per row make several of one.
    pub(crate) fn is_not(&self, other: &Self) -> bool {
        (&self.id, &self.file, self.line) != (&other.id, &other.file, other.line)
    }
}

/// A template with an ellipsis in place of each name.
fn general(template: &str) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        if let Some(doubled) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
            text.push_str(&from[..1]);
            rest = doubled;
        } else if let Some(end) = from.find('}').filter(|_| from.starts_with('{')) {
            text.push('…');
            rest = &from[end + 1..];
        } else {
            text.push_str(&from[..1]);
            rest = &from[1..];
        }
    }
    text.push_str(rest);
    text
}

/// A case with its matrix values filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// What all instances of the case share.
    pub case: Arc<Case>,
    /// `id[label,axis=value]`, stable across releases.
    pub name: String,
    /// Title with the values filled in.
    pub title: String,
    /// Reason with the values filled in.
    pub why: Option<String>,
    /// The values.
    pub values: Values,
    /// Aliases such as `autobahn:1.1.1`.
    pub alias: Vec<String>,
    /// Profiles it belongs to.
    pub profiles: Profiles,
    /// What is done.
    pub script: Script,
}

impl Instance {
    /// The Autobahn case id, when this instance is one.
    pub fn autobahn_id(&self) -> Option<&str> {
        self.alias
            .iter()
            .find_map(|alias| alias.strip_prefix("autobahn:"))
    }
}

/// Transports a case runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transport {
    /// HTTP/1.1 upgrade.
    pub h1: bool,
    /// HTTP/2 streams.
    pub h2: bool,
}

/// What a case needs of the target; without it the case is skipped with that reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// Data messages come back.
    Echo,
    /// It agrees on permessage-deflate.
    Deflate,
    /// wsanvil started the target.
    Launched,
    /// wsanvil starts the client.
    Driven,
    /// The client connects again by itself.
    Reconnects,
    /// TLS.
    Tls,
    /// HTTP/2.
    H2,
    /// The `[target]` table declares this name.
    Declares(String),
}

/// Growth allowed to a launched target during an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Resident memory in MiB.
    pub rss_mib: Option<u64>,
    /// Processor time in milliseconds.
    pub cpu_ms: Option<u64>,
}

/// What happens to connections still open at the end of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The closing handshake with 1000; a missing reply is only a note.
    Close,
    /// The transport is dropped.
    Drop,
}

/// Named selections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Profiles {
    /// The smallest useful run.
    pub quick: bool,
    /// What runs without `--profile`.
    pub default: bool,
    /// Everything that is not a load test.
    pub full: bool,
    /// Instances with an Autobahn alias.
    pub autobahn: bool,
    /// Load tests.
    pub perf: bool,
}

/// Data of the Autobahn judge that the script does not show.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Autobahn {
    /// Which rule decides.
    pub judge: Judge,
    /// Autobahn's kill timer in milliseconds.
    pub kill_ms: Option<u64>,
    /// Autobahn's close timer in milliseconds.
    pub close_ms: Option<u64>,
    /// Explicit OK list in place of the derived one.
    pub ok: Option<Vec<ExpectedEvent>>,
    /// Explicit NON-STRICT list.
    pub nonstrict: Option<Vec<ExpectedEvent>>,
    /// Explicit close codes allowed from the peer.
    pub codes: Option<Vec<u16>>,
    /// Explicit label of both verdicts.
    pub verdict: Option<String>,
    /// Whether the case requires a clean close, when not derived.
    pub clean: Option<bool>,
}

/// An event of an explicit list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedEvent {
    /// A whole message.
    Message {
        /// Text, else binary.
        text: bool,
        /// Its octets.
        payload: bytes::Bytes,
    },
    /// A Pong.
    Pong(bytes::Bytes),
    /// A pause that ended with the connection open.
    Timeout(String),
}

/// Rules of the Autobahn judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Judge {
    /// Event lists (sections 1–7 and 10).
    #[default]
    Lists,
    /// The first data message decides by type and length (9.1–9.6).
    FirstMessage,
    /// Every message by type and length (9.7, 9.8).
    LockStep,
    /// Every message by type, length and content; without the extension UNIMPLEMENTED (12, 13).
    Deflate,
}

#[cfg(test)]
mod tests {
    use super::general;

    #[test]
    fn names_become_ellipses() {
        for (template, text) in [
            ("Close {code} is answered", "Close … is answered"),
            ("{a}{b+1}", "……"),
            ("no {{name}} here", "no {name} here"),
            ("plain", "plain"),
            ("open { end", "open { end"),
        ] {
            assert_eq!(general(template), text);
        }
    }
}
