//! A script laid out flat: loops become jumps, the `close` verb becomes the steps it stands for.

use wsanvil_case::script::{
    Action, CodeSpec, Condition, EmptyFinal, Expect, FrameSend, Keys, Kind, Payload, Script, Send, SendWhat,
    Source, Span, Step, Text, Until, Write,
};

/// One instruction.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    /// Do a step; never a loop or a `close`.
    Step(Step),
    /// Enter a loop, or leave it behind `end`.
    Begin {
        /// Rounds at most.
        count: u32,
        /// Name of the counter.
        var: Option<String>,
        /// What leaves the loop early, and the connections it is looked for on.
        until: Option<(Until, Vec<Text>)>,
        /// Index of the matching `End`.
        end: usize,
    },
    /// Go back to the matching `Begin`.
    End {
        /// Its index.
        begin: usize,
    },
}

/// Lays out a script.
pub(crate) fn flatten(script: &Script) -> Vec<Op> {
    let mut ops = Vec::new();
    append(script, &mut ops);
    ops
}

/// Lays out a script behind another.
pub(crate) fn append(script: &Script, ops: &mut Vec<Op>) {
    for step in &script.steps {
        push(step, ops);
    }
}

fn push(step: &Step, ops: &mut Vec<Op>) {
    match &step.action {
        Action::Repeat(repeat) => {
            let begin = ops.len();
            ops.push(Op::Begin {
                count: repeat.count,
                var: repeat.var.clone(),
                until: repeat.until.map(|until| (until, step.on.clone())),
                end: 0,
            });
            for inner in &repeat.steps {
                push(inner, ops);
            }
            let place = ops.len();
            ops.push(Op::End { begin });
            if let Some(Op::Begin { end, .. }) = ops.get_mut(begin) {
                *end = place;
            }
        }
        Action::Close(close) => {
            let codes = match close.code {
                Some(code) => vec![CodeSpec::Code(code), CodeSpec::Code(1000), CodeSpec::None],
                None => Vec::new(),
            };
            let payload = match &close.reason {
                Some(reason) => Payload {
                    source: Source::Text(reason.clone()),
                    times: 1,
                },
                None => Payload::EMPTY,
            };
            let expect = |kind, within_ms: Option<u64>, late_ms| {
                Action::Expect(Box::new(Expect {
                    want: Condition {
                        kind,
                        within_ms: within_ms.map(Span::Ms),
                        late_ms,
                    },
                    or: Vec::new(),
                }))
            };
            let actions = [
                Action::Send(Box::new(Send {
                    what: SendWhat::Frames(Box::new(close_frame(close.code, payload))),
                    write: Write::default(),
                })),
                expect(Kind::Close { codes, reason: None }, None, None),
                expect(Kind::Eof { how: None }, Some(1000), Some(10_000)),
            ];
            ops.extend(actions.map(|action| {
                Op::Step(Step {
                    action,
                    ..step.clone()
                })
            }));
        }
        _ => ops.push(Op::Step(step.clone())),
    }
}

/// A Close frame as a step would send it.
fn close_frame(code: Option<u16>, payload: Payload) -> FrameSend {
    FrameSend {
        opcode: 8,
        closing: true,
        code,
        payload,
        fin: true,
        rsv: 0,
        mask: None,
        keys: Keys::Random,
        length: None,
        declare: None,
        compress: None,
        fragment: None,
        empty_final: EmptyFinal::Never,
        echo: false,
    }
}
