//! A request head is read the same at any cut, in one call, and as httparse reads it; whatever it says, the answer is
//! well-formed; what is known to be wrong with it is named.

use arbitrary::{Arbitrary, Unstructured};
use wsanvil_wire::deflate::Params;
use wsanvil_wire::http::{HeadError, HeadReader, RequestHead, parse_request, parse_response};
use wsanvil_wire::script::{Request, RequestLie};
use wsanvil_wire::upgrade::{
    Accepted, Offered, OpeningError, RequestSpec, check_request, check_response, key_from_nonce, read_opening,
};

use crate::chunking::{head, pieces};
use crate::conversation;

const LIMIT: usize = 1024;
/// More field lines than fit the limit.
const MOST_FIELDS: usize = LIMIT / 3;

/// Octet 0: cuts; octet 1: whether the rest is octets, a request (1) or a request with a lie (3).
pub fn check(data: &[u8]) {
    let Some(([how, mode], rest)) = head(data) else {
        return;
    };
    if mode & 1 == 0 {
        is_read(rest, how);
        return;
    }
    let mut rest = Unstructured::new(rest);
    let Ok((lie, form)) = <(RequestLie, u8)>::arbitrary(&mut rest) else {
        return;
    };
    let Ok(request) = Request::arbitrary(&mut rest) else {
        return;
    };
    let mut spec = request.spec();
    let broken = (mode & 2 != 0).then(|| lie.tell(form, &mut spec));
    let octets = spec.write();
    is_read(&octets, how);
    if octets.len() < LIMIT {
        let head = parse_request(&octets, LIMIT)
            .expect("well-formed")
            .expect("complete");
        match broken {
            None => assert_eq!(check_request(&head), Ok(request.accepted())),
            Some(broken) => assert_eq!(check_request(&head).map_err(|refusal| refusal.rule), Err(broken)),
        }
    }
}

fn is_read(octets: &[u8], how: u8) {
    let whole = parse_request(octets, LIMIT);
    // The reader may look at an unfinished line later: with a line feed it looks at all.
    let ended = [octets, b"\n"].concat();
    let expected = parse_request(&ended, LIMIT);
    assert!(
        whole == expected || whole == Ok(None),
        "more octets change what is certain"
    );
    assert_eq!(in_pieces(&ended, how), expected);
    assert_eq!(in_pieces(&ended, 0), expected);
    second_opinion(octets, &whole);
    in_one_call(octets, &whole);
    match whole {
        Ok(Some(head)) => {
            assert_eq!(head.octets(), &octets[..head.len]);
            answered(&head);
        }
        Ok(None) => assert!(octets.len() < LIMIT),
        Err(error) => {
            assert!(error.offset() <= octets.len().max(LIMIT));
            assert!((400..600).contains(&error.status()) && !error.requirement().is_empty());
        }
    }
}

/// The short way says what the long way says.
fn in_one_call(octets: &[u8], head: &Result<Option<RequestHead>, HeadError>) {
    let opening = read_opening(octets, LIMIT);
    if let Err(error) = &opening {
        let answer = error.response().write();
        assert!(parse_response(&answer, LIMIT).is_ok_and(|answer| answer.is_some()));
    }
    match (head, opening) {
        (Ok(None), Ok(None)) => {}
        (Err(error), Err(OpeningError::Head(same))) => assert_eq!(*error, same),
        (Ok(Some(head)), opening) => match (check_request(head), opening) {
            (Err(refusal), Err(OpeningError::Refused(same))) => assert_eq!(refusal, same),
            (Ok(accepted), Ok(Some((opening, len)))) => {
                assert_eq!((opening.target, len), (head.target(), head.len));
                let same = Accepted {
                    key: opening.key,
                    protocols: opening.protocols.clone(),
                    extensions: opening.extensions(),
                    origin: opening.origin.map(<[u8]>::to_vec),
                    version: accepted.version,
                };
                assert_eq!(accepted, same);
                let mut answer = b"before".to_vec();
                opening.accept(None, None, &mut answer);
                assert_eq!(answer[6..], accepted.response().write());
            }
            (long, short) => panic!("{long:?} and {short:?}"),
        },
        (long, short) => panic!("{long:?} and {short:?}"),
    }
}

/// What the reader says of the pieces; the surplus behind the head is what is left of the piece.
fn in_pieces(octets: &[u8], how: u8) -> Result<Option<RequestHead>, HeadError> {
    let mut reader = HeadReader::<RequestHead>::new(LIMIT);
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

/// httparse takes more than we do, such as bare line feeds, but nothing that we take otherwise.
fn second_opinion(octets: &[u8], ours: &Result<Option<RequestHead>, HeadError>) {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let theirs = request.parse(octets);
    match ours {
        // It knows no version but 1.0 and 1.1.
        Ok(Some(head)) if matches!(head.version, (1, 0 | 1)) => {
            assert_eq!(theirs, Ok(httparse::Status::Complete(head.len)));
            assert_eq!(request.method.map(str::as_bytes), Some(head.method()));
            assert_eq!(request.path.map(str::as_bytes), Some(head.target()));
            assert_eq!(request.version, Some(head.version.1));
            assert_eq!(request.headers.len(), head.fields.len());
            for (theirs, ours) in request.headers.iter().zip(head.fields.iter()) {
                assert_eq!(
                    (theirs.name.as_bytes(), theirs.value),
                    (ours.name(), ours.value())
                );
            }
        }
        Err(error) if !is_stricter(error, octets) => {
            assert!(
                !matches!(theirs, Ok(httparse::Status::Complete(_))),
                "we say {error}"
            );
        }
        _ => {}
    }
}

/// Whether httparse is lenient here: bare LF, our limit, empty lines before the request (which RFC 9112 section 2.2
/// allows a server to skip), and obs-text in the target (which section 3.2 has not).
fn is_stricter(error: &HeadError, octets: &[u8]) -> bool {
    let line = octets.split(|octet| *octet == b'\n').next().unwrap_or_default();
    match error {
        HeadError::BareLf { .. } | HeadError::TooLarge { .. } => true,
        HeadError::BadRequestLine { .. } => line.is_empty() || line == b"\r" || !line.is_ascii(),
        _ => false,
    }
}

fn answered(head: &RequestHead) {
    match check_request(head) {
        Ok(accepted) => {
            let answer = accepted.response().write();
            let answer = parse_response(&answer, LIMIT)
                .expect("well-formed")
                .expect("complete");
            let offered = Offered {
                key: &accepted.key,
                protocols: &accepted.protocols,
                extensions: &accepted.extensions,
            };
            assert!(check_response(&answer, &offered).is_ok());
        }
        Err(refusal) => {
            assert!((400..600).contains(&refusal.status));
            assert!(!refusal.rule.requirement().is_empty());
            let answer = refusal.response().write();
            let answer = parse_response(&answer, LIMIT)
                .expect("well-formed")
                .expect("complete");
            assert_eq!(answer.status, refusal.status);
        }
    }
}

/// A right request and each way to make it wrong that is one edit away; then requests with and without a lie.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut right = RequestSpec::upgrade("h.example:80", "/chat?x=1", &key_from_nonce(*b"the sample nonce"));
    right
        .subprotocols(&["chat", "superchat"])
        .extensions(Params::default().to_string())
        .origin("http://h.example");
    let mut specs = vec![right.clone()];
    for (name, _) in &right.fields {
        let mut without = right.clone();
        without.remove(name);
        let mut twice = right.clone();
        twice.add(name, "x");
        specs.extend([without, twice]);
    }
    for (name, value) in [
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("X ", "y"),
        ("X", "a\n b"),
    ] {
        let mut more = right.clone();
        more.add(name, value);
        specs.push(more);
    }
    for eol in [&b"\n"[..], b"\r"] {
        let mut other = right.clone();
        other.eol = eol.to_vec();
        specs.push(other);
    }
    let written = specs.iter().map(|spec| [&[0x35, 0][..], &spec.write()].concat());
    let made =
        (0..12).map(|seed| [vec![0x35, [1, 3][seed as usize % 2]], conversation::noise(seed)].concat());
    written.chain(made).collect()
}
