//! The table that the derive writes for structs as people write them: names, aliases, access, what is inside, and what
//! becomes of undeclared members.

#![deny(deprecated)]

mod common;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    marker::PhantomData,
    rc::Rc,
};

use common::check;
use entity_patch::Entity;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// Derives all that an entity needs.
macro_rules! entities {
    ($($(#[$attribute:meta])* $visibility:vis struct $name:ident $(<$($parameter:tt),*>)? {$($body:tt)*})*) => {$(
        #[derive(Clone, Serialize, Deserialize, Entity)]
        #[allow(dead_code, reason = "only the tables are looked at")]
        $(#[$attribute])* $visibility struct $name $(<$($parameter),*>)? {$($body)*}
    )*};
}

entities! {
    struct Address {
        street: String,
        #[entity(read_only)]
        verified: bool,
    }

    struct Phone {
        #[entity(key, read_only)]
        id: u32,
        number: String,
    }
}

#[test]
fn a_plain_struct() {
    entities! {
        struct Empty {}
        struct Plain {
            id: u64,
            name: Option<String>,
            tags: Vec<String>,
        }
    }
    check::<Empty>(&[], "");
    check::<Plain>(&["id", "name", "tags"], "");
}

#[test]
fn the_example_of_the_documentation() {
    entities! {
        #[serde(rename_all = "camelCase")]
        struct User {
            #[entity(read_only, key)]
            id: u64,
            email: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            nickname: Option<String>,
            #[entity(nested)]
            address: Address,
            #[entity(nested, by = "id")]
            phones: Vec<Phone>,
            #[entity(hidden)]
            password_hash: String,
            #[entity(opaque)]
            raw: Address,
        }
    }
    check::<User>(
        &[
            "id: ReadOnly, key",
            "email",
            "nickname",
            "address: Object",
            r#"phones: Elements { of: Object, by: Some("id") }"#,
            "passwordHash: password_hash, Hidden",
            "raw",
        ],
        "",
    );
}

#[test]
fn names_as_serde_makes_them() {
    entities! {
        #[serde(rename_all = "PascalCase", rename = "Anything", deny_unknown_fields)]
        struct Renamed {
            first_name: String,
            #[serde(rename = "LAST")]
            last_name: String,
            #[serde(alias = "mail", alias = "e-mail", alias = "EMail")]
            email: String,
            #[serde(rename = "strasse\"")]
            street: String,
        }
        #[serde(rename_all = "camelCase")]
        struct Links {
            _links: Value,
            r#type: String,
            r#fn: String,
        }
        #[serde(rename_all(serialize = "kebab-case", deserialize = "kebab-case"))]
        struct Both {
            one_two: u8,
            #[serde(rename(serialize = "x", deserialize = "x"))]
            three_four: u8,
            #[serde(rename(serialize = "y", deserialize = "y", deserialize = "z"))]
            five: u8,
        }
    }
    check::<Renamed>(
        &[
            "FirstName: first_name",
            "LAST: last_name",
            r#"Email: email, ["EMail", "e-mail", "mail"]"#,
            r#"strasse": street"#,
        ],
        "",
    );
    check::<Links>(&["links: _links", "type", "fn"], "");
    check::<Both>(&["one-two: one_two", "x: three_four", r#"y: five, ["z"]"#], "");
}

#[test]
fn an_alias_may_fold_to_its_own_name() {
    entities! {
        struct Own {
            #[serde(alias = "Name", alias = "NAME", alias = "name")]
            name: String,
        }
    }
    check::<Own>(&[r#"name, ["NAME", "Name"]"#], "");
}

#[test]
fn fields_that_serde_skips() {
    entities! {
        struct Skips {
            name: String,
            #[serde(skip)]
            cache: Option<Rc<()>>,
            #[serde(skip_deserializing)]
            computed: u32,
            #[serde(skip_deserializing, alias = "gone")]
            #[entity(hidden)]
            secret: u32,
            #[serde(skip_serializing_if = "Vec::is_empty", default)]
            tags: Vec<String>,
        }
    }
    check::<Skips>(&["name", "computed: ReadOnly", "secret: Hidden", "tags"], "");
}

#[test]
fn members_that_only_a_server_writes() {
    entities! {
        #[entity(output_only = "_Links", output_only = "Etag")]
        struct ByName {
            name: String,
        }
        struct ByField {
            name: String,
            #[serde(default, skip_serializing, rename = "_Links", alias = "_links2")]
            #[entity(output_only)]
            links: Value,
            #[serde(skip)]
            #[entity(output_only)]
            version: u64,
        }
        #[entity(output_only = "_links")]
        struct ByBoth {
            #[serde(default, skip_serializing, alias = "Links")]
            _links: Value,
            name: String,
        }
    }
    check::<ByName>(&["name"], r#"output_only: ["_Links", "Etag"]"#);
    check::<ByField>(&["name"], r#"output_only: ["_Links", "_links2", "version"]"#);
    check::<ByBoth>(&["name"], r#"output_only: ["Links", "_links"]"#);
}

#[test]
fn a_flattened_map_keeps_undeclared_members() {
    entities! {
        struct Kept {
            name: String,
            #[serde(flatten)]
            others: Map<String, Value>,
        }
        struct Open {
            #[serde(flatten)]
            #[entity(open)]
            others: BTreeMap<String, u8>,
            name: String,
        }
        struct Hashed {
            #[serde(flatten)]
            #[entity(opaque)]
            others: HashMap<String, Address>,
        }
        struct ReadApart {
            #[serde(flatten, deserialize_with = "BTreeMap::deserialize")]
            #[entity(open)]
            others: BTreeMap<String, u8>,
        }
        struct WrittenApart {
            #[serde(flatten, serialize_with = "BTreeMap::serialize")]
            #[entity(open)]
            others: BTreeMap<String, u8>,
        }
    }
    check::<Kept>(&["name"], "rest: Kept, in others");
    check::<Open>(&["name"], "rest: Open, in others, its values are read");
    check::<Hashed>(&[], "rest: Kept, in others");
    check::<ReadApart>(&[], "rest: Open, in others");
    check::<WrittenApart>(&[], "rest: Open, in others");
}

#[test]
fn entities_in_containers() {
    type Home = Address;
    type Homes = Vec<Option<Home>>;
    entities! {
        struct Nested {
            #[entity(nested)]
            one: Option<Address>,
            #[entity(nested)]
            many: Vec<Address>,
            #[entity(nested, by = "id")]
            keyed: Option<Vec<Option<Box<Phone>>>>,
            #[entity(nested)]
            named: BTreeMap<String, Address>,
            #[entity(nested)]
            hashed: HashMap<String, Vec<Address>>,
            #[entity(nested, by = "id")]
            lists: BTreeMap<String, Vec<Phone>>,
            #[entity(nested)]
            boxed: Box<Address>,
            #[entity(nested)]
            aliased: Homes,
            #[entity(nested, read_only)]
            fixed: Address,
            #[entity(nested, hidden)]
            secret: Vec<Address>,
        }
    }
    check::<Nested>(
        &[
            "one: Object",
            "many: Elements { of: Object, by: None }",
            r#"keyed: Elements { of: Object, by: Some("id") }"#,
            "named: Values { of: Object }",
            "hashed: Values { of: Elements { of: Object, by: None } }",
            r#"lists: Values { of: Elements { of: Object, by: Some("id") } }"#,
            "boxed: Object",
            "aliased: Elements { of: Object, by: None }",
            "fixed: ReadOnly, Object",
            "secret: Hidden, Elements { of: Object, by: None }",
        ],
        "",
    );
}

#[test]
fn entities_that_contain_themselves() {
    entities! {
        struct Comment {
            #[entity(key)]
            id: u64,
            text: String,
            #[entity(nested, by = "id")]
            replies: Vec<Comment>,
            #[entity(nested)]
            parent: Option<Box<Self>>,
        }
        struct Folder {
            #[entity(nested)]
            files: Vec<File>,
        }
        struct File {
            #[entity(nested)]
            folder: Option<Box<Folder>>,
        }
        struct Tree<T> {
            value: T,
            #[entity(nested)]
            children: Vec<Tree<T>>,
        }
    }
    check::<Comment>(&["id: key", "text", r#"replies: Elements { of: Object, by: Some("id") }"#, "parent: Object"], "");
    check::<Folder>(&["files: Elements { of: Object, by: None }"], "");
    check::<File>(&["folder: Object"], "");
    check::<Tree<Vec<u8>>>(&["value", "children: Elements { of: Object, by: None }"], "");
    check::<Tree<String>>(&["value", "children: Elements { of: Object, by: None }"], "");
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(bound = "T: Clone + Serialize + DeserializeOwned")]
#[entity(bound = "T: Clone + Serialize + DeserializeOwned")]
struct Odd<T> {
    value: T,
    #[entity(nested)]
    next: Option<Box<Even<T>>>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(bound = "T: Clone + Serialize + DeserializeOwned")]
#[entity(bound = "T: Clone + Serialize + DeserializeOwned")]
struct Even<T> {
    #[entity(nested)]
    next: Vec<Odd<T>>,
}

#[test]
fn generic_entities_that_contain_each_other() {
    check::<Odd<String>>(&["value", "next: Object"], "");
    check::<Even<String>>(&["next: Elements { of: Object, by: None }"], "");
}

trait Kind {
    type Id: Clone + Serialize + DeserializeOwned;
    const NAME: &'static str;
}

#[derive(Clone)]
struct Internal;

impl Kind for Internal {
    type Id = u32;
    const NAME: &'static str = "internal";
}

mod shouted {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<T: AsRef<str>, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.as_ref().to_uppercase())
    }

    pub fn deserialize<'de, T: From<String>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        String::deserialize(deserializer).map(T::from)
    }
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Page<T, const N: usize = 3> {
    #[entity(nested)]
    items: Vec<T>,
    total: usize,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Pair<A: Default, B>
where
    B: Clone,
{
    #[serde(default)]
    first: A,
    #[entity(eq)]
    second: Option<B>,
    #[serde(skip)]
    marker: PhantomData<(A, B)>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(bound(deserialize = "K::Id: Deserialize<'de>"))]
struct Identified<K: Kind> {
    #[entity(key)]
    id: K::Id,
    #[serde(skip)]
    kind: PhantomData<K>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(bound = "T: AsRef<str> + From<String>")]
struct Shouting<T> {
    #[serde(with = "shouted")]
    word: T,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Owned<'a> {
    text: Cow<'a, str>,
    #[serde(flatten)]
    others: BTreeMap<String, Cow<'a, str>>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Flat<V> {
    #[serde(flatten)]
    #[entity(open)]
    others: BTreeMap<String, V>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Sized4<T, const N: usize> {
    name: [T; 4],
    #[entity(nested)]
    pages: Option<Page<Address, N>>,
}

/// It is written, and nothing reads it.
#[derive(Clone, Default, Serialize)]
struct Computed(u8);

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Unread<T> {
    #[serde(skip_deserializing)]
    value: T,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(bound(deserialize = "for<'x> T: Deserialize<'x>"))]
struct OfAnyInput<T> {
    value: T,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(default)]
struct AllDefault<T> {
    value: Option<T>,
    list: Vec<T>,
}

impl<T> Default for AllDefault<T> {
    fn default() -> AllDefault<T> {
        AllDefault { value: None, list: Vec::new() }
    }
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct AnyMap<M> {
    id: u8,
    #[serde(flatten)]
    others: M,
}

#[test]
fn generic_entities() {
    check::<Unread<Computed>>(&["value: ReadOnly"], "");
    check::<OfAnyInput<String>>(&["value"], "");
    check::<AllDefault<String>>(&["value", "list"], "");
    check::<AnyMap<Map<String, Value>>>(&["id"], "rest: Kept, in others");
    check::<Page<Address>>(&["items: Elements { of: Object, by: None }", "total"], "");
    check::<Page<Option<Page<Phone>>>>(&["items: Elements { of: Object, by: None }", "total"], "");
    check::<Pair<u8, String>>(&["first", "second"], "");
    check::<Identified<Internal>>(&["id: key"], "");
    check::<Shouting<String>>(&["word"], "");
    check::<Owned<'static>>(&["text"], "rest: Kept, in others");
    check::<Flat<Value>>(&[], "rest: Open, in others, its values are read");
    check::<Sized4<String, 0>>(&["name", "pages: Object"], "");
    assert_eq!(Internal::NAME, "internal");
}

#[test]
fn names_that_generated_code_might_use() {
    #[allow(non_camel_case_types, non_snake_case, reason = "the names that generated code might use")]
    mod hygiene {
        use super::*;

        // What the derive writes must not mean these.
        #[derive(Clone, Serialize, Deserialize)]
        pub struct Table;
        #[derive(Clone, Serialize, Deserialize)]
        pub struct Row;
        pub type Box = Table;
        #[derive(Clone, Serialize, Deserialize)]
        pub struct Access;

        entities! {
            pub struct Names {
                table: Table,
                row: Row,
                boxed: Box,
                access: Access,
                from: u8,
                json: u8,
                keep: u8,
                adopt: u8,
                r#self_: u8,
                r#match: u8,
                __entity: u8,
                __row: u8,
                __from: u8,
                #[entity(nested)]
                nested: Address,
                Some: u8,
                None: u8,
            }
        }
    }
    check::<hygiene::Names>(
        &[
            "table",
            "row",
            "boxed",
            "access",
            "from",
            "json",
            "keep",
            "adopt",
            "self_",
            "match",
            "__entity",
            "__row",
            "__from",
            "nested: Object",
            "Some",
            "None",
        ],
        "",
    );
}

mod reexported {
    pub mod inner {
        pub use entity_patch as patches;
        pub use serde as other_serde;
    }
}

#[test]
fn crates_by_another_name() {
    use reexported::inner::{other_serde, patches};

    #[derive(Clone, other_serde::Serialize, other_serde::Deserialize, patches::Entity)]
    #[serde(crate = "reexported::inner::other_serde")]
    #[entity(crate = "reexported::inner::patches")]
    struct Elsewhere {
        #[entity(nested)]
        address: Address,
        #[entity(message)]
        name: String,
    }
    check::<Elsewhere>(&["address: Object", "name"], "");
}

#[test]
fn documented_and_configured_fields() {
    #[doc = "An entity."]
    #[derive(Clone, Serialize, Deserialize, Entity)]
    #[cfg_attr(all(), serde(rename_all = "UPPERCASE"))]
    #[non_exhaustive]
    struct Configured {
        /// What it is called.
        #[cfg_attr(all(), entity(read_only))]
        name: String,
        #[cfg(any())]
        gone: NoSuchType,
        #[cfg(not(any()))]
        #[deprecated]
        there: u8,
        #[serde()]
        #[entity()]
        plain: u8,
    }
    #[allow(deprecated, reason = "the field is deprecated to see what the derive says of it")]
    let _ = |configured: Configured| configured.there;
    check::<Configured>(&["NAME: name, ReadOnly", "THERE: there", "PLAIN: plain"], "");
}

macro_rules! by_macro {
    ($name:ident, $field:ident: $nested:ty, $plain:ty, $label:literal) => {
        #[derive(Clone, Serialize, Deserialize, Entity)]
        struct $name {
            #[entity(nested)]
            $field: Vec<$nested>,
            #[serde(rename = $label)]
            other: Option<$plain>,
        }
    };
}

#[test]
fn a_struct_that_a_macro_writes() {
    by_macro!(Written, addresses: Address, String, "else");
    check::<Written>(&["addresses: Elements { of: Object, by: None }", "else: other"], "");
}
