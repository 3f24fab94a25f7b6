//! What governs a place of an entity: the table and the declared member that its path leads to.

use crate::{
    entity::{
        shape::ShapeKind,
        table::{Inside, Row, Table},
    },
    json::tape::Kind,
};

/// What governs a place.
#[derive(Clone, Copy)]
pub(super) struct Governed {
    pub(super) inside: Inside,
    /// The declared member that the place is as a whole.
    pub(super) row: Option<&'static Row>,
    /// Nothing here may be written: no table declares it, but a flattened map keeps it.
    pub(super) is_frozen: bool,
}

impl Inside {
    /// Whether a value of this kind may hold what is inside. Serde reads a struct from an array, too, and a stored value
    /// may be older than its type: which of its parts are hidden is not known then, so no path leads there.
    pub(super) fn fits(self, kind: Kind) -> bool {
        match self {
            Inside::Opaque => true,
            Inside::Object(_) | Inside::Values { .. } => kind != Kind::Array,
            Inside::Elements { .. } => kind != Kind::Object,
        }
    }
}

impl Governed {
    /// Whether the member is an array, where it is not null.
    pub(super) fn is_list(self) -> bool {
        let has_shape = |row: &Row| matches!(row.field.shape.kind, ShapeKind::Array(_));
        matches!(self.inside, Inside::Elements { .. }) || self.row.is_some_and(has_shape)
    }

    /// Whether the member is a map, where it is not null.
    pub(super) fn is_map(self) -> bool {
        let has_shape = |row: &Row| matches!(row.field.shape.kind, ShapeKind::Object(_));
        matches!(self.inside, Inside::Values { .. }) || self.row.is_some_and(has_shape)
    }

    /// What governs a child.
    pub(super) fn child(self) -> Governed {
        let inside = match self.inside {
            Inside::Elements { of, .. } | Inside::Values { of } => *of,
            Inside::Opaque | Inside::Object(_) => Inside::Opaque,
        };
        Governed { inside, row: None, ..self }
    }

    pub(super) fn table(self) -> Option<&'static Table> {
        match self.inside {
            Inside::Object(table) => Some(table()),
            Inside::Opaque | Inside::Elements { .. } | Inside::Values { .. } => None,
        }
    }
}
