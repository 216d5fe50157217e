//! Starting the target and waiting until it serves.

mod error;
mod exit;
mod meter;
mod output;
mod port;
mod process_group;
mod ready;
mod target;

use std::time::Duration;

use tokio::time::Instant;

pub use self::error::LaunchError;
pub use self::exit::ExitReport;
pub use self::meter::Meter;
use self::ready::Answer;
pub use self::target::Target;
use crate::address::Address;
use crate::connect::{ConnectError, ConnectOptions, Connector, ConnectorOptions};

/// How long a target may take until it serves, unless said otherwise.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How long a look at the port may take before the target is started.
const LOOK_WITHIN: Duration = Duration::from_secs(1);
/// How long one handshake may take while waiting: a target may take connections long before it serves them.
const ATTEMPT_WITHIN: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// How to start a target.
///
/// `{port}` in the URL and in the arguments stands for a free loopback port; when only the arguments have it, it is
/// the port of the URL.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Program and arguments; no shell is involved.
    pub command: Vec<String>,
    /// `ws` or `wss` URL where the target will serve.
    pub url: String,
    /// How to reach it.
    pub options: ConnectorOptions,
    /// Fields added to the opening request that finds out whether it serves.
    pub headers: Vec<(String, String)>,
    /// How long it may take until it serves; 30 s by default.
    pub ready_within: Duration,
}

/// A target that serves.
#[derive(Debug)]
pub struct Launched {
    /// The process.
    pub target: Target,
    /// Where it serves, with the port filled in.
    pub address: Address,
    /// A connector for it.
    pub connector: Connector,
}

impl Launch {
    /// A launch with defaults.
    pub fn new(command: Vec<String>, url: impl Into<String>) -> Self {
        Self {
            command,
            url: url.into(),
            options: ConnectorOptions::default(),
            headers: Vec::new(),
            ready_within: READY_WITHIN,
        }
    }

    /// Starts the target and returns when it has answered a WebSocket handshake correctly.
    ///
    /// Refuses when something answers on the port already, because then the wrong target would be tested. Fails at
    /// once when the process exits.
    pub async fn start(self) -> Result<Launched, LaunchError> {
        let port::Filled { url, command } = port::fill(&self.url, &self.command)?;
        let address = Address::parse(&url)?;
        let connector = Connector::new(address.clone(), &self.options)?;
        match connector.connect_tcp(ConnectOptions::within(LOOK_WITHIN)).await {
            Ok(_) => return Err(LaunchError::PortTaken { port: address.port() }),
            Err(error @ (ConnectError::Resolve { .. } | ConnectError::Family { .. })) => {
                return Err(LaunchError::Connect(error));
            }
            Err(_) => {}
        }
        let mut target = Target::spawn(&command)?;
        self.wait(&mut target, &connector).await?;
        Ok(Launched {
            target,
            address,
            connector,
        })
    }

    async fn wait(&self, target: &mut Target, connector: &Connector) -> Result<(), LaunchError> {
        let deadline = Instant::now() + self.ready_within;
        let mut last = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let last = last.unwrap_or_else(|| "nothing was tried".to_owned());
                let within = self.ready_within;
                return Err(LaunchError::NotReady {
                    within,
                    last,
                    last_lines: target.last_lines(),
                });
            }
            let attempt = ready::handshake(connector, &self.headers, left.min(ATTEMPT_WITHIN));
            tokio::select! {
                report = target.exited() => return Err(LaunchError::Exited { report }),
                answer = attempt => match answer {
                    Answer::Serves => return Ok(()),
                    Answer::NotYet(why) => last = Some(why),
                },
            }
            tokio::select! {
                report = target.exited() => return Err(LaunchError::Exited { report }),
                () = tokio::time::sleep(pause.min(left)) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

#[cfg(test)]
mod tests;
