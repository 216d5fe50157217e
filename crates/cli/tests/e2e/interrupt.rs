//! Ctrl-C and SIGTERM.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::program::{EchoServer, Place};

fn interrupted_by(signal: Signal) {
    let place = Place::new();
    // Every case that waits for an echo waits long, so that the run is still busy when the signal comes.
    let server = EchoServer::start(&["--defect", "no-echo"]);
    let arguments = ["run", &server.url, "--app", "echo", "--timeout", "20s"];
    let mut child = place
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("testing ") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "the run ended early");
    }
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{stdout}");
    assert!(stdout.contains("interrupted"), "{stdout}");
    assert_eq!(place.report()["run"]["interrupted"], true);
    assert!(place.path("wsanvil-report/report.html").exists());
}

#[test]
fn before_the_first_case_there_is_nothing_to_report() {
    let place = Place::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let mut child = place
        .command(&["run", &url])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The target takes the connection of the handshake and says nothing.
    let (_quick, _) = listener.accept().unwrap();
    let (_handshake, _) = listener.accept().unwrap();
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!place.path("wsanvil-report/report.json").exists());
}

#[test]
fn ctrl_c_writes_the_reports() {
    interrupted_by(Signal::SIGINT);
}

#[test]
fn sigterm_writes_the_reports() {
    interrupted_by(Signal::SIGTERM);
}
