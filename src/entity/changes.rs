//! Where a patch changed an entity. What is kept is linear in what changed: places, each with the step that leads to it
//! from the one around it. Pointers are made when somebody asks for them.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt,
};

use crate::{
    document::{PatchError, PatchErrorKind},
    entity::{
        places::{At, Places, Step},
        table::Row,
    },
    json::tape::Kind,
    patch::pointer::Pointer,
    text::{Slot, Text, Version},
};

/// The places that differ.
#[derive(Clone, Default)]
pub(super) struct Changes {
    places: Places,
    list: Vec<ChangedPlace>,
    /// How long the pointers may be together, in bytes.
    limit: usize,
}

impl Changes {
    pub(super) fn new(mut places: Places, list: Vec<ChangedPlace>, limit: usize, text: &Text<'_>) -> Changes {
        places.keep_names(list.iter().map(|change| change.at), text);
        Changes { places, list, limit }
    }

    /// The rows of the table whose members differ, in its order, as the judge goes through them.
    pub(super) fn rows(&self) -> impl Iterator<Item = &'static Row> {
        let mut last = None;
        self.list.iter().filter_map(move |change| match self.places.top(change.at) {
            Step::Row(row) if last.replace(row.name) != Some(row.name) => Some(row),
            Step::Row(_) | Step::Member(_) | Step::Named { .. } | Step::Root | Step::Element(_) | Step::End => None,
        })
    }

    /// Whether members of an open map differ, at the top level.
    pub(super) fn has_other(&self) -> bool {
        self.list.iter().any(|change| matches!(self.places.top(change.at), Step::Named { .. }))
    }

    /// Their pointers, in the tables' spelling, each once.
    pub(super) fn pointers(&self) -> Result<Vec<Pointer>, PatchError> {
        let mut left = self.limit;
        let mut pointers = Vec::new();
        let mut is_known = HashSet::new();
        for pointer in self.all() {
            let rest = left.checked_sub(pointer.as_str().len());
            left = rest.ok_or_else(|| PatchError::new(PatchErrorKind::TooMuchWork, None, Pointer::ROOT))?;
            if is_known.insert(pointer.clone()) {
                pointers.push(pointer);
            }
        }
        Ok(pointers)
    }

    fn all(&self) -> impl Iterator<Item = Pointer> {
        // Every name on the way to them is kept.
        self.list.iter().map(|change| self.places.pointer(change.at, |_| Cow::Borrowed("")))
    }
}

impl PartialEq for Changes {
    fn eq(&self, other: &Changes) -> bool {
        self.all().eq(other.all())
    }
}

impl Eq for Changes {}

impl fmt::Debug for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} places", self.list.len())
    }
}

/// A place that changed.
#[derive(Clone, Copy)]
pub(super) struct ChangedPlace {
    pub(super) at: At,
    /// An object or an array was there, and is, and no table knows where in it they differ.
    pub(super) opened: Option<OldContainer>,
}

/// A container as it was.
#[derive(Clone, Copy)]
pub(super) struct OldContainer {
    pub(super) before: Version,
    /// Where it is now.
    pub(super) slot: Slot,
}

/// The places that differ, and instead of a value that was opened those that differ in it.
pub(super) fn precise(
    changes: Vec<ChangedPlace>,
    text: &mut Text<'_>,
    places: &mut Places,
) -> Result<Vec<ChangedPlace>, PatchErrorKind> {
    /// Room for what changes in one of them, and for the children of a small container.
    const ROOM: usize = 8;

    let opened = changes.iter().filter(|change| change.opened.is_some()).count();
    if opened == 0 {
        return Ok(changes);
    }
    let precise = Vec::with_capacity(changes.len() + ROOM * opened);
    let mut comparison = PlaceComparison { text, places, open: Vec::with_capacity(ROOM), changes: precise };
    for change in changes {
        match change.opened {
            Some(opened) => comparison.inside(change.at, opened)?,
            None => comparison.changes.push(change),
        }
    }
    Ok(comparison.changes)
}

/// A comparison of values that no table governs, place by place. Only what was written is compared.
struct PlaceComparison<'c, 't> {
    text: &'c mut Text<'t>,
    places: &'c mut Places,
    /// The places that are still to be compared, each as it was and as it is, the next one last.
    open: Vec<(At, Option<Version>, Option<Version>)>,
    /// Those that differ.
    changes: Vec<ChangedPlace>,
}

impl PlaceComparison<'_, '_> {
    /// Finds the places inside a value at which it differs.
    ///
    /// An array differs element by element where it has as many elements as before, and as a whole where it has not.
    fn inside(&mut self, at: At, opened: OldContainer) -> Result<(), PatchErrorKind> {
        let found = self.changes.len();
        self.open.push((at, Some(opened.before), Some(self.text.now(opened.slot))));
        while let Some((at, before, now)) = self.open.pop() {
            let (Some(before), Some(now)) = (before, now) else {
                self.changes.push(ChangedPlace { at, opened: None });
                continue;
            };
            if self.text.is_one(before, now) {
                continue;
            }
            let start = self.open.len();
            match (self.text.kind_of(before), self.text.kind_of(now)) {
                (Kind::Object, Kind::Object) => self.open_members(at, before, now)?,
                (Kind::Array, Kind::Array) if self.text.count_of(before)? == self.text.count_of(now)? => {
                    self.open_elements(at, before, now)?;
                }
                _ if self.text.are_equal(before, now)? => {}
                _ => self.changes.push(ChangedPlace { at, opened: None }),
            }
            self.open[start..].reverse();
        }
        if self.changes.len() == found {
            self.changes.push(ChangedPlace { at, opened: None });
        }
        Ok(())
    }

    fn open_elements(&mut self, at: At, before: Version, now: Version) -> Result<(), PatchErrorKind> {
        let (old, new) = (self.text.slots_of(before)?, self.text.slots_of(now)?);
        for (index, (old, new)) in old.zip(new).enumerate() {
            let (old, now) = (self.text.child_of(before, old)?, self.text.now(new));
            if !self.text.is_one(old, now) {
                let element = self.places.push(at, Step::Element(index), Some(new));
                self.open.push((element, Some(old), Some(now)));
            }
        }
        Ok(())
    }

    /// Opens the members that an object has, or had, but for those that nothing touched.
    fn open_members(&mut self, at: At, before: Version, now: Version) -> Result<(), PatchErrorKind> {
        let object = self.text.value_of(now);
        let is_in_place = self.text.is_edited_in_place(before, now);
        let (old, new): (Vec<_>, Vec<_>) = match is_in_place {
            false => (self.text.slots_of(before)?.collect(), self.text.slots_of(now)?.collect()),
            // What the object was not stored with is there.
            true => self.text.touched_slots(object).partition(|&slot| !self.text.is_there(slot)),
        };
        let mut stored = HashMap::new();
        for &slot in &old {
            stored.insert(self.text.name_of(slot), self.text.child_of(before, slot)?);
        }
        for slot in new {
            let old = match () {
                // It is the member that it was: no name has to tell.
                () if is_in_place && self.text.is_recorded_in(object, slot) => Some(self.text.child_of(before, slot)?),
                () if stored.is_empty() => None,
                () => stored.remove(&self.text.name_of(slot)),
            };
            let member = self.places.push(at, Step::Member(slot), Some(slot));
            self.open.push((member, old, Some(self.text.now(slot))));
        }
        for slot in old {
            if let Some(before) = stored.remove(&self.text.name_of(slot)) {
                let member = self.places.push(at, Step::Member(slot), Some(slot));
                self.open.push((member, Some(before), None));
            }
        }
        Ok(())
    }
}
