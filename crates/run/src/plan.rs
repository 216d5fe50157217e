//! What a run is told to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use wsanvil_case::Instance;
use wsanvil_engine::{App, TargetFacts};
use wsanvil_model::Shard;
use wsanvil_net::{ConnectError, Connector, Launch, LaunchError, Launched};

/// A run: what is tested, with what, and how.
#[derive(Debug)]
pub struct Plan {
    /// Instances in the order of the library.
    pub instances: Vec<Arc<Instance>>,
    /// Opens connections to the target.
    pub connector: Arc<Connector>,
    /// How the target was started, when wsanvil started it.
    pub launch: Option<(Launch, Launched)>,
    /// The target as scripts see it; `app` is overwritten when it is probed.
    pub facts: TargetFacts,
    /// What the application of the target does; `None`: find out.
    pub app: Option<App>,
    /// Name of the target in reports; `None`: its Server field, else its host.
    pub agent: Option<String>,
    /// Version of the target, as the user gave it.
    pub target_version: Option<String>,
    /// Command that started the target, for the report.
    pub command: Option<String>,
    /// Name of the profile, for the report.
    pub profile: String,
    /// Instances at once, at least 1.
    pub jobs: u32,
    /// Seed of every random choice.
    pub seed: u64,
    /// The part of the selection that `instances` are, for the report.
    pub shard: Option<Shard>,
    /// Deadline of a step.
    pub step_deadline: Duration,
    /// End of the run, whatever is left.
    pub max_time: Option<Duration>,
    /// How often what rests on time is run again, alone, at most.
    pub retries: u32,
    /// Whether disruptive cases run against any target.
    pub disruptive: bool,
    /// Whether passing instances keep whole transcripts.
    pub keep_all: bool,
    /// Whether cases were picked by hand: standing rules are reported only when broken.
    pub selective: bool,
    /// Command line that a `--case 'NAME'` makes into a replay.
    pub replay: String,
}

/// Asks a run to end early. Clones ask the same run.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Asked>);

#[derive(Debug, Default)]
struct Asked {
    asked: AtomicBool,
    notify: Notify,
}

impl Stop {
    /// Asks. Instances that are running are given up.
    pub fn stop(&self) {
        self.0.asked.store(true, Ordering::SeqCst);
        self.0.notify.notify_waiters();
    }

    /// Whether somebody asked.
    pub fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// Resolves when somebody asks.
    pub(crate) async fn asked(&self) {
        let mut notified = std::pin::pin!(self.0.notify.notified());
        notified.as_mut().enable();
        if !self.is_asked() {
            notified.await;
        }
    }
}

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// No connection came about.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The target answered the opening handshake with a status that is not 101.
    #[error("{url} is no WebSocket endpoint: it answered HTTP {status} {reason}")]
    Refused {
        /// URL without credentials.
        url: String,
        /// Status code.
        status: u16,
        /// Reason phrase.
        reason: String,
        /// Location field of a redirect.
        location: Option<String>,
    },
    /// What answers does not speak HTTP.
    #[error("{url} does not speak HTTP: {why}")]
    NotHttp {
        /// URL without credentials.
        url: String,
        /// What came.
        why: String,
    },
    /// The target could not be started again.
    #[error(transparent)]
    Launch(#[from] LaunchError),
}

impl RunError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Connect(error) => error.hint(),
            Self::Launch(error) => error.hint(),
            Self::NotHttp { .. } => "check the port, and whether it wants TLS (wss://)".to_owned(),
            Self::Refused { status, location, .. } => match (status, location) {
                (301 | 302 | 303 | 307 | 308, Some(location)) => {
                    format!("it points to {location}: try that URL")
                }
                (401, _) => "it wants credentials: --header 'Authorization: …', or user:password@ in the URL"
                    .to_owned(),
                (403, _) => "it refuses this client: try --origin or --header".to_owned(),
                (400 | 426, _) => "it refuses this handshake: try --subprotocol or --header".to_owned(),
                (404 | 405 | 200, _) => "the path may be wrong: try ws://host:port/path".to_owned(),
                _ => "check URL and path, and the target's own log".to_owned(),
            },
        }
    }
}
