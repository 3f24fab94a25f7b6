//! Forms as the server reads them.

use webhook_formats::form::to_json;

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
        ("Name=%zz", None),
        ("Name=%4", None),
        ("Name=%ff", None),
    ];
    for (form, expected) in rows {
        let json = to_json(form.as_bytes(), 127).ok().map(|json| String::from_utf8(json).unwrap());
        assert_eq!(json.as_deref(), expected, "{form}");
    }
}
