//! `cargo fuzz run -s none parse_any_bytes`
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(fault) = funnelc_fuzz::parse_any_bytes(bytes) {
        panic!("{fault}");
    }
});
