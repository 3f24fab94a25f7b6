//! What a client sees of an entity: for a `test`, for the value of a `copy` or a `move`, and for a caller who may not
//! read everything.

use crate::{
    document::{PatchErrorKind, Refusal},
    entity::{
        compare::{self, SeenComparison},
        governed::Governed,
        misfit::Misfit,
        session::{OperationTask, Session},
        table::{Inside, Row},
        visible::{self, Child},
    },
    json::tape::Kind,
    patch::pointer::{Pointer, Tokens},
    text::{Piece, Slot, ValueAt, Version},
};

impl<'t, 'd> Session<'t, 'd> {
    /// Whether a member of the whole entity holds a value.
    pub(super) fn holds_row(&mut self, row: &'static Row, sent: Version) -> Result<bool, Refusal> {
        let (slot, governed) = self.go_to(row)?;
        let now = self.text.now(slot);
        let mut comparison = SeenComparison { text: self.text, case: self.dialect.case(), work: &mut self.work };
        comparison.holds(governed.row, governed.inside, now, sent)
    }

    /// Whether the value that is looked at is equal to one that a client sent, as the client sees it.
    pub(super) fn equals(&mut self, slot: Slot, governed: Governed, piece: Piece) -> Result<bool, Refusal> {
        if self.task == OperationTask::Test {
            self.check_readable(slot, governed)?;
        }
        let (now, sent) = (self.text.now(slot), self.text.version_of(piece)?);
        let mut comparison = SeenComparison { text: self.text, case: self.dialect.case(), work: &mut self.work };
        comparison.holds(governed.row, governed.inside, now, sent)
    }

    /// A copy of the value that is looked at, as a client sees it.
    pub(super) fn copy(&mut self, slot: Slot, governed: Governed) -> Result<ValueAt, Refusal> {
        let now = self.text.now(slot);
        match (governed.inside, governed.row) {
            (Inside::Opaque, None) => return Ok(self.text.value(slot)),
            (Inside::Opaque, Some(row)) => {
                let piece = self.text.piece_of(now);
                let spelled = self.spelled(row, piece)?;
                let version = self.text.version_of(spelled)?;
                return Ok(self.text.value_of(version));
            }
            (Inside::Object(_) | Inside::Elements { .. } | Inside::Values { .. }, _) => {}
        }
        let piece = self.text.piece_of(now);
        let copy = self.as_seen(governed.inside, piece)?;
        let version = self.text.version_of(copy)?;
        Ok(self.text.value_of(version))
    }

    /// A value of a member as its type spells it.
    pub(super) fn spelled(&mut self, row: &'static Row, piece: Piece) -> Result<Piece, Refusal> {
        let value = self.text.version_of(piece)?;
        Ok(match compare::read(self.text, row, value, &mut self.work) {
            Ok(Some(reading)) => {
                let written = self.text.added_version(&reading.json)?;
                if self.text.are_equal(value, written)? { piece } else { self.text.piece_of(written) }
            }
            Ok(None) | Err(_) => piece,
        })
    }

    /// A copy of a value as a client sees it. A container of another kind than what governs it is refused: which of its
    /// parts are hidden is not known.
    pub(super) fn as_seen(&mut self, inside: Inside, piece: Piece) -> Result<Piece, Refusal> {
        let version = self.text.version_of(piece)?;
        if let Some(words) = self.misplaced(inside, version)? {
            return Err(Misfit::expected(words).in_member(self.pointer()));
        }
        let json = self.text.json_of(version).into_owned();
        self.work = self.work.checked_sub(json.len()).ok_or(PatchErrorKind::TooMuchWork)?;
        let copy = self.text.added_json(&json)?;
        let version = self.text.version_of(copy)?;
        self.spell_members(inside, version)?;
        visible::prune(self.text, inside, version)?;
        Ok(self.text.piece_of(version))
    }

    /// What is not expected in a value that is taken: a container of another kind than what governs it.
    fn misplaced(&mut self, inside: Inside, value: Version) -> Result<Option<&'static str>, Refusal> {
        let kind = self.text.kind_of(value);
        if !inside.fits(kind) {
            return Ok(Some(match kind {
                Kind::Object => "no object in place of an array",
                _ => "no array in place of an object",
            }));
        }
        match (inside, kind) {
            (Inside::Elements { of, .. }, Kind::Array) | (Inside::Values { of }, Kind::Object) => {
                for slot in self.text.slots_of(value)? {
                    if let Some(words) = self.misplaced(*of, self.text.now(slot))? {
                        return Ok(Some(words));
                    }
                }
            }
            (Inside::Object(table), Kind::Object) => {
                let is_looked_into = |row: &&Row| !row.is_hidden() && !matches!(row.inside, Inside::Opaque);
                for row in table().rows.iter().filter(is_looked_into) {
                    let Some(slot) = compare::member(self.text, value, row)? else { continue };
                    if let Some(words) = self.misplaced(row.inside, self.text.now(slot))? {
                        return Ok(Some(words));
                    }
                }
            }
            _ => {}
        }
        Ok(None)
    }

    /// Gives the members of a copy their own names and the spelling of their types, and those that are absent what they
    /// read as. Returns whether anything was edited.
    pub(super) fn spell_members(&mut self, inside: Inside, value: Version) -> Result<bool, Refusal> {
        let object = self.text.value_of(value);
        let mut is_edited = false;
        match (inside, self.text.kind_of(value)) {
            (Inside::Object(table), Kind::Object) => {
                for row in table().rows.iter().filter(|row| !row.is_hidden()) {
                    let mut member = compare::member(self.text, value, row)?;
                    if let Some(slot) = member.filter(|slot| self.text.name_of(*slot) != row.name) {
                        let piece = self.text.piece_of(self.text.now(slot));
                        self.text.remove_raw(object, slot);
                        member = Some(self.text.insert_raw(object, row.name, piece)?);
                        is_edited = true;
                    }
                    match member {
                        Some(slot) if matches!(row.inside, Inside::Opaque) => {
                            let piece = self.text.piece_of(self.text.now(slot));
                            let spelled = self.spelled(row, piece)?;
                            if spelled != piece {
                                self.text.put_raw(slot, spelled)?;
                                is_edited = true;
                            }
                        }
                        Some(slot) => is_edited |= self.spell_members(row.inside, self.text.now(slot))?,
                        None => is_edited |= compare::fill(self.text, object, row, &mut self.work)?,
                    }
                }
            }
            (Inside::Elements { of, .. }, Kind::Array) | (Inside::Values { of }, Kind::Object) => {
                for slot in self.text.slots_of(value)? {
                    is_edited |= self.spell_members(*of, self.text.now(slot))?;
                }
            }
            _ => {}
        }
        if is_edited {
            self.text.mark(object);
        }
        Ok(is_edited)
    }

    /// Refuses to take a value from where this caller may not look.
    pub(super) fn check_source(&mut self, from: Tokens<'_>) -> Result<(), Refusal> {
        match self.caller.is_some() {
            true => match self.follow(from)? {
                Some((slot, governed)) => self.check_readable(slot, governed),
                None => Ok(()),
            },
            false => Ok(()),
        }
    }

    /// Refuses to tell a caller what is here, if there is anything below that the caller may not learn.
    pub(super) fn check_readable(&mut self, slot: Slot, governed: Governed) -> Result<(), Refusal> {
        if self.caller.is_none() {
            return Ok(());
        }
        let mut path = Pointer::ROOT;
        let mut is_readable = self.may_read(&path)?;
        for step in self.steps.clone() {
            step.push_to(&mut path, |slot| self.text.name_of(slot));
            is_readable &= self.may_read(&path)?;
        }
        let now = self.text.now(slot);
        match is_readable && self.is_readable_below(governed.inside, now, &mut path)? {
            true => Ok(()),
            false => Err(PatchErrorKind::UnknownMember.into()),
        }
    }

    /// What the policy looks at is accounted for: it sees a path for each value in what is tested or copied.
    fn may_read(&mut self, path: &Pointer) -> Result<bool, PatchErrorKind> {
        self.text.charge(path.len())?;
        Ok(self.caller.as_ref().is_none_or(|caller| (caller.may_read)(path)))
    }

    /// Whether a caller may learn all that a client sees in a value, where what is absent counts as what it reads as.
    fn is_readable_below(&mut self, inside: Inside, value: Version, path: &mut Pointer) -> Result<bool, Refusal> {
        let kind = self.text.kind_of(value);
        if !matches!(kind, Kind::Object | Kind::Array) {
            return Ok(true);
        }
        let length = path.len();
        for (index, slot) in self.text.slots_of(value)?.enumerate() {
            let name = self.text.name_of(slot);
            if matches!(inside, Inside::Object(table) if !table().shows(&name)) {
                continue;
            }
            let below = Child { inside, kind, index }.enter(&name, path);
            let child = self.text.now(slot);
            if !(self.may_read(path)? && self.is_readable_below(below, child, path)?) {
                return Ok(false);
            }
            path.truncate(length);
        }
        if let (Inside::Object(table), Kind::Object) = (inside, kind) {
            for row in table().rows.iter().filter(|row| !row.is_hidden()) {
                if compare::member(self.text, value, row)?.is_some() {
                    continue;
                }
                path.push(row.name);
                let absent = compare::absent(self.text, row)?;
                if !(self.may_read(path)? && self.is_readable_below(row.inside, absent, path)?) {
                    return Ok(false);
                }
                path.truncate(length);
            }
        }
        Ok(true)
    }
}
