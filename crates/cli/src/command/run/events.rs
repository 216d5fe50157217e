//! Events as they happen, for programs that follow a run.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use wsanvil_model::{Event, ToolInfo};
use wsanvil_report::ndjson;

use crate::exit_code;
use crate::failure::Failure;

/// Takes lines, and ends when no more can come.
type Writer = (Sender<Vec<u8>>, JoinHandle<io::Result<()>>);

/// Writes the lines of a run.
pub(super) struct Events {
    name: String,
    tool: ToolInfo,
    /// A reader that is slow must not hold up the run: a thread of its own waits for it.
    writer: Option<Writer>,
    broken: Option<String>,
}

impl Events {
    /// Opens `path`; `-` is stdout. Without a path nothing is written.
    pub(super) fn open(path: Option<&Path>, tool: ToolInfo) -> Result<Self, Failure> {
        let mut events = Self {
            name: path.map(|path| path.display().to_string()).unwrap_or_default(),
            tool,
            writer: None,
            broken: None,
        };
        match path {
            None => {}
            Some(_) if takes_stdout(path) => events.writer = Some(writer(io::stdout())),
            Some(path) => {
                let file = File::create(path).map_err(|error| {
                    Failure::new(
                        exit_code::OUTPUT,
                        format!("cannot write events to {}: {error}", events.name),
                    )
                    .hint("choose another path: --events FILE. Nothing was run")
                })?;
                events.writer = Some(writer(file));
            }
        }
        Ok(events)
    }

    /// Writes one line. What goes wrong is told at the end: the run goes on.
    pub(super) fn write(&mut self, event: &Event, secrets: &[String]) {
        let Some((lines, _)) = &self.writer else {
            return;
        };
        match ndjson::line(event, &self.tool, secrets) {
            // Nobody takes the line when writing has failed; `finish` tells why.
            Ok(line) => drop(lines.send(line)),
            Err(error) => self.broken = Some(error.to_string()),
        }
    }

    /// Waits until all is written.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        let mut broken = self.broken.take();
        if let Some((lines, writer)) = self.writer.take() {
            drop(lines);
            match writer.join() {
                Ok(Err(error)) => broken = Some(error.to_string()),
                Ok(Ok(())) => {}
                Err(_) => broken = Some("the writer panicked".to_owned()),
            }
        }
        broken.map_or(Ok(()), |cause| {
            let message = format!("cannot write events to {}: {cause}", self.name);
            Err(Failure::new(exit_code::OUTPUT, message).hint("the other reports are not touched by that"))
        })
    }
}

/// Whether stdout belongs to the events.
pub(super) fn takes_stdout(path: Option<&Path>) -> bool {
    path == Some(Path::new("-"))
}

fn writer(mut out: impl Write + Send + 'static) -> Writer {
    let (lines, received) = channel::<Vec<u8>>();
    let writer = thread::spawn(move || {
        for line in received {
            out.write_all(&line)?;
            out.flush()?;
        }
        Ok(())
    });
    (lines, writer)
}
