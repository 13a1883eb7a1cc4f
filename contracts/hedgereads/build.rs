//! Links the program with a 32 KiB shadow stack. rustc's default of 1 MiB would cost every call 15,008 gas for pages that it
//! never touches; this still leaves half of the one page for the heap, and `tests/stack.rs` proves that no path needs more.

fn main() {
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size=32768");
    }
}
