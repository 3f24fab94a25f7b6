//! Why a command did not do what it was asked for: the exit code, and what is printed about it.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use entity_patch::{Error, ParseError, ParseErrorKind};

use crate::{
    excerpt::{Excerpt, printable},
    files::Input,
    locate,
};

/// The patch does not apply, or what was asked for does not exist.
const DOES_NOT_APPLY: u8 = 1;
/// Something could not be read or written, or is not what it has to be.
const UNUSABLE: u8 = 2;

/// One problem.
pub struct Report {
    pub exit_code: u8,
    /// The library's code for it.
    code: Option<&'static str>,
    message: String,
    place: Option<Box<Place>>,
    help: Option<&'static str>,
}

struct Place {
    name: String,
    excerpt: Excerpt,
}

impl Report {
    fn new(exit_code: u8, message: impl Into<String>) -> Report {
        Report { exit_code, code: None, message: message.into(), place: None, help: None }
    }

    /// The library refuses a patch, or its target.
    pub fn refused(error: &Error, target: &Input, patch: &Input) -> Report {
        let (exit_code, input, offset) = match error {
            Error::Parse(error) => return Report::malformed(error, patch),
            Error::Patch(error) => (DOES_NOT_APPLY, patch, locate::patch_error(patch.text(), error)),
            Error::Target(error) => {
                (UNUSABLE, target, error.position().map(|position| locate::offset(target.text(), position)))
            }
            _ => (UNUSABLE, patch, None),
        };
        // To a server it is an entity; here it is a file.
        let message = error.to_string().replacen("the stored entity is", "the document is", 1);
        Report { code: Some(error.code()), ..Report::new(exit_code, message) }.at(input, offset)
    }

    /// A text is not a patch.
    pub fn malformed(error: &ParseError, patch: &Input) -> Report {
        let is_too_large = matches!(error.kind(), ParseErrorKind::BodyTooLarge { .. });
        let help = is_too_large.then_some("`--body-limit` raises the limit");
        let report = Report { code: Some(error.code()), help, ..Report::new(UNUSABLE, error.to_string()) };
        report.at(patch, locate::parse_error(patch.text(), error))
    }

    /// A text is not a document that can be compared.
    pub fn malformed_document(error: &ParseError, document: &Input) -> Report {
        let message = match error.kind() {
            ParseErrorKind::MalformedJson(syntax) => format!("the document is not valid JSON: {syntax}"),
            ParseErrorKind::MissingBody => "the document is empty".to_owned(),
            kind => format!("the document cannot be read: {kind}"),
        };
        let report = Report { code: Some(error.code()), ..Report::new(UNUSABLE, message) };
        report.at(document, locate::parse_error(document.text(), error))
    }

    pub fn unreadable(name: &str, error: &io::Error) -> Report {
        Report::new(UNUSABLE, format!("cannot read {name}: {error}"))
    }

    pub fn unwritable(name: &str, error: &io::Error) -> Report {
        Report::new(UNUSABLE, format!("cannot write {name}: {error}"))
    }

    pub fn no_merge_patch() -> Report {
        let message = "no merge patch turns FROM into TO: TO has a null in an object where FROM has none";
        Report { help: Some("without `--merge`, a JSON Patch does"), ..Report::new(DOES_NOT_APPLY, message) }
    }

    pub fn no_composition() -> Report {
        let message =
            "no merge patch does what the two do: SECOND merges an object into what FIRST removes or replaces";
        Report::new(DOES_NOT_APPLY, message)
    }

    /// A number did not survive the way through a 64-bit float.
    pub fn inexact() -> Report {
        let message = "a number has more digits than a 64-bit float holds, so that the patch would not be exact";
        Report::new(UNUSABLE, message)
    }

    fn at(mut self, input: &Input, offset: Option<usize>) -> Report {
        let name = input.name.clone();
        self.place = offset.map(|offset| Box::new(Place { name, excerpt: Excerpt::at(input.text(), offset) }));
        if self.place.is_none() {
            self.message = format!("{}: {}", input.name, self.message);
        }
        self
    }

    /// Prints the problem on standard error.
    pub fn print(&self, coloured: bool, shows_values: bool) {
        // Where standard error is closed, the exit code has to do.
        let _ = io::stderr().lock().write_all(self.text(coloured, shows_values).as_bytes());
    }

    /// The problem as it is printed.
    pub fn text(&self, coloured: bool, shows_values: bool) -> String {
        let (red, blue, bold, reset) =
            if coloured { ("\x1b[1;31m", "\x1b[1;34m", "\x1b[1m", "\x1b[0m") } else { ("", "", "", "") };
        let code = self.code.map(|code| format!("[{code}]")).unwrap_or_default();
        let mut text = format!("{red}error{code}{reset}{bold}: {}{reset}\n", printable(&self.message));
        if let Some(Place { name, excerpt }) = self.place.as_deref() {
            let number = excerpt.line.to_string();
            let margin = " ".repeat(number.len());
            let _ = writeln!(text, "{margin}{blue}-->{reset} {name}:{}:{}", excerpt.line, excerpt.column);
            if shows_values {
                let (line, caret) = excerpt.lines();
                let _ = writeln!(text, "{margin} {blue}|{reset}");
                let _ = writeln!(text, "{blue}{number} |{reset} {line}");
                let _ = writeln!(text, "{margin} {blue}|{reset} {red}{caret}{reset}");
            }
        }
        if let Some(help) = self.help {
            let _ = writeln!(text, "{blue}help{reset}: {help}");
        }
        text
    }
}
