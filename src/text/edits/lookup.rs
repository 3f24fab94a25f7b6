//! How a member of a text is found by its name. Most names differ in their first eight bytes, and a member that
//! was found is remembered, since a patch often leads through one name again and again.

use super::{
    searches::{RECENT, Recent, Searched, Wide},
    slots::{REMOVED, Slot, ValueAt},
    text::Text,
};
use crate::{
    document::PatchErrorKind,
    json::{
        bytes,
        name::{self, Ambiguous, Case, NameIndex, NameStart},
        string::{is_plain, name_at, name_eq_escaped, starts_with_name, unescape},
        tape::Entry,
    },
};

impl Text<'_> {
    /// The member that a name selects.
    #[inline(always)]
    pub(crate) fn lookup(&mut self, object: ValueAt, name: &str, case: Case) -> Result<Option<Slot>, PatchErrorKind> {
        // Enough for the members of an entity.
        let place = match name.as_bytes() {
            [first, .., last] => object.0 as usize + 5 * name.len() + 3 * usize::from(*first) + usize::from(*last),
            _ => object.0 as usize,
        } % RECENT;
        let recent = self.recent[place];
        // It was the only one with this name, and while it is there no other one is added.
        if recent.object == object && recent.length as usize == name.len() && self.is_spelt(recent.slot, name) {
            return Ok(Some(recent.slot));
        }
        self.lookup_among_all(object, name, case, place)
    }

    /// Searches for a member that is not remembered at its place.
    #[inline(never)]
    fn lookup_among_all(
        &mut self,
        object: ValueAt,
        name: &str,
        case: Case,
        place: usize,
    ) -> Result<Option<Slot>, PatchErrorKind> {
        let sought = Sought::of(name, case);
        let found = self.search_any(object, Searched::Now(case), &sought)?;
        if let Some(slot) = found.filter(|&slot| sought.is_plain && self.is_spelt(slot, name)) {
            self.recent[place] = Recent { object, slot, length: name.len() as u32 };
        }
        Ok(found)
    }

    /// Whether the member in a slot is there and written like this name, which has no escape.
    #[inline]
    fn is_spelt(&self, slot: Slot, name: &str) -> bool {
        let Entry { key, children, .. } = self.entry(slot);
        children & REMOVED == 0 && starts_with_name(self.bytes(key), name)
    }

    /// Searches an object, however many members it has. The bytes that are compared for it are accounted for.
    pub(super) fn search_any(
        &mut self,
        object: ValueAt,
        searched: Searched,
        sought: &Sought<'_>,
    ) -> Result<Option<Slot>, PatchErrorKind> {
        let (_, count) = self.recorded(object);
        let added = match searched {
            Searched::Now(_) => self.list(object).map_or(0, |list| list.slots.len()),
            Searched::Stored => 0,
        };
        let found = match count as usize + added > NameIndex::<Slot>::PAYS_FROM {
            true => self.search_wide(object, searched, sought),
            false => self.search_few(object, searched, sought),
        };
        let compared = self.compared.take();
        self.charge(compared)?;
        found.map_err(|Ambiguous| PatchErrorKind::AmbiguousName)
    }

    #[inline(always)]
    fn search_few(&self, object: ValueAt, searched: Searched, sought: &Sought<'_>) -> Result<Option<Slot>, Ambiguous> {
        match searched {
            Searched::Now(_) => self.search(object, sought),
            Searched::Stored => self.search_stored(object, sought),
        }
    }

    /// Looks at one name after the other. A duplicate name in a stored text selects nothing.
    #[inline(always)]
    fn search(&self, object: ValueAt, sought: &Sought<'_>) -> Result<Option<Slot>, Ambiguous> {
        let mut found = Matches::default();
        if sought.is_plain && !self.tape.has_escaped_names() {
            self.search_recorded(object, sought, REMOVED, &mut found)?;
            if let Some(list) = self.list(object) {
                for &slot in list.slots.iter() {
                    let Entry { key, children, .. } = self.entry(slot);
                    let text = self.bytes(key);
                    if sought.may_start(text, 0) && children & REMOVED == 0 {
                        self.compare_spelling(slot, text, sought, &mut found)?;
                    }
                }
            }
        } else {
            self.children(object).try_for_each(|slot| {
                let text = self.bytes(self.entry(slot).key);
                let has_escape = text.iter().take(8).any(|byte| *byte == b'\\');
                if has_escape || sought.may_start(text, 0) {
                    self.compare(slot, text, sought, &mut found)
                } else {
                    Ok(())
                }
            })?;
        }
        found.only()
    }

    /// As [`search`](Text::search), among the members that the object was stored with.
    fn search_stored(&self, object: ValueAt, sought: &Sought<'_>) -> Result<Option<Slot>, Ambiguous> {
        let mut found = Matches::default();
        if sought.is_plain && !self.tape.has_escaped_names() {
            self.search_recorded(object, sought, 0, &mut found)?;
        } else {
            for slot in self.recorded_slots(object).map(Slot) {
                self.compare(slot, self.bytes(self.entry(slot).key), sought, &mut found)?;
            }
        }
        found.only()
    }

    /// Searches among the children that the text has, which are adjacent. Those with one of the marks in `but` are
    /// left out.
    #[inline(always)]
    fn search_recorded(
        &self,
        object: ValueAt,
        sought: &Sought<'_>,
        but: u32,
        found: &mut Matches,
    ) -> Result<(), Ambiguous> {
        let (first, count) = self.recorded(object);
        let members = &self.tape.entries()[first as usize..(first + count) as usize];
        let Some(member) = members.first() else { return Ok(()) };
        let (text, base) = self.segment(member.key);
        for (index, member) in (first..).zip(members) {
            let at = (member.key - base) as usize;
            if sought.may_start(text, at) && member.children & but == 0 {
                self.compare_spelling(Slot(index), &text[at..], sought, found)?;
            }
        }
        Ok(())
    }

    /// Notes a member that may have a name, which has no escape; its own starts this text.
    #[inline(never)]
    fn compare_spelling(
        &self,
        slot: Slot,
        text: &[u8],
        sought: &Sought<'_>,
        found: &mut Matches,
    ) -> Result<(), Ambiguous> {
        // Bytes that are compared as they are take little: eight count as one.
        self.compared.set(self.compared.get() + sought.name.len() / 8);
        match starts_with_name(text, sought.name) {
            true => found.exactly(slot),
            false if sought.case == Case::Folded => self.compare(slot, text, sought, found),
            false => Ok(()),
        }
    }

    /// Compares a name that may have escapes.
    fn compare(&self, slot: Slot, text: &[u8], sought: &Sought<'_>, found: &mut Matches) -> Result<(), Ambiguous> {
        let raw = name_at(text);
        self.compared.set(self.compared.get() + raw.len());
        if name_eq_escaped(raw, sought.name) {
            return found.exactly(slot);
        }
        if sought.case == Case::Folded && name::equal_folded(&unescape(raw), sought.name) {
            found.is_folded_twice = found.folded.replace(slot).is_some();
        }
        Ok(())
    }

    /// Searches an object with many members: the first times as any other, then over an index.
    fn search_wide(
        &mut self,
        object: ValueAt,
        searched: Searched,
        sought: &Sought<'_>,
    ) -> Result<Option<Slot>, Ambiguous> {
        let wide = self.wide.entry((object, searched)).or_default();
        wide.searches += 1;
        match &wide.index {
            Some(index) => index.find(sought.name),
            // An index costs about as much as two or three searches.
            None if wide.searches <= 3 => self.search_few(object, searched, sought),
            None => {
                let mut index = NameIndex::new(sought.case);
                match searched {
                    Searched::Now(_) => self.children(object).for_each(|slot| index.insert(&self.name(slot), slot)),
                    Searched::Stored => {
                        self.recorded_slots(object).map(Slot).for_each(|slot| index.insert(&self.name(slot), slot));
                    }
                }
                let found = index.find(sought.name);
                self.wide.insert((object, searched), Wide { searches: 0, index: Some(index) });
                found
            }
        }
    }

    /// Notes in the indexes of an object that a member came.
    pub(super) fn index_member(&mut self, object: ValueAt, slot: Slot) {
        self.change_indexes(object, slot, NameIndex::insert);
    }

    /// Notes in the indexes of an object that a member went.
    pub(super) fn unindex_member(&mut self, object: ValueAt, slot: Slot) {
        self.change_indexes(object, slot, NameIndex::remove);
    }

    fn change_indexes(&mut self, object: ValueAt, slot: Slot, change: fn(&mut NameIndex<Slot>, &str, Slot)) {
        for case in [Case::Exact, Case::Folded] {
            let key = (object, Searched::Now(case));
            if self.wide.get(&key).is_some_and(|wide| wide.index.is_some()) {
                let name = self.name(slot).into_owned();
                let index = self.wide.get_mut(&key).and_then(|wide| wide.index.as_mut());
                index.into_iter().for_each(|index| change(index, &name, slot));
            }
        }
    }
}

/// A name that is looked for.
pub(super) struct Sought<'n> {
    name: &'n str,
    case: Case,
    /// Whether it is written without an escape.
    is_plain: bool,
    start: NameStart,
}

impl<'n> Sought<'n> {
    #[inline]
    pub(super) fn of(name: &'n str, case: Case) -> Sought<'n> {
        Sought { name, case, is_plain: is_plain(name), start: NameStart::of(name, case) }
    }

    /// Whether the name that starts at an offset of a text may be this one. An escape is compared as it is written: who
    /// asks looks for one first.
    #[inline(always)]
    fn may_start(&self, text: &[u8], at: usize) -> bool {
        let start = text.get(at..at + 8).and_then(<[u8]>::first_chunk);
        start.is_none_or(|start| self.start.may_be(bytes::word(start)))
    }
}

/// The members that a name may stand for.
#[derive(Default)]
struct Matches {
    exact: Option<Slot>,
    folded: Option<Slot>,
    is_folded_twice: bool,
}

impl Matches {
    fn exactly(&mut self, slot: Slot) -> Result<(), Ambiguous> {
        if self.exact.replace(slot).is_some() { Err(Ambiguous) } else { Ok(()) }
    }

    /// The exact spelling wins.
    fn only(self) -> Result<Option<Slot>, Ambiguous> {
        match self.exact {
            None if self.is_folded_twice => Err(Ambiguous),
            None => Ok(self.folded),
            exact => Ok(exact),
        }
    }
}
