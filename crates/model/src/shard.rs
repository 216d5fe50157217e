//! A part of a selection, so that several machines share a run.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Part `index` of `count`; written `1/3`. For counters that begin at 0, `0/3` is another name of `3/3`.
///
/// An instance belongs to the part `1 + (FNV-1a 64 of the octets of its name) mod count`. That depends on nothing but the
/// name and the count: no other instance, no option, no release moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Which part, from 1.
    pub index: u32,
    /// How many there are, from 1.
    pub count: u32,
}

/// Most parts of a selection.
const MOST: u32 = 10_000;

impl Shard {
    /// Whether the instance of that name belongs to it.
    pub fn holds(self, name: &str) -> bool {
        let count = u64::from(self.count.max(1));
        fnv1a(name.as_bytes()) % count + 1 == u64::from(self.index)
    }
}

/// The 64 bit FNV-1a hash.
fn fnv1a(octets: &[u8]) -> u64 {
    octets.iter().fold(0xcbf2_9ce4_8422_2325, |hash, octet| {
        (hash ^ u64::from(*octet)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || "write it as K/N, such as 1/3 for the first of three".to_owned();
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
            digits
                .then(|| text.parse::<u32>().ok())
                .flatten()
                .ok_or_else(form)
        };
        let (index, count) = text.split_once('/').ok_or_else(form)?;
        let mut shard = Self {
            index: number(index)?,
            count: number(count)?,
        };
        // Who counts from 0, as Kubernetes does, calls the last one 0.
        if shard.index == 0 {
            shard.index = shard.count;
        }
        if shard.count == 0 || shard.count > MOST {
            return Err(format!("there can be 1 to {MOST} shards"));
        }
        if shard.index > shard.count {
            return Err(format!("shards of {count} go from 1/{count} to {count}/{count}"));
        }
        Ok(shard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_documented_one() {
        // From the published test vectors of FNV-1a.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
        let home = |name: &str, count| (1..=count).find(|index| Shard { index: *index, count }.holds(name));
        assert_eq!((home("foobar", 3), home("foobar", 7)), (Some(1), Some(7)));
        assert_eq!(home("foobar", 1), Some(1));
    }

    #[test]
    fn every_name_is_in_one_part() {
        for count in 1..=17 {
            for name in ["", "a/x", "framing/rsv-in-first-frame[text-1]", "é"] {
                let parts = (1..=count).filter(|index| Shard { index: *index, count }.holds(name));
                assert_eq!(parts.count(), 1, "{name} of {count}");
            }
        }
    }

    #[test]
    fn spelling() {
        let shard: Shard = "2/3".parse().unwrap();
        assert_eq!(
            (shard.index, shard.count, shard.to_string().as_str()),
            (2, 3, "2/3")
        );
        assert_eq!("0/3".parse(), Ok(Shard { index: 3, count: 3 }));
        for wrong in [
            "", "1", "1/", "/2", "4/3", "1/0", "1/10001", "-1/3", "+1/3", "1/3/3", "a/b", "1 / 3",
        ] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
