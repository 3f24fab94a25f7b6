//! `entity-patch`: JSON Patches and merge patches on the command line.
//!
//! `arguments` says what the command line accepts and `commands` does it, by the `calls` to the library. `files` reads,
//! `layout` prints JSON, `replace` replaces a file. What goes wrong is a `report`, with an `excerpt` of the text at the
//! place that `locate` finds. `laws` says what holds for any two texts: the unit tests and a fuzz target call it.

mod arguments;
mod calls;
mod commands;
mod excerpt;
mod files;
#[cfg(test)]
mod laws;
mod layout;
mod locate;
mod replace;
mod report;
#[cfg(test)]
mod tests;

use std::{io, process::ExitCode};

use arguments::Arguments;

fn main() -> ExitCode {
    let Arguments { command, color, no_values } = Arguments::read();
    commands::run(&command, color).unwrap_or_else(|report| {
        report.print(commands::is_coloured(color, &io::stderr()), !no_values);
        ExitCode::from(report.exit_code)
    })
}
