//! A patch applied to an entity: its table decides what may be written, its types decide what is valid.
//!
//! Only the members that the patch names are looked at, each as a tree of its own.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Map, Value};

use crate::{
    dialect::{Dialect, UnknownMembers},
    diff::diff,
    document::{
        Change, Context, Document, Failure, PatchError, PatchErrorKind, copied, execute, leaves_equal,
        tree::{self, TreeStep},
    },
    entity::{
        Access, Entity, Member,
        table::{Named, resolve},
    },
    error::{Error, TargetError, TargetProblem},
    merge::{Merge, MergePatch, Trees},
    name::{self, Found},
    operation::{Operation, Patch, Step},
    pointer::{Pointer, Tokens},
    request::{Format, PatchDocument},
    text, value,
};

/// An entity after a patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patched<E> {
    /// The new entity.
    pub entity: E,
    /// The declared members whose value is different now, in the order of the table; empty means that nothing needs
    /// saving.
    pub changed: Vec<&'static str>,
    /// The paths of the writes that were skipped: to output-only members, and under [`UnknownMembers::Ignore`] to
    /// members that the entity does not declare.
    pub ignored: Vec<Pointer>,
}

impl<E: Entity> Patched<E> {
    /// The patch that takes this one back: applied to the new entity, it gives the entity as it was `before`. A server
    /// can store it, so that a person can undo what a client did.
    ///
    /// It only adds, removes and replaces, so that every dialect takes it, where no two names inside a member differ
    /// only by case.
    ///
    /// ```
    /// use entity_patch::{Dialect, Format, PatchDocument, patch, webhook::Webhook};
    ///
    /// let before: Webhook = serde_json::from_str(r#"{"WebhookId": 7, "Name": "old", "State": "Active"}"#).unwrap();
    /// let document = PatchDocument::parse(br#"{"name": "new"}"#, Format::ByShape, &Dialect::SUPEROFFICE)?;
    /// let patched = patch(&before, &document, &Dialect::SUPEROFFICE)?;
    ///
    /// let inverse = patched.inverse(&before);
    /// assert_eq!(inverse.to_string(), r#"[{"op":"replace","path":"/Name","value":"old"}]"#);
    /// let undone = patch(&patched.entity, &PatchDocument::JsonPatch(inverse), &Dialect::SUPEROFFICE)?;
    /// assert_eq!(undone.entity, before);
    /// # Ok::<(), entity_patch::Error>(())
    /// ```
    pub fn inverse(&self, before: &E) -> Patch {
        let changed = || E::MEMBERS.iter().filter(|member| self.changed.contains(&member.name));
        let read = |entity: &E| -> Value {
            changed().map(|member| (member.name.to_owned(), (member.read)(entity).unwrap_or_default())).collect()
        };
        diff(&read(&self.entity), &read(before))
    }
}

/// A stored entity after a patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchedJson {
    /// The new entity, as JSON text.
    pub json: Vec<u8>,
    /// As [`Patched::changed`].
    pub changed: Vec<&'static str>,
    /// As [`Patched::ignored`].
    pub ignored: Vec<Pointer>,
}

/// Applies a patch to an entity, all of it or nothing.
///
/// The entity's table decides what may be written: the first token of a path names a declared member. A read-only
/// member is written by no path, its own, a child's or the root, unless the value stays equal. `remove` and a merge
/// null set a member to null. The entity's types decide what is valid, once, on the result.
///
/// ```
/// use entity_patch::{Dialect, Format, PatchDocument, patch, webhook::Webhook};
///
/// let webhook: Webhook = serde_json::from_str(r#"{"WebhookId": 7, "Name": "old", "State": "Active"}"#).unwrap();
/// let body = br#"[{"op": "replace", "path": "webhookid", "value": 8}]"#;
/// let document = PatchDocument::parse(body, Format::JsonPatch, &Dialect::SUPEROFFICE)?;
/// let error = patch(&webhook, &document, &Dialect::SUPEROFFICE).unwrap_err();
/// assert_eq!((error.status(), error.code()), (422, "read-only"));
/// assert_eq!(error.to_string(), "operation 0 at `/webhookid`: the member is read-only");
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// - 409: as [`apply`](crate::apply).
/// - 422: as [`apply`](crate::apply); a member is read-only (`read-only`), is not declared (`unknown-member`, under
///   [`UnknownMembers::Reject`]) or is left with a value that its type does not have (`invalid-value`, reported at the
///   member with the last operation that wrote it).
pub fn patch<E: Entity>(entity: &E, document: &PatchDocument, dialect: &Dialect) -> Result<Patched<E>, Error> {
    let mut session = Session::new(entity, dialect);
    match document {
        PatchDocument::JsonPatch(patch) => session.json_patch(patch.operations())?,
        PatchDocument::MergePatch(patch) => session.merge_patch(patch)?,
    }
    Ok(session.finish()?)
}

/// Applies a request body to a stored entity: bytes in, bytes out. The result is that of [`patch()`] on the parsed
/// entity; a member that did not change keeps its bytes, and so does all that the entity does not declare. One that
/// did change is written anew as its type writes it, numbers inside it as `serde_json` reads them; one that was absent
/// is appended. In a stored entity a name stands once in each object, at every depth.
///
/// ```
/// use entity_patch::{Dialect, Format, patch_stored, webhook::Webhook};
///
/// let stored = br#"{"WebhookId": 7, "Name": "old", "State": "Active"}"#;
/// let patched = patch_stored::<Webhook>(stored, br#"{"name": "old"}"#, Format::ByShape, &Dialect::SUPEROFFICE)?;
/// assert!(patched.changed.is_empty());
/// assert_eq!(patched.json, stored);
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// Those of the body first, as [`PatchDocument::parse`]; then 500 where the stored text is not such an entity; then
/// those of [`patch()`].
pub fn patch_stored<E: Entity>(
    stored: &[u8],
    body: &[u8],
    format: Format,
    dialect: &Dialect,
) -> Result<PatchedJson, Error> {
    let document = PatchDocument::parse(body, format, dialect)?;
    let entity: E = read_stored(stored)?;
    let Patched { entity, changed, ignored } = patch(&entity, &document, dialect)?;
    let new = |member: &&Member<E>| changed.contains(&member.name).then(|| (member.name, (member.read)(&entity)));
    let members: Vec<_> = E::MEMBERS.iter().filter_map(|member| new(&member)).collect();
    let json = text::with_members(stored, &members)?;
    Ok(PatchedJson { json, changed, ignored })
}

pub(crate) fn read_stored<E: Entity>(stored: &[u8]) -> Result<E, TargetError> {
    if !text::read(stored)?.is_object() {
        return Err(TargetProblem::NotAnObject.into());
    }
    serde_json::from_slice(stored)
        .map_err(|error| TargetProblem::WrongType { line: error.line(), column: error.column() }.into())
}

pub(crate) fn write_stored<E: Entity>(entity: &E) -> Result<Vec<u8>, TargetError> {
    serde_json::to_vec(entity).map_err(|_| TargetProblem::Unwritable.into())
}

/// A patch at work on an entity.
struct Session<'e, E> {
    members: Members<'e, E>,
    /// The members that are not declared and that an operation named, by their names.
    undeclared: BTreeMap<&'e String, Value>,
    dialect: &'e Dialect,
    context: Context,
    /// The operation at work, and none for a merge patch.
    operation: Option<usize>,
    /// The writes so far.
    writes: usize,
    ignored: Vec<Pointer>,
}

/// The members of an entity, each read as a tree when it is first named.
struct Members<'e, E> {
    entity: &'e E,
    case: name::Case,
    /// One a row of the table.
    declared: Vec<Loaded>,
}

#[derive(Clone, Default)]
struct Loaded {
    /// The member as it is now, once it was named.
    value: Option<Value>,
    written: Option<Write>,
}

/// Whether a path is that of a whole member.
fn is_member(path: Tokens<'_>) -> bool {
    path.count() == 1
}

/// A whole entity with its members as they are spelt, where their types read more than one spelling.
fn respelt_members<E: Entity>(mut entity: Cow<'_, Value>) -> Cow<'_, Value> {
    for member in E::MEMBERS {
        if let Some(respell) = member.respell
            && let Some(spelt) = entity.get(member.name).and_then(respell)
            && let Value::Object(members) = entity.to_mut()
        {
            members.insert(member.name.to_owned(), spelt);
        }
    }
    entity
}

/// The last write to a member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Write {
    /// Counts the operations that were applied, so that of two invalid members the one written first is reported.
    order: usize,
    operation: Option<usize>,
}

impl<'e, E: Entity> Members<'e, E> {
    /// The member of a row as it is now.
    fn declared(&mut self, row: usize) -> Result<&mut Value, PatchErrorKind> {
        let loaded = &mut self.declared[row].value;
        match loaded {
            Some(value) => Ok(value),
            None => Ok(loaded.insert((E::MEMBERS[row].read)(self.entity).ok_or(PatchErrorKind::InvalidValue)?)),
        }
    }

    /// A member that was read with the entity and is not declared, with its name.
    fn undeclared(&self, name: &str, context: &mut Context) -> Result<Option<(&'e String, &'e Value)>, PatchErrorKind> {
        let Some(members) = self.entity.undeclared() else { return Ok(None) };
        let exact = members.get_key_value(name);
        if exact.is_some() || self.case == name::Case::Exact {
            return Ok(exact);
        }
        context.work(members.len())?;
        match name::find(members.keys().map(String::as_str), name, self.case) {
            Found::At(position) => Ok(members.iter().nth(position)),
            // The table alone decides what a name stands for; that two others have it makes it no less undeclared.
            Found::Nothing | Found::Ambiguous => Ok(None),
        }
    }

    /// The entity as JSON, with what was written so far.
    fn whole(&mut self) -> Result<Value, PatchErrorKind> {
        let mut whole = Map::new();
        for (row, member) in E::MEMBERS.iter().enumerate() {
            whole.insert(member.name.to_owned(), self.declared(row)?.clone());
        }
        let undeclared = self.entity.undeclared().into_iter().flatten();
        whole.extend(undeclared.map(|(name, value)| (name.clone(), value.clone())));
        Ok(Value::Object(whole))
    }
}

impl<'p, E: Entity> Document<'p> for Members<'_, E> {
    type Value = Value;
    type Node<'d>
        = &'d mut Value
    where
        Self: 'd;

    fn start(&mut self, path: Tokens<'p>) -> Result<(&mut Value, Tokens<'p>), PatchErrorKind> {
        let mut tokens = path;
        match tokens.next() {
            Some(token) => match resolve::<E>(&token.name(), self.case)? {
                Named::Declared(row) => Ok((self.declared(row)?, tokens)),
                Named::OutputOnly | Named::Undeclared => Err(PatchErrorKind::NotFound),
            },
            None => Err(PatchErrorKind::NotFound),
        }
    }

    /// A declared member is always there: removed, it is null.
    fn remove_start(&mut self, path: Tokens<'p>) -> Result<(Change, Value), PatchErrorKind> {
        let (value, _) = self.start(path)?;
        Ok((Change::Replaced, std::mem::take(value)))
    }

    /// The entity itself is only read, so that there is nothing to undo.
    fn record(&mut self, _path: Tokens<'p>, _change: Change, old: Option<Value>) {
        value::discard(old.unwrap_or_default());
    }
}

/// The entity as one tree, to copy it.
struct Whole(Value);

impl<'p> Document<'p> for Whole {
    type Value = Value;
    type Node<'d> = &'d mut Value;

    fn start(&mut self, path: Tokens<'p>) -> Result<(&mut Value, Tokens<'p>), PatchErrorKind> {
        Ok((&mut self.0, path))
    }

    fn record(&mut self, _path: Tokens<'p>, _change: Change, _old: Option<Value>) {}
}

/// One member that is not declared, to find out whether a write would change it.
struct Undeclared<'m>(&'m mut Value);

impl<'p> Document<'p> for Undeclared<'_> {
    type Value = Value;
    type Node<'d>
        = &'d mut Value
    where
        Self: 'd;

    fn start(&mut self, path: Tokens<'p>) -> Result<(&mut Value, Tokens<'p>), PatchErrorKind> {
        let mut tokens = path;
        tokens.next();
        Ok((self.0, tokens))
    }

    fn record(&mut self, _path: Tokens<'p>, _change: Change, _old: Option<Value>) {}
}

impl<'e, E: Entity> Session<'e, E> {
    fn new(entity: &'e E, dialect: &'e Dialect) -> Session<'e, E> {
        let declared = vec![Loaded::default(); E::MEMBERS.len()];
        Session {
            members: Members { entity, case: dialect.case(), declared },
            undeclared: BTreeMap::new(),
            dialect,
            context: Context::new(dialect),
            operation: None,
            writes: 0,
            ignored: Vec::new(),
        }
    }

    fn json_patch(&mut self, operations: &[Operation]) -> Result<(), PatchError> {
        for (index, operation) in operations.iter().enumerate() {
            self.operation = Some(index);
            self.operation(Step::of(operation))?;
        }
        Ok(())
    }

    /// Each top-level name is looked up in the table before equal values are dropped, so that a mistyped name is not
    /// lost in silence.
    fn merge_patch(&mut self, patch: &MergePatch) -> Result<(), PatchError> {
        let Value::Object(patch) = patch.as_value() else {
            let kind = match self.dialect.merge_objects_only {
                true => PatchErrorKind::NotAnObject,
                false => PatchErrorKind::InvalidValue,
            };
            return Err(PatchError::new(kind, None, Pointer::ROOT));
        };
        for (name, value) in patch {
            self.merge_member(name, value)?;
        }
        Ok(())
    }

    fn merge_member(&mut self, name: &str, patch: &Value) -> Result<(), PatchError> {
        let mut path = Pointer::ROOT;
        path.push(name);
        let refuse = |kind: PatchErrorKind, path: Tokens<'_>| PatchError::new(kind, None, path.to_pointer());
        self.context
            .check_depth(path.tokens(), |levels| value::is_deeper_than(patch, levels))
            .map_err(|kind| refuse(kind, path.tokens()))?;
        let mut merge = Merge::new(Trees { case: self.members.case }, self.dialect);
        match resolve::<E>(name, self.members.case).map_err(|kind| refuse(kind, path.tokens()))? {
            Named::Declared(row) => {
                path.pop();
                path.push(E::MEMBERS[row].name);
                let target = self.members.declared(row).map_err(|kind| refuse(kind, path.tokens()))?;
                // A client may send back what it read, nulls included, though a null would remove what it names.
                if E::MEMBERS[row].access == Access::ReadOnly && value::equal(patch, target) {
                    return Ok(());
                }
                merge.member(E::MEMBERS[row].name, patch, target)?;
                for operation in merge.into_steps().into_iter().map(Operation::from) {
                    self.operation(Step::of(&operation))?;
                }
                Ok(())
            }
            Named::OutputOnly => {
                self.ignored.push(path);
                Ok(())
            }
            Named::Undeclared => {
                let stored = self.members.undeclared(name, &mut self.context);
                if let Some((_, target)) = stored.map_err(|kind| refuse(kind, path.tokens()))? {
                    // What is sent as it is stored is no write, though a null in it would remove what it names.
                    if value::equal(patch, target) {
                        return Ok(());
                    }
                    merge.member(name, patch, target)?;
                    if merge.into_steps().is_empty() {
                        return Ok(());
                    }
                }
                self.unknown(path.tokens()).map_err(|failure| failure.of_operation(None))
            }
        }
    }

    /// Carries one operation out.
    fn operation(&mut self, step: TreeStep<'_>) -> Result<(), PatchError> {
        let operation = self.operation;
        let refuse = |failure: Failure<'_>| failure.of_operation(operation);
        tree::check(&step, &self.context).map_err(|kind| refuse(kind.at(step.path())))?;
        let step = self.without_root_source(step).map_err(refuse)?;
        if step.path().is_root() { self.apply_to_whole(step) } else { self.apply(step).map_err(refuse) }
    }

    /// An operation on one member.
    fn apply<'p>(&mut self, step: TreeStep<'p>) -> Result<(), Failure<'p>> {
        let path = step.path();
        let name = { path }.next().map(|token| token.name()).unwrap_or_default();
        if let Some(from) = step.from() {
            self.check_source(from)?;
        }
        match resolve::<E>(&name, self.members.case).map_err(|kind| kind.at(path))? {
            Named::Declared(row) => self.apply_to_member(step, row),
            Named::OutputOnly | Named::Undeclared if matches!(step, Step::Test { .. }) => Err(self.absent().at(path)),
            Named::OutputOnly => {
                self.ignored.push(path.to_pointer());
                Ok(())
            }
            Named::Undeclared if self.is_no_write(&name, &step)? => Ok(()),
            Named::Undeclared => self.unknown(path),
        }
    }

    /// The same operation with a value of its own, where it takes the whole entity or gives to the whole entity.
    fn without_root_source<'p>(&mut self, step: TreeStep<'p>) -> Result<TreeStep<'p>, Failure<'p>> {
        let (from, path) = match step {
            Step::Move { from, path } if from.is_root() && !path.is_root() => {
                return Err(PatchErrorKind::MoveIntoItself.at(path));
            }
            // Onto itself.
            Step::Move { from, path } | Step::Copy { from, path } if from.is_root() && path.is_root() => {
                return Ok(step);
            }
            Step::Move { from, path } | Step::Copy { from, path } if from.is_root() || path.is_root() => (from, path),
            // A declared member is always there: moving it leaves null behind, and moving null changes nothing there.
            Step::Move { from, path } if self.is_null(from) => return Ok(Step::Copy { from, path }),
            step => return Ok(step),
        };
        let value = if from.is_root() {
            let mut whole = Whole(self.members.whole().map_err(|kind| kind.at(from))?);
            copied(&mut whole, from, path, &mut self.context)?
        } else {
            self.check_source(from)?;
            copied(&mut self.members, from, path, &mut self.context)?
        };
        Ok(Step::Add { path, value: Cow::Owned(value) })
    }

    /// Whether the path is that of a declared member which is null.
    fn is_null(&mut self, path: Tokens<'_>) -> bool {
        let place = self.members.start(path);
        place.is_ok_and(|(value, tokens)| tokens.is_root() && value.is_null())
    }

    /// Where a value is taken from is always a declared member.
    fn check_source<'p>(&self, from: Tokens<'p>) -> Result<(), Failure<'p>> {
        let name = { from }.next().map(|token| token.name()).unwrap_or_default();
        match resolve::<E>(&name, self.members.case).map_err(|kind| kind.at(from))? {
            Named::Declared(_) => Ok(()),
            Named::OutputOnly | Named::Undeclared => Err(self.absent().at(from)),
        }
    }

    /// What a `test` of something that is not declared meets: it is never skipped.
    fn absent(&self) -> PatchErrorKind {
        match self.dialect.unknown_members {
            UnknownMembers::Reject => PatchErrorKind::UnknownMember,
            UnknownMembers::Ignore => PatchErrorKind::NotFound,
        }
    }

    /// A write to a member that the entity does not declare.
    fn unknown<'p>(&mut self, path: Tokens<'p>) -> Result<(), Failure<'p>> {
        match self.dialect.unknown_members {
            UnknownMembers::Reject => Err(PatchErrorKind::UnknownMember.at(path)),
            UnknownMembers::Ignore => {
                self.ignored.push(path.to_pointer());
                Ok(())
            }
        }
    }

    /// Whether a write to a member that is not declared leaves it as it was read.
    fn is_no_write<'p>(&mut self, name: &str, step: &TreeStep<'p>) -> Result<bool, Failure<'p>> {
        let path = step.path();
        let copy = match *step {
            Step::Move { from, path } | Step::Copy { from, path } => {
                let value = copied(&mut self.members, from, path, &mut self.context)?;
                Some(Step::Add { path, value: Cow::Owned(value) })
            }
            Step::Add { .. } | Step::Remove { .. } | Step::Replace { .. } | Step::Test { .. } => None,
        };
        if matches!(step, Step::Move { .. }) {
            return Ok(false);
        }
        let stored = self.members.undeclared(name, &mut self.context).map_err(|kind| kind.at(path))?;
        let Some((name, stored)) = stored else { return Ok(false) };
        // A copy, because what is not written is looked at by the same rules as what is.
        let stored = self.undeclared.entry(name).or_insert_with(|| stored.clone());
        leaves_equal(&mut Undeclared(stored), copy.as_ref().unwrap_or(step), &mut self.context)
    }

    fn apply_to_member<'p>(&mut self, step: TreeStep<'p>, row: usize) -> Result<(), Failure<'p>> {
        let path = step.path();
        let step = self.respelt(step, row);
        if matches!(step, Step::Test { .. }) {
            return execute(&mut self.members, step, &mut self.context);
        }
        let moved = match step {
            Step::Move { from, .. } => self.row(from),
            _ => None,
        };
        for (row, path) in [(Some(row), path), (moved, step.from().unwrap_or(path))] {
            if row.is_some_and(|row| E::MEMBERS[row].access == Access::ReadOnly) {
                return match self.leaves_equal(&step)? {
                    true => Ok(()),
                    false => Err(PatchErrorKind::ReadOnly.at(path)),
                };
            }
        }
        execute(&mut self.members, step, &mut self.context)?;
        self.written(row, path).map_err(|kind| kind.at(path))?;
        moved.map_or(Ok(()), |row| self.written(row, path)).map_err(|kind| kind.at(path))
    }

    fn leaves_equal<'p>(&mut self, step: &TreeStep<'p>) -> Result<bool, Failure<'p>> {
        match *step {
            Step::Remove { path } => Ok(self.is_null(path)),
            _ => leaves_equal(&mut self.members, step, &mut self.context),
        }
    }

    fn row(&self, path: Tokens<'_>) -> Option<usize> {
        let name = { path }.next()?;
        match resolve::<E>(&name.name(), self.members.case) {
            Ok(Named::Declared(row)) => Some(row),
            Ok(Named::OutputOnly | Named::Undeclared) | Err(_) => None,
        }
    }

    /// A step whose value is the whole member of a row, as that member is spelt.
    fn respelt<'p>(&self, step: TreeStep<'p>, row: usize) -> TreeStep<'p> {
        let Some(respell) = E::MEMBERS[row].respell else { return step };
        let spelt = |value: Cow<'p, Value>| respell(&value).map_or(value, Cow::Owned);
        let is_member = is_member(step.path());
        match step {
            Step::Add { path, value } if is_member => Step::Add { path, value: spelt(value) },
            Step::Replace { path, value } if is_member => Step::Replace { path, value: spelt(value) },
            Step::Test { path, value } if is_member => Step::Test { path, value: spelt(value) },
            step => step,
        }
    }

    /// Notes a write to the member of a row.
    fn written(&mut self, row: usize, path: Tokens<'_>) -> Result<(), PatchErrorKind> {
        // What is inside a member has no spelling of its own.
        if let Some(respell) = E::MEMBERS[row].respell
            && is_member(path)
        {
            let value = self.members.declared(row)?;
            if let Some(spelt) = respell(value) {
                *value = spelt;
            }
        }
        self.writes += 1;
        self.members.declared[row].written = Some(Write { order: self.writes, operation: self.operation });
        Ok(())
    }

    /// An operation on the whole entity.
    fn apply_to_whole(&mut self, step: TreeStep<'_>) -> Result<(), PatchError> {
        let kind = match step {
            Step::Add { value, .. } | Step::Replace { value, .. } => match value.as_ref() {
                Value::Object(members) => return self.assign(members),
                _ => PatchErrorKind::InvalidValue,
            },
            Step::Test { value, .. } => match self.members.whole() {
                Ok(whole) if value::equal(&whole, &respelt_members::<E>(value)) => return Ok(()),
                Ok(_) => PatchErrorKind::TestFailed,
                Err(kind) => kind,
            },
            Step::Remove { .. } => PatchErrorKind::RootRemoved,
            // The root is moved or copied onto itself.
            Step::Move { .. } | Step::Copy { .. } => return Ok(()),
        };
        Err(PatchError::new(kind, self.operation, Pointer::ROOT))
    }

    /// Writes every declared member: what the object gives it, null otherwise.
    fn assign(&mut self, members: &Map<String, Value>) -> Result<(), PatchError> {
        let mut is_given = vec![false; E::MEMBERS.len()];
        for (name, value) in members {
            let mut path = Pointer::to_member(name);
            if let Some(row) = self.row(path.tokens()) {
                path = Pointer::to_member(E::MEMBERS[row].name);
                if std::mem::replace(&mut is_given[row], true) {
                    return Err(PatchError::new(PatchErrorKind::AmbiguousName, self.operation, path));
                }
            }
            self.operation(Step::Replace { path: path.tokens(), value: Cow::Borrowed(value) })?;
        }
        for (member, _) in E::MEMBERS.iter().zip(is_given).filter(|(_, is_given)| !is_given) {
            self.operation(Step::Remove { path: Pointer::to_member(member.name).tokens() })?;
        }
        Ok(())
    }

    /// The new entity: what was written is read by the members' types.
    fn finish(self) -> Result<Patched<E>, PatchError> {
        let before = self.members.entity;
        let mut entity = before.clone();
        let mut changed = Vec::new();
        let mut invalid: Option<(Write, &'static str)> = None;
        for (member, loaded) in E::MEMBERS.iter().zip(self.members.declared) {
            let (Some(value), Some(write)) = (loaded.value, loaded.written) else { continue };
            let old = (member.read)(before);
            let is_equal = |new: &Value| old.as_ref().is_some_and(|old| value::equal(old, new));
            if is_equal(&value) {
                continue;
            }
            if !(member.write)(&mut entity, value) {
                invalid = Some(invalid.map_or((write, member.name), |first| first.min((write, member.name))));
            } else if !(member.read)(&entity).as_ref().is_some_and(is_equal) {
                changed.push(member.name);
            }
        }
        match invalid {
            None => Ok(Patched { entity, changed, ignored: self.ignored }),
            Some((write, name)) => {
                Err(PatchError::new(PatchErrorKind::InvalidValue, write.operation, Pointer::to_member(name)))
            }
        }
    }
}
