//! The `funnelc` command: parses the command line and sets the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    funnelc::cli::main()
}
