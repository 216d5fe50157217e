//! The lenient peer behind the defects is conformant but for them: with a defect that cannot show it says octet for
//! octet what the clean endpoint says. That each defect shows is proved by the cases that catch it.

mod conversation;

use conversation::{
    CLIENT_STIMULI, FRAME_STIMULI, OPENINGS, SERVER_STIMULI, Stimulus, client_transcript, server_transcript,
};
use wsanvil_echo::Defect;

fn server_stimuli() -> impl Iterator<Item = &'static Stimulus> {
    SERVER_STIMULI.iter().chain(OPENINGS).chain(FRAME_STIMULI)
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
