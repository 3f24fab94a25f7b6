//! Every command, every exit code, and where an error is shown.

use serde_json::{Value, json};

use crate::{Ended, Folder, ended};

const TARGET: &str = "{ \"name\" : \"old\", \"n\":1.50e2,\n  \"list\" : [ 1, 2.0 ] }\n";
const PATCH: &str =
    r#"[{"op":"test","path":"/name","value":"old"},{"op":"add","path":"/list/-","value":{"a":[],"b":{}}}]"#;
const MERGE: &str = r#"{"name": null, "new": {"x": 1}}"#;

fn folder() -> Folder {
    Folder::with(&[("target.json", TARGET), ("patch.json", PATCH), ("merge.json", MERGE)])
}

/// Arguments, standard input, exit code, all of standard output.
type Row<'r> = (&'r [&'r str], &'r str, i32, &'r str);

#[test]
fn a_command_prints_its_result() {
    let patched = "{ \"name\" : \"old\", \"n\":1.50e2,\n  \"list\" : [ 1, 2.0, {\"a\":[],\"b\":{}} ] }\n";
    let merged = "{ \"n\":1.50e2,\n  \"list\" : [ 1, 2.0 ], \"new\" : {\"x\": 1} }\n";
    let merged = {
        let ended = folder().run(&["apply", "target.json", "merge.json"], "");
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(value(&ended.output), value(merged));
        assert!(ended.output.contains("\"n\":1.50e2,\n  \"list\" : [ 1, 2.0 ]"), "{ended:?}");
        ended.output
    };
    let renamed = TARGET.replace("old", "new");
    let undo = "[{\"op\":\"remove\",\"path\":\"/list/2\"}]\n";
    let indented = "{\n  \"a\": 1.50e2,\n  \"b\": [\n    [],\n    {}\n  ]\n}\n";
    let replace = "[{\"op\":\"replace\",\"path\":\"/name\",\"value\":\"new\"}]\n";
    let rows: [Row; 21] = [
        (&["apply", "target.json", "patch.json"], "", 0, patched),
        (&["apply", "-", "patch.json"], TARGET, 0, patched),
        (&["apply", "target.json", "-"], PATCH, 0, patched),
        (&["apply", "target.json", "-"], MERGE, 0, &merged),
        (&["apply", "--format", "merge-patch", "target.json", "-"], "[]", 0, "[]\n"),
        (&["apply", "--pretty", "-", "-"], "", 2, ""),
        (&["apply", "-p", "target.json", "-"], r#"{"name":null,"n":null,"list":null}"#, 0, "{}\n"),
        (&["merge", "target.json", "merge.json"], "", 0, &merged),
        (&["merge", "target.json", "-"], "[1]", 0, "[1]\n"),
        (
            &["merge", "--pretty", "target.json", "-"],
            r#"[{"a":"é\n\"\\"}, -1]"#,
            0,
            "[\n  {\n    \"a\": \"é\\n\\\"\\\\\"\n  },\n  -1\n]\n",
        ),
        (&["apply", "--pretty", "-", "patch.none"], "", 2, ""),
        (
            &["apply", "--dialect", "superoffice", "target.json", "-"],
            r#"[{"op":"replace","path":"NAME","value":"new"}]"#,
            0,
            &renamed,
        ),
        (&["test", "target.json", "patch.json"], "", 0, "the patch applies\n"),
        (&["test", "target.json", "merge.json"], "", 0, "the patch applies\n"),
        (&["invert", "target.json", "patch.json"], "", 0, undo),
        (
            &["invert", "--pretty", "target.json", "patch.json"],
            "",
            0,
            "[\n  {\"op\":\"remove\",\"path\":\"/list/2\"}\n]\n",
        ),
        (&["invert", "target.json", "-"], "{}", 0, "[]\n"),
        (&["diff", "target.json", "-"], TARGET, 0, "[]\n"),
        (&["diff", "target.json", "-"], &renamed, 1, replace),
        (&["diff", "--merge", "target.json", "-"], &renamed, 1, "{\"name\":\"new\"}\n"),
        (
            &["merge", "-p", "target.json", "-"],
            r#"[{"a" :1.50e2,"b":[[ ],{ }]}]"#,
            0,
            &format!("[\n  {}\n]\n", indented.trim_end().replace('\n', "\n  ")),
        ),
    ];
    for (arguments, input, code, output) in rows {
        let ended = folder().run(arguments, input);
        assert_eq!((ended.code, ended.output.as_str()), (Some(code), output), "{arguments:?}: {ended:?}");
        assert_eq!(ended.errors.is_empty(), code != 2, "{arguments:?}: {ended:?}");
    }
}

/// The exit code of `diff` is about the documents, whatever the patch between them looks like.
#[test]
fn diff_tells_equal_documents_from_others() {
    let in_one_spelling = |text: &str| value(&text.replace("1.0", "1").replace("1e0", "1"));
    let documents = ["null", "1", "1.0", "\"a\"", "[]", "[1]", "{}", "{\"a\": 1}", "{ \"a\" :1e0}"];
    for from in documents {
        let folder = Folder::with(&[("from.json", from)]);
        for to in documents {
            let are_equal = in_one_spelling(from) == in_one_spelling(to);
            for arguments in [&["diff", "from.json", "-"][..], &["diff", "--merge", "from.json", "-"]] {
                let ended = folder.run(arguments, to);
                assert_eq!(ended.code, Some(i32::from(!are_equal)), "{arguments:?} {from} {to}: {ended:?}");
            }
        }
    }
}

#[test]
fn equal_documents_differ_in_nothing() {
    let other = "{\"list\":[1e0,2],\"n\":150,\"name\":\"\\u006fld\"}";
    let rows: [Row; 4] = [
        (&["diff", "target.json", "-"], other, 0, "[]\n"),
        (&["diff", "--merge", "target.json", "-"], other, 0, "{}\n"),
        (
            &["diff", "--merge", "--pretty", "target.json", "-"],
            "{}",
            1,
            "{\n  \"list\": null,\n  \"n\": null,\n  \"name\": null\n}\n",
        ),
        (&["diff", "--merge", "target.json", "-"], "3", 1, "3\n"),
    ];
    for (arguments, input, code, output) in rows {
        let ended = folder().run(arguments, input);
        assert_eq!((ended.code, ended.output.as_str()), (Some(code), output), "{arguments:?}: {ended:?}");
        assert_eq!(ended.errors, "", "{arguments:?}");
    }
}

#[test]
fn an_inverse_undoes_its_patch() {
    let bodies = [
        PATCH,
        MERGE,
        r#"[{"op":"move","from":"/list/0","path":"/moved"},{"op":"copy","from":"/n","path":"/list/0"}]"#,
        r#"[{"op":"replace","path":"","value":[]}]"#,
        r#"[{"op":"remove","path":"/list"},{"op":"remove","path":"/n"}]"#,
    ];
    for body in bodies {
        let folder = folder();
        folder.write("patch.json", body);
        for (arguments, result) in [
            (["apply", "target.json", "patch.json"], "patched.json"),
            (["invert", "target.json", "patch.json"], "inverse.json"),
            (["apply", "patched.json", "inverse.json"], "restored.json"),
        ] {
            let ended = folder.run(&arguments, "");
            assert_eq!((ended.code, ended.errors.as_str()), (Some(0), ""), "{body}");
            folder.write(result, ended.output);
        }
        assert_eq!(value(&folder.read("restored.json")), value(TARGET), "{body}");
    }
}

#[test]
fn a_diff_leads_to_the_new_document() {
    let documents = [
        TARGET,
        "[1,2,3]",
        "null",
        r#"{"name":"other","list":[2,1,{"id":7}],"null":null}"#,
        "\"text\"",
        r#"{"moved":[1,2,{"id":7}],"list":[{"id":7,"a":1},{"id":8}]}"#,
        r#"{"list":[{"id":8},{"id":7,"a":2}],"name":"old"}"#,
    ];
    let options: [&[&str]; 5] = [
        &[],
        &["--guard", "--pretty"],
        &["--guard=containers"],
        &["--moves", "--key", "id"],
        &["--moves", "--key=id", "--guard=changes"],
    ];
    for from in documents {
        for to in documents {
            let folder = Folder::with(&[("from", from), ("to", to)]);
            for options in options {
                let made = folder.run(&[&["diff"], options, &["from", "to"]].concat(), "");
                assert_eq!(made.code, Some(i32::from(from != to)), "{made:?}");
                let applied = folder.run(&["apply", "from", "-"], &made.output);
                assert_eq!((applied.code, value(&applied.output)), (Some(0), value(to)), "{made:?}");
            }
        }
    }
}

#[test]
fn a_diff_is_written_as_its_options_ask() {
    let from = r#"{"name": "old", "list": [{"id": 1, "v": "a"}, {"id": 2, "v": "b"}, {"id": 3, "v": "c"}]}"#;
    let reordered = r#"{"name": "old", "list": [{"id": 3, "v": "c"}, {"id": 1, "v": "x"}, {"id": 2, "v": "b"}]}"#;
    let renamed = from.replace("\"name\"", "\"title\"");
    let rows: [(&[&str], &str, Value); 4] = [
        (
            &["--moves", "--key", "id"],
            reordered,
            json!([
                {"op": "move", "from": "/list/2", "path": "/list/0"},
                {"op": "replace", "path": "/list/1/v", "value": "x"},
            ]),
        ),
        (&["--moves"], &renamed, json!([{"op": "move", "from": "/name", "path": "/title"}])),
        (
            &["--guard"],
            &from.replace("old", "new"),
            json!([
                {"op": "test", "path": "/name", "value": "old"},
                {"op": "replace", "path": "/name", "value": "new"},
            ]),
        ),
        (
            &["--guard=containers"],
            &from.replace("\"list\": [", "\"more\": 1, \"list\": ["),
            json!([
                {"op": "test", "path": "", "value": value(from)},
                {"op": "add", "path": "/more", "value": 1},
            ]),
        ),
    ];
    for (options, to, patch) in rows {
        let folder = Folder::with(&[("from", from), ("to", to)]);
        let ended = folder.run(&[&["diff"], options, &["from", "to"]].concat(), "");
        assert_eq!((ended.code, value(&ended.output)), (Some(1), patch), "{ended:?}");
    }
}

#[test]
fn an_error_says_where_it_is() {
    // Arguments, standard input, exit code, what standard error contains.
    let rows: [Row; 31] = [
        // The body is malformed.
        (
            &["apply", "target.json", "-"],
            "[\n  {\"op\": ?}]",
            2,
            " --> standard input:2:10\n  |\n2 |   {\"op\": ?}]\n  |          ^\n",
        ),
        (&["apply", "target.json", "-"], "", 2, "error[missing-body]: standard input: the body is empty\n"),
        (&["apply", "target.json", "-"], "\"text\"", 2, "error[not-an-object]: "),
        (&["apply", "--format", "json-patch", "target.json", "merge.json"], "", 2, "error[not-an-array]: "),
        (&["apply", "target.json", "-"], "[{\"op\":\"remove\",\"path\":\"/a\"}, 3]", 2, ":1:31\n"),
        (&["apply", "target.json", "-"], r#"[{"op":"remove"}]"#, 2, ":1:2\n"),
        (
            &["apply", "target.json", "-"],
            r#"[{"op": "remove", "path": "/a~2"}]"#,
            2,
            "error[malformed-path]: operation 0: ",
        ),
        (&["apply", "target.json", "-"], r#"[{"op": "remove", "path": "/a~2"}]"#, 2, ":1:27\n"),
        (&["apply", "target.json", "-"], r#"[{"path": "/a", "op": "delete"}]"#, 2, ":1:23\n"),
        (&["apply", "target.json", "-"], r#"[{"path": "/a", "from": 3, "op": "move"}]"#, 2, ":1:25\n"),
        (
            &["apply", "target.json", "-"],
            r#"[{"op": "remove", "path": "/name", "path": "/n"}]"#,
            2,
            "error[duplicate-name]: ",
        ),
        (&["apply", "target.json", "-"], "{\"a\": 1, \"a\": 2}", 2, "error[duplicate-name]: "),
        (
            &["apply", "--dialect", "superoffice", "target.json", "-"],
            r#"[{"from": "/n", "path": "/a", "op": "move"}]"#,
            2,
            ":1:37\n",
        ),
        (
            &["apply", "--body-limit", "10", "target.json", "patch.json"],
            "",
            2,
            "error[body-too-large]: patch.json: the body is longer than 10 bytes\nhelp: `--body-limit` raises the limit\n",
        ),
        // So is the document.
        (
            &["apply", "-", "merge.json"],
            "{\n\"a\" 1}",
            2,
            "error[malformed-target]: the document is malformed: expected",
        ),
        (&["test", "-", "merge.json"], "{\n\"a\" 1}", 2, " --> standard input:2:5\n  |\n2 | \"a\" 1}\n  |     ^\n"),
        // The patch does not apply.
        (
            &["apply", "target.json", "-"],
            "[{\"op\": \"test\", \"path\": \"/name\",\n\"value\": \"x\"}]",
            1,
            "error[test-failed]: operation 0 at `/name`: ",
        ),
        (&["test", "target.json", "-"], "[{\"op\": \"test\", \"path\": \"/name\",\n\"value\": \"x\"}]", 1, ":2:10\n"),
        (
            &["test", "target.json", "-"],
            r#"[{"op":"test","path":"/n","value":150},{"op":"remove","path":"/x"}]"#,
            1,
            ":1:62\n",
        ),
        (
            &["invert", "target.json", "-"],
            r#"[{"op":"move","path":"/a","from":"/x/y"}]"#,
            1,
            "error[not-found]: operation 0 at `/x/y`: ",
        ),
        (&["invert", "target.json", "-"], r#"[{"op":"move","path":"/a","from":"/x/y"}]"#, 1, ":1:34\n"),
        (
            &["apply", "--dialect", "superoffice", "-", "merge.json"],
            r#"{"name": 1, "NAME": 2, "Name": 3, "nAme": 4, "new": {}}"#,
            0,
            "",
        ),
        (
            &["apply", "--dialect", "superoffice", "-", "merge.json"],
            r#"{"Name": 1, "NAME": 2}"#,
            1,
            "error[ambiguous-name]: at `/name`: ",
        ),
        (
            &["apply", "--dialect", "superoffice", "-", "merge.json"],
            r#"{"Name": 1, "NAME": 2}"#,
            1,
            " --> merge.json:1:10\n",
        ),
        // The target cannot be read.
        (&["apply", "-", "patch.json"], "{\n  \"a\": ?}", 2, " --> standard input:2:8\n"),
        (&["diff", "target.json", "-"], "{\n  \"a\": ?}", 2, "error[malformed-json]: the document is not valid JSON: "),
        (&["diff", "-", "target.json"], "", 2, "error[missing-body]: standard input: the document is empty\n"),
        (&["invert", "-", "merge.json"], "{\"name\": 1, \"name\": 2, \"a\": 3}", 1, "error[ambiguous-name]: "),
        (&["apply", "no-such-file", "patch.json"], "", 2, "error: cannot read no-such-file: "),
        (&["apply", ".", "patch.json"], "", 2, "error: cannot read .: "),
        (&["diff", "--merge", "-", "target.json"], r#"{"name":"old"}"#, 1, ""),
    ];
    for (arguments, input, code, errors) in rows {
        let ended = folder().run(arguments, input);
        assert_eq!(ended.code, Some(code), "{arguments:?} {input}: {ended:?}");
        assert!(ended.errors.contains(errors), "{arguments:?} {input}: {ended:?}");
        assert_eq!(
            ended.errors.lines().filter(|line| line.starts_with("error")).count(),
            usize::from(!errors.is_empty()),
            "{arguments:?}: {ended:?}"
        );
    }
}

#[test]
fn the_readme_shows_what_is_printed() {
    let body = "[\n  {\"op\": \"test\", \"path\": \"/n\", \"value\": 150},\n  {\"op\": \"replace\", \"path\": \"/Nmae\", \"value\": \"new\"}\n]\n";
    let folder = folder();
    folder.write("broken.json", body);
    let ended = folder.run(&["apply", "target.json", "broken.json"], "");
    assert!(
        include_str!("../../README.md").contains(&format!("broken.json\n{}```\n", ended.errors)),
        "{}",
        ended.errors
    );
}

#[test]
fn merge_patches_are_composed() {
    let impossible =
        "error: no merge patch does what the two do: SECOND merges an object into what FIRST removes or replaces\n";
    let rows = [
        (r#"{"a":1,"b":{"c":null}}"#, r#"{"a":null,"b":{"d":2}}"#, 0, "{\"a\":null,\"b\":{\"c\":null,\"d\":2}}\n", ""),
        ("{}", r#"{"a":{"b":null}}"#, 0, "{\"a\":{\"b\":null}}\n", ""),
        (r#"{"a":{}}"#, "[1.0]", 0, "[1.0]\n", ""),
        (r#"{"a":null}"#, r#"{"a":{"b":1}}"#, 1, "", impossible),
        (r#"{"a":1}"#, r#"{"a":{"b":1}}"#, 1, "", impossible),
        (r#"{"a":12345678901234567890123}"#, r#"{"b":1}"#, 2, "", "error: a number has more digits "),
        ("{}", "{\n\"a\": 1, ?}", 2, "", " --> standard input:2:9\n"),
    ];
    for (first, second, code, output, errors) in rows {
        let ended = Folder::with(&[("first", first)]).run(&["compose", "first", "-"], second);
        assert_eq!((ended.code, ended.output.as_str()), (Some(code), output), "{first} {second}: {ended:?}");
        assert!(ended.errors.contains(errors) && ended.errors.is_empty() == errors.is_empty(), "{ended:?}");
    }
    let ended = Folder::with(&[("first", "{\"a\": {}}")]).run(&["compose", "-p", "-", "first"], "{\"a\":{\"b\":1}}");
    assert_eq!((ended.code, ended.output.as_str()), (Some(0), "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n"), "{ended:?}");
}

/// Where there is a composition, it does to any target what the two do one after the other.
#[test]
fn a_composition_does_what_both_do() {
    let patches = ["{}", "[1]", r#"{"a":null,"b":{"c":1}}"#, r#"{"a":{"x":null},"b":{"c":null,"d":{}}}"#, r#"{"b":2}"#];
    let targets = ["{}", "3", r#"{"a":{"x":1,"y":2},"b":{"c":{},"e":5}}"#];
    let mut composed = 0;
    for first in patches {
        for second in patches {
            let folder = Folder::with(&[("first", first), ("second", second)]);
            let ended = folder.run(&["compose", "first", "second"], "");
            if ended.code == Some(1) {
                continue;
            }
            composed += 1;
            folder.write("both", ended.output);
            for target in targets {
                folder.write("between", folder.run(&["merge", "-", "first"], target).output);
                let expected = folder.run(&["merge", "between", "second"], "").output;
                let actual = folder.run(&["merge", "-", "both"], target).output;
                assert_eq!(value(&actual), value(&expected), "{first} {second} {target}");
            }
        }
    }
    assert_eq!(composed, 25 - 7);
}

#[test]
fn some_changes_no_merge_patch_can_say() {
    let ended = folder().run(&["diff", "--merge", "target.json", "-"], r#"{"name": null}"#);
    let message = "error: no merge patch turns FROM into TO: TO has a null in an object where FROM has none\n";
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert!(ended.errors.starts_with(message), "{ended:?}");
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let rows: [&[&str]; 16] = [
        &[],
        &["diff", "--merge", "--moves", "target.json", "target.json"],
        &["diff", "--merge", "--key", "id", "target.json", "target.json"],
        &["diff", "--guard=all", "target.json", "target.json"],
        &["patch", "target.json", "patch.json"],
        &["apply", "target.json"],
        &["apply", "target.json", "patch.json", "more"],
        &["apply", "target.json", "patch.json", "--dialcet", "rfc"],
        &["apply", "target.json", "patch.json", "--dialect", "other"],
        &["apply", "target.json", "patch.json", "--body-limit", "1.5M"],
        &["apply", "target.json", "patch.json", "--body-limit", "99999999999G"],
        &["apply", "--in-place", "-", "patch.json"],
        &["merge", "-", "-"],
        &["diff", "-", "-"],
        &["compose", "-", "-"],
        &["diff", "--merge", "--guard", "target.json", "target.json"],
    ];
    for arguments in rows {
        let ended = folder().run(arguments, "");
        assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ended.errors.contains("Usage: entity-patch") || ended.errors.contains("--help"), "{ended:?}");
    }
    let ended = folder().run(&["--version"], "");
    assert_eq!((ended.code, ended.output.starts_with("entity-patch ")), (Some(0), true), "{ended:?}");
}

#[test]
fn no_value_is_shown_where_none_may_be() {
    let target = r#"{"name": "in-the-target", "list": [1]}"#;
    let bodies = [
        r#"[{"op": "test", "path": "/name", "value": "in-the-body"}]"#,
        r#"[{"op": "add", "path": "/list/9", "value": "in-the-body"}]"#,
        r#"[{"op": "in-the-body", "path": "/name"}]"#,
        r#"[{"op": "add", "path": "/name", "value": "in-the-body" "#,
        r#"[{"op": "add", "path": "/name", "value": "in-the-body}]"#,
        r#""in-the-body""#,
    ];
    for body in bodies {
        for command in ["apply", "test", "invert"] {
            let folder = Folder::with(&[("target.json", target), ("patch.json", body)]);
            let shown = folder.run(&[command, "target.json", "patch.json"], "");
            assert!(shown.errors.contains("in-the-body"), "{shown:?}");
            let hidden = folder.run(&[command, "--no-values", "target.json", "patch.json"], "");
            assert!(!hidden.errors.contains("in-the"), "{hidden:?}");
            assert!(hidden.errors.contains(" --> patch.json:1:"), "{hidden:?}");
            assert_eq!((hidden.code, hidden.output), (shown.code, shown.output));
        }
    }
    let folder = Folder::with(&[("from", "{\"a\": \"in-the-document\" 1}"), ("to", "{}")]);
    for arguments in [["diff", "from", "to"], ["diff", "to", "from"], ["apply", "from", "to"]] {
        assert!(folder.run(&arguments, "").errors.contains("in-the-document"));
        let hidden = folder.run(&[&arguments[..], &["--no-values"]].concat(), "");
        assert!(!hidden.errors.contains("in-the-document"), "{hidden:?}");
    }
}

#[test]
fn colour_is_for_who_wants_it() {
    let colours = |arguments: &[&str], setting: Option<&str>| {
        let folder = folder();
        let mut command = folder.tool(arguments);
        if let Some(setting) = setting {
            command.env("NO_COLOR", setting);
        }
        let Ended { output, errors, .. } = ended(command, "");
        output.contains('\x1b') || errors.contains('\x1b')
    };
    for files in [["target.json", "patch.json"], ["target.json", "no-such-file"]] {
        let run = |color: &str, setting| colours(&["apply", "--color", color, files[0], files[1]], setting);
        assert!(run("always", None) && run("always", Some("1")));
        // Neither of the two is a terminal here.
        assert!(!run("never", None) && !run("auto", None) && !run("auto", Some("1")));
    }
    let ended = folder().run(&["apply", "--color=always", "target.json", "merge.json"], "");
    let plain = folder().run(&["apply", "target.json", "merge.json"], "");
    let stripped = ["\x1b[34m", "\x1b[32m", "\x1b[33m", "\x1b[0m"];
    assert_eq!(stripped.iter().fold(ended.output, |text, code| text.replace(code, "")), plain.output);
}

/// A file is not rewritten by colours, whatever is asked for.
#[test]
fn a_file_is_not_coloured() {
    let folder = folder();
    let ended = folder.run(&["apply", "--color=always", "-i", "target.json", "patch.json"], "");
    assert_eq!((ended.code, ended.output.as_str(), ended.errors.as_str()), (Some(0), "", ""));
    assert!(!folder.read("target.json").contains('\x1b'));
}

/// On a terminal the output is coloured. `script` of util-linux runs the tool on one.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_is_coloured() {
    let folder = folder();
    let run = |setting: &str| {
        let mut command = folder.command("script");
        let tool = format!("{setting} '{}' apply target.json patch.json", env!("CARGO_BIN_EXE_entity-patch"));
        command.args(["--quiet", "--return", "--command", &tool, "/dev/null"]);
        ended(command, "")
    };
    if !std::path::Path::new("/usr/bin/script").exists() {
        return;
    }
    assert!(run("").output.contains("\x1b[34m\"name\"\x1b[0m"));
    for setting in ["NO_COLOR=1", "TERM=dumb"] {
        let ended = run(setting);
        assert!(ended.code == Some(0) && !ended.output.contains('\x1b'), "{ended:?}");
    }
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}
