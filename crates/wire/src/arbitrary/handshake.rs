//! Requests and responses as octets say: half of them legal, the others with a lie or with a broken head.

use arbitrary::{Arbitrary, Result, Unstructured, size_hint};

use crate::script::{Request, RequestLie, Response, ResponseLie};
use crate::upgrade::{RequestSpec, ResponseSpec};

impl<'a> Arbitrary<'a> for RequestSpec {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let kind = u.int_in_range(0..=7_u8)?;
        let mut spec = Request::arbitrary(u)?.spec();
        match kind {
            0..=3 => {}
            4..=6 => _ = RequestLie::arbitrary(u)?.tell(u.arbitrary()?, &mut spec),
            _ => broken(u, &mut spec.eol, &mut spec.end, &mut spec.lines)?,
        }
        Ok(spec)
    }

    fn size_hint(depth: usize) -> (usize, Option<usize>) {
        size_hint::and((1, None), Request::size_hint(depth))
    }
}

impl<'a> Arbitrary<'a> for ResponseSpec {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let kind = u.int_in_range(0..=7_u8)?;
        let mut response = Response::arbitrary(u)?;
        let mut spec = match kind {
            4..=6 => ResponseLie::arbitrary(u)?.tell(u.arbitrary()?, &mut response).0,
            _ => response.spec(),
        };
        if kind == 7 {
            broken(u, &mut spec.eol, &mut spec.end, &mut spec.lines)?;
        }
        Ok(spec)
    }

    fn size_hint(depth: usize) -> (usize, Option<usize>) {
        size_hint::and((1, None), Response::size_hint(depth))
    }
}

/// Other line ends, no blank line, or raw lines.
fn broken(
    u: &mut Unstructured<'_>,
    eol: &mut Vec<u8>,
    end: &mut bool,
    lines: &mut Option<Vec<Vec<u8>>>,
) -> Result<()> {
    match u.int_in_range(0..=2_u8)? {
        0 => *eol = u.choose(&[&b"\n"[..], b"\r", b"\n\r", b""])?.to_vec(),
        1 => *end = false,
        _ => {
            let count = u.int_in_range(0..=4_u8)?;
            let raw = (0..count).map(|_| {
                let len = u.int_in_range(0..=40_usize)?;
                Ok(u.bytes(len.min(u.len()))?.to_vec())
            });
            *lines = Some(raw.collect::<Result<_>>()?);
        }
    }
    Ok(())
}
