//! Native speed of the core beside other crates: prints `benches/native.md`.
//!
//! `HEDGEROW_COMMAND` names the command whose `calc --stdin` is timed, `NUMPY_PYTHON` a Python that has numpy; what is not named
//! is left out, and the document says so. `--quick` looks at everything once.

mod black_scholes;
mod inputs;
mod integers;
mod report;
mod stdin;
#[path = "../../../src/sweep.rs"]
mod sweep;
mod sweeps;
mod timing;

use timing::Effort;

fn main() {
    let effort = if std::env::args().any(|argument| argument == "--quick") {
        Effort::QUICK
    } else {
        Effort::FULL
    };
    let operations = [integers::groups(effort), black_scholes::groups(effort)].concat();
    print!(
        "{}",
        report::render(&operations, &sweeps::rows(effort), &stdin::row(effort))
    );
}
