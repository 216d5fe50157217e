//! `wsanvil echo`: the reference server by itself.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use wsanvil_echo::{Config, Defect, Defects};
use wsanvil_net::{Blame, Listener, ServerTls};

use super::run::Interrupts;
use crate::cli::EchoArgs;
use crate::exit_code;
use crate::failure::Failure;
use crate::terminal;

/// Serves until Ctrl-C or SIGTERM.
pub(super) fn echo(args: &EchoArgs) -> Result<u8, Failure> {
    if args.defect.iter().any(|name| name == "list") {
        terminal::say(&list())?;
        return Ok(exit_code::OK);
    }
    let config = Config {
        subprotocols: args.subprotocol.clone(),
        close_trigger: args.close_trigger.clone(),
        origin: (!args.origin.is_empty()).then(|| args.origin.clone()),
        auth: args.auth.as_deref().map(credentials).transpose()?,
        idle: args.idle_ms.map(Duration::from_millis),
        ping_interval: args.ping_interval_ms.map(Duration::from_millis),
        defects: args
            .defect
            .iter()
            .map(|name| defect(name))
            .collect::<Result<Defects, Failure>>()?,
        ..Config::default()
    };
    let tls = args
        .cert
        .as_ref()
        .zip(args.key.as_ref())
        .map(|(cert, key)| ServerTls::from_files(cert, key));
    let tls = tls
        .transpose()
        .map_err(|error| Failure::usage(error.to_string()).hint(error.hint()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(exit_code::TARGET, format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let mut interrupts = Interrupts::new()?;
        let mut listener = Listener::bind(&args.addr).await.map_err(|error| {
            let code = if error.blame() == Blame::Usage {
                exit_code::USAGE
            } else {
                exit_code::TARGET
            };
            Failure::new(code, error.to_string()).hint(error.hint())
        })?;
        let scheme = if tls.is_some() { "wss" } else { "ws" };
        if let Some(tls) = tls {
            listener = listener.with_tls(tls);
        }
        let address = listener
            .local_addr()
            .map_err(|error| Failure::new(exit_code::TARGET, format!("no address: {error}")))?;
        terminal::say(&format!("{scheme}://{}/\n", reachable(address)))?;
        // Many connections may come at once; when the limit stays low, fewer are served.
        let _ = wsanvil_net::raise_descriptor_limit();
        wsanvil_run::serve(listener, config, interrupts.next()).await;
        Ok(exit_code::OK)
    })
}

/// Where a client on this machine reaches a server that listens on every address.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// User and password; the message does not repeat them.
fn credentials(text: &str) -> Result<(String, String), Failure> {
    let (user, password) = text
        .split_once(':')
        .ok_or_else(|| Failure::usage("--auth takes USER:PASSWORD"))?;
    Ok((user.to_owned(), password.to_owned()))
}

fn defect(name: &str) -> Result<Defect, Failure> {
    name.parse().map_err(|_| {
        let nearest = Defect::ALL
            .iter()
            .map(|defect| (strsim::jaro_winkler(name, defect.name()), defect.name()))
            .max_by(|left, right| left.0.total_cmp(&right.0));
        let nearest = nearest.filter(|(score, _)| *score > 0.7);
        Failure::usage(format!("no defect is called `{name}`")).hint(match nearest {
            Some((_, nearest)) => format!("did you mean {nearest}? `--defect list` shows all"),
            None => "`--defect list` shows all".to_owned(),
        })
    })
}

fn list() -> String {
    let width = Defect::ALL
        .iter()
        .map(|defect| defect.name().len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for defect in Defect::ALL {
        let legal = if defect.is_legal() { " Legal." } else { "" };
        let _ = writeln!(text, "{:<width$}  {}{legal}", defect.name(), defect.describe());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_can_be_opened() {
        let of = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(of("0.0.0.0:9001"), "127.0.0.1:9001");
        assert_eq!(of("[::]:9001"), "[::1]:9001");
        assert_eq!(of("127.0.0.2:1"), "127.0.0.2:1");
    }
}
