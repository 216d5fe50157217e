//! What can be typed. Every option here is also a key of the `[run]` table of `wsanvil.toml` and a variable of the
//! environment.

mod probe;
mod reach;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{BoolishValueParser, PossibleValuesParser, TypedValueParser as _};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
use wsanvil_case::ProfileName;
use wsanvil_model::Shard;
use wsanvil_report::Destination;

pub(crate) use self::probe::{ProbeArgs, ReplayArgs, STEPS};
use crate::exit_code;
use crate::terminal::Color;

/// Tests WebSocket endpoints against RFC 6455 and RFC 7692 and names the rule each fault breaks.
#[derive(Debug, Parser)]
#[command(name = "wsanvil", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = exit_code::help(), after_long_help = LONG_HELP.to_owned() + &exit_code::help())]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// When to use colours; the variables `NO_COLOR` and `CLICOLOR_FORCE` are honoured
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        env = "WSANVIL_COLOR"
    )]
    #[arg(hide_env_values = true)]
    pub(crate) color: Color,
}

const LONG_HELP: &str = "\
Examples:
  wsanvil                                     test the embedded reference server
  wsanvil run ws://localhost:9001/            test a server that echoes
  wsanvil run wss://example.org/chat --app none
                                              test a production endpoint gently
  wsanvil run 'ws://127.0.0.1:{port}/' -- ./server --port '{port}'
                                              start the server, notice when it crashes
  wsanvil run URL --case 'utf8/*' --case autobahn:6.4.3
  wsanvil explain framing/rsv-in-first-frame  what a case does and why

Options can also be set in a wsanvil.toml and by variables of the environment; the command line wins over the
environment, the environment over the file.

";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Test a server; without URL, the embedded reference server
    ///
    /// Connects to a WebSocket server, runs the selected cases against it and writes reports. Without URL the embedded
    /// reference server is tested, which needs nothing and shows what a run looks like.
    ///
    /// With `-- CMD` wsanvil starts the target, waits until it answers a WebSocket handshake, and tells a crash from a
    /// closed connection. `{port}` in URL and CMD stands for a free port.
    Run(Box<RunArgs>),
    /// List cases: id, title and how many instances each profile runs
    List(ListArgs),
    /// Explain a case or a requirement: what, why, how it is judged, how to run it alone
    Explain(ExplainArgs),
    /// Talk to a server, step by step or at a prompt, and see every frame
    ///
    /// Opens a connection, does the steps one behind the other, shows what crosses the wire while it does, waits until the
    /// target is quiet and closes. Rules that the target breaks are named; they make the exit code 1.
    ///
    /// Without steps there is a prompt: a line is a text message, a line that begins with / is a step, Ctrl-D closes.
    Probe(Box<ProbeArgs>),
    /// Run a finding of a report again, or a case file: is it still there?
    ///
    /// Says for each finding whether it is reproduced, changed or gone. The exit code is 0 when all are gone.
    Replay(Box<ReplayArgs>),
    /// Serve the reference echo server, with defects if wanted
    ///
    /// Serves until Ctrl-C and prints its URL. The server is strictly conformant; with --defect it breaks one rule on
    /// purpose, to see what a finding looks like.
    Echo(EchoArgs),
    /// Check case files
    Check(CheckArgs),
    /// Compare two JSON reports: what regressed, what is fixed, new, gone or found for another reason
    ///
    /// Instances are compared by name; times, ports and random octets make no difference. What a report does not judge is
    /// never called fixed. Exit code 1 when something regressed that the baseline of NEW does not expect.
    Diff(DiffArgs),
    /// Make one report of several: shards of a run, or one page for several targets
    ///
    /// Reports of the same agent, such as the shards of a run, become one report, which is judged as a run is. Reports of
    /// different agents become one page with a row for each case and a column for each agent.
    Merge(MergeArgs),
    /// Show the options that a run here would have, and where each comes from
    Config(ConfigArgs),
    /// Write completions for a shell to stdout
    Completions(CompletionsArgs),
    /// Write the manual page to stdout, in the roff of man(1)
    Man(ManArgs),
}

#[derive(Debug, Clone, Default, Args)]
#[command(after_help = exit_code::help())]
pub(crate) struct RunArgs {
    /// Address of the target: ws://HOST:PORT/PATH or wss://…
    #[arg(index = 1, value_name = "URL", env = "WSANVIL_URL", hide_env_values = true, value_hint = ValueHint::Url)]
    pub(crate) url: Option<String>,

    /// Command that starts the target
    #[arg(index = 2, last = true, value_name = "CMD", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<String>,

    /// Run these cases: an id, area, instance name or alias, with * and ? as wildcards (repeatable)
    #[arg(long = "case", value_name = "GLOB", action = ArgAction::Append, help_heading = SELECTION)]
    #[arg(env = "WSANVIL_CASE", hide_env_values = true)]
    pub(crate) case: Vec<String>,

    /// Leave these cases out (repeatable)
    #[arg(long, value_name = "GLOB", action = ArgAction::Append, help_heading = SELECTION)]
    #[arg(env = "WSANVIL_EXCLUDE", hide_env_values = true)]
    pub(crate) exclude: Vec<String>,

    /// Named selection: quick, default, full, autobahn (the cases of Autobahn|Testsuite), perf, or a `[profile.NAME]` of
    /// wsanvil.toml
    #[arg(long, value_name = "NAME", help_heading = SELECTION, env = "WSANVIL_PROFILE", hide_env_values = true)]
    pub(crate) profile: Option<String>,

    /// What that profile selects.
    #[arg(skip)]
    pub(crate) selects: Option<ProfileName>,

    /// Run one part of the selection: K/N is part K of N, and 0/N is N/N. Which part an instance is in depends on its name
    /// and N only
    #[arg(long, value_name = "K/N", help_heading = SELECTION, env = "WSANVIL_SHARD", hide_env_values = true)]
    pub(crate) shard: Option<Shard>,

    /// Folder with case files of your own, or one such file, added to the built-in ones (repeatable)
    #[arg(long, value_name = "DIR", action = ArgAction::Append, help_heading = SELECTION)]
    #[arg(env = "WSANVIL_CASES", hide_env_values = true, value_hint = ValueHint::DirPath)]
    pub(crate) cases: Vec<PathBuf>,

    /// Also run cases that could do harm (floods, bombs); without it they run only against this machine
    #[arg(long, help_heading = SELECTION, env = "WSANVIL_DISRUPTIVE", hide_env_values = true)]
    #[arg(value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true")]
    #[arg(require_equals = true, value_name = "BOOL", hide_possible_values = true)]
    pub(crate) disruptive: Option<bool>,

    /// What the target does with messages; found out when not given
    #[arg(long, value_enum, value_name = "APP", help_heading = TARGET, env = "WSANVIL_APP", hide_env_values = true)]
    pub(crate) app: Option<AppArg>,

    /// Name of the target in reports
    #[arg(long, value_name = "NAME", help_heading = TARGET, env = "WSANVIL_AGENT", hide_env_values = true)]
    pub(crate) agent: Option<String>,

    /// Version of the target in reports
    #[arg(long, value_name = "TEXT", help_heading = TARGET)]
    #[arg(env = "WSANVIL_TARGET_VERSION", hide_env_values = true)]
    pub(crate) target_version: Option<String>,

    /// How long a target started with -- CMD may take until it serves: 500ms, 30s, 2m (default: 30s)
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = TARGET)]
    #[arg(env = "WSANVIL_READY_TIMEOUT", hide_env_values = true)]
    pub(crate) ready_timeout: Option<Duration>,

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

    /// Cases at once (default: 32 against this machine, 4 against others)
    #[arg(long, short = 'j', value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    #[arg(help_heading = RUNNING, env = "WSANVIL_JOBS", hide_env_values = true)]
    pub(crate) jobs: Option<u32>,

    /// How long the target may stay silent in a step: milliseconds, or with unit as in 5s (default: 5s)
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = RUNNING)]
    #[arg(env = "WSANVIL_TIMEOUT", hide_env_values = true)]
    pub(crate) timeout: Option<Duration>,

    /// Run an instance again, alone and up to so many times, when only time decided: a deadline that passed, or no
    /// connection. Where the runs disagree it is flaky and the worst verdict counts. All this takes two minutes at most
    /// (default: 0)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100))]
    #[arg(help_heading = RUNNING, env = "WSANVIL_RETRIES", hide_env_values = true)]
    pub(crate) retries: Option<u32>,

    /// Stop the whole run after this time: 90s, 10m
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = RUNNING)]
    #[arg(env = "WSANVIL_MAX_TIME", hide_env_values = true)]
    pub(crate) max_time: Option<Duration>,

    /// Seed of every random choice; verdicts do not depend on it (default: a new one, shown at the end)
    #[arg(long, value_name = "N", help_heading = RUNNING, env = "WSANVIL_SEED", hide_env_values = true)]
    pub(crate) seed: Option<u64>,

    /// Configuration (default: wsanvil.toml in this folder or the nearest above)
    #[arg(long, value_name = "FILE", help_heading = RUNNING, env = "WSANVIL_CONFIG", hide_env_values = true)]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Report to write (repeatable); FORMAT is json, html, junit, tap, sarif, markdown, github, ndjson, pcapng or badge
    /// (default: json=wsanvil-report/report.json and html=wsanvil-report/report.html)
    #[arg(long, value_name = "FORMAT=PATH", action = ArgAction::Append, help_heading = OUTPUT)]
    #[arg(env = "WSANVIL_REPORT", hide_env_values = true)]
    pub(crate) report: Vec<Destination>,

    /// Write events while they happen, one JSON object in each line; - is stdout, and the summary then goes to stderr
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, env = "WSANVIL_EVENTS", hide_env_values = true)]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) events: Option<PathBuf>,

    /// Annotate and write the step summary of GitHub Actions (default: when run there)
    #[arg(long, help_heading = OUTPUT, env = "WSANVIL_GITHUB", hide_env_values = true)]
    #[arg(value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true")]
    #[arg(require_equals = true, value_name = "BOOL", hide_possible_values = true)]
    pub(crate) github: Option<bool>,

    /// From which verdict on the exit code is 1 (default: fail)
    #[arg(long, value_enum, value_name = "VERDICT", help_heading = OUTPUT)]
    #[arg(env = "WSANVIL_FAIL_ON", hide_env_values = true)]
    pub(crate) fail_on: Option<FailOn>,

    /// Findings that are known and do not count (default: wsanvil-baseline.toml in this folder, if it is there)
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, env = "WSANVIL_BASELINE", hide_env_values = true)]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) baseline: Option<PathBuf>,

    /// Exit code 1 too when what an entry of the baseline expects passes, or an entry matches nothing
    #[arg(long, help_heading = OUTPUT, env = "WSANVIL_STRICT_BASELINE", hide_env_values = true)]
    #[arg(value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true")]
    #[arg(require_equals = true, value_name = "BOOL", hide_possible_values = true)]
    pub(crate) strict_baseline: Option<bool>,

    /// Write what counts into the baseline, and take out what passes; comments, order and reasons stay
    #[arg(long, help_heading = OUTPUT, env = "WSANVIL_UPDATE_BASELINE", hide_env_values = true)]
    #[arg(value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true")]
    #[arg(require_equals = true, value_name = "BOOL", hide_possible_values = true)]
    pub(crate) update_baseline: Option<bool>,

    /// What a flaky finding does to the exit code: see --retries (default: fail)
    #[arg(long, value_enum, value_name = "WHAT", help_heading = OUTPUT)]
    #[arg(env = "WSANVIL_FLAKY", hide_env_values = true)]
    pub(crate) flaky: Option<OnFlaky>,

    /// Keep what crossed the wire for passed instances too, not only for findings
    #[arg(long, help_heading = OUTPUT, env = "WSANVIL_KEEP_TRANSCRIPTS", hide_env_values = true)]
    #[arg(value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true")]
    #[arg(require_equals = true, value_name = "BOOL", hide_possible_values = true)]
    pub(crate) keep_transcripts: Option<bool>,

    /// Say nothing until the summary
    #[arg(long, short = 'q', help_heading = OUTPUT, env = "WSANVIL_QUIET", hide_env_values = true)]
    #[arg(value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true")]
    #[arg(require_equals = true, value_name = "BOOL", hide_possible_values = true)]
    pub(crate) quiet: Option<bool>,

    /// Take any TLS certificate
    #[arg(long, short = 'k', help_heading = NETWORK, env = "WSANVIL_INSECURE", hide_env_values = true)]
    #[arg(value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true")]
    #[arg(require_equals = true, value_name = "BOOL", hide_possible_values = true)]
    pub(crate) insecure: Option<bool>,

    /// PEM file of the certificates to trust instead of the system's
    #[arg(long, value_name = "FILE", help_heading = NETWORK, env = "WSANVIL_CACERT", hide_env_values = true)]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) cacert: Option<PathBuf>,

    /// Connect to this host and port instead of those of the URL
    #[arg(long, value_name = "HOST:PORT", help_heading = NETWORK)]
    #[arg(env = "WSANVIL_CONNECT_TO", hide_env_values = true)]
    pub(crate) connect_to: Option<String>,

    /// Use IPv4 only
    #[arg(long, short = '4', help_heading = NETWORK, env = "WSANVIL_IPV4", hide_env_values = true)]
    #[arg(value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true")]
    #[arg(require_equals = true, value_name = "BOOL", hide_possible_values = true)]
    pub(crate) ipv4: Option<bool>,

    /// Use IPv6 only
    #[arg(long, short = '6', help_heading = NETWORK, env = "WSANVIL_IPV6", hide_env_values = true)]
    #[arg(value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true")]
    #[arg(require_equals = true, value_name = "BOOL", hide_possible_values = true)]
    pub(crate) ipv6: Option<bool>,
}

const SELECTION: &str = "Selection";
const TARGET: &str = "Target";
const RUNNING: &str = "Running";
const OUTPUT: &str = "Output";
const NETWORK: &str = "Network and TLS";

#[derive(Debug, Clone, Args)]
pub(crate) struct ListArgs {
    /// Only these cases: an id, area, instance name or alias, with * and ? as wildcards (repeatable)
    #[arg(long = "case", value_name = "GLOB", action = ArgAction::Append)]
    pub(crate) case: Vec<String>,

    /// Leave these cases out (repeatable)
    #[arg(long, value_name = "GLOB", action = ArgAction::Append)]
    pub(crate) exclude: Vec<String>,

    /// Only what this profile runs: quick, default, full, autobahn or perf
    #[arg(long, value_name = "NAME", value_parser = profile(), hide_possible_values = true)]
    pub(crate) profile: Option<ProfileName>,

    /// Only what this part of the selection runs: K/N is part K of N
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<Shard>,

    /// Folder with case files of your own (repeatable)
    #[arg(long, value_name = "DIR", action = ArgAction::Append, value_hint = ValueHint::DirPath)]
    #[arg(env = "WSANVIL_CASES", hide_env_values = true)]
    pub(crate) cases: Vec<PathBuf>,

    /// Write JSON, with all instances and aliases
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ExplainArgs {
    /// Id of a case, name of an instance, alias such as autobahn:6.4.3, or requirement such as 6455-5.2-3
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    /// Folder with case files of your own (repeatable)
    #[arg(long, value_name = "DIR", action = ArgAction::Append, value_hint = ValueHint::DirPath)]
    #[arg(env = "WSANVIL_CASES", hide_env_values = true)]
    pub(crate) cases: Vec<PathBuf>,

    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct EchoArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(
        value_name = "ADDR",
        default_value = "127.0.0.1:9001",
        env = "WSANVIL_ECHO_ADDR",
        hide_env_values = true
    )]
    pub(crate) addr: String,

    /// Break this on purpose; `--defect list` shows what there is (repeatable)
    #[arg(long, value_name = "NAME", action = ArgAction::Append)]
    pub(crate) defect: Vec<String>,

    /// PEM file of the certificate chain: serve wss
    #[arg(long, value_name = "FILE", requires = "key", value_hint = ValueHint::FilePath)]
    pub(crate) cert: Option<PathBuf>,

    /// PEM file of the private key
    #[arg(long, value_name = "FILE", requires = "cert", value_hint = ValueHint::FilePath)]
    pub(crate) key: Option<PathBuf>,

    /// Sub-protocol that is spoken (repeatable)
    #[arg(long, value_name = "NAME", action = ArgAction::Append)]
    pub(crate) subprotocol: Vec<String>,

    /// Text message that is not echoed but starts the closing handshake
    #[arg(long, value_name = "TEXT")]
    pub(crate) close_trigger: Option<String>,

    /// Origin that is admitted; another one is refused (repeatable)
    #[arg(long, value_name = "ORIGIN", action = ArgAction::Append)]
    pub(crate) origin: Vec<String>,

    /// Credentials that are asked for by HTTP Basic authentication
    #[arg(
        long,
        value_name = "USER:PASSWORD",
        env = "WSANVIL_ECHO_AUTH",
        hide_env_values = true
    )]
    pub(crate) auth: Option<String>,

    /// Close connections on which nothing came for so many milliseconds
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) idle_ms: Option<u64>,

    /// Send a Ping every so many milliseconds, and drop who answers none
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) ping_interval_ms: Option<u64>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigArgs {
    /// Show values and their origins; this is what happens when nothing is said
    #[arg(long)]
    pub(crate) show: bool,

    /// With the settings of this profile
    #[arg(long, value_name = "NAME", env = "WSANVIL_PROFILE", hide_env_values = true)]
    pub(crate) profile: Option<String>,

    /// Configuration (default: wsanvil.toml in this folder or the nearest above)
    #[arg(long, value_name = "FILE", env = "WSANVIL_CONFIG", hide_env_values = true)]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Write the JSON Schema of wsanvil.toml instead
    #[arg(long, conflicts_with_all = ["show", "json"])]
    pub(crate) schema: bool,

    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ManArgs {
    /// Subcommand; without it, the program as a whole
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CheckArgs {
    /// Case files, or folders with case files
    #[arg(value_name = "FILE|DIR", required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,

    /// Folder with further cases and sets that the files build on (repeatable)
    #[arg(long, value_name = "DIR", action = ArgAction::Append, value_hint = ValueHint::DirPath)]
    #[arg(env = "WSANVIL_CASES", hide_env_values = true)]
    pub(crate) cases: Vec<PathBuf>,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = exit_code::help())]
pub(crate) struct DiffArgs {
    /// The earlier JSON report
    #[arg(value_name = "OLD", value_hint = ValueHint::FilePath)]
    pub(crate) old: PathBuf,

    /// The later JSON report
    #[arg(value_name = "NEW", value_hint = ValueHint::FilePath)]
    pub(crate) new: PathBuf,

    /// How to write it to stdout
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: DiffFormat,
}

/// Forms of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// Lines for people
    Text,
    /// For a pull request or the summary of a CI step
    Markdown,
    /// For programs; the schema is in reports/diff-schema.json
    Json,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = exit_code::help())]
pub(crate) struct MergeArgs {
    /// JSON reports
    #[arg(value_name = "REPORT", required = true, value_hint = ValueHint::FilePath)]
    pub(crate) reports: Vec<PathBuf>,

    /// Report to write (repeatable), with the formats of `wsanvil run`; for several agents only html
    /// (default: as for a run; for several agents html=wsanvil-report/agents.html)
    #[arg(long, value_name = "FORMAT=PATH", action = ArgAction::Append)]
    pub(crate) report: Vec<Destination>,

    /// From which verdict on the exit code is 1 (default: fail)
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub(crate) fail_on: Option<FailOn>,

    /// What a flaky finding does to the exit code (default: fail)
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) flaky: Option<OnFlaky>,

    /// Folder with case files of your own, so that they stand in their order (repeatable)
    #[arg(long, value_name = "DIR", action = ArgAction::Append, value_hint = ValueHint::DirPath)]
    #[arg(env = "WSANVIL_CASES", hide_env_values = true)]
    pub(crate) cases: Vec<PathBuf>,
}

/// What a target does with data messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AppArg {
    /// Sends every message back
    Echo,
    /// Something else: only the protocol is tested
    None,
}

/// What makes a run a failed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum FailOn {
    /// A broken MUST or a crash
    #[default]
    Fail,
    /// A missed SHOULD too
    Nonstrict,
}

/// What a finding does that did not come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum OnFlaky {
    /// It counts as if it had come every time
    #[default]
    Fail,
    /// It is shown and does not count
    Pass,
}

fn profile() -> impl clap::builder::TypedValueParser<Value = ProfileName> {
    PossibleValuesParser::new(ProfileName::ALL.map(ProfileName::name))
        .try_map(|name| name.parse::<ProfileName>())
}

/// A duration: a bare number is milliseconds.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write it as 500ms, 5s, 2m, or a number of milliseconds".to_owned();
    let text = text.trim();
    let split = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit_ms = match unit.trim() {
        "" | "ms" => 1.0,
        "s" => 1000.0,
        "m" | "min" => 60_000.0,
        "h" => 3_600_000.0,
        _ => return Err(wrong()),
    };
    let ms = number.parse::<f64>().map_err(|_| wrong())? * unit_ms;
    // A day is longer than any run, and a deadline of nothing judges nothing.
    if !(1.0..=86_400_000.0).contains(&ms) {
        return Err("it must be between 1ms and 24h".to_owned());
    }
    Ok(Duration::from_micros((ms * 1000.0) as u64))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_of_run_has_a_help_text_and_a_variable() {
        let command = Cli::command();
        let run = command.find_subcommand("run").unwrap();
        for argument in run
            .get_arguments()
            .filter(|argument| argument.get_id() != "command")
        {
            assert!(argument.get_help().is_some(), "{}", argument.get_id());
            if let Some(long) = argument.get_long() {
                let name = format!("WSANVIL_{}", long.replace('-', "_").to_uppercase());
                assert_eq!(
                    argument.get_env().and_then(|env| env.to_str()),
                    Some(name.as_str())
                );
            }
        }
    }

    #[test]
    fn durations() {
        assert_eq!(duration("250"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1.5 s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "s", "-1", "1x", "0", "1e9s", "25h", "1.2.3"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
