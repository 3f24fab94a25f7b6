//! What the example `patch_webhook` shows.

#[expect(dead_code, reason = "its `main` writes to standard output")]
#[path = "../examples/patch_webhook.rs"]
mod patch_webhook;

#[test]
fn both_formats_make_the_same_change() {
    let mut output = Vec::new();
    patch_webhook::show(&mut output).expect("the example succeeds");
    let shown = String::from_utf8(output).expect("it prints UTF-8");
    let entities: Vec<&str> =
        shown.split("the new entity:\n").skip(1).filter_map(|part| part.split("\n\n").next()).collect();
    assert_eq!(entities.len(), 2);
    assert_eq!(entities[0], entities[1]);
    assert_eq!(shown.matches("changed: Name, Events, Headers, ErrorsEmail\n").count(), 2);
    assert!(shown.contains(r#"{"op":"replace","path":"/Headers/Headers1","value":"occaecati"}"#), "{shown}");
}
