//! `cargo fuzz run -s none read_any_graph_json`
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(fault) = funnelc_fuzz::read_any_graph_json(bytes) {
        panic!("{fault}");
    }
});
