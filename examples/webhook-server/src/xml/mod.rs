//! The XML form of a webhook, read into JSON text and written from it, so that one set of rules judges both.
//!
//! ```xml
//! <Webhook>
//!   <WebhookId>7</WebhookId>
//!   <Name>sales</Name>
//!   <Events><string>sale.sold</string><string>sale.lost</string></Events>
//!   <Secret type="null"/>
//!   <Headers><X-Key>k</X-Key></Headers>
//!   <Properties><count type="number">5</count><tags type="array"><item>a</item></tags></Properties>
//! </Webhook>
//! ```
//!
//! An element is a member, and nothing has a prefix. A declared member has the type that the API declares: `WebhookId`
//! is a number, `Events` holds one `string` an element, `Headers`, `Properties` and the associates are objects, and the
//! rest is text. Inside objects an element that holds elements is an object, and every other one is text. Where a value
//! is something else, the attribute `type` says so: `null` (or `xsi:nil="true"`), `number`, `boolean`, `array` (of
//! `item`s), `object`, `string`, or `json` for text that holds a character which XML cannot: it is written as a JSON
//! string. A name that is no XML name is written as .NET does it: `_x0020_` is a space.
//!
//! There is no DTD, and no entity but the five that XML predefines.

mod name;
mod read;
mod write;

pub use self::{read::to_json, write::from_json};

/// What an element holds where no attribute says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Natural {
    Text,
    Number,
    /// Text, or a number of digits: the state.
    Name,
    Strings,
    Object,
    /// An object where there are elements, text otherwise.
    ByShape,
}

/// The declared members that are not text. Whatever is not declared goes by its shape.
const NATURALS: [(&str, Natural); 7] = [
    ("WebhookId", Natural::Number),
    ("Events", Natural::Strings),
    ("State", Natural::Name),
    ("Headers", Natural::Object),
    ("Properties", Natural::Object),
    ("RegisteredAssociate", Natural::Object),
    ("UpdatedAssociate", Natural::Object),
];

impl Natural {
    /// What a member of a webhook holds; `declared` is its name as the table spells it.
    fn of_member(declared: Option<&str>) -> Natural {
        match declared {
            Some(declared) => {
                NATURALS.iter().find(|(name, _)| *name == declared).map_or(Natural::Text, |&(_, natural)| natural)
            }
            None => Natural::ByShape,
        }
    }
}

/// The name of the whole.
const ROOT: &str = "Webhook";

/// Whether XML 1.0 can hold a character (section 2.2).
fn is_char(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;

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
}
