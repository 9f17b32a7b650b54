//! `cargo fuzz run -s none any_bytes_give_a_tree`
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(fault) = funnelc_fuzz::any_bytes_give_a_tree(bytes) {
        panic!("{fault}");
    }
});
