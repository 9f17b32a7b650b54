//! `cargo fuzz run -s none check_and_draw_any_text`
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(fault) = funnelc_fuzz::check_and_draw_any_text(bytes) {
        panic!("{fault}");
    }
});
