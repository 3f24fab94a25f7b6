//! JSON Schemas of what clients send and are answered, for the crates `schemars` and `utoipa`.
//!
//! [`JsonPatchOf`] and [`MergePatchOf`] describe the bodies that an entity takes: its table says which members they may
//! name, its types say which values they take. [`Patch`](crate::Patch), [`Operation`](crate::Operation),
//! [`MergePatch`](crate::MergePatch), [`Pointer`](crate::Pointer) and [`ProblemDetails`](crate::http::ProblemDetails)
//! are described for any document. All of it is about [`Dialect::RFC`](crate::Dialect::RFC).
//!
#![cfg_attr(all(feature = "derive", feature = "schemars"), doc = "```")]
#![cfg_attr(not(all(feature = "derive", feature = "schemars")), doc = "```ignore")]
//! use entity_patch::{Entity, schema::MergePatchOf};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Clone, Serialize, Deserialize, Entity)]
//! struct User {
//!     #[entity(read_only, key)]
//!     id: u64,
//!     name: String,
//!     nick: Option<String>,
//! }
//!
//! let schema = schemars::schema_for!(MergePatchOf<User>).to_value();
//! assert_eq!(
//!     schema["properties"],
//!     serde_json::json!({"name": {"type": "string"}, "nick": {"type": ["string", "null"]}}),
//! );
//! ```
//!
//! The macros of `utoipa` ask more of a type with a parameter than that it has a schema. An alias has none: `type UserPatch
//! = JsonPatchOf<User>;`, and then `request_body = UserPatch`. The components of a document of `utoipa` are told apart by
//! their names alone, so that two entities of one name in it, from two modules, get the schemas of one of them.
//!
//! # What a schema says
//!
//! A body that names only writable members, by the names of the tables and not by aliases, and that the crate takes for
//! an entity that its types read, has the schema. A body that has the schema is not refused for its shape. It may be
//! refused for what is stored (a `test` that fails, an element that is not there, a read-only member that an array
//! written as a whole leaves out), and for what a schema of a table does not say:
//!
//! - A type of which only serde knows what it takes (an enum, a date, a struct without a table, a float) has any JSON.
//! - `1.0`, `1e2` and `-0` are integers to JSON Schema, and none to an integer type of Rust.
//! - The body does not show what `move` and `copy` carry, or that a `move` takes away a member that has to stay.
//! - A new object whose read-only or hidden members have no default is never complete: a client cannot send them.
//! - A table with a flattened map takes any other name: in a `test`, and in what is written where the map is `open`. The
//!   read-only and hidden names of such a table are among them, since the schema does not tell them.
//! - Where many entities contain each other, a path is only known to be made of their members.
//!
//! A JSON Patch is described as if the entity had to be valid after each of its operations. The crate looks at the entity
//! after the last one, so that it also takes a patch that removes what it puts back.

/// Calls a macro with each type that has a schema, and its parameter.
macro_rules! for_each_type {
    ($implement:ident) => {
        $implement! {
            crate::Pointer where {},
            crate::Operation where {},
            crate::Patch where {},
            crate::MergePatch where {},
            crate::http::ProblemDetails where {},
            crate::schema::JsonPatchOf<E> where {E},
            crate::schema::MergePatchOf<E> where {E},
        }
    };
}

mod bodies;
mod members;
mod operations;
mod routes;
#[cfg(feature = "schemars")]
mod schemars;
#[cfg(feature = "utoipa")]
mod utoipa;

use std::{any::type_name, fmt, marker::PhantomData};

use serde_json::Value;

/// The JSON Patches that a client may send for an entity: their paths lead to what it may write, or look at in a `test`
/// and as the `from` of a `copy`.
pub struct JsonPatchOf<E>(PhantomData<fn() -> E>);

/// The merge patches that a client may send for an entity: the members that it may write, each optional, and null where
/// null removes something.
pub struct MergePatchOf<E>(PhantomData<fn() -> E>);

impl<E> fmt::Debug for JsonPatchOf<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JsonPatchOf")
    }
}

impl<E> fmt::Debug for MergePatchOf<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MergePatchOf")
    }
}

/// A type that has a schema.
trait Described {
    /// What the schema is called, where others refer to it.
    fn name() -> String;

    /// The schema. Every part of it has a `type`, an `anyOf` or a `$ref`: `utoipa` takes no others.
    fn describe(definitions: &mut Definitions) -> Value;
}

/// Schemas that others refer to.
struct Definitions {
    /// What a reference begins with: `#/$defs/`.
    home: String,
    list: Vec<(String, Value)>,
}

impl Definitions {
    fn new(home: impl Into<String>) -> Definitions {
        Definitions { home: home.into(), list: Vec::new() }
    }

    /// A reference to a schema by its name.
    fn reference(&self, name: &str) -> Value {
        serde_json::json!({"$ref": format!("{}{name}", self.home)})
    }

    /// A reference to the schema of a type, which is defined with it: no description asks for one type twice.
    fn of<T: Described>(&mut self) -> Value {
        let (name, schema) = (T::name(), T::describe(self));
        let reference = self.reference(&name);
        self.list.push((name, schema));
        reference
    }
}

/// The name of a type without the modules that it is in: `Page_User` for `api::Page<api::User>`.
fn short_name<E>() -> String {
    let words = type_name::<E>().split(|character: char| !(character.is_alphanumeric() || "_:".contains(character)));
    let last = words.map(|word| word.rsplit(':').next().unwrap_or_default()).filter(|word| !word.is_empty());
    escaped(&last.collect::<Vec<_>>().join("_"))
}

/// What the name of a definition may hold (OpenAPI 3.1, components).
fn escaped(name: &str) -> String {
    name.chars()
        .map(|character| if character.is_ascii_alphanumeric() || character == '-' { character } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_the_type_without_modules() {
        assert_eq!(short_name::<Definitions>(), "Definitions");
        assert_eq!(short_name::<Option<Vec<crate::Pointer>>>(), "Option_Vec_Pointer");
        assert_eq!(short_name::<(u8, [bool; 2])>(), "u8_bool_2");
        struct Größe;
        assert_eq!(short_name::<Option<Größe>>(), "Option_Gr__e");
    }
}
