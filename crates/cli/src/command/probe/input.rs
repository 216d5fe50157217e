//! Lines of the user: an editor at a terminal, plain lines from anything else.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::sync::mpsc as std_mpsc;
use std::thread;
use std::time::Duration;

use rustyline::error::ReadlineError;
use rustyline::{DefaultEditor, ExternalPrinter as _};
use tokio::sync::mpsc;

use crate::failure::Failure;
use crate::terminal::Mode;
use crate::{exit_code, terminal};

/// Lines that wait to be sent.
const WAITING: usize = 64;
/// A line longer than this ends the input.
const LONGEST: u64 = 16 << 20;
/// How long the editor's thread is given for its last words.
const SETTLING: Duration = Duration::from_millis(50);

/// What the user typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Typed {
    /// A line, without its end.
    Line(String),
    /// Nothing more comes: Ctrl-D, or the end of a file.
    End,
    /// Ctrl-C.
    Interrupt,
}

/// Where lines come from, and how something is printed while one is being typed.
pub(super) struct Input {
    pub(super) lines: mpsc::Receiver<Typed>,
    pub(super) screen: Screen,
}

/// Where it is shown what comes: above the line that is being typed, or messages to stdout and everything else to stderr.
pub(super) struct Screen {
    /// Prints above the line.
    print: Option<Box<dyn FnMut(String)>>,
    /// The terminal as it was before the editor changed it.
    mode: Option<Mode>,
}

impl Input {
    /// Begins to read.
    pub(super) fn open() -> Result<Self, Failure> {
        let (tell, lines) = mpsc::channel(WAITING);
        let screen = if io::stdin().is_terminal() && io::stdout().is_terminal() {
            edit(tell)?
        } else {
            spawn(move || read(&tell))?;
            Screen {
                print: None,
                mode: None,
            }
        };
        Ok(Self { lines, screen })
    }
}

impl Screen {
    pub(super) fn is_terminal(&self) -> bool {
        self.print.is_some()
    }

    /// A message of the target, made harmless.
    pub(super) fn message(&mut self, text: &str) {
        match &mut self.print {
            Some(print) => print(format!("< {text}\n")),
            // Who reads no more of it still wants the conversation to end in order.
            None => drop(terminal::say(&format!("{text}\n"))),
        }
    }

    /// Everything else, in lines.
    pub(super) fn remark(&mut self, text: &str) {
        match &mut self.print {
            Some(print) => print(text.to_owned()),
            None => terminal::complain(text),
        }
    }

    /// Leaves the terminal as it was. The editor may still be waiting for a key.
    pub(super) fn restore(&mut self) {
        if let Some(mode) = self.mode.take() {
            // What is queued for the editor's thread is printed by then.
            thread::sleep(SETTLING);
            mode.restore();
            let _ = terminal::say("\r");
        }
        self.print = None;
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.restore();
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::new(exit_code::TARGET, format!("cannot read stdin: {error}"));
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(work)
        .map(drop)
        .map_err(failed)
}

/// Reads with history and editing, on a thread of its own.
fn edit(tell: mpsc::Sender<Typed>) -> Result<Screen, Failure> {
    let mode = Mode::now();
    let (ready, is_ready) = std_mpsc::channel();
    spawn(move || {
        let editing = DefaultEditor::new().and_then(|mut editor| {
            let printer = editor.create_external_printer()?;
            Ok((editor, printer))
        });
        let (mut editor, printer) = match editing {
            Ok((editor, printer)) => (editor, Ok(printer)),
            Err(error) => return drop(ready.send(Err(error))),
        };
        if ready.send(printer).is_err() {
            return;
        }
        loop {
            let typed = match editor.readline("> ") {
                Ok(line) => {
                    let _ = editor.add_history_entry(&line);
                    Typed::Line(line)
                }
                Err(ReadlineError::Interrupted) => Typed::Interrupt,
                Err(_) => Typed::End,
            };
            let last = !matches!(typed, Typed::Line(_));
            if tell.blocking_send(typed).is_err() || last {
                return;
            }
        }
    })?;
    let printer = is_ready.recv().ok().and_then(Result::ok);
    let mut printer =
        printer.ok_or_else(|| Failure::new(exit_code::TARGET, "the terminal cannot be used for editing"))?;
    Ok(Screen {
        // The editor's thread is gone only at the end.
        print: Some(Box::new(move |text| drop(printer.print(text)))),
        mode,
    })
}

/// Reads lines from what is no terminal.
fn read(tell: &mpsc::Sender<Typed>) {
    let mut stdin = io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut stdin).take(LONGEST).read_until(b'\n', &mut line);
        if !matches!(read, Ok(1..)) || read.is_ok_and(|octets| octets as u64 == LONGEST) {
            let _ = tell.blocking_send(Typed::End);
            return;
        }
        let end = line.iter().rposition(|octet| !matches!(octet, b'\n' | b'\r'));
        line.truncate(end.map_or(0, |end| end + 1));
        // A text message is UTF-8; octets that are none go with /binary.
        let text = String::from_utf8_lossy(&line).into_owned();
        if tell.blocking_send(Typed::Line(text)).is_err() {
            return;
        }
    }
}
