//! The members of an entity, each read as a tree of its own when it is first named.

use std::{borrow::Cow, collections::BTreeMap, mem};

use serde_json::{Map, Value};

use crate::{
    dialect::Dialect,
    document::{Context, PatchError, PatchErrorKind, merge::Merge},
    entity::{
        Entity, Member,
        session::{GivenMember, Members, OperationOn, Settled},
        table::{Rows, Spelling},
    },
    json::{
        name::{self, Case, Found},
        value,
    },
    patch::{
        operation::Operation,
        pointer::{Pointer, Tokens},
    },
    tree,
};

/// The members of an entity that is only read.
pub(super) struct TreeMembers<'e, E> {
    entity: &'e E,
    case: Case,
    /// The declared members that were named, as they are now.
    named: Rows<Value>,
    /// Copies of the members that are not declared and were named, because what is not written is looked at by the
    /// same rules as what is.
    undeclared: BTreeMap<&'e str, Value>,
    /// A copy of all members, while one operation takes it.
    whole: Value,
    /// The new entity, once a member was settled.
    new: Option<E>,
}

#[derive(Clone, Copy)]
pub(super) enum Place<'e> {
    Declared(usize),
    Undeclared(&'e str),
    Whole,
}

impl<'e, E: Entity> TreeMembers<'e, E> {
    pub(super) fn new(entity: &'e E, case: Case) -> TreeMembers<'e, E> {
        TreeMembers { entity, case, named: Rows::new(), undeclared: BTreeMap::new(), whole: Value::Null, new: None }
    }

    /// The entity with what was settled.
    pub(super) fn into_entity(self) -> E {
        self.new.unwrap_or_else(|| self.entity.clone())
    }

    fn load(&mut self, row: usize) -> Result<&mut Value, PatchErrorKind> {
        // Looked up twice, because a reference from the first look would be held in the other case, too.
        if self.named.get(row).is_none() {
            let value = (E::MEMBERS[row].read)(self.entity).ok_or(PatchErrorKind::InvalidValue)?;
            return Ok(self.named.insert(row, value));
        }
        self.named.get_mut(row).ok_or(PatchErrorKind::InvalidValue)
    }

    fn value(&mut self, place: Place<'e>) -> Result<&mut Value, PatchErrorKind> {
        match place {
            Place::Declared(row) => self.load(row),
            Place::Undeclared(name) => self.undeclared.get_mut(name).ok_or(PatchErrorKind::NotFound),
            Place::Whole => Ok(&mut self.whole),
        }
    }
}

impl<'e, E: Entity> Members for TreeMembers<'e, E> {
    type Entity = E;
    type Value = Value;
    type Given<'p> = Cow<'p, Value>;
    type Place = Place<'e>;
    type Node<'d>
        = &'d mut Value
    where
        Self: 'd;

    fn declared(&mut self, row: usize) -> Result<Place<'e>, PatchErrorKind> {
        Ok(Place::Declared(row))
    }

    fn undeclared(&mut self, name: &str, context: &mut Context) -> Result<Option<Place<'e>>, PatchErrorKind> {
        let Some(members) = self.entity.undeclared() else { return Ok(None) };
        let stored = match members.get_key_value(name) {
            Some(exact) => Some(exact),
            None if self.case == Case::Exact => None,
            None => {
                context.work(members.len())?;
                match name::find(members.keys().map(String::as_str), name, self.case) {
                    Found::At(position) => members.iter().nth(position),
                    // The table alone decides what a name stands for; that two others have it makes it no less
                    // undeclared.
                    Found::Nothing | Found::Ambiguous => None,
                }
            }
        };
        Ok(stored.map(|(name, value)| {
            self.undeclared.entry(name).or_insert_with(|| value.clone());
            Place::Undeclared(name)
        }))
    }

    fn whole(&mut self) -> Result<Place<'e>, PatchErrorKind> {
        let mut whole = Map::new();
        for (row, member) in E::MEMBERS.iter().enumerate() {
            whole.insert(member.name.to_owned(), self.load(row)?.clone());
        }
        let undeclared = self.entity.undeclared().into_iter().flatten();
        whole.extend(undeclared.map(|(name, value)| (name.clone(), value.clone())));
        self.whole = Value::Object(whole);
        Ok(Place::Whole)
    }

    fn is_whole(&mut self, value: &Cow<'_, Value>) -> Result<bool, PatchErrorKind> {
        let Value::Object(members) = value.as_ref() else { return Ok(false) };
        let undeclared = self.entity.undeclared();
        if members.len() != E::MEMBERS.len() + undeclared.map_or(0, Map::len) {
            return Ok(false);
        }
        for (row, member) in E::MEMBERS.iter().enumerate() {
            let Some(value) = members.get(member.name) else { return Ok(false) };
            let value = match member.is_respelt {
                true => self.respelt(row, Cow::Borrowed(value)),
                false => Cow::Borrowed(value),
            };
            if !value::equal(self.load(row)?, &value) {
                return Ok(false);
            }
        }
        let mut undeclared = undeclared.into_iter().flatten();
        Ok(undeclared.all(|(name, stored)| members.get(name).is_some_and(|value| value::equal(stored, value))))
    }

    fn node(&mut self, place: Place<'e>) -> Result<&mut Value, PatchErrorKind> {
        self.value(place)
    }

    fn is_null(&mut self, place: Place<'e>) -> Result<bool, PatchErrorKind> {
        Ok(self.value(place)?.is_null())
    }

    fn take(&mut self, place: Place<'e>) -> Result<Value, PatchErrorKind> {
        Ok(mem::take(self.value(place)?))
    }

    fn discard(old: Value) {
        value::discard(old);
    }

    fn given<'p>(value: Value) -> Cow<'p, Value> {
        Cow::Owned(value)
    }

    fn check_depth(&self, path: Tokens<'_>, value: &Cow<'_, Value>, context: &Context) -> Result<(), PatchErrorKind> {
        context.check_depth(path, |levels| value::is_deeper_than(value, levels))
    }

    fn check(&self, step: &OperationOn<'_, '_, Self>, context: &Context) -> Result<(), PatchErrorKind> {
        tree::check(step, context)
    }

    fn members_of<'v>(
        &mut self,
        value: &'v Cow<'_, Value>,
    ) -> Result<Option<Vec<GivenMember<'v, Self>>>, PatchErrorKind> {
        let members = value.as_object().map(|members| {
            members.iter().map(|(name, value)| (Cow::Borrowed(name.as_str()), Cow::Borrowed(value))).collect()
        });
        Ok(members)
    }

    fn merged(
        &mut self,
        place: Place<'e>,
        name: &str,
        patch: &Cow<'_, Value>,
        dialect: &Dialect,
    ) -> Result<Vec<Operation<Pointer, Value>>, PatchError> {
        let mut merge = Merge::new(tree::merge::Trees { case: self.case }, dialect);
        let target = self.value(place).map_err(|kind| PatchError::new(kind, None, Pointer::to_member(name)))?;
        merge.member(name, patch.as_ref(), target)?;
        Ok(merge.into_steps())
    }

    fn respelt<'p>(&mut self, row: usize, value: Self::Given<'p>) -> Self::Given<'p> {
        // The member itself is spelt already.
        if self.load(row).is_ok_and(|loaded| value::are_equal_scalars(loaded, &value)) {
            return value;
        }
        (E::MEMBERS[row].respell)(&value).map_or(value, Cow::Owned)
    }

    fn respell(&mut self, row: usize) -> Result<(), PatchErrorKind> {
        let Member { is_respelt, respell, .. } = E::MEMBERS[row];
        if is_respelt {
            let value = self.load(row)?;
            if let Some(spelt) = respell(value) {
                *value = spelt;
            }
        }
        Ok(())
    }

    fn settle(&mut self, row: usize) -> Result<Settled, PatchErrorKind> {
        let member = &E::MEMBERS[row];
        let value = mem::take(self.load(row)?);
        if (member.equals)(self.entity, &value) {
            return Ok(Settled::Unchanged);
        }
        let entity = self.new.get_or_insert_with(|| self.entity.clone());
        if !(member.write)(entity, value) {
            return Ok(Settled::Invalid);
        }
        let is_unchanged = match (member.spelling)() {
            Spelling::Shaped(_) | Spelling::Kept => false,
            Spelling::Own => (member.read)(entity).is_some_and(|new| (member.equals)(self.entity, &new)),
        };
        Ok(if is_unchanged { Settled::Unchanged } else { Settled::Changed })
    }
}
