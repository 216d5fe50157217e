//! Laws of the opening handshake, over legal heads in any spelling and heads with one lie.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;
use wsanvil_wire::http::{Head, HeadReader, RequestHead, ResponseHead, parse_request, parse_response};
use wsanvil_wire::script::{Chunks, Request, RequestLie, Response, ResponseLie};
use wsanvil_wire::upgrade::{
    Accepted, OpeningError, RequestRule, RequestSpec, ResponseRule, ResponseSpec, check_request,
    check_response, check_response_all, key_from_nonce, read_opening,
};

const LIMIT: usize = 1 << 14;

fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..260)
}

fn made<'a, T: Arbitrary<'a>>(octets: &'a [u8]) -> T {
    T::arbitrary(&mut Unstructured::new(octets)).unwrap()
}

fn request_head(spec: &RequestSpec) -> RequestHead {
    parse_request(&spec.write(), LIMIT).unwrap().unwrap()
}

fn response_head(spec: &ResponseSpec) -> ResponseHead {
    parse_response(&spec.write(), LIMIT).unwrap().unwrap()
}

/// Every request lie once, from the numbers that `arbitrary` makes them of.
fn request_lies() -> Vec<RequestLie> {
    let mut lies = Vec::new();
    for number in 0..=u32::MAX / (1 << 20) {
        let lie: RequestLie = made(&(number << 20).to_le_bytes());
        if !lies.contains(&lie) {
            lies.push(lie);
        }
    }
    lies
}

fn response_lies() -> Vec<ResponseLie> {
    let mut lies = Vec::new();
    for number in 0..=u32::MAX / (1 << 20) {
        let lie: ResponseLie = made(&(number << 20).to_le_bytes());
        if !lies.contains(&lie) {
            lies.push(lie);
        }
    }
    lies
}

#[test]
fn each_lie_about_a_request_is_named_in_every_form() {
    let lies = request_lies();
    assert_eq!(lies.len(), 25, "{lies:?}");
    for lie in lies {
        for (form, octets) in (0..24).flat_map(|form| {
            [
                &b""[..],
                b"\xC8\x07\x31\x02\x03\x01\x02\x09\x06abcdefghijklmnop\x7f",
            ]
            .map(|octets| (form, octets))
        }) {
            let mut spec = made::<Request>(octets).spec();
            let rule = lie.tell(form, &mut spec);
            let refusal = check_request(&request_head(&spec)).unwrap_err();
            assert_eq!(refusal.rule, rule, "{lie:?} in form {form}");
            assert!(
                format!("{rule:?}").starts_with(&format!("{lie:?}")[..4]),
                "{lie:?} is not {rule:?}"
            );
        }
    }
}

#[test]
fn each_lie_about_a_response_is_named_in_every_form() {
    let lies = response_lies();
    assert_eq!(lies.len(), 20, "{lies:?}");
    for lie in lies {
        for form in 0..24 {
            let mut response = Response::to(made(b""));
            let (spec, rule) = lie.tell(form, &mut response);
            let key = key_from_nonce(response.request.nonce);
            let (_, broken) = check_response_all(&response_head(&spec), &response.offered(&key));
            assert_eq!(broken, std::slice::from_ref(&rule), "{lie:?} in form {form}");
            assert!(
                format!("{rule:?}").starts_with(&format!("{lie:?}")[..4]),
                "{lie:?} is not {rule:?}"
            );
        }
    }
}

/// The head and what stands behind it, or the fault, when octets come as `chunks` says.
fn read<H: Head>(
    octets: &[u8],
    chunks: &Chunks,
) -> Result<Option<(H, Vec<u8>)>, wsanvil_wire::http::HeadError> {
    let mut reader = HeadReader::<H>::new(LIMIT);
    let mut pieces = chunks.cut(octets).into_iter();
    while let Some(piece) = pieces.next() {
        if let Some((head, surplus)) = reader.push(&piece)? {
            let behind = pieces.flatten();
            return Ok(Some((head, surplus.iter().copied().chain(behind).collect())));
        }
    }
    Ok(None)
}

/// `read_opening` against `parse_request` and `check_request`.
fn says_the_same(octets: &[u8], limit: usize) -> Result<(), TestCaseError> {
    let once = read_opening(octets, limit);
    let head = match parse_request(octets, limit) {
        Err(error) => {
            prop_assert_eq!(once.unwrap_err(), OpeningError::Head(error));
            return Ok(());
        }
        Ok(None) => {
            prop_assert!(matches!(once, Ok(None)), "{:?}", once);
            return Ok(());
        }
        Ok(Some(head)) => head,
    };
    match check_request(&head) {
        Err(refusal) => {
            let error = once.unwrap_err();
            prop_assert_eq!(error.response(), refusal.response());
            prop_assert_eq!(error, OpeningError::Refused(refusal));
        }
        Ok(accepted) => {
            let (opening, len) = once.unwrap().unwrap();
            prop_assert_eq!((opening.target, len), (head.target(), head.len));
            let mut answer = Vec::new();
            opening.accept(None, None, &mut answer);
            prop_assert_eq!(answer, accepted.response().write());
            let said = Accepted {
                key: opening.key,
                protocols: opening.protocols.clone(),
                extensions: opening.extensions(),
                origin: opening.origin.map(<[u8]>::to_vec),
                version: 13,
            };
            prop_assert_eq!(said, accepted);
        }
    }
    Ok(())
}

#[test]
fn the_one_call_names_each_lie_too() {
    for lie in request_lies() {
        for form in 0..12 {
            let mut spec = made::<Request>(b"").spec();
            lie.tell(form, &mut spec);
            says_the_same(&spec.write(), LIMIT).unwrap();
        }
    }
    // What is no head at all is refused as the head demands.
    let status = |octets: &[u8]| {
        let octets = read_opening(octets, 20).unwrap_err().response().write();
        let head = parse_response(&octets, LIMIT).unwrap().unwrap();
        assert!(head.fields.has_token("Connection", "close"));
        head.status
    };
    assert_eq!(status(b"GET / HTTP/1.1\n"), 400);
    assert_eq!(status(b"GET / HTTP/x.1\r\n"), 505);
    assert_eq!(status(b"GET / HTTP/1.1\r\nHost: h\r\n"), 431);
}

proptest! {
    #[test]
    fn a_legal_request_is_accepted_as_it_was_meant(octets in octets()) {
        let request: Request = made(&octets);
        let accepted = check_request(&request_head(&request.spec()));
        prop_assert_eq!(accepted.unwrap(), request.accepted());
    }

    #[test]
    fn one_lie_about_a_request_is_the_rule_that_is_named(octets in octets(), lie: [u8; 4], form: u8) {
        let mut spec = made::<Request>(&octets).spec();
        let rule: RequestRule = made::<RequestLie>(&lie).tell(form, &mut spec);
        let refusal = check_request(&request_head(&spec)).unwrap_err();
        prop_assert_eq!(refusal.status, rule.status());
        prop_assert_eq!(refusal.rule, rule);
    }

    #[test]
    fn a_legal_response_opens_the_connection_as_it_was_meant(octets in octets()) {
        let response: Response = made(&octets);
        let key = key_from_nonce(response.request.nonce);
        let head = response_head(&response.spec());
        prop_assert_eq!(check_response_all(&head, &response.offered(&key)), (Some(response.agreed()), vec![]));
        prop_assert_eq!(check_response(&head, &response.offered(&key)), Ok(response.agreed()));
    }

    #[test]
    fn one_lie_about_a_response_is_the_rule_that_is_named(octets in octets(), lie: [u8; 4], form: u8) {
        let mut response: Response = made(&octets);
        let (spec, rule): (ResponseSpec, ResponseRule) = made::<ResponseLie>(&lie).tell(form, &mut response);
        let key = key_from_nonce(response.request.nonce);
        let (_, broken) = check_response_all(&response_head(&spec), &response.offered(&key));
        prop_assert_eq!(broken, vec![rule]);
    }

    #[test]
    fn a_server_answers_what_a_client_takes(octets in octets()) {
        let request: Request = made(&octets);
        let accepted = check_request(&request_head(&request.spec())).unwrap();
        let bare = Response::to(request.clone());
        prop_assert_eq!(accepted.response(), bare.spec());
        let key = key_from_nonce(request.nonce);
        prop_assert!(check_response(&response_head(&accepted.response()), &bare.offered(&key)).is_ok());
    }

    #[test]
    fn the_one_call_says_what_the_steps_say(
        octets in octets(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), prop::sample::select(b"\r\n\0 \t:,".to_vec())]), 0..3),
        behind in prop::collection::vec(any::<u8>(), 0..20),
        missing in prop_oneof![3 => Just(0), 1 => 0..200_usize],
        limit in prop_oneof![3 => Just(LIMIT), 1 => 0..600_usize],
    ) {
        let mut head = made::<RequestSpec>(&octets).write();
        for (at, octet) in damage {
            let place = at.index(head.len());
            head[place] = octet;
        }
        head.extend(behind);
        head.truncate(head.len().saturating_sub(missing));
        says_the_same(&head, limit)?;
    }

    #[test]
    fn a_head_is_the_same_at_any_chunking(octets in octets(), sizes in prop::collection::vec(any::<u16>(), 0..3), behind in prop::collection::vec(any::<u8>(), 0..20)) {
        let chunks = Chunks { sizes: sizes.into_iter().map(|size| size % 90).collect() };
        // A fault is named at the latest when its line ends.
        let request = [made::<RequestSpec>(&octets).write(), behind.clone(), b"\n".to_vec()].concat();
        let whole = read::<RequestHead>(&request, &Chunks::default());
        let one_shot = parse_request(&request, LIMIT);
        prop_assert_eq!(whole.clone().map(|read| read.map(|(head, _)| head)), one_shot);
        prop_assert_eq!(&read::<RequestHead>(&request, &chunks), &whole);
        prop_assert_eq!(&read::<RequestHead>(&request, &Chunks::single()), &whole);
        if let Ok(Some((head, surplus))) = whole {
            prop_assert_eq!(&request[head.len..], surplus);
        }

        let response = [made::<ResponseSpec>(&octets).write(), behind, b"\n".to_vec()].concat();
        let whole = read::<ResponseHead>(&response, &Chunks::default());
        let one_shot = parse_response(&response, LIMIT);
        prop_assert_eq!(whole.clone().map(|read| read.map(|(head, _)| head)), one_shot);
        prop_assert_eq!(&read::<ResponseHead>(&response, &chunks), &whole);
        prop_assert_eq!(&read::<ResponseHead>(&response, &Chunks::single()), &whole);
        if let Ok(Some((head, surplus))) = whole {
            prop_assert_eq!(&response[head.len..], surplus);
        }
    }

    #[test]
    fn a_damaged_head_is_the_same_at_any_chunking(
        octets in octets(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), prop::sample::select(b"\r\n\0 \t:,".to_vec())]), 1..3),
        sizes in prop::collection::vec(1..60_u16, 1..3),
    ) {
        let chunks = Chunks { sizes };
        let mut request = made::<Request>(&octets).spec().write();
        let mut response = made::<Response>(&octets).spec().write();
        for (at, octet) in damage {
            let place = at.index(request.len());
            request[place] = octet;
            let place = at.index(response.len());
            response[place] = octet;
        }
        // A fault is named at the latest when its line ends.
        request.push(b'\n');
        response.push(b'\n');
        let whole = read::<RequestHead>(&request, &Chunks::default());
        prop_assert_eq!(whole.clone().map(|read| read.map(|(head, _)| head)), parse_request(&request, LIMIT));
        prop_assert_eq!(&read::<RequestHead>(&request, &chunks), &whole);
        prop_assert_eq!(&read::<RequestHead>(&request, &Chunks::single()), &whole);
        let whole = read::<ResponseHead>(&response, &Chunks::default());
        prop_assert_eq!(whole.clone().map(|read| read.map(|(head, _)| head)), parse_response(&response, LIMIT));
        prop_assert_eq!(&read::<ResponseHead>(&response, &chunks), &whole);
        prop_assert_eq!(&read::<ResponseHead>(&response, &Chunks::single()), &whole);
    }
}
