//! The members of a stored entity, where they stand in its text. A type is only asked about the members that are
//! written, or that it may spell in another way than the text does.

use std::{borrow::Cow, collections::HashMap, marker::PhantomData, rc::Rc};

use crate::{
    dialect::Dialect,
    document::{Context, PatchError, PatchErrorKind},
    entity::{
        Entity,
        session::{GivenMember, Members, OperationOn, Settled},
        table::{Rows, Shape, ShapeKind, Spelling},
    },
    error::{TargetError, TargetProblem},
    json::{name::Case, value},
    patch::{
        operation::Operation,
        pointer::{Pointer, Tokens},
    },
    text::{Kind, Piece, Slot, Spot, Text},
};

/// The members of a stored text.
pub(super) struct TextMembers<'t, E> {
    pub(super) text: Text<'t>,
    case: Case,
    named: Rows<Named>,
    /// The members that the entity does not declare, with their names, once they were asked for as a whole.
    undeclared: Option<Undeclared<'t>>,
    entity: PhantomData<fn() -> E>,
}

type Undeclared<'t> = Rc<[(Cow<'t, str>, Slot)]>;

/// A declared member that was named.
#[derive(Clone, Copy)]
struct Named {
    slot: Slot,
    /// What it was, as its type spells it.
    before: Piece,
    is_absent: bool,
    is_changed: bool,
}

impl<'t, E: Entity> TextMembers<'t, E> {
    pub(super) fn new(text: Text<'t>, case: Case) -> Result<TextMembers<'t, E>, TargetError> {
        match text.is_object() {
            true => Ok(TextMembers { text, case, named: Rows::new(), undeclared: None, entity: PhantomData }),
            false => Err(TargetProblem::NotAnObject.into()),
        }
    }

    /// The text with the members that changed. All others keep their bytes, whatever was written there for a while.
    pub(super) fn into_json(mut self) -> Vec<u8> {
        for (_, named) in self.named {
            match named {
                Named { is_changed: false, slot, .. } => self.text.restore(slot),
                Named { is_absent: true, slot, .. } => self.text.append(slot),
                Named { .. } => {}
            }
        }
        self.text.into_json()
    }

    /// Adds every declared member that is absent and may be null to those that changed.
    pub(super) fn append_absent(&mut self) {
        for row in 0..E::MEMBERS.len() {
            // A name that stands twice is there.
            if let Ok(named) = self.load(row)
                && named.is_absent
                && self.is_valid(row, named.slot).unwrap_or(false)
            {
                self.named.insert(row, Named { is_changed: true, ..named });
            }
        }
    }

    /// A member as it is stored, once it is named. Only a name that is spelt as the table spells it is that of a
    /// declared member, as for the type.
    fn load(&mut self, row: usize) -> Result<Named, PatchErrorKind> {
        if let Some(named) = self.named.get(row) {
            return Ok(*named);
        }
        let member = &E::MEMBERS[row];
        let stored = self.text.member(member.name)?;
        let (slot, before) = match stored {
            Some(slot) => (slot, self.text.stored(slot)),
            None => (self.text.absent_member(member.name), self.text.null()),
        };
        let mut named = Named { slot, before, is_absent: stored.is_none(), is_changed: false };
        if let Spelling::Own = (member.spelling)()
            && let Some(spelt) = self.spelt(row, slot)?
        {
            named.before = spelt;
            self.text.replace(slot, spelt);
        }
        self.named.insert(row, named);
        Ok(named)
    }

    /// What is in a slot as the member's type writes it, where that is another value.
    fn spelt(&mut self, row: usize, slot: Slot) -> Result<Option<Piece>, PatchErrorKind> {
        let Some(value) = self.text.tree(slot)? else { return Ok(None) };
        let spelt = (E::MEMBERS[row].respell)(&value).filter(|spelt| !value::equal(spelt, &value));
        Ok(spelt.map(|spelt| self.text.json(&spelt)))
    }

    /// Whether the member's type has the value that is in a slot.
    fn is_valid(&mut self, row: usize, slot: Slot) -> Result<bool, PatchErrorKind> {
        match (E::MEMBERS[row].spelling)() {
            Spelling::Shaped(shape) => self.has_shape(slot, shape),
            Spelling::Kept | Spelling::Own => {
                let value = self.text.tree(slot)?;
                Ok(value.is_some_and(|value| (E::MEMBERS[row].respell)(&value).is_some()))
            }
        }
    }

    fn has_shape(&mut self, slot: Slot, Shape { kind, or_null }: Shape) -> Result<bool, PatchErrorKind> {
        if or_null && self.text.is_null_at(slot) {
            return Ok(true);
        }
        match kind {
            ShapeKind::Any => Ok(true),
            ShapeKind::Object => Ok(self.text.kind_at(slot) == Kind::Object),
            ShapeKind::String => Ok(self.text.kind_at(slot) == Kind::String),
            ShapeKind::Strings => self.text.is_of_strings(slot, Kind::Array),
            ShapeKind::NamedStrings => self.text.is_of_strings(slot, Kind::Object),
        }
    }

    /// The members that the entity keeps and does not declare.
    fn all_undeclared(&mut self) -> Result<Undeclared<'t>, PatchErrorKind> {
        if let Some(undeclared) = &self.undeclared {
            return Ok(undeclared.clone());
        }
        let is_known =
            |name: &str| E::OUTPUT_ONLY.contains(&name) || E::MEMBERS.iter().any(|member| member.name == name);
        let mut undeclared = match E::KEEPS_UNDECLARED {
            true => self.text.members()?,
            false => Vec::new(),
        };
        undeclared.retain(|(name, _)| !is_known(name));
        let undeclared: Undeclared<'t> = undeclared.into();
        self.undeclared = Some(undeclared.clone());
        Ok(undeclared)
    }
}

impl<'t, E: Entity> Members for TextMembers<'t, E> {
    type Entity = E;
    type Value = Piece;
    type Given<'p> = Piece;
    type Place = Slot;
    type Node<'d>
        = Spot<'d, 't>
    where
        Self: 'd;

    fn declared(&mut self, row: usize) -> Result<Slot, PatchErrorKind> {
        Ok(self.load(row)?.slot)
    }

    fn undeclared(&mut self, name: &str, _context: &mut Context) -> Result<Option<Slot>, PatchErrorKind> {
        if !E::KEEPS_UNDECLARED {
            return Ok(None);
        }
        // The table does not know the name, in any case if the dialect ignores it: whatever has it is not declared.
        match self.text.named(name, self.case) {
            // That two others have the name makes it no less undeclared.
            Err(PatchErrorKind::AmbiguousName) => Ok(None),
            found => found,
        }
    }

    fn whole(&mut self) -> Result<Slot, PatchErrorKind> {
        let mut members = Vec::new();
        for (row, member) in E::MEMBERS.iter().enumerate() {
            members.push((member.name, self.load(row)?.slot));
        }
        let undeclared = self.all_undeclared()?;
        members.extend(undeclared.iter().map(|(name, slot)| (name.as_ref(), *slot)));
        let whole = self.text.object(members.into_iter());
        Ok(self.text.apart(whole))
    }

    fn is_whole(&mut self, value: &Piece) -> Result<bool, PatchErrorKind> {
        let Some(given) = self.text.members_of(*value)? else { return Ok(false) };
        let undeclared = self.all_undeclared()?;
        if given.len() != E::MEMBERS.len() + undeclared.len() {
            return Ok(false);
        }
        let mut given: HashMap<Cow<'t, str>, Piece> = given.into_iter().collect();
        for (row, member) in E::MEMBERS.iter().enumerate() {
            let Some(value) = given.remove(member.name) else { return Ok(false) };
            let value = if member.is_respelt { self.respelt(row, value) } else { value };
            let slot = self.declared(row)?;
            if !self.text.equals(slot, value)? {
                return Ok(false);
            }
        }
        for (name, slot) in undeclared.iter() {
            // The second of two that have one name finds nothing.
            let Some(value) = given.remove(name) else { return Ok(false) };
            if !self.text.equals(*slot, value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn node(&mut self, place: Slot) -> Result<Spot<'_, 't>, PatchErrorKind> {
        Ok(self.text.at(place))
    }

    fn is_null(&mut self, place: Slot) -> Result<bool, PatchErrorKind> {
        Ok(self.text.is_null_at(place))
    }

    fn take(&mut self, place: Slot) -> Result<Piece, PatchErrorKind> {
        Ok(self.text.take(place))
    }

    /// The text still has what was there before.
    fn discard(_old: Piece) {}

    fn given<'p>(value: Piece) -> Self::Given<'p> {
        value
    }

    /// What was read from a body is not too deep for its place.
    fn check_depth(&self, _path: Tokens<'_>, _value: &Piece, _context: &Context) -> Result<(), PatchErrorKind> {
        Ok(())
    }

    /// What appends to an array leads one level further down than the merge patch does.
    fn check(&self, step: &OperationOn<'_, '_, Self>, context: &Context) -> Result<(), PatchErrorKind> {
        match *step {
            Operation::Add { path, value } | Operation::Replace { path, value } => {
                context.check_depth(path, |levels| self.text.is_deeper_than(value, levels))
            }
            Operation::Remove { .. } | Operation::Move { .. } | Operation::Copy { .. } | Operation::Test { .. } => {
                Ok(())
            }
        }
    }

    fn members_of<'v>(&mut self, value: &'v Piece) -> Result<Option<Vec<GivenMember<'v, Self>>>, PatchErrorKind> {
        let members = self.text.members_of(*value)?;
        Ok(members
            .map(|members| members.into_iter().map(|(name, value)| (Cow::Owned(name.into_owned()), value)).collect()))
    }

    fn merged(
        &mut self,
        place: Slot,
        name: &str,
        patch: &Piece,
        dialect: &Dialect,
    ) -> Result<Vec<Operation<Pointer, Piece>>, PatchError> {
        self.text.merged(name, *patch, place, dialect)
    }

    fn respelt<'p>(&mut self, row: usize, value: Self::Given<'p>) -> Self::Given<'p> {
        // What is spelt as the member is, is spelt already.
        if let Ok(slot) = self.declared(row)
            && self.text.has_bytes_of(slot, value)
        {
            return value;
        }
        let slot = self.text.apart(value);
        match self.spelt(row, slot) {
            Ok(Some(spelt)) => spelt,
            Ok(None) | Err(_) => value,
        }
    }

    fn respell(&mut self, row: usize) -> Result<(), PatchErrorKind> {
        let slot = self.declared(row)?;
        if E::MEMBERS[row].is_respelt
            && let Some(spelt) = self.spelt(row, slot)?
        {
            self.text.replace(slot, spelt);
        }
        Ok(())
    }

    fn settle(&mut self, row: usize) -> Result<Settled, PatchErrorKind> {
        let mut named = self.load(row)?;
        if self.text.equals(named.slot, named.before)? {
            return Ok(Settled::Unchanged);
        }
        if !self.is_valid(row, named.slot)? {
            return Ok(Settled::Invalid);
        }
        if let Spelling::Own = (E::MEMBERS[row].spelling)()
            && let Some(spelt) = self.spelt(row, named.slot)?
        {
            self.text.replace(named.slot, spelt);
            if self.text.equals(named.slot, named.before)? {
                return Ok(Settled::Unchanged);
            }
        }
        named.is_changed = true;
        self.named.insert(row, named);
        Ok(Settled::Changed)
    }
}
