//! What each command does: reads its inputs, calls the library, and prints the answer or replaces the target by it.

use std::{
    io::{self, BufWriter, IsTerminal, Write},
    process::ExitCode,
};

use clap::ColorChoice;
use entity_patch::{Dialect, Format, MergePatch, Patch, patch_json};
use serde_json::Value;

use crate::{
    arguments::{Command, DiffArguments, Source},
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

/// Reads what a command names, and does what it says.
pub fn run(command: &Command, color: ColorChoice) -> Result<ExitCode, Report> {
    let [first, second] = inputs(command)?;
    let answer = answer(command, &first, &second)?;
    match command.sources() {
        [Source::File(path), _] if command.is_in_place() => {
            if answer.indented || answer.text != first.text() {
                replace(path, |file| answer.write(false, file))
                    .map_err(|error| Report::unwritable(&first.name, &error))?;
            }
        }
        _ => to_output(|output| answer.write(is_coloured(color, &io::stdout()), output))?,
    }
    Ok(ExitCode::from(answer.exit_code))
}

fn inputs(command: &Command) -> Result<[Input; 2], Report> {
    let [first, second] = command.sources();
    Ok(match command {
        Command::Apply { rules, .. }
        | Command::Merge { rules, .. }
        | Command::Test { rules, .. }
        | Command::Invert { rules, .. } => [Input::document(first)?, Input::patch(second, rules.limit.body_limit)?],
        Command::Diff { .. } => [Input::document(first)?, Input::document(second)?],
        Command::Compose { limit, .. } => {
            [Input::patch(first, limit.body_limit)?, Input::patch(second, limit.body_limit)?]
        }
    })
}

/// What a command prints, or puts in the place of its target.
pub struct Answer<'i> {
    /// The byte order mark of the document that it is a version of.
    mark: &'i [u8],
    text: Vec<u8>,
    is_json: bool,
    indented: bool,
    pub exit_code: u8,
}

impl Answer<'_> {
    fn json(text: impl Into<Vec<u8>>) -> Self {
        Answer { mark: b"", text: text.into(), is_json: true, indented: false, exit_code: 0 }
    }

    fn patch(patch: &Patch, pretty: bool) -> Self {
        Answer::json(if pretty { format!("{patch:#}\n") } else { format!("{patch}\n") })
    }

    fn merge_patch(patch: &MergePatch, pretty: bool) -> Self {
        Answer { indented: pretty, ..Answer::json(format!("{patch}\n")) }
    }

    pub fn write(&self, coloured: bool, output: &mut dyn Write) -> io::Result<()> {
        output.write_all(self.mark)?;
        layout::write(&self.text, Layout { indented: self.indented, coloured: coloured && self.is_json }, output)
    }
}

/// What a command says to two texts.
pub fn answer<'i>(command: &Command, first: &'i Input, second: &Input) -> Result<Answer<'i>, Report> {
    let patched = |format, dialect: &Dialect, pretty| {
        let text = patched(first, second, format, dialect)?;
        Ok(Answer { mark: first.mark(), indented: pretty, ..Answer::json(text) })
    };
    match command {
        Command::Apply { format, rules, result, .. } => {
            patched(format.format(), &rules.dialect(), result.layout.pretty)
        }
        Command::Merge { rules, result, .. } => patched(Format::MergePatch, &rules.dialect(), result.layout.pretty),
        Command::Test { format, rules, .. } => {
            patched(format.format(), &rules.dialect(), false)?;
            Ok(Answer { is_json: false, ..Answer::json("the patch applies\n") })
        }
        Command::Invert { format, rules, layout, .. } => {
            let inverse = inverse(first, second, format.format(), &rules.dialect())?;
            Ok(Answer::patch(&inverse, layout.pretty))
        }
        Command::Diff { options, layout, .. } => difference(first, second, options, layout.pretty),
        Command::Compose { limit, layout, .. } => {
            let [first, second] = [first, second].map(|input| merge_patch(input, limit.body_limit));
            let composition = calls::composition(&first?, &second?).ok_or_else(Report::no_composition)?;
            Ok(Answer::merge_patch(&composition, layout.pretty))
        }
    }
}

fn patched(target: &Input, patch: &Input, format: Format, dialect: &Dialect) -> Result<Vec<u8>, Report> {
    patch_json(target.text(), patch.bytes(), format, dialect).map_err(|error| Report::refused(&error, target, patch))
}

fn inverse(target: &Input, patch: &Input, format: Format, dialect: &Dialect) -> Result<Patch, Report> {
    let patched = patched(target, patch, format, dialect)?;
    let mut tree = document(target)?;
    let inverse = calls::inverse(&mut tree, patch.bytes(), format, dialect)
        .map_err(|error| Report::refused(&error, target, patch))?;
    let text = inverse.to_string();
    let is_exact = calls::proves(&patched, text.as_bytes(), Format::JsonPatch, dialect, target.text());
    if is_exact { Ok(inverse) } else { Err(Report::inexact()) }
}

fn difference(from: &Input, to: &Input, arguments: &DiffArguments, pretty: bool) -> Result<Answer<'static>, Report> {
    let (old, new) = (document(from)?, document(to)?);
    let proves = |patch: &str, format| calls::proves(from.text(), patch.as_bytes(), format, &Dialect::RFC, to.text());
    let answer = if arguments.merge {
        let merge = calls::merge_difference(&old, &new).ok_or_else(Report::no_merge_patch)?;
        if !proves(&merge.to_string(), Format::MergePatch) {
            return Err(Report::inexact());
        }
        Answer::merge_patch(&merge, pretty)
    } else {
        let patch = calls::difference(&old, &new, arguments);
        if !proves(&patch.to_string(), Format::JsonPatch) {
            return Err(Report::inexact());
        }
        Answer::patch(&patch, pretty)
    };
    // The patch does not say so: `{}` makes an object of a scalar, and a scalar replaces itself.
    Ok(Answer { exit_code: u8::from(!calls::are_equal(from.text(), to.text())), ..answer })
}

fn merge_patch(input: &Input, limit: usize) -> Result<MergePatch, Report> {
    let mut dialect = Dialect::RFC.clone();
    dialect.limits.body_bytes = limit;
    let merge = MergePatch::parse(input.bytes(), &dialect).map_err(|error| Report::malformed(&error, input))?;
    let is_exact = calls::are_equal(input.text(), merge.to_string().as_bytes());
    if is_exact { Ok(merge) } else { Err(Report::inexact()) }
}

fn document(input: &Input) -> Result<Value, Report> {
    calls::document(input.bytes()).map_err(|error| Report::malformed_document(&error, input))
}

/// Writes to standard output. A reader that has seen enough is not a failure.
fn to_output(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Report> {
    let mut output = BufWriter::new(io::stdout().lock());
    match write(&mut output).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Report::unwritable("standard output", &error)),
        _ => Ok(()),
    }
}
