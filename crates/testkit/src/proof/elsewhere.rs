//! Defects that no case of level must or should has to fail in memory, and why.

use std::fmt;

use wsanvil_echo::Defect;

/// Why no case of level must or should in the default profile has to fail on a defect in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    /// Only a target that is a client has it.
    Clients,
    /// It is legal, and noted by a case.
    Noted,
    /// It is legal and so usual that nothing notes it.
    Usual,
    /// The text binds who sends such octets, not who takes them; a case of level may shows it.
    Taken,
    /// Only the memory of a launched process shows it.
    Launched,
    /// Only TLS shows it, which no conversation in memory has: the tests of the program do.
    Tls,
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clients => {
                "only a target that is a client has it, and the profile has no cases for clients"
            }
            Self::Noted => "legal: a case of level may, or a note, shows it",
            Self::Usual => "legal, and passes without a note",
            Self::Taken => "the text binds only who sends it: a case of level may shows it",
            Self::Tls => "only TLS shows it, which no conversation in memory has",
            Self::Launched => "only what a launched process uses shows it",
        })
    }
}

const ELSEWHERE: &[(Defect, Elsewhere)] = &[
    (Defect::AcceptsAnyResponse, Elsewhere::Clients),
    (Defect::FixedNonce, Elsewhere::Clients),
    (Defect::RequestLacksHost, Elsewhere::Clients),
    (Defect::TalksBeforeResponse, Elsewhere::Clients),
    (Defect::FixedMaskKey, Elsewhere::Clients),
    (Defect::CloseEmptyAlways, Elsewhere::Usual),
    (Defect::CloseAcceptsOneOctet, Elsewhere::Taken),
    (Defect::AllocatesAnnounced, Elsewhere::Launched),
    (Defect::BuffersWithoutBound, Elsewhere::Launched),
    (Defect::ReadsBlanksAgain, Elsewhere::Launched),
];

/// Where the defect is shown, when cases of level must and should of the default profile do not have to.
pub fn elsewhere(defect: Defect) -> Option<Elsewhere> {
    if defect.is_about_tls() {
        return Some(Elsewhere::Tls);
    }
    let row = ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == defect);
    row.map(|(_, why)| *why)
        .or_else(|| defect.is_legal().then_some(Elsewhere::Noted))
}
