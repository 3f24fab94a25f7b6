//! A row of a table at work: a member read as JSON, JSON written to a member, a name looked up; and what is kept about
//! the rows that a patch names.

use std::{
    any::{Any, TypeId},
    collections::{BTreeMap, HashMap},
};

use serde::{
    Serialize,
    de::{self, DeserializeOwned, IntoDeserializer, value::UnitDeserializer},
};
use serde_json::{Map, Value};

use crate::{
    date_time::DateTime,
    document::PatchErrorKind,
    entity::Entity,
    name::{self, Case, Found},
};

/// Whether a type is one of these, or an option of one.
macro_rules! kept {
    ($is:ident: $($type:ty),+) => { false $(|| $is(TypeId::of::<Option<$type>>(), TypeId::of::<$type>()))+ };
}

/// What the first name of a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// The member of this row.
    Declared(usize),
    /// A member that only a server writes.
    OutputOnly,
    Undeclared,
}

/// Looks a name up in the entity's table, and nowhere else.
pub(crate) fn resolve<E: Entity>(name: &str, case: Case) -> Result<Named, PatchErrorKind> {
    // Most names are spelt as the table spells them, and it has no two that are equal in any case.
    if let Some(row) = E::MEMBERS.iter().position(|member| member.name == name) {
        return Ok(Named::Declared(row));
    }
    match name::find(E::MEMBERS.iter().map(|member| member.name), name, case) {
        Found::At(row) => Ok(Named::Declared(row)),
        Found::Ambiguous => Err(PatchErrorKind::AmbiguousName),
        Found::Nothing => Ok(match name::find(E::OUTPUT_ONLY.iter().copied(), name, case) {
            Found::At(_) | Found::Ambiguous => Named::OutputOnly,
            Found::Nothing => Named::Undeclared,
        }),
    }
}

/// A field as JSON.
pub fn read<T: Serialize + 'static>(field: &T) -> Option<Value> {
    match any_json(field) {
        Some(value) => Some(value),
        None => serde_json::to_value(field).ok(),
    }
}

/// Sets a field from JSON; `false` if its type has no such value.
pub fn write<T: DeserializeOwned + 'static>(field: &mut T, value: Value) -> bool {
    let value = match set_any_json(field, value) {
        Ok(is_done) => return is_done,
        Err(value) => value,
    };
    match serde_json::from_value(value) {
        Ok(value) => {
            *field = value;
            true
        }
        Err(_) => false,
    }
}

/// A value as the field's type writes it, if it has such a value. The second argument only names the field.
pub fn respell<E, T: Serialize + DeserializeOwned + 'static>(value: &Value, _field: fn(&E) -> &T) -> Option<Value> {
    read(&T::deserialize(value).ok()?)
}

/// How the type of a field spells what it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// It holds JSON of these shapes as it came, whatever is inside.
    Json(Shapes),
    /// It writes whatever it reads with the same value.
    Kept,
    /// It may write something else than what it read.
    Own,
}

/// Which JSON a type takes that takes an object with any members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shapes {
    /// Objects.
    Object,
    /// Objects and null.
    ObjectOrNull,
    /// Whatever there is.
    Any,
}

/// How the type of a field spells what it reads. The argument only names the field.
pub fn spelling<E, T: 'static>(_field: fn(&E) -> &T) -> Spelling {
    let is = |types: &[TypeId]| types.contains(&TypeId::of::<T>());
    let or_null = |null: TypeId, of: TypeId| is(&[null, of]);
    if is(&[TypeId::of::<Value>(), TypeId::of::<Option<Value>>()]) {
        Spelling::Json(Shapes::Any)
    } else if is(&[TypeId::of::<Map<String, Value>>()]) {
        Spelling::Json(Shapes::Object)
    } else if is(&[TypeId::of::<Option<Map<String, Value>>>()]) {
        Spelling::Json(Shapes::ObjectOrNull)
    } else if kept!(or_null:
        String, bool, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, DateTime, Vec<String>,
        BTreeMap<String, String>, HashMap<String, String>)
    {
        Spelling::Kept
    } else {
        Spelling::Own
    }
}

/// The value of a field whose member is absent.
pub fn from_null<T: DeserializeOwned, E: de::Error>(name: &'static str) -> Result<T, E> {
    let null: UnitDeserializer<de::value::Error> = ().into_deserializer();
    T::deserialize(null).map_err(|_| E::missing_field(name))
}

/// Any JSON is taken as it is, without a detour over serde: under serde_json's `arbitrary_precision` that detour takes
/// an object whose only member has a certain name for a number.
fn any_json(field: &dyn Any) -> Option<Value> {
    if let Some(members) = field.downcast_ref::<Option<Map<String, Value>>>() {
        return Some(members.clone().map_or(Value::Null, Value::Object));
    }
    if let Some(members) = field.downcast_ref::<Map<String, Value>>() {
        return Some(Value::Object(members.clone()));
    }
    if let Some(value) = field.downcast_ref::<Option<Value>>() {
        return Some(value.clone().unwrap_or_default());
    }
    field.downcast_ref::<Value>().cloned()
}

/// As [`any_json`]: whether the field could be set, or the value if the field is of another type.
fn set_any_json(field: &mut dyn Any, value: Value) -> Result<bool, Value> {
    if let Some(members) = field.downcast_mut::<Option<Map<String, Value>>>() {
        match value {
            Value::Object(object) => *members = Some(object),
            Value::Null => *members = None,
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => return Ok(false),
        }
        return Ok(true);
    }
    if let Some(members) = field.downcast_mut::<Map<String, Value>>() {
        let Value::Object(object) = value else { return Ok(false) };
        *members = object;
        return Ok(true);
    }
    if let Some(field) = field.downcast_mut::<Option<Value>>() {
        *field = Some(value).filter(|value| !value.is_null());
        return Ok(true);
    }
    if let Some(field) = field.downcast_mut::<Value>() {
        *field = value;
        return Ok(true);
    }
    Err(value)
}

/// What is kept about some of the rows of a table. A patch names few of them.
pub(super) struct Rows<T> {
    /// By the row.
    kept: Vec<(usize, T)>,
}

impl<T> Rows<T> {
    pub(super) fn new() -> Rows<T> {
        Rows { kept: Vec::new() }
    }

    pub(super) fn get(&self, row: usize) -> Option<&T> {
        let place = self.place(row).ok()?;
        Some(&self.kept[place].1)
    }

    pub(super) fn get_mut(&mut self, row: usize) -> Option<&mut T> {
        let place = self.place(row).ok()?;
        Some(&mut self.kept[place].1)
    }

    /// Keeps something about a row, in place of what was kept.
    pub(super) fn insert(&mut self, row: usize, item: T) -> &mut T {
        let place = match self.place(row) {
            Ok(place) => {
                self.kept[place].1 = item;
                place
            }
            Err(place) => {
                self.kept.insert(place, (row, item));
                place
            }
        };
        &mut self.kept[place].1
    }

    fn place(&self, row: usize) -> Result<usize, usize> {
        self.kept.binary_search_by_key(&row, |(row, _)| *row)
    }
}

impl<T> IntoIterator for Rows<T> {
    type Item = (usize, T);
    type IntoIter = std::vec::IntoIter<(usize, T)>;

    /// In the order of the table.
    fn into_iter(self) -> Self::IntoIter {
        self.kept.into_iter()
    }
}
