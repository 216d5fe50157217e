//! Mistakes in case files: place, words and help.

use wsanvil_case::{Library, Severity, lint_text};

/// A case around one line of steps; the line is number 7.
fn with_step(step: &str) -> String {
    format!(
        "[[case]]\nid = \"area/slug\"\ntitle = \"A title\"\nspec = [\"6455-5.2-3\"]\nsteps = [\n  {{ open = \"ws\" }},\n  {step},\n]\n"
    )
}

/// A case with more fields behind its own; they begin on line 5.
fn with_fields(fields: &str, step: &str) -> String {
    format!(
        "[[case]]\nid = \"area/slug\"\ntitle = \"A title\"\nspec = [\"6455-5.2-3\"]\n{fields}\nsteps = [{{ open = \"ws\" }}, {step}]\n"
    )
}

fn errors(text: &str) -> Vec<String> {
    match Library::empty().add_text("mine.toml", text, None) {
        Ok(()) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

#[track_caller]
fn assert_error(text: &str, expected: &str) {
    let errors = errors(text);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(
        errors[0].starts_with(expected),
        "\n     got {}\nexpected {expected}",
        errors[0]
    );
}

#[test]
fn a_correct_case_has_no_errors() {
    assert_eq!(errors(&with_step(r#"{ send = "text", data = "x" }"#)), [""; 0]);
}

#[test]
fn broken_toml_is_placed() {
    assert_error("[[case]]\nid = \n", "mine.toml:2:");
}

#[test]
fn an_unknown_key_of_the_file() {
    assert_error(
        "[groups]\nid = \"x\"\n[[case]]\n",
        "mine.toml:1:2: unknown key in a case file: `groups` (did you mean `group`? allowed: group, case)",
    );
}

#[test]
fn an_unknown_field_of_a_case() {
    assert_error(
        &with_fields("profiles = [\"quick\"]", "{ expect = \"alive\" }"),
        "mine.toml:5:1: unknown key in a case: `profiles` (did you mean `profile`? allowed: profile, id,",
    );
}

#[test]
fn an_unknown_field_of_the_group() {
    assert_error(
        "[group]\nneed = [\"echo\"]\n[[case]]\n",
        "mine.toml:2:1: unknown key in `[group]`: `need` (did you mean `needs`?",
    );
}

#[test]
fn an_unknown_verb() {
    assert_error(
        &with_step(r#"{ sned = "text" }"#),
        "mine.toml:7:5: unknown verb `sned` (did you mean `send`? allowed: send, open, expect,",
    );
}

#[test]
fn two_verbs_in_a_step() {
    assert_error(
        &with_step(r#"{ send = "text", expect = "echo" }"#),
        "mine.toml:7:20: a step has one verb, here are `send` and `expect`",
    );
}

#[test]
fn an_unknown_kind() {
    assert_error(
        &with_step(r#"{ expect = "ehco" }"#),
        "mine.toml:7:14: unknown kind of `expect`: `ehco` (did you mean `echo`? allowed: echo, text,",
    );
}

#[test]
fn an_unknown_field_of_a_kind() {
    assert_error(
        &with_step(r#"{ expect = "fail", codes = [1002] }"#),
        "mine.toml:7:22: unknown key in `expect = \"fail\"`: `codes` (did you mean `code`? allowed: code, on,",
    );
}

#[test]
fn a_wrong_type() {
    assert_error(
        &with_step(r#"{ send = "text", fin = 1 }"#),
        "mine.toml:7:26: `fin` takes true or false, not 1",
    );
}

#[test]
fn a_number_out_of_bounds() {
    assert_error(
        &with_step(r#"{ send = "text", rsv = 8 }"#),
        "mine.toml:7:26: `rsv` takes an integer from 0 to 7, not 8",
    );
}

#[test]
fn numbers_and_axes_beyond_all_measure() {
    assert_error(
        &with_step(r"{ wait = 99999999999999999999 }"),
        "mine.toml:7:12: `99999999999999999999` is too large",
    );
    assert_error(
        &with_fields(
            "strength = 2\nmatrix = { a = { range = [0, 9999] }, b = { range = [0, 9] } }",
            "{ expect = \"alive\" }",
        ),
        "mine.toml:6:1: `strength = 2` takes at most 4096 values",
    );
}

#[test]
fn a_missing_field() {
    assert_error(
        &with_step(r#"{ send = "frame", data = "x" }"#),
        "mine.toml:7:3: `send = \"frame\"` needs `opcode`",
    );
}

#[test]
fn an_unknown_word() {
    assert_error(
        &with_step(r#"{ drop = "reset" }"#),
        "mine.toml:7:12: unknown value of `drop`: `reset` (allowed: fin, half, rst, cut)",
    );
}

#[test]
fn an_unknown_corpus() {
    assert_error(
        &with_step(r#"{ send = "text", corpus = "vers", len = 1 }"#),
        "mine.toml:7:29: unknown value of `corpus`: `vers` (did you mean `verse`? allowed: verse, json,",
    );
}

#[test]
fn two_payload_sources() {
    assert_error(
        &with_step(r#"{ send = "text", data = "x", hex = "78" }"#),
        "mine.toml:7:3: a payload has one source, here are `data` and `hex`",
    );
}

#[test]
fn a_length_that_belongs_to_nothing() {
    assert_error(
        &with_step(r#"{ send = "text", data = "x", len = 3 }"#),
        "mine.toml:7:38: `len` does not belong to `data`",
    );
}

#[test]
fn half_an_octet() {
    assert_error(
        &with_step(r#"{ send = "text", hex = "48 6" }"#),
        "mine.toml:7:26: `hex` takes octets as hexadecimal digits, not \"48 6\"",
    );
}

#[test]
fn a_name_that_nothing_has() {
    assert_error(
        &with_fields(
            "rows = [{ name = \"a\", len = 3 }]",
            "{ send = \"text\", data = \"{lem}\" }",
        ),
        "mine.toml:6:51: unknown name in \"{lem}\": `lem` [instance area/slug[a]] (did you mean `len`? allowed: len,",
    );
}

#[test]
fn a_run_time_name_where_a_number_belongs() {
    assert_error(
        &with_step(r#"{ repeat = 2, var = "i", steps = [{ send = "ping", rsv = "{i}" }] }"#),
        "mine.toml:7:60: `rsv` takes an integer from 0 to 7, not \"{i}\"",
    );
}

#[test]
fn a_wrong_type_in_one_row_names_the_instance() {
    assert_error(
        &with_fields(
            "rows = [{ name = \"a\", n = 1 }, { name = \"b\", n = \"1\" }]",
            "{ send = \"ping\", rsv = \"{n}\" }",
        ),
        "mine.toml:5:50: `rsv` takes an integer from 0 to 7, not \"1\" [instance area/slug[b]]",
    );
}

#[test]
fn a_row_without_a_name() {
    assert_error(
        &with_fields("rows = [{ n = 1 }]", "{ expect = \"alive\" }"),
        "mine.toml:5:9: a row needs `name`: the label of its instance",
    );
}

#[test]
fn an_unknown_set() {
    assert_error(
        &with_fields("matrix = { size = \"@lenght\" }", "{ expect = \"alive\" }"),
        "mine.toml:5:19: unknown set `lenght` (did you mean `length`? allowed: length,",
    );
}

#[test]
fn a_default_outside_of_the_axis() {
    assert_error(
        &with_fields(
            "matrix = { n = { range = [1, 3], default = [4] } }",
            "{ expect = \"alive\" }",
        ),
        "mine.toml:5:45: 4 in `default` is not a value of the axis",
    );
}

#[test]
fn an_exception_without_axis() {
    assert_error(
        &with_fields(
            "matrix = { n = [1, 2] }\nexcept = [{ m = 1 }]",
            "{ expect = \"alive\" }",
        ),
        "mine.toml:6:13: unknown row or axis `m`",
    );
}

#[test]
fn an_unknown_check() {
    assert_error(
        &with_fields("check = [\"deflate-use\"]", "{ expect = \"alive\" }"),
        "mine.toml:5:10: unknown check: `deflate-use` (did you mean `deflate-used`?",
    );
}

#[test]
fn an_unknown_need() {
    assert_error(
        &with_fields("needs = [\"ehco\"]", "{ expect = \"alive\" }"),
        "mine.toml:5:10: unknown need `ehco` (did you mean `echo`?",
    );
}

#[test]
fn what_this_version_cannot_do() {
    assert_error(
        &with_step(r#"{ send = "h2.ping" }"#),
        "mine.toml:7:12: `send = \"h2.ping\"` is not supported by this version",
    );
    assert_error(
        &with_step(r#"{ open = "ws", via = "h", on = "s" }"#),
        "mine.toml:7:18: `via` of `open` is not supported by this version",
    );
    assert_error(
        &with_fields("role = \"proxy\"", "{ expect = \"alive\" }"),
        "mine.toml:5:8: role `proxy` is not supported by this version",
    );
}

#[test]
fn tls_of_its_own() {
    let of = |tls: &str| {
        let step = format!("{{ open = \"ws\", on = \"b\", tls = {tls} }}");
        let errors = errors(&with_fields("needs = [\"tls\"]", &step));
        assert_eq!(errors.len(), 1, "{errors:#?}");
        errors[0].split_once(": ").unwrap().1.to_owned()
    };
    let unknown = "unknown key in `tls`: `snl` (did you mean `sni`? allowed: sni, alpn, min, max)";
    assert_eq!(of("{ snl = \"a\" }"), unknown);
    let table = "`tls` takes false or a table of sni, alpn, min, max, not true";
    assert_eq!(of("true"), table);
    assert_eq!(of("{ sni = 1 }"), "`tls.sni` takes false or text, not 1");
    assert_eq!(
        of("{ max = \"1.1\" }"),
        "unknown value of `tls.max`: `1.1` (did you mean `1.2`? allowed: 1.2, 1.3)"
    );
    assert_eq!(
        of("{ min = \"1.3\", max = \"1.2\" }"),
        "`min` of `tls` is above `max`"
    );
    assert_error(
        &with_step(r#"{ open = "tcp", on = "b", tls = { sni = false } }"#),
        "mine.toml:1:1: steps with `tls` are for targets behind wss: the case needs `tls`",
    );
    assert_error(
        &with_step(r#"{ expect = "alert", code = 256 }"#),
        "mine.toml:7:30: `code` takes an integer from 0 to 255 or a list of an integer from 0 to 255, not 256",
    );
}

#[test]
fn a_number_is_not_a_payload() {
    assert_error(
        &with_step(r#"{ send = "text", fill = 0, len = 3 }"#),
        "mine.toml:7:27: `fill` takes text, not 0",
    );
}

#[test]
fn an_id_that_is_none() {
    assert_error(
        "[[case]]\nid = \"Slug\"\ntitle = \"x\"\nsteps = []\n",
        "mine.toml:2:6: `Slug` is not `area/slug`",
    );
}

#[test]
fn an_id_twice() {
    let text = with_step(r#"{ expect = "alive" }"#).repeat(2);
    assert_error(&text, "mine.toml:9:1: the id `area/slug` is taken by mine.toml:1");
}

#[test]
fn every_wrong_step_is_reported_once() {
    let text = with_fields(
        "matrix = { n = [1, 2, 3] }",
        "{ sned = 1 }, { expect = \"frame\", rsv = 9 }",
    );
    let errors = errors(&text);
    assert_eq!(errors.len(), 2, "{errors:#?}");
}

fn lints(text: &str) -> Vec<(Severity, String)> {
    lint_text(&Library::empty(), "mine.toml", text, None)
        .into_iter()
        .map(|found| (found.severity, found.error.to_string()))
        .collect()
}

#[track_caller]
fn assert_lint(text: &str, severity: Severity, expected: &str) {
    let found = lints(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].0, severity);
    assert!(found[0].1.starts_with(expected), "{}", found[0].1);
}

#[test]
fn a_correct_case_has_no_diagnostics() {
    assert_eq!(lints(&with_step(r#"{ expect = "alive" }"#)), []);
}

#[test]
fn an_unknown_requirement() {
    assert_lint(
        &with_step(r#"{ expect = "alive" }"#).replace("6455-5.2-3", "6455-5.2-99"),
        Severity::Error,
        "mine.toml:4:9: unknown requirement `6455-5.2-99` (nearest: 6455-5.2-9,",
    );
}

#[test]
fn no_requirement() {
    assert_lint(
        &with_step(r#"{ expect = "alive" }"#).replace("spec", "was"),
        Severity::Error,
        "mine.toml:1:1: a case needs `spec`",
    );
}

#[test]
fn a_connection_that_nobody_opened() {
    assert_lint(
        &with_step(r#"{ send = "ping", on = "b" }"#),
        Severity::Error,
        "mine.toml:7:1: the connection `b` is used before it is opened",
    );
    assert_eq!(
        lints(&with_step(
            r#"{ open = "ws", on = "c", count = 3 }, { drop = "rst", on = "c.1" }"#
        )),
        []
    );
}

#[test]
fn a_level_that_the_requirement_does_not_have() {
    assert_lint(
        &with_fields("level = \"may\"", "{ expect = \"alive\" }"),
        Severity::Warning,
        "mine.toml:5:9: `area/slug` costs as a MAY, and its main requirement 6455-5.2-3 is a MUST",
    );
}

#[test]
fn no_steps() {
    assert_lint(
        "[[case]]\nid = \"area/slug\"\ntitle = \"x\"\nspec = [\"6455-5.2-3\"]\nsteps = []\n",
        Severity::Error,
        "mine.toml:5:9: `steps` is empty",
    );
}

#[test]
fn an_alias_of_two_instances() {
    let text = with_fields(
        "alias = [\"autobahn:9.9\"]\nrows = [{ name = \"a\" }, { name = \"b\" }]",
        "{ expect = \"alive\" }",
    );
    assert_lint(
        &text,
        Severity::Error,
        "mine.toml:2:6: `autobahn:9.9` of `area/slug[b]` belongs to `area/slug[a]` already",
    );
}
