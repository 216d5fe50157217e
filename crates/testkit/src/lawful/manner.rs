//! What a lawful server does otherwise than the reference.

use std::time::Duration;

use wsanvil_echo::Config;

use super::answer::Head;
use super::traffic::{Frame, Traffic};
use crate::PeerEnd;

/// All choices together; [`Manner::PLAIN`] makes none.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// Changes what the reference is configured to do.
    pub(super) configure: fn(&mut Config),
    /// Status with which a correct request is refused all the same, by its head and the number of its connection.
    pub(super) refuses: fn(&Request<'_>) -> Option<u16>,
    /// Fields of the answer to such a request.
    pub(super) refusal_fields: &'static [(&'static str, &'static str)],
    /// Changes a correct request before it is read: what the server does not know it does not see.
    pub(super) overlooks: Option<fn(&mut Head)>,
    /// Octets that go before every final head: interim responses.
    pub(super) interim: &'static [u8],
    /// Rewrites a 101.
    pub(super) switching: fn(&mut Head),
    /// Rewrites any other final answer.
    pub(super) refusing: fn(&mut Head),
    /// How TCP ends behind a refusal.
    pub(super) after_refusal: After,
    /// What a frame becomes.
    pub(super) frame: fn(Frame, &mut Traffic),
    /// Frames right behind the 101.
    pub(super) greets: fn(&mut Traffic),
    /// Whether of several Pongs that are due at once only the last goes out.
    pub(super) last_pong_only: bool,
    /// Fragments that a message may have; one more is answered by a Close with this code.
    pub(super) fragments: Option<(u64, u16)>,
    /// Octets behind a request head that it reads as frames; `false`: the connection ends over them.
    pub(super) takes_early_frames: bool,
    /// How TCP ends behind the closing handshake or a failed connection, and how much later.
    pub(super) ends: (PeerEnd, Duration),
    /// How much later everything goes out.
    pub(super) late: Duration,
    /// Connections at a time; TCP ends at once on the others.
    pub(super) connections: usize,
    /// How much later data messages go out than control frames.
    pub(super) echoes_after: Duration,
    /// How long a request may take to be complete.
    pub(super) request_within: Option<Duration>,
}

/// What the choice to refuse rests on.
pub(super) struct Request<'a> {
    /// Number of the connection.
    pub(super) nth: usize,
    /// The head.
    pub(super) head: &'a Head,
}

/// What becomes of TCP behind a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// As the reference: the answer, then the end.
    Ends,
    /// The answer, and the end a while later.
    EndsIn(Duration),
    /// No answer, only the end.
    OnlyEnds(PeerEnd),
    /// The answer, and the next request is read.
    Stays,
}

impl Manner {
    pub(super) const PLAIN: Self = Self {
        configure: |_| (),
        refuses: |_| None,
        refusal_fields: &[("Connection", "close")],
        overlooks: None,
        interim: b"",
        switching: |_| (),
        refusing: |_| (),
        after_refusal: After::Ends,
        frame: |frame, traffic| traffic.send(&frame),
        greets: |_| (),
        last_pong_only: false,
        fragments: None,
        takes_early_frames: true,
        ends: (PeerEnd::Fin, Duration::ZERO),
        late: Duration::ZERO,
        connections: usize::MAX,
        echoes_after: Duration::ZERO,
        request_within: None,
    };
}
