//! The program under the name that git calls: all of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    rustassistant::cli::main()
}
