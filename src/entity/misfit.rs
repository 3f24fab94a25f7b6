//! What a type makes of JSON, and why it does not take it.

use std::{borrow::Cow, fmt};

use crate::{
    document::{self, PatchErrorKind},
    patch::pointer::Pointer,
};

use crate::entity::phrases::one_of;

/// What a type makes of JSON that it takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_structs,
    reason = "only the code that the derive writes names it, and that is of the same version"
)]
pub struct Reading {
    /// The JSON that the type writes for it, compact.
    pub json: Vec<u8>,
    /// Serde leaves the member out (`skip_serializing_if`).
    pub is_left_out: bool,
    /// The places below that the type ignores, as reference tokens, in the order of the text.
    pub ignored: Vec<Vec<String>>,
}

/// Why a type does not take JSON: where, and what it takes there. Shows no value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_structs,
    reason = "only the code that the derive writes names it, and that is of the same version"
)]
pub struct Misfit {
    /// The innermost place, as reference tokens.
    pub path: Vec<String>,
    /// What is wrong there.
    pub why: Why,
}

/// What is wrong with JSON that a type does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// This would be accepted: `a whole number from 0 to 255`.
    Expected(Cow<'static, str>),
    /// A member of this name has to be there.
    Missing(&'static str),
    /// A member of this name was there before, by another of its names.
    Repeated(&'static str),
    /// The type has no member of the name that the path ends with, but these.
    Unknown(&'static [&'static str]),
    /// What the type itself says.
    Message(String),
    /// No work is left to find out what the type ignores.
    TooMuchWork,
}

impl Why {
    /// What would be accepted: what comes after "expected".
    pub fn expected(&self) -> Option<Cow<'_, str>> {
        match self {
            Why::Expected(words) => Some(Cow::Borrowed(words)),
            Why::Unknown(names) if !names.is_empty() => Some(one_of(names)),
            Why::Missing(_) | Why::Repeated(_) | Why::Unknown(_) | Why::Message(_) | Why::TooMuchWork => None,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Expected(words) => write!(formatter, "expected {words}"),
            Why::Missing(name) => write!(formatter, "missing member {name}"),
            Why::Repeated(name) => write!(formatter, "two members for {name}"),
            Why::Unknown(_) => match self.expected() {
                Some(names) => write!(formatter, "unknown member, expected {names}"),
                None => formatter.write_str("unknown member"),
            },
            Why::Message(message) => formatter.write_str(message),
            Why::TooMuchWork => formatter.write_str("too much work to find out what is ignored"),
        }
    }
}

/// Why a type does not take JSON, and what it says itself, which may show a value.
pub struct TypeRefusal {
    pub(crate) misfit: Misfit,
    pub(crate) message: Option<String>,
}

impl TypeRefusal {
    pub(crate) fn new(path: Vec<String>, why: Why) -> TypeRefusal {
        TypeRefusal { misfit: Misfit { path, why }, message: None }
    }

    /// Something else is expected at a place.
    pub(crate) fn expected(path: Vec<String>, words: &'static str) -> TypeRefusal {
        TypeRefusal::new(path, Why::Expected(Cow::Borrowed(words)))
    }
}

/// Shows no value, whatever the type says.
impl fmt::Debug for TypeRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.misfit.fmt(formatter)
    }
}

impl Misfit {
    /// A value where something else would be accepted.
    pub(crate) fn expected(words: &'static str) -> Misfit {
        Misfit { path: Vec::new(), why: Why::Expected(Cow::Borrowed(words)) }
    }

    /// An object without a member that has to be there.
    pub(crate) fn missing(name: &'static str) -> Misfit {
        Misfit { path: Vec::new(), why: Why::Missing(name) }
    }

    /// The refusal of a patch that left such a value in a member.
    pub(crate) fn in_member(self, mut member: Pointer) -> document::Refusal {
        self.path.iter().for_each(|token| member.push(token));
        let kind = match self.why {
            Why::Unknown(_) => PatchErrorKind::UnknownMember,
            Why::TooMuchWork => PatchErrorKind::TooMuchWork,
            Why::Expected(_) | Why::Missing(_) | Why::Repeated(_) | Why::Message(_) => PatchErrorKind::InvalidValue,
        };
        let expected = self.why.expected().map(|words| words.into());
        document::Refusal::because(kind, member, self.why.to_string().into(), expected)
    }
}
