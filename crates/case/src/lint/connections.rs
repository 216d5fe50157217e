//! Connections are opened before they are used.

use crate::dsl::text;
use crate::script::{Action, Piece, Step, Text};

/// The first use of a connection that no step before it opens: line and name.
///
/// Names made from loop counters are compared as they are written; when they could be meant, nothing is said.
pub(super) fn unopened(steps: &[Step]) -> Option<(u32, String)> {
    walk(steps, &mut Vec::new())
}

struct Opened {
    name: Text,
    is_group: bool,
}

fn walk(steps: &[Step], opened: &mut Vec<Opened>) -> Option<(u32, String)> {
    for step in steps {
        match &step.action {
            Action::Open(open) => opened.extend(step.on.iter().map(|name| Opened {
                name: name.clone(),
                is_group: open.count.is_some(),
            })),
            // The body of a loop says itself what it acts on.
            Action::Repeat(repeat) => {
                if let Some(found) = walk(&repeat.steps, opened) {
                    return Some(found);
                }
            }
            Action::Wait(_) => {}
            action => {
                let others: &[_] = match action {
                    Action::Expect(expect) => &expect.or,
                    _ => &[],
                };
                let named = step.on.iter().chain(others.iter().flat_map(|other| &other.on));
                for name in named {
                    if !opened.iter().any(|opened| opened.could_be(name)) {
                        return Some((step.line, text(name)));
                    }
                }
            }
        }
    }
    None
}

impl Opened {
    fn could_be(&self, name: &Text) -> bool {
        if self.name == *name || has_names(&self.name) {
            return true;
        }
        match name.0.first() {
            Some(Piece::Lit(literal)) => {
                let member = format!("{}.", text(&self.name));
                (self.is_group && literal.starts_with(&member))
                    || (has_names(name) && text(&self.name).starts_with(literal.as_str()))
            }
            _ => true,
        }
    }
}

fn has_names(text: &Text) -> bool {
    text.as_literal().is_none()
}
