//! What the derive has the compiler check about the types of a struct's fields, beside [`Nested`].
//!
//! [`Nested`]: super::nested::Nested

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque},
    rc::Rc,
    sync::{Arc, Mutex, RwLock},
};

use crate::entity::{
    nested::{Entity, Probe},
    table::{Inside, Table},
};

/// A type that is an entity or contains one, as far as types of the standard library tell. `nested` is not for all of
/// them, but none may keep an entity's rules from it in silence.
pub trait HoldsEntity {}

impl<E: Entity> HoldsEntity for E {}

/// Implements [`HoldsEntity`] for containers of `T`.
macro_rules! hold {
    ($([$($parameter:ident)*] $container:ty,)*) => {
        $(impl<T: HoldsEntity, $($parameter),*> HoldsEntity for $container {})*
    };
}

hold! {
    [] Option<T>, [] Vec<T>, [] VecDeque<T>, [] LinkedList<T>, [] BTreeSet<T>, [S] HashSet<T, S>, [] BinaryHeap<T>,
    [K] BTreeMap<K, T>, [K S] HashMap<K, T, S>,
    [] Box<[T]>, [] Rc<T>, [] Rc<[T]>, [] Arc<T>, [] Arc<[T]>,
    [] Cell<T>, [] RefCell<T>, [] Mutex<T>, [] RwLock<T>,
}

impl<T: HoldsEntity, const LENGTH: usize> HoldsEntity for [T; LENGTH] {}

impl<T: HoldsEntity + Clone> HoldsEntity for Cow<'_, T> {}

impl<T: HoldsEntity> Probe<T> {
    /// Whether the type is an entity or contains one.
    pub const HOLDS_ENTITY: bool = true;
}

/// A map that serde can flatten into a struct, so that it keeps the members that no field declares.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a map by `String`, and nothing else can be flattened into an entity",
    note = "remove `flatten` and say `#[entity(nested)]`, or declare the members as fields"
)]
pub trait FlattenedMap {
    /// Of its entries.
    type Value;
}

impl<M, K, V> FlattenedMap for M
where
    M: IntoIterator<Item = (K, V)> + Extend<(K, V)>,
    K: AsRef<str>,
    // What a list of pairs gives by reference is one pair, not two references.
    for<'a> &'a M: IntoIterator<Item = (&'a K, &'a V)>,
{
    type Value = V;
}

impl<M: FlattenedMap> Probe<M> {
    /// Whether serde can flatten the type.
    pub const IS_MAP: bool = true;
}

/// Compiles for a map.
pub const fn is_flattened_map<M: FlattenedMap>() {}

/// Whether elements in a member are matched by a key: there is an array for the key to be of.
pub const fn has_keyed_elements(inside: &Inside) -> bool {
    match inside {
        Inside::Opaque | Inside::Object(_) => false,
        Inside::Elements { by: Some(_), .. } => true,
        Inside::Elements { of, by: None } | Inside::Values { of } => has_keyed_elements(of),
    }
}

/// Whether a table declares a member by exactly this name. A table that cannot be looked into at compile time may.
pub const fn may_declare(table: Option<&Table>, name: &str) -> bool {
    let Some(table) = table else { return true };
    let rows = table.rows();
    let mut at = 0;
    while at < rows.len() {
        if are_equal(rows[at].name().as_bytes(), name.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn are_equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::{field::Field, table::Row};

    #[test]
    fn elements_have_a_key_and_declare_it() {
        const KEYED: Inside = Inside::Elements { of: &Inside::Opaque, by: Some("id") };
        for (inside, expected) in [
            (Inside::Opaque, false),
            (Inside::Elements { of: &Inside::Opaque, by: None }, false),
            (Inside::Values { of: &Inside::Opaque }, false),
            (KEYED, true),
            (Inside::Elements { of: &KEYED, by: None }, true),
            (Inside::Values { of: &KEYED }, true),
        ] {
            assert_eq!(has_keyed_elements(&inside), expected, "{inside:?}");
        }
        const ROWS: &[Row] = &[Row::new("id", Field::of::<u64>()), Row::new("name", Field::of::<String>())];
        let table = Table::new(ROWS);
        for (name, expected) in
            [("id", true), ("name", true), ("Id", false), ("iD", false), ("names", false), ("", false)]
        {
            assert_eq!(may_declare(Some(&table), name), expected, "{name}");
        }
        assert!(may_declare(None, "id"));
    }
}
