//! An operation of a JSON Patch (RFC 6902 section 4), and the patch as a list of them, to build, to read and to show.

use std::{
    borrow::Cow,
    convert::Infallible,
    fmt::{self, Write},
    mem, slice, vec,
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, IgnoredAny, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::Value;

use crate::{json::value, patch::pointer::Pointer};

/// One operation of a JSON Patch (RFC 6902 section 4), on pointers and values unless another form is named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation<P = Pointer, V = Value> {
    /// Inserts an element, or sets a member whether it exists or not (section 4.1).
    Add {
        /// Where the value goes; `-` is the end of an array.
        path: P,
        /// What is added.
        value: V,
    },
    /// Removes what exists (section 4.2).
    Remove {
        /// What is removed.
        path: P,
    },
    /// Replaces what exists (section 4.3).
    Replace {
        /// What is replaced.
        path: P,
        /// What it is replaced by.
        value: V,
    },
    /// Removes what exists, then adds it elsewhere (section 4.4).
    Move {
        /// What is moved.
        from: P,
        /// Where it goes, once it is removed.
        path: P,
    },
    /// Adds a copy of what exists (section 4.5).
    Copy {
        /// What is copied.
        from: P,
        /// Where the copy goes.
        path: P,
    },
    /// Fails unless the value there is equal to the given one (section 4.6); numbers are equal when they are
    /// numerically equal.
    Test {
        /// What is looked at.
        path: P,
        /// What it has to be equal to.
        value: V,
    },
}

/// How operations are written by hand. Each takes a pointer or its text.
///
/// ```
/// use entity_patch::{Operation, Patch, Pointer};
/// use serde_json::json;
///
/// let patch = Patch::from_iter([
///     Operation::add("/Events/-", "sale.sold")?,
///     Operation::remove(Pointer::from_tokens(["Headers", "X/Key"]))?,
///     Operation::move_from("/Name", "/Title")?,
/// ]);
/// assert_eq!(
///     json!(patch),
///     json!([
///         {"op": "add", "path": "/Events/-", "value": "sale.sold"},
///         {"op": "remove", "path": "/Headers/X~1Key"},
///         {"op": "move", "from": "/Name", "path": "/Title"},
///     ]),
/// );
/// # Ok::<(), entity_patch::ParsePointerError>(())
/// ```
impl Operation {
    /// Inserts an element, or sets a member whether it exists or not (RFC 6902 section 4.1).
    ///
    /// # Errors
    ///
    /// Here and below: the text is not a JSON Pointer, as in [`Pointer::parse`].
    pub fn add<P: TryInto<Pointer>>(path: P, value: impl Into<Value>) -> Result<Operation, P::Error> {
        Ok(Operation::Add { path: path.try_into()?, value: value.into() })
    }

    /// Removes what exists (section 4.2).
    ///
    /// # Errors
    ///
    /// As [`Operation::add`].
    pub fn remove<P: TryInto<Pointer>>(path: P) -> Result<Operation, P::Error> {
        Ok(Operation::Remove { path: path.try_into()? })
    }

    /// Replaces what exists (section 4.3).
    ///
    /// # Errors
    ///
    /// As [`Operation::add`].
    pub fn replace<P: TryInto<Pointer>>(path: P, value: impl Into<Value>) -> Result<Operation, P::Error> {
        Ok(Operation::Replace { path: path.try_into()?, value: value.into() })
    }

    /// Removes what exists, then adds it elsewhere (section 4.4).
    ///
    /// # Errors
    ///
    /// As [`Operation::add`].
    pub fn move_from<P: TryInto<Pointer>>(from: P, path: P) -> Result<Operation, P::Error> {
        Ok(Operation::Move { from: from.try_into()?, path: path.try_into()? })
    }

    /// Adds a copy of what exists (section 4.5).
    ///
    /// # Errors
    ///
    /// As [`Operation::add`].
    pub fn copy_from<P: TryInto<Pointer>>(from: P, path: P) -> Result<Operation, P::Error> {
        Ok(Operation::Copy { from: from.try_into()?, path: path.try_into()? })
    }

    /// Fails unless the value there is equal to the given one (section 4.6).
    ///
    /// # Errors
    ///
    /// As [`Operation::add`].
    pub fn test<P: TryInto<Pointer>>(path: P, value: impl Into<Value>) -> Result<Operation, P::Error> {
        Ok(Operation::Test { path: path.try_into()?, value: value.into() })
    }
}

impl<P, V> Operation<P, V> {
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
    pub fn path(&self) -> &P {
        match self {
            Operation::Add { path, .. }
            | Operation::Remove { path }
            | Operation::Replace { path, .. }
            | Operation::Move { path, .. }
            | Operation::Copy { path, .. }
            | Operation::Test { path, .. } => path,
        }
    }

    /// The operation's `from`.
    pub(crate) fn source(&self) -> Option<&P> {
        self.as_ref().parts().1
    }

    /// The operation's `value`.
    pub(crate) fn value(&self) -> Option<&V> {
        self.as_ref().parts().2
    }

    /// The operation's `value`, by itself.
    pub(crate) fn into_value(self) -> Option<V> {
        self.parts().2
    }

    /// `path`, `from` and `value`.
    fn parts(self) -> (P, Option<P>, Option<V>) {
        match self {
            Operation::Add { path, value } | Operation::Replace { path, value } | Operation::Test { path, value } => {
                (path, None, Some(value))
            }
            Operation::Move { from, path } | Operation::Copy { from, path } => (path, Some(from), None),
            Operation::Remove { path } => (path, None, None),
        }
    }

    /// Borrows its pointers and its value.
    #[inline(always)]
    pub(crate) fn as_ref(&self) -> Operation<&P, &V> {
        match self {
            Operation::Add { path, value } => Operation::Add { path, value },
            Operation::Remove { path } => Operation::Remove { path },
            Operation::Replace { path, value } => Operation::Replace { path, value },
            Operation::Move { from, path } => Operation::Move { from, path },
            Operation::Copy { from, path } => Operation::Copy { from, path },
            Operation::Test { path, value } => Operation::Test { path, value },
        }
    }

    /// Maps its pointers and its value.
    #[inline(always)]
    pub(crate) fn map<Q, W>(self, pointer: impl Fn(P) -> Q, value: impl FnOnce(V) -> W) -> Operation<Q, W> {
        let Ok(mapped) = self.try_map(pointer, |given| Ok::<W, Infallible>(value(given)));
        mapped
    }

    /// As `map`, where the value may have no counterpart.
    #[inline(always)]
    pub(crate) fn try_map<Q, W, E>(
        self,
        pointer: impl Fn(P) -> Q,
        value: impl FnOnce(V) -> Result<W, E>,
    ) -> Result<Operation<Q, W>, E> {
        let written = value;
        Ok(match self {
            Operation::Add { path, value } => Operation::Add { path: pointer(path), value: written(value)? },
            Operation::Remove { path } => Operation::Remove { path: pointer(path) },
            Operation::Replace { path, value } => Operation::Replace { path: pointer(path), value: written(value)? },
            Operation::Move { from, path } => Operation::Move { from: pointer(from), path: pointer(path) },
            Operation::Copy { from, path } => Operation::Copy { from: pointer(from), path: pointer(path) },
            Operation::Test { path, value } => Operation::Test { path: pointer(path), value: written(value)? },
        })
    }
}

/// The members of an operation besides its name, as far as a JSON Patch gives them.
pub(crate) struct OperationMembers<P, V> {
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
    #[inline(always)]
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
#[inline(always)]
pub(crate) fn assemble<P, V>(
    op: Op,
    members: OperationMembers<P, V>,
) -> Result<Operation<P, V>, (MalformedOperation, OperationMembers<P, V>)> {
    let missing = |name, members| Err((MalformedOperation::Missing(name), members));
    match (op, members) {
        (Op::Add, OperationMembers { path: Some(path), value: Some(value), .. }) => Ok(Operation::Add { path, value }),
        (Op::Remove, OperationMembers { path: Some(path), .. }) => Ok(Operation::Remove { path }),
        (Op::Replace, OperationMembers { path: Some(path), value: Some(value), .. }) => {
            Ok(Operation::Replace { path, value })
        }
        (Op::Move, OperationMembers { path: Some(path), from: Some(from), .. }) => Ok(Operation::Move { from, path }),
        (Op::Copy, OperationMembers { path: Some(path), from: Some(from), .. }) => Ok(Operation::Copy { from, path }),
        (Op::Test, OperationMembers { path: Some(path), value: Some(value), .. }) => {
            Ok(Operation::Test { path, value })
        }
        (_, members @ OperationMembers { path: None, .. }) => missing("path", members),
        (Op::Add | Op::Replace | Op::Test, members) => missing("value", members),
        (Op::Move | Op::Copy, members) => missing("from", members),
    }
}

/// A JSON Patch: operations that are applied in order, all of them or none (RFC 6902 section 3).
///
/// `Display` is the patch as JSON; `{:#}` puts each operation on a line of its own. `Serialize` and `Deserialize` are
/// the RFC's form, whatever the dialect: the leading slash is required, unknown members of an operation are skipped. Of
/// a duplicate name *inside a value* the last one counts, as in any `serde_json::Value`. For the body of a request use
/// [`Patch::parse`], which refuses duplicates, and knows the dialect and the limits.
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

    /// Whether there is no operation: a patch that changes nothing.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// The operations, in order, without a copy.
    pub fn into_operations(mut self) -> Vec<Operation> {
        mem::take(&mut self.operations)
    }
}

impl FromIterator<Operation> for Patch {
    fn from_iter<I: IntoIterator<Item = Operation>>(operations: I) -> Patch {
        Patch::new(operations.into_iter().collect())
    }
}

impl Extend<Operation> for Patch {
    fn extend<I: IntoIterator<Item = Operation>>(&mut self, operations: I) {
        self.operations.extend(operations);
    }
}

impl IntoIterator for Patch {
    type Item = Operation;
    type IntoIter = vec::IntoIter<Operation>;

    fn into_iter(self) -> vec::IntoIter<Operation> {
        self.into_operations().into_iter()
    }
}

impl<'p> IntoIterator for &'p Patch {
    type Item = &'p Operation;
    type IntoIter = slice::Iter<'p, Operation>;

    fn into_iter(self) -> slice::Iter<'p, Operation> {
        self.operations.iter()
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

/// serde_json reads 127 levels in all, and so values of up to 125 in an operation. [`Patch::parse`] reads any value that a
/// document can hold.
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
                let mut members: OperationMembers<Pointer, Value> =
                    OperationMembers { path: None, from: None, value: None };
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
                assemble(op, members).map_err(|(problem, _)| de::Error::custom(problem))
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
pub(crate) struct FailurePlace<'e> {
    pub(crate) operation: Option<usize>,
    pub(crate) path: Option<&'e Pointer>,
}

impl fmt::Display for FailurePlace<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.operation, self.path) {
            (None, None) => Ok(()),
            (Some(operation), None) => write!(formatter, "operation {operation}: "),
            (None, Some(path)) => write!(formatter, "at {}: ", Shown(path)),
            (Some(operation), Some(path)) => write!(formatter, "operation {operation} at {}: ", Shown(path)),
        }
    }
}

/// A path as one line of a log can show it: what a client chooses and nobody sees is escaped, such as control characters,
/// line separators, and what turns the direction of a text.
pub(crate) struct Shown<'e>(pub(crate) &'e Pointer);

/// Whether a character shows as itself. Rust knows what is not printable: that is what `Debug` escapes, with quotes, the
/// backslash, and marks that combine with the letter before.
fn is_visible(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '"' | '\'' | '\\') || character.escape_debug().len() == 1
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.as_str().is_empty() {
            return formatter.write_str("the root");
        }
        formatter.write_char('`')?;
        for character in self.0.as_str().chars() {
            match is_visible(character) {
                true => formatter.write_char(character)?,
                false => write!(formatter, "{}", character.escape_unicode())?,
            }
        }
        formatter.write_char('`')
    }
}
