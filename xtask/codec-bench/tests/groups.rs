//! The groups are sound: making them checks every contender, here the rest.

use std::collections::BTreeSet;

use wsanvil_codec_bench::{OURS, groups, not_compared, notes};

#[test]
fn every_contender_does_the_work() {
    let mut ids = BTreeSet::new();
    for mut group in groups() {
        assert!(ids.insert(group.id.clone()), "{} comes twice", group.id);
        assert!(group.units > 0 && group.octets > 0, "{}", group.id);
        let names: Vec<_> = group.contenders.iter().map(|contender| contender.name).collect();
        let distinct: BTreeSet<_> = names.iter().collect();
        assert_eq!(names.first(), Some(&OURS), "{}", group.id);
        assert_eq!(distinct.len(), names.len(), "{}: {names:?}", group.id);
        // Twice more: state that a call leaves must not stop the next one.
        for contender in group.contenders.iter_mut().chain(&mut group.limit) {
            (contender.work)();
            (contender.work)();
        }
    }
    for (prefix, peer, remark) in notes().into_iter().chain(not_compared()) {
        assert!(
            ids.iter().any(|id| id.starts_with(prefix)),
            "{peer} has a remark on {prefix}, which is no group"
        );
        assert!(!remark.is_empty());
    }
}
