//! What the measuring program writes.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Everything that was measured.
#[derive(Debug, Deserialize)]
pub(super) struct Numbers {
    /// The compiler of all contenders.
    pub(super) rustc: String,
    /// How it was measured: passes, rounds of a pass, milliseconds of a slice.
    pub(super) runs: u32,
    pub(super) rounds: u32,
    pub(super) slice_ms: u64,
    /// Versions of the crates.
    pub(super) versions: BTreeMap<String, String>,
    /// The groups, in their order.
    pub(super) groups: Vec<Group>,
    /// Contenders that no ratio is to.
    pub(super) references: Vec<String>,
    /// What contenders do differently: prefix of groups, contender, remark.
    pub(super) notes: Vec<Remark>,
    /// Which peers are missing where, and why.
    pub(super) not_compared: Vec<Remark>,
}

/// Prefix of groups, contender, remark.
pub(super) type Remark = (String, String, String);

/// One kind of work on one input.
#[derive(Debug, Deserialize)]
pub(super) struct Group {
    /// `decode/16B`.
    pub(super) id: String,
    /// What one unit is.
    pub(super) unit: String,
    /// Ours first.
    pub(super) contenders: Vec<Measured>,
    /// The least that the machine can do.
    pub(super) limit: Option<Measured>,
}

/// Nanoseconds per unit of a contender.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Measured {
    /// Name of the crate.
    pub(super) name: String,
    /// Median over the passes of the median of a pass.
    pub(super) median_ns: f64,
    /// The least median of a pass.
    pub(super) min_ns: f64,
    /// The greatest median of a pass.
    pub(super) max_ns: f64,
}

impl Group {
    /// `decode` of `decode/16B`.
    pub(super) fn kind(&self) -> &str {
        self.id.split_once('/').map_or(self.id.as_str(), |(kind, _)| kind)
    }

    /// `16B` of `decode/16B`.
    pub(super) fn input(&self) -> &str {
        self.id.split_once('/').map_or("", |(_, input)| input)
    }

    /// Ours.
    pub(super) fn ours(&self) -> Option<&Measured> {
        self.contenders.first()
    }

    /// The fastest contender that is neither ours nor a reference.
    pub(super) fn best_peer(&self, references: &[String]) -> Option<&Measured> {
        let peers = self.contenders.iter().skip(1);
        peers
            .filter(|peer| !references.contains(&peer.name))
            .min_by(|a, b| a.median_ns.total_cmp(&b.median_ns))
    }

    /// How many times as long as we the best peer must take at least.
    pub(super) fn target(&self) -> f64 {
        match (self.kind(), self.input()) {
            ("decode" | "echo", "16B") => 3.0,
            ("decode" | "echo", "mixed") | ("handshake", _) => 2.0,
            ("decode" | "echo", "1KiB") => 1.4,
            _ => 0.95,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(name: &str, median_ns: f64) -> Measured {
        Measured {
            name: name.to_owned(),
            median_ns,
            min_ns: median_ns,
            max_ns: median_ns,
        }
    }

    fn group(id: &str) -> Group {
        Group {
            id: id.to_owned(),
            unit: "frame".to_owned(),
            contenders: vec![
                measured("ours", 1.0),
                measured("slow", 9.0),
                measured("by hand", 2.0),
                measured("fast", 3.0),
            ],
            limit: None,
        }
    }

    #[test]
    fn neither_ours_nor_a_reference_is_the_best_peer() {
        let group = group("decode/16B");
        let best = |references: &[String]| group.best_peer(references).map(|peer| peer.name.clone());
        assert_eq!(best(&[]).as_deref(), Some("by hand"));
        assert_eq!(best(&["by hand".to_owned()]).as_deref(), Some("fast"));
    }

    #[test]
    fn targets_by_kind_and_input() {
        let targets = [
            ("decode/16B", 3.0),
            ("decode/1MiB", 0.95),
            ("echo/mixed", 2.0),
            ("echo/1KiB", 1.4),
            ("encode/server-16B", 0.95),
            ("handshake/minimal", 2.0),
            ("mask/16B", 0.95),
        ];
        for (id, target) in targets {
            assert!((group(id).target() - target).abs() < 1e-9, "{id}");
        }
    }
}
