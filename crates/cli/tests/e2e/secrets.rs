//! Secrets are in no output.

use super::program::{EchoServer, Place};

#[test]
fn neither_terminal_nor_reports_show_credentials() {
    let place = Place::new();
    let server = EchoServer::start(&["--defect", "ignores-rsv"]);
    let url = server.url.replace("ws://", "ws://alice:wonderland@");
    let ended = place.run(&[
        "run",
        &url,
        "--case",
        "framing/rsv-in-first-frame",
        "--keep-transcripts",
        "--header",
        "Cookie: sid=looking-glass",
    ]);
    ended.expect(1).says("***");
    let page = std::fs::read_to_string(place.path("wsanvil-report/report.html")).unwrap();
    let json = std::fs::read_to_string(place.path("wsanvil-report/report.json")).unwrap();
    for output in [&ended.stdout, &ended.stderr, &page, &json] {
        for secret in ["wonderland", "looking-glass", "YWxpY2U6d29uZGVybGFuZA=="] {
            assert!(!output.contains(secret), "{secret} in {output}");
        }
    }
}
