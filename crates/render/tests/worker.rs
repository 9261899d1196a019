//! The worker as a program of its own, for the tests: what a shell's main does before anything else, and nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == countersign_render::WORKER_ARGUMENT)
    {
        countersign_render::serve_worker()
    } else {
        ExitCode::FAILURE
    }
}
