//! How the values of declared members are read by their types, and when a client would call two of them equal.

use crate::{
    document::{PatchErrorKind, Refusal},
    entity::{
        misfit::{Misfit, Reading, Why},
        names::Named,
        shape::{Shape, ShapeKind},
        table::{Inside, Rest, Row, Table},
        visible::prune,
    },
    json::{name::Case, tape::Kind},
    text::{Slot, Text, ValueAt, Version},
};

/// The slot of a declared member, by its name or an alias, exactly as its type reads it.
pub(super) fn member(text: &mut Text<'_>, object: Version, row: &'static Row) -> Result<Option<Slot>, Refusal> {
    let mut found = text.member_of(object, row.name)?;
    for alias in row.aliases {
        let member = text.member_of(object, alias)?;
        if member.is_some() && found.is_some() {
            return Err(PatchErrorKind::AmbiguousName.into());
        }
        found = found.or(member);
    }
    Ok(found)
}

/// What an absent member reads as: its default, or null.
pub(super) fn absent(text: &mut Text<'_>, row: &'static Row) -> Result<Version, PatchErrorKind> {
    let json = row.field.absent.and_then(|absent| absent());
    text.added_version(json.as_deref().unwrap_or(b"null"))
}

/// Whether the type of a member takes an object without it.
pub(super) fn may_be_absent(row: &Row) -> bool {
    row.field.absent.is_some_and(|absent| absent().is_some())
}

/// What the type of a member makes of a value; nothing where it is known to write what it reads. What is read is
/// accounted for: one value may be moved, copied and compared again and again.
pub(super) fn read(
    text: &mut Text<'_>,
    row: &'static Row,
    version: Version,
    work: &mut usize,
) -> Result<Option<Reading>, Misfit> {
    // Who asks may go on without an answer: then the whole ends as too much work, and nothing more is read until then.
    if text.is_exhausted() {
        return Err(Misfit { path: Vec::new(), why: Why::TooMuchWork });
    }
    let shape = row.field.shape;
    if let Some(length) = length_of_fitting_children(text, shape, version) {
        return charged(text, length, Ok(None));
    }
    let json = text.json_of(version);
    let reading = match shape.is_general() {
        true => row.field.read(&json, work).map(Some),
        false => shape.check(&json).map(|()| None),
    };
    let length = match &reading {
        Err(Misfit { why: Why::TooMuchWork, .. }) => usize::MAX,
        Ok(_) | Err(_) => json.len(),
    };
    drop(json);
    charged(text, length, reading)
}

/// What came of reading so many bytes, if there is so much work left.
fn charged(
    text: &mut Text<'_>,
    length: usize,
    reading: Result<Option<Reading>, Misfit>,
) -> Result<Option<Reading>, Misfit> {
    match text.charge_read(length) {
        Ok(()) => reading,
        Err(_) => Err(Misfit { path: Vec::new(), why: Why::TooMuchWork }),
    }
}

/// How long the children of a container are that was edited, if each has the shape that its type takes. The container is
/// not written for it: with twenty operations that saves a twelfth of all instructions.
fn length_of_fitting_children(text: &mut Text<'_>, shape: Shape, version: Version) -> Option<usize> {
    let child = match (&shape.kind, text.kind_of(version)) {
        (ShapeKind::Array(child), Kind::Array) | (ShapeKind::Object(child), Kind::Object) => child,
        _ => return None,
    };
    if shape.is_general() {
        return None;
    }
    let (mut count, mut length) = (0, Some(0));
    for version in text.edited_children(version)? {
        let json = text.json_of(version);
        length = length.filter(|_| child.check(&json).is_ok()).map(|length| length + json.len());
        count += 1;
        if length.is_none() {
            break;
        }
    }
    text.charge(count).ok()?;
    length
}

/// Writes a member that an object does not have, as its type writes what an absent one reads as. Returns whether there is
/// anything to write.
pub(super) fn fill(
    text: &mut Text<'_>,
    object: ValueAt,
    row: &'static Row,
    work: &mut usize,
) -> Result<bool, PatchErrorKind> {
    if !may_be_absent(row) {
        return Ok(false);
    }
    let absent = absent(text, row)?;
    let Ok(reading) = row.field.read(&text.json_of(absent), work) else { return Ok(false) };
    if !reading.is_left_out {
        // A list of empty objects may have thousands of them.
        text.charge_read(row.name.len() + reading.json.len())?;
        let piece = text.added_json(&reading.json)?;
        text.insert_raw(object, row.name, piece)?;
    }
    Ok(!reading.is_left_out)
}

/// Compares what is in an entity with what a client sent, as the client sees it: hidden members do not exist, an absent
/// member counts as what it reads as, and either spelling of a value will do.
pub(super) struct SeenComparison<'c, 't> {
    pub(super) text: &'c mut Text<'t>,
    pub(super) case: Case,
    pub(super) work: &'c mut usize,
}

impl SeenComparison<'_, '_> {
    /// Whether a value that `inside` governs is equal to what a client sent.
    ///
    /// # Errors
    ///
    /// `unknown-member`: what was sent names a member that the entity does not have.
    pub(super) fn holds(
        &mut self,
        row: Option<&'static Row>,
        inside: Inside,
        now: Version,
        sent: Version,
    ) -> Result<bool, Refusal> {
        if let Inside::Opaque = inside {
            return self.leaf(row, now, sent);
        }
        let kinds = (self.text.kind_of(now), self.text.kind_of(sent));
        match (inside, kinds) {
            (Inside::Object(table), (Kind::Object, Kind::Object)) => self.object(table(), now, sent),
            // What is sent has to be known, also where it cannot be equal.
            (Inside::Object(table), (_, Kind::Object)) => {
                self.check_names(table(), sent)?;
                Ok(false)
            }
            (Inside::Elements { of, .. }, (Kind::Array, Kind::Array)) => {
                let (own, others) = (self.text.slots_of(now)?, self.text.slots_of(sent)?);
                let mut is_equal = own.len() == others.len();
                for (own, other) in own.zip(others) {
                    let (own, other) = (self.text.child_of(now, own)?, self.text.child_of(sent, other)?);
                    is_equal &= self.holds(None, *of, own, other)?;
                }
                Ok(is_equal)
            }
            (Inside::Values { of }, (Kind::Object, Kind::Object)) => {
                let (own, others) = (self.text.slots_of(now)?, self.text.slots_of(sent)?);
                let mut is_equal = own.len() == others.len();
                for other in others {
                    let name = self.text.name_of(other);
                    let Some(own) = self.text.member_of(now, &name)? else {
                        is_equal = false;
                        continue;
                    };
                    let (own, other) = (self.text.child_of(now, own)?, self.text.child_of(sent, other)?);
                    is_equal &= self.holds(None, *of, own, other)?;
                }
                Ok(is_equal)
            }
            // Whoever guesses what is in there learns nothing.
            (_, (kind, _)) if !inside.fits(kind) => Ok(false),
            // No type reads what a table governs: from an array it would read a struct, hidden members and all.
            _ => Ok(self.text.are_equal(now, sent)?),
        }
    }

    fn object(&mut self, table: &'static Table, now: Version, sent: Version) -> Result<bool, Refusal> {
        let mut is_given = vec![false; table.rows.len()];
        let mut is_equal = true;
        let mut others = 0;
        for slot in self.text.slots_of(sent)? {
            let name = self.text.name_of(slot);
            let other = self.text.child_of(sent, slot)?;
            match table.find(&name, self.case) {
                Named::Row(row) if !row.is_hidden() => {
                    let order = table.order(row);
                    if std::mem::replace(&mut is_given[order], true) {
                        return Err(PatchErrorKind::DuplicateName.into());
                    }
                    let own = self.declared(now, row)?;
                    is_equal &= self.holds(Some(row), row.inside, own, other)?;
                }
                Named::OutputOnly => {}
                Named::Undeclared if table.rest != Rest::Unknown => match self.text.member_of(now, &name)? {
                    Some(own) => {
                        let own = self.text.child_of(now, own)?;
                        others += 1;
                        is_equal &= self.text.are_equal(own, other)?;
                    }
                    None => is_equal = false,
                },
                Named::Row(_) | Named::Undeclared => return Err(PatchErrorKind::UnknownMember.into()),
            }
        }
        for (row, _) in table.rows.iter().zip(&is_given).filter(|(row, is_given)| !**is_given && !row.is_hidden()) {
            let (own, absent) = (self.declared(now, row)?, absent(self.text, row)?);
            // A client that leaves it out has not named what is hidden in its default.
            prune(self.text, row.inside, absent)?;
            is_equal &= self.holds(Some(row), row.inside, own, absent)?;
        }
        Ok(is_equal && (table.rest == Rest::Unknown || self.count_undeclared(table, now)? == others))
    }

    fn check_names(&mut self, table: &'static Table, sent: Version) -> Result<(), Refusal> {
        for slot in self.text.slots_of(sent)? {
            match table.find(&self.text.name_of(slot), self.case) {
                Named::Row(row) if !row.is_hidden() => {}
                Named::OutputOnly => {}
                Named::Undeclared if table.rest != Rest::Unknown => {}
                Named::Row(_) | Named::Undeclared => return Err(PatchErrorKind::UnknownMember.into()),
            }
        }
        Ok(())
    }

    /// A declared member, or what it reads as.
    fn declared(&mut self, object: Version, row: &'static Row) -> Result<Version, Refusal> {
        Ok(match member(self.text, object, row)? {
            Some(slot) => self.text.child_of(object, slot)?,
            None => absent(self.text, row)?,
        })
    }

    fn count_undeclared(&mut self, table: &Table, object: Version) -> Result<usize, Refusal> {
        let slots = self.text.slots_of(object)?;
        Ok(slots.filter(|slot| table.is_undeclared(&self.text.name_of(*slot))).count())
    }

    fn leaf(&mut self, row: Option<&'static Row>, now: Version, sent: Version) -> Result<bool, Refusal> {
        if self.text.are_equal(now, sent)? {
            return Ok(true);
        }
        // A type that is known to write what it reads calls nothing else equal.
        let Some(row) = row.filter(|row| row.field.shape.is_general()) else { return Ok(false) };
        let mut read = |version| read(self.text, row, version, self.work);
        let (Ok(Some(own)), Ok(Some(other))) = (read(now), read(sent)) else { return Ok(false) };
        let (own, other) = (self.text.added_version(&own.json)?, self.text.added_version(&other.json)?);
        Ok(self.text.are_equal(own, other)?
            || row.field.equal.is_some_and(|equal| equal(&self.text.json_of(now), &self.text.json_of(sent))))
    }
}
