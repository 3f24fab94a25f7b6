//! Entities, what may contain them, and what the derive asks of a field's type at compile time.

use std::{
    collections::{BTreeMap, HashMap},
    hash::BuildHasher,
    marker::PhantomData,
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::entity::{
    shape::{Shape, ShapeKind},
    table::{Inside, Table},
};

/// A type that a client can change by a PATCH: its table says what may be written, its serde implementations say what is
/// valid.
///
/// `#[derive(Entity)]` implements it beside `Serialize` and `Deserialize`.
pub trait Entity: Clone + Serialize + DeserializeOwned {
    /// The table, where the derive wrote it: it can be looked into at compile time.
    #[doc(hidden)]
    const TABLE: Option<&'static Table> = None;

    /// The members that the entity declares.
    fn table() -> &'static Table;

    /// Takes the field of a row from another value of the type, which gets the old one. The row after the last one is
    /// that of a flattened map. Fields inside a nested entity that serde skips stay what they are.
    fn adopt(&mut self, row: usize, from: &mut Self);

    /// Takes the fields that serde skips from the value that was here before.
    #[doc(hidden)]
    fn keep(&mut self, _before: &mut Self) {}

    /// Reads the field of a row from JSON, which spares reading the whole entity: whether its type takes it. `None` where
    /// the field cannot be read by itself.
    #[doc(hidden)]
    fn adopt_json(&mut self, _row: usize, _json: &[u8]) -> Option<bool> {
        None
    }
}

impl<E: Entity> Entity for Box<E> {
    const TABLE: Option<&'static Table> = E::TABLE;

    fn table() -> &'static Table {
        E::table()
    }

    fn adopt(&mut self, row: usize, from: &mut Self) {
        E::adopt(self, row, from);
    }

    fn keep(&mut self, before: &mut Self) {
        E::keep(self, before);
    }

    fn adopt_json(&mut self, row: usize, json: &[u8]) -> Option<bool> {
        E::adopt_json(self, row, json)
    }
}

/// Names the member by which the elements of an array are matched.
pub trait Key {
    /// In JSON.
    const NAME: Option<&'static str>;
}

/// Elements have no key.
#[allow(
    clippy::exhaustive_structs,
    reason = "only the code that the derive writes names it, and that is of the same version"
)]
pub struct ByPosition;

impl Key for ByPosition {
    const NAME: Option<&'static str> = None;
}

/// A type that `#[entity(nested)]` may be on: an entity, or a container of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity, and contains none that `nested` can see",
    label = "`nested` needs an entity, or an `Option`, `Vec`, `Box` or map by `String` of one",
    note = "derive `Entity` for it, or remove `nested`; a field that holds an entity in another way says `opaque`"
)]
pub trait Nested<K> {
    /// What governs a value of this type.
    const INSIDE: Inside;

    /// The table of the entity, where the derive wrote it.
    const TABLE: Option<&'static Table>;

    /// Takes the fields that serde skips from the value that was here before, where the type is a single entity.
    fn keep(&mut self, _before: &mut Self) {}
}

// An error is about the field's type and what `nested` takes, not about all entities that there are.
#[diagnostic::do_not_recommend]
impl<K, E: Entity> Nested<K> for E {
    const INSIDE: Inside = Inside::Object(E::table);
    const TABLE: Option<&'static Table> = E::TABLE;

    fn keep(&mut self, before: &mut E) {
        E::keep(self, before);
    }
}

impl<K, T: Nested<K>> Nested<K> for Option<T> {
    const INSIDE: Inside = T::INSIDE;
    const TABLE: Option<&'static Table> = T::TABLE;

    fn keep(&mut self, before: &mut Option<T>) {
        if let (Some(new), Some(before)) = (self, before) {
            new.keep(before);
        }
    }
}

impl<K: Key, T: Nested<K>> Nested<K> for Vec<T> {
    const INSIDE: Inside = Inside::Elements { of: &T::INSIDE, by: K::NAME };
    const TABLE: Option<&'static Table> = T::TABLE;
}

impl<K, T: Nested<K>> Nested<K> for BTreeMap<String, T> {
    const INSIDE: Inside = Inside::Values { of: &T::INSIDE };
    const TABLE: Option<&'static Table> = T::TABLE;
}

impl<K, T: Nested<K>, S: BuildHasher> Nested<K> for HashMap<String, T, S> {
    const INSIDE: Inside = Inside::Values { of: &T::INSIDE };
    const TABLE: Option<&'static Table> = T::TABLE;
}

/// Asks at compile time what is known of a type: an inherent constant where a trait is implemented, else that of
/// [`Fallback`].
pub struct Probe<T: ?Sized>(PhantomData<T>);

/// A type whose JSON is recognised without asking serde.
pub trait Shaped {
    /// What its JSON is.
    const SHAPE: Shape;
}

/// Implements [`Shaped`] for each type.
macro_rules! shaped {
    ($($type:ty: $kind:expr,)*) => {
        $(impl Shaped for $type {
            const SHAPE: Shape = Shape::new($kind);
        })*
    };
}

shaped! {
    Value: ShapeKind::Any,
    bool: ShapeKind::Boolean,
    String: ShapeKind::String,
    Map<String, Value>: ShapeKind::Object(&Value::SHAPE),
    i8: ShapeKind::integer(i8::MIN as i128, i8::MAX as i128),
    i16: ShapeKind::integer(i16::MIN as i128, i16::MAX as i128),
    i32: ShapeKind::integer(i32::MIN as i128, i32::MAX as i128),
    i64: ShapeKind::integer(i64::MIN as i128, i64::MAX as i128),
    isize: ShapeKind::integer(isize::MIN as i128, isize::MAX as i128),
    u8: ShapeKind::integer(0, u8::MAX as i128),
    u16: ShapeKind::integer(0, u16::MAX as i128),
    u32: ShapeKind::integer(0, u32::MAX as i128),
    u64: ShapeKind::integer(0, u64::MAX as i128),
    usize: ShapeKind::integer(0, usize::MAX as i128),
}

impl<T: Shaped> Shaped for Option<T> {
    const SHAPE: Shape = T::SHAPE.or_null();
}

impl<T: Shaped> Shaped for Vec<T> {
    const SHAPE: Shape = Shape::new(ShapeKind::Array(&T::SHAPE));
}

impl<T: Shaped> Shaped for BTreeMap<String, T> {
    const SHAPE: Shape = Shape::new(ShapeKind::Object(&T::SHAPE));
}

impl<T: Shaped, S: BuildHasher> Shaped for HashMap<String, T, S> {
    const SHAPE: Shape = Shape::new(ShapeKind::Object(&T::SHAPE));
}

impl<T: Shaped> Probe<T> {
    /// What the JSON of the type is.
    pub const SHAPE: Shape = T::SHAPE;
}

/// What holds for any other type.
pub trait Fallback {
    /// Only serde knows.
    const SHAPE: Shape = Shape::GENERAL;
    /// As far as the derive can see.
    const HOLDS_ENTITY: bool = false;
    /// It cannot be flattened.
    const IS_MAP: bool = false;
}

impl<T: ?Sized> Fallback for Probe<T> {}
