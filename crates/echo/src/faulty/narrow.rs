//! Correct requests that a defect refuses.

use wsanvil_wire::http::{RequestHead, list_elements};
use wsanvil_wire::upgrade::RequestRule;

use crate::{Defect, Defects};

/// The rule that a defect sees broken where none is.
pub(super) fn refuses(head: &RequestHead, defects: Defects) -> Option<RequestRule> {
    let lacks_exact = |name: &str, wanted: &[u8]| {
        let mut elements = head.fields.get_all(name).flat_map(list_elements);
        !elements.any(|element| element == wanted)
    };
    let list = [
        (
            Defect::UpgradeCaseSensitive,
            lacks_exact("Upgrade", b"websocket"),
            RequestRule::UpgradeWrong,
        ),
        (
            Defect::ConnectionCaseSensitive,
            lacks_exact("Connection", b"Upgrade"),
            RequestRule::ConnectionWrong,
        ),
        (
            Defect::RejectsQuery,
            head.target().contains(&b'?'),
            RequestRule::Target,
        ),
        (
            Defect::RejectsAbsoluteForm,
            !head.target().starts_with(b"/"),
            RequestRule::Target,
        ),
    ];
    let mut refusing = list
        .into_iter()
        .filter(|(defect, seen, _)| *seen && defects.has(*defect));
    refusing.next().map(|(_, _, rule)| rule)
}
