//! `cargo fuzz run -s none a_graph_is_the_same_after_it_was_text`
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(fault) = funnelc_fuzz::a_graph_is_the_same_after_it_was_text(bytes) {
        panic!("{fault}");
    }
});
