//! Where a patch changed an entity. What is kept is linear in what changed: places, each with the step that leads to it
//! from the one around it. Pointers are made when somebody asks for them.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt,
    ops::Range,
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
    at: Vec<At>,
    /// The members that no table declares, in the order of their slots, and where their names are in `names`.
    members: Vec<(Slot, Range<usize>)>,
    /// Their names, one after the other.
    names: String,
    /// How long the pointers may be together, in bytes.
    limit: usize,
}

impl Changes {
    pub(super) fn new(places: Places, at: Vec<At>, limit: usize, text: &Text<'_>) -> Changes {
        let (mut members, mut names) = (Vec::new(), String::new());
        if !places.has_undeclared() {
            return Changes { places, at, members, names, limit };
        }
        let mut known = places.marks();
        for &end in &at {
            let mut place = end;
            while known.mark(place) && place != Places::ROOT {
                if let Step::Member(slot) = places.step(place) {
                    if members.is_empty() {
                        // Room for short names.
                        members.reserve(at.len());
                        names.reserve(16 * at.len());
                    }
                    let start = names.len();
                    names.push_str(&text.name(slot));
                    members.push((slot, start..names.len()));
                }
                place = places.parent(place);
            }
        }
        members.sort_unstable_by_key(|(slot, _)| *slot);
        Changes { places, at, members, names, limit }
    }

    /// The rows of the table whose members differ, in its order, as the judge goes through them.
    pub(super) fn rows(&self) -> impl Iterator<Item = &'static Row> {
        let mut last = None;
        self.at.iter().filter_map(move |&at| match self.places.top(at) {
            Step::Row(row) if last.replace(std::ptr::from_ref(row)) != Some(std::ptr::from_ref(row)) => Some(row),
            Step::Row(_) | Step::Member(_) | Step::Root | Step::Element(_) => None,
        })
    }

    /// Whether members of an open map differ, at the top level.
    pub(super) fn has_other(&self) -> bool {
        self.at.iter().any(|&at| matches!(self.places.top(at), Step::Member(_)))
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
        let name = |slot| {
            let found = self.members.binary_search_by_key(&slot, |(slot, _)| *slot);
            Cow::Borrowed(found.map_or("", |at| &self.names[self.members[at].1.clone()]))
        };
        self.at.iter().map(move |&at| self.places.pointer(at, name))
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
        write!(formatter, "{} places", self.at.len())
    }
}

/// An object or an array that changed, and no table knows where.
pub(super) struct Changed {
    pub(super) at: At,
    pub(super) before: Version,
    /// Where it is now.
    pub(super) slot: Slot,
}

/// The places that differ, and instead of a value that was opened those that differ in it.
pub(super) fn precise(
    changes: Vec<At>,
    opened: Vec<Changed>,
    text: &mut Text<'_>,
    places: &mut Places,
) -> Result<Vec<At>, PatchErrorKind> {
    /// Room for what changes in one of them.
    const ROOM: usize = 8;

    let mut precise = Vec::with_capacity(changes.len() + ROOM * opened.len());
    let mut opened = opened.into_iter().peekable();
    for at in changes {
        match opened.next_if(|changed| changed.at == at) {
            Some(changed) => inside(&changed, text, places, &mut precise)?,
            None => precise.push(at),
        }
    }
    Ok(precise)
}

/// Finds the places inside a value at which it differs. Only what was written is compared.
///
/// An array differs element by element where it has as many elements as before, and as a whole where it has not.
fn inside(
    changed: &Changed,
    text: &mut Text<'_>,
    places: &mut Places,
    changes: &mut Vec<At>,
) -> Result<(), PatchErrorKind> {
    /// Room for the children of a small container.
    const ROOM: usize = 8;

    let found = changes.len();
    let mut open = Vec::with_capacity(ROOM);
    open.push((changed.at, Some(changed.before), Some(text.now(changed.slot))));
    while let Some((at, before, now)) = open.pop() {
        let (Some(before), Some(now)) = (before, now) else {
            changes.push(at);
            continue;
        };
        if text.is_one(before, now) {
            continue;
        }
        let start = open.len();
        match (text.kind_of(before), text.kind_of(now)) {
            (Kind::Object, Kind::Object) => {
                for (slot, old, new) in members(text, before, now)? {
                    open.push((places.push(at, Step::Member(slot), Some(slot)), old, new));
                }
            }
            (Kind::Array, Kind::Array) => {
                if text.count_of(before)? != text.count_of(now)? {
                    changes.push(at);
                    continue;
                }
                let (old, new) = (text.slots_of(before)?, text.slots_of(now)?);
                for (index, (old, new)) in old.into_iter().zip(new).enumerate() {
                    let (old, now) = (text.child_of(before, old)?, text.now(new));
                    if !text.is_one(old, now) {
                        open.push((places.push(at, Step::Element(index), Some(new)), Some(old), Some(now)));
                    }
                }
            }
            _ if text.are_equal(before, now)? => {}
            _ => changes.push(at),
        }
        open[start..].reverse();
    }
    if changes.len() == found {
        changes.push(changed.at);
    }
    Ok(())
}

/// A member by the slot of its name, as it was and as it is.
type MemberVersions = (Slot, Option<Version>, Option<Version>);

/// The members that an object has, or had, but for those that nothing touched.
fn members(text: &mut Text<'_>, before: Version, now: Version) -> Result<Vec<MemberVersions>, PatchErrorKind> {
    let object = text.value_of(now);
    let is_in_place = text.is_edited_in_place(before, now);
    let (old, new) = match is_in_place {
        false => (text.slots_of(before)?, text.slots_of(now)?),
        true => {
            // What the object was not stored with is there.
            text.touched_slots(object).partition(|&slot| !text.is_there(slot))
        }
    };
    let mut stored = HashMap::new();
    for &slot in &old {
        stored.insert(text.name_of(slot), text.child_of(before, slot)?);
    }
    let mut members: Vec<MemberVersions> = Vec::with_capacity(new.len());
    for slot in new {
        let old = match () {
            // It is the member that it was: no name has to tell.
            () if is_in_place && text.is_recorded_in(object, slot) => Some(text.child_of(before, slot)?),
            () if stored.is_empty() => None,
            () => stored.remove(&text.name_of(slot)),
        };
        members.push((slot, old, Some(text.now(slot))));
    }
    for slot in old {
        if let Some(before) = stored.remove(&text.name_of(slot)) {
            members.push((slot, Some(before), None));
        }
    }
    Ok(members)
}
