//! What an entity declares: its members, in the order in which they are written, and which of them a client may write.
//!
//! `patch` applies a patch to an entity: `session` has the rules, over the few questions that they ask of the members;
//! `tree` answers them for an entity, `text` for a stored one. The macro [`entity!`](crate::entity!) writes the table
//! and all that follows from it.

mod patch;
mod session;
pub(crate) mod table;
mod text;
mod tree;

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use self::table::Spelling;
pub(crate) use patch::patch_text;
pub use patch::{Patched, PatchedJson, patch, patch_stored};

#[doc(hidden)]
pub mod __private {
    //! What the macro `entity!` expands to.

    pub use serde::{
        Deserialize, Deserializer, Serialize, Serializer,
        de::{Error, IgnoredAny, IntoDeserializer, MapAccess, Visitor},
        ser::SerializeMap,
    };

    pub use super::table::{Field, Spelling, equals, from_null, read, respell, spelling, write};
}

/// An entity that can be patched: a type with a table of its members.
///
/// [`entity!`](crate::entity!) implements it, with `Serialize` and `Deserialize`, from one row a member.
pub trait Entity: Clone + Serialize + DeserializeOwned + 'static {
    /// The declared members, in the order in which they are written. No two names are equal under case folding.
    const MEMBERS: &'static [Member<Self>];

    /// Members that a server adds to its responses. In a body they are skipped, and always reported in `ignored`.
    const OUTPUT_ONLY: &'static [&'static str] = &[];

    /// Whether the entity keeps the members that it does not declare, and writes them back.
    const KEEPS_UNDECLARED: bool = false;

    /// Members that were read and are not declared. No patch can write them; one that is sent with the value that is
    /// stored is no write.
    fn undeclared(&self) -> Option<&Map<String, Value>> {
        None
    }
}

/// Whether a client may write a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// A write through any path is refused unless it leaves the value equal.
    ReadOnly,
    /// Any value of the member's type can be written.
    Writable,
}

/// A row of an entity's table: a declared member.
pub struct Member<E> {
    pub(crate) name: &'static str,
    pub(crate) access: Access,
    pub(crate) read: fn(&E) -> Option<Value>,
    pub(crate) write: fn(&mut E, Value) -> bool,
    pub(crate) equals: fn(&E, &Value) -> bool,
    /// A value as the member's type writes it.
    pub(crate) respell: fn(&Value) -> Option<Value>,
    pub(crate) spelling: fn() -> Spelling,
    /// Whether what is written is at once spelt as the type writes it.
    pub(crate) is_respelt: bool,
}

impl<E> Member<E> {
    /// For the macro `entity!`. What is written is at once spelt as the field's type writes it if it `is_respelt`.
    #[doc(hidden)]
    pub const fn new(name: &'static str, access: Access, is_respelt: bool, field: __private::Field<E>) -> Member<E> {
        let __private::Field { read, write, equals, respell, spelling } = field;
        Member { name, access, read, write, equals, respell, spelling, is_respelt }
    }

    /// The member's name, as it is written.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether a client may write it.
    pub fn access(&self) -> Access {
        self.access
    }
}

impl<E> fmt::Debug for Member<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Member").field("name", &self.name).field("access", &self.access).finish_non_exhaustive()
    }
}

/// Makes an entity of a struct: implements [`Entity`], `Serialize` and `Deserialize` from a table of its members.
///
/// A row is the member's name in JSON, the field, and what a client may do with it:
///
/// - `read_only`: write nothing else than the value that is there;
/// - `writable`: write any value that the field's type can be deserialised from;
/// - `respelt`: the same, and what is written is at once spelt as the field's type serialises it, so that a `test` and
///   `changed` compare one spelling. It is for types that are read from more than one spelling, such as an
///   enumeration that is read in any case.
///
/// Every member is always written, in the order of the table, null where a field is `None`; one that is absent reads
/// as null. Where the field's type has no null, as `i32` has none, an entity without the member cannot be read, and
/// removing the member or setting it to null is `invalid-value`.
///
/// Two rows are optional, in this order: `..field` is a `serde_json::Map<String, Value>` that keeps what the table does
/// not know and writes it back after the declared members; without it, such members are lost when an entity is read.
/// `output_only: ["_Links"]` names members that a server adds to its responses.
///
/// ```
/// use entity_patch::{Dialect, Format, PatchDocument, entity, patch};
///
/// #[derive(Clone, Debug, PartialEq)]
/// struct Contact {
///     contact_id: i32,
///     name: Option<String>,
///     phones: Option<Vec<String>>,
/// }
///
/// entity! { Contact {
///     "ContactId" => contact_id: read_only,
///     "Name" => name: writable,
///     "Phones" => phones: writable,
/// } }
///
/// let contact = Contact { contact_id: 7, name: Some("old".into()), phones: None };
/// let body = br#"{"name": "new", "ContactId": 7}"#;
/// let document = PatchDocument::parse(body, Format::ByShape, &Dialect::SUPEROFFICE)?;
/// let patched = patch(&contact, &document, &Dialect::SUPEROFFICE)?;
/// assert_eq!(patched.entity.name.as_deref(), Some("new"));
/// assert_eq!(patched.changed, ["Name"]);
/// # Ok::<(), entity_patch::Error>(())
/// ```
#[macro_export]
macro_rules! entity {
    ($entity:ident {
        $($name:literal => $field:ident: $access:ident),+
        $(, ..$undeclared:ident)?
        $(, output_only: [$($output_only:literal),* $(,)?])?
        $(,)?
    }) => {
        impl $crate::Entity for $entity {
            const MEMBERS: &'static [$crate::Member<Self>] = &[$($crate::__entity_member!($name, $field, $access)),+];
            const OUTPUT_ONLY: &'static [&'static str] = &[$($($output_only),*)?];

            $(
            const KEEPS_UNDECLARED: bool = true;

            fn undeclared(&self) -> ::core::option::Option<&$crate::Members> {
                ::core::option::Option::Some(&self.$undeclared)
            }
            )?
        }

        impl $crate::__private::Serialize for $entity {
            fn serialize<S: $crate::__private::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                use $crate::__private::SerializeMap as _;
                let mut map = serializer.serialize_map(::core::option::Option::None)?;
                $(map.serialize_entry($name, &self.$field)?;)+
                $(for (name, value) in &self.$undeclared {
                    map.serialize_entry(name, value)?;
                })?
                map.end()
            }
        }

        impl<'de> $crate::__private::Deserialize<'de> for $entity {
            fn deserialize<D: $crate::__private::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                struct EntityVisitor;

                impl<'de> $crate::__private::Visitor<'de> for EntityVisitor {
                    type Value = $entity;

                    fn expecting(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        const EXPECTED: &str =
                            ::core::concat!("an object with the members of ", ::core::stringify!($entity));
                        formatter.write_str(EXPECTED)
                    }

                    fn visit_map<A: $crate::__private::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> ::core::result::Result<$entity, A::Error> {
                        use $crate::__private::Error as _;
                        $(let mut $field = ::core::option::Option::None;)+
                        $(let mut $undeclared = $crate::Members::new();)?
                        while let ::core::option::Option::Some(name) = map.next_key::<::std::string::String>()? {
                            match name.as_str() {
                                $($name => {
                                    if $field.replace(map.next_value()?).is_some() {
                                        return ::core::result::Result::Err(A::Error::duplicate_field($name));
                                    }
                                })+
                                $($($output_only)|* => {
                                    map.next_value::<$crate::__private::IgnoredAny>()?;
                                })?
                                _ => $crate::__entity_undeclared!(map, name $(, $undeclared)?),
                            }
                        }
                        ::core::result::Result::Ok($entity {
                            $($field: match $field {
                                ::core::option::Option::Some(value) => value,
                                ::core::option::Option::None => $crate::__private::from_null($name)?,
                            },)+
                            $($undeclared,)?
                        })
                    }
                }

                deserializer.deserialize_map(EntityVisitor)
            }
        }
    };
}

/// Reads the value of a member that the table does not know: to keep it by its name, where there is a field for that.
#[doc(hidden)]
#[macro_export]
macro_rules! __entity_undeclared {
    ($map:ident, $name:ident) => {{
        $map.next_value::<$crate::__private::IgnoredAny>()?;
    }};
    ($map:ident, $name:ident, $undeclared:ident) => {{
        $undeclared.insert($name, $map.next_value()?);
    }};
}

/// One row of a table; the last word is what a client may do with the member.
#[doc(hidden)]
#[macro_export]
macro_rules! __entity_member {
    ($name:literal, $field:ident, read_only) => {
        $crate::__entity_member!(@row $name, $field, $crate::Access::ReadOnly, false)
    };
    ($name:literal, $field:ident, writable) => {
        $crate::__entity_member!(@row $name, $field, $crate::Access::Writable, false)
    };
    ($name:literal, $field:ident, respelt) => {
        $crate::__entity_member!(@row $name, $field, $crate::Access::Writable, true)
    };
    (@row $name:literal, $field:ident, $access:expr, $is_respelt:expr) => {
        $crate::Member::new(
            $name,
            $access,
            $is_respelt,
            $crate::__private::Field {
                read: |entity: &Self| $crate::__private::read(&entity.$field),
                write: |entity: &mut Self, value| $crate::__private::write(&mut entity.$field, value),
                equals: |entity: &Self, value| $crate::__private::equals(&entity.$field, value),
                respell: |value| $crate::__private::respell(value, |entity: &Self| &entity.$field),
                spelling: || $crate::__private::spelling(|entity: &Self| &entity.$field),
            },
        )
    };
}
