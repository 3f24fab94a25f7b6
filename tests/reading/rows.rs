//! What a field says about JSON that its type does not take, and what it makes of JSON that it takes.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    num::NonZeroI8,
    time::Duration,
};

use entity_patch::__private::{Field, Reading, Why, default, equal, missing, read, value};
use serde::{Deserialize, Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;

use crate::{laws::writes_what_reads_back, types::*};

/// What a type says about a text.
type Says = fn(&str) -> String;

/// What a type says: the path, and the message.
fn says<T: Serialize + DeserializeOwned>(text: &str) -> String {
    let misfit = Field::of::<T>().read(text.as_bytes(), &mut 1_000_000).expect_err(text);
    let path: String = misfit.path.iter().map(|token| format!("/{token}")).collect();
    format!("{path}: {}", misfit.why)
}

#[test]
fn a_misfit_says_where_and_what_would_be_accepted() {
    let rows: &[(Says, &str, &str)] = &[
        // Kinds of JSON.
        (says::<u8>, "300", ": expected a whole number from 0 to 255"),
        (says::<u8>, "1.0", ": expected a whole number from 0 to 255"),
        (says::<u8>, "-0", ": expected a whole number from 0 to 255"),
        (says::<u8>, "1e400", ": expected a whole number from 0 to 255"),
        (says::<i64>, "\"1\"", ": expected a whole number from -9223372036854775808 to 9223372036854775807"),
        (says::<NonZeroI8>, "0", ": expected a whole number from -128 to 127 other than 0"),
        (says::<f64>, "\"1\"", ": expected a number"),
        (says::<f32>, "1e39", ": expected a number that a 32-bit float can hold"),
        (says::<f64>, "1e400", ": expected a number that a 64-bit float can hold"),
        (says::<bool>, "0", ": expected true or false"),
        (says::<String>, "null", ": expected a string"),
        (says::<Option<String>>, "{}", ": expected a string"),
        (says::<char>, "\"ab\"", ": expected a string of one character"),
        (says::<Vec<u8>>, "{}", ": expected an array"),
        (says::<BTreeMap<String, u8>>, "[]", ": expected an object"),
        (says::<()>, "1", ": expected null"),
        (says::<IpAddr>, "\"x\"", ": expected an IP address"),
        (says::<Duration>, "1", ": expected an object"),
        (says::<Date>, "5", ": expected a year and a month such as 2024-12"),
        (says::<Date>, "\"x\"", ": expected a year and a month such as 2024-12"),
        (says::<Date>, "\"x-1\"", ": expected a year and a month such as 2024-12"),
        (says::<Even>, "\"odd\"", ": expected a value that its type accepts"),
        (says::<Even>, "1", ": expected a string"),
        // Enums.
        (says::<Kind>, "\"x\"", ": expected one of `home`, `work`"),
        (says::<Kind>, "1", ": expected one of `home`, `work`"),
        (says::<Kind>, "{\"home\":1}", "/home: expected null"),
        (says::<Kind>, "{\"x\":null}", ": expected one of `home`, `work`"),
        (says::<External>, "{}", ": expected an object with one member"),
        (says::<External>, "\"B\"", ": expected an object with one member"),
        (says::<External>, "{\"B\":300}", "/B: expected a whole number from 0 to 255"),
        (says::<External>, "{\"B\":1,\"C\":2}", ": expected an object with one member"),
        (says::<External>, "{\"C\":[1]}", "/C: expected an array of 2 elements"),
        (says::<External>, "{\"C\":[1,\"a\",3]}", "/C: expected an array of 2 elements"),
        (says::<External>, "{\"X\":{\"b\":1}}", "/X: missing member a"),
        (says::<External>, "{\"N\":{\"N\":{\"B\":[]}}}", "/N/N/B: expected a whole number from 0 to 255"),
        // What serde buffers.
        (says::<Internal>, "{\"t\":\"D\"}", "/t: expected one of `A`, `B`, `C`, `X`"),
        (says::<Internal>, "{\"a\":1}", ": missing member t"),
        (says::<Internal>, "5", ": expected an object"),
        (says::<Internal>, "{\"t\":\"B\"}", ": missing member a"),
        (says::<Internal>, "{\"t\":\"B\",\"a\":\"x\"}", "/a: expected a whole number from 0 to 255"),
        (says::<Internal>, "{\"t\":\"B\",\"a\":300,\"b\":null}", "/a: expected a whole number from 0 to 255"),
        (
            says::<Internal>,
            "{\"t\":\"C\",\"a\":1,\"c\":[1,2,true]}",
            "/c/2: expected a whole number from -2147483648 to 2147483647",
        ),
        (
            says::<Vec<Internal>>,
            "[{\"t\":\"A\"},{\"t\":\"B\",\"a\":[]}]",
            "/1/a: expected a whole number from 0 to 255",
        ),
        (says::<Vec<Internal>>, "[{\"t\":\"B\",\"a\":[],\"n\":[]}]", "/0: expected a value that its type accepts"),
        (says::<Internal>, "{\"t\":\"C\",\"x\":{\"c\":[]}}", ": expected a value that its type accepts"),
        (says::<Adjacent>, "{\"t\":\"B\",\"c\":300}", "/c: expected a whole number from 0 to 255"),
        (says::<Adjacent>, "{\"t\":\"D\"}", "/t: expected one of `A`, `B`, `C`, `X`"),
        (says::<Adjacent>, "1", ": expected an object"),
        (says::<Untagged>, "{\"a\":300}", ": expected a value that its type accepts"),
        (says::<Flattened>, "{\"a\":1,\"t\":\"A\"}", ": missing member b"),
        (says::<Flattened>, "{\"a\":300,\"b\":\"x\",\"t\":\"A\"}", "/a: expected a whole number from 0 to 255"),
        (says::<Flattened>, "{\"a\":1,\"b\":7,\"t\":\"A\"}", "/b: expected a string"),
        (says::<Flattened>, "{\"a\":1,\"b\":\"x\",\"t\":\"D\"}", "/t: expected one of `A`, `B`, `C`, `X`"),
        (says::<Loose>, "5", ": expected a name or an object"),
        (says::<Loose>, "{\"a\":1,\"c\":[null]}", "/c/0: expected a whole number from -2147483648 to 2147483647"),
        (
            says::<Internal>,
            r#"{"t":"B","a":-1,"n":[2.5,-2,null,false,257]}"#,
            "/a: expected a whole number from 0 to 255",
        ),
        (says::<Internal>, r#"{"t":"B","a":null,"n":[2.5,-2,false,257]}"#, "/a: expected a whole number from 0 to 255"),
        (
            says::<Internal>,
            r#"{"t":"B","a":true,"n":[2.5,-2,null,false,257]}"#,
            "/a: expected a whole number from 0 to 255",
        ),
        (
            says::<Internal>,
            r#"{"t":"B","a":256,"n":[2.5,-2,null,false,257]}"#,
            "/a: expected a whole number from 0 to 255",
        ),
        (
            says::<Internal>,
            r#"{"t":"B","a":[],"n":[2.5,-2,null,false,257]}"#,
            ": expected a value that its type accepts",
        ),
        (
            says::<Internal>,
            r#"{"t":"B","a":"1","n":[2.5,-2,null,false,257]}"#,
            "/a: expected a whole number from 0 to 255",
        ),
        // What is of the kind that a type asks for and is refused all the same.
        (says::<Refusing<'s', false>>, "\"x\"", ": expected a value that its type accepts"),
        (says::<Refusing<'b', false>>, "true", ": expected a value that its type accepts"),
        (says::<Refusing<'n', false>>, "null", ": expected a value that its type accepts"),
        (says::<Refusing<'0', false>>, "1.5", ": expected a value that its type accepts"),
        (says::<Refusing<'s', false>>, "false", ": expected a string"),
        (says::<Refusing<'0', false>>, "null", ": expected a number"),
        (says::<Refusing<'s', true>>, "\"x\"", ": expected a value that its type accepts"),
        (says::<Refusing<'b', true>>, "false", ": expected a value that its type accepts"),
        (says::<Refusing<'n', true>>, "null", ": expected a value that its type accepts"),
        (says::<Refusing<'0', true>>, "1.5", ": expected a value that its type accepts"),
        (says::<Refusing<'n', true>>, "0", ": expected null"),
        // Containers.
        (says::<Plain>, "{}", ": missing member a"),
        (says::<Plain>, "{\"a\":1,\"x\":{\"a\":2,\"x\":{\"b\":1}}}", "/x/x/b: expected a string"),
        (says::<Plain>, "{\"a\":1,\"x\":{\"a\":2,\"x\":{\"b\":null}}}", "/x/x: missing member a"),
        (says::<Plain>, "{\"a\":1,\"c\":[],\"C\":[]}", ": two members for c"),
        (says::<Strict>, "{\"a\":true,\"n\":1}", "/n: unknown member, expected one of `a`, `b`"),
        (says::<BTreeMap<String, Strict>>, "{\"~/\":{\"n\":1}}", "/~//n: unknown member, expected one of `a`, `b`"),
        (says::<Nothing>, "{\"n\":1}", "/n: unknown member"),
        (says::<Exact>, "{\"t\":\"S\",\"a\":true,\"n\":1}", "/n: unknown member, expected one of `a`, `b`"),
        (says::<Triple>, "[1,null]", ": expected an array of 3 elements"),
        (says::<Triple>, "[1,null,[1,2,3]]", "/2: expected an array of 2 elements"),
        (says::<Triple>, "[1,null,[1,2],4]", ": expected an array of 3 elements"),
        (says::<Triple>, "{}", ": expected an array"),
        (says::<[u8; 2]>, "[1]", ": expected an array of 2 elements"),
        (says::<(u8, u8)>, "[1,2,3]", ": expected an array of 2 elements"),
        (says::<BTreeMap<u8, u8>>, "{\"1\":1,\"x\":2}", "/x: expected a name that is a whole number from 0 to 255"),
        (says::<BTreeMap<Kind, u8>>, "{\"x\":2}", "/x: expected a name that is one of `home`, `work`"),
        (says::<BTreeMap<Kind, u8>>, "{\"home\":256}", "/home: expected a whole number from 0 to 255"),
        (says::<BTreeMap<bool, u8>>, "{\"x\":1}", "/x: expected a name that is true or false"),
        // A type's own functions.
        (says::<Priced>, "{\"a\":5,\"b\":\"2024-1\"}", "/a: expected a string"),
        (says::<Priced>, "{\"a\":\"5\",\"b\":\"2024-1\"}", "/a: expected a value that its type accepts"),
    ];
    let mut wrong = Vec::new();
    for (says, text, expected) in rows {
        let said = says(text);
        if said != *expected {
            wrong.push(format!("{text}\n    {said}\n    {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fraction_is_a_misfit_where_serde_buffers_it() {
    // Under `arbitrary_precision` serde_json cannot hand a fraction through serde's buffer at all.
    let is_arbitrary = std::mem::needs_drop::<serde_json::Number>();
    for (text, misfit) in [
        // It would be written as null.
        (r#"{"t":"X","x":1e39,"c":{}}"#, "/x: expected a number that its type can hold"),
        (r#"{"t":"B","a":1.5,"n":[2.5,-2,null,false,257]}"#, "/a: expected a whole number from 0 to 255"),
    ] {
        let expected = if is_arbitrary { ": expected a value that its type accepts" } else { misfit };
        assert_eq!(says::<Internal>(text), expected, "{text}");
    }
}

/// What a field makes of JSON: the JSON that is written, whether it is left out, and what is ignored.
fn makes(field: Field, text: &str) -> (String, bool, Vec<String>) {
    let Reading { json, is_left_out, ignored } = field.read(text.as_bytes(), &mut 1_000_000).expect(text);
    let json = String::from_utf8(json).expect("JSON");
    (json, is_left_out, ignored.iter().map(|path| path.iter().map(|token| format!("/{token}")).collect()).collect())
}

#[test]
fn a_reading_is_what_the_type_writes_and_what_it_ignores() {
    let rows: &[(Field, &str, &str, &[&str])] = &[
        (Field::of::<f32>(), " 0.1 ", "0.1", &[]),
        (Field::of::<f32>(), "16777217", "16777216.0", &[]),
        (Field::of::<f64>(), "1e2", "100.0", &[]),
        (Field::of::<Date>(), "\"2024-1\"", "\"2024-01\"", &[]),
        (Field::of::<Vec<Option<Kind>>>(), "[ null, \"home\" ]", "[null,\"home\"]", &[]),
        (Field::of::<Option<Option<u8>>>(), "null", "null", &[]),
        (Field::of::<BTreeMap<bool, u8>>(), r#"{"true":1, "false":2}"#, r#"{"false":2,"true":1}"#, &[]),
        // What a type ignores, it says.
        (Field::of::<Plain>(), r#"{"a":1,"n":{"m":2}}"#, r#"{"a":1,"b":null,"c":[]}"#, &["/n"]),
        (Field::of::<Plain>(), r#"{"n":1,"C":[2],"a":1}"#, r#"{"a":1,"b":null,"c":[2]}"#, &["/n"]),
        (
            Field::of::<Vec<Plain>>(),
            r#"[{"a":1},{"a":2,"x":{"a":3,"N":0,"~/":0}}]"#,
            r#"[{"a":1,"b":null,"c":[]},{"a":2,"b":null,"c":[],"x":{"a":3,"b":null,"c":[]}}]"#,
            &["/1/x/N", "/1/x/~/"],
        ),
        (Field::of::<External>(), r#"{"X":{"a":true,"b":null,"n":1}}"#, r#"{"X":{"a":true,"b":null}}"#, &["/X/n"]),
        // What serde buffers is tried out.
        (Field::of::<Internal>(), r#"{"t":"A","n":1,"m":[]}"#, r#"{"t":"A"}"#, &["/n", "/m"]),
        (
            Field::of::<Internal>(),
            r#"{"n":1,"t":"C","a":1,"C":[2],"m":3,"x":{"a":1,"C":[],"o":4}}"#,
            r#"{"t":"C","a":1,"b":null,"c":[2],"x":{"a":1,"b":null,"c":[]}}"#,
            &["/n", "/m", "/x/o"],
        ),
        (
            Field::of::<Vec<Internal>>(),
            r#"[{"n":1,"t":"A"},{"n":1,"t":"A"}]"#,
            r#"[{"t":"A"},{"t":"A"}]"#,
            &["/0/n", "/1/n"],
        ),
        (Field::of::<Untagged>(), r#"[{"a":1,"n":2},null]"#, r#"[{"a":1,"b":null},null]"#, &["/0/n"]),
        (
            Field::of::<Vec<Untagged>>(),
            r#"[{"a":1,"b":"x"},{"n":2,"a":3}]"#,
            r#"[{"a":1,"b":"x"},{"a":3,"b":null}]"#,
            &["/1/n"],
        ),
        (Field::of::<Untagged>(), r#"[[1,"home"],"work"]"#, r#"[[1,"home"],"work"]"#, &[]),
        (
            Field::of::<Flattened>(),
            r#"{"a":1,"b":"x","t":"A","n":null}"#,
            r#"{"a":1,"b":"x","c":null,"t":"A"}"#,
            &["/n"],
        ),
        (Field::of::<Kept>(), r#"{"n":1,"a":2,"m":[{}]}"#, r#"{"a":2,"m":[{}],"n":1}"#, &[]),
        (Field::of::<Loose>(), r#"{"a":1,"n":2}"#, r#"{"a":1,"b":null,"c":[]}"#, &["/n"]),
        (Field::of::<Value>(), r#"{"a":[1.0,{"b":null}]}"#, r#"{"a":[1.0,{"b":null}]}"#, &[]),
        // So is what is in a member that has another name than it is written by.
        (
            Field::of::<Renamed>(),
            r#"{"L":[[{"a":1,"n":2}],[]],"M":{"a":3,"m":{"o":4}}}"#,
            r#"{"l":[[{"a":1,"b":null,"c":[]}],[]],"m":{"a":3,"b":null,"c":[]}}"#,
            &["/L/0/0/n", "/M/m"],
        ),
        // And a value that looks as if it had been tried out.
        (Field::of::<Renamed>(), r#"{"V":[-0.5,"\u0000"],"n":1}"#, r#"{"v":[-0.5,"\u0000"]}"#, &["/n"]),
    ];
    for (field, text, json, ignored) in rows {
        assert_eq!(
            makes(*field, text),
            (json.to_string(), false, ignored.iter().map(|path| path.to_string()).collect()),
            "{text}"
        );
    }
    let many: HashMap<String, u8> = (0..50).map(|index| (index.to_string(), index)).collect();
    let text = format!("{:#}", serde_json::to_value(&many).expect("JSON"));
    assert_eq!(makes(Field::of::<HashMap<String, u8>>(), &text).2, [""; 0], "the order of a map is not lost");
    let set = Field::of::<std::collections::HashSet<u8>>();
    assert!(set.read(b"[3, 2, 1, 7, 9]", &mut 0).is_ok(), "nor that of a set");
}

#[test]
fn what_serde_leaves_out_is_not_written() {
    let field = Field::new(|json, work| {
        read(
            json,
            work,
            |json| Option::deserialize(json),
            |value: &Option<u8>, writer| writer.serialize_u8(value.expect("never called for what is left out")),
            Option::is_none,
        )
    });
    assert_eq!(makes(field, "null"), ("null".to_owned(), true, vec![]));
    assert_eq!(makes(field, "5"), ("5".to_owned(), false, vec![]));
    let field = Field::new(|json, work| {
        read(
            json,
            work,
            |json| Vec::deserialize(json),
            |value: &Vec<u8>, writer| value.serialize(writer),
            Vec::is_empty,
        )
    });
    assert_eq!(makes(field, "[ ]"), ("[]".to_owned(), true, vec![]));
}

#[test]
fn what_is_written_must_read_back() {
    /// Reads any float, writes its reciprocal.
    fn reciprocal(json: &[u8], work: &mut usize) -> Result<Reading, entity_patch::__private::TypeRefusal> {
        read(
            json,
            work,
            |json| f64::deserialize(json),
            |value: &f64, writer| writer.serialize_f64(1.0 / value),
            |_| false,
        )
    }
    let field = Field::new(reciprocal);
    assert!(field.read(b"0.5", &mut 0).is_err(), "2.0 reads back as 0.5");
    assert!(field.read(b"1.0", &mut 0).is_ok());
    let misfit = field.read(b"0", &mut 0).expect_err("infinity is written as null");
    assert_eq!(misfit.why.to_string(), "expected a number that its type can hold");
}

#[test]
fn an_absent_member_reads_as_null_or_its_default() {
    assert_eq!(missing(Option::<u8>::deserialize).as_deref(), Some(&b"null"[..]));
    assert_eq!(missing(u8::deserialize), None);
    assert_eq!(missing(Value::deserialize), None);
    assert_eq!(missing(<()>::deserialize), None);
    let json =
        default(|| vec![1_u8], |json| Vec::deserialize(json), |value, writer| value.serialize(writer), Vec::is_empty);
    assert_eq!(json.as_deref(), Some(&b"[1]"[..]));
    let json =
        default(Vec::<u8>::new, |json| Vec::deserialize(json), |value, writer| value.serialize(writer), Vec::is_empty);
    assert_eq!(json.as_deref(), Some(&b"[]"[..]));
}

#[test]
fn equal_is_what_the_type_calls_equal() {
    let same = |left: &str, right: &str| {
        equal(left.as_bytes(), right.as_bytes(), |json| Date::deserialize(json), |left, right| left == right)
    };
    assert!(same("\"2024-1\"", "\"2024-01\""));
    assert!(!same("\"2024-1\"", "\"2024-02\""));
    assert!(!same("1", "1"));
}

#[test]
fn a_type_is_quoted_only_where_its_field_says_so() {
    let field = Field::of::<Even>();
    let quiet = field.read(b"\"odd\"", &mut 0).expect_err("odd");
    assert_eq!(quiet.why, Why::Expected("a value that its type accepts".into()));
    let loud = field.message().read(b"\"odd\"", &mut 0).expect_err("odd");
    assert_eq!(loud.why, Why::Message("odd is odd, expected oddx".to_owned()));
    for (field, json, message) in [
        (Field::of::<Quoting<u8>>(), "300", "expected a whole number from 0 to 255"),
        (Field::of::<Quoting<Plain>>(), "{}", "missing member a"),
        (Field::of::<Quoting<Even>>(), "\"odd\"", "odd is odd, expected oddx"),
    ] {
        let loud = field.message().read(json.as_bytes(), &mut 0).expect_err(json);
        assert_eq!(loud.why, Why::Message(message.to_owned()));
    }
    let other = field.message().read(b"5", &mut 0).expect_err("a number");
    assert_eq!(other.why, Why::Expected("a string".into()), "what it does not say itself is said for it");
}

#[test]
fn what_is_tried_out_is_paid_for() {
    let text = format!("[{}]", vec![r#"{"t":"A","n":1}"#; 100].join(","));
    let field = Field::of::<Vec<Internal>>();
    let mut work = 100_000;
    assert_eq!(field.read(text.as_bytes(), &mut work).expect("enough work").ignored.len(), 100);
    assert!(work > 90_000, "all at once: {work} are left");
    let misfit = field.read(text.as_bytes(), &mut 1_000).expect_err("not enough work");
    assert_eq!(misfit.why, Why::TooMuchWork);
    let members: Vec<String> = (0..1_000).map(|index| format!("\"{index}\":0")).collect();
    let text = format!("{{\"{}\":{{\"a\":1,{}}}}}", "n".repeat(10_000), members.join(","));
    let misfit = Field::of::<BTreeMap<String, Plain>>()
        .read(text.as_bytes(), &mut 100_000_000)
        .expect_err("10 MB of paths, each byte of which counts as 16");
    assert_eq!(misfit.why, Why::TooMuchWork);
    let mut work = 0;
    assert!(field.read(br#"[{"t":"A"}]"#, &mut work).is_ok(), "nothing has to be tried out");
    let plain = Field::of::<Plain>().read(br#"{"a":1,"C":[2]}"#, &mut work);
    assert!(plain.is_ok(), "nor by another name, where the type says itself what it ignores");
}

#[test]
fn a_raw_value_is_the_text_itself() {
    let read = value::<BTreeMap<RawText, RawText>>(br#"{"a": [1.50 ,{}] }"#).expect("any JSON");
    assert_eq!(read, [(RawText("\"a\"".to_owned()), RawText("[1.50 ,{}]".to_owned()))].into());
}

#[test]
fn names_that_serde_json_keeps_to_itself_become_no_number() {
    let field = Field::of::<Value>();
    let text = r#"{"a":[{"$serde_json::private::Number":"12","b":1}]}"#;
    let is_kept = serde_json::from_str::<Value>(r#"{"$serde_json::private::Number":"12"}"#).expect("JSON").is_object();
    match field.read(text.as_bytes(), &mut 0) {
        Ok(reading) => assert!(is_kept && reading.json == text.as_bytes()),
        Err(misfit) => {
            assert!(!is_kept);
            assert_eq!(misfit.path, ["a", "0", "$serde_json::private::Number"]);
            assert_eq!(misfit.why.to_string(), "expected a name that is not reserved");
        }
    }
    // In a map, such a name comes before the others.
    writes_what_reads_back(r#"{"a":"","$serde_json::private::Number":""}"#);
}
