//! A row of a table at work: a member read as JSON, JSON written to a member, a name looked up.

use std::any::Any;

use serde::{
    Serialize,
    de::{self, DeserializeOwned, IntoDeserializer, value::UnitDeserializer},
};
use serde_json::{Map, Value};

use crate::{
    document::PatchErrorKind,
    entity::Entity,
    name::{self, Case, Found},
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
    if let Some(field) = field.downcast_mut::<Value>() {
        *field = value;
        return Ok(true);
    }
    Err(value)
}
