//! What a target uses, read apart from whoever owns its process.

use super::process_group::ProcessGroup;

/// Reads memory and processor time of a target's process group. All of it is `None` without `/proc` and when all
/// processes have ended; each look reads all of `/proc`, some milliseconds on a busy machine.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    group: ProcessGroup,
}

impl Meter {
    pub(super) const fn new(group: ProcessGroup) -> Self {
        Self { group }
    }

    /// Memory in RAM, KiB.
    pub fn rss_kib(self) -> Option<u64> {
        self.group.rss_kib()
    }

    /// The most memory in RAM since [`Meter::forget_peak`], KiB.
    pub fn peak_kib(self) -> Option<u64> {
        self.group.peak_kib()
    }

    /// Sets the peak back to what is used now. False where the system does not let us: then the peak is older.
    pub fn forget_peak(self) -> bool {
        self.group.forget_peak()
    }

    /// Processor time used, ms; resolution 10 ms.
    pub fn cpu_ms(self) -> Option<u64> {
        self.group.cpu_ms()
    }
}
