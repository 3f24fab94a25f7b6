//! What a server decides for each request: who may write what, who may learn what, and what makes an entity valid.

use std::{borrow::Cow, fmt};

use crate::patch::pointer::Pointer;

/// What a server decides for each request. `()` allows everything.
///
/// ```
/// # #[cfg(feature = "superoffice")] {
/// use entity_patch::{MemberWrite, Policy, Violations, superoffice::Webhook};
///
/// struct Caller {
///     is_admin: bool,
/// }
///
/// impl Policy<Webhook> for Caller {
///     fn may_write(&self, write: &MemberWrite<'_>) -> bool {
///         self.is_admin || !write.is_within("/Secret")
///     }
///
///     fn validate(&self, _stored: &Webhook, patched: &Webhook) -> Result<(), Violations> {
///         let mut violations = Violations::default();
///         if patched.name.as_deref() == Some("") {
///             violations.add("/Name".parse().expect("a pointer"), "empty", "a webhook has a name");
///         }
///         if violations.is_empty() { Ok(()) } else { Err(violations) }
///     }
/// }
/// # }
/// ```
pub trait Policy<E> {
    /// May this caller make this change? A refusal is 403 `forbidden-member`.
    ///
    /// It is asked for every member, declared or of an open map, whose value came, went or changed, at its deepest path,
    /// whichever way led there. A write that leaves the value equal is not asked about.
    ///
    /// What no table governs, such as free JSON or a map of strings, is a member as a whole: the path ends there, and a policy
    /// that waits for a path into it never meets one.
    fn may_write(&self, write: &MemberWrite<'_>) -> bool {
        let _ = write;
        true
    }

    /// May this caller learn what is here? A refusal makes a `test` of it, or a `from` there, `unknown-member`, and so it
    /// does for whatever contains it. The path is in the tables' spelling.
    ///
    /// It is not asked about writes, and one that leaves the value equal succeeds: a caller who can guess a value finds out
    /// that it is right. A member that nobody may guess is `hidden`.
    fn may_read(&self, path: &Pointer) -> bool {
        let _ = path;
        true
    }

    /// What is wrong with the patched entity, all of it at once: 422 `invalid-entity`. `stored` is the entity before.
    ///
    /// # Errors
    ///
    /// Whatever the server wants to be different.
    fn validate(&self, stored: &E, patched: &E) -> Result<(), Violations> {
        let _ = (stored, patched);
        Ok(())
    }

    /// `false` spares [`patch_stored_with`](crate::patch_stored_with) reading both entities for `validate`.
    fn validates(&self) -> bool {
        true
    }
}

impl<E> Policy<E> for () {
    fn validates(&self) -> bool {
        false
    }
}

/// A change to one member of an entity, for a [`Policy`] to allow.
#[derive(Clone, Copy, Debug)]
pub struct MemberWrite<'w> {
    pub(crate) path: &'w Pointer,
    pub(crate) member: &'w Pointer,
    pub(crate) operation: Option<usize>,
}

impl MemberWrite<'_> {
    /// Where the change is, in the tables' spelling, with indices and the names of maps.
    pub fn path(&self) -> &Pointer {
        self.path
    }

    /// The path without indices and the names of maps: `/phones/number` for `/phones/1/number`.
    pub fn member(&self) -> &Pointer {
        self.member
    }

    /// Whether the changed member is this one or inside it: `/address` contains `/address/zip`. It compares
    /// [`member`](MemberWrite::member), token by token. A text that is not a JSON Pointer contains nothing.
    pub fn is_within(&self, member: &str) -> bool {
        let Ok(outer) = Pointer::parse(member) else { return false };
        let mut own = self.member.tokens();
        outer.tokens().all(|token| own.next() == Some(token))
    }

    /// The last operation that wrote at, above or below the member, 0-based; `None` for a merge patch.
    pub fn operation(&self) -> Option<usize> {
        self.operation
    }
}

/// What is wrong with an entity: as many things as there are, each at its path.
///
/// ```
/// use entity_patch::{Pointer, Violations};
///
/// let mut violations = Violations::default();
/// violations.add("/email".parse()?, "not-an-address", "an e-mail address has an `@`");
/// assert_eq!(violations.iter().next().map(|violation| violation.code()), Some("not-an-address"));
/// # Ok::<(), entity_patch::ParsePointerError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    list: Vec<Violation>,
}

impl Violations {
    /// Adds what is wrong at a path. The code is for programs, the detail for people; neither should show a value.
    pub fn add(&mut self, path: Pointer, code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) {
        self.list.push(Violation { path, code: code.into(), detail: detail.into() });
    }

    /// All of them, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.list.iter()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl FromIterator<Violation> for Violations {
    fn from_iter<I: IntoIterator<Item = Violation>>(violations: I) -> Violations {
        Violations { list: violations.into_iter().collect() }
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.list.as_slice() {
            [] => formatter.write_str("the entity is not valid"),
            [first, rest @ ..] => {
                write!(formatter, "{first}")?;
                if rest.is_empty() { Ok(()) } else { write!(formatter, ", and {} more", rest.len()) }
            }
        }
    }
}

impl std::error::Error for Violations {}

/// One thing that is wrong with an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    path: Pointer,
    code: Cow<'static, str>,
    detail: Cow<'static, str>,
}

impl Violation {
    /// What is wrong at a path.
    pub fn new(path: Pointer, code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Violation {
        Violation { path, code: code.into(), detail: detail.into() }
    }

    /// Where.
    pub fn path(&self) -> &Pointer {
        &self.path
    }

    /// What, for programs.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What, for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "at {}: {}", crate::patch::operation::Shown(&self.path), self.detail)
    }
}
