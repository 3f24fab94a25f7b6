//! How a path of Rust names, as crates for validation report it, becomes a path in the JSON that a client sees.

use std::borrow::Cow;

use crate::{
    entity::{
        nested::Entity,
        policy::Violation,
        table::{Inside, Row, Table},
    },
    patch::pointer::Pointer,
};

/// A place in an entity, on the way down.
#[derive(Clone)]
pub(super) struct RustPlace {
    path: Pointer,
    what: What,
}

/// What is at a place.
#[derive(Clone, Copy)]
enum What {
    /// A value that this governs.
    Value(Inside),
    /// The flattened map of an entity, whose members are the entity's.
    Flattened(&'static Table),
    /// A hidden member, a field that is not a member, or anything inside of one.
    Unseen,
}

impl RustPlace {
    pub(super) fn root<E: Entity>() -> RustPlace {
        RustPlace { path: Pointer::ROOT, what: What::Value(Inside::Object(E::table)) }
    }

    /// In the JSON that a client sees.
    #[cfg(feature = "validator")]
    pub(super) fn path(&self) -> &Pointer {
        &self.path
    }

    /// Where a field is among those of its table. What no table declares comes last.
    #[cfg(feature = "validator")]
    pub(super) fn order_of(&self, name: &str) -> usize {
        let What::Value(Inside::Object(table)) = self.what else { return usize::MAX };
        table().rows.iter().position(|row| row.rust_name == name).unwrap_or(usize::MAX)
    }

    /// Whether a value in the map here can have this name: a flattened map shares an object with the table's members.
    #[cfg(feature = "validator")]
    pub(super) fn may_hold(&self, name: &str) -> bool {
        match self.what {
            What::Value(_) => true,
            What::Flattened(table) => table.find_exactly(name).is_none(),
            What::Unseen => false,
        }
    }

    /// The place of a field, of an element by its index, or of a value in a map by name. A name that no field has is one in
    /// JSON: reports can be told to use others.
    pub(super) fn name(mut self, name: &str) -> RustPlace {
        self.what = match self.what {
            What::Value(Inside::Object(table)) => {
                let table = table();
                match table.find_rust_name(name).or_else(|| table.find_exactly(name)) {
                    Some(row) if !row.is_hidden() => {
                        self.path.push(row.name);
                        What::Value(row.inside)
                    }
                    None if table.rest_rust_name == Some(name) => What::Flattened(table),
                    Some(_) | None => What::Unseen,
                }
            }
            What::Value(Inside::Values { of } | Inside::Elements { of, .. }) => {
                self.path.push(name);
                What::Value(*of)
            }
            What::Value(Inside::Opaque) => {
                self.path.push(name);
                What::Value(Inside::Opaque)
            }
            What::Flattened(table) if table.is_undeclared(name) => {
                self.path.push(name);
                What::Value(Inside::Opaque)
            }
            What::Flattened(_) | What::Unseen => What::Unseen,
        };
        self
    }

    /// What is wrong here. Of what a client does not see, it learns that there is something.
    pub(super) fn violation(&self, code: Cow<'static, str>, detail: Cow<'static, str>) -> Violation {
        match self.what {
            What::Value(_) | What::Flattened(_) => Violation::new(self.path.clone(), code, detail),
            What::Unseen => Violation::new(self.path.clone(), INVALID, "a member that is not shown is not valid"),
        }
    }
}

/// The code where a report has none.
pub(super) const INVALID: &str = "invalid";

impl Table {
    fn find_rust_name(&self, name: &str) -> Option<&'static Row> {
        self.rows.iter().find(|row| row.rust_name == name)
    }
}
