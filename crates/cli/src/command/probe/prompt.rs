//! The prompt: a line is a text message, a line that begins with a slash is a step.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use wsanvil_engine::{Came, StandingHit, Untaken};
use wsanvil_model::{Direction, Entry, What};
use wsanvil_net::Connector;

use super::input::{Input, Screen, Typed};
use super::steps::{self, Steps};
use super::talk::{Audience, Manners, Next, talk};
use super::words;
use crate::cli::STEPS;
use crate::exit_code;
use crate::failure::Failure;
use crate::secrets::Secrets;
use crate::terminal::escape;

/// Lines taken from the user before those before them are done.
const AHEAD: usize = 16;

/// Talks until the user or the target has had enough.
pub(super) async fn prompt(
    manners: &Manners,
    connector: Arc<Connector>,
    secrets: &Secrets,
) -> Result<u8, Failure> {
    let instance = Steps::of(&[])?.instance()?;
    let Input { mut lines, screen } = Input::open()?;
    let inbox = RefCell::new(VecDeque::new());
    let mut session = Session {
        inbox: &inbox,
        screen,
        secrets,
        connected: false,
        ending: false,
    };
    let talked = {
        let mut talking = pin!(talk(instance, manners, connector, &mut session));
        poll_fn(|cx| {
            let mut room = true;
            let mut waits = false;
            while room && !waits {
                match lines.poll_recv(cx) {
                    Poll::Ready(Some(Typed::Interrupt)) => return Poll::Ready(None),
                    Poll::Ready(Some(typed)) => inbox.borrow_mut().push_back(typed),
                    Poll::Ready(None) | Poll::Pending => waits = true,
                }
                room = inbox.borrow().len() < AHEAD;
            }
            let talked = talking.as_mut().poll(cx).map(Some);
            if !waits && inbox.borrow().len() < AHEAD {
                cx.waker().wake_by_ref();
            }
            talked
        })
        .await
    };
    let at_terminal = session.screen.is_terminal();
    session.screen.restore();
    let Some(talked) = talked else {
        return Ok(exit_code::INTERRUPTED);
    };
    let talk = talked.map_err(|failure| secrets.clean(&failure))?;
    if let Some(finding) = talk.finding() {
        let text = format!("{}\n", escape(finding));
        session.screen.remark(&secrets.hide(&text));
    }
    if at_terminal {
        let text = match talk.outcome.close.code {
            Some(code) => format!("closed with {code} ({})\n", words::meaning(code)),
            None => "disconnected\n".to_owned(),
        };
        session.screen.remark(&text);
    }
    Ok(if talk.is_bad() {
        exit_code::FINDINGS
    } else {
        exit_code::OK
    })
}

struct Session<'s> {
    inbox: &'s RefCell<VecDeque<Typed>>,
    screen: Screen,
    secrets: &'s Secrets,
    connected: bool,
    /// The input has ended.
    ending: bool,
}

impl Session<'_> {
    fn remark(&mut self, text: &str) {
        let text = self.secrets.hide(text);
        self.screen.remark(&text);
    }

    fn came(&mut self, one: &Untaken) {
        match &one.what {
            Came::Message { binary, octets, len } => {
                let mut shown = match std::str::from_utf8(octets) {
                    Ok(text) if !binary => escape(text).into_owned(),
                    _ => words::digits(octets),
                };
                if *len > octets.len() as u64 {
                    let _ = write!(shown, "… ({} in all)", words::count(*len));
                }
                let shown = self.secrets.hide(&shown);
                self.screen.message(&shown);
            }
            Came::Ping(octets) => self.remark(&format!("Ping{}\n", words::brief(octets))),
            Came::Pong(octets) => self.remark(&format!("Pong{}\n", words::brief(octets))),
            Came::Close { code, reason } => {
                let code = code.map(|code| format!(" {code} ({})", words::meaning(code)));
                let code = code.unwrap_or_else(|| " without a code".to_owned());
                self.remark(&format!("Close{code}{}\n", words::brief(reason)));
            }
            Came::End(_) => self.remark("the target ended the connection\n"),
            Came::Response(status) => self.remark(&format!("HTTP {status}\n")),
            Came::Other => {}
        }
    }

    /// The steps of a line; nothing when it holds none.
    fn line(&mut self, line: &str) -> Option<Next> {
        let step = match line.strip_prefix('/') {
            None if line.is_empty() => return None,
            None => format!("text {line}"),
            Some(text) if text.starts_with('/') => format!("text {text}"),
            Some("help") => {
                let head = "A line is sent as a text; //… is a text that begins with a slash; Ctrl-D closes, Ctrl-C leaves.\n";
                let steps = STEPS.replace("\n  ", "\n  /").replace("  /    ", "     ");
                self.remark(&format!("{head}{steps}"));
                return None;
            }
            Some("quit" | "exit") => return Some(Next::End),
            Some(step) => step.to_owned(),
        };
        match steps::script(&step) {
            Ok(script) => Some(Next::Steps(script)),
            Err(failure) => {
                let hint = failure.hint.map(|hint| format!(" ({hint})"));
                let text = format!("{}{}\n", failure.message, hint.unwrap_or_default());
                self.remark(&crate::terminal::escape_block(&text));
                None
            }
        }
    }
}

impl Audience for Session<'_> {
    fn saw(&mut self, entry: Entry) {
        let answered = entry.what == What::Head && entry.dir == Direction::In;
        if answered && !self.connected && self.screen.is_terminal() {
            self.screen
                .remark("connected; /help shows what can be typed, Ctrl-D closes\n");
        }
        self.connected |= answered;
    }

    fn broke(&mut self, hit: &StandingHit) {
        self.remark(&words::broken(hit));
    }

    fn next(&mut self) -> Next {
        loop {
            let typed = self.inbox.borrow_mut().pop_front();
            match typed {
                Some(Typed::Line(line)) => {
                    if let Some(next) = self.line(&line) {
                        return next;
                    }
                }
                // At a terminal the user has seen what there was to see.
                Some(Typed::End | Typed::Interrupt) if self.screen.is_terminal() => return Next::End,
                Some(Typed::End | Typed::Interrupt) => self.ending = true,
                None if self.ending => return Next::EndWhenQuiet,
                None => return Next::Wait,
            }
        }
    }

    fn takes(&self) -> bool {
        true
    }

    fn took(&mut self, events: Vec<Untaken>) {
        for event in &events {
            self.came(event);
        }
    }
}
