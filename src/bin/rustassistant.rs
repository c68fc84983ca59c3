//! The program under its short name: all of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    rustassistant::cli::main()
}
