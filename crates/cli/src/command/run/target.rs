//! What is tested and how it is reached.

use std::collections::BTreeMap;
use std::sync::Arc;

use wsanvil_engine::TargetFacts;
use wsanvil_net::{
    Address, Blame, ConnectError, Connector, ConnectorOptions, Family, LaunchError, TlsOptions, TlsSetupError,
};
use wsanvil_run::RunError;
use wsanvil_wire::Role;

use crate::cli::RunArgs;
use crate::exit_code;
use crate::failure::Failure;
use crate::secrets::Secrets;

/// Fields that wsanvil writes itself, and the option that changes them, if any.
const OWN_FIELDS: &[(&str, &str)] = &[
    ("upgrade", ""),
    ("connection", ""),
    ("sec-websocket-key", ""),
    ("sec-websocket-version", ""),
    ("sec-websocket-accept", ""),
    ("sec-websocket-extensions", ""),
    ("sec-websocket-protocol", "use --subprotocol"),
    ("origin", "use --origin"),
];

/// The target as the command line names it.
#[derive(Debug, Clone)]
pub(in crate::command) struct Wanted {
    /// None: the embedded reference server. May hold `{port}` when a command starts the target.
    pub(in crate::command) url: Option<String>,
    pub(in crate::command) options: ConnectorOptions,
    pub(in crate::command) headers: Vec<(String, String)>,
    /// Instead of host and port of the URL.
    host: Option<String>,
    origin: Option<String>,
    subprotocols: Vec<String>,
}

impl Wanted {
    /// Looks at everything that can be wrong before anything is opened. Secrets become known.
    pub(in crate::command) fn of(args: &RunArgs, secrets: &mut Secrets) -> Result<Self, Failure> {
        let mut headers = Vec::new();
        let mut host = None;
        for text in &args.header {
            let (name, value) = field(text)?;
            secrets.field(&name, &value);
            if name.eq_ignore_ascii_case("host") {
                host = Some(value);
            } else {
                headers.push((name, value));
            }
        }
        if let Some(url) = &args.url {
            secrets.url(url);
            let address = address(url, !args.command.is_empty(), secrets)?;
            let given = headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
            if let Some(authorization) = address.authorization().filter(|_| !given) {
                secrets.field("Authorization", &authorization);
                headers.push(("Authorization".to_owned(), authorization));
            }
        } else if !args.command.is_empty() {
            return Err(Failure::usage("a command needs the URL where it will serve")
                .hint("wsanvil run 'ws://127.0.0.1:{port}/' -- CMD --port '{port}'"));
        }
        Ok(Self {
            url: args.url.clone(),
            options: options(args)?,
            headers,
            host,
            origin: args
                .origin
                .clone()
                .map(|origin| printable("--origin", origin))
                .transpose()?,
            subprotocols: args
                .subprotocol
                .iter()
                .map(|name| token(name).map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or_else(|| {
                    Failure::usage("--subprotocol takes a token: letters, digits and !#$%&'*+-.^_`|~ only")
                })?,
        })
    }

    /// The URL as it was given; empty for the embedded server.
    pub(in crate::command) fn url(&self) -> &str {
        self.url.as_deref().unwrap_or_default()
    }

    /// Connections to `url`, which holds no `{port}` any more.
    pub(in crate::command) fn connector(&self, url: &str) -> Result<Arc<Connector>, Failure> {
        let address =
            Address::parse(url).map_err(|error| Failure::usage(error.to_string()).hint(error.hint()))?;
        let connector = Connector::new(address, &self.options).map_err(|error| tls(&error))?;
        Ok(Arc::new(connector))
    }

    /// The target as scripts see it.
    pub(in crate::command) fn facts(
        &self,
        address: &Address,
        declared: BTreeMap<String, String>,
    ) -> TargetFacts {
        TargetFacts {
            role: Role::Server,
            host: self.host.clone().unwrap_or_else(|| address.authority()),
            path: address.path().to_owned(),
            scheme: address.scheme().to_owned(),
            headers: self.headers.clone(),
            origin: self.origin.clone(),
            subprotocols: self.subprotocols.clone(),
            // Overwritten when the target is probed.
            app: wsanvil_engine::App::Echo,
            declared,
        }
    }
}

/// Parses `url`; with `launched`, `{port}` stands for a port that is chosen later.
fn address(url: &str, launched: bool, secrets: &mut Secrets) -> Result<Address, Failure> {
    if url.contains("{port}") && !launched {
        return Err(
            Failure::usage("{port} in the URL needs a command to give the port to")
                .hint("wsanvil run 'ws://127.0.0.1:{port}/' -- CMD --port '{port}'"),
        );
    }
    Address::parse(&url.replace("{port}", "9")).map_err(|error| {
        // Without a scheme the user part is not recognised as such.
        secrets.url(&format!("ws://{url}"));
        let hide = |text: String| secrets.hide(&text).replace(":9/", ":{port}/");
        Failure::usage(format!("the URL is wrong: {}", hide(error.to_string()))).hint(hide(error.hint()))
    })
}

fn options(args: &RunArgs) -> Result<ConnectorOptions, Failure> {
    let family = match (args.ipv4.unwrap_or(false), args.ipv6.unwrap_or(false)) {
        (true, true) => return Err(Failure::usage("--ipv4 and --ipv6 exclude each other")),
        (true, false) => Family::V4,
        (false, true) => Family::V6,
        (false, false) => Family::Any,
    };
    let tls = TlsOptions {
        insecure: args.insecure.unwrap_or(false),
        cacert: args.cacert.clone(),
        ..TlsOptions::default()
    };
    let connect_to = args.connect_to.as_deref().map(host_and_port).transpose()?;
    Ok(ConnectorOptions {
        tls,
        family,
        connect_to,
    })
}

fn host_and_port(text: &str) -> Result<(String, u16), Failure> {
    // Reads like the authority of a URL, where a port is a must.
    let parsed = Address::parse(&format!("ws://{text}/")).ok().filter(|address| {
        let behind = text.rsplit(':').next();
        address.authorization().is_none() && behind == Some(address.port().to_string().as_str())
    });
    parsed
        .map(|address| (address.host().to_owned(), address.port()))
        .ok_or_else(|| {
            Failure::usage("--connect-to takes HOST:PORT").hint("such as 127.0.0.1:8080 or [::1]:8080")
        })
}

/// Name and value of `N: V`. The value may be a secret and is in no message.
fn field(text: &str) -> Result<(String, String), Failure> {
    let form =
        || Failure::usage("--header takes 'NAME: VALUE'").hint("such as --header 'Authorization: Bearer …'");
    let (name, value) = text.split_once(':').ok_or_else(form)?;
    let name = token(name.trim()).ok_or_else(form)?;
    let own = OWN_FIELDS.iter().find(|(own, _)| name.eq_ignore_ascii_case(own));
    if let Some((_, instead)) = own {
        let hint = if instead.is_empty() {
            "a case of your own can change it: see `wsanvil check`"
        } else {
            instead
        };
        return Err(Failure::usage(format!(
            "--header cannot set {name}: wsanvil writes that field itself"
        ))
        .hint(hint));
    }
    Ok((
        name.to_owned(),
        printable(&format!("--header {name}"), value.trim().to_owned())?,
    ))
}

/// The text when it is a token (RFC 9110 section 5.6.2).
fn token(text: &str) -> Option<&str> {
    let fits = |octet: u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet);
    (!text.is_empty() && text.bytes().all(fits)).then_some(text)
}

/// The text when it can stand in a field value (RFC 9110 section 5.5).
fn printable(what: &str, text: String) -> Result<String, Failure> {
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return Err(Failure::usage(format!("{what} holds a control character")));
    }
    Ok(text)
}

fn tls(error: &TlsSetupError) -> Failure {
    let code = if error.blame() == Blame::Usage {
        exit_code::USAGE
    } else {
        exit_code::TARGET
    };
    Failure::new(code, error.to_string()).hint(error.hint())
}

/// No connection: whoever is to blame, the target was not reached.
pub(in crate::command) fn unreachable(error: &ConnectError) -> Failure {
    Failure::new(exit_code::TARGET, error.to_string()).hint(error.hint())
}

/// The command does not make a server.
pub(in crate::command) fn unstartable(error: &LaunchError) -> Failure {
    let code = match error {
        LaunchError::Address(_) | LaunchError::NoCommand => exit_code::USAGE,
        LaunchError::Tls(error) => return tls(error),
        _ => exit_code::TARGET,
    };
    Failure::new(code, error.to_string()).hint(error.hint())
}

/// The run could not begin or go on.
pub(in crate::command) fn failed(error: &RunError) -> Failure {
    Failure::new(exit_code::TARGET, error.to_string()).hint(error.hint())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        assert_eq!(field("X-A:  b c ").unwrap(), ("X-A".to_owned(), "b c".to_owned()));
        for wrong in [
            "X-A",
            ": b",
            "X A: b",
            "X: a\r\nY: b",
            "Upgrade: x",
            "sec-websocket-key: x",
        ] {
            assert_eq!(field(wrong).unwrap_err().code, exit_code::USAGE, "{wrong}");
        }
        assert_eq!(
            field("Origin: x").unwrap_err().hint.as_deref(),
            Some("use --origin")
        );
        let said = field("Authorization: se\u{1}cret").unwrap_err();
        assert!(!said.message.contains("cret"));
    }

    #[test]
    fn where_to_connect() {
        assert_eq!(host_and_port("h:80").unwrap(), ("h".to_owned(), 80));
        assert_eq!(host_and_port("[::1]:8080").unwrap(), ("::1".to_owned(), 8080));
        for wrong in ["h", "h:", ":80", "h:x", "::1:80", "a@h:80"] {
            assert!(host_and_port(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn mistakes_in_a_url_do_not_show_its_password() {
        let failure = address("user:wonderland@h/", false, &mut Secrets::default()).unwrap_err();
        let said = format!("{} {}", failure.message, failure.hint.unwrap());
        assert!(!said.contains("wonderland"), "{said}");
    }
}
