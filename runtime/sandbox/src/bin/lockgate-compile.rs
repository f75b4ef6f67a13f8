//! The compiler as a program of its own, for tests: `lockgate` is its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    lockgate_sandbox::compile_child(std::env::args_os().skip(1))
}
