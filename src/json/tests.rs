//! The tape against `serde_json`: it accepts the same texts, and the values that it records are the same.

use crate::json::{
    string::{name_at, unescape},
    syntax::{Fault, Problem, SyntaxError},
    tape::{Entry, Kind, NO_NAME, Tape},
};
use proptest::prelude::*;
use serde_json::Value;

const BASE: u32 = 1_000;
const WEBHOOK: &str = include_str!("../../examples/data/webhook_response.json");
const PRETTY: &str = include_str!("../../examples/data/webhook.json");

fn record(text: &[u8]) -> Result<(Tape, usize), Fault> {
    let mut tape = Tape::for_text(text.len());
    let root = tape.record(text, BASE, 127)?;
    Ok((tape, root))
}

/// Walks the whole tape, expands what is not recorded, and builds the value that it records.
fn rebuild(tape: &mut Tape, text: &[u8], index: usize) -> Value {
    let Entry { start, end, .. } = tape.entries()[index];
    let span = |start: u32, end: u32| &text[(start - BASE) as usize..(end - BASE) as usize];
    let raw = span(start, end);
    let children = tape.expand(text, BASE, index).expect("the text is validated");
    match Kind::of(raw[0]) {
        Kind::Array => children
            .map(|child| {
                assert_eq!(tape.entries()[child].key, NO_NAME);
                rebuild(tape, text, child)
            })
            .collect(),
        Kind::Object => Value::Object(
            children
                .map(|child| {
                    let name = unescape(name_at(&text[(tape.entries()[child].key - BASE) as usize..])).into_owned();
                    (name, rebuild(tape, text, child))
                })
                .collect(),
        ),
        Kind::Null | Kind::Boolean | Kind::Number | Kind::String => {
            assert!(children.is_empty());
            serde_json::from_slice(raw).expect("a scalar")
        }
    }
}

/// Both accept the text and mean the same by it, or both refuse it.
fn agrees(text: &[u8]) {
    match (record(text), serde_json::from_slice::<Value>(text)) {
        (Ok((mut tape, root)), Ok(value)) => {
            assert_eq!(root + 1, tape.entries().len());
            assert_eq!(rebuild(&mut tape, text, root), value);
        }
        (Ok(_), Err(error)) => {
            assert!(
                error.to_string().starts_with("number out of range"),
                "{error}: {:?}",
                String::from_utf8_lossy(text)
            );
        }
        (Err(malformed), Ok(_)) => panic!("{malformed:?}: {:?}", String::from_utf8_lossy(text)),
        (Err(malformed), Err(_)) => assert!(malformed.offset <= text.len()),
    }
}

fn fails(text: &[u8], offset: usize, syntax: SyntaxError) {
    let malformed = record(text).map(|_| ()).expect_err("malformed");
    assert_eq!(malformed, Fault::syntax(offset, syntax), "{:?}", String::from_utf8_lossy(text));
    agrees(text);
}

#[test]
fn the_first_error_is_reported() {
    use SyntaxError::*;
    let rows: &[(&str, usize, SyntaxError)] = &[
        ("", 0, UnexpectedEnd),
        (" \n", 2, UnexpectedEnd),
        ("[", 1, UnexpectedEnd),
        ("[1", 2, UnexpectedEnd),
        ("[1,", 3, UnexpectedEnd),
        ("[1,]", 3, ExpectedValue),
        ("[,1]", 1, ExpectedValue),
        ("]", 0, ExpectedValue),
        ("[1 2]", 3, ExpectedComma),
        ("[1}", 2, ExpectedComma),
        (r#"{"a":1]"#, 6, ExpectedComma),
        (r#"{"a":1,}"#, 7, ExpectedName),
        ("{a:1}", 1, ExpectedName),
        ("{1:1}", 1, ExpectedName),
        (r#"{"a" 1}"#, 5, ExpectedColon),
        (r#"{"a"}"#, 4, ExpectedColon),
        (r#"{"a":}"#, 5, ExpectedValue),
        (r#"["a" "b"]"#, 5, ExpectedComma),
        ("1,2", 1, TrailingText),
        ("[] []", 3, TrailingText),
        ("{}}", 2, TrailingText),
        ("1\0", 1, TrailingText),
        ("\0", 0, ExpectedValue),
        ("\u{c}1", 0, ExpectedValue),
        ("\u{feff}1", 0, ExpectedValue),
        ("tru", 3, UnexpectedEnd),
        ("[trUe]", 3, ExpectedValue),
        ("nul1", 3, ExpectedValue),
        ("fals", 4, UnexpectedEnd),
        ("truee", 4, TrailingText),
        ("-", 1, UnexpectedEnd),
        ("[-]", 2, InvalidNumber),
        ("-a", 1, InvalidNumber),
        ("01", 1, InvalidNumber),
        ("-00", 2, InvalidNumber),
        ("1.", 2, UnexpectedEnd),
        ("[1.]", 3, InvalidNumber),
        ("1.e1", 2, InvalidNumber),
        (".5", 0, ExpectedValue),
        ("+1", 0, ExpectedValue),
        ("1e", 2, UnexpectedEnd),
        ("1e+x", 3, InvalidNumber),
        ("1.5.5", 3, TrailingText),
        ("0x10", 1, TrailingText),
        (r#"""#, 1, UnexpectedEnd),
        (r#""a\"#, 3, UnexpectedEnd),
        (r#""\"#, 2, UnexpectedEnd),
        (r#""\""#, 3, UnexpectedEnd),
        (r#""\x""#, 1, InvalidEscape),
        (r#""\u12G4""#, 1, InvalidEscape),
        (r#""\u+123""#, 1, InvalidEscape),
        (r#""\ud800""#, 1, LoneSurrogate),
        (r#""\udc00""#, 1, LoneSurrogate),
        (r#""\ud800\ud800""#, 1, LoneSurrogate),
        (r#""\ud800\u0041""#, 1, LoneSurrogate),
        (r#""\ud83d\ude00\ude00""#, 13, LoneSurrogate),
        ("\"a\nb\"", 2, ControlCharacter),
        ("\"a\0\"", 2, ControlCharacter),
        ("\\\"a\"", 0, ExpectedValue),
        ("[\"a\"\\,\"b\"]", 4, ExpectedComma),
        // The first of two errors, whoever finds it.
        (r#"[tru, "\x"]"#, 4, ExpectedValue),
        (r#"["\x", tru]"#, 2, InvalidEscape),
        (r#"["a", tru, "\x"]"#, 9, ExpectedValue),
        (r#"["a", "b" "\x"]"#, 10, ExpectedComma),
        ("[\"\\x\", \"\n\"]", 2, InvalidEscape),
        ("[\"\n\", \"\\x\"]", 2, ControlCharacter),
    ];
    for &(text, offset, reason) in rows {
        fails(text.as_bytes(), offset, reason);
        // Wherever it is in a block, or in a window.
        for blanks in [1, 59, 62, 64, 127, 2_046, 2_048, 2_111] {
            fails(format!("{}{text}", " ".repeat(blanks)).as_bytes(), blanks + offset, reason);
        }
    }
    for (text, offset, reason) in [
        (&b"\"\xFF\""[..], 1, SyntaxError::InvalidUtf8),
        (b"\"\xE2\x82\"", 1, SyntaxError::InvalidUtf8),
        (b"\"\xE2\x82", 1, SyntaxError::UnexpectedEnd),
        (b"\"\xED\xA0\x80\"", 1, SyntaxError::InvalidUtf8),
        (b"\"\xC0\x80\"", 1, SyntaxError::InvalidUtf8),
        (b"[\xFF]", 1, SyntaxError::ExpectedValue),
        (b"{\"\xFF\":1}", 2, SyntaxError::InvalidUtf8),
        (b"\x80", 0, SyntaxError::ExpectedValue),
        // Bytes that are the digits but for their top bit.
        (b"[1\xB5]", 2, SyntaxError::ExpectedComma),
        (b"[1234567\xB0\xB9]", 8, SyntaxError::ExpectedComma),
        (b"[1.5\xB5]", 4, SyntaxError::ExpectedComma),
    ] {
        fails(text, offset, reason);
    }
}

#[test]
fn json_is_accepted() {
    for text in [
        "0",
        "-0",
        "10",
        "-0.0e-0",
        "1E+2",
        "123456789012345678",
        "12345678.12345678e12",
        "true",
        "false",
        "null",
        "\"\"",
        " \t\r\n[ ]\r\n",
        "[[],{}]",
        "{\"\":{}}",
        "{\"a\":1,\"a\":2}",
        "\"\u{7f}\u{2028}\"",
        "\"\\u0000\\ud83d\\ude00\"",
        "[1 ,2 , 3]",
        "{ \"a\" : 1 , \"b\" : [ ] }",
        "{\"a\\\"\":\"\\\\\"}",
        "\"é\"",
        "[\"\",\"\"]",
        "1e5 ",
        "[0,0]",
    ] {
        agrees(text.as_bytes());
    }
    for text in [WEBHOOK, PRETTY] {
        agrees(text.as_bytes());
    }
    // Beyond what an f64 holds, and longer than any word.
    for text in ["1e400".to_owned(), "-1E-99999".to_owned(), "9".repeat(1000), format!("1.{}", "5".repeat(5000))] {
        assert!(record(text.as_bytes()).is_ok());
    }
}

#[test]
fn every_truncation_is_an_unexpected_end() {
    for text in [WEBHOOK, PRETTY, r#"{"a\\\"\u0041\ud83d\ude00":[-1.5e+7,true,false,null,"é€😀",{}],"b":" "}"#] {
        for length in 0..text.trim_end().len() {
            let malformed = record(&text.as_bytes()[..length]).map(|_| ()).expect_err("truncated");
            assert_eq!(
                malformed.problem,
                Problem::Syntax(SyntaxError::UnexpectedEnd),
                "{}",
                &text[..text.floor_char_boundary(length)]
            );
        }
    }
}

#[test]
fn block_and_window_boundaries_make_no_difference() {
    let pieces = [
        r#""a""#,
        r#""\\""#,
        r#""\\\\\\\\\"""#,
        r#""\ud83d\ude00""#,
        r#""\ud83d""#,
        r#""\u00e9\"""#,
        "\"é€😀\"",
        "\"\u{1}\"",
        r#""\x""#,
        "true",
        "12345678",
        "-0.5e10",
        "{}",
        "[ ]",
        r#"{"k\"":"v"}"#,
        "\"",
        "\\",
        "\"\\",
    ];
    for boundary in [64, 2048] {
        for piece in pieces {
            for offset in boundary - 24..boundary + 4 {
                for fill in ["x", "\\\\", "é", " "] {
                    let mut string = format!("[\"{}", fill.repeat((offset - 4) / fill.len()));
                    string += &"x".repeat(offset - string.len());
                    agrees(format!("{string}\",{piece}]").as_bytes());
                    agrees(format!("{string}\",{piece},\"y\"]").as_bytes());
                }
                agrees(format!("{}{piece}", " ".repeat(offset)).as_bytes());
                agrees(format!("[{}0]", format!("{piece},").repeat(offset / piece.len())).as_bytes());
            }
        }
        for run in 0..70 {
            agrees(format!("[\"{}{}\",\"b\"]", "x".repeat(boundary - 35), "\\".repeat(run)).as_bytes());
            agrees(format!("[\"{}{}\"\",\"b\"]", "x".repeat(boundary - 35), "\\".repeat(run)).as_bytes());
        }
    }
}

#[test]
fn a_character_goes_on_after_a_boundary() {
    for boundary in [64, 2048] {
        for length in boundary - 8..boundary + 8 {
            for bytes in [&b"\xE2\x82\xAC"[..], b"\xE2\x82", b"\xF0\x9F\x98\x80", b"\x80", b"\xF0\x9F\x98"] {
                let mut text = format!("\"{}", "x".repeat(length)).into_bytes();
                text.extend_from_slice(bytes);
                text.extend_from_slice(b"yyyy\"");
                agrees(&text);
                text.extend([b' '; 100]);
                agrees(&text);
            }
        }
        for length in boundary - 8..boundary + 8 {
            // A byte too many after a whole character.
            let string = [b"\"", "x".repeat(length).as_bytes(), b"\xF0\x9F\x98\x80\x80yyyy\""].concat();
            fails(&string, length + 5, SyntaxError::InvalidUtf8);
        }
    }
}

#[test]
fn depth_is_limited() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    for (limit, depth, accepted) in
        [(127, 127, true), (127, 128, false), (128, 128, true), (3, 3, true), (3, 4, false), (0, 1, false)]
    {
        for text in [nested(depth), objects(depth)] {
            assert_eq!(Tape::new().record(text.as_bytes(), 0, limit).is_ok(), accepted, "{limit} {depth}");
            let large = format!("[{},{text}]", " ".repeat(300_000) + "1");
            assert_eq!(Tape::new().record(large.as_bytes(), 0, limit).is_ok(), accepted && depth < limit);
        }
    }
    assert!(Tape::new().record(b"1", 0, 0).is_ok());
    assert_eq!(record(nested(128).as_bytes()).map(|_| ()), Err(Fault { offset: 127, problem: Problem::TooDeep }));
}

#[test]
fn an_escaped_name_is_noticed_across_windows() {
    for before in 0..2_100 {
        for behind in [0, 2_100] {
            let text = format!("{{\"{}\\n{}\":1}}", "x".repeat(before), "y".repeat(behind));
            assert!(record(text.as_bytes()).expect("JSON").0.has_escaped_names(), "{before} {behind}");
        }
    }
}

#[test]
fn an_escape_in_a_value_is_none_in_a_name() {
    for (text, expected) in [(r#"{"a":"\n","b":["\\"]}"#, false), (r#"{"a":"b","\n":1}"#, true)] {
        assert_eq!(record(text.as_bytes()).expect("JSON").0.has_escaped_names(), expected, "{text}");
    }
}

#[test]
fn a_failure_leaves_the_tape_as_it_was() {
    let mut tape = Tape::new();
    let root = tape.record(b"[1,[2]]", 0, 127).expect("JSON");
    let before = tape.entries().to_vec();
    let large = format!(r#"[{},["a","b",[1],}}"#, WEBHOOK).replace("\"fuga\"", &format!("[{}0]", "1,".repeat(150_000)));
    for text in ["[1,[2],[3,{\"a\\u0061\":[1]},{}", &large] {
        assert!(tape.record(text.as_bytes(), 7, 127).is_err());
        assert_eq!(tape.entries(), before);
    }
    assert_eq!(tape.children(root).len(), 2);
    assert_eq!(tape.record(b"[]", 7, 127), Ok(before.len()));
}

/// An object with large and small containers inside each other, about `size` bytes.
fn large(size: usize) -> String {
    let list = format!("[{}]", [WEBHOOK; 8].join(","));
    let pretty = format!("{{\"p\": {PRETTY}, \"n\": [1, 2.5, \"\\n\", {{}}, []],\"l\":{list}}}");
    let mut text = format!("{{\"a\":{{\"b\":{pretty}}},\"e\":[");
    while text.len() < size {
        text += &format!("{pretty},{list},{WEBHOOK},[[[{list}]]],");
    }
    text + "null],\"z\":0}"
}

#[test]
fn a_large_text_is_recorded_on_demand() {
    for size in [250_000, 280_000, 700_000] {
        let text = large(size);
        agrees(text.as_bytes());
        // The same as a part of another text, as a patch body's values are.
        let mut tape = Tape::new();
        let (start, end) = (BASE, BASE + text.len() as u32);
        tape.entries_mut().push(Entry { key: NO_NAME, start, end, children: 0 });
        assert_eq!(rebuild(&mut tape, text.as_bytes(), 1), serde_json::from_str::<Value>(&text).expect("JSON"));
    }
    let text = large(700_000);
    let (tape, root) = record(text.as_bytes()).expect("JSON");
    assert_eq!(tape.children(root).len(), 3);
    assert!(tape.entries().len() < 10);
}

#[test]
fn hostile_nesting_is_walked() {
    // Every level is a little smaller than the one outside, and none can be recorded in full.
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), ("[1,[],", ",\"x\"]")] {
        let core = format!("[{}0]", "\"some text that is long\",".repeat(40_000));
        let text = format!("{}{core}{}", open.repeat(126), close.repeat(126));
        let (mut tape, mut index) = record(text.as_bytes()).expect("JSON");
        for _ in 0..126 {
            let children = tape.expand(text.as_bytes(), BASE, index).expect("JSON");
            let longest = |&child: &usize| tape.entries()[child].end - tape.entries()[child].start;
            index = children.max_by_key(longest).expect("a child");
        }
        assert_eq!(tape.expand(text.as_bytes(), BASE, index).expect("JSON").len(), 40_001);
    }
}

#[test]
fn a_small_stack_is_enough() {
    let work = || {
        for text in [WEBHOOK.to_owned(), large(400_000), format!("{}{}", "[".repeat(127), "]".repeat(127))] {
            let mut tape = Tape::for_text(text.len());
            let root = tape.record(text.as_bytes(), 0, 127).expect("JSON");
            let first = tape.expand(text.as_bytes(), 0, root).expect("JSON").start;
            tape.expand(text.as_bytes(), 0, first).expect("JSON");
        }
        assert!(Tape::new().record("[".repeat(1 << 20).as_bytes(), 0, 127).is_err());
    };
    let thread = std::thread::Builder::new().stack_size(64 * 1024).spawn(work).expect("a thread");
    thread.join().expect("no overflow");
}

/// JSON text with any white space, any spelling of strings, and members in any order.
fn json() -> impl Strategy<Value = String> {
    let blank = || prop_oneof![6 => Just(String::new()), 1 => "[ \t\r\n]{1,3}", 1 => Just("\n            ".to_owned())];
    let string = || {
        let part = prop_oneof![
            4 => "[a-z ,:{}\\[\\]]{0,12}",
            1 => "[é€😀\u{7f}]{1,3}",
            1 => prop::sample::select(&["\\\"", "\\\\", "\\/", "\\b", "\\n", "\\u0041", "\\u00E9", "\\ud83d\\ude00"][..]).prop_map(str::to_owned),
            1 => Just("x".repeat(60)),
        ];
        prop::collection::vec(part, 0..5).prop_map(|parts| format!("\"{}\"", parts.concat()))
    };
    let scalar = prop_oneof![
        3 => string(),
        2 => "-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,10})?([eE][+-]?[0-9]{1,2})?",
        1 => prop::sample::select(&["true", "false", "null", "[]", "{}", "{ }"][..]).prop_map(str::to_owned),
    ];
    scalar.prop_recursive(6, 200, 8, move |inner| {
        let element = (blank(), inner.clone(), blank()).prop_map(|(before, value, behind)| before + &value + &behind);
        let member = (blank(), string(), blank(), inner, blank())
            .prop_map(|(before, name, colon, value, behind)| format!("{before}{name}{colon}:{before}{value}{behind}"));
        prop_oneof![
            prop::collection::vec(element, 1..8).prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec(member, 1..8).prop_map(|all| format!("{{{}}}", all.join(","))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_json_agrees(text in json(), before in 0_usize..130) {
        agrees(text.as_bytes());
        agrees(format!("{}{text}", " ".repeat(before)).as_bytes());
    }

    #[test]
    fn mutated_json_agrees(
        text in json(),
        mutations in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4, prop::sample::select(&b"\"\\{}[],:01-.eEtu \n\x00\x1F\x7F\x80\xC3\xE2\xFF"[..])), 1..4),
    ) {
        let mut text = text.into_bytes();
        for (place, kind, byte) in mutations {
            let at = place.index(text.len().max(1));
            match kind {
                0 => text.insert(at, byte),
                1 if !text.is_empty() => { text.remove(at); }
                2 if !text.is_empty() => text[at] = byte,
                _ => text.truncate(at),
            }
        }
        agrees(&text);
    }

    #[test]
    fn random_bytes_agree(text in prop::collection::vec(prop::sample::select(&b"\"\"\\{}[],:1-.e \n\xC3\xA9nul"[..]), 0..200)) {
        agrees(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn large_json_agrees(text in json()) {
        let many = vec![text; 20].join(",");
        agrees(format!("[{many},[\"{}\"],{{\"k\":[{many}]}}]", "x".repeat(270_000)).as_bytes());
    }
}
