//! What a name selects in a table.

use crate::{
    entity::{
        nested::Entity,
        table::{Access, Rest, Row, Table},
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
    /// case folding. No two names of a table are. What no client sees has its name in any case, whatever `case` is.
    pub(crate) fn find(&self, name: &str, case: Case) -> Named {
        if let Some(row) = self.find_exactly(name) {
            return Named::Row(row);
        }
        let has_name = |row: &&Row| {
            (case == Case::Folded || row.is_hidden()) && row.names().any(|other| name::equal_folded(other, name))
        };
        if let Some(row) = self.rows.iter().find(has_name) {
            return Named::Row(row);
        }
        match name::find(self.output_only.iter().copied(), name, Case::Folded) {
            Found::At(_) | Found::Ambiguous => Named::OutputOnly,
            Found::Nothing => Named::Undeclared,
        }
    }

    /// Whether a client sees a stored member of this name.
    pub(crate) fn shows(&self, name: &str) -> bool {
        match self.find(name, Case::Exact) {
            Named::Row(row) => !row.is_hidden(),
            Named::OutputOnly => false,
            Named::Undeclared => self.rest != Rest::Unknown,
        }
    }

    /// Whether no row declares a stored member of this name, and a flattened map may show it to clients.
    pub(crate) fn is_undeclared(&self, name: &str) -> bool {
        matches!(self.find(name, Case::Exact), Named::Undeclared)
    }

    /// Whether no row declares a stored member of this name, and no client sees it.
    pub(crate) fn is_unseen(&self, name: &str) -> bool {
        self.find_exactly(name).is_none() && !self.is_undeclared(name)
    }

    /// The place of a row among the others, 0-based. Its name tells it: a table is a constant, of which each crate that
    /// asks for it may have a copy of its own.
    pub(crate) fn order(&self, row: &Row) -> usize {
        self.rows.iter().position(|other| other.name == row.name).unwrap_or_default()
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
