//! What of an entity a client may see: what the tables declare and do not hide, and what a flattened map keeps.

use std::fmt;

use serde::{Serialize, Serializer, ser::Error as _};

use crate::{
    document::PatchErrorKind,
    entity::{
        nested::Entity,
        policy::Policy,
        table::{Inside, Row, Table},
    },
    error::{TargetError, TargetProblem},
    json::tape::Kind,
    patch::pointer::Pointer,
    text::{self, Slot, Text, Version},
};

/// The JSON of a stored entity that a client may see: what its tables declare, and what a flattened map keeps. Every
/// occurrence of a hidden member is left out, at every depth. What stays keeps its bytes.
///
/// # Errors
///
/// 500 `malformed-target`: the stored text is not a JSON object.
pub fn visible<E: Entity>(stored: &[u8]) -> Result<Vec<u8>, TargetError> {
    Ok(pruned::<E>(stored)?.to_json())
}

/// As [`visible`], for one caller: without what [`Policy::may_read`] refuses, at any depth.
///
/// ```
/// # #[cfg(feature = "superoffice")] {
/// use entity_patch::{Pointer, Policy, superoffice::Webhook, visible_to};
///
/// struct Guest;
///
/// impl Policy<Webhook> for Guest {
///     fn may_read(&self, path: &Pointer) -> bool {
///         path.as_str() != "/Headers/X-Key"
///     }
/// }
///
/// let stored = br#"{"WebhookId": 7, "Headers": {"X-Key": "hush", "X-Two": "2"}}"#;
/// let shown = visible_to::<Webhook>(stored, &Guest)?;
/// assert_eq!(String::from_utf8_lossy(&shown), r#"{"WebhookId": 7, "Headers": {"X-Two": "2"}}"#);
/// # }
/// # Ok::<(), entity_patch::TargetError>(())
/// ```
///
/// # Errors
///
/// As [`visible`].
pub fn visible_to<E: Entity>(stored: &[u8], policy: &(impl Policy<E> + ?Sized)) -> Result<Vec<u8>, TargetError> {
    let mut text = pruned::<E>(stored)?;
    let root = text.now(text.root());
    let mut withholding = Withholding { text: &mut text, may_read: &|path| policy.may_read(path), path: Pointer::ROOT };
    withholding.below(Inside::Object(E::table), root).map_err(|_| TargetProblem::TooLarge)?;
    Ok(text.to_json())
}

fn pruned<E: Entity>(stored: &[u8]) -> Result<Text<'_>, TargetError> {
    let mut text = text::open_alone(stored, "", usize::MAX)?;
    let root = text.now(text.root());
    if text.kind_of(root) != Kind::Object {
        return Err(TargetProblem::NotAnObject.into());
    }
    prune(&mut text, Inside::Object(E::table), root).map_err(|_| TargetProblem::TooLarge)?;
    Ok(text)
}

/// An entity as a client may see it: it is serialised as [`visible`] shows its JSON. `Debug` shows nothing of it.
#[allow(clippy::exhaustive_structs, reason = "it wraps one value, and always will")]
pub struct Visible<'a, E>(pub &'a E);

impl<E> fmt::Debug for Visible<'_, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Visible").finish_non_exhaustive()
    }
}

impl<E: Entity> Serialize for Visible<'_, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = serde_json::to_vec(self.0).map_err(S::Error::custom)?;
        let shown = visible::<E>(&stored).map_err(S::Error::custom)?;
        let value: serde_json::Value = serde_json::from_slice(&shown).map_err(S::Error::custom)?;
        value.serialize(serializer)
    }
}

/// Removes what a client may not see from a value that `inside` governs. Returns whether there was any.
pub(super) fn prune(text: &mut Text<'_>, inside: Inside, value: Version) -> Result<bool, PatchErrorKind> {
    let is_pruned = match (inside, text.kind_of(value)) {
        (Inside::Object(table), Kind::Object) => prune_members(text, table(), value)?,
        (Inside::Elements { of, .. }, Kind::Array) | (Inside::Values { of }, Kind::Object) => {
            let mut is_pruned = false;
            for slot in text.slots_of(value)? {
                is_pruned |= prune(text, *of, text.now(slot))?;
            }
            is_pruned
        }
        // Which of its parts are hidden is not known here.
        (inside, kind @ (Kind::Object | Kind::Array)) if !inside.fits(kind) => {
            let slots = text.slots_of(value)?;
            let is_pruned = slots.len() > 0;
            slots.for_each(|slot| text.remove_raw(text.value_of(value), slot));
            is_pruned
        }
        _ => false,
    };
    if is_pruned {
        text.mark(text.value_of(value));
    }
    Ok(is_pruned)
}

fn prune_members(text: &mut Text<'_>, table: &'static Table, object: Version) -> Result<bool, PatchErrorKind> {
    let mut is_pruned = false;
    for slot in text.slots_of(object)? {
        let name = text.name_of(slot);
        if !table.shows(&name) {
            text.remove_raw(text.value_of(object), slot);
            is_pruned = true;
        } else if let Some(row) = table.find_exactly(&name) {
            is_pruned |= respell(text, row, slot)?;
            is_pruned |= prune(text, row.inside, text.now(slot))?;
        }
    }
    Ok(is_pruned)
}

/// Writes a member as its type does where a struct in it is stored as an array: there the members have their names. Returns
/// whether it was.
fn respell(text: &mut Text<'_>, row: &'static Row, slot: Slot) -> Result<bool, PatchErrorKind> {
    let value = text.now(slot);
    if !has_array_for_struct(text, row.inside, value)? {
        return Ok(false);
    }
    let Ok(reading) = row.field.read(&text.json_of(value), &mut { usize::MAX }) else { return Ok(false) };
    let piece = text.added_json(&reading.json)?;
    text.put_raw(slot, piece)?;
    Ok(true)
}

/// Whether a value is an array where a struct belongs, or a list or a map with one in it.
fn has_array_for_struct(text: &mut Text<'_>, inside: Inside, value: Version) -> Result<bool, PatchErrorKind> {
    let of = match (inside, text.kind_of(value)) {
        (Inside::Object(_), Kind::Array) => return Ok(true),
        (Inside::Elements { of, .. }, Kind::Array) | (Inside::Values { of }, Kind::Object) => *of,
        // Its members are looked at by themselves.
        _ => return Ok(false),
    };
    for slot in text.slots_of(value)? {
        if has_array_for_struct(text, of, text.now(slot))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A child of a container, on the way down through what a client sees.
pub(super) struct Child {
    /// What governs the container.
    pub(super) inside: Inside,
    /// The kind of the container.
    pub(super) kind: Kind,
    pub(super) index: usize,
}

impl Child {
    /// Adds the child to the path of its container, in the table's spelling, and says what governs it.
    pub(super) fn enter(&self, name: &str, path: &mut Pointer) -> Inside {
        match (self.inside, self.kind) {
            (Inside::Object(table), Kind::Object) => {
                let row = table().find_exactly(name);
                path.push(row.map_or(name, |row| row.name));
                row.map_or(Inside::Opaque, |row| row.inside)
            }
            (inside, Kind::Object) => {
                path.push(name);
                if let Inside::Values { of } = inside { *of } else { Inside::Opaque }
            }
            (inside, _) => {
                path.push_index(self.index);
                if let Inside::Elements { of, .. } = inside { *of } else { Inside::Opaque }
            }
        }
    }
}

/// Removes what one caller may not read.
struct Withholding<'w, 't> {
    text: &'w mut Text<'t>,
    may_read: &'w dyn Fn(&Pointer) -> bool,
    path: Pointer,
}

impl Withholding<'_, '_> {
    /// Removes it from a value that `inside` governs. Returns whether there was any.
    fn below(&mut self, inside: Inside, value: Version) -> Result<bool, PatchErrorKind> {
        let kind = self.text.kind_of(value);
        if !matches!(kind, Kind::Object | Kind::Array) {
            return Ok(false);
        }
        let mut is_changed = false;
        for (index, slot) in self.text.slots_of(value)?.enumerate() {
            let child = Child { inside, kind, index };
            let below = child.enter(&self.text.name_of(slot), &mut self.path);
            if (self.may_read)(&self.path) {
                let child = self.text.now(slot);
                is_changed |= self.below(below, child)?;
            } else {
                self.text.remove_raw(self.text.value_of(value), slot);
                is_changed = true;
            }
            self.path.pop();
        }
        if is_changed {
            self.text.mark(self.text.value_of(value));
        }
        Ok(is_changed)
    }
}
