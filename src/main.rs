//! The `funnelc` command: parses the command line and sets the exit code.

fn main() {}
