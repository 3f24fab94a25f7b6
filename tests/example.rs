//! The example `patch_webhook` as a person runs it.

use std::process::Command;

#[test]
fn both_formats_make_the_same_change() {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--example", "patch_webhook"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
    let (shown, errors) = (text(output.stdout), text(output.stderr));
    assert_eq!((output.status.code(), errors.as_str()), (Some(0), ""));
    let entities: Vec<&str> =
        shown.split("the new entity:\n").skip(1).filter_map(|part| part.split("\n\n").next()).collect();
    assert_eq!(entities.len(), 2);
    assert_eq!(entities[0], entities[1]);
    assert_eq!(shown.matches("changed: Name, Events, Headers, ErrorsEmail\n").count(), 2);
    assert!(shown.contains(r#"{"op":"replace","path":"/Headers/Headers1","value":"occaecati"}"#), "{shown}");
}
