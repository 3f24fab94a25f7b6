#![no_main]
// What only the tool's own `main` calls.
#![allow(dead_code)]

#[path = "../../cli/src/arguments.rs"]
mod arguments;
#[path = "../../cli/src/calls.rs"]
mod calls;
#[path = "../../cli/src/commands.rs"]
mod commands;
#[path = "../../cli/src/excerpt.rs"]
mod excerpt;
#[path = "../../cli/src/files.rs"]
mod files;
#[path = "../../cli/src/laws.rs"]
mod laws;
#[path = "../../cli/src/layout.rs"]
mod layout;
#[path = "../../cli/src/locate.rs"]
mod locate;
#[path = "../../cli/src/replace.rs"]
mod replace;
#[path = "../../cli/src/report.rs"]
mod report;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::check(bytes));
