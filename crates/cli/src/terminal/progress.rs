//! What is shown while a run goes on: a bar on a terminal, plain lines elsewhere.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use wsanvil_model::{Event, InstanceReport, Summary, Verdict};

use super::escape::escape;
use super::print::complain;
use super::style;
use super::width::fit;
use crate::secrets::Secrets;

/// Findings shown while the run goes on; the summary and the reports have the rest.
const SHOWN: u32 = 40;
/// Columns of a finding.
const WIDTH: usize = 140;
/// How often the bar is drawn anew while nothing happens.
const REDRAW: Duration = Duration::from_millis(200);

/// Follows the events of a run on stderr.
#[derive(Debug)]
pub(crate) struct Progress {
    view: View,
    secrets: Secrets,
    verdicts: HashMap<String, Verdict>,
    summary: Summary,
    total: u32,
    shown: u32,
    started: Instant,
}

#[derive(Debug)]
enum View {
    Nothing,
    /// Tenths that are told already.
    Lines(u32),
    Bar(ProgressBar),
}

impl Progress {
    /// Nothing when `quiet`, else a bar on a terminal and lines elsewhere.
    pub(crate) fn new(quiet: bool, secrets: Secrets) -> Self {
        let view = if quiet {
            View::Nothing
        } else if std::io::stderr().is_terminal() {
            View::Bar(bar())
        } else {
            View::Lines(0)
        };
        Self {
            view,
            secrets,
            verdicts: HashMap::new(),
            summary: Summary::default(),
            total: 0,
            shown: 0,
            started: Instant::now(),
        }
    }

    /// Takes in an event.
    pub(crate) fn event(&mut self, event: &Event) {
        match event {
            Event::Started { total, target, .. } => {
                self.total = *total;
                self.started = Instant::now();
                if let View::Bar(bar) = &self.view {
                    bar.set_length(u64::from(*total));
                    bar.enable_steady_tick(REDRAW);
                }
                let what = self.secrets.hide(&target.url);
                self.line(&format!("testing {} with {total} instances", escape(&what)));
            }
            Event::Finished { instance, .. } => self.finished(instance),
            Event::Warning(text) => {
                let text = self.secrets.hide(text);
                self.line(&format!("{s}warning{s:#}: {}", escape(&text), s = style::WARNING));
            }
            _ => {}
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&mut self) {
        if let View::Bar(bar) = &self.view {
            bar.finish_and_clear();
        }
        self.view = View::Nothing;
    }

    fn finished(&mut self, instance: &InstanceReport) {
        let before = self.verdicts.insert(instance.name.clone(), instance.verdict);
        self.recount(before, instance.verdict);
        if instance.verdict.is_finding() && before != Some(instance.verdict) {
            self.finding(instance);
        }
        let done = self.verdicts.len() as u32;
        match &mut self.view {
            View::Nothing => {}
            View::Bar(bar) => {
                bar.set_position(u64::from(done));
                bar.set_message(counts(&self.summary));
            }
            View::Lines(told) => {
                // Standing rules come on top of the instances selected.
                let tenths = (done * 10 / self.total.max(1)).min(10);
                if tenths > *told {
                    *told = tenths;
                    let seconds = self.started.elapsed().as_secs_f32();
                    let text = format!(
                        "{:>3} %: {done} of {} in {seconds:.1} s; {}",
                        tenths * 10,
                        self.total.max(done),
                        counts(&self.summary)
                    );
                    self.line(&text);
                }
            }
        }
    }

    /// An instance that was run again counts once, with its last verdict.
    fn recount(&mut self, before: Option<Verdict>, now: Verdict) {
        let summary = &mut self.summary;
        summary.count(now);
        let field = match before {
            None => return,
            Some(Verdict::Pass) => &mut summary.pass,
            Some(Verdict::Nonstrict) => &mut summary.nonstrict,
            Some(Verdict::Fail) => &mut summary.fail,
            Some(Verdict::Crash) => &mut summary.crash,
            Some(Verdict::Error) => &mut summary.error,
            Some(Verdict::Skip) => &mut summary.skip,
        };
        *field -= 1;
    }

    fn finding(&mut self, instance: &InstanceReport) {
        self.shown += 1;
        if self.shown > SHOWN {
            return;
        }
        let style = style::of(instance.verdict);
        let reason = self.secrets.hide(&instance.reason);
        let text = fit(&format!("{}  {}", escape(&instance.name), escape(&reason)), WIDTH);
        self.line(&format!("{style}{:<9}{style:#}  {text}", instance.verdict.name()));
        if self.shown == SHOWN {
            self.line("further findings are in the reports");
        }
    }

    fn line(&self, text: &str) {
        match &self.view {
            View::Nothing => {}
            View::Lines(_) => complain(&format!("{text}\n")),
            View::Bar(bar) => bar.suspend(|| complain(&format!("{text}\n"))),
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    // The template is constant and checked by a test.
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        // The rate of the bar itself comes with four digits behind the point.
        let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = write!(out, "{:.0}/s", state.per_sec());
        };
        bar.set_style(style.progress_chars("=> ").with_key("rate", rate));
    }
    bar
}

const TEMPLATE: &str = "[{bar:24}] {pos}/{len}  {msg}  {rate}  {elapsed}";

/// Verdicts that occurred, pass always.
fn counts(summary: &Summary) -> String {
    let all = [
        ("nonstrict", summary.nonstrict),
        ("fail", summary.fail),
        ("crash", summary.crash),
        ("error", summary.error),
        ("skip", summary.skip),
    ];
    let mut text = format!("{} pass", summary.pass);
    for (name, count) in all.into_iter().filter(|(_, count)| *count > 0) {
        let _ = write!(text, ", {count} {name}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_valid() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }

    #[test]
    fn a_rerun_counts_once() {
        let mut progress = Progress::new(true, Secrets::default());
        progress.recount(None, Verdict::Fail);
        progress.recount(Some(Verdict::Fail), Verdict::Pass);
        assert_eq!(counts(&progress.summary), "1 pass");
        progress.recount(None, Verdict::Skip);
        assert_eq!(counts(&progress.summary), "1 pass, 1 skip");
    }
}
