//! A request that opens a connection rightly (RFC 6455 section 4.1), in any spelling.

use arbitrary::{Arbitrary, Result, Unstructured};

use crate::arbitrary::token;
use crate::extension::Extension;
use crate::upgrade::{Accepted, RequestSpec, key_from_nonce};

/// A legal request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The value of Host.
    pub host: String,
    /// The request target.
    pub target: String,
    /// What the key encodes.
    pub nonce: [u8; 16],
    /// The subprotocols offered, each once.
    pub protocols: Vec<String>,
    /// The extensions offered.
    pub extensions: Vec<Extension>,
    /// The value of Origin.
    pub origin: Option<String>,
    /// Fields that mean nothing here.
    pub more: Vec<(String, String)>,
    /// How it is written.
    pub spelling: RequestSpelling,
}

/// Ways to write a head that mean the same. Numbers count modulo the ways there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Arbitrary)]
pub struct RequestSpelling {
    /// The HTTP version: 1.1, sometimes a later 1.x.
    pub version: u8,
    /// The words of Upgrade.
    pub upgrade: u8,
    /// The words of Connection.
    pub connection: u8,
    /// Capital and small letters of field names.
    pub names: u8,
    /// The order of the fields; those of one name keep theirs.
    pub order: u8,
    /// Lists as one field for each element.
    pub split: bool,
    /// Whitespace around values.
    pub spaces: u8,
}

/// Values of Upgrade that name websocket.
const UPGRADES: [&str; 5] = [
    "websocket",
    "WebSocket",
    "WEBSOCKET",
    "h2c, websocket",
    "websocket ,x/1",
];

/// Values of Connection that hold the token Upgrade. The last has empty elements, which a recipient passes over and a
/// sender does not make (RFC 9110 section 5.6.1); only the request is ever so lax.
const CONNECTIONS: [&str; 5] = [
    "Upgrade",
    "upgrade",
    "keep-alive, Upgrade",
    "Upgrade,x",
    ",, UPGRADE ,",
];

/// Hosts that are right.
const HOSTS: [&str; 6] = [
    "server.example.com",
    "localhost:9001",
    "127.0.0.1:80",
    "[::1]:9001",
    "[2001:db8::7]",
    "a_b-c~d.%65:",
];

impl RequestSpelling {
    /// The words of Upgrade, Connection and a version, applied to fields.
    pub(super) fn respell(self, version: &mut String, fields: &mut [(Vec<u8>, Vec<u8>)], request: bool) {
        let minor = if self.version < 192 {
            1
        } else {
            1 + self.version % 9
        };
        *version = format!("HTTP/1.{minor}");
        for (name, value) in fields.iter_mut() {
            let words: &[&str] = match name.as_slice() {
                // In a response the list is disputed (RFC 6455 section 4.2.2).
                b"Upgrade" if !request => UPGRADES.get(..3).unwrap_or_default(),
                b"Upgrade" => &UPGRADES,
                b"Connection" if !request => CONNECTIONS.get(..4).unwrap_or_default(),
                b"Connection" => &CONNECTIONS,
                _ => &[],
            };
            let number = if name.as_slice() == b"Upgrade" {
                self.upgrade
            } else {
                self.connection
            };
            if let Some(word) = words.iter().cycle().nth(number.into()) {
                *value = word.as_bytes().to_vec();
            }
            match self.names % 4 {
                0 | 1 => {}
                2 => name.make_ascii_lowercase(),
                _ => name.make_ascii_uppercase(),
            }
            let (before, after): (&[u8], &[u8]) = match self.spaces % 4 {
                0 | 1 => (b"", b""),
                2 => (b"\t", b" "),
                _ => (b"  \t ", b"\t\t"),
            };
            *value = [before, value, after].concat();
        }
        let weight = u32::from(self.order);
        let rank = |name: &[u8]| {
            let letters = name.iter().map(|octet| u32::from(octet.to_ascii_lowercase()));
            (letters.sum::<u32>() + 1) * weight % 13
        };
        fields.sort_by_key(|(name, _)| rank(name));
    }
}

impl Request {
    /// The request as it is written.
    pub fn spec(&self) -> RequestSpec {
        let mut spec = RequestSpec::upgrade(&self.host, &self.target, &key_from_nonce(self.nonce));
        for (name, list) in [
            ("Sec-WebSocket-Protocol", self.protocols.clone()),
            (
                "Sec-WebSocket-Extensions",
                self.extensions.iter().map(ToString::to_string).collect(),
            ),
        ] {
            if self.spelling.split {
                for element in list {
                    spec.add(name, element);
                }
            } else if !list.is_empty() {
                spec.add(name, list.join(", "));
            }
        }
        if let Some(origin) = &self.origin {
            spec.origin(origin);
        }
        for (name, value) in &self.more {
            spec.add(name, value);
        }
        self.spelling.respell(&mut spec.version, &mut spec.fields, true);
        spec
    }

    /// What a server makes of it.
    pub fn accepted(&self) -> Accepted {
        Accepted {
            key: key_from_nonce(self.nonce),
            protocols: self.protocols.clone(),
            extensions: self.extensions.clone(),
            origin: self.origin.as_ref().map(|origin| origin.clone().into_bytes()),
            version: 13,
        }
    }
}

impl<'a> Arbitrary<'a> for Request {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut request = Self {
            spelling: RequestSpelling::arbitrary(u)?,
            host: host(u)?,
            target: target(u)?,
            nonce: u.arbitrary()?,
            protocols: Vec::new(),
            extensions: Vec::new(),
            origin: None,
            more: Vec::new(),
        };
        let parts: u8 = u.arbitrary()?;
        for _ in 0..parts & 3 {
            let name = token(u)?;
            if !request.protocols.contains(&name) {
                request.protocols.push(name);
            }
        }
        for _ in 0..parts >> 2 & 3 {
            request.extensions.push(Extension::arbitrary(u)?);
        }
        if parts & 0x10 != 0 {
            let origin = *u.choose(&["http://example.com", "null", "https://example.com:8443"])?;
            request.origin = Some(origin.to_owned());
        }
        for _ in 0..parts >> 5 & 3 {
            let value: String = [token(u)?, token(u)?].join("; ");
            request.more.push((format!("X-{}", token(u)?), value));
        }
        Ok(request)
    }

    fn size_hint(depth: usize) -> (usize, Option<usize>) {
        // Spelling, host, target, nonce, and what else there is.
        (RequestSpelling::size_hint(depth).0 + 2 + 16 + 1, None)
    }
}

fn host(u: &mut Unstructured<'_>) -> Result<String> {
    let choice: u8 = u.arbitrary()?;
    if let Some(host) = HOSTS.get(usize::from(choice & 15)) {
        return Ok((*host).to_owned());
    }
    let name: String = token(u)?.replace(|one: char| !one.is_ascii_alphanumeric(), "-");
    Ok(match choice >> 4 & 1 {
        0 => name,
        _ => format!("{name}:{}", u16::arbitrary(u)?),
    })
}

fn target(u: &mut Unstructured<'_>) -> Result<String> {
    let choice: u8 = u.arbitrary()?;
    Ok(match choice & 7 {
        0..=3 => "/chat".to_owned(),
        4 => "/".to_owned(),
        5 => "http://server.example.com/chat?x=1".to_owned(),
        6 => "HTTPS://server.example.com".to_owned(),
        _ => format!("/{}?{}=%20&=/?{{}}", path(&token(u)?), path(&token(u)?)),
    })
}

/// A token without the sign that would begin a fragment.
fn path(token: &str) -> String {
    token.replace('#', "~")
}
