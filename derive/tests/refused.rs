//! What the derive refuses, and what it says then. The messages are the compiler's, too: they are compared on the
//! toolchain that they were written with.

use std::{
    env,
    io::{self, Write},
    process::Command,
};

/// The release whose messages are in `refused/`.
const RELEASE: &str = "1.95";

#[test]
fn each_error_points_at_its_cause_and_says_what_to_do() {
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(compiler).arg("--version").output().expect("the compiler runs").stdout;
    let version = String::from_utf8(version).expect("the version is UTF-8");
    let release = version.split_ascii_whitespace().nth(1).unwrap_or_default();
    if !release.starts_with(RELEASE) || release.contains('-') {
        // What a test prints is shown only where it fails: this goes around that.
        let note = format!("left out: the messages of the derive are those of Rust {RELEASE}, this is {release}\n");
        io::stderr().write_all(note.as_bytes()).expect("stderr is open");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/refused/*.rs");
}
