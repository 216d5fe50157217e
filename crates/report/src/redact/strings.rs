//! Every free text of a report.
//!
//! The structs are taken apart field by field, without `..`: a field added to the model does not compile here until
//! somebody has decided whether it can hold a secret.

use serde_json::Value;
use wsanvil_model::{
    AutobahnResult, CaseReport, CloseReport, Entry, Finding, InstanceReport, Note, Report, RunInfo,
    TargetInfo,
};

/// Calls `f` on every text that can come from the user, the target or a case file's values.
pub(super) fn visit(report: &mut Report, f: &mut dyn FnMut(&mut String)) {
    let Report {
        schema_version: _,
        tool: _,
        target,
        run,
        summary: _,
        cases,
    } = report;
    let TargetInfo {
        agent,
        url,
        app: _,
        command,
        version,
        server,
    } = target;
    let RunInfo {
        seed: _,
        profile: _,
        shard: _,
        jobs: _,
        started: _,
        wall_ms: _,
        interrupted: _,
        warnings,
    } = run;
    f(agent);
    f(url);
    command
        .iter_mut()
        .chain(version)
        .chain(server)
        .chain(warnings)
        .for_each(&mut *f);
    for case in cases {
        let CaseReport {
            id: _,
            title,
            area: _,
            role: _,
            level: _,
            verdict: _,
            spec: _,
            alias: _,
            why,
            file,
            instances,
        } = case;
        f(title);
        f(file);
        why.iter_mut().for_each(&mut *f);
        for instance in instances {
            visit_instance(instance, f);
        }
    }
}

fn visit_instance(instance: &mut InstanceReport, f: &mut dyn FnMut(&mut String)) {
    let InstanceReport {
        name,
        title,
        values,
        verdict: _,
        reason,
        notes,
        expected,
        observed,
        finding,
        expected_by_baseline: _,
        baseline,
        flaky: _,
        duration_ms: _,
        close,
        autobahn,
        alias: _,
        transcript,
        seen_in,
        replay,
    } = instance;
    for text in [name, title, reason, expected, observed, replay] {
        f(text);
    }
    baseline.iter_mut().for_each(&mut *f);
    seen_in.iter_mut().for_each(&mut *f);
    for value in values.values_mut() {
        visit_value(value, f);
    }
    for Note { text, on: _, line: _ } in notes {
        f(text);
    }
    if let Some(Finding {
        kind: _,
        rule: _,
        requirement: _,
        expected,
        observed,
        on: _,
        line: _,
        offset: _,
    }) = finding
    {
        f(expected);
        f(observed);
    }
    let CloseReport {
        by: _,
        code: _,
        reason,
        clean: _,
    } = close;
    f(reason);
    if let Some(AutobahnResult {
        id: _,
        behavior,
        behavior_close,
    }) = autobahn
    {
        f(behavior);
        f(behavior_close);
    }
    for entry in transcript {
        // The octets are not text: they are masked one by one.
        let Entry {
            t_us: _,
            on: _,
            dir: _,
            what: _,
            len: _,
            hex: _,
            tail_hex: _,
            sha1: _,
            frame: _,
            remark,
            omitted_before: _,
        } = entry;
        f(remark);
    }
}

fn visit_value(value: &mut Value, f: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => f(text),
        Value::Array(items) => items.iter_mut().for_each(|item| visit_value(item, f)),
        Value::Object(fields) => fields.values_mut().for_each(|field| visit_value(field, f)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
