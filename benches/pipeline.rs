//! Benches of the pipeline's stages.

fn main() {}
