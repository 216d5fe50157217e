//! What must hold for any input, one module for each law.
//!
//! A law is a function of octets that panics when it does not hold. libFuzzer calls it through `fuzz_targets/`; the
//! tests of xtask call it on stable with the seeds and with every input that once broke it.

mod chunking;
mod content;
mod conversation;
mod page;

pub mod case_file;
pub mod deflate_roundtrip;
pub mod differential;
pub mod endpoint;
pub mod extensions_header;
pub mod frame_decode;
pub mod frame_roundtrip;
pub mod inflate_hostile;
pub mod report_html;
pub mod upgrade_request;
pub mod upgrade_response;
pub mod utf8_differential;

/// A law with its name.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Name of the libFuzzer target and of its folders.
    pub name: &'static str,
    /// The law; it panics when it does not hold.
    pub check: fn(&[u8]),
    /// Inputs to begin with, made from the codec's own writers.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Octets of the longest input worth trying.
    pub max_len: usize,
}

/// Every law.
pub const TARGETS: [Target; 14] = [
    target("frame_decode", frame_decode::check, frame_decode::seeds, 4096),
    target(
        "frame_roundtrip",
        frame_roundtrip::check,
        frame_roundtrip::seeds,
        256,
    ),
    target(
        "utf8_differential",
        utf8_differential::check,
        utf8_differential::seeds,
        1024,
    ),
    target(
        "upgrade_request",
        upgrade_request::check,
        upgrade_request::seeds,
        2048,
    ),
    target(
        "upgrade_response",
        upgrade_response::check,
        upgrade_response::seeds,
        2048,
    ),
    target(
        "extensions_header",
        extensions_header::check,
        extensions_header::seeds,
        1024,
    ),
    target(
        "deflate_roundtrip",
        deflate_roundtrip::check,
        deflate_roundtrip::seeds,
        512,
    ),
    target(
        "inflate_hostile",
        inflate_hostile::check,
        inflate_hostile::seeds,
        2048,
    ),
    target(
        "endpoint_server",
        endpoint::check_server,
        endpoint::server_seeds,
        4096,
    ),
    target(
        "endpoint_client",
        endpoint::check_client,
        endpoint::client_seeds,
        4096,
    ),
    target(
        "differential_tungstenite",
        differential::check_tungstenite,
        differential::seeds,
        1024,
    ),
    target(
        "differential_fastwebsockets",
        differential::check_fastwebsockets,
        differential::seeds,
        1024,
    ),
    target("case_file", case_file::check, case_file::seeds, 4096),
    target("report_html", report_html::check, report_html::seeds, 2048),
];

const fn target(name: &'static str, check: fn(&[u8]), seeds: fn() -> Vec<Vec<u8>>, max_len: usize) -> Target {
    Target {
        name,
        check,
        seeds,
        max_len,
    }
}
