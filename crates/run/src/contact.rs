//! The first conversation: is there a WebSocket endpoint at all, and what does its application do?

use std::time::Duration;

use wsanvil_engine::{App, TargetFacts};
use wsanvil_model::Entry;
use wsanvil_net::{ConnectOptions, Connector};

use crate::plan::RunError;
use crate::pulse::{Pulse, shows_life, went_well};

/// How long the first conversations may take.
const WITHIN: Duration = Duration::from_secs(5);

/// What the first conversations showed.
#[derive(Debug)]
pub(crate) struct Contact {
    /// What the application does.
    pub(crate) app: App,
    /// Server field.
    pub(crate) server: Option<String>,
    /// Round trip of a Ping.
    pub(crate) round_trip: Option<Duration>,
    /// Whether it answered an opening handshake.
    pub(crate) lived: bool,
    /// Whether it treated a connection that keeps every rule as it should.
    pub(crate) went_well: bool,
    /// What the reader should know.
    pub(crate) warning: Option<String>,
}

/// Makes contact. An endpoint that accepts connections and then says nothing, or something wrong, is worth testing; one
/// that cannot be reached, or refuses the upgrade in plain HTTP, is not.
pub(crate) async fn make(
    pulse: &Pulse,
    connector: &Connector,
    facts: &TargetFacts,
    app: Option<App>,
    step_deadline: Duration,
    launched: bool,
) -> Result<Contact, RunError> {
    let within = WITHIN.min(step_deadline);
    // A target that wsanvil started has served once. If it is dead by now, that is for the run to find out.
    if !launched {
        // The reason why nothing connects is wanted as it is, not as a verdict.
        let stream = connector.connect(ConnectOptions::within(WITHIN)).await?;
        stream.reset();
    }
    let ping = pulse.ping(connector, within).await;
    if ping.unreachable {
        if let Some(error) = refusal(&ping.transcript, facts) {
            return Err(error);
        }
        let warning = format!("the first handshake did not succeed: {}", ping.reason);
        return Ok(Contact {
            app: app.unwrap_or(App::Echo),
            lived: launched || shows_life(&ping),
            server: ping.server,
            round_trip: None,
            went_well: false,
            warning: Some(warning),
        });
    }
    let mut warning = None;
    let app = if let Some(app) = app {
        app
    } else {
        let mut echo = None;
        if went_well(&ping) {
            echo = Some(pulse.echo(connector, within).await);
        }
        // A target that answers nothing at all, or dies on a message, is held to the most that can be asked.
        if let Some(echo) = echo.filter(|echo| !went_well(echo) && !echo.unreachable) {
            warning = Some(format!(
                "the target does not send messages back ({}): cases that need an echo are skipped (--app echo to run \
                 them)",
                echo.reason
            ));
            App::None
        } else {
            App::Echo
        }
    };
    Ok(Contact {
        app,
        lived: launched || shows_life(&ping),
        went_well: went_well(&ping),
        server: ping.server,
        round_trip: ping.barrier_round_trip,
        warning,
    })
}

/// A refusal in plain HTTP, or no HTTP at all, read from the transcript of the handshake.
pub fn refusal(transcript: &[Entry], facts: &TargetFacts) -> Option<RunError> {
    let url = format!("{}://{}{}", facts.scheme, facts.host, facts.path);
    let incoming = transcript
        .iter()
        .filter(|entry| entry.dir == wsanvil_model::Direction::In);
    for entry in incoming {
        match entry.what {
            wsanvil_model::What::Head => {
                let head = text(entry);
                let mut line = head.lines().next()?.splitn(3, ' ').skip(1);
                let status = line.next()?.parse().ok()?;
                if status == 101 {
                    return None;
                }
                let location = head.lines().find_map(|field| {
                    let (name, value) = field.split_once(':')?;
                    name.eq_ignore_ascii_case("location")
                        .then(|| value.trim().to_owned())
                });
                let reason = line.next().unwrap_or_default().to_owned();
                return Some(RunError::Refused {
                    url,
                    status,
                    reason,
                    location,
                });
            }
            wsanvil_model::What::Raw => {
                return Some(RunError::NotHttp {
                    url,
                    why: entry.remark.clone(),
                });
            }
            _ => {}
        }
    }
    None
}

/// The octets kept of an entry, as text.
fn text(entry: &Entry) -> String {
    let digits = entry.hex.as_bytes();
    let octets: Vec<u8> = digits
        .chunks_exact(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    String::from_utf8_lossy(&octets).into_owned()
}
