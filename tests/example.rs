//! The example `patch_webhook` as a person runs it: what it prints, where, and how it ends.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

const ENTITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/webhook.json");
const CHANGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/changes.json");
const MERGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/changes.merge.json");

fn run(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--example", "patch_webhook", "--"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("the example reads what it is given");
    let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn both_formats_say_the_same() {
    let (code, shown, errors) = run(&[], "");
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let entities: Vec<&str> =
        shown.split("the new entity:\n").skip(1).filter_map(|part| part.split("\n\n").next()).collect();
    assert_eq!(entities.len(), 2);
    assert_eq!(entities[0], entities[1]);
    assert_eq!(shown.matches("changed: Name, Events, Headers, ErrorsEmail\n").count(), 2);
    assert!(shown.contains(r#"{"op":"replace","path":"/Headers/Headers1","value":"occaecati"}"#), "{shown}");
}

#[test]
fn it_is_a_small_tool() {
    let unknown = r#"{"Nmae": "x"}"#;
    let failing = r#"[{"op": "test", "path": "/state", "value": "Stopped"}]"#;
    let undone = r#"{"op":"replace","path":"/Name","value":"Graham, Hodkiewicz and Boyle"}"#;
    let difference = "[\n  {\"op\":\"replace\",\"path\":\"/Name\",\"value\":\"x\"}\n]\n";
    let renamed = include_str!("../examples/data/webhook.json").replace("Graham, Hodkiewicz and Boyle", "x");
    let rows: [(&[&str], &str, i32, &str, &str); 12] = [
        (&[ENTITY, CHANGES], "", 0, "changed: Name, Events, Headers, ErrorsEmail", ""),
        (&[ENTITY, MERGE, "--content-type", "application/merge-patch+json"], "", 0, "\"Headers1\": \"occaecati\"", ""),
        (&[ENTITY, "-", "--ignore-unknown"], unknown, 0, "ignored: /Nmae", ""),
        (&[ENTITY, CHANGES, "--inverse"], "", 0, undone, ""),
        (&["--diff", ENTITY, "-"], &renamed, 0, difference, ""),
        (&[ENTITY, "-"], unknown, 1, "", "422 unknown-member\npath: /Nmae\nat `/Nmae`: the entity has no such member"),
        (&[ENTITY, "-"], failing, 1, "", "409 test-failed\noperation: 0\npath: /state\n"),
        (&[ENTITY, CHANGES, "--dialect", "rfc"], "", 1, "", "400 malformed-path\noperation: 1\n"),
        (&[ENTITY, CHANGES, "--content-type", "text/plain"], "", 1, "", "415"),
        (&["no-such-file.json", CHANGES], "", 1, "", "no-such-file.json: "),
        (&[ENTITY], "", 2, "", "usage: patch_webhook ENTITY.json CHANGES.json"),
        (&[ENTITY, CHANGES, "--dialcet", "rfc"], "", 2, "", "unknown option --dialcet\nusage: "),
    ];
    for (arguments, input, code, on_output, on_error) in rows {
        let (actual, output, errors) = run(arguments, input);
        assert_eq!(actual, Some(code), "{arguments:?}: {errors}");
        assert!(output.contains(on_output) && output.is_empty() == (code != 0), "{arguments:?}: {output}");
        assert!(errors.contains(on_error) && errors.is_empty() == (code == 0), "{arguments:?}: {errors}");
    }
}
