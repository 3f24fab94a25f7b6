//! A patch applied to an entity, or to its stored text: its tables decide what may be written, its types decide what is
//! valid.

use std::fmt;

use crate::{
    dialect::{Dialect, Limits},
    diff::diff,
    document::{Context, PatchError, PatchErrorKind},
    entity::{
        changes::Changes,
        nested::Entity,
        policy::Policy,
        reading,
        session::{Caller, Session},
    },
    error::{Error, TargetError, TargetProblem},
    json::{
        decode,
        serialize::{Serialized, serialize},
    },
    patch::{
        format::{Format, PatchDocument},
        operation::Patch,
        pointer::Pointer,
    },
    text::{self, Opened, Piece},
    tree,
};

/// An entity after a patch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Patched<E> {
    /// The new entity.
    pub entity: E,
    /// The top-level members whose value is different now, in the order of the table, and `"*"` for any in an open map;
    /// empty means that nothing needs saving.
    pub changed: Vec<&'static str>,
    /// The paths of what was skipped: output-only members, and under [`Ignore`](crate::UnknownMembers::Ignore) those
    /// that no table declares.
    pub ignored: Vec<Pointer>,
    changes: Changes,
}

impl<E> Patched<E> {
    /// The pointers to what is different now, inside of members too, in the tables' spelling: the deepest members whose
    /// value came, went or changed, and never a hidden one. Only what the patch wrote was compared.
    ///
    /// An array of entities differs at its elements; one that went has the index that it had. Any other array differs at
    /// its elements (0-based) where it has as many as before, and else as a whole.
    ///
    /// ```
    /// # #[cfg(feature = "superoffice")] {
    /// use entity_patch::{Dialect, Format, patch_stored, superoffice::Webhook};
    ///
    /// let stored = br#"{"Name": "old", "State": "Active", "Properties": {"limit": {"low": 1, "high": 5}}}"#;
    /// let body = br#"{"name": "new", "properties": {"limit": {"low": 1, "high": 9}, "rate": 2}}"#;
    /// let patched = patch_stored::<Webhook>(stored, body, Format::MergePatch, &Dialect::SUPEROFFICE)?;
    /// let changes = patched.changes()?;
    /// let changes: Vec<_> = changes.iter().map(|pointer| pointer.as_str()).collect();
    /// assert_eq!(changes, ["/Name", "/Properties/limit/high", "/Properties/rate"]);
    /// # }
    /// # Ok::<(), entity_patch::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `too-much-work`: the pointers are together longer than [`Limits::copied_bytes`](crate::Limits::copied_bytes).
    pub fn changes(&self) -> Result<Vec<Pointer>, PatchError> {
        self.changes.pointers()
    }
}

impl<E: Entity> Patched<E> {
    /// The patch that takes this one back: [`apply`](crate::apply) it to the JSON of the new entity, and the result is
    /// the entity as it was `before`.
    ///
    /// It is for the server: it knows no table, and may hold what a client must not see. It is a patch for
    /// [`Dialect::RFC`].
    ///
    /// ```
    /// # #[cfg(feature = "superoffice")] {
    /// use entity_patch::{Dialect, Format, PatchDocument, apply, patch, superoffice::Webhook};
    ///
    /// let before: Webhook = serde_json::from_str(r#"{"WebhookId": 7, "Name": "old", "State": "Active"}"#).unwrap();
    /// let document = PatchDocument::parse(br#"{"name": "new"}"#, Format::ByShape, &Dialect::SUPEROFFICE)?;
    /// let patched = patch(&before, &document, &Dialect::SUPEROFFICE)?;
    ///
    /// let inverse = patched.inverse(&before);
    /// assert_eq!(inverse.to_string(), r#"[{"op":"replace","path":"/Name","value":"old"}]"#);
    /// let mut json = serde_json::to_value(&patched.entity).unwrap();
    /// apply(&mut json, &inverse, &Dialect::RFC)?;
    /// assert_eq!(serde_json::from_value::<Webhook>(json).unwrap(), before);
    /// # }
    /// # Ok::<(), entity_patch::Error>(())
    /// ```
    pub fn inverse(&self, before: &E) -> Patch {
        let json = |entity: &E| serde_json::to_value(entity).unwrap_or_default();
        diff(&json(&self.entity), &json(before))
    }
}

/// A stored entity after a patch. `Debug` shows how long it is, and nothing of it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PatchedJson {
    /// The new entity, as JSON text.
    pub json: Vec<u8>,
    /// As [`Patched::changed`].
    pub changed: Vec<&'static str>,
    /// As [`Patched::ignored`].
    pub ignored: Vec<Pointer>,
    changes: Changes,
}

impl PatchedJson {
    /// As [`Patched::changes`].
    ///
    /// # Errors
    ///
    /// As [`Patched::changes`].
    pub fn changes(&self) -> Result<Vec<Pointer>, PatchError> {
        self.changes.pointers()
    }

    /// The patch that takes this one back: [`patch_json`](crate::patch_json) with it gives what was `stored` before, as
    /// a value. As [`Patched::inverse`], it is for the server, under [`Dialect::RFC`].
    pub fn inverse(&self, stored: &[u8]) -> Patch {
        diff(&decode::read(&self.json).unwrap_or_default(), &decode::read(stored).unwrap_or_default())
    }
}

impl fmt::Debug for PatchedJson {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PatchedJson { json, changed, ignored, changes } = self;
        formatter
            .debug_struct("PatchedJson")
            .field("json", &format_args!("{} bytes", json.len()))
            .field("changed", changed)
            .field("ignored", ignored)
            .field("changes", changes)
            .finish()
    }
}

/// Applies a patch to an entity, all of it or nothing.
///
/// The operations are applied first. Then the entity before and after are compared under the tables, wherever something
/// was written: a read-only or hidden member that differs is refused, at any depth and whichever way led there, and each
/// value that changed is read by its type. `remove` and a merge null set a declared member to null, or to its default
/// where its type has no null.
///
/// ```
/// # #[cfg(feature = "superoffice")] {
/// use entity_patch::{Dialect, Format, PatchDocument, patch, superoffice::Webhook};
///
/// let webhook: Webhook = serde_json::from_str(r#"{"WebhookId": 7, "Name": "old", "State": "Active"}"#).unwrap();
/// let body = br#"[{"op": "replace", "path": "webhookid", "value": 8}]"#;
/// let document = PatchDocument::parse(body, Format::JsonPatch, &Dialect::SUPEROFFICE)?;
/// let error = patch(&webhook, &document, &Dialect::SUPEROFFICE).unwrap_err();
/// assert_eq!((error.status(), error.code()), (422, "read-only"));
/// assert_eq!(error.to_string(), "operation 0 at `/WebhookId`: the member is read-only");
/// # }
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// - 409: as [`apply`](crate::apply).
/// - 422: as [`apply`](crate::apply); a member is read-only (`read-only`), no table declares it (`unknown-member`, under
///   [`Reject`](crate::UnknownMembers::Reject)), or its type does not take its value (`invalid-value`, at the innermost
///   place, with what was expected there).
/// - 500: what the entity's type writes, it does not read.
pub fn patch<E: Entity>(entity: &E, document: &PatchDocument, dialect: &Dialect) -> Result<Patched<E>, Error> {
    patch_entity(entity, document, dialect, None)
}

/// As [`patch()`], with what a server decides for this request.
///
/// # Errors
///
/// As [`patch()`], and
///
/// - 403 `forbidden-member`: the policy does not let this caller change a member.
/// - 422 `unknown-member`: a `test` or a `from` of what the policy does not let this caller learn.
/// - 422 `invalid-entity`: the policy finds something wrong with the patched entity.
pub fn patch_with<E: Entity>(
    entity: &E,
    document: &PatchDocument,
    dialect: &Dialect,
    policy: &(impl Policy<E> + ?Sized),
) -> Result<Patched<E>, Error> {
    let caller = Caller { may_write: &|write| policy.may_write(write), may_read: &|path| policy.may_read(path) };
    let patched = patch_entity(entity, document, dialect, Some(caller))?;
    policy.validate(entity, &patched.entity)?;
    Ok(patched)
}

fn patch_entity<E: Entity>(
    entity: &E,
    document: &PatchDocument,
    dialect: &Dialect,
    caller: Option<Caller<'_>>,
) -> Result<Patched<E>, Error> {
    let Serialized { text: stored, record } = match serialize(entity, Limits::MAX_DEPTH) {
        Some(serialized) => serialized,
        None => {
            let text = serde_json::to_vec(entity).map_err(|_| TargetError::from(TargetProblem::NotWritten))?;
            Serialized { text, record: None }
        }
    };
    let text = &mut text::open_serialized(&stored, record, dialect.limits.work)?;
    let mut session = Session::new(text, E::table, dialect, caller);
    session.check_object()?;
    let mut context = Context::new(dialect);
    match document {
        PatchDocument::JsonPatch(patch) => {
            for (index, operation) in patch.operations().iter().enumerate() {
                let checked = tree::check_given(&tree::given(operation), &context);
                checked.map_err(|kind| kind.at(operation.path().tokens()).of_operation(Some(index)))?;
                let path = operation.path().tokens();
                let refuse = |kind: PatchErrorKind| kind.at(path).of_operation(Some(index));
                let operation =
                    operation.as_ref().try_map(Pointer::tokens, |value| session.piece(value)).map_err(refuse)?;
                session.run(index, operation, &mut context)?;
            }
        }
        PatchDocument::MergePatch(patch) => {
            tree::check_merge(patch, dialect)?;
            let patch = session.piece(patch.as_value()).map_err(|kind| PatchError::new(kind, None, Pointer::ROOT))?;
            session.merge(patch, &mut context)?;
        }
    }
    let changes = session.finish()?;
    let changed = changed(&changes);
    let mut patched = entity.clone();
    // Mostly each field can be read by itself.
    let mut rows: Vec<usize> = changes.rows().map(|row| E::table().order(row)).collect();
    rows.retain(|&row| {
        let json = session.json_of_row(&E::table().rows[row]);
        json.and_then(|json| patched.adopt_json(row, &json)) != Some(true)
    });
    rows.extend(changes.has_other().then_some(E::table().rows.len()));
    if !rows.is_empty() {
        let mut read: E = read_entity(&session.text.to_json())?;
        rows.into_iter().for_each(|row| patched.adopt(row, &mut read));
    }
    Ok(Patched { entity: patched, changed, ignored: session.ignored.into_paths(), changes })
}

/// Applies a request body to a stored entity: bytes in, bytes out, without reading the entity. The result is that of
/// [`patch()`] on the parsed entity, and an error is the same one; but an integer of more than 64 bits, which no `Value`
/// holds, is written here alone.
///
/// - What the patch does not write keeps its bytes, also inside of a member that changes, and so does a write that
///   leaves the value equal.
/// - A member that changes takes the patch's own spelling of a value; where its type writes another JSON value than it
///   reads (`3` becomes `"TooManyErrors"`), this is stored.
/// - A stored text is read as serde reads it: names and aliases exactly. A stored member that the patch does not touch
///   is not checked, whatever it holds.
///
/// ```
/// # #[cfg(feature = "superoffice")] {
/// use entity_patch::{Dialect, Format, patch_stored, superoffice::Webhook};
///
/// let stored = br#"{ "WebhookId": 7, "State": "Active", "Properties": {"limit": 1.50e2} }"#;
/// let body = br#"{"name": "new", "state": 1, "properties": {"Rate": 0.10}}"#;
/// let patched = patch_stored::<Webhook>(stored, body, Format::ByShape, &Dialect::SUPEROFFICE)?;
/// assert_eq!(patched.changed, ["Name", "Properties"]);
/// assert_eq!(
///     String::from_utf8_lossy(&patched.json),
///     r#"{ "WebhookId": 7, "State": "Active", "Properties": {"limit": 1.50e2,"Rate": 0.10}, "Name": "new" }"#,
/// );
/// # }
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// - 400, 413, 422: those of the body first, as [`PatchDocument::parse`].
/// - 500: the stored text is not JSON, nested deeper than 127 levels or not an object.
/// - 409, 422: those of [`patch()`]; `ambiguous-name` also where a path meets a name that the stored text has twice.
pub fn patch_stored<E: Entity>(
    stored: &[u8],
    body: &[u8],
    format: Format,
    dialect: &Dialect,
) -> Result<PatchedJson, Error> {
    patch_text::<E>(stored, body, format, dialect, None)
}

/// As [`patch_stored`], with what a server decides for this request.
///
/// # Errors
///
/// As [`patch_stored`] and [`patch_with`]; 500 also where the policy validates and the stored or the patched text does
/// not read as an entity; the path says where.
pub fn patch_stored_with<E: Entity>(
    stored: &[u8],
    body: &[u8],
    format: Format,
    dialect: &Dialect,
    policy: &(impl Policy<E> + ?Sized),
) -> Result<PatchedJson, Error> {
    let caller = Caller { may_write: &|write| policy.may_write(write), may_read: &|path| policy.may_read(path) };
    let patched = patch_text::<E>(stored, body, format, dialect, Some(caller))?;
    validate(stored, &patched.json, policy)?;
    Ok(patched)
}

/// Asks a policy what is wrong with a patched entity.
pub(super) fn validate<E: Entity>(
    stored: &[u8],
    patched: &[u8],
    policy: &(impl Policy<E> + ?Sized),
) -> Result<(), Error> {
    if policy.validates() {
        policy.validate(&read_entity(stored)?, &read_entity(patched)?)?;
    }
    Ok(())
}

fn patch_text<E: Entity>(
    stored: &[u8],
    body: &[u8],
    format: Format,
    dialect: &Dialect,
    caller: Option<Caller<'_>>,
) -> Result<PatchedJson, Error> {
    let mut opened = text::open(stored, body, format, dialect);
    let Opened { text, body, target } = opened.as_mut().map_err(|error| error.clone())?;
    let mut context = Context::new(dialect);
    let mut session = Session::new(text, E::table, dialect, caller);
    let is_object = target.clone().map_err(Error::from).and_then(|()| Ok(session.check_object()?));
    if body.is_json_patch() {
        let operations = body.operations(session.text.tape())?;
        text::run(
            &mut session,
            |session| session.text.tape(),
            operations,
            is_object,
            |session, index, operation| session.run(index, operation, &mut context),
        )?;
    } else {
        let patch = body.merge_patch(session.text.tape())?;
        is_object?;
        session.merge(Piece::recorded(patch), &mut context)?;
    }
    let changes = session.finish()?;
    Ok(patched_text(session, changes, stored))
}

/// What a session came to, as text.
pub(super) fn patched_text(session: Session<'_, '_>, changes: Changes, stored: &[u8]) -> PatchedJson {
    let changed = changed(&changes);
    let json = if changed.is_empty() { stored.to_vec() } else { session.text.to_json() };
    PatchedJson { json, changed, ignored: session.ignored.into_paths(), changes }
}

/// The names of the top-level members that changed.
fn changed(changes: &Changes) -> Vec<&'static str> {
    changes.rows().map(|row| row.name).chain(changes.has_other().then_some("*")).collect()
}

/// Reads an entity.
pub(super) fn read_entity<E: Entity>(json: &[u8]) -> Result<E, TargetError> {
    serde_json::from_slice(json).map_err(|_| match reading::value::<E>(json).map_err(|refusal| refusal.misfit) {
        Ok(_) => TargetProblem::NotAnEntity { path: Pointer::ROOT }.into(),
        Err(misfit) => TargetProblem::NotAnEntity { path: Pointer::from_tokens(&misfit.path) }.into(),
    })
}
