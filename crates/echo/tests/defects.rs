//! Every defect shows in at least one conversation, and the lenient peer behind the defects is conformant but for
//! them: with a defect that cannot show it says octet for octet what the clean endpoint says.

mod conversation;

use conversation::{
    CLIENT_STIMULI, FRAME_STIMULI, OPENINGS, SERVER_STIMULI, Stimulus, client_transcript, server_transcript,
};
use wsanvil_echo::Defect;

fn server_stimuli() -> impl Iterator<Item = &'static Stimulus> {
    SERVER_STIMULI.iter().chain(OPENINGS).chain(FRAME_STIMULI)
}

fn shows(defect: Defect) -> bool {
    let on_server =
        |stimulus: &Stimulus| server_transcript(stimulus, &[]) != server_transcript(stimulus, &[defect]);
    let on_client =
        |stimulus: &Stimulus| client_transcript(stimulus, &[]) != client_transcript(stimulus, &[defect]);
    server_stimuli().any(on_server) || CLIENT_STIMULI.iter().any(on_client)
}

/// What no conversation of one connection shows: memory, the end of TCP, and what other connections feel. All but the
/// first are shown in `neighbours.rs`; memory by a run of the whole program.
const ELSEWHERE: &[Defect] = &[
    Defect::AllocatesAnnounced,
    Defect::BuffersWithoutBound,
    Defect::IgnoresHalfClose,
    Defect::SharesFragments,
    Defect::HandshakeBlocksOthers,
    Defect::FrameBlocksOthers,
    Defect::UnreadBlocksOthers,
    Defect::LeaksConnections,
    Defect::DiesInsideFrame,
];

#[test]
fn every_defect_shows() {
    let hidden: Vec<_> = Defect::ALL
        .iter()
        .filter(|defect| !ELSEWHERE.contains(defect) && !shows(**defect))
        .collect();
    assert!(hidden.is_empty(), "no conversation shows {hidden:?}");
}

#[test]
fn a_server_whose_defect_cannot_show_is_conformant() {
    for stimulus in server_stimuli() {
        let clean = server_transcript(stimulus, &[]);
        assert_eq!(
            server_transcript(stimulus, &[Defect::FixedNonce]),
            clean,
            "{}",
            stimulus.name
        );
    }
}

#[test]
fn a_client_whose_defect_cannot_show_is_conformant() {
    for stimulus in CLIENT_STIMULI {
        let clean = client_transcript(stimulus, &[]);
        assert_eq!(
            client_transcript(stimulus, &[Defect::BadAccept]),
            clean,
            "{}",
            stimulus.name
        );
    }
}

#[test]
fn chunking_changes_nothing_a_clean_endpoint_says() {
    for stimulus in server_stimuli() {
        let whole = server_transcript(stimulus, &[]);
        let octetwise = conversation::octetwise(stimulus);
        assert_eq!(
            octetwise.output.concat(),
            whole.output.concat(),
            "{}",
            stimulus.name
        );
        assert_eq!(octetwise.wants_close, whole.wants_close, "{}", stimulus.name);
    }
}

#[test]
fn conversations_have_names_of_their_own() {
    let mut names: Vec<_> = server_stimuli().map(|stimulus| stimulus.name).collect();
    names.sort_unstable();
    names.windows(2).for_each(|pair| assert_ne!(pair[0], pair[1]));
}
