//! Which rules hold: one value that every entry point takes.

use crate::json::name::Case;

/// Which rules hold for a request. Both constants are complete; clone one and change a field for your own.
///
/// ```
/// use entity_patch::{Dialect, UnknownMembers};
///
/// let mut dialect = Dialect::SUPEROFFICE.clone();
/// dialect.unknown_members = UnknownMembers::Ignore;
/// dialect.limits.body_bytes = 64 * 1024;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dialect {
    /// What one request may cost.
    pub limits: Limits,
    /// What happens to a write to a member that no table of the entity declares.
    pub unknown_members: UnknownMembers,
    /// Names are equal whatever their case, where no exact spelling exists; at every level of a document.
    pub ignore_case: bool,
    /// A path may be written without its leading slash.
    pub optional_slash: bool,
    /// `move` and `copy` are allowed.
    pub move_and_copy: bool,
    /// A merge patch has to be an object; otherwise anything else replaces the document (RFC 7396 section 2).
    pub merge_objects_only: bool,
    /// An object that a merge patch sends for a member that holds an array is appended to the array.
    pub merge_appends: bool,
    /// An `add` creates what is missing or null on its way: an array where the next token is `-` or `0`, else an object.
    pub create_parents: bool,
    /// A `remove` of what does not exist does nothing.
    pub ignore_missing: bool,
}

impl Dialect {
    /// RFC 6902 and RFC 7396, with three rules that every dialect has: a duplicate name is refused, the root cannot be
    /// removed, and the [`Limits`] hold.
    pub const RFC: Dialect = Dialect {
        limits: Limits::DEFAULT,
        unknown_members: UnknownMembers::Reject,
        ignore_case: false,
        optional_slash: false,
        move_and_copy: true,
        merge_objects_only: false,
        merge_appends: false,
        create_parents: false,
        ignore_missing: false,
    };

    /// The rules of the SuperOffice REST API: paths in any case and without their slash, no `move` and no `copy`, a
    /// merge patch that is an object and that appends an object to an array.
    pub const SUPEROFFICE: Dialect = Dialect {
        limits: Limits::DEFAULT,
        unknown_members: UnknownMembers::Reject,
        ignore_case: true,
        optional_slash: true,
        move_and_copy: false,
        merge_objects_only: true,
        merge_appends: true,
        create_parents: false,
        ignore_missing: false,
    };

    pub(crate) fn case(&self) -> Case {
        if self.ignore_case { Case::Folded } else { Case::Exact }
    }

    /// The same for a body that has to be an object.
    pub(crate) fn of_objects(&self) -> Dialect {
        Dialect { merge_objects_only: true, ..self.clone() }
    }
}

impl Default for Dialect {
    /// [`Dialect::RFC`].
    fn default() -> Dialect {
        Dialect::RFC
    }
}

/// What one request may cost. The default is [`Limits::DEFAULT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The length of a request body, in bytes: 1 MiB. More is `body-too-large`. A limit above 1 GiB acts as 1 GiB.
    pub body_bytes: usize,
    /// The operations of one patch: 10,000. More are `too-many-operations`.
    pub operations: usize,
    /// The length of one pointer, in bytes: 4 KiB. A longer one is `pointer-too-long`.
    pub pointer_bytes: usize,
    /// Levels of containers: 127, what `serde_json` can read back; a larger limit acts as 127. A write counts the
    /// tokens of its path and the depth of its value, where a scalar has 0 and `[]` has 1. Deeper is `too-deep`.
    pub depth: usize,
    /// What the `copy` operations of one patch may copy together, in bytes of compact JSON, with strings as they are
    /// written: 4 MiB. More is `copies-too-large`. On an entity, a `move` to the whole of it or to a member that is not
    /// declared is such a copy, too.
    pub copied_bytes: usize,
    /// How many elements and members the operations of one patch may shift, search, compare or look through together,
    /// and bytes of the names that are compared in any case and of numbers that are kept as text: 64 Mi. More is
    /// `too-much-work`.
    ///
    /// A text shifts nothing, and searches over an index; it counts the children that it looks through, and the names,
    /// strings and numbers that it compares, in bytes, on their own, up to as much again. An entity counts there the paths
    /// that a policy is shown, what its types read, and the defaults that are written into what is new: a byte for a byte
    /// up to twice the length of both texts, and eight for each byte from there on. A type may write eight times what it
    /// reads, and at least 1 MiB. A patch of a tree that would shift and search much is carried out on its text instead.
    /// On an entity, the bytes that its types read again to find out what they ignore, and that a `move` to another member
    /// copies, count on their own, too.
    ///
    /// The names of a merge patch do not count.
    pub work: usize,
}

impl Limits {
    /// The limits of both dialects.
    pub const DEFAULT: Limits = Limits {
        body_bytes: 1 << 20,
        operations: 10_000,
        pointer_bytes: 4 << 10,
        depth: Limits::MAX_DEPTH,
        copied_bytes: 4 << 20,
        work: 64 << 20,
    };

    /// serde_json reads 127 nested containers and refuses 128.
    pub(crate) const MAX_DEPTH: usize = 127;

    /// The depth limit that holds.
    pub(crate) fn depth(&self) -> usize {
        self.depth.min(Limits::MAX_DEPTH)
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::DEFAULT
    }
}

/// What happens to a write to a member that no table of the entity declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnknownMembers {
    /// It is refused as `unknown-member`, so that a mistyped name is not lost in silence.
    Reject,
    /// It is skipped, and its path is reported in `ignored`.
    Ignore,
}
