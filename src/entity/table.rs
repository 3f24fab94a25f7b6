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
    document::PatchErrorKind,
    entity::Entity,
    json::{
        name::{self, Case, Found},
        value,
    },
    superoffice::date_time::DateTime,
};

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
    let folded = match case {
        Case::Exact => Found::Nothing,
        Case::Folded => name::find_folded(E::MEMBERS.iter().map(|member| member.name), name),
    };
    match folded {
        Found::At(row) => Ok(Named::Declared(row)),
        Found::Ambiguous => Err(PatchErrorKind::AmbiguousName),
        Found::Nothing => Ok(match name::find(E::OUTPUT_ONLY.iter().copied(), name, case) {
            Found::At(_) | Found::Ambiguous => Named::OutputOnly,
            Found::Nothing => Named::Undeclared,
        }),
    }
}

/// What a row knows about its field: the functions below, for the field's type.
pub struct Field<E> {
    /// As [`read`].
    pub read: fn(&E) -> Option<Value>,
    /// As [`write()`].
    pub write: fn(&mut E, Value) -> bool,
    /// As [`equals`].
    pub equals: fn(&E, &Value) -> bool,
    /// As [`respell`].
    pub respell: fn(&Value) -> Option<Value>,
    /// As [`spelling`].
    pub spelling: fn() -> Spelling,
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

/// Whether a field is equal to a value. The types that are most used are not read as JSON for that.
pub fn equals<T: Serialize + 'static>(field: &T, value: &Value) -> bool {
    let any: &dyn Any = field;
    if let Some(field) = or_null::<String>(any) {
        return field.map_or(value.is_null(), |string| value.as_str() == Some(string));
    }
    if let Some(field) = or_null::<Vec<String>>(any) {
        return field.map_or(value.is_null(), |strings| {
            let texts = value.as_array().filter(|elements| elements.len() == strings.len());
            texts.is_some_and(|texts| texts.iter().zip(strings).all(|(text, string)| text.as_str() == Some(string)))
        });
    }
    if let Some(field) = or_null::<BTreeMap<String, String>>(any) {
        return field.map_or(value.is_null(), |strings| {
            let texts = value.as_object().filter(|members| members.len() == strings.len());
            let is_there = |texts: &Map<String, Value>, (name, string): (&String, &String)| {
                texts.get(name).is_some_and(|text| text.as_str() == Some(string))
            };
            texts.is_some_and(|texts| strings.iter().all(|named| is_there(texts, named)))
        });
    }
    if let Some(field) = or_null::<Map<String, Value>>(any) {
        return field.map_or(value.is_null(), |members| {
            let others = value.as_object().filter(|others| others.len() == members.len());
            let is_there = |others: &Map<String, Value>, (name, member): (&String, &Value)| {
                others.get(name).is_some_and(|other| value::equal(member, other))
            };
            others.is_some_and(|others| members.iter().all(|named| is_there(others, named)))
        });
    }
    read(field).is_some_and(|field| value::equal(&field, value))
}

/// The field, if it is of this type or an option of it; inside, `None` is null.
fn or_null<T: 'static>(field: &dyn Any) -> Option<Option<&T>> {
    match field.downcast_ref::<Option<T>>() {
        Some(field) => Some(field.as_ref()),
        None => field.downcast_ref::<T>().map(Some),
    }
}

/// A value as the field's type writes it, if it has such a value. The second argument only names the field.
pub fn respell<E, T: Serialize + DeserializeOwned + 'static>(value: &Value, _field: fn(&E) -> &T) -> Option<Value> {
    read(&T::deserialize(value).ok()?)
}

/// How the type of a field spells what it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// It takes whatever has this shape, or is null, and writes it with the same value.
    Shaped(Shape),
    /// It writes whatever it takes with the same value.
    Kept,
    /// It may write something else than what it read.
    Own,
}

/// What the types that are most used take, besides null if they are options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub(super) kind: ShapeKind,
    pub(super) or_null: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShapeKind {
    /// Any JSON there is.
    Any,
    /// An object with any members.
    Object,
    String,
    /// An array of strings.
    Strings,
    /// An object whose members are strings.
    NamedStrings,
}

/// How the type of a field spells what it reads. The argument only names the field.
pub fn spelling<E, T: 'static>(_field: fn(&E) -> &T) -> Spelling {
    shape::<T, Value>(ShapeKind::Any)
        .or_else(|| shape::<T, Map<String, Value>>(ShapeKind::Object))
        .or_else(|| shape::<T, String>(ShapeKind::String))
        .or_else(|| shape::<T, Vec<String>>(ShapeKind::Strings))
        .or_else(|| shape::<T, BTreeMap<String, String>>(ShapeKind::NamedStrings))
        .or_else(|| shape::<T, HashMap<String, String>>(ShapeKind::NamedStrings))
        .map_or_else(|| if is_kept::<T>() { Spelling::Kept } else { Spelling::Own }, Spelling::Shaped)
}

/// The shape of what a type takes, if it is `U` or an option of it.
fn shape<T: 'static, U: 'static>(kind: ShapeKind) -> Option<Shape> {
    let or_null = TypeId::of::<T>() == TypeId::of::<Option<U>>();
    (or_null || TypeId::of::<T>() == TypeId::of::<U>()).then_some(Shape { kind, or_null })
}

/// Whether a type is known to write whatever it takes with the same value.
fn is_kept<T: 'static>() -> bool {
    fn is<T: 'static, U: 'static>() -> bool {
        shape::<T, U>(ShapeKind::Any).is_some()
    }
    is::<T, bool>()
        || is::<T, i8>()
        || is::<T, i16>()
        || is::<T, i32>()
        || is::<T, i64>()
        || is::<T, isize>()
        || is::<T, u8>()
        || is::<T, u16>()
        || is::<T, u32>()
        || is::<T, u64>()
        || is::<T, usize>()
        || is::<T, DateTime>()
}

/// The value of a field whose member is absent.
pub fn from_null<T: DeserializeOwned, E: de::Error>(name: &'static str) -> Result<T, E> {
    let null: UnitDeserializer<de::value::Error> = ().into_deserializer();
    T::deserialize(null).map_err(|_| E::missing_field(name))
}

/// Any JSON is taken as it is, without a detour over serde: under serde_json's `arbitrary_precision` that detour takes
/// an object whose only member has a certain name for a number.
fn any_json(field: &dyn Any) -> Option<Value> {
    if let Some(members) = or_null::<Map<String, Value>>(field) {
        return Some(members.map_or(Value::Null, |members| Value::Object(members.clone())));
    }
    or_null::<Value>(field).map(|value| value.cloned().unwrap_or_default())
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
