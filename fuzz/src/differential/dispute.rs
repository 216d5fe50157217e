//! Finding where two accounts part, and asking the table about it.

use std::fmt;

use wsanvil_wire::{Role, Rule};

use super::account::{Account, End, Heard, Sent};
use super::peers::{LIMIT, Peer, ours};
use super::reading::{Frame, Part, Place, Reading};
use super::stream::Cuts;
use super::table::{Disagreement, TABLE};

/// More rewritten readings than any input needs.
const MOST_TURNS: usize = 1 << 12;

/// Two accounts of the same octets that differ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dispute<'a> {
    /// What we read.
    pub(super) hearing: &'a Hearing,
    /// Our account.
    pub(super) ours: &'a Account<Place>,
    /// The rule for which we fail the connection.
    pub(super) rule: Option<&'a Rule>,
    /// What it is about.
    pub(super) about: About,
}

/// What is compared: the input as we are to take it, and the other account of it.
#[derive(Debug, Clone)]
pub(super) struct Hearing {
    /// The frames.
    pub(super) reading: Reading,
    /// Octets of the longest message that we take.
    pub(super) max_message: u64,
    /// What the other one said.
    pub(super) theirs: Account<Place>,
}

/// What a dispute is about, in the order in which it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// What is told at this position of the list, or the end, when the lists end here.
    Told(usize),
    /// How far each had read when both failed the connection with the same code.
    When,
    /// What was sent, the Close left out.
    Answers,
    /// The Close that was sent.
    Close,
}

/// What an entry of the table says of a dispute that it explains.
#[derive(Debug)]
pub(super) enum Next {
    /// From here on the two have nothing in common.
    Stop,
    /// The rest has to agree.
    GoOn,
    /// The other one took the input for this: taken so, everything has to agree.
    Instead(Box<Hearing>),
}

/// Compares our account of `octets` with the one of `peer`. Gives the ids of the entries that explain where they part.
/// Entries that `left_out` names are not asked.
///
/// # Errors
///
/// When nothing explains it: both accounts.
pub fn compare(
    peer: Peer,
    role: Role,
    octets: &[u8],
    left_out: &mut dyn FnMut(&Disagreement) -> bool,
) -> Result<Vec<&'static str>, Box<Unexplained>> {
    let reading = Reading::of(octets);
    let theirs = peer.account(role, octets, Cuts::Octets).placed(&reading);
    let mut hearing = Hearing {
        reading,
        max_message: LIMIT as u64,
        theirs,
    };
    let mut used = Vec::new();
    for _ in 0..MOST_TURNS {
        let (ours, broken) = ours(role, hearing.max_message, &hearing.reading.write(), Cuts::Octets);
        let mut ours = ours.placed(&hearing.reading);
        if !peer.tells_pings() {
            ours = ours.without_pings();
        }
        let mut instead = None;
        let mut settled = None;
        while let Some(about) = differ(&ours, &hearing.theirs, settled) {
            let dispute = Dispute {
                hearing: &hearing,
                ours: &ours,
                rule: broken.as_ref(),
                about,
            };
            let asked = TABLE
                .iter()
                .filter(|entry| entry.peer == peer && !left_out(entry));
            let explained = asked.map(|entry| (entry.id, (entry.explains)(dispute)));
            let explained = explained.into_iter().find_map(|(id, next)| Some((id, next?)));
            let Some((id, next)) = explained else {
                return Err(Box::new(Unexplained {
                    peer,
                    role,
                    octets: octets.to_vec(),
                    about: format!("{about:?}, {broken:?}"),
                    ours,
                    theirs: hearing.theirs,
                }));
            };
            used.push(id);
            match next {
                Next::Stop => return Ok(used),
                Next::GoOn => settled = Some(about),
                Next::Instead(other) => {
                    instead = Some(*other);
                    break;
                }
            }
        }
        match instead {
            None => return Ok(used),
            Some(other) => hearing = other,
        }
    }
    panic!("the table explains without end: {used:?}");
}

/// The first point behind `settled` at which the accounts part.
fn differ(ours: &Account<Place>, theirs: &Account<Place>, settled: Option<About>) -> Option<About> {
    let told = || {
        let longest = ours.heard.len().max(theirs.heard.len());
        let unequal = (0..longest).find(|&index| ours.heard.get(index) != theirs.heard.get(index));
        let unequal = unequal.or_else(|| (verdict(ours) != verdict(theirs)).then_some(longest));
        unequal.map(About::Told)
    };
    let when = || (ours.end != theirs.end).then_some(About::When);
    let answers = || answers(ours).ne(answers(theirs)).then_some(About::Answers);
    let close = || closes(ours).ne(closes(theirs)).then_some(About::Close);
    match settled {
        None => told().or_else(when).or_else(answers).or_else(close),
        Some(About::Told(_) | About::When) => answers().or_else(close),
        Some(About::Answers) => close(),
        Some(About::Close) => None,
    }
}

/// How an account ends, without saying when.
fn verdict(account: &Account<Place>) -> (bool, u16) {
    match account.end {
        End::Open => (true, 0),
        End::Closed => (false, 0),
        End::Failed { code, .. } => (false, code),
    }
}

fn answers(account: &Account<Place>) -> impl Iterator<Item = &Sent> {
    let is_close = |sent: &&Sent| matches!(sent, Sent::Close(_));
    account.sent.iter().filter(move |sent| !is_close(sent))
}

fn closes(account: &Account<Place>) -> impl Iterator<Item = &Sent> {
    let is_close = |sent: &&Sent| matches!(sent, Sent::Close(_));
    account.sent.iter().filter(is_close)
}

impl<'a> Dispute<'a> {
    /// What the other one said.
    pub(super) fn theirs(&self) -> &'a Account<Place> {
        &self.hearing.theirs
    }

    /// What they part about is what comes behind all that we tell: our code and place, if we fail the connection.
    pub(super) fn we_fail(&self) -> Option<(u16, Place)> {
        self.fails(self.ours)
    }

    /// As [`Dispute::we_fail`], for the other one.
    pub(super) fn they_fail(&self) -> Option<(u16, Place)> {
        self.fails(self.theirs())
    }

    fn fails(&self, account: &Account<Place>) -> Option<(u16, Place)> {
        if let About::Told(index) = self.about
            && index < account.heard.len()
        {
            return None;
        }
        match account.end {
            End::Failed { code, read } => Some((code, read)),
            _ => None,
        }
    }

    /// What we tell where they part.
    pub(super) fn we_tell(&self) -> Option<&'a Heard<Place>> {
        self.tells(self.ours)
    }

    /// What the other one tells where they part.
    pub(super) fn they_tell(&self) -> Option<&'a Heard<Place>> {
        self.tells(self.theirs())
    }

    fn tells(&self, account: &'a Account<Place>) -> Option<&'a Heard<Place>> {
        match self.about {
            About::Told(index) => account.heard.get(index),
            _ => None,
        }
    }

    /// Whether the other one has told all that we have and waits for more.
    pub(super) fn they_wait(&self) -> bool {
        self.they_tell().is_none() && self.theirs().end == End::Open
    }

    /// The frame in which we fail the connection, with the rule and where in the reading it is.
    pub(super) fn at_fault(&self) -> Option<(&'a Rule, usize, &'a Frame)> {
        let (_, place) = self.we_fail()?;
        let (at, frame) = self.hearing.reading.frame(place.frame)?;
        Some((self.rule?, at, frame))
    }

    /// The place behind the whole of this frame.
    pub(super) fn end_of(frame: &Frame) -> Place {
        Place {
            frame: frame.number,
            part: Part::End,
        }
    }

    /// The same input with other frames.
    pub(super) fn with_frames(&self, change: impl FnOnce(&mut Vec<Frame>)) -> Hearing {
        let mut hearing = self.hearing.clone();
        change(&mut hearing.reading.frames);
        hearing
    }
}

/// Two accounts of the same octets that nothing in the table explains.
#[derive(Debug)]
pub struct Unexplained {
    peer: Peer,
    role: Role,
    octets: Vec<u8>,
    about: String,
    ours: Account<Place>,
    theirs: Account<Place>,
}

impl fmt::Display for Unexplained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "as {}, about {}\n  octets {:02x?}\n  we: {}\n    {:?}\n  {}: {}\n    {:?}",
            self.role.name(),
            self.about,
            self.octets,
            self.ours,
            self.ours,
            self.peer,
            self.theirs,
            self.theirs
        )
    }
}
