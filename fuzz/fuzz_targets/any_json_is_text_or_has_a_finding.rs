//! `cargo fuzz run -s none any_json_is_text_or_has_a_finding`
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(fault) = funnelc_fuzz::any_json_is_text_or_has_a_finding(bytes) {
        panic!("{fault}");
    }
});
