//! What is too long, too deep or no text at all, and readers that stop.

use std::io::Read;

use crate::{Folder, ended};

#[test]
fn binary_input_is_refused() {
    let junk: Vec<u8> = (0..5_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let bell = b"[{\"op\":\"add\x07\x1b[31m\xe2\x80\xae\",\"path\":\"";
    for bytes in [&junk[..], &junk[1..], bell, b"\xff", b"\0", b"[\x00", b"\xef\xbb\xbf", b"[\"\xed\xa0\x80\"]"] {
        let folder = Folder::with(&[("good.json", "{}")]);
        folder.write("bad", bytes);
        let rows: [&[&str]; 8] = [
            &["apply", "good.json", "bad"],
            &["apply", "bad", "good.json"],
            &["merge", "good.json", "bad"],
            &["test", "good.json", "bad"],
            &["invert", "good.json", "bad"],
            &["invert", "bad", "good.json"],
            &["diff", "good.json", "bad"],
            &["diff", "--merge", "bad", "good.json"],
        ];
        for arguments in rows {
            let ended = folder.run(arguments, "");
            assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""), "{arguments:?} {bytes:?}");
            assert!(ended.errors.starts_with("error["), "{ended:?}");
            // Nothing of it reaches the terminal as it is.
            let acts = |character: char| character != '\n' && (character.is_control() || character == '\u{202e}');
            assert!(!ended.errors.contains(acts), "{ended:?}");
        }
    }
}

#[test]
fn a_byte_order_mark_stays() {
    let folder = Folder::with(&[("target.json", "\u{feff}{\"a\": 1}\n"), ("patch.json", "\u{feff}{\"a\": 2}")]);
    let rows: [(&[&str], &str); 4] = [
        (&["apply", "target.json", "patch.json"], "\u{feff}{\"a\": 2}\n"),
        (&["invert", "target.json", "patch.json"], "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":1}]\n"),
        (&["diff", "target.json", "target.json"], "[]\n"),
        (&["test", "target.json", "patch.json"], "the patch applies\n"),
    ];
    for (arguments, output) in rows {
        let ended = folder.run(arguments, "");
        assert_eq!((ended.code, ended.output.as_str()), (Some(0), output), "{ended:?}");
    }
}

/// A file may start with one byte order mark. A second one belongs to its text, which is then malformed.
#[test]
fn a_second_byte_order_mark_is_refused() {
    let folder = Folder::with(&[("marked", "\u{feff}{\"a\": 1}"), ("twice", "\u{feff}\u{feff}{\"a\": 1}")]);
    for command in ["apply", "merge", "test", "invert", "diff", "compose"] {
        for files in [["marked", "twice"], ["twice", "marked"]] {
            let ended = folder.run(&[command, files[0], files[1]], "");
            assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""), "{command}: {ended:?}");
            assert!(ended.errors.contains("expected a value") && ended.errors.contains("twice:1:1\n"), "{ended:?}");
        }
    }
}

/// The caret is under the place, in a long line, and after what a terminal shows as wide as two characters or none.
#[test]
fn a_place_is_shown_in_any_line() {
    let accents = "é".repeat(5_000);
    let long = format!("{{\"a\": \"{accents}\", \"b\": ?, \"c\": \"{accents}\"}}");
    let rows = [
        (
            long.as_str(),
            format!(
                " --> standard input:1:5016\n  |\n1 | …{}\", \"b\": ?, \"c\": \"{}…\n  | {}^\n",
                "é".repeat(26),
                "é".repeat(15),
                " ".repeat(35)
            ),
        ),
        (
            "{\"世界\":\t\"e\u{301}\", \"b\": ?}",
            " --> standard input:1:19\n  |\n1 | {\"世界\": \"e\u{301}\", \"b\": ?}\n  |                    ^\n"
                .to_owned(),
        ),
    ];
    for (body, shown) in rows {
        let ended = Folder::with(&[("target.json", "{}")]).run(&["apply", "target.json", "-"], body);
        let (_, actual) = ended.errors.split_once('\n').expect("a message of more than a line");
        assert_eq!(actual, shown);
    }
}

#[test]
fn a_large_target_is_patched() {
    let element = r#"{"id": 1234567, "name": "a name", "list": [1, 2.50, true, null]}, "#;
    let mut target = element.repeat((20 << 20) / element.len() + 1);
    target.insert_str(0, "{\"elements\": [");
    target.push_str("null], \"last\": \"old\"}");
    assert!(target.len() > 20 << 20);
    let folder = Folder::with(&[("patch.json", r#"[{"op": "replace", "path": "/last", "value": "new"}]"#)]);
    folder.write("target.json", &target);
    let patched = target.replace("old", "new");
    let ended = folder.run(&["apply", "target.json", "patch.json"], "");
    assert!(ended.code == Some(0) && ended.output == patched, "{}", ended.errors);
    let ended = folder.run(&["invert", "target.json", "patch.json"], "");
    assert_eq!(ended.output, "[{\"op\":\"replace\",\"path\":\"/last\",\"value\":\"old\"}]\n", "{}", ended.errors);
    folder.write("patched.json", &patched);
    let ended = folder.run(&["diff", "target.json", "patched.json"], "");
    assert_eq!(ended.output, "[{\"op\":\"replace\",\"path\":\"/last\",\"value\":\"new\"}]\n", "{}", ended.errors);
    // As a patch it is too long, unless it is said to be none.
    assert_eq!(folder.run(&["merge", "patched.json", "target.json"], "").code, Some(2));
    let ended = folder.run(&["merge", "--body-limit", "32M", "patched.json", "-"], &target);
    assert!(ended.code == Some(0) && ended.output == target, "{}", ended.errors);
}

#[test]
fn depth_is_limited() {
    let nested = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let folder = Folder::with(&[("empty", "{}"), ("deep", &nested(127)), ("deeper", &nested(128))]);
    folder.write("abyss", nested(400_000));
    let rows: [(&[&str], i32); 9] = [
        (&["diff", "empty", "deep"], 1),
        (&["diff", "deep", "deep"], 0),
        (&["invert", "deep", "empty"], 0),
        (&["merge", "deep", "deep"], 0),
        (&["diff", "empty", "deeper"], 2),
        (&["merge", "empty", "deeper"], 2),
        (&["apply", "deeper", "empty"], 2),
        (&["merge", "empty", "abyss"], 2),
        (&["diff", "abyss", "abyss"], 2),
    ];
    for (arguments, code) in rows {
        let ended = folder.run(arguments, "");
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.errors);
    }
}

#[test]
fn a_number_is_exact_or_refused() {
    let (long, longer) = ("{\"n\": 12345678901234567890123}", "{\"n\": 12345678901234567890124}");
    let folder =
        Folder::with(&[("long", long), ("longer", longer), ("long and more", &long.replace('}', ", \"a\": 1}"))]);
    let set = r#"[{"op":"replace","path":"/n","value":0}]"#;
    let test = r#"[{"op":"test","path":"/n","value":12345678901234567890123.0}]"#;
    let rows: [(&[&str], &str, i32, &str); 8] = [
        (&["test", "long", "-"], test, 0, "the patch applies\n"),
        (&["test", "longer", "-"], test, 1, ""),
        (&["merge", "long", "longer"], "", 0, longer),
        (&["diff", "long", "longer"], "", 2, ""),
        (&["diff", "--merge", "long", "longer"], "", 2, ""),
        (&["invert", "long", "-"], set, 2, ""),
        (&["diff", "long", "long and more"], "", 1, "[{\"op\":\"add\",\"path\":\"/a\",\"value\":1}]\n"),
        (&["invert", "long", "-"], r#"{"a": 1}"#, 0, "[{\"op\":\"remove\",\"path\":\"/a\"}]\n"),
    ];
    for (arguments, input, code, output) in rows {
        let ended = folder.run(arguments, input);
        assert_eq!((ended.code, ended.output.as_str()), (Some(code), output), "{arguments:?}: {}", ended.errors);
    }
}

/// A reader that has seen enough is not a failure.
#[test]
fn a_broken_pipe_is_quiet() {
    let folder = Folder::with(&[("patch.json", "{\"a\": 1}")]);
    folder.write("target.json", format!("[{}0]", "0, ".repeat(1 << 20)));
    for arguments in [&["apply", "target.json", "patch.json"][..], &["apply", "--pretty", "target.json", "patch.json"]]
    {
        folder.write("patch.json", "[]");
        let mut child = folder.tool(arguments).spawn().expect("the tool starts");
        let mut output = child.stdout.take().expect("a pipe");
        output.read_exact(&mut [0; 8]).expect("some bytes");
        drop(output);
        let ended = child.wait_with_output().expect("the tool ends");
        assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_output_is_an_error() {
    let folder = Folder::with(&[("target.json", "{}"), ("patch.json", "{\"a\": 1}")]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let mut command = folder.tool(&["apply", "target.json", "patch.json"]);
    command.stdout(full);
    let ended = ended(command, "");
    assert_eq!(ended.code, Some(2));
    assert!(ended.errors.starts_with("error: cannot write standard output: "), "{ended:?}");
}

/// Input without an end is read up to the limit.
#[cfg(target_os = "linux")]
#[test]
fn an_endless_patch_is_refused() {
    let folder = Folder::with(&[("target.json", "{}")]);
    let ended = folder.run(&["apply", "target.json", "/dev/zero"], "");
    assert_eq!(ended.code, Some(2));
    assert!(ended.errors.starts_with("error[body-too-large]: /dev/zero: "), "{ended:?}");
}
