//! `cargo fuzz run -s none layout_is_stable_and_keeps_the_tree`
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(fault) = funnelc_fuzz::layout_is_stable_and_keeps_the_tree(bytes) {
        panic!("{fault}");
    }
});
