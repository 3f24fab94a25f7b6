//! The command line: what it accepts, and the usage errors that clap cannot see.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, ColorChoice, CommandFactory, Parser, Subcommand, ValueEnum, error::ErrorKind};
use entity_patch::{Dialect, Format};

/// Apply, test, invert, make and compose JSON Patches (RFC 6902) and merge patches (RFC 7396).
#[derive(Parser)]
#[command(
    name = "entity-patch",
    version,
    after_help = "Exit codes: 0 done, 1 the patch does not apply or the documents differ, 2 a wrong command line or unreadable input."
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// Colour the output: `auto` does so on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Do not show the line at fault: messages then hold paths and names, but no values
    #[arg(long, global = true)]
    pub no_values: bool,
}

#[derive(Subcommand)]
pub enum Command {
    /// Apply PATCH to TARGET; what it does not touch keeps its bytes
    Apply {
        #[command(flatten)]
        files: Files,
        #[command(flatten)]
        format: FormatOption,
        #[command(flatten)]
        rules: Rules,
        #[command(flatten)]
        result: ResultOptions,
    },
    /// Apply PATCH, a merge patch of any shape, to TARGET
    Merge {
        #[command(flatten)]
        files: Files,
        #[command(flatten)]
        rules: Rules,
        #[command(flatten)]
        result: ResultOptions,
    },
    /// Say whether PATCH would apply to TARGET; change nothing
    Test {
        #[command(flatten)]
        files: Files,
        #[command(flatten)]
        format: FormatOption,
        #[command(flatten)]
        rules: Rules,
    },
    /// Print the JSON Patch that undoes PATCH once it is applied to TARGET
    Invert {
        #[command(flatten)]
        files: Files,
        #[command(flatten)]
        format: FormatOption,
        #[command(flatten)]
        rules: Rules,
        #[command(flatten)]
        layout: LayoutOption,
    },
    /// Print the patch that turns FROM into TO; exit with 1 if they differ
    Diff {
        /// The old document, a file or `-`
        from: Source,
        /// The new document, a file or `-`
        to: Source,
        #[command(flatten)]
        options: DiffArguments,
        #[command(flatten)]
        layout: LayoutOption,
    },
    /// Print the merge patch that does what merging FIRST and then SECOND does
    Compose {
        /// A merge patch, a file or `-`
        first: Source,
        /// Another merge patch, a file or `-`
        second: Source,
        #[command(flatten)]
        limit: LimitOption,
        #[command(flatten)]
        layout: LayoutOption,
    },
}

#[derive(Args)]
pub struct Files {
    /// The document, a file or `-`
    pub target: Source,
    /// The patch, a file or `-`
    pub patch: Source,
}

#[derive(Args)]
pub struct FormatOption {
    /// The format of PATCH; without it, an array is a JSON Patch and an object a merge patch
    #[arg(long, value_enum)]
    pub format: Option<FormatName>,
}

impl FormatOption {
    pub fn format(&self) -> Format {
        match self.format {
            Some(FormatName::JsonPatch) => Format::JsonPatch,
            Some(FormatName::MergePatch) => Format::MergePatch,
            None => Format::ByShape,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum FormatName {
    JsonPatch,
    MergePatch,
}

#[derive(Args)]
pub struct Rules {
    /// Which rules hold
    #[arg(long, value_enum, default_value_t = DialectName::Rfc)]
    pub dialect: DialectName,
    #[command(flatten)]
    pub limit: LimitOption,
}

impl Rules {
    pub fn dialect(&self) -> Dialect {
        let mut dialect = match self.dialect {
            DialectName::Rfc => Dialect::RFC.clone(),
            DialectName::Superoffice => Dialect::SUPEROFFICE.clone(),
        };
        dialect.limits.body_bytes = self.limit.body_limit;
        dialect
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum DialectName {
    /// RFC 6902 and RFC 7396
    Rfc,
    /// Paths in any case and without their slash, no `move` and `copy`, objects appended to arrays
    Superoffice,
}

#[derive(Args)]
pub struct LimitOption {
    /// The longest patch that is read, in bytes, or with a suffix K, M or G
    #[arg(long, value_name = "BYTES", default_value = "1M", value_parser = bytes)]
    pub body_limit: usize,
}

#[derive(Args)]
pub struct ResultOptions {
    /// Replace TARGET by the result, all at once, instead of printing it
    #[arg(long, short)]
    pub in_place: bool,
    #[command(flatten)]
    pub layout: LayoutOption,
}

#[derive(Args)]
pub struct LayoutOption {
    /// Indent documents and merge patches; put each operation of a JSON Patch on a line of its own
    #[arg(long, short)]
    pub pretty: bool,
}

#[derive(Args)]
pub struct DiffArguments {
    /// Print a merge patch
    #[arg(long, conflicts_with_all = ["guard", "moves", "key"])]
    pub merge: bool,
    /// Precede each change by a `test` of the old value
    #[arg(
        long,
        value_name = "WHAT",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "changes"
    )]
    pub guard: Option<GuardName>,
    /// Write `move` and `copy` where they are shorter
    #[arg(long)]
    pub moves: bool,
    /// Match the elements of arrays by this member, not by position
    #[arg(long, value_name = "NAME")]
    pub key: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum GuardName {
    /// The value that is replaced, removed or moved, and the neighbour of an element that is inserted
    Changes,
    /// Instead of the neighbour, the whole array or object to which something is added
    Containers,
}

/// A file, or standard input.
#[derive(Clone, PartialEq)]
pub enum Source {
    StandardInput,
    File(PathBuf),
}

impl From<OsString> for Source {
    fn from(argument: OsString) -> Source {
        if argument == "-" { Source::StandardInput } else { Source::File(argument.into()) }
    }
}

impl Arguments {
    /// Reads the command line; ends the program where it is wrong, or asks for help.
    pub fn read() -> Arguments {
        let arguments = Arguments::parse();
        if let Some(problem) = arguments.command.conflict() {
            Arguments::command().error(ErrorKind::ArgumentConflict, problem).exit();
        }
        arguments
    }
}

impl Command {
    /// The two texts that it reads, in the order of its arguments.
    pub fn sources(&self) -> [&Source; 2] {
        match self {
            Command::Apply { files, .. }
            | Command::Merge { files, .. }
            | Command::Test { files, .. }
            | Command::Invert { files, .. } => [&files.target, &files.patch],
            Command::Diff { from, to, .. } => [from, to],
            Command::Compose { first, second, .. } => [first, second],
        }
    }

    /// Whether the result replaces the first text.
    pub fn is_in_place(&self) -> bool {
        match self {
            Command::Apply { result, .. } | Command::Merge { result, .. } => result.in_place,
            Command::Test { .. } | Command::Invert { .. } | Command::Diff { .. } | Command::Compose { .. } => false,
        }
    }

    fn conflict(&self) -> Option<&'static str> {
        let [first, second] = self.sources();
        if self.is_in_place() && *first == Source::StandardInput {
            return Some("--in-place needs a TARGET that is a file, not `-`");
        }
        let both = *first == Source::StandardInput && first == second;
        both.then_some("only one of the two can be `-`, which is standard input")
    }
}

/// A number of bytes: `65536`, `64K`, `20M`, `1G`.
fn bytes(text: &str) -> Result<usize, String> {
    let (digits, shift) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 10),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 20),
        Some(b'g' | b'G') => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let number = digits.parse::<usize>().ok().filter(|_| !digits.starts_with('+'));
    number
        .and_then(|number| number.checked_mul(1 << shift))
        .ok_or_else(|| "expected a number of bytes, such as 65536, 64K, 20M or 1G".to_owned())
}
