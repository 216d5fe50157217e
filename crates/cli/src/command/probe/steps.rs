//! Steps of the command line: each becomes one line of a case, and the ordinary loader reads it.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use wsanvil_case::script::Script;
use wsanvil_case::{Instance, Library};

use crate::failure::Failure;
use crate::terminal::shell_quote;

/// What stands for the conversation where a case has a name.
const NAME: &str = "probe/conversation";
/// A requirement that the loader wants; nothing is judged by it.
const SPEC: &str = "6455-5.2-1";
/// How long the pause behind the last step could take: a day. Whoever watches ends it.
const REST_MS: u64 = 86_400_000;
/// First words of steps, for whoever mistypes one.
const WORDS: [&str; 13] = [
    "text", "binary", "ping", "pong", "close", "frame", "raw", "wait", "fin", "reset", "half", "cut", "read",
];
/// Fields that are on or off; 0 and 1 do as well.
const FLAGS: [&str; 5] = ["fin", "mask", "compress", "echo", "join"];
/// Fields whose value is a text, even when it looks like a number.
const TEXTS: [&str; 7] = ["data", "hex", "key", "fill", "file", "on", "note"];

/// Steps as they were typed and as a case file has them.
#[derive(Debug, Clone)]
pub(super) struct Steps {
    typed: Vec<String>,
    lines: Vec<String>,
}

impl Steps {
    /// Reads steps; they are checked by [`Self::instance`].
    pub(super) fn of(typed: &[String]) -> Result<Self, Failure> {
        let lines = typed
            .iter()
            .enumerate()
            .map(|(index, step)| {
                let mut failure = line(step).err();
                if let Some(failure) = &mut failure {
                    failure.message = format!("{}: {}", place(index, step), failure.message);
                }
                failure.map_or_else(|| line(step), Err)
            })
            .collect::<Result<Vec<String>, Failure>>()?;
        Ok(Self {
            typed: typed.to_vec(),
            lines,
        })
    }

    /// As they were typed.
    pub(super) fn typed(&self) -> &[String] {
        &self.typed
    }

    /// The steps of a case, the one that opens the connection first.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        let opens = self.lines.first().is_some_and(|line| line.starts_with("{ open"));
        let own = (!opens).then_some("{ open = \"ws\" }");
        own.into_iter().chain(self.lines.iter().map(String::as_str))
    }

    /// The conversation: the steps, and a rest that lasts until it is ended.
    pub(super) fn instance(&self) -> Result<Arc<Instance>, Failure> {
        let rest = format!("{{ wait = {REST_MS} }}");
        let lines: Vec<&str> = self.lines().chain([rest.as_str()]).collect();
        let before = lines.len() - 1 - self.lines.len();
        let instance = load(&lines).map_err(|mistakes| {
            let mut mistakes = mistakes.into_iter().map(|(line, mut failure)| {
                let index = line.saturating_sub(before);
                let typed = self.typed.get(index).map_or("", String::as_str);
                failure.message = format!("{}: {}", place(index, typed), failure.message);
                failure
            });
            let last = mistakes.next_back();
            mistakes.for_each(|failure| failure.tell());
            last.unwrap_or_else(|| Failure::usage("the steps make no case"))
        })?;
        let mut instance = Instance::clone(&instance);
        // What a stalling target may cost is bounded step by step.
        Arc::make_mut(&mut instance.case).deadline_ms = u64::MAX;
        Ok(Arc::new(instance))
    }
}

/// The script of one step by itself.
pub(super) fn script(step: &str) -> Result<Script, Failure> {
    let line = line(step)?;
    load(&[line.as_str()])
        .map(|instance| instance.script.clone())
        .map_err(|mistakes| {
            let first = mistakes.into_iter().next().map(|(_, failure)| failure);
            first.unwrap_or_else(|| Failure::usage("that is no step"))
        })
}

fn place(index: usize, typed: &str) -> String {
    format!("step {} {}", index + 1, shell_quote(typed))
}

/// The instance of a case with these steps, or mistakes with the number of their step.
fn load(lines: &[&str]) -> Result<Arc<Instance>, Vec<(usize, Failure)>> {
    let head = format!(
        "[[case]]\nid = \"{NAME}\"\ntitle = \"a conversation\"\nspec = [\"{SPEC}\"]\nrole = \"server\"\nsteps = [\n"
    );
    let first = head.lines().count();
    let text = format!("{head}{},\n]\n", lines.join(",\n"));
    let mut library = Library::empty();
    library
        .add_text("steps", &text, Some(Path::new(".")))
        .map_err(|errors| {
            let mistake = |error: wsanvil_case::LoadError| {
                let line = (error.line as usize).saturating_sub(first + 1);
                let failure = Failure::usage(error.message);
                (line, failure.hint(error.hint.unwrap_or_default()))
            };
            errors.into_iter().map(mistake).collect::<Vec<_>>()
        })?;
    library
        .instance(NAME)
        .cloned()
        .ok_or_else(|| vec![(0, Failure::usage("the steps make no case"))])
}

/// A step as an inline table of TOML.
pub(super) fn line(step: &str) -> Result<String, Failure> {
    let step = step.trim_start();
    if step.starts_with('{') {
        return Ok(step.trim_end().replace(['\n', '\r'], " "));
    }
    let (word, rest) = step.split_once(' ').unwrap_or((step, ""));
    let send = |fields: String| format!("{{ send = {}{fields} }}", quoted(word));
    let data = |text: &str| match text {
        "" => String::new(),
        text => format!(", data = {}", literal(text)),
    };
    Ok(match word {
        "text" | "ping" | "pong" => send(data(rest)),
        "binary" => send(hex(rest)),
        "raw" if !rest.contains('=') => send(hex(rest)),
        "frame" | "raw" => send(fields(rest)?),
        "close" => {
            let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
            match code {
                "" => send(", code = 1000".to_owned()),
                "empty" if reason.is_empty() => send(String::new()),
                code => send(format!(", code = {}{}", value("code", code), data(reason))),
            }
        }
        "wait" => format!("{{ wait = {} }}", value("wait", rest.trim())),
        "read" => format!("{{ read = {} }}", quoted(rest.trim())),
        "fin" | "half" | "cut" if rest.is_empty() => format!("{{ drop = {} }}", quoted(word)),
        "reset" if rest.is_empty() => "{ drop = \"rst\" }".to_owned(),
        "fin" | "half" | "cut" | "reset" => {
            return Err(Failure::usage(format!("`{word}` takes nothing")));
        }
        _ => return Err(unknown(word)),
    })
}

fn hex(digits: &str) -> String {
    format!(", hex = {}", quoted(digits.trim()))
}

/// `op=3 fin=0 data=some text` as fields of a table. A value goes to the next `name=`.
fn fields(text: &str) -> Result<String, Failure> {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for word in text.split(' ') {
        let is_name =
            |name: &str| !name.is_empty() && name.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
        match (word.split_once('='), pairs.last_mut()) {
            (Some((name, value)), _) if is_name(name) => pairs.push((name, value.to_owned())),
            (_, Some((_, value))) => {
                value.push(' ');
                value.push_str(word);
            }
            _ if word.is_empty() => {}
            _ => {
                return Err(Failure::usage(format!("`{word}` is no field"))
                    .hint("fields are written NAME=VALUE, as in: frame op=3 fin=0 hex=00"));
            }
        }
    }
    let mut fields = String::new();
    for (name, text) in pairs {
        let name = if name == "op" { "opcode" } else { name };
        let _ = write!(fields, ", {name} = {}", value(name, text.trim_end()));
    }
    Ok(fields)
}

/// What was typed as a value of TOML: a number, a switch, a list or a table as it is, anything else as a text.
fn value(name: &str, typed: &str) -> String {
    if name == "data" {
        return literal(typed);
    }
    if TEXTS.contains(&name) {
        return quoted(typed);
    }
    match typed {
        "0" if FLAGS.contains(&name) => "false".to_owned(),
        "1" if FLAGS.contains(&name) => "true".to_owned(),
        "true" | "false" => typed.to_owned(),
        _ if is_number(typed) || typed.starts_with(['[', '{']) => typed.to_owned(),
        _ => quoted(typed),
    }
}

fn is_number(typed: &str) -> bool {
    let plain = typed.strip_prefix('-').unwrap_or(typed);
    let decimal = plain == "0" || !plain.starts_with('0');
    let hex = typed.strip_prefix("0x").is_some_and(|digits| {
        !digits.is_empty() && digits.len() < 16 && digits.bytes().all(|c| c.is_ascii_hexdigit())
    });
    hex || (decimal && !plain.is_empty() && plain.len() < 20 && plain.bytes().all(|c| c.is_ascii_digit()))
}

/// A text that is sent as it is: braces do not make a template.
pub(super) fn literal(text: &str) -> String {
    quoted(&text.replace('{', "{{").replace('}', "}}"))
}

/// A basic string of TOML.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // A file that people read holds nothing that reorders what they see.
            c if crate::terminal::is_harmful(c) && c as u32 <= 0xFFFF => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn unknown(word: &str) -> Failure {
    let nearest = WORDS
        .iter()
        .map(|known| (strsim::jaro_winkler(word, known), known))
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .filter(|(score, _)| *score > 0.7);
    let known = WORDS.join(", ");
    Failure::usage(format!("unknown step `{word}`")).hint(match nearest {
        Some((_, nearest)) => format!("did you mean `{nearest}`? known are {known}"),
        None => format!("known are {known}, and inline tables of TOML"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_steps_of_a_case() {
        for (typed, toml) in [
            ("text hi there", r#"{ send = "text", data = "hi there" }"#),
            ("text", r#"{ send = "text" }"#),
            (
                r#"text {"a": "\b"}"#,
                r#"{ send = "text", data = "{{\"a\": \"\\b\"}}" }"#,
            ),
            ("binary 00 ff", r#"{ send = "binary", hex = "00 ff" }"#),
            ("close", r#"{ send = "close", code = 1000 }"#),
            ("close empty", r#"{ send = "close" }"#),
            (
                "close 3000 bye now",
                r#"{ send = "close", code = 3000, data = "bye now" }"#,
            ),
            (
                "frame op=3 fin=0 rsv=4 hex=00",
                r#"{ send = "frame", opcode = 3, fin = false, rsv = 4, hex = "00" }"#,
            ),
            (
                "frame op=0x9 data=a b=c d key=01020304 declare=0xffffffffffffffff",
                r#"{ send = "frame", opcode = 0x9, data = "a", b = "c d", key = "01020304", declare = "0xffffffffffffffff" }"#,
            ),
            (
                "frame op=1 fragments=[1,2] data=abc",
                r#"{ send = "frame", opcode = 1, fragments = [1,2], data = "abc" }"#,
            ),
            ("raw 8100", r#"{ send = "raw", hex = "8100" }"#),
            (
                "raw hex=8100 chunk=1",
                r#"{ send = "raw", hex = "8100", chunk = 1 }"#,
            ),
            ("wait 200", "{ wait = 200 }"),
            ("fin", r#"{ drop = "fin" }"#),
            ("reset", r#"{ drop = "rst" }"#),
            ("{ read = \"stop\" }", "{ read = \"stop\" }"),
        ] {
            assert_eq!(line(typed).unwrap(), toml, "{typed}");
        }
    }

    #[test]
    fn every_word_makes_a_script() {
        for step in [
            "text hi",
            "binary 00",
            "ping",
            "pong x",
            "close 4999",
            "frame op=11",
            "raw 00",
            "wait 1",
            "fin",
            "reset",
            "half",
            "cut",
            "read stop",
            "text {host} }{ \u{202e}\u{7}\"\\",
        ] {
            let script = script(step).unwrap_or_else(|failure| panic!("{step}: {failure:?}"));
            assert_eq!(script.steps.len(), 1, "{step}");
        }
    }

    #[test]
    fn mistakes_name_their_step() {
        let wrong = |steps: &[&str]| {
            let typed: Vec<String> = steps.iter().map(ToString::to_string).collect();
            let failure = Steps::of(&typed).and_then(|steps| steps.instance()).unwrap_err();
            assert_eq!(failure.code, crate::exit_code::USAGE);
            (failure.message, failure.hint.unwrap_or_default())
        };
        let (message, hint) = wrong(&["text a", "texd b"]);
        assert_eq!(message, "step 2 'texd b': unknown step `texd`");
        assert!(hint.starts_with("did you mean `text`?"), "{hint}");
        let (message, hint) = wrong(&["text a", "frame op=3 fim=0"]);
        assert!(
            message.starts_with("step 2 'frame op=3 fim=0': unknown key"),
            "{message}"
        );
        assert!(hint.contains("`fin`"), "{hint}");
        assert!(wrong(&["frame op=16"]).0.starts_with("step 1 "));
        assert!(
            wrong(&["{ open = \"ws\" }", "binary 0"])
                .0
                .starts_with("step 2 'binary 0'")
        );
        assert!(wrong(&["{ send = "]).0.starts_with("step 1 "));
        assert!(wrong(&["wait soon"]).0.contains("`wait`"));
    }
}
