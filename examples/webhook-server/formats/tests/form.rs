//! Forms as the server reads them.

use proptest::prelude::*;
use serde_json::Value;
use webhook_formats::form::to_json;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_form_is_read_or_refused(text in r"(Events|Headers|Properties|State|Nmae|\[|\]|\]\[|a|=|&|%|%5B|%c3|0|1|\PC){0,24}") {
        if let Ok(json) = to_json(text.as_bytes(), 127) {
            prop_assert!(serde_json::from_slice::<serde_json::Map<String, Value>>(&json).is_ok());
        }
    }
}

#[test]
fn a_form_stands_for_json() {
    let rows = [
        ("", Some("{}")),
        ("Name=a+b%26c&&", Some(r#"{"Name":"a b&c"}"#)),
        ("Events=one", Some(r#"{"Events":["one"]}"#)),
        ("events=one&Name=n&EVENTS=two", Some(r#"{"Events":["one","two"],"Name":"n"}"#)),
        ("Headers[X-Key]=k&headers%5BY%5D=l", Some(r#"{"Headers":{"X-Key":"k","Y":"l"}}"#)),
        ("Headers=k", Some(r#"{"Headers":"k"}"#)),
        ("WebhookId=7&State=2", Some(r#"{"WebhookId":7,"State":2}"#)),
        ("WebhookId=&State=Active", Some(r#"{"WebhookId":null,"State":"Active"}"#)),
        ("WebhookId=007", Some(r#"{"WebhookId":"007"}"#)),
        ("Name=a&Name=b", Some(r#"{"Name":"a","Name":"b"}"#)),
        ("Nmae=a&Secret", Some(r#"{"Nmae":"a","Secret":""}"#)),
        ("Name=%e2%82%ac\r\n", Some("{\"Name\":\"\u{20AC}\"}")),
        ("RegisteredAssociate[Name]=n", Some(r#"{"RegisteredAssociate":{"Name":"n"}}"#)),
        ("TotalCalls=7&NotifyVia=2", Some(r#"{"TotalCalls":7,"NotifyVia":2}"#)),
        ("Properties[a]=1&Properties[a]=2", Some(r#"{"Properties":{"a":"1","a":"2"}}"#)),
        ("Name=%zz", None),
        ("Name=%4", None),
        ("Name=%ff", None),
    ];
    for (form, expected) in rows {
        let json = to_json(form.as_bytes(), 127).ok().map(|json| String::from_utf8(json).unwrap());
        assert_eq!(json.as_deref(), expected, "{form}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_name() {
    let deep = format!("Properties{}=1", "[a]".repeat(127));
    let rows = [
        ("Name=%f", (400, "malformed-form"), "a `%` is no byte, or the bytes are not UTF-8"),
        ("Headers[a=1", (400, "malformed-form"), "the name `Headers[a`: a bracket is not closed"),
        ("Events[4000000000]=a", (400, "malformed-form"), "the name `Events[4000000000]`: the indices of a list"),
        ("Events=a&Events[0]=b", (400, "malformed-form"), "the name `Events[0]`: the indices of a list"),
        ("Events[a][b]=c", (400, "malformed-form"), "an element of this list takes no name in brackets"),
        ("Nmae[a%0a]=b", (400, "malformed-form"), "the name `Nmae[a\\n]`: it takes no name in brackets"),
        ("Headers[b]=c&Headers[b][c]=d", (400, "malformed-form"), "it is text elsewhere"),
        ("Properties[a][b]=c&Properties[a]=d", (400, "malformed-form"), "it is an object elsewhere"),
        (&deep, (422, "too-deep"), "it is nested deeper than the limit"),
    ];
    for (form, cause, detail) in rows {
        let error = to_json(form.as_bytes(), 127).unwrap_err();
        assert_eq!(error.cause(), cause, "{form}");
        assert!(error.to_string().contains(detail), "{form}: {error}");
    }
    assert!(to_json(deep.replacen("[a]", "", 1).as_bytes(), 127).is_ok());
}
