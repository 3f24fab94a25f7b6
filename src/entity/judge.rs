//! What a patch changed, and whether it may: the stored entity and the patched one, compared member by member under the
//! tables, wherever something was touched. How it was changed does not matter here.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use crate::{
    dialect::{Dialect, UnknownMembers},
    document::{PatchErrorKind, Refusal},
    entity::{
        changes::{ChangedPlace, OldContainer},
        compare,
        ignored::Ignored,
        misfit::{Misfit, Reading},
        places::{At, Places, Step},
        table::{Access, Inside, Rest, Row, Table},
    },
    json::tape::Kind,
    patch::pointer::Pointer,
    text::{Slot, Text, Version},
};

/// What is known so far of a patched entity.
pub(super) struct Judge<'s, 't> {
    pub(super) text: &'s mut Text<'t>,
    pub(super) dialect: &'s Dialect,
    /// How many more bytes types may read to find out what they ignore.
    pub(super) work: &'s mut usize,
    pub(super) places: Places,
    /// The first place that changed though it must not.
    pub(super) locked: Vec<At>,
    /// The deepest places whose value came, went or changed.
    pub(super) changes: Vec<ChangedPlace>,
    /// The values that their types do not take.
    pub(super) misfits: Vec<(At, Misfit)>,
    /// Members around values that are not what their table expects: their types have to look at them as a whole.
    pub(super) doubts: Vec<(At, &'static Row, Slot)>,
    /// Where a name was written that is lost.
    pub(super) unknown: Option<At>,
    /// Names that were written and are lost.
    pub(super) ignored: &'s mut Ignored,
}

/// What holds around a value.
#[derive(Clone, Copy)]
pub(super) struct Around {
    /// A member around it is read-only.
    pub(super) is_locked: bool,
    /// What replaced an object is that object still, so that it keeps its hidden members.
    pub(super) keeps_hidden: bool,
    /// It was moved here within its map, hidden members and all. No client can have written them.
    pub(super) is_moved: bool,
}

/// A declared member and where it is: what a value inside of it belongs to.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    pub(super) row: &'static Row,
    pub(super) at: At,
    pub(super) slot: Option<Slot>,
}

/// What is expected where a struct is stored as an array.
pub(super) const ARRAY_FOR_STRUCT: &str = "the value that is stored, an array in place of an object";

pub(super) type Judged = Result<bool, Refusal>;

impl<'s, 't> Judge<'s, 't> {
    pub(super) fn new(
        text: &'s mut Text<'t>,
        dialect: &'s Dialect,
        work: &'s mut usize,
        ignored: &'s mut Ignored,
    ) -> Judge<'s, 't> {
        let places = Places::new(text.root());
        let (locked, changes, misfits) = (Vec::new(), Vec::new(), Vec::new());
        Judge { text, dialect, work, places, locked, changes, misfits, doubts: Vec::new(), unknown: None, ignored }
    }

    /// Compares the whole entity. The top-level members that changed are in the order of the table.
    pub(super) fn entity(&mut self, table: &'static Table) -> Judged {
        let root = self.text.root();
        let (before, now) = (self.text.before(root)?, self.text.now(root));
        if self.text.kind_of(now) != Kind::Object {
            self.misfits.push((Places::ROOT, Misfit::expected("an object")));
            return Ok(true);
        }
        let around = Around { is_locked: false, keeps_hidden: true, is_moved: false };
        let changed = self.object(table, Places::ROOT, before, now, around)?;
        self.settle_doubts()?;
        Ok(changed)
    }

    /// Notes that the value at a place is another one.
    pub(super) fn change(&mut self, at: At, around: Around) {
        self.change_inside(at, around, None);
    }

    /// Notes that the value at a place is another one, and what may tell where in it.
    fn change_inside(&mut self, at: At, around: Around, opened: Option<OldContainer>) {
        match around.is_locked {
            true => self.locked.push(at),
            false => self.changes.push(ChangedPlace { at, opened }),
        }
    }

    pub(super) fn counted(&self) -> usize {
        self.changes.len() + self.locked.len()
    }

    /// Compares two objects under a table.
    pub(super) fn object(
        &mut self,
        table: &'static Table,
        at: At,
        before: Version,
        now: Version,
        around: Around,
    ) -> Judged {
        if self.text.is_one(before, now) {
            return Ok(false);
        }
        match self.text.is_edited_in_place(before, now) {
            true => self.edited_object(table, at, before, now, around),
            false => self.replaced_object(table, at, before, now, around),
        }
    }

    /// An object of which some members were touched.
    pub(super) fn edited_object(
        &mut self,
        table: &'static Table,
        at: At,
        before: Version,
        now: Version,
        around: Around,
    ) -> Judged {
        let object = self.text.value_of(now);
        let mut rows: Vec<(usize, &'static Row, Slot)> = Vec::new();
        let mut others = Vec::new();
        for slot in self.text.touched_slots(object) {
            match table.find_exactly(&self.text.name(slot)) {
                Some(row) => {
                    let order = table.order(row);
                    if rows.iter().all(|(known, ..)| *known != order) {
                        rows.push((order, row, slot));
                    }
                }
                None => others.push(slot),
            }
        }
        rows.sort_unstable_by_key(|(order, ..)| *order);
        let mut changed = false;
        for (_, row, slot) in rows {
            // What was touched is the member, unless it has other names, or came or went: no name has to be searched.
            let is_member = row.aliases.is_empty() && self.text.is_recorded_in(object, slot);
            let old = if is_member { Some(slot) } else { self.member(before, row)? };
            let new = if is_member && self.text.is_there(slot) { old } else { self.member(now, row)? };
            changed |= self.row(row, at, before, old, new, around)?;
        }
        for slot in others {
            let (is_recorded, is_there) = (self.text.is_recorded_in(object, slot), self.text.is_there(slot));
            let name = self.text.name_of(slot);
            // A name that was removed and added again is there twice.
            if !is_recorded && self.text.member_of(before, &name)?.is_some() {
                continue;
            }
            let old = if is_recorded { Some(self.text.before(slot)?) } else { None };
            let new = if is_there { Some(slot) } else { self.text.member_of(now, &name)? };
            let place = self.places.push(at, Step::Member(slot), Some(slot));
            let differs = match new {
                Some(new) => self.undeclared_value(table, place, old, new, around)?,
                None => {
                    self.change(place, around);
                    true
                }
            };
            changed |= differs;
            if !differs && is_recorded && is_there {
                self.text.restore(slot);
            }
        }
        Ok(changed)
    }

    /// An object that another one replaced.
    pub(super) fn replaced_object(
        &mut self,
        table: &'static Table,
        at: At,
        before: Version,
        now: Version,
        around: Around,
    ) -> Judged {
        let mut changed = self.others(table, at, before, now, around)?;
        for row in table.rows {
            let old = self.member(before, row)?;
            if row.is_hidden() {
                match around.keeps_hidden {
                    true => self.keep_hidden(row, at, old, before, now)?,
                    false => self.new_hidden(row, at, now, around)?,
                }
                continue;
            }
            self.fill(row, at, now)?;
            let new = self.member(now, row)?;
            changed |= self.row(row, at, before, old, new, around)?;
        }
        Ok(changed)
    }

    /// Compares a member that is there before or after.
    pub(super) fn row(
        &mut self,
        row: &'static Row,
        parent: At,
        container: Version,
        old: Option<Slot>,
        new: Option<Slot>,
        around: Around,
    ) -> Judged {
        let before = match old {
            Some(slot) => self.text.child_of(container, slot)?,
            None => self.absent(row)?,
        };
        let at = self.places.push(parent, Step::Row(row), new.or(old));
        let around = Around { is_locked: around.is_locked || row.access == Access::ReadOnly, ..around };
        let owner = Owner { row, at, slot: new };
        let changed = match new {
            Some(slot) => self.value(owner, row.inside, at, Some(before), slot, around)?,
            None => self.missing(owner, before, around)?,
        };
        match (changed, old, new) {
            // An equal value takes the bytes that are stored.
            (false, Some(_), Some(new)) => self.keep(at, new, before)?,
            (false, Some(old), None) => self.restore(parent, old),
            // What was absent stays absent, where that reads the same.
            (false, None, Some(new)) => self.restore_absence(parent, new),
            (true, ..) | (false, None, None) => {}
        }
        Ok(changed)
    }

    /// A declared member that is not there any more.
    pub(super) fn missing(&mut self, owner: Owner, before: Version, around: Around) -> Judged {
        let Owner { row, at, .. } = owner;
        let absent = self.absent(row)?;
        if self.text.are_equal(before, absent)? {
            return Ok(false);
        }
        if !compare::may_be_absent(row) {
            let parent = self.places.parent(at);
            self.misfits.push((parent, Misfit::missing(row.name)));
        }
        match self.text.kind_of(before) {
            Kind::Object | Kind::Array => self.gone(row.inside, at, before, around)?,
            Kind::Null | Kind::Boolean | Kind::Number | Kind::String => self.change(at, around),
        }
        Ok(true)
    }

    /// Compares the value in a slot with the one before it; `None` where it is new.
    pub(super) fn value(
        &mut self,
        owner: Owner,
        inside: Inside,
        at: At,
        before: Option<Version>,
        slot: Slot,
        around: Around,
    ) -> Judged {
        let now = self.text.now(slot);
        if before.is_some_and(|before| self.text.is_one(before, now)) {
            return Ok(false);
        }
        let expected = match inside {
            Inside::Opaque => return self.leaf(owner, before, slot, around),
            Inside::Object(_) | Inside::Values { .. } => Kind::Object,
            Inside::Elements { .. } => Kind::Array,
        };
        let was = before.filter(|before| self.text.kind_of(*before) == expected);
        if self.text.kind_of(now) == expected {
            if before.is_some_and(|before| self.is_array_for_struct(inside, before)) {
                self.misfits.push((at, Misfit::expected(ARRAY_FOR_STRUCT)));
            }
            return match (inside, was) {
                (Inside::Object(table), Some(before)) => self.object(table(), at, before, now, around),
                (Inside::Object(table), None) => self.new_object(table(), at, now, around),
                (Inside::Elements { of, by }, before) => self.elements(owner, (*of, by), at, before, now, around),
                (Inside::Values { of }, before) => self.values(owner, *of, at, before, now, around),
                (Inside::Opaque, _) => Ok(false),
            };
        }
        if let Some(before) = before {
            if self.text.are_equal(before, now)? {
                return Ok(false);
            }
        }
        match self.text.kind_of(now) {
            // Only the type knows whether it takes null.
            Kind::Null => self.doubt(owner),
            // Serde would read a struct from an array, too, whatever its table says.
            Kind::Boolean | Kind::Number | Kind::String | Kind::Array | Kind::Object => {
                let words = if expected == Kind::Array { "an array" } else { "an object" };
                self.misfits.push((at, Misfit::expected(words)));
            }
        }
        match was {
            Some(before) => self.gone(inside, at, before, around)?,
            None => self.change(at, around),
        }
        Ok(true)
    }

    /// Whether a stored value is a struct without the names of its members: which of them nobody may write is not known.
    pub(super) fn is_array_for_struct(&self, inside: Inside, before: Version) -> bool {
        matches!(inside, Inside::Object(_)) && self.text.kind_of(before) == Kind::Array
    }

    /// Compares values that their type alone knows.
    pub(super) fn leaf(&mut self, owner: Owner, before: Option<Version>, slot: Slot, around: Around) -> Judged {
        let Owner { row, at, .. } = owner;
        let now = self.text.now(slot);
        let (is_new, before) = match before {
            Some(before) => (false, before),
            None => (true, self.absent(row)?),
        };
        if !is_new && self.text.are_equal(before, now)? {
            return Ok(false);
        }
        match self.read(row, now) {
            Ok(None) => {}
            Ok(Some(reading)) => {
                self.report_ignored(row, at, before, now, &reading)?;
                if !is_new && self.is_spelled_alike(row, before, now, &reading)? {
                    return Ok(false);
                }
                let written = self.text.added_version(&reading.json)?;
                if self.align(row, slot, written)? {
                    self.mark_around(at);
                }
            }
            Err(misfit) => self.misfits.push((at, misfit)),
        }
        let before = self.text.still(before, slot)?;
        let opened = if is_new { None } else { self.opened(before, slot) };
        self.change_inside(at, around, opened);
        Ok(true)
    }

    /// A value that changed and may be compared inside, if there is something inside.
    fn opened(&self, before: Version, slot: Slot) -> Option<OldContainer> {
        match (self.text.kind_of(before), self.text.kind_of(self.text.now(slot))) {
            (Kind::Object, Kind::Object) | (Kind::Array, Kind::Array) => Some(OldContainer { before, slot }),
            _ => None,
        }
    }

    /// Whether a type writes two values as one, or calls them equal.
    pub(super) fn is_spelled_alike(
        &mut self,
        row: &'static Row,
        before: Version,
        now: Version,
        reading: &Reading,
    ) -> Result<bool, Refusal> {
        let written = self.text.added_version(&reading.json)?;
        if self.text.are_equal(before, written)? {
            return Ok(true);
        }
        if let Ok(Some(old)) = self.read(row, before) {
            let old = self.text.added_version(&old.json)?;
            if self.text.are_equal(old, written)? {
                return Ok(true);
            }
        }
        Ok(row.field.equal.is_some_and(|equal| equal(&self.text.json_of(before), &self.text.json_of(now))))
    }

    /// What a type makes of a value; nothing where it writes what it reads.
    pub(super) fn read(&mut self, row: &'static Row, version: Version) -> Result<Option<Reading>, Misfit> {
        compare::read(self.text, row, version, self.work)
    }

    /// What an absent member reads as.
    pub(super) fn absent(&mut self, row: &'static Row) -> Result<Version, PatchErrorKind> {
        compare::absent(self.text, row)
    }

    pub(super) fn member(&mut self, object: Version, row: &'static Row) -> Result<Option<Slot>, Refusal> {
        compare::member(self.text, object, row)
    }

    /// Compares the value of a member that no table declares with the one before it; `None` where it is new.
    pub(super) fn undeclared_value(
        &mut self,
        table: &'static Table,
        at: At,
        before: Option<Version>,
        slot: Slot,
        around: Around,
    ) -> Judged {
        if let Some(row) = &table.rest_row {
            return self.leaf(Owner { row, at, slot: Some(slot) }, before, slot, around);
        }
        if self.has_equal(before, slot)? {
            return Ok(false);
        }
        let opened = before.and_then(|before| self.opened(before, slot));
        self.change_inside(at, around, opened);
        Ok(true)
    }

    pub(super) fn has_equal(&mut self, old: Option<Version>, new: Slot) -> Judged {
        let Some(old) = old else { return Ok(false) };
        let new = self.text.now(new);
        Ok(self.text.are_equal(old, new)?)
    }

    /// An object where none was before.
    pub(super) fn new_object(&mut self, table: &'static Table, at: At, now: Version, around: Around) -> Judged {
        let counted = self.counted();
        for slot in self.undeclared_now(table, now)? {
            let place = self.places.push(at, Step::Member(slot), Some(slot));
            if table.rest == Rest::Open {
                self.undeclared_value(table, place, None, slot, around)?;
                continue;
            }
            // Nobody wrote what is stored in an element that lost its key.
            if self.text.is_stored(slot) && self.text.is_untouched(slot) {
                continue;
            }
            self.lost(place, self.places.pointer(place, |slot| self.text.name_of(slot)))?;
            self.text.remove_raw(self.text.value_of(now), slot);
            self.mark_around(at);
        }
        for row in table.rows {
            if row.is_hidden() {
                self.new_hidden(row, at, now, around)?;
                continue;
            }
            self.fill(row, at, now)?;
            match self.member(now, row)? {
                Some(slot) => {
                    let place = self.places.push(at, Step::Row(row), Some(slot));
                    let is_locked = around.is_locked || row.access == Access::ReadOnly;
                    let owner = Owner { row, at: place, slot: Some(slot) };
                    // What may not be absent is new, whatever it is: null is not its old value.
                    let absent = if compare::may_be_absent(row) { Some(self.absent(row)?) } else { None };
                    let changed = self.value(owner, row.inside, place, absent, slot, Around { is_locked, ..around })?;
                    // Its type reads its default, but perhaps no other spelling of it.
                    if let (false, Some(absent), Inside::Opaque) = (changed, absent, row.inside) {
                        self.keep(place, slot, absent)?;
                    }
                }
                None if !compare::may_be_absent(row) => self.misfits.push((at, Misfit::missing(row.name))),
                None => {}
            }
        }
        if self.counted() == counted {
            self.change(at, around);
        }
        Ok(true)
    }

    /// Has the member around a value read as a whole: only its type knows whether it takes what is there.
    pub(super) fn doubt(&mut self, owner: Owner) {
        if let Some(slot) = owner.slot {
            self.doubts.push((owner.at, owner.row, slot));
        }
    }

    pub(super) fn settle_doubts(&mut self) -> Result<(), Refusal> {
        let mut doubts = std::mem::take(&mut self.doubts);
        // Each member once, however many such values it has, and its entities have in between.
        doubts.sort_by_key(|(at, ..)| *at);
        doubts.dedup_by_key(|(at, ..)| *at);
        for (at, row, slot) in doubts {
            let now = self.text.now(slot);
            if let Err(misfit) = self.read(row, now) {
                self.misfits.push((at, misfit));
            }
        }
        Ok(())
    }

    /// A written name that no table declares, or that a type ignores.
    pub(super) fn lost(&mut self, at: At, path: Pointer) -> Result<(), Refusal> {
        self.unknown = Some(at);
        match self.dialect.unknown_members {
            UnknownMembers::Reject => Err(PatchErrorKind::UnknownMember.there(path)),
            UnknownMembers::Ignore => Ok(self.ignored.push(path)?),
        }
    }

    /// Refuses or reports the names that a type ignored, but for what was stored under them already, perhaps at another
    /// index.
    pub(super) fn report_ignored(
        &mut self,
        row: &'static Row,
        at: At,
        before: Version,
        now: Version,
        reading: &Reading,
    ) -> Result<(), Refusal> {
        if reading.ignored.is_empty() {
            return Ok(());
        }
        let hasher = RandomState::new();
        let mut stored = HashSet::new();
        if let Ok(Some(stored_reading)) = self.read(row, before) {
            for tokens in &stored_reading.ignored {
                stored.insert(self.print_at(before, tokens, &hasher)?);
            }
        }
        for tokens in &reading.ignored {
            if stored.contains(&self.print_at(now, tokens, &hasher)?) {
                continue;
            }
            let mut path = self.places.pointer(at, |slot| self.text.name_of(slot));
            tokens.iter().for_each(|token| path.push(token));
            self.lost(at, path)?;
        }
        Ok(())
    }

    /// A number that values share that are equal and in places of the same names, whatever the indices are.
    fn print_at(&mut self, mut value: Version, tokens: &[String], hasher: &RandomState) -> Result<u64, Refusal> {
        let mut names = Vec::new();
        for token in tokens {
            // A name that occurs twice selects no value.
            let child = match self.text.kind_of(value) {
                Kind::Array => token.parse().ok().map(|index| self.text.element_of(value, index)),
                _ => {
                    names.push(token);
                    Some(self.text.member_of(value, token))
                }
            };
            let Some(Ok(Some(child))) = child else { return Ok(hasher.hash_one(tokens)) };
            value = self.text.child_of(value, child)?;
        }
        let print = self.text.fingerprint(value, hasher)?;
        Ok(hasher.hash_one((names, print)))
    }
}
