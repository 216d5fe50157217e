//! `json`: the register of a harbour, pretty-printed.

use std::fmt::Write as _;

use super::noise::Noise;

const LEN: usize = 194_056;
/// Behind the last entry: the closing brackets of three levels.
const TAIL: &str = "\"\n      }\n   }\n}\n";
const PIERS: [&str; 3] = ["North Pier", "Old Quay", "South Basin"];
const BERTHS_PER_DOCK: u32 = 20;

/// Three piers of some 300 berths each; an entry differs from the one before in its number and in one or two
/// small values, so that almost every match of the compressor lies one entry back.
pub(super) fn make() -> Vec<u8> {
    let mut noise = Noise::new(0x6A73_6F6E);
    let mut out = String::with_capacity(LEN + 512);
    out.push_str("{\n");
    let per_pier = LEN / PIERS.len();
    for (number, pier) in PIERS.iter().enumerate() {
        if number > 0 {
            out.push_str("\n   },\n");
        }
        let _ = writeln!(out, "   \"{pier}\": {{");
        let end = if number + 1 == PIERS.len() {
            LEN - 400
        } else {
            per_pier * (number + 1)
        };
        let mut berth = 0;
        while out.len() < end {
            if berth > 0 {
                out.push_str(",\n");
            }
            entry(&mut out, &mut noise, pier, berth);
            berth += 1;
        }
    }
    out.push_str(",\n      \"Remark\": {\n         \"text\": \"");
    let remark = "no ship is lost as long as somebody keeps the register; ";
    while out.len() + TAIL.len() < LEN {
        let room = LEN - TAIL.len() - out.len();
        out.push_str(&remark[..remark.len().min(room)]);
    }
    out.push_str(TAIL);
    out.into_bytes()
}

fn entry(out: &mut String, noise: &mut Noise, pier: &str, berth: u32) {
    let (dock, place) = (berth / BERTHS_PER_DOCK + 1, berth % BERTHS_PER_DOCK + 1);
    let (state, code) = match noise.below(64) {
        0 => ("TAKEN", 3000),
        1 => ("CLOSED", 1001),
        _ => ("FREE", 1000),
    };
    let days = noise.below(40) / 13 + 1;
    let file = pier.to_ascii_lowercase().replace(' ', "_");
    let _ = write!(
        out,
        "      \"{dock}.{place}\": {{\n         \"berth\": \"{state}\", \n         \"berthAtNight\": \"{state}\", \n         \
         \"days\": {days}, \n         \"pilotCode\": {code}, \n         \"logbook\": \"{file}_berth_{dock}_{place}.json\"\n      }}"
    );
}
