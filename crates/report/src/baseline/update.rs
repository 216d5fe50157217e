//! Writing a baseline that fits a report: what was found is added, what passes or is stale goes, and all that a person
//! wrote stays as it is.

use std::collections::BTreeMap;

use toml_edit::{Array, ArrayOfTables, Decor, DocumentMut, Item, Table, Value, value};
use wsanvil_model::{CaseReport, InstanceReport, Report, Verdict};

use super::read::TABLE;
use super::review::Ran;
use super::{Baseline, Date, Mistake, Pattern, Scope, list};
use crate::Gate;
use crate::plain::line;

/// What a new file begins with.
const HEAD: &str = "# Findings of wsanvil that are known and accepted: what is in here does not count. Each entry says why.\n";
/// Characters of a finding's own sentence that a reason keeps.
const SENTENCE: usize = 160;

/// A baseline that fits a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The new text.
    pub text: String,
    /// Entries added.
    pub added: usize,
    /// Patterns taken out, because what they cover passes or is no more.
    pub removed: usize,
    /// Entries of which the verdict or the date was changed.
    pub changed: usize,
}

/// The text of a baseline that expects all that counts in `report` under `gate`.
///
/// Entries are added, one for each case and verdict: for the whole case where all its instances came to that verdict,
/// else for the instances by name. Patterns of which everything passes, and those that match nothing in the library, are
/// taken out, and their entry with the last of them. An entry that is past its date, or too mild, and covers just what
/// was found, is made good again with its reason. Comments, order and reasons stay; a comment that stands right above an
/// entry goes with it.
pub fn updated(
    text: &str,
    report: &Report,
    scope: &Scope,
    gate: Gate,
    today: Date,
) -> Result<Updated, Vec<Mistake>> {
    let baseline = Baseline::parse(text)?;
    let mut file = File {
        // What the reader takes, the editor takes.
        document: text.parse().unwrap_or_default(),
        added: 0,
        removed: 0,
        changed: 0,
    };
    if text.trim().is_empty() {
        file.document.set_trailing(HEAD);
    }
    let mut report = report.clone();
    let mark = |baseline: &Baseline, report: &mut Report| {
        for CaseReport { id, instances, .. } in &mut report.cases {
            for instance in instances {
                baseline.mark(id, instance, today);
            }
        }
    };
    mark(&baseline, &mut report);
    file.extend_past(&baseline, &report, gate, today);
    mark(&file.read()?, &mut report);
    for new in groups(&report, scope, gate) {
        file.add(&new, today);
    }
    file.take_out(&report, scope)?;
    Ok(Updated {
        text: file.document.to_string(),
        added: file.added,
        removed: file.removed,
        changed: file.changed,
    })
}

/// An entry to be.
struct New<'r> {
    names: Vec<&'r str>,
    verdict: Verdict,
    flaky: bool,
    /// One of the findings.
    first: &'r InstanceReport,
}

/// What counts, grouped.
fn groups<'r>(report: &'r Report, scope: &Scope, gate: Gate) -> Vec<New<'r>> {
    let mut all = Vec::new();
    for case in &report.cases {
        let mut groups: BTreeMap<(Verdict, bool), Vec<&InstanceReport>> = BTreeMap::new();
        for instance in case
            .instances
            .iter()
            .filter(|instance| gate.of(instance).counts())
        {
            groups
                .entry((instance.verdict, instance.flaky))
                .or_default()
                .push(instance);
        }
        for ((verdict, flaky), found) in groups.into_iter().rev() {
            let names = if stands_for_all(case, found.len(), scope) {
                vec![case.id.as_str()]
            } else {
                found.iter().map(|instance| instance.name.as_str()).collect()
            };
            all.push(New {
                names,
                verdict,
                flaky,
                first: found[0],
            });
        }
    }
    all
}

/// Whether so many findings are all that the case can come to: its id covers nothing else then.
fn stands_for_all(case: &CaseReport, found: usize, scope: &Scope) -> bool {
    let judged = case
        .instances
        .iter()
        .filter(|instance| instance.verdict != Verdict::Skip);
    let ran = |name: &str| case.instances.iter().any(|instance| instance.name == name);
    let mut whole = scope.whole.iter().filter(|named| named.case == case.id);
    judged.count() == found && whole.all(|named| ran(&named.name))
}

struct File {
    document: DocumentMut,
    added: usize,
    removed: usize,
    changed: usize,
}

impl File {
    fn read(&self) -> Result<Baseline, Vec<Mistake>> {
        Baseline::parse(&self.document.to_string())
    }

    fn tables(&mut self) -> &mut ArrayOfTables {
        let item = self
            .document
            .entry(TABLE)
            .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        if !item.is_array_of_tables() {
            *item = Item::ArrayOfTables(ArrayOfTables::new());
        }
        item.as_array_of_tables_mut()
            .unwrap_or_else(|| unreachable!("it is made one above"))
    }

    /// Takes the date off entries that would cover what counts.
    fn extend_past(&mut self, baseline: &Baseline, report: &Report, gate: Gate, today: Date) {
        for (index, entry) in baseline.entries.iter().enumerate() {
            let needed = entry.is_past(today)
                && report.cases.iter().any(|case| {
                    let mut instances = case.instances.iter();
                    instances.any(|instance| {
                        gate.of(instance).counts()
                            && instance.verdict <= entry.verdict
                            && entry.covers(&case.id, &instance.name)
                    })
                });
            if needed && let Some(table) = self.tables().get_mut(index) {
                take_date_off(table);
                self.changed += 1;
            }
        }
    }

    fn add(&mut self, new: &New<'_>, today: Date) {
        if let [name] = new.names.as_slice() {
            let same = |table: &Table| table.get("id").and_then(single) == Some(*name);
            let place = self.tables().iter().position(same);
            if let Some(table) = place.and_then(|place| self.tables().get_mut(place)) {
                replace(table, "verdict", new.verdict.name().into());
                take_date_off(table);
                if new.flaky {
                    replace(table, "flaky", true.into());
                }
                self.changed += 1;
                return;
            }
        }
        let mut table = Table::new();
        table.decor_mut().set_prefix(self.take_trailing() + "\n");
        table.insert("id", value(ids(&new.names)));
        table.insert("verdict", value(new.verdict.name()));
        let sentence: String = line(&new.first.reason).chars().take(SENTENCE).collect();
        table.insert("reason", value(format!("recorded {today}: {sentence}")));
        if new.flaky {
            table.insert("flaky", value(true));
        }
        self.tables().push(table);
        self.added += 1;
    }

    /// What ends the file, to stand above what is added.
    fn take_trailing(&mut self) -> String {
        let trailing = self.document.trailing().as_str().unwrap_or_default().to_owned();
        self.document.set_trailing("");
        match trailing.trim_end() {
            "" => String::new(),
            comment => comment.to_owned() + "\n",
        }
    }

    /// Takes out what passes, and what is stale.
    fn take_out(&mut self, report: &Report, scope: &Scope) -> Result<(), Vec<Mistake>> {
        let baseline = self.read()?;
        let ran = Ran::of(report);
        for (index, entry) in baseline.entries.iter().enumerate().rev() {
            let goes = |pattern: &Pattern| {
                ran.is_stale(pattern, scope) || (!entry.flaky && ran.passes(pattern, scope))
            };
            let going = entry.patterns.iter().filter(|pattern| goes(pattern)).count();
            self.removed += going;
            if going == entry.patterns.len() {
                self.remove(index);
            } else if going > 0
                && let Some(table) = self.tables().get_mut(index)
                && let Some(Value::Array(ids)) = table.get_mut("id").and_then(Item::as_value_mut)
            {
                list::retain(ids, |id| !goes(&Pattern(id.to_owned())));
            }
        }
        Ok(())
    }

    fn remove(&mut self, index: usize) {
        let table = self.tables().remove(index);
        let prefix = table
            .decor()
            .prefix()
            .and_then(|prefix| prefix.as_str())
            .unwrap_or_default();
        let kept = general(prefix).to_owned();
        if kept.is_empty() {
            return;
        }
        if let Some(next) = self.tables().get_mut(index) {
            let own = next
                .decor()
                .prefix()
                .and_then(|prefix| prefix.as_str())
                .unwrap_or_default();
            let own = own.trim_start_matches(['\r', '\n']).to_owned();
            next.decor_mut().set_prefix(kept + &own);
        } else {
            let own = self.document.trailing().as_str().unwrap_or_default();
            let all = kept.trim_end().to_owned() + "\n" + own;
            self.document.set_trailing(all);
        }
    }
}

/// The part of what stands above an entry that a blank line parts from it: it is about more than the entry.
fn general(prefix: &str) -> &str {
    let mut end = 0;
    let mut at = 0;
    for line in prefix.split_inclusive('\n') {
        at += line.len();
        if line.trim().is_empty() {
            end = at;
        }
    }
    let general = &prefix[..end];
    if general.trim().is_empty() { "" } else { general }
}

/// The one pattern of an `id`.
fn single(id: &Item) -> Option<&str> {
    match id.as_value()? {
        Value::Array(ids) if ids.len() == 1 => ids.get(0)?.as_str(),
        id => id.as_str(),
    }
}

/// Changes a value and keeps what stands around it.
fn replace(table: &mut Table, key: &str, mut new: Value) {
    if let Some(old) = table.get_mut(key).and_then(Item::as_value_mut) {
        *new.decor_mut() = old.decor().clone();
        *old = new;
    } else {
        table.insert(key, Item::Value(new));
    }
}

/// Removes the date; a comment above it stays, above the reason.
fn take_date_off(table: &mut Table) {
    let Some((until, _)) = table.remove_entry("until") else {
        return;
    };
    let above = |decor: &Decor| {
        let prefix = decor.prefix().and_then(|prefix| prefix.as_str());
        prefix.unwrap_or_default().to_owned()
    };
    let comment = above(until.leaf_decor());
    if comment.contains('#')
        && let Some(mut reason) = table.key_mut("reason")
    {
        let all = comment + &above(reason.leaf_decor());
        reason.leaf_decor_mut().set_prefix(all);
    }
}

fn ids(names: &[&str]) -> Value {
    match names {
        [one] => Value::from(*one),
        many => {
            let mut array = Array::new();
            for name in many {
                let mut name = Value::from(*name);
                name.decor_mut().set_prefix("\n  ");
                array.push_formatted(name);
            }
            array.set_trailing_comma(true);
            array.set_trailing("\n");
            Value::Array(array)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{finding, report_of, scope_of};
    use super::*;

    const TODAY: Date = Date::new(2026, 11, 20);

    fn verdicts() -> impl Strategy<Value = Vec<(usize, Verdict, bool)>> {
        let verdict = prop::sample::select(Verdict::ALL.to_vec());
        prop::collection::vec((0..NAMES.len(), verdict, any::<bool>()), 0..12)
    }

    const NAMES: [&str; 8] = [
        "a/x[1]", "a/x[2]", "a/x[3]", "a/y", "a/z[k=*]", "a/z[k=?]", "b/x[1]", "b/x[2]",
    ];

    fn report_from(verdicts: &[(usize, Verdict, bool)]) -> Report {
        let mut named: BTreeMap<&str, (Verdict, bool)> = BTreeMap::new();
        for (at, verdict, flaky) in verdicts {
            named.insert(NAMES[*at], (*verdict, *flaky));
        }
        let all: Vec<(&str, Verdict)> = named
            .iter()
            .map(|(name, (verdict, _))| (*name, *verdict))
            .collect();
        let mut report = report_of(&all);
        for (name, (_, flaky)) in named {
            finding(&mut report, name).flaky = flaky;
        }
        report
    }

    fn comments(text: &str) -> Vec<&str> {
        text.lines().filter(|line| line.starts_with("# keep")).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever two runs found and a person wrote in between: behind an update nothing counts, nothing more is to be
        /// said about the entries, a second update changes nothing, and comments, order and reasons are there.
        #[test]
        fn behind_an_update_nothing_counts(first in verdicts(), second in verdicts(), nonstrict: bool, until in 0..3_usize) {
            let gate = Gate { nonstrict, ..Gate::default() };
            let scope = scope_of(&NAMES);
            let text = updated("", &report_from(&first), &scope, gate, TODAY).unwrap().text;
            let until = ["", "until = 2026-11-19\n", "until = 2026-11-21\n"][until];
            let mut count = 0;
            let text: String = text
                .split_inclusive('\n')
                .map(|line| if line.starts_with("reason") {
                    count += 1;
                    format!("{until}reason = \"by hand {count}\"\n\n# keep {count}\n\n")
                } else {
                    line.to_owned()
                })
                .collect();
            let mut report = report_from(&second);
            let new = updated(&text, &report, &scope, gate, TODAY).unwrap();
            let baseline = Baseline::parse(&new.text).unwrap();
            for CaseReport { id, instances, .. } in &mut report.cases {
                for instance in instances {
                    baseline.mark(id, instance, TODAY);
                }
            }
            prop_assert!(!gate.is_broken(&report), "{}", new.text);
            let said = baseline.review(&report, &scope, TODAY);
            prop_assert!(said.iter().all(|remark| !remark.is_strict()), "{said:?}\n{}", new.text);
            let again = updated(&new.text, &report_from(&second), &scope, gate, TODAY).unwrap();
            prop_assert_eq!((again.added, again.removed, again.changed), (0, 0, 0));
            prop_assert_eq!(&again.text, &new.text);
            prop_assert_eq!(comments(&new.text), comments(&text));
            let reasons = |baseline: &Baseline| -> Vec<String> {
                baseline.entries.iter().map(|entry| entry.reason.clone()).filter(|reason| reason.starts_with("by hand")).collect()
            };
            let (before, after) = (reasons(&Baseline::parse(&text).unwrap()), reasons(&baseline));
            let mut left = before.iter();
            prop_assert!(after.iter().all(|reason| left.any(|old| old == reason)), "{before:?} {after:?}");
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), rest in "[\\[\\]a-z=\"' \n#.0-9{},-]{0,80}") {
            let _ = Baseline::parse(&text);
            let _ = Baseline::parse(&format!("[[expected]]\n{rest}"));
        }
    }

    fn update(text: &str, report: &Report, scope: &Scope) -> Updated {
        let new = updated(text, report, scope, Gate::default(), TODAY).unwrap();
        let again = updated(&new.text, report, scope, Gate::default(), TODAY).unwrap();
        assert_eq!(again.text, new.text, "twice is once");
        assert_eq!((again.added, again.removed, again.changed), (0, 0, 0));
        new
    }

    #[test]
    fn a_new_file_has_one_entry_for_each_case_and_verdict() {
        let scope = scope_of(&["a/x[1]", "a/x[2]", "a/y[1]", "a/y[2]", "a/y[3]", "a/z"]);
        let mut report = report_of(&[
            ("a/x[1]", Verdict::Fail),
            ("a/x[2]", Verdict::Fail),
            ("a/y[1]", Verdict::Fail),
            ("a/y[2]", Verdict::Pass),
            ("a/y[3]", Verdict::Fail),
            ("a/z", Verdict::Nonstrict),
        ]);
        finding(&mut report, "a/y[1]").flaky = true;
        let new = update("", &report, &scope);
        assert_eq!(
            new.text,
            "# Findings of wsanvil that are known and accepted: what is in here does not count. Each entry says why.\n\n\
             [[expected]]\nid = \"a/x\"\nverdict = \"fail\"\nreason = \"recorded 2026-11-20: because of a/x[1]\"\n\n\
             [[expected]]\nid = \"a/y[1]\"\nverdict = \"fail\"\nreason = \"recorded 2026-11-20: because of a/y[1]\"\nflaky = true\n\n\
             [[expected]]\nid = \"a/y[3]\"\nverdict = \"fail\"\nreason = \"recorded 2026-11-20: because of a/y[3]\"\n"
        );
        assert_eq!((new.added, new.removed, new.changed), (3, 0, 0));
        let strict = Gate {
            nonstrict: true,
            ..Gate::default()
        };
        let new = updated("", &report, &scope, strict, TODAY).unwrap();
        assert!(new.text.contains("id = \"a/z\"\nverdict = \"nonstrict\""));
    }

    #[test]
    fn a_part_of_a_case_is_not_the_case() {
        let scope = scope_of(&["a/x[1]", "a/x[2]", "a/x[3]"]);
        let report = report_of(&[("a/x[1]", Verdict::Fail), ("a/x[2]", Verdict::Fail)]);
        let new = update("", &report, &scope);
        assert!(
            new.text.contains("id = [\n  \"a/x[1]\",\n  \"a/x[2]\",\n]\n"),
            "{}",
            new.text
        );
    }

    const TEXT: &str = "# Our server.\n\n# Upstream says no, see #7.\n[[expected]]\nid = \"a/x\" # all\nverdict = \"fail\"\n\
        reason = \"see #7\"\n\n# about the rest\n\n# lists\n[[expected]]\nid = [\n  \"b/1\", # one\n  \"b/2\", # two\n]\n\
        verdict   =   \"nonstrict\"  # mild\nreason = \"b\"\nuntil = 2026-01-01\n\n# the end\n";

    #[test]
    fn what_is_true_is_left_alone() {
        let scope = scope_of(&["a/x", "b/1", "b/2"]);
        let report = report_of(&[
            ("a/x", Verdict::Fail),
            ("b/1", Verdict::Nonstrict),
            ("b/2", Verdict::Nonstrict),
        ]);
        assert_eq!(update(TEXT, &report, &scope).text, TEXT);
    }

    #[test]
    fn what_passes_and_what_is_stale_goes_with_its_own_comment_only() {
        let scope = scope_of(&["a/x", "b/1"]);
        let report = report_of(&[("a/x", Verdict::Pass), ("b/1", Verdict::Nonstrict)]);
        let new = update(TEXT, &report, &scope);
        assert_eq!(new.removed, 2);
        assert!(
            new.text
                .starts_with("# Our server.\n\n# about the rest\n\n# lists\n[[expected]]\nid = ["),
            "{}",
            new.text
        );
        assert!(
            new.text.contains("\"b/1\", # one") && !new.text.contains("b/2"),
            "{}",
            new.text
        );
        assert!(new.text.ends_with("\n# the end\n"));
        let report = report_of(&[("a/x", Verdict::Pass), ("b/1", Verdict::Pass)]);
        let text = update(TEXT, &report, &scope).text;
        assert!(!text.contains("expected"), "{text}");
        for comment in ["# Our server.", "# about the rest", "# the end"] {
            assert!(text.contains(comment), "{text}");
        }
    }

    #[test]
    fn what_is_past_or_too_mild_is_made_good_with_its_reason() {
        let scope = scope_of(&["a/x", "b/1", "b/2"]);
        let strict = Gate {
            nonstrict: true,
            ..Gate::default()
        };
        let report = report_of(&[
            ("a/x", Verdict::Crash),
            ("b/1", Verdict::Nonstrict),
            ("b/2", Verdict::Fail),
        ]);
        let new = updated(TEXT, &report, &scope, strict, TODAY).unwrap();
        assert_eq!((new.added, new.removed, new.changed), (1, 0, 2));
        assert!(
            new.text
                .contains("id = \"a/x\" # all\nverdict = \"crash\"\nreason = \"see #7\""),
            "{}",
            new.text
        );
        assert!(
            !new.text.contains("until") && new.text.contains("# mild"),
            "{}",
            new.text
        );
        assert!(
            new.text
                .contains("# the end\n\n[[expected]]\nid = \"b/2\"\nverdict = \"fail\""),
            "{}",
            new.text
        );
    }

    #[test]
    fn reasons_hold_whatever_a_target_said() {
        let mut report = report_of(&[("a/x", Verdict::Fail)]);
        finding(&mut report, "a/x").reason = "\"\"\" \u{1b}[31m\n[[expected]]\u{202e}".repeat(40);
        let new = update("", &report, &scope_of(&["a/x"]));
        assert!(
            !new.text.contains(['\u{1b}', '\u{202e}']) && new.text.lines().count() == 6,
            "{}",
            new.text
        );
    }
}
