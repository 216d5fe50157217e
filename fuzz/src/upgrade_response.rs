//! A response head is read the same at any cut and as httparse reads it; the two checks of it agree; what is known to
//! be wrong with it is named.

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use wsanvil_wire::extension::Extension;
use wsanvil_wire::http::{HeadError, HeadReader, ResponseHead, parse_response};
use wsanvil_wire::script::{Response, ResponseLie};
use wsanvil_wire::upgrade::{
    Offered, ResponseSpec, accept_for, check_response, check_response_all, key_from_nonce,
};

use crate::chunking::{head, pieces};
use crate::conversation;

const LIMIT: usize = 1024;
/// More field lines than fit the limit.
const MOST_FIELDS: usize = LIMIT / 3;
/// The example of RFC 6455 section 1.3.
const KEY: &[u8] = b"dGhlIHNhbXBsZSBub25jZQ==";

/// Octet 0: cuts; octet 1: whether the rest is octets, a response (1) or a response with a lie (3).
pub fn check(data: &[u8]) {
    let Some(([how, mode], rest)) = head(data) else {
        return;
    };
    if mode & 1 == 0 {
        if let Some(head) = read(rest, how) {
            checks_agree(&head, &offered());
        }
        return;
    }
    let mut rest = Unstructured::new(rest);
    let Ok((lie, form)) = <(ResponseLie, u8)>::arbitrary(&mut rest) else {
        return;
    };
    let Ok(mut response) = Response::arbitrary(&mut rest) else {
        return;
    };
    let (spec, broken) = if mode & 2 == 0 {
        (response.spec(), vec![])
    } else {
        let (spec, broken) = lie.tell(form, &mut response);
        (spec, vec![broken])
    };
    let octets = spec.write();
    let key = key_from_nonce(response.request.nonce);
    let offered = response.offered(&key);
    if let Some(head) = read(&octets, how) {
        checks_agree(&head, &offered);
        let (agreed, found) = check_response_all(&head, &offered);
        assert_eq!(found, broken);
        assert!(!broken.is_empty() || agreed == Some(response.agreed()));
    } else {
        assert!(octets.len() >= LIMIT, "what we write is a head");
    }
}

/// What a client of the example offers.
fn offered() -> Offered<'static> {
    static PROTOCOLS: LazyLock<[String; 2]> = LazyLock::new(|| ["chat".to_owned(), "superchat".to_owned()]);
    static EXTENSIONS: LazyLock<[Extension; 2]> = LazyLock::new(|| {
        [
            Extension::new("permessage-deflate")
                .with("client_max_window_bits", None)
                .with("server_max_window_bits", Some("12")),
            Extension::new("permessage-deflate").with("client_max_window_bits", None),
        ]
    });
    Offered {
        key: KEY,
        protocols: &*PROTOCOLS,
        extensions: &*EXTENSIONS,
    }
}

/// The head, if there is one.
fn read(octets: &[u8], how: u8) -> Option<ResponseHead> {
    let whole = parse_response(octets, LIMIT);
    // The reader may look at an unfinished line later: with a line feed it looks at all.
    let ended = [octets, b"\n"].concat();
    let expected = parse_response(&ended, LIMIT);
    assert!(
        whole == expected || whole == Ok(None),
        "more octets change what is certain"
    );
    assert_eq!(in_pieces(&ended, how), expected);
    assert_eq!(in_pieces(&ended, 0), expected);
    second_opinion(octets, &whole);
    match &whole {
        Ok(Some(head)) => assert_eq!(head.octets(), &octets[..head.len]),
        Ok(None) => assert!(octets.len() < LIMIT),
        Err(error) => assert!(error.offset() <= octets.len().max(LIMIT)),
    }
    whole.ok().flatten()
}

fn in_pieces(octets: &[u8], how: u8) -> Result<Option<ResponseHead>, HeadError> {
    let mut reader = HeadReader::<ResponseHead>::new(LIMIT);
    let mut fed = 0;
    for piece in pieces(octets, how) {
        fed += piece.len();
        if let Some((head, surplus)) = reader.push(&piece)? {
            assert_eq!(&octets[head.len..fed], surplus);
            return Ok(Some(head));
        }
        assert!(reader.buffered() <= LIMIT);
    }
    Ok(None)
}

fn second_opinion(octets: &[u8], ours: &Result<Option<ResponseHead>, HeadError>) {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    let theirs = response.parse(octets);
    match ours {
        // It knows no version but 1.0 and 1.1.
        Ok(Some(head)) if matches!(head.version, (1, 0 | 1)) => {
            assert_eq!(theirs, Ok(httparse::Status::Complete(head.len)));
            assert_eq!(
                (response.code, response.version),
                (Some(head.status), Some(head.version.1))
            );
            // It gives no reason when that is not ASCII.
            if head.reason().is_ascii() {
                assert_eq!(response.reason.map(str::as_bytes), Some(head.reason()));
            }
            assert_eq!(response.headers.len(), head.fields.len());
            for (theirs, ours) in response.headers.iter().zip(head.fields.iter()) {
                assert_eq!(
                    (theirs.name.as_bytes(), theirs.value),
                    (ours.name(), ours.value())
                );
            }
        }
        Err(error) if !is_stricter(error) => {
            assert!(
                !matches!(theirs, Ok(httparse::Status::Complete(_))),
                "we say {error}"
            );
        }
        _ => {}
    }
}

/// Whether httparse is lenient here: bare LF, empty lines before the head, no space behind the code, and our limit.
fn is_stricter(error: &HeadError) -> bool {
    matches!(
        error,
        HeadError::BareLf { .. }
            | HeadError::TooLarge { .. }
            | HeadError::BadStatusLine { offset: 0 }
            | HeadError::MissingSpaceAfterStatus { .. }
    )
}

fn checks_agree(head: &ResponseHead, offered: &Offered<'_>) {
    let (agreed, broken) = check_response_all(head, offered);
    assert_eq!(agreed.is_some(), head.status == 101);
    assert!(
        broken
            .iter()
            .all(|rule| !rule.requirement().is_empty() && !rule.group().is_empty())
    );
    match check_response(head, offered) {
        Ok(strict) => {
            assert!(
                broken
                    .iter()
                    .all(wsanvil_wire::upgrade::ResponseRule::is_disputed)
            );
            assert_eq!(
                head.fields.get("Sec-WebSocket-Accept"),
                Some(&accept_for(offered.key)[..])
            );
            assert!(
                strict
                    .protocol
                    .as_ref()
                    .is_none_or(|name| offered.protocols.contains(name))
            );
            if let Some(deflate) = strict.deflate {
                assert!(
                    (8..=15).contains(&deflate.server_window) && (8..=15).contains(&deflate.client_window)
                );
            }
            assert_eq!(Some(strict), agreed);
        }
        Err(rule) => assert!(broken.contains(&rule)),
    }
}

/// A right response and each way to make it wrong that is one edit away; then responses with and without a lie.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut right = ResponseSpec::switching_protocols(accept_for(KEY));
    right.add("Sec-WebSocket-Protocol", "chat").add(
        "Sec-WebSocket-Extensions",
        "permessage-deflate; server_max_window_bits=11",
    );
    let mut specs = vec![
        right.clone(),
        ResponseSpec::new(404, "Not Found"),
        ResponseSpec::new(302, ""),
    ];
    for (name, _) in &right.fields {
        let mut without = right.clone();
        without.remove(name);
        let mut twice = right.clone();
        twice.add(name, "x");
        specs.extend([without, twice]);
    }
    for status in ["101 ", "1", "+01", "9999"] {
        let mut other = right.clone();
        status.clone_into(&mut other.status);
        specs.push(other);
    }
    let written = specs.iter().map(|spec| [&[0x35, 0][..], &spec.write()].concat());
    let made =
        (0..12).map(|seed| [vec![0x35, [1, 3][seed as usize % 2]], conversation::noise(seed)].concat());
    written.chain(made).collect()
}
