//! Small conversations of the run's own: does the target serve, does it answer a Ping, does it send messages back?

use std::sync::Arc;
use std::time::{Duration, Instant};

use wsanvil_case::{Instance, Library};
use wsanvil_engine::{App, CompressedMessages, Engine, Outcome, Settings, TargetFacts};
use wsanvil_model::{Direction, Entry, Verdict, What};
use wsanvil_net::Connector;

use crate::drive;
use crate::worker::ending_within;

/// How long the end of a connection is waited for: nothing is learnt from it.
const CLOSING: Duration = Duration::from_millis(100);

const SCRIPTS: &str = r#"
[group]
id = "pulse"
title = "Conversations of the runner"
[[case]]
id = "pulse/ping"
title = "A handshake and a Ping"
spec = ["6455-5.5.2-2"]
steps = [
  { open = "ws" },
  { expect = "alive" },
]
[[case]]
id = "pulse/echo"
title = "A handshake and a message"
spec = ["6455-6.2-3"]
steps = [
  { open = "ws" },
  { send = "text", data = "wsanvil" },
  { expect = "echo" },
]
"#;

/// The conversations.
#[derive(Debug)]
pub(crate) struct Pulse {
    ping: Arc<Instance>,
    echo: Arc<Instance>,
    facts: TargetFacts,
    seed: u64,
}

impl Pulse {
    /// Conversations with this target.
    pub(crate) fn new(facts: &TargetFacts, seed: u64) -> Self {
        let mut library = Library::empty();
        // The text is a constant of this file and a test loads it.
        let _ = library.add_text("pulse.toml", SCRIPTS, None);
        let find = |name: &str| library.instance(name).cloned();
        #[expect(clippy::expect_used, reason = "a constant that a test loads")]
        let (ping, echo) = find("pulse/ping")
            .zip(find("pulse/echo"))
            .expect("the scripts of this file load");
        Self {
            ping,
            echo,
            facts: facts.clone(),
            seed,
        }
    }

    /// Opens a connection and sends a Ping. Whatever messages the target sends of its own accord are passed over.
    pub(crate) async fn ping(&self, connector: &Connector, within: Duration) -> Outcome {
        self.converse(&self.ping, App::None, connector, within).await
    }

    /// Opens a connection and sends a message.
    pub(crate) async fn echo(&self, connector: &Connector, within: Duration) -> Outcome {
        self.converse(&self.echo, App::Echo, connector, within).await
    }

    async fn converse(
        &self,
        instance: &Arc<Instance>,
        app: App,
        connector: &Connector,
        within: Duration,
    ) -> Outcome {
        let facts = TargetFacts {
            app,
            ..self.facts.clone()
        };
        let settings = Settings {
            target: Arc::new(facts),
            seed: self.seed,
            step_deadline: within,
            quiet_window: Duration::from_millis(20),
            closing: CLOSING,
            keep_all: false,
            compressed: Arc::new(CompressedMessages::new(0)),
        };
        let mut buffer = Vec::new();
        // A handshake that trickles in takes two deadlines, and is told apart from a target that answered it.
        let instance = ending_within(instance, within * 3);
        drive(
            Engine::new(instance, settings),
            connector,
            Instant::now(),
            &mut buffer,
        )
        .await
        .into_outcome()
    }
}

/// Whether the target answered an opening handshake, however it answered. That TCP opened proves nothing: the system
/// takes connections for a process that hangs.
pub(crate) fn shows_life(outcome: &Outcome) -> bool {
    let answered =
        |entry: &Entry| entry.dir == Direction::In && matches!(entry.what, What::Head | What::Frame);
    outcome.echoed || outcome.barrier_round_trip.is_some() || outcome.transcript.iter().any(answered)
}

/// Whether a conversation got through to its end.
pub(crate) fn went_well(outcome: &Outcome) -> bool {
    outcome.verdict == Verdict::Pass
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use wsanvil_echo::{Config, Echo};
    use wsanvil_net::{Address, ConnectorOptions};
    use wsanvil_wire::Role;

    use super::*;

    /// A server that sends news behind the handshake and is an echo server otherwise. Gives its port.
    fn with_news() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for mut connection in listener.incoming().flatten() {
                let mut echo = Echo::server(Config::default());
                let mut buffer = [0; 4096];
                let mut news: &[u8] = b"\x81\x04news";
                while let Ok(count @ 1..) = connection.read(&mut buffer) {
                    echo.receive(&buffer[..count]);
                    let output = echo.output();
                    if !output.is_empty() && connection.write_all(&[&output, news].concat()).is_ok() {
                        news = b"";
                    }
                    if echo.wants_close() {
                        break;
                    }
                }
            }
        });
        port
    }

    #[tokio::test]
    async fn who_sends_messages_of_its_own_and_answers_a_ping_lives() {
        let url = format!("ws://127.0.0.1:{}/", with_news());
        let address = Address::parse(&url).unwrap();
        let facts = TargetFacts {
            role: Role::Server,
            host: address.authority(),
            path: "/".to_owned(),
            scheme: "ws".to_owned(),
            headers: Vec::new(),
            origin: None,
            subprotocols: Vec::new(),
            app: App::None,
            declared: BTreeMap::new(),
        };
        let connector = Connector::new(address, &ConnectorOptions::default()).unwrap();
        let pulse = Pulse::new(&facts, 1);
        let within = Duration::from_secs(60);
        let ping = pulse.ping(&connector, within).await;
        assert!(went_well(&ping), "{}", ping.reason);
        let echo = pulse.echo(&connector, within).await;
        assert!(!went_well(&echo), "news are no echo");
    }

    #[test]
    fn the_scripts_load() {
        let mut library = Library::empty();
        library.add_text("pulse.toml", SCRIPTS, None).unwrap();
        assert_eq!(library.instances.len(), 2);
        assert!(library.instance("pulse/ping").is_some());
        assert!(library.instance("pulse/echo").is_some());
    }
}
