//! What a script moves and asks for, read off its steps.

use wsanvil_case::Instance;
use wsanvil_case::script::{Action, Kind, Length, Payload, Piece, SendWhat, Source, Step};

/// About how many payload octets an instance sends; what comes back is as much again.
pub fn of(instance: &Instance) -> u64 {
    instance.script.steps.iter().map(step).sum()
}

/// Whether the peer must fail a connection.
pub(super) fn expects_failure(steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.action {
        Action::Expect(expect) => matches!(expect.want.kind, Kind::Fail { .. }) && expect.or.is_empty(),
        Action::Repeat(repeat) => expects_failure(&repeat.steps),
        _ => false,
    })
}

fn step(step: &Step) -> u64 {
    match &step.action {
        Action::Send(send) => match &send.what {
            SendWhat::Frames(frames) => payload(&frames.payload),
            SendWhat::More(more) | SendWhat::Raw(more) => payload(more),
            SendWhat::Request(_) | SendWhat::Response(_) => 512,
        },
        Action::Repeat(repeat) => {
            let round: u64 = repeat.steps.iter().map(self::step).sum();
            round.saturating_mul(u64::from(repeat.count))
        }
        _ => 0,
    }
}

fn payload(payload: &Payload) -> u64 {
    let once = match &payload.source {
        Source::Empty => 0,
        Source::Text(text) => text
            .0
            .iter()
            .map(|piece| match piece {
                Piece::Lit(text) => text.len() as u64,
                Piece::Var { .. } => 16,
            })
            .sum(),
        Source::Octets(octets) => octets.len() as u64,
        Source::Fill {
            len: Length::Fixed(len),
            ..
        }
        | Source::Corpus { len, .. }
        | Source::Random { len, .. }
        | Source::Bomb { len } => *len,
        // In memory little is declared: see `trial`.
        Source::Fill { .. } => 8 << 10,
        Source::Saved(_) => 64 << 10,
        Source::Parts(parts) => parts.iter().map(self::payload).sum(),
    };
    once.saturating_mul(u64::from(payload.times))
}
