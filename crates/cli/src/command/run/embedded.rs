//! The embedded reference server: a target for runs that name none.

use std::sync::mpsc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;
use wsanvil_echo::Config;
use wsanvil_net::Listener;

use crate::exit_code;
use crate::failure::Failure;

/// Its name in reports.
pub(super) const AGENT: &str = "wsanvil reference";
/// The text that makes it start the closing handshake.
const CLOSE_TRIGGER: &str = "wsanvil: close";
/// The sub-protocols it speaks.
const SUBPROTOCOLS: [&str; 2] = ["chat", "superchat"];
/// The one origin it admits.
const ORIGIN: &str = "https://wsanvil.example";

/// A server on a thread of its own, so that tester and target do not wait for each other. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Embedded {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Embedded {
    /// Starts it on a free port of 127.0.0.1.
    pub(super) fn start() -> Result<Self, Failure> {
        let failed = |cause: String| {
            Failure::new(
                exit_code::TARGET,
                format!("the embedded reference server does not start: {cause}"),
            )
        };
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let serve = move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(tell.send(Err(error.to_string()))),
            };
            runtime.block_on(async {
                match Listener::bind("127.0.0.1:0")
                    .await
                    .map(|listener| (listener.local_addr(), listener))
                {
                    Ok((Ok(address), listener)) => {
                        // The receiver waits for exactly this.
                        let _ = tell.send(Ok(address));
                        let end = async { drop(stopped.await) };
                        wsanvil_run::serve(listener, config(), end).await;
                    }
                    Ok((Err(error), _)) => drop(tell.send(Err(error.to_string()))),
                    Err(error) => drop(tell.send(Err(error.to_string()))),
                }
            });
        };
        let thread = std::thread::Builder::new()
            .name("reference".to_owned())
            .spawn(serve)
            .map_err(|error| failed(error.to_string()))?;
        let address = told
            .recv()
            .map_err(|error| failed(error.to_string()))?
            .map_err(failed)?;
        Ok(Self {
            url: format!("ws://{address}/"),
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it serves.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// What a `[target]` table would declare about it.
    pub(super) fn declared() -> impl Iterator<Item = (String, String)> {
        let declared: Vec<_> = config().declared().collect();
        declared.into_iter().map(|(name, value)| (name.to_owned(), value))
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in it has been told by the hook.
            let _ = thread.join();
        }
    }
}

fn config() -> Config {
    Config {
        close_trigger: Some(CLOSE_TRIGGER.to_owned()),
        subprotocols: SUBPROTOCOLS.map(str::to_owned).to_vec(),
        origin: Some(vec![ORIGIN.to_owned()]),
        ..Config::default()
    }
}
