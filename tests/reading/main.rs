//! How a field reads JSON: as serde_json does, but for what it says about JSON that its type does not take.

mod laws;
mod rows;
mod types;

use proptest::{collection::vec, prelude::*, sample::select};

const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "1",
    "-1",
    "7",
    "255",
    "256",
    "-128",
    "-129",
    "65535",
    "65536",
    "1.0",
    "-0.0",
    "0.1",
    "0.5",
    "1e2",
    "1E-3",
    "2147483648",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "-18446744073709551615",
    "12345678901234567890123",
    "-170141183460469231731687303715884105728",
    "340282366920938463463374607431768211455",
    "340282366920938463463374607431768211456",
    "3.4028236e38",
    "1e39",
    "-1e39",
    "1e-46",
    "16777217",
    "16777217.0",
    "1.7976931348623157e308",
    "1e309",
    "5e-324",
    "1e-400",
    "0.30000000000000004",
    "2.2250738585072011e-308",
    "123456789012345678901234567890.5",
    "0e999999999999",
    "1e-999999999999",
    "8.589973e9",
    "0.000000000000000000000000000000000000011754943508222875",
];

const STRINGS: &[&str] = &[
    "",
    "a",
    "A",
    "B",
    "C",
    "X",
    "t",
    "c",
    "home",
    "work",
    "1",
    "-1",
    "255",
    "1.5",
    "1e2",
    "-0",
    "01",
    "1.",
    "-",
    "+1",
    " 1",
    "1 ",
    "340282366920938463463374607431768211455",
    "true",
    "false",
    "null",
    "\\u0031",
    "tru\\u0065",
    "é",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\n",
    "\\\"",
    "\\\\",
    "a\\u0000b",
    "127.0.0.1",
    "::1",
    "127.0.0.1:80",
    "2024-12",
    "12.34",
    "x.y",
    "even",
    "odd",
    "secs",
    "Included",
    "a long string of more than eight bytes",
    "ninebytes",
    "b\\/c",
];

const NAMES: &[&str] = &[
    "a",
    "b",
    "c",
    "x",
    "t",
    "A",
    "B",
    "C",
    "X",
    "N",
    "U",
    "home",
    "work",
    "1",
    "-1",
    "255",
    "256",
    "1.5",
    "true",
    "false",
    "\\u0061",
    "é",
    "secs",
    "nanos",
    "start",
    "end",
    "Ok",
    "Err",
    "Included",
    "$serde",
    "",
    "$serde_json::private::Number",
    "$serde_json::private::RawValue",
    "\\u0024serde_json::private::Number",
];

/// Each `?` is any value, each `#` a number, each `$` a string.
const TEMPLATES: &[&str] = &[
    "?",
    "#",
    "$",
    "#",
    "$",
    "[#]",
    "[#,#]",
    "[#,#,#]",
    "[#,$]",
    "[#,$,[#,#]]",
    "[$,?]",
    "[?,?]",
    "[{},[],?]",
    r#"{"a":#,"b":$,"c":[#]}"#,
    r#"{"a":1,"b":?,"c":?}"#,
    r#"{"a":1,"C":[?]}"#,
    r#"{"c":[],"C":?,"a":0}"#,
    r#"{"a":1,"x":{"a":2,"c":[1,?],"n":?},"b":null}"#,
    r#"{"a":true,"b":#}"#,
    r#"{"a":false,"b":?}"#,
    r#"{"B":#}"#,
    r#"{"C":[#,$]}"#,
    r#"{"X":{"a":true,"b":?}}"#,
    r#"{"X":{"b":#,"a":?,"z":?}}"#,
    r#"{"X":[true,?]}"#,
    r#"{"N":{"N":{"B":#}}}"#,
    r#"{"N":"A"}"#,
    r#"{"U":?}"#,
    r#"{"A":?}"#,
    r#"{"t":"B","a":#,"b":?}"#,
    r#"{"b":?,"a":1,"t":"B","y":?}"#,
    r#"{"t":"C","a":3,"x":?,"c":?}"#,
    r#"{"x":{"a":1,"q":?},"t":"C","a":3,"q":?}"#,
    r#"{"t":"X","x":#,"c":{"a":#},"b":?}"#,
    r#"{"t":$,"c":?}"#,
    r#"["B",#]"#,
    r#"{"c":#,"t":"B"}"#,
    r#"{"c":[1,$],"t":"C","d":?}"#,
    r#"{"c":{"a":true,"b":?,"d":?},"t":"X"}"#,
    r#"{"t":"A","n":?}"#,
    r#"{"t":"A","c":null}"#,
    r#"{"a":1,"b":"s","t":"A","c":?,"x":?}"#,
    r#"{"a":1,"b":"s","t":"B","c":#,"x":?}"#,
    r#"{"a":1,"b":"s","t":"X","x":#,"c":{"q":#}}"#,
    r#"{"a":#,"d":?,"e":{"f":?}}"#,
    r#"{"a":1,"a":?}"#,
    r#"{"b":1,"b":?,"a":#}"#,
    r#"{"1":#,"2":3}"#,
    r#"{"1":$}"#,
    r#"{"-1":#,"0":#,"1.5":1}"#,
    r#"{"true":#}"#,
    r#"{"home":#,"work":2}"#,
    r#"["home",$,null]"#,
    r#"{"a":$,"b":$}"#,
    r#"{"a":"1.50","b":"2024-2","c":$,"x":{"home":#}}"#,
    r#"{"a":$,"b":"2024-12"}"#,
    r#"{"a":"1.5","b":$,"x":?}"#,
    r#"{"secs":#,"nanos":#}"#,
    r#"[#,5]"#,
    r#"{"start":#,"end":2}"#,
    r#"{"Ok":#}"#,
    r#"{"Err":$}"#,
    r#"{"Included":#}"#,
    r#"{"c":[{"c":[{"a":#},?]}],"a":#}"#,
    r#"[{"t":"B","a":1,"n":?},{"t":"A"},?]"#,
    r#"{"a":{"a":1,"b":null,"z":?},"b":[1,"x"]}"#,
    r#"["A",{"B":1},?]"#,
    r#"[0.1,#]"#,
    r#"[true,null,?]"#,
];

fn blanks() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just(""), 1 => select(&[" ", "\n  ", "\t\r\n"][..])]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(NUMBERS).prop_map(str::to_owned),
        2 => any::<f64>().prop_filter("finite", |float| float.is_finite()).prop_map(|float| format!("{float:e}")),
        1 => any::<f32>().prop_filter("finite", |float| float.is_finite()).prop_map(|float| format!("{float:?}")),
        1 => any::<i64>().prop_map(|whole| whole.to_string()),
        3 => (-3..300_i32).prop_map(|whole| whole.to_string()),
    ]
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => select(&["null", "true", "false"][..]).prop_map(str::to_owned),
        6 => number(),
        5 => select(STRINGS).prop_map(|string| format!("\"{string}\"")),
        1 => "\\PC{0,12}".prop_map(|text| serde_json::Value::from(text).to_string()),
    ]
}

fn any_value() -> impl Strategy<Value = String> {
    scalar().prop_recursive(3, 16, 4, |inner| {
        let member = (blanks(), select(NAMES), blanks(), inner.clone(), blanks());
        let member =
            member.prop_map(|(first, name, second, value, third)| format!("{first}\"{name}\"{second}:{third}{value}"));
        prop_oneof![
            (vec(inner, 0..4), blanks())
                .prop_map(|(elements, blank)| format!("[{blank}{}]", elements.join(&format!(",{blank}")))),
            (vec(member, 0..5), blanks())
                .prop_map(|(members, blank)| format!("{{{}{blank}}}", members.join(&format!("{blank},")))),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    let strings = select(STRINGS).prop_map(|string| format!("\"{string}\""));
    let parts = (vec(any_value(), 3), vec(number(), 4), vec(strings, 3));
    (select(TEMPLATES), parts, blanks(), blanks()).prop_map(|(template, (values, numbers, strings), before, after)| {
        let (mut values, mut numbers, mut strings) = (values.into_iter(), numbers.into_iter(), strings.into_iter());
        let parts = template.chars().map(|character| match character {
            '?' => values.next().expect("enough values"),
            '#' => numbers.next().expect("enough numbers"),
            '$' => strings.next().expect("enough strings"),
            character => character.to_string(),
        });
        format!("{before}{}{after}", parts.collect::<String>())
    })
}

/// A text whose numbers and strings are planted.
fn planted() -> impl Strategy<Value = String> {
    text().prop_map(|text| {
        let mut planted = String::new();
        let mut rest = text.as_str();
        while let Some(at) =
            rest.find(|character: char| character == '"' || character == '-' || character.is_ascii_digit())
        {
            planted.push_str(&rest[..at]);
            let value = &rest[at..];
            let mut stream = serde_json::Deserializer::from_str(value).into_iter::<serde::de::IgnoredAny>();
            let _ = stream.next();
            let length = stream.byte_offset().max(1);
            let is_name = value[length.min(value.len())..].trim_start().starts_with(':');
            planted.push_str(match (is_name, value.starts_with('"'), value[..length].len() % 2) {
                (true, ..) => &value[..length],
                (_, true, 0) => "\"s3cr3t\"",
                (_, true, _) => &value[..length],
                (_, false, 0) => "4711471147",
                _ => "47.114711",
            });
            rest = &value[length..];
        }
        planted + rest
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_type_reads_what_serde_json_reads(text in text()) {
        laws::reads_as_serde_json(&text);
    }

    #[test]
    fn a_shape_is_what_serde_json_reads(text in text()) {
        laws::has_the_shape_of_what_it_reads(&text);
    }

    #[test]
    fn what_a_field_writes_reads_back(text in text()) {
        laws::writes_what_reads_back(&text);
    }

    #[test]
    fn no_message_shows_a_value(text in planted()) {
        laws::shows_no_value(&text, &["s3cr3t", "4711", "47.1"]);
    }

    #[test]
    fn no_bytes_make_it_panic(text in text(), end in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = text.into_bytes();
        let at = end.index(bytes.len().max(1));
        laws::takes_any_bytes(&bytes[..at.min(bytes.len())]);
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        laws::takes_any_bytes(&bytes);
    }

    #[test]
    fn no_random_bytes_make_it_panic(bytes in vec(prop_oneof![4 => select(&b"{}[]\",:\\u09-.eE tfn"[..]), 1 => any::<u8>()], 0..40)) {
        laws::takes_any_bytes(&bytes);
    }
}
