//! An operation of a JSON Patch (RFC 6902 section 4), and the patch as a list of them, to build, to read and to show.

use std::{
    borrow::Cow,
    fmt::{self, Write},
    mem,
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, IgnoredAny, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::Value;

use crate::{
    json::value,
    patch::pointer::{Pointer, Tokens},
};

/// One operation of a JSON Patch (RFC 6902 section 4).
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Inserts an element, or sets a member whether it exists or not (section 4.1).
    Add {
        /// Where the value goes; `-` is the end of an array.
        path: Pointer,
        /// What is added.
        value: Value,
    },
    /// Removes what exists (section 4.2).
    Remove {
        /// What is removed.
        path: Pointer,
    },
    /// Replaces what exists (section 4.3).
    Replace {
        /// What is replaced.
        path: Pointer,
        /// What it is replaced by.
        value: Value,
    },
    /// Removes what exists, then adds it elsewhere (section 4.4).
    Move {
        /// What is moved.
        from: Pointer,
        /// Where it goes, once it is removed.
        path: Pointer,
    },
    /// Adds a copy of what exists (section 4.5).
    Copy {
        /// What is copied.
        from: Pointer,
        /// Where the copy goes.
        path: Pointer,
    },
    /// Fails unless the value there is equal to the given one (section 4.6); numbers are equal when they are
    /// numerically equal.
    Test {
        /// What is looked at.
        path: Pointer,
        /// What it has to be equal to.
        value: Value,
    },
}

impl Operation {
    /// The name of the operation in a JSON Patch.
    pub fn name(&self) -> &'static str {
        match self {
            Operation::Add { .. } => "add",
            Operation::Remove { .. } => "remove",
            Operation::Replace { .. } => "replace",
            Operation::Move { .. } => "move",
            Operation::Copy { .. } => "copy",
            Operation::Test { .. } => "test",
        }
    }

    /// The operation's `path`.
    pub fn path(&self) -> &Pointer {
        match self {
            Operation::Add { path, .. }
            | Operation::Remove { path }
            | Operation::Replace { path, .. }
            | Operation::Move { path, .. }
            | Operation::Copy { path, .. }
            | Operation::Test { path, .. } => path,
        }
    }

    fn source(&self) -> Option<&Pointer> {
        match self {
            Operation::Move { from, .. } | Operation::Copy { from, .. } => Some(from),
            Operation::Add { .. } | Operation::Remove { .. } | Operation::Replace { .. } | Operation::Test { .. } => {
                None
            }
        }
    }

    pub(crate) fn value(&self) -> Option<&Value> {
        match self {
            Operation::Add { value, .. } | Operation::Replace { value, .. } | Operation::Test { value, .. } => {
                Some(value)
            }
            Operation::Remove { .. } | Operation::Move { .. } | Operation::Copy { .. } => None,
        }
    }

    /// The operation's value, by itself.
    pub(crate) fn into_value(self) -> Option<Value> {
        match self {
            Operation::Add { value, .. } | Operation::Replace { value, .. } | Operation::Test { value, .. } => {
                Some(value)
            }
            Operation::Remove { .. } | Operation::Move { .. } | Operation::Copy { .. } => None,
        }
    }
}

/// An operation, whatever its paths and values are made of.
pub(crate) enum Step<P, V> {
    Add { path: P, value: V },
    Remove { path: P },
    Replace { path: P, value: V },
    Move { from: P, path: P },
    Copy { from: P, path: P },
    Test { path: P, value: V },
}

impl<P: Copy, V> Step<P, V> {
    pub(crate) fn path(&self) -> P {
        match *self {
            Step::Add { path, .. }
            | Step::Remove { path }
            | Step::Replace { path, .. }
            | Step::Move { path, .. }
            | Step::Copy { path, .. }
            | Step::Test { path, .. } => path,
        }
    }

    /// Where the value comes from, if it is one of the document's.
    pub(crate) fn from(&self) -> Option<P> {
        match *self {
            Step::Move { from, .. } | Step::Copy { from, .. } => Some(from),
            Step::Add { .. } | Step::Remove { .. } | Step::Replace { .. } | Step::Test { .. } => None,
        }
    }
}

impl<V: Copy> Step<Pointer, V> {
    /// The same with paths that are borrowed.
    pub(crate) fn borrowed(&self) -> Step<Tokens<'_>, V> {
        match self {
            Step::Add { path, value } => Step::Add { path: path.tokens(), value: *value },
            Step::Remove { path } => Step::Remove { path: path.tokens() },
            Step::Replace { path, value } => Step::Replace { path: path.tokens(), value: *value },
            Step::Move { from, path } => Step::Move { from: from.tokens(), path: path.tokens() },
            Step::Copy { from, path } => Step::Copy { from: from.tokens(), path: path.tokens() },
            Step::Test { path, value } => Step::Test { path: path.tokens(), value: *value },
        }
    }
}

impl<P, V: Into<Value>> From<Step<P, V>> for Operation
where
    Pointer: From<P>,
{
    fn from(step: Step<P, V>) -> Operation {
        match step {
            Step::Add { path, value } => Operation::Add { path: path.into(), value: value.into() },
            Step::Remove { path } => Operation::Remove { path: path.into() },
            Step::Replace { path, value } => Operation::Replace { path: path.into(), value: value.into() },
            Step::Move { from, path } => Operation::Move { from: from.into(), path: path.into() },
            Step::Copy { from, path } => Operation::Copy { from: from.into(), path: path.into() },
            Step::Test { path, value } => Operation::Test { path: path.into(), value: value.into() },
        }
    }
}

/// The members of an operation besides its name, as far as a JSON Patch gives them.
pub(crate) struct StepMembers<P, V> {
    pub(crate) path: Option<P>,
    pub(crate) from: Option<P>,
    pub(crate) value: Option<V>,
}

/// Why an object is not an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedOperation {
    /// An element of the patch is something else.
    #[error("the operation is not an object")]
    NotAnObject,
    /// A member that the operation needs is not there.
    #[error("the member `{0}` is missing")]
    Missing(&'static str),
    /// `op`, `path` or `from` has another type.
    #[error("the member `{0}` is not a string")]
    NotAString(&'static str),
    /// `op` names none of the six operations.
    #[error("the member `op` is none of add, remove, replace, move, copy and test")]
    UnknownOp,
}

/// The name of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Remove,
    Replace,
    Move,
    Copy,
    Test,
}

impl Op {
    pub(crate) fn of(name: &str) -> Option<Op> {
        Some(match name {
            "add" => Op::Add,
            "remove" => Op::Remove,
            "replace" => Op::Replace,
            "move" => Op::Move,
            "copy" => Op::Copy,
            "test" => Op::Test,
            _ => return None,
        })
    }
}

/// Puts an operation together from its name and its members, or hands them back where one is missing.
#[inline]
pub(crate) fn assemble<P, V>(
    op: Op,
    members: StepMembers<P, V>,
) -> Result<Step<P, V>, (MalformedOperation, StepMembers<P, V>)> {
    let missing = |name, members| Err((MalformedOperation::Missing(name), members));
    match (op, members) {
        (Op::Add, StepMembers { path: Some(path), value: Some(value), .. }) => Ok(Step::Add { path, value }),
        (Op::Remove, StepMembers { path: Some(path), .. }) => Ok(Step::Remove { path }),
        (Op::Replace, StepMembers { path: Some(path), value: Some(value), .. }) => Ok(Step::Replace { path, value }),
        (Op::Move, StepMembers { path: Some(path), from: Some(from), .. }) => Ok(Step::Move { from, path }),
        (Op::Copy, StepMembers { path: Some(path), from: Some(from), .. }) => Ok(Step::Copy { from, path }),
        (Op::Test, StepMembers { path: Some(path), value: Some(value), .. }) => Ok(Step::Test { path, value }),
        (_, members @ StepMembers { path: None, .. }) => missing("path", members),
        (Op::Add | Op::Replace | Op::Test, members) => missing("value", members),
        (Op::Move | Op::Copy, members) => missing("from", members),
    }
}

/// A JSON Patch: operations that are applied in order, all of them or none (RFC 6902 section 3).
///
/// `Display` is the patch as JSON; `{:#}` puts each operation on a line of its own. `Serialize` and `Deserialize` are
/// the RFC's form, whatever the dialect: the leading slash is required, unknown members of an operation are skipped. Of
/// a name that stands twice *inside of a value* the last one counts, since that value is read as any
/// `serde_json::Value` is. For the body of a request use [`Patch::parse`], which refuses it, and knows the dialect and
/// the limits.
///
/// ```
/// use entity_patch::{Operation, Patch};
/// use serde_json::json;
///
/// let patch = Patch::new(vec![Operation::Replace { path: "/Name".parse()?, value: json!("new") }]);
/// assert_eq!(patch.to_string(), r#"[{"op":"replace","path":"/Name","value":"new"}]"#);
/// # Ok::<(), entity_patch::ParsePointerError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch {
    operations: Vec<Operation>,
}

impl Patch {
    /// A patch of these operations. What a dialect allows is checked when it is applied.
    pub fn new(operations: Vec<Operation>) -> Patch {
        Patch { operations }
    }

    /// The operations, in order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operations, in order, without a copy.
    pub fn into_operations(mut self) -> Vec<Operation> {
        mem::take(&mut self.operations)
    }
}

impl Drop for Patch {
    /// A patch may hold values that are nested deeper than any stack.
    fn drop(&mut self) {
        self.operations.drain(..).filter_map(Operation::into_value).for_each(value::discard);
    }
}

impl fmt::Display for Patch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if formatter.alternate() { ",\n  " } else { "," };
        let (start, end) =
            if formatter.alternate() && !self.operations.is_empty() { ("[\n  ", "\n]") } else { ("[", "]") };
        formatter.write_str(start)?;
        for (index, operation) in self.operations.iter().enumerate() {
            if index > 0 {
                formatter.write_str(separator)?;
            }
            let json = serde_json::to_string(operation).map_err(|_| fmt::Error)?;
            formatter.write_str(&json)?;
        }
        formatter.write_str(end)
    }
}

impl Serialize for Patch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.operations.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Patch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Patch, D::Error> {
        Vec::deserialize(deserializer).map(Patch::new)
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("op", self.name())?;
        if let Some(from) = self.source() {
            map.serialize_entry("from", from)?;
        }
        map.serialize_entry("path", self.path())?;
        if let Some(value) = self.value() {
            map.serialize_entry("value", value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Operation, D::Error> {
        struct OperationVisitor;

        impl<'de> Visitor<'de> for OperationVisitor {
            type Value = Operation;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an operation of a JSON Patch")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Operation, A::Error> {
                let mut op: Option<Cow<'de, str>> = None;
                // What it has to be depends on the operation.
                let mut from: Option<Value> = None;
                let mut members: StepMembers<Pointer, Value> = StepMembers { path: None, from: None, value: None };
                while let Some(name) = map.next_key::<Cow<'de, str>>()? {
                    match name.as_ref() {
                        "op" => set(&mut op, "op", map.next_value()?)?,
                        "path" => set(&mut members.path, "path", map.next_value()?)?,
                        "from" => set(&mut from, "from", map.next_value()?)?,
                        "value" => set(&mut members.value, "value", map.next_value()?)?,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                let op = op.ok_or_else(|| de::Error::missing_field("op"))?;
                let op = Op::of(&op).ok_or_else(|| de::Error::custom(MalformedOperation::UnknownOp))?;
                if let (Op::Move | Op::Copy, Some(from)) = (op, from) {
                    let not_a_string = || de::Error::custom(MalformedOperation::NotAString("from"));
                    let from = from.as_str().ok_or_else(not_a_string)?;
                    members.from = Some(Pointer::parse(from).map_err(de::Error::custom)?);
                }
                assemble(op, members).map(Into::into).map_err(|(problem, _)| de::Error::custom(problem))
            }
        }

        deserializer.deserialize_map(OperationVisitor)
    }
}

fn set<T, E: de::Error>(slot: &mut Option<T>, name: &'static str, value: T) -> Result<(), E> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(name)),
    }
}

/// Where in a patch something failed: `operation 0 at`, a path in backquotes or `the root`, a colon; whatever of it is
/// known.
pub(crate) struct Place<'e> {
    pub(crate) operation: Option<usize>,
    pub(crate) path: Option<&'e Pointer>,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.operation, self.path) {
            (None, None) => Ok(()),
            (Some(operation), None) => write!(formatter, "operation {operation}: "),
            (None, Some(path)) => write!(formatter, "at {}: ", Shown(path)),
            (Some(operation), Some(path)) => write!(formatter, "operation {operation} at {}: ", Shown(path)),
        }
    }
}

/// A path as one line of a log can show it: control characters, which a client chooses, are escaped.
struct Shown<'e>(&'e Pointer);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.as_str().is_empty() {
            return formatter.write_str("the root");
        }
        formatter.write_char('`')?;
        for character in self.0.as_str().chars() {
            match character.is_control() {
                true => write!(formatter, "{}", character.escape_unicode())?,
                false => formatter.write_char(character)?,
            }
        }
        formatter.write_char('`')
    }
}
