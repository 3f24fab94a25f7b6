//! Why a type does not take JSON: the error of the [`Reader`](super::Reader), which learns on its way up where it is and
//! what would be accepted there.

use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};

use super::{cursor::Cursor, outline::Outline};
use crate::entity::{
    misfit::{Misfit, TypeRefusal, Why},
    phrases::{self, ACCEPTED, Phrase},
};

/// An error of a [`Reader`](super::Reader). What a type says itself is not shown, since it may contain a value.
pub struct ReadFault(Box<Inner>);

struct Inner {
    cause: Cause,
    /// Reference tokens, the innermost first.
    path: Vec<String>,
    /// Whether it is known what is wrong at the innermost place.
    is_settled: bool,
    message: Option<String>,
    found: Option<FoundInstead>,
}

/// What is known of the cause.
enum Cause {
    /// The type says something of its own.
    Unsaid,
    /// The type takes another kind of JSON.
    Kind,
    /// Too many elements or members, or too few.
    Length(Option<Phrase>),
    Words(Phrase),
    OneOf(&'static [&'static str]),
    Missing(&'static str),
    Repeated(&'static str),
    Unknown(&'static [&'static str]),
    TooMuch,
}

/// What a type found instead, by which it is found again in JSON that serde had buffered. Never shown.
enum FoundInstead {
    Boolean(bool),
    Integer(i128),
    Float(f64),
    String(String),
    Null,
    Array,
}

impl ReadFault {
    fn new(cause: Cause) -> ReadFault {
        ReadFault(Box::new(Inner { cause, path: Vec::new(), is_settled: false, message: None, found: None }))
    }

    /// The JSON is of a kind that the type does not take.
    #[cold]
    pub(super) fn kind() -> ReadFault {
        ReadFault::new(Cause::Kind)
    }

    /// There are more elements or members than the type takes.
    #[cold]
    pub(super) fn length() -> ReadFault {
        ReadFault::new(Cause::Length(None))
    }

    /// What would be accepted is known.
    #[cold]
    pub(super) fn expected(words: impl Into<Phrase>) -> ReadFault {
        ReadFault::new(Cause::Words(words.into())).settled()
    }

    /// One of these names would be accepted.
    #[cold]
    pub(super) fn one_of(names: &'static [&'static str]) -> ReadFault {
        ReadFault::new(Cause::OneOf(names)).settled()
    }

    /// The type writes too much for what it read.
    #[cold]
    pub(crate) fn too_much() -> ReadFault {
        ReadFault::new(Cause::TooMuch).settled()
    }

    /// Nothing more is to be found out.
    fn settled(mut self) -> ReadFault {
        self.0.is_settled = true;
        self
    }

    /// Settles what is wrong with a value of the kind that `basic` names, read by a visitor that expects `asked`.
    #[cold]
    pub(super) fn settle_scalar(mut self, asked: Option<Phrase>, basic: &'static str) -> ReadFault {
        let inner = &mut *self.0;
        if inner.is_open() {
            let asked = asked.filter(|words| words != basic);
            match &inner.cause {
                Cause::Kind => inner.cause = Cause::Words(asked.unwrap_or(Phrase::Borrowed(basic))),
                Cause::Words(_) | Cause::Unsaid | Cause::Length(_) | Cause::Missing(_) => {
                    let words = asked.or_else(|| inner.words().filter(|words| words != basic));
                    inner.cause = Cause::Words(words.unwrap_or(Phrase::Borrowed(ACCEPTED)));
                }
                Cause::OneOf(_) | Cause::Repeated(_) | Cause::Unknown(_) | Cause::TooMuch => {}
            }
        }
        self.settled()
    }

    /// Settles what is wrong with a container, if its visitor says so and not a value in it. `text` is the container,
    /// and `is_buffered` says that serde read something in it before the type did: then the fault may be anywhere in it.
    #[cold]
    pub(super) fn settle_container(mut self, asked: Option<Phrase>, text: &str, is_buffered: bool) -> ReadFault {
        let inner = &mut *self.0;
        if inner.is_open() {
            let is_known = match &inner.cause {
                Cause::Length(words) => {
                    inner.cause = Cause::Length(words.clone().or(asked));
                    !is_buffered
                }
                Cause::Missing(_) | Cause::Repeated(_) | Cause::Unknown(_) if !is_buffered => true,
                Cause::Missing(_) | Cause::Unknown(_) | Cause::OneOf(_) | Cause::Words(_) => {
                    let place = inner.find(text);
                    inner.path.extend(place.iter().flatten().rev().cloned());
                    place.is_some()
                }
                Cause::Repeated(_) | Cause::Unsaid | Cause::Kind | Cause::TooMuch => false,
            };
            if !is_known {
                inner.cause = Cause::Words(Phrase::Borrowed(ACCEPTED));
            }
        }
        self.settled()
    }

    /// Settles what is wrong with a value that was read, and that the type took back afterwards. `text` is the value.
    #[cold]
    pub(super) fn settle_read(self, text: &str, is_buffered: bool) -> ReadFault {
        match text.as_bytes().first() {
            Some(b'{' | b'[') => self.settle_container(None, text, is_buffered),
            Some(b'"') => self.settle_scalar(None, "a string"),
            Some(b't' | b'f') => self.settle_scalar(None, "true or false"),
            Some(b'n') => self.settle_scalar(None, "null"),
            _ => self.settle_scalar(None, "a number"),
        }
    }

    /// The fault is in a member of this name, or in an element of this index.
    #[cold]
    pub(super) fn inside(mut self, token: impl Into<String>) -> ReadFault {
        self.0.path.push(token.into());
        self
    }

    /// The fault is the name of a member.
    #[cold]
    pub(super) fn inside_name(mut self, name: impl Into<String>) -> ReadFault {
        if let (true, Some(words)) = (self.0.path.is_empty(), self.0.words()) {
            self.0.cause = Cause::Words(format!("a name that is {words}").into());
        }
        self.inside(name)
    }

    pub(crate) fn into_refusal(self) -> TypeRefusal {
        let Inner { cause, mut path, message, .. } = *self.0;
        path.reverse();
        let why = match cause {
            Cause::Unsaid | Cause::Kind | Cause::Length(None) => Why::Expected(Phrase::Borrowed(ACCEPTED)),
            Cause::Words(words) | Cause::Length(Some(words)) => Why::Expected(words),
            Cause::OneOf(names) => Why::Expected(phrases::one_of(names)),
            Cause::Missing(name) => Why::Missing(name),
            Cause::Repeated(name) => Why::Repeated(name),
            Cause::Unknown(names) => Why::Unknown(names),
            Cause::TooMuch => Why::TooMuchWork,
        };
        TypeRefusal { misfit: Misfit { path, why }, message }
    }
}

impl Inner {
    /// Whether nothing is known yet of what is wrong, and it is not in something below.
    fn is_open(&self) -> bool {
        !self.is_settled && self.path.is_empty()
    }

    /// What would be accepted.
    fn words(&self) -> Option<Phrase> {
        match &self.cause {
            Cause::Words(words) | Cause::Length(Some(words)) => Some(words.clone()),
            Cause::OneOf(names) => Some(phrases::one_of(names)),
            _ => None,
        }
    }

    /// The only place in a text where the fault can be.
    fn find(&self, text: &str) -> Option<Vec<String>> {
        let outline = Outline::of(text);
        let is_object = |node: &usize| outline.first(*node) == b'{';
        let mut places = outline.nodes().filter(|&node| match (&self.cause, &self.found) {
            (Cause::Missing(name), _) => is_object(&node) && outline.member(node, name).is_none(),
            (Cause::Unknown(_), Some(FoundInstead::String(name))) => outline.name(node).is_some_and(|it| it == *name),
            (_, Some(found)) => found.is(outline.text(node)),
            (_, None) => false,
        });
        let place = places.next()?;
        places.next().is_none().then(|| outline.path(place))
    }
}

impl FoundInstead {
    fn of(unexpected: &Unexpected<'_>) -> Option<FoundInstead> {
        Some(match *unexpected {
            Unexpected::Bool(value) => FoundInstead::Boolean(value),
            Unexpected::Unsigned(value) => FoundInstead::Integer(value.into()),
            Unexpected::Signed(value) => FoundInstead::Integer(value.into()),
            Unexpected::Float(value) => FoundInstead::Float(value),
            Unexpected::Str(value) => FoundInstead::String(value.to_owned()),
            Unexpected::Unit => FoundInstead::Null,
            Unexpected::Seq => FoundInstead::Array,
            _ => return None,
        })
    }

    /// Whether this is what a JSON text says.
    fn is(&self, text: &str) -> bool {
        match self {
            FoundInstead::Boolean(value) => text == if *value { "true" } else { "false" },
            FoundInstead::Integer(value) => text.parse() == Ok(*value),
            FoundInstead::Float(value) => text.parse() == Ok(*value),
            FoundInstead::String(value) => text.starts_with('"') && Cursor::new(text).string() == *value,
            FoundInstead::Null => text == "null",
            FoundInstead::Array => text.starts_with('['),
        }
    }
}

impl de::Error for ReadFault {
    fn custom<T: Display>(message: T) -> ReadFault {
        let mut fault = ReadFault::new(Cause::Unsaid);
        fault.0.message = Some(message.to_string());
        fault
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> ReadFault {
        ReadFault::invalid_value(unexpected, expected)
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> ReadFault {
        let mut fault = ReadFault::new(Cause::Unsaid);
        if let Some(words) = phrases::of_serde(&expected.to_string()) {
            fault.0.cause = Cause::Words(words);
            fault.0.found = FoundInstead::of(&unexpected);
        }
        fault
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> ReadFault {
        ReadFault::new(Cause::Length(phrases::of_serde(&expected.to_string())))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> ReadFault {
        let mut fault = ReadFault::new(Cause::OneOf(expected));
        fault.0.found = Some(FoundInstead::String(variant.to_owned()));
        fault
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> ReadFault {
        let mut fault = ReadFault::new(Cause::Unknown(expected));
        fault.0.found = Some(FoundInstead::String(field.to_owned()));
        fault
    }

    fn missing_field(field: &'static str) -> ReadFault {
        ReadFault::new(Cause::Missing(field))
    }

    fn duplicate_field(field: &'static str) -> ReadFault {
        ReadFault::new(Cause::Repeated(field))
    }
}

/// For a type that passes on what another one said, in words of its own.
impl Display for ReadFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0.message, &self.0.cause, self.0.words()) {
            (Some(message), ..) => formatter.write_str(message),
            (None, Cause::Missing(name), _) => write!(formatter, "missing member {name}"),
            (None, _, words) => write!(formatter, "expected {}", words.as_deref().unwrap_or(ACCEPTED)),
        }
    }
}

impl fmt::Debug for ReadFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ReadFault")
    }
}

impl std::error::Error for ReadFault {}
