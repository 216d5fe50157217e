//! `expect`, `probe` and the alternatives of `or`.

use wsanvil_model::Grade;

use super::{kind_of, note, payload, span};
use crate::error::Fault;
use crate::load::fields::Fields;
use crate::load::grammar::{ALTERNATIVE, EXPECT_KINDS};
use crate::load::tree::{Node, Value};
use crate::script::{
    Alternative, CodeSpec, Condition, EndKind, Expect, FieldTest, HeadTest, Kind, MessageType, Probe, Span,
    StatusSpec, Then, Times,
};

pub(super) fn expect(fields: &Fields<'_>, kind: &str) -> Result<Expect, Fault> {
    let mut or = Vec::new();
    for node in fields.items("or")? {
        or.push(alternative(&node, fields)?);
    }
    Ok(Expect {
        want: condition(fields, kind)?,
        or,
    })
}

pub(super) fn probe(fields: &Fields<'_>, kind: &str) -> Result<Probe, Fault> {
    let ends = matches!(kind, "fail" | "close" | "eof" | "refused");
    Ok(Probe {
        want: condition(fields, kind)?,
        seen: grade(fields, "seen")?.unwrap_or(Grade::Pass),
        missed: grade(fields, "missed")?.unwrap_or(Grade::Pass),
        then: then(fields)?.unwrap_or(if ends { Then::End } else { Then::Continue }),
        window: fields.plain("window")?,
    })
}

fn alternative(node: &Node, outer: &Fields<'_>) -> Result<Alternative, Fault> {
    let scope = outer.scope();
    let missing = || Fault::new(&node.span, "an alternative is a table with `expect`");
    let table = node.as_table().ok_or_else(missing)?;
    let named = table.get("expect").ok_or_else(missing)?;
    let named = scope.resolve(named)?.ok_or_else(missing)?;
    let kind = kind_of("expect", EXPECT_KINDS, &named, scope)?;
    let mut grammar = vec![ALTERNATIVE];
    grammar.extend(kind.fields);
    let what = format!("the alternative `{}`", kind.name);
    let fields = Fields::read(table, &node.span, &grammar, &["expect"], &what, scope)?;
    Ok(Alternative {
        on: fields.texts("on")?,
        want: condition(&fields, kind.name)?,
        grade: grade(&fields, "grade")?.unwrap_or(Grade::Note),
        then: then(&fields)?.unwrap_or(Then::Continue),
        note: note(&fields)?,
    })
}

fn condition(fields: &Fields<'_>, kind: &str) -> Result<Condition, Fault> {
    let want = Condition {
        kind: of_kind(fields, kind)?,
        within_ms: fields.node("within_ms").map(span).transpose()?,
        late_ms: fields.int("late_ms"),
    };
    match (&want.within_ms, want.late_ms) {
        (Some(Span::Declared { .. }), Some(_)) => Err(Fault::new(
            fields.span(),
            "`late_ms` goes with a fixed `within_ms` only",
        )),
        (Some(Span::Ms(within)), Some(late)) if late < *within => Err(Fault::new(
            fields.span(),
            format!("`late_ms` ({late}) is before `within_ms` ({within})"),
        )),
        _ => Ok(want),
    }
}

fn of_kind(fields: &Fields<'_>, kind: &str) -> Result<Kind, Fault> {
    let message = |kind| -> Result<Kind, Fault> {
        Ok(Kind::Message {
            kind,
            payload: payload::optional(fields)?,
            save: fields.plain("save")?,
        })
    };
    Ok(match kind {
        "echo" => Kind::Echo {
            times: match fields.node("times") {
                Some(node) if node.as_text().is_some() => Times::All,
                _ => Times::Count(fields.int32("times").unwrap_or(1)),
            },
            compressed: fields.flag("compressed"),
        },
        "text" => message(Some(MessageType::Text))?,
        "binary" => message(Some(MessageType::Binary))?,
        "message" => message(None)?,
        "ping" => Kind::Ping {
            payload: payload::optional(fields)?,
            save: fields.plain("save")?,
        },
        "pong" => Kind::Pong {
            payload: payload::optional(fields)?,
            save: fields.plain("save")?,
        },
        "frame" => Kind::Frame {
            opcode: fields.int8("opcode"),
            fin: fields.flag("fin"),
            rsv: fields.int8("rsv"),
            masked: fields.flag("masked"),
            length: fields.int("length"),
        },
        "close" => Kind::Close {
            codes: codes(fields)?,
            reason: payload::optional(fields)?,
        },
        "fail" => Kind::Fail {
            codes: codes(fields)?,
            strict: fields.flag("strict").unwrap_or(false),
        },
        "eof" => Kind::Eof {
            how: fields.plain("how")?.map(|how| match how.as_str() {
                "rst" => EndKind::Rst,
                "cut" => EndKind::Cut,
                _ => EndKind::Fin,
            }),
        },
        "secured" => Kind::Secured,
        "alert" => Kind::Alert {
            codes: alert_codes(fields)?,
        },
        "alive" => Kind::Alive,
        "nothing" => Kind::Nothing,
        "response" => Kind::Response(head_test(fields)?),
        "request" => Kind::Request(head_test(fields)?),
        "accepted" => Kind::Accepted,
        _ => Kind::Refused {
            status: status(fields)?,
        },
    })
}

fn codes(fields: &Fields<'_>) -> Result<Vec<CodeSpec>, Fault> {
    let items = fields.items("code")?;
    Ok(items
        .iter()
        .map(
            |node| match node.as_int().and_then(|code| u16::try_from(code).ok()) {
                Some(code) => CodeSpec::Code(code),
                None => CodeSpec::None,
            },
        )
        .collect())
}

fn alert_codes(fields: &Fields<'_>) -> Result<Vec<u8>, Fault> {
    let items = fields.items("code")?;
    Ok(items
        .iter()
        .filter_map(|node| u8::try_from(node.as_int()?).ok())
        .collect())
}

fn status(fields: &Fields<'_>) -> Result<Vec<StatusSpec>, Fault> {
    let items = fields.items("status")?;
    let mut status = Vec::with_capacity(items.len());
    for node in items {
        status.push(match node.as_int().and_then(|code| u16::try_from(code).ok()) {
            Some(code) => StatusSpec::Code(code),
            // The shape lets only `1xx` to `5xx` through.
            None => StatusSpec::Class(fields.scope().plain(&node)?.as_bytes()[0] - b'0'),
        });
    }
    Ok(status)
}

fn head_test(fields: &Fields<'_>) -> Result<HeadTest, Fault> {
    let scope = fields.scope();
    let mut has = Vec::new();
    let mut lacks = fields.plains("lacks")?;
    for (name, node) in fields.pairs("has")? {
        let test = match &node.value {
            Value::Bool(true) => FieldTest::Present,
            Value::Bool(false) => {
                lacks.push(name);
                continue;
            }
            Value::Table(table) => {
                let mut test = None;
                for entry in &table.entries {
                    let Some(value) = scope.resolve(&entry.node)? else {
                        continue;
                    };
                    test = Some(if entry.key == "token" {
                        FieldTest::Token(scope.text(&value)?)
                    } else {
                        let mut any = Vec::new();
                        for item in value.as_list().unwrap_or_default() {
                            if let Some(item) = scope.resolve(item)? {
                                any.push(scope.text(&item)?);
                            }
                        }
                        FieldTest::Any(any)
                    });
                }
                test.unwrap_or(FieldTest::Present)
            }
            _ => FieldTest::Value(scope.text(&node)?),
        };
        has.push((name, test));
    }
    let mut save = Vec::new();
    for (variable, field) in fields.pairs("save")? {
        save.push((variable, scope.plain(&field)?));
    }
    Ok(HeadTest {
        status: status(fields)?,
        method: fields.text("method")?,
        target: fields.text("target")?,
        has,
        lacks,
        save,
    })
}

fn grade(fields: &Fields<'_>, name: &str) -> Result<Option<Grade>, Fault> {
    Ok(fields.plain(name)?.map(|word| match word.as_str() {
        "note" => Grade::Note,
        "nonstrict" => Grade::Nonstrict,
        "fail" => Grade::Fail,
        _ => Grade::Pass,
    }))
}

fn then(fields: &Fields<'_>) -> Result<Option<Then>, Fault> {
    Ok(fields.plain("then")?.map(|word| match word.as_str() {
        "end" => Then::End,
        _ => Then::Continue,
    }))
}
