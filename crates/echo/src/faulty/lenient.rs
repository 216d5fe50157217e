//! Requests read carelessly: a defect mends, or spoils, what the strict reader would judge otherwise.
//!
//! The head is collected up to its blank line, changed by the defects that are on, and then read as any other.

mod head;
mod mends;

use wsanvil_wire::http::{HeadError, parse_request};
use wsanvil_wire::upgrade;

use crate::{Config, Defect, Defects, server};

use head::Head;
use mends::MENDS;

/// Octets of a head beyond which [`Defect::HangsOnLongHead`] does nothing any more.
const LONG_HEAD: usize = 4 << 10;

/// Whether heads are collected and changed before they are read.
pub(crate) fn reads_leniently(defects: Defects) -> bool {
    const COLLECTING: &[Defect] = &[
        Defect::HangsOnLongHead,
        Defect::HangsOnRepeatedParameter,
        Defect::LosesCutBlankLine,
        Defect::ReadsBlanksAgain,
        Defect::WantsOneRead,
    ];
    let mut mends = MENDS.iter().map(|(defect, _)| defect);
    mends.any(|defect| defects.has(*defect)) || COLLECTING.iter().any(|defect| defects.has(*defect))
}

/// What a pattern that ends in blanks does where none of them is the end: work that grows with the square of their number
/// and comes to nothing.
fn read_blanks_again(head: &[u8]) {
    for from in 0..head.len() {
        let rest = head.get(from..).unwrap_or_default();
        let blanks = rest
            .iter()
            .take_while(|octet| std::hint::black_box(**octet) == b' ')
            .count();
        std::hint::black_box(blanks);
    }
}

/// Answers the head in `octets`, whose last read brought `fresh` of them, and says how many it took; `None` waits for
/// more.
pub(crate) fn answer(octets: &[u8], fresh: usize, config: &Config) -> Option<(server::Outcome, usize)> {
    let defects = config.defects;
    if defects.has(Defect::HangsOnLongHead) && octets.len() > LONG_HEAD {
        return None;
    }
    let Some(end) = end_of_head(octets) else {
        if octets.len() >= config.max_header {
            let limit = config.max_header;
            return Some((
                Err(server::malformed(&HeadError::TooLarge { limit }, config)),
                octets.len(),
            ));
        }
        if defects.has(Defect::WantsOneRead) {
            let error = HeadError::BadRequestLine { offset: octets.len() };
            return Some((Err(server::malformed(&error, config)), octets.len()));
        }
        return None;
    };
    if defects.has(Defect::LosesCutBlankLine) && end_of_head(octets.get(octets.len() - fresh..)?).is_none() {
        return None;
    }
    if defects.has(Defect::ReadsBlanksAgain) {
        read_blanks_again(octets.get(..end)?);
    }
    let mut head = Head::of(octets.get(..end)?);
    if defects.has(Defect::HangsOnRepeatedParameter) && head.repeats_parameter() {
        return None;
    }
    for (_, mend) in MENDS.iter().filter(|(defect, _)| defects.has(*defect)) {
        mend(&mut head);
    }
    let outcome = match parse_request(&head.octets(), config.max_header) {
        Ok(Some(request)) => server::answer(&request, config),
        Ok(None) => Err(server::malformed(
            &HeadError::BadRequestLine { offset: end },
            config,
        )),
        Err(error) => Err(server::malformed(&error, config)),
    };
    let outcome = outcome.map(|mut accepted| {
        if let Some(key) = &head.accept_over {
            accepted.response = with_accept(&accepted.response, &upgrade::accept_for(key));
        }
        accepted
    });
    Some((outcome, end))
}

/// Behind the first blank line that follows a line.
fn end_of_head(octets: &[u8]) -> Option<usize> {
    let start = octets.iter().position(|octet| !matches!(octet, b'\r' | b'\n'))?;
    let blank = octets
        .get(start..)?
        .windows(4)
        .position(|window| window == b"\r\n\r\n")?;
    Some(start + blank + 4)
}

/// The response with another accept value.
fn with_accept(response: &[u8], accept: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"Sec-WebSocket-Accept: ";
    let Some(at) = response.windows(NAME.len()).position(|window| window == NAME) else {
        return response.to_vec();
    };
    let (before, rest) = response.split_at(at + NAME.len());
    let behind = rest
        .iter()
        .position(|octet| *octet == b'\r')
        .unwrap_or(rest.len());
    [before, accept, rest.get(behind..).unwrap_or_default()].concat()
}
