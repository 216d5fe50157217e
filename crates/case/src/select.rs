//! Which instances run: profiles, and patterns over ids, names, areas and aliases.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use thiserror::Error;

use crate::error::nearest;
use crate::library::Library;
use crate::types::{Instance, Profiles};

/// How many names a message suggests.
const SUGGESTIONS: usize = 5;

/// A named selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ProfileName {
    /// The smallest useful run.
    Quick,
    /// What runs when nothing is said.
    #[default]
    Default,
    /// Everything that is not a load test.
    Full,
    /// Instances with an Autobahn alias.
    Autobahn,
    /// Load tests.
    Perf,
}

impl ProfileName {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Quick, Self::Default, Self::Full, Self::Autobahn, Self::Perf];

    /// Its name on the command line and in case files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Default => "default",
            Self::Full => "full",
            Self::Autobahn => "autobahn",
            Self::Perf => "perf",
        }
    }

    fn holds(self, profiles: Profiles) -> bool {
        match self {
            Self::Quick => profiles.quick,
            Self::Default => profiles.default,
            Self::Full => profiles.full,
            Self::Autobahn => profiles.autobahn,
            Self::Perf => profiles.perf,
        }
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for ProfileName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.name() == name)
            .ok_or_else(|| format!("unknown profile `{name}`: quick, default, full, autobahn or perf"))
    }
}

/// What to run.
///
/// A pattern is compared with the id of a case, its former ids, its area, the instance name and the aliases.
/// `*` (and `**`) stands for any text, slashes included, `?` for one character; everything else, brackets and dots
/// too, is literal.
///
/// * Without `include`: the profile, `default` when none is given.
/// * A pattern without wildcards that is an id, an instance name or an alias selects exactly that, whatever the profile.
/// * A pattern with wildcards, or an area, selects within the profile; when none is given, within `autobahn` if
///   it begins with `autobahn:`, else within `default`. If it matches nothing there, it selects from `full`, and
///   if nothing there either, from everything.
/// * `exclude` takes away what it matches, however it came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Patterns of `--case`.
    pub include: Vec<String>,
    /// Patterns of `--exclude`.
    pub exclude: Vec<String>,
    /// `--profile`.
    pub profile: Option<ProfileName>,
}

/// The selection cannot be made; the user is to blame.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SelectError {
    /// A pattern of `include` matches no case.
    #[error("`{pattern}` matches no case{}", suggestion(.nearest))]
    NoMatch {
        /// The pattern.
        pattern: String,
        /// Names like it, best first.
        nearest: Vec<String>,
    },
    /// Everything that was selected is excluded, or the profile is empty.
    #[error("the selection is empty")]
    Empty,
    /// A pattern that is none.
    #[error("`{pattern}` is not a pattern: {message}")]
    BadPattern {
        /// The pattern.
        pattern: String,
        /// What is wrong.
        message: String,
    },
}

fn suggestion(nearest: &[String]) -> String {
    if nearest.is_empty() {
        String::new()
    } else {
        format!("; nearest: {}", nearest.join(", "))
    }
}

impl Selection {
    /// The selected instances in library order.
    pub fn select(&self, library: &Library) -> Result<Vec<Arc<Instance>>, SelectError> {
        let instances = &library.instances;
        let mut chosen = vec![self.include.is_empty(); instances.len()];
        if self.include.is_empty() {
            let profile = self.profile.unwrap_or_default();
            for (chosen, instance) in chosen.iter_mut().zip(instances) {
                *chosen = profile.holds(instance.profiles);
            }
        }
        for pattern in &self.include {
            for index in self.matches(pattern, library)? {
                chosen[index] = true;
            }
        }
        for pattern in &self.exclude {
            let pattern = Pattern::parse(pattern)?;
            for (chosen, instance) in chosen.iter_mut().zip(instances) {
                *chosen = *chosen && !pattern.is_match(instance);
            }
        }
        let selected: Vec<Arc<Instance>> = instances
            .iter()
            .zip(chosen)
            .filter(|(_, chosen)| *chosen)
            .map(|(instance, _)| Arc::clone(instance))
            .collect();
        if selected.is_empty() {
            return Err(SelectError::Empty);
        }
        Ok(selected)
    }

    fn matches(&self, text: &str, library: &Library) -> Result<Vec<usize>, SelectError> {
        let pattern = Pattern::parse(text)?;
        let instances = &library.instances;
        let all: Vec<usize> = (0..instances.len())
            .filter(|index| pattern.is_match(&instances[*index]))
            .collect();
        if all.is_empty() {
            return Err(SelectError::NoMatch {
                pattern: text.to_owned(),
                nearest: suggestions(text, library),
            });
        }
        let exact = |index: &usize| pattern.is_exact_name(&instances[*index]);
        if all.iter().any(exact) {
            return Ok(all.into_iter().filter(exact).collect());
        }
        let profile = self.profile.unwrap_or(if text.starts_with("autobahn:") {
            ProfileName::Autobahn
        } else {
            ProfileName::Default
        });
        for profile in [profile, ProfileName::Full] {
            let within: Vec<usize> = all
                .iter()
                .copied()
                .filter(|index| profile.holds(instances[*index].profiles))
                .collect();
            if !within.is_empty() {
                return Ok(within);
            }
        }
        Ok(all)
    }
}

/// A pattern, compiled.
struct Pattern<'t> {
    text: &'t str,
    glob: Option<GlobMatcher>,
}

impl<'t> Pattern<'t> {
    fn parse(text: &'t str) -> Result<Self, SelectError> {
        if !text.contains(['*', '?']) {
            return Ok(Self { text, glob: None });
        }
        // Only the wildcards mean something: instance names are full of brackets.
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '[' | ']' | '{' | '}' | '!' | '\\' => {
                    escaped.push('[');
                    escaped.push(character);
                    escaped.push(']');
                }
                '*' if escaped.ends_with('*') => {}
                _ => escaped.push(character),
            }
        }
        let glob = GlobBuilder::new(&escaped)
            .literal_separator(false)
            .backslash_escape(false)
            .build()
            .map_err(|error| SelectError::BadPattern {
                pattern: text.to_owned(),
                message: error.kind().to_string(),
            })?;
        Ok(Self {
            text,
            glob: Some(glob.compile_matcher()),
        })
    }

    fn holds(&self, name: &str) -> bool {
        match &self.glob {
            Some(glob) => glob.is_match(name),
            None => self.text == name,
        }
    }

    fn is_match(&self, instance: &Instance) -> bool {
        names(instance).any(|name| self.holds(name)) || self.holds(instance.case.area())
    }

    fn is_exact_name(&self, instance: &Instance) -> bool {
        self.glob.is_none() && names(instance).any(|name| name == self.text)
    }
}

/// All names of an instance but its area.
fn names(instance: &Instance) -> impl Iterator<Item = &str> {
    [instance.case.id.as_str(), instance.name.as_str()]
        .into_iter()
        .chain(instance.case.was.iter().map(String::as_str))
        .chain(instance.alias.iter().map(String::as_str))
}

fn suggestions(text: &str, library: &Library) -> Vec<String> {
    let instances = library.instances.iter();
    let all = instances.flat_map(|instance| names(instance).chain([instance.case.area()]));
    nearest(text, all, SUGGESTIONS)
        .into_iter()
        .map(str::to_owned)
        .collect()
}
