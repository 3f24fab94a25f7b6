//! What each command does: reads its inputs, calls the library, and prints the result or replaces the target by it.

use std::{
    io::{self, BufWriter, IsTerminal, Write},
    process::ExitCode,
};

use clap::ColorChoice;
use entity_patch::{Dialect, Format, MergePatch, Patch, patch_json};
use serde_json::Value;

use crate::{
    arguments::{Command, DiffArguments, Files, ResultOptions, Source},
    calls,
    files::Input,
    layout::{self, Layout},
    replace::replace,
    report::Report,
};

/// Whether a stream is coloured.
pub fn is_coloured(choice: ColorChoice, stream: &impl IsTerminal) -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            stream.is_terminal() && !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// Does what a command says.
pub fn run(command: &Command, color: ColorChoice) -> Result<ExitCode, Report> {
    match command {
        Command::Apply { files, format, rules, result } => {
            patched(files, format.format(), &rules.dialect(), result, color)
        }
        Command::Merge { files, rules, result } => patched(files, Format::MergePatch, &rules.dialect(), result, color),
        Command::Test { files, format, rules } => {
            patch(files, format.format(), &rules.dialect())?;
            print(b"the patch applies\n", Layout { indented: false, coloured: false })
        }
        Command::Invert { files, format, rules, layout } => {
            let inverse = inverse(files, format.format(), &rules.dialect())?;
            print_patch(&inverse, layout.pretty, color)
        }
        Command::Diff { from, to, options, layout } => difference(from, to, options, layout.pretty, color),
        Command::Compose { first, second, limit, layout } => {
            let [first, second] = [first, second].map(|source| merge_patch(source, limit.body_limit));
            let composition = calls::composition(&first?, &second?).ok_or_else(Report::no_composition)?;
            print_merge_patch(composition.as_value(), layout.pretty, color)
        }
    }
}

/// The two inputs, and the target as the patch leaves it.
fn patch(files: &Files, format: Format, dialect: &Dialect) -> Result<(Input, Input, Vec<u8>), Report> {
    let target = Input::document(&files.target)?;
    let patch = Input::patch(&files.patch, dialect.limits.body_bytes)?;
    match patch_json(target.text(), patch.text(), format, dialect) {
        Ok(patched) => Ok((target, patch, patched)),
        Err(error) => Err(Report::refused(&error, &target, &patch)),
    }
}

fn patched(
    files: &Files,
    format: Format,
    dialect: &Dialect,
    options: &ResultOptions,
    color: ColorChoice,
) -> Result<ExitCode, Report> {
    let (target, _, patched) = patch(files, format, dialect)?;
    let indented = options.layout.pretty;
    let write = |output: &mut dyn Write, coloured| {
        output.write_all(target.mark())?;
        layout::write(&patched, Layout { indented, coloured }, output)
    };
    match (&files.target, options.in_place) {
        (Source::File(path), true) => {
            if indented || patched != target.text() {
                replace(path, |file| write(file, false)).map_err(|error| Report::unwritable(&target.name, &error))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        _ => to_output(|output| write(output, is_coloured(color, &io::stdout()))),
    }
}

fn inverse(files: &Files, format: Format, dialect: &Dialect) -> Result<Patch, Report> {
    let (target, patch, patched) = patch(files, format, dialect)?;
    let mut tree = document(&target)?;
    let inverse = calls::inverse(&mut tree, patch.text(), format, dialect)
        .map_err(|error| Report::refused(&error, &target, &patch))?;
    let text = inverse.to_string();
    let is_exact = calls::proves(&patched, text.as_bytes(), Format::JsonPatch, dialect, target.text());
    if is_exact { Ok(inverse) } else { Err(Report::inexact()) }
}

fn difference(
    from: &Source,
    to: &Source,
    arguments: &DiffArguments,
    pretty: bool,
    color: ColorChoice,
) -> Result<ExitCode, Report> {
    let (from, to) = (Input::document(from)?, Input::document(to)?);
    let (old, new) = (document(&from)?, document(&to)?);
    let proves = |patch: &str, format| calls::proves(from.text(), patch.as_bytes(), format, &Dialect::RFC, to.text());
    if arguments.merge {
        let merge = calls::merge_difference(&old, &new).ok_or_else(Report::no_merge_patch)?;
        let text = merge.to_string();
        if !proves(&text, Format::MergePatch) {
            return Err(Report::inexact());
        }
        print_merge_patch(merge.as_value(), pretty, color)?;
    } else {
        let patch = calls::difference(&old, &new, arguments);
        if !proves(&patch.to_string(), Format::JsonPatch) {
            return Err(Report::inexact());
        }
        print_patch(&patch, pretty, color)?;
    }
    // The patch does not say so: `{}` makes an object of a scalar, and a scalar replaces itself.
    Ok(ExitCode::from(u8::from(!calls::are_equal(from.text(), to.text()))))
}

fn merge_patch(source: &Source, limit: usize) -> Result<MergePatch, Report> {
    let input = Input::patch(source, limit)?;
    let mut dialect = Dialect::RFC.clone();
    dialect.limits.body_bytes = limit;
    let merge = MergePatch::parse(input.text(), &dialect).map_err(|error| Report::malformed(&error, &input))?;
    let is_exact = calls::are_equal(input.text(), merge.to_string().as_bytes());
    if is_exact { Ok(merge) } else { Err(Report::inexact()) }
}

fn document(input: &Input) -> Result<Value, Report> {
    calls::document(input.text()).map_err(|error| Report::malformed_document(&error, input))
}

fn print_patch(patch: &Patch, pretty: bool, color: ColorChoice) -> Result<ExitCode, Report> {
    let text = if pretty { format!("{patch:#}\n") } else { format!("{patch}\n") };
    print(text.as_bytes(), Layout { indented: false, coloured: is_coloured(color, &io::stdout()) })
}

fn print_merge_patch(value: &Value, pretty: bool, color: ColorChoice) -> Result<ExitCode, Report> {
    print(format!("{value}\n").as_bytes(), Layout { indented: pretty, coloured: is_coloured(color, &io::stdout()) })
}

fn print(text: &[u8], layout: Layout) -> Result<ExitCode, Report> {
    to_output(|output| layout::write(text, layout, output))
}

/// Writes to standard output. A reader that has seen enough is not a failure.
fn to_output(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<ExitCode, Report> {
    let mut output = BufWriter::new(io::stdout().lock());
    match write(&mut output).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Report::unwritable("standard output", &error)),
        _ => Ok(ExitCode::SUCCESS),
    }
}
