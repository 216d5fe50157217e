//! How a target is reached, for commands beside `run`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueHint};

use super::{NETWORK, RunArgs, TARGET, duration};

/// Options that `run` has too, with the same meaning.
#[derive(Debug, Clone, Args)]
pub(crate) struct Reach {
    /// Field added to every opening request, such as 'Authorization: Bearer …' (repeatable)
    #[arg(long, short = 'H', value_name = "N: V", action = ArgAction::Append, help_heading = TARGET)]
    #[arg(env = "WSANVIL_HEADER", hide_env_values = true)]
    pub(crate) header: Vec<String>,

    /// Origin of every opening request, as a browser would send it
    #[arg(long, value_name = "ORIGIN", help_heading = TARGET, env = "WSANVIL_ORIGIN", hide_env_values = true)]
    pub(crate) origin: Option<String>,

    /// Sub-protocol offered in every opening request (repeatable)
    #[arg(long, value_name = "NAME", action = ArgAction::Append, help_heading = TARGET)]
    #[arg(env = "WSANVIL_SUBPROTOCOL", hide_env_values = true)]
    pub(crate) subprotocol: Vec<String>,

    /// How long the target may stay silent in a step: milliseconds, or with unit as in 5s (default: 5s)
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = TARGET)]
    #[arg(env = "WSANVIL_TIMEOUT", hide_env_values = true)]
    pub(crate) timeout: Option<Duration>,

    /// Take any TLS certificate
    #[arg(long, short = 'k', help_heading = NETWORK)]
    pub(crate) insecure: bool,

    /// PEM file of the certificates to trust instead of the system's
    #[arg(long, value_name = "FILE", help_heading = NETWORK, env = "WSANVIL_CACERT", hide_env_values = true)]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) cacert: Option<PathBuf>,

    /// Connect to this host and port instead of those of the URL
    #[arg(long, value_name = "HOST:PORT", help_heading = NETWORK)]
    #[arg(env = "WSANVIL_CONNECT_TO", hide_env_values = true)]
    pub(crate) connect_to: Option<String>,

    /// Use IPv4 only
    #[arg(long, short = '4', help_heading = NETWORK)]
    pub(crate) ipv4: bool,

    /// Use IPv6 only
    #[arg(long, short = '6', help_heading = NETWORK, conflicts_with = "ipv4")]
    pub(crate) ipv6: bool,
}

impl Reach {
    /// Puts what is given in the place of what `args` says. Of fields, only those of the same name are replaced.
    pub(crate) fn apply(&self, args: &mut RunArgs) {
        let name = |field: &str| field.split(':').next().unwrap_or_default().trim().to_lowercase();
        args.header
            .retain(|old| !self.header.iter().any(|new| name(new) == name(old)));
        args.header.extend(self.header.iter().cloned());
        if !self.subprotocol.is_empty() {
            args.subprotocol.clone_from(&self.subprotocol);
        }
        take(&mut args.origin, self.origin.as_ref());
        take(&mut args.timeout, self.timeout.as_ref());
        take(&mut args.insecure, self.insecure.then_some(&true));
        take(&mut args.cacert, self.cacert.as_ref());
        take(&mut args.connect_to, self.connect_to.as_ref());
        if self.ipv4 || self.ipv6 {
            args.ipv4 = Some(self.ipv4);
            args.ipv6 = Some(self.ipv6);
        }
    }
}

fn take<T: Clone>(place: &mut Option<T>, new: Option<&T>) {
    if new.is_some() {
        *place = new.cloned();
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        reach: Reach,
    }

    #[test]
    fn what_is_given_wins_field_by_field() {
        let mut args = RunArgs {
            header: vec!["Authorization: ***".to_owned(), "X-A: 1".to_owned()],
            origin: Some("o".to_owned()),
            ..RunArgs::default()
        };
        let line = ["x", "-H", "authorization: Bearer t", "-k", "-4"];
        Line::parse_from(line).reach.apply(&mut args);
        assert_eq!(args.header, ["X-A: 1", "authorization: Bearer t"]);
        assert_eq!(args.origin.as_deref(), Some("o"));
        assert_eq!((args.insecure, args.ipv4), (Some(true), Some(true)));
        assert_eq!(args.timeout, None);
    }
}
