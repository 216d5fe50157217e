//! The table of defects: each is one behaviour broken on purpose, to prove that a case can fail.

use std::fmt;
use std::str::FromStr;

macro_rules! defects {
    ($($variant:ident $name:literal $requirement:literal $describe:literal $(($mark:ident))?)*) => {
        /// One behaviour broken on purpose; everything else stays conformant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Defect {
            $(#[doc = $describe] $variant,)*
        }

        impl Defect {
            /// Every defect, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the command line, in kebab case.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The requirement of the inventory that it breaks, or that it keeps in a way worth a note.
            pub const fn requirement(self) -> &'static str {
                match self { $(Self::$variant => $requirement),* }
            }

            /// Whether it breaks nothing: a choice that the texts leave, and that a report notes.
            pub const fn is_legal(self) -> bool {
                match self { $(Self::$variant => false $(|| legal!($mark))?),* }
            }

            /// Whether only a conversation under TLS shows it, which none in memory is.
            pub fn is_about_tls(self) -> bool {
                self.name().starts_with("tls-")
            }

            /// What it does, in one sentence.
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$variant => $describe),* }
            }
        }
    };
}

/// The only mark that a row can have.
macro_rules! legal {
    (legal) => {
        true
    };
}

mod table;

pub use table::Defect;

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no defect has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDefect(pub String);

impl fmt::Display for UnknownDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no defect is called {:?}", self.0)
    }
}

impl std::error::Error for UnknownDefect {}

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, UnknownDefect> {
        Self::ALL
            .iter()
            .copied()
            .find(|defect| defect.name() == name)
            .ok_or_else(|| UnknownDefect(name.to_owned()))
    }
}

/// A set of defects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Defects([u64; WORDS]);

/// Words of 64 bits that hold a bit for each defect.
const WORDS: usize = Defect::ALL.len().div_ceil(64);

impl Defects {
    /// No defect.
    pub const NONE: Self = Self([0; WORDS]);

    /// Whether nothing is broken.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Whether `defect` is in the set.
    pub const fn has(self, defect: Defect) -> bool {
        let place = defect as usize;
        self.0[place / 64] >> (place % 64) & 1 != 0
    }

    /// The set with `defect`.
    pub const fn with(mut self, defect: Defect) -> Self {
        let place = defect as usize;
        self.0[place / 64] |= 1 << (place % 64);
        self
    }

    /// The defects of the set, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Defect> {
        Defect::ALL
            .iter()
            .copied()
            .filter(move |defect| self.has(*defect))
    }
}

impl From<Defect> for Defects {
    fn from(defect: Defect) -> Self {
        Self::NONE.with(defect)
    }
}

impl FromIterator<Defect> for Defects {
    fn from_iter<I: IntoIterator<Item = Defect>>(defects: I) -> Self {
        defects.into_iter().fold(Self::NONE, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        for (i, defect) in Defect::ALL.iter().enumerate() {
            assert_eq!(defect.name().parse(), Ok(*defect), "name {i} is taken twice");
            assert!(defect.describe().ends_with('.'));
        }
        assert!("no-such".parse::<Defect>().is_err());
    }

    #[test]
    fn sets_hold_what_is_put_in() {
        let set: Defects = [Defect::Silent, Defect::NoPong].into_iter().collect();
        assert_eq!(set.iter().count(), 2);
        assert!(set.has(Defect::NoPong) && !set.has(Defect::NoUtf8) && Defects::NONE.is_empty());
    }
}
