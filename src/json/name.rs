//! How a reference token names a member: the exact spelling first, then the only spelling that is equal under Unicode
//! case folding. Nothing else in this crate compares names.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashMap, hash_map::Entry},
    hash::{DefaultHasher, Hash, Hasher},
};

use unicase::UniCase;

use crate::json::bytes;

/// How names are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Case {
    /// Byte for byte, as the RFCs do.
    Exact,
    /// The exact spelling wins, else case does not matter.
    Folded,
}

/// What a name means among the names of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The only member that has this name: its position, 0-based.
    At(usize),
    Nothing,
    /// Two or more names are equal to it under case folding, and none of them exactly.
    Ambiguous,
}

/// Looks a name up among the names of one object.
pub(crate) fn find<'n>(names: impl Iterator<Item = &'n str>, wanted: &str, case: Case) -> Found {
    let mut found = Found::Nothing;
    for (position, name) in names.enumerate() {
        if name == wanted {
            return Found::At(position);
        }
        if case == Case::Folded && equal_folded(name, wanted) {
            found = found.or(position);
        }
    }
    found
}

/// Searches in any case, for a name that none of the names is exactly.
pub(crate) fn find_folded<'n>(names: impl Iterator<Item = &'n str>, wanted: &str) -> Found {
    names.enumerate().filter(|(_, name)| equal_folded(name, wanted)).fold(Found::Nothing, |found, (at, _)| found.or(at))
}

impl Found {
    /// What was found, with one more.
    pub(crate) fn or(self, position: usize) -> Found {
        match self {
            Found::Nothing => Found::At(position),
            Found::At(_) | Found::Ambiguous => Found::Ambiguous,
        }
    }
}

/// The bit that letters of ASCII differ by in case, in each byte of a word. Names of ASCII that are equal under case
/// folding agree in all the others.
pub(crate) const CASE: u64 = bytes::eight(0x20);

/// The first eight bytes of a name, or all of a shorter one with a quote after it: enough to rule out most others.
pub(crate) struct NameStart {
    word: u64,
    /// The bits that are to agree.
    mask: u64,
    /// The bits that only a character beyond ASCII has: it may be equal to letters under case folding.
    foreign: u64,
}

impl NameStart {
    #[inline]
    pub(crate) fn of(name: &str, case: Case) -> NameStart {
        let text = name.as_bytes();
        let (word, used) = match text.first_chunk() {
            Some(start) => (bytes::word(start), u64::MAX),
            None => (bytes::padded(text) | u64::from(b'"') << (8 * text.len()), u64::MAX >> (56 - 8 * text.len())),
        };
        let (mask, foreign) = match case {
            Case::Exact => (used, 0),
            // A character beyond ASCII may be equal to one or more letters, but none to nothing.
            Case::Folded if bytes::above_ascii(word) == 0 => (used & !CASE, bytes::above_ascii(used)),
            Case::Folded => (0, 0),
        };
        NameStart { word, mask, foreign }
    }

    /// Whether a name may be this one, exactly or under case folding, given its first eight bytes; a quote follows a
    /// shorter one.
    #[inline(always)]
    pub(crate) fn may_be(&self, word: u64) -> bool {
        (word ^ self.word) & self.mask == 0 || word & self.foreign != 0
    }
}

/// The members of one object by their names, for an object so wide that looking at all names each time would not pay.
#[derive(Debug)]
pub(crate) struct NameIndex<K> {
    exact: HashMap<String, Keys<K>>,
    /// Where case is ignored.
    folded: Option<HashMap<UniCase<String>, Keys<K>>>,
}

/// The members that share a name. Mostly there is one.
#[derive(Debug)]
enum Keys<K> {
    One(K),
    Several(BTreeSet<K>),
}

/// Two or more members have the name that was looked up.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ambiguous;

impl<K: Copy + Ord> NameIndex<K> {
    /// An object of up to this many members is searched faster than indexed.
    pub(crate) const PAYS_FROM: usize = 64;

    pub(crate) fn new(case: Case) -> NameIndex<K> {
        NameIndex { exact: HashMap::new(), folded: (case == Case::Folded).then(HashMap::new) }
    }

    pub(crate) fn insert(&mut self, name: &str, key: K) {
        insert(self.exact.entry(name.to_owned()), key);
        if let Some(folded) = &mut self.folded {
            insert(folded.entry(UniCase::unicode(name.to_owned())), key);
        }
    }

    pub(crate) fn remove(&mut self, name: &str, key: K) {
        remove(self.exact.entry(name.to_owned()), key);
        if let Some(folded) = &mut self.folded {
            remove(folded.entry(UniCase::unicode(name.to_owned())), key);
        }
    }

    /// The only member that has exactly this name, else the only one whose name is equal under case folding.
    pub(crate) fn find(&self, name: &str) -> Result<Option<K>, Ambiguous> {
        let exact = self.exact.get(name).map_or(Ok(None), Keys::only);
        match (exact, &self.folded) {
            (Ok(None), Some(folded)) => folded.get(&UniCase::unicode(name.to_owned())).map_or(Ok(None), Keys::only),
            (exact, _) => exact,
        }
    }
}

fn insert<N, K: Copy + Ord>(entry: Entry<'_, N, Keys<K>>, key: K) {
    match entry {
        Entry::Vacant(entry) => {
            entry.insert(Keys::One(key));
        }
        Entry::Occupied(mut entry) => match entry.get_mut() {
            Keys::One(other) => {
                let keys = BTreeSet::from([*other, key]);
                entry.insert(Keys::Several(keys));
            }
            Keys::Several(keys) => {
                keys.insert(key);
            }
        },
    }
}

fn remove<N, K: Copy + Ord>(entry: Entry<'_, N, Keys<K>>, key: K) {
    if let Entry::Occupied(mut entry) = entry {
        match entry.get_mut() {
            Keys::One(other) if *other == key => {
                entry.remove();
            }
            Keys::One(_) => {}
            Keys::Several(keys) => {
                keys.remove(&key);
            }
        }
    }
}

impl<K: Copy + Ord> Keys<K> {
    fn only(&self) -> Result<Option<K>, Ambiguous> {
        match self {
            Keys::One(key) => Ok(Some(*key)),
            Keys::Several(keys) if keys.len() > 1 => Err(Ambiguous),
            Keys::Several(keys) => Ok(keys.first().copied()),
        }
    }
}

/// Whether two names are equal under Unicode case folding: `ß` is `ss`, and the Kelvin sign is `k`.
#[inline]
pub(crate) fn equal_folded(left: &str, right: &str) -> bool {
    // A character of ASCII folds to one of ASCII, and no character to nothing. So where both names start, or end, with
    // such a character, these tell; and most of the names of an object differ in one of them.
    let differ = |ends: (Option<&u8>, Option<&u8>)| match ends {
        // In ASCII, all but one bit of a letter is there in both cases.
        (Some(left), Some(right)) => (left | right).is_ascii() && (left ^ right) & !0x20 != 0,
        (None, None) => false,
        (Some(_), None) | (None, Some(_)) => true,
    };
    let (one, other) = (left.as_bytes(), right.as_bytes());
    let ends = [(one.first(), other.first()), (one.last(), other.last())];
    !ends.into_iter().any(differ) && are_equal_folded(left, right)
}

fn are_equal_folded(left: &str, right: &str) -> bool {
    // The same holds up to the first other character.
    let mut pairs = left.bytes().zip(right.bytes());
    match pairs.position(|(left, right)| !left.eq_ignore_ascii_case(&right) || !left.is_ascii()) {
        Some(at) if left.as_bytes()[at].is_ascii() && right.as_bytes()[at].is_ascii() => false,
        Some(at) => UniCase::unicode(&left[at..]) == UniCase::unicode(&right[at..]),
        None => left.len() == right.len(),
    }
}

/// An order in which equal names are equal.
pub(crate) fn compare(left: &str, right: &str, case: Case) -> Ordering {
    match case {
        Case::Exact => left.cmp(right),
        Case::Folded => UniCase::unicode(left).cmp(&UniCase::unicode(right)),
    }
}

/// A number that equal names share, and most unequal ones do not.
pub(crate) fn hash(name: &str, case: Case) -> u64 {
    let mut hasher = DefaultHasher::new();
    match case {
        Case::Exact => name.hash(&mut hasher),
        Case::Folded => UniCase::unicode(name).hash(&mut hasher),
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_spelling_wins_else_the_only_folded_one() {
        let rows: [(&[&str], &str, Case, Found); 19] = [
            (&["\u{E9}a"], "\u{EA}a", Case::Folded, Found::Nothing),
            (&["Name"], "Name", Case::Exact, Found::At(0)),
            (&["Name"], "name", Case::Exact, Found::Nothing),
            (&["State", "Name"], "name", Case::Folded, Found::At(1)),
            (&["NAME", "name"], "name", Case::Folded, Found::At(1)),
            (&["NAME", "Name"], "name", Case::Folded, Found::Ambiguous),
            (&["WebhookId"], "Webhoo\u{212A}Id", Case::Folded, Found::At(0)),
            (&["strasse"], "stra\u{DF}e", Case::Folded, Found::At(0)),
            (&["\u{17F}tate"], "State", Case::Folded, Found::At(0)),
            (&[], "", Case::Folded, Found::Nothing),
            (&["\u{17F}tate"], "Statf", Case::Folded, Found::Nothing),
            (&["strasse"], "STRA\u{1E9E}E", Case::Folded, Found::At(0)),
            (&["stras"], "stra\u{DF}", Case::Folded, Found::Nothing),
            (&["a\u{E9}b"], "A\u{C9}B", Case::Folded, Found::At(0)),
            (&["a\u{E9}"], "a\u{EA}", Case::Folded, Found::Nothing),
            (&["a\u{E9}"], "a", Case::Folded, Found::Nothing),
            (&["a"], "a\u{E9}", Case::Folded, Found::Nothing),
            (&["n\u{430}me"], "name", Case::Folded, Found::Nothing),
            (&["name", "names"], "NAMES", Case::Folded, Found::At(1)),
        ];
        for (names, wanted, case, expected) in rows {
            assert_eq!(find(names.iter().copied(), wanted, case), expected, "{wanted} among {names:?}");
            if case == Case::Folded && !names.contains(&wanted) {
                assert_eq!(find_folded(names.iter().copied(), wanted), expected, "{wanted} among {names:?}");
            }
        }
    }

    #[test]
    fn the_start_of_a_name_rules_out_others() {
        let names = [
            "",
            "a",
            "A",
            "b",
            "Name",
            "NAME",
            "Nama",
            "Names",
            "members",
            "members:",
            "MEMBERS: 1",
            "members: 2",
            "stra\u{DF}e",
            "STRASSE",
            "\u{17F}tate",
            "State",
            "\u{212A}",
            "k",
            "n\u{430}me",
        ];
        for (name, other, case) in names.iter().flat_map(|name| {
            names.iter().flat_map(move |other| [Case::Exact, Case::Folded].map(|case| (*name, *other, case)))
        }) {
            let (text, sought) = (format!("{other}\"       "), format!("{name}\""));
            let (text, sought) = (&text.as_bytes()[..8], &sought.as_bytes()[..sought.len().min(8)]);
            let may_be = NameStart::of(name, case).may_be(bytes::padded(text));
            assert!(may_be || find([other].into_iter(), name, case) == Found::Nothing, "{name} and {other}");
            let start = &text[..sought.len()];
            let agrees = if case == Case::Exact { start == sought } else { start.eq_ignore_ascii_case(sought) };
            if case == Case::Exact || text.is_ascii() && sought.is_ascii() {
                assert_eq!(may_be, agrees, "{name} and {other}");
            }
        }
    }

    #[test]
    fn an_index_finds_what_is_there_now() {
        for (case, folded) in [(Case::Exact, None), (Case::Folded, Some(1))] {
            let mut index = NameIndex::new(case);
            index.insert("Name", 1);
            assert_eq!((index.find("Name"), index.find("NAME")), (Ok(Some(1)), Ok(folded)));
            index.insert("nAME", 2);
            assert_eq!(index.find("nAME"), Ok(Some(2)));
            assert_eq!(index.find("name"), if case == Case::Folded { Err(Ambiguous) } else { Ok(None) });
            index.remove("nAME", 2);
            index.remove("Name", 2);
            assert_eq!(index.find("Name"), Ok(Some(1)));
            assert_eq!((index.find("nAME"), index.find("name")), (Ok(folded), Ok(folded)));
            index.remove("Name", 1);
            assert_eq!((index.find("Name"), index.find("name")), (Ok(None), Ok(None)));
            index.insert("Name", 3);
            index.insert("Name", 4);
            assert_eq!(index.find("Name"), Err(Ambiguous));
        }
    }

    #[test]
    fn equal_names_have_one_hash() {
        for (left, right, exact, folded) in [
            ("Name", "Name", true, true),
            ("Name", "NAME", false, true),
            ("stra\u{DF}e", "STRASSE", false, true),
            ("\u{212A}", "k", false, true),
            ("a", "b", false, false),
        ] {
            for (case, expected) in [(Case::Exact, exact), (Case::Folded, folded)] {
                assert_eq!(compare(left, right, case).is_eq(), expected, "{left} {right}");
                assert_eq!(hash(left, case) == hash(right, case), expected, "{left} {right}");
            }
        }
    }
}
