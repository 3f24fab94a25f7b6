//! What a diff is asked for.

use std::{fmt, sync::Arc};

use serde_json::Value;

use crate::{dialect::Limits, json::value, patch::pointer::Pointer};

/// What [`diff_with`](crate::diff_with) compares, and what it writes.
///
/// The default is what [`diff`](crate::diff()) does: no `move`, arrays by position, no guard, nothing skipped.
///
/// ```
/// use entity_patch::{Arrays, DiffOptions, Guard};
///
/// let options = DiffOptions::default().moves(true).arrays(Arrays::by_key("id")).guard(Guard::Changes);
/// assert!(options.moves);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct DiffOptions {
    /// Write a `move` where a value is removed in one place and added in another, and a `copy` where that is shorter
    /// than the value, but for texts of up to 16 bytes. For dialects that have the two:
    /// [`Dialect::RFC`](crate::Dialect::RFC) does, [`Dialect::SUPEROFFICE`](crate::Dialect::SUPEROFFICE) does not.
    pub moves: bool,
    /// Which elements of two arrays are compared with each other.
    pub arrays: Arrays,
    /// What is tested before it is changed.
    pub guard: Guard,
    /// Pointers to what keeps the source's value, or stays absent, whatever the target has there. An index skips the
    /// element that both arrays have at it. A pointer whose parent the target does not have skips nothing: what is
    /// around it is removed.
    pub skip: Vec<Pointer>,
}

impl DiffOptions {
    /// Sets [`moves`](DiffOptions::moves).
    #[must_use]
    pub fn moves(mut self, moves: bool) -> DiffOptions {
        self.moves = moves;
        self
    }

    /// Sets [`arrays`](DiffOptions::arrays).
    #[must_use]
    pub fn arrays(mut self, arrays: Arrays) -> DiffOptions {
        self.arrays = arrays;
        self
    }

    /// Sets [`guard`](DiffOptions::guard).
    #[must_use]
    pub fn guard(mut self, guard: Guard) -> DiffOptions {
        self.guard = guard;
        self
    }

    /// Adds pointers to [`skip`](DiffOptions::skip).
    ///
    /// ```
    /// use entity_patch::{DiffOptions, diff_with};
    /// use serde_json::json;
    ///
    /// let options = DiffOptions::default().skip(["/etag".parse()?]);
    /// let patch = diff_with(&json!({"etag": "1", "name": "a"}), &json!({"etag": "2", "name": "a"}), &options);
    /// assert!(patch.operations().is_empty());
    /// # Ok::<(), entity_patch::ParsePointerError>(())
    /// ```
    #[must_use]
    pub fn skip(mut self, pointers: impl IntoIterator<Item = Pointer>) -> DiffOptions {
        self.skip.extend(pointers);
        self
    }

    /// The target in which everything that is skipped is as in the source.
    pub(super) fn with_skipped(&self, source: &Value, target: &Value) -> Value {
        let mut merged = value::copy(target, Limits::MAX_DEPTH);
        for pointer in &self.skip {
            keep(source, &mut merged, pointer);
        }
        merged
    }
}

/// Puts the source's value at a pointer into the target, or removes the target's.
fn keep(source: &Value, target: &mut Value, pointer: &Pointer) {
    let kept = source.pointer(pointer.as_str()).map(|kept| value::copy(kept, Limits::MAX_DEPTH));
    let Some(token) = pointer.tokens().last() else {
        return value::discard(std::mem::replace(target, kept.unwrap_or_default()));
    };
    let mut parent = pointer.clone();
    parent.pop();
    let old = match (target.pointer_mut(parent.as_str()), kept) {
        (Some(Value::Object(members)), Some(kept)) => members.insert(token.name().into_owned(), kept),
        (Some(Value::Object(members)), None) => members.remove(&*token.name()),
        (Some(Value::Array(elements)), Some(kept)) => match token.existing_index(elements.len()) {
            Ok(index) => Some(std::mem::replace(&mut elements[index], kept)),
            Err(_) => Some(kept),
        },
        (_, unused) => unused,
    };
    old.into_iter().for_each(value::discard);
}

/// Which elements of two arrays [`diff_with`](crate::diff_with) takes for versions of each other.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Arrays {
    /// Elements are matched in order: those that stay are a longest common subsequence, and between them an element is
    /// changed into one that shares most with it.
    #[default]
    ByPosition,
    /// Elements with equal keys are versions of one element, wherever they are; the others come and go. An array whose
    /// elements do not all have a key, each a different one, is matched by position.
    ByKey(ArrayKey),
    /// An array that changed is replaced.
    Whole,
}

impl Arrays {
    /// Elements are known by their member `name`, such as `id`.
    ///
    /// ```
    /// use entity_patch::{Arrays, DiffOptions, diff_with};
    /// use serde_json::json;
    ///
    /// let source = json!([{"id": 1, "v": "a"}, {"id": 2, "v": "b"}, {"id": 3, "v": "c"}]);
    /// let target = json!([{"id": 3, "v": "c"}, {"id": 1, "v": "x"}, {"id": 2, "v": "b"}]);
    /// let patch = diff_with(&source, &target, &DiffOptions::default().moves(true).arrays(Arrays::by_key("id")));
    /// assert_eq!(
    ///     serde_json::to_value(&patch).unwrap(),
    ///     json!([
    ///         {"op": "move", "from": "/2", "path": "/0"},
    ///         {"op": "replace", "path": "/1/v", "value": "x"},
    ///     ]),
    /// );
    /// ```
    pub fn by_key(name: impl Into<String>) -> Arrays {
        Arrays::ByKey(ArrayKey(KeySource::Member(name.into())))
    }

    /// Matches elements by a key that a function makes of the array's pointer and the element. `None` means that the
    /// element has no key. The pointer is the array's place in the target.
    ///
    /// ```
    /// use entity_patch::Arrays;
    ///
    /// let arrays = Arrays::by_key_of(|array, element| match array.as_str() {
    ///     "/spec/containers" => element.get("name").cloned(),
    ///     _ => element.get("id").cloned(),
    /// });
    /// ```
    pub fn by_key_of(key: impl Fn(&Pointer, &Value) -> Option<Value> + Send + Sync + 'static) -> Arrays {
        Arrays::ByKey(ArrayKey(KeySource::Function(Arc::new(key))))
    }
}

impl fmt::Debug for Arrays {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Arrays::ByPosition => formatter.write_str("ByPosition"),
            Arrays::ByKey(ArrayKey(KeySource::Member(name))) => formatter.debug_tuple("ByKey").field(name).finish(),
            Arrays::ByKey(ArrayKey(KeySource::Function(_))) => formatter.write_str("ByKey(..)"),
            Arrays::Whole => formatter.write_str("Whole"),
        }
    }
}

/// How an element of an array is known: see [`Arrays::by_key`] and [`Arrays::by_key_of`].
#[derive(Clone)]
pub struct ArrayKey(pub(super) KeySource);

impl fmt::Debug for ArrayKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Arrays::ByKey(self.clone()).fmt(formatter)
    }
}

#[derive(Clone)]
pub(super) enum KeySource {
    Member(String),
    Function(Arc<KeyFunction>),
}

type KeyFunction = dyn Fn(&Pointer, &Value) -> Option<Value> + Send + Sync;

/// What a diff tests before it changes something, so that a document that has changed in the meantime is a 409 and is not
/// overwritten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Guard {
    /// Nothing.
    #[default]
    None,
    /// The value that is replaced, removed or moved; before elements are inserted into an array, the element that is at
    /// that index, or else the last one; and the key of an element in which something changes, where elements are known
    /// by a member. A member that is added to an object is not guarded: one that someone else added in the meantime is
    /// overwritten.
    Changes,
    /// As `Changes`, and the whole of each array and object to which something is added, instead of its neighbours.
    Containers,
}
