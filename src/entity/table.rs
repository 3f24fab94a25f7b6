//! What an entity declares: its members, who may write them, and what is inside them. A table is data: nothing here
//! looks at a document.

use std::fmt;

use crate::entity::field::Field;

/// The members that an entity declares, in the order in which they are written, and what becomes of others.
///
/// `#[derive(Entity)]` writes it. It can be written by hand, too: a row for each member, by its name in JSON.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    pub(crate) rows: &'static [Row],
    pub(crate) rest: Rest,
    pub(crate) output_only: &'static [&'static str],
    /// What the flattened map is called in Rust.
    pub(crate) rest_rust_name: Option<&'static str>,
    /// How the flattened map reads each of its values. It has no name.
    pub(crate) rest_row: Option<Row>,
}

impl Table {
    /// A table of these members. No two names of it are equal under case folding.
    pub const fn new(rows: &'static [Row]) -> Table {
        Table { rows, rest: Rest::Unknown, output_only: &[], rest_rust_name: None, rest_row: None }
    }

    /// What becomes of members that no row declares.
    pub const fn rest(mut self, rest: Rest) -> Table {
        self.rest = rest;
        self
    }

    /// The name in Rust of the field that keeps the members that no row declares.
    pub const fn rest_rust_name(mut self, name: &'static str) -> Table {
        self.rest_rust_name = Some(name);
        self
    }

    /// How the values of an open map are read, which is what a patch may write there. Without it they are any JSON.
    pub const fn rest_field(mut self, field: Field) -> Table {
        self.rest_row = Some(Row::new("", field));
        self
    }

    /// Members that only a server writes: in a body they are skipped, in any case of their names, and always reported in
    /// `ignored`.
    pub const fn output_only(mut self, names: &'static [&'static str]) -> Table {
        self.output_only = names;
        self
    }

    /// The declared members.
    pub const fn rows(&self) -> &'static [Row] {
        self.rows
    }
}

/// What becomes of the members that a table does not declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// The type ignores them: they are unknown.
    Unknown,
    /// A flattened map keeps those that are stored. No patch can write them.
    Kept,
    /// A flattened map keeps them, and a patch may write them.
    Open,
}

/// Whether a client may write a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Any value of the member's type can be written.
    Writable,
    /// A write is refused unless it leaves the value equal.
    ReadOnly,
    /// To a client the member does not exist, in any case of its name.
    Hidden,
}

/// What governs the value of a member: nothing, or the tables of the entities in it.
#[derive(Clone, Copy)]
pub enum Inside {
    /// The member's type alone says what is valid.
    Opaque,
    /// An entity. The table is named by a function, since an entity may contain itself.
    Object(fn() -> &'static Table),
    /// An array, and what governs each element.
    Elements {
        /// What governs an element.
        of: &'static Inside,
        /// The name in JSON of the member that tells one element from another.
        by: Option<&'static str>,
    },
    /// A map by name, and what governs each value.
    Values {
        /// What governs a value.
        of: &'static Inside,
    },
}

impl fmt::Debug for Inside {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Inside::Opaque => formatter.write_str("Opaque"),
            // An entity may contain itself.
            Inside::Object(_) => formatter.write_str("Object"),
            Inside::Elements { of, by } => formatter.debug_struct("Elements").field("of", of).field("by", by).finish(),
            Inside::Values { of } => formatter.debug_struct("Values").field("of", of).finish(),
        }
    }
}

/// A member that an entity declares.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub(crate) name: &'static str,
    /// Other names that its type reads. They never are the name itself.
    pub(crate) aliases: &'static [&'static str],
    pub(crate) rust_name: &'static str,
    pub(crate) access: Access,
    pub(crate) is_key: bool,
    pub(crate) inside: Inside,
    pub(crate) field: Field,
}

impl Row {
    /// A writable member by its name in JSON, and how its type reads and writes it.
    pub const fn new(name: &'static str, field: Field) -> Row {
        Row {
            name,
            aliases: &[],
            rust_name: name,
            access: Access::Writable,
            is_key: false,
            inside: Inside::Opaque,
            field,
        }
    }

    /// Other names by which the type reads the member.
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Row {
        self.aliases = aliases;
        self
    }

    /// The name of the field in Rust.
    pub const fn rust_name(mut self, name: &'static str) -> Row {
        self.rust_name = name;
        self
    }

    /// A client cannot write it.
    pub const fn read_only(mut self) -> Row {
        self.access = Access::ReadOnly;
        self
    }

    /// To a client it does not exist.
    pub const fn hidden(mut self) -> Row {
        self.access = Access::Hidden;
        self
    }

    /// The member tells this entity from others.
    pub const fn key(mut self) -> Row {
        self.is_key = true;
        self
    }

    /// What governs its value.
    pub const fn inside(mut self, inside: Inside) -> Row {
        self.inside = inside;
        self
    }

    /// The member's name in JSON.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether a client may write it.
    pub const fn access(&self) -> Access {
        self.access
    }
}
