//! Targets that are shell scripts.

use std::net::TcpListener;

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::blame::Blame;

fn shell(script: &str) -> Vec<String> {
    ["sh", "-c", script].map(str::to_owned).to_vec()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(60), future)
            .await
            .expect("it does not end")
    })
}

/// Reads the process id that the script has written as its only line.
async fn printed_pid(target: &Target) -> Pid {
    loop {
        if let Some(pid) = target.last_lines().first().and_then(|line| line.parse().ok()) {
            return Pid::from_raw(pid);
        }
        tokio::task::yield_now().await;
    }
}

/// Returns when the process is gone, or dead and only waiting for its parent.
async fn gone(pid: Pid) {
    loop {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if kill(pid, None) == Err(Errno::ESRCH) || stat.contains(") Z ") {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[test]
fn exit_status_and_last_lines() {
    block_on(async {
        let mut target = Target::spawn(&shell("echo one; echo two >&2; exit 3")).unwrap();
        let report = target.exited().await;
        assert_eq!((report.status, report.signal), (Some(3), None));
        assert_eq!(report.last_lines, ["one", "two"]);
        assert_eq!(report.to_string(), "exit status 3\n  one\n  two");
        assert_eq!(target.try_exit(), Some(report.clone()));
        assert_eq!(target.stop().await, report);
        assert_eq!((target.rss_kib(), target.cpu_ms()), (None, None));
    });
}

#[test]
fn a_signal_is_named() {
    block_on(async {
        let mut target = Target::spawn(&shell("kill -SEGV $$")).unwrap();
        let report = target.exited().await;
        assert_eq!((report.status, report.signal), (None, Some(11)));
        assert_eq!(report.summary(), "killed by signal 11 (SIGSEGV)");
    });
}

#[test]
fn stopping_ends_the_descendants_too() {
    block_on(async {
        let mut target = Target::spawn(&shell("sh -c 'echo $$; exec sleep 1000' & wait")).unwrap();
        let grandchild = printed_pid(&target).await;
        assert_eq!(target.try_exit(), None);
        assert!(cfg!(not(target_os = "linux")) || target.rss_kib().unwrap() > 0);
        assert!(cfg!(not(target_os = "linux")) || target.cpu_ms().is_some());
        let report = target.stop().await;
        assert_eq!(report.signal, Some(15));
        gone(grandchild).await;
    });
}

#[test]
#[cfg(target_os = "linux")]
fn the_peak_of_memory_can_be_forgotten() {
    block_on(async {
        let script = "v=$(head -c 20000000 /dev/zero | tr '\\0' a); echo $$; sleep 1000 & wait";
        let mut target = Target::spawn(&shell(script)).unwrap();
        printed_pid(&target).await;
        let meter = target.meter();
        assert!(meter.peak_kib().unwrap() > 19_000);
        assert!(meter.forget_peak());
        assert!(meter.peak_kib().unwrap() <= meter.rss_kib().unwrap() + 2048);
        target.stop().await;
        assert_eq!(meter.rss_kib(), None);
    });
}

#[test]
fn descendants_do_not_outlive_their_leader() {
    block_on(async {
        let mut target = Target::spawn(&shell("sh -c 'echo $$; exec sleep 1000' & exit 0")).unwrap();
        let report = target.exited().await;
        assert_eq!(report.status, Some(0));
        let grandchild = target.last_lines().first().map(|line| line.parse().unwrap());
        // Killed before or after it could say who it is.
        if let Some(pid) = grandchild {
            gone(Pid::from_raw(pid)).await;
        }
    });
}

#[test]
fn dropping_kills_the_group() {
    block_on(async {
        let target = Target::spawn(&shell("trap '' TERM; sh -c 'echo $$; exec sleep 1000' & wait")).unwrap();
        let grandchild = printed_pid(&target).await;
        drop(target);
        gone(grandchild).await;
    });
}

#[test]
fn commands_that_cannot_start() {
    block_on(async {
        assert_eq!(Target::spawn(&[]).unwrap_err(), LaunchError::NoCommand);
        let error = Target::spawn(&["/nonexistent/wsanvil".to_owned()]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("/nonexistent/wsanvil cannot be started: "),
            "{error}"
        );
        assert_eq!(error.blame(), Blame::Usage);
    });
}

#[test]
fn a_port_that_answers_is_not_tested_by_mistake() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let launch = Launch::new(shell("exit 0"), format!("ws://127.0.0.1:{port}/"));
    let error = block_on(launch.start()).unwrap_err();
    let text = format!("port {port} already answers: stop what runs there or use {{port}}");
    assert_eq!(error.to_string(), text);
}

#[test]
fn an_exit_while_waiting_ends_the_wait() {
    let launch = Launch::new(
        shell("echo cannot bind port {port} >&2; exit 7"),
        "ws://127.0.0.1:{port}/",
    );
    let error = block_on(launch.start()).unwrap_err();
    let LaunchError::Exited { report } = &error else {
        panic!("{error}")
    };
    assert_eq!(report.status, Some(7));
    assert!(report.last_lines[0].starts_with("cannot bind port "), "{report}");
    assert!(!report.last_lines[0].contains('{'), "{report}");
    assert_eq!(error.blame(), Blame::Target);
}

#[test]
fn not_ready_in_time() {
    let mut launch = Launch::new(shell("echo starting; exec sleep 1000"), "ws://127.0.0.1:{port}/");
    launch.ready_within = Duration::from_millis(50);
    let error = block_on(launch.start()).unwrap_err();
    assert!(error.to_string().contains("refuses connections"), "{error}");
}

#[test]
fn a_wrong_url_is_found_before_anything_starts() {
    let error = block_on(Launch::new(shell("exit 0"), "http://127.0.0.1:{port}/").start()).unwrap_err();
    assert!(matches!(error, LaunchError::Address(_)), "{error}");
    assert!(
        error.hint().starts_with("use ws://127.0.0.1:"),
        "{}",
        error.hint()
    );
}

/// The target is a shell that does nothing; the test itself serves in its place, once with an error first.
#[test]
fn ready_after_a_correct_handshake() {
    block_on(async {
        // Found free as the launch does it, and bound only when the launch has seen that nobody answers.
        let port = port::fill("ws://127.0.0.1:{port}/", &["{port}".to_owned()])
            .unwrap()
            .command[0]
            .clone();
        let url = format!("ws://127.0.0.1:{port}/chat");
        let fifo = tempfile::tempdir().unwrap();
        let started = fifo.path().join("started");
        let command = shell(&format!("touch {}; exec sleep 1000", started.display()));
        let serve = async {
            while !started.exists() {
                tokio::task::yield_now().await;
            }
            let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}"))
                .await
                .unwrap();
            for (answer, right) in [
                ("HTTP/1.1 503 Starting\r\n\r\n", false),
                (
                    "HTTP/1.1 101 Ok\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
                    true,
                ),
            ] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(stream.read_u8().await.unwrap());
                }
                let request = String::from_utf8(request).unwrap();
                assert!(request.starts_with("GET /chat HTTP/1.1\r\n"), "{request}");
                assert!(request.contains("\r\nX-Test: 1\r\n"), "{request}");
                stream.write_all(answer.as_bytes()).await.unwrap();
                if right {
                    // No frame: a target that dies on its first one has to be started all the same.
                    assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
                }
            }
        };
        let mut launch = Launch::new(command, url.as_str());
        launch.headers = vec![("X-Test".to_owned(), "1".to_owned())];
        let (launched, ()) = tokio::join!(launch.start(), serve);
        let mut launched = launched.unwrap();
        assert_eq!(launched.address.to_string(), url);
        assert_eq!(launched.target.try_exit(), None);
        launched.target.stop().await;
    });
}
