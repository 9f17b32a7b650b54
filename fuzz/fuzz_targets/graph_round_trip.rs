//! `cargo fuzz run -s none graph_round_trip`
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(fault) = funnelc_fuzz::graph_round_trip(bytes) {
        panic!("{fault}");
    }
});
