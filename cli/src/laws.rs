//! What holds for any two texts: plain functions that assert, called by the unit tests and by the fuzz target `tool`.
//!
//! An input is a file that is read and written by hand: a line of options and two texts, with an empty line before
//! each. Each command gets the two as they are. An option that is a number is the longest patch that is read; any other
//! word is the member by which a `diff` matches elements.
//!
//! ```text
//! id
//!
//! [{"id": 1}, {"id": 2}]
//!
//! [{"op": "remove", "path": "/0"}]
//! ```

use std::{cell::RefCell, collections::BTreeSet};

use entity_patch::{Dialect, Error, Format, patch_json};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::{
    arguments::{
        Command, DialectName, DiffArguments, Files, FormatName, FormatOption, GuardName, LayoutOption, LimitOption,
        ResultOptions, Rules, Source,
    },
    calls,
    commands::answer,
    excerpt::{Excerpt, printable},
    files::Input,
    layout::{self, Layout},
    locate,
    report::Report,
};

/// Every law, for the two texts of an input.
pub fn check(bytes: &[u8]) {
    let case = Case::read(bytes);
    for dialect in [DialectName::Rfc, DialectName::Superoffice] {
        for format in [None, Some(FormatName::JsonPatch), Some(FormatName::MergePatch)] {
            case.a_patch_does_what_the_library_does(format, dialect);
            case.an_inverse_undoes(format, dialect);
        }
    }
    for moves in [false, true] {
        for key in [None, Some(&case.key)] {
            for guard in [None, Some(GuardName::Changes), Some(GuardName::Containers)] {
                case.a_diff_gives_the_second(&|| DiffArguments { merge: false, guard, moves, key: key.cloned() });
            }
        }
    }
    case.a_diff_gives_the_second(&|| DiffArguments { merge: true, guard: None, moves: false, key: None });
    case.a_composition_does_what_both_do();
}

/// Looks an error up and shows its place; the place is in the body.
pub fn a_place_is_in_the_body(target: &[u8], body: &Input, format: Format, dialect: &Dialect) {
    let Err(error) = patch_json(target, body.bytes(), format, dialect) else { return };
    let body = body.text();
    let place = match &error {
        Error::Parse(error) => locate::parse_error(body, error),
        Error::Patch(error) => Some(locate::patch_error(body, error).expect("an operation has a place")),
        _ => None,
    };
    if let Some(offset) = place {
        assert!(offset <= body.len(), "{}", String::from_utf8_lossy(body));
        let excerpt = Excerpt::at(body, offset);
        let (line, caret) = excerpt.lines();
        the_caret_is_under_the_place(body, (excerpt.line, excerpt.column), &line, &caret);
    }
}

/// Two texts, and what the options say.
struct Case {
    first: Input,
    second: Input,
    key: String,
    limit: usize,
    /// The reports that were looked at. Most commands give the same.
    seen: RefCell<BTreeSet<String>>,
}

/// What a command prints without colours.
struct Printed {
    text: Vec<u8>,
    exit_code: u8,
}

impl Case {
    /// A part that is not there is empty.
    fn read(bytes: &[u8]) -> Case {
        let (options, texts) = split(bytes);
        let (first, second) = split(texts);
        let [first, second] =
            [("first.json", first), ("second.json", second)].map(|(name, text)| a_mark_is_not_text(name, text));
        let mut case = Case { first, second, key: "id".to_owned(), limit: 1 << 20, seen: RefCell::default() };
        for option in String::from_utf8_lossy(options).split_ascii_whitespace() {
            match option.parse() {
                Ok(number) => case.limit = number,
                Err(_) => case.key = option.to_owned(),
            }
        }
        case
    }

    fn rules(&self, dialect: DialectName) -> Rules {
        Rules { dialect, limit: LimitOption { body_limit: self.limit } }
    }

    /// What a command answers, with `--pretty` and without, in colours and without, is one document.
    fn printed(&self, command: impl Fn(LayoutOption) -> Command) -> Result<Printed, Report> {
        let run = |pretty| answer(&command(LayoutOption { pretty }), &self.first, &self.second);
        let plain = run(false).inspect_err(|report| self.a_report_is_safe(report))?;
        let pretty = run(true).unwrap_or_else(|report| panic!("refused in one layout: {}", report.text(false, true)));
        let [text, indented] = [&plain, &pretty].map(|answer| {
            let [text, coloured] = [false, true].map(|coloured| {
                let mut output = Vec::new();
                answer.write(coloured, &mut output).expect("a vector has room");
                output
            });
            assert_eq!(shown(&without_colours(&coloured)), shown(&text));
            assert!(!text.contains(&b'\x1b'), "{}", shown(&text));
            text
        });
        assert_eq!(shown(&without_space(&indented)), shown(&without_space(&text)));
        assert_eq!(plain.exit_code, pretty.exit_code);
        Ok(Printed { text, exit_code: plain.exit_code })
    }

    fn a_patch_does_what_the_library_does(&self, format: Option<FormatName>, dialect: DialectName) {
        let Case { first, second, .. } = self;
        let (option, rules) = (FormatOption { format }, self.rules(dialect));
        let (format, dialect) = (option.format(), rules.dialect());
        a_place_is_in_the_body(first.text(), second, format, &dialect);

        let [applied, merged, tested] = [
            self.printed(|layout| Command::Apply {
                files: files(),
                format: FormatOption { ..option },
                rules: self.rules(rules.dialect),
                result: ResultOptions { in_place: false, layout },
            }),
            self.printed(|layout| Command::Merge {
                files: files(),
                rules: self.rules(rules.dialect),
                result: ResultOptions { in_place: false, layout },
            }),
            self.printed(|_| Command::Test {
                files: files(),
                format: FormatOption { ..option },
                rules: self.rules(rules.dialect),
            }),
        ];
        let expected = patch_json(first.text(), second.bytes(), format, &dialect);
        match (&applied, &expected) {
            (Ok(applied), Ok(expected)) => {
                assert_eq!(shown(&applied.text), shown(&[first.mark(), expected].concat()));
                an_indented_text_forgets_its_space(expected);
            }
            (Err(report), Err(error)) => {
                assert_eq!(report.exit_code, if matches!(error, Error::Patch(_)) { 1 } else { 2 }, "{error}");
            }
            _ => panic!("the library says {expected:?}"),
        }
        if matches!(format, Format::MergePatch) {
            assert_eq!(told(&merged), told(&applied));
        }
        match (&tested, &applied) {
            (Ok(tested), Ok(_)) => {
                assert_eq!((shown(&tested.text).as_str(), tested.exit_code), ("the patch applies\n", 0));
            }
            _ => assert_eq!(told(&tested), told(&applied)),
        }
    }

    fn an_inverse_undoes(&self, format: Option<FormatName>, dialect: DialectName) {
        let Case { first, second, .. } = self;
        let (option, rules) = (FormatOption { format }, self.rules(dialect));
        let (format, dialect) = (option.format(), rules.dialect());
        let inverse = self.printed(|layout| Command::Invert {
            files: files(),
            format: FormatOption { ..option },
            rules: self.rules(rules.dialect),
            layout,
        });
        let patched = patch_json(first.text(), second.bytes(), format, &dialect);
        match (inverse, patched) {
            (Ok(inverse), Ok(patched)) => {
                assert_eq!(inverse.exit_code, 0);
                let undone = patched_by(&patched, &inverse.text, Format::JsonPatch, &dialect).expect("it applies");
                assert!(calls::are_equal(&undone, first.text()), "{} gives {}", shown(&inverse.text), shown(&undone));
            }
            (Ok(inverse), Err(error)) => panic!("{} undoes what is refused: {error}", shown(&inverse.text)),
            (Err(report), Ok(_)) => {
                let why = report.text(false, true);
                assert!(!is_held(first) || !is_held(second), "{why}");
                assert_eq!(report.exit_code, 2, "{why}");
            }
            (Err(_), Err(_)) => {}
        }
    }

    fn a_diff_gives_the_second(&self, arguments: &dyn Fn() -> DiffArguments) {
        let Case { first, second, .. } = self;
        let merge = arguments().merge;
        let diff = self.printed(|layout| {
            let [from, to] = sources();
            Command::Diff { from, to, options: arguments(), layout }
        });
        match diff {
            Ok(diff) => {
                let format = if merge { Format::MergePatch } else { Format::JsonPatch };
                let patched = patched_by(first.text(), &diff.text, format, &Dialect::RFC).expect("it applies");
                assert!(calls::are_equal(&patched, second.text()), "{} gives {}", shown(&diff.text), shown(&patched));
                let differ = !calls::are_equal(first.text(), second.text());
                assert_eq!(diff.exit_code, u8::from(differ), "{}", shown(&diff.text));
                assert!(differ || merge || diff.text == b"[]\n", "{}", shown(&diff.text));
            }
            Err(report) => {
                let why = report.text(false, true);
                assert!((merge && report.exit_code == 1) || !is_held(first) || !is_held(second), "{why}");
                assert!(merge || report.exit_code == 2, "{why}");
            }
        }
    }

    fn a_composition_does_what_both_do(&self) {
        let Case { first, second, limit, .. } = self;
        let composition = self.printed(|layout| {
            let [first, second] = sources();
            Command::Compose { first, second, limit: LimitOption { body_limit: *limit }, layout }
        });
        match composition {
            Ok(composition) => {
                assert_eq!(composition.exit_code, 0);
                let merged = |target: &[u8], patch: &[u8]| patched_by(target, patch, Format::MergePatch, &Dialect::RFC);
                for target in [&b"null"[..], b"{}", first.text(), second.text()] {
                    let once = merged(target, &composition.text);
                    let twice = merged(target, first.text()).and_then(|between| merged(&between, second.text()));
                    let (once, twice) = (once.expect("it merges"), twice.expect("they merge"));
                    assert!(calls::are_equal(&once, &twice), "{}, not {}", shown(&once), shown(&twice));
                }
            }
            Err(report) => {
                let is_long = [first, second].into_iter().any(|input| input.bytes().len() > *limit);
                let is_held = is_held(first) && is_held(second) && !is_long;
                assert_eq!(report.exit_code, if is_held { 1 } else { 2 }, "{}", report.text(false, true));
            }
        }
    }

    /// A report does nothing to a terminal but colour it, shows its place, and no line of a text where it may not.
    fn a_report_is_safe(&self, report: &Report) {
        assert!(matches!(report.exit_code, 1 | 2));
        if !self.seen.borrow_mut().insert(report.text(false, true)) {
            return;
        }
        if report.text(false, true) == Report::inexact().text(false, true) {
            // It is about a number, and not what a reader says of a text that is malformed.
            let is_json = |input: &Input| serde_json::from_slice::<Value>(input.text()).is_ok();
            assert!([&self.first, &self.second].into_iter().any(|input| is_json(input) && !is_held(input)));
        }
        let [with_values, without] = [true, false].map(|shows_values| {
            let (text, coloured) = (report.text(false, shows_values), report.text(true, shows_values));
            assert_eq!(shown(&without_colours(coloured.as_bytes())), text);
            let lines: Vec<&str> = text.split('\n').collect();
            assert!(lines.iter().all(|line| is_printable(line)), "{text:?}");
            text
        });
        let mut lines: Vec<&str> = with_values.split_terminator('\n').collect();
        if let Some((_, place)) = lines.get(1).and_then(|line| line.split_once("--> ")) {
            let mut excerpt = lines.drain(2..5);
            let mut next = || excerpt.next().expect("three lines");
            let (bar, line, caret) = (next(), next(), next());
            let margin = bar.strip_suffix('|').expect("a bar");
            let is_blank = |text: &str| text.bytes().all(|byte| byte == b' ');
            let (number, line) = line.split_once(" | ").expect("a line");
            assert!(is_blank(margin) && margin.len() == number.len() + 1, "{with_values}");
            let caret = caret.strip_prefix(bar).and_then(|caret| caret.strip_prefix(' ')).expect("a caret");
            let [column, place_line, name]: [&str; 3] =
                place.rsplitn(3, ':').collect::<Vec<_>>().try_into().expect("a name, a line and a column");
            assert_eq!(number, place_line);
            let input = [&self.first, &self.second].into_iter().find(|input| input.name == name).expect("an input");
            let [place_line, column] = [place_line, column].map(|number| number.parse().expect("a number"));
            the_caret_is_under_the_place(input.text(), (place_line, column), line, caret);
        }
        assert_eq!(without.split_terminator('\n').collect::<Vec<_>>(), lines);
    }
}

/// Reads an input. A byte order mark at its start is kept and belongs to no text.
fn a_mark_is_not_text(name: &str, bytes: &[u8]) -> Input {
    let input = Input::new(name.to_owned(), bytes.to_vec());
    let rest = bytes.strip_prefix("\u{feff}".as_bytes());
    assert_eq!((input.mark().len(), input.text()), rest.map_or((0, bytes), |rest| (3, rest)));
    input
}

/// The line of a text that is shown, or the part of it around the place, is what a terminal can show, and the caret is
/// under the character at the place.
fn the_caret_is_under_the_place(text: &[u8], (line, column): (usize, usize), shown: &str, caret: &str) {
    let case = || format!("{shown:?} and {caret:?} for line {line}, column {column} of {:?}", self::shown(text));
    let place_line = text.split(|&byte| byte == b'\n').nth(line - 1).unwrap_or_else(|| panic!("no line: {}", case()));
    let place_line = String::from_utf8_lossy(place_line);
    let at = boundaries(&place_line).nth(column - 1).unwrap_or_else(|| panic!("no column: {}", case()));
    let (before, after) = place_line.split_at(at);
    let (before, after) = (printable(before), printable(after.strip_suffix('\r').unwrap_or(after)));

    assert!(is_printable(shown), "{}", case());
    let indent = caret.strip_suffix('^').unwrap_or_else(|| panic!("no caret: {}", case()));
    assert!(indent.bytes().all(|byte| byte == b' '), "{}", case());
    let starts_at =
        |left: &str, before: &str| left == before || left.strip_prefix('…').is_some_and(|left| before.ends_with(left));
    let ends_at = |right: &str| {
        right == after.trim_end() || right.strip_suffix('…').is_some_and(|right| after.starts_with(right))
    };
    let is_there = boundaries(shown)
        .map(|at| shown.split_at(at))
        .any(|(left, right)| left.width() == indent.len() && starts_at(left, &before) && ends_at(right));
    // White space at the end of a line is not printed, also before the place.
    let rest = before.trim_end();
    let space = before[rest.len()..].width();
    let is_behind = after.trim().is_empty()
        && starts_at(shown, rest)
        && (shown.width()..=shown.width() + space).contains(&indent.len());
    assert!(is_there || is_behind, "{}", case());
}

/// Where the characters of a text start, and where the last one ends.
fn boundaries(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.char_indices().map(|(at, _)| at).chain([text.len()])
}

/// White space between the tokens changes nothing in an indented text, and so it may be indented again.
fn an_indented_text_forgets_its_space(text: &[u8]) {
    let indented = |text: &[u8]| {
        let mut output = Vec::new();
        let layout = Layout { indented: true, coloured: false };
        layout::write(text, layout, &mut output).expect("a vector has room");
        shown(&output)
    };
    let once = indented(text);
    assert_eq!(indented(&without_space(text)), once);
    assert_eq!(indented(once.as_bytes()), once);
}

fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at = bytes.windows(2).position(|window| window == b"\n\n");
    at.map_or((bytes, b""), |at| (&bytes[..at], &bytes[at + 2..]))
}

/// The command line's names of the texts, which the laws do not read from files.
fn sources() -> [Source; 2] {
    [Source::StandardInput, Source::StandardInput]
}

fn files() -> Files {
    let [target, patch] = sources();
    Files { target, patch }
}

/// A patch that the tool printed is applied: it may be longer than one that a client may send.
fn patched_by(target: &[u8], patch: &[u8], format: Format, dialect: &Dialect) -> Result<Vec<u8>, Error> {
    let mut dialect = dialect.clone();
    dialect.limits.body_bytes = usize::MAX / 4;
    dialect.limits.operations = usize::MAX / 4;
    dialect.limits.work = usize::MAX / 4;
    patch_json(target, patch, format, &dialect)
}

/// Whether an input is a document, all of whose numbers survive the way through a tree.
fn is_held(input: &Input) -> bool {
    let Ok(tree) = calls::document(input.bytes()) else { return false };
    calls::are_equal(input.text(), tree.to_string().as_bytes())
}

/// What a command says, to compare it with another.
fn told(printed: &Result<Printed, Report>) -> (u8, String) {
    match printed {
        Ok(printed) => (printed.exit_code, shown(&printed.text)),
        Err(report) => (report.exit_code, report.text(false, true)),
    }
}

fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Whether nothing in a line moves a cursor, colours or turns a direction around.
fn is_printable(line: &str) -> bool {
    let acts = "\
        \u{61c}\u{200e}\u{200f}\
        \u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\
        \u{2066}\u{2067}\u{2068}\u{2069}";
    !line.contains(|character: char| character.is_control() || acts.contains(character))
}

/// A text without the escapes that colour it.
fn without_colours(text: &[u8]) -> Vec<u8> {
    let mut parts = text.split(|&byte| byte == b'\x1b');
    let mut plain = parts.next().unwrap_or_default().to_vec();
    for part in parts {
        let end = part.iter().position(|&byte| byte == b'm').expect("the end of an escape");
        let (escape, rest) = part.split_at(end + 1);
        assert!(escape[0] == b'[' && escape[1..end].iter().all(|byte| byte.is_ascii_digit() || *byte == b';'));
        plain.extend_from_slice(rest);
    }
    plain
}

/// A JSON text without the white space between its tokens.
fn without_space(text: &[u8]) -> Vec<u8> {
    let (mut is_string, mut is_escaped) = (false, false);
    let is_kept = |byte: &u8| {
        let is_kept = is_string || !byte.is_ascii_whitespace();
        is_string ^= *byte == b'"' && !is_escaped;
        is_escaped = is_string && *byte == b'\\' && !is_escaped;
        is_kept
    };
    text.iter().copied().filter(is_kept).collect()
}
