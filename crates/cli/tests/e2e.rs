//! The real program, over real sockets.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test, in its helpers too")]

#[path = "e2e/baseline.rs"]
mod baseline;
#[path = "e2e/busy.rs"]
mod busy;
#[path = "e2e/crash.rs"]
mod crash;
#[path = "e2e/findings.rs"]
mod findings;
#[path = "e2e/flaky.rs"]
mod flaky;
#[path = "e2e/growth.rs"]
mod growth;
#[path = "e2e/hostile.rs"]
mod hostile;
#[path = "e2e/interrupt.rs"]
mod interrupt;
#[path = "e2e/probe.rs"]
mod probe;
#[path = "e2e/program.rs"]
mod program;
#[path = "e2e/prompt.rs"]
mod prompt;
#[path = "e2e/replay.rs"]
mod replay;
#[path = "e2e/reports.rs"]
mod reports;
#[path = "e2e/secrets.rs"]
mod secrets;
#[path = "e2e/shards.rs"]
mod shards;
#[path = "e2e/tls.rs"]
mod tls;
#[path = "e2e/unreachable.rs"]
mod unreachable;
