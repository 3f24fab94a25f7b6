//! Patches a webhook registration.
//!
//! Without arguments it patches one of the API's own samples with a JSON Patch and with a merge patch that say the
//! same. With arguments it is a small tool; see `USAGE`.

use std::{
    error::Error,
    fmt,
    io::{Read, Write, stderr, stdin, stdout},
    process::ExitCode,
};

use entity_patch::{Dialect, Format, Patch, PatchDocument, Patched, UnknownMembers, diff, patch, superoffice::Webhook};
use serde_json::Value;

const USAGE: &str = "\
usage: patch_webhook ENTITY.json CHANGES.json [--content-type TYPE] [--dialect rfc|superoffice] [--ignore-unknown] [--inverse]
       patch_webhook --diff A.json B.json
       - is standard input, for one of the two files; --inverse also prints the patch that undoes the changes;
       --diff prints the patch that makes B of A";

const WEBHOOK: &[u8] = include_bytes!("data/webhook.json");
const JSON_PATCH: &[u8] = include_bytes!("data/changes.json");
const MERGE_PATCH: &[u8] = include_bytes!("data/changes.merge.json");

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(stderr(), "{failure}");
            failure.exit_code()
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    if arguments.is_empty() {
        return demonstrate();
    }
    let options = Options::read(arguments)?;
    let entity = read(&options.entity)?;
    let changes = read(&options.changes)?;
    if options.diff {
        return show_diff(&entity, &changes);
    }
    let format = match &options.content_type {
        Some(value) => Format::from_content_type(value).ok_or_else(|| Failure::MediaType(value.clone()))?,
        None => Format::ByShape,
    };
    show(&entity, &changes, format, &options.dialect, options.inverse)
}

/// The same change twice, in both formats.
fn demonstrate() -> Result<(), Failure> {
    let samples = [("a JSON Patch", JSON_PATCH, Format::JsonPatch), ("a merge patch", MERGE_PATCH, Format::MergePatch)];
    for (name, changes, format) in samples {
        print(format_args!("# {name}\n{}\n", String::from_utf8_lossy(changes)))?;
        show(WEBHOOK, changes, format, &Dialect::SUPEROFFICE, false)?;
    }
    Ok(())
}

/// Prints the patch that makes the second value of the first.
fn show_diff(source: &[u8], target: &[u8]) -> Result<(), Failure> {
    let source: Value = serde_json::from_slice(source).map_err(Failure::Json)?;
    let target: Value = serde_json::from_slice(target).map_err(Failure::Json)?;
    print(format_args!("{:#}\n", diff(&source, &target)))
}

/// Patches the entity and prints the operations, what changed, and the new entity.
fn show(entity: &[u8], changes: &[u8], format: Format, dialect: &Dialect, inverse: bool) -> Result<(), Failure> {
    let document = PatchDocument::parse(changes, format, dialect).map_err(|error| Failure::Patch(error.into()))?;
    let webhook: Webhook = serde_json::from_slice(entity).map_err(Failure::Entity)?;
    let patched = patch(&webhook, &document, dialect).map_err(Failure::Patch)?;
    let inverse = inverse.then(|| patched.inverse(&webhook));
    let Patched { entity, changed, ignored } = patched;
    let operations = operations(&webhook, document, dialect)?;
    print(format_args!("operations:\n{operations:#}\n\nchanged: {}\n", changed.join(", ")))?;
    if !ignored.is_empty() {
        let paths: Vec<&str> = ignored.iter().map(|path| path.as_str()).collect();
        print(format_args!("ignored: {}\n", paths.join(", ")))?;
    }
    let entity = serde_json::to_string_pretty(&entity).map_err(Failure::Entity)?;
    print(format_args!("\nthe new entity:\n{entity}\n\n"))?;
    match inverse {
        Some(inverse) => print(format_args!("what undoes it:\n{inverse:#}\n")),
        None => Ok(()),
    }
}

/// The list of operations: the client's own, or the one that its merge patch stands for.
fn operations(webhook: &Webhook, document: PatchDocument, dialect: &Dialect) -> Result<Patch, Failure> {
    match document {
        PatchDocument::JsonPatch(patch) => Ok(patch),
        PatchDocument::MergePatch(merge) => {
            let target: Value = serde_json::to_value(webhook).map_err(Failure::Entity)?;
            merge.to_patch(&target, dialect).map_err(|error| Failure::Patch(error.into()))
        }
    }
}

struct Options {
    entity: String,
    changes: String,
    content_type: Option<String>,
    dialect: Dialect,
    inverse: bool,
    diff: bool,
}

impl Options {
    fn read(arguments: &[String]) -> Result<Options, Failure> {
        let mut files = Vec::new();
        let mut content_type = None;
        let mut dialect = Dialect::SUPEROFFICE;
        let mut unknown_members = UnknownMembers::Reject;
        let (mut inverse, mut diff) = (false, false);
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value =
                || arguments.next().cloned().ok_or_else(|| Failure::usage(format!("{argument} needs a value")));
            match argument.as_str() {
                "--content-type" => content_type = Some(value()?),
                "--dialect" => {
                    dialect = match value()?.as_str() {
                        "rfc" => Dialect::RFC,
                        "superoffice" => Dialect::SUPEROFFICE,
                        other => return Err(Failure::usage(format!("unknown dialect {other}"))),
                    }
                }
                "--ignore-unknown" => unknown_members = UnknownMembers::Ignore,
                "--inverse" => inverse = true,
                "--diff" => diff = true,
                option if option.starts_with("--") => return Err(Failure::usage(format!("unknown option {option}"))),
                file => files.push(file.to_owned()),
            }
        }
        dialect.unknown_members = unknown_members;
        match <[String; 2]>::try_from(files) {
            Ok([entity, changes]) if entity == "-" && changes == "-" => {
                Err(Failure::usage("only one of the two can be standard input".to_owned()))
            }
            Ok([entity, changes]) => Ok(Options { entity, changes, content_type, dialect, inverse, diff }),
            Err(files) => Err(Failure::usage(format!("expected 2 files, got {}", files.len()))),
        }
    }
}

fn read(file: &str) -> Result<Vec<u8>, Failure> {
    let refuse = |error| Failure::File(file.to_owned(), error);
    if file != "-" {
        return std::fs::read(file).map_err(refuse);
    }
    let mut text = Vec::new();
    stdin().lock().read_to_end(&mut text).map_err(refuse)?;
    Ok(text)
}

fn print(text: fmt::Arguments<'_>) -> Result<(), Failure> {
    stdout().lock().write_fmt(text).map_err(|error| Failure::File("standard output".to_owned(), error))
}

/// Why there is no new entity, and so what is printed and how the program ends.
#[derive(Debug)]
enum Failure {
    /// What a server would answer.
    Patch(entity_patch::Error),
    MediaType(String),
    /// The stored entity is not a webhook.
    Entity(serde_json::Error),
    /// A value to compare is not JSON.
    Json(serde_json::Error),
    File(String, std::io::Error),
    Usage(String),
}

impl Failure {
    fn usage(problem: String) -> Failure {
        Failure::Usage(problem)
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Patch(_) | Failure::MediaType(_) | Failure::Entity(_) | Failure::Json(_) | Failure::File(..) => {
                ExitCode::from(1)
            }
            Failure::Usage(_) => ExitCode::from(2),
        }
    }
}

impl Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Patch(error) => {
                writeln!(formatter, "{} {}", error.status(), error.code())?;
                if let Some(operation) = error.operation() {
                    writeln!(formatter, "operation: {operation}")?;
                }
                if let Some(path) = error.path() {
                    writeln!(formatter, "path: {path}")?;
                }
                write!(formatter, "{error}")
            }
            Failure::MediaType(value) => write!(formatter, "415\nno patch has the media type {value}"),
            Failure::Entity(error) => {
                write!(
                    formatter,
                    "500 malformed-target\nthe entity is not a webhook (line {}, byte {})",
                    error.line(),
                    error.column()
                )
            }
            Failure::Json(error) => write!(formatter, "not JSON (line {}, byte {})", error.line(), error.column()),
            Failure::File(file, error) => write!(formatter, "{file}: {error}"),
            Failure::Usage(problem) => write!(formatter, "{problem}\n{USAGE}"),
        }
    }
}
