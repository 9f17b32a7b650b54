//! `cargo fuzz run -s none format_is_idempotent`
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(fault) = funnelc_fuzz::format_is_idempotent(bytes) {
        panic!("{fault}");
    }
});
