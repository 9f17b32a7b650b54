//! `cargo fuzz run -s none any_text_is_checked_and_drawn`
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(fault) = funnelc_fuzz::any_text_is_checked_and_drawn(bytes) {
        panic!("{fault}");
    }
});
