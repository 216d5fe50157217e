//! Rules that hold in every case: the peer's own frames and heads are legal.

use wsanvil_model::{Finding, FindingKind, Level};
use wsanvil_wire::Rule;
use wsanvil_wire::close::{CodeClass, classify};
use wsanvil_wire::upgrade::{RefusalRule, ResponseRule};

use crate::outcome::StandingHit;

/// The standing rule that a broken rule of the codec belongs to.
fn name_of(rule: &Rule) -> &'static str {
    match rule {
        Rule::ReservedBits { .. } => "rsv",
        Rule::ReservedOpcode(_) => "opcode",
        Rule::MaskMissing | Rule::MaskPresent => "mask",
        Rule::LengthNotMinimal | Rule::LengthTopBit => "minimal-length",
        Rule::ControlTooLong { .. } => "control-size",
        Rule::ControlFragmented => "control-fin",
        Rule::ContinuationOrphan | Rule::MessageInterleaved => "fragment-order",
        Rule::Rsv1OnContinuation | Rule::Rsv1OnControl => "deflate-rsv1",
        Rule::Utf8 { .. } => "utf8",
        Rule::CloseBodyOneOctet | Rule::CloseReasonUtf8 { .. } => "close-body",
        Rule::CloseCode(_) => "close-code",
        Rule::CloseTwice => "close-once",
        Rule::DeflateData(_) => "deflate-data",
        _ => "data-after-close",
    }
}

/// What a broken rule of the codec costs. Codes that nobody has defined yet are no sender's to use, but no text says
/// that they must not be (RFC 6455 7.4.2, 11.7).
fn level_of(rule: &Rule) -> Level {
    match rule {
        Rule::CloseCode(code) if matches!(classify(*code), CodeClass::Reserved | CodeClass::AboveRange) => {
            Level::Should
        }
        // "No more data frames" (5.5.1); a Ping is answered unless a Close was received before (5.5.2), which may have
        // crossed it.
        Rule::DataAfterClose { opcode } if *opcode >= 8 => Level::May,
        _ => Level::Must,
    }
}

/// A frame that breaks a rule.
pub(crate) fn frame(rule: &Rule, on: &str, offset: u64) -> StandingHit {
    StandingHit {
        rule: name_of(rule),
        level: level_of(rule),
        finding: finding(
            name_of(rule),
            rule.requirement(),
            rule.to_string(),
            on,
            Some(offset),
        ),
    }
}

/// A response head that breaks a rule.
pub(crate) fn response(rule: &ResponseRule, on: &str) -> StandingHit {
    StandingHit {
        rule: rule.group(),
        level: Level::Must,
        finding: finding(rule.group(), rule.requirement(), rule.to_string(), on, Some(0)),
    }
}

/// A final response other than 101 that breaks a rule.
pub(crate) fn refusal(rule: &RefusalRule, on: &str) -> StandingHit {
    StandingHit {
        rule: "refusal-head",
        level: if rule.is_harmless() {
            Level::Should
        } else {
            Level::Must
        },
        finding: finding("refusal-head", rule.requirement(), rule.to_string(), on, Some(0)),
    }
}

/// A response head that cannot be parsed.
pub(crate) fn bad_head(why: &str, requirement: &str, on: &str, offset: u64) -> StandingHit {
    StandingHit {
        rule: "response-head",
        level: Level::Must,
        finding: finding("response-head", requirement, why.to_owned(), on, Some(offset)),
    }
}

/// Pongs in another order than their Pings.
pub(crate) fn pong_order(on: &str, offset: u64) -> StandingHit {
    let observed = "a Pong answers a Ping older than one already answered".to_owned();
    StandingHit {
        rule: "pong-order",
        level: Level::Should,
        finding: finding("pong-order", "6455-5.5.3-2", observed, on, Some(offset)),
    }
}

/// A final block of a compressed message that is padded with other than zero bits.
pub(crate) fn padding_set(on: &str, offset: u64) -> StandingHit {
    let observed = "a final block is filled up to the octet with bits that are not zero".to_owned();
    StandingHit {
        rule: "deflate-data",
        level: Level::Must,
        finding: finding("deflate-data", "7692-7.2.1-5", observed, on, Some(offset)),
    }
}

/// A Pong whose octets are those of an unanswered Ping, spoilt.
pub(crate) fn pong_payload(on: &str, offset: u64) -> StandingHit {
    let observed = "a Pong repeats the application data of its Ping with changes".to_owned();
    StandingHit {
        rule: "pong-payload",
        level: Level::Must,
        finding: finding("pong-payload", "6455-5.5.3-1", observed, on, Some(offset)),
    }
}

fn finding(rule: &str, requirement: &str, observed: String, on: &str, offset: Option<u64>) -> Finding {
    Finding {
        kind: FindingKind::Rule,
        rule: Some(rule.to_owned()),
        requirement: requirement.to_owned(),
        expected: "frames and heads that keep the rules of the protocol".to_owned(),
        observed,
        on: on.to_owned(),
        line: 0,
        offset,
    }
}
