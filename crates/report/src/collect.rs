//! From the event stream to a report.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use wsanvil_model::{
    CaseReport, Event, InstanceReport, Level, Report, RunInfo, SCHEMA_VERSION, Summary, TargetInfo,
    TargetRole, ToolInfo, Verdict,
};

/// What a report says about a case beside its results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseMeta {
    /// `area/slug`.
    pub id: String,
    /// Title.
    pub title: String,
    /// First part of the id.
    pub area: String,
    /// What the target is.
    pub role: TargetRole,
    /// What a miss costs.
    pub level: Level,
    /// Requirement ids, the main one first.
    pub spec: Vec<String>,
    /// Why the rule is as it is.
    pub why: Option<String>,
    /// The file it stands in; empty when it stands in none.
    pub file: String,
}

/// Folds the events of a run into a [`Report`].
#[derive(Debug)]
pub struct Collector {
    tool: ToolInfo,
    target: TargetInfo,
    run: RunInfo,
    warnings: Vec<String>,
    cases: Vec<Case>,
    places: HashMap<String, usize>,
}

#[derive(Debug)]
struct Case {
    meta: CaseMeta,
    instances: BTreeMap<Name, InstanceReport>,
}

impl Collector {
    /// A collector that knows `cases`, which the report keeps in this order.
    pub fn new(tool: ToolInfo, cases: Vec<CaseMeta>) -> Self {
        let mut collector = Self {
            tool,
            target: TargetInfo::default(),
            run: RunInfo::default(),
            warnings: Vec::new(),
            cases: Vec::new(),
            places: HashMap::new(),
        };
        for meta in cases {
            collector.add_case(meta);
        }
        collector
    }

    /// Makes a further case known, such as a standing rule. It comes after the others; an id that is known already
    /// takes the new metadata and keeps its place and its results.
    pub fn add_case(&mut self, meta: CaseMeta) {
        if let Some(&place) = self.places.get(&meta.id) {
            self.cases[place].meta = meta;
            return;
        }
        self.places.insert(meta.id.clone(), self.cases.len());
        self.cases.push(Case {
            meta,
            instances: BTreeMap::new(),
        });
    }

    /// Takes in one event. A later result for the same instance name replaces the earlier one.
    pub fn fold(&mut self, event: Event) {
        match event {
            Event::Started { target, run, .. } => {
                self.target = target;
                self.run = run;
            }
            Event::Finished { case, instance } => self.finished(&case, *instance),
            Event::Warning(text) => self.warnings.push(text),
            Event::Ended { run } => self.run = run,
            // An event this crate does not know changes no result.
            _ => {}
        }
    }

    /// Instances by verdict so far.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for instance in self.cases.iter().flat_map(|case| case.instances.values()) {
            summary.count(instance.verdict);
        }
        summary
    }

    /// The report. Cases without an instance are left out; instances are sorted by name, numbers by value, so that
    /// the order in which concurrent instances happened to end does not show.
    pub fn finish(self) -> Report {
        let summary = self.summary();
        let mut run = self.run;
        for warning in self.warnings {
            if !run.warnings.contains(&warning) {
                run.warnings.push(warning);
            }
        }
        Report {
            schema_version: SCHEMA_VERSION,
            tool: self.tool,
            target: self.target,
            run,
            summary,
            cases: self.cases.into_iter().filter_map(Case::report).collect(),
        }
    }

    fn finished(&mut self, id: &str, instance: InstanceReport) {
        if !self.places.contains_key(id) {
            // A result must not get lost because nobody introduced its case.
            self.add_case(CaseMeta {
                id: id.to_owned(),
                title: id.to_owned(),
                area: id.split('/').next().unwrap_or(id).to_owned(),
                role: TargetRole::Both,
                level: Level::Must,
                spec: Vec::new(),
                why: None,
                file: String::new(),
            });
        }
        let place = self.places[id];
        self.cases[place]
            .instances
            .insert(Name(instance.name.clone()), instance);
    }
}

impl Case {
    fn report(self) -> Option<CaseReport> {
        let verdict: Verdict = self.instances.values().map(|instance| instance.verdict).max()?;
        let mut alias: Vec<String> = Vec::new();
        for name in self.instances.values().flat_map(|instance| &instance.alias) {
            if !alias.contains(name) {
                alias.push(name.clone());
            }
        }
        Some(CaseReport {
            id: self.meta.id,
            title: self.meta.title,
            area: self.meta.area,
            role: self.meta.role,
            level: self.meta.level,
            verdict,
            spec: self.meta.spec,
            alias,
            why: self.meta.why,
            file: self.meta.file,
            instances: self.instances.into_values().collect(),
        })
    }
}

/// The name of an instance, ordered with runs of digits by their value: `len=9` before `len=10`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name(String);

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        parts(&self.0)
            .cmp(parts(&other.0))
            .then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    /// Digits without leading zeros: the longer is the greater.
    Number(usize, &'a str),
    Text(&'a str),
}

fn parts(mut name: &str) -> impl Iterator<Item = Part<'_>> {
    std::iter::from_fn(move || {
        let first = name.chars().next()?;
        let digits = first.is_ascii_digit();
        let end = name
            .find(|c: char| c.is_ascii_digit() != digits)
            .unwrap_or(name.len());
        let (part, rest) = name.split_at(end);
        name = rest;
        if !digits {
            return Some(Part::Text(part));
        }
        let number = part.trim_start_matches('0');
        Some(Part::Number(number.len(), number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(id: &str) -> CaseMeta {
        CaseMeta {
            id: id.to_owned(),
            title: "title".to_owned(),
            area: "a".to_owned(),
            role: TargetRole::Server,
            level: Level::Must,
            spec: vec!["6455-5.2-1".to_owned()],
            why: None,
            file: String::new(),
        }
    }

    fn result(case: &str, name: &str, verdict: Verdict, alias: &[&str]) -> Event {
        Event::Finished {
            case: case.to_owned(),
            instance: Box::new(InstanceReport {
                alias: alias.iter().map(|&alias| alias.to_owned()).collect(),
                ..InstanceReport::new(name, verdict)
            }),
        }
    }

    fn collector() -> Collector {
        let tool = ToolInfo {
            name: "wsanvil".to_owned(),
            version: "0".to_owned(),
        };
        Collector::new(tool, vec![meta("a/x"), meta("a/never"), meta("a/y")])
    }

    #[test]
    fn library_order_worst_verdict_and_the_last_result_count() {
        let mut collector = collector();
        collector.fold(result("a/y", "a/y", Verdict::Pass, &["autobahn:1.1.2"]));
        collector.fold(result("a/x", "a/x[len=10]", Verdict::Nonstrict, &["autobahn:2"]));
        collector.fold(result(
            "a/x",
            "a/x[len=9]",
            Verdict::Fail,
            &["autobahn:1", "autobahn:2"],
        ));
        collector.fold(result("a/y", "a/y", Verdict::Crash, &["autobahn:1.1.2"]));
        let report = collector.finish();
        assert_eq!(
            report.summary,
            Summary {
                nonstrict: 1,
                fail: 1,
                crash: 1,
                ..Summary::default()
            }
        );
        let ids: Vec<_> = report
            .cases
            .iter()
            .map(|case| (case.id.as_str(), case.verdict))
            .collect();
        assert_eq!(ids, [("a/x", Verdict::Fail), ("a/y", Verdict::Crash)]);
        let names: Vec<_> = report.cases[0]
            .instances
            .iter()
            .map(|instance| instance.name.as_str())
            .collect();
        assert_eq!(names, ["a/x[len=9]", "a/x[len=10]"]);
        assert_eq!(report.cases[0].alias, ["autobahn:1", "autobahn:2"]);
    }

    #[test]
    fn cases_nobody_introduced_are_kept_at_the_end() {
        let mut collector = collector();
        collector.fold(result("standing/mask", "standing/mask", Verdict::Fail, &[]));
        collector.fold(result("a/x", "a/x", Verdict::Pass, &[]));
        collector.add_case(CaseMeta {
            title: "Masks".to_owned(),
            ..meta("standing/mask")
        });
        let report = collector.finish();
        assert_eq!(report.cases[1].id, "standing/mask");
        assert_eq!(report.cases[1].title, "Masks");
        assert_eq!(report.cases[1].instances.len(), 1);
    }

    #[test]
    fn warnings_of_the_stream_and_of_the_run_are_joined() {
        let mut collector = collector();
        collector.fold(Event::Warning("slow".to_owned()));
        let run = RunInfo {
            warnings: vec!["slow".to_owned()],
            wall_ms: 7,
            ..RunInfo::default()
        };
        collector.fold(Event::Warning("odd".to_owned()));
        collector.fold(Event::Ended { run });
        let report = collector.finish();
        assert_eq!(report.run.warnings, ["slow", "odd"]);
        assert_eq!(report.run.wall_ms, 7);
    }

    #[test]
    fn names_sort_by_value() {
        let mut names = [
            "b[2]",
            "b[010]",
            "b[10]",
            "b[9,x]",
            "b",
            "a[99999999999999999999999]",
        ]
        .map(|n| Name(n.to_owned()));
        names.sort();
        let sorted: Vec<_> = names.iter().map(|name| name.0.as_str()).collect();
        assert_eq!(
            sorted,
            [
                "a[99999999999999999999999]",
                "b",
                "b[2]",
                "b[9,x]",
                "b[010]",
                "b[10]"
            ]
        );
    }
}
