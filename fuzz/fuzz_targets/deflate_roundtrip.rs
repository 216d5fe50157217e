#![no_main]
#![expect(missing_docs, reason = "a libFuzzer entry point")]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wsanvil_fuzz::deflate_roundtrip::check(data));
