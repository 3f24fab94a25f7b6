//! What a name selects in a table.

use crate::{
    entity::{
        nested::Entity,
        table::{Access, Row, Table},
    },
    json::name::{self, Case, Found},
};

/// What a name selects in a table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Named {
    /// A declared member, hidden or not.
    Row(&'static Row),
    /// A member that only a server writes.
    OutputOnly,
    /// No declared member.
    Undeclared,
}

impl Table {
    /// What a name selects: the exact spelling of a name or an alias first, then the only one that is equal under
    /// case folding. No two names of a table are.
    pub(crate) fn find(&self, name: &str, case: Case) -> Named {
        if let Some(row) = self.find_exactly(name) {
            return Named::Row(row);
        }
        if case == Case::Folded {
            let has_name = |row: &&Row| row.names().any(|other| name::equal_folded(other, name));
            if let Some(row) = self.rows.iter().find(has_name) {
                return Named::Row(row);
            }
        }
        match name::find(self.output_only.iter().copied(), name, case) {
            Found::At(_) | Found::Ambiguous => Named::OutputOnly,
            Found::Nothing => Named::Undeclared,
        }
    }

    /// The place of a row among the others, 0-based.
    pub(crate) fn order(&self, row: &'static Row) -> usize {
        self.rows.iter().position(|other| std::ptr::eq(other, row)).unwrap_or_default()
    }

    /// The row whose name or alias is exactly this, as a type reads it.
    pub(crate) fn find_exactly(&self, name: &str) -> Option<&'static Row> {
        let by_name = self.rows.iter().find(|row| row.name == name);
        by_name.or_else(|| self.rows.iter().find(|row| row.aliases.contains(&name)))
    }
}

impl Row {
    /// The member's name, and the others by which its type reads it.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    pub(crate) fn is_hidden(&self) -> bool {
        self.access == Access::Hidden
    }
}

/// The declared member that a name means, in any case, as the table spells it. It is for servers that read formats other
/// than JSON, where the member decides what its value is.
///
/// ```
/// # #[cfg(feature = "superoffice")] {
/// use entity_patch::{http::declared_name, superoffice::Webhook};
///
/// assert_eq!(declared_name::<Webhook>("EVENTS"), Some("Events"));
/// assert_eq!(declared_name::<Webhook>("event"), None);
/// # }
/// ```
pub fn declared_name<E: Entity>(name: &str) -> Option<&'static str> {
    match E::table().find(name, Case::Folded) {
        Named::Row(row) if !row.is_hidden() => Some(row.name),
        Named::Row(_) | Named::OutputOnly | Named::Undeclared => None,
    }
}
