//! Which element of a patched array is which element of the stored one: by their key; or, where elements have none, by
//! what they are as a client sees them, or at least by their read-only members.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use crate::{
    document::Refusal,
    entity::{
        compare,
        names::Named,
        table::{Access, Inside, Rest, Row, Table},
    },
    json::{name::Case, tape::Kind},
    text::{Slot, Text, Version},
};

/// The stored element that an element is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Partner {
    pub(super) index: usize,
    /// It is that element as a whole, and not only by its read-only members.
    pub(super) keeps_hidden: bool,
}

/// An array, and the slots of its elements.
type Elements<'e> = (Version, &'e [Slot]);

/// Matches elements by their key. An element without one, or with one that is not stored, is new. The second list has
/// the elements whose key another one has.
pub(super) fn by_key(
    text: &mut Text<'_>,
    of: Inside,
    row: &'static Row,
    old: Elements<'_>,
    new: Elements<'_>,
    work: &mut usize,
) -> Result<(Vec<Option<Partner>>, Vec<usize>), Refusal> {
    let mut stored: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
    let mut is_used = vec![true; old.1.len()];
    for (index, &slot) in old.1.iter().enumerate() {
        match key_of(text, row, old.0, slot, work)? {
            Some(key) => stored.entry(key).or_default().push(index),
            None => is_used[index] = false,
        }
    }
    let mut seen: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut repeated = Vec::new();
    let mut partners = Vec::with_capacity(new.1.len());
    let mut unkeyed = Vec::new();
    for (index, &slot) in new.1.iter().enumerate() {
        let key = key_of(text, row, new.0, slot, work)?;
        let count = key.as_ref().and_then(|key| seen.get(key)).copied().unwrap_or_default();
        let partner = match &key {
            // A text may be stored with a key that several elements have.
            Some(key) => stored.get(key).and_then(|own| own.get(count).or(own.last())).copied(),
            None => {
                // An element that had no key is what it was, perhaps edited inside.
                let own = own_index(text, old.0, slot).filter(|own| !std::mem::replace(&mut is_used[*own], true));
                if own.is_none() {
                    unkeyed.push(index);
                }
                own
            }
        };
        partners.push(partner.map(|index| Partner { index, keeps_hidden: true }));
        if let Some(key) = key {
            seen.insert(key, count + 1);
            if count > 0 {
                repeated.push(index);
            }
        }
    }
    // One that a client sends back as it sees it is what it was, too.
    Prints::new(text, Part::Visible, work).pair(of, old, new, &unkeyed, &mut is_used, &mut partners)?;
    Ok((partners, repeated))
}

/// The key of an element as its type writes it, unless it is absent or null.
fn key_of(
    text: &mut Text<'_>,
    row: &'static Row,
    array: Version,
    slot: Slot,
    work: &mut usize,
) -> Result<Option<Vec<u8>>, Refusal> {
    let element = text.child_of(array, slot)?;
    if text.kind_of(element) != Kind::Object {
        return Ok(None);
    }
    let Some(key) = compare::member(text, element, row)? else { return Ok(None) };
    let key = text.child_of(element, key)?;
    if text.kind_of(key) == Kind::Null {
        return Ok(None);
    }
    let is_number = text.kind_of(key) == Kind::Number;
    let key = match compare::read(text, row, key, work) {
        Ok(Some(reading)) => reading.json,
        // The same string may be spelled with escapes.
        Ok(None) | Err(_) => text.canonical(key),
    };
    Ok(Some(if is_number && is_zero(&key) { b"0".to_vec() } else { key }))
}

/// Whether a number is zero, which has a sign or none.
fn is_zero(number: &[u8]) -> bool {
    let mut digits = number.iter().take_while(|byte| !matches!(byte, b'e' | b'E'));
    !digits.any(|byte| matches!(byte, b'1'..=b'9'))
}

/// Matches elements that have no key: those that are stored elements, perhaps edited inside; then those that are equal
/// to one as a client sees it; then those that have the read-only members of one. Each stored element is used once.
pub(super) fn by_content(
    text: &mut Text<'_>,
    of: Inside,
    old: Elements<'_>,
    new: Elements<'_>,
    work: &mut usize,
) -> Result<Vec<Option<Partner>>, Refusal> {
    by_parts(text, of, old, new, &[Part::Visible, Part::ReadOnly], work)
}

/// Matches elements that have no key and that a client sent: those that are equal to a stored one but for what only the
/// server writes.
pub(super) fn by_sight(
    text: &mut Text<'_>,
    of: Inside,
    old: Elements<'_>,
    new: Elements<'_>,
    work: &mut usize,
) -> Result<Vec<Option<Partner>>, Refusal> {
    by_parts(text, of, old, new, &[Part::Visible], work)
}

fn by_parts(
    text: &mut Text<'_>,
    of: Inside,
    old: Elements<'_>,
    new: Elements<'_>,
    parts: &[Part],
    work: &mut usize,
) -> Result<Vec<Option<Partner>>, Refusal> {
    let mut partners = vec![None; new.1.len()];
    let mut is_used = vec![false; old.1.len()];
    for (partner, &slot) in partners.iter_mut().zip(new.1) {
        let own = own_index(text, old.0, slot);
        if let Some(index) = own.filter(|&index| !std::mem::replace(&mut is_used[index], true)) {
            *partner = Some(Partner { index, keeps_hidden: true });
        }
    }
    for &part in parts {
        let places: Vec<usize> = (0..partners.len()).filter(|place| partners[*place].is_none()).collect();
        Prints::new(text, part, work).pair(of, old, new, &places, &mut is_used, &mut partners)?;
    }
    Ok(partners)
}

/// Stored elements that have one print, in their order.
#[derive(Default)]
struct Alike {
    indices: Vec<usize>,
    /// All before this one are used.
    first: usize,
}

impl Alike {
    fn in_place(&self, place: usize, is_used: &[bool]) -> Option<usize> {
        self.indices.binary_search(&place).ok().filter(|_| !is_used[place]).map(|_| place)
    }

    fn first(&mut self, is_used: &[bool]) -> Option<usize> {
        self.first += self.indices[self.first..].iter().take_while(|index| is_used[**index]).count();
        self.indices.get(self.first).copied()
    }
}

/// The index of the stored element that is in a slot now, moved or edited, but not replaced.
fn own_index(text: &Text<'_>, before: Version, slot: Slot) -> Option<usize> {
    text.recorded_index(before, text.now(slot))
}

/// What of an element is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    /// What a client sees.
    Visible,
    /// The read-only members, at every depth.
    ReadOnly,
}

/// The print of an element that has nothing of a part.
const NOTHING: u64 = 0;

/// Numbers that elements share whose parts are equal. A member counts as its type spells it; one that is null or absent,
/// or what an absent one reads as, does not count, nor does the order of members.
struct Prints<'p, 't> {
    text: &'p mut Text<'t>,
    part: Part,
    work: &'p mut usize,
    hasher: RandomState,
    /// The prints of what absent members read as, by their row.
    absent: HashMap<(*const Row, Part), u64>,
}

impl<'p, 't> Prints<'p, 't> {
    fn new(text: &'p mut Text<'t>, part: Part, work: &'p mut usize) -> Prints<'p, 't> {
        Prints { text, part, work, hasher: RandomState::new(), absent: HashMap::new() }
    }

    /// Gives each of these places the first stored element with its print that is not used yet, or the one in its place.
    fn pair(
        &mut self,
        of: Inside,
        old: Elements<'_>,
        new: Elements<'_>,
        places: &[usize],
        is_used: &mut [bool],
        partners: &mut [Option<Partner>],
    ) -> Result<(), Refusal> {
        if places.is_empty() || is_used.iter().all(|is_used| *is_used) {
            return Ok(());
        }
        let mut stored: HashMap<u64, Alike> = HashMap::new();
        for (index, &slot) in old.1.iter().enumerate().filter(|(index, _)| !is_used[*index]) {
            let version = self.text.child_of(old.0, slot)?;
            stored.entry(self.print(of, version)?).or_default().indices.push(index);
        }
        for &place in places {
            let version = self.text.now(new.1[place]);
            let print = self.print(of, version)?;
            let Some(alike) = stored.get_mut(&print) else { continue };
            // Where nothing else distinguishes them, an element is the one in its place.
            let index = match (alike.in_place(place, is_used), self.part, print) {
                (Some(index), ..) => Some(index),
                (None, Part::ReadOnly, NOTHING) => None,
                (None, Part::Visible | Part::ReadOnly, _) => alike.first(is_used),
            };
            if let Some(index) = index {
                is_used[index] = true;
                partners[place] = Some(Partner { index, keeps_hidden: self.part == Part::Visible });
            }
        }
        Ok(())
    }

    fn print(&mut self, inside: Inside, version: Version) -> Result<u64, Refusal> {
        let print = match (inside, self.text.kind_of(version)) {
            (Inside::Object(table), Kind::Object) => self.object(table(), version)?,
            (Inside::Elements { of, .. }, Kind::Array) => {
                let mut prints = Vec::new();
                for slot in self.text.slots_of(version)? {
                    let child = self.text.child_of(version, slot)?;
                    prints.push(self.print(*of, child)?);
                }
                let is_nothing = self.part == Part::ReadOnly && prints.iter().all(|print| *print == NOTHING);
                if is_nothing { NOTHING } else { self.hasher.hash_one(prints) }
            }
            (Inside::Values { of }, Kind::Object) => {
                let mut sum = NOTHING;
                for slot in self.text.slots_of(version)? {
                    let (name, child) = (self.text.name_of(slot), self.text.child_of(version, slot)?);
                    let print = self.print(*of, child)?;
                    sum = sum.wrapping_add(self.named(&name, print));
                }
                sum
            }
            _ => return self.leaf(None, version),
        };
        // What is there and has nothing in it is not null.
        Ok(if self.part == Part::Visible { self.hasher.hash_one((print, true)) } else { print })
    }

    fn leaf(&mut self, row: Option<&'static Row>, version: Version) -> Result<u64, Refusal> {
        if self.part == Part::ReadOnly || self.text.kind_of(version) == Kind::Null {
            return Ok(NOTHING);
        }
        let reading = match row {
            Some(row) => compare::read(self.text, row, version, self.work),
            None => Ok(None),
        };
        let spelled = match reading {
            Ok(Some(reading)) => self.text.added_version(&reading.json)?,
            Ok(None) | Err(_) => version,
        };
        Ok(self.text.fingerprint(spelled, &self.hasher)?)
    }

    /// The print of a declared member.
    fn member(&mut self, row: &'static Row, version: Version) -> Result<u64, Refusal> {
        let part = self.part;
        if row.access == Access::ReadOnly {
            self.part = Part::Visible;
        }
        let print = self.spelled_member(row, version);
        let absent = match self.absent.get(&(std::ptr::from_ref(row), self.part)) {
            Some(absent) => Ok(*absent),
            None => self.absent_member(row),
        };
        self.part = part;
        let print = print?;
        Ok(if print == absent? { NOTHING } else { print })
    }

    fn spelled_member(&mut self, row: &'static Row, version: Version) -> Result<u64, Refusal> {
        match row.inside {
            Inside::Opaque => self.leaf(Some(row), version),
            Inside::Object(_) | Inside::Elements { .. } | Inside::Values { .. } => self.print(row.inside, version),
        }
    }

    fn absent_member(&mut self, row: &'static Row) -> Result<u64, Refusal> {
        let absent = compare::absent(self.text, row)?;
        let print = self.spelled_member(row, absent)?;
        self.absent.insert((std::ptr::from_ref(row), self.part), print);
        Ok(print)
    }

    fn object(&mut self, table: &'static Table, version: Version) -> Result<u64, Refusal> {
        let mut sum = NOTHING;
        for slot in self.text.slots_of(version)? {
            let (name, child) = (self.text.name_of(slot), self.text.child_of(version, slot)?);
            let print = match table.find(&name, Case::Exact) {
                Named::Row(row) if row.is_hidden() => continue,
                Named::Row(row) => {
                    let print = self.member(row, child)?;
                    self.named(row.name, print)
                }
                Named::Undeclared if self.part == Part::Visible && table.rest != Rest::Unknown => {
                    let print = self.text.fingerprint(child, &self.hasher)?;
                    self.named(&name, print)
                }
                Named::Undeclared | Named::OutputOnly => continue,
            };
            sum = sum.wrapping_add(print);
        }
        Ok(sum)
    }

    /// The print of a part of a container.
    fn named(&self, name: &str, print: u64) -> u64 {
        if print == NOTHING { NOTHING } else { self.hasher.hash_one((name, print)) }
    }
}
