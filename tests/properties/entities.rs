//! Entities that differ in everything a table can say, and beside each a description of it that is written by hand: the
//! laws compare with that, and not with what the derive made of the struct.

use std::collections::{BTreeMap, HashMap};

use entity_patch::{Access, Entity, superoffice::DateTime};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What governs a value.
#[derive(Clone, Copy)]
pub enum Spec {
    /// JSON that its type takes, and perhaps some that it does not take.
    Leaf(&'static [&'static str]),
    Object(fn() -> Shape),
    /// The elements, and the name of their key.
    List(&'static Spec, Option<&'static str>),
    Map(&'static Spec),
}

/// The members of an entity.
#[derive(Clone, Copy)]
pub struct Shape {
    pub members: &'static [Member],
    /// Whether undeclared members are kept, and whether they can be written.
    pub keeps: bool,
    pub is_open: bool,
    /// What serde writes of what it reads, if it reads it.
    pub rewritten: fn(&Value) -> Option<Value>,
}

#[derive(Clone, Copy)]
pub struct Member {
    pub name: &'static str,
    pub alias: Option<&'static str>,
    pub access: Access,
    /// What an absent member reads as; `None` where it may not be absent.
    pub absent: Option<&'static str>,
    pub spec: Spec,
    /// Whether two texts are one date.
    pub is_date: bool,
}

impl Member {
    const fn new(name: &'static str, spec: Spec) -> Member {
        Member { name, alias: None, access: Access::Writable, absent: None, spec, is_date: false }
    }

    const fn leaf(name: &'static str, samples: &'static [&'static str]) -> Member {
        Member::new(name, Spec::Leaf(samples))
    }

    const fn alias(mut self, alias: &'static str) -> Member {
        self.alias = Some(alias);
        self
    }

    const fn absent(mut self, absent: &'static str) -> Member {
        self.absent = Some(absent);
        self
    }

    const fn read_only(mut self) -> Member {
        self.access = Access::ReadOnly;
        self
    }

    const fn hidden(mut self) -> Member {
        self.access = Access::Hidden;
        self
    }

    const fn date(mut self) -> Member {
        self.is_date = true;
        self
    }

    /// What an absent member reads as.
    pub fn absent_value(&self) -> Value {
        serde_json::from_str(self.absent.unwrap_or("null")).expect("JSON")
    }

    /// The name under which an object has the member.
    pub fn name_in(&self, object: &serde_json::Map<String, Value>) -> Option<&'static str> {
        [Some(self.name), self.alias].into_iter().flatten().find(|name| object.contains_key(*name))
    }
}

/// An entity with its description.
pub trait Subject: Entity + std::fmt::Debug {
    fn shape() -> Shape;
}

/// Serde rounds a float where it writes text, and not where it writes a value.
fn rewritten<E: Subject>(value: &Value) -> Option<Value> {
    let entity: E = serde_json::from_value(value.clone()).ok()?;
    serde_json::from_slice(&serde_json::to_vec(&entity).expect("an entity is JSON")).ok()
}

/// Gives an entity the members that are listed.
macro_rules! subject {
    ($entity:ty, $keeps:expr, $is_open:expr, [$($member:expr),* $(,)?]) => {
        impl Subject for $entity {
            fn shape() -> Shape {
                const MEMBERS: &[Member] = &[$($member),*];
                Shape { members: MEMBERS, keeps: $keeps, is_open: $is_open, rewritten: rewritten::<$entity> }
            }
        }
    };
}

const STRINGS: &[&str] = &[r#""a""#, r#""b""#, r#""""#, r#""\u0063""#, "1", "null"];
const NULLABLE: &[&str] = &["null", r#""a""#, r#""b""#, "1", "[]"];
const SMALL: &[&str] = &["0", "1", "2", "1.0", "300", "-1", r#""1""#];
const SMALL_OR_NULL: &[&str] = &["null", "1", "2", "0", "1.0", "256"];
const FLAGS: &[&str] = &["false", "true", "null", "0"];
/// Values of hidden members: each is found in an answer that shows it.
pub const HIDDEN_NUMBERS: &[&str] = &["918273645", "918273646"];
pub const HIDDEN_TEXTS: &[&str] = &[r#""plantedone""#, r#""plantedtwo""#];

/// Nested three deep, with arrays by key and without, a box, and a hidden member at each depth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    #[entity(read_only, key)]
    company_id: u64,
    name: String,
    #[entity(nested)]
    head: Office,
    #[serde(default)]
    #[entity(nested, by = "Code")]
    offices: Vec<Office>,
    #[serde(default)]
    #[entity(hidden)]
    api_key: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "PascalCase")]
pub struct Office {
    #[serde(default)]
    code: Option<String>,
    #[serde(alias = "Town")]
    city: String,
    #[serde(default)]
    #[entity(read_only)]
    opened: Option<u16>,
    #[serde(default)]
    #[entity(nested)]
    rooms: Vec<Room>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[entity(nested)]
    manager: Option<Box<Person>>,
    #[serde(default)]
    #[entity(hidden)]
    vault: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
pub struct Room {
    number: u16,
    #[serde(default)]
    seats: Option<u8>,
    #[serde(default)]
    #[entity(read_only)]
    inspected: bool,
    #[serde(default)]
    #[entity(hidden)]
    door: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
pub struct Person {
    name: String,
    #[serde(skip)]
    cached: u32,
    #[serde(default)]
    #[entity(read_only)]
    since: Option<u16>,
    /// It has no default.
    #[entity(hidden)]
    pin: String,
}

subject!(
    Company,
    false,
    false,
    [
        Member::leaf("companyId", SMALL).read_only(),
        Member::leaf("name", STRINGS),
        Member::new("head", Spec::Object(Office::shape)),
        Member::new("offices", Spec::List(&Spec::Object(Office::shape), Some("Code"))).absent("[]"),
        Member::leaf("apiKey", HIDDEN_TEXTS).absent(r#""""#).hidden(),
    ]
);
subject!(
    Office,
    false,
    false,
    [
        Member::leaf("Code", NULLABLE).absent("null"),
        Member::leaf("City", STRINGS).alias("Town"),
        Member::leaf("Opened", SMALL_OR_NULL).absent("null").read_only(),
        Member::new("Rooms", Spec::List(&Spec::Object(Room::shape), None)).absent("[]"),
        Member::new("Manager", Spec::Object(Person::shape)).absent("null"),
        Member::leaf("Vault", HIDDEN_NUMBERS).absent("0").hidden(),
    ]
);
subject!(
    Room,
    false,
    false,
    [
        Member::leaf("number", SMALL),
        Member::leaf("seats", SMALL_OR_NULL).absent("null"),
        Member::leaf("inspected", FLAGS).absent("false").read_only(),
        Member::leaf("door", HIDDEN_TEXTS).absent(r#""""#).hidden(),
    ]
);
subject!(
    Person,
    false,
    false,
    [
        Member::leaf("name", STRINGS),
        Member::leaf("since", SMALL_OR_NULL).absent("null").read_only(),
        Member::leaf("pin", HIDDEN_TEXTS).hidden(),
    ]
);

/// It contains itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
pub struct Comment {
    #[serde(default)]
    #[entity(read_only)]
    author: String,
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[entity(nested)]
    replies: Vec<Comment>,
    #[serde(default)]
    #[entity(hidden)]
    score: i64,
}

subject!(
    Comment,
    false,
    false,
    [
        Member::leaf("author", STRINGS).absent(r#""""#).read_only(),
        Member::leaf("text", STRINGS),
        Member::new("replies", Spec::List(&Spec::Object(Comment::shape), None)).absent("[]"),
        Member::leaf("score", HIDDEN_NUMBERS).absent("0").hidden(),
    ]
);

/// Maps of entities, and of lists of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
pub struct Directory {
    #[serde(default)]
    #[entity(nested)]
    groups: BTreeMap<String, Group>,
    #[serde(default)]
    #[entity(nested)]
    index: HashMap<String, Vec<Group>>,
    #[serde(default)]
    #[entity(read_only, nested)]
    fixed: Option<Group>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
pub struct Group {
    #[serde(alias = "caption")]
    label: String,
    #[serde(default)]
    #[entity(read_only)]
    uses: u8,
    #[serde(default)]
    #[entity(hidden)]
    token: Option<String>,
}

subject!(
    Directory,
    false,
    false,
    [
        Member::new("groups", Spec::Map(&Spec::Object(Group::shape))).absent("{}"),
        Member::new("index", Spec::Map(&Spec::List(&Spec::Object(Group::shape), None))).absent("{}"),
        Member::new("fixed", Spec::Object(Group::shape)).absent("null").read_only(),
    ]
);
subject!(
    Group,
    false,
    false,
    [
        Member::leaf("label", STRINGS).alias("caption"),
        Member::leaf("uses", SMALL).absent("0").read_only(),
        Member::leaf("token", HIDDEN_TEXTS).absent("null").hidden(),
    ]
);

/// Generic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
#[serde(bound = "T: Entity")]
pub struct Page<T> {
    #[serde(default)]
    #[entity(nested)]
    items: Vec<T>,
    #[serde(default)]
    #[entity(nested)]
    first: Option<Box<T>>,
    #[serde(default)]
    #[entity(read_only)]
    total: u32,
}

subject!(
    Page<Settings>,
    false,
    false,
    [
        Member::new("items", Spec::List(&Spec::Object(Settings::shape), None)).absent("[]"),
        Member::new("first", Spec::Object(Settings::shape)).absent("null"),
        Member::leaf("total", SMALL).absent("0").read_only(),
    ]
);

/// All members have defaults, and types whose JSON is not what was sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(default, rename_all = "kebab-case")]
pub struct Settings {
    font_size: f32,
    sizes: Vec<f32>,
    #[entity(eq)]
    when: Option<DateTime>,
    choice: Choice,
    #[serde(with = "yes_or_no")]
    is_dark: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    #[serde(skip)]
    opened: u32,
    #[entity(read_only)]
    revision: u32,
    #[entity(hidden)]
    seed: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Choice {
    Number(i64),
    Pair { left: u8, right: u8 },
    Text(String),
}

impl Default for Choice {
    fn default() -> Choice {
        Choice::Number(0)
    }
}

mod yes_or_no {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(is: &bool, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if *is { "yes" } else { "no" })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
        match String::deserialize(deserializer)?.to_ascii_lowercase().as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(D::Error::custom("expected `yes` or `no`")),
        }
    }
}

subject!(
    Settings,
    false,
    false,
    [
        Member::leaf("font-size", &["0.0", "0.1", "1", "0.2", "1e39", "1.5", "0.10000000149011612", "null"])
            .absent("0.0"),
        Member::leaf("sizes", &["[]", "[0.1]", "[0.1,0.2]", "[1,0.1]", "[1e39]", "null"]).absent("[]"),
        Member::leaf(
            "when",
            &[
                "null",
                r#""2021-01-15T18:25:51+01:00""#,
                r#""2021-01-15T17:25:51Z""#,
                r#""2021-01-15T17:25:51.000""#,
                r#""2000-08-01T16:48:31""#,
                r#""soon""#,
            ]
        )
        .absent("null")
        .date(),
        Member::leaf(
            "choice",
            &["0", "7", r#""a""#, r#"{"left":1,"right":2}"#, r#"{"left":1,"right":2,"nope":3}"#, "[]"]
        )
        .absent("0"),
        Member::leaf("is-dark", &[r#""no""#, r#""YES""#, r#""yes""#, r#""maybe""#, "null"]).absent(r#""no""#),
        Member::leaf("note", STRINGS).absent(r#""""#),
        Member::leaf("revision", SMALL).absent("0").read_only(),
        Member::leaf("seed", HIDDEN_NUMBERS).absent("0").hidden(),
    ]
);

/// It keeps undeclared members, and has an entity in it whose undeclared members can be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "PascalCase")]
pub struct Profile {
    #[serde(default)]
    nick: Option<String>,
    #[serde(default)]
    #[entity(nested)]
    extra: Extra,
    #[serde(default)]
    #[entity(nested)]
    list: Vec<Extra>,
    #[serde(default)]
    #[entity(hidden)]
    marker: Option<u64>,
    #[serde(default)]
    #[entity(read_only)]
    badges: Vec<String>,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
pub struct Extra {
    #[serde(default)]
    #[entity(read_only)]
    stamp: u32,
    #[serde(default)]
    #[entity(hidden)]
    secret: Option<String>,
    #[serde(default)]
    #[entity(nested)]
    inner: Option<Box<Extra>>,
    #[serde(flatten)]
    #[entity(open)]
    others: BTreeMap<String, Value>,
}

subject!(
    Profile,
    true,
    false,
    [
        Member::leaf("Nick", NULLABLE).absent("null"),
        Member::new("Extra", Spec::Object(Extra::shape)).absent(r#"{"stamp":0,"secret":null,"inner":null}"#),
        Member::new("List", Spec::List(&Spec::Object(Extra::shape), None)).absent("[]"),
        Member::leaf("Marker", HIDDEN_NUMBERS).absent("null").hidden(),
        Member::leaf("Badges", &["[]", r#"["a"]"#, r#"["a","b"]"#, "[1]"]).absent("[]").read_only(),
    ]
);
subject!(
    Extra,
    true,
    true,
    [
        Member::leaf("stamp", SMALL).absent("0").read_only(),
        Member::leaf("secret", HIDDEN_TEXTS).absent("null").hidden(),
        Member::new("inner", Spec::Object(Extra::shape)).absent("null"),
    ]
);

/// Names that a pointer, a pattern or a reference has to escape, of members that lead to the entity again; and options,
/// maps and lists in each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
pub struct Odd {
    #[serde(rename = "")]
    empty: String,
    #[serde(rename = "a/b~c", default)]
    #[entity(nested)]
    tree: BTreeMap<String, Option<Odd>>,
    #[serde(rename = "~1.*+?()|[]{}^$\\", default, skip_serializing_if = "Option::is_none")]
    #[entity(nested)]
    next: Option<Box<Odd>>,
    #[serde(rename = "%2F\"\n#\u{e9}\u{1F600}", default)]
    #[entity(nested)]
    rows: Vec<Vec<Option<Odd>>>,
    #[serde(rename = "$ref", default)]
    maybe: Option<Option<i8>>,
    #[serde(rename = "op", default)]
    lists: BTreeMap<String, Vec<Option<bool>>>,
    #[serde(rename = "path/0", default, alias = "path")]
    free: Value,
    #[serde(rename = "-", default)]
    #[entity(read_only)]
    fixed: u8,
    #[serde(rename = "0", default)]
    #[entity(hidden)]
    secret: u32,
}

subject!(
    Odd,
    false,
    false,
    [
        Member::leaf("", STRINGS),
        Member::new("a/b~c", Spec::Map(&Spec::Object(Odd::shape))).absent("{}"),
        Member::new("~1.*+?()|[]{}^$\\", Spec::Object(Odd::shape)).absent("null"),
        Member::new("%2F\"\n#\u{e9}\u{1F600}", Spec::List(&Spec::List(&Spec::Object(Odd::shape), None), None))
            .absent("[]"),
        Member::leaf("$ref", SMALL_OR_NULL).absent("null"),
        Member::leaf("op", &["{}", r#"{"a":[true,null]}"#, r#"{"a":null}"#, r#"{"a":[1]}"#, "null"]).absent("{}"),
        Member::leaf("path/0", &["null", r#"{"a":[1]}"#, r#"{"a":null}"#, "1.5", r#"[{"":{}}]"#])
            .absent("null")
            .alias("path"),
        Member::leaf("-", SMALL).absent("0").read_only(),
        Member::leaf("0", HIDDEN_NUMBERS).absent("0").hidden(),
    ]
);
