//! XML as the server reads and writes it.

use proptest::prelude::*;
use serde_json::{Map, Value};
use webhook_formats::xml::{
    from_json,
    name::{decode, encode},
    to_json,
};

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab_x0]{0,4}",
        "\\PC{0,3}",
        Just("Name".to_owned()),
        Just("Events".to_owned()),
        Just("State".to_owned())
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        ".{0,4}".prop_map(Value::from),
        "[0-9\r\n\t\u{0}-\u{2} <>&\"']{0,3}".prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((name(), inner), 0..4)
                .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_object_is_written_and_read_back(members in proptest::collection::vec((name(), value()), 0..5)) {
        let json = Value::Object(members.into_iter().collect()).to_string();
        let xml = from_json(json.as_bytes()).unwrap();
        let read = to_json(&xml, 127).map(|read| String::from_utf8(read).unwrap());
        prop_assert_eq!(read, Ok(json), "{}", String::from_utf8_lossy(&xml));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(<[/?!]?|>|Webhook|Name|&|;|amp|#x41| type=|'null'|\\PC){0,16}") {
        let _ = to_json(text.as_bytes(), 127).map(|json| serde_json::from_slice::<Map<String, Value>>(&json).unwrap());
    }
}

#[test]
fn what_is_written_is_read_back() {
    let rows = [
        r#"{}"#,
        r#"{"WebhookId":7,"Name":"a <b> & \"c\"","Events":["x","",null],"Secret":"","State":"Active"}"#,
        r#"{"WebhookId":null,"Name":null,"Events":null,"State":null,"Headers":null,"Properties":null}"#,
        r#"{"Events":[],"Headers":{},"Properties":{},"RegisteredAssociate":{}}"#,
        r#"{"Headers":{"X-Key":"1","Content-Type":"a/b","1st":"","":"empty","a b":"_x0020_","_x_":"y","é":"ü","😀":"!"}}"#,
        r#"{"Properties":{"n":-1.5e3,"t":true,"f":false,"z":null,"a":[1,"x",[],{},[[]],{"b":[null]}],"o":{"p":{"q":"r"}},"e":{},"s":""}}"#,
        r#"{"Name":"  spaces\tand\nlines\r\n ","Properties":{"k":"\r","bell":"\u0007","blank":" "}}"#,
        r#"{"Name":"\u0000","Events":["\u0001"],"State":"\u0002"}"#,
        r#"{"RegisteredAssociate":{"AssociateId":7,"Deleted":false,"TableRight":{},"Mask":{"Reason":""}},"Newer":{"a":1},"Newest":"x"}"#,
        r#"{"Name":"n","_Links":{"Self":"http://h/1","Archive":"http://h"}}"#,
        r#"{"State":"Active","Registered":"2024-01-01T00:00:00Z"}"#,
    ];
    for json in rows {
        let xml = from_json(json.as_bytes()).unwrap();
        let text = String::from_utf8(xml).unwrap();
        let read = to_json(text.as_bytes(), 127).unwrap_or_else(|error| panic!("{error}: {text}"));
        let value = |json: &[u8]| serde_json::from_slice::<serde_json::Value>(json).unwrap();
        assert_eq!(value(&read), value(json.as_bytes()), "{text}");
    }
}

#[test]
fn what_is_no_json_is_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for json in
        ["", "x", "{", "[1", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a", "{} {}", "{\"\\x\":1}", &deep]
    {
        assert!(from_json(json.as_bytes()).is_err(), "{json:.20}");
    }
}

#[test]
fn the_order_of_members_is_kept() {
    let xml = from_json(br#"{"Name":"n","Events":["b","a"],"Headers":{"z":"1","a":"2"},"Secret":null}"#).unwrap();
    assert_eq!(
        String::from_utf8(xml).unwrap(),
        concat!(
            r#"<?xml version="1.0" encoding="utf-8"?><Webhook><Name>n</Name>"#,
            r#"<Events><string>b</string><string>a</string></Events><Headers><z>1</z><a>2</a></Headers>"#,
            r#"<Secret type="null"/></Webhook>"#,
        ),
    );
}

#[test]
fn names_go_there_and_back() {
    let rows = [
        ("Name", "Name"),
        ("X-API-Key", "X-API-Key"),
        ("a b", "a_x0020_b"),
        ("1st", "_x0031_st"),
        ("-a", "_x002D_a"),
        ("", "_x_"),
        ("_", "_"),
        ("_x", "_x005F_x"),
        ("_x0020_", "_x005F_x0020_"),
        ("é😀", "_x00E9__x0001F600_"),
        ("a:b", "a_x003A_b"),
    ];
    for (name, encoded) in rows {
        assert_eq!(encode(name), encoded, "{name}");
        assert_eq!(decode(encoded), name, "{encoded}");
    }
    for name in ["_x20_", "_xD800_", "_xZZZZ_", "_x00é0_", "_x0020", "a_xb_"] {
        assert_eq!(decode(name), name);
    }
}

#[test]
fn xml_stands_for_json() {
    let rows = [
        ("<Webhook/>", "{}"),
        ("\u{FEFF}<?xml version='1.0' encoding='UTF-8'?>\n<!-- c --><Webhook>\n</Webhook>\n", "{}"),
        ("<Webhook><name>a &lt;&#65;&#x42;<![CDATA[<c>]]> </name></Webhook>", r#"{"name":"a <AB<c> "}"#),
        ("<Webhook><Events><string>a</string> <string/></Events></Webhook>", r#"{"Events":["a",""]}"#),
        ("<Webhook><WebhookId> 7 </WebhookId><State>2</State></Webhook>", r#"{"WebhookId":7,"State":2}"#),
        ("<Webhook><State>active</State><Events/></Webhook>", r#"{"State":"active","Events":[]}"#),
        (
            r#"<Webhook xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Name xsi:nil="true"/></Webhook>"#,
            r#"{"Name":null}"#,
        ),
        ("<Webhook><Name>a\r\nb</Name></Webhook>", r#"{"Name":"a\nb"}"#),
        ("<Webhook><Name>a</Name><Name>b</Name></Webhook>", r#"{"Name":"a","Name":"b"}"#),
        ("<Webhook><Newer><a>1</a></Newer></Webhook>", r#"{"Newer":{"a":"1"}}"#),
        ("<?xml version='1.1'?><?other?><Webhook><n\u{E9}.-1/><?other?></Webhook><!-- c -->", "{\"n\u{E9}.-1\":\"\"}"),
        ("<Webhook><Name>a]]&gt;<!-- c -->b</Name></Webhook>", r#"{"Name":"a]]>b"}"#),
    ];
    for (xml, expected) in rows {
        let json = to_json(xml.as_bytes(), 127).map(|json| String::from_utf8(json).unwrap());
        assert_eq!(json.as_deref(), Ok(expected), "{xml}");
    }
}

#[test]
fn everything_else_is_refused() {
    let rows = [
        "",
        "x",
        "<Webhook>",
        "<Webhook></webhook>",
        "<Webhook/><Webhook/>",
        "<Webhook/>x",
        "<webhook/>",
        "<Contact/>",
        "<a:Webhook xmlns:a='b'/>",
        "<!DOCTYPE Webhook><Webhook/>",
        "<!DOCTYPE Webhook [<!ENTITY a 'b'>]><Webhook><Name>&a;</Name></Webhook>",
        "<Webhook><Name>&a;</Name></Webhook>",
        "<Webhook><Name>&amp</Name></Webhook>",
        "<Webhook><Name>&#0;</Name></Webhook>",
        "<Webhook><Name>&#7;</Name></Webhook>",
        "<Webhook><Name>\u{7}</Name></Webhook>",
        "<?xml version='1.0' encoding='utf-16'?><Webhook/>",
        " <?xml version='1.0'?><Webhook/>",
        "<?xml version='1.0'?><?xml version='1.0'?><Webhook/>",
        "<Webhook><?xml version='1.0'?></Webhook>",
        "<Webhook><?XML a?></Webhook>",
        "<?xml version='2.0'?><Webhook/>",
        "<?xml encoding='utf-8'?><Webhook/>",
        "<Webhook/><![CDATA[ ]]>",
        "<Webhook/>&#32;",
        "<Webhook><Name>a]]>b</Name></Webhook>",
        "<Webhook><1a/></Webhook>",
        "<Webhook><Properties><a!b/></Properties></Webhook>",
        "<Webhook><Name><!-- a -- b --></Name></Webhook>",
        "<Webhook>text</Webhook>",
        "<Webhook><Name>a<b/></Name></Webhook>",
        "<Webhook><Headers>a<b/></Headers></Webhook>",
        "<Webhook><Name><b/></Name></Webhook>",
        "<Webhook><WebhookId>x</WebhookId></Webhook>",
        "<Webhook><WebhookId>07</WebhookId></Webhook>",
        "<Webhook><Events>a</Events></Webhook>",
        "<Webhook><Events><item>a</item></Events></Webhook>",
        "<Webhook><Name id='1'>a</Name></Webhook>",
        "<Webhook><Name type='text'>a</Name></Webhook>",
        "<Webhook><Name type='null' nil='true'/></Webhook>",
        "<Webhook><Name type='json'>a</Name></Webhook>",
        "<Webhook><Name type='json'>\"a\",\"b\"</Name></Webhook>",
        "<Webhook><Name xmlns:a='' xmlns:b='' xmlns:c='' xmlns:d='' xmlns:e='' xmlns:f='' xmlns:g='' xmlns:h='' xmlns:i=''/></Webhook>",
    ];
    for xml in rows {
        assert!(to_json(xml.as_bytes(), 127).is_err_and(|error| error.cause().0 != 422), "{xml}");
    }
    assert!(to_json(b"<Webhook><Name>\xFF</Name></Webhook>", 127).is_err());
}

#[test]
fn depth_is_limited_while_reading() {
    let nested = |levels: usize| {
        let (start, end) = ("<a type=\"object\">".repeat(levels), "</a>".repeat(levels));
        format!("<Webhook><Properties>{start}{end}</Properties></Webhook>")
    };
    assert!(to_json(nested(125).as_bytes(), 127).is_ok());
    for levels in [127, 50_000] {
        assert!(to_json(nested(levels).as_bytes(), 127).is_err_and(|error| error.cause().0 == 422), "{levels}");
    }
}

/// White space before many elements is looked at once.
#[test]
fn blank_text_before_many_elements_takes_no_time() {
    let xml = format!("<Webhook><Properties>{}{}</Properties></Webhook>", " ".repeat(500_000), "<a/>".repeat(100_000));
    let start = std::time::Instant::now();
    assert!(to_json(xml.as_bytes(), 127).is_ok());
    assert!(start.elapsed() < std::time::Duration::from_secs(5), "{:?}", start.elapsed());
}
